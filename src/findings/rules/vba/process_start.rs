use super::statements::{quoted, report_by_module};
use crate::findings::{Facts, Sink, declare_rule};
use crate::vba::source::Action;

declare_rule! {
    /// ## What it finds
    /// Code that starts a process: `Shell`, `Run` and `Exec` of WScript.Shell, `ShellExecute`, WMI, a
    /// scheduled task, a request by DDE to a program that runs what it is given, or a declared function
    /// of Windows that does. Also code that has a script engine run a script, loads an add-in of machine
    /// code, or loads a library from a folder into which anyone may write.
    ///
    /// ## Why it matters
    /// A macro that leaves Office runs whatever it likes.
    ///
    /// ## When it is innocent
    /// Workbooks open folders, PDF files and the calculator for their users. The command, and
    /// whether the code starts by itself, tells.
    ///
    /// ## References
    /// ATT&CK T1059.005, T1106
    PROCESS_START {
        id: "VBA003", name: "process-start", severity: Medium, confidence: Likely,
        attack: ["T1059.005", "T1106"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    report_by_module(
        facts,
        sink,
        &PROCESS_START,
        |seen| matches!(seen.sighting.kind, Action::ProcessStart | Action::ScriptRun | Action::LibraryLoad),
        |first| {
            let what = match first.sighting.kind {
                Action::ScriptRun => "has a script run",
                Action::LibraryLoad => "loads a library",
                _ => "starts a process",
            };
            format!("module {:?} {what}{}", first.module, quoted(first))
        },
    );
}
