use super::report;
use crate::documents::rtf::RtfOddityKind;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// Data of an object in Rich Text Format with control words, groups, escapes or binary data amid its
    /// hexadecimal digits.
    ///
    /// ## Why it matters
    /// Word passes over them; scanners that read the digits as they stand see other data.
    ///
    /// ## When it is innocent
    /// No program is known to write it.
    ///
    /// ## References
    /// ATT&CK T1027
    DISGUISED_DATA {
        id: "RTF002", name: "disguised-object-data", severity: High, confidence: Likely,
        attack: ["T1027"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    report(facts, sink, RtfOddityKind::DisguisedData, &DISGUISED_DATA, |oddity| {
        format!("{:?} stands amid the digits of an object", oddity.text)
    });
}
