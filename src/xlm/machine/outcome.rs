//! What a run takes as given, and what stays of it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::base::{EffectDetail, EffectKind, LimitHit};
use crate::xlm::value::{CellAt, Origins};

/// What a run takes as given besides the environment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choices {
    /// Ordinals of decisions that go the other way.
    pub flips: Vec<usize>,
    /// Values of sources, by label.
    pub values: BTreeMap<String, f64>,
}

/// Something of the surroundings that a run asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// What was asked: `GET.WORKSPACE(13)`.
    pub label: String,
    /// The answer that was assumed.
    pub assumed: String,
    /// All values that it could have, when they are few.
    pub range: Vec<f64>,
}

/// A condition that depends on the surroundings.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Where.
    pub at: CellAt,
    /// What it depends on.
    pub origins: Origins,
    /// The condition, as far as it can be said in words.
    pub text: String,
    /// Which way it went.
    pub truth: bool,
}

/// Something that the macro did to the world outside its cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// What kind of thing.
    pub kind: EffectKind,
    /// What exactly, as a call with its arguments.
    pub text: String,
    /// The fields.
    pub detail: EffectDetail,
    /// Where.
    pub at: CellAt,
    /// The cell that wrote the formula, and the formula as it was written.
    pub written: Option<(CellAt, Rc<str>)>,
    /// What of the surroundings its arguments depend on.
    pub origins: Origins,
    /// What started the macro: index in the entries of the run.
    pub entry: usize,
}

/// A macro that something starts later.
#[derive(Debug, Clone, PartialEq)]
pub struct Hook {
    /// `ON.TIME` and its kin.
    pub event: &'static str,
    /// Where the macro begins.
    pub at: CellAt,
}

/// What stays of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What it did, in order.
    pub done: Vec<Done>,
    /// Bytes of that.
    pub done_len: usize,
    /// What it asked for.
    pub sources: Vec<Source>,
    /// Where it depended on that.
    pub decisions: Vec<Decision>,
    /// Cells whose formula ran to its end.
    pub executed: BTreeSet<CellAt>,
    /// What those cells held at the end, as a person reads it.
    pub values: BTreeMap<CellAt, String>,
    /// Functions that the machine does not know: name, and a cell that calls it.
    pub unknown: BTreeMap<String, CellAt>,
    /// Formula texts that could not be read: text, and the cell that has it.
    pub unreadable: Vec<(String, CellAt)>,
    /// What of the surroundings the texts depend on that were written into cells.
    pub written_origins: Origins,
    /// Bytes that were put into memory, and where.
    pub injected: Vec<(Vec<u8>, CellAt)>,
    /// Why it ended early, and the cell that ran.
    pub limit: Option<(LimitHit, CellAt)>,
    /// How many formulas were run.
    pub formulas: u64,
    /// Operations that were carried out.
    pub steps: u64,
}
