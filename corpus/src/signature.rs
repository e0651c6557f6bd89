//! A signature over a VBA project as a binary workbook keeps it: a PKCS #7 message (RFC 2315) around
//! the content hash, in a `DigSigBlob` ([MS-OSHARED] 2.3.2.2).
//!
//! The certificate is a sound structure with a key that nobody has, and the signature value is filler:
//! nothing that checks it would accept it.

use crate::bytes::Put;

/// Common name of the signer.
pub const SIGNER: &str = "docsift corpus";

/// A DER element with a definite length.
fn der(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let content = parts.concat();
    let mut out = vec![tag];
    match content.len() {
        len @ 0..0x80 => out.u8(len as u8),
        len @ 0x80..0x100 => out.u8(0x81).u8(len as u8),
        len => out.u8(0x82).raw(&(len as u16).to_be_bytes()),
    };
    out.raw(&content);
    out
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    der(0x30, parts)
}

fn set(parts: &[Vec<u8>]) -> Vec<u8> {
    der(0x31, parts)
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    der(0x02, &[bytes.to_vec()])
}

fn octets(bytes: &[u8]) -> Vec<u8> {
    der(0x04, &[bytes.to_vec()])
}

/// An object identifier from its arcs.
fn oid(arcs: &[u32]) -> Vec<u8> {
    let mut content = vec![(arcs[0] * 40 + arcs[1]) as u8];
    for arc in &arcs[2..] {
        let groups = (0..5).rev().map(|group| arc >> (7 * group) & 0x7F).skip_while(|group| *group == 0);
        let mut groups: Vec<u8> = groups.map(|group| group as u8 | 0x80).collect();
        match groups.last_mut() {
            Some(last) => *last &= 0x7F,
            None => groups.push(0),
        }
        content.raw(&groups);
    }
    der(0x06, &[content])
}

/// AlgorithmIdentifier with NULL parameters.
fn algorithm(arcs: &[u32]) -> Vec<u8> {
    sequence(&[oid(arcs), der(0x05, &[])])
}

const MD5: &[u32] = &[1, 2, 840, 113549, 2, 5];
const RSA: &[u32] = &[1, 2, 840, 113549, 1, 1, 1];
const SHA256_WITH_RSA: &[u32] = &[1, 2, 840, 113549, 1, 1, 11];
const SIGNED_DATA: &[u32] = &[1, 2, 840, 113549, 1, 7, 2];
const SPC_INDIRECT_DATA: &[u32] = &[1, 3, 6, 1, 4, 1, 311, 2, 1, 4];
const SPC_SIG_INFO: &[u32] = &[1, 3, 6, 1, 4, 1, 311, 2, 1, 29];
const SERIAL: [u8; 8] = [0x10, 0x0D, 0x0C, 0x51, 0xF7, 0x00, 0x00, 0x01];

fn name() -> Vec<u8> {
    let common_name = oid(&[2, 5, 4, 3]);
    sequence(&[set(&[sequence(&[common_name, der(0x0C, &[SIGNER.as_bytes().to_vec()])])])])
}

/// A self-issued certificate (RFC 5280, 4.1).
pub fn certificate() -> Vec<u8> {
    let time = |text: &str| der(0x17, &[text.as_bytes().to_vec()]);
    // A modulus without known factors: no private key exists.
    let mut modulus = vec![0x00, 0xD0];
    modulus.extend((0..127u8).map(|at| at.wrapping_mul(37) ^ 0x5A));
    *modulus.last_mut().expect("bytes") |= 1;
    let key = sequence(&[integer(&modulus), integer(&[1, 0, 1])]);
    let bits = |content: &[u8]| der(0x03, &[vec![0], content.to_vec()]);
    let tbs = sequence(&[
        der(0xA0, &[integer(&[2])]),                               // version 3
        integer(&SERIAL),                                          // serialNumber
        algorithm(SHA256_WITH_RSA),                                // signature
        name(),                                                    // issuer
        sequence(&[time("220101000000Z"), time("320101000000Z")]), // validity
        name(),                                                    // subject
        sequence(&[algorithm(RSA), bits(&key)]),                   // subjectPublicKeyInfo
    ]);
    sequence(&[tbs, algorithm(SHA256_WITH_RSA), bits(&[0xA5; 128])])
}

/// The message over a content hash: `SpcIndirectDataContent` ([MS-OSHARED] 2.3.2.4.3.1) and one
/// signer.
pub fn message(content_hash: [u8; 16]) -> Vec<u8> {
    // What Excel writes as the format descriptor.
    let format = octets(&[
        0x55, 0x8E, 0x91, 0xE0, 0x6A, 0x5B, 0x47, 0x93, 0x4B, 0x11, 0xD3, 0x2E, 0x08, 0xDD, 0xD7, 0x0C,
    ]);
    let content = sequence(&[
        sequence(&[oid(SPC_SIG_INFO), format]),
        sequence(&[algorithm(MD5), octets(&content_hash)]),
    ]);
    let signer = sequence(&[
        integer(&[1]),
        sequence(&[name(), integer(&SERIAL)]), // issuerAndSerialNumber
        algorithm(MD5),                        // digestAlgorithm
        algorithm(RSA),                        // digestEncryptionAlgorithm
        octets(&[0xA5; 128]),                  // encryptedDigest
    ]);
    let signed_data = sequence(&[
        integer(&[1]),
        set(&[algorithm(MD5)]),
        sequence(&[oid(SPC_INDIRECT_DATA), der(0xA0, &[content])]),
        der(0xA0, &[certificate()]),
        set(&[signer]),
    ]);
    sequence(&[oid(SIGNED_DATA), der(0xA0, &[signed_data])])
}

/// The value of the property behind its `cb`: `serializedPointer` and `DigSigInfoSerialized`
/// ([MS-OSHARED] 2.3.2.1). Offsets count from `cb`.
pub fn blob(message: &[u8]) -> Vec<u8> {
    let behind = 44 + message.len() as u32;
    let mut out = Vec::new();
    out.u32(8); // serializedPointer
    out.u32(message.len() as u32).u32(44); // cbSignature, signatureOffset
    out.u32(0).u32(behind); // cbSigningCertStore, certStoreOffset
    out.u32(0).u32(behind); // cbProjectName, projectNameOffset
    out.u32(0); // fTimestamp
    out.u32(0).u32(behind + 2); // cbTimestampUrl, timestampUrlOffset
    out.raw(message);
    out.u16(0).u16(0); // rgchProjectNameBuffer, rgchTimestampBuffer: their ends
    out
}
