//! What a build of the library can leave out.
//!
//! A format whose reader was left out is recognised as ever. It is told as unsupported, with the name of
//! the feature, so that the verdict is not "nothing found": a build that reads less says less, and never
//! something else.

use std::fmt;

/// A feature of the package behind which formats are read. `Cargo.toml` says what each is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Feature {
    /// AES and RC4: encrypted documents, and archives under WinZip AES.
    Crypto,
    /// Mails as text, Outlook messages, TNEF, and what is attached to them.
    Mail,
    /// Decoded pictures: those that look like one that the caller knows.
    Pictures,
}

impl Feature {
    /// Its name in `Cargo.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Feature::Crypto => "crypto",
            Feature::Mail => "mail",
            Feature::Pictures => "pictures",
        }
    }

    /// Whether this build has it.
    pub fn is_built(self) -> bool {
        match self {
            Feature::Crypto => cfg!(feature = "crypto"),
            Feature::Mail => cfg!(feature = "mail"),
            Feature::Pictures => cfg!(feature = "pictures"),
        }
    }
}

/// What a problem says where it is missing.
impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this build leaves out the feature `{}`", self.name())
    }
}
