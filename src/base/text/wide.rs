//! The two codings of BIFF8 characters: UTF-16LE, and UTF-16LE with its zero bytes left out.

use std::borrow::Cow;

use super::{Decoded, ascii_prefix};

/// Characters that are looked at together: all ASCII, or each by itself.
const BLOCK: usize = 32;

/// Decodes bytes that each are the character of that number (U+0000 to U+00FF); ASCII is borrowed.
///
/// This is ISO 8859-1, and what [MS-XLS] 2.5.293 `XLUnicodeRichExtendedString` stores when
/// `fHighByte` is 0.
pub fn latin1(bytes: &[u8]) -> Cow<'_, str> {
    let (ascii, rest) = ascii_prefix(bytes);
    if rest.is_empty() {
        return Cow::Borrowed(ascii);
    }
    let mut text = String::new();
    latin1_into(bytes, &mut text);
    Cow::Owned(text)
}

/// Appends what [`latin1`] makes of `bytes`.
pub fn latin1_into(bytes: &[u8], into: &mut String) {
    let (ascii, rest) = ascii_prefix(bytes);
    into.push_str(ascii);
    if !rest.is_empty() {
        into.reserve(rest.len().saturating_add(rest.len() / 8));
        into.extend(rest.iter().map(|byte| char::from(*byte)));
    }
}

/// Decodes UTF-16LE; a lone surrogate becomes U+FFFD, an odd last byte is left out.
pub fn utf16le(bytes: &[u8]) -> String {
    let mut text = String::new();
    utf16le_into(bytes, &mut text);
    text
}

/// Appends what [`utf16le`] makes of `bytes`.
pub fn utf16le_into(bytes: &[u8], into: &mut String) {
    let (units, _) = bytes.as_chunks::<2>();
    into.reserve(units.len());
    append(units, u16::from_le_bytes, into);
}

/// Decodes UTF-16 in the byte order of `unit`; an odd last byte is replaced, too.
pub(super) fn decode(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Decoded<'_> {
    let mut text = String::new();
    let (units, odd) = bytes.as_chunks::<2>();
    text.reserve(units.len());
    let mut replaced = append(units, unit, &mut text);
    if !odd.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
        replaced = replaced.saturating_add(1);
    }
    Decoded { text: Cow::Owned(text), replaced }
}

/// Appends UTF-16, and says how many surrogates were alone.
fn append(mut units: &[[u8; 2]], unit: impl Fn([u8; 2]) -> u16, into: &mut String) -> usize {
    let mut replaced = 0_usize;
    while !units.is_empty() {
        while let Some((block, rest)) = units.split_first_chunk::<BLOCK>() {
            let mut ascii = [0_u8; BLOCK];
            let mut all = 0_u16;
            for (byte, pair) in ascii.iter_mut().zip(block) {
                let code = unit(*pair);
                all |= code;
                *byte = code.to_le_bytes()[0];
            }
            match str::from_utf8(&ascii) {
                Ok(text) if all < 0x80 => into.push_str(text),
                _ => break,
            }
            units = rest;
        }
        // One block by itself; a pair of surrogates may reach one further.
        let mut left = BLOCK;
        while left > 0
            && let Some((pair, rest)) = units.split_first()
        {
            left = left.saturating_sub(1);
            units = rest;
            let code = unit(*pair);
            let char = match char::from_u32(code.into()) {
                Some(char) => char,
                None => {
                    let low = units.first().map(|pair| unit(*pair));
                    match low.map(|low| char::decode_utf16([code, low]).next()) {
                        Some(Some(Ok(char))) => {
                            units = units.get(1..).unwrap_or_default();
                            char
                        }
                        _ => {
                            replaced = replaced.saturating_add(1);
                            char::REPLACEMENT_CHARACTER
                        }
                    }
                }
            };
            into.push(char);
        }
    }
    replaced
}
