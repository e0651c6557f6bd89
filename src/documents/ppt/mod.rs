//! Presentations of PowerPoint 97 to 2003 ([MS-PPT]): text, what clicks do, and the storages inside.
//!
//! The stream `PowerPoint Document` is records within records. All of them are walked in one pass,
//! what earlier saves left behind included: a record that no directory names is still read. The pass
//! has no recursion; where it stands is a list of the containers around it. A record that cannot be
//! one ends the pass, which goes on at the next object that a directory of the file names.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod consts;
mod edits;
mod style;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use consts::*;
use edits::Edits;

use crate::base::text::{latin1, utf16le};
use crate::base::{Cx, LimitHit, Location, Reader, Short};
use crate::containers::sniff::sniff;
use crate::documents::art::{self, Drawing, HEADER, Head};
use crate::documents::document::{Document, DocumentKind, DocumentText, HiddenText, TextPlace};
use crate::documents::link::{Link, LinkKind};
use crate::documents::objects::{Object, ObjectKind};

/// What a presentation states.
#[derive(Debug, Clone, Default)]
pub struct PresentationFile {
    /// Its texts.
    pub document: Document,
    /// Where clicks lead, and what they run. A macro has the target `ppaction://macro?name=...`, as
    /// PowerPoint writes it in packages; a link that the mouse follows without a click is automatic.
    pub links: Vec<Link>,
    /// Embedded objects and controls, by what the presentation calls them.
    pub objects: Vec<Object>,
    /// Files inside: objects, controls, the VBA project, and packages of what older versions do not know.
    pub storages: Vec<Storage>,
    /// Whether it is ciphertext.
    pub is_encrypted: bool,
    /// Whether the caller decrypted the stream: its records still say otherwise.
    pub is_decrypted: bool,
}

/// A file in a record: a compound file ([MS-PPT] 2.10.34 ExOleObjStg), or a package of PowerPoint 2007.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storage {
    /// Where its bytes lie, as stored.
    pub bytes: Range<u64>,
    /// Size that the record states for what is inflated; `None` when it is not compressed.
    pub inflated: Option<u32>,
}

/// Containers around a place that are kept.
const DEEPEST: usize = 64;

/// Whether a record can be of this type: of PowerPoint or of drawings.
fn is_known(head: &Head) -> bool {
    matches!(head.kind, 0x03E8..=0x1FFF | 0x2AF0..=0x3000 | 0x3714..=0x3715 | 0xF000..=0xF2FF)
}

/// Whether a record holds records. Packages of PowerPoint 2007 (themes, layouts, table styles) have the
/// mark of a container and begin as an archive does.
fn is_container(head: &Head, body: &[u8]) -> bool {
    let may_be_package = matches!(head.kind, ROUND_TRIP_FIRST..=ROUND_TRIP_LAST);
    head.is_container() && !(may_be_package && is_archive(body))
}

fn is_archive(body: &[u8]) -> bool {
    body.starts_with(b"PK\x03\x04")
}

/// A container that the walk is in.
#[derive(Debug, Clone, Copy)]
struct Around {
    kind: u16,
    instance: u16,
    at: u64,
    end: u64,
}

/// What is known of the containers that hold several atoms, until they end.
#[derive(Debug, Default)]
struct Pending {
    hyperlink: u32,
    action: Option<Action>,
    object: Option<Object>,
    /// Whether the slide around is hidden.
    is_hidden: bool,
    /// Whether the shape around is hidden.
    is_hidden_shape: bool,
    /// The slide whose texts in the outline come next.
    slide: Option<u32>,
    /// Number of the last text and where its characters lie, for the formatting behind it.
    text: Option<(usize, Range<u64>, usize)>,
}

/// An action of the mouse ([MS-PPT] 2.8.2 InteractiveInfoAtom).
#[derive(Debug, Clone)]
struct Action {
    at: Range<u64>,
    hyperlink: u32,
    kind: u8,
    is_over: bool,
    name: String,
}

/// Reads the stream `PowerPoint Document`; `current_user` is the stream of that name beside it.
///
/// # Errors
/// [`LimitHit`]; `into` keeps what was read.
pub fn read(
    stream: &[u8],
    current_user: Option<&[u8]>,
    into: &mut PresentationFile,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    into.document.part = cx.part;
    into.document.kind = DocumentKind::Presentation;
    let mut edits = Edits::default();
    edits.read(stream, current_user.unwrap_or_default(), cx)?;
    let is_decrypted = into.is_decrypted;
    if edits.is_encrypted && !is_decrypted {
        return encrypted(into, cx);
    }
    let mut walk = Walk {
        stream,
        into,
        around: Vec::new(),
        pending: Pending::default(),
        targets: BTreeMap::new(),
        actions: Vec::new(),
        hidden_slides: BTreeSet::new(),
        outline: Vec::new(),
    };
    let result = walk.all(&edits.anchors, cx);
    walk.hide(&edits);
    let result = result.and_then(|()| walk.resolve(cx));
    if into.is_encrypted && !is_decrypted {
        // Records that were read before the session was met are ciphertext by chance.
        *into = PresentationFile::default();
        into.document.part = cx.part;
        into.document.kind = DocumentKind::Presentation;
        return encrypted(into, cx);
    }
    result
}

/// Whether a presentation says that it is encrypted.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub fn is_encrypted(stream: &[u8], current_user: Option<&[u8]>, cx: &mut Cx<'_>) -> Result<bool, LimitHit> {
    let mut edits = Edits::default();
    edits.read(stream, current_user.unwrap_or_default(), cx)?;
    Ok(edits.is_encrypted)
}

fn encrypted(into: &mut PresentationFile, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    into.is_encrypted = true;
    cx.needs_password(0, "the presentation is encrypted");
    Ok(())
}

struct Walk<'w> {
    stream: &'w [u8],
    into: &'w mut PresentationFile,
    around: Vec<Around>,
    pending: Pending,
    /// Targets of hyperlinks by their number.
    targets: BTreeMap<u32, (String, Range<u64>)>,
    actions: Vec<Action>,
    /// Where slides that are not shown begin.
    hidden_slides: BTreeSet<u64>,
    /// Texts of the outline by their number, with the slide that they stand on.
    outline: Vec<(usize, u32)>,
}

impl Walk<'_> {
    fn all(&mut self, anchors: &[u64], cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let end = self.stream.len() as u64;
        let mut at = 0u64;
        while at < end {
            cx.budget.step(1)?;
            self.leave(at);
            let start = usize::try_from(at).unwrap_or(usize::MAX);
            let rest = self.stream.get(start..).unwrap_or_default();
            let mut reader = Reader::at_offset(rest, at);
            let header = Head::read(&mut reader).ok().filter(is_known);
            let Some(header) = header else {
                at = self.skip_damage(rest, at, anchors, cx)?;
                continue;
            };
            let body_at = at.saturating_add(HEADER);
            let body_end = body_at.saturating_add(header.len.into());
            if body_end > end {
                let have = end.saturating_sub(body_at);
                let range = body_at.min(end)..end;
                cx.abandoned(
                    range,
                    &format_args!("record 0x{:04x} of {} bytes, {have} there", header.kind, header.len),
                );
            }
            let body_end = body_end.min(end);
            let enters = is_container(&header, reader.rest())
                || header.kind == RT_BINARY_TAG_DATA_BLOB && self.holds_records(body_at);
            if enters {
                if self.around.len() < DEEPEST {
                    let (kind, instance) = (header.kind, header.instance);
                    self.around.push(Around { kind, instance, at, end: body_end });
                    self.enter(header.kind, at..body_end);
                }
                at = body_at;
                continue;
            }
            let len = usize::try_from(body_end.saturating_sub(body_at)).unwrap_or(usize::MAX);
            let body = reader.take_up_to(len);
            self.atom(header, body, body_at..body_end, cx)?;
            at = body_end;
        }
        self.leave(u64::MAX);
        Ok(())
    }

    /// What stands at `at` is no record: where the walk goes on.
    fn skip_damage(
        &mut self,
        rest: &[u8],
        at: u64,
        anchors: &[u64],
        cx: &mut Cx<'_>,
    ) -> Result<u64, LimitHit> {
        let end = self.stream.len() as u64;
        // An anchor inside the containers around would be read as theirs.
        let next =
            anchors.get(anchors.partition_point(|anchor| *anchor <= at)..).and_then(|next| next.first());
        let container_end = self.around.last().map(|around| around.end);
        let next =
            next.copied().into_iter().chain(container_end).filter(|next| *next > at).min().unwrap_or(end);
        let next = next.min(end);
        let skipped =
            rest.get(..usize::try_from(next.saturating_sub(at)).unwrap_or(usize::MAX)).unwrap_or(rest);
        cx.budget.touch(skipped.len())?;
        // What add-ins keep in a tag is theirs.
        let in_tag = self.around.last().is_some_and(|around| around.kind == RT_BINARY_TAG_DATA_BLOB);
        if !in_tag && skipped.iter().any(|byte| *byte != 0) {
            cx.abandoned(at..next, "no record of a presentation stands here");
        }
        Ok(next)
    }

    /// Whether a blob begins with a record that fits in it.
    fn holds_records(&self, at: u64) -> bool {
        let start = usize::try_from(at).unwrap_or(usize::MAX);
        let mut reader = Reader::new(self.stream.get(start..).unwrap_or_default());
        Head::read(&mut reader).is_ok_and(|header| is_known(&header))
    }

    fn enter(&mut self, kind: u16, bytes: Range<u64>) {
        match kind {
            RT_SLIDE => self.pending.is_hidden = false,
            OFFICE_ART_SP_CONTAINER => self.pending.is_hidden_shape = false,
            RT_SLIDE_LIST_WITH_TEXT => self.pending.slide = None,
            RT_CRYPT_SESSION_10_CONTAINER => self.into.is_encrypted = true,
            RT_EXTERNAL_HYPERLINK => self.pending.hyperlink = 0,
            RT_EXTERNAL_OLE_EMBED | RT_EXTERNAL_OLE_LINK | RT_EXTERNAL_OLE_CONTROL => {
                let is_control = kind == RT_EXTERNAL_OLE_CONTROL;
                let object_kind = if is_control { ObjectKind::Control } else { ObjectKind::Embedded };
                let location = Location::bytes(self.into.document.part, bytes);
                self.pending.object = Some(Object::at(location, object_kind));
            }
            _ => {}
        }
    }

    /// Leaves the containers that end at or before `at`.
    fn leave(&mut self, at: u64) {
        while let Some(around) = self.around.last().filter(|around| around.end <= at).copied() {
            self.around.pop();
            match around.kind {
                RT_INTERACTIVE_INFO => self.actions.extend(self.pending.action.take()),
                RT_EXTERNAL_OLE_EMBED | RT_EXTERNAL_OLE_LINK | RT_EXTERNAL_OLE_CONTROL => {
                    self.into.objects.extend(self.pending.object.take());
                }
                RT_SLIDE => self.pending.is_hidden = false,
                OFFICE_ART_SP_CONTAINER => self.pending.is_hidden_shape = false,
                RT_SLIDE_LIST_WITH_TEXT => self.pending.slide = None,
                _ => {}
            }
        }
    }

    fn parent(&self) -> Option<Around> {
        self.around.last().copied()
    }

    /// What holds a text that stands here.
    fn place(&self) -> TextPlace {
        for around in self.around.iter().rev() {
            match (around.kind, around.instance) {
                (RT_NOTES, _) | (RT_SLIDE_LIST_WITH_TEXT, 2) => return TextPlace::Note,
                (RT_COMMENT_10, _) => return TextPlace::Comment,
                (RT_HEADERS_FOOTERS, _) => return TextPlace::Header,
                (RT_SLIDE | RT_MAIN_MASTER | RT_HANDOUT, _) => return TextPlace::Slide,
                _ => {}
            }
        }
        TextPlace::Slide
    }

    fn atom(
        &mut self,
        header: Head,
        body: &[u8],
        bytes: Range<u64>,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let mut reader = Reader::new(body);
        match header.kind {
            RT_TEXT_CHARS_ATOM => {
                cx.budget.touch(body.len())?;
                self.text(&utf16le(body), bytes, 2, cx)?;
            }
            RT_TEXT_BYTES_ATOM => {
                cx.budget.touch(body.len())?;
                self.text(&latin1(body), bytes, 1, cx)?;
            }
            RT_C_STRING => {
                cx.budget.touch(body.len())?;
                self.string(header.instance, utf16le(body), bytes, cx)?;
            }
            RT_SLIDE_SHOW_SLIDE_INFO_ATOM => {
                let _ = reader.skip(10);
                self.pending.is_hidden = reader.u16().is_ok_and(|flags| flags & 0x0004 != 0);
                let slide = self.around.iter().rev().find(|around| around.kind == RT_SLIDE);
                if let Some(slide) = slide.filter(|_| self.pending.is_hidden) {
                    cx.budget.hold(size_of::<u64>())?;
                    self.hidden_slides.insert(slide.at);
                }
            }
            RT_SLIDE_PERSIST_ATOM => {
                let is_outline = self.parent().is_some_and(|parent| parent.kind == RT_SLIDE_LIST_WITH_TEXT);
                self.pending.slide = reader.u32().ok().filter(|_| is_outline);
            }
            RT_STYLE_TEXT_PROP_ATOM => self.style(body, cx)?,
            RT_EXTERNAL_HYPERLINK_ATOM => self.pending.hyperlink = reader.u32().unwrap_or(0),
            RT_INTERACTIVE_INFO_ATOM => {
                let mut fields = || -> Result<(u32, u8), Short> {
                    reader.skip(4)?; // soundIdRef
                    Ok((reader.u32()?, reader.u8()?))
                };
                if let Ok((hyperlink, kind)) = fields() {
                    let parent = self.parent().filter(|parent| parent.kind == RT_INTERACTIVE_INFO);
                    let is_over = parent.is_some_and(|parent| parent.instance == 1);
                    cx.budget.hold(size_of::<Action>())?;
                    let action = Action { at: bytes, hyperlink, kind, is_over, name: String::new() };
                    // Without its container nothing would take it over later.
                    match parent {
                        Some(_) => self.pending.action = Some(action),
                        None => self.actions.push(action),
                    }
                }
            }
            RT_EXTERNAL_OLE_OBJECT_ATOM => cx.budget.hold(size_of::<Object>())?,
            RT_EXTERNAL_OLE_OBJECT_STG => {
                cx.budget.hold(size_of::<Storage>())?;
                let is_plain = sniff(body).is_compound_file();
                let stated = reader.u32().ok().filter(|_| !is_plain);
                let start = if is_plain { bytes.start } else { bytes.start.saturating_add(4).min(bytes.end) };
                self.into.storages.push(Storage { bytes: start..bytes.end, inflated: stated });
            }
            OFFICE_ART_FOPT | OFFICE_ART_SECONDARY_FOPT | OFFICE_ART_TERTIARY_FOPT => {
                self.properties(&header, body, bytes.start, cx)?;
            }
            ROUND_TRIP_FIRST..=ROUND_TRIP_LAST if is_archive(body) => {
                cx.budget.hold(size_of::<Storage>())?;
                self.into.storages.push(Storage { bytes, inflated: None });
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str, bytes: Range<u64>, width: usize, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let place = self.place();
        let number = self.into.document.texts.len();
        self.keep(text, place, bytes.clone(), cx)?;
        let is_kept = self.into.document.texts.len() > number;
        self.pending.text = is_kept.then_some((number, bytes, width));
        if let Some(slide) = self.pending.slide.filter(|_| is_kept && place == TextPlace::Slide) {
            cx.budget.hold(size_of::<(usize, u32)>())?;
            self.outline.push((number, slide));
        }
        Ok(())
    }

    /// The formatting of the text before it: runs in the colour of the background, or too small to read.
    fn style(&mut self, body: &[u8], cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let Some((number, bytes, width)) = self.pending.text.take() else { return Ok(()) };
        cx.budget.touch(body.len())?;
        let len = usize::try_from(bytes.end.saturating_sub(bytes.start)).unwrap_or(usize::MAX);
        let chars = len.checked_div(width).unwrap_or(0);
        let runs = style::runs(body, chars);
        // The text is the last one: its formatting comes directly behind it.
        if runs.iter().all(|run| run.hidden.is_none())
            || number.saturating_add(1) != self.into.document.texts.len()
        {
            return Ok(());
        }
        let range = usize::try_from(bytes.start).unwrap_or(usize::MAX)
            ..usize::try_from(bytes.end).unwrap_or(usize::MAX);
        let (Some(raw), Some(whole)) = (self.stream.get(range), self.into.document.texts.pop()) else {
            return Ok(());
        };
        let slide = self.outline.pop_if(|(of, _)| *of == number).map(|(_, slide)| slide);
        for run in runs {
            let (start, end) = (run.chars.start.saturating_mul(width), run.chars.end.saturating_mul(width));
            let Some(part) = raw.get(start..end) else { continue };
            let text = if width == 2 { utf16le(part) } else { latin1(part).into_owned() };
            let at = bytes.start.saturating_add(start as u64);
            let next = self.into.document.texts.len();
            self.keep(&text, whole.place, at..at.saturating_add(part.len() as u64), cx)?;
            if let Some(kept) = self.into.document.texts.get_mut(next) {
                kept.hidden = kept.hidden.or(run.hidden);
                self.outline.extend(slide.map(|slide| (next, slide)));
            }
        }
        Ok(())
    }

    /// Marks the texts that the outline keeps for slides that are not shown.
    fn hide(&mut self, edits: &Edits) {
        for (number, slide) in std::mem::take(&mut self.outline) {
            let is_hidden = edits.place_of(slide).is_some_and(|at| self.hidden_slides.contains(&at));
            if let Some(text) = self.into.document.texts.get_mut(number).filter(|_| is_hidden) {
                text.hidden = Some(HiddenText::NotShown);
            }
        }
    }

    fn keep(
        &mut self,
        text: &str,
        place: TextPlace,
        bytes: Range<u64>,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        if text.trim().is_empty() {
            return Ok(());
        }
        cx.budget.hold(size_of::<DocumentText>().saturating_add(text.len()))?;
        let lines = text.trim_end_matches('\0').replace(['\r', '\u{B}'], "\n");
        let is_hidden = (self.pending.is_hidden || self.pending.is_hidden_shape) && place == TextPlace::Slide;
        let hidden = is_hidden.then_some(HiddenText::NotShown);
        let location = Location::bytes(cx.part, bytes);
        self.into.document.texts.push(DocumentText { text: lines, place, hidden, location });
        Ok(())
    }

    /// A string, by what holds it and its number there.
    fn string(
        &mut self,
        instance: u16,
        text: String,
        bytes: Range<u64>,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let Some(parent) = self.parent() else { return Ok(()) };
        let text = text.trim_end_matches('\0').to_owned();
        match (parent.kind, instance) {
            (RT_COMMENT_10, 1) | (RT_HEADERS_FOOTERS, _) => self.text(&text, bytes, 2, cx)?,
            (RT_INTERACTIVE_INFO, _) => {
                cx.budget.hold(text.len())?;
                if let Some(action) = &mut self.pending.action {
                    action.name = text;
                }
            }
            // 1 is the target, 3 the place in it.
            (RT_EXTERNAL_HYPERLINK, 1) => {
                cx.budget.hold(text.len().saturating_add(64))?;
                self.targets.insert(self.pending.hyperlink, (text, bytes));
            }
            (RT_EXTERNAL_OLE_EMBED | RT_EXTERNAL_OLE_LINK | RT_EXTERNAL_OLE_CONTROL, 1 | 2) => {
                cx.budget.hold(text.len())?;
                match &mut self.pending.object {
                    Some(object) if instance == 2 => object.class_name = text,
                    Some(object) => object.label = text,
                    None => {}
                }
            }
            (RT_EXTERNAL_VIDEO | RT_EXTERNAL_AVI_MOVIE | RT_EXTERNAL_MCI_MOVIE, _) if !text.is_empty() => {
                self.link(LinkKind::Media, text, true, bytes, cx)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// What the properties of a shape say: texts of WordArt, descriptions, links.
    fn properties(&mut self, head: &Head, body: &[u8], at: u64, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let mut drawing = Drawing::default();
        let result = art::properties(head, body, at, &mut drawing, cx);
        self.pending.is_hidden_shape |= drawing.is_hidden;
        self.into.document.texts.append(&mut drawing.texts);
        self.into.links.append(&mut drawing.links);
        result
    }

    fn link(
        &mut self,
        kind: LinkKind,
        target: String,
        automatic: bool,
        bytes: Range<u64>,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        cx.budget.hold(size_of::<Link>().saturating_add(target.len()))?;
        let location = Location::bytes(cx.part, bytes);
        self.into.links.push(Link { kind, target, automatic, location });
        Ok(())
    }

    /// Actions name their target by number, and it may stand before or behind them.
    fn resolve(&mut self, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let mut ran = Vec::new();
        for action in std::mem::take(&mut self.actions) {
            cx.budget.step(1)?;
            let target = self.targets.get(&action.hyperlink).map(|(target, _)| target.clone());
            match action.kind {
                // II_MacroAction
                1 if !action.name.is_empty() => {
                    let target = format!("ppaction://macro?name={}", action.name);
                    self.link(LinkKind::Action, target, action.is_over, action.at, cx)?;
                }
                // II_RunProgramAction
                2 => {
                    ran.push(action.hyperlink);
                    let target = target.unwrap_or(action.name);
                    self.link(LinkKind::Action, target, action.is_over, action.at, cx)?;
                }
                // II_HyperlinkAction
                4 if action.is_over => {
                    if let Some(target) = target {
                        self.link(LinkKind::Hyperlink, target, true, action.at, cx)?;
                    }
                }
                _ => {}
            }
        }
        ran.sort_unstable();
        for (number, (target, bytes)) in std::mem::take(&mut self.targets) {
            if !target.is_empty() && ran.binary_search(&number).is_err() {
                self.link(LinkKind::Hyperlink, target, false, bytes, cx)?;
            }
        }
        Ok(())
    }
}
