//! Rules about compound files: what is damaged, hidden in them or added to them.

pub(crate) mod appended_file;
pub(crate) mod damaged_compound_file;
pub(crate) mod unreachable_directory_entry;
pub(crate) mod zero_padding;
