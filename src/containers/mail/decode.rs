//! Bodies of parts: transfer encodings ([RFC 2045] 6) and character sets.

use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, WINDOWS_1252};

use super::structure::Entity;
use super::uuencode;
use crate::base::{Cx, LimitHit, base64};

/// The content of a part, decoded from its transfer encoding. An unknown encoding is taken for none.
///
/// # Errors
/// [`LimitHit`] when the budget does not last.
pub fn content(file: &[u8], entity: &Entity, cx: &mut Cx<'_>) -> Result<Vec<u8>, LimitHit> {
    let start = usize::try_from(entity.body.start).unwrap_or(usize::MAX);
    let end = usize::try_from(entity.body.end).unwrap_or(usize::MAX);
    let body = file.get(start..end).unwrap_or_default();
    cx.budget.touch(body.len())?;
    let mut into = Vec::new();
    match entity.encoding.as_str() {
        "base64" => {
            let len = body.len().div_ceil(4).saturating_mul(3);
            cx.budget.own(len as u64)?;
            into.reserve_exact(len.min(body.len()));
            base64::decode_into(body, &mut into);
        }
        "quoted-printable" => {
            cx.budget.own(body.len() as u64)?;
            into.reserve_exact(body.len());
            quoted_printable(body, &mut into);
        }
        encoding if is_uuencode(encoding) => {
            let file = uuencode::files(body, cx)?.into_iter().next();
            into = file.map(|file| file.content).unwrap_or_default();
            if into.is_empty() && !body.trim_ascii().is_empty() {
                let range = entity.body.clone();
                cx.abandoned(range, "a part is called uuencoded, and has no line of that");
            }
        }
        _ => {
            cx.budget.own(body.len() as u64)?;
            into.extend_from_slice(body);
        }
    }
    Ok(into)
}

/// Whether an encoding is uuencode, under one of the names that programs give it.
fn is_uuencode(encoding: &str) -> bool {
    matches!(encoding, "x-uuencode" | "uuencode" | "x-uue" | "uue")
}

/// Whether a body with this transfer encoding is its content as it stands.
pub fn is_plain(encoding: &str) -> bool {
    !matches!(encoding, "base64" | "quoted-printable") && !is_uuencode(encoding)
}

/// [RFC 2045] 6.7: `=` and two hexadecimal digits are a byte, `=` at the end of a line joins it to the
/// next. What fits neither stays as it is.
fn quoted_printable(body: &[u8], into: &mut Vec<u8>) {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut rest = body;
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        if *byte != b'=' {
            into.push(*byte);
            continue;
        }
        let digits = match behind {
            [high, low, ..] => digit(*high).zip(digit(*low)),
            _ => None,
        };
        if let Some((high, low)) = digits {
            into.push((high << 4) | low);
            rest = behind.get(2..).unwrap_or_default();
            continue;
        }
        let blanks = behind.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        match behind.get(blanks..).unwrap_or_default() {
            [b'\r', b'\n', after @ ..] | [b'\n', after @ ..] => rest = after,
            [] => rest = &[],
            _ => into.push(b'='),
        }
    }
}

/// The character set of a label, where it is known. Mails call Shift_JIS and its kin by many names.
pub fn charset(label: &str) -> Option<&'static Encoding> {
    let label = label.trim().trim_matches(['"', '\'']);
    let known = Encoding::for_label(label.as_bytes());
    known.or_else(|| match label.to_ascii_lowercase().as_str() {
        "cp932" | "sjis-win" | "ms932" | "x-sjis-win" => Encoding::for_label(b"shift_jis"),
        "iso-2022-jp-ms" | "iso-2022-jp-1" | "iso-2022-jp-2" | "cp50220" | "cp50221" => Some(ISO_2022_JP),
        "cp936" => Encoding::for_label(b"gbk"),
        "cp949" => Encoding::for_label(b"euc-kr"),
        "cp950" => Encoding::for_label(b"big5"),
        "utf8mb4" | "unicode-1-1-utf-8" => Some(UTF_8),
        _ => None,
    })
}

/// Whether a label is one of UTF-7, which Outlook reads and `encoding_rs` does not know.
fn is_utf7(label: &str) -> bool {
    let label = label.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
    matches!(label.as_str(), "utf-7" | "utf7" | "unicode-1-1-utf-7" | "x-unicode-2-0-utf-7")
}

/// [RFC 2152]: UTF-16 in Base64 between `+` and the first byte that is no letter of it, which is passed over if it
/// is `-`; `+-` is a plus sign.
fn utf7(bytes: &[u8]) -> String {
    let is_letter = |byte: &u8| base64::is_letter(*byte) && !matches!(byte, b'-' | b'_');
    let mut into = String::new();
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == b'+') {
        into.push_str(&String::from_utf8_lossy(rest.get(..at).unwrap_or_default()));
        rest = rest.get(at.saturating_add(1)..).unwrap_or_default();
        let len = rest.iter().take_while(|byte| is_letter(byte)).count();
        let units = base64::decode(rest.get(..len).unwrap_or_default());
        let (units, _) = units.as_chunks();
        let units = units.iter().map(|unit| u16::from_be_bytes(*unit));
        into.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
        rest = rest.get(len..).unwrap_or_default();
        if let Some(behind) = rest.strip_prefix(b"-") {
            into.extend((len == 0).then_some('+'));
            rest = behind;
        }
    }
    into.push_str(&String::from_utf8_lossy(rest));
    into
}

/// `bytes` as text, by the stated character set if it is known; otherwise as UTF-8 if they are that, as
/// ISO-2022-JP if its marks are there, as Shift_JIS if every pair fits it, and as Windows-1252 last.
pub fn text(bytes: &[u8], stated: Option<&str>) -> String {
    if stated.is_some_and(is_utf7) && bytes.is_ascii() {
        return utf7(bytes);
    }
    if let Some(encoding) = stated.and_then(charset) {
        let (text, _, damaged) = encoding.decode(bytes);
        // A label that does not fit is common; UTF-8 fits by chance hardly ever.
        if !damaged || std::str::from_utf8(bytes).is_err() {
            return text.into_owned();
        }
    }
    if bytes.windows(3).any(|window| matches!(window, [0x1B, b'$', b'@' | b'B'])) {
        return ISO_2022_JP.decode(bytes).0.into_owned();
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    if let Some(encoding) = charset("shift_jis")
        && let (text, _, false) = encoding.decode(bytes)
    {
        return text.into_owned();
    }
    WINDOWS_1252.decode(bytes).0.into_owned()
}
