//! What a document does, in one sentence, from what running its macros showed.

use std::collections::BTreeSet;

use crate::base::text::escape_for_terminal;
use crate::base::{Basis, Effect, EffectDetail, EffectKind};
use crate::indicators::{IndicatorKind, defang};
use crate::xlm::effects::is_japan;

/// The sentence, without its full stop: `on opening it downloads ... and runs it with regsvr32`. `None`
/// when nothing was evaluated that is worth one.
pub(super) fn of(effects: &[Effect]) -> Option<String> {
    let started = |effect: &&Effect| {
        let start = effect.detail.as_deref().and_then(|detail| detail.start);
        effect.basis == Basis::Evaluated && start.is_some_and(|start| start != "unproven")
    };
    let of = |kind: EffectKind| effects.iter().filter(move |effect| effect.kind == kind).filter(started);
    let first = |kind| of(kind).next();
    let (fetch, write) = (first(EffectKind::Fetch), first(EffectKind::Write));
    let inject = first(EffectKind::Inject);
    let runs = || of(EffectKind::Run);
    let run_of = |made: &Effect| {
        let file = path_key(path_of(made));
        // A command that downloads or writes a file is no run of that file.
        let makes = |effect: &&Effect| matches!(effect.kind, EffectKind::Fetch | EffectKind::Write);
        let making = effects.iter().filter(makes).filter(|effect| path_key(path_of(effect)) == file);
        let making: BTreeSet<_> = making.map(Effect::act).collect();
        let other = |run: &&Effect| run.is_in_command() || !making.contains(&run.act());
        let names = |run: &&Effect| !file.is_empty() && path_key(&command_of(run)).contains(&file);
        runs().filter(other).find(names).or_else(|| runs().find(other))
    };
    let (leading, what) = match (fetch, write, first(EffectKind::Run)) {
        (Some(fetch), ..) => {
            let download = download(fetch, of(EffectKind::Fetch).count());
            match run_of(fetch) {
                Some(run) => (fetch, format!("{download} and runs {}", command(run, path_of(fetch)))),
                None => match runs().find(|run| run.act() == fetch.act()) {
                    Some(run) => (fetch, format!("runs {}, which {download}", command(run, ""))),
                    None => (fetch, download),
                },
            }
        }
        (None, Some(write), Some(run)) => match run_of(write) {
            Some(run) => {
                let what =
                    format!("writes {} and runs {}", shown(path_of(write)), command(run, path_of(write)));
                (write, what)
            }
            None => (run, format!("runs {}", command(run, ""))),
        },
        (None, None, Some(run)) => (run, format!("runs {}", command(run, ""))),
        (None, _, None) => (inject?, "puts machine code into memory and runs it".to_owned()),
    };
    let only = match leading.condition.as_deref() {
        Some(condition) if is_japan(condition) => ", only on Japanese systems".to_owned(),
        Some(condition) => only(condition),
        None => String::new(),
    };
    Some(format!("{} it {what}{only}", when(leading)))
}

/// What an effect hangs on: one short condition as it is, several of them in general.
fn only(condition: &str) -> String {
    const CHARS: usize = 80;
    let words = match condition {
        "GET.WORKSPACE(19) is TRUE" => "where a mouse is there",
        "GET.WORKSPACE(42) is TRUE" => "where sounds can be played",
        "GET.WORKSPACE(31) is FALSE" => "unless it is run step by step",
        one if !one.contains(" and ") && one.chars().nth(CHARS).is_none() => {
            return format!(", only if {}", shown(one));
        }
        _ => return ", if its surroundings suit it".to_owned(),
    };
    format!(", only {words}")
}

/// A path as Windows takes it, so that two spellings of it are the same.
fn path_key(path: &str) -> String {
    path.to_lowercase().replace("\\\\", "\\").replace('"', "")
}

fn detail(effect: &Effect) -> EffectDetail {
    effect.detail.as_deref().cloned().unwrap_or_default()
}

fn command_of(run: &Effect) -> String {
    detail(run).command.unwrap_or_else(|| run.text.clone())
}

fn path_of(effect: &Effect) -> &str {
    let detail = effect.detail.as_deref();
    let path = detail.and_then(|detail| detail.to.as_deref().or(detail.path.as_deref()));
    path.unwrap_or_default()
}

fn when(effect: &Effect) -> &'static str {
    match detail(effect).start {
        Some("auto_open") => "on opening",
        Some("auto_close") => "on closing",
        Some("auto_activate") => "when it is activated",
        Some("auto_deactivate") => "when it is left",
        Some("object") => "when a button is clicked",
        Some("vba") => "through VBA",
        _ => "after a while",
    }
}

fn download(fetch: &Effect, count: usize) -> String {
    let url = detail(fetch).url.unwrap_or_else(|| fetch.text.clone());
    let more = match count {
        0 | 1 => String::new(),
        count => format!(" (and {} more)", count.saturating_sub(1)),
    };
    let url = shown(&defang(IndicatorKind::Url, &url));
    match path_of(fetch) {
        "" => format!("downloads {url}{more}"),
        to => format!("downloads {url} to {}{more}", shown(to)),
    }
}

/// What is run: `it with regsvr32` when that is the file.
fn command(run: &Effect, file: &str) -> String {
    let command = command_of(run);
    let program = command.split([' ', '\t']).next().unwrap_or_default();
    let name = program.rsplit(['\\', '/']).next().unwrap_or_default().trim_matches('"');
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let (key, own) = (path_key(&command), path_key(file));
    let is_file = !own.is_empty() && key.contains(&own);
    match is_file {
        true if key.trim() == own => "it".to_owned(),
        true => format!("it with {}", shown(name)),
        false => shown(&command),
    }
}

/// A text of the file as a sentence shows it: short, and nothing that a terminal would obey.
fn shown(text: &str) -> String {
    const CHARS: usize = 160;
    let mut short: String = text.chars().take(CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    escape_for_terminal(&short).to_string()
}
