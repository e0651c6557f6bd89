//! Encrypted presentations: each persist object of `PowerPoint Document` has a key of its own ([MS-PPT]
//! 2.3.7; [MS-OFFCRYPTO] 2.3.5).
//!
//! User edits, persist directories and the session container stay clear. An edit that leads back or
//! outside ends the list, and objects that lie outside the stream stay as they are.

use std::collections::{BTreeMap, BTreeSet};

use super::{DecryptError, info};
use crate::base::{Cx, LimitHit, Reader, Short};
use crate::crypto::rc4::KeyStream;
use crate::crypto::{Key, Lock};

const USER_EDIT: u16 = 0x0FF5;
const PERSIST_DIRECTORY: u16 = 0x1772;
const CRYPT_SESSION: u16 = 0x2F14;

/// `CurrentUserAtom.headerToken` of an encrypted presentation.
const ENCRYPTED: u32 = 0xF3D1_C4DF;

/// Most user edits that are followed.
const MOST_EDITS: usize = 4096;

/// What an encrypted presentation states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentationLock {
    /// Offset of the session container.
    pub at: u64,
    /// What it states.
    pub lock: Result<Lock, DecryptError>,
    /// Persist objects: offset and identifier.
    objects: BTreeMap<u32, u32>,
}

/// A record: its type, its body, and where it ends.
fn record(stream: &[u8], at: u32) -> Result<(u16, Reader<'_>), Short> {
    let start = usize::try_from(at).unwrap_or(usize::MAX);
    let mut reader = Reader::at_offset(stream.get(start..).unwrap_or_default(), at.into());
    reader.u16()?;
    let (kind, len) = (reader.u16()?, reader.u32()?);
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    Ok((kind, Reader::at_offset(reader.take_up_to(len), u64::from(at).saturating_add(8))))
}

/// Reads what the streams `PowerPoint Document` and `Current User` state; `None` when the presentation
/// is not encrypted.
///
/// # Errors
/// [`LimitHit`] when the steps do not last: one for each persist object.
pub fn lock(
    document: &[u8],
    current_user: &[u8],
    cx: &mut Cx<'_>,
) -> Result<Option<PresentationLock>, LimitHit> {
    let Ok((_, mut user)) = record(current_user, 0) else { return Ok(None) };
    let fields = (|| -> Result<_, Short> { Ok((user.u32()?, user.u32()?, user.u32()?)) })();
    let Ok((_, token, edit_at)) = fields else { return Ok(None) };
    let mut objects = BTreeMap::new();
    let mut session = None;
    let mut seen = BTreeSet::new();
    let mut next = edit_at;
    while seen.len() < MOST_EDITS && seen.insert(next) {
        cx.budget.step(1)?;
        let Ok(edit) = user_edit(document, next) else { break };
        session = session.or(edit.session);
        persist_objects(document, edit.directory_at, &mut objects, cx)?;
        if edit.last_at == 0 {
            break;
        }
        next = edit.last_at;
    }
    if token != ENCRYPTED && session.is_none() {
        return Ok(None);
    }
    // Of several edits the newest names an object's place, which is met first.
    let mut by_place = BTreeMap::new();
    for (id, at) in &objects {
        by_place.entry(*at).or_insert(*id);
    }
    let at = session.and_then(|id| objects.get(&id).copied());
    let lock = match at.map(|at| record(document, at)) {
        Some(Ok((CRYPT_SESSION, mut body))) => session_lock(&mut body),
        Some(Err(short)) => Err(short.into()),
        _ => Err(DecryptError::Missing { what: "session container" }),
    };
    if let Some(at) = at {
        by_place.remove(&at);
    }
    Ok(Some(PresentationLock { at: at.unwrap_or(edit_at).into(), lock, objects: by_place }))
}

fn session_lock(body: &mut Reader<'_>) -> Result<Lock, DecryptError> {
    match (body.u16()?, body.u16()?) {
        (2..=4, 2) => info::crypto_api(body),
        (major, minor) => Err(DecryptError::Version { major, minor }),
    }
}

struct UserEdit {
    last_at: u32,
    directory_at: u32,
    session: Option<u32>,
}

/// Reads `UserEditAtom` ([MS-PPT] 2.3.3).
fn user_edit(document: &[u8], at: u32) -> Result<UserEdit, Short> {
    let (kind, mut body) = record(document, at)?;
    if kind != USER_EDIT {
        return Err(Short { at: at.into(), need: 8, have: 0 });
    }
    body.skip(8)?; // lastSlideIdRef, version
    let (last_at, directory_at) = (body.u32()?, body.u32()?);
    body.skip(12)?; // docPersistIdRef, persistIdSeed, lastView, unused
    Ok(UserEdit { last_at, directory_at, session: body.u32().ok() })
}

/// Adds the objects of a `PersistDirectoryAtom` ([MS-PPT] 2.3.4) that no newer one names.
fn persist_objects(
    document: &[u8],
    at: u32,
    into: &mut BTreeMap<u32, u32>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let Ok((PERSIST_DIRECTORY, mut body)) = record(document, at) else { return Ok(()) };
    while let Ok(head) = body.u32() {
        let (first, count) = (head & 0x000F_FFFF, head >> 20);
        for index in 0..count {
            let Ok(at) = body.u32() else { return Ok(()) };
            cx.budget.step(1)?;
            into.entry(first.saturating_add(index)).or_insert(at);
        }
    }
    Ok(())
}

/// The stream `PowerPoint Document` in the clear; every offset stays.
///
/// # Errors
/// [`LimitHit`] when the budget does not last.
pub fn decrypt(
    document: &[u8],
    lock: &PresentationLock,
    key: &Key,
    cx: &mut Cx<'_>,
) -> Result<Vec<u8>, LimitHit> {
    let Key::Rc4(secret) = key else { return Ok(Vec::new()) };
    cx.budget.own(document.len() as u64)?;
    cx.budget.touch(document.len().saturating_mul(2))?;
    let mut plain = document.to_vec();
    let mut done_to = 0;
    for (at, id) in &lock.objects {
        cx.budget.step(1)?;
        let at = usize::try_from(*at).unwrap_or(usize::MAX);
        // Objects do not overlap; one that does would be decrypted twice.
        if at < done_to {
            continue;
        }
        let Some(object) = plain.get_mut(at..) else { continue };
        let mut keys = KeyStream::new(secret, usize::MAX).of_block(*id);
        let Some((head, body)) = object.split_at_mut_checked(8) else { continue };
        keys.apply(head);
        let stated = head.last_chunk::<4>().map_or(0, |len| u32::from_le_bytes(*len));
        let len = usize::try_from(stated).unwrap_or(usize::MAX).min(body.len());
        keys.apply(body.get_mut(..len).unwrap_or_default());
        done_to = at.saturating_add(8).saturating_add(len);
    }
    Ok(plain)
}

/// OfficeArtFBSE ([MS-ODRAW] 2.2.32), and the lengths of its fields, each of which is encrypted anew.
const STORE_ENTRY: u16 = 0xF007;
const STORE_ENTRY_FIELDS: [usize; 11] = [1, 1, 16, 2, 4, 4, 4, 1, 1, 1, 1];

/// Instances of OfficeArtBlip records with two identifiers ([MS-ODRAW] 2.2.24 to 2.2.31).
const TWO_IDENTIFIERS: [u16; 8] = [0x217, 0x3D5, 0x46B, 0x543, 0x6E1, 0x6E3, 0x6E5, 0x7A9];

/// The stream `Pictures` in the clear; every offset stays. Header, identifiers, tag or metafile header, and
/// data of each record are encrypted one by one, each with the key of block 0 from its start.
///
/// What is no picture record ends the walk, and stays as it is.
///
/// # Errors
/// [`LimitHit`] when the budget does not last.
pub fn decrypt_pictures(stream: &[u8], key: &Key, cx: &mut Cx<'_>) -> Result<Vec<u8>, LimitHit> {
    let Key::Rc4(secret) = key else { return Ok(Vec::new()) };
    cx.budget.own(stream.len() as u64)?;
    cx.budget.touch(stream.len().saturating_mul(2))?;
    let mut plain = stream.to_vec();
    let mut at = 0usize;
    while at < plain.len() {
        cx.budget.step(8)?;
        let start = at as u64;
        let mut piece = |at: &mut usize, len: usize| {
            let rest = plain.get_mut(*at..).unwrap_or_default();
            let len = len.min(rest.len());
            let piece = rest.get_mut(..len).unwrap_or_default();
            secret.apply_block(0, piece);
            *at = at.saturating_add(len);
            piece.to_vec()
        };
        let header = piece(&mut at, 8);
        let mut reader = Reader::new(&header);
        let (Ok(first), Ok(kind), Ok(len)) = (reader.u16(), reader.u16(), reader.u32()) else {
            cx.abandoned(start..stream.len() as u64, "the last picture of the presentation is cut");
            break;
        };
        let end = at.saturating_add(usize::try_from(len).unwrap_or(usize::MAX));
        match kind {
            STORE_ENTRY => {
                let mut name_len = 0;
                for (index, len) in STORE_ENTRY_FIELDS.into_iter().enumerate() {
                    let field = piece(&mut at, len);
                    if index == 8 {
                        name_len = field.first().copied().map_or(0, usize::from);
                    }
                }
                piece(&mut at, name_len);
                // The picture itself follows as a record of its own.
            }
            0xF018..=0xF117 => {
                let identifiers = if TWO_IDENTIFIERS.contains(&(first >> 4)) { 2 } else { 1 };
                for _ in 0..identifiers {
                    piece(&mut at, 16);
                }
                let is_metafile = matches!(kind, 0xF01A..=0xF01C);
                piece(&mut at, if is_metafile { 34 } else { 1 });
                let left = end.saturating_sub(at);
                // No copy of the data is kept.
                let rest = plain.get_mut(at..).unwrap_or_default();
                if left > rest.len() {
                    cx.abandoned(start..stream.len() as u64, "the last picture of the presentation is cut");
                }
                let left = left.min(rest.len());
                secret.apply_block(0, rest.get_mut(..left).unwrap_or_default());
                at = at.saturating_add(left);
            }
            _ => {
                cx.abandoned(start..stream.len() as u64, "pictures of the presentation that do not decrypt");
                break;
            }
        }
    }
    Ok(plain)
}
