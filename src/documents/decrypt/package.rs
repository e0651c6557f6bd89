//! `EncryptedPackage`: a length and the encrypted ZIP of an Office document ([MS-OFFCRYPTO] 2.3.4.4).

use crate::base::{Cx, LimitHit, Reader};
use crate::crypto::agile::SEGMENT;
use crate::crypto::ciphers::Aes;
use crate::crypto::{Key, Lock};

/// Decrypts the stream with a key that `lock` gave. `None` when they do not belong together.
///
/// An HMAC that does not match, and a length that does not, leave a problem.
///
/// # Errors
/// [`LimitHit`] when the budget does not last.
pub fn decrypt(stream: &[u8], lock: &Lock, key: &Key, cx: &mut Cx<'_>) -> Result<Option<Vec<u8>>, LimitHit> {
    let mut reader = Reader::new(stream);
    let Ok(stated) = reader.u64() else {
        cx.abandoned(0..stream.len() as u64, "the encrypted package has no length");
        return Ok(None);
    };
    cx.budget.own(reader.remaining() as u64)?;
    // Once to decrypt, once to hash.
    cx.budget.touch(stream.len().saturating_mul(2))?;
    let Key::Aes(key) = key else { return Ok(None) };
    let Some(aes) = Aes::new(key) else { return Ok(None) };
    let mut bytes = reader.rest().to_vec();
    match lock {
        Lock::Standard(_) => aes.decrypt_ecb(&mut bytes),
        Lock::Agile(agile) => {
            for (index, segment) in (0u32..).zip(bytes.chunks_mut(SEGMENT)) {
                agile.decrypt_segment(&aes, index, segment);
            }
            if agile.is_intact(key, stream) == Some(false) {
                cx.recovered(0, "the HMAC of the encrypted package does not match: it was changed");
            }
        }
        _ => return Ok(None),
    }
    match usize::try_from(stated) {
        Ok(len) if len <= bytes.len() => bytes.truncate(len),
        _ => {
            let there = bytes.len();
            let range = stream.len() as u64..stream.len() as u64;
            cx.abandoned(range, &format_args!("the encrypted package states {stated} bytes and has {there}"));
        }
    }
    Ok(Some(bytes))
}
