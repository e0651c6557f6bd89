//! Rules about what a document gets from elsewhere.

pub(crate) mod callback_from_web;
pub(crate) mod connection_on_open;
pub(crate) mod data_connection;
pub(crate) mod dde_command;
pub(crate) mod dde_link;
pub(crate) mod disguised_page;
pub(crate) mod disguised_template;
pub(crate) mod exploit_target;
pub(crate) mod external_workbook;
pub(crate) mod interface_callback;
mod judge;
pub(crate) mod launcher_text;
pub(crate) mod program_action;
pub(crate) mod remote_content;
pub(crate) mod remote_object;
pub(crate) mod remote_template;
pub(crate) mod share_contact;

pub(super) use judge::folded;

/// Whether a target leads to a web address or to a share of another computer.
pub(super) fn leads_away(target: &str) -> bool {
    matches!(judge::judge(target).leads, judge::Leads::Web | judge::Leads::Share)
}
