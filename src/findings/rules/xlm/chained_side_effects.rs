use super::proof;
use crate::findings::{Facts, Sink, declare_rule};
use crate::xlm::Action;

declare_rule! {
    /// ## What it finds
    /// One formula that joins several calls with side effects by comparisons:
    /// `FORMULA(..)=FORMULA(..)=..`.
    ///
    /// ## Why it matters
    /// The comparisons mean nothing; they pack a whole program into one cell, which stops tools that
    /// expect one call a cell.
    ///
    /// ## When it is innocent
    /// No honest case is known.
    ///
    /// ## References
    /// Public write-ups of the Emotet workbooks of 2022
    CHAINED_SIDE_EFFECTS {
        id: "XLM016", name: "chained-side-effects", severity: High, confidence: Likely,
        attack: ["T1027.010"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (book, seen) in facts.xlm_sightings().filter(|(_, seen)| seen.action == Action::Chain) {
        sink.report(
            &CHAINED_SIDE_EFFECTS,
            format!("one formula does many things: {}", seen.text),
            [proof(book, seen)],
        );
    }
}
