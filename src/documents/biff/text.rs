//! Strings inside records: 8-bit text before BIFF8, Unicode in it ([MS-XLS] 2.5.240, 2.5.293,
//! 2.5.294, 2.5.296).

use crate::base::Short;
use crate::base::text::CodePage;
use crate::documents::workbook::BiffVersion;

use super::records::Body;

/// What decides how a record is laid out and how its text is decoded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    /// The version that the first BOF of the stream states.
    pub(super) version: BiffVersion,
    /// Code page of 8-bit text.
    pub(super) page: CodePage,
}

/// `fHighByte`
const WIDE: u8 = 0x01;
/// `fExtSt`
const EXT: u8 = 0x04;
/// `fRichSt`
const RICH: u8 = 0x08;

impl Dialect {
    /// Whether strings are Unicode.
    pub(super) fn is_unicode(self) -> bool {
        self.version >= BiffVersion::Biff8
    }

    /// Appends a string of `count` characters; BIFF8 has a byte of flags before them.
    pub(super) fn text(self, body: &mut Body<'_>, count: usize, into: &mut String) -> Result<(), Short> {
        if self.is_unicode() {
            unicode(body, count, into).map(drop)
        } else {
            body.page_chars(count, self.page, into)
        }
    }

    /// Appends a string whose count of characters is one byte.
    pub(super) fn short_text(self, body: &mut Body<'_>, into: &mut String) -> Result<(), Short> {
        let count = usize::from(body.u8()?);
        self.text(body, count, into)
    }

    /// Appends a string whose count of characters is two bytes.
    pub(super) fn long_text(self, body: &mut Body<'_>, into: &mut String) -> Result<(), Short> {
        let count = usize::from(body.u16()?);
        self.text(body, count, into)
    }
}

/// Appends a Unicode string behind its count: flags, counts of formatting runs and phonetic data,
/// characters, and those two. The result says whether the characters are 16 bits wide.
pub(super) fn unicode(body: &mut Body<'_>, count: usize, into: &mut String) -> Result<bool, Short> {
    // Some writers leave the flags of an empty string out.
    if count == 0 && body.piece().is_empty() {
        return Ok(false);
    }
    let grbit = body.u8()?;
    let runs = if grbit & RICH != 0 { usize::from(body.u16()?) } else { 0 };
    let ext = if grbit & EXT != 0 { usize::try_from(body.u32()?).unwrap_or(usize::MAX) } else { 0 };
    let wide = grbit & WIDE != 0;
    body.chars(count, wide, into)?;
    body.skip(runs.saturating_mul(4))?;
    body.skip(ext)?;
    Ok(wide)
}
