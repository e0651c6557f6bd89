//! Disk images in UDF: the files of their volume ([ECMA-167], OSTA UDF 1.02 to 2.01).
//!
//! Read from the anchor over the volume's descriptors to the file set and its root. Extents and sizes are
//! compared with the bytes there are; a folder is read once, however many entries lead to it. Checksums of
//! descriptors are not looked at. Virtual and metadata partitions (rewritten discs, UDF 2.50) are told, and
//! not read.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::base::{Cx, LimitHit, Reader, Short};

const SECTOR: u64 = 2048;

/// Descriptors of the volume that are looked at, and partitions that it may be mapped to.
const DESCRIPTORS: u64 = 64;
const PARTITIONS: usize = 8;

/// Most folders and files that are read, and extents of one.
const MOST: usize = 20_000;
const EXTENTS: usize = 4096;

/// Tags ([ECMA-167] 3/7.2, 4/7.2).
const ANCHOR: u16 = 2;
const PARTITION: u16 = 5;
const LOGICAL_VOLUME: u16 = 6;
const TERMINATING: u16 = 8;
const FILE_SET: u16 = 256;
const FILE_IDENTIFIER: u16 = 257;
const FILE_ENTRY: u16 = 261;
const EXTENDED_FILE_ENTRY: u16 = 266;

/// A file of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UdfFile {
    /// Its way from the root, with `/` between names.
    pub path: String,
    /// Where its bytes lie in the image, in order.
    pub runs: Vec<Range<u64>>,
    /// Whether it is marked as hidden.
    pub is_hidden: bool,
}

/// Whether the image says that it is UDF: `NSR` stands among the first structures of the volume
/// ([ECMA-167] 2/9.1).
pub fn is_udf(image: &[u8]) -> bool {
    let structures = (16..32u64).map(|sector| at(image, sector.saturating_mul(SECTOR)));
    let mut names = structures.map_while(|structure| structure.get(1..6));
    names.any(|name| matches!(name, b"NSR02" | b"NSR03"))
}

/// The bytes from an offset on.
fn at(image: &[u8], offset: u64) -> &[u8] {
    usize::try_from(offset).ok().and_then(|offset| image.get(offset..)).unwrap_or_default()
}

/// The tag of a descriptor.
fn tag(descriptor: &[u8]) -> Option<u16> {
    descriptor.first_chunk().map(|tag| u16::from_le_bytes(*tag))
}

/// A reader of a descriptor from a field on.
fn field(descriptor: &[u8], offset: usize) -> Reader<'_> {
    Reader::new(descriptor.get(offset..).unwrap_or_default())
}

/// Where the blocks of the volume's partitions begin in the image; `None` for one that is not read.
struct Volume<'i> {
    image: &'i [u8],
    partitions: Vec<Option<u64>>,
    block_len: u64,
    file_set: Place,
}

/// Where the bytes of a file lie, and how many it states.
struct Content {
    runs: Vec<Range<u64>>,
    len: u64,
}

/// A place in a partition: `long_ad` ([ECMA-167] 4/14.14.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    len: u32,
    block: u32,
    partition: u16,
}

fn long_place(reader: &mut Reader<'_>) -> Result<Place, Short> {
    let place = Place { len: reader.u32()?, block: reader.u32()?, partition: reader.u16()? };
    reader.skip(6)?;
    Ok(place)
}

/// Reads the list of files into `into`; the files stay where they are.
///
/// # Errors
/// [`LimitHit`] when the budget does not last; `into` keeps what was read.
pub fn read(image: &[u8], into: &mut Vec<UdfFile>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let Some(volume) = volume(image, cx)? else {
        cx.abandoned(0..image.len() as u64, "the image is called UDF, and its volume is not found");
        return Ok(());
    };
    let file_set = volume.bytes(volume.file_set);
    let root = field(file_set, 400);
    let root = if tag(file_set) == Some(FILE_SET) { long_place(&mut root.clone()).ok() } else { None };
    let Some(root) = root else {
        cx.unsupported(0, "the file set of the UDF image is in a partition that is not read");
        return Ok(());
    };
    let mut seen = BTreeSet::new();
    let mut waiting = vec![(String::new(), root)];
    while let Some((path, place)) = waiting.pop() {
        cx.budget.step(4)?;
        if !seen.insert((place.partition, place.block)) {
            cx.recovered(volume.offset(place).unwrap_or(0), "a folder of the image is named twice");
            continue;
        }
        let Some(folder) = volume.runs(place, &path, cx)? else { continue };
        let len: u64 = folder.iter().map(|run| run.end.saturating_sub(run.start)).sum();
        cx.budget.touch(usize::try_from(len).unwrap_or(usize::MAX))?;
        cx.budget.own(len)?;
        let records: Vec<u8> = folder.iter().flat_map(|run| slice(image, run)).copied().collect();
        let mut reader = Reader::new(&records);
        while !reader.is_empty() {
            cx.budget.step(1)?;
            let entry = match identifier(&mut reader) {
                Ok(Some(entry)) => entry,
                Ok(None) => continue,
                Err(short) => {
                    let start = folder.first().map_or(0, |run| run.start);
                    cx.abandoned(start..start, &format_args!("a folder of the image is cut: {short}"));
                    break;
                }
            };
            if into.len().saturating_add(waiting.len()) >= MOST {
                cx.abandoned(0..0, &format_args!("more than {MOST} files and folders"));
                return Ok(());
            }
            let way = match path.as_str() {
                "" => entry.name,
                around => format!("{around}/{}", entry.name),
            };
            cx.budget.hold(way.len().saturating_add(size_of::<UdfFile>()))?;
            if entry.is_folder {
                waiting.push((way, entry.place));
            } else if let Some(runs) = volume.runs(entry.place, &way, cx)? {
                cx.budget.hold(runs.len().saturating_mul(size_of::<Range<u64>>()))?;
                into.push(UdfFile { path: way, runs, is_hidden: entry.is_hidden });
            }
        }
    }
    Ok(())
}

fn slice<'i>(image: &'i [u8], run: &Range<u64>) -> &'i [u8] {
    let len = usize::try_from(run.end.saturating_sub(run.start)).unwrap_or(usize::MAX);
    let bytes = at(image, run.start);
    bytes.get(..len).unwrap_or(bytes)
}

/// Finds the anchor and reads the descriptors that it leads to.
fn volume<'i>(image: &'i [u8], cx: &mut Cx<'_>) -> Result<Option<Volume<'i>>, LimitHit> {
    let sectors = image.len() as u64 / SECTOR;
    let anchors = [Some(256), sectors.checked_sub(1), sectors.checked_sub(257)];
    let anchors = anchors.into_iter().flatten().map(|sector| at(image, sector.saturating_mul(SECTOR)));
    for anchor in anchors.filter(|anchor| tag(anchor) == Some(ANCHOR)) {
        let mut main = field(anchor, 16);
        let (Ok(len), Ok(first)) = (main.u32(), main.u32()) else { continue };
        let count = u64::from(len).div_ceil(SECTOR).min(DESCRIPTORS);
        let mut starts = Vec::new();
        let mut found = None;
        for sector in u64::from(first)..u64::from(first).saturating_add(count) {
            cx.budget.step(1)?;
            let descriptor = at(image, sector.saturating_mul(SECTOR));
            match tag(descriptor) {
                Some(PARTITION) if starts.len() < PARTITIONS => {
                    let number = field(descriptor, 22).u16().unwrap_or(0);
                    let start = field(descriptor, 188).u32().unwrap_or(0);
                    starts.push((number, u64::from(start).saturating_mul(SECTOR)));
                }
                Some(LOGICAL_VOLUME) => found = logical_volume(descriptor).ok(),
                Some(TERMINATING) => break,
                _ => {}
            }
        }
        if let Some((block_len, file_set, maps)) = found {
            let start = |number: &Option<u16>| {
                let number = (*number)?;
                starts.iter().find(|(known, _)| *known == number).map(|(_, start)| *start)
            };
            let partitions = maps.iter().map(start).collect();
            return Ok(Some(Volume { image, partitions, block_len, file_set }));
        }
    }
    Ok(None)
}

/// Block size, place of the file set, and the partition of each map, of those that lead to one directly.
fn logical_volume(descriptor: &[u8]) -> Result<(u64, Place, Vec<Option<u16>>), Short> {
    let block_len = field(descriptor, 212).u32()?;
    let file_set = long_place(&mut field(descriptor, 248))?;
    let mut reader = field(descriptor, 264);
    let len = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
    let count = usize::try_from(reader.u32()?).unwrap_or(usize::MAX).min(PARTITIONS);
    let mut reader = field(descriptor, 440);
    let mut table = reader.sub(len.min(reader.remaining()))?;
    let mut maps = Vec::new();
    for _ in 0..count {
        let (kind, len) = (table.u8()?, table.u8()?);
        let mut map = table.sub(usize::from(len).saturating_sub(2))?;
        maps.push(match kind {
            1 => {
                map.u16()?;
                Some(map.u16()?)
            }
            // Of the others only one with spare blocks lies in its partition as it is.
            _ => {
                map.skip(2)?;
                let is_sparable =
                    map.rest().get(1..24).is_some_and(|name| name.starts_with(b"*UDF Sparable"));
                map.skip(32 + 2)?;
                let number = map.u16()?;
                is_sparable.then_some(number)
            }
        });
    }
    Ok((u64::from(block_len), file_set, maps))
}

impl<'i> Volume<'i> {
    /// Where a place lies in the image.
    fn offset(&self, place: Place) -> Option<u64> {
        let start = self.partitions.get(usize::from(place.partition)).copied().flatten()?;
        Some(start.saturating_add(u64::from(place.block).saturating_mul(self.block_len)))
    }

    fn bytes(&self, place: Place) -> &'i [u8] {
        self.offset(place).map_or(&[], |offset| at(self.image, offset))
    }

    /// The runs of the file or folder whose entry is at `place`; `None` when there is no
    /// entry, which is told.
    fn runs(&self, place: Place, path: &str, cx: &mut Cx<'_>) -> Result<Option<Vec<Range<u64>>>, LimitHit> {
        let offset = self.offset(place).unwrap_or(0);
        match self.entry(place, offset, cx)? {
            Ok(Content { runs, len }) => {
                let found: u64 = runs.iter().map(|run| run.end.saturating_sub(run.start)).sum();
                if found < len {
                    cx.abandoned(
                        offset..offset,
                        &format_args!("{path:?} has {len} bytes, and {found} are found"),
                    );
                }
                Ok(Some(runs))
            }
            Err(reason) => {
                cx.abandoned(offset..offset, &format_args!("{path:?} of the image is not read: {reason}"));
                Ok(None)
            }
        }
    }

    /// Reads a file entry ([ECMA-167] 4/14.9, 4/14.17).
    fn entry(
        &self,
        place: Place,
        offset: u64,
        cx: &mut Cx<'_>,
    ) -> Result<Result<Content, &'static str>, LimitHit> {
        let descriptor = self.bytes(place);
        let lengths_at = match tag(descriptor) {
            Some(FILE_ENTRY) => 168usize,
            Some(EXTENDED_FILE_ENTRY) => 208,
            _ => return Ok(Err("it has no file entry")),
        };
        let mut lengths = field(descriptor, lengths_at);
        let (Ok(flags), Ok(len), Ok(attributes_len), Ok(list_len)) =
            (field(descriptor, 34).u16(), field(descriptor, 56).u64(), lengths.u32(), lengths.u32())
        else {
            return Ok(Err("its file entry is cut"));
        };
        let list_at =
            u64::try_from(lengths_at).unwrap_or(0).saturating_add(8).saturating_add(attributes_len.into());
        let start = offset.saturating_add(list_at);
        let end = start.saturating_add(list_len.into());
        if flags & 7 == 3 {
            // The content stands in the entry itself.
            let there = end.min(start.saturating_add(len)).min(self.image.len() as u64);
            let at = start.min(there)..there;
            return Ok(Ok(Content { runs: Vec::from([at]), len }));
        }
        let mut list = Reader::new(slice(self.image, &(start..end)));
        let (mut runs, mut left) = (Vec::new(), len);
        while left > 0 && !list.is_empty() {
            cx.budget.step(1)?;
            let extent = match flags & 7 {
                0 => (|| -> Result<Place, Short> {
                    Ok(Place { len: list.u32()?, block: list.u32()?, partition: place.partition })
                })(),
                1 => long_place(&mut list),
                _ => return Ok(Err("its extents are of a kind that is not read")),
            };
            let Ok(extent) = extent else { break };
            // The two high bits: 0 is recorded, 1 and 2 are room without content, 3 goes on elsewhere.
            let (kind, extent_len) = (extent.len >> 30, u64::from(extent.len & 0x3FFF_FFFF));
            if extent_len == 0 {
                break;
            }
            let Some(at) = self.offset(extent).filter(|_| kind == 0) else {
                return Ok(Err("an extent of it is not recorded, or in a partition that is not read"));
            };
            let end = at.saturating_add(extent_len.min(left)).min(self.image.len() as u64);
            if at >= end || runs.len() >= EXTENTS {
                break;
            }
            left = left.saturating_sub(end.saturating_sub(at));
            runs.push(at..end);
        }
        Ok(Ok(Content { runs, len }))
    }
}

struct Identifier {
    name: String,
    place: Place,
    is_folder: bool,
    is_hidden: bool,
}

/// Reads a file identifier ([ECMA-167] 4/14.4); `None` for the folder above, and for one that was deleted.
fn identifier(reader: &mut Reader<'_>) -> Result<Option<Identifier>, Short> {
    let before = reader.remaining();
    if tag(reader.rest()) != Some(FILE_IDENTIFIER) {
        // What stands behind the last one is no list.
        return Err(Short { at: reader.at(), need: 38, have: 0 });
    }
    reader.skip(18)?;
    let (flags, name_len) = (reader.u8()?, usize::from(reader.u8()?));
    let place = long_place(reader)?;
    let use_len = usize::from(reader.u16()?);
    reader.skip(use_len)?;
    let name = reader.take(name_len)?;
    let len = before.saturating_sub(reader.remaining());
    let padding = len.checked_next_multiple_of(4).unwrap_or(len).saturating_sub(len);
    let _ = reader.skip(padding.min(reader.remaining()));
    if flags & (4 | 8) != 0 {
        return Ok(None);
    }
    // The first byte says how many bits a character has.
    let name = match name.split_first() {
        Some((16 | 255, units)) => {
            let units = units
                .chunks_exact(2)
                .filter_map(|pair| pair.first_chunk().map(|pair| u16::from_be_bytes(*pair)));
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        Some((_, letters)) => letters.iter().map(|letter| char::from(*letter)).collect(),
        None => String::new(),
    };
    Ok(Some(Identifier { name, place, is_folder: flags & 2 != 0, is_hidden: flags & 1 != 0 }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};
    use docsift_corpus::udf;

    fn done(image: &[u8]) -> (Vec<(String, Vec<u8>)>, Vec<String>) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::Archive, budget: &mut budget, problems: &mut problems };
        let mut files = Vec::new();
        read(image, &mut files, &mut cx).unwrap();
        let content = |file: UdfFile| {
            let bytes = file.runs.iter().flat_map(|run| slice(image, run)).copied().collect();
            (file.path, bytes)
        };
        let told = problems.list().iter().map(|problem| problem.message.clone()).collect();
        (files.into_iter().map(content).collect(), told)
    }

    fn files() -> Vec<(String, Vec<u8>)> {
        let long: Vec<u8> = (0..10_000).map(|at| (at % 251) as u8).collect();
        vec![
            ("long.bin".to_owned(), long),
            ("請求書.xls".to_owned(), b"short".to_vec()),
            ("none".to_owned(), Vec::new()),
        ]
    }

    #[test]
    fn files_lie_whole_in_their_extents_or_in_their_entry() {
        let files = files();
        let list: Vec<(&str, &[u8])> =
            files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        for is_small in [false, true] {
            let image = udf::image(&list, is_small);
            assert!(is_udf(&image));
            assert_eq!(done(&image), (files.clone(), Vec::new()));
        }
    }

    #[test]
    fn image_that_is_cut_or_damaged_tells_what_is_missing() {
        let files = files();
        let list: Vec<(&str, &[u8])> =
            files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        let image = udf::image(&list, false);
        assert_eq!(done(&image[..300_000]).1, ["the image is called UDF, and its volume is not found"]);
        // The root leads to itself.
        let mut looped = image.clone();
        let at = looped.windows(8).position(|window| window == b"long.bin").unwrap();
        looped[at - 1 - 38 + 18] = 2;
        let root = looped[at - 1 - 38 - 40 + 20..][..16].to_vec();
        looped[at - 1 - 38 + 20..][..16].copy_from_slice(&root);
        let (left, told) = done(&looped);
        assert_eq!((left.len(), told), (2, vec!["a folder of the image is named twice".to_owned()]));
    }
}
