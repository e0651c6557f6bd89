//! Cuts a text into the tokens of XML: tags, text, references, sections, and what is written aside.
//!
//! XML 1.0, without what it says of names and of what may stand where: tags need not match, and a
//! document type is passed over as a whole, so that nothing is ever expanded. Every token begins where
//! the one before it ends. One that has no end is the only error, and ends the text.

use std::borrow::Cow;

/// What stands next in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'x> {
    /// A start tag, also of an empty element.
    Start(StartTag<'x>),
    /// An end tag: the name in it.
    End(&'x str),
    /// Text without a reference.
    Text(&'x str),
    /// A reference, without `&` and `;`. An `&` that begins none is text.
    Reference(&'x str),
    /// The content of a CDATA section.
    Section(&'x str),
    /// A document type.
    DocType,
    /// A comment, a condition of VML, a processing instruction, or the XML declaration.
    Aside,
}

/// A start tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StartTag<'x> {
    /// The name, with its prefix.
    pub name: &'x str,
    /// What stands behind the name.
    pub attributes: &'x str,
    /// Whether the element ends with it.
    pub is_empty: bool,
}

/// What has no end, or is none of the things that may begin so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Broken {
    /// A tag.
    #[error("a tag has no end")]
    Tag,
    /// A comment.
    #[error("a comment has no end")]
    Comment,
    /// A CDATA section.
    #[error("a CDATA section has no end")]
    Section,
    /// A processing instruction, or the XML declaration.
    #[error("an instruction has no end")]
    Instruction,
    /// A document type.
    #[error("a document type has no end")]
    DocType,
    /// Something else between `<!` and `>`.
    #[error("\"<!\" begins neither a comment nor a section nor a document type")]
    Declaration,
}

/// The tokens of a text, in order.
#[derive(Debug)]
pub struct Tokens<'x> {
    text: &'x str,
    at: usize,
}

impl<'x> Tokens<'x> {
    /// Over a whole text. A byte order mark in front of it is passed over.
    pub fn new(text: &'x str) -> Self {
        let at = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        Tokens { text, at }
    }

    /// Where the next token begins.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The whole text.
    pub fn text(&self) -> &'x str {
        self.text
    }

    /// The next token; `None` at the end.
    ///
    /// # Errors
    /// [`Broken`] when it has no end. It is still the next one then.
    pub fn token(&mut self) -> Result<Option<Token<'x>>, Broken> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let (token, len) = match rest.as_bytes() {
            [] => return Ok(None),
            [b'<', b'/', ..] => {
                let end = tag_end(rest, 2)?;
                (Token::End(between(rest, 2, end).trim_ascii_end()), end.saturating_add(1))
            }
            [b'<', b'?', ..] => {
                let (_, len) = enclosed(rest, "<?", "?>").ok_or(Broken::Instruction)?;
                (Token::Aside, len)
            }
            [b'<', b'!', ..] => declaration(rest)?,
            [b'<', ..] => start_tag(rest)?,
            [b'&', ..] => reference(rest),
            bytes => {
                let end = bytes.iter().position(|byte| matches!(byte, b'<' | b'&')).unwrap_or(bytes.len());
                (Token::Text(between(rest, 0, end)), end)
            }
        };
        self.at = self.at.saturating_add(len);
        Ok(Some(token))
    }
}

/// The token at a `<` that begins a start tag, and its length.
fn start_tag(rest: &str) -> Result<(Token<'_>, usize), Broken> {
    let is_end = |byte: &u8| matches!(byte, b'>' | b'"' | b'\'') || byte.is_ascii_whitespace();
    let name_end = rest.bytes().position(|byte| is_end(&byte)).ok_or(Broken::Tag)?;
    let end = tag_end(rest, name_end)?;
    let inside = between(rest, 1, end);
    let (inside, is_empty) = inside.strip_suffix('/').map_or((inside, false), |inside| (inside, true));
    let (name, attributes) = inside.split_at_checked(name_end.saturating_sub(1)).unwrap_or((inside, ""));
    Ok((Token::Start(StartTag { name, attributes, is_empty }), end.saturating_add(1)))
}

/// Where the `>` of a tag stands: the first from `at` on that is in no quotes.
// Most values have a few letters, for which a plain search is faster than any that prepares itself.
fn tag_end(rest: &str, mut at: usize) -> Result<usize, Broken> {
    let bytes = rest.as_bytes();
    loop {
        let behind = bytes.get(at..).unwrap_or_default();
        let found = behind.iter().position(|byte| matches!(byte, b'>' | b'"' | b'\'')).ok_or(Broken::Tag)?;
        at = at.saturating_add(found);
        let (mark, value) = bytes.get(at..).and_then(<[u8]>::split_first).ok_or(Broken::Tag)?;
        if *mark == b'>' {
            return Ok(at);
        }
        let len = value.iter().position(|byte| byte == mark).ok_or(Broken::Tag)?;
        at = at.saturating_add(len).saturating_add(2);
    }
}

/// Bytes of one condition of VML.
const LONGEST_CONDITION: usize = 128;

/// The token at `<!`, and its length. `<![if gte mso 9]>` and `<![endif]>`, which Office writes into VML as it does
/// into HTML, are no XML and passed over.
fn declaration(rest: &str) -> Result<(Token<'_>, usize), Broken> {
    const DOC_TYPE: &str = "<!DOCTYPE";
    if rest.starts_with("<!--") {
        let (_, len) = enclosed(rest, "<!--", "-->").ok_or(Broken::Comment)?;
        return Ok((Token::Aside, len));
    }
    if rest.starts_with("<![CDATA[") {
        let (content, len) = enclosed(rest, "<![CDATA[", "]]>").ok_or(Broken::Section)?;
        return Ok((Token::Section(content), len));
    }
    if rest.starts_with("<![if") || rest.starts_with("<![endif") {
        let mut condition = rest.bytes().take(LONGEST_CONDITION);
        let end = condition.position(|byte| byte == b'>').ok_or(Broken::Declaration)?;
        return Ok((Token::Aside, end.saturating_add(1)));
    }
    if rest.get(..DOC_TYPE.len()).is_some_and(|start| start.eq_ignore_ascii_case(DOC_TYPE)) {
        return Ok((Token::DocType, doc_type(rest).ok_or(Broken::DocType)?));
    }
    Err(Broken::Declaration)
}

/// The length of a document type: up to the `>` that is in no quotes, comment or instruction, and ends no
/// declaration inside it.
fn doc_type(rest: &str) -> Option<usize> {
    let mut at = 0_usize;
    let mut open = 0_u32;
    loop {
        let behind = rest.get(at..)?;
        let found = behind.bytes().position(|byte| matches!(byte, b'<' | b'>' | b'"' | b'\''))?;
        let here = behind.get(found..)?;
        let len = match here.as_bytes().first()? {
            b'<' if here.starts_with("<!--") => enclosed(here, "<!--", "-->")?.1,
            b'<' if here.starts_with("<?") => enclosed(here, "<?", "?>")?.1,
            b'<' => {
                open = open.saturating_add(1);
                1
            }
            b'>' => {
                open = open.saturating_sub(1);
                1
            }
            b'"' => enclosed(here, "\"", "\"")?.1,
            _ => enclosed(here, "'", "'")?.1,
        };
        at = at.saturating_add(found).saturating_add(len);
        if open == 0 {
            return Some(at);
        }
    }
}

/// The token at an `&`, and its length.
fn reference(rest: &str) -> (Token<'_>, usize) {
    let behind = rest.bytes().skip(1);
    let len = behind.take_while(|byte| !matches!(byte, b';' | b'&' | b'<')).count();
    let end = len.saturating_add(1);
    match rest.as_bytes().get(end) {
        Some(b';') => (Token::Reference(between(rest, 1, end)), end.saturating_add(1)),
        _ => (Token::Text(between(rest, 0, end)), end),
    }
}

/// What stands behind `start`, with which the text begins, up to `end`; and the length of all three.
fn enclosed<'x>(rest: &'x str, start: &str, end: &str) -> Option<(&'x str, usize)> {
    let inside = rest.get(start.len()..)?;
    let len = inside.find(end)?;
    Some((inside.get(..len)?, start.len().saturating_add(len).saturating_add(end.len())))
}

/// A piece of the text. Cuts are at ASCII, so that they are between characters.
fn between(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).unwrap_or_default()
}

/// A name without its prefix.
pub fn local(name: &str) -> &str {
    let colon = name.bytes().rposition(|byte| byte == b':');
    colon.and_then(|colon| name.get(colon.saturating_add(1)..)).unwrap_or(name)
}

/// An attribute as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute<'x> {
    /// The prefix of its name, or nothing.
    pub prefix: &'x str,
    /// Its name without the prefix.
    pub local: &'x str,
    /// Its value, references unresolved.
    pub value: &'x str,
}

/// The attributes in what stands behind the name of a tag. A value without quotes ends at a blank; a word
/// without a value is passed over.
#[derive(Debug, Clone)]
pub struct Attributes<'x> {
    rest: &'x str,
}

impl<'x> Attributes<'x> {
    /// Over [`StartTag::attributes`].
    pub fn new(attributes: &'x str) -> Self {
        Attributes { rest: attributes }
    }
}

impl<'x> Iterator for Attributes<'x> {
    type Item = Attribute<'x>;

    // Bytes, not characters: a page of cells has millions of attributes, most of them short, and all
    // that is looked for is ASCII.
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.rest;
            let (prefix, local, equals) = name_before_equals(rest)?;
            let behind = rest.get(equals.saturating_add(1)..)?.trim_ascii_start();
            let quote = behind.bytes().next()?;
            let is_quoted = matches!(quote, b'"' | b'\'');
            let value = if is_quoted { behind.get(1..)? } else { behind };
            let end = value
                .bytes()
                .position(|byte| if is_quoted { byte == quote } else { byte.is_ascii_whitespace() });
            let end = if is_quoted { end? } else { end.unwrap_or(value.len()) };
            self.rest = value.get(end.saturating_add(usize::from(is_quoted))..)?;
            if local.is_empty() && is_quoted {
                continue;
            }
            return Some(Attribute { prefix, local, value: value.get(..end)? });
        }
    }
}

/// Prefix and local name of the last word before the first `=`, and where that stands.
fn name_before_equals(rest: &str) -> Option<(&str, &str, usize)> {
    let (mut start, mut end, mut colon) = (0_usize, 0_usize, None);
    let mut between_words = true;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'=' => {
                let name = between(rest, start, end);
                let (prefix, local) = colon.map_or(("", name), |colon: usize| {
                    (between(rest, start, colon), between(rest, colon.saturating_add(1), end))
                });
                return Some((prefix, local, at));
            }
            _ if byte.is_ascii_whitespace() => between_words = true,
            _ => {
                if between_words {
                    between_words = false;
                    (start, colon) = (at, None);
                }
                if byte == b':' && colon.is_none() {
                    colon = Some(at);
                }
                end = at.saturating_add(1);
            }
        }
    }
    None
}

/// The character of a reference: one of the five of XML, or one by number.
pub fn resolved(name: &str) -> Option<char> {
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

/// Longest reference that is resolved in a value.
const REFERENCE: usize = 12;

/// Resolves the five references of XML and those by number; others stay as written.
pub fn unescape(value: &str) -> Cow<'_, str> {
    if !value.contains('&') {
        return Cow::Borrowed(value);
    }
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, behind)) = rest.split_once('&') {
        text.push_str(before);
        let end = behind.bytes().take(REFERENCE).position(|byte| byte == b';');
        let letter = end.and_then(|end| Some((resolved(behind.get(..end)?)?, end)));
        match letter {
            Some((letter, end)) => {
                text.push(letter);
                rest = behind.get(end.saturating_add(1)..).unwrap_or_default();
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The tokens of a text, where it breaks off, and what is broken there.
    fn cut(text: &str) -> (Vec<Token<'_>>, usize, Option<Broken>) {
        let mut tokens = Tokens::new(text);
        let mut list = Vec::new();
        loop {
            match tokens.token() {
                Ok(Some(token)) => list.push(token),
                Ok(None) => return (list, tokens.at(), None),
                Err(broken) => return (list, tokens.at(), Some(broken)),
            }
        }
    }

    fn start<'x>(name: &'x str, attributes: &'x str, is_empty: bool) -> Token<'x> {
        Token::Start(StartTag { name, attributes, is_empty })
    }

    #[test]
    fn every_kind_of_token_is_cut_where_it_ends() {
        let text = "\u{FEFF}<?xml version='1.0'?><!-- > --><x:a r:id = \"<'>\">t&amp;u & v<b/></x:a ><![CDATA[<&]]>]";
        let expected = [
            Token::Aside,
            Token::Aside,
            start("x:a", " r:id = \"<'>\"", false),
            Token::Text("t"),
            Token::Reference("amp"),
            Token::Text("u "),
            Token::Text("& v"),
            start("b", "", true),
            Token::End("x:a"),
            Token::Section("<&"),
            Token::Text("]"),
        ];
        assert_eq!(cut(text), (expected.to_vec(), text.len(), None));
    }

    #[test]
    fn document_types_are_one_token_whatever_is_in_them() {
        for doc_type in [
            "<!DOCTYPE a>",
            "<!doctype a SYSTEM 'x>y' \"<\">",
            "<!DOCTYPE a [<!ENTITY b \"c>'\"><!-- ' > --><?d > ?> %e; ]>",
        ] {
            let text = format!("{doc_type}<a>");
            assert_eq!(cut(&text), (vec![Token::DocType, start("a", "", false)], text.len(), None));
        }
    }

    #[test]
    fn token_without_an_end_says_where_it_begins() {
        for (token, broken) in [
            ("<", Broken::Tag),
            ("<b c='>", Broken::Tag),
            ("</b", Broken::Tag),
            ("<?b", Broken::Instruction),
            ("<?>", Broken::Instruction),
            ("<!-- >", Broken::Comment),
            ("<!-->", Broken::Comment),
            ("<![CDATA[ ]>", Broken::Section),
            ("<!DOCTYPE [<!ENTITY>", Broken::DocType),
            ("<!ELEMENT b>", Broken::Declaration),
            ("<![if b", Broken::Declaration),
        ] {
            let text = format!("<a>{token}");
            assert_eq!(cut(&text), (vec![start("a", "", false)], 3, Some(broken)), "{token}");
        }
    }

    #[test]
    fn attributes_without_value_or_quotes_do_not_end_the_list() {
        let list = |text: &'static str| -> Vec<_> {
            Attributes::new(text).map(|found| (found.prefix, found.local, found.value)).collect()
        };
        assert_eq!(
            list(" a b:c=1\td = '2>' ='lost' e:f:g=\"&lt;\" h"),
            [("b", "c", "1"), ("", "d", "2>"), ("e", "f:g", "&lt;")]
        );
        assert_eq!(list(" a='1' b='2"), [("", "a", "1")]);
    }

    #[test]
    fn references_that_are_not_known_stay() {
        assert_eq!(unescape("a&lt;&#65;&#x0010FFFF;&x;&"), "a<A\u{10FFFF}&x;&");
    }
}
