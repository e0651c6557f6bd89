//! Encryption of ZIP entries: ZipCrypto (APPNOTE 6.1) and AES as WinZip has it (AE-1 and AE-2).
//!
//! ZipCrypto checks a password with one byte, so that what it gives counts only with the CRC-32 of the
//! content. AES has a verifier of two bytes and an HMAC over the ciphertext, which both must fit.

use super::ciphers::{Aes, pbkdf2_sha1};
use super::hash::Hash;
use crate::base::crc;

/// Bytes in front of the data that ZipCrypto encrypts first.
const HEADER: usize = 12;

/// The three keys (APPNOTE 6.1.5).
struct Keys(u32, u32, u32);

impl Keys {
    fn new(password: &[u8]) -> Self {
        let mut keys = Keys(0x1234_5678, 0x2345_6789, 0x3456_7890);
        password.iter().for_each(|byte| keys.update(*byte));
        keys
    }

    fn update(&mut self, byte: u8) {
        self.0 = crc::step(self.0, byte);
        let [low, ..] = self.0.to_le_bytes();
        self.1 = self.1.wrapping_add(low.into()).wrapping_mul(134_775_813).wrapping_add(1);
        let [.., high] = self.1.to_le_bytes();
        self.2 = crc::step(self.2, high);
    }

    fn decrypt(&mut self, cipher: u8) -> u8 {
        let word = (self.2 | 2) & 0xFFFF;
        let [_, key, ..] = word.wrapping_mul(word ^ 1).to_le_bytes();
        let plain = cipher ^ key;
        self.update(plain);
        plain
    }
}

/// The keys of ZipCrypto behind the header of an entry.
pub struct ZipKeys(Keys);

impl ZipKeys {
    /// The keys, when the header in front of `data` ends in `check`. One wrong password in 256 passes: what
    /// they decrypt counts only when its checksum fits.
    pub fn verified(password: &[u8], data: &[u8], check: u8) -> Option<Self> {
        let header = data.get(..HEADER)?;
        let mut keys = Keys::new(password);
        let last = header.iter().fold(0, |_, byte| keys.decrypt(*byte));
        (last == check).then_some(ZipKeys(keys))
    }

    /// Decrypts what stands behind the header of `data`.
    pub fn decrypt(mut self, data: &[u8]) -> Vec<u8> {
        data.iter().skip(HEADER).map(|byte| self.0.decrypt(*byte)).collect()
    }
}

/// Decrypts `data` of an entry under ZipCrypto, as [`ZipKeys`] does.
pub fn zip_crypto(password: &[u8], data: &[u8], check: u8) -> Option<Vec<u8>> {
    ZipKeys::verified(password, data, check).map(|keys| keys.decrypt(data))
}

/// Rounds of PBKDF2 that WinZip fixes.
const AES_ROUNDS: u32 = 1000;
/// Bytes of the HMAC that stand behind the data.
const TAG: usize = 10;

/// Hash rounds that one password takes: PBKDF2 for up to 66 bytes, two hashes each.
pub const AES_PASSWORD_ROUNDS: u64 = 8 * AES_ROUNDS as u64;

/// The keys of WinZip AES that a password and the salt in front of an entry make.
pub struct AesKeys {
    derived: [u8; 66],
    key_len: usize,
}

impl AesKeys {
    /// The keys for strength 1 to 3 (128, 192, 256 bits), when the verifier of two bytes fits. The caller has
    /// spent [`AES_PASSWORD_ROUNDS`].
    pub fn verified(password: &[u8], data: &[u8], strength: u8) -> Option<Self> {
        let key_len = match strength {
            1 => 16,
            2 => 24,
            3 => 32,
            _ => return None,
        };
        let salt_len = key_len / 2;
        let salt = data.get(..salt_len)?;
        let verifier = data.get(salt_len..)?.get(..2)?;
        let keys_len = key_len.checked_mul(2)?;
        let mut derived = [0; 66];
        let keys = derived.get_mut(..keys_len.checked_add(2)?)?;
        let is_right =
            pbkdf2_sha1(password, salt, AES_ROUNDS, keys) && derived.get(keys_len..)?.get(..2)? == verifier;
        is_right.then_some(AesKeys { derived, key_len })
    }

    /// Decrypts `data`, salt in front and HMAC behind, when the HMAC fits.
    pub fn decrypt(&self, data: &[u8]) -> Option<Vec<u8>> {
        let body_end = data.len().checked_sub(TAG)?;
        let body = data.get((self.key_len / 2).checked_add(2)?..body_end)?;
        let tag = data.get(body_end..)?;
        let (key, rest) = (self.derived.get(..self.key_len)?, self.derived.get(self.key_len..)?);
        let mac_key = rest.get(..self.key_len)?;
        if Hash::Sha1.hmac(mac_key, body).as_slice().get(..TAG) != Some(tag) {
            return None;
        }
        let aes = Aes::new(key)?;
        let mut plain = body.to_vec();
        aes.apply_counter(&mut plain);
        Some(plain)
    }
}

/// Decrypts `data` of an entry under WinZip AES, as [`AesKeys`] does.
pub fn winzip_aes(password: &[u8], data: &[u8], strength: u8) -> Option<Vec<u8>> {
    AesKeys::verified(password, data, strength)?.decrypt(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry under ZipCrypto: a header that ends in `check`, and `plain`.
    fn sealed(password: &str, plain: &[u8], check: u8) -> Vec<u8> {
        let mut keys = Keys::new(password.as_bytes());
        let mut header = *b"header of 1.";
        header[11] = check;
        let mut seal = |plain: u8| {
            let word = (keys.2 | 2) & 0xFFFF;
            let cipher = plain ^ word.wrapping_mul(word ^ 1).to_le_bytes()[1];
            keys.update(plain);
            cipher
        };
        header.iter().chain(plain).map(|byte| seal(*byte)).collect()
    }

    #[test]
    fn zip_crypto_gives_the_content_back() {
        let data = sealed("AYALZNOJY", b"content", 0x42);
        assert_eq!(zip_crypto(b"AYALZNOJY", &data, 0x42).unwrap(), b"content");
        assert_eq!(zip_crypto(b"AYALZNOJY", &data, 0x43), None);
        assert_eq!(zip_crypto(b"x", &data[..11], 0), None);
    }

    #[test]
    fn aes_data_that_is_too_short_or_of_another_strength_is_no_content() {
        for strength in 0..=4 {
            for len in [0, 1, 10, 19, 20, 28, 40] {
                assert_eq!(winzip_aes(b"x", &vec![0; len], strength), None, "{strength} {len}");
            }
        }
    }
}
