//! Rules about what a document gets from elsewhere.

pub(crate) mod connection_on_open;
pub(crate) mod data_connection;
pub(crate) mod dde_command;
pub(crate) mod dde_link;
pub(crate) mod external_workbook;
pub(crate) mod interface_callback;
pub(crate) mod launcher_text;
