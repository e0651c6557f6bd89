//! The directory: where it is, what it lists, and the local headers that it does not list.

use std::ops::Range;

use super::entry::{Entry, name};
use super::oddity::{Oddity, OddityKind};
use super::records::{
    CENTRAL, DESCRIPTOR, END, END_64, END_LEN, EndRecord, Header, LOCAL, LOCAL_LEN, LOCATOR_64,
    LOCATOR_64_LEN, end_record, end_record_64, locator_64,
};
use super::{Archive, OutsidePlace, Owned, scan};
use crate::base::{Cx, LimitHit, Reader};

/// Where the directory is, and what the end record says of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Directory {
    /// First central header.
    at: u64,
    /// What must be added to stated offsets.
    shift: i64,
    end: Option<End>,
}

#[derive(Debug, Clone, Copy)]
struct End {
    /// Offset of the end record.
    at: u64,
    record: EndRecord,
    /// Where the Zip64 record begins, or the end record when there is none: the directory ends there.
    first_at: u64,
}

/// How many end records are tried before the directory itself is looked for.
const END_RECORDS: u32 = 64;

pub(super) fn find(file: &[u8], into: &mut Archive, cx: &mut Cx<'_>) -> Result<Option<Directory>, LimitHit> {
    let mut tried = EndRecords { file, before: file.len(), left: END_RECORDS };
    let mut last = None;
    while let Some(end) = tried.next(cx)? {
        last = last.or(Some(end));
        let Some((at, shift)) = directory_of(file, &end) else { continue };
        let stated = end.record.directory_at;
        if at != stated {
            into.oddities.note(cx, end.at, OddityKind::DirectoryOffset { stated, used: at });
        }
        if end.record.disk != 0 && end.record.disk != u32::from(u16::MAX) {
            into.oddities.note(cx, end.at, OddityKind::DiskNumber { disk: end.record.disk });
        }
        // Bytes before the archive move its directory on, never back, and an empty archive has none.
        let is_empty_behind_bytes = end.record.entry_count == 0 && end.first_at > 0;
        if at < stated || is_empty_behind_bytes || end.comment_end() > file.len() as u64 {
            while let Some(earlier) = tried.next(cx)? {
                // Readers find the other one in more ways than ours: any header before the record will do.
                let other = match directory_of(file, &earlier) {
                    Some((other, _)) => Some(other),
                    None => {
                        scan::find(file, &[CENTRAL], 0, as_index(earlier.at), cx)?.map(|other| other as u64)
                    }
                };
                if let Some(other) = other.filter(|other| *other != at) {
                    into.oddities.note(cx, earlier.at, OddityKind::EarlierDirectory { at: other });
                    break;
                }
            }
        }
        return Ok(Some(Directory { at, shift, end: Some(end) }));
    }
    if last.is_none() {
        into.oddities.note(cx, file.len() as u64, OddityKind::EndRecordMissing);
    }
    let Some(at) = scan::find(file, &[CENTRAL], 0, file.len(), cx)? else { return Ok(None) };
    let at = at as u64;
    if let Some(end) = last {
        let stated = end.record.directory_at;
        into.oddities.note(cx, end.at, OddityKind::DirectoryOffset { stated, used: at });
    }
    Ok(Some(Directory { at, shift: 0, end: last }))
}

/// End records from the last one to the first.
struct EndRecords<'f> {
    file: &'f [u8],
    before: usize,
    left: u32,
}

impl EndRecords<'_> {
    fn next(&mut self, cx: &mut Cx<'_>) -> Result<Option<End>, LimitHit> {
        while self.left > 0 {
            self.left = self.left.saturating_sub(1);
            let Some(at) = scan::find_back(self.file, END, self.before, cx)? else { break };
            self.before = at;
            cx.budget.step(1)?;
            if let Some(end) = end_at(self.file, at as u64) {
                return Ok(Some(end));
            }
        }
        Ok(None)
    }
}

impl End {
    /// Where the comment behind it ends.
    fn comment_end(&self) -> u64 {
        self.at.saturating_add(END_LEN as u64).saturating_add(self.record.comment_len.into())
    }
}

/// The end record at `at`, with the values of Zip64 where it leaves them to that.
fn end_at(file: &[u8], at: u64) -> Option<End> {
    let record = end_record(&mut reader_at(file, at)?).ok()?;
    let mut end = End { at, record, first_at: at };
    let locator_at = at.checked_sub(LOCATOR_64_LEN as u64);
    if let Some(locator_at) =
        locator_at.filter(|locator_at| record.needs_64 && is_at(file, LOCATOR_64, *locator_at))
    {
        let stated = reader_at(file, locator_at).and_then(|mut reader| locator_64(&mut reader).ok())?;
        // Its usual place is just before the locator, whatever was put before the archive.
        let places = [Some(stated), locator_at.checked_sub(56)];
        let found = places.into_iter().flatten().find(|place| is_at(file, END_64, *place));
        if let Some(found) = found
            && let Ok(wide) = end_record_64(&mut reader_at(file, found)?, record.comment_len)
        {
            end.record = wide;
            end.first_at = found;
        }
    }
    Some(end)
}

/// The start of the directory, and what to add to stated offsets; `None` when no central header is
/// where the record says, and the record does not say that there is none.
fn directory_of(file: &[u8], end: &End) -> Option<(u64, i64)> {
    let EndRecord { directory_at, directory_len, entry_count, .. } = end.record;
    let by_len = end.first_at.checked_sub(directory_len);
    let ends_there = directory_at.checked_add(directory_len) == Some(end.first_at);
    if entry_count == 0
        && directory_len == 0
        && by_len == Some(end.first_at)
        && !is_at(file, CENTRAL, directory_at)
    {
        return Some((end.first_at, 0));
    }
    let places = [Some(directory_at).filter(|_| ends_there), by_len, Some(directory_at)];
    let found = places.into_iter().flatten().find(|place| is_at(file, CENTRAL, *place))?;
    let shift = i64::try_from(found).ok()?.checked_sub(i64::try_from(directory_at).unwrap_or(i64::MAX));
    Some((found, shift.unwrap_or(0)))
}

/// Reads the central headers and their local ones; says whether there is any.
pub(super) fn entries(
    file: &[u8],
    directory: &Directory,
    into: &mut Archive,
    owned: &mut Vec<Owned>,
    cx: &mut Cx<'_>,
) -> Result<bool, LimitHit> {
    let mut at = directory.at;
    let mut found = 0_u64;
    // A directory of the last end record ends there, though headers may go on behind by accident.
    let stop = directory.end.map_or(file.len() as u64, |end| end.first_at);
    while at < stop && is_at(file, CENTRAL, at) {
        cx.budget.step(2)?;
        let Some(mut reader) = reader_at(file, at) else { break };
        let Ok(header) = Header::central(&mut reader) else {
            into.oddities.note(cx, at, OddityKind::DirectoryCut);
            break;
        };
        found = found.saturating_add(1);
        listed(file, at, directory.shift, &header, into, owned, cx)?;
        at = reader.at();
    }
    owned.push((directory.at..at, None));
    if let Some(end) = directory.end {
        let behind = end.at.saturating_add(END_LEN as u64);
        owned.push((end.first_at..behind, None));
        let mask = if end.first_at == end.at { u64::from(u16::MAX) } else { u64::MAX };
        let stated = end.record.entry_count;
        if stated != found & mask {
            into.oddities.note(cx, end.at, OddityKind::EntryCount { stated, found });
        }
        let len = at.saturating_sub(directory.at);
        let stated = end.record.directory_len;
        if stated != len {
            into.oddities.note(cx, end.at, OddityKind::DirectorySize { stated, found: len });
        }
        comment(file, &end, behind, into, owned, cx)?;
    }
    Ok(found > 0)
}

/// The comment of the archive, as far as it is one.
fn comment(
    file: &[u8],
    end: &End,
    behind: u64,
    into: &mut Archive,
    owned: &mut Vec<Owned>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let file_len = file.len() as u64;
    let comment_end = end.comment_end();
    if comment_end != file_len {
        let kind = OddityKind::CommentLength {
            stated: end.record.comment_len.into(),
            found: file_len.saturating_sub(behind),
        };
        into.oddities.note(cx, end.at, kind);
    }
    let comment = behind..comment_end.min(file_len);
    if !comment.is_empty() {
        into.note_outside(file, comment.clone(), OutsidePlace::Comment, cx)?;
        owned.push((comment, None));
    }
    Ok(())
}

/// One entry of the directory, with its local header.
fn listed(
    file: &[u8],
    at: u64,
    shift: i64,
    central: &Header<'_>,
    into: &mut Archive,
    owned: &mut Vec<Owned>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    cx.budget.touch(central.name.len().saturating_add(central.extra.len()))?;
    let mut entry = Entry::from_header(central);
    entry.listed_at = Some(at);
    let index = u32::try_from(into.entries.len()).unwrap_or(u32::MAX);
    let mut odd = Vec::new();
    if unicode_name(central).is_some_and(|unicode| unicode != entry.name) {
        odd.push(OddityKind::UnicodeNameDiffers);
    }
    let places = [central.header_at.checked_add_signed(shift), Some(central.header_at)];
    let place = places.into_iter().flatten().find(|place| is_at(file, LOCAL, *place)).or_else(|| {
        // A header whose signature is spoiled still has the name behind it.
        places.into_iter().flatten().find(|place| {
            let name_at = place.saturating_add(LOCAL_LEN as u64);
            !central.name.is_empty() && is_at(file, central.name, name_at)
        })
    });
    let local = place.and_then(|place| {
        let mut reader = reader_at(file, place)?;
        let header = Header::local(&mut reader).ok()?;
        Some((place, header, reader.at()))
    });
    let Some((place, local, data_at)) = local else {
        odd.push(OddityKind::LocalHeaderMissing { stated: central.header_at });
        note(into, &odd, index, at, cx);
        into.add(entry, cx)?;
        return Ok(());
    };
    if !is_at(file, LOCAL, place) {
        odd.push(OddityKind::LocalHeaderMissing { stated: central.header_at });
    }
    entry.header_at = Some(place);
    entry.local_method = local.method;
    if local.name != central.name {
        entry.local_name = Some(name(&local).into_owned());
        odd.push(OddityKind::NamesDiffer);
    }
    if local.method != central.method {
        odd.push(OddityKind::MethodsDiffer { central: central.method, local: local.method });
    }
    if local.is_encrypted() != central.is_encrypted() {
        odd.push(OddityKind::EncryptionDiffers);
        entry.flags |= local.flags & super::records::ENCRYPTED;
    }
    let left_out = local.has_descriptor() && local.packed_len == 0 && local.crc32 == 0;
    let same = (local.packed_len, local.len, local.crc32) == (central.packed_len, central.len, central.crc32);
    // Writers that do not know the sizes beforehand leave only some of them out.
    let excused = left_out || (local.has_descriptor() && (local.len == 0 || local.packed_len == 0));
    if !same && !excused {
        odd.push(OddityKind::SizesDiffer);
    }
    // A deflated stream ends by itself, so that the larger of two sizes loses nothing.
    let packed_len = if excused || central.method == 0 {
        central.packed_len
    } else {
        central.packed_len.max(local.packed_len)
    };
    let have = (file.len() as u64).saturating_sub(data_at);
    if central.packed_len > have {
        odd.push(OddityKind::DataCut { have, stated: central.packed_len });
    }
    entry.data = data_at..data_at.saturating_add(packed_len.min(have));
    if entry.aes.is_none() {
        entry.aes = Entry::from_header(&local).aes;
    }
    let end = data_at.saturating_add(central.packed_len.min(have));
    let end = end.saturating_add(descriptor_len(file, end, &local, central));
    owned.push((place..end, Some(index)));
    note(into, &odd, index, at, cx);
    into.add(entry, cx)?;
    Ok(())
}

fn note(into: &mut Archive, odd: &[OddityKind], index: u32, at: u64, cx: &mut Cx<'_>) {
    for kind in odd {
        into.oddities.push(cx, Oddity { at, entry: Some(index), kind: *kind });
    }
}

/// The name in the extra field of Info-ZIP (0x7075), which holds only for the name it was made from.
fn unicode_name<'a>(header: &Header<'a>) -> Option<&'a str> {
    let mut reader = Reader::new(header.extra_field(0x7075)?);
    let _version = reader.u8().ok()?;
    let of_name = reader.u32().ok()?;
    (of_name == super::crc32(header.name)).then(|| str::from_utf8(reader.rest()).ok())?
}

/// Bytes of the data descriptor (4.3.9) at `at`, if there is one.
fn descriptor_len(file: &[u8], at: u64, local: &Header<'_>, central: &Header<'_>) -> u64 {
    if !local.has_descriptor() && !central.has_descriptor() {
        return 0;
    }
    let signed = if is_at(file, DESCRIPTOR, at) { 4 } else { 0 };
    let crc = reader_at(file, at.saturating_add(signed)).and_then(|mut reader| reader.u32().ok());
    if signed == 0 && crc != Some(central.crc32) {
        return 0;
    }
    // With sizes of 64 bits the next record is 8 bytes further.
    let short = signed.saturating_add(12);
    let wide = short.saturating_add(8);
    let record_at = |at: u64| [LOCAL, CENTRAL, END_64].iter().any(|mark| is_at(file, *mark, at));
    let is_wide = record_at(at.saturating_add(wide)) && !record_at(at.saturating_add(short));
    if is_wide { wide } else { short }
}

/// Looks for local headers in bytes that nothing owns, and notes what is left of them.
pub(super) fn unlisted(
    file: &[u8],
    gap: Range<u64>,
    listed: bool,
    into: &mut Archive,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let place = |range: &Range<u64>, into: &Archive| {
        if range.end == file.len() as u64 {
            OutsidePlace::Suffix
        } else if range.start == 0 || (into.entries.is_empty() && !listed) {
            OutsidePlace::Prefix
        } else {
            OutsidePlace::Between
        }
    };
    let mut from = gap.start;
    let mut plain_from = gap.start;
    while from < gap.end {
        let (start, end) = (as_index(from), as_index(gap.end));
        let Some(at) = scan::find(file, &[LOCAL], start, end, cx)?.map(|at| at as u64) else { break };
        let local = reader_at(file, at).and_then(|mut reader| {
            let header = Header::local(&mut reader).ok()?;
            is_plausible(&header).then_some((header, reader.at()))
        });
        let Some((header, data_at)) = local.filter(|(_, data_at)| *data_at <= gap.end) else {
            from = at.saturating_add(4);
            continue;
        };
        let before = plain_from..at;
        into.note_outside(file, before.clone(), place(&before, into), cx)?;
        let mut entry = Entry::from_header(&header);
        entry.header_at = Some(at);
        let known = header.packed_len > 0 || !header.has_descriptor();
        let fits = data_at.saturating_add(header.packed_len) <= gap.end;
        let end = if known && fits {
            data_at.saturating_add(header.packed_len)
        } else {
            data_end(file, data_at, gap.end, &mut entry, cx)?
        };
        entry.data = data_at..end;
        let index = into.add(entry, cx)?;
        if listed {
            into.oddities.push(cx, Oddity { at, entry: Some(index), kind: OddityKind::Unlisted });
        }
        from = end.saturating_add(descriptor_len(file, end, &header, &header)).min(gap.end);
        plain_from = from;
    }
    let rest = plain_from..gap.end;
    into.note_outside(file, rest.clone(), place(&rest, into), cx)
}

/// Where data ends whose size is not stated: at a descriptor that fits, or the next record.
fn data_end(
    file: &[u8],
    data_at: u64,
    stop: u64,
    entry: &mut Entry,
    cx: &mut Cx<'_>,
) -> Result<u64, LimitHit> {
    let mut from = data_at;
    loop {
        let marks = [LOCAL, CENTRAL, DESCRIPTOR];
        let Some(at) = scan::find(file, &marks, as_index(from), as_index(stop), cx)? else {
            return Ok(stop);
        };
        let at = at as u64;
        let Some(mut reader) = reader_at(file, at) else { return Ok(stop) };
        if is_at(file, DESCRIPTOR, at) {
            let fields = (|| {
                reader.skip(4).ok()?;
                Some((reader.u32().ok()?, reader.u32().ok()?, reader.u32().ok()?))
            })();
            if let Some((crc, packed_len, len)) = fields
                && u64::from(packed_len) == at.saturating_sub(data_at)
            {
                (entry.crc32, entry.len) = (crc, len.into());
                return Ok(at);
            }
        } else if is_at(file, CENTRAL, at)
            || Header::local(&mut reader).is_ok_and(|header| is_plausible(&header))
        {
            return Ok(at);
        }
        from = at.saturating_add(4);
    }
}

/// Whether bytes behind a signature are a header, and not data that looks like one.
fn is_plausible(header: &Header<'_>) -> bool {
    let known_method = matches!(header.method, 0..=20 | 93..=99);
    let printable = header.name.iter().all(|byte| *byte >= 0x20);
    known_method
        && header.needs & 0xFF <= 99
        && !header.name.is_empty()
        && header.name.len() <= 1024
        && printable
}

fn is_at(file: &[u8], what: &[u8], at: u64) -> bool {
    usize::try_from(at).ok().and_then(|at| file.get(at..)).is_some_and(|rest| rest.starts_with(what))
}

fn reader_at(file: &[u8], at: u64) -> Option<Reader<'_>> {
    let rest = file.get(usize::try_from(at).ok()?..)?;
    Some(Reader::at_offset(rest, at))
}

fn as_index(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
