//! Rules about OneNote sections.

pub(crate) mod file_that_runs;
pub(crate) mod picture_button;

use crate::containers::part::{Part, PartKind};
use crate::documents::document::{Document, DocumentKind};
use crate::findings::Facts;
use crate::findings::rules::object::packaged_executable::{has_extension_that_runs, runs};

/// A section, and the files in it.
struct Section<'m> {
    document: &'m Document,
    files: Vec<File<'m>>,
}

/// An embedded file.
struct File<'m> {
    part: &'m Part,
    /// Whether Windows runs it, or gives it to a program that does.
    runs: bool,
}

fn sections<'m>(facts: &Facts<'m>) -> impl Iterator<Item = Section<'m>> {
    let (documents, parts) = (facts.documents, facts.parts);
    documents.iter().filter(|document| document.kind == DocumentKind::OneNote).map(move |document| {
        let inside = parts.iter().filter(|part| part.parent == Some(document.part));
        let files = inside.map(|part| {
            let by_content = matches!(part.kind, PartKind::File(kind) if runs(kind));
            File { part, runs: by_content || has_extension_that_runs(&part.name) }
        });
        Section { document, files: files.collect() }
    })
}
