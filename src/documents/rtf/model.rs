//! What a file of Rich Text Format states.

use std::ops::Range;

use crate::base::Location;
use crate::documents::document::Document;
use crate::documents::link::Link;
use crate::documents::props::Properties;

/// What a file of Rich Text Format states.
#[derive(Debug, Clone, Default)]
pub struct RtfFile {
    /// Its texts and fields.
    pub document: Document,
    /// What it refers to outside itself.
    pub links: Vec<Link>,
    /// Its objects.
    pub objects: Vec<RtfObject>,
    /// Data of its pictures.
    pub pictures: Vec<RtfPicture>,
    /// What it says of itself: the group `\info`, and user properties.
    pub properties: Properties,
    /// What is odd about it.
    pub oddities: Vec<RtfOddity>,
    /// Where data behind the last group begins.
    pub end: Option<u64>,
}

/// The data of an object, and what the words around it say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RtfObject {
    /// From the word `\objdata` to the end of its group.
    pub bytes: Range<u64>,
    /// The class in `\objclass`.
    pub class: String,
    /// Whether it is updated when the document is opened: `\objupdate`.
    pub is_updated: bool,
    /// Whether it is linked: `\objlink`, `\objautlink`.
    pub is_linked: bool,
    /// Whether it is a control of a web page: `\objhtml`.
    pub is_html: bool,
    /// Whether it is data of the store of custom XML.
    pub is_store: bool,
    /// The data.
    pub data: Vec<u8>,
    /// The data with each digit before an escape left out, when that makes a difference.
    pub other_data: Option<Vec<u8>>,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RtfPicture {
    /// Its group.
    pub bytes: Range<u64>,
    /// Its data.
    pub data: Vec<u8>,
}

/// Something that no program writes, or that a known attack needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RtfOddity {
    /// Where.
    pub location: Location,
    /// What.
    pub kind: RtfOddityKind,
    /// The text there, or a number in words.
    pub text: String,
}

/// Kinds of oddities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RtfOddityKind {
    /// The header is not `{\rtf1`.
    Header,
    /// Control words, groups, escapes or binary data amid the digits of an object.
    DisguisedData,
    /// A property `pFragments` with more data than it states (CVE-2010-3333).
    Fragments,
    /// A number of list overrides that the format does not have (CVE-2014-1761).
    ListOverrideCount,
    /// More fonts than Word has room for (CVE-2023-21716).
    FontTable,
}
