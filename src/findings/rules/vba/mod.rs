//! Rules about VBA projects: facts about the project, what its code does, and how both are hidden.

pub(crate) mod auto_exec;
pub(crate) mod auto_start_reaches;
pub(crate) mod code_in_memory;
pub(crate) mod decoy_stream_name;
pub(crate) mod download;
pub(crate) mod environment_check;
pub(crate) mod fetches_and_runs_on_demand;
pub(crate) mod fetches_or_writes_and_runs;
pub(crate) mod file_write;
pub(crate) mod hidden_command;
pub(crate) mod hidden_module;
pub(crate) mod locked_project;
pub(crate) mod lowers_protection;
pub(crate) mod native_declare;
pub(crate) mod process_start;
pub(crate) mod replication;
pub(crate) mod signed_project;
mod statements;
pub(crate) mod string_building;
pub(crate) mod unreachable_project;
pub(crate) mod vba_project;
pub(crate) mod xlm_from_vba;
