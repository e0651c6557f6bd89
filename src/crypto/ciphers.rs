//! Ciphers and the key derivation of others: AES with the chaining that files use (ECB, CBC, and the counter
//! of WinZip), RC4, PBKDF2.
//!
//! All that the feature `crypto` brings stands here; `no_ciphers.rs` stands in for it.

use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use rc4::StreamCipher;
use sha1::Sha1;

use super::BLOCK;

/// AES with a key.
pub struct Aes(Inner);

// The key schedules differ little in size, and one lives at a time.
#[allow(clippy::large_enum_variant)]
enum Inner {
    Aes128(Aes128),
    Aes192(Aes192),
    Aes256(Aes256),
}

impl Aes {
    /// AES with a key of 16, 24 or 32 bytes; `None` for any other length.
    pub fn new(key: &[u8]) -> Option<Self> {
        let inner = match key.len() {
            16 => Inner::Aes128(Aes128::new_from_slice(key).ok()?),
            24 => Inner::Aes192(Aes192::new_from_slice(key).ok()?),
            32 => Inner::Aes256(Aes256::new_from_slice(key).ok()?),
            _ => return None,
        };
        Some(Aes(inner))
    }

    /// Decrypts whole blocks one by one; bytes behind the last whole block stay as they are.
    pub fn decrypt_ecb(&self, bytes: &mut [u8]) {
        let (blocks, _) = Array::slice_as_chunks_mut(bytes);
        match &self.0 {
            Inner::Aes128(aes) => aes.decrypt_blocks(blocks),
            Inner::Aes192(aes) => aes.decrypt_blocks(blocks),
            Inner::Aes256(aes) => aes.decrypt_blocks(blocks),
        }
    }

    /// Decrypts whole blocks that are chained (CBC), from `iv` cut or filled with zeros; bytes behind
    /// the last whole block stay as they are. Takes as much memory again for a moment: meant for segments.
    pub fn decrypt_cbc(&self, iv: &[u8], bytes: &mut [u8]) {
        let cipher = bytes.to_vec();
        // Blocks do not wait for one another to be decrypted, only to be chained.
        self.decrypt_ecb(bytes);
        let mut before = [0; BLOCK];
        for (to, from) in before.iter_mut().zip(iv) {
            *to = *from;
        }
        let (blocks, _) = bytes.as_chunks_mut::<BLOCK>();
        let (ciphers, _) = cipher.as_chunks::<BLOCK>();
        for (block, cipher) in blocks.iter_mut().zip(ciphers) {
            block.iter_mut().zip(before).for_each(|(byte, before)| *byte ^= before);
            before = *cipher;
        }
    }

    /// Applies the key stream of WinZip, of which encryption and decryption are one: a counter of 128 bits,
    /// little-endian, that begins at 1.
    pub fn apply_counter(&self, bytes: &mut [u8]) {
        /// Blocks that are encrypted at once.
        const LANES: usize = 16;
        let mut next = 1u128;
        for chunk in bytes.chunks_mut(LANES * BLOCK) {
            let mut keys: [Array<u8, aes::cipher::consts::U16>; LANES] = std::array::from_fn(|_| {
                let counter = next.to_le_bytes();
                next = next.wrapping_add(1);
                Array::from(counter)
            });
            match &self.0 {
                Inner::Aes128(aes) => aes.encrypt_blocks(&mut keys),
                Inner::Aes192(aes) => aes.encrypt_blocks(&mut keys),
                Inner::Aes256(aes) => aes.encrypt_blocks(&mut keys),
            }
            chunk.iter_mut().zip(keys.iter().flatten()).for_each(|(byte, key)| *byte ^= *key);
        }
    }

    /// The encryption of one block.
    #[cfg(test)]
    fn encrypt_block(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        let mut array = Array::from(block);
        match &self.0 {
            Inner::Aes128(aes) => aes.encrypt_block(&mut array),
            Inner::Aes192(aes) => aes.encrypt_block(&mut array),
            Inner::Aes256(aes) => aes.encrypt_block(&mut array),
        }
        array.into()
    }
}

/// RC4 with a key, at a place in its key stream.
pub struct Rc4(rc4::Rc4);

impl Rc4 {
    /// From the start of the key stream; `None` for a key of no byte or of more than 256.
    pub fn new(key: &[u8]) -> Option<Self> {
        rc4::Rc4::new_from_slice(key).ok().map(Rc4)
    }

    /// Decrypts `bytes`, which stand next in the stream.
    pub fn apply(&mut self, bytes: &mut [u8]) {
        self.0.apply_keystream(bytes);
    }
}

/// PBKDF2 with HMAC-SHA-1 ([RFC 8018] 5.2). Says whether `key` was filled.
pub fn pbkdf2_sha1(password: &[u8], salt: &[u8], rounds: u32, key: &mut [u8]) -> bool {
    pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, rounds, key);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_decrypt_to_the_values_of_the_standard() {
        // [FIPS 197] C.1 to C.3
        let plain: [u8; 16] = std::array::from_fn(|at| at as u8 * 0x11);
        let cases = [
            (
                16,
                [
                    0x69, 0xc4, 0xe0, 0xd8, 0x6a, 0x7b, 0x04, 0x30, 0xd8, 0xcd, 0xb7, 0x80, 0x70, 0xb4, 0xc5,
                    0x5a,
                ],
            ),
            (
                24,
                [
                    0xdd, 0xa9, 0x7c, 0xa4, 0x86, 0x4c, 0xdf, 0xe0, 0x6e, 0xaf, 0x70, 0xa0, 0xec, 0x0d, 0x71,
                    0x91,
                ],
            ),
            (
                32,
                [
                    0x8e, 0xa2, 0xb7, 0xca, 0x51, 0x67, 0x45, 0xbf, 0xea, 0xfc, 0x49, 0x90, 0x4b, 0x49, 0x60,
                    0x89,
                ],
            ),
        ];
        for (len, cipher) in cases {
            let key: Vec<u8> = (0..len).collect();
            let aes = Aes::new(&key).unwrap();
            assert_eq!(aes.encrypt_block(plain), cipher);
            let mut bytes = cipher.to_vec();
            aes.decrypt_ecb(&mut bytes);
            assert_eq!(bytes, plain);
        }
        assert!(Aes::new(&[0; 20]).is_none());
    }

    #[test]
    fn counter_counts_over_many_blocks() {
        let aes = Aes::new(&[9; 32]).unwrap();
        let mut bytes = vec![0; 16 * 40 + 5];
        aes.apply_counter(&mut bytes);
        for (at, block) in bytes.chunks(16).enumerate() {
            assert_eq!(*block, aes.encrypt_block((at as u128 + 1).to_le_bytes())[..block.len()]);
        }
    }

    #[test]
    fn chained_blocks_depend_on_the_one_before_and_a_rest_stays() {
        let aes = Aes::new(&[7; 16]).unwrap();
        let first = aes.encrypt_block(std::array::from_fn(|at| b'a' ^ at as u8));
        let second = aes.encrypt_block(first.map(|byte| byte ^ b'b'));
        let iv: [u8; 16] = std::array::from_fn(|at| at as u8);
        let mut bytes = [&first[..], &second, b"xyz"].concat();
        aes.decrypt_cbc(&iv, &mut bytes);
        assert_eq!(bytes, [&[b'a'; 16][..], &[b'b'; 16], b"xyz"].concat());
    }
}
