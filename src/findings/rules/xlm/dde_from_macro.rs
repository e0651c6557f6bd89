use super::{is_started, launcher, proof_of, ran};
use crate::base::{Effect, EffectKind};
use crate::findings::dde::started;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A macro that starts by itself and begins a DDE conversation (`INITIATE`) with a command interpreter, a
    /// program that attacks start others with or any file that runs, or sends (`EXECUTE`, `POKE`) another
    /// program a command that names one.
    ///
    /// ## Why it matters
    /// The program that is asked is started with the topic as its command line, without `EXEC`. It is judged
    /// like a DDE link that does the same (LNK005).
    ///
    /// ## When it is innocent
    /// Old macros print letters with Word or ask a price feed. What they name is no interpreter, and is not
    /// reported.
    ///
    /// ## References
    /// ATT&CK T1559.002
    DDE_FROM_MACRO {
        id: "XLM027", name: "dde-from-macro", severity: Critical, confidence: Certain,
        attack: ["T1559.002", "T1059"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (_, program) in facts.programs() {
        for effect in ran(program).filter(|effect| effect.kind == EffectKind::Dde && is_started(effect)) {
            if let Some(named) = named(effect) {
                let message = format!("starts {named} by DDE: {}", effect.text);
                sink.report(&DDE_FROM_MACRO, message, [proof_of(effect)]);
            }
        }
    }
}

/// What a step of a conversation starts.
fn named(effect: &Effect) -> Option<String> {
    let arguments = &effect.detail.as_deref()?.arguments;
    let (first, rest) = arguments.split_first()?;
    if effect.text.starts_with("INITIATE(") {
        return started(first, rest.first().map_or("", String::as_str));
    }
    // The first is the number of the conversation.
    rest.iter().find_map(|text| launcher(text)).map(str::to_owned)
}
