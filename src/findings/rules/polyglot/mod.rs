//! Rules about files that are something else than they seem.

pub(crate) mod excel_addin;
pub(crate) mod two_formats;
