//! Encrypted Word documents: the streams `WordDocument`, the table and `Data` ([MS-DOC] 2.2.6).

use super::{DecryptError, info};
use crate::base::{Cx, LimitHit, Reader};
use crate::crypto::rc4::KeyStream;
use crate::crypto::xor::Method;
use crate::crypto::{Key, Lock};

/// `FibBase.fEncrypted` and `FibBase.fObfuscated` in the flags at offset 10.
const ENCRYPTED: u16 = 0x0100;
const OBFUSCATED: u16 = 0x8000;

/// Bytes of `WordDocument` that stay clear.
const CLEAR: usize = 68;

/// Bytes that are encrypted with one key.
const BLOCK: usize = 512;

/// What a Word document states about its encryption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordLock {
    /// What it states.
    pub lock: Result<Lock, DecryptError>,
    /// Bytes at the start of the table stream that say how it is encrypted, and stay clear.
    pub header_len: usize,
}

/// Which stream is decrypted: they differ in what stays clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordStream {
    /// `WordDocument`
    Document,
    /// `0Table` or `1Table`, the one that the FIB names.
    Table,
    /// `Data`
    Data,
}

/// Reads what the FIB (the start of `WordDocument`) and the start of the table stream state; `None`
/// when the document is not encrypted.
pub fn lock(document: &[u8], table: &[u8]) -> Option<WordLock> {
    let word =
        |at: usize| document.get(at..).and_then(|rest| rest.first_chunk()).map(|b| u16::from_le_bytes(*b));
    let flags = word(10)?;
    if flags & ENCRYPTED == 0 {
        return None;
    }
    let (low, high) = (word(14).unwrap_or(0), word(16).unwrap_or(0));
    if flags & OBFUSCATED != 0 {
        // `lKey` is the verifier of method 2: that of method 1 below its key.
        let lock = Lock::Xor { key: high, verifier: low, method: Method::Two };
        return Some(WordLock { lock: Ok(lock), header_len: 0 });
    }
    let stated = usize::from(high).saturating_mul(0x1_0000).saturating_add(low.into());
    let header_len = stated.min(table.len());
    let lock = header(&mut Reader::new(table.get(..header_len).unwrap_or_default()));
    Some(WordLock { lock, header_len })
}

fn header(reader: &mut Reader<'_>) -> Result<Lock, DecryptError> {
    match (reader.u16()?, reader.u16()?) {
        (1, 1) => info::rc4(reader),
        (2..=4, 2) => info::crypto_api(reader),
        (major, minor) => Err(DecryptError::Version { major, minor }),
    }
}

/// A stream in the clear; every offset stays, and `fEncrypted` is cleared.
///
/// # Errors
/// [`LimitHit`] when the budget does not last.
pub fn decrypt(
    stream: &[u8],
    which: WordStream,
    lock: &WordLock,
    key: &Key,
    cx: &mut Cx<'_>,
) -> Result<Vec<u8>, LimitHit> {
    cx.budget.own(stream.len() as u64)?;
    cx.budget.touch(stream.len().saturating_mul(2))?;
    let mut plain = stream.to_vec();
    let clear = match which {
        WordStream::Document => CLEAR,
        WordStream::Table => lock.header_len,
        WordStream::Data => 0,
    };
    let clear = clear.min(plain.len());
    if let Some(body) = plain.get_mut(clear..) {
        match key {
            Key::Rc4(secret) => {
                let mut keys = KeyStream::new(secret, BLOCK);
                keys.skip(clear);
                keys.apply(body);
            }
            Key::Xor(array) => array.apply(body, clear),
            Key::Aes(_) => {}
        }
    }
    if let (WordStream::Document, Some(flags)) = (which, plain.get_mut(11)) {
        // fEncrypted, and fObfuscated above it.
        *flags &= 0x7E;
    }
    Ok(plain)
}
