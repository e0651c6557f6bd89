use super::{seen, words};
use crate::findings::{Facts, Sink, declare_rule};
use crate::lure::{Certainty, Family};

declare_rule! {
    /// ## What it finds
    /// Text that urges a person to enable content, editing or macros, together with a pretext for
    /// it: the whole instruction as lures have it.
    ///
    /// ## Why it matters
    /// The press of that button is what an attacker needs.
    ///
    /// ## When it is innocent
    /// Workbooks with honest macros explain the yellow bar in a help sheet. Words of caution near
    /// them, and the name of the button alone, do not count.
    ///
    /// ## References
    /// MITRE ATT&CK T1204.002
    ENABLE_CONTENT {
        id: "LUR002", name: "enable-content", severity: Medium, confidence: Likely,
        attack: ["T1204.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for hit in facts.lures.iter().filter(|hit| hit.family == Family::EnableContent) {
        if hit.certainty == Certainty::Strong && !hit.cautioned {
            let message = format!("the text urges to enable content or macros{}", seen(hit));
            sink.report(&ENABLE_CONTENT, message, words(hit));
        }
    }
}
