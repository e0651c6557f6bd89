use super::{meaning, whole, words};
use crate::findings::{Facts, Sink, declare_rule};
use crate::lure::Family;

declare_rule! {
    /// ## What it finds
    /// Text that tells a person to scan a code with a telephone to see a protected document.
    ///
    /// ## Why it matters
    /// The telephone is outside what protects the computer, and the address stands in the code where
    /// no filter for links reads it.
    ///
    /// ## When it is innocent
    /// Posters and forms have codes too. They claim no protected document.
    ///
    /// ## References
    /// MITRE ATT&CK T1204.001
    SCAN_CODE {
        id: "LUR008", name: "scan-code", severity: Low, confidence: Likely,
        attack: ["T1204.001", "T1566.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for hit in whole(facts, Family::ScanCode) {
        sink.report(&SCAN_CODE, meaning(hit), words(hit));
    }
}
