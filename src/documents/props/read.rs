//! Reading: sets, their properties, and what the numbers of properties mean.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use std::collections::BTreeMap;
use std::ops::Range;

use super::{FileTime, MAX_PROPERTIES, Properties, PropertyError, PropertyText, PropertyValue};
use crate::base::text::{CodePage, utf16le};
use crate::base::{Cx, LimitHit, Location, Reader, Short};

/// `FMTID_SummaryInformation` ([MS-OSHARED] 2.3.3.1.1), as stored.
pub(super) const SUMMARY: [u8; 16] =
    [0xE0, 0x85, 0x9F, 0xF2, 0xF9, 0x4F, 0x68, 0x10, 0xAB, 0x91, 0x08, 0x00, 0x2B, 0x27, 0xB3, 0xD9];
/// `FMTID_DocSummaryInformation`.
pub(super) const DOCUMENT_SUMMARY: [u8; 16] =
    [0x02, 0xD5, 0xCD, 0xD5, 0x9C, 0x2E, 0x1B, 0x10, 0x93, 0x97, 0x08, 0x00, 0x2B, 0x2C, 0xF9, 0xAE];

/// A format identifier as it should be stored: some programs write the numbers of the identifier
/// with the high byte first.
fn upright(format: [u8; 16]) -> [u8; 16] {
    let [a, b, c, d, e, f, g, h, rest @ ..] = format;
    let [i, j, k, l, m, n, o, p] = rest;
    let turned = [d, c, b, a, f, e, h, g, i, j, k, l, m, n, o, p];
    if turned == SUMMARY || turned == DOCUMENT_SUMMARY { turned } else { format }
}

/// Property sets that are looked at; a stream has one or two.
const MAX_SETS: u32 = 8;

/// Reads one property set stream into `into`.
///
/// # Errors
/// [`LimitHit`] when the steps do not last; `into` keeps what was read before.
pub fn read(stream: &[u8], into: &mut Properties, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    cx.budget.step(1)?;
    if stream.is_empty() {
        return Ok(());
    }
    let sets = match header(stream, cx) {
        Ok(sets) => sets,
        Err(error) => {
            cx.abandoned(0..stream.len() as u64, &error);
            return Ok(());
        }
    };
    let mut room = Room { values: stream.len(), properties: MAX_PROPERTIES };
    for (index, (format, at)) in (0_u32..).zip(sets) {
        cx.budget.step(1)?;
        let format = upright(format);
        let bytes = usize::try_from(at).ok().and_then(|at| stream.get(at..)).unwrap_or_default();
        if bytes.is_empty() {
            cx.recovered(0, &PropertyError::SetOutside { index, at: at.into() });
            continue;
        }
        set(format, bytes, at.into(), &mut room, into, cx)?;
    }
    Ok(())
}

/// How much may still be read of a stream, so that properties that share their bytes cost no more
/// than those that do not.
struct Room {
    values: usize,
    properties: usize,
}

/// Format and offset of each set.
fn header(stream: &[u8], cx: &mut Cx<'_>) -> Result<Vec<([u8; 16], u32)>, PropertyError> {
    let mut reader = Reader::new(stream);
    let byte_order = reader.u16()?;
    if byte_order != 0xFFFE {
        return Err(PropertyError::NotPropertySet { byte_order });
    }
    let _version = reader.u16()?;
    let _system_identifier = reader.u32()?;
    let _class: [u8; 16] = reader.array()?;
    let count_at = reader.at();
    let count = reader.u32()?;
    if !(1..=2).contains(&count) {
        cx.recovered(count_at, &PropertyError::SetCount { count });
    }
    let mut sets = Vec::new();
    for _ in 0..count.min(MAX_SETS) {
        match (reader.array(), reader.u32()) {
            (Ok(format), Ok(at)) => sets.push((format, at)),
            (Err(error), _) | (_, Err(error)) => {
                cx.recovered(error.at, &error);
                break;
            }
        }
    }
    Ok(sets)
}

/// Reads one set ([MS-OLEPS] 2.20); `bytes` reach to the end of the stream, since `Size` is wrong in
/// many files.
fn set(
    format: [u8; 16],
    bytes: &[u8],
    base: u64,
    room: &mut Room,
    into: &mut Properties,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let mut reader = Reader::at_offset(bytes, base);
    let (size, count) = (reader.u32(), reader.u32());
    let (Ok(_), Ok(count)) = (size, count) else {
        cx.recovered(base, &Short { at: base, need: 8, have: bytes.len() as u64 });
        return Ok(());
    };
    let fits = reader.remaining() / 8;
    if u64::from(count) > fits as u64 {
        cx.recovered(base, &PropertyError::PropertyCount { at: base, count, room: fits as u64 });
    }
    let mut count = fits.min(usize::try_from(count).unwrap_or(usize::MAX));
    if count > room.properties {
        count = room.properties;
        cx.abandoned(base..base.saturating_add(bytes.len() as u64), &PropertyError::TooMany { at: base });
    }
    room.properties = room.properties.saturating_sub(count);
    cx.budget.step(count as u64)?;
    let mut directory = Vec::new();
    for _ in 0..count {
        match (reader.u32(), reader.u32()) {
            (Ok(id), Ok(offset)) => directory.push((id, offset)),
            _ => break,
        }
    }

    let mut values = Values { bytes, base, code_page: CodePage::WESTERN, room };
    if let Some((_, offset)) = directory.iter().find(|(id, _)| *id == CODE_PAGE) {
        // VT_I2, of which only the bits count: 65001 is negative.
        let stated = values.at(*offset).and_then(|mut value| value.u32().and(value.u16()).ok());
        if let Some(stated) = stated {
            let (page, other) = CodePage::resolve(stated);
            if other {
                let at = values.offset(*offset);
                cx.recovered(at, &PropertyError::CodePage { stated, used: page.id() });
            }
            values.code_page = page;
            into.code_page.get_or_insert(stated);
        }
    }
    let dictionary = directory.iter().find(|(id, _)| *id == DICTIONARY);
    let builtin = format == SUMMARY || format == DOCUMENT_SUMMARY;
    let names = match dictionary {
        Some((_, offset)) if !builtin => values.dictionary(*offset, cx)?,
        _ => BTreeMap::new(),
    };
    for (id, offset) in directory {
        if id == CODE_PAGE || id == DICTIONARY && !builtin {
            continue;
        }
        let Some(value) = values.value(id, offset, cx)? else { continue };
        let left = match format {
            SUMMARY => summary(id, value, into),
            DOCUMENT_SUMMARY => document_summary(id, value, into),
            _ => custom(names.get(&id).map(String::as_str), value, bytes, base, into, cx)?,
        };
        if let Some(value) = left {
            let name = names.get(&id).cloned().unwrap_or_else(|| format!("0x{id:x}"));
            into.custom.push((name, value));
        }
    }
    Ok(())
}

/// The dictionary of names.
const DICTIONARY: u32 = 0;
/// The code page of the set.
const CODE_PAGE: u32 = 1;

/// The values of one set.
struct Values<'a, 'r> {
    bytes: &'a [u8],
    base: u64,
    code_page: CodePage,
    room: &'r mut Room,
}

impl<'a> Values<'a, '_> {
    fn offset(&self, offset: u32) -> u64 {
        self.base.saturating_add(offset.into())
    }

    fn at(&self, offset: u32) -> Option<Reader<'a>> {
        let bytes = self.bytes.get(usize::try_from(offset).ok()?..)?;
        (!bytes.is_empty()).then(|| Reader::at_offset(bytes, self.offset(offset)))
    }

    /// Reads the value of a property; `None` when it is not there, which is told.
    fn value(&mut self, id: u32, offset: u32, cx: &mut Cx<'_>) -> Result<Option<PropertyValue>, LimitHit> {
        let at = self.offset(offset);
        let Some(mut reader) = self.at(offset) else {
            // The place is not in the stream: the set that names it is.
            cx.recovered(self.base, &PropertyError::ValueOutside { id, at });
            return Ok(None);
        };
        if self.room.values == 0 {
            cx.abandoned(at..at, &PropertyError::Overlap { id });
            return Ok(None);
        }
        let before = reader.remaining().min(self.room.values);
        let scarce = before < reader.remaining();
        // A value reads no further than what is left for all values together.
        reader = Reader::at_offset(reader.rest().get(..before).unwrap_or_default(), at);
        cx.budget.step(1)?;
        let value = typed_value(&mut reader, self.code_page, cx);
        let used = before.saturating_sub(reader.remaining());
        self.room.values = self.room.values.saturating_sub(used);
        cx.budget.touch(used)?;
        if scarce && reader.is_empty() {
            cx.abandoned(at..at, &PropertyError::Overlap { id });
        }
        Ok(value.map_err(|short| cx.recovered(at, &short)).ok())
    }

    /// Reads the names of custom properties ([MS-OLEPS] 2.17).
    fn dictionary(&mut self, offset: u32, cx: &mut Cx<'_>) -> Result<BTreeMap<u32, String>, LimitHit> {
        let mut names = BTreeMap::new();
        let at = self.offset(offset);
        let Some(mut reader) = self.at(offset) else {
            cx.recovered(self.base, &PropertyError::ValueOutside { id: DICTIONARY, at });
            return Ok(names);
        };
        let Ok(count) = reader.u32() else {
            cx.recovered(at, &Short { at, need: 4, have: reader.remaining() as u64 });
            return Ok(names);
        };
        for _ in 0..count {
            if names.len() >= MAX_PROPERTIES {
                let end = at.saturating_add(reader.remaining() as u64);
                cx.abandoned(at..end, &PropertyError::TooMany { at: self.base });
                break;
            }
            match dictionary_entry(&mut reader, self.code_page) {
                Ok((id, name)) => {
                    cx.budget.step(1)?;
                    cx.budget.touch(name.len())?;
                    names.entry(id).or_insert(name);
                }
                Err(short) => {
                    cx.recovered(short.at, &short);
                    break;
                }
            }
        }
        Ok(names)
    }
}

fn dictionary_entry(reader: &mut Reader<'_>, code_page: CodePage) -> Result<(u32, String), Short> {
    let id = reader.u32()?;
    let len = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
    let name = if code_page == CodePage::UTF_16LE {
        let name = utf16le(reader.take(len.saturating_mul(2))?);
        reader.take_up_to(padding(len.saturating_mul(2)));
        name
    } else {
        code_page.decode(reader.take(len)?).text.into_owned()
    };
    Ok((id, name.trim_end_matches('\0').to_owned()))
}

/// Bytes that fill up to a multiple of four.
fn padding(len: usize) -> usize {
    len.next_multiple_of(4).saturating_sub(len)
}

/// Reads a `TypedPropertyValue` ([MS-OLEPS] 2.15), or a vector of which only texts are kept.
fn typed_value(
    reader: &mut Reader<'_>,
    code_page: CodePage,
    cx: &mut Cx<'_>,
) -> Result<PropertyValue, Short> {
    let at = reader.at();
    let mut ahead = reader.clone();
    let kind = ahead.u32()? & 0xFFFF;
    if !matches!(kind, VECTOR_OF_VARIANTS | VECTOR_OF_BYTES | VECTOR_OF_WIDE) {
        return scalar(reader, code_page, cx);
    }
    let count = ahead.u32()?;
    let mut texts = Vec::new();
    for done in 0..u64::from(count) {
        let full = texts.len() >= MAX_PROPERTIES;
        // A text has at least its size.
        if full || ahead.remaining() < 4 {
            let cut = PropertyError::Vector { at, count, done };
            if full {
                cx.abandoned(ahead.at()..ahead.at(), &cut);
            } else {
                cx.recovered(at, &cut);
            }
            break;
        }
        let start = ahead.at();
        if kind == VECTOR_OF_VARIANTS {
            if let PropertyValue::Text(text) = scalar(&mut ahead, code_page, cx)? {
                texts.push(text);
            }
        } else {
            texts.push(text(&mut ahead, kind & 0xFF, start, code_page, cx)?);
        }
    }
    *reader = ahead;
    Ok(PropertyValue::Texts(texts))
}

/// `VT_VECTOR` with `VT_VARIANT`, `VT_LPSTR`, `VT_LPWSTR`.
const VECTOR_OF_VARIANTS: u32 = 0x100C;
const VECTOR_OF_BYTES: u32 = 0x101E;
const VECTOR_OF_WIDE: u32 = 0x101F;

/// Reads a `TypedPropertyValue` that is one value.
fn scalar(reader: &mut Reader<'_>, code_page: CodePage, cx: &mut Cx<'_>) -> Result<PropertyValue, Short> {
    let at = reader.at();
    // The upper half is padding, and not always zero.
    let kind = reader.u32()? & 0xFFFF;
    Ok(match kind {
        0x00 | 0x01 => PropertyValue::Empty,
        0x02 => PropertyValue::Integer(reader.i16()?.into()),
        0x03 | 0x16 | 0x0A => PropertyValue::Integer(reader.i32()?.into()),
        0x04 => PropertyValue::Real(f32::from_le_bytes(reader.array()?).into()),
        0x05 | 0x07 => PropertyValue::Real(reader.f64()?),
        0x06 | 0x14 => PropertyValue::Integer(i64::from_le_bytes(reader.array()?)),
        0x0B => PropertyValue::Boolean(reader.u16()? != 0),
        0x10 => PropertyValue::Integer(i8::from_le_bytes(reader.array()?).into()),
        0x11 => PropertyValue::Integer(reader.u8()?.into()),
        0x12 => PropertyValue::Integer(reader.u16()?.into()),
        0x13 | 0x17 => PropertyValue::Integer(reader.u32()?.into()),
        0x15 => PropertyValue::Integer(reader.u64()?.cast_signed()),
        0x08 | 0x1E | 0x1F => PropertyValue::Text(text(reader, kind, at, code_page, cx)?),
        0x40 => PropertyValue::Time(FileTime(reader.u64()?)),
        // BLOB, BLOB_OBJECT, CF
        0x41 | 0x46 | 0x47 => {
            let len = reader.u32()?;
            let start = reader.at();
            counted(reader, len.into(), cx);
            PropertyValue::Bytes(Location::bytes(cx.part, start..reader.at()))
        }
        kind => {
            cx.unsupported(at, &PropertyError::Type { at, kind });
            PropertyValue::Other { kind, location: Location::bytes(cx.part, at..reader.at()) }
        }
    })
}

/// Takes a counted number of bytes, or what there is of them.
fn counted<'a>(reader: &mut Reader<'a>, len: u64, cx: &mut Cx<'_>) -> &'a [u8] {
    let at = reader.at();
    let have = reader.remaining() as u64;
    if len > have {
        cx.recovered(at, &PropertyError::Cut { at, need: len, have });
    }
    reader.take_up_to(usize::try_from(len).unwrap_or(usize::MAX))
}

/// Reads a `CodePageString` or a `UnicodeString` ([MS-OLEPS] 2.5, 2.7): bytes or characters counted,
/// the null at the end included.
fn text(
    reader: &mut Reader<'_>,
    kind: u32,
    at: u64,
    code_page: CodePage,
    cx: &mut Cx<'_>,
) -> Result<PropertyText, Short> {
    let len = u64::from(reader.u32()?);
    let mut text = if kind == 0x1F {
        let len = len.saturating_mul(2);
        let text = utf16le(counted(reader, len, cx));
        reader.take_up_to(padding(usize::try_from(len).unwrap_or(0)));
        text
    } else {
        code_page.decode(counted(reader, len, cx)).text.into_owned()
    };
    text.truncate(text.trim_end_matches('\0').len());
    Ok(PropertyText { text, location: Location::bytes(cx.part, at..reader.at()) })
}

/// Puts a text into an empty field; gives back what does not belong there.
fn put_text(field: &mut Option<PropertyText>, value: PropertyValue) -> Option<PropertyValue> {
    match (field, value) {
        (field @ None, PropertyValue::Text(text)) => {
            *field = Some(text);
            None
        }
        (_, value) => Some(value),
    }
}

fn put_time(field: &mut Option<FileTime>, value: PropertyValue) -> Option<PropertyValue> {
    match (field, value) {
        (field @ None, PropertyValue::Time(time)) => {
            *field = Some(time);
            None
        }
        (_, value) => Some(value),
    }
}

fn put_integer(field: &mut Option<i64>, value: PropertyValue) -> Option<PropertyValue> {
    match (field, value) {
        (field @ None, PropertyValue::Integer(integer)) => {
            *field = Some(integer);
            None
        }
        (_, value) => Some(value),
    }
}

/// [MS-OSHARED] 2.3.3.2.1.1
fn summary(id: u32, value: PropertyValue, into: &mut Properties) -> Option<PropertyValue> {
    match (id, value) {
        (0x02, value) => put_text(&mut into.title, value),
        (0x03, value) => put_text(&mut into.subject, value),
        (0x04, value) => put_text(&mut into.author, value),
        (0x05, value) => put_text(&mut into.keywords, value),
        (0x06, value) => put_text(&mut into.comments, value),
        (0x07, value) => put_text(&mut into.template, value),
        (0x08, value) => put_text(&mut into.last_author, value),
        (0x09, value) => put_text(&mut into.revision, value),
        (0x0A, PropertyValue::Time(FileTime(units))) if into.editing_time.is_none() => {
            into.editing_time = Some(units);
            None
        }
        (0x0B, value) => put_time(&mut into.last_printed, value),
        (0x0C, value) => put_time(&mut into.created, value),
        (0x0D, value) => put_time(&mut into.modified, value),
        (0x11, PropertyValue::Bytes(location)) if into.thumbnail.is_none() => {
            into.thumbnail = Some(location);
            None
        }
        (0x12, value) => put_text(&mut into.application, value),
        (0x13, value) => put_integer(&mut into.security, value),
        // Counts of pages, words and characters.
        (0x0E..=0x10, PropertyValue::Integer(_)) => None,
        (_, value) => Some(value),
    }
}

/// [MS-OSHARED] 2.3.3.2.2.1
fn document_summary(id: u32, value: PropertyValue, into: &mut Properties) -> Option<PropertyValue> {
    match (id, value) {
        (0x02, value) => put_text(&mut into.category, value),
        (0x0D, PropertyValue::Texts(parts)) if into.parts.is_empty() => {
            into.parts = parts;
            None
        }
        (0x0E, value) => put_text(&mut into.manager, value),
        (0x0F, value) => put_text(&mut into.company, value),
        (0x10, PropertyValue::Boolean(dirty)) if into.links_dirty.is_none() => {
            into.links_dirty = Some(dirty);
            None
        }
        (0x17, value) => put_integer(&mut into.application_version, value),
        (0x1A, value) => put_text(&mut into.content_type, value),
        (0x1B, value) => put_text(&mut into.content_status, value),
        // Counts and flags; the headings of the parts.
        (0x04..=0x0C | 0x11..=0x16, value) if !matches!(value, PropertyValue::Text(_)) => None,
        (_, value) => Some(value),
    }
}

/// Custom properties; two of them have a meaning of their own ([MS-OSHARED] 2.3.3.2.3.1).
fn custom(
    name: Option<&str>,
    value: PropertyValue,
    bytes: &[u8],
    base: u64,
    into: &mut Properties,
    cx: &mut Cx<'_>,
) -> Result<Option<PropertyValue>, LimitHit> {
    let PropertyValue::Bytes(location) = &value else { return Ok(Some(value)) };
    let Some((blob, range)) = blob(location, bytes, base) else { return Ok(Some(value)) };
    match name {
        Some("_PID_LINKBASE") if into.hyperlink_base.is_none() => {
            let mut text = utf16le(blob);
            text.truncate(text.trim_end_matches('\0').len());
            into.hyperlink_base = Some(PropertyText { text, location: location.clone() });
        }
        Some("_PID_HLINKS") if into.hyperlinks.is_empty() => {
            cx.budget.touch(blob.len())?;
            if let Err(short) = hyperlinks(blob, range.start, into, cx) {
                cx.recovered(short.at, &short);
            }
        }
        _ => return Ok(Some(value)),
    }
    Ok(None)
}

fn blob<'a>(location: &Location, bytes: &'a [u8], base: u64) -> Option<(&'a [u8], Range<u64>)> {
    let Some(crate::base::Place::Bytes { start, end }) = location.place else { return None };
    let first = usize::try_from(start.checked_sub(base)?).ok()?;
    let last = usize::try_from(end.checked_sub(base)?).ok()?;
    Some((bytes.get(first..last)?, start..end))
}

/// Reads the hyperlinks of the document: six values each, the last two being the target and the
/// place in it ([MS-OSHARED] 2.3.3.1.21 `VecVtHyperlink`).
fn hyperlinks(blob: &[u8], at: u64, into: &mut Properties, cx: &mut Cx<'_>) -> Result<(), Short> {
    let mut reader = Reader::at_offset(blob, at);
    let count = reader.u32()? / 6;
    for _ in 0..count {
        if into.hyperlinks.len() >= MAX_PROPERTIES {
            let rest = reader.at()..reader.at().saturating_add(reader.remaining() as u64);
            cx.abandoned(rest, &PropertyError::TooMany { at });
            break;
        }
        let start = reader.at();
        for _ in 0..4 {
            typed_value(&mut reader, CodePage::WESTERN, cx)?;
        }
        let target = typed_value(&mut reader, CodePage::WESTERN, cx)?;
        let place = typed_value(&mut reader, CodePage::WESTERN, cx)?;
        let (PropertyValue::Text(mut target), place) = (target, place) else { continue };
        if let PropertyValue::Text(place) = place
            && !place.text.is_empty()
        {
            target.text.push('#');
            target.text.push_str(&place.text);
        }
        target.location = Location::bytes(cx.part, start..reader.at());
        into.hyperlinks.push(target);
    }
    Ok(())
}
