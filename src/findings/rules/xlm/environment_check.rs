use super::proof;
use crate::findings::{Facts, Sink, declare_rule};
use crate::xlm::Action;

declare_rule! {
    /// ## What it finds
    /// A macro formula that asks for the size of the screen, a mouse, sound or single-step mode
    /// (`GET.WORKSPACE` 13, 14, 19, 31, 42), or for the state of a window.
    ///
    /// ## Why it matters
    /// A sandbox often has none of these. Macros close themselves there.
    ///
    /// ## When it is innocent
    /// Macros that arrange windows ask for their size.
    ///
    /// ## References
    /// [MS-XLS] 2.5.198.17 Ftab 0x00BA, 0x00BB; public write-ups of sandbox checks
    ENVIRONMENT_CHECK {
        id: "XLM010", name: "environment-check", severity: Medium, confidence: Likely,
        attack: ["T1497.001"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (book, seen) in facts.xlm_sightings().filter(|(_, seen)| seen.action == Action::Check) {
        sink.report(
            &ENVIRONMENT_CHECK,
            format!("{}({}) looks at the surroundings", seen.function, seen.text),
            [proof(book, seen)],
        );
    }
}
