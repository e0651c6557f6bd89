use super::statements::{SHOWN, has_word, place, places_of, proof, saves_document};
use crate::findings::{Facts, Sink, declare_rule};
use crate::vba::source::Action;
use crate::vba::view::Seen;

declare_rule! {
    /// ## What it finds
    /// Code that puts code into other documents (`InsertLines`, `AddFromString`, `Import`,
    /// `OrganizerCopy`, `MacroCopy`), or a file into a folder from which Office or Windows starts
    /// it: XLSTART, STARTUP, the Run key of the registry.
    ///
    /// ## Why it matters
    /// That is how macro viruses spread, and how a document comes back after a restart.
    ///
    /// ## When it is innocent
    /// Tools for developers import and replace modules; installers of add-ins copy them to the
    /// startup folder. Reading a project, or exporting from it, is not reported.
    ///
    /// ## References
    /// ATT&CK T1137.001, T1080, T1547.001
    REPLICATION {
        id: "VBA009", name: "replication", severity: High, confidence: Likely,
        attack: ["T1137.001", "T1080"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (project, view) in facts.live_projects() {
        let registry = places_of(project, view, Action::RegistryWrite);
        let mut startup: Vec<_> = view.seen(project).filter(names_startup).map(|seen| place(&seen)).collect();
        startup.sort_unstable();
        let spreads = |seen: &Seen<'_>| match seen.sighting.kind {
            Action::Replication => {
                writes_code(seen) || names_startup(seen) && registry.binary_search(&place(seen)).is_ok()
            }
            Action::FileWrite => {
                startup.binary_search(&place(seen)).is_ok() && (saves_document(seen) || copies(seen))
            }
            _ => false,
        };
        let mut found = view.seen(project).filter(spreads).peekable();
        if let Some(first) = found.peek() {
            let what = if writes_code(first) {
                "puts code into other documents"
            } else {
                "places itself where it is started again"
            };
            let message = format!("module {:?} {what}", first.module);
            let mut proofs: Vec<_> = found.take(SHOWN).map(|seen| proof(&seen)).collect();
            proofs.dedup_by(|one, other| one.location == other.location);
            sink.report(&REPLICATION, message, proofs);
        }
    }
}

fn writes_code(seen: &Seen<'_>) -> bool {
    const WRITES: [&str; 8] = [
        "addfromstring",
        "addfromfile",
        "insertlines",
        "replaceline",
        "createeventproc",
        "import",
        "organizercopy",
        "macrocopy",
    ];
    seen.sighting.kind == Action::Replication && has_word(&seen.sighting.text, &WRITES)
}

fn copies(seen: &Seen<'_>) -> bool {
    has_word(
        &seen.sighting.text,
        &["copyfile", "createshortcut", "filecopy", "savetofile", "copyhere", "name", "movefile"],
    )
}

/// Whether a statement names a folder or key from which something is started.
fn names_startup(seen: &Seen<'_>) -> bool {
    if seen.sighting.kind != Action::Replication {
        return false;
    }
    let argument = seen.sighting.argument.as_deref().unwrap_or_default().to_ascii_lowercase();
    let keys = ["xlstart", "\\startup\\", "currentversion\\run"];
    has_word(&seen.sighting.text, &["startuppath", "altstartuppath"])
        || keys.iter().any(|key| argument.contains(key))
}
