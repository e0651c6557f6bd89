use super::{launcher_in, proof};
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A macro formula whose `EXEC`, `CALL` or `REGISTER`, or the formula that it writes, names a
    /// downloader or a program that attacks start others with: `urlmon`, `regsvr32`, `mshta`, `rundll32`,
    /// `powershell` and their kin. Explorer and browsers count when they are given a file that runs, the
    /// viewer of help when it is given one from elsewhere, and any program on a computer of another network.
    ///
    /// ## Why it matters
    /// There is one reason to do that from a workbook.
    ///
    /// ## When it is innocent
    /// Administration macros of a company may start a command shell. A folder that is shown is not reported.
    ///
    /// ## References
    /// MITRE ATT&CK T1218 and its sub-techniques
    LAUNCHER_IN_CLEAR {
        id: "XLM013", name: "launcher-in-clear", severity: Critical, confidence: Certain,
        attack: ["T1105", "T1218"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (book, seen) in facts.xlm_sightings() {
        if let Some(launcher) = launcher_in(seen) {
            let message = format!("{} uses {launcher}: {}", seen.function, seen.text);
            sink.report(&LAUNCHER_IN_CLEAR, message, [proof(book, seen)]);
        }
    }
}
