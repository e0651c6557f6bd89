//! A TIFF picture whose sizes overflow its reader.
//!
//! Layout: TIFF 6.0, sections 2 and 22. Of each directory only the entries are read that say how much memory the
//! strips of an old-style JPEG need. The graphics library of Office 2003 to 2010 adds them in 32 bits, asks for as
//! much memory, and copies the whole JPEG there (CVE-2013-3906, as its public analysis has it): a sum beyond 32 bits
//! is the exploit, because no file has so many bytes.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use crate::base::{Cx, LimitHit, Location, Reader, Short};

/// Sizes that overflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TiffOverflow {
    /// The directory that states them.
    pub location: Location,
    /// Bytes that the strips and the JPEG need together.
    pub need: u64,
}

/// Directories that are followed. Faxes have one a page.
const DIRECTORIES: usize = 64;
/// Strips of one file that are added.
const STRIPS: u32 = 1 << 16;

const COMPRESSION: u16 = 259;
const STRIP_BYTE_COUNTS: u16 = 279;
const JPEG_INTERCHANGE_FORMAT_LENGTH: u16 = 514;
/// The old style of JPEG; the later one (7) has no JPEG of its own beside the strips.
const OLD_JPEG: u32 = 6;

const BYTE: u16 = 1;
const SHORT: u16 = 3;
const LONG: u16 = 4;

/// Looks in a TIFF picture for sizes that overflow its reader. A directory that lies outside ends the search:
/// the picture is then shown by no reader either.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub fn overflow(tiff: &[u8], cx: &mut Cx<'_>) -> Result<Option<TiffOverflow>, LimitHit> {
    let Some(file) = Tiff::new(tiff) else { return Ok(None) };
    let mut at = file.long(4);
    let mut strips_left = STRIPS;
    // A chain that leads back ends by the count of directories.
    for _ in 0..DIRECTORIES {
        let Ok(start) = at else { break };
        if start == 0 {
            break;
        }
        match file.directory(start, &mut strips_left, cx)? {
            Ok(Directory { overflow: Some(found), .. }) => return Ok(Some(found)),
            Ok(Directory { next, .. }) => at = Ok(next),
            Err(_) => break,
        }
    }
    Ok(None)
}

struct Tiff<'t> {
    bytes: &'t [u8],
    big_endian: bool,
}

struct Directory {
    overflow: Option<TiffOverflow>,
    next: u32,
}

impl<'t> Tiff<'t> {
    fn new(bytes: &'t [u8]) -> Option<Self> {
        let big_endian = match bytes {
            [b'I', b'I', 42, 0, ..] => false,
            [b'M', b'M', 0, 42, ..] => true,
            _ => return None,
        };
        Some(Tiff { bytes, big_endian })
    }

    fn array<const N: usize>(&self, at: u64) -> Result<[u8; N], Short> {
        let place = usize::try_from(at).unwrap_or(usize::MAX);
        let mut reader = Reader::at_offset(self.bytes.get(place..).unwrap_or_default(), at);
        reader.array()
    }

    fn short(&self, at: u64) -> Result<u16, Short> {
        let bytes = self.array(at)?;
        Ok(if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn long(&self, at: u64) -> Result<u32, Short> {
        let bytes = self.array(at)?;
        Ok(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn directory(
        &self,
        start: u32,
        strips_left: &mut u32,
        cx: &mut Cx<'_>,
    ) -> Result<Result<Directory, Short>, LimitHit> {
        let start = u64::from(start);
        let count = match self.short(start) {
            Ok(count) => count,
            Err(short) => return Ok(Err(short)),
        };
        cx.budget.step(u64::from(count).saturating_add(1))?;
        let (mut compression, mut jpeg, mut strips_at) = (0_u32, 0_u64, None);
        let mut entry = start.saturating_add(2);
        for _ in 0..count {
            // What lies outside counts as not there.
            let Ok(tag) = self.short(entry) else { break };
            match tag {
                COMPRESSION => compression = self.value(entry, 0).unwrap_or(0),
                JPEG_INTERCHANGE_FORMAT_LENGTH => jpeg = self.value(entry, 0).unwrap_or(0).into(),
                STRIP_BYTE_COUNTS => strips_at = Some(entry),
                _ => {}
            }
            entry = entry.saturating_add(12);
        }
        let next = self.long(entry).unwrap_or(0);
        let (mut strips, mut strip_count) = (0_u64, 0_u64);
        if let Some(entry) = strips_at.filter(|_| compression == OLD_JPEG) {
            let stated = self.long(entry.saturating_add(4)).unwrap_or(0).min(*strips_left);
            cx.budget.step(stated.into())?;
            *strips_left = strips_left.saturating_sub(stated);
            for index in 0..stated {
                let Some(bytes) = self.value(entry, index) else { break };
                strips = strips.saturating_add(bytes.into());
                strip_count = strip_count.saturating_add(1);
            }
        }
        // Two bytes a strip and eight more stand between them.
        let need =
            strips.saturating_add(strip_count.saturating_mul(2)).saturating_add(8).saturating_add(jpeg);
        let is_beyond = compression == OLD_JPEG && jpeg > 0 && need > u64::from(u32::MAX);
        let overflow = is_beyond.then(|| {
            let end = entry.saturating_add(4).min(self.bytes.len() as u64);
            TiffOverflow { location: Location::bytes(cx.part, start..end), need }
        });
        Ok(Ok(Directory { overflow, next }))
    }

    /// A value of an entry: in the entry when all fit there, elsewhere otherwise.
    fn value(&self, entry: u64, index: u32) -> Option<u32> {
        let kind = self.short(entry.saturating_add(2)).ok()?;
        let count = self.long(entry.saturating_add(4)).ok()?;
        let size: u64 = match kind {
            BYTE => 1,
            SHORT => 2,
            LONG => 4,
            _ => return None,
        };
        let field = entry.saturating_add(8);
        let inside = u64::from(count).saturating_mul(size) <= 4;
        let start = if inside { field } else { self.long(field).ok()?.into() };
        let at = start.saturating_add(u64::from(index).saturating_mul(size));
        match kind {
            BYTE => self.array::<1>(at).ok().map(|[byte]| byte.into()),
            SHORT => self.short(at).ok().map(u32::from),
            _ => self.long(at).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    /// A picture of one directory with these entries (tag, type, values), values behind it.
    fn tiff(big_endian: bool, entries: &[(u16, u16, &[u32])], next: u32) -> Vec<u8> {
        let short = |value: u16| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        let long = |value: u32| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        let mut out = if big_endian { b"MM".to_vec() } else { b"II".to_vec() };
        out.extend(short(42));
        out.extend(long(8));
        out.extend(short(entries.len() as u16));
        let mut behind = Vec::new();
        let behind_at = 10 + entries.len() * 12 + 4;
        for (tag, kind, values) in entries {
            let made: Vec<u8> =
                values
                    .iter()
                    .flat_map(|value| {
                        if *kind == SHORT { short(*value as u16).to_vec() } else { long(*value).to_vec() }
                    })
                    .collect();
            out.extend(short(*tag));
            out.extend(short(*kind));
            out.extend(long(values.len() as u32));
            if made.len() <= 4 {
                out.extend(&made);
                out.resize(out.len() + 4 - made.len(), 0);
            } else {
                out.extend(long((behind_at + behind.len()) as u32));
                behind.extend(made);
            }
        }
        out.extend(long(next));
        out.extend(behind);
        out
    }

    fn found(tiff: &[u8]) -> Option<u64> {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(1), stage: Stage::Pictures, budget: &mut budget, problems: &mut problems };
        overflow(tiff, &mut cx).unwrap().map(|found| found.need)
    }

    #[test]
    fn sizes_beyond_32_bits_are_told_in_both_orders() {
        let mut strips = vec![0xFFFF_B898_u32];
        strips.extend(std::iter::repeat_n(200, 67));
        let entries: [(u16, u16, &[u32]); 3] = [
            (COMPRESSION, SHORT, &[OLD_JPEG]),
            (STRIP_BYTE_COUNTS, LONG, &strips),
            (JPEG_INTERCHANGE_FORMAT_LENGTH, LONG, &[0x1484]),
        ];
        let need = 0xFFFF_B898 + 67 * 200 + 68 * 2 + 8 + 0x1484;
        assert_eq!([false, true].map(|order| found(&tiff(order, &entries, 0))), [Some(need); 2]);
    }

    #[test]
    fn pictures_that_fit_or_have_no_jpeg_are_none() {
        let fits: [(u16, u16, &[u32]); 3] = [
            (COMPRESSION, SHORT, &[OLD_JPEG]),
            (STRIP_BYTE_COUNTS, SHORT, &[500, 700]),
            (JPEG_INTERCHANGE_FORMAT_LENGTH, LONG, &[600]),
        ];
        assert_eq!(found(&tiff(false, &fits, 0)), None);
        let fax: [(u16, u16, &[u32]); 2] =
            [(COMPRESSION, SHORT, &[4]), (STRIP_BYTE_COUNTS, LONG, &[0xFFFF_FFFF, 9])];
        assert_eq!(found(&tiff(false, &fax, 0)), None);
    }

    #[test]
    fn chain_that_leads_back_and_cut_directories_end() {
        let empty = tiff(false, &[], 8);
        assert_eq!(found(&empty), None);
        let whole = tiff(false, &[(STRIP_BYTE_COUNTS, LONG, &[1, 2, 3])], 0);
        for len in 0..whole.len() {
            assert_eq!(found(&whole[..len]), None);
        }
    }
}
