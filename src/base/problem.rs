//! What could not be read as the specification has it.
//!
//! Unread is never clean: every kind but [`ProblemKind::Recovered`] bars the verdict "nothing
//! found".

use super::{LimitHit, Location};

/// One deviation, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub location: Location,
    /// Who met it.
    pub stage: Stage,
    /// What came of it.
    pub kind: ProblemKind,
    /// What is wrong, in lower case and without a full stop; file text in it is quoted.
    pub message: String,
}

/// What came of a deviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// Fully recovered. Bars nothing; most real files have one.
    Recovered,
    /// Something there was not read.
    Abandoned,
    /// A ceiling ended the walk.
    LimitReached,
    /// Encrypted, and no password is known.
    NeedsPassword,
    /// Recognised, but not read.
    Unsupported,
}

impl ProblemKind {
    /// Whether "nothing found" can no longer be said.
    pub fn bars_nothing_found(self) -> bool {
        self != ProblemKind::Recovered
    }
}

/// The reader that met a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Order of stages, nesting, parts.
    Analyzer,
    /// Compound files.
    Cfb,
    /// Workbook streams.
    Biff,
    /// Formula tokens.
    Formula,
    /// VBA projects.
    Vba,
    /// Excel 4.0 programs.
    Xlm,
    /// Property sets.
    Props,
    /// Code pages.
    Text,
    /// Harvest and matching of lure text.
    Lure,
    /// Drawings and pictures.
    Pictures,
    /// Embedded objects and controls.
    Objects,
    /// ZIP and other archives.
    Archive,
    /// Office packages (OOXML).
    Package,
    /// Word documents.
    Word,
    /// Presentations.
    Presentation,
    /// Rich Text Format.
    Rtf,
    /// Formats that are text: SYLK, XML, web archives, CSV.
    TextFormat,
    /// Mails.
    Mail,
    /// Decryption.
    Crypto,
    /// Indicators and commands.
    Indicators,
}

/// The problems of one analysis, in the order they were met.
///
/// A hostile file can hold a deviation in every record, so that only the first
/// [`Problems::KEPT`] of each stage and kind are kept; the others are counted.
#[derive(Debug, Default)]
pub struct Problems {
    list: Vec<Problem>,
    counts: Vec<((Stage, ProblemKind), u64)>,
}

impl Problems {
    /// How many of one stage and kind are kept.
    pub const KEPT: u64 = 64;

    /// Records a problem.
    pub fn push(&mut self, problem: Problem) {
        if self.admit(problem.stage, problem.kind) {
            self.list.push(problem);
        }
    }

    /// Counts a problem, and says whether there is room to keep it: the message of one that is
    /// not kept need not be made.
    pub(super) fn admit(&mut self, stage: Stage, kind: ProblemKind) -> bool {
        let key = (stage, kind);
        match self.counts.iter_mut().find(|(known, _)| *known == key) {
            Some((_, count)) => {
                *count = count.saturating_add(1);
                *count <= Self::KEPT
            }
            None => {
                self.counts.push((key, 1));
                true
            }
        }
    }

    pub(super) fn keep(&mut self, problem: Problem) {
        self.list.push(problem);
    }

    /// Those that were kept.
    pub fn list(&self) -> &[Problem] {
        &self.list
    }

    /// How many were met, those not kept included.
    pub fn count(&self) -> u64 {
        self.counts.iter().map(|(_, count)| *count).fold(0, u64::saturating_add)
    }

    /// How many of one stage and kind were met.
    pub fn count_of(&self, stage: Stage, kind: ProblemKind) -> u64 {
        self.counts.iter().find(|(known, _)| *known == (stage, kind)).map_or(0, |(_, count)| *count)
    }

    /// Whether one of them bars "nothing found".
    pub fn bar_nothing_found(&self) -> bool {
        self.counts.iter().any(|((_, kind), _)| kind.bars_nothing_found())
    }
}

impl Problem {
    /// A ceiling that ended a walk.
    pub fn limit(location: Location, stage: Stage, hit: LimitHit) -> Self {
        Problem { location, stage, kind: ProblemKind::LimitReached, message: hit.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::PartId;

    fn problem(kind: ProblemKind) -> Problem {
        Problem { location: Location::part(PartId(0)), stage: Stage::Cfb, kind, message: String::new() }
    }

    #[test]
    fn problems_beyond_the_kept_ones_are_counted_and_still_bar() {
        let mut problems = Problems::default();
        for _ in 0..100 {
            problems.push(problem(ProblemKind::Recovered));
        }
        assert!(!problems.bar_nothing_found());
        problems.push(problem(ProblemKind::Abandoned));
        assert_eq!(problems.list().len(), 65);
        assert_eq!(problems.count(), 101);
        assert_eq!(problems.count_of(Stage::Cfb, ProblemKind::Recovered), 100);
        assert!(problems.bar_nothing_found());
    }
}
