use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A WordBasic macro that copies macros between documents and templates (`MacroCopy`, `Organizer`).
    ///
    /// ## Why it matters
    /// That is how a macro virus spreads: into the global template, and from there into every
    /// document that is saved.
    ///
    /// ## When it is innocent
    /// Installers of macro collections copied their macros into the global template.
    ///
    /// ## References
    /// ATT&CK T1137.001, T1080
    WORDBASIC_REPLICATION {
        id: "WRD003", name: "wordbasic-replication", severity: High, confidence: Likely,
        attack: ["T1137.001", "T1080"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for code in facts.word_basic {
        if let Some(line) = code.copies_macros() {
            let message = format!("the WordBasic macro {:?} copies macros", code.name);
            let proof = Evidence::new(Location::line(code.part, line), code.line(line));
            sink.report(&WORDBASIC_REPLICATION, message, [proof]);
        }
    }
}
