//! The one model of text documents and presentations, whatever container filled it.
//!
//! Word, PowerPoint, RTF, HTML and mail readers fill it with what a person would read, where that
//! stands, and what the document asks the program to do by itself: fields and links.

use crate::base::{Location, PartId};

/// A document as a file states it.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// The part that it was read from.
    pub part: PartId,
    /// What it is.
    pub kind: DocumentKind,
    /// Its texts in reading order.
    pub texts: Vec<DocumentText>,
    /// Its fields, nested ones before those around them.
    pub fields: Vec<Field>,
    /// Smart tags whose name and content make Word take one object for another (CVE-2015-1641).
    pub confused_tags: Vec<Field>,
}

/// Kinds of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum DocumentKind {
    /// Word, in any of its containers.
    #[default]
    Word,
    /// PowerPoint, in any of its containers.
    Presentation,
    /// Rich Text Format.
    Rtf,
    /// HTML or a web archive.
    Html,
    /// A mail.
    Mail,
    /// A OneNote section.
    OneNote,
    /// A Hangul document.
    Hangul,
    /// Plain text, or a format that is told by its part.
    Text,
}

/// A text of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentText {
    /// The text.
    pub text: String,
    /// What holds it.
    pub place: TextPlace,
    /// What keeps a person from seeing it.
    pub hidden: Option<HiddenText>,
    /// Where it stands.
    pub location: Location,
}

/// What holds a text of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TextPlace {
    /// Paragraphs of the body, or the body of a mail.
    Body,
    /// A page header or footer.
    Header,
    /// A footnote or endnote, or the notes of a slide.
    Note,
    /// A comment.
    Comment,
    /// A text box or shape.
    TextBox,
    /// Alternative text of a picture.
    AltText,
    /// A slide.
    Slide,
    /// The subject of a mail.
    Subject,
    /// A file name.
    FileName,
}

/// What keeps a person from seeing a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum HiddenText {
    /// It is formatted as hidden.
    Vanish,
    /// It has the colour of what is behind it.
    White,
    /// It is too small to read.
    Tiny,
    /// It lies on a slide or in a shape that is not shown.
    NotShown,
}

/// A field of a document: an instruction to the program that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The instruction, split runs joined: `DDEAUTO c:\\windows\\... "..."`.
    pub instruction: String,
    /// Where it stands.
    pub location: Location,
}
