//! The stream `encryption` beside documents under CryptoAPI: several streams in one, each with a name
//! ([MS-OFFCRYPTO] 2.3.5.4).
//!
//! Property sets lie in it, and whatever else the program took along. An entry that leads out of the
//! stream is a problem, and the others are given.

use crate::base::{Cx, LimitHit, Reader};
use crate::crypto::rc4::Secret;

/// A stream that was taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its name.
    pub name: String,
    /// Where its ciphertext begins.
    pub at: u64,
    /// Its bytes in the clear.
    pub bytes: Vec<u8>,
}

/// Most entries that are read.
const MOST: u32 = 1024;

/// Takes all streams out.
///
/// # Errors
/// [`LimitHit`] when the budget does not last; `into` keeps what was taken.
pub fn open(stream: &[u8], secret: &Secret, into: &mut Vec<Sealed>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    cx.budget.touch(stream.len())?;
    let mut head = stream.get(..8).unwrap_or_default().to_vec();
    secret.apply_block(0, &mut head);
    let mut reader = Reader::new(&head);
    let (Ok(at), Ok(len)) = (reader.u32(), reader.u32()) else {
        cx.abandoned(0..stream.len() as u64, "the encryption stream has no header");
        return Ok(());
    };
    let (start, len) =
        (usize::try_from(at).unwrap_or(usize::MAX), usize::try_from(len).unwrap_or(usize::MAX));
    let end = start.saturating_add(len).min(stream.len());
    let Some(mut list) = stream.get(start..end).map(<[u8]>::to_vec) else {
        cx.abandoned(0..8, "the list of the encryption stream lies outside it");
        return Ok(());
    };
    // PowerPoint begins the key stream of block 0 anew for the list.
    secret.apply_block(0, &mut list);
    let mut reader = Reader::at_offset(&list, u64::from(at));
    let count = reader.u32().unwrap_or(0);
    for _ in 0..count.min(MOST) {
        cx.budget.step(1)?;
        let Some((name, at, len, block)) = entry(&mut reader) else {
            cx.abandoned(reader.at()..end as u64, "an entry of the encryption stream is cut");
            break;
        };
        let range = usize::try_from(at).unwrap_or(usize::MAX)
            ..usize::try_from(u64::from(at).saturating_add(len.into())).unwrap_or(usize::MAX);
        let Some(cipher) = stream.get(range) else {
            cx.abandoned(at.into()..at.into(), &format_args!("sealed stream {name:?} lies outside"));
            continue;
        };
        cx.budget.own(cipher.len() as u64)?;
        cx.budget.touch(cipher.len())?;
        let mut bytes = cipher.to_vec();
        secret.apply_block(block.into(), &mut bytes);
        into.push(Sealed { name, at: at.into(), bytes });
    }
    Ok(())
}

/// `EncryptedStreamDescriptor`: name, offset, length and block.
fn entry(reader: &mut Reader<'_>) -> Option<(String, u32, u32, u16)> {
    let (at, len, block) = (reader.u32().ok()?, reader.u32().ok()?, reader.u16().ok()?);
    let name_len = reader.u8().ok()?;
    reader.u8().ok()?; // fStream and reserved bits
    reader.u32().ok()?;
    let units = reader.take(usize::from(name_len).saturating_mul(2)).ok()?;
    reader.u16().ok()?; // the null behind the name
    let units: Vec<u16> = units
        .chunks_exact(2)
        .filter_map(|pair| pair.first_chunk().map(|pair| u16::from_le_bytes(*pair)))
        .collect();
    Some((String::from_utf16_lossy(&units), at, len, block))
}
