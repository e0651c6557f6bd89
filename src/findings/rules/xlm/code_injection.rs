use super::{is_started, proof_of, ran};
use crate::base::EffectKind;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A macro that, when it is run, allocates memory, writes into it and starts a thread there, through
    /// functions of Windows.
    ///
    /// ## Why it matters
    /// Machine code runs inside Excel, without a file.
    ///
    /// ## When it is innocent
    /// Never seen.
    ///
    /// ## References
    /// MITRE ATT&CK T1055
    CODE_INJECTION {
        id: "XLM020", name: "code-injection", severity: Critical, confidence: Certain,
        attack: ["T1055", "T1106"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (_, program) in facts.programs() {
        let chain: Vec<_> =
            ran(program).filter(|effect| effect.kind == EffectKind::Inject && is_started(effect)).collect();
        if chain.len() < 2 {
            continue;
        }
        let bytes: usize = program.evaluation.injected.iter().map(|(bytes, _)| bytes.len()).sum();
        let message = format!("{} calls put {bytes} bytes into memory and run them", chain.len());
        sink.report(&CODE_INJECTION, message, chain.into_iter().map(proof_of));
    }
}
