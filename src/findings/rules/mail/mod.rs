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
