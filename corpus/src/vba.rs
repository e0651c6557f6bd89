//! A VBA project: compression, the `dir` stream, the PROJECT streams and the modules ([MS-OVBA]).
//!
//! The project has no performance cache: `_VBA_PROJECT` holds seven bytes and every module starts with its
//! source, which is what [MS-OVBA] asks of a writer. Office compiles such a project when it opens.

use std::collections::HashMap;

use md5::{Digest, Md5};

use crate::biff::encode;
use crate::bytes::Put;
use crate::container::Entry;

/// What kind of module it is: `Document=`, `Class=` or `Module=` in PROJECT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModuleKind {
    /// The code behind the book or a sheet; the text is the CLSID of its base class.
    Document,
    /// A class module.
    Class,
    /// A standard module.
    Standard,
}

/// A module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// The name, in Unicode.
    pub name: String,
    /// The kind.
    pub kind: ModuleKind,
    /// The source without its `Attribute` lines; lines end in CR LF or LF.
    pub source: String,
    /// Whether PROJECT names it; the editor does not show a module that it leaves out.
    pub listed: bool,
    /// The code-page name of its stream, when that differs from the Unicode one.
    pub decoy_stream_name: Option<String>,
    /// Whether the chunks are stored raw.
    pub raw_chunks: bool,
}

impl Module {
    /// A standard module.
    pub fn standard(name: &str, source: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind: ModuleKind::Standard,
            source: source.to_owned(),
            listed: true,
            decoy_stream_name: None,
            raw_chunks: false,
        }
    }

    /// The code behind a document object.
    pub fn document(name: &str, source: &str) -> Self {
        Self { kind: ModuleKind::Document, ..Self::standard(name, source) }
    }

    /// A class module.
    pub fn class(name: &str, source: &str) -> Self {
        Self { kind: ModuleKind::Class, ..Self::standard(name, source) }
    }

    /// The whole source as the stream holds it.
    pub fn text(&self) -> String {
        let mut text = format!("Attribute VB_Name = \"{}\"\r\n", self.name);
        let class_attributes = |base: &str, predeclared: &str| {
            format!(
                "{base}Attribute VB_GlobalNameSpace = False\r\nAttribute VB_Creatable = False\r\n\
                 Attribute VB_PredeclaredId = {predeclared}\r\nAttribute VB_Exposed = {predeclared}\r\n"
            )
        };
        match self.kind {
            ModuleKind::Document => {
                let class = match &*self.name {
                    "ThisDocument" => "1Normal.ThisDocument",
                    "ThisWorkbook" => "0{00020819-0000-0000-C000-000000000046}",
                    _ => "0{00020820-0000-0000-C000-000000000046}",
                };
                let base = format!("Attribute VB_Base = \"{class}\"\r\n");
                text += &class_attributes(&base, "True");
                text += "Attribute VB_TemplateDerived = False\r\n";
                text += "Attribute VB_Customizable = True\r\n";
            }
            ModuleKind::Class => text += &class_attributes("", "False"),
            ModuleKind::Standard => {}
        }
        text += &self.source.replace("\r\n", "\n").replace('\n', "\r\n");
        text
    }
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// PROJECTCODEPAGE.
    pub codepage: u16,
    /// PROJECTNAME.
    pub name: String,
    /// The modules, in order.
    pub modules: Vec<Module>,
    /// Whether the editor is told not to show it.
    pub locked: bool,
}

impl Project {
    /// A project with `ThisWorkbook`, `Sheet1` and `Module1`; an empty source leaves only attributes.
    pub fn new(this_workbook: &str, module1: &str) -> Self {
        Self {
            codepage: 1252,
            name: "VBAProject".to_owned(),
            modules: vec![
                Module::document("ThisWorkbook", this_workbook),
                Module::document("Sheet1", ""),
                Module::standard("Module1", module1),
            ],
            locked: false,
        }
    }

    /// The streams below `root`, which is empty for a bare `vbaProject.bin` and
    /// `_VBA_PROJECT_CUR/` in a workbook.
    pub fn entries(&self, root: &str) -> Vec<Entry> {
        let mut out = vec![
            Entry::stream(&format!("{root}PROJECT"), self.project()),
            Entry::stream(&format!("{root}PROJECTwm"), self.project_wm()),
            Entry::stream(&format!("{root}VBA/dir"), compress(&self.dir())),
            // Reserved1, Version 0xFFFF (no cache to trust), Reserved2, Reserved3
            Entry::stream(&format!("{root}VBA/_VBA_PROJECT"), vec![0xCC, 0x61, 0xFF, 0xFF, 0x00, 0x00, 0x00]),
        ];
        for module in &self.modules {
            let source = encode(&module.text(), self.codepage);
            let data = if module.raw_chunks { compress_raw(&source) } else { compress(&source) };
            out.push(Entry::stream(&format!("{root}VBA/{}", module.name), data));
        }
        out
    }

    /// The `dir` stream before compression ([MS-OVBA] 2.3.4.2).
    pub fn dir(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut record = |id: u16, body: &[u8]| push_record(&mut out, id, body);
        let ansi = |text: &str| encode(text, self.codepage);
        let unicode = |text: &str| {
            let mut out = Vec::new();
            out.utf16(text);
            out
        };
        record(0x0001, &1u32.to_le_bytes()); // PROJECTSYSKIND: 32-bit Windows
        record(0x0002, &0x0409u32.to_le_bytes()); // PROJECTLCID
        record(0x0014, &0x0409u32.to_le_bytes()); // PROJECTLCIDINVOKE
        record(0x0003, &self.codepage.to_le_bytes()); // PROJECTCODEPAGE
        record(0x0004, &ansi(&self.name)); // PROJECTNAME
        record(0x0005, &[]); // PROJECTDOCSTRING
        record(0x0040, &[]);
        record(0x0006, &[]); // PROJECTHELPFILEPATH
        record(0x003D, &[]);
        record(0x0007, &0u32.to_le_bytes()); // PROJECTHELPCONTEXT
        record(0x0008, &0u32.to_le_bytes()); // PROJECTLIBFLAGS
        // PROJECTVERSION: the size says 4, the body has 6.
        out.u16(0x0009).u32(4).u32(0x5A5A_5A5A).u16(1);
        let mut record = |id: u16, body: &[u8]| push_record(&mut out, id, body);
        record(0x000C, &[]); // PROJECTCONSTANTS
        record(0x003C, &[]);
        let libraries = [
            (
                "stdole",
                "*\\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\\Windows\\System32\\stdole2.tlb#OLE Automation",
            ),
            (
                "Office",
                "*\\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0#C:\\Program Files\\Common Files\\Microsoft Shared\\OFFICE11\\MSO.DLL#Microsoft Office 11.0 Object Library",
            ),
        ];
        for (name, libid) in libraries {
            record(0x0016, &ansi(name)); // REFERENCENAME
            record(0x003E, &unicode(name));
            let libid = ansi(libid);
            let mut body = Vec::new();
            body.u32(libid.len() as u32).raw(&libid).u32(0).u16(0);
            record(0x000D, &body); // REFERENCEREGISTERED
        }
        record(0x000F, &(self.modules.len() as u16).to_le_bytes()); // PROJECTMODULES
        record(0x0013, &0xFFFFu16.to_le_bytes()); // PROJECTCOOKIE
        for module in &self.modules {
            let stream_name = module.decoy_stream_name.as_deref().unwrap_or(&module.name);
            record(0x0019, &ansi(&module.name)); // MODULENAME
            record(0x0047, &unicode(&module.name)); // MODULENAMEUNICODE
            record(0x001A, &ansi(stream_name)); // MODULESTREAMNAME
            record(0x0032, &unicode(&module.name));
            record(0x001C, &[]); // MODULEDOCSTRING
            record(0x0048, &[]);
            record(0x0031, &0u32.to_le_bytes()); // MODULEOFFSET: no cache before the source
            record(0x001E, &0u32.to_le_bytes()); // MODULEHELPCONTEXT
            record(0x002C, &0xFFFFu16.to_le_bytes()); // MODULECOOKIE
            let kind = if module.kind == ModuleKind::Standard { 0x0021 } else { 0x0022 };
            record(kind, &[]); // MODULETYPE
            record(0x002B, &[]); // the module's end
        }
        record(0x0010, &[]); // the stream's end
        out
    }

    /// The PROJECT stream ([MS-OVBA] 2.3.1).
    pub fn project(&self) -> Vec<u8> {
        let mut text = String::from("ID=\"{917DED54-440B-4FD1-A5C1-74ACF261E600}\"\r\n");
        for module in self.modules.iter().filter(|module| module.listed) {
            let name = &module.name;
            text += &match module.kind {
                ModuleKind::Document => format!("Document={name}/&H00000000\r\n"),
                ModuleKind::Class => format!("Class={name}\r\n"),
                ModuleKind::Standard => format!("Module={name}\r\n"),
            };
        }
        text += &format!("Name=\"{}\"\r\nHelpContextID=\"0\"\r\n", self.name);
        text += "VersionCompatible32=\"393222000\"\r\n";
        if self.locked {
            let id = "{917DED54-440B-4FD1-A5C1-74ACF261E600}";
            let state = encrypt(id, &1u32.to_le_bytes()); // ProjectProtectionState: fUserProtected
            let visible = encrypt(id, &[0]); // ProjectVisibilityState: not visible
            text += &format!("CMG=\"{state}\"\r\nDPB=\"0E0CD1ECDFF4E7F5E7F5E7\"\r\n");
            text += &format!("GC=\"{visible}\"\r\n\r\n[Host Extender Info]\r\n");
        } else {
            // The values of an unprotected project with the ID above: the example in [MS-OVBA] 3.1.
            text += "CMG=\"0705D8E3D8EDDBF1DBF1DBF1DBF1\"\r\nDPB=\"0E0CD1ECDFF4E7F5E7F5E7\"\r\n";
            text += "GC=\"1517CAF1D6F9D7F9D706\"\r\n\r\n[Host Extender Info]\r\n";
        }
        text += "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000\r\n\r\n";
        text += "[Workspace]\r\n";
        for module in self.modules.iter().filter(|module| module.listed) {
            text += &format!("{}=0, 0, 0, 0, C\r\n", module.name);
        }
        encode(&text, self.codepage)
    }

    /// The content hash that a signature signs ([MS-OVBA] 2.4.2.1, 2.4.2.3).
    pub fn content_hash(&self) -> [u8; 16] {
        // ProjectName; Constants, which are empty; 0x7B for each of the two registered references.
        let mut buffer = encode(&self.name, self.codepage);
        buffer.raw(&[0x7B, 0x7B]);
        for module in &self.modules {
            let source = encode(&module.text(), self.codepage);
            let (mut line, mut previous) = (Vec::new(), 0);
            let mut lines = Vec::new();
            for byte in source {
                match byte {
                    b'\r' => lines.push(std::mem::take(&mut line)),
                    b'\n' if previous != b'\r' => lines.push(std::mem::take(&mut line)),
                    b'\n' => {}
                    _ => line.push(byte),
                }
                previous = byte;
            }
            lines.push(line);
            lines.retain(|line| !line.to_ascii_lowercase().starts_with(b"attribute"));
            buffer.raw(&lines.concat());
        }
        Md5::digest(&buffer).into()
    }

    /// The PROJECTwm stream: every module name in the code page and in UTF-16.
    pub fn project_wm(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for module in self.modules.iter().filter(|module| module.listed) {
            out.raw(&encode(&module.name, self.codepage)).u8(0).utf16(&module.name).u16(0);
        }
        out.u16(0);
        out
    }
}

/// A value of `CMG`, `DPB` or `GC` ([MS-OVBA] 2.4.3.2) with a seed that asks for no ignored bytes.
fn encrypt(project_id: &str, data: &[u8]) -> String {
    const SEED: u8 = 0x08;
    const VERSION: u8 = 2;
    let project_key = project_id.bytes().fold(0, u8::wrapping_add);
    let mut out = vec![SEED, SEED ^ VERSION, SEED ^ project_key];
    let mut before = project_key;
    for byte in (data.len() as u32).to_le_bytes().into_iter().chain(data.iter().copied()) {
        // Each byte is mixed with the one that was encrypted two places before.
        out.push(byte ^ out[out.len() - 2].wrapping_add(before));
        before = byte;
    }
    out.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn push_record(out: &mut Vec<u8>, id: u16, body: &[u8]) {
    out.u16(id).u32(body.len() as u32).raw(body);
}

/// A compressed container with copy tokens ([MS-OVBA] 2.4.1).
pub fn compress(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x01]; // SignatureByte
    for chunk in data.chunks(4096) {
        let body = compress_chunk(chunk);
        if body.len() <= 4096 {
            out.u16((body.len() as u16 - 1) | 0xB000).raw(&body);
        } else {
            raw_chunk(&mut out, chunk);
        }
    }
    out
}

/// A compressed container of raw chunks; the last one is filled up with zeros.
pub fn compress_raw(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x01];
    for chunk in data.chunks(4096) {
        raw_chunk(&mut out, chunk);
    }
    out
}

/// What a sound compressed container holds ([MS-OVBA] 2.4.1.3): the proof of what was written.
///
/// # Panics
/// When the container is damaged.
pub fn decompress(container: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 1;
    while at < container.len() {
        let header = u16::from_le_bytes([container[at], container[at + 1]]);
        let end = at + usize::from(header & 0x0FFF) + 3;
        at += 2;
        let start = out.len();
        if header & 0x8000 == 0 {
            out.extend_from_slice(&container[at..end]);
            at = end;
        }
        while at < end {
            let flags = container[at];
            at += 1;
            for bit in 0..8 {
                if at >= end {
                    break;
                }
                if flags >> bit & 1 == 0 {
                    out.push(container[at]);
                    at += 1;
                    continue;
                }
                let token = u16::from_le_bytes([container[at], container[at + 1]]);
                at += 2;
                let here = out.len() - start;
                let offset_bits = (4..=12).find(|bits| 1usize << bits >= here).unwrap_or(12);
                let offset = usize::from(token >> (16 - offset_bits)) + 1;
                let len = usize::from(token & (0xFFFF >> offset_bits)) + 3;
                for _ in 0..len {
                    out.push(out[out.len() - offset]);
                }
            }
        }
    }
    out
}

fn raw_chunk(out: &mut Vec<u8>, chunk: &[u8]) {
    out.u16(0x3FFF).raw(chunk).zeros(4096 - chunk.len());
}

fn compress_chunk(chunk: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut seen: HashMap<[u8; 3], Vec<usize>> = HashMap::new();
    let mut at = 0;
    while at < chunk.len() {
        let flags_at = out.len();
        out.u8(0);
        for bit in 0..8 {
            if at >= chunk.len() {
                break;
            }
            // The split of a copy token between length and offset depends on the position.
            let offset_bits = (4..=12).find(|bits| 1usize << bits >= at).unwrap_or(12);
            let max_len = (0xFFFF >> offset_bits) + 3;
            let (offset, len) = longest_match(chunk, at, max_len, &seen);
            let step = if len >= 3 {
                out[flags_at] |= 1 << bit;
                out.u16((offset as u16 - 1) << (16 - offset_bits) | (len as u16 - 3));
                len
            } else {
                out.u8(chunk[at]);
                1
            };
            for start in at..at + step {
                if let Some(key) = chunk.get(start..start + 3) {
                    seen.entry([key[0], key[1], key[2]]).or_default().push(start);
                }
            }
            at += step;
        }
    }
    out
}

fn longest_match(
    chunk: &[u8],
    at: usize,
    max_len: usize,
    seen: &HashMap<[u8; 3], Vec<usize>>,
) -> (usize, usize) {
    let Some(key) = chunk.get(at..at + 3) else {
        return (0, 0);
    };
    let starts = seen.get(&[key[0], key[1], key[2]]).map_or(&[][..], Vec::as_slice);
    let mut best = (0, 0);
    for start in starts.iter().rev().take(64) {
        let len = chunk[*start..].iter().zip(&chunk[at..]).take(max_len).take_while(|(a, b)| a == b).count();
        if len > best.1 {
            best = (at - start, len);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_compressed_comes_back() {
        let mut random = crate::bytes::Shuffle::new(7);
        let mixed: Vec<u8> = (0..9000).map(|at| b"Sub Auto_Open()\r\n"[at % 17]).collect();
        let noise = random.bytes(5000);
        for data in [&mixed[..], &mixed[..4096], &b"abc"[..], &noise[..4096]] {
            assert_eq!(decompress(&compress(data)), data);
        }
        assert!(compress(&mixed).len() < mixed.len() / 5);
    }

    #[test]
    fn a_raw_last_chunk_is_padded_to_4096_bytes() {
        let out = decompress(&compress_raw(b"abc"));
        assert_eq!(out.len(), 4096);
        assert_eq!(out[..4], *b"abc\0");
    }
}
