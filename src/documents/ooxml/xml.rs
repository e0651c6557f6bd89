//! XML of a part, as a row of nodes.
//!
//! Bytes become UTF-8 first: by their mark, by the pattern of the first characters, by the encoding
//! that the declaration names. Names are compared without their prefix, so that strict and
//! transitional documents, and any choice of prefixes, are one. A document type is noted and skipped,
//! and entities of its own stay as they are written: nothing is expanded. Tags that do not match are
//! passed over; where the syntax ends, so does the part, and the rest is a problem.

use std::borrow::Cow;

use encoding_rs::Encoding;
use quick_xml::Reader;
use quick_xml::events::{BytesEnd, BytesStart, Event};

use crate::base::{Cx, LimitHit};

/// Bytes of XML that one step pays for: twice the work of plain bytes.
const STEP_BYTES: u64 = 32;

/// Bytes of one condition of VML.
const LONGEST_CONDITION: usize = 128;

/// How deep elements may nest. Tags of HTML without an end count for as long as the part goes on.
const MAX_DEPTH: u32 = 1 << 17;

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
        return without_conditions(Cow::Borrowed(text), cx);
    }
    cx.budget.own(bytes.len() as u64)?;
    cx.budget.touch(bytes.len())?;
    let (text, broken) = encoding.decode_without_bom_handling(body);
    if broken {
        cx.recovered(0, &format_args!("text that is no {}", encoding.name()));
    } else if encoding != encoding_rs::UTF_8 {
        cx.recovered(0, &format_args!("text in {}", encoding.name()));
    }
    without_conditions(Cow::Owned(text.into_owned()), cx)
}

/// The text with blanks in place of `<![if gte mso 9]>` and `<![endif]>`, which Office writes into VML as it
/// does into HTML. In XML they are an error that would end the part.
fn without_conditions<'a>(text: Cow<'a, str>, cx: &mut Cx<'_>) -> Result<Cow<'a, str>, LimitHit> {
    if !text.contains("<![if") && !text.contains("<![endif") {
        return Ok(text);
    }
    cx.budget.touch(text.len())?;
    cx.budget.own(text.len() as u64)?;
    let mut out = String::new();
    // The text is there.
    let _ = out.try_reserve_exact(text.len());
    let mut rest = text.as_ref();
    while let Some(at) = rest.find("<![") {
        let (before, mark) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let is_condition = ["<![if", "<![endif"].iter().any(|start| mark.starts_with(start));
        let end =
            mark.bytes().take(if is_condition { LONGEST_CONDITION } else { 0 }).position(|byte| byte == b'>');
        match end.and_then(|end| mark.split_at_checked(end.saturating_add(1))) {
            // As many bytes as before, so that places stay.
            Some((condition, behind)) => {
                out.extend(std::iter::repeat_n(' ', condition.len()));
                rest = behind;
            }
            None => {
                let (start, behind) = mark.split_at_checked(3).unwrap_or((mark, ""));
                out.push_str(start);
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    Ok(Cow::Owned(out))
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
    tag: BytesStart<'a>,
    /// Where it begins in the text.
    pub at: u64,
}

/// The end tag of an element.
#[derive(Debug)]
pub struct EndTag<'a>(BytesEnd<'a>);

impl EndTag<'_> {
    /// The name without its prefix.
    pub fn local(&self) -> &str {
        local(self.0.trim_ascii_end())
    }
}

fn local(name: &str) -> &str {
    let colon = name.bytes().rposition(|byte| byte == b':');
    colon.and_then(|colon| name.get(colon.saturating_add(1)..)).unwrap_or(name)
}

impl Tag<'_> {
    fn name(&self) -> &str {
        self.tag.name().into_inner()
    }

    /// The name without its prefix.
    pub fn local(&self) -> &str {
        local(self.name())
    }

    /// The prefix of the name, or nothing.
    pub fn prefix(&self) -> &str {
        self.name().rsplit_once(':').map_or("", |(prefix, _)| prefix)
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
        Attributes { rest: self.tag.attributes_raw() }
    }
}

struct Attributes<'t> {
    rest: &'t str,
}

impl<'t> Iterator for Attributes<'t> {
    type Item = (&'t str, &'t str, &'t str);

    // Bytes, not characters: a page of cells has millions of attributes, most of them short, and all
    // that is looked for is ASCII.
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.rest;
            let equals = rest.bytes().position(|byte| byte == b'=')?;
            // Something without a value before it is left out.
            let name = rest.get(..equals)?.trim_ascii();
            let gap = name.bytes().rposition(|byte| byte.is_ascii_whitespace());
            let name = gap.and_then(|gap| name.get(gap.saturating_add(1)..)).unwrap_or(name);
            let behind = rest.get(equals.saturating_add(1)..)?.trim_ascii_start();
            let quote = behind.bytes().next()?;
            let is_quoted = matches!(quote, b'"' | b'\'');
            let value = if is_quoted { behind.get(1..)? } else { behind };
            let end = value
                .bytes()
                .position(|byte| if is_quoted { byte == quote } else { byte.is_ascii_whitespace() });
            let end = if is_quoted { end? } else { end.unwrap_or(value.len()) };
            self.rest = value.get(end.saturating_add(usize::from(is_quoted))..)?;
            if name.is_empty() && is_quoted {
                continue;
            }
            let value = value.get(..end)?;
            let colon = name.bytes().position(|byte| byte == b':');
            let (prefix, local) = match colon {
                Some(colon) => (name.get(..colon)?, name.get(colon.saturating_add(1)..)?),
                None => ("", name),
            };
            return Some((prefix, local, value));
        }
    }
}

/// Resolves the five references of XML and those by number; others stay as written.
pub fn unescape(value: &str) -> Cow<'_, str> {
    if !value.contains('&') {
        return Cow::Borrowed(value);
    }
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, behind)) = rest.split_once('&') {
        text.push_str(before);
        let name = behind.find(';').filter(|end| *end <= 10).and_then(|end| behind.get(..end));
        match name.and_then(|name| Some((resolved(name)?, behind.get(name.len().saturating_add(1)..)?))) {
            Some((letter, behind)) => {
                text.push(letter);
                rest = behind;
            }
            None => {
                text.push('&');
                rest = behind;
            }
        }
    }
    text.push_str(rest);
    Cow::Owned(text)
}

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

/// Reads the nodes of a text in order.
pub struct Nodes<'a> {
    reader: Reader<&'a [u8]>,
    paid: u64,
    len: u64,
    /// Whether a document type was met.
    pub has_doctype: bool,
    /// Elements that are open.
    depth: u32,
    done: bool,
}

impl<'a> Nodes<'a> {
    /// Over a whole part.
    pub fn new(text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        config.expand_empty_elements = true;
        Nodes { reader, paid: 0, len: text.len() as u64, has_doctype: false, depth: 0, done: false }
    }

    /// Where the next node begins.
    pub fn at(&self) -> u64 {
        self.reader.buffer_position()
    }

    /// The next node; `None` at the end, or where the syntax ends.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub fn next(&mut self, cx: &mut Cx<'_>) -> Result<Option<Node<'a>>, LimitHit> {
        while !self.done {
            let at = self.reader.buffer_position();
            let event = self.reader.read_event();
            let now = self.reader.buffer_position();
            let due = now / STEP_BYTES;
            cx.budget.step(due.saturating_sub(self.paid))?;
            self.paid = due.max(self.paid);
            match event {
                Ok(Event::Start(tag) | Event::Empty(tag)) => {
                    // The parser keeps a note of each open element.
                    self.depth = self.depth.saturating_add(1);
                    if self.depth > MAX_DEPTH {
                        self.done = true;
                        cx.abandoned(at..self.len, "elements nest too deep");
                        return Ok(None);
                    }
                    return Ok(Some(Node::Start(Tag { tag, at })));
                }
                Ok(Event::End(tag)) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Some(Node::End(EndTag(tag))));
                }
                Ok(Event::Text(text)) => return Ok(Some(Node::Text(one_line_end(text.into_inner())))),
                Ok(Event::CData(text)) => return Ok(Some(Node::Text(one_line_end(text.into_inner())))),
                Ok(Event::GeneralRef(name)) => {
                    let text = match resolved(&name) {
                        Some(letter) => letter.to_string(),
                        None => format!("&{};", &*name),
                    };
                    return Ok(Some(Node::Text(Cow::Owned(text))));
                }
                Ok(Event::DocType(_)) => {
                    if !self.has_doctype {
                        cx.recovered(at, "a document type, which is not read");
                    }
                    self.has_doctype = true;
                }
                Ok(Event::Decl(_) | Event::PI(_) | Event::Comment(_)) => {}
                Ok(Event::Eof) => self.done = true,
                Err(error) => {
                    self.done = true;
                    let start = self.reader.error_position().min(self.len);
                    cx.abandoned(start..self.len, &format_args!("XML ends here: {error}"));
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
fn one_line_end(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { text }
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
    fn conditions_of_vml_are_blanks() {
        let read = |xml: &str| with_cx(|cx| text(xml.as_bytes(), cx).unwrap().into_owned());
        let (text, problems) = read("<a><![if gte mso 9]><b/><![endif]><![CDATA[x]]></a>");
        assert_eq!(text, format!("<a>{}<b/>{}<![CDATA[x]]></a>", " ".repeat(17), " ".repeat(10)));
        assert_eq!(problems.list(), []);
        let open = "<![if ".repeat(100);
        assert_eq!(read(&open).0, open);
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
