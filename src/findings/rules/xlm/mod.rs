//! Rules about Excel 4.0 macros.

pub(crate) mod assembled_code;
pub(crate) mod auto_start_name;
pub(crate) mod call;
pub(crate) mod chained_side_effects;
pub(crate) mod char_code_building;
pub(crate) mod disguised_auto_start;
pub(crate) mod environment_check;
pub(crate) mod event_hook;
pub(crate) mod exec;
pub(crate) mod file_functions;
pub(crate) mod formula_writes_cells;
pub(crate) mod hidden_macro_sheet;
pub(crate) mod launcher_in_clear;
pub(crate) mod macro_sheet;
pub(crate) mod register;
pub(crate) mod scattered_fragments;
pub(crate) mod xlm_hides_tracks;
pub(crate) mod xlm_replication;

use super::super::{Evidence, formula_evidence};
use crate::base::Location;
use crate::documents::workbook::Workbook;
use crate::xlm::{Sighting, Start};

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
