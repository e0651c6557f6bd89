//! Web pages as Office writes and reads them: text, links, formulas of cells, and what a script would open.
//!
//! One pass over tags as browsers take them: names in any letter case, quotes optional, nothing has to be
//! closed. The contents of conditional comments are read, because Office reads them. Scripts are not run and
//! not read but for the addresses that they open; that they are there is told.

use std::ops::Range;

use super::coded::Coded;
use super::document::{Document, DocumentKind, DocumentText, HiddenText, TextPlace};
use super::flat::xml::unescape;
use super::link::{Link, LinkKind};
use crate::base::{Cx, LimitHit, Place};

/// What a page holds besides its text.
#[derive(Debug, Default)]
pub struct Extras {
    /// What it refers to.
    pub links: Vec<Link>,
    /// Formulas of cells, with their place in the part.
    pub formulas: Vec<(String, u64)>,
}

/// Longest tag that is looked at; attributes behind that are left out.
const TAG: usize = 64 << 10;
/// Longest condition of a conditional comment.
const CONDITION: usize = 512;
/// Shorter texts are joined with those before them: a table of numbers must not cost a text a cell.
const SHORT: usize = 512;
/// Longest text that one piece of the document gets.
const PIECE: usize = 16 << 10;

/// Reads a page.
///
/// # Errors
/// [`LimitHit`] when the steps or the memory of models do not last; what was read is kept.
pub fn read(
    coded: &Coded<'_>,
    document: &mut Document,
    extras: &mut Extras,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    document.kind = DocumentKind::Html;
    let text = coded.text.as_ref();
    let mut page = Page {
        coded,
        document,
        extras,
        text: String::new(),
        range: 0..0,
        hidden: None,
        wanted: None,
        scripts: None,
    };
    let mut at = 0_usize;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        cx.budget.step(1)?;
        let open = rest.find('<').unwrap_or(rest.len());
        cx.budget.touch(open)?;
        if open > 0 {
            page.text(rest.get(..open).unwrap_or_default(), at..at.saturating_add(open), cx)?;
        }
        let Some(tag) = rest.get(open..).filter(|tag| !tag.is_empty()) else { break };
        let tag_at = at.saturating_add(open);
        at = tag_at.saturating_add(page.markup(tag, tag_at, cx)?.max(1));
    }
    page.flush(cx)?;
    if let Some(range) = page.scripts {
        let [start, end] = [coded.at(range.start), coded.at(range.end)];
        cx.unsupported(
            start,
            &format_args!("a script in a page is not read ({} characters)", end.saturating_sub(start)),
        );
    }
    Ok(())
}

struct Page<'p, 'a> {
    coded: &'p Coded<'a>,
    document: &'p mut Document,
    extras: &'p mut Extras,
    text: String,
    range: Range<usize>,
    /// What hides the text, the element that began it, and how many of its name are open.
    hidden: Option<(HiddenText, String, u32)>,
    /// The element of a data connection whose text is wanted.
    wanted: Option<String>,
    /// The first script.
    scripts: Option<Range<usize>>,
}

impl Page<'_, '_> {
    /// What begins with `<`: says how long it is.
    fn markup(&mut self, rest: &str, at: usize, cx: &mut Cx<'_>) -> Result<usize, LimitHit> {
        if rest.starts_with("<!--") {
            let head = rest.get(..rest.floor_char_boundary(CONDITION.min(rest.len()))).unwrap_or_default();
            if let Some(end) = head.starts_with("<!--[if").then(|| head.find("]>")).flatten() {
                return Ok(end.saturating_add(2));
            }
            let len = rest.find("-->").map_or(rest.len(), |end| end.saturating_add(3));
            cx.budget.touch(len)?;
            return Ok(len);
        }
        if rest.starts_with("<!") || rest.starts_with("<?") {
            return Ok(rest.find('>').map_or(rest.len(), |end| end.saturating_add(1)));
        }
        let after = rest.get(1..).unwrap_or_default();
        let closing = after.starts_with('/');
        let name_from = after.strip_prefix('/').unwrap_or(after);
        let name_len = name_from
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-'))
            .count();
        if name_len == 0 {
            self.text("<", at..at.saturating_add(1), cx)?;
            return Ok(1);
        }
        let name = name_from.get(..name_len).unwrap_or_default().to_ascii_lowercase();
        let len = tag_len(rest);
        cx.budget.touch(len)?;
        let tag = rest.get(..rest.floor_char_boundary(len.min(TAG))).unwrap_or_default();
        let range = at..at.saturating_add(len);
        if closing {
            self.close(&name, cx)?;
            return Ok(len);
        }
        self.open(&name, tag, range, cx)?;
        if matches!(name.as_str(), "script" | "style") && !tag.ends_with("/>") {
            let content = rest.get(len..).unwrap_or_default();
            let close: &[u8] = if name == "script" { b"</script" } else { b"</style" };
            let end = find_ignoring_case(content.as_bytes(), close).unwrap_or(content.len());
            cx.budget.touch(end)?;
            let start = at.saturating_add(len);
            let content = content.get(..end).unwrap_or_default();
            if name == "script" && !content.trim().is_empty() {
                self.script(content, start, cx)?;
            }
            return Ok(len.saturating_add(end));
        }
        Ok(len)
    }

    fn open(&mut self, name: &str, tag: &str, range: Range<usize>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        if is_block(name) {
            self.flush(cx)?;
        }
        if let Some((_, hider, depth)) = &mut self.hidden {
            if hider == name {
                *depth = depth.saturating_add(1);
            }
        } else if let Some(style) = attribute(tag, "style") {
            let style: String = style.to_ascii_lowercase().split_whitespace().collect();
            let hidden = if style.contains("display:none")
                || style.contains("mso-hide:all")
                || style.contains("visibility:hidden")
            {
                Some(HiddenText::Vanish)
            } else if style.contains("color:white") || style.contains("color:#ffffff") {
                // A white background is not white text.
                let background = style.replace("background-color:", "").replace("mso-highlight:", "");
                let is_text = background.contains(";color:white")
                    || background.starts_with("color:white")
                    || background.contains(";color:#ffffff")
                    || background.starts_with("color:#ffffff");
                is_text.then_some(HiddenText::White)
            } else if style.contains("font-size:1px")
                || style.contains("font-size:1pt")
                || style.contains("font-size:1.0pt")
                || style.contains("font-size:0")
            {
                Some(HiddenText::Tiny)
            } else {
                None
            };
            if let Some(hidden) = hidden.filter(|_| !is_void(name)) {
                self.flush(cx)?;
                self.hidden = Some((hidden, name.to_owned(), 1));
            }
        }
        if let Some(formula) = attribute(tag, "x:fmla") {
            self.formula(formula, range.start, cx)?;
        }
        if name.starts_with("odc:") {
            self.flush(cx)?;
            self.wanted = Some(name.to_owned());
        }
        self.told(name, tag, range.clone(), cx)?;
        let (kind, names, automatic): (LinkKind, &[&str], bool) = match name {
            "a" | "area" => (LinkKind::Hyperlink, &["href"], false),
            "img" | "v:imagedata" | "v:fill" | "input" => (LinkKind::Image, &["src", "o:href"], true),
            "body" | "td" | "table" => (LinkKind::Image, &["background"], true),
            "frame" | "iframe" => (LinkKind::Frame, &["src"], true),
            "object" | "embed" | "applet" => (LinkKind::OleObject, &["data", "src", "codebase"], true),
            "bgsound" | "audio" | "video" | "source" => (LinkKind::Media, &["src"], true),
            "script" => (LinkKind::Other, &["src"], true),
            "form" => (LinkKind::Hyperlink, &["action"], false),
            "w:attachedtemplate" => (LinkKind::AttachedTemplate, &["href", "w:val"], true),
            "v:shape" | "v:rect" => (LinkKind::Hyperlink, &["href"], false),
            "meta" => {
                let refresh =
                    attribute(tag, "http-equiv").is_some_and(|value| value.eq_ignore_ascii_case("refresh"));
                let target = attribute(tag, "content").filter(|_| refresh).and_then(|content| {
                    let at = find_ignoring_case(content.as_bytes(), b"url=")?.checked_add(4)?;
                    Some(content.get(at..)?.trim().trim_matches(['\'', '"']).to_owned())
                });
                return match target {
                    Some(target) => self.link(LinkKind::Frame, target, true, range, cx),
                    None => Ok(()),
                };
            }
            _ => return Ok(()),
        };
        for attribute_name in names {
            if let Some(target) = attribute(tag, attribute_name) {
                self.link(kind, target, automatic, range.clone(), cx)?;
            }
        }
        Ok(())
    }

    /// The text that an attribute has: what a button or field says, and what stands in place of a picture.
    fn told(&mut self, name: &str, tag: &str, range: Range<usize>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let (attributes, place): (&[&str], TextPlace) = match name {
            "input" | "textarea" => {
                let is_hidden =
                    attribute(tag, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("hidden"));
                if is_hidden {
                    return Ok(());
                }
                (&["value", "placeholder"], TextPlace::TextBox)
            }
            "img" | "area" => (&["alt"], TextPlace::AltText),
            _ => return Ok(()),
        };
        for text in
            attributes.iter().filter_map(|name| attribute(tag, name)).filter(|text| !text.trim().is_empty())
        {
            cx.budget.hold(size_of::<DocumentText>().saturating_add(text.len()))?;
            let location = self.coded.location(range.clone(), cx);
            let hidden = self.hidden.as_ref().map(|(hidden, ..)| *hidden);
            self.document.texts.push(DocumentText { text, place, hidden, location });
        }
        Ok(())
    }

    /// A reference that leaves the page: an address with a scheme, or a path on another host.
    fn link(
        &mut self,
        kind: LinkKind,
        target: String,
        automatic: bool,
        range: Range<usize>,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let target = target.trim().to_owned();
        let lower = target
            .get(..target.floor_char_boundary(8.min(target.len())))
            .unwrap_or_default()
            .to_ascii_lowercase();
        let inside = lower.starts_with("cid:") || lower.starts_with("data:") || lower.starts_with('#');
        let leaves = target.contains(':') || target.starts_with(r"\\") || target.starts_with("//");
        if inside || !leaves {
            return Ok(());
        }
        cx.budget.hold(target.len().saturating_add(size_of::<Link>()))?;
        let location = self.coded.location(range, cx);
        self.extras.links.push(Link { kind, target, automatic, location });
        Ok(())
    }

    fn close(&mut self, name: &str, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        if is_block(name) || self.wanted.is_some() {
            self.flush(cx)?;
            self.wanted = None;
        }
        if let Some((_, hider, depth)) = &mut self.hidden
            && hider == name
        {
            *depth = depth.saturating_sub(1);
            if *depth == 0 {
                self.flush(cx)?;
                self.hidden = None;
            }
        }
        Ok(())
    }

    fn text(&mut self, piece: &str, range: Range<usize>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        if self.text.is_empty() {
            self.range = range.clone();
        }
        self.range.end = range.end;
        cx.budget.hold(piece.len())?;
        self.text.push_str(piece);
        if self.text.len() > PIECE {
            self.flush(cx)?;
        }
        Ok(())
    }

    fn flush(&mut self, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let raw = std::mem::take(&mut self.text);
        let text = readable(&raw);
        if text.is_empty() {
            return Ok(());
        }
        let range = self.range.clone();
        if let Some(wanted) = &self.wanted {
            let target = ["connectionstring", "sourcefile", "powerqueryconnection"]
                .iter()
                .any(|name| wanted.ends_with(name));
            if target {
                cx.budget.hold(text.len().saturating_add(size_of::<Link>()))?;
                let location = self.coded.location(range.clone(), cx);
                self.extras.links.push(Link {
                    kind: LinkKind::Query,
                    target: text.clone(),
                    automatic: true,
                    location,
                });
            }
        }
        if text.starts_with(['=', '+', '-', '@']) && text.contains('|') && text.contains('!') {
            self.formula(text.clone(), range.start, cx)?;
        }
        let location = self.coded.location(range, cx);
        let hidden = self.hidden.as_ref().map(|(hidden, ..)| *hidden);
        if let Some(last) = self.document.texts.last_mut()
            && (last.hidden, last.place) == (hidden, TextPlace::Body)
            && last.text.len() < SHORT
        {
            last.text.push('\n');
            last.text.push_str(&text);
            if let (Some(Place::Bytes { end, .. }), Some(Place::Bytes { end: new_end, .. })) =
                (&mut last.location.place, location.place)
            {
                *end = new_end;
            }
            return Ok(());
        }
        cx.budget.hold(size_of::<DocumentText>())?;
        self.document.texts.push(DocumentText { text, place: TextPlace::Body, hidden, location });
        Ok(())
    }

    fn formula(&mut self, formula: String, at: usize, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        cx.budget.hold(formula.len().saturating_add(64))?;
        self.extras.formulas.push((formula, self.coded.at(at)));
        Ok(())
    }

    /// Addresses whose scheme starts a program, wherever a script has them.
    fn script(&mut self, content: &str, at: usize, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let range = at..at.saturating_add(content.len());
        self.scripts.get_or_insert(range);
        for scheme in PROGRAM_SCHEMES {
            let Some(found) = find_ignoring_case(content.as_bytes(), scheme.as_bytes()) else { continue };
            let start = at.saturating_add(found);
            let rest = content.get(found..).unwrap_or_default();
            let target: String = rest
                .chars()
                .take_while(|letter| !matches!(letter, '"' | '\'' | '\n' | '`' | '<'))
                .take(4096)
                .collect();
            let range = start..start.saturating_add(target.len());
            cx.budget.hold(target.len().saturating_add(size_of::<Link>()))?;
            let location = self.coded.location(range, cx);
            self.extras.links.push(Link { kind: LinkKind::Action, target, automatic: true, location });
        }
        cx.budget.touch(content.len().saturating_mul(PROGRAM_SCHEMES.len()))
    }
}

/// Schemes that Windows gives to a program with the rest of the address as its arguments.
const PROGRAM_SCHEMES: &[&str] =
    &["ms-msdt:", "search-ms:", "ms-officecmd:", "ms-appinstaller:", "ms-excel:", "ms-word:", "ms-cxh"];

/// How long a tag is: up to the bracket outside of quotes, or the next `<` where a quote never closes.
fn tag_len(rest: &str) -> usize {
    let mut quote = None;
    let mut before = b' ';
    for (at, byte) in rest.bytes().enumerate().take(TAG) {
        match (quote, byte) {
            (None, b'>') => return at.saturating_add(1),
            (None, b'"' | b'\'') if before == b'=' => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
    }
    let head = rest.get(..rest.floor_char_boundary(TAG.min(rest.len()))).unwrap_or(rest);
    head.find('>').map_or(head.len(), |end| end.saturating_add(1))
}

/// The value of an attribute, its references resolved.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let bytes = tag.as_bytes();
    let mut from = 0_usize;
    loop {
        let found = find_ignoring_case(bytes.get(from..)?, name.as_bytes())?.checked_add(from)?;
        from = found.saturating_add(name.len());
        let before = bytes.get(found.checked_sub(1)?)?;
        let rest = tag.get(from..)?.trim_start();
        if !matches!(before, b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'/') {
            continue;
        }
        let Some(value) = rest.strip_prefix('=') else { continue };
        let value = value.trim_start();
        let value = match value.chars().next()? {
            quote @ ('"' | '\'') => value.get(1..)?.split(quote).next()?,
            _ => value.split(|letter: char| letter.is_whitespace() || letter == '>').next()?,
        };
        return Some(resolved(value));
    }
}

fn find_ignoring_case(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len().max(1)).position(|window| window.eq_ignore_ascii_case(wanted))
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "br"
            | "div"
            | "td"
            | "th"
            | "tr"
            | "table"
            | "li"
            | "ul"
            | "ol"
            | "title"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "body"
            | "hr"
            | "pre"
            | "blockquote"
            | "center"
            | "option"
            | "button"
            | "o:p"
    )
}

/// Elements that have no content.
fn is_void(name: &str) -> bool {
    matches!(
        name,
        "br" | "img" | "hr" | "input" | "meta" | "link" | "base" | "col" | "area" | "embed" | "frame"
    )
}

/// Text with its references resolved and its blanks joined.
fn readable(raw: &str) -> String {
    let text = resolved(raw);
    let mut out = String::new();
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

fn resolved(text: &str) -> String {
    const NAMED: &[(&str, &str)] = &[
        ("&nbsp;", "\u{a0}"),
        ("&copy;", "©"),
        ("&reg;", "®"),
        ("&ndash;", "–"),
        ("&mdash;", "—"),
        ("&hellip;", "…"),
        ("&colon;", ":"),
        ("&sol;", "/"),
        ("&period;", "."),
        ("&Tab;", "\t"),
        ("&NewLine;", "\n"),
    ];
    let text = unescape(text);
    if !text.contains('&') {
        return text.into_owned();
    }
    let mut text = text.into_owned();
    for (name, letter) in NAMED {
        if text.contains(name) {
            text = text.replace(name, letter);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn parsed(text: &str) -> (Document, Extras, Vec<String>) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::TextFormat, budget: &mut budget, problems: &mut problems };
        let coded = Coded::new(text.as_bytes(), None, &mut cx).unwrap();
        let (mut document, mut extras) = (Document::default(), Extras::default());
        read(&coded, &mut document, &mut extras, &mut cx).unwrap();
        (document, extras, problems.list().iter().map(|problem| problem.message.clone()).collect())
    }

    fn links(extras: &Extras) -> Vec<(LinkKind, &str, bool)> {
        extras.links.iter().map(|link| (link.kind, link.target.as_str(), link.automatic)).collect()
    }

    #[test]
    fn text_comes_by_blocks_and_hidden_text_is_told() {
        let (document, ..) = parsed(
            "<html><head><style>p{}</style><title>T &amp; U</title></head><body><!-- no --><p>Enable <b>content</b>&nbsp;now\
             <p style='DISPLAY: none'>secret<p>after</p></p>x < y<![if !mso]>z<![endif]></body>",
        );
        let texts: Vec<_> = document.texts.iter().map(|text| (text.text.as_str(), text.hidden)).collect();
        assert_eq!(
            texts,
            [
                ("T & U\nEnable content now", None),
                ("secret\nafter", Some(HiddenText::Vanish)),
                ("x < yz", None),
            ]
        );
    }

    #[test]
    fn links_that_leave_the_page_are_taken() {
        let (_, extras, told) = parsed(
            "<A HREF=http://one.invalid/a>x</A><img src=\"a.png\"><img src='http://two.invalid/p.png'>\
             <iframe src=\"//three.invalid\"></iframe><meta http-equiv=Refresh content=\"0; URL='http://four.invalid'\">\
             <!--[if gte mso 9]><xml><w:AttachedTemplate HRef=\"http://five.invalid/t.dot\"></w:AttachedTemplate></xml><![endif]-->\
             <script>location.href = \"ms-msdt:/id oxnv1\";</script><a href=\"#top\">y</a>",
        );
        assert_eq!(
            links(&extras),
            [
                (LinkKind::Hyperlink, "http://one.invalid/a", false),
                (LinkKind::Image, "http://two.invalid/p.png", true),
                (LinkKind::Frame, "//three.invalid", true),
                (LinkKind::Frame, "http://four.invalid", true),
                (LinkKind::AttachedTemplate, "http://five.invalid/t.dot", true),
                (LinkKind::Action, "ms-msdt:/id oxnv1", true),
            ]
        );
        assert_eq!(told, ["a script in a page is not read (36 characters)"]);
    }

    #[test]
    fn data_connections_and_cell_formulas_are_taken() {
        let (_, extras, _) = parsed(
            "<html><xml id=msodc><odc:OfficeDataConnection><odc:Connection odc:Type=\"OLEDB\"><odc:ConnectionString>Provider=x;\
             Data Source=http://one.invalid</odc:ConnectionString></odc:Connection></odc:OfficeDataConnection></xml>\
             <td x:fmla=\"=cmd|'/c a'!A0\">1</td><td>=cmd|'/c oxnv1'!A0</td>",
        );
        assert_eq!(links(&extras), [(LinkKind::Query, "Provider=x;Data Source=http://one.invalid", true)]);
        let formulas: Vec<_> = extras.formulas.iter().map(|(formula, _)| formula.as_str()).collect();
        assert_eq!(formulas, ["=cmd|'/c a'!A0", "=cmd|'/c oxnv1'!A0"]);
    }
}
