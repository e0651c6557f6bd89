use super::{meaning, whole, words};
use crate::findings::{Facts, Sink, declare_rule};
use crate::lure::Family;

declare_rule! {
    /// ## What it finds
    /// Text that tells a person to turn Protected View off, to let all macros run or to add a folder to
    /// the trusted locations, so that the document can be seen.
    ///
    /// ## Why it matters
    /// The change stays: the next document from anywhere runs its macros as well.
    ///
    /// ## When it is innocent
    /// Help pages for administrators describe these settings. They give other reasons than to see a
    /// document.
    ///
    /// ## References
    /// MITRE ATT&CK T1562.001
    LOWER_PROTECTION {
        id: "LUR006", name: "lower-protection", severity: Medium, confidence: Likely,
        attack: ["T1204.002", "T1562.001"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for hit in whole(facts, Family::LowerProtection) {
        sink.report(&LOWER_PROTECTION, meaning(hit), words(hit));
    }
}
