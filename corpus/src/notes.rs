//! OneNote sections and Hangul documents, as far as their readers look.

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

/// A Hangul document with deflated streams.
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
    let mut entries = vec![
        Entry::stream("FileHeader", header),
        Entry::stream("BodyText/Section0", deflate(&body)),
        Entry::stream("Scripts/DefaultJScript", deflate(&code)),
    ];
    entries.extend(data.iter().map(|(name, data)| Entry::stream(&format!("BinData/{name}"), deflate(data))));
    compound_file("00000000-0000-0000-0000-000000000000", &entries)
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
