use super::report;
use crate::documents::rtf::RtfOddityKind;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A number of list overrides (`\listoverridecount`) that is none of 0, 1 and 9.
    ///
    /// ## Why it matters
    /// Word trusts the number, and takes what lies behind its table for code (CVE-2014-1761).
    ///
    /// ## When it is innocent
    /// Rarely: the format has these three numbers only. A broken converter could write another one.
    ///
    /// ## References
    /// CVE-2014-1761; ATT&CK T1203
    LIST_OVERRIDE_COUNT {
        id: "RTF004", name: "list-override-count", severity: High, confidence: Likely,
        attack: ["T1203"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    report(facts, sink, RtfOddityKind::ListOverrideCount, &LIST_OVERRIDE_COUNT, |oddity| {
        format!("a number of list overrides that does not exist: {}", oddity.text)
    });
}
