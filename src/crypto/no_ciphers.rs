//! Stands in for `ciphers.rs` in a build without the feature `crypto`: no key makes a cipher, so that
//! nothing is ever decrypted with one.

use std::convert::Infallible;

/// AES; there is none.
pub struct Aes(Infallible);

impl Aes {
    /// No cipher.
    pub fn new(_: &[u8]) -> Option<Self> {
        None
    }

    /// Is never called.
    pub fn decrypt_ecb(&self, _: &mut [u8]) {
        match self.0 {}
    }

    /// Is never called.
    pub fn decrypt_cbc(&self, _: &[u8], _: &mut [u8]) {
        match self.0 {}
    }

    /// Is never called.
    pub fn apply_counter(&self, _: &mut [u8]) {
        match self.0 {}
    }
}

/// RC4; there is none.
pub struct Rc4(Infallible);

impl Rc4 {
    /// No cipher.
    pub fn new(_: &[u8]) -> Option<Self> {
        None
    }

    /// Is never called.
    pub fn apply(&mut self, _: &mut [u8]) {
        match self.0 {}
    }
}

/// Fills no key.
pub fn pbkdf2_sha1(_: &[u8], _: &[u8], _: u32, _: &mut [u8]) -> bool {
    false
}
