use super::proof;
use crate::findings::{Facts, Sink, declare_rule};
use crate::xlm::Action;

declare_rule! {
    /// ## What it finds
    /// A macro formula that has another macro run later: `ON.TIME`, `ON.SHEET`, `ON.WINDOW`, `ON.KEY` and
    /// their kin.
    ///
    /// ## Why it matters
    /// What is run later escapes a look at what happens on opening.
    ///
    /// ## When it is innocent
    /// Add-ins hook keys and windows.
    ///
    /// ## References
    /// [MS-XLS] 2.5.198.4 Cetab 0x0094, 0x008A, 0x00A8, 0x01D7
    EVENT_HOOK {
        id: "XLM015", name: "event-hook", severity: Low, confidence: Certain,
        attack: ["T1053"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (book, seen) in facts.xlm_sightings().filter(|(_, seen)| seen.action == Action::Hook) {
        sink.report(
            &EVENT_HOOK,
            format!("{} runs a macro later: {}", seen.function, seen.text),
            [proof(book, seen)],
        );
    }
}
