use super::proof;
use crate::findings::{Facts, Sink, declare_rule};
use crate::xlm::Action;

declare_rule! {
    /// ## What it finds
    /// A macro formula that puts a text together from eight or more character codes.
    ///
    /// ## Why it matters
    /// Words are written as numbers so that no search finds them.
    ///
    /// ## When it is innocent
    /// A line feed or a tab here and there; not eight in one formula.
    ///
    /// ## References
    /// [MS-XLS] 2.5.198.17 Ftab 0x006F
    CHAR_CODE_BUILDING {
        id: "XLM014", name: "char-code-building", severity: Medium, confidence: Certain,
        attack: ["T1027.010"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (book, seen) in facts.xlm_sightings().filter(|(_, seen)| seen.action == Action::CharCodes) {
        sink.report(
            &CHAR_CODE_BUILDING,
            format!("character codes make {:?}", seen.text),
            [proof(book, seen)],
        );
    }
}
