use super::judge::judge;
use crate::documents::link::LinkKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};
use crate::indicators::{fold_command, launchers};

declare_rule! {
    /// ## What it finds
    /// An action of a presentation that starts a program, a script or the verb of an object: by a click,
    /// by moving the mouse over it, or by the timeline.
    ///
    /// ## Why it matters
    /// No macro is needed. Moving the mouse over a picture has been enough to start PowerShell.
    ///
    /// ## When it is innocent
    /// Presentations at fairs start programs. Buttons that run a macro or show another slide are not
    /// reported.
    ///
    /// ## References
    /// ECMA-376 part 1, 21.1.2.3.5, 19.5.17; CVE-2014-4114; ATT&CK T1204.002
    PROGRAM_ACTION {
        id: "LNK014", name: "program-action", severity: High, confidence: Likely,
        attack: ["T1204.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for link in facts.links.iter().filter(|link| link.kind == LinkKind::Action) {
        let folded = judge(&link.target).folded;
        let command = fold_command(&folded);
        let starts = launchers(&command).next().map(|mention| mention.name);
        let is_program =
            ["exe", "bat", "cmd", "com", "js", "vbs", "hta", "lnk", "scr", "ps1", "pif", "wsf", "jar"]
                .iter()
                .any(|extension| has_extension(&folded, extension));
        let is_verb = folded.starts_with("verb ");
        if starts.is_none() && !is_program && !is_verb {
            continue;
        }
        let when = if link.automatic { "without a click" } else { "by a click" };
        let message = format!("an action starts {:?} {when}", link.target);
        sink.report(&PROGRAM_ACTION, message, [Evidence::new(link.location.clone(), link.target.as_str())]);
    }
}

/// Whether a name with this extension stands at the end, or before arguments.
fn has_extension(folded: &str, extension: &str) -> bool {
    let name = folded.split([' ', '?', '"']).next().unwrap_or_default();
    name.rsplit('/').next().is_some_and(|name| name.rsplit_once('.').is_some_and(|(_, last)| last == extension))
        // A web address ends in `.com` by its host.
        && !folded.contains("://")
}
