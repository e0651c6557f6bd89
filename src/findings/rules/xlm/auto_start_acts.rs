use super::{is_started, proof_of, ran};
use crate::base::{Effect, EffectKind};
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A macro that starts by itself and, when it is run as Excel would run it, starts a program, fetches
    /// something from another network, calls a function of a DLL or makes one callable, or writes or deletes
    /// a file. How it comes to that does not matter: by a formula of a cell or a name, by `EVALUATE` or `RUN`
    /// of a text. One finding a workbook.
    ///
    /// ## Why it matters
    /// Opening the workbook is enough for something to happen outside of it.
    ///
    /// ## When it is innocent
    /// Old tools read and write text files and load functions of their add-in when they start. Saving the
    /// workbook itself or a copy of it does not count, nor does a workbook of the own network that is opened.
    ///
    /// ## References
    /// MITRE ATT&CK T1059.005, T1204.002
    AUTO_START_ACTS {
        id: "XLM026", name: "auto-start-acts", severity: Medium, confidence: Certain,
        attack: ["T1059.005", "T1204.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (_, program) in facts.programs() {
        let mut found = ran(program).filter(|effect| is_started(effect) && acts(effect)).peekable();
        if let Some(first) = found.peek() {
            let message = format!("{} by itself: {}", what(first.kind), first.text);
            sink.report(&AUTO_START_ACTS, message, found.map(proof_of));
        }
    }
}

/// Whether an effect reaches beyond the workbook and copies of it.
fn acts(effect: &Effect) -> bool {
    match effect.kind {
        EffectKind::Fetch
        | EffectKind::Run
        | EffectKind::Register
        | EffectKind::Inject
        | EffectKind::Delete => true,
        EffectKind::Call => effect.detail.as_deref().is_some_and(|detail| detail.dll.is_some()),
        EffectKind::Write => !effect.text.starts_with("SAVE."),
        _ => false,
    }
}

fn what(kind: EffectKind) -> &'static str {
    match kind {
        EffectKind::Fetch => "fetches something",
        EffectKind::Run => "starts a program",
        EffectKind::Register => "makes a function of a DLL callable",
        EffectKind::Write => "writes a file",
        EffectKind::Delete => "deletes a file",
        _ => "calls a function of a DLL",
    }
}
