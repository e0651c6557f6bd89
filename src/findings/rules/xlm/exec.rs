use super::proof;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A macro formula that calls `EXEC`, or that writes a formula which does.
    ///
    /// ## Why it matters
    /// `EXEC` starts a program.
    ///
    /// ## When it is innocent
    /// A few old macro collections start a calculator or an editor from a button.
    ///
    /// ## References
    /// [MS-XLS] 2.5.198.17 Ftab 0x006E
    EXEC {
        id: "XLM005", name: "exec", severity: High, confidence: Certain,
        attack: ["T1059.005", "T1106"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (book, seen) in facts.xlm_sightings().filter(|(_, seen)| seen.calls("EXEC")) {
        sink.report(&EXEC, format!("EXEC starts a program: {}", seen.text), [proof(book, seen)]);
    }
}
