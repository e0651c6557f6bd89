//! Presentations of PowerPoint 97 to 2003 ([MS-PPT]): text, what clicks do, and the storages inside.
//!
//! The stream `PowerPoint Document` is records within records. All of them are walked in one pass,
//! what earlier saves left behind included: a record that no directory names is still read. The pass
//! has no recursion; where it stands is a list of the containers around it. A record that cannot be
//! one ends the pass, which goes on at the next object that a directory of the file names.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod consts;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

use consts::*;

use crate::base::text::{latin1, utf16le};
use crate::base::{Cx, LimitHit, Location, Reader, Short};
use crate::containers::sniff::sniff;
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
    /// Compound files inside: objects, controls and the VBA project.
    pub storages: Vec<Storage>,
    /// Whether it is ciphertext.
    pub is_encrypted: bool,
    /// Whether the caller decrypted the stream: its records still say otherwise.
    pub is_decrypted: bool,
}

/// A compound file in a record ([MS-PPT] 2.10.34 ExOleObjStg).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storage {
    /// Where its bytes lie, as stored.
    pub bytes: Range<u64>,
    /// Size that the record states for what is inflated; `None` when it is not compressed.
    pub inflated: Option<u32>,
}

/// Containers around a place that are kept.
const DEEPEST: usize = 64;
/// Directories of the file that are followed.
const EDITS: usize = 1000;
/// Offsets of objects that are remembered.
const ANCHORS: usize = 100_000;
/// Bytes of a record header.
const HEADER: u64 = 8;

/// A record header ([MS-PPT] 2.3.1).
#[derive(Debug, Clone, Copy)]
struct Header {
    version: u8,
    instance: u16,
    kind: u16,
    len: u32,
}

impl Header {
    fn read(reader: &mut Reader<'_>) -> Result<Header, Short> {
        let first = reader.u16()?;
        let version = u8::try_from(first & 0x0F).unwrap_or(0);
        Ok(Header { version, instance: first >> 4, kind: reader.u16()?, len: reader.u32()? })
    }

    fn is_container(&self) -> bool {
        // Some writers give the package of the theme the mark of a container.
        self.version == 0x0F && self.kind != RT_ROUND_TRIP_THEME_12
    }

    /// Whether a record can be of this type: of PowerPoint or of drawings.
    fn is_known(&self) -> bool {
        matches!(self.kind, 0x03E8..=0x1FFF | 0x2AF0..=0x3000 | 0xF000..=0xF2FF)
    }
}

/// A container that the walk is in.
#[derive(Debug, Clone, Copy)]
struct Around {
    kind: u16,
    instance: u16,
    end: u64,
}

/// What is known of the containers that hold several atoms, until they end.
#[derive(Debug, Default)]
struct Pending {
    hyperlink: u32,
    action: Option<Action>,
    object: Option<Object>,
    is_hidden: bool,
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
    let mut anchors = Vec::new();
    let is_encrypted = edits(stream, current_user.unwrap_or_default(), &mut anchors, cx)?;
    let is_decrypted = into.is_decrypted;
    if is_encrypted && !is_decrypted {
        return encrypted(into, cx);
    }
    let mut walk = Walk {
        stream,
        into,
        around: Vec::new(),
        pending: Pending::default(),
        targets: BTreeMap::new(),
        actions: Vec::new(),
    };
    let result = walk.all(&anchors, cx);
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
    edits(stream, current_user.unwrap_or_default(), &mut Vec::new(), cx)
}

fn encrypted(into: &mut PresentationFile, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    into.is_encrypted = true;
    cx.needs_password(0, "the presentation is encrypted");
    Ok(())
}

/// Follows the edits of the file, and collects the offsets of its objects. Says whether it is
/// encrypted ([MS-PPT] 2.3.2 CurrentUserAtom, 2.3.3 UserEditAtom).
fn edits(
    stream: &[u8],
    current_user: &[u8],
    anchors: &mut Vec<u64>,
    cx: &mut Cx<'_>,
) -> Result<bool, LimitHit> {
    let mut reader = Reader::new(current_user);
    let mut current = || -> Result<(u32, u32), Short> {
        Header::read(&mut reader)?;
        reader.skip(4)?;
        Ok((reader.u32()?, reader.u32()?))
    };
    let Ok((token, mut edit_at)) = current() else { return Ok(false) };
    let mut is_encrypted = token == ENCRYPTED_TOKEN;
    for _ in 0..EDITS {
        cx.budget.step(1)?;
        let edit = |at: u32| -> Result<(u32, u32, u32), Short> {
            let at = usize::try_from(at).unwrap_or(usize::MAX);
            let mut reader = Reader::new(stream.get(at..).unwrap_or_default());
            let header = Header::read(&mut reader)?;
            if header.kind != RT_USER_EDIT_ATOM {
                return Err(Short { at: 0, need: 0, have: 0 });
            }
            reader.skip(8)?; // lastSlideIdRef, version
            Ok((header.len, reader.u32()?, reader.u32()?))
        };
        let Ok((len, last_at, directory_at)) = edit(edit_at) else { break };
        // The field behind the usual ones names the session that encrypts.
        is_encrypted |= len >= 0x20;
        let at = usize::try_from(directory_at).unwrap_or(usize::MAX);
        let _ = directory(stream.get(at..).unwrap_or_default(), anchors, cx)?;
        // An edit is always behind the one before it.
        if last_at == 0 || last_at >= edit_at {
            break;
        }
        edit_at = last_at;
    }
    anchors.sort_unstable();
    anchors.dedup();
    Ok(is_encrypted)
}

/// The offsets of a persist directory ([MS-PPT] 2.3.4).
fn directory(bytes: &[u8], anchors: &mut Vec<u64>, cx: &mut Cx<'_>) -> Result<Result<(), Short>, LimitHit> {
    let mut reader = Reader::new(bytes);
    let Ok(header) = Header::read(&mut reader) else { return Ok(Ok(())) };
    if header.kind != RT_PERSIST_DIRECTORY_ATOM {
        return Ok(Ok(()));
    }
    let mut body = Reader::new(reader.take_up_to(usize::try_from(header.len).unwrap_or(usize::MAX)));
    cx.budget.touch(body.remaining().saturating_mul(2))?;
    while let Ok(entry) = body.u32() {
        for _ in 0..entry >> 20 {
            match body.u32() {
                Ok(at) if anchors.len() < ANCHORS => {
                    cx.budget.hold(size_of::<u64>())?;
                    anchors.push(at.into());
                }
                Ok(_) => {}
                Err(short) => return Ok(Err(short)),
            }
        }
    }
    Ok(Ok(()))
}

struct Walk<'w> {
    stream: &'w [u8],
    into: &'w mut PresentationFile,
    around: Vec<Around>,
    pending: Pending,
    /// Targets of hyperlinks by their number.
    targets: BTreeMap<u32, (String, Range<u64>)>,
    actions: Vec<Action>,
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
            let header = Header::read(&mut reader).ok().filter(Header::is_known);
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
            let enters = header.is_container()
                || header.kind == RT_BINARY_TAG_DATA_BLOB && self.holds_records(body_at);
            if enters {
                if self.around.len() < DEEPEST {
                    let (kind, instance) = (header.kind, header.instance);
                    self.around.push(Around { kind, instance, end: body_end });
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
        Header::read(&mut reader).is_ok_and(|header| header.is_known())
    }

    fn enter(&mut self, kind: u16, bytes: Range<u64>) {
        match kind {
            RT_SLIDE => self.pending.is_hidden = false,
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
        header: Header,
        body: &[u8],
        bytes: Range<u64>,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let mut reader = Reader::new(body);
        match header.kind {
            RT_TEXT_CHARS_ATOM => {
                cx.budget.touch(body.len())?;
                self.text(&utf16le(body), bytes, cx)?;
            }
            RT_TEXT_BYTES_ATOM => {
                cx.budget.touch(body.len())?;
                self.text(&latin1(body), bytes, cx)?;
            }
            RT_C_STRING => {
                cx.budget.touch(body.len())?;
                self.string(header.instance, utf16le(body), bytes, cx)?;
            }
            RT_SLIDE_SHOW_SLIDE_INFO_ATOM => {
                let _ = reader.skip(10);
                self.pending.is_hidden = reader.u16().is_ok_and(|flags| flags & 0x0004 != 0);
            }
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
            OFFICE_ART_FOPT => self.properties(header.instance, body, bytes.start, cx)?,
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str, bytes: Range<u64>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let place = self.place();
        self.keep(text, place, bytes, cx)
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
        let is_hidden = self.pending.is_hidden && place == TextPlace::Slide;
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
            (RT_COMMENT_10, 1) | (RT_HEADERS_FOOTERS, _) => self.text(&text, bytes, cx)?,
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

    /// Texts among the properties of a shape ([MS-ODRAW] 2.2.9): those of WordArt, and the description.
    fn properties(&mut self, count: u16, body: &[u8], at: u64, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let mut table = Reader::new(body);
        let table_len = usize::from(count).saturating_mul(6);
        let mut data =
            Reader::at_offset(body.get(table_len..).unwrap_or_default(), at.saturating_add(table_len as u64));
        for _ in 0..count {
            cx.budget.step(1)?;
            let (Ok(id), Ok(len)) = (table.u16(), table.u32()) else { break };
            if id & 0x8000 == 0 {
                continue;
            }
            let text_at = data.at();
            let Ok(value) = data.take(usize::try_from(len).unwrap_or(usize::MAX)) else { break };
            let place = match id & 0x3FFF {
                0x00C0 => TextPlace::TextBox,
                0x0381 => TextPlace::AltText,
                _ => continue,
            };
            cx.budget.touch(value.len())?;
            let text = utf16le(value);
            self.keep(text.trim_end_matches('\0'), place, text_at..data.at(), cx)?;
        }
        Ok(())
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
