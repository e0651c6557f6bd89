use super::{is_started, launcher, proof_of, ran};
use crate::base::EffectKind;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A macro that runs a launcher (PowerShell, cmd, mshta, regsvr32, rundll32 ...) by a formula that it
    /// wrote itself when it ran.
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
        for run in ran(program).filter(|effect| effect.kind == EffectKind::Run && is_started(effect)) {
            let Some(detail) = &run.detail else { continue };
            let command = detail.command.as_deref().unwrap_or_default();
            let (Some(source), Some(launcher)) = (&detail.source, launcher(command)) else { continue };
            let message = format!("runs {launcher} by a formula that the macro wrote: {source}");
            sink.report(&ASSEMBLED_COMMAND, message, [proof_of(run)]);
        }
    }
}
