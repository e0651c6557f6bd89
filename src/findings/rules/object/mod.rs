//! Rules about embedded objects and controls.

pub(crate) mod activex_control;
mod carriers;
pub(crate) mod dangerous_class;
pub(crate) mod embedded_object;
pub(crate) mod packaged_executable;
