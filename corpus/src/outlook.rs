//! Outlook messages ([MS-OXMSG]) and TNEF ([MS-OXTNEF]).

use crate::bytes::Put;
use crate::container::{Entry, compound_file};

/// The class of an Outlook message.
const MESSAGE: &str = "00020D0B-0000-0000-C000-000000000046";

/// A message before it is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Msg {
    /// Sender: name and address.
    pub from: (String, String),
    /// Subject.
    pub subject: String,
    /// Text.
    pub body: String,
    /// The body as compressed Rich Text Format, in the place of the text.
    pub rtf: Vec<u8>,
    /// The sound file of the reminder.
    pub reminder: Option<String>,
    /// Attachments: name and content.
    pub attachments: Vec<(String, Vec<u8>)>,
    /// A message that is attached.
    pub attached: Option<Box<Msg>>,
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

impl Msg {
    fn entries(&self, at: &str, header_len: usize, out: &mut Vec<Entry>) {
        let mut text = |id: u16, text: &str| {
            out.push(Entry::stream(&format!("{at}__substg1.0_{id:04X}001F"), utf16(text)));
        };
        text(0x0037, &self.subject);
        text(0x0C1A, &self.from.0);
        text(0x5D01, &self.from.1);
        // A reader goes by the body that is there.
        if self.rtf.is_empty() {
            text(0x1000, &self.body);
        }
        if let Some(reminder) = &self.reminder {
            text(0x8000, reminder);
        }
        if !self.rtf.is_empty() {
            out.push(Entry::stream(&format!("{at}__substg1.0_10090102"), self.rtf.clone()));
        }
        let mut properties = vec![0; header_len];
        properties.u16(0x0003).u16(0x3FFD).u32(6).u32(65001).u32(0); // PidTagMessageCodepage
        out.push(Entry::stream(&format!("{at}__properties_version1.0"), properties));
        for (index, (name, content)) in self.attachments.iter().enumerate() {
            let at = format!("{at}__attach_version1.0_#{index:08X}/");
            out.push(Entry::stream(&format!("{at}__properties_version1.0"), vec![0; 8]));
            out.push(Entry::stream(&format!("{at}__substg1.0_3707001F"), utf16(name)));
            out.push(Entry::stream(&format!("{at}__substg1.0_37010102"), content.clone()));
        }
        if let Some(attached) = &self.attached {
            let at = format!("{at}__attach_version1.0_#{:08X}/", self.attachments.len());
            out.push(Entry::stream(&format!("{at}__properties_version1.0"), vec![0; 8]));
            out.push(Entry::stream(&format!("{at}__substg1.0_3707001F"), utf16("forwarded")));
            attached.entries(&format!("{at}__substg1.0_3701000D/"), 24, out);
        }
    }

    /// The file.
    pub fn into_bytes(self) -> Vec<u8> {
        let mut entries = Vec::new();
        self.entries("", 32, &mut entries);
        if self.reminder.is_some() {
            // A numbered name, its set of properties, and the first property that has a name.
            let mut names = Vec::new();
            names.u32(0x851F).u16(6 << 1).u16(0);
            entries.push(Entry::stream("__nameid_version1.0/__substg1.0_00030102", names));
        }
        compound_file(MESSAGE, &entries)
    }
}

/// A mail as TNEF with a text and attachments.
pub fn tnef(subject: &str, body: &str, attachments: &[(&str, &[u8])]) -> Vec<u8> {
    tnef_with(subject, attachments, |attribute| attribute(1, 0x0002_800C, format!("{body}\0").as_bytes()))
}

/// A mail as TNEF whose text is Rich Text Format, with attachments.
pub fn tnef_rich(subject: &str, body: &[u8], attachments: &[(&str, &[u8])]) -> Vec<u8> {
    let packed = compressed_rtf(body);
    let mut properties = Vec::new();
    properties.u32(1).u16(0x0102).u16(0x1009); // one property: PidTagRtfCompressed
    properties.u32(1).u32(packed.len() as u32).raw(&packed);
    properties.resize(properties.len().next_multiple_of(4), 0);
    tnef_with(subject, attachments, |attribute| attribute(1, 0x0006_9003, &properties)) // attMsgProps
}

fn tnef_with(
    subject: &str,
    attachments: &[(&str, &[u8])],
    body: impl FnOnce(&mut dyn FnMut(u8, u32, &[u8])),
) -> Vec<u8> {
    let mut out = Vec::new();
    out.u32(0x223E_9F78).u16(1);
    let mut attribute = |level: u8, id: u32, data: &[u8]| {
        let sum = data.iter().fold(0u16, |sum, byte| sum.wrapping_add((*byte).into()));
        out.u8(level).u32(id).u32(data.len() as u32).raw(data).u16(sum);
    };
    attribute(1, 0x0008_9006, &[0, 0, 1, 0]); // attTnefVersion
    attribute(1, 0x0001_8004, format!("{subject}\0").as_bytes());
    body(&mut attribute);
    for (name, content) in attachments {
        attribute(2, 0x0006_9002, &[0; 14]); // attAttachRendData
        attribute(2, 0x0001_8010, format!("{name}\0").as_bytes());
        attribute(2, 0x0006_800F, content);
    }
    out
}

/// Rich Text Format in the frame of its compression ([MS-OXRTFCP] 2.1.3.1), each letter as itself.
pub fn compressed_rtf(text: &[u8]) -> Vec<u8> {
    let mut coded = Vec::new();
    for letters in text.chunks(8) {
        coded.u8(0).raw(letters);
    }
    let mut out = Vec::new();
    out.u32(12 + coded.len() as u32).u32(text.len() as u32).u32(0x7546_5A4C).u32(0); // COMPSIZE, RAWSIZE, COMPTYPE, CRC
    out.raw(&coded);
    out
}
