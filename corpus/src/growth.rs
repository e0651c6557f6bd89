//! Binary formats, messages and pictures of any size: what `tests/limits.rs` doubles to see that work
//! grows no faster than the input.

use crate::hostile::Generator;
use crate::ooxml::{binary_workbook, call};
use crate::outlook::{Msg, tnef};
use crate::word::Doc;
use crate::{iso, metafile, notes, ppt, rtf};

/// All generators.
pub const ALL: &[Generator] = &[
    ("rtf_groups", rtf_groups),
    ("rtf_controls", rtf_controls),
    ("rtf_objects", rtf_objects),
    ("rtf_open_groups", rtf_open_groups),
    ("document_text", document_text),
    ("document_fields", document_fields),
    ("slides_of_text", slides_of_text),
    ("slides_of_links", slides_of_links),
    ("containers_in_containers", containers_in_containers),
    ("message_of_attachments", message_of_attachments),
    ("message_text", message_text),
    ("tnef_attachments", tnef_attachments),
    ("image_file", image_file),
    ("enhanced_metafile_lines", enhanced_metafile_lines),
    ("metafile_lines", metafile_lines),
    ("binary_macro_cells", binary_macro_cells),
    ("hangul_paragraphs", hangul_paragraphs),
];

fn rtf_groups(size: usize) -> Vec<u8> {
    rtf::document(&"{\\b a\\par}".repeat(size / 10))
}

fn rtf_controls(size: usize) -> Vec<u8> {
    rtf::document(&"\\li720\\fi0 a".repeat(size / 12))
}

fn rtf_objects(size: usize) -> Vec<u8> {
    let object = rtf::object("\\objemb", "Package", &rtf::embedded("Package", &[7; 64]));
    rtf::document(&object.repeat(size / object.len()))
}

fn rtf_open_groups(size: usize) -> Vec<u8> {
    rtf::document(&"{\\*\\x{".repeat(size / 6))
}

fn document_text(size: usize) -> Vec<u8> {
    Doc::new(&"Paper and pens\r".repeat(size / 15)).file(Vec::new())
}

fn document_fields(size: usize) -> Vec<u8> {
    Doc::new(&"\u{13} HYPERLINK \"http://a.invalid/b\" \u{14}c\u{15}\r".repeat(size / 40)).file(Vec::new())
}

fn slides_of_text(size: usize) -> Vec<u8> {
    let slide = ppt::slide(false, &[ppt::text_bytes(&"Paper and pens ".repeat(8))]);
    let records = vec![slide; (size / 180).min(4000)];
    ppt::file(&records, false)
}

fn slides_of_links(size: usize) -> Vec<u8> {
    let links: Vec<Vec<u8>> = (0..(size / 90).min(4000))
        .map(|number| ppt::hyperlink(number as u32, "http://a.invalid/b"))
        .collect();
    ppt::file(&links, false)
}

fn containers_in_containers(size: usize) -> Vec<u8> {
    // The headers of all containers, each as long as what is left.
    let count = size / 8;
    let mut stream = Vec::new();
    for depth in 0..count {
        stream.extend([0x0F, 0, 0xE8, 0x03]);
        stream.extend((((count - depth - 1) * 8) as u32).to_le_bytes());
    }
    ppt::file(&[stream], false)
}

fn message_of_attachments(size: usize) -> Vec<u8> {
    let attachments = (0..size / 2500).map(|index| (format!("{index}.txt"), vec![b'a'; 1000])).collect();
    Msg { subject: "Pens".into(), body: "Paper".into(), attachments, ..Msg::default() }.into_bytes()
}

fn message_text(size: usize) -> Vec<u8> {
    Msg { subject: "Pens".into(), body: "Paper and pens. ".repeat(size / 32), ..Msg::default() }.into_bytes()
}

fn tnef_attachments(size: usize) -> Vec<u8> {
    let attachments = vec![("a.txt", &b"Paper and pens"[..]); size / 80];
    tnef("Pens", "Paper", &attachments)
}

fn image_file(size: usize) -> Vec<u8> {
    iso::image(&[("pens.txt", "Paper and pens\n".repeat(size / 15).as_bytes())])
}

fn enhanced_metafile_lines(size: usize) -> Vec<u8> {
    metafile::emf(&vec!["Paper and pens"; size / 104])
}

fn metafile_lines(size: usize) -> Vec<u8> {
    // A line's height is a number of 16 bits, 300 for each line.
    metafile::wmf(&[&*"Paper and pens ".repeat(64); 200][..(size / 1000).min(200)])
}

fn binary_macro_cells(size: usize) -> Vec<u8> {
    let formula = call(110, &["cmd /c a"]); // EXEC
    binary_workbook(0, "xl/macrosheets/sheet1.bin", &vec![formula; size / 60], "_xlnm.Auto_Open").into_bytes()
}

fn hangul_paragraphs(size: usize) -> Vec<u8> {
    notes::hangul(0, &vec!["Paper and pens"; size / 40], notes::EMPTY_SCRIPT, &[])
}
