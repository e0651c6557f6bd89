//! Archives that are recognised and not opened: the names that their headers have in the clear, and whether
//! they are encrypted.
//!
//! RAR from 1.5 to 5, cabinets ([MS-CAB] 2), LHA, and of 7z only whether it is encrypted: its list is mostly
//! compressed. A header that does not fit ends the list and keeps what was read; the archive stays unread
//! anyway.

use crate::base::text::CodePage;
use crate::base::{Cx, LimitHit, Reader, Short};
use crate::containers::sniff::FileKind;

/// What an archive shows without being opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// Files that it names.
    pub files: Vec<ListedFile>,
    /// Whether the list of its files is encrypted as well.
    pub is_sealed: bool,
    /// Whether a file in it is encrypted.
    pub is_encrypted: bool,
}

/// A file that an archive names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// Its name, with folders.
    pub name: String,
    /// Bytes of its content, as stated.
    pub len: u64,
}

/// Most files that are listed.
const MOST: usize = 1000;

/// Whether archives of this kind have names in the clear or say whether they are encrypted.
pub fn is_listed(kind: FileKind) -> bool {
    matches!(kind, FileKind::Rar | FileKind::SevenZip | FileKind::Cab | FileKind::Lzh)
}

/// Reads what the headers show into `into`.
///
/// # Errors
/// [`LimitHit`] when the budget does not last; `into` keeps what was read.
pub fn read(file: &[u8], kind: FileKind, into: &mut Listed, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut reader = Reader::new(file);
    let mut more = true;
    let mut begun = false;
    while more && into.files.len() < MOST {
        cx.budget.step(4)?;
        let read = match kind {
            FileKind::Rar if file.get(6) == Some(&1) => rar5(&mut reader, begun, into),
            FileKind::Rar => rar(&mut reader, begun, into),
            FileKind::Cab => cabinet(file, &mut reader, begun, into),
            FileKind::Lzh => lha(&mut reader, into),
            FileKind::SevenZip => seven_zip(file, into, cx)?,
            _ => return Ok(()),
        };
        begun = true;
        // A cut list is a list.
        more = read.unwrap_or(false);
        if let Some(last) = into.files.last() {
            cx.budget.hold(last.name.len().saturating_add(size_of::<ListedFile>()))?;
        }
    }
    Ok(())
}

fn size(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}

/// A name as UTF-8 or in the code page of DOS, up to its null.
fn name(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let bytes = bytes.get(..end).unwrap_or_default();
    match str::from_utf8(bytes) {
        Ok(name) => name.to_owned(),
        Err(_) => CodePage::resolve(437).0.decode(bytes).text.into_owned(),
    }
}

/// The next block of RAR 1.5 to 4: checksum, type, flags, size, and with flag 0x8000 the size of what follows.
fn rar(reader: &mut Reader<'_>, begun: bool, into: &mut Listed) -> Result<bool, Short> {
    if !begun {
        reader.skip(7)?;
    }
    reader.u16()?;
    let (kind, flags, len) = (reader.u8()?, reader.u16()?, reader.u16()?);
    let mut body = reader.sub(usize::from(len).saturating_sub(7))?;
    let mut behind = 0;
    match kind {
        0x73 if flags & 0x80 != 0 => {
            (into.is_sealed, into.is_encrypted) = (true, true);
            return Ok(false);
        }
        0x74 | 0x7A => {
            behind = body.u32()?.into();
            let mut content_len: u64 = body.u32()?.into();
            body.skip(1 + 4 + 4 + 1 + 1)?; // system, checksum, time, version, method
            let name_len = body.u16()?;
            body.u32()?; // attributes
            if flags & 0x100 != 0 {
                behind |= u64::from(body.u32()?) << 32;
                content_len |= u64::from(body.u32()?) << 32;
            }
            // 0x7A is a service block: comments and the like.
            if kind == 0x74 {
                into.is_encrypted |= flags & 0x04 != 0;
                // Folders have all three bits of the window's size.
                if flags & 0xE0 != 0xE0 {
                    let name = name(body.take_up_to(name_len.into()));
                    into.files.push(ListedFile { name, len: content_len });
                }
            }
        }
        0x7B => return Ok(false),
        _ if flags & 0x8000 != 0 => behind = body.u32()?.into(),
        _ => {}
    }
    reader.skip(size(behind))?;
    Ok(true)
}

/// A number of RAR 5: seven bits a byte, the lowest first.
fn variable(reader: &mut Reader<'_>) -> Result<u64, Short> {
    let mut value = 0u64;
    for shift in (0..70).step_by(7) {
        let byte = reader.u8()?;
        value |= u64::from(byte & 0x7F).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Ok(value)
}

/// The next block of RAR 5.
fn rar5(reader: &mut Reader<'_>, begun: bool, into: &mut Listed) -> Result<bool, Short> {
    if !begun {
        reader.skip(8)?;
    }
    reader.u32()?;
    let len = variable(reader)?;
    let mut header = reader.sub(size(len))?;
    let (kind, flags) = (variable(&mut header)?, variable(&mut header)?);
    let extra = if flags & 1 != 0 { variable(&mut header)? } else { 0 };
    let behind = if flags & 2 != 0 { variable(&mut header)? } else { 0 };
    match kind {
        4 => {
            (into.is_sealed, into.is_encrypted) = (true, true);
            return Ok(false);
        }
        5 => return Ok(false),
        2 => {
            let of_file = variable(&mut header)?;
            let content_len = variable(&mut header)?;
            variable(&mut header)?; // attributes
            header.skip(if of_file & 2 != 0 { 4 } else { 0 })?; // time
            header.skip(if of_file & 4 != 0 { 4 } else { 0 })?; // checksum
            variable(&mut header)?; // compression
            variable(&mut header)?; // system
            let name_len = variable(&mut header)?;
            let called = name(header.take(size(name_len))?);
            if of_file & 1 == 0 {
                into.files.push(ListedFile { name: called, len: content_len });
            }
            // Fields behind the name: one of type 1 says how the file is encrypted.
            let rest = header.remaining();
            header.skip(rest.saturating_sub(size(extra)))?;
            while !header.is_empty() {
                let len = variable(&mut header)?;
                let mut field = header.sub(size(len))?;
                into.is_encrypted |= variable(&mut field)? == 1;
            }
        }
        _ => {}
    }
    reader.skip(size(behind))?;
    Ok(true)
}

/// The next `CFFILE` of a cabinet ([MS-CAB] 2.3).
fn cabinet(file: &[u8], reader: &mut Reader<'_>, begun: bool, into: &mut Listed) -> Result<bool, Short> {
    let mut header = Reader::new(file);
    header.skip(16)?;
    let at = header.u32()?;
    header.skip(8)?; // reserved, versions, folders
    let count = usize::from(header.u16()?);
    if !begun {
        reader.skip(size(at.into()))?;
    }
    if into.files.len() >= count {
        return Ok(false);
    }
    let len = reader.u32()?;
    reader.skip(4 + 2 + 2 + 2 + 2)?; // offset, folder, date, time, attributes
    let end = reader.rest().iter().take(1024).position(|byte| *byte == 0).unwrap_or(1024);
    into.files.push(ListedFile { name: name(reader.take(end)?), len: len.into() });
    reader.skip(1)?;
    Ok(true)
}

/// The next header of an LHA archive, of level 0, 1 or 2.
fn lha(reader: &mut Reader<'_>, into: &mut Listed) -> Result<bool, Short> {
    let whole = reader.rest();
    let mut header = reader.clone();
    let len = header.u8()?;
    if len == 0 {
        return Ok(false);
    }
    header.skip(1 + 5)?; // checksum, method
    let (packed_len, content_len) = (header.u32()?, header.u32()?);
    header.skip(4 + 1)?; // time, attributes
    let level = header.u8()?;
    let (header_len, called) = if level < 2 {
        let name_len = header.u8()?;
        (usize::from(len).saturating_add(2), name(header.take(name_len.into())?))
    } else {
        let mut total = Reader::new(whole);
        let total = usize::from(total.u16()?);
        header.skip(2 + 1)?; // checksum, system
        let mut called = String::new();
        let mut next = header.u16()?;
        while next > 2 {
            let mut field = header.sub(usize::from(next).saturating_sub(2))?;
            if field.u8()? == 1 {
                called = name(field.rest());
            }
            next = header.u16()?;
        }
        (total, called)
    };
    if !called.is_empty() {
        into.files.push(ListedFile { name: called, len: content_len.into() });
    }
    reader.skip(header_len.saturating_add(size(packed_len.into())))?;
    Ok(true)
}

/// Whether a 7z archive is encrypted: the list at its end, or what says how that is packed, names AES.
fn seven_zip(file: &[u8], into: &mut Listed, cx: &mut Cx<'_>) -> Result<Result<bool, Short>, LimitHit> {
    /// The identifier of AES-256 with SHA-256.
    const AES: [u8; 4] = [0x06, 0xF1, 0x07, 0x01];
    /// `kEncodedHeader`
    const ENCODED: u8 = 0x17;
    let mut header = Reader::new(file);
    let place = (|| -> Result<_, Short> {
        header.skip(12)?;
        Ok((header.u64()?, header.u64()?))
    })();
    let Ok((at, len)) = place else { return Ok(Ok(false)) };
    let start = size(at.saturating_add(32));
    let list = file.get(start..).unwrap_or_default();
    let list = list.get(..size(len).min(64 << 10)).unwrap_or(list);
    cx.budget.touch(list.len())?;
    into.is_encrypted = list.windows(4).any(|window| window == AES);
    into.is_sealed = into.is_encrypted && list.first() == Some(&ENCODED);
    Ok(Ok(false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};
    use crate::containers::sniff::sniff;
    use docsift_corpus::listed;

    fn done(file: &[u8]) -> (FileKind, Listed) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::Archive, budget: &mut budget, problems: &mut problems };
        let mut into = Listed::default();
        let kind = sniff(file);
        read(file, kind, &mut into, &mut cx).unwrap();
        (kind, into)
    }

    fn files(files: &[(&str, u64)]) -> Vec<ListedFile> {
        files.iter().map(|(name, len)| ListedFile { name: (*name).to_owned(), len: *len }).collect()
    }

    #[test]
    fn names_stand_in_the_headers_of_archives_that_are_not_opened() {
        let names = ["one.xls", "folder/two.exe"];
        let listed = files(&[("one.xls", 100), ("folder/two.exe", 101)]);
        let plain = Listed { files: listed.clone(), ..Listed::default() };
        let locked = Listed { files: listed, is_encrypted: true, is_sealed: false };
        let sealed = Listed { is_encrypted: true, is_sealed: true, ..Listed::default() };
        assert_eq!(done(&listed::rar4(&names, false)), (FileKind::Rar, plain.clone()));
        assert_eq!(done(&listed::rar4(&names, true)), (FileKind::Rar, locked.clone()));
        assert_eq!(done(&listed::rar5(&names, false)), (FileKind::Rar, plain.clone()));
        assert_eq!(done(&listed::rar5(&names, true)), (FileKind::Rar, locked));
        assert_eq!(done(&listed::rar5_sealed()), (FileKind::Rar, sealed.clone()));
        assert_eq!(done(&listed::cabinet(&names)), (FileKind::Cab, plain.clone()));
        assert_eq!(done(&listed::lha(&names, 0)), (FileKind::Lzh, plain.clone()));
        assert_eq!(done(&listed::lha(&names, 2)), (FileKind::Lzh, plain));
        assert_eq!(done(&listed::seven_zip(false)), (FileKind::SevenZip, Listed::default()));
        assert_eq!(done(&listed::seven_zip(true)), (FileKind::SevenZip, sealed));
    }

    #[test]
    fn a_cut_list_keeps_what_was_read() {
        for whole in
            [listed::rar4(&["a", "b"], false), listed::rar5(&["a", "b"], false), listed::cabinet(&["a", "b"])]
        {
            let kind = sniff(&whole);
            let mut most = 0;
            for len in 0..whole.len() {
                let mut budget = Budget::new(&Limits::default());
                let mut problems = Problems::default();
                let mut cx = Cx {
                    part: PartId(0),
                    stage: Stage::Archive,
                    budget: &mut budget,
                    problems: &mut problems,
                };
                let mut into = Listed::default();
                read(&whole[..len], kind, &mut into, &mut cx).unwrap();
                assert!(into.files.len() >= most, "{kind:?} {len}");
                most = into.files.len();
            }
        }
    }
}
