//! Rules about mails.

pub(crate) mod deceptive_name;
pub(crate) mod failed_authentication;
pub(crate) mod file_link;
pub(crate) mod html_smuggling;
pub(crate) mod name_and_content;
pub(crate) mod other_reply_address;
pub(crate) mod password_beside_archive;
pub(crate) mod reminder_sound;
pub(crate) mod reply_without_thread;

/// Whether a target is a file on another computer: `\\host`, `//host`, `file://host`, `file:////host`.
fn leads_to_a_share(target: &str) -> bool {
    let target = target.trim();
    let scheme = target.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("file:"));
    let place = target.get(scheme.map_or(0, str::len)..).unwrap_or_default();
    let host = place.trim_start_matches(['\\', '/']);
    let slashes = place.len().saturating_sub(host.len());
    let is_drive = matches!(host.as_bytes(), [_, b':' | b'|', ..]);
    let is_share = if scheme.is_some() { slashes == 2 || slashes >= 4 } else { slashes == 2 };
    is_share && !is_drive && !host.is_empty()
}
