//! Visio drawings: texts and hyperlinks of shapes, and what an event or a double click starts ([MS-VSDX]).
//!
//! The document, its pages and its masters are read as rows of cells: a cell has a name, a value and a
//! formula. What other parts hold is read between their tags as in any package.

use super::xml::{Node, Nodes, Tag, text};
use super::{Found, Package, Parts, note_doctype, opened};
use crate::base::{Cx, LimitHit, Location, PartId, Stage};
use crate::documents::document::{Document, DocumentKind, DocumentText, TextPlace};
use crate::documents::link::{Link, LinkKind};

/// Reads the drawing whose main part is `main`.
///
/// # Errors
/// [`LimitHit`] when the budget does not last; `found` keeps what was read.
pub fn read<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    main: u32,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let has_shapes =
        |kind: &str| kind.ends_with("ms-visio.page+xml") || kind.ends_with("ms-visio.master+xml");
    let parts = (0_u32..).zip(package.parts()).filter(|(_, part)| has_shapes(&part.content_type));
    let parts: Vec<u32> = std::iter::once(main).chain(parts.map(|(index, _)| index)).collect();
    let mut document = Document { part: package.id(main), kind: DocumentKind::Text, ..Document::default() };
    let mut result = Ok(());
    for index in parts {
        result = part(package, source, index, &mut document, found, cx);
        if result.is_err() {
            break;
        }
    }
    // What was read before a limit is judged all the same.
    found.documents.push(document);
    result
}

fn part<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    index: u32,
    document: &mut Document,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let part = package.id(index);
    let cx = &mut cx.for_part(part, Stage::Package);
    let xml = text(bytes.as_slice(), cx)?;
    let mut nodes = Nodes::new(&xml);
    let len = bytes.as_slice().len() as u64;
    let mut reader =
        Reader { document, found, part, len, at: 0, text: None, address: None, place: String::new() };
    while let Some(node) = nodes.next(cx)? {
        match node {
            Node::Start(tag) => reader.start(&tag, cx)?,
            Node::End(tag) => reader.end(tag.local(), cx)?,
            Node::Text(piece) => {
                if let Some(text) = &mut reader.text {
                    text.push_str(&piece);
                }
            }
        }
    }
    note_doctype(package, &nodes, index);
    Ok(())
}

struct Reader<'d> {
    document: &'d mut Document,
    found: &'d mut Found,
    part: PartId,
    len: u64,
    /// Where the text or the row of a hyperlink begins.
    at: u64,
    /// The text of a shape, inside of it.
    text: Option<String>,
    /// The address of a hyperlink, inside of its section.
    address: Option<String>,
    /// The place in what the address leads to.
    place: String,
}

impl Reader<'_> {
    fn start(&mut self, tag: &Tag<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let at = tag.at.min(self.len);
        match tag.local() {
            "Text" => (self.text, self.at) = (Some(String::new()), at),
            "Section" if tag.attr("N").is_some_and(|name| name == "Hyperlink") => {
                self.address = Some(String::new());
            }
            "Row" if self.address.is_some() => self.at = at,
            "Cell" => {
                let name = tag.attr("N").unwrap_or_default();
                let value = || tag.attr("V").unwrap_or_default();
                match (&mut self.address, &*name) {
                    (Some(address), "Address") => *address = value().into_owned(),
                    (Some(_), "SubAddress") => self.place = value().into_owned(),
                    _ => {}
                }
                if let Some(program) = tag.attr("F").as_deref().and_then(add_on) {
                    self.link(LinkKind::Action, program, false, at, cx)?;
                }
            }
            // What an event of the document starts: 1 is an add-on, which may be a program.
            "EventItem" if tag.attr("Action").is_some_and(|action| action == "1") => {
                let arguments = tag.attr("TargetArgs").unwrap_or_default();
                let target = format!("{} {arguments}", tag.attr("Target").unwrap_or_default());
                self.link(LinkKind::Action, target.trim(), true, at, cx)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, local: &str, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        match local {
            "Text" => {
                let text = self.text.take().unwrap_or_default();
                if !text.trim().is_empty() {
                    cx.budget.step(1)?;
                    cx.budget.hold(size_of::<DocumentText>().saturating_add(text.len()).saturating_mul(2))?;
                    let location = Location::bytes(self.part, self.at..self.at);
                    let text = DocumentText { text, place: TextPlace::TextBox, hidden: None, location };
                    self.document.texts.push(text);
                }
            }
            "Row" => {
                let place = std::mem::take(&mut self.place);
                let Some(address) = self.address.as_mut().map(std::mem::take) else { return Ok(()) };
                let target = if place.is_empty() { address } else { format!("{address}#{place}") };
                self.link(LinkKind::Hyperlink, &target, false, self.at, cx)?;
            }
            "Section" => self.address = None,
            _ => {}
        }
        Ok(())
    }

    fn link(
        &mut self,
        kind: LinkKind,
        target: &str,
        automatic: bool,
        at: u64,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        if target.is_empty() {
            return Ok(());
        }
        cx.budget.step(1)?;
        cx.budget.hold(size_of::<Link>().saturating_add(target.len()))?;
        let location = Location::bytes(self.part, at..at);
        self.found.links.push(Link { kind, target: target.to_owned(), automatic, location });
        Ok(())
    }
}

/// What `RUNADDON("...")` and `RUNADDONWARGS("...", ...)` in a formula start.
fn add_on(formula: &str) -> Option<&str> {
    let is_call = formula.as_bytes().windows(8).any(|window| window.eq_ignore_ascii_case(b"RUNADDON"));
    if !is_call {
        return None;
    }
    let (_, behind) = formula.split_once('"')?;
    let (name, _) = behind.split_once('"')?;
    Some(name)
}
