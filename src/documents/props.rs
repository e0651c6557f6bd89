//! Property sets: summary information, document summary information and custom properties.
//!
//! Layout: [MS-OLEPS] 2.21 `PropertySetStream`; meanings: [MS-OSHARED] 2.3.3.2. Office shows what it
//! can of a damaged set and opens the document in any case, so every deviation is gone over: a
//! count is cut to the bytes that are there, a text to the end of the stream, a bad offset is left
//! out. Macros read these texts (`BuiltinDocumentProperties`), and hide payloads in them.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod read;

pub use read::read;

use std::fmt;

use crate::base::{Location, Short};

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

#[cfg(test)]
mod tests;
