//! One file a rule, in family folders.

pub(crate) mod archive;
pub(crate) mod biff;
pub(crate) mod cfb;
pub(crate) mod enc;
pub(crate) mod field;
pub(crate) mod hwp;
pub(crate) mod link;
pub(crate) mod lure;
pub(crate) mod mail;
pub(crate) mod object;
pub(crate) mod onenote;
pub(crate) mod package;
pub(crate) mod polyglot;
pub(crate) mod rtf;
pub(crate) mod text;
pub(crate) mod vba;
pub(crate) mod word;
pub(crate) mod xlm;
