//! A PNG file without compression: enough for a picture that a reader must find and hash.

use crate::bytes::Put;
use crate::packed::zlib;

/// A grey picture of `width` by `height` pixels, one byte a pixel, from top to bottom.
///
/// # Panics
/// When `pixels` has another length.
pub fn grey(width: u32, height: u32, pixels: &[u8]) -> Vec<u8> {
    assert_eq!(pixels.len(), (width * height) as usize);
    let rows: Vec<u8> = pixels
        .chunks(width as usize)
        .flat_map(|row| [0].into_iter().chain(row.iter().copied())) // filter type 0
        .collect();
    let mut header = Vec::new();
    header.raw(&width.to_be_bytes()).raw(&height.to_be_bytes()).raw(&[8, 0, 0, 0, 0]);
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut out, b"IHDR", &header);
    chunk(&mut out, b"IDAT", &zlib(&rows));
    chunk(&mut out, b"IEND", &[]);
    out
}

/// A black and white picture, one bit a pixel, from top to bottom.
///
/// # Panics
/// When `white` has another length.
pub fn black_and_white(width: u32, height: u32, white: &[bool]) -> Vec<u8> {
    assert_eq!(white.len(), (width * height) as usize);
    let packed = |bits: &[bool]| {
        bits.iter().enumerate().fold(0u8, |byte, (at, bit)| byte | u8::from(*bit) << (7 - at))
    };
    let rows: Vec<u8> = white
        .chunks(width as usize)
        .flat_map(|row| [0].into_iter().chain(row.chunks(8).map(packed)).collect::<Vec<u8>>())
        .collect();
    let mut header = Vec::new();
    header.raw(&width.to_be_bytes()).raw(&height.to_be_bytes()).raw(&[1, 0, 0, 0, 0]);
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut out, b"IHDR", &header);
    chunk(&mut out, b"IDAT", &zlib(&rows));
    chunk(&mut out, b"IEND", &[]);
    out
}

/// The picture that stands for a lure: stripes, 64 by 24 pixels.
pub fn stripes() -> Vec<u8> {
    let pixels: Vec<u8> = (0..64 * 24).map(|at| if at / 64 % 4 == 0 { 0x20 } else { 0xF0 }).collect();
    grey(64, 24, &pixels)
}

/// The CRC-32 of PNG and ZIP.
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], body: &[u8]) {
    let mut covered = kind.to_vec();
    covered.raw(body);
    out.raw(&(body.len() as u32).to_be_bytes()).raw(&covered);
    out.raw(&crc32(&covered).to_be_bytes());
}
