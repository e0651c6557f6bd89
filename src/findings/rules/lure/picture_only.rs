use crate::base::{Location, PartId};
use crate::documents::document::{Document, DocumentKind};
use crate::documents::workbook::{SheetKind, Workbook};
use crate::findings::{Evidence, Facts, SheetFacts, Sink, declare_rule};
use crate::lure::{HiddenCells, HidingFormats};

declare_rule! {
    /// ## What it finds
    /// A workbook, text document or presentation with macros that shows a picture and next to no text.
    ///
    /// ## Why it matters
    /// The instruction to enable content or to move the file stands in the picture, where no
    /// search for words finds it.
    ///
    /// ## When it is innocent
    /// Start pages of tools show a logo and buttons. The macros decide.
    ///
    /// ## References
    /// Public write-ups of the Emotet documents of 2022 and 2023
    PICTURE_ONLY {
        id: "LUR004", name: "picture-only", severity: Medium, confidence: Possible,
        attack: ["T1204.002"], since: "0.1.0"
    } => check
}

/// Characters that a person sees that are next to nothing.
const FEW: usize = 120;

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    if !facts.have_macros() || facts.pictures.is_empty() {
        return;
    }
    for book in facts.workbooks.iter().filter(|book| !book.pictures.is_empty()) {
        let (chars, values) = shown_in_cells(book);
        if chars < FEW && values < FEW as u64 {
            report(facts, "visible sheets show", chars, &|part| lies_in(facts, part, book.part), sink);
        }
    }
    for document in facts.documents {
        let is_page = matches!(
            document.kind,
            DocumentKind::Word | DocumentKind::Presentation | DocumentKind::Rtf | DocumentKind::OneNote
        );
        let chars = shown_in(document);
        if is_page && chars < FEW {
            // The pictures of a package stand beside its text; those of other documents lie in it.
            let beside = facts.parts.get(document.part.0 as usize).and_then(|part| part.parent);
            let own = facts.pictures.iter().any(|picture| lies_in(facts, picture.part, document.part));
            let around = if own { document.part } else { beside.unwrap_or(document.part) };
            report(facts, "the document shows", chars, &|part| lies_in(facts, part, around), sink);
        }
    }
}

/// Whether a part lies in another one, however deep.
fn lies_in(facts: &Facts<'_>, part: PartId, around: PartId) -> bool {
    // A parent is always older than its part, so that the walk ends.
    let mut at = facts.parts.get(part.0 as usize).and_then(|part| part.parent);
    while let Some(parent) = at {
        if parent == around {
            return true;
        }
        at = facts.parts.get(parent.0 as usize).and_then(|part| part.parent).filter(|older| *older < parent);
    }
    false
}

fn report(
    facts: &Facts<'_>,
    what: &str,
    chars: usize,
    is_shown: &dyn Fn(PartId) -> bool,
    sink: &mut Sink<'_>,
) {
    let shown = facts.pictures.iter().filter(|picture| is_shown(picture.part));
    let proofs: Vec<_> = shown
        .map(|picture| {
            let size = picture.pixels.map(|[width, height]| format!("{width} x {height} pixels"));
            Evidence::new(Location::part(picture.part), size.unwrap_or_default())
        })
        .collect();
    if !proofs.is_empty() {
        let message = format!("{what} {} pictures and {chars} characters", proofs.len());
        sink.report(&PICTURE_ONLY, message, proofs);
    }
}

/// Characters and numbers that a person sees on visible worksheets; counting ends when there are enough.
fn shown_in_cells(book: &Workbook) -> (usize, u64) {
    let formats = HidingFormats::new(book);
    let visible = SheetFacts::of(book)
        .filter(|facts| facts.sheet.kind == SheetKind::Worksheet && !facts.sheet.visibility.is_hidden());
    let mut chars = 0usize;
    let mut values = 0u64;
    for facts in visible {
        let hidden = HiddenCells::new(&formats, facts.sheet);
        values = values.saturating_add(facts.sheet.value_count);
        let seen = facts
            .sheet
            .texts
            .iter()
            .filter(|cell| hidden.reason(cell.row, cell.column, cell.format).is_none());
        // A few cells are enough to know that there is text.
        for cell in seen.take(FEW) {
            chars = chars.saturating_add(book.cell_text(cell.text).chars().take(FEW).count());
        }
        let texts = facts.sheet.shapes.iter().filter_map(|shape| shape.text);
        chars = chars
            .saturating_add(texts.take(FEW).map(|text| book.texts.get(text).chars().take(FEW).count()).sum());
    }
    (chars, values)
}

/// Characters of a document that a person sees; counting ends when there are enough.
fn shown_in(document: &Document) -> usize {
    let seen = document.texts.iter().filter(|text| text.hidden.is_none());
    seen.take(FEW).map(|text| text.text.trim().chars().take(FEW).count()).sum()
}
