use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// An Excel 4.0 macro sheet whose state is hidden or very hidden.
    ///
    /// ## Why it matters
    /// Excel offers no menu entry that shows a very hidden sheet.
    ///
    /// ## When it is innocent
    /// Old add-ins hide their macro sheet. Alone, this is not a verdict.
    ///
    /// ## References
    /// [MS-XLS] 2.4.28 BoundSheet8, field `hsState`
    HIDDEN_MACRO_SHEET {
        id: "XLM002", name: "hidden-macro-sheet", severity: Medium, confidence: Certain,
        attack: ["T1564"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for facts in facts.macro_sheets().filter(|facts| facts.sheet.visibility.is_hidden()) {
        let state = facts.sheet.visibility.name().replace('_', " ");
        let message = format!("macro sheet {:?} is {state}", facts.sheet.name);
        sink.report(&HIDDEN_MACRO_SHEET, message, [facts.evidence()]);
    }
}
