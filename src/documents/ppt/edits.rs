//! The edits of a presentation: where its objects lie, and whether it is encrypted.
//!
//! Layout: [MS-PPT] 2.3.2 CurrentUserAtom, 2.3.3 UserEditAtom, 2.3.4 PersistDirectoryAtom. A place that
//! is no edit ends the chain: every record of the stream is walked all the same.

use std::collections::BTreeMap;

use super::consts::{ENCRYPTED_TOKEN, RT_PERSIST_DIRECTORY_ATOM, RT_USER_EDIT_ATOM};
use crate::base::{Cx, LimitHit, Reader, Short};
use crate::documents::art::Head;

/// Directories of the file that are followed.
const EDITS: usize = 1000;
/// Offsets of objects that are remembered.
const ANCHORS: usize = 100_000;

/// What the edits of a file say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Edits {
    /// Whether the presentation is encrypted.
    pub(super) is_encrypted: bool,
    /// Offsets of objects, edits and directories, in order.
    pub(super) anchors: Vec<u64>,
    /// Offsets of objects by their number, as the last edit has them.
    objects: BTreeMap<u32, u64>,
}

impl Edits {
    /// Where an object begins.
    pub(super) fn place_of(&self, object: u32) -> Option<u64> {
        self.objects.get(&object).copied()
    }

    /// Follows the edits from the last one.
    pub(super) fn read(
        &mut self,
        stream: &[u8],
        current_user: &[u8],
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let mut reader = Reader::new(current_user);
        let mut current = || -> Result<(u32, u32), Short> {
            Head::read(&mut reader)?;
            reader.skip(4)?;
            Ok((reader.u32()?, reader.u32()?))
        };
        let Ok((token, mut edit_at)) = current() else { return Ok(()) };
        self.is_encrypted = token == ENCRYPTED_TOKEN;
        for _ in 0..EDITS {
            cx.budget.step(1)?;
            let Some((len, last_at, directory_at)) = edit(stream, edit_at) else {
                cx.recovered(0, &format_args!("no edit of the presentation at {edit_at}, as is stated"));
                break;
            };
            // The field behind the usual ones names the session that encrypts.
            self.is_encrypted |= len >= 0x20;
            self.anchor(edit_at.into(), cx)?;
            self.anchor(directory_at.into(), cx)?;
            let at = usize::try_from(directory_at).unwrap_or(usize::MAX);
            self.directory(stream.get(at..).unwrap_or_default(), cx)?;
            // An edit is always behind the one before it.
            if last_at == 0 || last_at >= edit_at {
                break;
            }
            edit_at = last_at;
        }
        self.anchors.sort_unstable();
        self.anchors.dedup();
        Ok(())
    }

    fn anchor(&mut self, at: u64, cx: &mut Cx<'_>) -> Result<bool, LimitHit> {
        let has_room = self.anchors.len() < ANCHORS;
        if has_room {
            cx.budget.hold(size_of::<u64>())?;
            self.anchors.push(at);
        }
        Ok(has_room)
    }

    /// The offsets of a persist directory; a cut one says what it says until there.
    fn directory(&mut self, bytes: &[u8], cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let mut reader = Reader::new(bytes);
        let Ok(header) = Head::read(&mut reader) else { return Ok(()) };
        if header.kind != RT_PERSIST_DIRECTORY_ATOM {
            return Ok(());
        }
        let mut body = Reader::new(reader.take_up_to(usize::try_from(header.len).unwrap_or(usize::MAX)));
        cx.budget.touch(body.remaining().saturating_mul(2))?;
        while let Ok(entry) = body.u32() {
            let first = entry & 0x000F_FFFF;
            for number in 0..entry >> 20 {
                let Ok(at) = body.u32() else { return Ok(()) };
                if self.anchor(at.into(), cx)? {
                    cx.budget.hold(size_of::<(u32, u64)>())?;
                    self.objects.entry(first.saturating_add(number)).or_insert(at.into());
                }
            }
        }
        Ok(())
    }
}

/// Length of an edit, and offsets of the one before it and of its directory.
fn edit(stream: &[u8], at: u32) -> Option<(u32, u32, u32)> {
    let at = usize::try_from(at).ok()?;
    let mut reader = Reader::new(stream.get(at..)?);
    let header = Head::read(&mut reader).ok().filter(|header| header.kind == RT_USER_EDIT_ATOM)?;
    reader.skip(8).ok()?; // lastSlideIdRef, version
    Some((header.len, reader.u32().ok()?, reader.u32().ok()?))
}
