use super::statements::{SHOWN, proof};
use crate::findings::{Facts, Sink, declare_rule};
use crate::vba::source::Action;
use crate::vba::view::Seen;

declare_rule! {
    /// ## What it finds
    /// Functions of Windows that make memory executable or write into it, together with functions
    /// that run what is there: `VirtualAlloc` with `CreateThread`, `WriteProcessMemory` with
    /// `ResumeThread`, callbacks such as `EnumSystemLocales`. Declared or called, started by itself
    /// or not.
    ///
    /// ## Why it matters
    /// That is how a macro runs machine code that never becomes a file.
    ///
    /// ## When it is innocent
    /// `RtlMoveMemory` alone copies structures in many honest projects, and so does
    /// `EnumChildWindows` for windows: neither is reported alone. Class libraries from the time of
    /// Visual Basic 6 make small pieces of machine code for timers and subclassing.
    ///
    /// ## References
    /// ATT&CK T1055, T1106, T1620
    CODE_IN_MEMORY {
        id: "VBA017", name: "code-in-memory", severity: High, confidence: Likely,
        attack: ["T1055", "T1106", "T1620"], since: "0.1.0"
    } => check
}

/// Functions that make memory executable, or write into another process; parts of their names.
const PREPARE: [&str; 8] = [
    "virtualalloc",
    "virtualprotect",
    "allocatevirtualmemory",
    "protectvirtualmemory",
    "writevirtualmemory",
    "writeprocessmemory",
    "heapcreate",
    "mapviewofsection",
];

/// Functions that run what is in memory.
const RUN: [&str; 15] = [
    "createthread",
    "createremotethread",
    "queueuserapc",
    "queueapcthread",
    "callwindowproc",
    "enumdateformats",
    "enumtimeformats",
    "enumsystemlocales",
    "enumsystemlanguagegroups",
    "enumsystemcodepages",
    "enumuilanguages",
    "enumresourcetypes",
    "createtimerqueuetimer",
    "resumethread",
    "dispcallfunc",
];

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (project, view) in facts.live_projects() {
        let of = |names: &'static [&'static str]| {
            view.seen(project)
                .filter(move |seen| seen.sighting.kind == Action::NativeCode && names_function(seen, names))
        };
        let (prepare, run) = (of(&PREPARE).next(), of(&RUN).next());
        if let Some((prepare, run)) = prepare.zip(run) {
            let message = format!("module {:?} can run machine code from memory", run.module);
            let mut proofs = vec![proof(&prepare), proof(&run)];
            for seen in of(&PREPARE).chain(of(&RUN)).take(SHOWN) {
                if !proofs.iter().any(|known| known.location == seen.location) {
                    proofs.push(proof(&seen));
                }
            }
            sink.report(&CODE_IN_MEMORY, message, proofs);
        }
    }
}

fn names_function(seen: &Seen<'_>, names: &[&str]) -> bool {
    // Of a declaration the argument is library and function, of a call the statement has the name.
    let in_text = |text: &str| {
        let text = text.to_ascii_lowercase();
        names.iter().any(|name| text.contains(name))
    };
    in_text(&seen.sighting.text) || seen.sighting.argument.as_deref().is_some_and(in_text)
}
