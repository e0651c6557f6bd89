//! Publisher documents, as far as their text goes; the layout is that of public tools.

use crate::art;
use crate::bytes::Put;
use crate::container::{Entry, compound_file, summaries};

/// The stream `CONTENTS` of Quill: a directory for each text, one behind the other.
pub fn contents(texts: &[&str]) -> Vec<u8> {
    const TEXT_AT: u32 = 32;
    let mut out = Vec::new();
    out.raw(b"CHNKINK ").u16(4).u16(7).u32(0x0300_0015).u32(0x0400).u32(0);
    for (index, text) in texts.iter().enumerate() {
        let at = out.len() as u32;
        let mut data = Vec::new();
        data.utf16(text);
        let next = at + TEXT_AT + data.len() as u32;
        out.u16(32).u16(1).u32(if index + 1 == texts.len() { u32::MAX } else { next });
        out.u16(0x18).raw(b"TEXT").u16(0).u16(1).u16(0).raw(b"TEXT").u32(at + TEXT_AT).u32(data.len() as u32);
        out.raw(&data);
    }
    out
}

/// A compound file of a publication: its texts, its pictures (PNG files), and `more` beside them.
pub fn file(texts: &[&str], pictures: &[Vec<u8>], more: Vec<Entry>) -> Vec<u8> {
    let pictures: Vec<u8> = pictures.iter().flat_map(|picture| art::png(picture)).collect();
    let mut entries = vec![
        Entry::stream("Contents", vec![0xE8, 0xAC, 0x22, 0x00]),
        Entry::stream("Quill/QuillSub/CONTENTS", contents(texts)),
        Entry::stream("Escher/EscherDelayStm", pictures),
    ];
    entries.extend(summaries("Leaflet", "docsift"));
    entries.extend(more);
    compound_file("00021201-0000-0000-00C0-000000000046", &entries)
}
