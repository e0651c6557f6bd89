//! Allocation tables and the chains they hold ([MS-CFB] 2.3 to 2.5).
//!
//! A table is not copied: it is the list of sectors that hold it, and an entry is looked up in the
//! file when it is asked for.

use super::consts::{ENDOFCHAIN, FREESECT, HEADER_DIFAT, MAXREGSECT};
use super::header::Header;
use super::oddity::{Oddities, OddityKind};
use crate::base::{Budget, Cx, LimitHit};

/// Where sectors lie in the file.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sectors<'a> {
    pub(super) file: &'a [u8],
    /// A sector has 2^`shift` bytes; 7 to 16.
    pub(super) shift: u32,
    /// Sectors in the file, a partial last one included.
    pub(super) count: u32,
}

impl<'a> Sectors<'a> {
    pub(super) fn new(file: &'a [u8], shift: u16) -> Self {
        let shift = u32::from(shift);
        let size = 1_u64.wrapping_shl(shift);
        let count = (file.len() as u64).saturating_sub(size).div_ceil(size.max(1));
        let count = u32::try_from(count).unwrap_or(u32::MAX).min(MAXREGSECT);
        Sectors { file, shift, count }
    }

    /// Bytes of a sector.
    pub(super) fn size(&self) -> u64 {
        1_u64.wrapping_shl(self.shift)
    }

    /// How many sectors `len` bytes need.
    pub(super) fn needed(&self, len: u64) -> u64 {
        len.div_ceil(self.size().max(1))
    }

    /// Offset of a sector; the header takes the place of one.
    pub(super) fn at(&self, sector: u32) -> u64 {
        u64::from(sector).saturating_add(1).wrapping_shl(self.shift)
    }

    /// Offset and length of a sector, cut at the end of the file.
    pub(super) fn span(&self, sector: u32) -> (u64, u64) {
        let at = self.at(sector);
        (at, (self.file.len() as u64).saturating_sub(at).min(self.size()))
    }

    fn u32_at(&self, at: u64) -> Option<u32> {
        let at = usize::try_from(at).ok()?;
        self.file.get(at..)?.first_chunk().map(|field| u32::from_le_bytes(*field))
    }
}

/// The FAT or the mini FAT.
#[derive(Debug, Clone, Default)]
pub(super) struct Table<'a> {
    sectors: Sectors<'a>,
    /// The sectors that hold the table, in its order.
    holders: Vec<u32>,
}

impl<'a> Table<'a> {
    pub(super) fn new(sectors: Sectors<'a>, holders: Vec<u32>) -> Self {
        Table { sectors, holders }
    }

    pub(super) fn holders(&self) -> &[u32] {
        &self.holders
    }

    /// The entry for `sector`; `None` when the table does not go so far or its sector is missing.
    pub(super) fn next(&self, sector: u32) -> Option<u32> {
        let entries_shift = self.sectors.shift.saturating_sub(2);
        let holder = *self.holders.get(sector.wrapping_shr(entries_shift) as usize)?;
        if holder >= self.sectors.count {
            return None;
        }
        let slot = sector & 1_u32.wrapping_shl(entries_shift).wrapping_sub(1);
        self.sectors.u32_at(self.sectors.at(holder).saturating_add(u64::from(slot).saturating_mul(4)))
    }

    /// Gives `each` up to `most` sectors of the chain from `start`, all below `count`. One step a
    /// sector.
    pub(super) fn follow(
        &self,
        start: u32,
        count: u32,
        most: u64,
        budget: &mut Budget,
        mut each: impl FnMut(u32),
    ) -> Result<(), LimitHit> {
        let (mut sector, mut taken) = (start, 0_u64);
        while taken < most && sector < count {
            budget.step(1)?;
            each(sector);
            taken = taken.saturating_add(1);
            sector = self.next(sector).unwrap_or(FREESECT);
        }
        Ok(())
    }
}

/// The sectors that hold the FAT, and those that hold the list of them (DIFAT).
///
/// Only as many as the file has sectors for are listed, so that a DIFAT in a circle ends. A FAT
/// sector that is not in the file keeps its place in the list.
pub(super) fn fat_holders(
    header: &Header<'_>,
    sectors: &Sectors<'_>,
    oddities: &mut Oddities,
    cx: &mut Cx<'_>,
) -> Result<(Vec<u32>, Vec<u32>), LimitHit> {
    let in_sector = usize::try_from(sectors.size() / 4).unwrap_or(0);
    let needed = usize::try_from(u64::from(sectors.count).div_ceil(in_sector.max(1) as u64)).unwrap_or(0);
    let (listed, _) = header.difat.as_chunks::<4>();
    let mut holders: Vec<u32> = listed.iter().take(needed).map(|field| u32::from_le_bytes(*field)).collect();
    let mut difat = Vec::new();
    if needed > HEADER_DIFAT as usize
        && (header.difat_sector_count > 0 || header.fat_sector_count > HEADER_DIFAT)
    {
        let mut sector = header.first_difat_sector;
        while holders.len() < needed && sector != ENDOFCHAIN && sector != FREESECT {
            if sector >= sectors.count {
                oddities.note(cx, 68, OddityKind::DifatBroken { sector });
                break;
            }
            cx.budget.touch(in_sector.saturating_mul(4))?;
            difat.push(sector);
            let at = sectors.at(sector);
            let mut slot_at = at;
            for _ in 1..in_sector {
                if holders.len() < needed {
                    holders.push(sectors.u32_at(slot_at).unwrap_or(FREESECT));
                }
                slot_at = slot_at.saturating_add(4);
            }
            sector = sectors.u32_at(slot_at).unwrap_or(FREESECT);
        }
    }
    while holders.last().is_some_and(|holder| matches!(*holder, FREESECT | ENDOFCHAIN)) {
        holders.pop();
    }
    cx.budget.step(holders.len() as u64)?;
    for (index, holder) in (0_u32..).zip(&holders) {
        if *holder >= sectors.count {
            let at =
                if index < HEADER_DIFAT { u64::from(index).saturating_mul(4).saturating_add(76) } else { 68 };
            oddities.note(cx, at, OddityKind::FatSectorMissing { index, sector: *holder });
        }
    }
    Ok((holders, difat))
}
