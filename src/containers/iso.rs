//! Disk images: the files of an ISO 9660 volume, with the long names of Joliet ([ECMA-119], Joliet 1.0).
//!
//! Extents and sizes are compared with the bytes there are. A folder is read once, however many records
//! lead to it.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::base::{Cx, LimitHit, Reader, Short};

const SECTOR: u64 = 2048;

/// Descriptors that are looked at.
const DESCRIPTORS: u64 = 64;

/// Most folders and files that are read.
const MOST: usize = 20_000;

/// A file of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IsoFile {
    /// Its way from the root, with `/` between names.
    pub path: String,
    /// Where its bytes lie in the image.
    pub at: Range<u64>,
    /// Whether it is marked as hidden.
    pub is_hidden: bool,
}

struct Folder {
    path: String,
    at: u64,
    len: u64,
}

/// Whether the image has a volume of ISO 9660.
pub fn has_volume(image: &[u8]) -> bool {
    volume(image).is_some()
}

/// Reads the list of files into `into`; the files stay where they are.
///
/// # Errors
/// [`LimitHit`] when the budget does not last; `into` keeps what was read.
pub fn read(image: &[u8], into: &mut Vec<IsoFile>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let Some((root, is_joliet)) = volume(image) else {
        cx.unsupported(0, "the image has no ISO 9660 volume");
        return Ok(());
    };
    let mut seen = BTreeSet::new();
    let mut waiting = vec![root];
    while let Some(folder) = waiting.pop() {
        cx.budget.step(1)?;
        if !seen.insert(folder.at) {
            cx.recovered(folder.at, "a folder of the image is named twice");
            continue;
        }
        let start = usize::try_from(folder.at).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::try_from(folder.len).unwrap_or(usize::MAX));
        let Some(records) = image.get(start..end.min(image.len())) else {
            cx.abandoned(folder.at..folder.at, "a folder lies outside the image");
            continue;
        };
        cx.budget.touch(records.len())?;
        let mut reader = Reader::at_offset(records, folder.at);
        while !reader.is_empty() {
            let at = reader.at();
            if reader.rest().first() == Some(&0) {
                // Records do not cross sectors; the rest of one is filled with zeros.
                let left = SECTOR.saturating_sub(at % SECTOR);
                let left = usize::try_from(left).unwrap_or(usize::MAX).min(reader.remaining());
                let _ = reader.skip(left);
                continue;
            }
            cx.budget.step(1)?;
            let record = match record(&mut reader, is_joliet) {
                Ok(Some(record)) => record,
                Ok(None) => continue,
                Err(short) => {
                    cx.abandoned(at..at, &short);
                    break;
                }
            };
            if into.len().saturating_add(waiting.len()) >= MOST {
                cx.abandoned(at..at, &format_args!("more than {MOST} files and folders"));
                return Ok(());
            }
            let path = match folder.path.as_str() {
                "" => record.name,
                around => format!("{around}/{}", record.name),
            };
            cx.budget.hold(path.len().saturating_add(size_of::<IsoFile>()))?;
            if record.is_folder {
                waiting.push(Folder { path, at: record.at, len: record.len });
                continue;
            }
            let end = record.at.saturating_add(record.len);
            if end > image.len() as u64 {
                cx.abandoned(at..at, &format_args!("{path:?} ends outside the image"));
            }
            let at = record.at.min(image.len() as u64)..end.min(image.len() as u64);
            into.push(IsoFile { path, at, is_hidden: record.is_hidden });
        }
    }
    Ok(())
}

/// The root folder of the volume: that of Joliet where there is one.
fn volume(image: &[u8]) -> Option<(Folder, bool)> {
    let mut plain = None;
    for index in 16..16u64.saturating_add(DESCRIPTORS) {
        let start = usize::try_from(index.saturating_mul(SECTOR)).ok()?;
        let Some(descriptor) = image.get(start..).and_then(|rest| rest.get(..2048)) else { break };
        if descriptor.get(1..6) != Some(b"CD001") {
            break;
        }
        let is_joliet = descriptor.get(88..90) == Some(b"%/");
        let root = descriptor.get(156..190).and_then(|root| {
            let mut reader = Reader::new(root);
            place(&mut reader).ok().map(|(at, len, _)| Folder { path: String::new(), at, len })
        });
        match (descriptor.first(), root) {
            (Some(2), Some(root)) if is_joliet => return Some((root, true)),
            (Some(1), Some(root)) if plain.is_none() => plain = Some(root),
            (Some(255), _) => break,
            _ => {}
        }
    }
    plain.map(|root| (root, false))
}

struct Record {
    name: String,
    at: u64,
    len: u64,
    is_folder: bool,
    is_hidden: bool,
}

/// The extent of a directory record ([ECMA-119] 9.1): first byte, length, flags.
fn place(reader: &mut Reader<'_>) -> Result<(u64, u64, u8), Short> {
    reader.skip(2)?; // length, extended attributes
    let sector = reader.u32()?;
    reader.skip(4)?; // the same in big-endian
    let len = reader.u32()?;
    reader.skip(4)?;
    reader.skip(7)?; // time
    let flags = reader.u8()?;
    Ok((u64::from(sector).saturating_mul(SECTOR), len.into(), flags))
}

/// Reads a record; `None` for the folder itself and the one above it.
fn record(reader: &mut Reader<'_>, is_joliet: bool) -> Result<Option<Record>, Short> {
    let len = reader.rest().first().copied().unwrap_or(0);
    let mut body = reader.sub(usize::from(len))?;
    let (at, len, flags) = place(&mut body)?;
    body.skip(6)?; // unit, gap, volume
    let name_len = usize::from(body.u8()?);
    let name = body.take(name_len)?;
    if matches!(name, [0] | [1]) {
        return Ok(None);
    }
    let name = if is_joliet {
        let units =
            name.chunks_exact(2).filter_map(|pair| pair.first_chunk().map(|pair| u16::from_be_bytes(*pair)));
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    } else {
        String::from_utf8_lossy(name).into_owned()
    };
    let name = name.split(';').next().unwrap_or_default().trim_end_matches('.').to_owned();
    Ok(Some(Record { name, at, len, is_folder: flags & 2 != 0, is_hidden: flags & 1 != 0 }))
}
