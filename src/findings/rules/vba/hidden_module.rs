use std::collections::BTreeSet;

use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};
use crate::vba::Project;

declare_rule! {
    /// ## What it finds
    /// A module with code that the `dir` stream has and the PROJECT stream does not list.
    ///
    /// ## Why it matters
    /// Its code runs, and the editor does not show it. Tools that strip the line do nothing else.
    ///
    /// ## When it is innocent
    /// Writers other than Office may leave PROJECT incomplete. A project without PROJECT stream is not reported, nor a module whose name PROJECT has in another code page.
    ///
    /// ## References
    /// [MS-OVBA] 2.3.1.3, 2.3.4.2.3; ATT&CK T1564
    HIDDEN_MODULE {
        id: "VBA010", name: "hidden-module", severity: High, confidence: Certain,
        attack: ["T1564"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (project, view) in facts.live_projects().filter(|(project, _)| !project.lines.is_empty()) {
        let elsewhere = listed_otherwise(project);
        for (module, view) in project.modules.iter().zip(&view.modules) {
            let has_code = !view.procedures.is_empty() || !view.declares.is_empty();
            let is_listed =
                || !module.name.is_ascii() && elsewhere.contains(&without_letters_beyond_ascii(&module.name));
            if module.in_dir && !module.listed && has_code && !is_listed() {
                let message = format!("module {:?} runs, and the editor does not show it", module.name);
                let text = format!("{} is in dir and not in PROJECT", module.file_name());
                sink.report(&HIDDEN_MODULE, message, [Evidence::new(Location::part(module.part), text)]);
            }
        }
    }
}

/// Names in PROJECT that are those of no module, without letters beyond ASCII: Office for Mac
/// writes names in another code page than `dir`.
fn listed_otherwise(project: &Project) -> BTreeSet<String> {
    let known: BTreeSet<&str> =
        project.modules.iter().filter(|module| module.listed).map(|module| module.name.as_str()).collect();
    let is_module = |key: &str| {
        ["Module", "Class", "BaseClass", "Document"].iter().any(|known| key.eq_ignore_ascii_case(known))
    };
    let lines = project.lines.iter().filter(|line| is_module(&line.key));
    lines
        .filter(|line| !line.value.is_ascii() && !known.contains(line.value.as_str()))
        .map(|line| without_letters_beyond_ascii(&line.value))
        .collect()
}

/// The name in lower case, with each run of other letters as one mark.
fn without_letters_beyond_ascii(name: &str) -> String {
    let mut folded = String::new();
    for letter in name.chars() {
        let letter = if letter.is_ascii() { letter.to_ascii_lowercase() } else { '\u{FFFD}' };
        if letter != '\u{FFFD}' || !folded.ends_with(letter) {
            folded.push(letter);
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vba::ProjectLine;

    #[test]
    fn a_name_in_another_code_page_is_a_listing() {
        let line = |value: &str| ProjectLine { key: "Module".into(), value: value.into() };
        let project = Project { lines: vec![line("M\u{2014}dulo1"), line("Other")], ..Project::default() };
        let names = listed_otherwise(&project);
        let is_listed = |name| names.contains(&without_letters_beyond_ascii(name));
        assert_eq!(["Módulo1", "Módulo2", "Other"].map(is_listed), [true, false, false]);
    }
}
