//! Rules about encryption and protection.

pub(crate) mod default_password;
pub(crate) mod encrypted_document;
pub(crate) mod encrypted_workbook;
pub(crate) mod protected_sheets;
