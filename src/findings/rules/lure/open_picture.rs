use super::{meaning, whole, words};
use crate::findings::{Facts, Sink, declare_rule};
use crate::lure::Family;

declare_rule! {
    /// ## What it finds
    /// Text that tells a person to double-click a picture or button to see a protected document.
    ///
    /// ## Why it matters
    /// The picture covers an attached script. OneNote files of early 2023 asked for this.
    ///
    /// ## When it is innocent
    /// Documents with embedded tables say that a double-click opens them. They claim no protection.
    ///
    /// ## References
    /// Public write-ups of OneNote files that spread Emotet and Qakbot, 2023; MITRE ATT&CK T1204.002
    OPEN_PICTURE {
        id: "LUR007", name: "open-picture", severity: Medium, confidence: Likely,
        attack: ["T1204.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for hit in whole(facts, Family::OpenPicture) {
        sink.report(&OPEN_PICTURE, meaning(hit), words(hit));
    }
}
