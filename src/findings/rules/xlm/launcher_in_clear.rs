use super::proof;
use crate::findings::{Facts, Sink, declare_rule};
use crate::indicators::{fold_command, launchers};

declare_rule! {
    /// ## What it finds
    /// A macro formula whose `EXEC`, `CALL` or `REGISTER`, or the formula that it writes, names a
    /// downloader or a program that attacks start others with: `urlmon`, `regsvr32`, `mshta`, `rundll32`,
    /// `powershell` and their kin.
    ///
    /// ## Why it matters
    /// There is one reason to do that from a workbook.
    ///
    /// ## When it is innocent
    /// Administration macros of a company may start a command shell.
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
        let acts = ["EXEC", "CALL", "REGISTER"].iter().any(|function| seen.calls(function));
        let text = fold_command(&seen.text);
        if let (true, Some(mention)) = (acts, launchers(&text).next()) {
            let message = format!("{} uses {}: {}", seen.function, mention.name, seen.text);
            sink.report(&LAUNCHER_IN_CLEAR, message, [proof(book, seen)]);
        }
    }
}
