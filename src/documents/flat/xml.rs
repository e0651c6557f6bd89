//! Walks XML that Office reads: elements by their local name, text with its references resolved.
//!
//! A document type is refused as Office refuses it: it is recorded, its entities stay as they are written.
//! End tags need not match. A syntax error ends the walk and is told; everything before it counts.

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::base::{Cx, LimitHit};

/// What stands next in an XML text.
#[derive(Debug)]
pub enum Node<'x> {
    /// A start tag, also of an empty element; its end follows.
    Start(Element<'x>),
    /// An end tag, with the local name of the element.
    End(Cow<'x, str>),
    /// Text or a CDATA section, or a piece of it.
    Text(Cow<'x, str>),
}

/// A start tag.
#[derive(Debug)]
pub struct Element<'x> {
    tag: BytesStart<'x>,
    /// Where it stands in the text, brackets included.
    pub range: Range<usize>,
}

impl Element<'_> {
    /// Its name without the prefix.
    pub fn name(&self) -> &str {
        local(self.tag.name().0)
    }

    /// The value of an attribute, told by its name without the prefix.
    pub fn attribute(&self, name: &str) -> Option<String> {
        self.attributes().find(|(known, _)| *known == name).map(|(_, value)| unescape(value).into_owned())
    }

    /// Names without prefix and raw values of all attributes.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        raw_attributes(self.tag.attributes_raw())
    }
}

/// Attributes of a tag, read leniently: what is no `name="value"` is passed over.
fn raw_attributes(mut rest: &str) -> impl Iterator<Item = (&str, &str)> {
    std::iter::from_fn(move || {
        loop {
            let (name, behind) = rest.split_once('=')?;
            let name = name.split_whitespace().next_back().unwrap_or_default();
            let behind = behind.trim_start();
            let quote = behind.chars().next()?;
            if quote != '"' && quote != '\'' {
                rest = behind;
                continue;
            }
            let value = behind.get(1..)?;
            let Some((value, behind)) = value.split_once(quote) else {
                rest = "";
                return Some((local(name), value));
            };
            rest = behind;
            return Some((local(name), value));
        }
    })
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// A walk over an XML text.
pub struct Xml<'x> {
    reader: Reader<&'x [u8]>,
    text: &'x str,
    finished: bool,
    /// Whether a document type was refused.
    pub refused_doctype: Option<Range<usize>>,
    unknown_entities: u32,
}

impl<'x> Xml<'x> {
    /// A walk from the beginning of `text`.
    pub fn new(text: &'x str) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        config.expand_empty_elements = true;
        Xml { reader, text, finished: false, refused_doctype: None, unknown_entities: 0 }
    }

    /// Offset of what comes next.
    pub fn at(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX).min(self.text.len())
    }

    /// The whole text.
    pub fn text(&self) -> &'x str {
        self.text
    }

    /// Takes the next node; `None` at the end. `offset` is where the text begins in the part.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub fn next(&mut self, offset: usize, cx: &mut Cx<'_>) -> Result<Option<Node<'x>>, LimitHit> {
        while !self.finished {
            let start = self.at();
            let event = self.reader.read_event();
            let end = self.at();
            cx.budget.step(1)?;
            let at = |place: usize| place.saturating_add(offset) as u64;
            match event {
                Ok(Event::Start(tag) | Event::Empty(tag)) => {
                    return Ok(Some(Node::Start(Element { tag, range: start..end })));
                }
                Ok(Event::End(tag)) => {
                    return Ok(Some(Node::End(Cow::Owned(local(tag.name().0).to_owned()))));
                }
                Ok(Event::Text(text)) => return Ok(Some(Node::Text(text.into_inner()))),
                Ok(Event::CData(text)) => return Ok(Some(Node::Text(text.into_inner()))),
                Ok(Event::GeneralRef(reference)) => {
                    let name = reference.into_inner();
                    let text = match resolved(&name) {
                        Some(letter) => Cow::Owned(letter.to_string()),
                        None => {
                            self.unknown_entities = self.unknown_entities.saturating_add(1);
                            Cow::Owned(format!("&{name};"))
                        }
                    };
                    return Ok(Some(Node::Text(text)));
                }
                Ok(Event::DocType(_)) => {
                    self.refused_doctype = Some(start..end);
                    cx.recovered(at(start), "a document type was refused, its entities are not expanded");
                }
                Ok(Event::Eof) => self.finished = true,
                Ok(Event::Decl(_) | Event::PI(_) | Event::Comment(_)) => {}
                Err(error) => {
                    self.finished = true;
                    let range = at(start.min(end))..at(self.text.len());
                    cx.abandoned(range, &format_args!("XML cannot be read on: {error}"));
                }
            }
        }
        if self.unknown_entities > 0 {
            cx.recovered(offset as u64, &format_args!("{} unknown entities", self.unknown_entities));
            self.unknown_entities = 0;
        }
        Ok(None)
    }
}

/// The character of a reference: one of the five of XML, or one by number.
fn resolved(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// Longest reference that is resolved in an attribute.
const REFERENCE: usize = 12;

/// An attribute value with its references resolved.
pub fn unescape(value: &str) -> Cow<'_, str> {
    if !value.contains('&') {
        return Cow::Borrowed(value);
    }
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, behind)) = rest.split_once('&') {
        out.push_str(before);
        let end = behind.bytes().take(REFERENCE).position(|byte| byte == b';');
        let reference = end.and_then(|end| Some((resolved(behind.get(..end)?)?, end.checked_add(1)?)));
        match reference {
            Some((letter, end)) => {
                out.push(letter);
                rest = behind.get(end..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The code that the XML declaration names.
pub fn stated_encoding(bytes: &[u8]) -> Option<crate::base::text::CodePage> {
    let head = bytes.get(..bytes.len().min(256))?;
    let head = String::from_utf8_lossy(head);
    let declaration = head.get(..head.find("?>")?)?;
    let (_, behind) = declaration.split_once("encoding")?;
    let value = behind.trim_start_matches(['=', ' ', '"', '\'']);
    let name = value.split(['"', '\'', ' ']).next()?;
    crate::documents::coded::page_named(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problem, Problems, Stage};

    fn walked(text: &str) -> (Vec<String>, Vec<Problem>) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::TextFormat, budget: &mut budget, problems: &mut problems };
        let mut xml = Xml::new(text);
        let mut out = Vec::new();
        while let Some(node) = xml.next(0, &mut cx).unwrap() {
            out.push(match node {
                Node::Start(element) => {
                    let attributes: Vec<_> =
                        element.attributes().map(|(name, value)| format!("{name}={value}")).collect();
                    format!("<{} {} @{}", element.name(), attributes.join(","), element.range.start)
                }
                Node::End(name) => format!(">{name}"),
                Node::Text(text) => text.into_owned(),
            });
        }
        (out, problems.list().to_vec())
    }

    #[test]
    fn elements_and_text_come_in_order_with_references_resolved() {
        let (nodes, problems) = walked("<w:a x:b='1' c=\"&lt;\">t&amp;&#x41;<d/><![CDATA[<e>]]></w:z></w:a>");
        assert_eq!(nodes, ["<a b=1,c=&lt; @0", "t", "&", "A", "<d  @34", ">d", "<e>", ">z", ">a"]);
        assert_eq!(problems, []);
        assert_eq!(unescape("a&lt;&#65;&x;&"), "a<A&x;&");
    }

    #[test]
    fn document_types_are_refused_and_entities_stay() {
        let (nodes, problems) = walked("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>");
        assert_eq!(nodes, ["<a  @30", "&b;", ">a"]);
        let messages: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(
            messages,
            ["a document type was refused, its entities are not expanded", "1 unknown entities"]
        );
        assert!(problems.iter().all(|problem| !problem.kind.bars_nothing_found()));
    }

    #[test]
    fn a_cut_text_is_told() {
        let (nodes, problems) = walked("<a>b<c d='");
        assert_eq!(nodes, ["<a  @0", "b"]);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].kind.bars_nothing_found());
    }
}
