use super::{command, done, is_started, launcher, proof_of};
use crate::base::{Effect, EffectKind};
use crate::findings::command::is_shown;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A macro that, when it is run as Excel would run it, downloads a file and starts a program, by itself
    /// or by command lines.
    ///
    /// ## Why it matters
    /// This is what a downloader is. It is found whatever the words in the file are, because the macro was
    /// evaluated: addresses and commands are those that it arrives at.
    ///
    /// ## When it is innocent
    /// Hardly ever. A tool that updates itself asks first and does not start from a macro sheet. A document
    /// that is opened counts only beside a launcher, and a program that only shows a document does not.
    ///
    /// ## References
    /// MITRE ATT&CK T1105
    FETCH_AND_RUN {
        id: "XLM019", name: "fetch-and-run", severity: Critical, confidence: Certain,
        attack: ["T1059.005", "T1105", "T1218"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (book, _) in facts.programs() {
        let of = |kind| done(facts, book).filter(move |effect| effect.kind == kind && is_started(effect));
        let runs: Vec<_> = of(EffectKind::Run).collect();
        for fetch in of(EffectKind::Fetch) {
            let detail = fetch.detail.as_deref();
            let url = detail.and_then(|detail| detail.url.as_deref()).unwrap_or(&fetch.text);
            let saved = detail.and_then(|detail| detail.to.as_deref()).filter(|to| !to.is_empty());
            // The command that downloads is no program that is started besides.
            let other = |run: &&&Effect| run.is_in_command() || run.act() != fetch.act();
            let may_be_run = |run: &&&Effect| {
                !is_shown(command(run)) && (!is_opened(fetch) || launcher(command(run)).is_some())
            };
            let names = |to: &str| runs.iter().filter(other).find(|run| run.text.contains(to));
            let Some(first) = runs.iter().filter(other).find(may_be_run) else { continue };
            let run = saved.and_then(names).unwrap_or(first);
            let message = match saved {
                Some(to) => format!("downloads {url} to {to} and runs {}", run.text),
                None => format!("downloads {url} and runs {}", run.text),
            };
            sink.report(&FETCH_AND_RUN, message, [proof_of(fetch), proof_of(run)]);
        }
    }
}

/// Whether Excel only opens or shows what is fetched: it is no file that a command runs.
fn is_opened(fetch: &Effect) -> bool {
    fetch.detail.as_deref().and_then(|detail| detail.how.as_deref()) == Some(Effect::OPENED)
}
