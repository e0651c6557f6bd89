use super::{meaning, whole, words};
use crate::findings::{Facts, LockedKind, Sink, declare_rule};
use crate::lure::Family;

declare_rule! {
    /// ## What it finds
    /// A document that urges a person to enable content, to unblock the file or to turn protection off, inside an
    /// encrypted archive that was opened.
    ///
    /// ## Why it matters
    /// Mail filters could not read these words. A document that needs both a password and lower protection is
    /// sent by those who have something to hide from them.
    ///
    /// ## When it is innocent
    /// A firm that sends its forms in password archives and explains its own macros at length. What the mail itself
    /// says does not count: it says how to open the archive.
    ///
    /// ## References
    /// MITRE ATT&CK T1204.002, T1027.013
    LURE_IN_ENCRYPTED_ARCHIVE {
        id: "LUR010", name: "lure-in-encrypted-archive", severity: Medium, confidence: Likely,
        attack: ["T1204.002", "T1027.013"], since: "0.1.0"
    } => check
}

/// What lowers protection, in the order of their rules.
const LOWERING: [Family; 4] =
    [Family::EnableContent, Family::ProtectedOrOtherVersion, Family::UnblockFile, Family::LowerProtection];

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for hit in LOWERING.into_iter().flat_map(|family| whole(facts, family)) {
        let place = hit.locations.first();
        let entry = place.and_then(|place| {
            facts.around(place.part).find(|around| {
                facts.locked.iter().any(|locked| locked.kind == LockedKind::Entry && locked.part == around.id)
            })
        });
        if let Some(entry) = entry {
            let message = format!("{}, in {:?}, an encrypted entry of an archive", meaning(hit), entry.name);
            sink.report(&LURE_IN_ENCRYPTED_ARCHIVE, message, words(hit));
        }
    }
}
