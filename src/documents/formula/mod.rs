//! Formula tokens (Ptg): decoding, function tables, structure, printing.
//!
//! [MS-XLS] 2.2.2 and 2.5.198, and the older dialects as public importers read them. A formula is a
//! row of tokens in reverse Polish notation (`rgce`) and data that some of them have behind the
//! last one (`rgcb`). Attackers write tokens that Excel would never write; whatever can be decoded
//! is kept and printed, and what cannot is shown as raw bytes.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod expression;
pub mod functions;
mod number;
mod print;
mod tables;
pub mod text;
pub mod token;

pub use expression::{Call, CellRange, Expression, Function, NameSource, Node, NodeIndex, Reference, Target};
pub use number::write_number;
pub use print::{
    Printed, cell_tokens, error_text, print, print_cell, print_expression, print_node, shared_formula,
};
pub use token::{
    Area, ArrayConstant, ArrayElement, Binary, DecodeError, Memory, NaturalLanguage, OperandClass, Ref,
    SheetLink, Text, Token, Tokens as TokenReader, Unary,
};

use crate::documents::workbook::{BiffVersion, Workbook};

/// The tokens of a formula, each with its offset in `rgce`. An error is the last item.
pub fn tokens<'a>(rgce: &'a [u8], rgcb: &'a [u8], version: BiffVersion) -> TokenReader<'a> {
    TokenReader::new(rgce, rgcb, version)
}

/// Where a formula stands.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'w> {
    /// The workbook; names, sources and sheets are looked up here.
    pub workbook: &'w Workbook,
    /// Index of the sheet; `None` for a name of the whole workbook.
    pub sheet: Option<u32>,
    /// Row and column, from 0. Relative parts of a shared formula count from here; `None` counts
    /// from A1, as for a name.
    pub cell: Option<(u32, u32)>,
}

#[cfg(test)]
mod tests;
