//! Passwords that are tried, where they come from, and the order in which they are tried.

use crate::base::text::CodePage;
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
    /// Another text or name in the input: an attached text, the comment of an archive.
    Elsewhere,
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
            PasswordSource::Elsewhere => "elsewhere",
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

/// Code pages in which packers have written passwords: those of Windows and DOS, East Asia first, since
/// the others take most of what they are given.
const PAGES: [u16; 14] = [932, 936, 949, 950, 1252, 437, 850, 1250, 852, 1251, 866, 1253, 1254, 1255];

/// The bytes that an archive can mean by a password, each once. It does not say in which code the password
/// was typed: UTF-8 comes first, then every page that can write it.
pub fn byte_forms(text: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![text.as_bytes().to_vec()];
    if !text.is_ascii() {
        for bytes in PAGES.iter().filter_map(|page| CodePage::resolve(*page).0.encode(text)) {
            if !forms.contains(&bytes) {
                forms.push(bytes);
            }
        }
    }
    forms
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_the_bytes_of_every_page_that_can_write_it() {
        assert_eq!(byte_forms("AYALZNOJY"), [b"AYALZNOJY"]);
        let forms = byte_forms("é");
        for bytes in [&[0xC3, 0xA9][..], &[0xE9], &[0x82]] {
            assert!(forms.iter().any(|form| form == bytes), "{forms:x?}");
        }
        let forms = byte_forms("請求書");
        assert_eq!(forms[..2], ["請求書".as_bytes(), &[0x90, 0xBF, 0x8B, 0x81, 0x8F, 0x91]]);
        let cyrillic = byte_forms("пароль");
        assert!(cyrillic.contains(&vec![0xEF, 0xE0, 0xF0, 0xEE, 0xEB, 0xFC]), "{cyrillic:x?}");
        assert!(cyrillic.contains(&vec![0xAF, 0xA0, 0xE0, 0xAE, 0xAB, 0xEC]), "{cyrillic:x?}");
        // No page has both.
        assert_eq!(byte_forms("ñ語ж한"), ["ñ語ж한".as_bytes()]);
    }
}
