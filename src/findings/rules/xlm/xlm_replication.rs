use super::proof;
use crate::findings::{Facts, Sink, declare_rule};
use crate::xlm::Action;

declare_rule! {
    /// ## What it finds
    /// A macro formula that saves the workbook into a start-up folder, or copies or moves its own sheets
    /// into another workbook.
    ///
    /// ## Why it matters
    /// What lies in XLSTART is opened with every start of Excel. Macro viruses of the 1990s spread in
    /// this way.
    ///
    /// ## When it is innocent
    /// Report macros copy a finished sheet into a new workbook.
    ///
    /// ## References
    /// [MS-XLS] 2.5.198.4 Cetab 0x0005, 0x011A, 0x011B, 0x01C8
    XLM_REPLICATION {
        id: "XLM017", name: "xlm-replication", severity: High, confidence: Likely,
        attack: ["T1137.001", "T1080"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (book, seen) in facts.xlm_sightings().filter(|(_, seen)| seen.action == Action::Replicate) {
        sink.report(
            &XLM_REPLICATION,
            format!("{} copies the workbook: {}", seen.function, seen.text),
            [proof(book, seen)],
        );
    }
}
