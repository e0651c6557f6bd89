//! Mails: text with MIME parts ([RFC 5322], [RFC 2045] to [RFC 2047], [RFC 2231]).
//!
//! The structure is walked line by line with a stack of open boundaries, in one pass and without
//! recursion. Tolerated, each with a problem: a multipart without a boundary or with one that never
//! comes (the delimiter is guessed from the lines), parts outside of the delimiters, one that is never closed, and
//! nesting deeper than [`MAX_OPEN`]. A nested message is a part like any other, and whoever opens it reads it as a mail.
//!
//! Header fields are read by `mail-parser`, which is given one header block at a time. A build without the
//! feature `mail` does without it, and its analysis reads no mail of any form, Outlook messages and TNEF
//! included: half a mail read would be another result.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod calendar;
mod decode;
mod fields;
#[cfg(feature = "mail")]
mod header;
#[cfg(not(feature = "mail"))]
#[path = "no_header.rs"]
mod header;
pub mod msg;
pub mod pasted;
pub mod rtf;
mod structure;
#[cfg(all(test, feature = "mail"))]
mod tests;
pub mod tnef;
pub mod uuencode;

pub use decode::{charset, content, is_plain, text};
pub use fields::{Address, Fields};
pub use structure::{Entity, MAX_OPEN, Mail, is_part_field, mbox, read};
