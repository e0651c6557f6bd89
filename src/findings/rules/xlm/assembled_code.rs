use super::proof;
use crate::base::location::A1;
use crate::findings::{Facts, Sink, declare_rule};
use crate::xlm::{Action, Sighting};

declare_rule! {
    /// ## What it finds
    /// A macro formula that joins cells of hidden sheets to a formula and writes that into a cell.
    ///
    /// ## Why it matters
    /// The macro's real code stands nowhere in the file; it is put together and run when the workbook is
    /// opened. The finding shows the assembled code.
    ///
    /// ## When it is innocent
    /// No honest case is known.
    ///
    /// ## References
    /// Public write-ups of the Emotet workbooks of 2022
    ASSEMBLED_CODE {
        id: "XLM012", name: "assembled-code", severity: Critical, confidence: Certain,
        attack: ["T1027.010", "T1140", "T1564"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let assembles = |seen: &Sighting| {
        seen.action == Action::WriteCell
            && seen.hidden_cells >= 2
            && seen.text.trim_start().starts_with(['=', '…'])
    };
    for (book, seen) in facts.xlm_sightings().filter(|(_, seen)| assembles(seen)) {
        let target = seen.target.and_then(|(sheet, row, column)| {
            let sheet = book.sheets.get(sheet as usize)?;
            Some(format!(" into {}!{}", sheet.name, A1(row, column.into())))
        });
        let message = format!(
            "{} writes code from {} cells of {} sheets{}: {}",
            seen.function,
            seen.cells,
            seen.sheets,
            target.unwrap_or_default(),
            seen.text
        );
        sink.report(&ASSEMBLED_CODE, message, [proof(book, seen)]);
    }
}
