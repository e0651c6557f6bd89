use crate::base::Location;
use crate::documents::file_name;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A file name that hides its extension: characters that turn the direction of text, a second extension of a
    /// program behind that of a document, or a long run of blanks.
    ///
    /// ## Why it matters
    /// The reader sees `invoice.pdf`, and the system sees a program.
    ///
    /// ## When it is innocent
    /// Names in Hebrew or Arabic have marks of direction, but not in front of an extension.
    ///
    /// ## References
    /// [T1036.002] right-to-left override; [T1036.007] double file extension
    DECEPTIVE_NAME {
        id: "MAI002", name: "deceptive-name", severity: High, confidence: Likely,
        attack: ["T1036.002", "T1036.007"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for part in facts.parts.iter().skip(1).filter(|part| part.kind.is_named_by_its_sender()) {
        if let Some(trick) = file_name::deception(&part.name) {
            let message = format!("the name {:?} deceives: {trick}", part.name);
            sink.report(
                &DECEPTIVE_NAME,
                message,
                [Evidence::new(Location::part(part.id), part.name.as_str())],
            );
        }
    }
}
