use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A sheet that is protected against changes.
    ///
    /// ## Why it matters
    /// Protection hinders a person who looks at what a sheet holds, hidden sheets above all. It hides nothing from
    /// a reader: only a 16-bit check value of the password is stored.
    ///
    /// ## When it is innocent
    /// Forms and templates are protected so that nobody changes them by accident. Alone, this is a
    /// fact.
    ///
    /// ## References
    /// [MS-XLS] 2.4.207 Protect, 2.4.191 Password
    PROTECTED_SHEET {
        id: "ENC002", name: "protected-sheet", severity: Info, confidence: Certain,
        attack: ["T1564"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for facts in facts.sheets().filter(|facts| facts.sheet.protection.on) {
        let hidden = if facts.sheet.visibility.is_hidden() { "hidden " } else { "" };
        let message = format!("{hidden}sheet {:?} is protected", facts.sheet.name);
        sink.report(&PROTECTED_SHEET, message, [facts.evidence()]);
    }
}
