//! Rules about the structure of workbook streams.

pub(crate) mod damaged_formula;
pub(crate) mod hidden_cell_text;
pub(crate) mod orphan_substream;
pub(crate) mod records_after_end;
pub(crate) mod reserved_visibility;
pub(crate) mod two_workbook_streams;
