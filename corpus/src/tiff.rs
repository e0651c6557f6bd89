//! TIFF pictures of strips in the old style of JPEG (TIFF 6.0, section 22).

use crate::bytes::Put;

const SHORT: u16 = 3;
const LONG: u16 = 4;

/// A picture of 68 strips, of which the first states so many bytes and the others 192 or 193. With `0xFFFF_B898` all
/// of them, two bytes a strip, eight more and the JPEG are 2^32.
pub fn jpeg_strips(first: u32) -> Vec<u8> {
    const STRIPS: u32 = 68;
    const ENTRIES: u32 = 7;
    let strips_at = 8 + 2 + ENTRIES * 12 + 4;
    let jpeg_at = strips_at + STRIPS * 4;
    let jpeg_len: u32 = 0x1484;
    let mut out = b"II*\0".to_vec();
    out.u32(8).u16(ENTRIES as u16);
    let mut entry = |tag: u16, kind: u16, count: u32, value: u32| {
        out.u16(tag).u16(kind).u32(count).u32(value);
    };
    entry(256, SHORT, 1, 256); // ImageWidth
    entry(257, SHORT, 1, 338); // ImageLength
    entry(259, SHORT, 1, 6); // Compression: old-style JPEG
    entry(278, SHORT, 1, 5); // RowsPerStrip
    entry(279, LONG, STRIPS, strips_at); // StripByteCounts
    entry(513, LONG, 1, jpeg_at); // JPEGInterchangeFormat
    entry(514, LONG, 1, jpeg_len); // JPEGInterchangeFormatLength
    out.u32(0).u32(first);
    for index in 1..STRIPS {
        // 20 of 193 and 47 of 192 are 12,884.
        out.u32(if index <= 20 { 193 } else { 192 });
    }
    out.raw(&[0xFF, 0xD8]).zeros(jpeg_len as usize - 4).raw(&[0xFF, 0xD9]);
    out
}
