//! Lure text: what a document tells the person who opens it, and which of it asks for trust.
//!
//! [`harvest`] walks a model in reading order, folds every text once ([`fold`]) and looks for
//! phrases in it; one that is split over neighbouring cells or text boxes is followed across them.
//! Phrases are words with a role (a verb, a button, a reason, a path); an instruction grammar
//! composes them into the families of [`Family`]. [`matches()`] hands out what was composed.
//!
//! Honest workbooks carry the same words ("click Enable Content to use this planner"). A hit is a
//! fact about wording, never a verdict.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod harvest;
pub mod pictures;

mod compose;
mod folding;
mod glyphs;
mod grammar;
mod hiding;
mod instruction;
mod language;
#[cfg(feature = "pictures")]
mod look;
#[cfg(not(feature = "pictures"))]
#[path = "no_look.rs"]
mod look;
mod measure;
mod openings;
mod scan;
mod sources;

pub use folding::{Folded, fold};
pub use hiding::{HiddenCells, Hiding, HidingFormats, cell_is_hidden};
pub use language::Language;
#[doc(hidden)]
pub use measure::Phrases;
#[doc(hidden)]
pub use scan::Work;
#[doc(hidden)]
pub use sources::compiled_phrases;

use std::cmp::Reverse;

use crate::base::{Cx, LimitHit, Location};

/// One text that the document shows or hides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextRun {
    /// The text as stored.
    pub text: String,
    /// Where it stands; a shared string stands in the first cell that shows it.
    pub location: Location,
    /// What holds it.
    pub source: TextSource,
    /// Whether a person sees it without doing anything for it.
    pub visible: bool,
    /// What hides it.
    pub hidden_by: Option<Hiding>,
}

/// What holds a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TextSource {
    /// A cell with a text of its own.
    Cell,
    /// A cell that shows an entry of the shared string table.
    SharedString,
    /// A cell whose formula has a text as its stored value.
    FormulaResult,
    /// A text box, button or other drawing object.
    TextBox,
    /// Name or alternative text of a drawing object.
    AltText,
    /// A cell comment.
    Note,
    /// A page header or footer.
    Header,
    /// Prompt or error message of a data validation.
    Prompt,
    /// Target or shown text of a hyperlink.
    Hyperlink,
    /// The name of a sheet.
    SheetName,
    /// A document property.
    Property,
    /// Source text of a macro, or a message that it shows.
    Module,
    /// The body of a document or mail.
    Body,
    /// A footnote, endnote or the notes of a slide.
    Footnote,
    /// A comment in a document.
    Comment,
    /// A slide.
    Slide,
    /// The subject of a mail.
    Subject,
    /// The name of a file.
    FileName,
    /// Text in a picture: of the records of a metafile, or read by the caller.
    Picture,
}

impl TextSource {
    /// The name that the JSON has.
    pub fn name(self) -> &'static str {
        match self {
            TextSource::Cell => "cell",
            TextSource::SharedString => "shared_string",
            TextSource::FormulaResult => "formula_result",
            TextSource::TextBox => "text_box",
            TextSource::AltText => "alt_text",
            TextSource::Note => "note",
            TextSource::Header => "header",
            TextSource::Prompt => "prompt",
            TextSource::Hyperlink => "hyperlink",
            TextSource::SheetName => "sheet_name",
            TextSource::Property => "property",
            TextSource::Module => "module",
            TextSource::Body => "body",
            TextSource::Footnote => "footnote",
            TextSource::Comment => "comment",
            TextSource::Slide => "slide",
            TextSource::Subject => "subject",
            TextSource::FileName => "file_name",
            TextSource::Picture => "picture",
        }
    }
}

/// All texts of one analysis, and what the phrases found in them.
#[derive(Debug, Default)]
pub struct Harvest {
    /// Texts in reading order, each shared string once; at most [`Limits::report_chars`]
    /// characters. Phrases are looked for in all texts, also in those left out here.
    ///
    /// [`Limits::report_chars`]: crate::base::Limits::report_chars
    pub runs: Vec<TextRun>,
    /// How many texts were left out of [`Harvest::runs`].
    pub left_out: u64,
    /// How many texts there are cut, so that there is room for others.
    pub shortened: u64,
    /// What is known of pictures, in the order in which they were read.
    pub looks: Vec<pictures::Look>,
    hits: Vec<Hit>,
    chars: usize,
}

/// What a lure asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Family {
    /// To copy the file into a folder that Office trusts, and to open it again from there.
    RelaunchFromTrustedFolder,
    /// A notice that the document must be started again.
    RelaunchRequired,
    /// To enable content, editing or macros.
    EnableContent,
    /// It claims to be protected, encrypted, or made for another version or viewer.
    ProtectedOrOtherVersion,
    /// To take the mark of the web from the file ("Unblock").
    UnblockFile,
    /// To turn Protected View off, to let all macros run, or to trust a folder.
    LowerProtection,
    /// To double-click a picture, behind which an attached file lies.
    OpenPicture,
    /// To scan a code with a telephone.
    ScanCode,
}

impl Family {
    /// Its name, the same whatever the language of the words: a key for translations.
    pub fn key(self) -> &'static str {
        match self {
            Family::RelaunchFromTrustedFolder => "relaunch-from-trusted-folder",
            Family::RelaunchRequired => "relaunch-required",
            Family::EnableContent => "enable-content",
            Family::ProtectedOrOtherVersion => "protected-or-other-version",
            Family::UnblockFile => "unblock-file",
            Family::LowerProtection => "lower-protection",
            Family::OpenPicture => "open-picture",
            Family::ScanCode => "scan-code",
        }
    }

    /// What the words say, in English, as the rest of a sentence about the text.
    pub fn meaning(self) -> &'static str {
        match self {
            Family::RelaunchFromTrustedFolder => {
                "asks to copy the file into a folder that Office trusts and to open it again from there"
            }
            Family::RelaunchRequired => "says that the document has to be started again from another place",
            Family::EnableContent => "urges to enable content, editing or macros",
            Family::ProtectedOrOtherVersion => {
                "claims that the document is protected, encrypted or made for another version or viewer, \
                 so that content has to be enabled"
            }
            Family::UnblockFile => "asks to unblock the file in its properties",
            Family::LowerProtection => {
                "asks to turn Protected View off, to let all macros run or to trust a folder"
            }
            Family::OpenPicture => "asks to double-click a picture to see the document",
            Family::ScanCode => "asks to scan a code to see the document",
        }
    }
}

/// How much of an instruction was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// One part of it, as honest texts have it too.
    Weak,
    /// Several parts that belong together.
    Medium,
    /// The whole instruction with its pretext.
    Strong,
}

/// Wording of one family at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// What it asks for.
    pub family: Family,
    /// How much of the instruction is there.
    pub certainty: Certainty,
    /// The original words, from the first to the last that counted; pieces from several places
    /// are separated by ` | `, and a long text is cut.
    pub quote: String,
    /// Where the words stand, in reading order.
    pub locations: Vec<Location>,
    /// What holds the first of them.
    pub source: TextSource,
    /// Whether a person sees all of them.
    pub visible: bool,
    /// What hides the first hidden one.
    pub hidden_by: Option<Hiding>,
    /// The language of most of the words.
    pub language: Language,
    /// Whether words stand near that refuse what is asked for or name who asks ("do not enable",
    /// "attackers"); the certainty is lowered for them.
    pub cautioned: bool,
}

/// What the phrases found, family by family, the strongest and visible first. At most 8 hits of
/// one family, certainty and visibility are kept.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub fn matches(harvest: &Harvest, cx: &mut Cx<'_>) -> Result<Vec<Hit>, LimitHit> {
    cx.budget.step((harvest.hits.len() as u64).saturating_add(1))?;
    let mut hits = harvest.hits.clone();
    hits.sort_by_key(|hit| (hit.family, Reverse(hit.certainty), !hit.visible));
    Ok(hits)
}
