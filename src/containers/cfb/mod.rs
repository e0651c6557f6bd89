//! Tolerant reader of compound files ([MS-CFB]) over a slice.
//!
//! Compound files are broken by accident (downloads that end early, writers that count wrongly) and
//! on purpose (readers that refuse do not see the macro). So nothing here is refused: [`read`]
//! fills a [`CompoundFile`] with what is there, and every deviation is an [`Oddity`] and a problem.
//!
//! - The directory is read twice: as the flat list that it is, and along the trees from the root.
//!   What the tree does not reach is kept as an orphan.
//! - Chains end at a mark, at the end of the file, or after as many sectors as the file has, so that
//!   circles end. A stream whose chain is shorter than its size has the bytes that are there.
//! - The allocation tables are not copied: an entry is looked up in the file when it is needed, so
//!   that the memory for a file is that of its directory and of one bit a sector.
//! - Windows refuses a damaged header, and analysts are given such files all the same: a wrong
//!   signature or sector size is read through when the root entry is where it should be.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

#[cfg(test)]
mod build;
mod consts;
mod directory;
mod fat;
mod header;
mod oddity;
mod slack;
mod stream;
#[cfg(test)]
mod tests;

pub(in crate::containers) use consts::SIGNATURE;
pub use directory::{Entry, EntryKind};
pub(in crate::containers) use header::is_damaged;
pub use oddity::{Oddity, OddityKind};
pub use slack::{Slack, SlackPlace};
pub use stream::{Run, Stream};

use crate::base::{Budget, Cx, LimitHit};
use consts::{ENDOFCHAIN, FREESECT, HEADER_LEN, MAXREGSECT, MINI_CUTOFF};
use directory::{Links, NONE, position};
use fat::{Sectors, Table};
use oddity::Oddities;
use stream::Runs;

/// A compound file: its directory, and the way to its streams. Borrows the file.
#[derive(Debug, Clone, Default)]
pub struct CompoundFile<'a> {
    sectors: Sectors<'a>,
    fat: Table<'a>,
    mini_fat: Table<'a>,
    /// Where the mini stream lies: offset in it, and the run.
    mini_stream: Vec<(u64, Run)>,
    mini_stream_len: u64,
    mini_shift: u32,
    entries: Vec<Entry>,
    links: Vec<Links>,
    oddities: Oddities,
    owned: Bits,
    tail_is_zero: bool,
}

/// Reads the header, the tables and the directory of `file` into `into`; the content of streams is
/// not touched.
///
/// Cost: a step for each sector in use, 32 for each directory entry, and one for each 4 KiB behind
/// the last sector in use. A file that is no compound file leaves `into` empty, and a problem.
///
/// # Errors
/// [`LimitHit`] when the budget does not last; `into` keeps what was read.
pub fn read<'a>(file: &'a [u8], into: &mut CompoundFile<'a>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let Some(header) = header::header(file, &mut into.oddities, cx)? else {
        cx.abandoned(0..file.len() as u64, "not a compound file");
        return Ok(());
    };
    let sectors = Sectors::new(file, header.sector_shift);
    into.sectors = sectors;
    into.mini_shift = header.mini_sector_shift.into();
    into.owned = Bits::new(sectors.count);

    let (holders, difat) = fat::fat_holders(&header, &sectors, &mut into.oddities, cx)?;
    for sector in holders.iter().chain(&difat) {
        into.owned.set(*sector);
    }
    into.fat = Table::new(sectors, holders);

    let (directory, _) = into.table_chain(Chain::of_file(header.first_directory_sector, 48), cx)?;
    let wide = header.sector_shift != 9;
    directory::entries(file, &directory.list, wide, &mut into.entries, &mut into.oddities, cx)?;
    if into.entries.is_empty() {
        cx.abandoned(0..file.len() as u64, "no directory entry");
    }
    directory::walk(&mut into.entries, &mut into.links, &mut into.oddities, cx)?;
    directory::note_orphans_and_duplicates(&into.entries, &mut into.oddities, cx)?;

    if header.first_mini_fat_sector < sectors.count {
        let (mini_fat, _) = into.table_chain(Chain::of_file(header.first_mini_fat_sector, 60), cx)?;
        let size = sectors.size();
        let holders = mini_fat.list.iter().flat_map(|run| {
            let first = run.at.wrapping_shr(sectors.shift).saturating_sub(1);
            let count = run.len.div_ceil(size.max(1));
            (first..first.saturating_add(count)).map(|sector| u32::try_from(sector).unwrap_or(FREESECT))
        });
        into.mini_fat = Table::new(sectors, holders.collect());
    }
    into.read_mini_stream(cx)?;
    into.own_streams(cx)?;
    into.note_tail(cx)
}

/// What a chain is, for the notes about it.
#[derive(Debug, Clone, Copy)]
struct Chain {
    start: u32,
    /// Stated bytes; the chains of the file itself have none, and end where they end.
    size: u64,
    at: u64,
    entry: Option<u32>,
}

impl Chain {
    fn of_file(start: u32, at: u64) -> Self {
        Chain { start, size: 0, at, entry: None }
    }

    fn of_entry(entry: &Entry) -> Self {
        Chain { start: entry.start, size: entry.size, at: entry.at, entry: Some(entry.id) }
    }
}

impl<'a> CompoundFile<'a> {
    /// The used entries, in flat order: those that the tree reaches, and orphans.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry with this index in the flat directory.
    pub fn entry(&self, id: u32) -> Option<&Entry> {
        self.entries.get(position(&self.entries, id)?)
    }

    /// The entries in a storage, in the order of its tree. The root is entry 0.
    pub fn children(&self, id: u32) -> impl Iterator<Item = &Entry> {
        let first =
            position(&self.entries, id).and_then(|at| self.links.get(at)).map_or(NONE, |links| links.first);
        std::iter::successors(self.linked(first), |(_, links)| self.linked(links.next))
            .map(|(entry, _)| entry)
    }

    fn linked(&self, position: u32) -> Option<(&Entry, &Links)> {
        self.entries.get(position as usize).zip(self.links.get(position as usize))
    }

    /// The first entry of a storage with this name, apart from case. The root is entry 0.
    pub fn child(&self, id: u32, name: &str) -> Option<&Entry> {
        self.children(id).find(|entry| entry.is_named(name))
    }

    /// How many names a path has at most.
    pub const PATH_NAMES: usize = 64;

    /// The names from the root down to an entry, joined by `/`. An orphan has only its name, the
    /// root none. Of deeper ones than [`Self::PATH_NAMES`] the last names are given, behind `…`.
    pub fn path(&self, id: u32) -> String {
        let mut names = Vec::new();
        let mut entry = self.entry(id).filter(|entry| entry.id != 0);
        while let Some(named) = entry {
            if names.len() == Self::PATH_NAMES {
                names.push("…");
                break;
            }
            names.push(named.name.as_str());
            entry = named.parent.filter(|parent| *parent != 0).and_then(|parent| self.entry(parent));
        }
        names.reverse();
        names.join("/")
    }

    /// What deviates from the specification: the first 64 of each kind, in the order they were met.
    pub fn oddities(&self) -> &[Oddity] {
        self.oddities.list()
    }

    /// Bytes of a sector.
    pub fn sector_size(&self) -> u64 {
        self.sectors.size()
    }

    /// The stream of an entry: the mini stream for the root, nothing for a storage.
    ///
    /// Missing bytes are told as a problem each time this is called, so call it once an entry.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last: one for each sector of the chain.
    pub fn stream(&self, id: u32, cx: &mut Cx<'_>) -> Result<Stream<'a>, LimitHit> {
        let Some(entry) = self.entry(id) else { return Ok(Stream::default()) };
        if entry.kind == EntryKind::Storage || entry.size == 0 {
            return Ok(Stream { file: self.sectors.file, ..Stream::default() });
        }
        let runs = self.runs(entry, cx.budget)?;
        if runs.len < entry.size {
            let end = entry.at.saturating_add(consts::ENTRY_LEN as u64);
            let kind = OddityKind::ChainShort { start: entry.start, found: runs.len, claimed: entry.size };
            cx.abandoned(entry.at..end, &format_args!("stream {:?}: {kind}", entry.name));
        }
        Ok(Stream { file: self.sectors.file, claimed: entry.size, found: runs.len, runs: runs.list })
    }

    /// What no stream owns: data behind the last sector in use, free sectors and lost ones that lie
    /// together as one run, and the rest of a large header. Only what is not all zeros, cut where a
    /// file begins at a sector boundary.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last: one for each such sector, and for 4 KiB of zeros.
    pub fn slack(&self, cx: &mut Cx<'_>) -> Result<Vec<Slack>, LimitHit> {
        let mut found = Vec::new();
        let file = self.sectors.file;
        let size = self.sectors.size();
        let header_end = size.min(file.len() as u64);
        if let Some(len) = header_end.checked_sub(HEADER_LEN as u64) {
            let run = Run { at: HEADER_LEN as u64, len };
            slack::collect(file, run, HEADER_LEN as u64, SlackPlace::Header, &mut found, cx)?;
        }
        let mut open: Option<(Run, SlackPlace)> = None;
        let last = self.owned.end();
        let mut sector = 0;
        while sector < last {
            cx.budget.step(1)?;
            if let Some(next) = self.owned.after_full_word(sector) {
                sector = next;
                continue;
            }
            if !self.owned.has(sector) {
                let place = match self.fat.next(sector) {
                    Some(FREESECT) | None => SlackPlace::Free,
                    Some(_) => SlackPlace::Lost,
                };
                let (at, len) = self.sectors.span(sector);
                match &mut open {
                    Some((run, before)) if *before == place && run.end() == at => {
                        run.len = run.len.saturating_add(len)
                    }
                    _ => {
                        if let Some((run, place)) = open.replace((Run { at, len }, place)) {
                            slack::collect(file, run, size, place, &mut found, cx)?;
                        }
                    }
                }
            }
            sector = sector.saturating_add(1);
        }
        if let Some((run, place)) = open {
            slack::collect(file, run, size, place, &mut found, cx)?;
        }
        if !self.tail_is_zero {
            slack::collect(file, self.tail(), size, SlackPlace::Tail, &mut found, cx)?;
        }
        Ok(found)
    }

    /// What lies behind the last sector in use.
    fn tail(&self) -> Run {
        let len = self.sectors.file.len() as u64;
        let at = match self.owned.end().checked_sub(1) {
            Some(last) => self.sectors.at(last).saturating_add(self.sectors.size()),
            None => self.sectors.size(),
        };
        let at = at.min(len);
        Run { at, len: len.saturating_sub(at) }
    }

    fn is_mini(entry: &Entry) -> bool {
        entry.size < MINI_CUTOFF && entry.kind != EntryKind::Root && entry.id != 0
    }

    /// Mini sectors by the root entry or by the bytes there, whichever is more, as far as the mini
    /// FAT goes. One that is not there adds nothing, and its chain goes on.
    fn mini_count(&self) -> u32 {
        let size = 1_u64.wrapping_shl(self.mini_shift);
        let claimed = self.entry(0).map_or(0, |root| root.size);
        let described = (self.mini_fat.holders().len() as u64).saturating_mul(self.sectors.size() / 4);
        let count = self.mini_stream_len.max(claimed).div_ceil(size.max(1)).min(described);
        u32::try_from(count).unwrap_or(u32::MAX).min(MAXREGSECT)
    }

    /// The runs of an entry with a size.
    ///
    /// A chain in a circle is read on up to the stated size, as readers without a visited set do,
    /// but not for more sectors than there are: an offset into the part that repeats is good for
    /// such a reader, and has to be for us.
    fn runs(&self, entry: &Entry, budget: &mut Budget) -> Result<Runs, LimitHit> {
        let mut runs = Runs::up_to(entry.size);
        if Self::is_mini(entry) {
            let mini_size = 1_u64.wrapping_shl(self.mini_shift);
            let needed = entry.size.div_ceil(mini_size.max(1));
            self.mini_fat.follow(entry.start, self.mini_count(), needed, budget, |sector| {
                self.push_mini(u64::from(sector).saturating_mul(mini_size), mini_size, &mut runs);
            })?;
        } else {
            let count = self.sectors.count;
            let needed = self.sectors.needed(entry.size).min(count.into());
            self.fat.follow(entry.start, count, needed, budget, |sector| {
                let (at, len) = self.sectors.span(sector);
                runs.push(at, len);
            })?;
        }
        Ok(runs)
    }

    /// Adds `len` bytes of the mini stream, wherever they lie.
    fn push_mini(&self, from: u64, len: u64, runs: &mut Runs) {
        let end = from.saturating_add(len);
        let after = self.mini_stream.partition_point(|(start, _)| *start <= from);
        let pieces = self.mini_stream.get(after.saturating_sub(1)..).unwrap_or_default();
        for (start, run) in pieces.iter().take_while(|(start, _)| *start < end) {
            let skip = from.saturating_sub(*start);
            let stop = end.saturating_sub(*start).min(run.len);
            if let Some(len) = stop.checked_sub(skip) {
                runs.push(run.at.saturating_add(skip), len);
            }
        }
    }

    /// The runs of a chain without a size (directory, mini FAT, mini stream), once through if it is
    /// a circle. Marks its sectors as owned; that one has an owner already does not end it.
    fn table_chain(&mut self, of: Chain, cx: &mut Cx<'_>) -> Result<(Runs, bool), LimitHit> {
        let mut passed = Bits::new(self.sectors.count);
        let mut runs = Runs::up_to(u64::MAX);
        let mut sector = of.start;
        let mut crossed = None;
        while passed.set(sector) {
            cx.budget.step(1)?;
            if !self.owned.set(sector) {
                crossed = crossed.or(Some(OddityKind::ChainCrossed { start: of.start, sector }));
            }
            let (at, len) = self.sectors.span(sector);
            runs.push(at, len);
            sector = self.fat.next(sector).unwrap_or(FREESECT);
        }
        let circle = sector < self.sectors.count;
        let end = if circle {
            Some(OddityKind::ChainCycle { start: of.start })
        } else {
            (sector != ENDOFCHAIN).then_some(OddityKind::ChainPastEnd { start: of.start, sector })
        };
        for kind in crossed.into_iter().chain(end) {
            self.oddities.push(cx, Oddity { at: of.at, entry: of.entry, kind });
        }
        // Entries may be missing; the mini stream is judged by what its streams lack.
        if let Some(kind @ OddityKind::ChainPastEnd { .. }) = end
            && of.entry.is_none()
        {
            cx.abandoned(of.at..of.at, &kind);
        }
        Ok((runs, circle))
    }

    /// Marks the sectors of a stream as owned, and notes what is odd about its chain.
    ///
    /// It ends at a sector with an owner, so that all chains together cost no more than the file
    /// has sectors.
    fn own_chain(&mut self, of: Chain, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let needed = self.sectors.needed(of.size);
        let (mut sector, mut taken, mut found) = (of.start, 0_u64, 0_u64);
        let kind = loop {
            if taken >= needed {
                break None;
            }
            if sector >= self.sectors.count {
                // Another mark than ENDOFCHAIN is told by the length.
                let outside = sector <= MAXREGSECT;
                break outside.then_some(OddityKind::ChainPastEnd { start: of.start, sector });
            }
            cx.budget.step(1)?;
            if !self.owned.set(sector) {
                break Some(collision(&self.fat, of.start, taken, sector));
            }
            found = found.saturating_add(self.sectors.span(sector).1);
            taken = taken.saturating_add(1);
            sector = self.fat.next(sector).unwrap_or(FREESECT);
        };
        self.note_chain(of, kind, found.min(of.size), cx);
        Ok(())
    }

    fn note_chain(&mut self, of: Chain, kind: Option<OddityKind>, found: u64, cx: &mut Cx<'_>) {
        if let Some(kind) = kind {
            self.oddities.push(cx, Oddity { at: of.at, entry: of.entry, kind });
        }
        match kind {
            // How far a crossed chain goes on is known when its stream is opened.
            Some(OddityKind::ChainCrossed { .. }) => {}
            // What the circle repeats stands in the place of bytes that are not there.
            Some(kind @ OddityKind::ChainCycle { .. }) => cx.abandoned(of.at..of.at, &kind),
            _ if found < of.size => {
                let kind = OddityKind::ChainShort { start: of.start, found, claimed: of.size };
                self.oddities.push(cx, Oddity { at: of.at, entry: of.entry, kind });
            }
            _ => {}
        }
    }

    /// Finds the mini stream: the chain of the root entry, to its end even if the entry states less.
    fn read_mini_stream(&mut self, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let Some(root) = self.entry(0) else { return Ok(()) };
        let (start, claimed, at) = (root.start, root.size, root.at);
        if claimed == 0 && self.mini_fat.holders().is_empty() {
            return Ok(());
        }
        let (mut runs, circle) = self.table_chain(Chain { start, size: claimed, at, entry: Some(0) }, cx)?;
        if circle {
            let Some(root) = self.entry(0) else { return Ok(()) };
            runs = self.runs(root, cx.budget)?;
        }
        let kind = if runs.len < claimed {
            Some(OddityKind::ChainShort { start, found: runs.len, claimed })
        } else if self.sectors.needed(claimed) < self.sectors.needed(runs.len) {
            Some(OddityKind::MiniStreamLonger { found: runs.len, claimed })
        } else {
            None
        };
        if let Some(kind) = kind {
            self.oddities.push(cx, Oddity { at, entry: Some(0), kind });
        }
        self.mini_stream_len = runs.len;
        let mut offset = 0_u64;
        for run in runs.list {
            self.mini_stream.push((offset, run));
            offset = offset.saturating_add(run.len);
        }
        Ok(())
    }

    /// Marks the sectors of all streams: those that the tree reaches first, so that an orphan whose
    /// sectors were given to another stream is the one that crosses.
    fn own_streams(&mut self, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let mut mini_owned = Bits::new(self.mini_count());
        for reached in [true, false] {
            for position in 0..self.entries.len() {
                let Some(entry) = self.entries.get(position) else { continue };
                if entry.reached != reached
                    || entry.id == 0
                    || entry.size == 0
                    || entry.kind == EntryKind::Storage
                {
                    continue;
                }
                let of = Chain::of_entry(entry);
                if Self::is_mini(entry) {
                    self.own_mini_chain(of, &mut mini_owned, cx)?;
                } else {
                    self.own_chain(of, cx)?;
                }
            }
        }
        Ok(())
    }

    fn own_mini_chain(&mut self, of: Chain, owned: &mut Bits, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let size = of.size;
        let mini_size = 1_u64.wrapping_shl(self.mini_shift);
        let needed = size.div_ceil(mini_size.max(1));
        let count = self.mini_count();
        let (mut sector, mut taken, mut found) = (of.start, 0_u64, 0_u64);
        let kind = loop {
            if taken >= needed {
                break None;
            }
            if sector >= count {
                let outside = sector <= MAXREGSECT;
                break outside.then_some(OddityKind::ChainPastEnd { start: of.start, sector });
            }
            cx.budget.step(1)?;
            if !owned.set(sector) {
                break Some(collision(&self.mini_fat, of.start, taken, sector));
            }
            let left = self.mini_stream_len.saturating_sub(u64::from(sector).saturating_mul(mini_size));
            found = found.saturating_add(left.min(mini_size));
            taken = taken.saturating_add(1);
            sector = self.mini_fat.next(sector).unwrap_or(FREESECT);
        };
        self.note_chain(of, kind, found.min(size), cx);
        Ok(())
    }

    fn note_tail(&mut self, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let size = self.sectors.size();
        let len = self.sectors.file.len() as u64;
        let have = len.checked_rem(size).unwrap_or(0);
        if have != 0 {
            self.oddities.note(cx, len.saturating_sub(have), OddityKind::PartialSector { have, size });
        }
        let tail = self.tail();
        let zeros = slack::leading_zeros(tail.bytes(self.sectors.file), cx)? as u64;
        self.tail_is_zero = zeros >= tail.len;
        if !self.tail_is_zero {
            self.oddities.note(cx, tail.at, OddityKind::TailData { len: tail.len });
        } else if tail.len >= size {
            self.oddities.note(cx, tail.at, OddityKind::ZeroTail { len: tail.len });
        }
        Ok(())
    }
}

/// Why the chain from `start` meets a sector with an owner: `sector` is one of its own first `count`
/// sectors, or another chain's.
///
/// Asked once a chain, about as many sectors as it has just marked, so that the marks have paid.
fn collision(table: &Table<'_>, start: u32, count: u64, sector: u32) -> OddityKind {
    let mut at = start;
    for _ in 0..count {
        if at == sector {
            return OddityKind::ChainCycle { start };
        }
        at = table.next(at).unwrap_or(FREESECT);
    }
    OddityKind::ChainCrossed { start, sector }
}

/// One bit a sector.
#[derive(Debug, Clone, Default)]
struct Bits {
    words: Vec<u64>,
    count: u32,
}

impl Bits {
    fn new(count: u32) -> Self {
        let words = vec![0; (count as usize).div_ceil(64)];
        Bits { words, count }
    }

    /// Sets a bit; `false` when it was set, or is not there.
    fn set(&mut self, index: u32) -> bool {
        let mask = 1_u64.wrapping_shl(index);
        match self.words.get_mut((index / 64) as usize) {
            Some(word) if index < self.count => {
                let was = *word & mask != 0;
                *word |= mask;
                !was
            }
            _ => false,
        }
    }

    fn has(&self, index: u32) -> bool {
        self.words.get((index / 64) as usize).is_some_and(|word| word & 1_u64.wrapping_shl(index) != 0)
    }

    /// The first bit of the next word, when `index` is the first of a word that is all set.
    fn after_full_word(&self, index: u32) -> Option<u32> {
        let full = index.is_multiple_of(64) && self.words.get((index / 64) as usize) == Some(&u64::MAX);
        full.then(|| index.saturating_add(64))
    }

    /// One past the last bit that is set.
    fn end(&self) -> u32 {
        let Some(last) = self.words.iter().rposition(|word| *word != 0) else { return 0 };
        let zeros = self.words.get(last).map_or(0, |word| word.leading_zeros());
        let bits = (last as u64).saturating_add(1).saturating_mul(64).saturating_sub(zeros.into());
        u32::try_from(bits).unwrap_or(u32::MAX)
    }
}
