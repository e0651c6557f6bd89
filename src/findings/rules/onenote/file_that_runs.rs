use super::sections;
use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A file embedded in a OneNote section that is a program, a script, a link or an HTML application,
    /// by its content or its name.
    ///
    /// ## Why it matters
    /// A double click on the page runs it, and until 2023 OneNote only asked. Attackers send such
    /// sections by mail since Office blocks macros of files from the internet.
    ///
    /// ## When it is innocent
    /// Administrators keep scripts in their notes. A section that came by mail with one is hardly
    /// innocent.
    ///
    /// ## References
    /// [MS-ONESTORE] 2.6.13; ATT&CK T1204.002
    FILE_THAT_RUNS {
        id: "ONE001", name: "onenote-file-that-runs", severity: High, confidence: Certain,
        attack: ["T1204.002", "T1027.009"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for section in sections(facts) {
        for file in section.files.iter().filter(|file| file.runs) {
            let (name, kind) = (file.part.name.as_str(), file.part.kind.name());
            let message = format!("a OneNote section holds a file that runs: {name:?} ({kind})");
            sink.report(&FILE_THAT_RUNS, message, [Evidence::new(Location::part(file.part.id), name)]);
        }
    }
}
