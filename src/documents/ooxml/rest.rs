//! Parts that no other reader asked for: charts, diagrams, pivot caches, tables, revisions, VML, imported
//! chunks of plain text, and parts that nothing leads to (ECMA-376 part 1, 18.10, 21.2 and 21.4).
//!
//! Their layout is not followed. Whatever text stands between their tags is kept, and what the attributes
//! hold that are known for texts. Parts that only say how a document looks are left out by content type, and
//! so are sound, film and fonts, which Office hands on to the system.

use std::collections::BTreeSet;

use super::xml::{Node, Nodes, Tag, text};
use super::{Found, Package, Parts, opened};
use crate::base::{Cx, LimitHit, Location, PartId, Stage};
use crate::documents::document::{Document, DocumentKind, DocumentText, HiddenText, TextPlace};
use crate::documents::link::{Link, LinkKind};
use crate::documents::objects::printable_runs;

/// Shorter texts are joined with those before them: a list of words must not cost a text a word.
const SHORT: usize = 512;

/// Whether parts of a content type hold nothing that runs or is read: looks, order of calculation, settings
/// of printers, fonts, sound and film, signatures.
pub fn is_inert(content_type: &str) -> bool {
    const LAST: [&str; 24] = [
        "theme+xml",
        "themeoverride+xml",
        "thememanager+xml",
        "tablestyles+xml",
        "presprops+xml",
        "viewprops+xml",
        "fonttable+xml",
        "styles+xml",
        "styleswitheffects+xml",
        "chartstyle+xml",
        "chartcolorstyle+xml",
        "diagramlayout+xml",
        "diagramstyle+xml",
        "diagramcolors+xml",
        "websettings+xml",
        "customxmlproperties+xml",
        "calcchain+xml",
        "sheetmetadata+xml",
        "digital-signature-xmlsignature+xml",
        "digital-signature-origin",
        "digital-signature-certificate",
        "ms-excel.calcchain",
        "ms-excel.sheetmetadata",
        "ms-excel.theme",
    ];
    LAST.iter().any(|last| content_type.ends_with(last))
        || content_type.contains("printersettings")
        || content_type.contains("binindex")
        || content_type.contains("font")
        || content_type.starts_with("audio/")
        || content_type.starts_with("video/")
}

/// Whether a package is a piece of a document that is read as a part of one, so that no main part is missing: a
/// `.ppt` keeps the layouts, masters, themes and timings of its `.pptx` as packages in records ([MS-PPT]
/// 2.11.12, 2.11.18, 2.11.27), and what older versions do not draw of a shape as DrawingML persistence
/// ([MS-OI29500] 3.1.4.1).
///
/// Each part must be of slides, drawings or pictures: a workbook that calls its main part a theme is none.
pub fn is_piece(package: &Package) -> bool {
    const OF: [&str; 4] = ["presentationml.", "drawingml.", "ms-office.drs", "officedocument.theme"];
    // What was read so far are content types and relationships.
    let mut unread = package.parts().iter().filter(|part| !part.taken).peekable();
    unread.peek().is_some()
        && unread.all(|part| {
            let kind = part.content_type.as_str();
            let is_drawn = kind.ends_with("+xml") && OF.iter().any(|of| kind.contains(of));
            is_drawn || kind.starts_with("image/")
        })
}

/// Parts that a document takes in as content of another format.
pub fn chunks(package: &Package) -> impl Iterator<Item = u32> {
    let related = package.all_relationships();
    related.filter(|(_, one)| one.kind.eq_ignore_ascii_case("aFChunk")).filter_map(|(_, one)| one.part)
}

/// What a part of a content type is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Text between tags.
    Xml,
    /// Text as it stands.
    Plain,
    /// The strings in it.
    Binary,
}

/// What a part is read as; `None` when it is a file, a picture, or nothing that is known.
fn form_of(content_type: &str, is_chunk: bool) -> Option<Form> {
    const BINARY: [&str; 3] = ["ms-excel.", "spreadsheetml.customproperty", "ms-office.legacyd"];
    match content_type {
        "text/plain" if is_chunk => Some(Form::Plain),
        _ if is_chunk => None,
        _ if content_type.ends_with("xml") || content_type.contains("vmldrawing") => Some(Form::Xml),
        _ if content_type.contains("macroenabled") => None,
        _ if BINARY.iter().any(|kind| content_type.contains(kind)) => Some(Form::Binary),
        _ => None,
    }
}

/// Reads the texts of all parts that were not read yet.
///
/// # Errors
/// [`LimitHit`] when the budget does not last; `found` keeps what was read.
pub fn read<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let chunks: BTreeSet<u32> = chunks(package).collect();
    let reached: BTreeSet<u32> = package.all_relationships().filter_map(|(_, one)| one.part).collect();
    cx.budget.step((reached.len() as u64).div_ceil(16))?;
    let mut order = Vec::new();
    for (index, part) in (0_u32..).zip(package.parts()) {
        cx.budget.step(1)?;
        if part.taken || is_inert(&part.content_type) {
            continue;
        }
        if let Some(form) = form_of(&part.content_type, chunks.contains(&index)) {
            order.push((index, form));
        }
    }
    for (index, form) in order {
        // XML of no stated meaning is data of the author's programs.
        let is_shown = reached.contains(&index) && package.content_type(index) != "application/xml";
        let hidden = (!is_shown).then_some(HiddenText::NotShown);
        let part = package.id(index);
        let mut document = Document { part, kind: DocumentKind::Text, ..Document::default() };
        let result = one(package, source, (index, form, hidden), &mut document, found, cx);
        if !document.texts.is_empty() {
            cx.budget.hold(size_of::<Document>())?;
            found.documents.push(document);
        }
        result?;
    }
    Ok(())
}

fn one<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    (index, form, hidden): (u32, Form, Option<HiddenText>),
    document: &mut Document,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let len = bytes.as_slice().len() as u64;
    let part = package.id(index);
    let cx = &mut cx.for_part(part, Stage::Package);
    let mut keeper = Keeper { document, part, len, hidden };
    match form {
        Form::Plain => {
            let text = text(bytes.as_slice(), cx)?;
            keeper.keep(&text, TextPlace::Body, 0, None, cx)
        }
        Form::Binary => {
            cx.budget.touch(bytes.as_slice().len())?;
            let mut runs = Vec::new();
            printable_runs(bytes.as_slice(), &mut runs);
            for run in runs.iter().filter(|run| is_worded(run)) {
                keeper.keep(run, TextPlace::Body, 0, Some(HiddenText::NotShown), cx)?;
            }
            Ok(())
        }
        Form::Xml => {
            let text = text(bytes.as_slice(), cx)?;
            let mut nodes = Nodes::new(&text);
            let result = between_tags(&mut nodes, package, index, &mut keeper, found, cx);
            if nodes.has_doctype {
                package.doctypes.push(part);
            }
            result
        }
    }
}

/// Whether a run of printable bytes has a word: three letters of ASCII in a row, and little else than ASCII.
fn is_worded(run: &str) -> bool {
    let mut letters = 0_u32;
    let has_word = run.bytes().any(|byte| {
        letters = if byte.is_ascii_alphabetic() { letters.saturating_add(1) } else { 0 };
        letters >= 3
    });
    let plain = run.bytes().filter(u8::is_ascii).count();
    has_word && plain.saturating_mul(8) >= run.len().saturating_mul(7)
}

/// The texts between the tags of a part, a line for each paragraph or element that has one.
fn between_tags(
    nodes: &mut Nodes<'_>,
    package: &Package,
    index: u32,
    keeper: &mut Keeper<'_>,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let content_type = package.content_type(index);
    let is_cache = content_type.contains("pivotcache");
    let mut line = String::new();
    let mut at = 0;
    // A formula is no text: what it comes to stands beside it.
    let mut is_formula = false;
    while let Some(node) = nodes.next(cx)? {
        match node {
            Node::Start(tag) => {
                is_formula =
                    matches!(tag.local(), "f" | "formula" | "oddFormula") || tag.local().ends_with("Formula");
                attributes(&tag, is_cache, keeper, found, cx)?;
                if line.is_empty() {
                    at = tag.at;
                }
            }
            Node::End(tag) => {
                is_formula = false;
                // Runs of a paragraph are one line.
                if !matches!(tag.local(), "t" | "r" | "span" | "font" | "b" | "i" | "u") {
                    keeper.keep(&std::mem::take(&mut line), TextPlace::TextBox, at, None, cx)?;
                }
            }
            Node::Text(piece) if !is_formula => line.push_str(&piece),
            Node::Text(_) => {}
        }
    }
    keeper.keep(&line, TextPlace::TextBox, at, None, cx)
}

/// What the attributes of an element say that are known for texts, and for macros.
fn attributes(
    tag: &Tag<'_>,
    is_cache: bool,
    keeper: &mut Keeper<'_>,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let not_shown = Some(HiddenText::NotShown);
    let texts: &[(&str, TextPlace, Option<HiddenText>)] = match tag.local() {
        // A string of a pivot cache.
        "s" if is_cache => &[("v", TextPlace::Body, None)],
        "cNvPr" | "docPr" => &[("title", TextPlace::AltText, None), ("descr", TextPlace::AltText, None)],
        "shape" | "rect" | "roundrect" | "oval" | "line" => &[("alt", TextPlace::AltText, None)],
        // Letters of an ornament.
        "textpath" => &[("string", TextPlace::TextBox, None)],
        // A tag of a presentation, which only macros read.
        "tag" => &[("val", TextPlace::Body, not_shown)],
        // A line of a list, and a level of a numbering.
        "item" => &[("val", TextPlace::TextBox, None)],
        "lvlText" => &[("val", TextPlace::Body, None)],
        _ => &[],
    };
    // Where an add-in of the web comes from, unless it is the store of Microsoft, which is told by a language.
    if tag.local() == "reference"
        && let Some(target) =
            tag.attr("store").filter(|store| store.contains("\\\\") || store.contains("://"))
    {
        cx.budget.hold(size_of::<Link>().saturating_add(target.len()))?;
        let at = tag.at.min(keeper.len);
        let location = Location::bytes(keeper.part, at..at);
        let (kind, target) = (LinkKind::Other, target.into_owned());
        found.links.push(Link { kind, target, automatic: true, location });
    }
    for (name, place, hidden) in texts {
        if let Some(value) = tag.attr(name).filter(|value| tag.local() != "lvlText" || is_worded(value)) {
            keeper.keep(&value, *place, tag.at, *hidden, cx)?;
        }
    }
    let href = if matches!(tag.local(), "shape" | "rect" | "roundrect" | "oval" | "line") {
        tag.attr("href").filter(|target| !target.is_empty()).map(|target| (LinkKind::Hyperlink, target))
    } else {
        // A macro on a key, or on a control of a form.
        let called = match tag.local() {
            "macro" | "mcd" => tag.attr("macroName"),
            "formControlPr" | "controlPr" | "sp" | "pic" => {
                tag.attr("fmlaMacro").or_else(|| tag.attr("macro"))
            }
            _ => None,
        };
        called.filter(|name| !name.is_empty()).map(|name| (LinkKind::Callback, name))
    };
    if let Some((kind, target)) = href {
        cx.budget.hold(size_of::<Link>().saturating_add(target.len()))?;
        let at = tag.at.min(keeper.len);
        let location = Location::bytes(keeper.part, at..at);
        found.links.push(Link { kind, target: target.into_owned(), automatic: false, location });
    }
    Ok(())
}

struct Keeper<'d> {
    document: &'d mut Document,
    part: PartId,
    len: u64,
    /// What keeps all texts of the part from being seen.
    hidden: Option<HiddenText>,
}

impl Keeper<'_> {
    /// Keeps a text that has letters.
    fn keep(
        &mut self,
        text: &str,
        place: TextPlace,
        at: u64,
        hidden: Option<HiddenText>,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let text = text.trim();
        if !text.chars().any(char::is_alphabetic) {
            return Ok(());
        }
        cx.budget.hold(text.len().saturating_mul(2))?;
        let hidden = self.hidden.or(hidden);
        if let Some(last) = self.document.texts.last_mut()
            && (last.place, last.hidden) == (place, hidden)
            && last.text.len() < SHORT
        {
            last.text.push('\n');
            last.text.push_str(text);
            return Ok(());
        }
        cx.budget.step(1)?;
        cx.budget.hold(size_of::<DocumentText>().saturating_mul(2))?;
        let at = at.min(self.len);
        let location = Location::bytes(self.part, at..at);
        self.document.texts.push(DocumentText { text: text.to_owned(), place, hidden, location });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Bytes, Limits, Problems};

    struct Fixed(Vec<&'static str>);

    impl Parts<'static> for Fixed {
        fn open(&self, index: u32, _: &mut Cx<'_>) -> Result<Bytes<'static>, LimitHit> {
            let part = self.0.get(index as usize).copied().unwrap_or_default();
            Ok(Bytes::owned(part.as_bytes().to_vec()))
        }
    }

    /// The texts of one part that a relationship leads to, and the links in it.
    fn read_one(content_type: &str, content: &'static str) -> (Vec<(String, TextPlace)>, Vec<String>) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::Package, budget: &mut budget, problems: &mut problems };
        let rels = "<R><Relationship Id='a' Type='x/chart' Target='c.xml'/></R>";
        let source = Fixed(vec![rels, content]);
        let parts = vec![
            ("_rels/.rels".to_owned(), PartId(1), String::new()),
            ("c.xml".to_owned(), PartId(2), content_type.to_owned()),
        ];
        let (mut package, mut found) = (Package::default(), Found::default());
        Package::read_flat(parts, &source, &mut package, &mut cx).unwrap();
        read(&mut package, &source, &mut found, &mut cx).unwrap();
        let texts = found.documents.into_iter().flat_map(|document| document.texts);
        (
            texts.map(|text| (text.text, text.place)).collect(),
            found.links.into_iter().map(|link| link.target).collect(),
        )
    }

    #[test]
    fn charts_give_titles_and_names_without_formulas_and_numbers() {
        let chart = "<c:chartSpace><c:tx><a:p><a:r><a:t>Sales</a:t></a:r><a:r><a:t> of May</a:t></a:r></a:p></c:tx>\
                     <c:f>Sheet1!$A$1</c:f><c:v>North</c:v><c:v>12.5</c:v></c:chartSpace>";
        let (texts, links) = read_one("a.drawingml.chart+xml", chart);
        assert_eq!(texts, [("Sales of May\nNorth".to_owned(), TextPlace::TextBox)]);
        assert!(links.is_empty());
    }

    #[test]
    fn caches_tags_keys_and_shapes_give_what_their_attributes_hold() {
        let cases: [(&str, &'static str, &str); 4] = [
            ("a.pivotCacheDefinition+xml", "<c><s v='Northwind'/><n v='4'/></c>", "Northwind"),
            ("a.presentationml.tags+xml", "<p:tagLst><p:tag name='X' val='hello'/></p:tagLst>", "hello"),
            (
                "a.vmlDrawing",
                "<xml><v:shape alt='stamp'><v:textbox><div>in it</div></v:textbox></v:shape></xml>",
                "stamp",
            ),
            (
                "a.numbering+xml",
                "<w:lvl><w:lvlText w:val='Chapter %1'/><w:lvlText w:val='o'/></w:lvl>",
                "Chapter %1",
            ),
        ];
        for (content_type, content, expected) in cases {
            let (texts, _) = read_one(content_type, content);
            assert_eq!(texts.first().map(|(text, _)| text.as_str()), Some(expected), "{content_type}");
        }
        let (_, links) =
            read_one("a.ms-word.keyMapCustomizations+xml", "<k><macro macroName='PROJECT.M.RUN'/></k>");
        assert_eq!(links, ["PROJECT.M.RUN"]);
    }

    #[test]
    fn parts_that_only_say_how_a_document_looks_are_not_opened() {
        let (texts, _) = read_one("application/a.theme+xml", "<a>Office Theme</a>");
        assert_eq!(texts, []);
        assert!(is_inert("video/mp4") && !is_inert("application/a.drawingml.chart+xml"));
    }
}
