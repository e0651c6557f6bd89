use super::proof;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A macro formula that calls `REGISTER` or `REGISTER.ID`, or that writes a formula which does.
    ///
    /// ## Why it matters
    /// It makes a function of a DLL callable, often under another name, so that the call itself says
    /// nothing.
    ///
    /// ## When it is innocent
    /// Add-ins register the functions of a DLL of their own.
    ///
    /// ## References
    /// [MS-XLS] 2.5.198.17 Ftab 0x0095, 0x010B
    REGISTER {
        id: "XLM007", name: "register", severity: Medium, confidence: Certain,
        attack: ["T1106"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (book, seen) in
        facts.xlm_sightings().filter(|(_, seen)| seen.calls("REGISTER") || seen.calls("REGISTER.ID"))
    {
        sink.report(
            &REGISTER,
            format!("a function of a DLL is registered: {}", seen.text),
            [proof(book, seen)],
        );
    }
}
