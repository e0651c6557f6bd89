use crate::base::Location;
use crate::documents::workbook::OddityKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A formula in a macro sheet or a defined name whose tokens cannot all be decoded.
    ///
    /// ## Why it matters
    /// Unknown tokens and wrong lengths make tools drop the cell or stop, while Excel may still run
    /// what comes before.
    ///
    /// ## When it is innocent
    /// Damaged files, and writers with errors of their own.
    ///
    /// ## References
    /// [MS-XLS] 2.5.198 (parsed expressions)
    DAMAGED_FORMULA {
        id: "BIF006", name: "damaged-formula", severity: Medium, confidence: Certain,
        attack: ["T1027"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (book, program) in facts.programs() {
        for (sheet, row, column) in &program.damaged {
            let place = Location::cell(book.part, *sheet, *row, (*column).into());
            let cell = program.cells.iter().find(|cell| cell.cell == (*sheet, *row, *column));
            let text = cell.map_or("", |cell| cell.formula.as_str());
            let message = "a formula of a macro sheet cannot be decoded to its end";
            sink.report(&DAMAGED_FORMULA, message, [Evidence::new(place, text)]);
        }
        if book.macro_sheets().next().is_none() {
            continue;
        }
        for oddity in book.oddities.iter().filter(|oddity| oddity.kind == OddityKind::DamagedFormula) {
            let proof = Evidence::new(oddity.location.clone(), "");
            sink.report(&DAMAGED_FORMULA, "a formula is longer than its record", [proof]);
        }
    }
}
