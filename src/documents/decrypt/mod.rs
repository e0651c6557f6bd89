//! Encrypted documents: what a file states about its encryption, and its bytes in the clear
//! ([MS-OFFCRYPTO]).
//!
//! Here containers and [`crypto`](crate::crypto) meet. A file that states something impossible is
//! refused with the reason; a password is tried only on what was understood; what the key then gives is
//! cut to the stated size, and to the bytes that are there.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod distribution;
pub mod info;
pub mod package;
pub mod presentation;
pub mod sealed;
#[cfg(all(test, feature = "crypto"))]
mod tests;
pub mod word;
pub mod workbook;

use crate::base::Short;

/// Why an encryption cannot be opened with any password here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecryptError {
    /// A field does not fit.
    #[error(transparent)]
    Short(#[from] Short),
    /// A version that no specification has.
    #[error("encryption version {major}.{minor} is unknown")]
    Version {
        /// `vMajor`
        major: u16,
        /// `vMinor`
        minor: u16,
    },
    /// Extensible encryption: a program of its own holds the keys.
    #[error("extensible encryption: only the program that made it has the key")]
    Extensible,
    /// A cipher that is not computed here.
    #[error("cipher 0x{id:04x} is not supported")]
    Cipher {
        /// `AlgID`
        id: u32,
    },
    /// A cipher of a descriptor that is not computed here.
    #[error("the descriptor names a cipher or chaining that is not supported ({name})")]
    NamedCipher {
        /// Which of the known names.
        name: &'static str,
    },
    /// A hash that is not computed here.
    #[error("the descriptor names a hash that is not supported ({name})")]
    NamedHash {
        /// Which of the known names.
        name: &'static str,
    },
    /// A part of the descriptor that is not there or is no number.
    #[error("the encryption descriptor has no usable {what}")]
    Missing {
        /// What.
        what: &'static str,
    },
    /// A type of FILEPASS that the specification does not have.
    #[error("FILEPASS type {kind} is unknown")]
    FilePass {
        /// `wEncryptionType`
        kind: u16,
    },
}
