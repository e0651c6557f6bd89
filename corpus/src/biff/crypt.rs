//! FILEPASS and what stands behind it: [MS-XLS] 2.2.10, [MS-OFFCRYPTO] 2.3.5 to 2.3.7.
//!
//! XOR obfuscation and both RC4 forms with Excel's default password are real. The forms with an unknown
//! password have a true header and, behind it, bytes that only look encrypted: no password opens them.

use md5::Digest as _;

use super::consts;
use crate::bytes::{Put, Shuffle};

/// How a stream is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cipher {
    /// XOR obfuscation, method 1, with the password that Excel tries by itself.
    XorDefaultPassword,
    /// XOR obfuscation with an unknown password.
    Xor,
    /// RC4 with 40 bits.
    Rc4,
    /// RC4 through CryptoAPI, 128 bits.
    CryptoApi,
    /// RC4 with 40 bits and the password that Excel tries by itself.
    Rc4DefaultPassword,
    /// RC4 through CryptoAPI, 128 bits, with the password that Excel tries by itself.
    CryptoApiDefaultPassword,
}

/// The password that Excel tries by itself.
pub const DEFAULT_PASSWORD: &str = "VelvetSweatshop";

/// Bytes of the stream that have one RC4 key.
const BLOCK: usize = 1024;

const SALT: [u8; 16] = *b"salt of docsift.";

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// RC4: what `key` makes of `len` zero bytes.
fn key_stream(key: &[u8], len: usize) -> Vec<u8> {
    let mut state: Vec<u8> = (0..=255).collect();
    let mut j = 0usize;
    for i in 0..256 {
        j = (j + usize::from(state[i]) + usize::from(key[i % key.len()])) % 256;
        state.swap(i, j);
    }
    let (mut i, mut j) = (0usize, 0usize);
    let mut out = Vec::new();
    for _ in 0..len {
        i = (i + 1) % 256;
        j = (j + usize::from(state[i])) % 256;
        state.swap(i, j);
        out.push(state[(usize::from(state[i]) + usize::from(state[j])) % 256]);
    }
    out
}

impl Cipher {
    /// The key of a block of the RC4 forms with the default password.
    fn block_key(self, block: u32) -> Vec<u8> {
        if self == Cipher::CryptoApiDefaultPassword {
            let h0 = sha1::Sha1::digest([&SALT[..], &utf16(DEFAULT_PASSWORD)].concat());
            let key = sha1::Sha1::digest([&h0[..], &block.to_le_bytes()].concat());
            return key[..16].to_vec();
        }
        let h0 = md5::Md5::digest(utf16(DEFAULT_PASSWORD));
        let h1 = md5::Md5::digest([&h0[..5], &SALT].concat().repeat(16));
        md5::Md5::digest([&h1[..5], &block.to_le_bytes()].concat()).to_vec()
    }

    /// `EncryptedVerifier` and `EncryptedVerifierHash` of those forms.
    fn verifier(self) -> Vec<u8> {
        let verifier = *b"verifier docsift";
        let hash = match self {
            Cipher::CryptoApiDefaultPassword => sha1::Sha1::digest(verifier).to_vec(),
            _ => md5::Md5::digest(verifier).to_vec(),
        };
        let plain = [&verifier[..], &hash].concat();
        let keys = key_stream(&self.block_key(0), plain.len());
        plain.iter().zip(keys).map(|(byte, key)| byte ^ key).collect()
    }
}

/// The obfuscation array of `VelvetSweatshop` ([MS-OFFCRYPTO] 2.3.7.2).
const VELVET_SWEATSHOP: [u8; 16] =
    [0x87, 0x6B, 0x9A, 0xE2, 0x1E, 0xE3, 0x05, 0x62, 0x1E, 0x69, 0x96, 0x60, 0x98, 0x6E, 0x94, 0x04];

/// Records that stay plain: BOF, FILEPASS, INTERFACEHDR, RRDHEAD, USREXCL, FILELOCK, RRDINFO.
const PLAIN: [u16; 7] =
    [consts::BOF, consts::FILE_PASS, consts::INTERFACE_HDR, 0x0138, 0x0194, 0x0195, 0x0196];

impl Cipher {
    /// The body of FILEPASS.
    pub fn file_pass(self) -> Vec<u8> {
        let mut random = Shuffle::new(0x2F);
        let mut out = Vec::new();
        match self {
            // wEncryptionType, key, verificationBytes
            Cipher::XorDefaultPassword => out.u16(0).u16(0xB359).u16(0x9A0A),
            Cipher::Xor => out.u16(0).u16(0x1234).u16(0x5678),
            Cipher::Rc4 => {
                out.u16(1).u16(1).u16(1); // wEncryptionType, vMajor, vMinor
                out.raw(&random.bytes(48)) // Salt, EncryptedVerifier, EncryptedVerifierHash
            }
            Cipher::Rc4DefaultPassword => out.u16(1).u16(1).u16(1).raw(&SALT).raw(&self.verifier()),
            Cipher::CryptoApi | Cipher::CryptoApiDefaultPassword => {
                let mut header = Vec::new();
                header.u32(0x04).u32(0).u32(0x6801).u32(0x8004); // Flags, SizeExtra, AlgID, AlgIDHash
                header.u32(128).u32(1).u32(0).u32(0); // KeySize, ProviderType, Reserved1, Reserved2
                header.utf16("Microsoft Enhanced Cryptographic Provider v1.0\0");
                out.u16(1).u16(2).u16(2).u32(0x04); // wEncryptionType, vMajor, vMinor, Flags
                out.u32(header.len() as u32).raw(&header);
                let (salt, verifier) = match self {
                    Cipher::CryptoApi => (random.bytes(16), random.bytes(36)),
                    _ => (SALT.to_vec(), self.verifier()),
                };
                out.u32(16).raw(&salt).raw(&verifier[..16]); // SaltSize, Salt, EncryptedVerifier
                out.u32(20).raw(&verifier[16..]) // VerifierHashSize, EncryptedVerifierHash
            }
        };
        out
    }

    /// Replaces the bodies behind FILEPASS; the headers and the plain records stay.
    pub fn encrypt(self, mut stream: Vec<u8>) -> Vec<u8> {
        let mut random = Shuffle::new(self as u64 + 1);
        let keys: Vec<u8> = match self {
            Cipher::Rc4DefaultPassword | Cipher::CryptoApiDefaultPassword => {
                (0..stream.len().div_ceil(BLOCK))
                    .flat_map(|block| key_stream(&self.block_key(block as u32), BLOCK))
                    .collect()
            }
            _ => Vec::new(),
        };
        let mut at = 0;
        while at + 4 <= stream.len() {
            let id = u16::from_le_bytes([stream[at], stream[at + 1]]);
            let len = usize::from(u16::from_le_bytes([stream[at + 2], stream[at + 3]]));
            at += 4;
            let end = stream.len().min(at + len);
            if !PLAIN.contains(&id) {
                // lbPlyPos of BOUNDSHEET stays plain, so that a reader can find the sheets.
                let plain = if id == consts::BOUND_SHEET { 4 } else { 0 };
                for (index, byte) in stream[at..end].iter_mut().enumerate().skip(plain) {
                    *byte = match self {
                        Cipher::XorDefaultPassword => {
                            byte.rotate_left(5) ^ VELVET_SWEATSHOP[(at + index + len) % 16]
                        }
                        Cipher::Rc4DefaultPassword | Cipher::CryptoApiDefaultPassword => {
                            *byte ^ keys[at + index]
                        }
                        _ => *byte ^ random.next_u64() as u8,
                    };
                }
            }
            at = end;
        }
        stream
    }
}
