//! Passwords that are tried, where they come from, and the order in which they are tried.

use crate::base::{Budget, LimitHit, Location};

/// A password to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Password {
    /// The password.
    pub text: String,
    /// Where it comes from.
    pub source: PasswordSource,
    /// Where it stands in the input.
    pub location: Option<Location>,
}

/// Where a password comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PasswordSource {
    /// The caller gave it.
    Caller,
    /// The text of the mail around the file.
    MailBody,
    /// The subject of the mail around the file.
    MailSubject,
    /// The name of an attachment.
    FileName,
    /// The one that analysts put on samples.
    Common,
    /// Those that Office tries by itself.
    OfficeDefault,
}

impl PasswordSource {
    /// The name that the JSON has.
    pub fn name(self) -> &'static str {
        match self {
            PasswordSource::Caller => "caller",
            PasswordSource::MailBody => "mail_body",
            PasswordSource::MailSubject => "mail_subject",
            PasswordSource::FileName => "file_name",
            PasswordSource::Common => "common",
            PasswordSource::OfficeDefault => "office_default",
        }
    }
}

/// How encrypted content was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The method, as a person reads it.
    pub method: &'static str,
    /// The password that opened it.
    pub password: Password,
}

/// The passwords that are tried last, on everything.
///
/// Excel opens files under `VelvetSweatshop` without a question, PowerPoint those under
/// `/01Hannes Ruescher/01`.
pub fn always() -> impl Iterator<Item = Password> {
    let known = [
        ("infected", PasswordSource::Common),
        ("VelvetSweatshop", PasswordSource::OfficeDefault),
        ("/01Hannes Ruescher/01", PasswordSource::OfficeDefault),
    ];
    known.into_iter().map(|(text, source)| Password { text: text.to_owned(), source, location: None })
}

/// The first of `first` and then of [`always`] for which `open` gives a key.
///
/// `rounds` is what one try takes. Those that are always tried have theirs set aside, so that a long
/// list does not keep a default password from being tried.
///
/// # Errors
/// [`LimitHit`] when none opens it and some were not tried because the rounds or steps did not last.
pub fn first_that_opens<'p, K>(
    first: impl IntoIterator<Item = &'p Password>,
    rounds: u64,
    budget: &mut Budget,
    mut open: impl FnMut(&str) -> Option<K>,
) -> Result<Option<(K, Password)>, LimitHit> {
    let aside = rounds.saturating_mul(always().count() as u64);
    let mut untried = None;
    for password in first {
        if budget.rounds_left() < aside.saturating_add(rounds) {
            untried = budget.rounds(u64::MAX).err();
            break;
        }
        budget.rounds(rounds)?;
        if let Some(key) = open(&password.text) {
            return Ok(Some((key, password.clone())));
        }
    }
    for password in always() {
        budget.rounds(rounds)?;
        if let Some(key) = open(&password.text) {
            return Ok(Some((key, password)));
        }
    }
    untried.map_or(Ok(None), Err)
}
