//! Rules about Excel 4.0 macros.

pub(crate) mod assembled_code;
pub(crate) mod assembled_command;
pub(crate) mod auto_start_acts;
pub(crate) mod auto_start_name;
pub(crate) mod call;
pub(crate) mod chained_side_effects;
pub(crate) mod char_code_building;
pub(crate) mod code_injection;
pub(crate) mod dde_from_macro;
pub(crate) mod disguised_auto_start;
pub(crate) mod environment_check;
pub(crate) mod event_hook;
pub(crate) mod exec;
pub(crate) mod fetch_and_run;
pub(crate) mod file_functions;
pub(crate) mod formula_writes_cells;
pub(crate) mod gated_effects;
pub(crate) mod hidden_macro_sheet;
pub(crate) mod launcher_in_clear;
pub(crate) mod locale_gate;
pub(crate) mod macro_sheet;
pub(crate) mod register;
pub(crate) mod scattered_fragments;
pub(crate) mod stopped_run;
pub(crate) mod write_and_run;
pub(crate) mod xlm_hides_tracks;
pub(crate) mod xlm_replication;

use super::super::command::launcher;
use super::super::{Evidence, Facts, formula_evidence};
use crate::base::{Basis, Effect, EffectKind, Location};
use crate::documents::workbook::Workbook;
use crate::xlm::{Program, Sighting, Start};

/// What a program did when it was run.
fn ran(program: &Program) -> impl Iterator<Item = &Effect> {
    program.evaluation.effects.iter()
}

/// What the macros of a workbook did when they were run, and what their command lines do.
fn done<'m>(facts: &Facts<'m>, book: &Workbook) -> impl Iterator<Item = &'m Effect> + use<'m> {
    let part = book.part;
    let own = move |effect: &&Effect| effect.basis == Basis::Evaluated && effect.location.part == part;
    facts.effects.iter().filter(own)
}

/// Whether something starts the macro without a person who wants it.
fn is_started(effect: &Effect) -> bool {
    let start = effect.detail.as_deref().and_then(|detail| detail.start);
    start.is_some_and(|start| !matches!(start, "unproven" | "object"))
}

/// The command line of an effect that starts a program.
fn command(run: &Effect) -> &str {
    run.detail.as_deref().and_then(|detail| detail.command.as_deref()).unwrap_or(&run.text)
}

/// What an effect names that attackers start or fetch programs with, where it starts a program or types one,
/// or calls a function of a DLL or makes it callable.
fn launcher_of(effect: &Effect) -> Option<&'static str> {
    let detail = effect.detail.as_deref()?;
    let typed = matches!(effect.kind, EffectKind::Run | EffectKind::Call);
    let command = detail.command.as_deref().filter(|_| typed);
    command.and_then(launcher).or_else(|| detail.dll.is_some().then(|| launcher(&effect.text)).flatten())
}

/// The same for a formula that is not run, or one that it writes.
fn launcher_in(seen: &Sighting) -> Option<&'static str> {
    let acts = ["EXEC", "CALL", "REGISTER"].iter().any(|function| seen.calls(function));
    if acts { launcher(&seen.text) } else { None }
}

/// What was done, where.
fn proof_of(effect: &Effect) -> Evidence {
    Evidence::new(effect.location.clone(), effect.text.as_str())
}

/// The formula of a sighting, with what its arguments say.
fn proof(book: &Workbook, seen: &Sighting) -> Evidence {
    formula_evidence(book, seen.cell, seen.tokens, format!("{}({})", seen.function, seen.text))
}

/// The record of an auto-start name.
fn name_evidence(book: &Workbook, start: &Start) -> Evidence {
    let name = book.names.get(start.name);
    let (at, text) = name.map_or((0, ""), |name| (name.at, name.name.as_str()));
    Evidence::new(
        Location::bytes(book.part, at..at.saturating_add(24)),
        format!("{text}={}", start.refers_to),
    )
}
