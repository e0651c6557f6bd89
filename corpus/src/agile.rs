//! ECMA-376 Agile encryption ([MS-OFFCRYPTO] 2.3.4.10 to 2.3.4.15): AES-256 in CBC mode, SHA-512.
//!
//! Salts and keys are fixed, so that a rebuild is equal byte for byte. 1,000 rounds instead of Office's
//! 100,000 keep tests quick.

use aes::Aes256;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use sha2::{Digest, Sha512};

use crate::container::Entry;

const ROUNDS: u32 = 1000;
const PASSWORD_SALT: [u8; 16] = *b"salt of password";
const PACKAGE_SALT: [u8; 16] = *b"salt of package.";
const PACKAGE_KEY: [u8; 32] = *b"the key of the encrypted package";
const HMAC_KEY: [u8; 64] = [0x5A; 64];

fn sha512(parts: &[&[u8]]) -> Vec<u8> {
    Sha512::digest(parts.concat()).to_vec()
}

fn hmac(key: &[u8; 64], data: &[u8]) -> Vec<u8> {
    let pad = |with: u8| -> Vec<u8> { (0..128).map(|at| key.get(at).copied().unwrap_or(0) ^ with).collect() };
    sha512(&[&pad(0x5C), &sha512(&[&pad(0x36), data])])
}

fn cbc(key: &[u8], iv: &[u8], plain: &[u8]) -> Vec<u8> {
    let aes = Aes256::new_from_slice(&key[..32]).expect("32 bytes");
    let mut before = iv[..16].to_vec();
    let mut out = Vec::new();
    for chunk in plain.chunks(16) {
        let mut block = [0u8; 16];
        block[..chunk.len()].copy_from_slice(chunk);
        for (byte, before) in block.iter_mut().zip(&before) {
            *byte ^= before;
        }
        let mut block = Array::from(block);
        aes.encrypt_block(&mut block);
        before = block.to_vec();
        out.extend(&before);
    }
    out
}

fn base64(bytes: &[u8]) -> String {
    crate::bytes::base64(bytes)
}

/// The streams `EncryptionInfo` and `EncryptedPackage` of a document under a password.
pub fn encrypt(document: &[u8], password: &str) -> [Entry; 2] {
    encrypt_with(document, password, ROUNDS)
}

/// The same, with another number of rounds.
pub fn encrypt_with(document: &[u8], password: &str, rounds: u32) -> [Entry; 2] {
    let utf16: Vec<u8> = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut hash = sha512(&[&PASSWORD_SALT, &utf16]);
    for round in 0..rounds {
        hash = sha512(&[&round.to_le_bytes(), &hash]);
    }
    let seal =
        |block_key: [u8; 8], plain: &[u8]| base64(&cbc(&sha512(&[&hash, &block_key]), &PASSWORD_SALT, plain));
    let verifier = *b"verifier docsift";
    let input = seal([0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79], &verifier);
    let value = seal([0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e], &sha512(&[&verifier]));
    let key = seal([0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6], &PACKAGE_KEY);

    let mut package = (document.len() as u64).to_le_bytes().to_vec();
    for (index, segment) in (0u32..).zip(document.chunks(4096)) {
        let iv = sha512(&[&PACKAGE_SALT, &index.to_le_bytes()]);
        package.extend(cbc(&PACKAGE_KEY, &iv, segment));
    }
    let field = |block_key: [u8; 8], plain: &[u8]| {
        base64(&cbc(&PACKAGE_KEY, &sha512(&[&PACKAGE_SALT, &block_key]), plain))
    };
    let hmac_key = field([0x5f, 0xb2, 0xad, 0x01, 0x0c, 0xb9, 0xe1, 0xf6], &HMAC_KEY);
    let hmac_value = field([0xa0, 0x67, 0x7f, 0x02, 0xb2, 0x2c, 0x84, 0x33], &hmac(&HMAC_KEY, &package));
    let cipher = "saltSize=\"16\" blockSize=\"16\" keyBits=\"256\" hashSize=\"64\" cipherAlgorithm=\"AES\" \
                  cipherChaining=\"ChainingModeCBC\" hashAlgorithm=\"SHA512\"";
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n\
         <encryption xmlns=\"http://schemas.microsoft.com/office/2006/encryption\" \
         xmlns:p=\"http://schemas.microsoft.com/office/2006/keyEncryptor/password\">\
         <keyData {cipher} saltValue=\"{}\"/>\
         <dataIntegrity encryptedHmacKey=\"{hmac_key}\" encryptedHmacValue=\"{hmac_value}\"/>\
         <keyEncryptors><keyEncryptor uri=\"http://schemas.microsoft.com/office/2006/keyEncryptor/password\">\
         <p:encryptedKey spinCount=\"{rounds}\" {cipher} saltValue=\"{}\" \
         encryptedVerifierHashInput=\"{input}\" encryptedVerifierHashValue=\"{value}\" \
         encryptedKeyValue=\"{key}\"/></keyEncryptor></keyEncryptors></encryption>",
        base64(&PACKAGE_SALT),
        base64(&PASSWORD_SALT),
    );
    let mut info = vec![4, 0, 4, 0, 0x40, 0, 0, 0]; // vMajor, vMinor, Reserved
    info.extend(xml.as_bytes());
    [Entry::stream("EncryptionInfo", info), Entry::stream("EncryptedPackage", package)]
}
