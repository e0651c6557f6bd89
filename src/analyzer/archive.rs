//! ZIP archives: their entries become parts, each unpacked when its turn comes.

use super::run::{Opened, Run, Source};
use crate::base::{Bytes, Cx, LimitHit, LimitKind, Location, PartId, Problem, ProblemKind, Stage};
use crate::containers::mail;
use crate::containers::part::PartKind;
use crate::containers::sniff::{FileKind, sniff};
use crate::containers::zip::{self, Content, Entry, OddityKind, OutsidePlace};
use crate::documents::document::{Document, DocumentKind, DocumentText, TextPlace};
use crate::documents::ooxml::is_package;
use crate::findings::Archive;

impl<'i> Run<'i, '_> {
    /// A ZIP archive: what is odd about it, and its entries as parts.
    pub(super) fn archive(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let file = next.bytes.as_slice();
        let mut archive = zip::Archive::default();
        let result = zip::read(file, &mut archive, &mut self.cx(next.part, Stage::Archive));
        let at = self.models.archives.len();
        self.models.archives.push(facts(next.part, &archive));
        let result = result.and_then(|()| self.outside(next, &archive, at));
        // What was read before a limit is looked at all the same.
        if is_package(archive.entries().iter().map(|entry| entry.name.as_str())) {
            self.package(next, &archive)?;
        } else {
            self.members(next, &archive)?;
        }
        result
    }

    /// Files before, between and behind the entries.
    fn outside(&mut self, next: &Opened<'i>, archive: &zip::Archive, at: usize) -> Result<(), LimitHit> {
        for outside in archive.outside() {
            // What looks like an archive was searched for entries with the rest of the file.
            let searched = outside.kind == FileKind::Zip && outside.place != OutsidePlace::Comment;
            let is_file = !searched && !matches!(outside.kind, FileKind::Unknown | FileKind::Empty);
            let start = usize::try_from(outside.at).unwrap_or(usize::MAX);
            let end = start.saturating_add(usize::try_from(outside.len).unwrap_or(usize::MAX));
            let bytes = if is_file { next.bytes.slice(start..end) } else { None };
            let part = match bytes {
                Some(bytes) => {
                    let name = format!("outside@{:#x}", outside.at);
                    Some(self.deliver(next, name, bytes, [(outside.at, outside.len)])?)
                }
                None => None,
            };
            if let (OutsidePlace::Comment, FileKind::Unknown) = (outside.place, outside.kind)
                && let Some(comment) = next.bytes.slice(start..end)
            {
                self.comment(next.part, comment.as_slice(), outside.at)?;
            }
            if let Some(archive) = self.models.archives.get_mut(at) {
                archive.outside.push((*outside, part));
            }
        }
        Ok(())
    }

    /// The comment of an archive, which packers show when they open it.
    fn comment(&mut self, part: PartId, comment: &[u8], at: u64) -> Result<(), LimitHit> {
        self.budget.touch(comment.len())?;
        self.budget.hold(comment.len().saturating_mul(2))?;
        let location = Location::bytes(part, at..at.saturating_add(comment.len() as u64));
        let text = mail::text(comment, None);
        let text = DocumentText { text, place: TextPlace::Comment, hidden: None, location };
        let texts = vec![text];
        self.models.documents.push(Document { part, kind: DocumentKind::Text, texts, ..Document::default() });
        Ok(())
    }

    /// The entries of an archive that is no package, each a part that waits for its turn.
    fn members(&mut self, next: &Opened<'i>, archive: &zip::Archive) -> Result<(), LimitHit> {
        let mut waiting = Vec::new();
        for entry in archive.entries().iter().filter(|entry| !entry.is_folder()) {
            let part = self.member_part(next.part, entry)?;
            waiting.push((part, entry));
        }
        // The last one in is read first.
        for (part, entry) in waiting.into_iter().rev() {
            let source = Source::Member { archive: next.bytes.clone(), entry: Box::new(entry.clone()) };
            self.queue(part, source, next.depth);
        }
        Ok(())
    }

    /// Makes a part of an entry that was not opened; its size is that of its data.
    pub(super) fn member_part(&mut self, archive: PartId, entry: &Entry) -> Result<PartId, LimitHit> {
        let runs = entry.stored_at().map(|data| (data.start, data.end.saturating_sub(data.start)));
        let packed_len = entry.data.end.saturating_sub(entry.data.start);
        self.add_part(archive, entry.name.as_str(), PartKind::Stream, packed_len, runs)
    }

    /// Unpacks an entry; `None` when nothing of it can be read, which is told.
    pub(super) fn member(
        &mut self,
        part: PartId,
        archive: &Bytes<'i>,
        entry: &Entry,
    ) -> Result<Option<Bytes<'i>>, LimitHit> {
        let around = self.models.parts.get(part.0 as usize).and_then(|part| part.parent).unwrap_or(part);
        let (bytes, odd) = open_entry(archive, entry, around, &mut self.cx(part, Stage::Archive))?;
        self.note_member(around, part, entry, odd);
        let bytes = match bytes {
            Some(bytes) => bytes,
            None if odd.encrypted => {
                let Some((content, _)) = self.unlock_entry(part, archive.as_slice(), entry)? else {
                    self.stays_closed(part);
                    return Ok(None);
                };
                Bytes::owned(content)
            }
            None => {
                self.stays_closed(part);
                return Ok(None);
            }
        };
        let content = bytes.as_slice();
        self.budget.touch(content.len())?;
        self.hash(part, content);
        if let Some(part) = self.models.parts.get_mut(part.0 as usize) {
            part.kind = PartKind::File(sniff(content));
            part.size = content.len() as u64;
        }
        Ok(Some(bytes))
    }

    /// A part of which nothing but its name is known.
    fn stays_closed(&mut self, part: PartId) {
        if let Some(part) = self.models.parts.get_mut(part.0 as usize) {
            part.kind = PartKind::Unopened;
        }
    }

    /// Keeps what came up when an entry was opened, as facts about its archive.
    pub(super) fn note_member(&mut self, around: PartId, part: PartId, entry: &Entry, odd: Odd) {
        let at = entry.header_at.unwrap_or_else(|| entry.at());
        if odd.false_encryption {
            let oddity = zip::Oddity { at, entry: None, kind: OddityKind::FalseEncryption };
            self.odd_member(around, oddity, &entry.name);
        }
        if odd.bomb
            && let Some(archive) = self.models.archives.iter_mut().find(|archive| archive.part == around)
        {
            archive.bombs.push((entry.name.clone(), part));
        }
    }

    fn odd_member(&mut self, archive: PartId, oddity: zip::Oddity, name: &str) {
        if let Some(archive) = self.models.archives.iter_mut().find(|known| known.part == archive) {
            let index = u32::MAX.saturating_sub(u32::try_from(archive.names.len()).unwrap_or(u32::MAX));
            archive.names.insert(index, name.to_owned());
            archive.oddities.push(zip::Oddity { entry: Some(index), ..oddity });
        }
    }
}

/// What came up when an entry was opened.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Odd {
    /// It is said to be encrypted, and is not.
    false_encryption: bool,
    /// Only its head was made.
    bomb: bool,
    /// It is encrypted, which is not told: its reader may know a password.
    pub(super) encrypted: bool,
}

/// The content of an entry; `None` when nothing of it can be read, which is told. `cx` is of the part
/// that stands for it, `around` the part of the archive.
pub(super) fn open_entry<'i>(
    archive: &Bytes<'i>,
    entry: &Entry,
    around: PartId,
    cx: &mut Cx<'_>,
) -> Result<(Option<Bytes<'i>>, Odd), LimitHit> {
    // Stored content is a window of the archive: no copy of it need live.
    let stored = entry
        .stored_at()
        .and_then(|data| archive.slice(usize::try_from(data.start).ok()?..usize::try_from(data.end).ok()?));
    let mut made = Vec::new();
    let opened = match &stored {
        Some(stored) => entry.checked(stored.as_slice(), cx),
        None => entry.open(archive.as_slice(), &mut made, cx),
    };
    let bytes = stored.unwrap_or_else(|| Bytes::owned(made));
    let at = entry.header_at.unwrap_or_else(|| entry.at());
    let name = entry.name.as_str();
    let mut odd = Odd::default();
    let mut tell = |kind: ProblemKind, message: String| {
        let location = Location::bytes(around, at..at);
        cx.problems.push(Problem { location, stage: Stage::Archive, kind, message });
    };
    match opened {
        Ok(Content::Whole) => {
            odd.false_encryption = entry.says_encrypted();
            if odd.false_encryption {
                tell(ProblemKind::Recovered, format!("{name:?} is said to be encrypted, and is not"));
            }
        }
        Ok(Content::WrongChecksum) => {
            tell(ProblemKind::Recovered, format!("the checksum of {name:?} is another one"));
        }
        Ok(Content::Head) => {
            let len = bytes.as_slice().len();
            tell(ProblemKind::Abandoned, format!("{name:?} is damaged, {len} bytes of it are read"));
        }
        Ok(Content::Encrypted) => {
            odd.encrypted = true;
            return Ok((None, odd));
        }
        Ok(Content::UnknownMethod(method)) => {
            let packer = zip::method_name(method);
            tell(ProblemKind::Unsupported, format!("{name:?} is packed by {packer} ({method})"));
            return Ok((None, odd));
        }
        Err(hit) if matches!(hit.kind, LimitKind::Ratio | LimitKind::PartBytes) => {
            let part = cx.part;
            cx.problems.push(Problem::limit(Location::part(part), Stage::Archive, hit));
            odd.bomb = true;
        }
        Err(hit) => return Err(hit),
    }
    Ok((Some(bytes), odd))
}

fn facts(part: PartId, archive: &zip::Archive) -> Archive {
    let oddities = archive.oddities().to_vec();
    let named = oddities.iter().filter_map(|oddity| oddity.entry);
    let names = named.filter_map(|index| {
        let entry = archive.entries().get(index as usize)?;
        let name = match &entry.local_name {
            Some(local) => format!("{} / {local}", entry.name),
            None => entry.name.clone(),
        };
        Some((index, name))
    });
    let names = names.collect();
    Archive { part, oddities, names, ..Archive::default() }
}
