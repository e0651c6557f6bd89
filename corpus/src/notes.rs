//! OneNote sections and Hangul documents, as far as their readers look.

use aes::Aes128;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};

use crate::bytes::Put;
use crate::container::{Entry, compound_file};
use crate::packed::deflate;

/// A section ([MS-ONESTORE]): strings of properties, and embedded files. The graph of objects is left out.
pub fn section(strings: &[&str], files: &[&[u8]]) -> Vec<u8> {
    // guidFileType and guidFile of the header, the rest of it zero.
    let mut out =
        vec![0xE4, 0x52, 0x5C, 0x7B, 0x8C, 0xD8, 0xA7, 0x4D, 0xAE, 0xB1, 0x53, 0x78, 0xD0, 0x29, 0x96, 0xD3];
    out.zeros(1024 - 16);
    for string in strings {
        let len = 2 * (string.encode_utf16().count() + 1);
        out.u32(len as u32).utf16(string).u16(0);
    }
    for file in files {
        out.zeros(out.len().wrapping_neg() % 8);
        // FileDataStoreObject, 2.6.13
        out.raw(&[
            0xE7, 0x16, 0xE3, 0xBD, 0x65, 0x26, 0x11, 0x45, 0xA4, 0xC4, 0x8D, 0x4D, 0x0B, 0x7A, 0x9E, 0xAC,
        ]);
        out.u64(file.len() as u64).u32(0).u64(0).raw(file);
        out.zeros(file.len().wrapping_neg() % 8);
        out.raw(&[
            0x22, 0xA7, 0xFB, 0x71, 0x79, 0x0F, 0x0B, 0x4A, 0xBB, 0x13, 0x89, 0x92, 0x56, 0x42, 0x6B, 0x24,
        ]);
    }
    out
}

/// A Hangul document with deflated streams, encrypted as well when it is for distribution.
pub fn hangul(flags: u32, paragraphs: &[&str], script: &str, data: &[(&str, &[u8])]) -> Vec<u8> {
    let mut header = b"HWP Document File".to_vec();
    header.zeros(32 - header.len());
    header.u32(0x0500_0300).u32(flags).zeros(216);
    let mut body = Vec::new();
    for text in paragraphs {
        let len = 2 * (text.encode_utf16().count() as u32 + 1);
        // HWPTAG_PARA_TEXT, level 1
        body.u32(67 | 1 << 10 | len << 20).utf16(text).u16(13);
    }
    let mut code = Vec::new();
    for text in
        ["var Documents = XHwpDocuments;\r\nvar Document = Documents.Active_XHwpDocument;\r\n", script]
    {
        code.u32(text.encode_utf16().count() as u32).utf16(text);
    }
    code.u32(0).u32(0).u32(u32::MAX);
    let (body, code) = (deflate(&body), deflate(&code));
    let mut entries = vec![Entry::stream("FileHeader", header)];
    if flags & FOR_DISTRIBUTION == 0 {
        entries.push(Entry::stream("BodyText/Section0", body));
        entries.push(Entry::stream("Scripts/DefaultJScript", code));
    } else {
        entries.push(Entry::stream("ViewText/Section0", for_distribution(&body, 0x0BAD_5EED)));
        entries.push(Entry::stream("Scripts/DefaultJScript", for_distribution(&code, 0x5EED_0001)));
    }
    entries.extend(data.iter().map(|(name, data)| Entry::stream(&format!("BinData/{name}"), deflate(data))));
    compound_file("00000000-0000-0000-0000-000000000000", &entries)
}

/// The flag of a document for distribution.
pub const FOR_DISTRIBUTION: u32 = 1 << 2;

/// A stream of a document for distribution: the record with the key, and the content under it.
pub fn for_distribution(content: &[u8], seed: u32) -> Vec<u8> {
    // Hangul keeps the hash of a password there, forty digits in UTF-16; their first bytes are the key.
    let mut digits = Vec::new();
    digits.utf16("8cb2237d0679ca88db6464eac60da96345513964");
    let mut data: Vec<u8> = (0..=255).collect();
    data[..4].copy_from_slice(&seed.to_le_bytes());
    let start = 4 + (seed & 0x0F) as usize;
    data[start..start + digits.len()].copy_from_slice(&digits);
    let mut state = seed;
    let mut random = || {
        state = state.wrapping_mul(214_013).wrapping_add(2_531_011);
        (state >> 16) & 0x7FFF
    };
    let mut at = 0;
    while at < data.len() {
        let cover = random() as u8;
        let end = (at + (random() & 0x0F) as usize + 1).min(data.len());
        data[at..end].iter_mut().zip(at..).filter(|(_, at)| *at >= 4).for_each(|(byte, _)| *byte ^= cover);
        at = end;
    }
    let aes = Aes128::new_from_slice(&digits[..16]).expect("16 bytes");
    let mut blocks = content.to_vec();
    blocks.zeros(content.len().wrapping_neg() % 16);
    let mut out = Vec::new();
    // HWPTAG_DISTRIBUTE_DOC_DATA, level 0
    out.u32(28 | 256 << 20).raw(&data);
    for block in blocks.chunks(16) {
        let mut block = Array::try_from(block).expect("16 bytes");
        aes.encrypt_block(&mut block);
        out.raw(&block);
    }
    out
}

/// What Hangul writes as the script of every document.
pub const EMPTY_SCRIPT: &str = "function OnDocument_New()\r\n{\r\n\t//todo : \r\n}\r\n\r\nfunction OnDocument_Open()\r\n{\r\n\t//todo : \r\n}\r\n";

/// A Windows library that exports one name and has no code.
pub fn library(export: &str) -> Vec<u8> {
    let mut out = b"MZ".to_vec();
    out.zeros(0x3C - 2).u32(0x40);
    out.raw(b"PE\0\0").u16(0x014C).u16(1).zeros(12).u16(0xE0).u16(0x2102);
    out.u16(0x010B).zeros(94).u32(0x1000).zeros(0xE0 - 100);
    out.raw(b".edata\0\0").u32(0x1000).u32(0x1000).u32(0x200).u32(0x200).zeros(12).u32(0x4000_0040);
    out.zeros(0x200 - out.len());
    // Export directory table: one name, whose pointer stands behind the table.
    out.zeros(24).u32(1).u32(0).u32(0x1028).u32(0).u32(0x102C).raw(export.as_bytes()).u8(0);
    out.zeros(0x400 - out.len());
    out
}
