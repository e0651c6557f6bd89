//! ZIP archives: their entries become parts, each unpacked when its turn comes.

use super::run::{Opened, Run, Source};
use crate::base::{Bytes, LimitHit, LimitKind, Location, PartId, Problem, ProblemKind, Stage};
use crate::containers::part::PartKind;
use crate::containers::sniff::{FileKind, sniff};
use crate::containers::zip::{self, Content, Entry, OddityKind};
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
        self.members(next, &archive)?;
        result
    }

    /// Files before, between and behind the entries.
    fn outside(&mut self, next: &Opened<'i>, archive: &zip::Archive, at: usize) -> Result<(), LimitHit> {
        for outside in archive.outside() {
            let is_file = !matches!(outside.kind, FileKind::Unknown | FileKind::Empty);
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
            if let Some(archive) = self.models.archives.get_mut(at) {
                archive.outside.push((*outside, part));
            }
        }
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
        // Stored content is a window of the archive: no copy of it need live.
        let stored = entry.stored_at().and_then(|data| {
            archive.slice(usize::try_from(data.start).ok()?..usize::try_from(data.end).ok()?)
        });
        let mut made = Vec::new();
        let cx = &mut self.cx(part, Stage::Archive);
        let opened = match &stored {
            Some(stored) => entry.checked(stored.as_slice(), cx),
            None => entry.open(archive.as_slice(), &mut made, cx),
        };
        let mut bytes = stored.unwrap_or_else(|| Bytes::owned(made));
        let around = self.models.parts.get(part.0 as usize).and_then(|part| part.parent).unwrap_or(part);
        let at = entry.header_at.unwrap_or_else(|| entry.at());
        let location = Location::bytes(around, at..at.saturating_add(4));
        let tell = |kind: ProblemKind, message: String| Problem {
            location: location.clone(),
            stage: Stage::Archive,
            kind,
            message,
        };
        let name = entry.name.as_str();
        match opened {
            Ok(Content::Whole) => {
                if entry.says_encrypted() {
                    let oddity = zip::Oddity { at, entry: None, kind: OddityKind::FalseEncryption };
                    self.odd_member(around, oddity, name);
                    let message = format!("{name:?} is said to be encrypted, and is not");
                    self.problems.push(tell(ProblemKind::Recovered, message));
                }
            }
            Ok(Content::WrongChecksum) => {
                let message = format!("the checksum of {name:?} is another one");
                self.problems.push(tell(ProblemKind::Recovered, message));
            }
            Ok(Content::Head) => {
                let message = format!("{name:?} is damaged, {} bytes of it are read", bytes.as_slice().len());
                self.problems.push(tell(ProblemKind::Abandoned, message));
            }
            Ok(Content::Encrypted) => {
                let Some((content, _)) = self.unlock_entry(part, archive.as_slice(), entry)? else {
                    return Ok(None);
                };
                bytes = Bytes::owned(content);
            }
            Ok(Content::UnknownMethod(method)) => {
                let message = format!("{name:?} is packed by {} ({method})", zip::method_name(method));
                self.problems.push(tell(ProblemKind::Unsupported, message));
                return Ok(None);
            }
            Err(hit) if matches!(hit.kind, LimitKind::Ratio | LimitKind::PartBytes) => {
                self.problems.push(Problem::limit(Location::part(part), Stage::Archive, hit));
                if let Some(archive) = self.models.archives.iter_mut().find(|archive| archive.part == around)
                {
                    archive.bombs.push((entry.name.clone(), part));
                }
            }
            Err(hit) => return Err(hit),
        }
        let content = bytes.as_slice();
        self.budget.touch(content.len())?;
        self.hash(part, content);
        if let Some(part) = self.models.parts.get_mut(part.0 as usize) {
            part.kind = PartKind::File(sniff(content));
            part.size = content.len() as u64;
        }
        Ok(Some(bytes))
    }

    fn odd_member(&mut self, archive: PartId, oddity: zip::Oddity, name: &str) {
        if let Some(archive) = self.models.archives.iter_mut().find(|known| known.part == archive) {
            let index = u32::MAX.saturating_sub(u32::try_from(archive.names.len()).unwrap_or(u32::MAX));
            archive.names.insert(index, name.to_owned());
            archive.oddities.push(zip::Oddity { entry: Some(index), ..oddity });
        }
    }
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
