//! Keys and ciphers of Office files and archives; nothing here knows a container.
//!
//! A [`Lock`] is what a file states: method, salt, verifier. [`Lock::try_password`] gives a [`Key`]
//! only when the verifier agrees, so that a wrong password never yields bytes. What a derivation costs
//! is spent before it begins ([`Lock::rounds`]); a file that asks for more than the limits allow is not
//! tried ([MS-OFFCRYPTO] 2.3).
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod agile;
pub mod archive;
pub mod block;
pub mod hash;
pub mod lock;
pub mod password;
pub mod rc4;
pub mod standard;
pub mod xor;

pub use lock::{Key, Lock};
pub use password::{Opening, Password, PasswordSource};
