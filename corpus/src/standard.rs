//! ECMA-376 Standard encryption ([MS-OFFCRYPTO] 2.3.4.5 to 2.3.4.9): AES-128 in ECB mode, SHA-1.

use aes::Aes128;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use sha1::{Digest, Sha1};

use crate::bytes::Put;
use crate::container::Entry;

const SALT: [u8; 16] = *b"salt of password";
/// Rounds of the key derivation, which the specification fixes.
const ROUNDS: u32 = 50_000;

fn sha1(parts: &[&[u8]]) -> Vec<u8> {
    Sha1::digest(parts.concat()).to_vec()
}

fn key(password: &str) -> [u8; 16] {
    let utf16: Vec<u8> = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut hash = sha1(&[&SALT, &utf16]);
    for round in 0..ROUNDS {
        hash = sha1(&[&round.to_le_bytes(), &hash]);
    }
    let last = sha1(&[&hash, &0u32.to_le_bytes()]);
    let padded: Vec<u8> = (0..64).map(|at| last.get(at).copied().unwrap_or(0) ^ 0x36).collect();
    let mut key = [0; 16];
    key.copy_from_slice(&sha1(&[&padded])[..16]);
    key
}

fn ecb(key: [u8; 16], plain: &[u8]) -> Vec<u8> {
    let aes = Aes128::new(&key.into());
    let mut out = Vec::new();
    for chunk in plain.chunks(16) {
        let mut block = [0; 16];
        block[..chunk.len()].copy_from_slice(chunk);
        let mut block = Array::from(block);
        aes.encrypt_block(&mut block);
        out.extend(block);
    }
    out
}

/// The streams `EncryptionInfo` and `EncryptedPackage` of a document under a password.
pub fn encrypt(document: &[u8], password: &str) -> [Entry; 2] {
    let key = key(password);
    let verifier = *b"verifier docsift";
    let mut hash = sha1(&[&verifier]);
    hash.resize(32, 0);
    let mut header = Vec::new();
    header.u32(0x24).u32(0).u32(0x660E).u32(0x8004); // Flags, SizeExtra, AlgID, AlgIDHash
    header.u32(128).u32(0x18).u32(0).u32(0); // KeySize, ProviderType, Reserved1, Reserved2
    header.utf16("Microsoft Enhanced RSA and AES Cryptographic Provider\0");
    let mut info = Vec::new();
    info.u16(3).u16(2).u32(0x24).u32(header.len() as u32).raw(&header); // version, Flags, HeaderSize
    info.u32(16).raw(&SALT).raw(&ecb(key, &verifier)); // SaltSize, Salt, EncryptedVerifier
    info.u32(20).raw(&ecb(key, &hash)); // VerifierHashSize, EncryptedVerifierHash
    let mut package = (document.len() as u64).to_le_bytes().to_vec();
    package.extend(ecb(key, document));
    [Entry::stream("EncryptionInfo", info), Entry::stream("EncryptedPackage", package)]
}
