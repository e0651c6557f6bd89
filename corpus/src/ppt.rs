//! Presentations by [MS-PPT], as far as readers of text, actions and objects look.

use miniz_oxide::deflate::compress_to_vec_zlib;

use crate::bytes::Put;
use crate::container::{Entry, compound_file, summaries};

/// The class of a PowerPoint 97 to 2003 presentation.
pub const POWERPOINT_8: &str = "64818D10-4F9B-11CF-86EA-00AA00B929E8";

/// A record: instance and type, with the body of an atom.
pub fn atom(instance: u16, kind: u16, body: &[u8]) -> Vec<u8> {
    record(instance << 4, kind, body)
}

/// A container record.
pub fn container(instance: u16, kind: u16, children: &[Vec<u8>]) -> Vec<u8> {
    record((instance << 4) | 0x0F, kind, &children.concat())
}

fn record(version_and_instance: u16, kind: u16, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.u16(version_and_instance).u16(kind).u32(body.len() as u32).raw(body);
    out
}

/// TextCharsAtom
pub fn text_chars(text: &str) -> Vec<u8> {
    let mut body = Vec::new();
    body.utf16(text);
    atom(0, 0x0FA0, &body)
}

/// TextBytesAtom
pub fn text_bytes(text: &str) -> Vec<u8> {
    atom(0, 0x0FA8, text.as_bytes())
}

/// CString with its number in what holds it.
pub fn c_string(instance: u16, text: &str) -> Vec<u8> {
    let mut body = Vec::new();
    body.utf16(text);
    atom(instance, 0x0FBA, &body)
}

/// SlideContainer with a text box; hidden when its SlideShowSlideInfoAtom says so.
pub fn slide(hidden: bool, children: &[Vec<u8>]) -> Vec<u8> {
    let mut info = Vec::new();
    info.u32(0).u32(0).u8(0).u8(0).u16(if hidden { 4 } else { 0 }).u32(0); // flags: fHidden
    let text_box = container(0, 0xF00D, children); // OfficeArtClientTextbox
    container(0, 0x03EE, &[atom(0, 0x03F9, &info), text_box])
}

/// NotesContainer
pub fn notes(children: &[Vec<u8>]) -> Vec<u8> {
    container(0, 0x03F0, children)
}

/// ExHyperlinkContainer: number and target.
pub fn hyperlink(number: u32, target: &str) -> Vec<u8> {
    container(0, 0x0FD7, &[atom(0, 0x0FD3, &number.to_le_bytes()), c_string(1, target)])
}

/// InteractiveInfoContainer: what a click (or the mouse over it) does.
pub fn interactive(over: bool, action: u8, hyperlink: u32, macro_name: &str) -> Vec<u8> {
    let mut body = Vec::new();
    body.u32(0).u32(hyperlink).u8(action).u8(0).u8(0).u8(0).u8(0).zeros(3);
    let mut children = vec![atom(0, 0x0FF3, &body)];
    if !macro_name.is_empty() {
        children.push(c_string(2, macro_name));
    }
    container(u16::from(over), 0x0FF2, &children)
}

/// ExOleObjStgCompressedAtom
pub fn storage(file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    body.u32(file.len() as u32).raw(&compress_to_vec_zlib(file, 6));
    atom(1, 0x1011, &body)
}

/// ExOleEmbedContainer: name in menus and program identifier.
pub fn embedded(menu: &str, program: &str) -> Vec<u8> {
    container(0, 0x0FCC, &[c_string(1, menu), c_string(2, program)])
}

/// The stream `Current User` ([MS-PPT] 2.3.2).
pub fn current_user(encrypted: bool, edit_at: u32) -> Vec<u8> {
    let mut body = Vec::new();
    body.u32(0x14).u32(if encrypted { 0xF3D1_C4DF } else { 0xE391_C05F }).u32(edit_at);
    body.u16(0).u16(0x03F4).u8(3).u8(0).u16(0).u32(8); // lenUserName, versions, relVersion
    atom(0, 0x0FF6, &body)
}

/// The stream `PowerPoint Document`: the records, the directory of their offsets, and the edit; and the
/// offset of the edit.
pub fn stream(records: &[Vec<u8>]) -> (Vec<u8>, u32) {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    directory.u32(1 | ((records.len() as u32) << 20));
    for record in records {
        directory.u32(out.len() as u32);
        out.raw(record);
    }
    let directory_at = out.len() as u32;
    out.raw(&atom(0, 0x1772, &directory));
    let edit_at = out.len() as u32;
    let mut edit = Vec::new();
    edit.u32(0).u32(0).u32(0).u32(directory_at).u32(1).u32(records.len() as u32 + 1).u32(0);
    out.raw(&atom(0, 0x0FF5, &edit));
    (out, edit_at)
}

/// StyleTextPropAtom ([MS-PPT] 2.9.44): runs of characters with their scheme colour or size in points.
pub fn style(runs: &[(u32, Option<u8>, Option<u16>)]) -> Vec<u8> {
    let mut body = Vec::new();
    let chars: u32 = runs.iter().map(|(count, ..)| count).sum();
    body.u32(chars + 1).u16(0).u32(0); // one run of paragraphs
    for (count, colour, size) in runs {
        let mask =
            if size.is_some() { 0x0002_0000 } else { 0 } | if colour.is_some() { 0x0004_0000 } else { 0 };
        body.u32(*count).u32(mask);
        if let Some(size) = size {
            body.u16(*size);
        }
        if let Some(colour) = colour {
            body.u8(0).u8(0).u8(0).u8(*colour);
        }
    }
    body.u32(1).u32(0); // the last mark
    atom(0, 0x0FA1, &body)
}

/// SlidePersistAtom: the texts behind it stand on the slide of that number.
pub fn slide_persist(slide: u32) -> Vec<u8> {
    let mut body = Vec::new();
    body.u32(slide).u32(4).u32(1).u32(256).u32(0);
    atom(0, 0x03F3, &body)
}

/// A shape with these properties and texts.
pub fn shape(properties: &[(u16, crate::art::Value)], texts: &[Vec<u8>]) -> Vec<u8> {
    container(0, 0xF004, &[crate::art::properties(properties), container(0, 0xF00D, texts)])
}

/// A compound file of a presentation with pictures: PNG files.
pub fn file_with_pictures(records: &[Vec<u8>], pictures: &[Vec<u8>]) -> Vec<u8> {
    let stream: Vec<u8> = pictures.iter().flat_map(|picture| crate::art::png(picture)).collect();
    file_beside(records, false, vec![Entry::stream("Pictures", stream)])
}

/// A compound file of a presentation.
pub fn file(records: &[Vec<u8>], encrypted: bool) -> Vec<u8> {
    file_beside(records, encrypted, Vec::new())
}

fn file_beside(records: &[Vec<u8>], encrypted: bool, more: Vec<Entry>) -> Vec<u8> {
    let (document, edit_at) = stream(records);
    let mut entries = vec![
        Entry::stream("PowerPoint Document", document),
        Entry::stream("Current User", current_user(encrypted, edit_at)),
    ];
    entries.extend(more);
    entries.extend(summaries("Slides", "docsift"));
    compound_file(POWERPOINT_8, &entries)
}
