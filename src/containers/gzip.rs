//! gzip ([RFC 1952]): members, each a header and deflated data.

use super::inflate::{self, End, Wrapping};
use super::zip::crc32;
use crate::base::{Cx, LimitHit, Reader, Short};

/// What came of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gzip {
    /// The name that the first header states.
    pub name: Option<String>,
    /// The content of all members.
    pub content: Vec<u8>,
}

/// Most members that are read.
const MOST: u32 = 64;

/// Unpacks `file` into `into`, which keeps what was made when a limit ends the work.
///
/// # Errors
/// [`LimitHit`] when the budget does not last, or for a bomb.
pub fn read(file: &[u8], into: &mut Gzip, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut reader = Reader::new(file);
    for member in 0..MOST {
        let at = reader.at();
        let name = match header(&mut reader) {
            Ok(Some(name)) => name,
            Ok(None) => {
                let rest = reader.rest();
                cx.budget.touch(rest.len())?;
                if rest.iter().any(|byte| *byte != 0) {
                    cx.abandoned(at..file.len() as u64, "bytes behind the last member");
                }
                return Ok(());
            }
            Err(short) => {
                cx.abandoned(at..file.len() as u64, &short);
                return Ok(());
            }
        };
        if member == 0 {
            into.name = name;
        }
        let mut made = Vec::new();
        let inflated = inflate::inflate(reader.rest(), Wrapping::Raw, None, &mut made, cx);
        let ended = match inflated {
            Ok(ended) => ended,
            Err(hit) => {
                into.content.append(&mut made);
                return Err(hit);
            }
        };
        let checksum = crc32(&made);
        if member == 0 {
            into.content = made;
        } else {
            into.content.append(&mut made);
        }
        if ended.end != End::Whole {
            cx.abandoned(at..file.len() as u64, "the compressed data is cut or damaged");
            return Ok(());
        }
        let _ = reader.skip(ended.read.min(reader.remaining()));
        match reader.u32() {
            Ok(stated) if stated != checksum => cx.recovered(reader.at(), "the checksum is another one"),
            Ok(_) => {}
            Err(_) => cx.recovered(reader.at(), "the checksum is missing"),
        }
        let _ = reader.u32();
        if reader.is_empty() {
            return Ok(());
        }
    }
    cx.abandoned(reader.at()..file.len() as u64, "too many members");
    Ok(())
}

/// Reads a header; `None` when there is none.
fn header(reader: &mut Reader<'_>) -> Result<Option<Option<String>>, Short> {
    if !reader.rest().starts_with(&[0x1f, 0x8b, 8]) {
        return Ok(None);
    }
    reader.skip(3)?;
    let flags = reader.u8()?;
    reader.skip(6)?; // time, level, system
    if flags & 0x04 != 0 {
        let len = reader.u16()?;
        reader.skip(len.into())?;
    }
    let mut name = None;
    for flag in [0x08, 0x10] {
        if flags & flag != 0 {
            let len = reader.rest().iter().position(|byte| *byte == 0).unwrap_or(reader.remaining());
            let text = reader.take(len)?;
            reader.skip(1)?;
            if flag == 0x08 {
                name = Some(String::from_utf8_lossy(text).into_owned()).filter(|name| !name.is_empty());
            }
        }
    }
    if flags & 0x02 != 0 {
        reader.skip(2)?;
    }
    Ok(Some(name))
}
