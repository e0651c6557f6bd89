use super::name_evidence;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// An auto-start name that hides what it is: a NUL or invisible characters inside, letters cased as
    /// nobody types them, decomposed characters, the last letter missing.
    ///
    /// ## Why it matters
    /// Excel passes over what a person and simple tools stumble at. Nobody writes such a name by
    /// accident.
    ///
    /// ## When it is innocent
    /// No honest case is known.
    ///
    /// ## References
    /// [MS-XLS] 2.4.150 Lbl; observations of public tools that build such names
    DISGUISED_AUTO_START {
        id: "XLM004", name: "disguised-auto-start", severity: High, confidence: Certain,
        attack: ["T1036", "T1564"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (book, program) in facts.programs() {
        for start in program.starts.iter().filter(|start| !start.disguises.is_empty()) {
            let Some(name) = book.names.get(start.name) else { continue };
            let how: Vec<_> = start.disguises.iter().map(|disguise| disguise.name()).collect();
            let message = format!("the auto-start name {:?} is disguised: {}", name.name, how.join(", "));
            sink.report(&DISGUISED_AUTO_START, message, [name_evidence(book, start)]);
        }
    }
}
