//! The header, and what stands in for it where it is damaged ([MS-CFB] 2.2).

use super::consts::{ENTRY_LEN, HEADER_LEN, ROOT, SIGNATURE};
use super::oddity::{Oddities, OddityKind};
use crate::base::{Cx, LimitHit, Reader, Short};

/// Name of the root entry with its terminator, and the length behind it.
const ROOT_ENTRY: [u8; 22] = *b"R\0o\0o\0t\0 \0E\0n\0t\0r\0y\0\0\0";

/// How far into a file without a readable directory start the root entry is looked for.
const SEARCH_BYTES: usize = 2 << 20;

/// Sector shifts that are read. Windows accepts 9 and 12; others are met in damaged files.
const SHIFTS: std::ops::RangeInclusive<u16> = 7..=16;

/// The fields of a header that matter, as the file states them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Header<'a> {
    pub(super) signature: [u8; 8],
    pub(super) major_version: u16,
    pub(super) byte_order: u16,
    pub(super) sector_shift: u16,
    pub(super) mini_sector_shift: u16,
    pub(super) fat_sector_count: u32,
    pub(super) first_directory_sector: u32,
    pub(super) mini_cutoff: u32,
    pub(super) first_mini_fat_sector: u32,
    pub(super) first_difat_sector: u32,
    pub(super) difat_sector_count: u32,
    /// The first 109 locations of FAT sectors.
    pub(super) difat: &'a [u8],
}

impl<'a> Header<'a> {
    fn parse(file: &'a [u8]) -> Result<Self, Short> {
        let mut reader = Reader::new(file);
        let signature = reader.array()?;
        reader.skip(16 + 2)?;
        let major_version = reader.u16()?;
        let byte_order = reader.u16()?;
        let sector_shift = reader.u16()?;
        let mini_sector_shift = reader.u16()?;
        reader.skip(6 + 4)?;
        let fat_sector_count = reader.u32()?;
        let first_directory_sector = reader.u32()?;
        reader.skip(4)?;
        let mini_cutoff = reader.u32()?;
        let first_mini_fat_sector = reader.u32()?;
        reader.skip(4)?;
        let first_difat_sector = reader.u32()?;
        let difat_sector_count = reader.u32()?;
        Ok(Header {
            signature,
            major_version,
            byte_order,
            sector_shift,
            mini_sector_shift,
            fat_sector_count,
            first_directory_sector,
            mini_cutoff,
            first_mini_fat_sector,
            first_difat_sector,
            difat_sector_count,
            difat: reader.take_up_to(436),
        })
    }
}

/// Reads the header, and corrects what the rest of the file contradicts.
///
/// `None` when nothing in the file looks like a compound file. The sector shift is the stated one
/// if the root entry is there with it, else the one of 9 and 12 with which it is. When the header
/// points to no directory entry at all, the root entry is looked for at the sector boundaries of
/// the first 2 MiB, for one step a boundary.
pub(super) fn header<'a>(
    file: &'a [u8],
    oddities: &mut Oddities,
    cx: &mut Cx<'_>,
) -> Result<Option<Header<'a>>, LimitHit> {
    cx.budget.touch(HEADER_LEN)?;
    let have = file.len() as u64;
    let Ok(mut header) = Header::parse(file) else { return Ok(None) };
    let signed = header.signature == SIGNATURE;
    if !signed && !is_damaged(file) {
        return Ok(None);
    }
    if file.len() < HEADER_LEN {
        oddities.note(cx, 0, OddityKind::HeaderShort { have });
    }
    if !signed {
        oddities.note(cx, 0, OddityKind::Signature { found: u64::from_be_bytes(header.signature) });
    }
    if header.byte_order != 0xfffe {
        oddities.note(cx, 28, OddityKind::ByteOrder { found: header.byte_order });
    }
    let stated = header.sector_shift;
    let first = header.first_directory_sector;
    let fits = |shift: &u16| entry_at(file, first, *shift).is_some_and(is_root);
    let usable = |shift: &u16| SHIFTS.contains(shift);
    match [stated, 9, 12].into_iter().filter(usable).find(fits) {
        Some(used) => header.sector_shift = used,
        None => {
            if !usable(&stated) {
                header.sector_shift = if header.major_version == 4 { 12 } else { 9 };
            }
            if !entry_at(file, first, header.sector_shift).is_some_and(is_entry) {
                cx.budget.step((file.len().min(SEARCH_BYTES) / HEADER_LEN) as u64)?;
                if let Some(at) = search(file) {
                    (header.sector_shift, header.first_directory_sector) = place(at, header.sector_shift);
                }
            }
        }
    }
    let used = header.sector_shift;
    if used != stated {
        oddities.note(cx, 30, OddityKind::SectorShift { stated, used });
    }
    if !matches!((header.major_version, stated), (3, 9) | (4, 12)) {
        oddities.note(cx, 26, OddityKind::Version { version: header.major_version, shift: stated });
    }
    if header.first_directory_sector != first {
        let used = header.first_directory_sector;
        oddities.note(cx, 48, OddityKind::DirectoryStart { stated: first, used });
    }
    let stated = header.mini_sector_shift;
    if stated != 6 {
        if !(4..=12).contains(&stated) || stated > header.sector_shift {
            header.mini_sector_shift = 6;
        }
        oddities.note(cx, 32, OddityKind::MiniSectorShift { stated, used: header.mini_sector_shift });
    }
    if header.mini_cutoff != 4096 {
        oddities.note(cx, 56, OddityKind::MiniCutoff { stated: header.mini_cutoff });
    }
    Ok(Some(header))
}

/// Whether `file` is a compound file without the signature: some of its header is left, and the
/// root entry stands at a sector boundary, where the header points to or within the first 2 MiB.
pub(in crate::containers) fn is_damaged(file: &[u8]) -> bool {
    let Ok(header) = Header::parse(file) else { return false };
    let alike = header.signature.iter().zip(SIGNATURE).filter(|(found, right)| **found == *right).count();
    let (sector_shift, mini_shift) = (matches!(header.sector_shift, 9 | 12), header.mini_sector_shift == 6);
    // The mark alone is also the low half of ENDOFCHAIN: a FAT sector has many.
    let marked =
        header.byte_order == 0xfffe && (sector_shift || mini_shift || matches!(header.major_version, 3 | 4));
    let shifts = sector_shift && mini_shift;
    if (4..8).contains(&alike) || marked || shifts || header.mini_cutoff == 4096 {
        let named = [header.sector_shift, 9, 12].into_iter().any(|shift| {
            SHIFTS.contains(&shift)
                && entry_at(file, header.first_directory_sector, shift).is_some_and(is_named_root)
        });
        return named || search(file).is_some();
    }
    false
}

fn entry_at(file: &[u8], sector: u32, shift: u16) -> Option<&[u8]> {
    let at = u64::from(sector).checked_add(1)?.checked_shl(shift.into())?;
    file.get(usize::try_from(at).ok()?..)?.get(..ENTRY_LEN)
}

fn is_entry(entry: &[u8]) -> bool {
    matches!(entry.get(64..67), Some([2..=64, 0, 1 | 2 | ROOT]))
}

fn is_root(entry: &[u8]) -> bool {
    is_entry(entry) && entry.get(66) == Some(&ROOT)
}

fn is_named_root(entry: &[u8]) -> bool {
    is_root(entry) && entry.starts_with(&ROOT_ENTRY)
}

/// The first sector boundary with a root entry.
fn search(file: &[u8]) -> Option<usize> {
    let (sectors, _) = file.get(..SEARCH_BYTES).unwrap_or(file).as_chunks::<HEADER_LEN>();
    let index = sectors.iter().skip(1).position(|sector| is_named_root(sector))?;
    index.checked_add(1)?.checked_mul(HEADER_LEN)
}

/// Sector shift and number for an offset: the given shift if it fits, else 9.
fn place(at: usize, shift: u16) -> (u16, u32) {
    let sector = |shift: u16| {
        let size = 1_usize.checked_shl(shift.into())?;
        (at.checked_rem(size) == Some(0)).then(|| at.checked_div(size)?.checked_sub(1)).flatten()
    };
    let (shift, sector) = match sector(shift) {
        Some(sector) => (shift, sector),
        None => (9, sector(9).unwrap_or(0)),
    };
    (shift, u32::try_from(sector).unwrap_or(0))
}
