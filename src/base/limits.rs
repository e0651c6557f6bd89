//! How much work one analysis may do, and what is left of it.
//!
//! Work is counted in steps, never in time, so that the same bytes give the same report. One step
//! is one record or at most 64 bytes touched. Budget is spent before the work is done.

/// Ceilings of one analysis. Reaching one is recorded and bars "nothing found".
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Steps over all parts; one is a record or 64 bytes touched.
    ///
    /// A workbook of 20 MB full of cells takes 1.6 million, so that one of 100 MB takes two thirds of
    /// the default. A step takes 63 nanoseconds in the median of the hostile files that
    /// `docsift-peers bench` makes, and 190 in the dearest large one (two busy cores of an AMD EPYC,
    /// November 2026): a spent budget is 0.8 seconds there, and 2.3 at worst.
    pub steps: u64,
    /// Bytes that one transformation (gathering, decompressing) may make.
    pub part_bytes: u64,
    /// Bytes that all transformations together may make.
    pub total_bytes: u64,
    /// How many bytes a decompressor may make for each byte it reads.
    pub ratio: u64,
    /// Documents inside documents.
    pub depth: u16,
    /// Parts: streams, modules, embedded documents.
    pub parts: u32,
    /// Cells kept in models, over all workbooks.
    pub cells: u64,
    /// Hash rounds of key derivations, over all passwords that are tried. A file of Excel 2013 takes
    /// 100,000 for each.
    pub kdf_rounds: u64,
    /// Findings of one rule; further ones are counted in the last.
    pub findings: u32,
    /// Bytes of raw evidence and characters of shown text in one evidence.
    pub excerpt_bytes: usize,
    /// Characters of texts, sources and formulas that the report quotes, each kind.
    pub report_chars: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            steps: 12_000_000,
            part_bytes: 512 << 20,
            total_bytes: 1 << 30,
            ratio: 4096,
            depth: 16,
            parts: 20_000,
            cells: 16_000_000,
            kdf_rounds: 2_000_000,
            findings: 16,
            excerpt_bytes: 256,
            report_chars: 1 << 20,
        }
    }
}

/// Which ceiling was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LimitKind {
    /// [`Limits::steps`]
    Steps,
    /// [`Limits::part_bytes`]
    PartBytes,
    /// [`Limits::total_bytes`]
    TotalBytes,
    /// [`Limits::ratio`]
    Ratio,
    /// [`Limits::depth`]
    Depth,
    /// [`Limits::parts`]
    Parts,
    /// [`Limits::cells`]
    Cells,
    /// [`Limits::kdf_rounds`]
    KdfRounds,
    /// What models may hold of memory, in proportion to the input.
    Memory,
}

impl LimitKind {
    /// What is counted, as a person reads it.
    pub fn name(self) -> &'static str {
        match self {
            LimitKind::Steps => "steps",
            LimitKind::PartBytes => "bytes of one part",
            LimitKind::TotalBytes => "bytes made in all",
            LimitKind::Ratio => "decompression ratio",
            LimitKind::Depth => "nesting depth",
            LimitKind::Parts => "parts",
            LimitKind::Cells => "cells",
            LimitKind::KdfRounds => "rounds of key derivation",
            LimitKind::Memory => "bytes of models",
        }
    }
}

/// A ceiling was reached. Never recovered from and never turned into a default value: the walk
/// ends, and the model keeps what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("limit reached: {} (at most {ceiling})", kind.name())]
pub struct LimitHit {
    /// Which ceiling.
    pub kind: LimitKind,
    /// Its value.
    pub ceiling: u64,
}

/// What is left of the [`Limits`].
#[derive(Debug, Clone)]
pub struct Budget {
    limits: Limits,
    steps: u64,
    bytes: u64,
    parts: u32,
    cells: u64,
    rounds: u64,
    depth: u16,
    room: u64,
    held: u64,
}

/// Bytes that models may hold, whatever the size of the input. With a stream that was gathered and
/// what is taken for a moment, the heap stays within 16 MiB and three times the input.
const ROOM: u64 = 12 << 20;

/// Bytes that models may hold besides, for each byte of input.
const ROOM_PER_BYTE: u64 = 2;

impl Budget {
    /// A full budget.
    pub fn new(limits: &Limits) -> Self {
        Budget {
            steps: limits.steps,
            bytes: limits.total_bytes,
            parts: limits.parts,
            cells: limits.cells,
            rounds: limits.kdf_rounds,
            depth: 0,
            room: u64::MAX,
            held: 0,
            limits: limits.clone(),
        }
    }

    /// A full budget for an input of `len` bytes, whose models get memory in proportion to that.
    pub fn for_input(limits: &Limits, len: usize) -> Self {
        let room = (len as u64).saturating_mul(ROOM_PER_BYTE).saturating_add(ROOM);
        Budget { room, ..Budget::new(limits) }
    }

    /// The ceilings that this budget began with.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Steps not yet spent.
    pub fn steps_left(&self) -> u64 {
        self.steps
    }

    /// Spends `count` steps.
    ///
    /// # Errors
    /// [`LimitHit`] when fewer are left; they are gone then.
    pub fn step(&mut self, count: u64) -> Result<(), LimitHit> {
        let left = self.steps.checked_sub(count);
        self.steps = left.unwrap_or(0);
        self.checked(left.is_some(), LimitKind::Steps)
    }

    /// Spends the steps for looking at `len` bytes.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub fn touch(&mut self, len: usize) -> Result<(), LimitHit> {
        self.step((len as u64).div_ceil(64))
    }

    /// Takes `len` bytes of memory for what a transformation makes.
    ///
    /// # Errors
    /// [`LimitHit`] when one part or all parts together would be too large.
    pub fn own(&mut self, len: u64) -> Result<(), LimitHit> {
        self.checked(len <= self.limits.part_bytes, LimitKind::PartBytes)?;
        let left = self.bytes.checked_sub(len);
        self.bytes = left.unwrap_or(0);
        self.checked(left.is_some(), LimitKind::TotalBytes)
    }

    /// Takes `len` bytes of memory for items of a model that can be larger than the bytes of the file
    /// that they come from.
    ///
    /// # Errors
    /// [`LimitHit`] when the models would hold too much for an input of this size.
    pub fn hold(&mut self, len: usize) -> Result<(), LimitHit> {
        self.held = self.held.saturating_add(len as u64);
        self.checked(self.held <= self.room, LimitKind::Memory)
    }

    /// Takes the place of `count` cells in a model.
    ///
    /// # Errors
    /// [`LimitHit`] when the models would hold too many.
    pub fn cells(&mut self, count: u64) -> Result<(), LimitHit> {
        let left = self.cells.checked_sub(count);
        self.cells = left.unwrap_or(0);
        self.checked(left.is_some(), LimitKind::Cells)
    }

    /// Hash rounds of key derivations that are left.
    pub fn rounds_left(&self) -> u64 {
        self.rounds
    }

    /// Spends `count` hash rounds of a key derivation, and the steps that they are worth.
    ///
    /// # Errors
    /// [`LimitHit`] when fewer rounds are left, and none is taken then; or when the steps do not last.
    pub fn rounds(&mut self, count: u64) -> Result<(), LimitHit> {
        let left = self.rounds.checked_sub(count);
        self.rounds = left.unwrap_or(self.rounds);
        self.checked(left.is_some(), LimitKind::KdfRounds)?;
        // A round of SHA-512 takes as long as some steps, one of SHA-1 as long as one.
        self.step(count.saturating_mul(2))
    }

    /// Takes the place of one part.
    ///
    /// # Errors
    /// [`LimitHit`] when there are too many.
    pub fn part(&mut self) -> Result<(), LimitHit> {
        let left = self.parts.checked_sub(1);
        self.parts = left.unwrap_or(0);
        self.checked(left.is_some(), LimitKind::Parts)
    }

    /// Checks that `made` bytes out of `read` bytes is no bomb.
    ///
    /// # Errors
    /// [`LimitHit`] when the ratio is over the ceiling.
    pub fn ratio(&self, made: u64, read: u64) -> Result<(), LimitHit> {
        let allowed = read.saturating_add(64).saturating_mul(self.limits.ratio);
        self.checked(made <= allowed, LimitKind::Ratio)
    }

    /// Runs `work` one level deeper.
    ///
    /// # Errors
    /// [`LimitHit`] when that is too deep, or what `work` returns.
    pub fn nested<T, E: From<LimitHit>>(
        &mut self,
        work: impl FnOnce(&mut Budget) -> Result<T, E>,
    ) -> Result<T, E> {
        self.checked(self.depth < self.limits.depth, LimitKind::Depth)?;
        self.depth = self.depth.saturating_add(1);
        let result = work(self);
        self.depth = self.depth.saturating_sub(1);
        result
    }

    /// Sets half of the steps aside, so that the part which gets the rest cannot starve later
    /// ones. [`Budget::give_back`] returns them.
    #[must_use]
    pub fn set_aside(&mut self) -> u64 {
        let aside = self.steps / 2;
        self.steps = self.steps.saturating_sub(aside);
        aside
    }

    /// A budget of its own with at most `steps` of these; what it spends has to be spent here as well.
    #[must_use]
    pub fn share(&self, steps: u64) -> Budget {
        let steps = steps.min(self.steps);
        let mut share = Budget { steps, ..self.clone() };
        share.limits.steps = steps;
        share
    }

    /// Returns steps that were set aside.
    pub fn give_back(&mut self, steps: u64) {
        self.steps = self.steps.saturating_add(steps);
    }

    fn checked(&self, within: bool, kind: LimitKind) -> Result<(), LimitHit> {
        if within { Ok(()) } else { Err(LimitHit { kind, ceiling: self.ceiling(kind) }) }
    }

    fn ceiling(&self, kind: LimitKind) -> u64 {
        match kind {
            LimitKind::Steps => self.limits.steps,
            LimitKind::PartBytes => self.limits.part_bytes,
            LimitKind::TotalBytes => self.limits.total_bytes,
            LimitKind::Ratio => self.limits.ratio,
            LimitKind::Depth => self.limits.depth.into(),
            LimitKind::Parts => self.limits.parts.into(),
            LimitKind::Cells => self.limits.cells,
            LimitKind::KdfRounds => self.limits.kdf_rounds,
            LimitKind::Memory => self.room,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits { steps: 10, part_bytes: 100, total_bytes: 150, ratio: 2, depth: 1, ..Limits::default() }
    }

    #[test]
    fn steps_end_exactly_at_the_ceiling() {
        let mut budget = Budget::new(&limits());
        assert_eq!(budget.step(10), Ok(()));
        assert_eq!(budget.step(1), Err(LimitHit { kind: LimitKind::Steps, ceiling: 10 }));
    }

    #[test]
    fn bytes_are_counted_for_one_part_and_for_all() {
        let mut budget = Budget::new(&limits());
        assert_eq!(budget.own(101), Err(LimitHit { kind: LimitKind::PartBytes, ceiling: 100 }));
        assert_eq!(budget.own(100), Ok(()));
        assert_eq!(budget.own(51), Err(LimitHit { kind: LimitKind::TotalBytes, ceiling: 150 }));
    }

    #[test]
    fn memory_of_models_is_in_proportion_to_the_input() {
        let mut budget = Budget::for_input(&limits(), 1000);
        assert_eq!(budget.hold(2000 + (12 << 20)), Ok(()));
        let ceiling = 2000 + (12 << 20);
        assert_eq!(budget.hold(1), Err(LimitHit { kind: LimitKind::Memory, ceiling }));
    }

    #[test]
    fn nesting_deeper_than_the_ceiling_is_refused() {
        let mut budget = Budget::new(&limits());
        let inner = budget.nested(|budget| budget.nested(|_| Ok::<_, LimitHit>(1)));
        assert_eq!(inner, Err(LimitHit { kind: LimitKind::Depth, ceiling: 1 }));
        assert_eq!(budget.nested(|_| Ok::<_, LimitHit>(1)), Ok(1));
    }

    #[test]
    fn rounds_that_are_not_there_are_not_taken() {
        let mut budget = Budget::new(&Limits { kdf_rounds: 4, ..limits() });
        let hit = LimitHit { kind: LimitKind::KdfRounds, ceiling: 4 };
        assert_eq!(budget.rounds(5), Err(hit));
        assert_eq!(budget.rounds(4), Ok(()));
        assert_eq!(budget.rounds(1), Err(hit));
        assert_eq!(budget.steps_left(), 2);
    }

    #[test]
    fn a_share_ends_before_the_whole() {
        let budget = Budget::new(&limits());
        let mut share = budget.share(4);
        assert_eq!(share.step(5), Err(LimitHit { kind: LimitKind::Steps, ceiling: 4 }));
        assert_eq!((budget.steps_left(), budget.share(99).steps_left()), (10, 10));
    }

    #[test]
    fn steps_set_aside_come_back() {
        let mut budget = Budget::new(&limits());
        let aside = budget.set_aside();
        assert!(budget.step(6).is_err());
        budget.give_back(aside);
        assert_eq!(budget.step(5), Ok(()));
    }
}
