//! What a document refers to outside itself, and whether the program goes there by itself.

use crate::base::Location;

/// A reference to something outside the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it is for.
    pub kind: LinkKind,
    /// Where it leads, as stored.
    pub target: String,
    /// Whether the program follows it without a click.
    pub automatic: bool,
    /// Where it stands.
    pub location: Location,
}

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LinkKind {
    /// A click leads there.
    Hyperlink,
    /// The template of the document.
    AttachedTemplate,
    /// A linked object.
    OleObject,
    /// A frame of a web page.
    Frame,
    /// A part of a master document.
    SubDocument,
    /// Another workbook that formulas refer to.
    ExternalWorkbook,
    /// A picture.
    Image,
    /// Sound or film.
    Media,
    /// Content in another format that is taken in when the document is opened.
    AltChunk,
    /// A program or macro that a click or the mouse starts.
    Action,
    /// A source of data that a query fetches.
    Query,
    /// A procedure that the program calls: when a custom user interface is loaded, or a control of
    /// it is used.
    Callback,
    /// Anything else.
    Other,
}

impl LinkKind {
    /// What it is, as a person reads it.
    pub fn name(self) -> &'static str {
        match self {
            LinkKind::Hyperlink => "hyperlink",
            LinkKind::AttachedTemplate => "attached template",
            LinkKind::OleObject => "linked object",
            LinkKind::Frame => "frame",
            LinkKind::SubDocument => "subdocument",
            LinkKind::ExternalWorkbook => "external workbook",
            LinkKind::Image => "image",
            LinkKind::Media => "media",
            LinkKind::AltChunk => "imported chunk",
            LinkKind::Action => "action",
            LinkKind::Query => "data query",
            LinkKind::Callback => "callback",
            LinkKind::Other => "relationship",
        }
    }

    /// The name with its article.
    pub fn with_article(self) -> String {
        let name = self.name();
        let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        format!("{article} {name}")
    }
}
