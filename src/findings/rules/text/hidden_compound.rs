use crate::base::Location;
use crate::containers::part::PartKind;
use crate::containers::sniff::FileKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// Data of the form ActiveMime in a text format (a web archive, Word or Excel XML): a deflated
    /// compound file, which is where such documents keep macros and objects.
    ///
    /// ## Why it matters
    /// The macros lie under two codings, Base64 and deflate, where tools that read only compound files
    /// and packages do not see them.
    ///
    /// ## When it is innocent
    /// Office itself writes macros and embedded objects so when a document is saved as a web archive or
    /// as XML.
    ///
    /// ## References
    /// No specification; ATT&CK T1027.013
    HIDDEN_COMPOUND {
        id: "TXT004", name: "active-mime", severity: Info, confidence: Certain,
        attack: ["T1027.013"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for part in facts.parts.iter().filter(|part| part.kind == PartKind::File(FileKind::ActiveMime)) {
        let message = format!("{:?} is a deflated compound file", part.name);
        sink.report(&HIDDEN_COMPOUND, message, [Evidence::new(Location::part(part.id), part.name.as_str())]);
    }
}
