//! What rules may see of Rich Text Format.

use crate::base::{Location, PartId};
use crate::documents::rtf::RtfOddity;

/// What a file of Rich Text Format says of its objects, and what is odd about it.
#[derive(Debug, Clone, Default)]
pub struct RtfFacts {
    /// Its part.
    pub part: PartId,
    /// Deviations.
    pub oddities: Vec<RtfOddity>,
    /// Its objects.
    pub objects: Vec<RtfObjectFacts>,
}

/// An object of Rich Text Format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RtfObjectFacts {
    /// Where its data stands.
    pub location: Location,
    /// The part that its data is.
    pub part: PartId,
    /// Its class, as the data has it, or the words around the data.
    pub class: String,
    /// Whether it is updated when the document is opened.
    pub is_updated: bool,
    /// Whether it is linked.
    pub is_linked: bool,
}
