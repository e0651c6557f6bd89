//! Keys and ciphers of Office files and archives; nothing here knows a container.
//!
//! A [`Lock`] is what a file states: method, salt, verifier. [`Lock::try_password`] gives a [`Key`]
//! only when the verifier agrees, so that a wrong password never yields bytes. What a derivation costs
//! is spent before it begins ([`Lock::rounds`]); a file that asks for more than the limits allow is not
//! tried ([MS-OFFCRYPTO] 2.3).
//!
//! Without the feature `crypto` the ciphers of others are missing. Then no key comes of a lock that needs
//! them ([`Lock::is_built`]); XOR and ZipCrypto are our own and stay.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod agile;
pub mod archive;
#[cfg(feature = "crypto")]
pub mod ciphers;
#[cfg(not(feature = "crypto"))]
#[path = "no_ciphers.rs"]
pub mod ciphers;
pub mod hash;
pub mod lock;
pub mod password;
pub mod rc4;
pub mod standard;
pub mod xor;

pub use lock::{Key, Lock};
pub use password::{Opening, Password, PasswordSource};

/// Bytes of a block of AES.
const BLOCK: usize = 16;
