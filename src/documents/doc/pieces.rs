//! The piece table: where in the stream the characters lie, in the order of the document.
//!
//! Layout: [MS-DOC] 2.9.38 Clx, 2.8.35 PlcPcd, 2.9.177 Pcd, 2.9.73 FcCompressed. Word 6 and 95 have the
//! same structure with plain offsets and 8-bit text only.

use super::DocError;
use super::fib::Fib;
use crate::base::{Cx, Reader};

/// Characters that lie together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// Place of its first character in the document.
    pub(super) cp: u32,
    /// How many characters it has.
    pub(super) len: u32,
    /// Offset of the first in the stream `WordDocument`.
    pub(super) at: u64,
    /// Whether they are UTF-16.
    pub(super) is_wide: bool,
}

impl Piece {
    /// Bytes a character.
    pub(super) fn width(&self) -> u64 {
        if self.is_wide { 2 } else { 1 }
    }
}

/// Bytes that one entry of the table takes: a character place and a descriptor.
const ENTRY: usize = 12;

/// Reads the pieces of a Clx.
pub(super) fn read(
    clx: &[u8],
    clx_at: u64,
    fib: &Fib,
    into: &mut Vec<Piece>,
    cx: &mut Cx<'_>,
) -> Result<(), DocError> {
    let mut reader = Reader::at_offset(clx, clx_at);
    // Each turn takes at least three bytes.
    let table_len = loop {
        cx.budget.step(1)?;
        match reader.u8()? {
            1 => {
                let len = usize::from(reader.u16()?);
                reader.skip(len)?;
            }
            2 => break usize::try_from(reader.u32()?).unwrap_or(usize::MAX),
            kind => return Err(DocError::NoPieces { at: reader.at().saturating_sub(1), kind }),
        }
    };
    let have = reader.remaining();
    if table_len > have {
        cx.recovered(reader.at(), &format_args!("piece table of {table_len} bytes, {have} there"));
    }
    let table = reader.take_up_to(table_len);
    let count = table.len().saturating_sub(4) / ENTRY;
    cx.budget.step(count as u64)?;
    cx.budget.hold(count.saturating_mul(size_of::<Piece>()))?;
    let mut places = Reader::new(table);
    let split = count.saturating_add(1).saturating_mul(4);
    let mut descriptors = Reader::new(table.get(split..).unwrap_or_default());
    let mut cp = places.u32()?;
    for _ in 0..count {
        let end = places.u32()?;
        descriptors.skip(2)?;
        let fc = descriptors.u32()?;
        descriptors.skip(2)?; // prm
        let (at, is_wide) = if fib.is_old {
            (u64::from(fc), false)
        } else if fc & 0x4000_0000 != 0 {
            (u64::from(fc & 0x3FFF_FFFF) / 2, false)
        } else {
            (u64::from(fc & 0x3FFF_FFFF), true)
        };
        match end.checked_sub(cp) {
            Some(0) => {}
            Some(len) => into.push(Piece { cp, len, at, is_wide }),
            None => cx.recovered(clx_at, &format_args!("a piece ends at {end}, before it begins at {cp}")),
        }
        cp = end;
    }
    Ok(())
}

/// The one piece of a document that has no table: its text lies in a row.
pub(super) fn plain(fib: &Fib) -> Piece {
    let len = fib.ccp.iter().fold(0u32, |sum, count| sum.saturating_add(*count));
    let bytes = fib.fc_mac.saturating_sub(fib.fc_min);
    let is_wide = !fib.is_old && fib.is_wide();
    let there = if is_wide { bytes / 2 } else { bytes };
    Piece { cp: 0, len: len.max(there), at: u64::from(fib.fc_min), is_wide }
}
