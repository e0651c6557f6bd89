//! A writer for BIFF2 to BIFF8, the record formats of Excel 2 to Excel 2003.
//!
//! Layout: [MS-XLS] for BIFF8; the public OpenOffice.org description of the Excel file format for
//! BIFF2 to BIFF5. [`Book`] writes what Excel itself would write; its raw fields and extra records
//! are the doors through which a fixture tells its lie.

pub mod consts;
pub mod crypt;
pub mod drawing;
mod old;
mod record;
mod strings;
mod workbook;

pub use old::{OldSheet, workbook_biff4};
pub use record::{Record, Records};
pub use strings::{
    byte_string, encode, short_unicode_string, sst_records, unicode_string, unicode_string_body,
};
pub use workbook::{Auto, Book, Cached, Cell, Column, Formula, Link, Name, Sheet, SheetKind, State, at, xf};

/// A version of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Biff {
    /// Excel 2: one sheet, no workbook.
    V2,
    /// Excel 3: one sheet, no workbook.
    V3,
    /// Excel 4: one sheet, or a workbook of bound sheets (`.xlw`).
    V4,
    /// Excel 5 and 95: the stream `Book`.
    V5,
    /// Excel 97 to 2003: the stream `Workbook`.
    V8,
}

impl Biff {
    /// The most bytes a record body may hold before it must be continued.
    pub fn max_body(self) -> usize {
        if self == Biff::V8 { 8224 } else { 2080 }
    }
}
