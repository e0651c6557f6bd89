use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};
use crate::lure::pictures::Match;

declare_rule! {
    /// ## What it finds
    /// A picture that is known from lures: its SHA-256, or a hash of its look that differs in few bits,
    /// is on the list that the caller gave.
    ///
    /// ## Why it matters
    /// The picture of a campaign is sent unchanged for weeks, while macros and addresses change by the
    /// hour.
    ///
    /// ## When it is innocent
    /// A write-up of the campaign shows the same picture. The list of the caller (`Options::known_lures`,
    /// `docsift scan --known-lures FILE`) decides what is known; without one, nothing is.
    ///
    /// ## References
    /// Public write-ups of the Emotet documents of 2020 to 2023
    KNOWN_PICTURE {
        id: "LUR009", name: "known-picture", severity: High, confidence: Likely,
        attack: ["T1204.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for look in &facts.harvest.looks {
        let how = match look.known {
            Some(Match::Same) => "byte for byte".to_owned(),
            Some(Match::Alike(bits)) => format!("in its look: {bits} of 64 bits differ"),
            None => continue,
        };
        let proof = Evidence::new(Location::part(look.part), how.as_str());
        sink.report(&KNOWN_PICTURE, format!("a picture is known from lures, {how}"), [proof]);
    }
}
