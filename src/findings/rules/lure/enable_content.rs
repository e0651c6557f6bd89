use super::{meaning, whole, words};
use crate::findings::{Facts, Sink, declare_rule};
use crate::lure::Family;

declare_rule! {
    /// ## What it finds
    /// Text that urges a person to enable content, editing or macros, together with a pretext for
    /// it: the whole instruction as lures have it, or a plain request to enable macros to see the document,
    /// in any of thirty languages.
    ///
    /// ## Why it matters
    /// The press of that button is what an attacker needs.
    ///
    /// ## When it is innocent
    /// Workbooks with honest macros explain the yellow bar in a help sheet, and some show nothing else until
    /// macros are enabled. To use their buttons is no pretext; words near them that refuse the step or name who
    /// asks for it, and the name of the button alone, do not count.
    ///
    /// ## References
    /// MITRE ATT&CK T1204.002
    ENABLE_CONTENT {
        id: "LUR002", name: "enable-content", severity: Medium, confidence: Likely,
        attack: ["T1204.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for hit in whole(facts, Family::EnableContent) {
        sink.report(&ENABLE_CONTENT, meaning(hit), words(hit));
    }
}
