//! The records of an archive, field by field (APPNOTE 6.3.10, sections 4.3 and 4.5).

use crate::base::{Reader, Short};

pub(super) const LOCAL: &[u8; 4] = b"PK\x03\x04";
pub(super) const CENTRAL: &[u8; 4] = b"PK\x01\x02";
pub(super) const END: &[u8; 4] = b"PK\x05\x06";
pub(super) const END_64: &[u8; 4] = b"PK\x06\x06";
pub(super) const LOCATOR_64: &[u8; 4] = b"PK\x06\x07";
pub(super) const DESCRIPTOR: &[u8; 4] = b"PK\x07\x08";

/// Bytes of an end record without its comment.
pub(super) const END_LEN: usize = 22;
/// Bytes of a Zip64 locator.
pub(super) const LOCATOR_64_LEN: usize = 20;
/// Bytes of a local header without name and extra field.
pub(super) const LOCAL_LEN: usize = 30;

/// The end of central directory record (4.3.16), and the one of Zip64 (4.3.14) over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EndRecord {
    pub(super) disk: u32,
    pub(super) entry_count: u64,
    pub(super) directory_len: u64,
    pub(super) directory_at: u64,
    pub(super) comment_len: u16,
    /// Whether a value is left to the record of Zip64.
    pub(super) needs_64: bool,
}

pub(super) fn end_record(reader: &mut Reader<'_>) -> Result<EndRecord, Short> {
    reader.skip(4)?;
    let disk = reader.u16()?;
    let _directory_disk = reader.u16()?;
    let _entries_here = reader.u16()?;
    let entry_count = reader.u16()?;
    let directory_len = reader.u32()?;
    let directory_at = reader.u32()?;
    let comment_len = reader.u16()?;
    Ok(EndRecord {
        disk: disk.into(),
        entry_count: entry_count.into(),
        directory_len: directory_len.into(),
        directory_at: directory_at.into(),
        comment_len,
        needs_64: disk == u16::MAX
            || entry_count == u16::MAX
            || directory_len == u32::MAX
            || directory_at == u32::MAX,
    })
}

/// The Zip64 record, with the comment of the old one.
pub(super) fn end_record_64(reader: &mut Reader<'_>, comment_len: u16) -> Result<EndRecord, Short> {
    reader.skip(4 + 8 + 2 + 2)?;
    let disk = reader.u32()?;
    let _directory_disk = reader.u32()?;
    let _entries_here = reader.u64()?;
    let entry_count = reader.u64()?;
    let directory_len = reader.u64()?;
    let directory_at = reader.u64()?;
    Ok(EndRecord { disk, entry_count, directory_len, directory_at, comment_len, needs_64: false })
}

/// The Zip64 locator (4.3.15): where the record of Zip64 is.
pub(super) fn locator_64(reader: &mut Reader<'_>) -> Result<u64, Short> {
    reader.skip(4 + 4)?;
    reader.u64()
}

/// A central (4.3.12) or local (4.3.7) header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Header<'a> {
    /// Version that is needed to read the entry; the low byte counts.
    pub(super) needs: u16,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) time: u16,
    pub(super) crc32: u32,
    pub(super) packed_len: u64,
    pub(super) len: u64,
    /// Only in central headers.
    pub(super) header_at: u64,
    pub(super) name: &'a [u8],
    pub(super) extra: &'a [u8],
}

impl<'a> Header<'a> {
    pub(super) fn central(reader: &mut Reader<'a>) -> Result<Self, Short> {
        reader.skip(4 + 2)?;
        let mut header = Header::common(reader)?;
        let name_len = reader.u16()?;
        let extra_len = reader.u16()?;
        let comment_len = reader.u16()?;
        let _disk = reader.u16()?;
        reader.skip(2 + 4)?;
        header.header_at = reader.u32()?.into();
        header.name = reader.take(name_len.into())?;
        header.extra = reader.take(extra_len.into())?;
        reader.skip(comment_len.into())?;
        header.widen(true);
        Ok(header)
    }

    /// An extra field that passes the end of the file is cut, so that the entry is still read.
    pub(super) fn local(reader: &mut Reader<'a>) -> Result<Self, Short> {
        reader.skip(4)?;
        let mut header = Header::common(reader)?;
        let name_len = reader.u16()?;
        let extra_len = reader.u16()?;
        header.name = reader.take(name_len.into())?;
        header.extra = reader.take_up_to(extra_len.into());
        header.widen(false);
        Ok(header)
    }

    fn common(reader: &mut Reader<'a>) -> Result<Self, Short> {
        let needs = reader.u16()?;
        let flags = reader.u16()?;
        let method = reader.u16()?;
        let time = reader.u16()?;
        let _date = reader.u16()?;
        let crc32 = reader.u32()?;
        let packed_len = reader.u32()?.into();
        let len = reader.u32()?.into();
        Ok(Header { needs, flags, method, time, crc32, packed_len, len, ..Header::default() })
    }

    /// Takes the values of 64 bits from the extra field (4.5.3): those that are all ones, in order.
    fn widen(&mut self, central: bool) {
        let all_ones = u64::from(u32::MAX);
        let Some(field) = self.extra_field(0x0001) else { return };
        let mut reader = Reader::new(field);
        let mut take = |value: &mut u64| {
            if *value == all_ones
                && let Ok(wide) = reader.u64()
            {
                *value = wide;
            }
        };
        take(&mut self.len);
        take(&mut self.packed_len);
        if central {
            take(&mut self.header_at);
        }
    }

    /// The body of an extra field (4.5.1).
    pub(super) fn extra_field(&self, id: u16) -> Option<&'a [u8]> {
        let mut reader = Reader::new(self.extra);
        loop {
            let found = reader.u16().ok()?;
            let len = reader.u16().ok()?;
            let body = reader.take(len.into()).ok()?;
            if found == id {
                return Some(body);
            }
        }
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.flags & ENCRYPTED != 0
    }

    pub(super) fn has_descriptor(&self) -> bool {
        self.flags & HAS_DESCRIPTOR != 0
    }
}

/// General purpose flag: the entry is encrypted (4.4.4, bit 0).
pub(super) const ENCRYPTED: u16 = 0x0001;
/// General purpose flag: sizes and checksum stand behind the data (bit 3).
pub(super) const HAS_DESCRIPTOR: u16 = 0x0008;
/// General purpose flag: the name is UTF-8 (bit 11).
pub(super) const UTF_8: u16 = 0x0800;
