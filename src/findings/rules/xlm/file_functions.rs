use super::proof;
use crate::findings::{Facts, Sink, declare_rule};
use crate::xlm::Action;

declare_rule! {
    /// ## What it finds
    /// A macro formula that opens, reads, writes or deletes a file.
    ///
    /// ## Why it matters
    /// Macros write scripts and programs to disk, read settings to tell a sandbox, and delete their
    /// traces.
    ///
    /// ## When it is innocent
    /// Old macros exchange data through text files.
    ///
    /// ## References
    /// [MS-XLS] 2.5.198.17 Ftab 0x0084 to 0x008B; 2.5.198.4 Cetab 0x0006
    FILE_FUNCTIONS {
        id: "XLM009", name: "file-functions", severity: Medium, confidence: Certain,
        attack: ["T1059.005", "T1070.004"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (book, seen) in
        facts.xlm_sightings().filter(|(_, seen)| matches!(seen.action, Action::File | Action::DeleteFile))
    {
        sink.report(
            &FILE_FUNCTIONS,
            format!("{} works on a file: {}", seen.function, seen.text),
            [proof(book, seen)],
        );
    }
}
