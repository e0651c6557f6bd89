//! From the runs that were kept to the trace that a caller gets.

use super::{Building, Outcome};
use crate::base::{PartId, ProblemKind};
use crate::containers::part;
use crate::documents::workbook::Workbook;
use crate::report::names;
use crate::report::trace::{
    Asked, Decision, Setting, TRACE_SCHEMA_VERSION, Trace, TracedEffect, TracedRun, TracedStep,
    TracedWorkbook,
};
use crate::xlm::machine::Target;
use crate::xlm::trace::{Run, Trace as Runs, Traced};
use crate::xlm::value::CellAt;

/// Makes the trace of the programs of `outcome`; `traces` has that of each workbook, by its part.
pub(crate) fn trace(outcome: &Outcome<'_>, traces: &[(PartId, Runs)]) -> Trace {
    let building = Building { outcome, capped: Vec::new() };
    let facts = outcome.facts;
    let mut workbooks = Vec::new();
    for (id, runs) in traces.iter().filter(|(_, runs)| !runs.is_empty()) {
        let starts = facts.programs().find(|(book, _)| book.part == *id);
        workbooks.push(TracedWorkbook {
            part: id.0,
            path: part::path(facts.parts, *id),
            starts: starts.map(|(book, program)| building.names(book, program)).unwrap_or_default(),
            runs: runs.runs.iter().map(|run| building.run(*id, run)).collect(),
            runs_left_out: runs.runs_left_out,
        });
    }
    let bars = outcome.problems.bar_nothing_found();
    Trace {
        schema: TRACE_SCHEMA_VERSION,
        tool: super::tool(),
        input: building.input(),
        nothing: workbooks.is_empty().then(|| nothing(outcome, bars)),
        workbooks,
        complete: !bars,
        problems: outcome.problems.list().iter().map(|problem| building.problem(problem)).collect(),
        problems_not_listed: building.problems_not_listed(),
    }
}

/// Why there is no run to show.
fn nothing(outcome: &Outcome<'_>, bars: bool) -> String {
    let facts = outcome.facts;
    let needs_password = |problem: &&crate::base::Problem| problem.kind == ProblemKind::NeedsPassword;
    let has_sheets = facts.workbooks.iter().any(|book: &Workbook| book.macro_sheets().next().is_some());
    let mut text = if has_sheets {
        "nothing to trace: no formula of its macro sheets starts or does anything"
    } else if facts.workbooks.is_empty() {
        "nothing to trace: it holds no workbook that was read"
    } else {
        "nothing to trace: it holds no Excel 4.0 macro sheet"
    }
    .to_owned();
    if facts.projects.iter().any(|project| !project.modules.is_empty()) {
        text.push_str("; its VBA macros are not run, and `docsift scan` says what their text shows");
    }
    if outcome.problems.list().iter().any(|problem| needs_password(&problem)) {
        text.push_str("; something in it is encrypted, and --password may open it");
    } else if bars {
        text.push_str("; but not everything in it was read");
    }
    text
}

impl Building<'_> {
    fn run(&self, part: PartId, run: &Run) -> TracedRun {
        TracedRun {
            conditions: run.conditions.clone(),
            found: run.found.clone(),
            same: run.same,
            steps: run.steps.iter().map(|step| self.step(part, step)).collect(),
            steps_left_out: run.left_out,
            passed_over: run.passed_over,
            asked: run
                .asked
                .iter()
                .map(|asked| Asked {
                    question: asked.question.clone(),
                    answer: asked.answer.clone(),
                    values: u32::try_from(asked.values).unwrap_or(u32::MAX),
                })
                .collect(),
            stopped: run.limit.map(|(hit, at)| format!("{hit}, at {}", self.at(part, at))),
        }
    }

    fn at(&self, part: PartId, at: CellAt) -> String {
        self.cell(part, at.sheet, at.row, at.column.into())
    }

    fn step(&self, part: PartId, step: &Traced) -> TracedStep {
        TracedStep {
            number: step.number,
            start: step.start,
            cell: step.at.map(|at| self.at(part, at)),
            depth: u32::try_from(step.depth).unwrap_or(u32::MAX),
            formula: step.formula.clone(),
            written_by: step.written_by.map(|at| self.at(part, at)),
            value: step.value.clone(),
            effects: step
                .effects
                .iter()
                .map(|(kind, text, at)| TracedEffect {
                    kind: names::effect(*kind),
                    text: text.clone(),
                    cell: self.at(part, *at),
                })
                .collect(),
            decisions: step
                .decisions
                .iter()
                .map(|decided| Decision {
                    condition: decided.condition.clone(),
                    truth: decided.truth,
                    other_side: decided.other_side,
                })
                .collect(),
            sets: step
                .sets
                .iter()
                .map(|(target, value)| Setting {
                    target: match target {
                        Target::Cell(at) => self.at(part, *at),
                        Target::Name(name) => name.to_string(),
                    },
                    is_name: matches!(target, Target::Name(_)),
                    value: value.clone(),
                })
                .collect(),
            sets_left_out: step.sets_left_out,
            passed_over: step.passed_over,
        }
    }
}
