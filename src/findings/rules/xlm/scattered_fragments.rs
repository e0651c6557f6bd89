use super::proof;
use crate::findings::{Facts, Sink, declare_rule};
use crate::xlm::Sighting;

declare_rule! {
    /// ## What it finds
    /// Formulas that join texts of one to a few characters from many cells of hidden sheets.
    ///
    /// ## Why it matters
    /// Words that a signature would find are cut into letters and spread over sheets that nobody sees.
    ///
    /// ## When it is innocent
    /// No honest case is known: a workbook that assembles texts does so from cells that people fill in.
    ///
    /// ## References
    /// Public write-ups of the Emotet workbooks of 2022
    SCATTERED_FRAGMENTS {
        id: "XLM011", name: "scattered-fragments", severity: High, confidence: Likely,
        attack: ["T1027.010"], since: "0.1.0"
    } => check
}

/// Fragments that are joined in one formula before it counts.
const FRAGMENTS: usize = 8;

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let scattered = |seen: &Sighting| {
        seen.hidden_cells >= FRAGMENTS && seen.text.chars().count() <= seen.cells.saturating_mul(12)
    };
    for (book, seen) in facts.xlm_sightings().filter(|(_, seen)| scattered(seen)) {
        let message = format!("{} cells of hidden sheets are joined to {:?}", seen.hidden_cells, seen.text);
        sink.report(&SCATTERED_FRAGMENTS, message, [proof(book, seen)]);
    }
}
