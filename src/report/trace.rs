//! The run of Excel 4.0 macros, step by step, as data.
//!
//! The shape is described in `docs/trace.md` and checked against `docs/trace.schema.json`. As for the
//! report, fields and values are only added within a major schema version.

use super::{InputSummary, MacroName, Problem, Tool};

/// Version of the JSON contract.
pub const TRACE_SCHEMA_VERSION: &str = "1.0";

/// How the macros of one input run.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Trace {
    /// Version of the JSON contract.
    pub schema: &'static str,
    /// What made the trace.
    pub tool: Tool,
    /// What was analysed.
    pub input: InputSummary,
    /// Why there is no run to show; `None` when there is one.
    pub nothing: Option<String>,
    /// Workbooks with macro sheets, wherever in the input they lie.
    pub workbooks: Vec<TracedWorkbook>,
    /// Whether everything in the input was read and every run came to its end.
    pub complete: bool,
    /// Deviations, and what could not be read.
    pub problems: Vec<Problem>,
    /// Problems that were met but are not listed.
    pub problems_not_listed: u64,
}

/// A workbook whose macros were run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TracedWorkbook {
    /// Identifier of its part in the report.
    pub part: u32,
    /// Its way from the input: `mail.eml!/invoice.xls!/Workbook`.
    pub path: String,
    /// Names that start a macro.
    pub starts: Vec<MacroName>,
    /// The run on the desktop that is assumed; then those that take another side of a condition and
    /// do something else.
    pub runs: Vec<TracedRun>,
    /// Runs of the other kind that are left out.
    pub runs_left_out: u64,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TracedRun {
    /// Conditions that go another way than on the desktop; none for the first run.
    pub conditions: Vec<String>,
    /// Values that were found by trying them, because they give readable effects.
    pub found: Vec<String>,
    /// Steps at its start that are those of an earlier run.
    pub same: u64,
    /// What ran, in order.
    pub steps: Vec<TracedStep>,
    /// Steps that ran behind these and are left out.
    pub steps_left_out: u64,
    /// Steps of loops that are passed over, of the whole run.
    pub passed_over: u64,
    /// What was asked of the surroundings.
    pub asked: Vec<Asked>,
    /// Why the run ended early; `None` when it came to its end.
    pub stopped: Option<String>,
}

/// One formula that ran.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TracedStep {
    /// How many formulas ran before it.
    pub number: u64,
    /// What started the macro, as in `behaviour[].start` of a report.
    pub start: &'static str,
    /// The cell: `Macro1!A1`. `None` for what was done by a name's formula, or by one that did not end.
    pub cell: Option<String>,
    /// How many macros called each other down to this one, from 0.
    pub depth: u32,
    /// The formula, as it stood when it ran.
    pub formula: String,
    /// The cell whose formula wrote it; `None` for a formula of the file.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub written_by: Option<String>,
    /// Its value: texts in quotes, what nobody can know in braces (`{NOW}`).
    pub value: String,
    /// What it did to the world outside the workbook.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub effects: Vec<TracedEffect>,
    /// Conditions on the surroundings that it decided.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub decisions: Vec<Decision>,
    /// Cells and names that it set.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub sets: Vec<Setting>,
    /// How many more it set.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_zero"))]
    pub sets_left_out: u64,
    /// Steps of loops that ran since the step before and are passed over: they compute only, and
    /// their cells were shown before.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_zero"))]
    pub passed_over: u64,
}

/// Something that was done to the world outside the workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TracedEffect {
    /// What kind of thing, as in `behaviour[].kind` of a report.
    pub kind: &'static str,
    /// What exactly, with the values of all arguments.
    pub text: String,
    /// The cell that did it.
    pub cell: String,
}

/// A condition on the surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Decision {
    /// The condition, as far as it can be said in words.
    pub condition: String,
    /// Which way it went here.
    pub truth: bool,
    /// Whether that is the side which the desktop would not take.
    pub other_side: bool,
}

/// A cell or a name that was given a value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Setting {
    /// The cell (`Macro1!B5`) or the name.
    pub target: String,
    /// Whether it is a name.
    pub is_name: bool,
    /// The value: a formula with its `=`, a text in quotes, a number.
    pub value: String,
}

/// A question about the surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Asked {
    /// The question: `GET.WORKSPACE(13)`.
    pub question: String,
    /// The answer of the desktop that is assumed, or of the value that was found.
    pub answer: String,
    /// How many values it could have, where these are few and may be tried; else 0.
    pub values: u32,
}

#[cfg(feature = "serde")]
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// JSON takes the feature `serde`.
#[cfg(feature = "serde")]
impl Trace {
    /// The trace as JSON on one line.
    pub fn to_json(&self) -> String {
        // Serialising plain structs into memory has no failing case.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The trace as indented JSON.
    pub fn to_json_pretty(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}
