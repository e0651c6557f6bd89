//! Word packages: texts by place in reading order, and fields (ECMA-376 part 1, 17).
//!
//! A field is an instruction to Word. It is written in pieces: any number of runs with `instrText`
//! between its begin and its separator, fields within fields, an attribute. Pieces are joined, and a
//! field in an instruction stands for what it comes to: `QUOTE 68 68 69` is a way to write `DDE`.
//! Text that a person does not see (hidden, white, tiny) is kept and marked.

use super::looks::{Look, Looks};
use super::xml::{Node, Nodes, Tag, text};
use super::{Found, Package, Parts, note_doctype, opened};
use crate::base::{Cx, LimitHit, Location, PartId, Stage};
use crate::documents::document::{Document, DocumentKind, DocumentText, Field, HiddenText, TextPlace};
use crate::documents::field::{self, Bookmarks};
use crate::documents::link::{Link, LinkKind};
use crate::documents::objects::{Object, ObjectKind};

/// Fields that may be open at the same time.
const MAX_FIELDS: usize = 64;

/// Bytes of one instruction that are kept.
const MAX_INSTRUCTION: usize = 64 << 10;

/// Reads the texts and fields of a Word package.
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
    let mut document = Document { part: package.id(main), kind: DocumentKind::Word, ..Document::default() };
    let mut order = vec![(main, TextPlace::Body)];
    for (index, part) in (0_u32..).zip(package.parts()) {
        cx.budget.step(1)?;
        if index != main
            && let Some(place) = place_of(&part.content_type)
        {
            order.push((index, place));
        }
    }
    let mut looks = Looks::default();
    let mut result = Ok(());
    for index in package.targets(Some(main), "styles").collect::<Vec<_>>() {
        result = result.and(looks.read(package, source, index, cx));
    }
    for (index, place) in order {
        if result.is_err() {
            break;
        }
        result = part(package, source, (index, place), &looks, &mut document, found, cx);
    }
    if result.is_ok() {
        result = variables(package, source, main, &mut document, cx);
    }
    // What was read before a limit is judged all the same.
    found.documents.push(document);
    result
}

/// What the text of a part is, by its content type.
fn place_of(content_type: &str) -> Option<TextPlace> {
    if !content_type.contains("wordprocessingml") && !content_type.contains("ms-word") {
        return None;
    }
    let (_, last) = content_type.rsplit_once('.')?;
    match last {
        "header+xml" | "footer+xml" => Some(TextPlace::Header),
        "footnotes+xml" | "endnotes+xml" => Some(TextPlace::Note),
        "comments+xml" => Some(TextPlace::Comment),
        "glossary+xml" => Some(TextPlace::Body),
        _ => None,
    }
}

/// A paragraph while it is read.
#[derive(Debug)]
struct Paragraph {
    text: String,
    at: u64,
    place: TextPlace,
    /// By its style.
    style: Look,
    /// By the style of the run.
    run_style: Look,
    /// By the properties of the run itself.
    run: Look,
    hidden: Option<HiddenText>,
    shaded: bool,
}

impl Paragraph {
    /// What keeps a person from seeing the text of the run.
    fn hides(&self) -> Option<HiddenText> {
        let by = |field: fn(&Look) -> Option<bool>| {
            field(&self.run).or(field(&self.run_style)).or(field(&self.style)).unwrap_or(false)
        };
        // A style of the run turns round what the style of the paragraph says (17.7.3).
        let vanish = self
            .run
            .vanish
            .unwrap_or_else(|| self.style.vanish.unwrap_or(false) != self.run_style.vanish.unwrap_or(false));
        if vanish {
            Some(HiddenText::Vanish)
        } else if by(|look| look.white) && !by(|look| look.shaded) && !self.shaded {
            Some(HiddenText::White)
        } else if by(|look| look.tiny) {
            Some(HiddenText::Tiny)
        } else {
            None
        }
    }
}

/// A field while it is read.
#[derive(Debug, Default)]
struct Open {
    instruction: String,
    result: String,
    at: u64,
    /// Whether its separator was passed.
    in_result: bool,
}

struct Reader<'d> {
    document: &'d mut Document,
    looks: &'d Looks,
    part: PartId,
    len: u64,
    paragraphs: Vec<Paragraph>,
    fields: Vec<Open>,
    bookmarks: Bookmarks,
    places: Vec<TextPlace>,
    /// Whether each open table has a style with a background.
    tables: Vec<bool>,
    /// Whether each open table cell has a background.
    cells: Vec<bool>,
    /// Whether the page, and the shape around, has a background that is not white.
    page_filled: bool,
    shape_filled: bool,
    in_shape_properties: bool,
    in_line: bool,
    in_run_properties: bool,
    in_paragraph_properties: bool,
    in_cell_properties: bool,
    /// The name of the smart tag around, when it is an odd one.
    odd_tag: Option<String>,
    /// What fields refer to.
    links: Vec<Link>,
}

fn part<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    (index, place): (u32, TextPlace),
    looks: &Looks,
    document: &mut Document,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let part = package.id(index);
    let cx = &mut cx.for_part(part, Stage::Word);
    let xml = text(bytes.as_slice(), cx)?;
    let mut nodes = Nodes::new(&xml);
    let mut reader = Reader {
        document,
        looks,
        part,
        len: bytes.as_slice().len() as u64,
        paragraphs: Vec::new(),
        fields: Vec::new(),
        bookmarks: Bookmarks::default(),
        places: vec![place],
        tables: Vec::new(),
        cells: Vec::new(),
        page_filled: false,
        shape_filled: false,
        in_shape_properties: false,
        in_line: false,
        in_run_properties: false,
        in_paragraph_properties: false,
        in_cell_properties: false,
        odd_tag: None,
        links: Vec::new(),
    };
    let result = reader.nodes(&mut nodes, package, index, found, cx);
    let result = result.and_then(|()| reader.finish(cx));
    found.links.append(&mut reader.links);
    note_doctype(package, &nodes, index);
    result
}

/// Numbers of range marks beyond this one are none that Word gives.
const LARGEST_MARK: u64 = i32::MAX as u64;

/// The letter of a symbol (17.3.3.30), unless its font has pictures in place of letters.
fn symbol(tag: &Tag<'_>) -> Option<char> {
    let font = tag.attr("font").unwrap_or_default().to_ascii_lowercase();
    if ["symbol", "dingbat", "wingdings", "webdings", "mt extra", "marlett"]
        .iter()
        .any(|name| font.contains(name))
    {
        return None;
    }
    let code = u32::from_str_radix(&tag.attr("char")?, 16).ok()?;
    // Codes from the private area stand for those below it.
    let code = if (0xF000..=0xF0FF).contains(&code) { code & 0xFF } else { code };
    char::from_u32(code).filter(|letter| !letter.is_control())
}

/// The name of a smart tag, when it has letters that no name of a smart tag has.
fn odd_tag(tag: &Tag<'_>) -> Option<String> {
    const LONGEST: usize = 64;
    let name = tag.attr("element")?;
    (!name.is_ascii()).then(|| name.chars().take(LONGEST).collect())
}

/// Which text follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    None,
    Shown,
    Instruction,
}

impl Reader<'_> {
    fn nodes(
        &mut self,
        nodes: &mut Nodes<'_>,
        package: &Package,
        index: u32,
        found: &mut Found,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let mut next = Text::None;
        // Fields that are one element: their content is the result.
        let mut simple = 0_u32;
        while let Some(node) = nodes.next(cx)? {
            match node {
                Node::Start(tag) => match tag.local() {
                    "t" => next = Text::Shown,
                    "sym" => {
                        if let Some(letter) = symbol(&tag) {
                            self.shown(letter.encode_utf8(&mut [0; 4]), cx)?;
                        }
                    }
                    "instrText" => next = Text::Instruction,
                    "fldChar" => self.field_character(&tag, cx)?,
                    "fldSimple" => {
                        simple = simple.saturating_add(1);
                        if let Some(instruction) = tag.attr("instr") {
                            self.add_field(instruction.into_owned(), tag.at, cx)?;
                        }
                    }
                    "OLEObject" => self.object(&tag, package, index, found, cx)?,
                    "docPr" | "cNvPr" => self.described(&tag, cx)?,
                    "shape" | "rect" | "roundrect" | "oval" | "textpath" => self.drawn(&tag, found, cx)?,
                    "webVideoPr" => self.film(&tag, found, cx)?,
                    "smartTag" => self.odd_tag = odd_tag(&tag),
                    "moveFromRangeStart"
                    | "moveToRangeStart"
                    | "moveFromRangeEnd"
                    | "moveToRangeEnd"
                    | "customXmlInsRangeStart"
                    | "customXmlDelRangeStart"
                    | "customXmlMoveFromRangeStart"
                    | "customXmlMoveToRangeStart"
                    | "bookmarkStart" => self.range_mark(&tag, cx)?,
                    _ => self.start(&tag),
                },
                Node::End(tag) => {
                    next = Text::None;
                    self.end(tag.local(), cx)?;
                }
                Node::Text(text) => match next {
                    Text::Shown => self.shown(&text, cx)?,
                    Text::Instruction => self.instruction(&text),
                    Text::None => {}
                },
            }
        }
        Ok(())
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag.local() {
            "p" => {
                let place = self.places.last().copied().unwrap_or(TextPlace::Body);
                let in_box = place == TextPlace::TextBox && self.shape_filled;
                let shaded = self.page_filled || in_box || self.cells.last().copied().unwrap_or(false);
                self.paragraphs.push(Paragraph {
                    text: String::new(),
                    at: tag.at.min(self.len),
                    place,
                    style: self.looks.of_paragraphs(None),
                    run_style: Look::default(),
                    run: Look::default(),
                    hidden: None,
                    shaded,
                });
            }
            "pStyle" => {
                if let (Some(paragraph), Some(style)) = (self.paragraphs.last_mut(), tag.attr("val")) {
                    paragraph.style = self.looks.of_paragraphs(Some(&style));
                    paragraph.shaded |= paragraph.style.shaded == Some(true);
                }
            }
            "r" => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    (paragraph.run, paragraph.run_style) = (Look::default(), Look::default());
                }
            }
            "background" => self.page_filled |= tag.attr("color").is_some_and(|fill| is_filling(&fill)),
            "tbl" if self.tables.len() < MAX_FIELDS => self.tables.push(false),
            "tblStyle" => {
                let style = tag.attr("val").map(|style| self.looks.of(&style));
                if let Some(table) = self.tables.last_mut() {
                    *table |= style.is_some_and(|style| style.shaded == Some(true));
                }
            }
            "wsp" => self.shape_filled = false,
            "spPr" => self.in_shape_properties = true,
            "ln" => self.in_line = true,
            "gradFill" | "blipFill" | "pattFill" if self.in_shape_properties && !self.in_line => {
                self.shape_filled = true;
            }
            "srgbClr" | "schemeClr" if self.in_shape_properties && !self.in_line => {
                let is_white = tag
                    .attr("val")
                    .is_some_and(|value| value == "bg1" || value.eq_ignore_ascii_case("ffffff"));
                self.shape_filled |= !is_white;
            }
            "rPr" => self.in_run_properties = true,
            "pPr" => self.in_paragraph_properties = true,
            "tcPr" => self.in_cell_properties = true,
            "tc" if self.cells.len() < MAX_FIELDS => {
                self.cells.push(self.tables.last().copied().unwrap_or(false));
            }
            "txbxContent" if self.places.len() < MAX_FIELDS => self.places.push(TextPlace::TextBox),
            "tab" | "br" | "cr" if !self.in_paragraph_properties => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.text.push(if tag.local() == "tab" { '\t' } else { '\n' });
                }
            }
            "shd" => {
                let is_dark = tag.attr("fill").is_some_and(|fill| is_filling(&fill));
                if self.in_cell_properties {
                    if let Some(cell) = self.cells.last_mut() {
                        *cell |= is_dark;
                    }
                } else if let Some(paragraph) = self.paragraphs.last_mut() {
                    if self.in_run_properties {
                        paragraph.run.shaded = Some(is_dark);
                    } else {
                        paragraph.shaded |= is_dark;
                    }
                }
            }
            _ if self.in_run_properties && !self.in_paragraph_properties => {
                let Some(paragraph) = self.paragraphs.last_mut() else { return };
                if tag.local() == "rStyle" {
                    paragraph.run_style =
                        tag.attr("val").map_or(Look::default(), |style| self.looks.of(&style));
                } else {
                    paragraph.run.take(tag);
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, local: &str, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        match local {
            "p" => {
                if let Some(paragraph) = self.paragraphs.pop() {
                    self.keep_paragraph(paragraph, cx)?;
                }
            }
            "rPr" => self.in_run_properties = false,
            "pPr" => self.in_paragraph_properties = false,
            "tcPr" => self.in_cell_properties = false,
            "tc" => drop(self.cells.pop()),
            "tbl" => drop(self.tables.pop()),
            "spPr" => self.in_shape_properties = false,
            "ln" => self.in_line = false,
            "txbxContent" if self.places.len() > 1 => drop(self.places.pop()),
            "smartTag" => self.odd_tag = None,
            _ => {}
        }
        Ok(())
    }

    /// A mark of a range in a smart tag: Word takes the number of one that custom XML displaces, and the
    /// tag's name, for what they are not (CVE-2015-1641).
    fn range_mark(&mut self, tag: &Tag<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let Some(name) = &self.odd_tag else { return Ok(()) };
        let number = tag.number::<u64>("id").filter(|id| *id > LARGEST_MARK);
        if let Some(number) = number.filter(|_| tag.attr("displacedByCustomXml").is_some()) {
            let at = tag.at.min(self.len);
            let text = format!("smart tag {name:?}, range {number}");
            cx.budget.hold(size_of::<Field>().saturating_add(text.len()))?;
            let location = Location::bytes(self.part, at..at);
            self.document.confused_tags.push(Field { instruction: text, location });
            self.odd_tag = None;
        }
        Ok(())
    }

    /// Text of a run: of the paragraph, and of the result of the field that it stands in.
    fn shown(&mut self, text: &str, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        if let Some(field) = self.fields.last_mut() {
            // Between begin and separator, text that is no instruction still counts as one.
            let into = if field.in_result { &mut field.result } else { &mut field.instruction };
            if into.len() < MAX_INSTRUCTION {
                into.push_str(text);
            }
            if !field.in_result {
                return Ok(());
            }
        }
        let Some(paragraph) = self.paragraphs.last_mut() else { return Ok(()) };
        let hidden = paragraph.hides();
        if hidden != paragraph.hidden && !paragraph.text.trim().is_empty() {
            let done = Paragraph { text: std::mem::take(&mut paragraph.text), ..*paragraph };
            paragraph.hidden = hidden;
            paragraph.text.push_str(text);
            return self.keep_paragraph(done, cx);
        }
        paragraph.hidden = hidden;
        paragraph.text.push_str(text);
        Ok(())
    }

    fn instruction(&mut self, text: &str) {
        if let Some(field) = self.fields.last_mut() {
            let into = if field.in_result { &mut field.result } else { &mut field.instruction };
            if into.len() < MAX_INSTRUCTION {
                into.push_str(text);
            }
        }
    }

    fn field_character(&mut self, tag: &Tag<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        match tag.attr("fldCharType").as_deref() {
            Some("begin") => {
                if self.fields.len() < MAX_FIELDS {
                    self.fields.push(Open { at: tag.at, ..Open::default() });
                } else {
                    let at = tag.at.min(self.len);
                    cx.abandoned(at..at, &format_args!("more than {MAX_FIELDS} fields within each other"));
                }
            }
            Some("separate") => {
                if let Some(field) = self.fields.last_mut() {
                    field.in_result = true;
                }
            }
            Some("end") => {
                if let Some(field) = self.fields.pop() {
                    self.close(field, cx)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A field is whole: it is kept, and what it comes to stands in the field around it.
    fn close(&mut self, field: Open, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let computed = self.bookmarks.computed(&field.instruction);
        if let Some(around) = self.fields.last_mut() {
            let stands_for = match &computed {
                Some(text) if !text.is_empty() => text.as_ref(),
                None if field.result.is_empty() => field.instruction.as_str(),
                _ => field.result.as_str(),
            };
            let into = if around.in_result { &mut around.result } else { &mut around.instruction };
            if into.len() < MAX_INSTRUCTION {
                into.push_str(stands_for);
            }
        }
        self.add_field(field.instruction, field.at, cx)
    }

    fn add_field(&mut self, instruction: String, at: u64, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        if instruction.trim().is_empty() {
            return Ok(());
        }
        cx.budget.step(1)?;
        cx.budget.hold(size_of::<Field>().saturating_add(instruction.len()).saturating_mul(2))?;
        let at = at.min(self.len);
        let location = Location::bytes(self.part, at..at);
        if let Some((kind, target, automatic)) = field::target(&instruction) {
            cx.budget.hold(size_of::<Link>().saturating_add(target.len()))?;
            self.links.push(Link { kind, target, automatic, location: location.clone() });
        }
        self.document.fields.push(Field { instruction, location });
        Ok(())
    }

    /// Alternative text of a picture.
    fn described(&mut self, tag: &Tag<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let title = tag.attr("title").unwrap_or_default();
        let description = tag.attr("descr").unwrap_or_default();
        let text = format!("{title} {description}");
        let hidden = tag.flag("hidden").unwrap_or(false).then_some(HiddenText::NotShown);
        self.keep(text.trim().to_owned(), tag.at, TextPlace::AltText, hidden, cx)
    }

    /// A film of the web ([MS-DOCX] 2.5.5.3 `webVideoPr`): a page that a click on its picture shows.
    fn film(&mut self, tag: &Tag<'_>, found: &mut Found, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        if let Some(page) = tag.attr("embeddedHtml").filter(|page| !page.trim().is_empty()) {
            cx.budget.hold(size_of::<(String, Location)>().saturating_add(page.len()))?;
            let at = tag.at.min(self.len);
            found.pages.push((page.into_owned(), Location::bytes(self.part, at..at)));
        }
        Ok(())
    }

    /// A shape in VML (part 4, 19.1.2): its alternative text, its letters, where a click on it leads.
    fn drawn(&mut self, tag: &Tag<'_>, found: &mut Found, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        if tag.local() == "textpath" {
            let letters = tag.attr("string").unwrap_or_default().into_owned();
            return self.keep(letters, tag.at, TextPlace::TextBox, None, cx);
        }
        self.shape_filled = tag.attr("fillcolor").is_some_and(|fill| {
            let fill = fill.split_ascii_whitespace().next().unwrap_or_default();
            !matches!(fill.to_ascii_lowercase().as_str(), "white" | "#fff" | "#ffffff" | "window" | "none")
        });
        if let Some(target) = tag.attr("href").filter(|target| !target.is_empty()) {
            cx.budget.hold(size_of::<Link>().saturating_add(target.len()))?;
            let at = tag.at.min(self.len);
            let location = Location::bytes(self.part, at..at);
            let target = target.into_owned();
            found.links.push(Link { kind: LinkKind::Hyperlink, target, automatic: false, location });
        }
        let text = tag.attr("alt").unwrap_or_default().into_owned();
        self.keep(text, tag.at, TextPlace::AltText, None, cx)
    }

    fn keep_paragraph(&mut self, paragraph: Paragraph, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let Paragraph { text, at, place, hidden, .. } = paragraph;
        self.keep(text, at, place, hidden, cx)
    }

    fn keep(
        &mut self,
        text: String,
        at: u64,
        place: TextPlace,
        hidden: Option<HiddenText>,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        if text.trim().is_empty() {
            return Ok(());
        }
        cx.budget.step(1)?;
        cx.budget.hold(size_of::<DocumentText>().saturating_add(text.len()).saturating_mul(2))?;
        let at = at.min(self.len);
        let location = Location::bytes(self.part, at..at);
        self.document.texts.push(DocumentText { text, place, hidden, location });
        Ok(())
    }

    /// An embedded or linked object (part 4, 19.3.3.5): its program identifier.
    fn object(
        &mut self,
        tag: &Tag<'_>,
        package: &Package,
        index: u32,
        found: &mut Found,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let program = tag.attr("ProgID").unwrap_or_default();
        let relationship = tag.prefixed("id").and_then(|id| package.by_id(index, &id));
        let part = relationship.and_then(|one| one.part).map_or(self.part, |part| package.id(part));
        cx.budget.hold(size_of::<Object>().saturating_add(program.len()))?;
        let mut object = Object::at(Location::part(part), ObjectKind::Embedded);
        object.class_name = program.into_owned();
        found.objects.push(object);
        Ok(())
    }

    /// What is still open at the end of the part.
    fn finish(&mut self, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        while let Some(field) = self.fields.pop() {
            self.close(field, cx)?;
        }
        while let Some(paragraph) = self.paragraphs.pop() {
            self.keep_paragraph(paragraph, cx)?;
        }
        Ok(())
    }
}

/// Whether a colour of a background is neither white nor left to the program.
fn is_filling(fill: &str) -> bool {
    !matches!(fill, "auto" | "none" | "") && !fill.eq_ignore_ascii_case("ffffff")
}

/// Document variables (17.15.1.31), which macros read and nobody sees.
fn variables<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    main: u32,
    document: &mut Document,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    for index in package.targets(Some(main), "settings").collect::<Vec<_>>() {
        let bytes = opened(package, source, index, cx)?;
        let part = package.id(index);
        let len = bytes.as_slice().len() as u64;
        let cx = &mut cx.for_part(part, Stage::Word);
        let xml = text(bytes.as_slice(), cx)?;
        let mut nodes = Nodes::new(&xml);
        while let Some(node) = nodes.next(cx)? {
            let Node::Start(tag) = node else { continue };
            if tag.local() != "docVar" {
                continue;
            }
            let value = tag.attr("val").unwrap_or_default();
            if value.trim().len() > 3 {
                cx.budget.hold(size_of::<DocumentText>().saturating_add(value.len()))?;
                let at = tag.at.min(len);
                document.texts.push(DocumentText {
                    text: value.into_owned(),
                    place: TextPlace::Body,
                    hidden: Some(HiddenText::NotShown),
                    location: Location::bytes(part, at..at),
                });
            }
        }
        note_doctype(package, &nodes, index);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Bytes, Limits, Problems};

    struct One(Vec<u8>);

    impl Parts<'static> for One {
        fn open(&self, index: u32, _: &mut Cx<'_>) -> Result<Bytes<'static>, LimitHit> {
            let types = "<Types><Override PartName='/d.xml' ContentType='a.wordprocessingml.document.main+xml'/></Types>";
            let rels = "<R><Relationship Id='a' Type='x/officeDocument' Target='d.xml'/></R>";
            let part =
                [types.as_bytes(), rels.as_bytes(), &self.0].get(index as usize).copied().unwrap_or_default();
            Ok(Bytes::owned(part.to_vec()))
        }
    }

    fn document(body: &str) -> Document {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx = Cx { part: PartId(0), stage: Stage::Word, budget: &mut budget, problems: &mut problems };
        let names = ["[Content_Types].xml", "_rels/.rels", "d.xml"];
        let names = (1..).zip(names).map(|(id, name)| (name.to_owned(), PartId(id))).collect();
        let source =
            One(format!("<w:document xmlns:w='w'><w:body>{body}</w:body></w:document>").into_bytes());
        let (mut package, mut found) = (Package::default(), Found::default());
        Package::read(names, &source, &mut package, &mut cx).unwrap();
        let main = package.main().unwrap();
        read(&mut package, &source, main, &mut found, &mut cx).unwrap();
        found.documents.remove(0)
    }

    fn fields(body: &str) -> Vec<String> {
        document(body).fields.into_iter().map(|field| field.instruction).collect()
    }

    fn character(kind: &str) -> String {
        format!("<w:r><w:fldChar w:fldCharType='{kind}'/></w:r>")
    }

    fn instruction(text: &str) -> String {
        format!("<w:r><w:instrText>{text}</w:instrText></w:r>")
    }

    #[test]
    fn split_instructions_are_joined() {
        let (begin, separate, end) = (character("begin"), character("separate"), character("end"));
        let body = format!(
            "<w:p>{begin}{}{}{}{separate}<w:r><w:t>shown</w:t></w:r>{end}</w:p>",
            instruction("DD"),
            instruction("EAU"),
            instruction("TO c:\\x \"y\"")
        );
        assert_eq!(fields(&body), ["DDEAUTO c:\\x \"y\""]);
        assert_eq!(document(&body).texts[0].text, "shown");
        assert_eq!(fields("<w:p><w:fldSimple w:instr=' DDE a b '><w:r/></w:fldSimple></w:p>"), [" DDE a b "]);
    }

    #[test]
    fn symbols_of_fonts_with_letters_are_letters() {
        let body = "<w:p><w:r><w:t>a</w:t><w:sym w:font='Arial' w:char='F062'/><w:sym w:font='Wingdings' w:char='F063'/>\
                    <w:sym w:font='Arial' w:char='0064'/><w:sym w:font='Arial' w:char='x'/></w:r></w:p>";
        assert_eq!(document(body).texts[0].text, "abd");
    }

    #[test]
    fn fields_in_an_instruction_stand_for_what_they_come_to() {
        let (begin, separate, end) = (character("begin"), character("separate"), character("end"));
        let quote = format!("{begin}{}{separate}<w:r><w:t>x</w:t></w:r>{end}", instruction("QUOTE 68 68 69"));
        let body = format!("<w:p>{begin}{quote}{}{end}</w:p>", instruction(" a b"));
        assert_eq!(fields(&body), ["QUOTE 68 68 69", "DDE a b"]);
        let set = format!("{begin}{}{separate}<w:r><w:t>DDE</w:t></w:r>{end}", instruction("REF x"));
        assert_eq!(fields(&format!("<w:p>{begin}{set}{}{end}</w:p>", instruction(" a")))[1], "DDE a");
        assert_eq!(fields(&format!("<w:p>{begin}{}", instruction("DDE a"))), ["DDE a"]);
    }

    #[test]
    fn hidden_texts_are_kept_and_marked() {
        let run =
            |properties: &str, text: &str| format!("<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>");
        let body = format!(
            "<w:p>{}{}{}{}</w:p><w:tc><w:tcPr><w:shd w:fill='000000'/></w:tcPr><w:p>{}</w:p></w:tc>",
            run("", "seen "),
            run("<w:vanish/>", "vanished"),
            run("<w:color w:val='FFFFFF'/>", "white"),
            run("<w:sz w:val='2'/>", "tiny"),
            run("<w:color w:val='FFFFFF'/>", "on black"),
        );
        let document = document(&body);
        let texts: Vec<_> = document.texts.iter().map(|text| (text.text.as_str(), text.hidden)).collect();
        assert_eq!(
            texts,
            [
                ("seen ", None),
                ("vanished", Some(HiddenText::Vanish)),
                ("white", Some(HiddenText::White)),
                ("tiny", Some(HiddenText::Tiny)),
                ("on black", None),
            ]
        );
    }

    #[test]
    fn white_on_a_fill_is_seen() {
        let white = "<w:r><w:rPr><w:color w:val='FFFFFF'/></w:rPr><w:t>on dark</w:t></w:r>";
        let bodies = [
            format!("<w:p>{}</w:p>", white.replace("<w:color", "<w:highlight w:val='black'/><w:color")),
            format!(
                "<w:p><wps:wsp><wps:spPr><a:solidFill><a:srgbClr val='102030'/></a:solidFill></wps:spPr>\
                 <w:txbxContent><w:p>{white}</w:p></w:txbxContent></wps:wsp></w:p>"
            ),
            format!(
                "<w:p><v:rect fillcolor='#102030 [1]'><w:txbxContent><w:p>{white}</w:p></w:txbxContent></v:rect></w:p>"
            ),
        ];
        for body in bodies {
            let texts = document(&body).texts;
            assert_eq!(texts.iter().map(|text| text.hidden).collect::<Vec<_>>(), [None], "{body}");
        }
        // The line around a shape fills nothing.
        let body = format!(
            "<w:p><wps:wsp><wps:spPr><a:ln><a:solidFill><a:srgbClr val='102030'/></a:solidFill></a:ln></wps:spPr>\
             <w:txbxContent><w:p>{white}</w:p></w:txbxContent></wps:wsp></w:p>"
        );
        assert_eq!(document(&body).texts[0].hidden, Some(HiddenText::White));
    }

    #[test]
    fn shapes_in_vml_give_their_texts() {
        let body = "<w:p><w:r><w:pict><v:shape alt='a stamp' href='http://one.invalid/'><v:textpath string='DRAFT'/>\
                    </v:shape></w:pict></w:r></w:p>";
        let texts: Vec<_> = document(body).texts.into_iter().map(|text| (text.text, text.place)).collect();
        assert_eq!(
            texts,
            [("a stamp".to_owned(), TextPlace::AltText), ("DRAFT".to_owned(), TextPlace::TextBox)]
        );
    }

    #[test]
    fn text_boxes_and_paragraphs_within_paragraphs_have_their_place() {
        let body = "<w:p><w:r><w:t>out</w:t></w:r><w:txbxContent><w:p><w:r><w:t>in</w:t></w:r></w:p></w:txbxContent>\
                    <w:r><w:t>side</w:t></w:r></w:p>";
        let document = document(body);
        let texts: Vec<_> = document.texts.iter().map(|text| (text.text.as_str(), text.place)).collect();
        assert_eq!(texts, [("in", TextPlace::TextBox), ("outside", TextPlace::Body)]);
    }
}
