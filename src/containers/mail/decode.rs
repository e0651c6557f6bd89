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

/// `bytes` as text, by the stated character set if it is known; otherwise as UTF-8 if they are that, as
/// ISO-2022-JP if its marks are there, as Shift_JIS if every pair fits it, and as Windows-1252 last.
pub fn text(bytes: &[u8], stated: Option<&str>) -> String {
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
