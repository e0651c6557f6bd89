//! Archives that only show their list: RAR, cabinets, LHA, 7z. What they pack is zeros.
//!
//! The first file has 100 bytes, each further one a byte more.

use crate::bytes::Put;
use crate::png::crc32;

/// Bytes that stand for a packed file.
const PACKED: usize = 16;

fn lens(names: &[&str]) -> impl Iterator<Item = (Vec<u8>, u32)> {
    let names: Vec<Vec<u8>> = names.iter().map(|name| name.as_bytes().to_vec()).collect();
    names.into_iter().zip(100..)
}

/// RAR 2.9 to 4, each file encrypted or none.
pub fn rar4(names: &[&str], encrypted: bool) -> Vec<u8> {
    let block = |kind: u8, flags: u16, body: &[u8]| {
        let mut header = Vec::new();
        header.u8(kind).u16(flags).u16(7 + body.len() as u16).raw(body);
        let mut out = Vec::new();
        out.u16(crc32(&header) as u16).raw(&header);
        out
    };
    let mut out = b"Rar!\x1a\x07\0".to_vec();
    out.raw(&block(0x73, 0, &[0; 6]));
    for (name, len) in lens(names) {
        let mut body = Vec::new();
        body.u32(PACKED as u32).u32(len).u8(2).u32(0).u32(0x5562_4100).u8(29).u8(0x33);
        body.u16(name.len() as u16).u32(0x20).raw(&name);
        out.raw(&block(0x74, 0x8000 | if encrypted { 4 } else { 0 }, &body)).zeros(PACKED);
    }
    out.raw(&block(0x7B, 0x4000, &[]));
    out
}

fn rar5_block(kind: u8, flags: u8, body: &[u8]) -> Vec<u8> {
    let mut header = Vec::new();
    header.u8(2 + body.len() as u8).u8(kind).u8(flags).raw(body);
    let mut out = Vec::new();
    out.u32(crc32(&header)).raw(&header);
    out
}

/// RAR 5, each file encrypted or none.
pub fn rar5(names: &[&str], encrypted: bool) -> Vec<u8> {
    let mut out = b"Rar!\x1a\x07\x01\0".to_vec();
    out.raw(&rar5_block(1, 0, &[0]));
    for (name, len) in lens(names) {
        let mut extra = Vec::new();
        if encrypted {
            // size, type 1, version, flags, rounds, salt, vector
            extra.u8(36).u8(1).u8(0).u8(0).u8(15).zeros(32);
        }
        let mut body = Vec::new();
        if encrypted {
            body.u8(extra.len() as u8);
        }
        body.u8(PACKED as u8); // data size
        body.u8(4).u8(len as u8).u8(0x20).u32(0).u8(0).u8(0); // flags: checksum
        body.u8(name.len() as u8).raw(&name).raw(&extra);
        out.raw(&rar5_block(2, if encrypted { 3 } else { 2 }, &body)).zeros(PACKED);
    }
    out.raw(&rar5_block(5, 0, &[0]));
    out
}

/// RAR 5 whose headers are encrypted.
pub fn rar5_sealed() -> Vec<u8> {
    let mut out = b"Rar!\x1a\x07\x01\0".to_vec();
    out.raw(&rar5_block(4, 0, &[0, 0, 15])).zeros(80);
    out
}

/// A cabinet ([MS-CAB] 2).
pub fn cabinet(names: &[&str]) -> Vec<u8> {
    let mut files = Vec::new();
    for (name, len) in lens(names) {
        files.u32(len).u32(0).u16(0).u16(0x5562).u16(0x4100).u16(0x20).raw(&name).u8(0);
    }
    let mut out = b"MSCF".to_vec();
    let whole = 36 + 8 + files.len() + 8 + PACKED;
    out.u32(0).u32(whole as u32).u32(0).u32(44).u32(0).u8(3).u8(1).u16(1).u16(names.len() as u16);
    out.u16(0).u16(0).u16(0); // flags, set, number
    out.u32(44 + files.len() as u32).u16(1).u16(1); // CFFOLDER: data, blocks, MSZIP
    out.raw(&files);
    out.u32(0).u16(PACKED as u16).u16(200).zeros(PACKED); // CFDATA
    out
}

/// LHA with headers of level 0 or 2.
pub fn lha(names: &[&str], level: u8) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, len) in lens(names) {
        let mut header = b"-lh5-".to_vec();
        header.u32(PACKED as u32).u32(len).u32(0x5562_4100).u8(0x20).u8(level);
        if level == 0 {
            header.u8(name.len() as u8).raw(&name).u16(0);
            let sum = header.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
            out.u8(header.len() as u8).u8(sum).raw(&header);
        } else {
            header.u16(0).u8(b'M').u16(3 + name.len() as u16).u8(1).raw(&name).u16(0);
            out.u16(2 + header.len() as u16).raw(&header);
        }
        out.zeros(PACKED);
    }
    out.u8(0);
    out
}

/// A 7z archive whose list is packed, and encrypted if asked for.
pub fn seven_zip(encrypted: bool) -> Vec<u8> {
    // kEncodedHeader, kPackInfo ..., kUnPackInfo, kFolder, a coder: LZMA, or AES with its properties
    let mut list = vec![0x17, 0x06, 0x10, 0x01, 0x09, PACKED as u8, 0x00, 0x07, 0x0B, 0x01, 0x00, 0x01];
    if encrypted {
        list.raw(&[0x24, 0x06, 0xF1, 0x07, 0x01, 0x02, 0x13, 0x00]);
    } else {
        list.raw(&[0x23, 0x03, 0x01, 0x01, 0x05, 0x5D, 0x00, 0x10, 0x00, 0x00]);
    }
    list.raw(&[0x0C, 0x20, 0x00, 0x00]);
    let mut start = Vec::new();
    start.u64(2 * PACKED as u64).u64(list.len() as u64).u32(crc32(&list));
    let mut out = b"7z\xbc\xaf\x27\x1c\0\x04".to_vec();
    out.u32(crc32(&start)).raw(&start).zeros(2 * PACKED).raw(&list);
    out
}
