use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A macro whose run was stopped because it took too many steps, too much memory or called itself too
    /// deeply.
    ///
    /// ## Why it matters
    /// Long loops are there to tire those who look. What the macro did before is in the report; what it
    /// would do later is not known.
    ///
    /// ## When it is innocent
    /// Macros that wait or calculate for long.
    ///
    /// ## References
    /// MITRE ATT&CK T1497.003
    STOPPED_RUN {
        id: "XLM024", name: "stopped-run", severity: Low, confidence: Certain,
        attack: ["T1497.003"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (book, program) in facts.programs() {
        let Some((hit, (sheet, row, column))) = program.evaluation.limit else { continue };
        let at = Location::cell(book.part, sheet, row, column.into());
        let ran = program.evaluation.formulas;
        let message = format!("the run was stopped after {ran} formulas: {hit}");
        sink.report(&STOPPED_RUN, message, [Evidence::new(at, hit.to_string())]);
    }
}
