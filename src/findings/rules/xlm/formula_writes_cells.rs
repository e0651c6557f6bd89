use super::proof;
use crate::findings::{Facts, Sink, declare_rule};
use crate::xlm::Action;

declare_rule! {
    /// ## What it finds
    /// A macro formula that writes a formula into a cell: `FORMULA`, `FORMULA.FILL` or `FORMULA.ARRAY`;
    /// or `SET.VALUE`, which writes a value.
    ///
    /// ## Why it matters
    /// Macros that hide what they do write their real code at run time, into cells that run next.
    ///
    /// ## When it is innocent
    /// Macros that fill in reports write formulas too.
    ///
    /// ## References
    /// [MS-XLS] 2.5.198.4 Cetab 0x0060 to 0x0062; 2.5.198.17 Ftab 0x006C
    FORMULA_WRITES_CELLS {
        id: "XLM008", name: "formula-writes-cells", severity: Low, confidence: Certain,
        attack: ["T1027.010"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (book, seen) in facts.xlm_sightings().filter(|(_, seen)| seen.action == Action::WriteCell) {
        sink.report(
            &FORMULA_WRITES_CELLS,
            format!("{} writes into a cell: {}", seen.function, seen.text),
            [proof(book, seen)],
        );
    }
}
