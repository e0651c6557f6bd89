//! Strings that belong to a document: its template, its data source.
//!
//! Layout: [MS-DOC] 2.9.302 SttbfAssoc, 2.2.4 STTB. Word 6 and 95 have strings of 8-bit characters behind
//! the length of the whole.

use super::DocError;
use super::fib::Fib;
use crate::base::text::utf16le;
use crate::base::{Cx, Location, Reader};
use crate::documents::link::{Link, LinkKind};

/// Index of the template's path.
const TEMPLATE: usize = 1;
/// Index of the data source of a mail merge.
const DATA_SOURCE: usize = 8;
/// Index of the header source of a mail merge.
const HEADER_SOURCE: usize = 9;
/// Strings that are looked at.
const STRINGS: usize = 18;

/// Reads the strings, and makes links of those that name a file.
pub(super) fn read(
    strings: &[u8],
    strings_at: u64,
    fib: &Fib,
    into: &mut Vec<Link>,
    cx: &mut Cx<'_>,
) -> Result<(), DocError> {
    if strings.is_empty() {
        return Ok(());
    }
    let mut reader = Reader::at_offset(strings, strings_at);
    let first = reader.u16()?;
    let is_wide = first == 0xFFFF;
    let extra = if is_wide {
        reader.skip(2)?;
        usize::from(reader.u16()?)
    } else {
        0
    };
    for index in 0..STRINGS {
        if reader.is_empty() {
            break;
        }
        cx.budget.step(1)?;
        let at = reader.at();
        let text = if is_wide {
            let len = usize::from(reader.u16()?);
            utf16le(reader.take(len.saturating_mul(2))?)
        } else {
            let len = usize::from(reader.u8()?);
            fib.page.decode(reader.take(len)?).text.into_owned()
        };
        reader.skip(extra)?;
        let kind = match index {
            TEMPLATE => LinkKind::AttachedTemplate,
            DATA_SOURCE | HEADER_SOURCE => LinkKind::Other,
            _ => continue,
        };
        let target = text.trim_end_matches('\0');
        if !target.is_empty() {
            cx.budget.touch(target.len())?;
            let location = Location::bytes(cx.part, at..reader.at());
            into.push(Link { kind, target: target.to_owned(), automatic: true, location });
        }
    }
    Ok(())
}
