//! Walks XML that Office reads: elements by their local name, text with its references resolved.
//!
//! A document type is refused as Office refuses it: it is recorded, its entities stay as they are written.
//! End tags need not match. A syntax error ends the walk and is told; everything before it counts.

use std::borrow::Cow;
use std::ops::Range;

use crate::base::{Cx, LimitHit};
use crate::documents::markup::{Attributes, StartTag, Token, Tokens, local, resolved};

pub use crate::documents::markup::unescape;

/// What stands next in an XML text.
#[derive(Debug)]
pub enum Node<'x> {
    /// A start tag, also of an empty element; its end follows.
    Start(Element<'x>),
    /// An end tag, with the local name of the element.
    End(&'x str),
    /// Text or a CDATA section, or a piece of it.
    Text(Cow<'x, str>),
}

/// A start tag.
#[derive(Debug)]
pub struct Element<'x> {
    tag: StartTag<'x>,
    /// Where it stands in the text, brackets included.
    pub range: Range<usize>,
}

impl Element<'_> {
    /// Its name without the prefix.
    pub fn name(&self) -> &str {
        local(self.tag.name)
    }

    /// The value of an attribute, told by its name without the prefix.
    pub fn attribute(&self, name: &str) -> Option<String> {
        self.attributes().find(|(known, _)| *known == name).map(|(_, value)| unescape(value).into_owned())
    }

    /// Names without prefix and raw values of all attributes.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        Attributes::new(self.tag.attributes).map(|found| (found.local, found.value))
    }
}

/// A walk over an XML text.
pub struct Xml<'x> {
    tokens: Tokens<'x>,
    /// The name of an empty element whose end comes next.
    empty: Option<&'x str>,
    finished: bool,
    /// Whether a document type was refused.
    pub refused_doctype: Option<Range<usize>>,
    /// The address of a style sheet, and where it is named.
    pub style_sheet: Option<(String, Range<usize>)>,
    unknown_entities: u32,
}

impl<'x> Xml<'x> {
    /// A walk from the beginning of `text`.
    pub fn new(text: &'x str) -> Self {
        let tokens = Tokens::new(text);
        Xml {
            tokens,
            empty: None,
            finished: false,
            refused_doctype: None,
            style_sheet: None,
            unknown_entities: 0,
        }
    }

    /// Offset of what comes next.
    pub fn at(&self) -> usize {
        self.tokens.at()
    }

    /// The whole text.
    pub fn text(&self) -> &'x str {
        self.tokens.text()
    }

    /// Takes the next node; `None` at the end. `offset` is where the text begins in the part.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub fn next(&mut self, offset: usize, cx: &mut Cx<'_>) -> Result<Option<Node<'x>>, LimitHit> {
        if let Some(name) = self.empty.take() {
            cx.budget.step(1)?;
            return Ok(Some(Node::End(local(name))));
        }
        while !self.finished {
            let start = self.at();
            let token = self.tokens.token();
            let end = self.at();
            cx.budget.step(1)?;
            let at = |place: usize| place.saturating_add(offset) as u64;
            match token {
                Ok(Some(Token::Start(tag))) => {
                    self.empty = tag.is_empty.then_some(tag.name);
                    return Ok(Some(Node::Start(Element { tag, range: start..end })));
                }
                Ok(Some(Token::End(name))) => return Ok(Some(Node::End(local(name)))),
                Ok(Some(Token::Text(text) | Token::Section(text))) => {
                    return Ok(Some(Node::Text(Cow::Borrowed(text))));
                }
                Ok(Some(Token::Reference(name))) => {
                    let text = match resolved(name) {
                        Some(letter) => letter.to_string(),
                        None => {
                            self.unknown_entities = self.unknown_entities.saturating_add(1);
                            format!("&{name};")
                        }
                    };
                    return Ok(Some(Node::Text(Cow::Owned(text))));
                }
                Ok(Some(Token::DocType)) => {
                    self.refused_doctype = Some(start..end);
                    cx.recovered(at(start), "a document type was refused, its entities are not expanded");
                }
                Ok(Some(Token::Aside)) => {
                    let aside = self.text().get(start..end).unwrap_or_default();
                    if let Some(rest) = aside.strip_prefix("<?xml-stylesheet") {
                        let address = Attributes::new(rest).find(|found| found.local == "href");
                        let address = address.map(|found| unescape(found.value).into_owned());
                        cx.budget.hold(address.as_ref().map_or(0, String::len))?;
                        self.style_sheet = address.map(|address| (address, start..end));
                    }
                }
                Ok(None) => self.finished = true,
                Err(broken) => {
                    self.finished = true;
                    let range = at(start)..at(self.text().len());
                    cx.abandoned(range, &format_args!("XML cannot be read on: {broken}"));
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
