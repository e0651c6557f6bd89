//! The one model of a mail, whatever container filled it: who says to have sent it, and what is
//! attached.

use crate::base::{Location, PartId};
use crate::containers::mail::Address;

/// A mail as a file states it.
#[derive(Debug, Clone, Default)]
pub struct Message {
    /// The part that it was read from.
    pub part: PartId,
    /// `From`
    pub from: Vec<Address>,
    /// `Reply-To`
    pub reply_to: Vec<Address>,
    /// `To` and `Cc`
    pub recipients: Vec<Address>,
    /// `Return-Path`
    pub return_path: Option<String>,
    /// The subject.
    pub subject: Option<Subject>,
    /// Year, month and day on which it says to be sent.
    pub date: Option<(u16, u8, u8)>,
    /// Whether it names the mail that it answers.
    pub has_thread: bool,
    /// `Authentication-Results`, as stated.
    pub authentication: Vec<String>,
    /// Attachments, in order.
    pub attachments: Vec<Attachment>,
}

/// The subject of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its text.
    pub text: String,
    /// Where it stands.
    pub location: Location,
}

/// A file that is attached to a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name, as stated.
    pub name: String,
    /// Its part.
    pub part: PartId,
    /// Whether the mail gives it a name at all.
    pub is_named: bool,
    /// Where it stands in the mail.
    pub location: Location,
}

/// A page whose script puts a file together and hands it to the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smuggled {
    /// Which means of scripts it uses.
    pub means: Vec<&'static str>,
    /// The file that it builds, where it was found.
    pub file: Option<PartId>,
    /// Where the page stands.
    pub location: Location,
}
