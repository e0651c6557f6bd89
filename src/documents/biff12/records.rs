//! Records of a BIFF12 part, and the strings in them ([MS-XLSB] 2.1.4, 2.5.168).

use crate::base::text::utf16le_into;
use crate::base::{Cx, LimitHit, Reader, Short};

/// Record numbers, with the names of the specification (2.3.2).
pub(super) mod brt {
    #![allow(missing_docs)]
    pub(in super::super) const ROW_HDR: u16 = 0;
    pub(in super::super) const CELL_BLANK: u16 = 1;
    pub(in super::super) const CELL_RK: u16 = 2;
    pub(in super::super) const CELL_BOOL: u16 = 4;
    pub(in super::super) const CELL_REAL: u16 = 5;
    pub(in super::super) const CELL_ST: u16 = 6;
    pub(in super::super) const CELL_ISST: u16 = 7;
    pub(in super::super) const FMLA_STRING: u16 = 8;
    pub(in super::super) const FMLA_NUM: u16 = 9;
    pub(in super::super) const FMLA_BOOL: u16 = 10;
    pub(in super::super) const FMLA_ERROR: u16 = 11;
    pub(in super::super) const SST_ITEM: u16 = 19;
    pub(in super::super) const NAME: u16 = 39;
    pub(in super::super) const FONT: u16 = 43;
    pub(in super::super) const FMT: u16 = 44;
    pub(in super::super) const FILL: u16 = 45;
    pub(in super::super) const XF: u16 = 47;
    pub(in super::super) const COL_INFO: u16 = 60;
    pub(in super::super) const CELL_R_STRING: u16 = 62;
    pub(in super::super) const DVAL: u16 = 64;
    pub(in super::super) const BUNDLE_SH: u16 = 156;
    pub(in super::super) const BEGIN_EXT_CONNECTION: u16 = 201;
    pub(in super::super) const BEGIN_EC_DB_PROPS: u16 = 203;
    pub(in super::super) const BEGIN_EC_WEB_PROPS: u16 = 261;
    pub(in super::super) const SUP_BOOK_SRC: u16 = 355;
    pub(in super::super) const SUP_SELF: u16 = 357;
    pub(in super::super) const SUP_SAME: u16 = 358;
    pub(in super::super) const SUP_TABS: u16 = 359;
    pub(in super::super) const BEGIN_SUP_BOOK: u16 = 360;
    pub(in super::super) const EXTERN_SHEET: u16 = 362;
    pub(in super::super) const ARR_FMLA: u16 = 426;
    pub(in super::super) const SHR_FMLA: u16 = 427;
    pub(in super::super) const BEGIN_HEADER_FOOTER: u16 = 479;
    pub(in super::super) const WS_FMT_INFO: u16 = 485;
    pub(in super::super) const HLINK: u16 = 494;
    pub(in super::super) const BOOK_PROTECTION: u16 = 534;
    pub(in super::super) const SHEET_PROTECTION: u16 = 535;
    pub(in super::super) const FILE_SHARING: u16 = 548;
    pub(in super::super) const SUP_NAME_START: u16 = 577;
    pub(in super::super) const SUP_NAME_BITS: u16 = 586;
    pub(in super::super) const BEGIN_CELL_XFS: u16 = 617;
    pub(in super::super) const END_CELL_XFS: u16 = 618;
    pub(in super::super) const BEGIN_COMMENT: u16 = 635;
    pub(in super::super) const COMMENT_TEXT: u16 = 637;
    pub(in super::super) const OLE_OBJECT: u16 = 639;
    pub(in super::super) const SUP_ADDIN: u16 = 667;
}

/// A record: its number, where it begins, its body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'s> {
    pub(super) id: u16,
    pub(super) at: u64,
    pub(super) body: &'s [u8],
    /// Offset of the body.
    pub(super) body_at: u64,
}

impl<'s> Record<'s> {
    pub(super) fn reader(&self) -> Reader<'s> {
        Reader::at_offset(self.body, self.body_at)
    }
}

/// Walks the records of a part.
pub(super) struct Records<'s> {
    reader: Reader<'s>,
}

impl<'s> Records<'s> {
    pub(super) fn new(part: &'s [u8]) -> Self {
        Records { reader: Reader::new(part) }
    }

    /// The next record. One whose body passes the end of the part has what is there, which is told.
    pub(super) fn next(&mut self, cx: &mut Cx<'_>) -> Result<Option<Record<'s>>, LimitHit> {
        if self.reader.is_empty() {
            return Ok(None);
        }
        cx.budget.step(1)?;
        let at = self.reader.at();
        let Some((id, len)) = head(&mut self.reader) else {
            cx.abandoned(
                at..at.saturating_add(self.reader.remaining() as u64),
                "a record without a whole head",
            );
            return Ok(None);
        };
        let body_at = self.reader.at();
        let body = self.reader.take_up_to(len);
        if body.len() < len {
            cx.abandoned(
                at..self.reader.at(),
                &format_args!("record {id} has {} of {len} bytes", body.len()),
            );
        }
        cx.budget.touch(body.len())?;
        Ok(Some(Record { id, at, body, body_at }))
    }
}

/// Number in one or two bytes, length in one to four, seven bits each.
fn head(reader: &mut Reader<'_>) -> Option<(u16, usize)> {
    let first = u16::from(reader.u8().ok()?);
    let id =
        if first & 0x80 == 0 { first } else { (first & 0x7F) | u16::from(reader.u8().ok()? & 0x7F) << 7 };
    let mut len = 0_usize;
    for shift in [0, 7, 14, 21] {
        let byte = reader.u8().ok()?;
        len |= usize::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some((id, len));
        }
    }
    Some((id, len))
}

/// Reads `XLWideString`: a count of characters and UTF-16. A count that passes the record is cut.
pub(super) fn wide(reader: &mut Reader<'_>, into: &mut String) -> Result<(), Short> {
    let count = reader.u32()?;
    characters(reader, count, into)
}

/// Reads `XLNullableWideString`; a count of all ones is none. Says whether there was one.
pub(super) fn nullable(reader: &mut Reader<'_>, into: &mut String) -> Result<bool, Short> {
    let count = reader.u32()?;
    if count == u32::MAX {
        return Ok(false);
    }
    characters(reader, count, into)?;
    Ok(true)
}

fn characters(reader: &mut Reader<'_>, count: u32, into: &mut String) -> Result<(), Short> {
    let at = reader.at();
    let len = usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(2);
    let bytes = reader.take_up_to(len);
    utf16le_into(bytes, into);
    if bytes.len() < len { Err(Short { at, need: len as u64, have: bytes.len() as u64 }) } else { Ok(()) }
}

/// Tokens and the data behind them (`CellParsedFormula` and its kin): two lengths, two runs of bytes.
pub(super) fn formula<'s>(reader: &mut Reader<'s>) -> Result<(&'s [u8], &'s [u8]), Short> {
    let rgce_len = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
    let rgce = reader.take(rgce_len)?;
    // Some writers leave the second length out when there is nothing behind.
    let Ok(rgcb_len) = reader.u32() else { return Ok((rgce, &[])) };
    let rgcb = reader.take_up_to(usize::try_from(rgcb_len).unwrap_or(usize::MAX));
    Ok((rgce, rgcb))
}
