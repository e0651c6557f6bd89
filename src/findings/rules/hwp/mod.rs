//! Rules about Hangul documents.

pub(crate) mod hangul_script;
pub(crate) mod postscript_beyond_drawing;
