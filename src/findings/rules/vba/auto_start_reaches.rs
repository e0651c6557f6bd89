use super::statements::{SHOWN, proof, saves_document, start_name};
use crate::findings::{Facts, Sink, declare_rule};
use crate::vba::source::{Action, AutoStart};
use crate::vba::view::Seen;

declare_rule! {
    /// ## What it finds
    /// Code that starts by itself, or is called by code that does, and writes a file, runs a
    /// program or a script, loads a library, or fetches something. One finding a project.
    ///
    /// ## Why it matters
    /// Opening the document is enough for something to happen outside of it.
    ///
    /// ## When it is innocent
    /// Workbooks keep logs of who opened them and start helpers of their own. Saving the document
    /// itself or a copy of it does not count, nor does a file that is written when a control or
    /// cell is touched, nor what the function of a cell fetches or writes.
    ///
    /// ## References
    /// ATT&CK T1204.002, T1059.005
    AUTO_START_REACHES {
        id: "VBA016", name: "auto-start-reaches-write-or-run", severity: Medium, confidence: Likely,
        attack: ["T1059.005", "T1204.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (project, view) in facts.live_projects() {
        let mut found = view.seen(project).filter(acts).peekable();
        if let Some(first) = found.peek() {
            let what = match first.sighting.kind {
                Action::ProcessStart => "a program is started",
                Action::ScriptRun => "a script is run",
                Action::LibraryLoad => "a library is loaded",
                Action::Download => "something is fetched",
                _ => "a file is written",
            };
            let when = first.reached.map_or("", start_name);
            let message = format!("{what} by module {:?} {when}", first.module);
            let mut proofs: Vec<_> = found.take(SHOWN).map(|seen| proof(&seen)).collect();
            proofs.dedup_by(|one, other| one.location == other.location);
            sink.report(&AUTO_START_REACHES, message, proofs);
        }
    }
}

fn acts(seen: &Seen<'_>) -> bool {
    let Some(start) = seen.reached else { return false };
    match seen.sighting.kind {
        Action::ProcessStart | Action::ScriptRun | Action::LibraryLoad => true,
        Action::Download => start != AutoStart::Cell,
        Action::FileWrite => start < AutoStart::Event && !saves_document(seen),
        _ => false,
    }
}
