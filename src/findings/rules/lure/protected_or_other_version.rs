use super::{seen, words};
use crate::findings::{Facts, Sink, declare_rule};
use crate::lure::{Certainty, Family};

declare_rule! {
    /// ## What it finds
    /// Text that claims the document is protected, encrypted, made in another version of Office, or
    /// not shown by this viewer.
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
    for hit in facts.lures.iter().filter(|hit| hit.family == Family::ProtectedOrOtherVersion) {
        if hit.certainty == Certainty::Strong && !hit.cautioned {
            let message = format!("the text gives a pretext for enabling content{}", seen(hit));
            sink.report(&PROTECTED_OR_OTHER_VERSION, message, words(hit));
        }
    }
}
