//! Rules about encryption and protection.

pub(crate) mod encrypted_workbook;
pub(crate) mod protected_sheets;
