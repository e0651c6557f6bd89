//! From named parts to models: what the document states, before anyone judges it.

pub mod biff;
pub mod coded;
pub mod dde;
pub mod decrypt;
pub mod delimited;
pub mod doc;
pub mod document;
pub mod field;
pub mod flat;
pub mod formula;
pub mod formula_text;
pub mod html;
pub mod hwp;
pub mod link;
pub mod moniker;
pub mod mtef;
pub mod objects;
pub mod picture;
pub mod props;
pub mod query;
pub mod slk;
pub mod workbook;
