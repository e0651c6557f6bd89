//! Base64 as mails, scripts and descriptors write it ([RFC 4648] 4), read as leniently as their
//! programs read it.

/// Decodes `text` into `into`: what is no letter of the alphabet is passed over, `-` and `_` count as
/// `+` and `/`, padding ends nothing, and a last group that is cut gives the bytes that it has.
pub fn decode_into(text: &[u8], into: &mut Vec<u8>) {
    let mut held = 0u32;
    let mut count = 0u8;
    for letter in text {
        let Some(value) = value(*letter) else { continue };
        held = (held << 6) | u32::from(value);
        count = count.saturating_add(1);
        if count == 4 {
            let [_, bytes @ ..] = held.to_be_bytes();
            into.extend(bytes);
            (held, count) = (0, 0);
        }
    }
    match (count, (held << 6).to_be_bytes(), held.to_be_bytes()) {
        (2, _, [_, _, high, low]) => into.push((high << 4) | (low >> 4)),
        (3, [_, first, second, _], _) => into.extend([first, second]),
        _ => {}
    }
}

/// The bytes that `text` stands for; see [`decode_into`].
pub fn decode(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    decode_into(text, &mut bytes);
    bytes
}

/// Whether a byte is a letter of the alphabet, padding left out.
pub fn is_letter(byte: u8) -> bool {
    value(byte).is_some()
}

fn value(letter: u8) -> Option<u8> {
    Some(match letter {
        b'A'..=b'Z' => letter.wrapping_sub(b'A'),
        b'a'..=b'z' => letter.wrapping_sub(b'a').wrapping_add(26),
        b'0'..=b'9' => letter.wrapping_sub(b'0').wrapping_add(52),
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_all_lengths_decode() {
        // [RFC 4648] 10
        let texts = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        let plain = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
        assert_eq!(texts.map(|text| String::from_utf8(decode(text.as_bytes())).unwrap()), plain);
    }

    #[test]
    fn line_ends_blanks_and_missing_padding_are_passed_over() {
        assert_eq!(decode(b"Zm 9v\r\nYmE"), b"fooba");
        assert_eq!(decode(b"_-8"), [0xff, 0xef]);
        assert!(decode(b"Z").is_empty());
    }
}
