//! XML of a part, as a row of nodes.
//!
//! Bytes become UTF-8 first: by their mark, by the pattern of the first characters, by the encoding
//! that the declaration names. Names are compared without their prefix, so that strict and
//! transitional documents, and any choice of prefixes, are one. A document type is noted and skipped,
//! and entities of its own stay as they are written: nothing is expanded. Tags that do not match are
//! passed over; where the syntax ends, so does the part, and the rest is a problem.

use std::borrow::Cow;

use encoding_rs::Encoding;

use crate::base::{Cx, LimitHit};
use crate::documents::markup::{Attributes, StartTag, Token, Tokens, local, resolved};

pub use crate::documents::markup::unescape;

/// Bytes of XML that one step pays for: twice the work of plain bytes.
const STEP_BYTES: u64 = 32;

/// The text of a part. Borrowed where it is UTF-8.
///
/// # Errors
/// [`LimitHit`] when the budget does not last.
pub fn text<'a>(bytes: &'a [u8], cx: &mut Cx<'_>) -> Result<Cow<'a, str>, LimitHit> {
    cx.budget.touch(bytes.len())?;
    let declared = || declared_encoding(bytes);
    let (encoding, body) = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => (encoding_rs::UTF_8, rest),
        [0xFF, 0xFE, rest @ ..] => (encoding_rs::UTF_16LE, rest),
        [0xFE, 0xFF, rest @ ..] => (encoding_rs::UTF_16BE, rest),
        [b'<', 0, ..] => (encoding_rs::UTF_16LE, bytes),
        [0, b'<', ..] => (encoding_rs::UTF_16BE, bytes),
        _ => (declared().unwrap_or(encoding_rs::UTF_8), bytes),
    };
    if encoding == encoding_rs::UTF_8
        && let Ok(text) = str::from_utf8(body)
    {
        return Ok(Cow::Borrowed(text));
    }
    cx.budget.own(bytes.len() as u64)?;
    cx.budget.touch(bytes.len())?;
    let (text, broken) = encoding.decode_without_bom_handling(body);
    if broken {
        cx.recovered(0, &format_args!("text that is no {}", encoding.name()));
    } else if encoding != encoding_rs::UTF_8 {
        cx.recovered(0, &format_args!("text in {}", encoding.name()));
    }
    Ok(Cow::Owned(text.into_owned()))
}

/// The encoding of the XML declaration, when it is one that keeps ASCII.
fn declared_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..256).unwrap_or(bytes);
    let head = head.trim_ascii_start();
    if !head.starts_with(b"<?xml") {
        return None;
    }
    let end = head.iter().position(|byte| *byte == b'>')?;
    let declaration = str::from_utf8(head.get(..end)?).ok()?;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let label = value.get(1..)?.split(quote).next()?;
    // A declaration that can be read byte by byte is no UTF-16, whatever it says.
    Encoding::for_label(label.as_bytes()).filter(|encoding| encoding.is_ascii_compatible())
}

/// One node.
#[derive(Debug)]
pub enum Node<'a> {
    /// The start of an element. Its end follows, for an empty one as well.
    Start(Tag<'a>),
    /// The end of an element.
    End(EndTag<'a>),
    /// Text, references resolved.
    Text(Cow<'a, str>),
}

/// The start tag of an element.
#[derive(Debug)]
pub struct Tag<'a> {
    tag: StartTag<'a>,
    /// Where it begins in the text.
    pub at: u64,
}

/// The end tag of an element.
#[derive(Debug)]
pub struct EndTag<'a>(&'a str);

impl EndTag<'_> {
    /// The name without its prefix.
    pub fn local(&self) -> &str {
        local(self.0)
    }
}

impl Tag<'_> {
    /// The name without its prefix.
    pub fn local(&self) -> &str {
        local(self.tag.name)
    }

    /// The prefix of the name, or nothing.
    pub fn prefix(&self) -> &str {
        self.tag.name.rsplit_once(':').map_or("", |(prefix, _)| prefix)
    }

    /// The value of an attribute by its local name. One without a prefix goes before one with.
    pub fn attr(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut prefixed = None;
        for (prefix, local, value) in self.attrs() {
            if local == name {
                if prefix.is_empty() {
                    return Some(unescape(value));
                }
                prefixed = prefixed.or(Some(value));
            }
        }
        prefixed.map(unescape)
    }

    /// The value of an attribute that has any prefix: `r:id`.
    pub fn prefixed(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut attrs = self.attrs();
        attrs
            .find(|(prefix, local, _)| !prefix.is_empty() && *local == name)
            .map(|(.., value)| unescape(value))
    }

    /// An attribute that is true or false.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.attr(name).map(|value| matches!(value.trim(), "1" | "true" | "on" | "True" | "TRUE" | "t"))
    }

    /// An attribute that is a number.
    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.attr(name)?.trim().parse().ok()
    }

    /// Prefix, local name and raw value of each attribute; what is no attribute is passed over.
    pub fn attrs(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        Attributes::new(self.tag.attributes).map(|found| (found.prefix, found.local, found.value))
    }
}

/// Reads the nodes of a text in order.
pub struct Nodes<'a> {
    tokens: Tokens<'a>,
    /// The name of an empty element whose end comes next.
    empty: Option<&'a str>,
    paid: u64,
    /// Whether a document type was met.
    pub has_doctype: bool,
    done: bool,
}

impl<'a> Nodes<'a> {
    /// Over a whole part.
    pub fn new(text: &'a str) -> Self {
        Nodes { tokens: Tokens::new(text), empty: None, paid: 0, has_doctype: false, done: false }
    }

    /// Where the next node begins.
    pub fn at(&self) -> u64 {
        self.tokens.at() as u64
    }

    /// The next node; `None` at the end, or where the syntax ends.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub fn next(&mut self, cx: &mut Cx<'_>) -> Result<Option<Node<'a>>, LimitHit> {
        if let Some(name) = self.empty.take() {
            return Ok(Some(Node::End(EndTag(name))));
        }
        while !self.done {
            let at = self.at();
            let token = self.tokens.token();
            let due = self.at() / STEP_BYTES;
            cx.budget.step(due.saturating_sub(self.paid))?;
            self.paid = due;
            match token {
                Ok(Some(Token::Start(tag))) => {
                    self.empty = tag.is_empty.then_some(tag.name);
                    return Ok(Some(Node::Start(Tag { tag, at })));
                }
                Ok(Some(Token::End(name))) => return Ok(Some(Node::End(EndTag(name)))),
                Ok(Some(Token::Text(text) | Token::Section(text))) => {
                    return Ok(Some(Node::Text(one_line_end(text))));
                }
                Ok(Some(Token::Reference(name))) => {
                    let text = match resolved(name) {
                        Some(letter) => letter.to_string(),
                        None => format!("&{name};"),
                    };
                    return Ok(Some(Node::Text(Cow::Owned(text))));
                }
                Ok(Some(Token::DocType)) => {
                    if !self.has_doctype {
                        cx.recovered(at, "a document type, which is not read");
                    }
                    self.has_doctype = true;
                }
                Ok(Some(Token::Aside)) => {}
                Ok(None) => self.done = true,
                Err(broken) => {
                    self.done = true;
                    let len = self.tokens.text().len() as u64;
                    cx.budget.step((len / STEP_BYTES).saturating_sub(self.paid))?;
                    cx.abandoned(at..len, &format_args!("XML ends here: {broken}"));
                }
            }
        }
        Ok(None)
    }

    /// The text up to the end of the element whose start was just read, at most `most` bytes of it.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub fn text_of(&mut self, into: &mut String, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let mut depth = 1_u32;
        while let Some(node) = self.next(cx)? {
            match node {
                Node::Start(_) => depth = depth.saturating_add(1),
                Node::End(_) => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        break;
                    }
                }
                Node::Text(text) => into.push_str(&text),
            }
        }
        Ok(())
    }
}

/// Every line end as a line feed ([XML] 2.11).
fn one_line_end(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Undoes the escapes of [ECMA-376] 22.9.2.19 `ST_Xstring`: `_x000D_` is a carriage return.
pub fn unescape_xstring(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("_x") {
        let code = behind
            .get(..4)
            .filter(|_| behind.get(4..5) == Some("_"))
            .filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|hex| u16::from_str_radix(hex, 16).ok());
        if !before.is_empty() {
            flush(&mut units, &mut out);
            out.push_str(before);
        }
        match code {
            Some(code) => {
                units.push(code);
                rest = behind.get(5..).unwrap_or_default();
            }
            None => {
                flush(&mut units, &mut out);
                out.push_str("_x");
                rest = behind;
            }
        }
    }
    flush(&mut units, &mut out);
    out.push_str(rest);
    Cow::Owned(out)
}

fn flush(units: &mut Vec<u16>, out: &mut String) {
    out.extend(char::decode_utf16(units.iter().copied()).map(|letter| letter.unwrap_or('\u{FFFD}')));
    units.clear();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn with_cx<T>(work: impl FnOnce(&mut Cx<'_>) -> T) -> (T, Problems) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::Package, budget: &mut budget, problems: &mut problems };
        let result = work(&mut cx);
        (result, problems)
    }

    fn shown(text: &str) -> (String, Problems) {
        with_cx(|cx| {
            let mut nodes = Nodes::new(text);
            let mut shown = String::new();
            while let Some(node) = nodes.next(cx).unwrap() {
                match node {
                    Node::Start(tag) => {
                        shown += &format!("<{}", tag.local());
                        tag.attrs()
                            .for_each(|(prefix, name, value)| shown += &format!(" {prefix}|{name}={value}"));
                        shown += ">";
                    }
                    Node::End(tag) => shown += &format!("</{}>", tag.local()),
                    Node::Text(text) => shown += &text,
                }
            }
            shown
        })
    }

    #[test]
    fn prefixes_references_and_empty_elements_are_read_alike() {
        let (text, problems) =
            shown("<?xml version='1.0'?><x:a r:id = 'R1' n=\"1\"><b/>1 &lt; 2 &#x41;<![CDATA[<&]]></x:a >");
        assert_eq!(text, "<a r|id=R1 |n=1><b></b>1 < 2 A<&</a>");
        assert_eq!(problems.list(), []);
    }

    #[test]
    fn conditions_of_vml_are_passed_over() {
        let (text, problems) = shown("<a><![if gte mso 9]><b/><![endif]><![CDATA[x]]></a>");
        assert_eq!(text, "<a><b></b>x</a>");
        assert_eq!(problems.list(), []);
    }

    #[test]
    fn document_types_are_noted_and_entities_stay() {
        let (text, problems) = shown("<!DOCTYPE a [<!ENTITY b \"cc\"><!ENTITY d \"&b;&b;\">]><a>&d;</a>");
        assert_eq!(text, "<a>&d;</a>");
        assert_eq!(problems.list().len(), 1);
        assert!(!problems.bar_nothing_found());
    }

    #[test]
    fn tags_that_do_not_match_are_passed_over_and_broken_syntax_is_told() {
        assert_eq!(shown("<a><b></a>x</c>").0, "<a><b></a>x</c>");
        let (text, problems) = shown("<a>x<b c='</a>");
        assert_eq!(text, "<a>x");
        assert!(problems.bar_nothing_found());
    }

    #[test]
    fn encodings_are_told_from_marks_patterns_and_declarations() {
        let plain = "<?xml version=\"1.0\"?><a>\u{e4}</a>";
        let utf16: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [&[0xFF, 0xFE][..], &utf16].concat();
        let latin = b"<?xml version=\"1.0\" encoding='iso-8859-1'?><a>\xe4</a>";
        let lying = b"<?xml version=\"1.0\" encoding='utf-16'?><a>\xc3\xa4</a>";
        for bytes in [plain.as_bytes(), &utf16, &marked, latin, lying] {
            let decoded = with_cx(|cx| text(bytes, cx).unwrap().into_owned()).0;
            assert!(decoded.ends_with("<a>\u{e4}</a>"), "{decoded:?}");
        }
        let (broken, problems) = with_cx(|cx| text(b"<a>\xff</a>", cx).unwrap().into_owned());
        assert_eq!(broken, "<a>\u{fffd}</a>");
        assert_eq!(problems.list().len(), 1);
    }

    #[test]
    fn escapes_of_strings_are_undone() {
        let cases = [
            ("a_x000D__x000A_b", "a\r\nb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_xD83D__xDE00_", "😀"),
            ("_x12", "_x12"),
        ];
        for (text, expected) in cases {
            assert_eq!(unescape_xstring(text), expected);
        }
    }

    #[test]
    fn attributes_without_value_or_quotes_do_not_end_the_list() {
        assert_eq!(shown("<a b c=1 d='2'>").0, "<a |c=1 |d=2>");
    }
}
