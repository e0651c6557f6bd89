//! Rules about ZIP archives and Office packages.

pub(crate) mod archive_bomb;
pub(crate) mod disguised_macro_sheet;
pub(crate) mod document_type;
pub(crate) mod extension_contradicts;
pub(crate) mod file_outside_archive;
pub(crate) mod readers_disagree;
