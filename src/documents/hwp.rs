//! Hangul documents, version 5: the streams of their compound file.
//!
//! Layout: "Hangul Document File Format 5.0" by Hancom. `FileHeader` says how the streams are stored: deflated
//! without a wrapping, encrypted, or for distribution. Streams of text are records of a tag, a level and a size.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use super::document::{Document, DocumentKind, DocumentText, TextPlace};
use super::link::{Link, LinkKind};
use crate::base::{Cx, LimitHit, Location, Reader, Short};

/// What the stream begins with.
const SIGNATURE: &[u8] = b"HWP Document File";
const HWPTAG_PARA_TEXT: u32 = 0x10 + 51;
const HWPTAG_CTRL_HEADER: u32 = 0x10 + 55;

/// The stream `FileHeader`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Version: main, minor, build and revision, from the high byte.
    pub version: u32,
    /// Flags as stored.
    pub flags: u32,
}

impl Header {
    /// Whether streams are deflated.
    pub fn is_deflated(self) -> bool {
        self.flags & 1 != 0
    }

    /// Whether the document is encrypted with a password, or by a certificate or rights management.
    pub fn is_encrypted(self) -> bool {
        self.flags & (1 << 1 | 1 << 4 | 1 << 8) != 0
    }

    /// Whether the document is for distribution: its text is in `ViewText`, and that and scripts are encrypted
    /// with a key in each stream.
    pub fn is_distribution(self) -> bool {
        self.flags & (1 << 2) != 0
    }
}

/// Reads `FileHeader`; `None` when the stream is another one of that name.
pub fn header(stream: &[u8]) -> Option<Header> {
    let mut reader = Reader::new(stream.strip_prefix(SIGNATURE)?);
    reader.skip(32_usize.saturating_sub(SIGNATURE.len())).ok()?;
    Some(Header { version: reader.u32().ok()?, flags: reader.u32().ok()? })
}

/// Reads the records of a section (`BodyText/Section0`), already inflated.
///
/// # Errors
/// [`LimitHit`] when the steps or the memory of models do not last; what was read is kept.
pub fn section(
    bytes: &[u8],
    document: &mut Document,
    links: &mut Vec<Link>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    document.kind = DocumentKind::Hangul;
    let mut reader = Reader::new(bytes);
    while !reader.is_empty() {
        cx.budget.step(1)?;
        let at = reader.at();
        let (tag, mut body) = match record(&mut reader) {
            Ok(record) => record,
            Err(short) => {
                cx.abandoned(at..bytes.len() as u64, &short);
                return Ok(());
            }
        };
        cx.budget.touch(body.remaining())?;
        let range = body.at()..body.at().saturating_add(body.remaining() as u64);
        match tag {
            HWPTAG_PARA_TEXT => {
                let text = paragraph(body.rest());
                if !text.trim().is_empty() {
                    cx.budget.hold(text.len().saturating_add(size_of::<DocumentText>()))?;
                    let location = Location::bytes(cx.part, range);
                    document.texts.push(DocumentText {
                        text,
                        place: TextPlace::Body,
                        hidden: None,
                        location,
                    });
                }
            }
            HWPTAG_CTRL_HEADER => {
                if let Ok(Some(target)) = hyperlink(&mut body) {
                    cx.budget.hold(target.len().saturating_add(size_of::<Link>()))?;
                    let location = Location::bytes(cx.part, range);
                    links.push(Link { kind: LinkKind::Hyperlink, target, automatic: false, location });
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// A record: tag, level and size in one number, then its body; a size of 0xFFF stands in the next one.
pub(super) fn record<'a>(reader: &mut Reader<'a>) -> Result<(u32, Reader<'a>), Short> {
    let head = reader.u32()?;
    let size = match head >> 20 {
        0xFFF => reader.u32()?,
        size => size,
    };
    Ok((head & 0x3FF, reader.sub(size as usize)?))
}

/// Text of a paragraph: controls take one or eight characters.
fn paragraph(body: &[u8]) -> String {
    let (units, _) = body.as_chunks::<2>();
    let mut plain: Vec<u16> = Vec::new();
    let mut units = units.iter().map(|unit| u16::from_le_bytes(*unit));
    while let Some(unit) = units.next() {
        match unit {
            10 | 13 => plain.push(0x0A),
            30 | 31 => plain.push(0x20),
            0 | 24..=29 => {}
            1..=31 => {
                if unit == 9 {
                    plain.push(9);
                }
                // Seven more belong to it.
                let _ = units.nth(6);
            }
            letter => plain.push(letter),
        }
    }
    String::from_utf16_lossy(&plain)
}

/// The target of a hyperlink field (`%hlk`): its command, with colons behind a backslash.
fn hyperlink(body: &mut Reader<'_>) -> Result<Option<String>, Short> {
    if body.take(4)? != b"klh%" {
        return Ok(None);
    }
    body.skip(5)?; // properties
    let len = usize::from(body.u16()?).saturating_mul(2);
    let (units, _) = body.take_up_to(len).as_chunks::<2>();
    let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
    let command = String::from_utf16_lossy(&units);
    let target = command.split(';').next().unwrap_or_default().replace("\\:", ":").replace("\\?", "?");
    Ok((!target.trim().is_empty()).then_some(target))
}

/// The source of a script stream (`Scripts/DefaultJScript`), already inflated; `None` when it holds no more than
/// Hangul writes into every document.
pub fn script(bytes: &[u8]) -> Option<String> {
    let mut reader = Reader::new(bytes);
    let mut source = String::new();
    for _ in 0..4 {
        let Ok(len) = reader.u32() else { break };
        let (units, _) = reader.take_up_to((len as usize).saturating_mul(2)).as_chunks::<2>();
        let units: Vec<u16> =
            units.iter().map(|unit| u16::from_le_bytes(*unit)).filter(|unit| *unit != 0).collect();
        source.push_str(&String::from_utf16_lossy(&units));
        source.push('\n');
    }
    let code: String =
        source.chars().filter(|letter| !letter.is_whitespace() && *letter != '\u{FFFD}').collect();
    const DEFAULT: &[&str] = &[
        "varDocuments=XHwpDocuments;",
        "varDocument=Documents.Active_XHwpDocument;",
        "functionOnDocument_New(){//todo:}",
        "functionOnDocument_Open(){//todo:}",
        "functionOnDocument_New(){}",
        "functionOnDocument_Open(){}",
    ];
    let mut rest = code;
    for piece in DEFAULT {
        rest = rest.replace(piece, "");
    }
    rest.chars().any(|letter| letter.is_ascii_alphabetic()).then_some(source)
}

/// What PostScript does that drawing does not need: operators of files, processes and memory, each once.
pub fn postscript_marks(bytes: &[u8], cx: &mut Cx<'_>) -> Result<Vec<&'static str>, LimitHit> {
    const MARKS: &[&str] = &[
        "%pipe%",
        ".eqproc",
        ".rsdparams",
        "deletefile",
        "renamefile",
        "writestring",
        "writehexstring",
        "putinterval",
        "VirtualProtect",
        "appdata",
    ];
    let mut found = Vec::new();
    for mark in MARKS {
        cx.budget.touch(bytes.len())?;
        if bytes.windows(mark.len()).any(|window| window.eq_ignore_ascii_case(mark.as_bytes())) {
            found.push(*mark);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn header_says_how_streams_are_stored() {
        let mut stream = SIGNATURE.to_vec();
        stream.resize(32, 0);
        stream.extend(0x0500_0300_u32.to_le_bytes());
        stream.extend(0x0000_0003_u32.to_le_bytes());
        let header = header(&stream).unwrap();
        assert_eq!(header, Header { version: 0x0500_0300, flags: 3 });
        assert!(header.is_deflated() && header.is_encrypted() && !header.is_distribution());
        assert_eq!(super::header(&stream[..39]), None);
    }

    #[test]
    fn records_give_text_and_links() {
        let mut text = utf16("안녕");
        text.extend([2, 0]); // an extended control
        text.extend([b'x'; 14]);
        text.extend(utf16("b\u{d}"));
        let command = utf16("http\\://one.invalid/a;1;0;0;");
        let mut field = b"klh%".to_vec();
        field.extend([0; 5]);
        field.extend((command.len() as u16 / 2).to_le_bytes());
        field.extend(command);
        let mut bytes = Vec::new();
        for (tag, body) in [(HWPTAG_PARA_TEXT, &text), (HWPTAG_CTRL_HEADER, &field)] {
            bytes.extend((tag | 0xFFF << 20).to_le_bytes());
            bytes.extend((body.len() as u32).to_le_bytes());
            bytes.extend(body);
        }
        bytes.extend([1, 2]);
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx = Cx { part: PartId(0), stage: Stage::Word, budget: &mut budget, problems: &mut problems };
        let (mut document, mut links) = (Document::default(), Vec::new());
        section(&bytes, &mut document, &mut links, &mut cx).unwrap();
        assert_eq!(document.texts.iter().map(|text| text.text.as_str()).collect::<Vec<_>>(), ["안녕b\n"]);
        assert_eq!(
            links.iter().map(|link| link.target.as_str()).collect::<Vec<_>>(),
            ["http://one.invalid/a"]
        );
        assert_eq!(problems.list().len(), 1);
    }

    #[test]
    fn scripts_that_every_document_has_say_nothing() {
        let stream = |head: &str, body: &str| {
            let mut out = Vec::new();
            for text in [head, body] {
                out.extend((text.encode_utf16().count() as u32).to_le_bytes());
                out.extend(utf16(text));
            }
            out
        };
        let head = "var Documents = XHwpDocuments;\r\nvar Document = Documents.Active_XHwpDocument;\r\n";
        let plain = "function OnDocument_New()\r\n{\r\n\t//todo : \r\n}\r\nfunction OnDocument_Open()\r\n{\r\n\t//todo : \r\n}\r\n";
        assert_eq!(script(&stream(head, plain)), None);
        let found = script(&stream(head, "function OnDocument_Open()\r\n{\r\n oxnv1();\r\n}\r\n"));
        assert!(found.is_some_and(|source| source.contains("oxnv1();")));
        assert_eq!(script(b""), None);
    }
}
