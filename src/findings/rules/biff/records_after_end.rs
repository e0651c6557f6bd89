use crate::documents::workbook::OddityKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// Records behind the end of the last substream of a workbook.
    ///
    /// ## Why it matters
    /// Excel does not look there; a macro that reads its own file does, and so does code that walks
    /// records by offset. Data is parked there out of sight of tools that stop at the end.
    ///
    /// ## When it is innocent
    /// Writers that reuse a file in place leave old records behind.
    ///
    /// ## References
    /// [MS-XLS] 2.4.103 EOF, 2.1.7.20 Workbook stream
    RECORDS_AFTER_END {
        id: "BIF002", name: "records-after-end", severity: Low, confidence: Certain,
        attack: ["T1027"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for book in facts.workbooks {
        for oddity in book.oddities.iter().filter(|oddity| oddity.kind == OddityKind::RecordsAfterEnd) {
            let proof = Evidence::new(oddity.location.clone(), "");
            sink.report(&RECORDS_AFTER_END, "records follow the end of the workbook", [proof]);
        }
    }
}
