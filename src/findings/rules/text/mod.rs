//! Rules about documents that are text: SYLK, CSV, queries, Office XML, web archives.

pub(crate) mod hidden_compound;
pub(crate) mod program_address;
pub(crate) mod remote_query;
pub(crate) mod sylk_macro_sheet;
pub(crate) mod text_asks_program;
pub(crate) mod web_query_file;
