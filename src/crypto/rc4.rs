//! RC4 as binary documents use it: a key for each block of a stream ([MS-OFFCRYPTO] 2.3.5, 2.3.6).

use super::ciphers::Rc4;
use super::hash::{Hash, utf16};

/// What a password makes; a block number makes a key of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    /// 40-bit RC4 (2.3.6.2).
    Md5([u8; 5]),
    /// RC4 through CryptoAPI (2.3.5.2).
    Sha1 {
        /// `H0`
        hash: [u8; 20],
        /// Bits of the key.
        bits: u32,
    },
}

fn array<const N: usize>(from: &[u8]) -> [u8; N] {
    let mut to = [0; N];
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
    to
}

impl Secret {
    /// The secret of a password and the salt of 40-bit RC4.
    pub fn of_40_bits(password: &str, salt: &[u8; 16]) -> Self {
        let first: [u8; 5] = array(Hash::Md5.digest(&[&utf16(password)]).as_slice());
        let buffer = [&first[..], salt].concat().repeat(16);
        Secret::Md5(array(Hash::Md5.digest(&[&buffer]).as_slice()))
    }

    /// The secret of a password and the salt of CryptoAPI; 0 bits mean 40.
    pub fn of_crypto_api(password: &str, salt: &[u8], bits: u32) -> Self {
        let hash = array(Hash::Sha1.digest(&[salt, &utf16(password)]).as_slice());
        Secret::Sha1 { hash, bits: if bits == 0 { 40 } else { bits } }
    }

    /// The key stream of a block, from its start.
    fn cipher(&self, block: u32) -> Option<Rc4> {
        match self {
            Secret::Md5(secret) => Rc4::new(Hash::Md5.digest(&[secret, &block.to_le_bytes()]).as_slice()),
            Secret::Sha1 { hash, bits } => {
                let full = Hash::Sha1.digest(&[hash, &block.to_le_bytes()]);
                let len = usize::try_from(bits / 8).unwrap_or(usize::MAX);
                let mut key = full.as_slice().get(..len).unwrap_or(full.as_slice()).to_vec();
                // A key of 40 bits is filled to 128 with zeros (2.3.5.2).
                if key.len() == 5 {
                    key.resize(16, 0);
                }
                Rc4::new(&key)
            }
        }
    }

    /// Whether the verifier decrypts to bytes whose hash is the one behind it (2.3.5.6, 2.3.6.4).
    pub fn verifies(&self, verifier: &[u8; 16], verifier_hash: &[u8]) -> bool {
        let hash = match self {
            Secret::Md5(_) => Hash::Md5,
            Secret::Sha1 { .. } => Hash::Sha1,
        };
        let mut bytes = [verifier, verifier_hash].concat();
        let Some(mut cipher) = self.cipher(0) else { return false };
        cipher.apply(&mut bytes);
        let (Some(plain), Some(stated)) = (bytes.get(..16), bytes.get(16..)) else { return false };
        stated.get(..hash.output_len()) == Some(hash.digest(&[plain]).as_slice())
    }

    /// Decrypts `bytes` with the key of `block`, from the start of that block.
    pub fn apply_block(&self, block: u32, bytes: &mut [u8]) {
        if let Some(mut cipher) = self.cipher(block) {
            cipher.apply(bytes);
        }
    }
}

/// The key stream along a stream that is cut into blocks, each with a key of its own.
pub struct KeyStream<'s> {
    secret: &'s Secret,
    first_block: u32,
    block_len: usize,
    at: usize,
    cipher: Option<Rc4>,
}

impl<'s> KeyStream<'s> {
    /// From the start of a stream in blocks of `block_len` bytes.
    pub fn new(secret: &'s Secret, block_len: usize) -> Self {
        KeyStream { secret, first_block: 0, block_len: block_len.max(1), at: 0, cipher: None }
    }

    /// The same, with the blocks counted from `block`.
    pub fn of_block(self, block: u32) -> Self {
        KeyStream { first_block: block, ..self }
    }

    /// Decrypts `bytes`, which stand next in the stream.
    pub fn apply(&mut self, bytes: &mut [u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let inside = self.at.checked_rem(self.block_len).unwrap_or(0);
            if inside == 0 || self.cipher.is_none() {
                let block = self.at.checked_div(self.block_len).unwrap_or(0);
                let block = u32::try_from(block).unwrap_or(u32::MAX);
                self.cipher = self.secret.cipher(self.first_block.saturating_add(block));
            }
            let len = self.block_len.saturating_sub(inside).min(rest.len());
            let Some((now, later)) = rest.split_at_mut_checked(len) else { return };
            if let Some(cipher) = self.cipher.as_mut() {
                cipher.apply(now);
            }
            self.at = self.at.saturating_add(len);
            rest = later;
        }
    }

    /// Passes over `len` bytes that are not encrypted, but counted.
    pub fn skip(&mut self, len: usize) {
        let mut left = len;
        let mut passed = [0; 64];
        while left > 0 {
            // Whole blocks need no key stream.
            if self.at.checked_rem(self.block_len) == Some(0) && left >= self.block_len {
                self.at = self.at.saturating_add(self.block_len);
                left = left.saturating_sub(self.block_len);
                self.cipher = None;
                continue;
            }
            let now = left.min(passed.len());
            self.apply(passed.get_mut(..now).unwrap_or_default());
            left = left.saturating_sub(now);
        }
    }
}

#[cfg(all(test, feature = "crypto"))]
mod tests {
    use super::*;

    const SECRET: Secret = Secret::Md5([1, 2, 3, 4, 5]);

    #[test]
    fn skipping_is_decrypting_into_nothing() {
        let mut whole = vec![0; 3000];
        KeyStream::new(&SECRET, 512).apply(&mut whole);
        for skipped in [0, 1, 511, 512, 513, 1024, 2999] {
            let mut rest = vec![0; 3000 - skipped];
            let mut stream = KeyStream::new(&SECRET, 512);
            stream.skip(skipped);
            stream.apply(&mut rest);
            assert_eq!(rest, whole[skipped..], "{skipped}");
        }
    }

    #[test]
    fn each_block_has_its_own_key() {
        let mut whole = vec![0; 1024];
        KeyStream::new(&SECRET, 512).apply(&mut whole);
        let mut second = vec![0; 512];
        SECRET.apply_block(1, &mut second);
        assert_eq!(whole[512..], second);
        assert_ne!(whole[..512], second);
    }

    #[test]
    fn key_lengths_of_hostile_headers_are_no_key_or_the_whole_hash() {
        for bits in [1, 7, 8, 160, 4096, u32::MAX] {
            let secret = Secret::of_crypto_api("x", &[0; 16], bits);
            secret.apply_block(0, &mut [0; 4]);
            assert!(!secret.verifies(&[0; 16], &[0; 20]));
        }
    }
}
