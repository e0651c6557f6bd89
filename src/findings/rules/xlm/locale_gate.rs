use super::{proof_of, ran};
use crate::base::EffectKind;
use crate::findings::{Facts, Sink, declare_rule};
use crate::xlm::effects::is_japan;

declare_rule! {
    /// ## What it finds
    /// A macro that runs, fetches or writes only where Excel or Windows is set to a certain country.
    ///
    /// ## Why it matters
    /// The attack is aimed at people of that country, and does nothing elsewhere: 81 is Japan.
    ///
    /// ## When it is innocent
    /// Tools that are translated choose their words by the country, and do nothing else by it.
    ///
    /// ## References
    /// MITRE ATT&CK T1480, T1614.001
    LOCALE_GATE {
        id: "XLM023", name: "locale-gate", severity: High, confidence: Likely,
        attack: ["T1480", "T1614.001"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    use EffectKind::{Call, Fetch, Inject, Register, Run, Write};
    for (_, program) in facts.programs() {
        for effect in ran(program) {
            let Some(condition) = effect.condition.as_deref() else { continue };
            let acts = matches!(effect.kind, Call | Fetch | Inject | Register | Run | Write);
            if !acts || !condition.contains("GET.WORKSPACE(37)") {
                continue;
            }
            let message = if is_japan(condition) {
                format!("runs only on Japanese systems: {}", effect.text)
            } else {
                format!("runs only in a certain country ({condition}): {}", effect.text)
            };
            sink.report(&LOCALE_GATE, message, [proof_of(effect)]);
        }
    }
}
