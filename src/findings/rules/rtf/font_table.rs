use super::report;
use crate::documents::rtf::RtfOddityKind;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A font table with more fonts than Word can count: 32,752 and more.
    ///
    /// ## Why it matters
    /// The number of fonts overflows, and Word writes beyond its table (CVE-2023-21716).
    ///
    /// ## When it is innocent
    /// Never: no computer has so many fonts.
    ///
    /// ## References
    /// CVE-2023-21716; ATT&CK T1203
    FONT_TABLE {
        id: "RTF005", name: "font-table-overflow", severity: Critical, confidence: Likely,
        attack: ["T1203"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    report(facts, sink, RtfOddityKind::FontTable, &FONT_TABLE, |oddity| {
        format!("a font table of {}", oddity.text)
    });
}
