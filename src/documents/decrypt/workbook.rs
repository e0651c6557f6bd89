//! Workbook streams behind FILEPASS ([MS-XLS] 2.2.10, 2.4.117).

use super::{DecryptError, info};
use crate::base::{Cx, LimitHit, Reader};
use crate::crypto::rc4::KeyStream;
use crate::crypto::xor::Method;
use crate::crypto::{Key, Lock};

const EOF: u16 = 0x000A;
const FILEPASS: u16 = 0x002F;
const BOUNDSHEET: u16 = 0x0085;
/// The version of a BIFF8 BOF.
const BIFF8: u16 = 0x0600;

/// Records whose bodies are never encrypted: BOF of all versions, FILEPASS, INTERFACEHDR, RRDHEAD,
/// USREXCL, FILELOCK, RRDINFO.
const CLEAR: [u16; 10] = [0x0009, 0x0209, 0x0409, 0x0809, FILEPASS, 0x00E1, 0x0138, 0x0194, 0x0195, 0x0196];

/// Bytes that are encrypted with one key.
const BLOCK: usize = 1024;

/// The FILEPASS record of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePass {
    /// Offset of the record.
    pub at: usize,
    /// What it states.
    pub lock: Result<Lock, DecryptError>,
}

/// Record headers from the start of the stream: offset, identifier, and where body and record end.
fn records(stream: &[u8], from: usize) -> impl Iterator<Item = (usize, u16, usize)> {
    let mut at = from;
    std::iter::from_fn(move || {
        let mut reader = Reader::new(stream.get(at..)?);
        let (id, len) = (reader.u16().ok()?, reader.u16().ok()?);
        let record = at;
        at = at.saturating_add(4).saturating_add(len.into());
        Some((record, id, at.min(stream.len())))
    })
}

/// Finds FILEPASS in the first substream of a workbook stream.
///
/// # Errors
/// [`LimitHit`] when the steps do not last: one for eight records in front of it.
pub fn file_pass(stream: &[u8], cx: &mut Cx<'_>) -> Result<Option<FilePass>, LimitHit> {
    let mut version = None;
    for (count, (at, id, end)) in records(stream, 0).enumerate() {
        if count % 8 == 0 {
            cx.budget.step(1)?;
        }
        let body = stream.get(at.saturating_add(4)..end).unwrap_or_default();
        match id {
            EOF => return Ok(None),
            0x0009 | 0x0209 | 0x0409 | 0x0809 if version.is_none() => {
                version = Some(Reader::new(body).u16().unwrap_or(0));
            }
            FILEPASS => {
                let is_biff8 = version == Some(BIFF8);
                return Ok(Some(FilePass {
                    at,
                    lock: lock(&mut Reader::at_offset(body, at as u64), is_biff8),
                }));
            }
            _ => {}
        }
    }
    Ok(None)
}

fn lock(body: &mut Reader<'_>, is_biff8: bool) -> Result<Lock, DecryptError> {
    // Before BIFF8 the body is key and verifier alone.
    let kind = if is_biff8 { body.u16()? } else { 0 };
    match kind {
        0 => Ok(Lock::Xor { key: body.u16()?, verifier: body.u16()?, method: Method::One }),
        1 => match (body.u16()?, body.u16()?) {
            (1, _) => info::rc4(body),
            (2..=4, 2) => info::crypto_api(body),
            // Some writers give another minor version with the same layout.
            (2..=4, _) => info::crypto_api(body),
            (major, minor) => Err(DecryptError::Version { major, minor }),
        },
        kind => Err(DecryptError::FilePass { kind }),
    }
}

/// The stream in the clear: every offset stays, and FILEPASS gets the identifier 0, so that a reader
/// passes over it.
///
/// # Errors
/// [`LimitHit`] when the budget does not last.
pub fn decrypt(stream: &[u8], pass: &FilePass, key: &Key, cx: &mut Cx<'_>) -> Result<Vec<u8>, LimitHit> {
    cx.budget.own(stream.len() as u64)?;
    cx.budget.touch(stream.len().saturating_mul(2))?;
    let mut plain = stream.to_vec();
    if let Some(id) = plain.get_mut(pass.at..pass.at.saturating_add(2)) {
        id.fill(0);
    }
    let behind = records(stream, pass.at).skip(1);
    let mut keys = match key {
        Key::Rc4(secret) => Some(KeyStream::new(secret, BLOCK)),
        _ => None,
    };
    let mut at_key = 0;
    for (at, id, end) in behind {
        if CLEAR.contains(&id) {
            continue;
        }
        // `lbPlyPos` stays clear, so that sheets can be found.
        let clear = if id == BOUNDSHEET { 4 } else { 0 };
        let start = at.saturating_add(4).saturating_add(clear).min(end);
        let Some(body) = plain.get_mut(start..end) else { break };
        match (&mut keys, key) {
            (Some(keys), _) => {
                keys.skip(start.saturating_sub(at_key));
                keys.apply(body);
                at_key = end;
            }
            // The index counts from where the record would end (2.3.7.2).
            (None, Key::Xor(array)) => {
                let record_len = end.saturating_sub(at.saturating_add(4));
                array.apply(body, start.saturating_add(record_len));
            }
            (None, _) => {}
        }
    }
    Ok(plain)
}
