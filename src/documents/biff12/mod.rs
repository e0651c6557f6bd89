//! Binary workbooks of Excel 2007 and later (`.xlsb`), into the `Workbook` model ([MS-XLSB]).
//!
//! The package is that of the XML workbook; sheets, names, shared strings, styles and sources are rows
//! of records instead: a number and a length of seven bits a byte, then the body. Formulas are tokens
//! as they stand. What a sheet is, its relationship and content type say, as in XML. A record whose
//! body is too short for its fields is a problem, and the walk goes on behind it.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod book;
mod records;
mod sheet;
mod styles;
#[cfg(test)]
mod tests;

pub use book::read;
