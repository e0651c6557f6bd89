use super::statements::{quoted, report_by_module};
use crate::findings::{Facts, Sink, declare_rule};
use crate::vba::source::Action;

declare_rule! {
    /// ## What it finds
    /// Code that writes, copies, renames or saves a file.
    ///
    /// ## Why it matters
    /// A payload that the document carries has to be written before it can run.
    ///
    /// ## When it is innocent
    /// Nearly always: exports, logs and backups. VBA015 and VBA016 look at who starts the writing
    /// and at what runs afterwards.
    ///
    /// ## References
    /// ATT&CK T1105, T1027.009
    FILE_WRITE {
        id: "VBA005", name: "file-write", severity: Low, confidence: Likely,
        attack: ["T1027.009"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    report_by_module(
        facts,
        sink,
        &FILE_WRITE,
        |seen| seen.sighting.kind == Action::FileWrite,
        |first| format!("module {:?} writes a file{}", first.module, quoted(first)),
    );
}
