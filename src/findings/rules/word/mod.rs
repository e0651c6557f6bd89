//! Rules about binary Word documents and their WordBasic macros.

pub(crate) mod wordbasic_auto_macro;
pub(crate) mod wordbasic_macro;
pub(crate) mod wordbasic_payload;
pub(crate) mod wordbasic_replication;
