//! Word 2003 XML, and the text of parts of a Word package: paragraphs, fields, links, binary data.
//!
//! Layout: the schema `http://schemas.microsoft.com/office/word/2003/wordml`; WordprocessingML of packages ([ECMA-376]
//! part 1, 17) has the same names for what is read here. Macros stand in `w:binData`, as ActiveMime.

use std::ops::Range;

use super::xml::{Element, Node, Xml};
use super::{Blob, place_in};
use crate::base::{Cx, LimitHit, Place};
use crate::documents::coded::Coded;
use crate::documents::document::{Document, DocumentText, Field, HiddenText, TextPlace};
use crate::documents::field::Bookmarks;
use crate::documents::link::{Link, LinkKind};
use crate::documents::objects::{Object, ObjectKind};
use crate::documents::ooxml::common;
use crate::documents::props::{Properties, PropertyText, PropertyValue};

/// What a Word text holds besides its document.
#[derive(Debug, Default)]
pub struct Extras {
    /// What it refers to.
    pub links: Vec<Link>,
    /// Its objects and controls.
    pub objects: Vec<Object>,
    /// Its binary data.
    pub blobs: Vec<Blob>,
    /// The states of its controls.
    pub controls: Vec<Blob>,
    /// Its properties.
    pub properties: Properties,
}

/// Shorter texts are joined with those before them: a list of words must not cost a text a word.
const SHORT: usize = 512;
/// What a property takes beside its text.
pub(super) const PROPERTY_BYTES: usize = 128;
/// Deepest nesting of fields; Word stops earlier.
const FIELDS: usize = 64;

/// Reads a Word text.
///
/// # Errors
/// [`LimitHit`] when the steps or the memory of models do not last; what was read is kept.
pub fn read(
    coded: &Coded<'_>,
    document: &mut Document,
    extras: &mut Extras,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let text = coded.text.as_ref();
    let mut xml = Xml::new(text);
    let offset = coded.offset.unwrap_or(0);
    let mut word = Word { coded, document, extras, state: State::default() };
    loop {
        let before = xml.at();
        let Some(node) = xml.next(offset, cx)? else { break };
        match node {
            Node::Start(element) => word.start(&element, cx)?,
            Node::End(name) => word.end(name, cx)?,
            Node::Text(piece) => word.text(&piece, before..xml.at(), text, cx)?,
        }
    }
    if let Some(sheet) = xml.style_sheet {
        cx.budget.hold(size_of::<Link>())?;
        word.extras.links.push(style_sheet(sheet, coded, cx));
    }
    word.flush(cx)
}

/// The link of a style sheet: a program asks before it turns the document into another by it.
pub(super) fn style_sheet(sheet: (String, Range<usize>), coded: &Coded<'_>, cx: &Cx<'_>) -> Link {
    let (target, range) = sheet;
    Link { kind: LinkKind::Other, target, automatic: false, location: coded.location(range, cx) }
}

#[derive(Default)]
struct State {
    /// Text that was not put into the document yet.
    paragraph: String,
    range: Option<Range<usize>>,
    hidden: Option<HiddenText>,
    place: Option<TextPlace>,
    /// Formatting of the run.
    run_hidden: Option<HiddenText>,
    in_text: bool,
    in_instruction: bool,
    fields: Vec<OpenField>,
    bookmarks: Bookmarks,
    /// Fields that are open beyond the ones kept.
    too_deep: usize,
    blob: Option<Blob>,
    property: Option<String>,
    in_properties: bool,
    /// Whether they are those that a person or macro named.
    custom: bool,
}

struct OpenField {
    instruction: String,
    at: Range<usize>,
    in_result: bool,
}

struct Word<'w, 'a> {
    coded: &'w Coded<'a>,
    document: &'w mut Document,
    extras: &'w mut Extras,
    state: State,
}

impl Word<'_, '_> {
    fn start(&mut self, element: &Element<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        match element.name() {
            "t" | "delText" => self.state.in_text = true,
            "instrText" | "delInstrText" => self.state.in_instruction = true,
            "r" => self.state.run_hidden = None,
            "vanish" | "webHidden" if is_on(element) => self.state.run_hidden = Some(HiddenText::Vanish),
            "color" if element.attribute("val").is_some_and(|value| value.eq_ignore_ascii_case("FFFFFF")) => {
                self.state.run_hidden.get_or_insert(HiddenText::White);
            }
            // Half points.
            "sz" => {
                let size = element.attribute("val").and_then(|value| value.parse::<f32>().ok());
                if size.is_some_and(|size| size <= 4.0) {
                    self.state.run_hidden.get_or_insert(HiddenText::Tiny);
                }
            }
            "tab" | "br" | "cr" if !self.state.paragraph.is_empty() => self.state.paragraph.push(' '),
            "fldChar" => self.field_mark(element, cx)?,
            "fldSimple" => {
                let instruction = element.attribute("instr").unwrap_or_default();
                self.keep_field(instruction, element.range.clone(), cx)?;
            }
            "hdr" | "ftr" => self.place(Some(TextPlace::Header), cx)?,
            "footnote" | "endnote" => self.place(Some(TextPlace::Note), cx)?,
            "comment" | "annotation" => self.place(Some(TextPlace::Comment), cx)?,
            "txbxContent" => self.place(Some(TextPlace::TextBox), cx)?,
            "binData" => {
                let name = element.attribute("name").unwrap_or_default();
                cx.budget.hold(name.len().saturating_add(128))?;
                self.state.blob = Some(Blob { name, ..Blob::default() });
            }
            "DocumentProperties" | "CustomDocumentProperties" => {
                self.state.in_properties = true;
                self.state.custom = element.name() == "CustomDocumentProperties";
            }
            name if self.state.in_properties => self.state.property = Some(name.to_owned()),
            _ => self.reference(element, cx)?,
        }
        Ok(())
    }

    /// Elements that refer to something outside, and objects.
    fn reference(&mut self, element: &Element<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let link = match element.name() {
            "hlink" => element.attribute("dest").map(|target| (LinkKind::Hyperlink, target, false)),
            "attachedTemplate" => {
                element.attribute("val").map(|target| (LinkKind::AttachedTemplate, target, true))
            }
            "sourceFileName" => element.attribute("val").map(|target| (LinkKind::Frame, target, true)),
            "subDoc" => element.attribute("link").map(|target| (LinkKind::SubDocument, target, true)),
            "connectString" | "query" | "dataSource" | "headerSource" | "udl" | "src" => {
                element.attribute("val").map(|target| (LinkKind::Query, target, false))
            }
            "docVar" => {
                self.variable(element, cx)?;
                None
            }
            "imagedata" | "fill" => {
                let target = element.attribute("href").or_else(|| element.attribute("src"));
                target.map(|target| (LinkKind::Image, target, true))
            }
            "shape" | "rect" => element.attribute("href").map(|target| (LinkKind::Hyperlink, target, false)),
            "OLEObject" | "ocx" => {
                self.object(element, cx)?;
                None
            }
            _ => None,
        };
        if let Some((kind, target, automatic)) = link
            && !target.is_empty()
            && !target.starts_with("wordml://")
        {
            cx.budget.hold(target.len().saturating_add(size_of::<Link>()))?;
            let location = self.coded.location(element.range.clone(), cx);
            self.extras.links.push(Link { kind, target, automatic, location });
        }
        Ok(())
    }

    /// A variable of the document, where macros keep texts.
    fn variable(&mut self, element: &Element<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let text = element.attribute("val").unwrap_or_default();
        if text.trim().len() > 3 {
            cx.budget.hold(size_of::<DocumentText>().saturating_add(text.len()))?;
            let location = self.coded.location(element.range.clone(), cx);
            let (place, hidden) = (TextPlace::Body, Some(HiddenText::NotShown));
            self.document.texts.push(DocumentText { text, place, hidden, location });
        }
        Ok(())
    }

    /// The state of a control: the type of the data, and Base64 behind the last comma.
    fn state_of(&self, element: &Element<'_>) -> Option<Blob> {
        let (_, value) = element.attributes().find(|(name, _)| *name == "data")?;
        let letters = value.get(value.rfind(',')?.saturating_add(1)..)?;
        let piece = place_in(self.coded.text.as_ref(), letters).filter(|piece| !piece.is_empty())?;
        let name = element.attribute("name").unwrap_or_default();
        Some(Blob { name, pieces: vec![piece], is_cut: false })
    }

    fn object(&mut self, element: &Element<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        cx.budget.hold(size_of::<Object>().saturating_add(256))?;
        let is_control = element.name() == "ocx";
        let kind = if is_control { ObjectKind::Control } else { ObjectKind::Embedded };
        let location = self.coded.location(element.range.clone(), cx);
        let mut object = Object::at(location.clone(), kind);
        let class = if is_control { element.attribute("classid") } else { element.attribute("ProgID") };
        object.class_name = class.unwrap_or_default();
        if let Some((start, identifier)) = object.class_name.split_once(':')
            && start.eq_ignore_ascii_case("clsid")
        {
            object.class = common::class(identifier);
        }
        let is_link = element.attribute("Type").is_some_and(|value| value.eq_ignore_ascii_case("Link"));
        if let (true, Some(target)) =
            (is_link, element.attribute("href").or_else(|| element.attribute("src")))
        {
            let automatic =
                element.attribute("UpdateMode").is_none_or(|mode| mode.eq_ignore_ascii_case("Always"));
            self.extras.links.push(Link { kind: LinkKind::OleObject, target, automatic, location });
        }
        // A control is told by its state when it has one.
        match self.state_of(element).filter(|_| is_control) {
            Some(state) => self.extras.controls.push(state),
            None => self.extras.objects.push(object),
        }
        Ok(())
    }

    fn end(&mut self, name: &str, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        match name {
            "t" | "delText" => self.state.in_text = false,
            "instrText" | "delInstrText" => self.state.in_instruction = false,
            "p" => return self.flush(cx),
            "hdr" | "ftr" | "footnote" | "endnote" | "comment" | "annotation" | "txbxContent" => {
                return self.place(None, cx);
            }
            "binData" => {
                if let Some(blob) = self.state.blob.take().filter(|blob| !blob.is_empty()) {
                    self.extras.blobs.push(blob);
                }
            }
            "DocumentProperties" | "CustomDocumentProperties" => {
                (self.state.in_properties, self.state.property) = (false, None);
            }
            _ => self.state.property = None,
        }
        Ok(())
    }

    fn text(&mut self, piece: &str, range: Range<usize>, all: &str, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        if let Some(blob) = &mut self.state.blob {
            blob.add(all, range);
            return Ok(());
        }
        if let Some(name) = &self.state.property {
            cx.budget.hold(piece.len().saturating_add(PROPERTY_BYTES))?;
            let value =
                PropertyText { text: piece.trim().to_owned(), location: self.coded.location(range, cx) };
            if !value.text.is_empty() {
                set_property(&mut self.extras.properties, name, self.state.custom, value);
            }
            return Ok(());
        }
        let state = &mut self.state;
        // The result of a field inside an instruction is part of that instruction.
        let in_code = state.fields.iter_mut().rev().find(|field| !field.in_result);
        if let Some(field) = in_code
            && (state.in_instruction || state.in_text)
        {
            cx.budget.hold(piece.len())?;
            field.instruction.push_str(piece);
            field.at.end = range.end;
        } else if state.in_text {
            cx.budget.hold(piece.len())?;
            if state.hidden != state.run_hidden {
                self.flush(cx)?;
                self.state.hidden = self.state.run_hidden;
            }
            let state = &mut self.state;
            state.paragraph.push_str(piece);
            match &mut state.range {
                Some(known) => known.end = range.end,
                None => state.range = Some(range),
            }
        }
        Ok(())
    }

    fn field_mark(&mut self, element: &Element<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        match element.attribute("fldCharType").as_deref() {
            Some("begin") if self.state.fields.len() >= FIELDS => {
                self.state.too_deep = self.state.too_deep.saturating_add(1);
                cx.recovered(self.coded.at(element.range.start), "fields nested too deep for Word");
            }
            Some("begin") => self.state.fields.push(OpenField {
                instruction: String::new(),
                at: element.range.clone(),
                in_result: false,
            }),
            Some("separate") => {
                if let (0, Some(field)) = (self.state.too_deep, self.state.fields.last_mut()) {
                    field.in_result = true;
                }
            }
            Some("end") if self.state.too_deep > 0 => {
                self.state.too_deep = self.state.too_deep.saturating_sub(1)
            }
            Some("end") => {
                if let Some(field) = self.state.fields.pop() {
                    let computed = self.state.bookmarks.computed(&field.instruction);
                    // Without a stored result Word computes it.
                    if let (Some(text), false, Some(around)) =
                        (computed, field.in_result, self.state.fields.last_mut())
                        && !around.in_result
                    {
                        cx.budget.hold(text.len())?;
                        around.instruction.push_str(&text);
                    }
                    self.keep_field(field.instruction, field.at, cx)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn keep_field(&mut self, instruction: String, at: Range<usize>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let instruction = instruction.trim().to_owned();
        if !instruction.is_empty() {
            cx.budget.hold(instruction.len().saturating_add(size_of::<Field>()))?;
            let location = self.coded.location(at, cx);
            self.document.fields.push(Field { instruction, location });
        }
        Ok(())
    }

    fn place(&mut self, place: Option<TextPlace>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        self.flush(cx)?;
        self.state.place = place;
        Ok(())
    }

    /// Puts the text so far into the document.
    fn flush(&mut self, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let text = std::mem::take(&mut self.state.paragraph);
        let range = self.state.range.take();
        if let (Some(range), false) = (range, text.trim().is_empty()) {
            let location = self.coded.location(range, cx);
            let place = self.state.place.unwrap_or(TextPlace::Body);
            if let Some(last) = self.document.texts.last_mut()
                && (last.place, last.hidden) == (place, self.state.hidden)
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
            self.document.texts.push(DocumentText { text, place, hidden: self.state.hidden, location });
        }
        Ok(())
    }
}

/// Whether a switch is on: it is, unless its value says otherwise.
fn is_on(element: &Element<'_>) -> bool {
    !element.attribute("val").is_some_and(|value| matches!(value.as_str(), "off" | "false" | "0"))
}

/// Puts a property of Office XML where a property set would have it; the first value stays.
pub(super) fn set_property(properties: &mut Properties, name: &str, custom: bool, value: PropertyText) {
    if custom {
        properties.custom.push((name.to_owned(), PropertyValue::Text(value)));
        return;
    }
    let place = match name {
        "Title" => &mut properties.title,
        "Subject" => &mut properties.subject,
        "Author" => &mut properties.author,
        "Keywords" => &mut properties.keywords,
        "Description" => &mut properties.comments,
        "LastAuthor" => &mut properties.last_author,
        "Category" => &mut properties.category,
        "Manager" => &mut properties.manager,
        "Company" => &mut properties.company,
        "HyperlinkBase" => &mut properties.hyperlink_base,
        "Template" => &mut properties.template,
        _ => return,
    };
    place.get_or_insert(value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn parsed(text: &str) -> (Document, Extras) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::TextFormat, budget: &mut budget, problems: &mut problems };
        let coded = Coded::new(text.as_bytes(), None, &mut cx).unwrap();
        let (mut document, mut extras) = (Document::default(), Extras::default());
        read(&coded, &mut document, &mut extras, &mut cx).unwrap();
        assert!(problems.list().is_empty());
        (document, extras)
    }

    #[test]
    fn text_joins_runs_and_hidden_runs_stand_alone() {
        let (document, _) = parsed(
            "<w:p><w:r><w:t>Enable </w:t></w:r><w:r><w:t>content</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr>\
             <w:t>x</w:t></w:r></w:p><w:ftr><w:p><w:r><w:t>foot</w:t></w:r></w:p></w:ftr>",
        );
        let texts: Vec<_> =
            document.texts.iter().map(|text| (text.text.as_str(), text.place, text.hidden)).collect();
        assert_eq!(
            texts,
            [
                ("Enable content", TextPlace::Body, None),
                ("x", TextPlace::Body, Some(HiddenText::Vanish)),
                ("foot", TextPlace::Header, None),
            ]
        );
    }

    #[test]
    fn split_and_nested_fields_are_joined() {
        let (document, _) = parsed(
            "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>DDE</w:instrText></w:r><w:r>\
             <w:fldChar w:fldCharType=\"begin\"/><w:instrText>QUOTE 65</w:instrText><w:fldChar w:fldCharType=\"separate\"/>\
             <w:t>A</w:t><w:fldChar w:fldCharType=\"end\"/></w:r><w:r><w:instrText>UTO cmd</w:instrText></w:r>\
             <w:fldChar w:fldCharType=\"end\"/></w:p><w:fldSimple w:instr=\" PAGE \"/>",
        );
        let fields: Vec<_> = document.fields.iter().map(|field| field.instruction.as_str()).collect();
        assert_eq!(fields, ["QUOTE 65", "DDEAUTO cmd", "PAGE"]);
    }

    #[test]
    fn links_properties_and_binary_data_are_taken() {
        let (_, extras) = parsed(
            "<w:wordDocument><o:DocumentProperties><o:Title>T</o:Title></o:DocumentProperties><w:docPr>\
             <w:attachedTemplate w:val=\"http://one.invalid/a.dotm\"/></w:docPr><w:hlink w:dest=\"http://two.invalid\"/>\
             <v:imagedata src=\"wordml://1.png\"/><w:docSuppData><w:binData w:name=\"editdata.mso\">Zm9v</w:binData>\
             </w:docSuppData></w:wordDocument>",
        );
        let links: Vec<_> =
            extras.links.iter().map(|link| (link.kind, link.target.as_str(), link.automatic)).collect();
        assert_eq!(
            links,
            [
                (LinkKind::AttachedTemplate, "http://one.invalid/a.dotm", true),
                (LinkKind::Hyperlink, "http://two.invalid", false),
            ]
        );
        assert_eq!(extras.properties.title.unwrap().text, "T");
        assert_eq!(
            extras.blobs.iter().map(|blob| (blob.name.as_str(), blob.len())).collect::<Vec<_>>(),
            [("editdata.mso", 4)]
        );
    }

    #[test]
    fn states_of_controls_variables_and_sources_are_kept() {
        let (document, extras) = parsed(
            "<?xml-stylesheet href=\"a.xsl\"?><w:wordDocument><w:docVar w:name=\"a\" w:val=\"some text\"/><w:dataSource \
             w:val=\"file://one.invalid/a.mdb\"/><w:ocx w:data=\"DATA:application/x-oleobject;BASE64,Zm9&#118;\" \
             w:name=\"Box1\" w:classid=\"CLSID:8BD21D10-EC42-11CE-9E0D-00AA006002F3\"/><w:ocx \
             w:classid=\"CLSID:D27CDB6E-AE6D-11CF-96B8-444553540000\"/></w:wordDocument>",
        );
        let [variable] = document.texts.as_slice() else { panic!("{:?}", document.texts) };
        assert_eq!((variable.text.as_str(), variable.hidden), ("some text", Some(HiddenText::NotShown)));
        let links: Vec<_> = extras.links.iter().map(|link| (link.kind, link.target.as_str())).collect();
        assert_eq!(links, [(LinkKind::Query, "file://one.invalid/a.mdb"), (LinkKind::Other, "a.xsl")]);
        let [state] = extras.controls.as_slice() else { panic!("{:?}", extras.controls) };
        assert_eq!((state.name.as_str(), state.pieces.len()), ("Box1", 1));
        let [object] = extras.objects.as_slice() else { panic!("{:?}", extras.objects) };
        assert_eq!(object.class.and_then(|class| class.known_name()), Some("Flash"));
    }
}
