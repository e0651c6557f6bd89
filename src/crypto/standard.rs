//! ECMA-376 Standard encryption: AES in ECB mode, the key from SHA-1 ([MS-OFFCRYPTO] 2.3.4.5 to 2.3.4.9).

use super::ciphers::Aes;
use super::hash::{Hash, utf16};

/// Rounds of the key derivation (2.3.4.7).
pub const ROUNDS: u32 = 50_000;

/// What the file states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandardLock {
    /// Bits of the key: 128, 192 or 256.
    pub key_bits: u32,
    /// Salt.
    pub salt: Vec<u8>,
    /// Encrypted verifier.
    pub verifier: [u8; 16],
    /// Encrypted hash of the verifier: SHA-1, filled to two blocks.
    pub verifier_hash: [u8; 32],
}

impl StandardLock {
    /// The key, when the password is the right one. The caller has spent [`ROUNDS`].
    pub fn try_password(&self, password: &str) -> Option<Vec<u8>> {
        let key = self.key(password)?;
        let aes = Aes::new(&key)?;
        let (mut verifier, mut stated) = (self.verifier, self.verifier_hash);
        aes.decrypt_ecb(&mut verifier);
        aes.decrypt_ecb(&mut stated);
        let hash = Hash::Sha1.digest(&[&verifier]);
        (stated.get(..20) == Some(hash.as_slice())).then_some(key)
    }

    fn key(&self, password: &str) -> Option<Vec<u8>> {
        let first = Hash::Sha1.digest(&[&self.salt, &utf16(password)]);
        let spun = Hash::Sha1.spin(first, ROUNDS);
        let last = Hash::Sha1.digest(&[spun.as_slice(), &0u32.to_le_bytes()]);
        let padded = |with: u8| {
            let filled = last.as_slice().iter().copied().chain(std::iter::repeat(0)).take(64);
            let block: Vec<u8> = filled.map(|byte| byte ^ with).collect();
            Hash::Sha1.digest(&[&block])
        };
        let both = [padded(0x36).as_slice(), padded(0x5C).as_slice()].concat();
        let len = usize::try_from(self.key_bits / 8).ok()?;
        both.get(..len).map(<[u8]>::to_vec)
    }
}
