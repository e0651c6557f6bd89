use super::carriers::{embedded, proof, title};
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// An object of another program, or a packaged file, with its class and label.
    ///
    /// ## Why it matters
    /// A double click starts the other program, or opens the file.
    ///
    /// ## When it is innocent
    /// Nearly always: charts, formulas and documents within documents. Classes that attacks use and
    /// packaged programs have rules of their own.
    ///
    /// ## References
    /// [MS-OLEDS] 2.3; ATT&CK T1204.002
    EMBEDDED_OBJECT {
        id: "OBJ001", name: "embedded-object", severity: Info, confidence: Certain,
        attack: ["T1204.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for object in embedded(facts) {
        let message = format!("an embedded object: {}", title(object));
        sink.report(&EMBEDDED_OBJECT, message, [proof(object)]);
    }
}
