use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// An Excel 4.0 macro sheet, in whatever state.
    ///
    /// ## Why it matters
    /// Excel 4.0 macros can do what VBA can, and few tools look at them. Few documents made after 1995
    /// have them.
    ///
    /// ## When it is innocent
    /// Old add-ins and templates still carry them. Alone, this is a fact and not a verdict.
    ///
    /// ## References
    /// [MS-XLS] 2.4.28 BoundSheet8, field `dt`; 2.4.21 BOF
    MACRO_SHEET {
        id: "XLM001", name: "macro-sheet", severity: Info, confidence: Certain,
        attack: ["T1059.005"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for facts in facts.macro_sheets() {
        let message = format!("sheet {:?} holds Excel 4.0 macros", facts.sheet.name);
        sink.report(&MACRO_SHEET, message, [facts.evidence()]);
    }
}
