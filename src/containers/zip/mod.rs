//! Tolerant reader of ZIP archives (APPNOTE 6.3.10) over a slice.
//!
//! Archives are damaged by accident and forged on purpose: two readers that go by different records
//! see different files, and what the scanner sees need not be what Office opens. So both are read:
//! the central directory is followed from the end record, each entry is compared with its local
//! header, and every byte that neither accounts for is searched for local headers of its own. Each
//! deviation is an [`Oddity`] and a problem, and nothing is refused.
//!
//! - The end record may stand before any amount of data. Of several, the last one counts that leads
//!   to a directory. Offsets that are wrong by what was put before the archive are put right.
//! - The number of entries and the size of the directory are compared, and not believed.
//! - Without an end record a directory is looked for; without one, the local headers are the list.
//! - An entry whose method, size or encryption flag differs between its two headers is opened in the
//!   way that gives its checksum.
//!
//! Read are stored and deflated entries. Other methods and encrypted entries are named.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod directory;
mod entry;
mod oddity;
mod records;
mod scan;
#[cfg(test)]
mod tests;

pub use crate::base::crc::crc32;
pub use entry::{Aes, Content, Entry, method_name};
pub use oddity::{Oddity, OddityKind};

use std::ops::Range;

use crate::base::{Cx, LimitHit};
use crate::containers::sniff::{FileKind, sniff};
use oddity::Oddities;

/// An archive: its entries, and what lies outside them.
#[derive(Debug, Clone, Default)]
pub struct Archive {
    entries: Vec<Entry>,
    outside: Vec<Outside>,
    oddities: Oddities,
}

/// Bytes of the file that belong to no record and no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outside {
    /// First byte, from the start of the file.
    pub at: u64,
    /// How many.
    pub len: u64,
    /// Where they lie.
    pub place: OutsidePlace,
    /// What they are.
    pub kind: FileKind,
}

/// Where bytes lie that belong to no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutsidePlace {
    /// Before the first entry.
    Prefix,
    /// Between entries and records.
    Between,
    /// In the comment of the archive.
    Comment,
    /// Behind the archive.
    Suffix,
}

impl Archive {
    /// The entries: first those of the directory in its order, then those that only a local header
    /// names, in the order of the file.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Bytes outside of all entries that are not all zero, in the order of the file.
    pub fn outside(&self) -> &[Outside] {
        &self.outside
    }

    /// Deviations.
    pub fn oddities(&self) -> &[Oddity] {
        self.oddities.list()
    }
}

/// Reads the records of `file` into `into`; the content of entries is not touched.
///
/// Cost: a step for each record and each 64 bytes that no entry owns, one for each 4 KiB of zeros. A
/// file that is no archive leaves `into` empty, and a problem.
///
/// # Errors
/// [`LimitHit`] when the budget does not last; `into` keeps what was read.
pub fn read(file: &[u8], into: &mut Archive, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut owned = Vec::new();
    let directory = directory::find(file, into, cx)?;
    let listed = match directory {
        Some(directory) => directory::entries(file, &directory, into, &mut owned, cx)?,
        None => false,
    };
    sweep(file, listed, owned, into, cx)?;
    adopt_lost(into, cx)?;
    note_duplicates(into, cx)?;
    if into.entries.is_empty() && directory.is_none() {
        cx.abandoned(0..file.len() as u64, "no entry of an archive");
    }
    Ok(())
}

/// What owns bytes: an entry by its index, or a record.
type Owned = (Range<u64>, Option<u32>);

/// Finds what no record owns: overlaps, gaps, and entries that the directory does not list.
fn sweep(
    file: &[u8],
    listed: bool,
    mut owned: Vec<Owned>,
    into: &mut Archive,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    cx.budget.step(owned.len() as u64)?;
    owned.sort_by_key(|(range, _)| (range.start, range.end));
    let file_len = file.len() as u64;
    let mut cursor = 0_u64;
    let end = (file_len..file_len, None);
    for (range, entry) in owned.iter().chain([&end]) {
        if range.start < cursor
            && let Some(index) = *entry
        {
            let oddity = Oddity { at: range.start, entry: Some(index), kind: OddityKind::Overlap };
            into.oddities.push(cx, oddity);
        }
        if range.start > cursor {
            let gap = cursor..range.start;
            directory::unlisted(file, gap, listed, into, cx)?;
        }
        cursor = cursor.max(range.end);
    }
    Ok(())
}

impl Archive {
    /// Notes bytes that nothing owns.
    fn note_outside(
        &mut self,
        file: &[u8],
        range: Range<u64>,
        place: OutsidePlace,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let len = range.end.saturating_sub(range.start);
        let bytes = slice(file, &range);
        if bytes.is_empty() || scan::is_zero(bytes, cx)? {
            return Ok(());
        }
        let kind = match place {
            OutsidePlace::Prefix => Some(OddityKind::PrefixBytes { len }),
            OutsidePlace::Between => Some(OddityKind::GapBytes { len }),
            OutsidePlace::Suffix => Some(OddityKind::SuffixBytes { len }),
            OutsidePlace::Comment => None,
        };
        if let Some(kind) = kind {
            self.oddities.note(cx, range.start, kind);
            // A local header that leads to no entry: it is cut, or damaged.
            if place != OutsidePlace::Prefix && bytes.starts_with(b"PK\x03\x04") {
                cx.abandoned(range.clone(), "an entry is cut or damaged");
            }
        }
        if self.outside.len() < Oddities::KEPT as usize {
            self.outside.push(Outside { at: range.start, len, place, kind: sniff(bytes) });
        }
        Ok(())
    }

    fn add(&mut self, entry: Entry, cx: &mut Cx<'_>) -> Result<u32, LimitHit> {
        let index = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let names = entry.name.len().saturating_add(entry.local_name.as_deref().map_or(0, str::len));
        cx.budget.hold(size_of::<Entry>().saturating_add(names))?;
        self.entries.push(entry);
        Ok(index)
    }
}

/// Listed entries without a local header get one of the same name that nobody lists.
fn adopt_lost(into: &mut Archive, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let lost: Vec<usize> =
        (0..).zip(&into.entries).filter(|(_, entry)| entry.is_lost()).map(|(at, _)| at).collect();
    if lost.is_empty() {
        return Ok(());
    }
    cx.budget.step((into.entries.len() as u64).saturating_mul(2))?;
    let mut found = std::collections::BTreeMap::new();
    for (at, entry) in (0_usize..).zip(&into.entries) {
        if entry.listed_at.is_none() {
            found.entry(entry.name.clone()).or_insert(at);
        }
    }
    for at in lost {
        let Some(entry) = into.entries.get(at) else { continue };
        let local = found.remove(&entry.name).and_then(|local| into.entries.get(local)).cloned();
        if let (Some(local), Some(entry)) = (local, into.entries.get_mut(at)) {
            entry.adopt(&local);
        }
    }
    let kept: Vec<Range<u64>> = into
        .entries
        .iter()
        .filter(|entry| entry.listed_at.is_some())
        .map(|entry| entry.data.clone())
        .collect();
    let starts: std::collections::BTreeSet<u64> = kept.iter().map(|range| range.start).collect();
    let stays = |entry: &Entry| entry.listed_at.is_some() || !starts.contains(&entry.data.start);
    let mut next = 0_u32;
    let places: Vec<Option<u32>> = into
        .entries
        .iter()
        .map(|entry| {
            let place = stays(entry).then_some(next);
            next = next.saturating_add(u32::from(place.is_some()));
            place
        })
        .collect();
    into.oddities.renumber(&places);
    into.entries.retain(stays);
    Ok(())
}

/// Later entries of a name that an earlier one has.
fn note_duplicates(into: &mut Archive, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    cx.budget.step(into.entries.len() as u64)?;
    let mut order: Vec<(&str, u32)> =
        into.entries.iter().zip(0..).map(|(entry, index)| (entry.name.as_str(), index)).collect();
    order.sort_unstable();
    let mut found = Vec::new();
    let mut first: Option<(&str, u32)> = None;
    for (name, index) in order {
        match first {
            Some((known, earlier)) if known == name => found.push((index, earlier)),
            _ => first = Some((name, index)),
        }
    }
    found.sort_unstable();
    for (index, first) in found {
        let at = into.entries.get(index as usize).map_or(0, Entry::at);
        into.oddities.push(cx, Oddity { at, entry: Some(index), kind: OddityKind::DuplicateName { first } });
    }
    Ok(())
}

/// Bytes of a range, as far as the file has them.
fn slice<'a>(file: &'a [u8], range: &Range<u64>) -> &'a [u8] {
    let start = usize::try_from(range.start).unwrap_or(usize::MAX).min(file.len());
    let end = usize::try_from(range.end).unwrap_or(usize::MAX).min(file.len());
    file.get(start..end).unwrap_or_default()
}
