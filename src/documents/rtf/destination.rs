//! Where the text of a group goes, by the word that begins it.

use crate::documents::document::TextPlace;

/// Where the text of a group goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Destination {
    Text(TextPlace),
    Skipped,
    Fonts,
    Colours,
    ListOverrides,
    Template,
    Class,
    Data,
    Store,
    Picture,
    PropertyName,
    PropertyValue,
    LinkSource,
    /// A property of the document.
    Info(Info),
}

/// Properties of a document ([MSFT-RTF] 1.9.1, document area: information group, user properties).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Info {
    Title,
    Subject,
    Author,
    LastAuthor,
    Keywords,
    Comments,
    Manager,
    Company,
    Category,
    HyperlinkBase,
    /// Name of a user property.
    Name,
    /// Value of the last one.
    Value,
    /// The bookmark that gives the value of the last one.
    Place,
}

/// Where the text behind a word goes, when it is one that says so.
pub(super) fn destination(word: &[u8]) -> Option<Destination> {
    use Destination::{Skipped, Text};
    Some(match word {
        b"header" | b"headerl" | b"headerr" | b"headerf" | b"footer" | b"footerl" | b"footerr"
        | b"footerf" => Text(TextPlace::Header),
        b"footnote" => Text(TextPlace::Note),
        b"annotation" => Text(TextPlace::Comment),
        b"shptxt" | b"txbxtxt" => Text(TextPlace::TextBox),
        b"objclass" => Destination::Class,
        b"objdata" => Destination::Data,
        b"datastore" => Destination::Store,
        b"pict" => Destination::Picture,
        b"template" => Destination::Template,
        b"sn" => Destination::PropertyName,
        b"sv" => Destination::PropertyValue,
        b"hlsrc" => Destination::LinkSource,
        b"title" => Destination::Info(Info::Title),
        b"subject" => Destination::Info(Info::Subject),
        b"author" => Destination::Info(Info::Author),
        b"operator" => Destination::Info(Info::LastAuthor),
        b"keywords" => Destination::Info(Info::Keywords),
        b"comment" | b"doccomm" => Destination::Info(Info::Comments),
        b"manager" => Destination::Info(Info::Manager),
        b"company" => Destination::Info(Info::Company),
        b"category" => Destination::Info(Info::Category),
        b"hlinkbase" => Destination::Info(Info::HyperlinkBase),
        b"propname" => Destination::Info(Info::Name),
        b"staticval" => Destination::Info(Info::Value),
        b"linkval" => Destination::Info(Info::Place),
        b"fonttbl" => Destination::Fonts,
        b"colortbl" => Destination::Colours,
        b"listoverridetable" => Destination::ListOverrides,
        b"stylesheet"
        | b"listtable"
        | b"rsidtbl"
        | b"generator"
        | b"info"
        | b"userprops"
        | b"objname"
        | b"themedata"
        | b"colorschememapping"
        | b"latentstyles"
        | b"xmlnstbl"
        | b"revtbl"
        | b"filetbl"
        | b"blipuid"
        | b"pgptbl"
        | b"mmathPr"
        | b"wgrffmtfilter"
        | b"passwordhash"
        | b"atnid"
        | b"atnauthor"
        | b"bkmkstart"
        | b"bkmkend"
        | b"ffname"
        | b"ffdeftext"
        | b"panose" => Skipped,
        _ => return None,
    })
}
