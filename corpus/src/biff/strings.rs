//! The string structures: [MS-XLS] 2.5.294 `XLUnicodeString`, 2.5.240 `ShortXLUnicodeString`,
//! 2.5.293 `XLUnicodeRichExtendedString`, and the byte strings of BIFF2 to BIFF5.

use super::{Biff, Record, consts};
use crate::bytes::{Put, utf16_len};

/// The characters of `text` with `fHighByte` before them, without a count.
///
/// One byte a character when all fit in Latin-1, else two.
pub fn unicode_string_body(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    if is_compressible(text) {
        out.u8(0); // fHighByte
        for c in text.chars() {
            out.u8(c as u8);
        }
    } else {
        out.u8(1); // fHighByte
        out.utf16(text);
    }
    out
}

/// An `XLUnicodeString`: `cch: u16`, `fHighByte`, characters.
pub fn unicode_string(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    out.u16(utf16_len(text) as u16).raw(&unicode_string_body(text));
    out
}

/// A `ShortXLUnicodeString`: `cch: u8`, `fHighByte`, characters; at most 255 characters.
pub fn short_unicode_string(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    out.u8(utf16_len(text) as u8).raw(&unicode_string_body(text));
    out
}

/// The bytes of `text` in a Windows code page (932, 1251, 1252; 1252 for any other number).
///
/// A character the code page lacks becomes `?`.
pub fn encode(text: &str, codepage: u16) -> Vec<u8> {
    let encoding = match codepage {
        932 => encoding_rs::SHIFT_JIS,
        1251 => encoding_rs::WINDOWS_1251,
        _ => encoding_rs::WINDOWS_1252,
    };
    let mut out = Vec::new();
    for c in text.chars() {
        let one = c.to_string();
        let (bytes, _, lost) = encoding.encode(&one);
        out.raw(if lost { b"?" } else { &bytes });
    }
    out
}

/// A BIFF2 to BIFF5 string: a count of bytes (one byte, or two when `wide`), then the bytes.
pub fn byte_string(text: &str, codepage: u16, wide: bool) -> Vec<u8> {
    let bytes = encode(text, codepage);
    let mut out = Vec::new();
    if wide {
        out.u16(bytes.len() as u16);
    } else {
        out.u8(bytes.len() as u8);
    }
    out.raw(&bytes);
    out
}

/// The SST record and its CONTINUE records ([MS-XLS] 2.4.265).
///
/// A string may be cut between two characters; what follows then starts with a new `fHighByte`,
/// because Excel lets each piece choose its own width. `total` is `cstTotal`, the references.
pub fn sst_records(strings: &[String], total: u32) -> Vec<Record> {
    let max = Biff::V8.max_body();
    let mut records = Vec::new();
    let mut body = Vec::new();
    let mut id = consts::SST;
    body.u32(total).u32(strings.len() as u32); // cstTotal, cstUnique
    let mut close = |body: &mut Vec<u8>| {
        records.push(Record::new(id, std::mem::take(body)));
        id = consts::CONTINUE;
    };
    for text in strings {
        let narrow = is_compressible(text);
        let units: Vec<u16> = text.encode_utf16().collect();
        // cch, the flag byte and one character stay together.
        if body.len() + 5 > max {
            close(&mut body);
        }
        body.u16(units.len() as u16).u8(u8::from(!narrow));
        for unit in units {
            let need = if narrow { 1 } else { 2 };
            if body.len() + need > max {
                close(&mut body);
                body.u8(u8::from(!narrow)); // fHighByte of the rest
            }
            if narrow {
                body.u8(unit as u8);
            } else {
                body.u16(unit);
            }
        }
    }
    close(&mut body);
    records
}

fn is_compressible(text: &str) -> bool {
    text.chars().all(|c| u32::from(c) < 0x100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_string_goes_on_with_its_own_high_byte_flag() {
        let records = sst_records(&["a".repeat(9000)], 1);
        assert_eq!(records.len(), 2);
        assert_eq!(records[0].body.len(), 8224);
        assert_eq!(records[1].id, consts::CONTINUE);
        assert_eq!(records[1].body[0], 0);
        // 8 bytes of counts and 3 of the string's head leave 8213 characters for the first record.
        assert_eq!(records[1].body.len(), 1 + 9000 - 8213);
    }

    #[test]
    fn a_wide_character_is_never_cut_in_two() {
        let records = sst_records(&["あ".repeat(5000)], 1);
        assert_eq!(records[0].body.len(), 8223);
        assert_eq!(records[1].body[0], 1);
    }
}
