use super::{is_started, launcher_in, launcher_of, proof_of, ran};
use crate::findings::{Facts, Sink, declare_rule};
use crate::indicators::fold_command;

declare_rule! {
    /// ## What it finds
    /// A macro that, when it is run as Excel would run it, uses a downloader or a program that attacks start
    /// others with (PowerShell, cmd, mshta, regsvr32, `urlmon` ...), and no `EXEC`, `CALL` or `REGISTER` of a cell
    /// names that: the macro wrote the formula itself, put its text together, kept it in a name, a note or a
    /// user function, or types it into another window.
    ///
    /// ## Why it matters
    /// A command that stands nowhere in the file was hidden from those who look.
    ///
    /// ## When it is innocent
    /// Macros of old tools write formulas, but none that start such programs.
    ///
    /// ## References
    /// MITRE ATT&CK T1027
    ASSEMBLED_COMMAND {
        id: "XLM021", name: "assembled-command", severity: Critical, confidence: Certain,
        attack: ["T1027", "T1059.005"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (_, program) in facts.programs() {
        let in_clear: Vec<_> = program.sightings.iter().filter(|seen| launcher_in(seen).is_some()).collect();
        for effect in ran(program).filter(|effect| is_started(effect)) {
            let Some(launcher) = launcher_of(effect) else { continue };
            let source = effect.detail.as_deref().and_then(|detail| detail.source.as_deref());
            let message = match source {
                Some(source) => format!("uses {launcher} by a formula that the macro wrote: {source}"),
                None if in_clear.iter().any(|seen| names(&seen.text, launcher)) => continue,
                None => format!("uses {launcher}, which no EXEC or CALL of a cell names: {}", effect.text),
            };
            sink.report(&ASSEMBLED_COMMAND, message, [proof_of(effect)]);
        }
    }
}

/// Whether a formula names the launcher in clear, be it not as the first one.
fn names(text: &str, launcher: &str) -> bool {
    super::launcher(text) == Some(launcher) || fold_command(text).to_ascii_lowercase().contains(launcher)
}
