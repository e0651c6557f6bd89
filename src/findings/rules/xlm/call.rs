use super::proof;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A macro formula that calls `CALL`, or that writes a formula which does.
    ///
    /// ## Why it matters
    /// `CALL` runs any function of any DLL, such as one that downloads a file.
    ///
    /// ## When it is innocent
    /// Add-ins call functions of a DLL of their own.
    ///
    /// ## References
    /// [MS-XLS] 2.5.198.17 Ftab 0x0096
    CALL {
        id: "XLM006", name: "call", severity: High, confidence: Certain,
        attack: ["T1106"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (book, seen) in facts.xlm_sightings().filter(|(_, seen)| seen.calls("CALL")) {
        sink.report(&CALL, format!("CALL runs a function of a DLL: {}", seen.text), [proof(book, seen)]);
    }
}
