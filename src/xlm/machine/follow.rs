//! What those who follow a run are told. Nothing here changes the run.

use std::rc::Rc;

use super::{Decision, Done, Kind, Machine};
use crate::base::location::A1;
use crate::base::{Cx, LimitHit};
use crate::xlm::value::{CellAt, Data, Value};

/// Cells and names that are kept between two formulas.
const SETS: usize = 16;
/// Characters of a value that are kept of one.
const CHARS: usize = 2048;

/// One formula that was run, for those who follow the run; or what was done after the last one.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<'s> {
    /// How many formulas were run before.
    pub number: u64,
    /// Where; `None` for what no cell did: the formula of a name, or one that did not end.
    pub at: Option<CellAt>,
    /// How deep in calls, from 0.
    pub depth: usize,
    /// What started the macro, as it was given to [`Machine::run`].
    pub entry: usize,
    /// Its value, as [`Value::display`] shows it.
    pub value: &'s str,
    /// The formula as the macro wrote it, and the cell that did; `None` for one of the file.
    pub written: Option<(&'s str, CellAt)>,
    /// What was done since the step before.
    pub done: &'s [Done],
    /// Conditions that were decided since then, and the ordinal of the first.
    pub decisions: (usize, &'s [Decision]),
    /// Cells and names that were set since then, as far as they are kept.
    pub sets: &'s [(Target, String)],
    /// How many more were set.
    pub sets_left_out: u64,
    /// Whether a formula that can be read was written into a cell.
    pub wrote: bool,
}

/// What a value is given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A cell.
    Cell(CellAt),
    /// A name, as it is compared.
    Name(Rc<str>),
}

/// Takes the steps of a run, and pays for what it keeps of them.
pub type Follow<'f> = dyn FnMut(Step<'_>, &mut Cx<'_>) + 'f;

/// What was told to those who follow, and what waits to be told with the next step.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) done: usize,
    pub(super) decisions: usize,
    pub(super) sets: Vec<(Target, String)>,
    pub(super) sets_left_out: u64,
    pub(super) wrote: bool,
}

impl Machine<'_, '_> {
    /// Sets the value of a cell, whose formula stays.
    ///
    /// # Errors
    /// [`LimitHit`] when written cells take too much memory.
    pub fn set_cell(&mut self, at: CellAt, value: Value) -> Result<(), LimitHit> {
        self.note_set(at, &value);
        self.store.keep(at, value)
    }

    pub(super) fn note_set(&mut self, at: CellAt, value: &Value) {
        if self.follow.is_none() {
            return;
        }
        if self.told.sets.len() >= SETS {
            self.told.sets_left_out = self.told.sets_left_out.saturating_add(1);
            return;
        }
        let shown = self.shown_value(value);
        self.told.sets.push((Target::Cell(at), shown));
    }

    /// A value as a person reads it: formulas plain, other texts in quotes, cells by their address.
    fn shown_value(&self, value: &Value) -> String {
        let mut shown = match &value.data {
            Data::Text(text) if text.starts_with('=') => text.to_string(),
            Data::Reference(area) => {
                let sheet = self.store.sheet(area.sheet).map_or("", |sheet| sheet.name.as_str());
                let (first, last) =
                    (A1(area.rows.0, area.columns.0.into()), A1(area.rows.1, area.columns.1.into()));
                if area.is_cell() { format!("{sheet}!{first}") } else { format!("{sheet}!{first}:{last}") }
            }
            _ => value.display(),
        };
        if let Some((end, _)) = shown.char_indices().nth(CHARS) {
            shown.truncate(end);
        }
        shown
    }

    /// Tells of a formula that ran, and of what happened since the one before.
    pub(super) fn tell(&mut self, number: u64, at: Option<CellAt>, value: &str) {
        if self.follow.is_none() {
            return;
        }
        let named = self.names.log.as_mut().map(std::mem::take).unwrap_or_default();
        for (name, value) in named {
            if self.told.sets.len() < SETS {
                let shown = self.shown_value(&value);
                self.told.sets.push((Target::Name(name), shown));
            } else {
                self.told.sets_left_out = self.told.sets_left_out.saturating_add(1);
            }
        }
        let running = self.routines.iter().rev().find(|routine| routine.kind == Kind::Macro);
        let written = running.filter(|_| at.is_some()).and_then(|routine| routine.written.as_ref());
        let step = Step {
            number,
            at,
            depth: self.routines.len().saturating_sub(1),
            entry: self.entry,
            value,
            written: written.map(|(text, by)| (&**text, *by)),
            done: self.out.done.get(self.told.done..).unwrap_or_default(),
            decisions: (
                self.told.decisions,
                self.out.decisions.get(self.told.decisions..).unwrap_or_default(),
            ),
            sets: &self.told.sets,
            sets_left_out: self.told.sets_left_out,
            wrote: self.told.wrote,
        };
        if let Some(follow) = &mut self.follow {
            follow(step, &mut self.cx);
        }
        self.told.done = self.out.done.len();
        self.told.decisions = self.out.decisions.len();
        self.told.sets.clear();
        self.told.sets_left_out = 0;
        self.told.wrote = false;
    }

    /// Tells of what happened after the last formula that ended.
    pub(super) fn tell_rest(&mut self) {
        let named = self.names.log.as_ref().is_some_and(|log| !log.is_empty());
        let rest = self.out.done.len() > self.told.done
            || self.out.decisions.len() > self.told.decisions
            || !self.told.sets.is_empty()
            || named;
        if rest && self.follow.is_some() {
            let number = self.out.formulas;
            self.tell(number, None, "");
        }
    }
}
