//! What a file states about its encryption, and the key that a password makes of it.

use super::agile::AgileLock;
use super::rc4::Secret;
use super::standard::{self, StandardLock};
use super::xor::{Method, XorArray};
use crate::base::Feature;

/// A stated encryption that a password can be tried on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lock {
    /// XOR obfuscation.
    Xor {
        /// Key.
        key: u16,
        /// Verifier of the password.
        verifier: u16,
        /// For workbooks or for Word.
        method: Method,
    },
    /// RC4 with a 40-bit key.
    Rc4 {
        /// Salt.
        salt: [u8; 16],
        /// Encrypted verifier.
        verifier: [u8; 16],
        /// Encrypted hash of the verifier.
        verifier_hash: [u8; 16],
    },
    /// RC4 through CryptoAPI.
    CryptoApi {
        /// Bits of the key; 0 means 40.
        key_bits: u32,
        /// Salt.
        salt: Vec<u8>,
        /// Encrypted verifier.
        verifier: [u8; 16],
        /// Encrypted hash of the verifier.
        verifier_hash: [u8; 20],
    },
    /// ECMA-376 Standard.
    Standard(StandardLock),
    /// ECMA-376 Agile.
    Agile(Box<AgileLock>),
}

/// What the right password makes of a [`Lock`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// Of XOR obfuscation.
    Xor(XorArray),
    /// Of both forms of RC4.
    Rc4(Secret),
    /// AES, of packages.
    Aes(Vec<u8>),
}

/// What a try without a slow derivation counts as.
const FEW_ROUNDS: u64 = 8;

impl Lock {
    /// How it is called.
    pub fn name(&self) -> &'static str {
        match self {
            Lock::Xor { .. } => "XOR obfuscation",
            Lock::Rc4 { .. } => "RC4 with a 40-bit key",
            Lock::CryptoApi { .. } => "RC4 through CryptoAPI",
            Lock::Standard(_) => "ECMA-376 Standard (AES)",
            Lock::Agile(_) => "ECMA-376 Agile (AES)",
        }
    }

    /// Whether this build has what opens it: XOR always, the others with the feature `crypto`.
    pub fn is_built(&self) -> bool {
        matches!(self, Lock::Xor { .. }) || Feature::Crypto.is_built()
    }

    /// Hash rounds that one password takes.
    pub fn rounds(&self) -> u64 {
        match self {
            Lock::Standard(_) => standard::ROUNDS.into(),
            Lock::Agile(lock) => u64::from(lock.spin_count).saturating_add(FEW_ROUNDS),
            _ => FEW_ROUNDS,
        }
    }

    /// The key, when the verifier says that the password is right. The caller has spent
    /// [`Lock::rounds`].
    pub fn try_password(&self, password: &str) -> Option<Key> {
        match self {
            Lock::Xor { key, verifier, method } => {
                XorArray::verified(password, *key, *verifier, *method).map(Key::Xor)
            }
            Lock::Rc4 { salt, verifier, verifier_hash } => {
                let secret = Secret::of_40_bits(password, salt);
                secret.verifies(verifier, verifier_hash).then_some(Key::Rc4(secret))
            }
            Lock::CryptoApi { key_bits, salt, verifier, verifier_hash } => {
                let secret = Secret::of_crypto_api(password, salt, *key_bits);
                secret.verifies(verifier, verifier_hash).then_some(Key::Rc4(secret))
            }
            Lock::Standard(lock) => lock.try_password(password).map(Key::Aes),
            Lock::Agile(lock) => lock.try_password(password).map(Key::Aes),
        }
    }
}
