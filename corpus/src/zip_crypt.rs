//! Encryption of ZIP entries: ZipCrypto (APPNOTE 6.1) and AES as WinZip has it. Salts and headers are
//! fixed, so that a rebuild is equal byte for byte.

use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use pbkdf2::pbkdf2_hmac;
use sha1::{Digest, Sha1};

use crate::bytes::Put;
use crate::zip::Member;

fn crc_step(value: u32, byte: u8) -> u32 {
    let mut value = value ^ u32::from(byte);
    for _ in 0..8 {
        value = if value & 1 == 1 { value >> 1 ^ 0xEDB8_8320 } else { value >> 1 };
    }
    value
}

/// The member under ZipCrypto.
pub fn zip_crypto(member: Member, password: &str) -> Member {
    zip_crypto_bytes(member, password.as_bytes())
}

/// The same, with a password in whatever code its bytes are.
pub fn zip_crypto_bytes(mut member: Member, password: &[u8]) -> Member {
    let mut keys = [0x1234_5678u32, 0x2345_6789, 0x3456_7890];
    let update = |keys: &mut [u32; 3], plain: u8| {
        keys[0] = crc_step(keys[0], plain);
        keys[1] = keys[1].wrapping_add(keys[0] & 0xFF).wrapping_mul(134_775_813).wrapping_add(1);
        keys[2] = crc_step(keys[2], (keys[1] >> 24) as u8);
    };
    password.iter().for_each(|byte| update(&mut keys, *byte));
    let mut header = *b"docsift hdr.";
    header[11] = (member.crc32 >> 24) as u8;
    let mut out = Vec::new();
    for plain in header.iter().chain(&member.packed) {
        let word = (keys[2] | 2) & 0xFFFF;
        out.push(plain ^ (word.wrapping_mul(word ^ 1) >> 8) as u8);
        update(&mut keys, *plain);
    }
    member.packed = out;
    member.flags |= 1;
    member
}

/// The member under AES with `bits` (128, 192, 256), as AE-1 or AE-2.
pub fn aes(mut member: Member, password: &str, bits: u16, version: u16) -> Member {
    let key_len = usize::from(bits / 8);
    let salt = &b"salt of docsift."[..key_len / 2];
    let mut derived = vec![0; 2 * key_len + 2];
    pbkdf2_hmac::<Sha1>(password.as_bytes(), salt, 1000, &mut derived);
    let block = |counter: u128| -> [u8; 16] {
        let mut block = Array::from(counter.to_le_bytes());
        match bits {
            128 => aes::Aes128::new_from_slice(&derived[..16]).unwrap().encrypt_block(&mut block),
            192 => aes::Aes192::new_from_slice(&derived[..24]).unwrap().encrypt_block(&mut block),
            _ => aes::Aes256::new_from_slice(&derived[..32]).unwrap().encrypt_block(&mut block),
        }
        block.into()
    };
    let mut cipher = member.packed.clone();
    for (index, chunk) in cipher.chunks_mut(16).enumerate() {
        chunk.iter_mut().zip(block(index as u128 + 1)).for_each(|(byte, key)| *byte ^= key);
    }
    let pad = |with: u8| -> Vec<u8> {
        let key = &derived[key_len..2 * key_len];
        (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ with).collect()
    };
    let inner = Sha1::digest([pad(0x36), cipher.clone()].concat());
    let tag = Sha1::digest([pad(0x5C), inner.to_vec()].concat());
    member.packed = [salt, &derived[2 * key_len..], &cipher, &tag[..10]].concat();
    // 0x9901: size, version, "AE", strength, method
    member.extra.u16(0x9901).u16(7).u16(version).raw(b"AE").u8((bits / 64 - 1) as u8).u16(member.method);
    member.method = 99;
    member.flags |= 1;
    if version == 2 {
        member.crc32 = 0;
    }
    member
}
