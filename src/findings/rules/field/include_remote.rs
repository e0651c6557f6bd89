use super::instruction;
use crate::findings::rules::link::leads_away;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A field that takes in a text, picture or object from a web address or a share: `INCLUDETEXT`,
    /// `INCLUDEPICTURE`, `INCLUDE`, `IMPORT`, `RD`, `LINK`.
    ///
    /// ## Why it matters
    /// The host learns who opens the document and when; a share also gets a proof of the password. Text
    /// that is taken in can hold fields of its own.
    ///
    /// ## When it is innocent
    /// Newsletters count their readers with a picture. Pages that were pasted into a document keep the
    /// addresses of their pictures.
    ///
    /// ## References
    /// ECMA-376 part 1, 17.16.5.27, 17.16.5.28; ATT&CK T1187
    INCLUDE_REMOTE {
        id: "DOC003", name: "include-remote", severity: Low, confidence: Certain,
        attack: ["T1187"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    const NAMES: [&str; 6] = ["INCLUDETEXT", "INCLUDEPICTURE", "INCLUDE", "IMPORT", "RD", "LINK"];
    for field in facts.documents.iter().flat_map(|document| &document.fields) {
        let (name, rest) = instruction(&field.instruction);
        if !NAMES.contains(&name.as_str()) {
            continue;
        }
        // Backslashes are doubled in an instruction.
        let rest = rest.replace(r"\\", r"\");
        let words = rest.split(['"', ' ']).filter(|word| !word.is_empty());
        if let Some(target) = words.map(unsingled).find(|word| leads_away(word)) {
            let message = format!("a field takes in {target:?}");
            let proof = Evidence::new(field.location.clone(), field.instruction.trim());
            sink.report(&INCLUDE_REMOTE, message, [proof]);
        }
    }
}

/// A share whose doubled backslashes became single ones: `\host\share`.
fn unsingled(word: &str) -> String {
    let is_share = word.starts_with('\\') && !word.starts_with(r"\\") && word.matches('\\').count() >= 2;
    if is_share { format!(r"\{word}") } else { word.to_owned() }
}
