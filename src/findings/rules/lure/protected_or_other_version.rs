use super::{meaning, whole, words};
use crate::findings::{Facts, Sink, declare_rule};
use crate::lure::Family;

declare_rule! {
    /// ## What it finds
    /// Text that claims the document is protected, encrypted, made in another version of Office, or
    /// not shown by this viewer, and names the button to press for it.
    ///
    /// ## Why it matters
    /// It is the pretext for the buttons that let macros run.
    ///
    /// ## When it is innocent
    /// Documents that really are protected say so, in other words.
    ///
    /// ## References
    /// MITRE ATT&CK T1204.002
    PROTECTED_OR_OTHER_VERSION {
        id: "LUR003", name: "protected-or-other-version", severity: Medium, confidence: Likely,
        attack: ["T1204.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for hit in whole(facts, Family::ProtectedOrOtherVersion) {
        sink.report(&PROTECTED_OR_OTHER_VERSION, meaning(hit), words(hit));
    }
}
