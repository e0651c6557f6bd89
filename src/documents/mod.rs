//! From named parts to models: what the document states, before anyone judges it.

pub mod biff;
pub mod decrypt;
pub mod doc;
pub mod document;
pub mod field;
pub mod formula;
pub mod link;
pub mod moniker;
pub mod mtef;
pub mod objects;
pub mod picture;
pub mod props;
pub mod workbook;
