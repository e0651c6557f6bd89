use super::{instruction, is_dde};
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A field that asks another program for data: `DDE`, or `DDEAUTO`, which does so when the document is
    /// opened. Instructions that are split, nested or quoted are put together before.
    ///
    /// ## Why it matters
    /// Word starts the program that the field names, with the arguments that it gives.
    ///
    /// ## When it is innocent
    /// Old documents show a range of a workbook that way. The program's name tells, see DOC002.
    ///
    /// ## References
    /// ECMA-376 part 1, 17.16.5.13; ATT&CK T1559.002
    DDE_FIELD {
        id: "DOC001", name: "dde-field", severity: Medium, confidence: Certain,
        attack: ["T1559.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for field in facts.documents.iter().flat_map(|document| &document.fields) {
        let (name, _) = instruction(&field.instruction);
        if is_dde(&name) {
            let how = if name == "DDEAUTO" { " when the document is opened" } else { "" };
            let message = format!("a field asks another program for data{how}");
            sink.report(
                &DDE_FIELD,
                message,
                [Evidence::new(field.location.clone(), field.instruction.trim())],
            );
        }
    }
}
