//! What the header of a mail or of one of its parts states.

use super::structure::Entity;

/// What the header of a mail states.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields {
    /// `From`
    pub from: Vec<Address>,
    /// `Reply-To`
    pub reply_to: Vec<Address>,
    /// `To` and `Cc`
    pub recipients: Vec<Address>,
    /// `Return-Path`
    pub return_path: Option<String>,
    /// `Subject`, decoded.
    pub subject: Option<String>,
    /// Where the subject stands: first byte, and one past the last.
    pub subject_at: (u64, u64),
    /// Year, month and day of `Date`, where the sender is.
    pub date: Option<(u16, u8, u8)>,
    /// Where the header block begins.
    pub at: u64,
    /// Whether it has `References` or `In-Reply-To`.
    pub has_thread: bool,
    /// `Authentication-Results`, as stated.
    pub authentication: Vec<String>,
    /// The part that the header begins.
    pub entity: Entity,
    /// `boundary` of its content type.
    pub boundary: Option<String>,
}

/// A mail address with the name beside it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Address {
    /// The name that mail programs show.
    pub name: String,
    /// The address.
    pub address: String,
}

impl Address {
    /// What stands behind the `@`, in lower case.
    pub fn domain(&self) -> Option<String> {
        self.address.rsplit_once('@').map(|(_, domain)| domain.trim_end_matches('>').to_ascii_lowercase())
    }
}

impl Fields {
    /// Those of a header at `at` that states nothing: plain text follows.
    pub(super) fn nothing(at: u64) -> Self {
        let entity = Entity { media_type: "text/plain".to_owned(), ..Entity::default() };
        Fields { at, entity, ..Fields::default() }
    }
}
