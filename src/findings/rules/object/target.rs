//! Targets as they are compared: percent signs decoded, in lower case, slashes one way.

/// The folded target. Only ASCII is decoded; anything else stays.
pub(super) fn folded(target: &str) -> String {
    let mut text = String::new();
    let mut rest = target.trim();
    while let Some(char) = rest.chars().next() {
        let code = rest.strip_prefix('%').and_then(|behind| behind.get(..2));
        let decoded = code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(u8::is_ascii);
        match decoded {
            Some(byte) => {
                text.push(char::from(byte).to_ascii_lowercase());
                rest = rest.get(3..).unwrap_or_default();
            }
            None => {
                text.push(if char == '\\' { '/' } else { char.to_ascii_lowercase() });
                rest = rest.get(char.len_utf8()..).unwrap_or_default();
            }
        }
    }
    text
}
