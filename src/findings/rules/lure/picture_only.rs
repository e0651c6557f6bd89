use crate::base::Location;
use crate::documents::workbook::SheetKind;
use crate::findings::{Evidence, Facts, SheetFacts, Sink, declare_rule};
use crate::lure::{HiddenCells, HidingFormats};

declare_rule! {
    /// ## What it finds
    /// A workbook with macros whose visible worksheets show a picture and next to no text.
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

/// Characters on visible sheets that are next to nothing.
const FEW: usize = 120;

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    if !facts.have_macros() {
        return;
    }
    for book in facts.workbooks.iter().filter(|book| !book.pictures.is_empty()) {
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
            chars = chars.saturating_add(
                texts.take(FEW).map(|text| book.texts.get(text).chars().take(FEW).count()).sum(),
            );
        }
        if chars < FEW && values < FEW as u64 {
            let pictures = facts.pictures.iter().filter(|picture| {
                facts.parts.get(picture.part.0 as usize).is_some_and(|part| part.parent == Some(book.part))
            });
            let proofs: Vec<_> = pictures
                .map(|picture| {
                    let size = picture.pixels.map(|[width, height]| format!("{width} x {height} pixels"));
                    Evidence::new(Location::part(picture.part), size.unwrap_or_default())
                })
                .collect();
            if !proofs.is_empty() {
                let message = format!("visible sheets show {} pictures and {chars} characters", proofs.len());
                sink.report(&PICTURE_ONLY, message, proofs);
            }
        }
    }
}
