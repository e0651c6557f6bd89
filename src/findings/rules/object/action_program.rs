use crate::documents::document::DocumentKind;
use crate::documents::link::LinkKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// An action of a presentation that starts a program, by a click or by moving the mouse over it.
    ///
    /// ## Why it matters
    /// In a slide show the mouse is enough: no macro is needed.
    ///
    /// ## When it is innocent
    /// Kiosk presentations start a viewer this way.
    ///
    /// ## References
    /// [MS-PPT] 2.8.2 InteractiveInfoAtom; ATT&CK T1204.002
    ACTION_PROGRAM {
        id: "OBJ014", name: "action-starts-program", severity: High, confidence: Certain,
        attack: ["T1204.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let of_presentation = |part| {
        facts.documents.iter().any(|found| found.part == part && found.kind == DocumentKind::Presentation)
    };
    for link in facts.links.iter().filter(|link| link.kind == LinkKind::Action) {
        if link.target.starts_with("ppaction:") || !of_presentation(link.location.part) {
            continue;
        }
        let how = if link.automatic { "moving the mouse over a shape" } else { "a click" };
        let message = format!("{how} starts {:?}", link.target);
        sink.report(&ACTION_PROGRAM, message, [Evidence::new(link.location.clone(), link.target.as_str())]);
    }
}
