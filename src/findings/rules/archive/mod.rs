//! Rules about archives and disk images.

pub(crate) mod encrypted_entry;
pub(crate) mod image_with_document;
pub(crate) mod macros_in_encrypted_archive;
pub(crate) mod nested_archives;
pub(crate) mod program_in_archive;
pub(crate) mod shell_link_command;
