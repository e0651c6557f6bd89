//! FILEPASS and what stands behind it: [MS-XLS] 2.2.10, [MS-OFFCRYPTO] 2.3.5 to 2.3.7.
//!
//! Only XOR obfuscation with Excel's default password is real. The RC4 forms have a true header and,
//! behind it, bytes that only look encrypted: no password opens them.

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
            Cipher::CryptoApi => {
                let mut header = Vec::new();
                header.u32(0x04).u32(0).u32(0x6801).u32(0x8004); // Flags, SizeExtra, AlgID, AlgIDHash
                header.u32(128).u32(1).u32(0).u32(0); // KeySize, ProviderType, Reserved1, Reserved2
                header.utf16("Microsoft Enhanced Cryptographic Provider v1.0\0");
                out.u16(1).u16(2).u16(2).u32(0x04); // wEncryptionType, vMajor, vMinor, Flags
                out.u32(header.len() as u32).raw(&header);
                out.u32(16).raw(&random.bytes(32)); // SaltSize, Salt, EncryptedVerifier
                out.u32(20).raw(&random.bytes(20)) // VerifierHashSize, EncryptedVerifierHash
            }
        };
        out
    }

    /// Replaces the bodies behind FILEPASS; the headers and the plain records stay.
    pub fn encrypt(self, mut stream: Vec<u8>) -> Vec<u8> {
        let mut random = Shuffle::new(self as u64 + 1);
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
                        _ => *byte ^ random.next_u64() as u8,
                    };
                }
            }
            at = end;
        }
        stream
    }
}
