//! What a reader is given besides its bytes: whose part they are, the budget, and where to tell.

use std::fmt::Display;
use std::ops::Range;

use super::{Budget, LimitHit, Location, PartId, Problem, ProblemKind, Problems, Stage};

/// The surroundings of one reader.
#[derive(Debug)]
pub struct Cx<'c> {
    /// The part whose bytes are read; offsets mean these.
    pub part: PartId,
    /// Who reads.
    pub stage: Stage,
    /// What may still be spent.
    pub budget: &'c mut Budget,
    /// What deviated.
    pub problems: &'c mut Problems,
}

impl Cx<'_> {
    /// The same surroundings for another reader of the same part.
    pub fn for_stage(&mut self, stage: Stage) -> Cx<'_> {
        self.for_part(self.part, stage)
    }

    /// The same surroundings for a reader of another part.
    pub fn for_part(&mut self, part: PartId, stage: Stage) -> Cx<'_> {
        Cx { part, stage, budget: self.budget, problems: self.problems }
    }

    /// Records a deviation at `at` that was fully recovered.
    pub fn recovered(&mut self, at: u64, message: &(impl Display + ?Sized)) {
        self.tell(ProblemKind::Recovered, at..at, message);
    }

    /// Records that the bytes in `range` were not read.
    pub fn abandoned(&mut self, range: Range<u64>, message: &(impl Display + ?Sized)) {
        self.tell(ProblemKind::Abandoned, range, message);
    }

    /// Records something at `at` that is recognised but not read.
    pub fn unsupported(&mut self, at: u64, message: &(impl Display + ?Sized)) {
        self.tell(ProblemKind::Unsupported, at..at, message);
    }

    /// Records ciphertext at `at` for which no password is known.
    pub fn needs_password(&mut self, at: u64, message: &(impl Display + ?Sized)) {
        self.tell(ProblemKind::NeedsPassword, at..at, message);
    }

    /// Records that a ceiling ended the walk of this part.
    pub fn limit(&mut self, hit: LimitHit) {
        self.problems.push(Problem::limit(Location::part(self.part), self.stage, hit));
    }

    /// Records that what stands at a place was not read.
    pub fn abandoned_at(&mut self, location: Location, message: &(impl Display + ?Sized)) {
        self.tell_at(ProblemKind::Abandoned, location, message);
    }

    /// Records that what stands at a place is recognised but not read.
    pub fn unsupported_at(&mut self, location: Location, message: &(impl Display + ?Sized)) {
        self.tell_at(ProblemKind::Unsupported, location, message);
    }

    fn tell(&mut self, kind: ProblemKind, range: Range<u64>, message: &(impl Display + ?Sized)) {
        self.tell_at(kind, Location::bytes(self.part, range), message);
    }

    fn tell_at(&mut self, kind: ProblemKind, location: Location, message: &(impl Display + ?Sized)) {
        if self.problems.admit(self.stage, kind) {
            let problem = Problem { location, stage: self.stage, kind, message: message.to_string() };
            self.problems.keep(problem);
        }
    }
}
