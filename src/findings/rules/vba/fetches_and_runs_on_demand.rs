use super::fetches_or_writes_and_runs::starts_something;
use super::statements::{Command, command, names_program, place, proof, quoted_texts};
use crate::findings::{Facts, Sink, declare_rule};
use crate::vba::source::Action;
use crate::vba::view::Seen;

declare_rule! {
    /// ## What it finds
    /// Code that fetches something and runs a program, and does not start by itself: it waits for a
    /// button, a change of a control, or a command of Word that it takes the place of. Both stand in one
    /// procedure, or what is fetched is the file of a program.
    ///
    /// ## Why it matters
    /// That is a dropper whose start is left to the person. The text beside the button asks for it.
    ///
    /// ## When it is innocent
    /// Tools with an "Update" button fetch their installer and run it. Opening a web page, a folder or a
    /// viewer is not reported, nor is what starts by itself, which is VBA015.
    ///
    /// ## References
    /// ATT&CK T1105, T1204.002, T1059.005
    FETCHES_AND_RUNS_ON_DEMAND {
        id: "VBA021", name: "fetches-and-runs-on-demand", severity: High, confidence: Likely,
        attack: ["T1059.005", "T1105", "T1204.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (project, view) in facts.live_projects() {
        let stands = |seen: &Seen<'_>| seen.sighting.procedure.is_some();
        let shows = |seen: &Seen<'_>| matches!(command(seen), Command::Viewer | Command::Explorer);
        let runs: Vec<_> = view
            .seen(project)
            .filter(|seen| stands(seen) && starts_something(seen) && !shows(seen))
            .collect();
        let fetches: Vec<_> = view
            .seen(project)
            .filter(|seen| stands(seen) && seen.sighting.kind == Action::Download)
            .collect();
        let reached = |seen: &[Seen<'_>]| seen.iter().any(|seen| seen.reached.is_some());
        if reached(&runs) && reached(&fetches) {
            continue;
        }
        // Sightings are in the order of modules and lines, and procedures do not overlap.
        let beside = |fetch: &Seen<'_>| {
            let at = runs.partition_point(|run| place(run) < place(fetch));
            runs.get(at).filter(|run| place(run) == place(fetch))
        };
        let fetches_program = |fetch: &Seen<'_>| {
            let texts = quoted_texts(&fetch.sighting.text).chain(fetch.sighting.argument.as_deref());
            texts.into_iter().any(|text| names_program(text, &[]))
        };
        let pair = fetches.iter().find_map(|fetch| {
            let run = beside(fetch).or_else(|| runs.first().filter(|_| fetches_program(fetch)))?;
            Some((fetch, run))
        });
        if let Some((fetch, run)) = pair {
            let message =
                format!("module {:?} fetches something and starts a program when asked to", fetch.module);
            sink.report(&FETCHES_AND_RUNS_ON_DEMAND, message, [proof(fetch), proof(run)]);
        }
    }
}
