use super::{meaning, whole, words};
use crate::findings::{Facts, Sink, declare_rule};
use crate::lure::Family;

declare_rule! {
    /// ## What it finds
    /// Text that tells a person to open the properties of the file, to tick "Unblock" and to open it
    /// again.
    ///
    /// ## Why it matters
    /// Windows marks files that come from the internet, and Office blocks macros in them since 2022.
    /// Unblocking takes the mark away; nothing else asks before macros run.
    ///
    /// ## When it is innocent
    /// Help pages of add-ins explain the same. The document that asks it for itself is the odd one.
    ///
    /// ## References
    /// MITRE ATT&CK T1553.005; Microsoft, "Macros from the internet are blocked by default in Office"
    UNBLOCK_FILE {
        id: "LUR005", name: "unblock-file", severity: Medium, confidence: Likely,
        attack: ["T1204.002", "T1553.005"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for hit in whole(facts, Family::UnblockFile) {
        sink.report(&UNBLOCK_FILE, meaning(hit), words(hit));
    }
}
