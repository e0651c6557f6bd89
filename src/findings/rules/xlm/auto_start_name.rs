use super::name_evidence;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A defined name that starts a macro without being asked: `Auto_Open`, `Auto_Close`, `Auto_Activate`
    /// or `Auto_Deactivate`, as a built-in code or as text, with anything behind it, in any letter case,
    /// of the workbook or of one sheet, in English or as localised Excel spells it.
    ///
    /// ## Why it matters
    /// Excel runs the macro that such a name stands for as soon as the event happens.
    ///
    /// ## When it is innocent
    /// Add-ins set up their menus in `Auto_Open`. What the macro then does decides.
    ///
    /// ## References
    /// [MS-XLS] 2.4.150 Lbl, 2.5.66 (built-in names)
    AUTO_START_NAME {
        id: "XLM003", name: "auto-start-name", severity: Medium, confidence: Certain,
        attack: ["T1204.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (book, program) in facts.programs().filter(|(book, _)| book.macro_sheets().next().is_some()) {
        for start in &program.starts {
            let Some(name) = book.names.get(start.name) else { continue };
            let hidden = if name.is_hidden() { "hidden name" } else { "name" };
            let message =
                format!("the {hidden} {:?} starts ={} on {}", name.name, start.refers_to, start.event.name());
            sink.report(&AUTO_START_NAME, message, [name_evidence(book, start)]);
        }
    }
}
