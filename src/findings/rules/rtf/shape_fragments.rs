use super::report;
use crate::documents::rtf::RtfOddityKind;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A shape whose property `pFragments` has more data than it states.
    ///
    /// ## Why it matters
    /// Word copies the data into a buffer of the size that is stated (CVE-2010-3333).
    ///
    /// ## When it is innocent
    /// Never: no program writes more elements than it counts.
    ///
    /// ## References
    /// CVE-2010-3333; ATT&CK T1203
    SHAPE_FRAGMENTS {
        id: "RTF003", name: "shape-fragments", severity: Critical, confidence: Likely,
        attack: ["T1203"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    report(facts, sink, RtfOddityKind::Fragments, &SHAPE_FRAGMENTS, |oddity| oddity.text.clone());
}
