//! Office packages written as one XML text (Flat OPC): every part with its content type.
//!
//! Layout: the schema `http://schemas.microsoft.com/office/2006/xmlPackage`: `pkg:part` with `pkg:xmlData` or
//! `pkg:binaryData` (Base64). Word and PowerPoint open such a file as they open the package.

use std::ops::Range;

use super::Blob;
use super::xml::{Node, Xml};
use crate::base::{Cx, LimitHit};

/// A part of a flat package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlatPart {
    /// Its name: `/word/document.xml`.
    pub name: String,
    /// Its content type.
    pub content_type: String,
    /// Its content.
    pub content: Content,
}

/// The content of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// XML, as it stands in the text.
    Xml(Range<usize>),
    /// Bytes as Base64.
    Binary(Blob),
}

/// Reads the list of parts of a flat package.
///
/// # Errors
/// [`LimitHit`] when the steps, parts or memory do not last; `into` keeps what was read.
pub fn read(text: &str, offset: usize, into: &mut Vec<FlatPart>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut xml = Xml::new(text);
    let mut part: Option<(String, String)> = None;
    let mut blob: Option<Blob> = None;
    loop {
        let before = xml.at();
        let Some(node) = xml.next(offset, cx)? else { break };
        match node {
            Node::Start(element) => match element.name() {
                "part" => {
                    let name = element.attribute("name").unwrap_or_default();
                    let content_type = element.attribute("contentType").unwrap_or_default();
                    cx.budget.hold(name.len().saturating_add(content_type.len()).saturating_add(128))?;
                    part = Some((name, content_type));
                }
                "xmlData" => {
                    let Some((name, content_type)) = part.take() else { continue };
                    let start = element.range.end;
                    let end = inner_end(&mut xml, offset, cx)?;
                    into.push(FlatPart { name, content_type, content: Content::Xml(start..end) });
                }
                "binaryData" => {
                    blob = part.as_ref().map(|(name, _)| Blob { name: name.clone(), ..Blob::default() });
                }
                _ => {}
            },
            Node::Text(_) => {
                if let Some(blob) = &mut blob {
                    blob.add(text, before..xml.at());
                }
            }
            Node::End("binaryData") => {
                if let (Some(blob), Some((name, content_type))) = (blob.take(), part.take()) {
                    into.push(FlatPart { name, content_type, content: Content::Binary(blob) });
                }
            }
            Node::End(_) => {}
        }
    }
    if let (Some(blob), Some((name, content_type))) = (blob, part) {
        into.push(FlatPart { name, content_type, content: Content::Binary(blob) });
    }
    Ok(())
}

/// Walks to the end of an `xmlData` element; says where its content ends.
fn inner_end(xml: &mut Xml<'_>, offset: usize, cx: &mut Cx<'_>) -> Result<usize, LimitHit> {
    let mut depth = 1_usize;
    loop {
        let before = xml.at();
        let Some(node) = xml.next(offset, cx)? else { return Ok(xml.at()) };
        match node {
            Node::Start(element) if element.name() == "xmlData" => depth = depth.saturating_add(1),
            Node::End("xmlData") => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Ok(before);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    #[test]
    fn parts_come_with_their_content() {
        let text = "<pkg:package><pkg:part pkg:name=\"/a.xml\" pkg:contentType=\"x\"><pkg:xmlData><a>1</a></pkg:xmlData>\
                    </pkg:part><pkg:part pkg:name=\"/b.bin\"><pkg:binaryData>Zm9v\nYmFy</pkg:binaryData></pkg:part></pkg:package>";
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::TextFormat, budget: &mut budget, problems: &mut problems };
        let mut parts = Vec::new();
        read(text, 0, &mut parts, &mut cx).unwrap();
        let [xml, binary] = parts.as_slice() else { panic!("{parts:?}") };
        assert_eq!((xml.name.as_str(), xml.content_type.as_str()), ("/a.xml", "x"));
        let Content::Xml(range) = &xml.content else { panic!("{xml:?}") };
        assert_eq!(&text[range.clone()], "<a>1</a>");
        let Content::Binary(blob) = &binary.content else { panic!("{binary:?}") };
        assert_eq!(blob.decode(text), b"foobar");
    }
}
