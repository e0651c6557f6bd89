use crate::findings::{Facts, SheetFacts, Sink, declare_rule};
use crate::lure::{HiddenCells, HidingFormats};

declare_rule! {
    /// ## What it finds
    /// Cells with text that is drawn so that nobody sees it: in the colour of the background, with
    /// a number format that shows nothing (`;;;`), in a tiny font, or in a row or column that is at
    /// most one pixel wide.
    ///
    /// ## Why it matters
    /// Macros keep the pieces of their code there. The sheet looks empty.
    ///
    /// ## When it is innocent
    /// Helper cells of charts and forms are made invisible in this way. Text on a fill of
    /// another colour is seen, and does not count.
    ///
    /// ## References
    /// [MS-XLS] 2.4.122 Font, 2.4.126 Format, 2.4.353 XF, 2.4.53 ColInfo, 2.4.221 Row
    HIDDEN_CELL_TEXT {
        id: "BIF003", name: "hidden-cell-text", severity: Low, confidence: Certain,
        attack: ["T1564"], since: "0.1.0"
    } => check
}

/// Cells that are shown as proof; the others are counted.
const SHOWN: usize = 4;

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for book in facts.workbooks {
        let formats = HidingFormats::new(book);
        for facts in SheetFacts::of(book) {
            let hidden = HiddenCells::new(&formats, facts.sheet);
            let mut proofs = Vec::new();
            let mut count = 0u64;
            let mut why = None;
            for cell in &facts.sheet.texts {
                let Some(reason) = hidden.invisible(cell.row, cell.column, cell.format) else { continue };
                let text = book.cell_text(cell.text);
                if text.trim().is_empty() {
                    continue;
                }
                count = count.saturating_add(1);
                why.get_or_insert(reason);
                if proofs.len() < SHOWN {
                    proofs.push(facts.cell(cell.row, cell.column.into(), text));
                }
            }
            if let Some(why) = why {
                let message = format!(
                    "{count} texts of sheet {:?} are made invisible by {}",
                    facts.sheet.name,
                    why.name()
                );
                sink.report(&HIDDEN_CELL_TEXT, message, proofs);
            }
        }
    }
}
