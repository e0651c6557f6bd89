use super::proof;
use crate::findings::{Facts, Sink, declare_rule};
use crate::xlm::Action;

declare_rule! {
    /// ## What it finds
    /// A macro formula that hides a sheet or window, keeps Excel from showing errors, or closes the
    /// workbook.
    ///
    /// ## Why it matters
    /// A macro that has done its work hides or closes the workbook, often behind an invented error
    /// message.
    ///
    /// ## When it is innocent
    /// Add-ins hide their windows and switch error messages off.
    ///
    /// ## References
    /// [MS-XLS] 2.5.198.4 Cetab 0x005D, 0x00AC, 0x017F, 0x0010; 2.5.198.17 Ftab 0x0054
    XLM_HIDES_TRACKS {
        id: "XLM018", name: "xlm-hides-tracks", severity: Low, confidence: Possible,
        attack: ["T1564.003"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (book, seen) in
        facts.xlm_sightings().filter(|(_, seen)| matches!(seen.action, Action::Hide | Action::Close))
    {
        sink.report(
            &XLM_HIDES_TRACKS,
            format!("{}({}) hides or closes", seen.function, seen.text),
            [proof(book, seen)],
        );
    }
}
