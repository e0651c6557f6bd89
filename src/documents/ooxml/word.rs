//! Word packages: texts by place in reading order, and fields (ECMA-376 part 1, 17).
//!
//! A field is an instruction to Word. It is written in pieces: any number of runs with `instrText`
//! between its begin and its separator, fields within fields, an attribute. Pieces are joined, and a
//! field in an instruction stands for what it comes to: `QUOTE 68 68 69` is a way to write `DDE`.
//! Text that a person does not see (hidden, white, tiny) is kept and marked.

use super::xml::{Node, Nodes, Tag, text};
use super::{Found, Package, Parts, opened};
use crate::base::{Cx, LimitHit, Location, PartId, Stage};
use crate::documents::document::{Document, DocumentKind, DocumentText, Field, HiddenText, TextPlace};
use crate::documents::objects::{Object, ObjectKind};

/// Fields that may be open at the same time.
const MAX_FIELDS: usize = 64;

/// Bytes of one instruction that are kept.
const MAX_INSTRUCTION: usize = 64 << 10;

/// Half-points up to which text is too small to read (2 points).
const TINY: u32 = 4;

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
    let mut result = Ok(());
    for (index, place) in order {
        result = part(package, source, (index, place), &mut document, found, cx);
        if result.is_err() {
            break;
        }
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

/// How a run looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Look {
    vanish: bool,
    white: bool,
    tiny: bool,
    shaded: bool,
}

/// A paragraph while it is read.
#[derive(Debug)]
struct Paragraph {
    text: String,
    at: u64,
    place: TextPlace,
    look: Look,
    hidden: Option<HiddenText>,
    shaded: bool,
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
    part: PartId,
    len: u64,
    paragraphs: Vec<Paragraph>,
    fields: Vec<Open>,
    places: Vec<TextPlace>,
    /// Whether each open table cell has a background of its own.
    cells: Vec<bool>,
    in_run_properties: bool,
    in_paragraph_properties: bool,
    in_cell_properties: bool,
}

fn part<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    (index, place): (u32, TextPlace),
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
        part,
        len: bytes.as_slice().len() as u64,
        paragraphs: Vec::new(),
        fields: Vec::new(),
        places: vec![place],
        cells: Vec::new(),
        in_run_properties: false,
        in_paragraph_properties: false,
        in_cell_properties: false,
    };
    let result = reader.nodes(&mut nodes, package, index, found, cx);
    let result = result.and_then(|()| reader.finish(cx));
    if nodes.has_doctype {
        package.doctypes.push(part);
    }
    result
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
                let shaded = self.cells.last().copied().unwrap_or(false);
                self.paragraphs.push(Paragraph {
                    text: String::new(),
                    at: tag.at.min(self.len),
                    place,
                    look: Look::default(),
                    hidden: None,
                    shaded,
                });
            }
            "r" => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.look = Look::default();
                }
            }
            "rPr" => self.in_run_properties = true,
            "pPr" => self.in_paragraph_properties = true,
            "tcPr" => self.in_cell_properties = true,
            "tc" if self.cells.len() < MAX_FIELDS => self.cells.push(false),
            "txbxContent" if self.places.len() < MAX_FIELDS => self.places.push(TextPlace::TextBox),
            "tab" | "br" | "cr" if !self.in_paragraph_properties => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.text.push(if tag.local() == "tab" { '\t' } else { '\n' });
                }
            }
            "shd" => {
                let is_dark =
                    tag.attr("fill").is_some_and(|fill| !matches!(&*fill, "auto" | "FFFFFF" | "ffffff"));
                if self.in_cell_properties {
                    if let Some(cell) = self.cells.last_mut() {
                        *cell |= is_dark;
                    }
                } else if let Some(paragraph) = self.paragraphs.last_mut() {
                    if self.in_run_properties {
                        paragraph.look.shaded |= is_dark;
                    } else {
                        paragraph.shaded |= is_dark;
                    }
                }
            }
            local if self.in_run_properties && !self.in_paragraph_properties => {
                let Some(paragraph) = self.paragraphs.last_mut() else { return };
                match local {
                    "vanish" | "specVanish" => paragraph.look.vanish = tag.flag("val").unwrap_or(true),
                    "color" => {
                        paragraph.look.white =
                            tag.attr("val").is_some_and(|value| value.eq_ignore_ascii_case("ffffff"));
                    }
                    "sz" => paragraph.look.tiny = tag.number::<u32>("val").is_some_and(|size| size <= TINY),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, local: &str, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        match local {
            "p" => {
                if let Some(paragraph) = self.paragraphs.pop() {
                    self.keep(paragraph, cx)?;
                }
            }
            "rPr" => self.in_run_properties = false,
            "pPr" => self.in_paragraph_properties = false,
            "tcPr" => self.in_cell_properties = false,
            "tc" => drop(self.cells.pop()),
            "txbxContent" if self.places.len() > 1 => drop(self.places.pop()),
            _ => {}
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
        let look = paragraph.look;
        let hidden = if look.vanish {
            Some(HiddenText::Vanish)
        } else if look.white && !look.shaded && !paragraph.shaded {
            Some(HiddenText::White)
        } else if look.tiny {
            Some(HiddenText::Tiny)
        } else {
            None
        };
        if hidden != paragraph.hidden && !paragraph.text.trim().is_empty() {
            let done = Paragraph { text: std::mem::take(&mut paragraph.text), ..*paragraph };
            paragraph.hidden = hidden;
            paragraph.text.push_str(text);
            return self.keep(done, cx);
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
        let quoted = quoted(&field.instruction);
        if let Some(around) = self.fields.last_mut() {
            let stands_for = match &quoted {
                Some(text) => text,
                None if !field.result.is_empty() => &field.result,
                None => &field.instruction,
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
        self.document.fields.push(Field { instruction, location: Location::bytes(self.part, at..at) });
        Ok(())
    }

    /// Alternative text of a picture.
    fn described(&mut self, tag: &Tag<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let title = tag.attr("title").unwrap_or_default();
        let description = tag.attr("descr").unwrap_or_default();
        let text = format!("{title} {description}");
        let paragraph = Paragraph {
            text: text.trim().to_owned(),
            at: tag.at.min(self.len),
            place: TextPlace::AltText,
            look: Look::default(),
            hidden: tag.flag("hidden").unwrap_or(false).then_some(HiddenText::NotShown),
            shaded: false,
        };
        self.keep(paragraph, cx)
    }

    fn keep(&mut self, paragraph: Paragraph, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        if paragraph.text.trim().is_empty() {
            return Ok(());
        }
        cx.budget.step(1)?;
        cx.budget.hold(size_of::<DocumentText>().saturating_add(paragraph.text.len()).saturating_mul(2))?;
        let Paragraph { text, at, place, hidden, .. } = paragraph;
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
            self.keep(paragraph, cx)?;
        }
        Ok(())
    }
}

/// The text that a QUOTE field of character codes comes to: `QUOTE 68 68 69`.
fn quoted(instruction: &str) -> Option<String> {
    let rest = instruction.trim();
    let head = rest.get(..5).filter(|head| head.eq_ignore_ascii_case("QUOTE"))?;
    let rest = rest.get(head.len()..)?.trim();
    let mut text = String::new();
    for word in rest.split_ascii_whitespace() {
        let code: u32 = word.parse().ok()?;
        text.push(char::from_u32(code)?);
    }
    if text.is_empty() {
        Some(rest.trim_matches('"').to_owned()).filter(|rest| !rest.is_empty())
    } else {
        Some(text)
    }
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
    fn text_boxes_and_paragraphs_within_paragraphs_have_their_place() {
        let body = "<w:p><w:r><w:t>out</w:t></w:r><w:txbxContent><w:p><w:r><w:t>in</w:t></w:r></w:p></w:txbxContent>\
                    <w:r><w:t>side</w:t></w:r></w:p>";
        let document = document(body);
        let texts: Vec<_> = document.texts.iter().map(|text| (text.text.as_str(), text.place)).collect();
        assert_eq!(texts, [("in", TextPlace::TextBox), ("outside", TextPlace::Body)]);
    }
}
