use super::statements::{
    Command, SHOWN, command, has_word, names_program, names_target, place, proof, quoted_texts,
    saves_document, variables,
};
use super::xlm_from_vba::names_acting_function;
use std::collections::BTreeMap;

use crate::base::PartId;
use crate::findings::{Evidence, Facts, Sink, declare_rule};
use crate::vba::Project;
use crate::vba::source::{Action, ProcedureId};
use crate::vba::view::{ProjectView, Seen};

declare_rule! {
    /// ## What it finds
    /// Code that starts by itself and does both: it fetches something or writes a file, and it runs
    /// something that may be just that. Both are reached from procedures of one project that start
    /// by themselves.
    ///
    /// - Fetch and run: any command but a viewer or an address that stands in the text.
    /// - Write and run: the file has the extension of a program or script, or the same variable
    ///   names it in the command, or raw bytes are written and the command is not constant, or the
    ///   command is one of Windows' launchers.
    /// - An Excel 4.0 macro with `EXEC`, `CALL` or `REGISTER` is written into a sheet and run.
    ///
    /// ## Why it matters
    /// That is a dropper. Opening the document is enough for a foreign program to run.
    ///
    /// ## When it is innocent
    /// Hardly ever. A workbook that writes a log and opens Notepad, a folder or a web page is not
    /// reported, nor one that saves a copy of itself. Installers in workbook form are.
    ///
    /// ## References
    /// ATT&CK T1105, T1204.002, T1059.005
    FETCHES_OR_WRITES_AND_RUNS {
        id: "VBA015", name: "fetches-or-writes-and-runs", severity: Critical, confidence: Likely,
        attack: ["T1059.005", "T1105", "T1204.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (project, view) in facts.live_projects().filter(|(_, view)| !view.reached.procedures.is_empty()) {
        let seen = || view.seen(project).filter(|seen| seen.reached.is_some());
        let runs: Vec<_> = seen()
            .filter(starts_something)
            .map(|run| (command(&run), run))
            .filter(|(command, _)| *command != Command::Viewer)
            .collect();
        let Some((_, run)) = runs.first() else {
            if let Some((formula, run)) = macro_written_and_run(project, view) {
                let message =
                    format!("module {:?} writes an Excel 4.0 macro and runs it by itself", run.module);
                report(sink, message, [formula, proof(&run)]);
            }
            continue;
        };
        let fetches: Vec<_> = seen().filter(|seen| seen.sighting.kind == Action::Download).collect();
        let writes: Vec<_> =
            seen().filter(|seen| seen.sighting.kind == Action::FileWrite && !saves_document(seen)).collect();
        let started = runs.iter().map(|(_, run)| run);
        if let Some(fetch) = fetches.first() {
            let message =
                format!("module {:?} fetches something and starts a program by itself", fetch.module);
            let proofs = [fetch, run].into_iter().chain(&fetches).chain(started);
            report(sink, message, proofs.take(MOST).map(proof));
        } else if let Some((write, run)) = written_and_run(project, view, &writes, &runs) {
            let message = format!("module {:?} writes a file and starts a program by itself", write.module);
            let proofs = [write, run].into_iter().chain(&writes).chain(started);
            report(sink, message, proofs.take(MOST).map(proof));
        } else if let Some((formula, run)) = macro_written_and_run(project, view) {
            let message = format!("module {:?} writes an Excel 4.0 macro and runs it by itself", run.module);
            report(sink, message, [formula, proof(&run)]);
        }
    }
}

/// Statements that are looked through for proofs at other places.
const MOST: usize = 64;

fn report(sink: &mut Sink<'_>, message: String, proofs: impl IntoIterator<Item = Evidence>) {
    let mut shown: Vec<Evidence> = Vec::new();
    for proof in proofs {
        if shown.len() < SHOWN && !shown.iter().any(|known| known.location == proof.location) {
            shown.push(proof);
        }
    }
    sink.report(&FETCHES_OR_WRITES_AND_RUNS, message, shown);
}

/// Whether a process is started, or code is loaded into this one.
pub(super) fn starts_something(seen: &Seen<'_>) -> bool {
    const LOADS: [&str; 8] = [
        "loadlibrary",
        "loadlibrarya",
        "loadlibraryw",
        "createthread",
        "createremotethread",
        "queueuserapc",
        "dispcallfunc",
        "ntcreatethreadex",
    ];
    match seen.sighting.kind {
        Action::ProcessStart | Action::LibraryLoad => true,
        Action::NativeCode => has_word(&seen.sighting.text, &LOADS),
        _ => false,
    }
}

/// A written file and a started command that belong together.
fn written_and_run<'s, 'p>(
    project: &Project,
    view: &ProjectView,
    writes: &'s [Seen<'p>],
    runs: &'s [(Command, Seen<'p>)],
) -> Option<(&'s Seen<'p>, &'s Seen<'p>)> {
    let of_kind = |wanted| runs.iter().find(|(command, _)| *command == wanted).map(|(_, run)| run);
    let (launcher, unknown) = (of_kind(Command::Launcher), of_kind(Command::Unknown));
    let (_, first) = runs.first()?;
    let mut by_name: BTreeMap<String, &Seen<'_>> = BTreeMap::new();
    for (_, run) in runs {
        for name in variables(&run.sighting.text) {
            by_name.entry(name).or_insert(run);
        }
    }
    let dropping = scripts_named(project, view);
    for write in writes {
        let texts = || quoted_texts(&write.sighting.text).chain(write.sighting.argument.as_deref());
        let names_file = names_target(write) && texts().any(has_extension);
        // A variable before the name of a file is its folder.
        let names =
            if names_target(write) && !names_file { variables(&write.sighting.text) } else { Vec::new() };
        let appends = has_word(&write.sighting.text, &["append"]);
        let program = names_target(write) && texts().any(|text| names_program(text, &[]))
            || !names.is_empty() && !appends && dropping.binary_search(&place(write)).is_ok();
        let raw = has_word(&write.sighting.text, &["binary", "put", "savetofile"]);
        let run = program
            .then_some(first)
            .or(launcher)
            .or(unknown.filter(|_| raw))
            .or_else(|| names.iter().find_map(|name| by_name.get(name).copied()));
        if let Some(run) = run {
            return Some((write, run));
        }
    }
    None
}

/// Whether a text ends in a file name with an extension.
fn has_extension(text: &str) -> bool {
    let name = text.rsplit(['\\', '/']).next().unwrap_or_default();
    name.rsplit_once('.').is_some_and(|(_, extension)| (1..=4).contains(&extension.len()))
}

/// Procedures in which a constant text names a script other than in a command, sorted: lines of
/// text make a script, and no program.
fn scripts_named(project: &Project, view: &ProjectView) -> Vec<(PartId, Option<u32>)> {
    const SCRIPTS: [&str; 9] = [".bat", ".cmd", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".hta", ".ps1"];
    let commands = view.seen(project).filter(|seen| seen.sighting.kind == Action::ProcessStart);
    let mut commands: Vec<_> = commands.map(|seen| (seen.location.part, seen.sighting.line)).collect();
    commands.sort_unstable();
    let mut places = Vec::new();
    for (module, view) in project.modules.iter().zip(&view.modules) {
        for literal in view.literals().filter(|literal| literal.procedure.is_some()) {
            let place = (module.part, literal.procedure);
            let text = literal.text.to_ascii_lowercase();
            if places.last() != Some(&place)
                && SCRIPTS.iter().any(|extension| text.ends_with(extension))
                && commands.binary_search(&(module.part, literal.line)).is_err()
            {
                places.push(place);
            }
        }
    }
    places.sort_unstable();
    places
}

/// The text of a formula that acts, and the statement that makes Excel run such formulas.
fn macro_written_and_run<'p>(project: &'p Project, view: &'p ProjectView) -> Option<(Evidence, Seen<'p>)> {
    let runs = |seen: &Seen<'_>| {
        let adds =
            has_word(&seen.sighting.text, &["run", "add", "excel4macrosheets", "excel4intlmacrosheets"]);
        seen.sighting.kind == Action::XlmFromVba && seen.reached.is_some() && adds
    };
    let run = view.seen(project).find(runs)?;
    for (index, (module, source)) in (0u32..).zip(project.modules.iter().zip(&view.modules)) {
        for literal in source.literals() {
            let reached = literal.procedure.is_some_and(|procedure| {
                view.reached.procedures.contains_key(&ProcedureId { module: index, procedure })
            });
            if reached && literal.text.starts_with('=') && names_acting_function(literal.text) {
                let place = crate::base::Location::line(module.part, literal.line);
                return Some((Evidence::new(place, literal.text), run));
            }
        }
    }
    None
}
