//! Rules about embedded objects and controls.

pub(crate) mod action_program;
pub(crate) mod activex_control;
pub(crate) mod activex_event_start;
mod carriers;
pub(crate) mod chunk_link;
pub(crate) mod control_overflow;
pub(crate) mod dangerous_class;
pub(crate) mod embedded_object;
pub(crate) mod equation_overflow;
pub(crate) mod flash_movie;
pub(crate) mod linked_from_elsewhere;
pub(crate) mod package_from_elsewhere;
pub(crate) mod packaged_executable;
pub(crate) mod picture_overflow;
pub(crate) mod script_link;
