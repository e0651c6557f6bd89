//! PowerPoint packages: slides, notes, comments, and what a click or the mouse starts
//! (ECMA-376 part 1, 19 and 20.1).

use std::collections::BTreeSet;

use super::xml::{Node, Nodes, Tag, text};
use super::{Found, Package, Parts, opened};
use crate::base::{Cx, LimitHit, Location, PartId, Stage};
use crate::documents::document::{Document, DocumentKind, DocumentText, HiddenText, TextPlace};
use crate::documents::link::{Link, LinkKind};
use crate::documents::objects::{Object, ObjectKind};

/// Hundredths of a point up to which text is too small to read.
const TINY: u32 = 200;

/// Reads the texts and actions of a presentation.
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
    let mut document =
        Document { part: package.id(main), kind: DocumentKind::Presentation, ..Document::default() };
    let mut order = Vec::new();
    let mut grounds = Grounds::default();
    let mut result = slides(package, source, main, &mut order, cx);
    for (index, part) in (0_u32..).zip(package.parts()) {
        if let Some(place) = place_of(&part.content_type)
            && !order.iter().any(|(known, _)| *known == index)
        {
            order.push((index, place));
        }
    }
    for (index, place) in order {
        if result.is_err() {
            break;
        }
        result = part(package, source, (index, place), &mut document, &mut grounds, found, cx);
    }
    grounds.settle(package, &mut document);
    // What was read before a limit is judged all the same.
    found.documents.push(document);
    result
}

/// What slides have behind their texts: white text is hidden where that is white, as far as one can tell.
#[derive(Debug, Default)]
struct Grounds {
    /// Parts with anything that is not white: a background, a filled shape, a picture, a table.
    painted: BTreeSet<u32>,
    /// Texts that are white, each with its part.
    white: Vec<(usize, u32)>,
}

impl Grounds {
    /// Takes the mark from white texts on slides that are painted, or whose layout or master is.
    fn settle(&self, package: &Package, document: &mut Document) {
        let related = |part: u32, kind: &'static str| package.targets(Some(part), kind).next();
        for (text, part) in &self.white {
            let layout = related(*part, "slideLayout");
            let master = related(layout.unwrap_or(*part), "slideMaster");
            let grounds = [Some(*part), layout, master];
            if grounds.iter().flatten().any(|ground| self.painted.contains(ground))
                && let Some(text) = document.texts.get_mut(*text)
            {
                text.hidden = None;
            }
        }
    }
}

/// What the text of a part is, by its content type. `None` as a place: only what is no placeholder is
/// shown on the slides of the layout.
fn place_of(content_type: &str) -> Option<Option<TextPlace>> {
    if !content_type.contains("presentationml") && !content_type.contains("ms-powerpoint") {
        return None;
    }
    let (_, last) = content_type.rsplit_once('.')?;
    match last {
        "slide+xml" => Some(Some(TextPlace::Slide)),
        "notesslide+xml" => Some(Some(TextPlace::Note)),
        "comments+xml" => Some(Some(TextPlace::Comment)),
        "slidemaster+xml" | "slidelayout+xml" | "notesmaster+xml" | "handoutmaster+xml" => Some(None),
        _ => None,
    }
}

/// The slides in their order.
fn slides<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    main: u32,
    order: &mut Vec<(u32, Option<TextPlace>)>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, main, cx)?;
    let cx = &mut cx.for_part(package.id(main), Stage::Presentation);
    let xml = text(bytes.as_slice(), cx)?;
    let mut nodes = Nodes::new(&xml);
    while let Some(node) = nodes.next(cx)? {
        let Node::Start(tag) = node else { continue };
        if tag.local() != "sldId" {
            continue;
        }
        let relationship = tag.prefixed("id").and_then(|id| package.by_id(main, &id));
        if relationship.is_none() {
            let at = tag.at.min(bytes.as_slice().len() as u64);
            cx.abandoned(at..at, "no relationship leads to a slide");
        }
        let slide = relationship.and_then(|one| one.part);
        if let Some(slide) =
            slide.filter(|slide| order.len() < 16_384 && !order.iter().any(|(known, _)| known == slide))
        {
            // The list of slides is short, and each of them is looked for in it.
            cx.budget.step((order.len() as u64).div_ceil(16).saturating_add(1))?;
            order.push((slide, Some(TextPlace::Slide)));
        }
    }
    if nodes.has_doctype {
        let id = package.id(main);
        package.doctypes.push(id);
    }
    Ok(())
}

struct Reader<'d> {
    document: &'d mut Document,
    part: PartId,
    len: u64,
    place: Option<TextPlace>,
    hidden: Option<HiddenText>,
    text: String,
    text_at: u64,
    text_hidden: Option<HiddenText>,
    shape_hidden: bool,
    /// Whether the shape is filled in from the slide: its text on a layout is a hint to the author.
    is_placeholder: bool,
    /// Whether it is the header or footer of a slide or of notes.
    is_header: bool,
    tiny: bool,
    colours: Colours,
}

/// Where a colour stands, and whether the run is white.
#[derive(Debug, Default)]
struct Colours {
    in_run: bool,
    in_line: bool,
    /// In the fill of a shape, a table cell or a background.
    in_ground: bool,
    /// In the reference of a background to a theme.
    in_reference: bool,
    run_white: bool,
    /// Whether the text so far is white.
    text_white: bool,
    painted: bool,
}

impl Colours {
    fn start(&mut self, tag: &Tag<'_>) {
        match tag.local() {
            "rPr" | "endParaRPr" | "defRPr" => (self.in_run, self.run_white) = (true, false),
            "ln" | "lnL" | "lnR" | "lnT" | "lnB" | "uLn" => self.in_line = true,
            "spPr" | "bgPr" | "tcPr" | "grpSpPr" => self.in_ground = true,
            // The first of the theme's backgrounds is the plain colour.
            "bgRef" => {
                self.in_reference = true;
                self.painted |= tag.number::<u32>("idx").is_some_and(|index| index > 1001);
            }
            "fillRef" => self.painted |= tag.number::<u32>("idx").is_some_and(|index| index > 0),
            "pic" | "graphicFrame" => self.painted = true,
            "gradFill" | "blipFill" | "pattFill" | "grpFill" if !self.in_run && !self.in_line => {
                self.painted = true;
            }
            // The first background of the theme is dark when the map says so.
            "clrMap" | "overrideClrMapping" => {
                self.painted |= tag.attr("bg1").is_some_and(|colour| colour != "lt1");
            }
            "srgbClr" | "schemeClr" | "sysClr" | "prstClr" | "scrgbClr" | "hslClr" if !self.in_line => {
                let value = tag.attr("val").unwrap_or_default();
                let is_white = matches!(&*value, "bg1" | "lt1" | "window" | "white")
                    || value.eq_ignore_ascii_case("ffffff");
                if self.in_run {
                    self.run_white = is_white;
                } else if self.in_ground || self.in_reference {
                    self.painted |= !is_white;
                }
            }
            // A darker shade of white.
            "lumMod" | "shade" if self.in_run => self.run_white = false,
            "lumMod" | "shade" => self.painted |= self.in_ground && !self.in_line,
            _ => {}
        }
    }

    fn end(&mut self, local: &str) {
        match local {
            "rPr" | "endParaRPr" | "defRPr" => self.in_run = false,
            "ln" | "lnL" | "lnR" | "lnT" | "lnB" | "uLn" => self.in_line = false,
            "spPr" | "bgPr" | "tcPr" | "grpSpPr" => self.in_ground = false,
            "bgRef" => self.in_reference = false,
            "r" => self.run_white = false,
            _ => {}
        }
    }
}

fn part<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    (index, place): (u32, Option<TextPlace>),
    document: &mut Document,
    grounds: &mut Grounds,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let part = package.id(index);
    let cx = &mut cx.for_part(part, Stage::Presentation);
    let xml = text(bytes.as_slice(), cx)?;
    let mut nodes = Nodes::new(&xml);
    // A place for the white texts that this part may bring.
    cx.budget.hold(64)?;
    let mut reader = Reader {
        document,
        part,
        len: bytes.as_slice().len() as u64,
        place,
        hidden: None,
        text: String::new(),
        text_at: 0,
        text_hidden: None,
        shape_hidden: false,
        is_placeholder: false,
        is_header: false,
        tiny: false,
        colours: Colours::default(),
    };
    let first = reader.document.texts.len();
    let mut in_text = false;
    while let Some(node) = nodes.next(cx)? {
        match node {
            Node::Start(tag) => {
                in_text = matches!(tag.local(), "t" | "text");
                reader.colours.start(&tag);
                reader.start(&tag, package, index, found, cx)?;
            }
            Node::End(tag) => {
                in_text = false;
                reader.colours.end(tag.local());
                match tag.local() {
                    "p" | "text" | "cm" => reader.flush(cx)?,
                    "sp" | "pic" | "graphicFrame" | "grpSp" => {
                        (reader.shape_hidden, reader.is_placeholder) = (false, false);
                        reader.is_header = false;
                    }
                    _ => {}
                }
            }
            Node::Text(text) if in_text => {
                if reader.colours.run_white != reader.colours.text_white {
                    reader.flush(cx)?;
                    reader.colours.text_white = reader.colours.run_white;
                }
                reader.text.push_str(&text);
            }
            Node::Text(_) => {}
        }
    }
    reader.flush(cx)?;
    if reader.colours.painted {
        grounds.painted.insert(index);
    }
    let texts = document.texts.get(first..).unwrap_or_default();
    let white = (first..).zip(texts).filter(|(_, text)| text.hidden == Some(HiddenText::White));
    grounds.white.extend(white.map(|(text, _)| (text, index)));
    if nodes.has_doctype {
        package.doctypes.push(part);
    }
    Ok(())
}

impl Reader<'_> {
    fn start(
        &mut self,
        tag: &Tag<'_>,
        package: &Package,
        index: u32,
        found: &mut Found,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let at = tag.at.min(self.len);
        match tag.local() {
            "sld" if tag.flag("show") == Some(false) => self.hidden = Some(HiddenText::NotShown),
            "p" => {
                self.text_at = at;
                self.text_hidden = self.shape_hidden.then_some(HiddenText::NotShown);
            }
            "rPr" => {
                self.tiny = tag.number::<u32>("sz").is_some_and(|size| size <= TINY);
                if self.tiny {
                    self.text_hidden = self.text_hidden.or(Some(HiddenText::Tiny));
                }
            }
            "ph" => {
                self.is_placeholder = true;
                self.is_header = tag.attr("type").is_some_and(|kind| matches!(&*kind, "hdr" | "ftr"));
            }
            "br" => self.text.push('\n'),
            "cNvPr" => {
                self.shape_hidden = tag.flag("hidden").unwrap_or(false);
                let title = tag.attr("title").unwrap_or_default();
                let description = tag.attr("descr").unwrap_or_default();
                let text = format!("{title} {description}");
                if self.place.is_some() {
                    self.keep(text.trim().to_owned(), TextPlace::AltText, self.hidden, at, cx)?;
                }
            }
            "hlinkClick" | "hlinkMouseOver" | "hlinkHover" => self.action(tag, package, index, found, cx)?,
            "cmd" if tag.attr("type").is_some_and(|kind| kind == "verb") => {
                // A command of the timeline: a verb of an embedded object, run when its time comes.

                let target = format!("verb {}", tag.attr("cmd").unwrap_or_default());
                let location = Location::bytes(self.part, at..at);
                cx.budget.hold(size_of::<Link>().saturating_add(target.len()))?;
                found.links.push(Link { kind: LinkKind::Action, target, automatic: true, location });
            }
            "oleObj" => {
                let program = tag.attr("progId").unwrap_or_default();
                let relationship = tag.prefixed("id").and_then(|id| package.by_id(index, &id));
                let part = relationship.and_then(|one| one.part).map_or(self.part, |part| package.id(part));
                cx.budget.hold(size_of::<Object>().saturating_add(program.len()))?;
                let mut object = Object::at(Location::part(part), ObjectKind::Embedded);
                object.class_name = program.into_owned();
                // The same object is named for old and new readers.
                if !found.objects.iter().rev().take(16).any(|known| *known == object) {
                    found.objects.push(object);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A link with an action: a program, a macro, a file.
    fn action(
        &mut self,
        tag: &Tag<'_>,
        package: &Package,
        index: u32,
        found: &mut Found,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let action = tag.attr("action").unwrap_or_default();
        let on_hover = tag.local() != "hlinkClick";
        let lower = action.to_ascii_lowercase();
        let starts = lower.starts_with("ppaction://program")
            || lower.starts_with("ppaction://macro")
            || lower.starts_with("ppaction://ole")
            || lower.starts_with("ppaction://hlinkfile");
        // A macro stands in the action; a relationship beside it leads nowhere.
        let id = tag.prefixed("id").filter(|_| !lower.starts_with("ppaction://macro"));
        let target = id.and_then(|id| package.by_id(index, &id)).map(|one| one.target.clone());
        let counts = starts || (on_hover && target.is_some());
        if !counts {
            return Ok(());
        }
        let target = match target {
            Some(target) => target,
            None => action.into_owned(),
        };
        let at = tag.at.min(self.len);
        cx.budget.hold(size_of::<Link>().saturating_add(target.len()))?;
        found.links.push(Link {
            kind: LinkKind::Action,
            target,
            automatic: on_hover,
            location: Location::bytes(self.part, at..at),
        });
        Ok(())
    }

    fn flush(&mut self, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let text = std::mem::take(&mut self.text);
        // What no slide fills in on a layout is shown on all of its slides.
        let place = self.place.or((!self.is_placeholder).then_some(TextPlace::Slide));
        let Some(place) = place else { return Ok(()) };
        let place = if self.is_header { TextPlace::Header } else { place };
        let white = self.colours.text_white.then_some(HiddenText::White);
        let hidden = self.hidden.or(self.text_hidden).or(white);
        let at = self.text_at;
        self.keep(text, place, hidden, at, cx)
    }

    fn keep(
        &mut self,
        text: String,
        place: TextPlace,
        hidden: Option<HiddenText>,
        at: u64,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        if text.trim().is_empty() {
            return Ok(());
        }
        cx.budget.step(1)?;
        cx.budget.hold(size_of::<DocumentText>().saturating_add(text.len()).saturating_mul(2))?;
        let location = Location::bytes(self.part, at..at);
        self.document.texts.push(DocumentText { text, place, hidden, location });
        Ok(())
    }
}
