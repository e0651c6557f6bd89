//! Rules about ZIP archives and Office packages.

pub(crate) mod archive_bomb;
pub(crate) mod file_outside_archive;
pub(crate) mod readers_disagree;
