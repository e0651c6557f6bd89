use std::collections::BTreeSet;

use super::{command, done, is_started, proof_of};
use crate::base::{Effect, EffectKind};
use crate::findings::command::is_shown;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A macro that, when it is run, writes a file and starts it, by itself or by command lines.
    ///
    /// ## Why it matters
    /// The macro carries a script or program in pieces, puts it on the disk and runs it.
    ///
    /// ## When it is innocent
    /// Hardly ever. A log that is shown in Notepad, or a table in Excel, is not reported.
    ///
    /// ## References
    /// MITRE ATT&CK T1059
    WRITE_AND_RUN {
        id: "XLM025", name: "write-and-run", severity: Critical, confidence: Certain,
        attack: ["T1059.005", "T1027"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (book, _) in facts.programs() {
        let of = |kind| done(facts, book).filter(move |effect| effect.kind == kind && is_started(effect));
        let writes: Vec<_> = of(EffectKind::Write).map(|write| (file_of(write), write)).collect();
        // A command names the file that it writes, and is no run of it.
        let writing: BTreeSet<_> = writes.iter().map(|(file, write)| (write.act(), file)).collect();
        for (file, write) in writes.iter().filter(|(file, _)| file.len() >= 3) {
            let runs_it = |run: &&Effect| {
                run.text.to_lowercase().contains(file)
                    && !is_shown(command(run))
                    && (run.is_in_command() || !writing.contains(&(run.act(), file)))
            };
            if let Some(run) = of(EffectKind::Run).find(runs_it) {
                let message = format!("writes {} and runs {}", path_of(write), run.text);
                sink.report(&WRITE_AND_RUN, message, [proof_of(write), proof_of(run)]);
            }
        }
    }
}

fn path_of(write: &Effect) -> &str {
    write.detail.as_deref().and_then(|detail| detail.path.as_deref()).unwrap_or_default()
}

/// The name of the file that is written, without its folder.
fn file_of(write: &Effect) -> String {
    path_of(write).rsplit(['\\', '/']).next().unwrap_or_default().to_lowercase()
}
