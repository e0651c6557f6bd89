//! What can be wrong with one record.

use crate::base::{LimitHit, Short};

/// Why a record was not read whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BiffError {
    /// A field does not fit in the record.
    #[error(transparent)]
    Short(#[from] Short),
    /// A ceiling was reached.
    #[error(transparent)]
    Limit(#[from] LimitHit),
    /// A pool of the model is full.
    #[error("record at {at}: no room for its text or tokens")]
    Full {
        /// Offset of the record.
        at: u64,
    },
    /// The tokens of a formula pass the end of its record.
    #[error("formula at {at}: {need} bytes of tokens, {have} there")]
    TokensCut {
        /// Offset of the record.
        at: u64,
        /// Bytes that it states.
        need: u64,
        /// Bytes that it has.
        have: u64,
    },
}
