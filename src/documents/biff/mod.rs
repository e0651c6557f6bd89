//! Binary workbooks, BIFF2 to BIFF8, into the [`Workbook`] model ([MS-XLS]).
//!
//! A stream is a row of substreams (BOF to EOF): in BIFF5 and BIFF8 the globals, then the sheets; up
//! to BIFF4 one sheet, or a bundle of them. It is walked twice: over the headers, to find the
//! version, the substreams and whether a macro sheet is among them, and then substream by substream.
//!
//! The first BOF fixes the version of all substreams, whatever theirs say: globals of BIFF5 with
//! sheets that call themselves BIFF8 are common. Index records (INDEX, DBCELL, DIMENSIONS) are not
//! believed. A substream that no BOUNDSHEET lists, records behind an EOF, and a BOF that only a
//! BOUNDSHEET offset finds are all read, and noted as oddities. A damaged record is a problem, and
//! the walk goes on behind it.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod books;
mod cells;
mod consts;
mod drawing;
mod error;
mod formats;
mod globals;
mod links;
mod records;
mod scan;
#[cfg(test)]
mod tests;
mod text;
mod walk;

pub use error::BiffError;

use crate::base::{Cx, LimitHit};
use crate::documents::workbook::Workbook;

/// Reads a workbook stream into `into`, which keeps what was read when a limit ends the walk.
///
/// Behind a `FILEPASS` nothing is harvested but where sheets begin and what their BOF, which is
/// never encrypted, calls them. Whoever decrypts the stream sets the identifier of that record to
/// one without a meaning (0) before it is read again.
///
/// # Errors
/// [`LimitHit`] when the budget does not last.
pub fn read(stream: &[u8], into: &mut Workbook, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    into.part = cx.part;
    walk::walk(stream, into, cx)
}
