use super::{is_started, proof_of, ran};
use crate::base::EffectKind;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A macro that, when it is run, writes a file and starts it.
    ///
    /// ## Why it matters
    /// The macro carries a script or program in pieces, puts it on the disk and runs it.
    ///
    /// ## When it is innocent
    /// Hardly ever.
    ///
    /// ## References
    /// MITRE ATT&CK T1059
    WRITE_AND_RUN {
        id: "XLM025", name: "write-and-run", severity: Critical, confidence: Certain,
        attack: ["T1059.005", "T1027"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (_, program) in facts.programs() {
        let of = |kind| ran(program).filter(move |effect| effect.kind == kind && is_started(effect));
        for write in of(EffectKind::Write) {
            let path = write.detail.as_deref().and_then(|detail| detail.path.as_deref()).unwrap_or_default();
            let file = path.rsplit(['\\', '/']).next().unwrap_or_default().to_lowercase();
            if file.len() < 3 {
                continue;
            }
            let runs_it = of(EffectKind::Run).find(|run| run.text.to_lowercase().contains(&file));
            if let Some(run) = runs_it {
                let message = format!("writes {path} and runs {}", run.text);
                sink.report(&WRITE_AND_RUN, message, [proof_of(write), proof_of(run)]);
            }
        }
    }
}
