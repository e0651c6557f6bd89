//! Property sets: summary information, document summary information and custom properties.
//!
//! Layout: [MS-OLEPS] 2.21 `PropertySetStream`; meanings: [MS-OSHARED] 2.3.3.2. Office shows what it
//! can of a damaged set and opens the document in any case, so every deviation is gone over: a
//! count is cut to the bytes that are there, a text to the end of the stream, a bad offset is left
//! out. Macros read these texts (`BuiltinDocumentProperties`), and hide payloads in them.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use crate::base::text::{CodePage, utf16le};
use crate::base::{Cx, LimitHit, Location, Reader, Short};

/// Most properties that are read of one stream.
pub const MAX_PROPERTIES: usize = 4096;

/// What the property sets of a document say. Several streams fill one value; what is stated twice
/// keeps its first value, and the second goes to [`Properties::custom`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Properties {
    /// Code page of the 8-bit texts, as the first section states it.
    pub code_page: Option<u16>,
    /// Title.
    pub title: Option<PropertyText>,
    /// Subject.
    pub subject: Option<PropertyText>,
    /// Author.
    pub author: Option<PropertyText>,
    /// Keywords.
    pub keywords: Option<PropertyText>,
    /// Comments.
    pub comments: Option<PropertyText>,
    /// Template.
    pub template: Option<PropertyText>,
    /// Who saved it last.
    pub last_author: Option<PropertyText>,
    /// Revision number, which is a text.
    pub revision: Option<PropertyText>,
    /// The program that wrote it.
    pub application: Option<PropertyText>,
    /// When it was created.
    pub created: Option<FileTime>,
    /// When it was saved last.
    pub modified: Option<FileTime>,
    /// When it was printed last.
    pub last_printed: Option<FileTime>,
    /// Time spent in editing, in units of 100 ns.
    pub editing_time: Option<u64>,
    /// Security flags ([MS-OSHARED] 2.3.3.2.1.1): 1 password, 2 read-only recommended, 4 read-only
    /// enforced, 8 locked for annotations.
    pub security: Option<i64>,
    /// The bytes of the preview picture.
    pub thumbnail: Option<Location>,
    /// Category.
    pub category: Option<PropertyText>,
    /// Manager.
    pub manager: Option<PropertyText>,
    /// Company.
    pub company: Option<PropertyText>,
    /// Content type.
    pub content_type: Option<PropertyText>,
    /// Content status.
    pub content_status: Option<PropertyText>,
    /// Names of the parts of the document: sheets, ranges, macros.
    pub parts: Vec<PropertyText>,
    /// Whether the links of custom properties are out of date.
    pub links_dirty: Option<bool>,
    /// Version of the program, its high half the main number.
    pub application_version: Option<i64>,
    /// What relative hyperlinks begin with (`_PID_LINKBASE`).
    pub hyperlink_base: Option<PropertyText>,
    /// Targets of hyperlinks (`_PID_HLINKS`), with `#` and a place behind.
    pub hyperlinks: Vec<PropertyText>,
    /// Custom properties, and those without a field here: name and value.
    pub custom: Vec<(String, PropertyValue)>,
}

/// A text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyText {
    /// The text; nulls at its end are left out, others are not.
    pub text: String,
    /// Its value in the stream, type and size included.
    pub location: Location,
}

/// The value of a property ([MS-OLEPS] 2.15).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PropertyValue {
    /// None.
    Empty,
    /// An integer of any size.
    Integer(i64),
    /// A floating-point number, or a date as the days since 30 December 1899.
    Real(f64),
    /// A boolean.
    Boolean(bool),
    /// A point in time, or a duration.
    Time(FileTime),
    /// A text.
    Text(PropertyText),
    /// Several texts.
    Texts(Vec<PropertyText>),
    /// Bytes: a blob, a clipboard picture.
    Bytes(Location),
    /// A type that is not read.
    Other {
        /// Its number.
        kind: u32,
        /// Where the value begins.
        location: Location,
    },
}

/// Units of 100 ns since 1 January 1601 UTC; shown as ISO 8601, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileTime(pub u64);

/// Why a property or a set is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PropertyError {
    /// A field is past the end of the stream.
    #[error(transparent)]
    Short(#[from] Short),
    /// The stream does not begin as a property set.
    #[error("property set: byte order 0x{byte_order:04x} in the place of 0xfffe")]
    NotPropertySet {
        /// What is there.
        byte_order: u16,
    },
    /// A set at an offset outside the stream.
    #[error("property set {index} at {at}, past the end")]
    SetOutside {
        /// Which one, from 0.
        index: u32,
        /// Where.
        at: u64,
    },
    /// More sets than the two that there can be.
    #[error("{count} property sets")]
    SetCount {
        /// How many it says.
        count: u32,
    },
    /// More properties than there is room for.
    #[error("property set at {at}: {count} properties, room for {room}")]
    PropertyCount {
        /// Where the set begins.
        at: u64,
        /// How many it says.
        count: u32,
        /// How many fit.
        room: u64,
    },
    /// More properties than are read.
    #[error("property set at {at}: more than {MAX_PROPERTIES} properties")]
    TooMany {
        /// Where the set begins.
        at: u64,
    },
    /// A property whose value lies outside the stream.
    #[error("property 0x{id:x}: value at {at}, past the end")]
    ValueOutside {
        /// Its identifier.
        id: u32,
        /// Where it should be.
        at: u64,
    },
    /// A value that ends behind the stream.
    #[error("value at {at}: {need} bytes, {have} there")]
    Cut {
        /// Where it begins.
        at: u64,
        /// How many bytes it says.
        need: u64,
        /// How many are there.
        have: u64,
    },
    /// A list that is longer than what is there, or than what is read.
    #[error("list at {at}: {count} values, {done} read")]
    Vector {
        /// Where it begins.
        at: u64,
        /// How many it says.
        count: u32,
        /// How many were read.
        done: u64,
    },
    /// A type that is not read.
    #[error("value at {at}: type 0x{kind:04x}")]
    Type {
        /// Where it begins.
        at: u64,
        /// Its number.
        kind: u32,
    },
    /// Values that together are longer than the stream: they lie over each other.
    #[error("property 0x{id:x}: values overlap")]
    Overlap {
        /// The first one that is not read.
        id: u32,
    },
    /// A code page that cannot be decoded.
    #[error("code page {stated} read as {used}")]
    CodePage {
        /// What the set says.
        stated: u16,
        /// What is used.
        used: u16,
    },
}

impl Properties {
    /// All texts, with the name of their property.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &PropertyText)> {
        let fields = [
            ("title", &self.title),
            ("subject", &self.subject),
            ("author", &self.author),
            ("keywords", &self.keywords),
            ("comments", &self.comments),
            ("template", &self.template),
            ("last author", &self.last_author),
            ("revision", &self.revision),
            ("application", &self.application),
            ("category", &self.category),
            ("manager", &self.manager),
            ("company", &self.company),
            ("content type", &self.content_type),
            ("content status", &self.content_status),
            ("hyperlink base", &self.hyperlink_base),
        ];
        let fields = fields.into_iter().filter_map(|(name, text)| text.as_ref().map(|text| (name, text)));
        let parts = self.parts.iter().map(|text| ("part", text));
        let hyperlinks = self.hyperlinks.iter().map(|text| ("hyperlink", text));
        let custom = self.custom.iter().flat_map(|(name, value)| {
            let texts = match value {
                PropertyValue::Text(text) => std::slice::from_ref(text),
                PropertyValue::Texts(texts) => texts.as_slice(),
                _ => &[],
            };
            texts.iter().map(move |text| (name.as_str(), text))
        });
        fields.chain(parts).chain(hyperlinks).chain(custom)
    }
}

impl fmt::Display for FileTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / 10_000_000;
        let (days, second) = (seconds / 86_400, seconds % 86_400);
        // Years that begin in March: the leap day is the last of them. 1 January 1601 is day 306 of
        // the year that began in March 1600, where a cycle of 400 years begins.
        let days = days.saturating_add(306);
        let (cycle, day) = (days / 146_097, days % 146_097);
        let leaps = (day / 1460).saturating_sub(day / 36_524).saturating_add(day / 146_096);
        let year = day.saturating_sub(leaps) / 365;
        let before = year.saturating_mul(365).saturating_add(year / 4).saturating_sub(year / 100);
        let day = day.saturating_sub(before);
        let month = day.saturating_mul(5).saturating_add(2) / 153;
        let day = day.saturating_sub(month.saturating_mul(153).saturating_add(2) / 5).saturating_add(1);
        let late = month >= 10;
        let month = if late { month.saturating_sub(9) } else { month.saturating_add(3) };
        let year =
            cycle.saturating_mul(400).saturating_add(year).saturating_add(1600).saturating_add(late.into());
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// `FMTID_SummaryInformation` ([MS-OSHARED] 2.3.3.1.1), as stored.
const SUMMARY: [u8; 16] =
    [0xE0, 0x85, 0x9F, 0xF2, 0xF9, 0x4F, 0x68, 0x10, 0xAB, 0x91, 0x08, 0x00, 0x2B, 0x27, 0xB3, 0xD9];
/// `FMTID_DocSummaryInformation`.
const DOCUMENT_SUMMARY: [u8; 16] =
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, LimitKind, Limits, PartId, Place, ProblemKind, Problems, Stage};
    use proptest::prelude::*;

    const USER_DEFINED: [u8; 16] =
        [0x05, 0xD5, 0xCD, 0xD5, 0x9C, 0x2E, 0x1B, 0x10, 0x93, 0x97, 0x08, 0x00, 0x2B, 0x2C, 0xF9, 0xAE];

    /// Format, then identifier and value of each property.
    type Set = ([u8; 16], Vec<(u32, Vec<u8>)>);

    fn stream(sets: &[Set]) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend(0xFFFE_u16.to_le_bytes()); // ByteOrder
        bytes.extend(0_u16.to_le_bytes()); // Version
        bytes.extend([0; 4]); // SystemIdentifier
        bytes.extend([0; 16]); // CLSID
        bytes.extend((sets.len() as u32).to_le_bytes()); // NumPropertySets
        let mut bodies = Vec::new();
        for (format, properties) in sets {
            bytes.extend(format); // FMTID
            bytes.extend((28 + 20 * sets.len() as u32 + bodies.len() as u32).to_le_bytes()); // Offset
            let mut values: Vec<u8> = Vec::new();
            let mut directory = Vec::new();
            for (id, value) in properties {
                directory.extend(id.to_le_bytes()); // PropertyIdentifier
                directory.extend((8 + 8 * properties.len() as u32 + values.len() as u32).to_le_bytes()); // Offset
                values.extend(value);
            }
            bodies.extend((8 + directory.len() as u32 + values.len() as u32).to_le_bytes()); // Size
            bodies.extend((properties.len() as u32).to_le_bytes()); // NumProperties
            bodies.extend(directory);
            bodies.extend(values);
        }
        bytes.extend(bodies);
        bytes
    }

    fn typed(kind: u32, value: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes(), value].concat()
    }

    fn code_page(id: u16) -> (u32, Vec<u8>) {
        (1, typed(0x02, &[&id.to_le_bytes()[..], &[0, 0]].concat()))
    }

    fn lpstr(text: &[u8]) -> Vec<u8> {
        typed(0x1E, &[&(text.len() as u32 + 1).to_le_bytes(), text, &[0]].concat())
    }

    fn run(bytes: &[u8], into: &mut Properties, steps: u64) -> (Problems, Result<(), LimitHit>) {
        let mut budget = Budget::new(&Limits { steps, ..Limits::default() });
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(3), stage: Stage::Props, budget: &mut budget, problems: &mut problems };
        let done = read(bytes, into, &mut cx);
        (problems, done)
    }

    fn read_all(bytes: &[u8]) -> (Properties, Vec<(ProblemKind, String)>) {
        let mut into = Properties::default();
        let (problems, done) = run(bytes, &mut into, 10_000);
        assert_eq!(done, Ok(()));
        let problems = problems.list().iter().map(|problem| (problem.kind, problem.message.clone()));
        (into, problems.collect())
    }

    fn at(range: Range<u64>) -> Location {
        Location::bytes(PartId(3), range)
    }

    #[test]
    fn summary_is_read_in_its_code_page() {
        let time = 133_118_498_540_000_000_u64;
        let bytes = stream(&[(
            SUMMARY,
            vec![
                (4, lpstr(&[0xC3, 0xE8, 0xE4])), // before the code page in the directory
                code_page(1251),
                (0x0C, typed(0x40, &time.to_le_bytes())),
                (0x13, typed(0x03, &8_u32.to_le_bytes())),
                (0x11, typed(0x47, &[3, 0, 0, 0, 9, 9, 9, 0])),
            ],
        )]);
        let expected = Properties {
            code_page: Some(1251),
            author: Some(PropertyText { text: "Гид".into(), location: at(96..108) }),
            created: Some(FileTime(time)),
            security: Some(8),
            thumbnail: Some(at(144..147)),
            ..Properties::default()
        };
        assert_eq!(read_all(&bytes), (expected, vec![]));
    }

    #[test]
    fn custom_properties_are_named_by_the_dictionary_and_links_are_read() {
        let dictionary = [
            &3_u32.to_le_bytes()[..], // NumEntries
            &[&2_u32.to_le_bytes()[..], &5_u32.to_le_bytes(), b"Load\0"].concat(),
            &[&3_u32.to_le_bytes()[..], &12_u32.to_le_bytes(), b"_PID_HLINKS\0"].concat(),
            &[&4_u32.to_le_bytes()[..], &14_u32.to_le_bytes(), b"_PID_LINKBASE\0"].concat(),
        ]
        .concat();
        let wide = |text: &str| {
            let units: Vec<u8> = text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
            let padding = vec![0; units.len().next_multiple_of(4) - units.len()];
            typed(0x1F, &[&(units.len() as u32 / 2).to_le_bytes(), &units[..], &padding].concat())
        };
        let number = typed(0x03, &[0; 4]);
        let links = [
            &6_u32.to_le_bytes()[..], // cElements
            &number,
            &number,
            &number,
            &number,                   // dwHash, dwApp, dwOfficeArt, dwInfo
            &wide("http://a.example"), // hlink1
            &wide("x"),                // hlink2
        ]
        .concat();
        let blob = |bytes: &[u8]| typed(0x41, &[&(bytes.len() as u32).to_le_bytes(), bytes].concat());
        let bytes = stream(&[
            (DOCUMENT_SUMMARY, vec![code_page(932), (0x0F, lpstr(&[0x93, 0xFA]))]),
            (
                USER_DEFINED,
                vec![
                    (0, dictionary),
                    code_page(1252),
                    (2, lpstr(b"powershell")),
                    (3, blob(&links)),
                    (4, blob(b"h\0t\0\0\0")),
                    (9, typed(0x0B, &[0xFF, 0xFF, 0, 0])),
                ],
            ),
        ]);
        let (properties, problems) = read_all(&bytes);
        assert_eq!(problems, vec![]);
        assert_eq!(properties.code_page, Some(932));
        let texts: Vec<_> = properties.texts().map(|(name, text)| (name, text.text.as_str())).collect();
        assert_eq!(
            texts,
            [
                ("company", "日"),
                ("hyperlink base", "ht"),
                ("hyperlink", "http://a.example#x"),
                ("Load", "powershell"),
            ]
        );
        assert_eq!(properties.custom[1], ("0x9".to_owned(), PropertyValue::Boolean(true)));
    }

    #[test]
    fn parts_are_texts_without_padding() {
        let parts = typed(0x101E, b"\x02\0\0\0\x07\0\0\0Sheet1\0\x03\0\0\0\x96\xBE\0");
        let bytes = stream(&[(DOCUMENT_SUMMARY, vec![code_page(932), (0x0D, parts)])]);
        let (properties, problems) = read_all(&bytes);
        let names: Vec<_> = properties.parts.iter().map(|part| part.text.as_str()).collect();
        assert_eq!((names, problems), (vec!["Sheet1", "明"], vec![]));
    }

    #[test]
    fn sixteen_bit_code_page_counts_bytes() {
        let text: Vec<u8> = "é\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let value = typed(0x1E, &[&(text.len() as u32).to_le_bytes()[..], &text].concat());
        let (properties, problems) = read_all(&stream(&[(SUMMARY, vec![code_page(1200), (2, value)])]));
        assert_eq!((properties.title.unwrap().text, problems), ("é".to_owned(), vec![]));
    }

    #[test]
    fn bad_offset_is_told_and_later_properties_are_read() {
        let mut bytes = stream(&[(SUMMARY, vec![(2, lpstr(b"a")), (3, lpstr(b"b"))])]);
        bytes[60..64].copy_from_slice(&0xFFFF_u32.to_le_bytes()); // Offset of the first property
        let (properties, problems) = read_all(&bytes);
        assert_eq!((properties.title, properties.subject.unwrap().text), (None, "b".to_owned()));
        let expected = PropertyError::ValueOutside { id: 2, at: 48 + 0xFFFF };
        assert_eq!(problems, [(ProblemKind::Recovered, expected.to_string())]);
    }

    #[test]
    fn text_longer_than_the_stream_is_read_to_its_end() {
        let mut bytes = stream(&[(SUMMARY, vec![(2, lpstr(b"abc"))])]);
        bytes[68..72].copy_from_slice(&99_u32.to_le_bytes()); // Size
        let (properties, problems) = read_all(&bytes);
        assert_eq!(properties.title.unwrap().text, "abc");
        let expected = PropertyError::Cut { at: 72, need: 99, have: 4 };
        assert_eq!(problems, [(ProblemKind::Recovered, expected.to_string())]);
    }

    #[test]
    fn count_larger_than_the_stream_is_cut() {
        let mut bytes = stream(&[(SUMMARY, vec![(2, lpstr(b"abc"))])]);
        bytes[52..56].copy_from_slice(&u32::MAX.to_le_bytes()); // NumProperties
        let (properties, problems) = read_all(&bytes);
        assert_eq!(properties.title.unwrap().text, "abc");
        let expected = PropertyError::PropertyCount { at: 48, count: u32::MAX, room: 2 };
        assert_eq!(problems[0], (ProblemKind::Recovered, expected.to_string()));
    }

    #[test]
    fn properties_that_share_their_bytes_end_with_the_room() {
        let mut bytes = stream(&[(SUMMARY, vec![(2, vec![]); 200])]);
        let value_at = 8 + 8 * 200_u32;
        for entry in bytes[56..].chunks_exact_mut(8) {
            entry[4..].copy_from_slice(&value_at.to_le_bytes());
        }
        bytes.extend(lpstr(&[b'x'; 1000]));
        let (properties, problems) = read_all(&bytes);
        assert_eq!(properties.custom.len(), 2);
        assert_eq!(
            problems[0],
            (
                ProblemKind::Recovered,
                PropertyError::Cut {
                    at: 48 + u64::from(value_at) + 8,
                    need: 1001,
                    have: bytes.len() as u64 - 2 * 1009 - 8,
                }
                .to_string()
            )
        );
        assert_eq!(problems[1], (ProblemKind::Abandoned, PropertyError::Overlap { id: 2 }.to_string()));
    }

    #[test]
    fn other_bytes_are_abandoned_and_no_bytes_are_not() {
        assert_eq!(read_all(&[]), (Properties::default(), vec![]));
        let expected = PropertyError::NotPropertySet { byte_order: 0x0201 }.to_string();
        assert_eq!(read_all(&[1, 2, 3]), (Properties::default(), vec![(ProblemKind::Abandoned, expected)]));
    }

    #[test]
    fn identifier_with_the_high_bytes_first_is_known() {
        let mut turned = SUMMARY;
        turned[..4].reverse();
        turned[4..6].reverse();
        turned[6..8].reverse();
        let (properties, _) = read_all(&stream(&[(turned, vec![(2, lpstr(b"a"))])]));
        assert_eq!(properties.title.unwrap().text, "a");
    }

    #[test]
    fn second_value_of_a_field_is_kept_as_custom() {
        let (properties, _) = read_all(&stream(&[(SUMMARY, vec![(2, lpstr(b"a")), (2, lpstr(b"b"))])]));
        let texts: Vec<_> = properties.texts().map(|(name, text)| (name, text.text.as_str())).collect();
        assert_eq!(texts, [("title", "a"), ("0x2", "b")]);
    }

    #[test]
    fn spent_budget_keeps_what_was_read() {
        let bytes = stream(&[(SUMMARY, vec![(2, lpstr(b"a")), (3, lpstr(b"b"))])]);
        let mut into = Properties::default();
        let (_, done) = run(&bytes, &mut into, 6);
        assert_eq!(done, Err(LimitHit { kind: LimitKind::Steps, ceiling: 6 }));
        assert_eq!((into.title.map(|title| title.text), into.subject), (Some("a".to_owned()), None));
    }

    #[test]
    fn times_are_shown_as_dates() {
        let shown = [0, 133_118_498_540_000_000, 116_444_736_000_000_000, 125_963_423_990_000_000, u64::MAX]
            .map(|units| FileTime(units).to_string());
        assert_eq!(
            shown,
            [
                "1601-01-01T00:00:00Z",
                "2022-11-02T08:04:14Z",
                "1970-01-01T00:00:00Z",
                "2000-02-29T23:59:59Z",
                "60056-05-28T05:36:10Z",
            ]
        );
    }

    fn inside(location: &Location, len: u64) -> bool {
        matches!(location.place, Some(Place::Bytes { start, end }) if start <= end && end <= len)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_bytes_behind_a_header_are_read_inside_the_stream(
            format in prop_oneof![Just(SUMMARY), Just(DOCUMENT_SUMMARY), Just(USER_DEFINED)],
            values in prop::collection::vec(
                (0_u32..0x20, prop_oneof![Just(0x1E_u32), Just(0x1F), Just(0x101E), Just(0x100C), Just(0x41), Just(2),
                    Just(0x40), any::<u32>()], prop::collection::vec(any::<u8>(), 0..24)),
                0..12,
            ),
            noise in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        ) {
            let values = values.into_iter().map(|(id, kind, bytes)| (id, typed(kind, &bytes))).collect();
            let mut bytes = stream(&[(format, values)]);
            for (index, byte) in noise {
                let index = index.index(bytes.len());
                bytes[index] = byte;
            }
            let (properties, problems) = read_all(&bytes);
            for (_, text) in properties.texts() {
                prop_assert!(inside(&text.location, bytes.len() as u64), "{text:?} {problems:?}");
            }
        }
    }
}
