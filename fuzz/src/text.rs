//! Fuzz body of `base::text`: code pages, UTF-16, escaping.

use docsift::base::text::{CodePage, escape_for_terminal, latin1, latin1_into, utf16le, utf16le_into};

/// The first two bytes name a code page; the others are text in it.
///
/// # Panics
/// When decoding counts wrongly or is not deterministic, or escaped text could act on a terminal.
pub fn text(data: &[u8]) {
    let Some((id, bytes)) = data.split_first_chunk::<2>() else { return };
    let (page, _) = CodePage::resolve(u16::from_le_bytes(*id));
    assert_eq!(CodePage::resolve(page.id()), (page, false));
    let decoded = page.decode(bytes);
    assert!(decoded.replaced <= bytes.len());
    assert!(decoded.replaced <= decoded.text.chars().filter(|char| *char == '\u{FFFD}').count());
    assert_eq!(decoded, page.decode(bytes));

    let mut appended = String::from("x");
    latin1_into(bytes, &mut appended);
    assert_eq!(appended.get(1..), Some(&*latin1(bytes)));
    assert!(appended.chars().skip(1).zip(bytes).all(|(char, byte)| char == char::from(*byte)));

    let wide = utf16le(bytes);
    appended.truncate(1);
    utf16le_into(bytes, &mut appended);
    assert_eq!(appended.get(1..), Some(wide.as_str()));
    let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
    assert_eq!(wide, String::from_utf16_lossy(&units));

    for text in [&*decoded.text, &wide] {
        let shown = escape_for_terminal(text).to_string();
        assert!(!shown.chars().any(char::is_control));
        assert!(!shown.contains(['\u{202E}', '\u{2066}', '\u{200B}', '\u{2028}', '\u{FEFF}']));
        assert_eq!(shown, escape_for_terminal(&shown).to_string());
    }
}
