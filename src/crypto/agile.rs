//! ECMA-376 Agile encryption: AES-CBC in segments, any hash, an HMAC over the package
//! ([MS-OFFCRYPTO] 2.3.4.10 to 2.3.4.15).

use super::BLOCK;
use super::ciphers::Aes;
use super::hash::{Hash, fitted, utf16};

/// Most rounds that the specification lets a file ask for (2.3.4.10, `spinCount`).
pub const MOST_ROUNDS: u32 = 10_000_000;

const VERIFIER_INPUT: [u8; 8] = [0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79];
const VERIFIER_VALUE: [u8; 8] = [0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e];
const KEY_VALUE: [u8; 8] = [0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6];
const HMAC_KEY: [u8; 8] = [0x5f, 0xb2, 0xad, 0x01, 0x0c, 0xb9, 0xe1, 0xf6];
const HMAC_VALUE: [u8; 8] = [0xa0, 0x67, 0x7f, 0x02, 0xb2, 0x2c, 0x84, 0x33];

/// Bytes that are encrypted with one initialisation vector (2.3.4.15).
pub const SEGMENT: usize = 4096;

/// A cipher and its salt, as `keyData` and `encryptedKey` state them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters {
    /// Bits of the key.
    pub key_bits: u32,
    /// Hash.
    pub hash: Hash,
    /// Salt.
    pub salt: Vec<u8>,
}

/// What the file states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgileLock {
    /// How the package is encrypted (`keyData`).
    pub package: Parameters,
    /// How its key is encrypted with the password (`encryptedKey`).
    pub password: Parameters,
    /// Rounds of the derivation.
    pub spin_count: u32,
    /// `encryptedVerifierHashInput`
    pub verifier_input: Vec<u8>,
    /// `encryptedVerifierHashValue`
    pub verifier_value: Vec<u8>,
    /// `encryptedKeyValue`
    pub key_value: Vec<u8>,
    /// `encryptedHmacKey` and `encryptedHmacValue`, where the file has them.
    pub integrity: Option<(Vec<u8>, Vec<u8>)>,
}

/// Bytes of an AES key for a stated number of bits. One that AES does not have is taken up to the next
/// that it has: files state 160 beside a key of 24 bytes.
fn key_len(bits: u32) -> Option<usize> {
    match bits {
        1..=128 => Some(16),
        129..=192 => Some(24),
        193..=256 => Some(32),
        _ => None,
    }
}

/// The initialisation vector of a segment or a field of the package.
fn vector(package: &Parameters, of: &[u8]) -> Vec<u8> {
    package.hash.digest(&[&package.salt, of]).fitted(BLOCK)
}

impl AgileLock {
    /// The key of the package, when the password is the right one. The caller has spent
    /// [`AgileLock::spin_count`] rounds.
    pub fn try_password(&self, password: &str) -> Option<Vec<u8>> {
        let Parameters { hash, salt, key_bits } = &self.password;
        let first = hash.digest(&[salt, &utf16(password)]);
        let spun = hash.spin(first, self.spin_count);
        let len = key_len(*key_bits)?;
        let iv = fitted(salt, BLOCK);
        let open = |block_key: &[u8], value: &[u8]| -> Option<Vec<u8>> {
            let key = hash.digest(&[spun.as_slice(), block_key]).fitted(len);
            let mut plain = value.to_vec();
            Aes::new(&key)?.decrypt_cbc(&iv, &mut plain);
            Some(plain)
        };
        let input = open(&VERIFIER_INPUT, &self.verifier_input)?;
        let stated = open(&VERIFIER_VALUE, &self.verifier_value)?;
        // The input has as many bytes as the salt; what fills its last block is not hashed.
        let input = input.get(..salt.len()).unwrap_or(&input);
        let computed = hash.digest(&[input]);
        if input.is_empty() || stated.get(..hash.output_len()) != Some(computed.as_slice()) {
            return None;
        }
        let key = open(&KEY_VALUE, &self.key_value)?;
        Some(fitted(&key, key_len(self.package.key_bits)?))
    }

    /// Decrypts a segment of the package in place.
    pub fn decrypt_segment(&self, aes: &Aes, index: u32, segment: &mut [u8]) {
        aes.decrypt_cbc(&vector(&self.package, &index.to_le_bytes()), segment);
    }

    /// Whether the HMAC over the encrypted package (its length field included) is the stated one; `None`
    /// when the file states none (2.3.4.14).
    pub fn is_intact(&self, key: &[u8], package: &[u8]) -> Option<bool> {
        let (hmac_key, hmac_value) = self.integrity.as_ref()?;
        let aes = Aes::new(key)?;
        let open = |block_key: &[u8], value: &[u8]| {
            let mut plain = value.to_vec();
            aes.decrypt_cbc(&vector(&self.package, block_key), &mut plain);
            plain.truncate(self.package.hash.output_len());
            plain
        };
        let (hmac_key, stated) = (open(&HMAC_KEY, hmac_key), open(&HMAC_VALUE, hmac_value));
        Some(self.package.hash.hmac(&hmac_key, package).as_slice() == stated)
    }
}
