//! Office documents that are one XML text: Excel 2003, Word 2003, and packages written flat.

pub mod package;
pub mod relationships;
pub mod spreadsheet;
pub mod word;
pub mod xml;

use std::ops::Range;

use crate::documents::markup::{StartTag, Token, Tokens, local, unescape};

/// Which kind of document an XML text is, by its first element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// Excel 2003 (`ss:Workbook`).
    Spreadsheet,
    /// Word 2003 (`w:wordDocument`), or a part of a Word package.
    Word,
    /// A package written flat (`pkg:package`).
    Package,
    /// Relationships of a part of a package.
    Relationships,
    /// A slide or another part of a presentation with text.
    Slide,
    /// What says how a document looks or is listed: styles, fonts, colours, lists of files.
    Companion,
    /// A web page.
    Page,
    /// Any other.
    Other,
}

/// What the first element of `text` is. Comments, instructions and a document type before it are gone over.
pub fn root(text: &str) -> Root {
    const WORD_PARTS: &[&str] =
        &["document", "hdr", "ftr", "footnotes", "endnotes", "comments", "settings", "glossaryDocument"];
    const SLIDES: &[&str] = &["sld", "notes", "sldMaster", "sldLayout", "cmLst", "presentation"];
    const LOOKS: &[&str] = &[
        "styles",
        "fonts",
        "webSettings",
        "numbering",
        "theme",
        "clrMap",
        "tblStyleLst",
        "presentationPr",
        "viewPr",
    ];
    let Some(tag) = first_tag(text) else { return Root::Other };
    // Letters of a namespace may be written as references.
    let (local, tag) = (local(tag.name), unescape(tag.attributes));
    match local {
        "Workbook" if tag.contains("office:spreadsheet") => Root::Spreadsheet,
        "wordDocument" => Root::Word,
        "package" if tag.contains("2006/xmlPackage") => Root::Package,
        "Relationships" if tag.contains("package/2006/relationships") => Root::Relationships,
        local if WORD_PARTS.contains(&local) && tag.contains("wordprocessingml") => Root::Word,
        local if SLIDES.contains(&local) && tag.contains("presentationml") => Root::Slide,
        local if LOOKS.contains(&local) && (tag.contains("openxmlformats") || tag.contains("drawingml")) => {
            Root::Companion
        }
        "coreProperties" | "Properties" if tag.contains("properties") => Root::Companion,
        "xml" if tag.contains("office:office") => Root::Companion,
        name if name.eq_ignore_ascii_case("html") => Root::Page,
        _ => Root::Other,
    }
}

/// How much of a text may stand before its first element.
const PROLOGUE: usize = 1 << 20;

/// The first start tag.
fn first_tag(text: &str) -> Option<StartTag<'_>> {
    let mut tokens = Tokens::new(text.get(..text.floor_char_boundary(PROLOGUE.min(text.len())))?);
    loop {
        match tokens.token() {
            Ok(Some(Token::Start(tag))) => return Some(tag),
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => return None,
        }
    }
}

/// Where `piece` lies in `all`, when it is a part of it.
fn place_in(all: &str, piece: &str) -> Option<Range<usize>> {
    let start = (piece.as_ptr() as usize).checked_sub(all.as_ptr() as usize)?;
    let end = start.checked_add(piece.len())?;
    (all.get(start..end)? == piece).then_some(start..end)
}

/// Pieces of text that together are Base64.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Blob {
    /// Its name: `editdata.mso`, or the name of a part.
    pub name: String,
    /// Where its letters stand in the text.
    pub pieces: Vec<Range<usize>>,
    /// Whether there are more pieces than are kept.
    pub is_cut: bool,
}

impl Blob {
    /// What is told of one that is cut.
    pub const CUT: &str = "Base64 in more pieces than are read";

    /// How many letters there are.
    pub fn len(&self) -> usize {
        self.pieces.iter().map(|piece| piece.len()).fold(0, usize::saturating_add)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes that it stands for.
    pub fn decode(&self, text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        match self.pieces.as_slice() {
            // A letter may be written as a reference.
            [piece] => {
                let letters = unescape(text.get(piece.clone()).unwrap_or_default());
                // The letters are there.
                let _ = out.try_reserve_exact(letters.len() / 4 * 3 + 3);
                crate::base::base64::decode_into(letters.as_bytes(), &mut out);
            }
            pieces => {
                let letters = pieces.iter().filter_map(|piece| text.get(piece.clone())).map(unescape);
                crate::base::base64::decode_into(letters.collect::<String>().as_bytes(), &mut out);
            }
        }
        out
    }
}

/// Most pieces of one blob: text that is cut into more is no Base64 that Office wrote.
const PIECES: usize = 1 << 14;

impl Blob {
    /// Adds the text between two places; a CDATA section is told by its marks.
    fn add(&mut self, text: &str, range: Range<usize>) {
        let piece = text.get(range.clone()).unwrap_or_default();
        let marks = if piece.starts_with("<![CDATA[") { (9, 3) } else { (0, 0) };
        let range = range.start.saturating_add(marks.0)..range.end.saturating_sub(marks.1);
        if range.start < range.end {
            self.is_cut |= self.pieces.len() >= PIECES;
            if !self.is_cut {
                self.pieces.push(range);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_told_by_their_first_element() {
        let cases = [
            (
                "<?xml version=\"1.0\"?>\n<!-- <x> --><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">",
                Root::Spreadsheet,
            ),
            ("<!DOCTYPE a [<!ENTITY b '>'>]><w:wordDocument>", Root::Word),
            (
                "<pkg:package xmlns:pkg=\"http://schemas.microsoft.com/office/2006/xmlPackage\">",
                Root::Package,
            ),
            (
                "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">",
                Root::Word,
            ),
            ("<xml xmlns:o=\"urn:schemas-microsoft-com:office:office\">", Root::Companion),
            ("<Workbook>", Root::Other),
            (
                "<q:Workbook a='>' xmlns:q=\"urn:schemas-microsoft-com:office:spreadshee&#116;\">",
                Root::Spreadsheet,
            ),
            ("<!-- x --><HTML>", Root::Page),
            ("<svg/>", Root::Other),
            ("<!-- ", Root::Other),
            ("", Root::Other),
        ];
        for (text, root_of) in cases {
            assert_eq!(root(text), root_of, "{text}");
        }
    }

    #[test]
    fn blobs_join_their_pieces() {
        let text = "Zm9<![CDATA[vYm]]>F&#121;";
        let mut blob = Blob::default();
        for range in [0..3, 3..18, 18..19, 19..25] {
            blob.add(text, range);
        }
        assert_eq!((blob.decode(text), blob.is_cut), (b"foobar".to_vec(), false));
        for _ in 0..PIECES {
            blob.add(text, 0..3);
        }
        assert!(blob.is_cut);
    }
}
