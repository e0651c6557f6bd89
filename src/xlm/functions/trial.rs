//! Small runs that show what a function does: the examples of the tables, and programs of a few cells.
//!
//! The table of functions in the documentation and the tests are made of the same runs.

use super::{Handler, Spec};
use crate::base::{Budget, Cx, EffectKind, Limits, PartId, Problems, Stage};
use crate::documents::workbook::{Sheet, SheetKind, Workbook};
use crate::xlm::environment::Environment;
use crate::xlm::machine::text::Texts;
use crate::xlm::machine::{Choices, Done, Machine};
use crate::xlm::value::{CellAt, Data};

pub use super::programs::PROGRAMS;

/// What a small run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// What it did outside its cells: kind, and the call.
    pub effects: Vec<String>,
    /// The value of its last cell.
    pub value: String,
    /// What of its surroundings it asked for.
    pub asked: Vec<String>,
}

impl Trial {
    /// What it did, else the value of its last cell.
    pub fn shown(&self) -> String {
        if self.effects.is_empty() { self.value.clone() } else { self.effects.join("; ") }
    }
}

/// Evaluates a formula, given without its `=`, in cell A50 of a macro sheet.
pub fn formula(formula: &str) -> Trial {
    let text = format!("EVALUATE(\"{}\")", formula.replace('"', "\"\""));
    run(49, &[&text])
}

/// Runs formulas, one a line, without their `=`, in a macro sheet from A1 down. They are read as
/// FORMULA writes them, so that `C1` would be a column.
pub fn program(lines: &str) -> Trial {
    run(0, &lines.lines().collect::<Vec<_>>())
}

/// All runs that show what a function does, and what each is said to give.
pub fn of(spec: &Spec) -> Vec<(&'static str, Trial, &'static str)> {
    let examples = spec.examples.iter().map(|(text, gives)| (*text, formula(text), *gives));
    let programs = PROGRAMS.iter().filter(|(name, ..)| *name == spec.name);
    examples.chain(programs.map(|(_, lines, gives)| (*lines, program(lines), *gives))).collect()
}

/// What a function is in the machine, by its row and by what its runs did.
pub fn kind(family: &str, spec: &Spec, runs: &[(&str, Trial, &str)]) -> String {
    if let Handler::Pure(_) = spec.handler {
        return "computed".to_owned();
    }
    let mut kinds: Vec<&str> = Vec::new();
    for effect in runs.iter().flat_map(|(_, trial, _)| &trial.effects) {
        let kind = effect.split(' ').next().unwrap_or_default();
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let asks = runs.iter().any(|(_, trial, _)| !trial.asked.is_empty());
    match (family, spec.acts()) {
        ("inert", _) => "no effect".to_owned(),
        ("control", _) => "control".to_owned(),
        ("writing" | "references", true) => "changes the program".to_owned(),
        _ if !kinds.is_empty() => format!("effect: {}", kinds.join(", ")),
        _ if asks => "unknown, with its origin".to_owned(),
        (_, true) => "no effect".to_owned(),
        (_, false) => "computed".to_owned(),
    }
}

/// Kind, call, and what is in a file that was written.
fn effect(done: &Done) -> String {
    let content = done.detail.content.as_deref().filter(|_| done.kind == EffectKind::Write);
    let content = content.filter(|content| !content.is_empty());
    let content = content.map(|content| format!(": {}", content.escape_default())).unwrap_or_default();
    let kind = format!("{:?}", done.kind).to_ascii_lowercase();
    format!("{kind} {}{content}", done.text)
}

fn run(first: u32, lines: &[&str]) -> Trial {
    /// Operations of a run.
    const STEPS: u64 = 100_000;
    let mut book = Workbook::default();
    for (name, kind) in [("Macro1", SheetKind::Macro), ("Sheet1", SheetKind::Worksheet)] {
        book.sheets.push(Sheet { name: name.to_owned(), kind, ..Sheet::default() });
    }
    let (environment, choices) = (Environment::default(), Choices::default());
    let mut texts = Texts::default();
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    let cx = Cx { part: PartId(0), stage: Stage::Xlm, budget: &mut budget, problems: &mut problems };
    let mut machine = Machine::new(&book, &environment, &choices, &mut texts, STEPS, cx);
    let mut at = CellAt { sheet: 0, row: first, column: 0 };
    let begin = at;
    for (row, line) in (first..).zip(lines) {
        at.row = row;
        // A trial writes less than any ceiling.
        let _ = machine.write_cell(at, &Data::Text(format!("={line}").into()).into());
    }
    let result = machine.run(begin, 0);
    let value = machine.read(at).map_or_else(|hit| hit.to_string(), |value| value.display());
    let outcome = machine.finish(result);
    Trial {
        effects: outcome.done.iter().map(effect).collect(),
        value,
        asked: outcome.sources.into_iter().map(|source| source.label).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::families;
    use super::*;

    #[test]
    fn runs_of_all_functions_give_what_they_say() {
        let mut wrong = Vec::new();
        let mut shown = 0;
        for (family, rows) in families() {
            for spec in rows.iter() {
                let runs = of(spec);
                shown += usize::from(!runs.is_empty());
                // What is inert is so by one handler, of which one run is shown.
                if runs.is_empty() && *family != "inert" {
                    wrong.push(format!("{}: no run", spec.name));
                }
                for (text, trial, gives) in runs {
                    if trial.shown() != gives {
                        wrong.push(format!(
                            "{}: {text:?} gives {:?} and not {gives:?}",
                            spec.name,
                            trial.shown()
                        ));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(shown > 350, "{shown}");
    }

    #[test]
    fn programs_are_of_functions_that_are_there() {
        for (name, ..) in PROGRAMS {
            assert!(super::super::find(name).is_some(), "{name}");
        }
    }
}
