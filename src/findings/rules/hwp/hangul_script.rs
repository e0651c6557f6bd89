use crate::base::Location;
use crate::containers::part::{Part, PartKind};
use crate::containers::sniff::FileKind;
use crate::documents::document::DocumentKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A script in a Hangul document with more in it than Hangul writes into every document.
    ///
    /// ## Why it matters
    /// Scripts of a document start when it is opened, can write files and start programs.
    ///
    /// ## When it is innocent
    /// Forms that compute their fields have scripts.
    ///
    /// ## References
    /// Hangul Document File Format 5.0, storage `Scripts`; ATT&CK T1059.007
    HANGUL_SCRIPT {
        id: "HWP002", name: "hwp-script", severity: Medium, confidence: Certain,
        attack: ["T1059.007"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for document in facts.documents.iter().filter(|document| document.kind == DocumentKind::Hangul) {
        let streams = facts.parts.iter().filter(|part| part.parent == Some(document.part));
        for stream in streams.filter(|part| part.name.starts_with("Scripts/")) {
            // In a document for distribution the decrypted stream stands between.
            let is_inside = |part: &Part| {
                let around = part.parent.and_then(|parent| facts.parts.get(parent.0 as usize));
                part.parent == Some(stream.id)
                    || around.is_some_and(|around| around.parent == Some(stream.id))
            };
            let is_script = |part: &&Part| part.kind == PartKind::File(FileKind::Script) && is_inside(part);
            let script = facts.parts.iter().find(is_script);
            if let Some(script) = script {
                let message = format!("the Hangul document has a script in {:?}", stream.name);
                let proof = Evidence::new(Location::part(script.id), stream.name.as_str());
                sink.report(&HANGUL_SCRIPT, message, [proof]);
            }
        }
    }
}
