//! The runs of a program, formula by formula, kept for a person who follows them.
//!
//! A run is traced by running it again: what it does is decided by the program, the environment and
//! its choices alone. What is kept is counted and paid for; where the room ends, the rest is only
//! counted.

use std::collections::BTreeMap;

use crate::base::{Cx, EffectKind, LimitHit};
use crate::documents::formula::print_cell;
use crate::documents::workbook::Workbook;

use super::machine::{Decision, Done, Outcome, Step, Target};
use super::store::{Formula, Store};
use super::value::CellAt;

/// Characters of a formula or value that are kept.
const CHARS: usize = 2048;
/// Effects and decisions that are kept of one step.
const OF_STEP: usize = 32;
/// Questions that are kept of one run.
const ASKED: usize = 128;

/// The runs of a program.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// The run of the desktop, and those that take another side of a condition and do something else.
    pub runs: Vec<Run>,
    /// Runs of the other side of a condition that are left out.
    pub runs_left_out: u64,
    /// Steps that may still be kept.
    room: u64,
    repeats: u32,
}

/// One run.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// The conditions that take another side than on the desktop, in words.
    pub conditions: Vec<String>,
    /// Values that were tried and found to give readable effects, in words.
    pub found: Vec<String>,
    /// Steps before the last of these conditions, which are those of a run before.
    pub same: u64,
    /// What ran.
    pub steps: Vec<Traced>,
    /// Steps that ran behind these and are not kept.
    pub left_out: u64,
    /// Steps of loops that were passed over, of the whole run.
    pub passed_over: u64,
    /// What the run asked of its surroundings.
    pub asked: Vec<Asked>,
    /// Why it ended early, and where.
    pub limit: Option<(LimitHit, CellAt)>,
}

/// One formula that ran, or what was done without one.
#[derive(Debug, Clone)]
pub struct Traced {
    /// How many formulas ran before.
    pub number: u64,
    /// What started the macro: `auto_open` ...
    pub start: &'static str,
    /// The cell.
    pub at: Option<CellAt>,
    /// How deep in calls, from 0.
    pub depth: usize,
    /// The formula with its leading `=`, capped.
    pub formula: String,
    /// The cell that wrote it; `None` for a formula of the file.
    pub written_by: Option<CellAt>,
    /// Its value, capped; texts in quotes.
    pub value: String,
    /// What it did to the world outside the cells: kind, text, cell.
    pub effects: Vec<(EffectKind, String, CellAt)>,
    /// What it decided.
    pub decisions: Vec<Decided>,
    /// Cells and names that it set.
    pub sets: Vec<(Target, String)>,
    /// How many more it set.
    pub sets_left_out: u64,
    /// Steps of loops that ran since the step before and are passed over.
    pub passed_over: u64,
}

/// A condition on the surroundings that was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The condition, as far as it can be said in words.
    pub condition: String,
    /// Which way it went.
    pub truth: bool,
    /// Whether this run takes the side that the desktop would not.
    pub other_side: bool,
}

/// A question about the surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What was asked.
    pub question: String,
    /// The answer that was assumed.
    pub answer: String,
    /// How many values it could have that may be tried; 0 when they are many or one.
    pub values: usize,
}

impl Trace {
    /// A trace that keeps at most this many steps of all runs together. A cell that only computes is
    /// kept `repeats` times in a run, and passed over when a loop comes by again; 0 keeps all.
    pub fn new(steps: u64, repeats: u32) -> Self {
        Trace { room: steps, repeats, ..Trace::default() }
    }

    /// Steps that may still be kept.
    pub fn room(&self) -> u64 {
        self.room
    }

    /// Steps that are kept.
    pub fn len(&self) -> usize {
        self.runs.iter().map(|run| run.steps.len()).fold(0, usize::saturating_add)
    }

    /// Whether nothing ran.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Keeps the steps of one run.
pub(super) struct Recorder<'b, 't> {
    cells: Store<'b>,
    starts: &'static [&'static str],
    flips: &'t [usize],
    room: u64,
    repeats: u32,
    /// How often cells were kept.
    kept: BTreeMap<CellAt, u32>,
    passed_over: u64,
    run: Run,
    /// Bytes that are kept.
    len: usize,
}

impl<'b, 't> Recorder<'b, 't> {
    pub(super) fn new(
        book: &'b Workbook,
        starts: &'static [&'static str],
        flips: &'t [usize],
        trace: &Trace,
        aside: u64,
    ) -> Self {
        Recorder {
            cells: Store::new(book),
            starts,
            flips,
            room: trace.room.saturating_sub(aside),
            repeats: trace.repeats,
            kept: BTreeMap::new(),
            passed_over: 0,
            run: Run::default(),
            len: 0,
        }
    }

    /// Whether a step is the turn of a loop that was seen often enough: it only computes.
    fn is_repeated(&mut self, step: &Step<'_>) -> bool {
        /// Cells that are counted.
        const CELLS: usize = 16_384;
        let Some(at) = step.at.filter(|_| self.repeats > 0) else { return false };
        if !step.done.is_empty() || !step.decisions.1.is_empty() || step.wrote {
            return false;
        }
        if self.kept.len() >= CELLS && !self.kept.contains_key(&at) {
            return false;
        }
        let count = self.kept.entry(at).or_insert(0);
        *count = count.saturating_add(1);
        *count > self.repeats
    }

    /// Takes a step. Where there is no room or no memory it is only counted.
    pub(super) fn take(&mut self, step: &Step<'_>, cx: &mut Cx<'_>) {
        let (first, decisions) = step.decisions;
        let reached = first.saturating_add(decisions.len());
        if self.flips.last().is_some_and(|last| reached <= *last) {
            self.run.same = self.run.same.saturating_add(1);
            return;
        }
        if self.is_repeated(step) {
            self.passed_over = self.passed_over.saturating_add(1);
            self.run.passed_over = self.run.passed_over.saturating_add(1);
            return;
        }
        let kept = if self.room > 0 { self.traced(step, cx) } else { None };
        match kept {
            Some(traced) => {
                self.room = self.room.saturating_sub(1);
                self.passed_over = 0;
                self.run.steps.push(traced);
            }
            None => {
                self.room = 0;
                self.run.left_out = self.run.left_out.saturating_add(1);
            }
        }
    }

    fn traced(&mut self, step: &Step<'_>, cx: &mut Cx<'_>) -> Option<Traced> {
        let mut formula = String::new();
        match (step.written, step.at) {
            (Some((text, _)), _) => formula.push_str(text),
            (None, Some(at)) => {
                let book = self.cells.book();
                if let Some(Formula::File(cell)) = self.cells.formula(at) {
                    formula.push('=');
                    print_cell(book, at.sheet, cell, CHARS, cx, &mut formula).ok()?;
                }
            }
            (None, None) => {}
        }
        let (first, decisions) = step.decisions;
        let flips = self.flips;
        let decided = |(ordinal, decision): (usize, &Decision)| Decided {
            condition: short(&decision.text),
            truth: decision.truth,
            other_side: flips.contains(&ordinal),
        };
        let effect = |done: &Done| (done.kind, short(&done.text), done.at);
        let traced = Traced {
            number: step.number,
            start: self.starts.get(step.entry).copied().unwrap_or_default(),
            at: step.at,
            depth: step.depth,
            formula: short(&formula),
            written_by: step.written.map(|(_, by)| by),
            value: short(step.value),
            effects: step.done.iter().take(OF_STEP).map(effect).collect(),
            decisions: (first..).zip(decisions).take(OF_STEP).map(decided).collect(),
            sets: step.sets.to_vec(),
            sets_left_out: step.sets_left_out,
            passed_over: self.passed_over,
        };
        let len = traced.len();
        cx.budget.touch(len).ok()?;
        cx.budget.hold(len).ok()?;
        self.len = self.len.saturating_add(len);
        Some(traced)
    }

    /// Adds the run to the trace, with what its outcome says.
    pub(super) fn finish(
        self,
        outcome: &Outcome,
        found: Vec<String>,
        into: &mut Trace,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let mut run = self.run;
        into.room = into.room.saturating_sub(run.steps.len() as u64);
        run.found = found;
        run.limit = outcome.limit;
        let sides = self.flips.iter().filter_map(|ordinal| outcome.decisions.get(*ordinal));
        run.conditions = sides.map(|side| super::explore::in_words(&side.text, side.truth)).collect();
        let asked = outcome.sources.iter().take(ASKED).map(|source| Asked {
            question: short(&source.label),
            answer: short(&source.assumed),
            values: if source.range.len() > 1 { source.range.len() } else { 0 },
        });
        run.asked = asked.collect();
        let asked_len = run.asked.iter().map(|asked| asked.question.len().saturating_add(asked.answer.len()));
        let asked_len = asked_len.fold(size_of::<Run>(), usize::saturating_add);
        into.runs.push(run);
        // What the run itself held is gone with it; what is kept of it is not.
        cx.budget.hold(self.len.saturating_add(asked_len))
    }
}

impl Traced {
    /// Bytes that it takes in memory, and again in a report.
    fn len(&self) -> usize {
        let effects = self.effects.iter().map(|(_, text, _)| text.len().saturating_add(64));
        let decisions = self.decisions.iter().map(|decided| decided.condition.len().saturating_add(64));
        let sets = self.sets.iter().map(|(_, text)| text.len().saturating_add(96));
        let texts = self.formula.len().saturating_add(self.value.len());
        effects
            .chain(decisions)
            .chain(sets)
            .fold(texts, usize::saturating_add)
            .saturating_mul(2)
            .saturating_add(size_of::<Traced>().saturating_mul(2))
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
