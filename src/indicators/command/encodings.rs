//! Base64, hexadecimal digits, and bytes as text.

use crate::base::text::{CodePage, utf16le};
use crate::base::{Cx, LimitHit};
use crate::containers::inflate::{Wrapping, inflate};

/// Decodes Base64; other characters are passed over, as Windows and PowerShell pass over line ends.
/// `None` when there is none, or a character that no decoder takes.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut count, mut bytes) = (0u32, 0u32, Vec::new());
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ if byte.is_ascii_whitespace() => continue,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xFF_FFFF;
        count = count.saturating_add(6);
        if let Some(left) = count.checked_sub(8) {
            count = left;
            bytes.push(u8::try_from(bits.checked_shr(count).unwrap_or(0) & 0xFF).unwrap_or(0));
        }
    }
    (!bytes.is_empty()).then_some(bytes)
}

/// The lines of a certificate file between its marks, as `certutil -decode` takes them.
pub(super) fn certificate(text: &str) -> Option<Vec<u8>> {
    let inner: String = text.lines().filter(|line| !line.trim_start().starts_with("-----")).collect();
    base64(inner.trim())
}

/// Decodes pairs of hexadecimal digits; what stands between them is passed over.
pub(super) fn hex(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut high = None;
    for char in text.chars() {
        let Some(digit) = char.to_digit(16).and_then(|digit| u8::try_from(digit).ok()) else {
            if high.is_some() {
                return None;
            }
            continue;
        };
        match high.take() {
            Some(high) => bytes.push(high << 4 | digit),
            None => high = Some(digit),
        }
    }
    (!bytes.is_empty() && high.is_none()).then_some(bytes)
}

/// Bytes as the text that they most likely are: UTF-16 where every other byte is 0, else UTF-8, else
/// the Western code page.
pub(super) fn text_of(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    if let Some(wide) = bytes.strip_prefix(&[0xFF, 0xFE]) {
        return utf16le(wide);
    }
    let (pairs, _) = bytes.as_chunks::<2>();
    let zeros = pairs.iter().filter(|pair| pair[1] == 0 && pair[0] != 0).count();
    if zeros > 0 && zeros.saturating_mul(2) >= pairs.len() {
        return utf16le(bytes);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => CodePage::WESTERN.decode(bytes).text.into_owned(),
    }
}

/// Whether a text could be a script, and not the bytes of a picture or program.
pub(super) fn is_readable(text: &str) -> bool {
    let odd =
        text.chars().filter(|char| char.is_control() && !char.is_whitespace() || *char == '\u{FFFD}').count();
    !text.trim().is_empty() && odd.saturating_mul(16) <= text.chars().count()
}

/// The text that a text is the Base64 or the hexadecimal digits of, when that is plain and long enough
/// to be no accident.
pub fn decoded(text: &str) -> Option<String> {
    const SHORTEST: usize = 16;
    let text = text.trim();
    let is_hex = || text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_base64 = || {
        let digits = text.trim_end_matches('=');
        digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
    };
    let bytes = match text {
        _ if text.len() < SHORTEST => return None,
        _ if is_hex() => hex(text)?,
        _ if is_base64() => base64(text)?,
        _ => return None,
    };
    let text = text_of(&bytes);
    let is_plain = |char: char| char.is_ascii_graphic() || matches!(char, ' ' | '\t' | '\r' | '\n');
    text.chars().all(is_plain).then_some(text)
}

/// Inflates gzip, zlib or bare deflate data; `None` when it is none of them.
pub(super) fn inflated(bytes: &[u8], cx: &mut Cx<'_>) -> Result<Option<Vec<u8>>, LimitHit> {
    let (data, wrapping) = match bytes {
        [0x1F, 0x8B, 8, flags, rest @ ..] => (gzip_body(*flags, rest), Wrapping::Raw),
        [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..] => (bytes, Wrapping::Zlib),
        _ => (bytes, Wrapping::Raw),
    };
    let mut made = Vec::new();
    inflate(data, wrapping, None, &mut made, cx)?;
    Ok((!made.is_empty()).then_some(made))
}

/// What stands behind the header of a gzip file ([RFC 1952] 2.3), whose first four bytes are gone.
fn gzip_body(flags: u8, rest: &[u8]) -> &[u8] {
    let mut rest = rest.get(6..).unwrap_or_default();
    if flags & 0x04 != 0 {
        let len = rest.first_chunk::<2>().map_or(0, |len| usize::from(u16::from_le_bytes(*len)));
        rest = rest.get(len.saturating_add(2)..).unwrap_or_default();
    }
    for flag in [0x08, 0x10] {
        if flags & flag != 0 {
            let end = rest.iter().position(|byte| *byte == 0).map_or(rest.len(), |end| end.saturating_add(1));
            rest = rest.get(end..).unwrap_or_default();
        }
    }
    if flags & 0x02 != 0 { rest.get(2..).unwrap_or_default() } else { rest }
}
