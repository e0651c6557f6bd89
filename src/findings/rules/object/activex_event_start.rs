use crate::documents::objects::ObjectKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};
use crate::vba::source::AutoStart;

declare_rule! {
    /// ## What it finds
    /// A control whose events start a macro that runs programs, fetches something or calls Windows: when
    /// it is painted, gets the focus or feels the mouse.
    ///
    /// ## Why it matters
    /// The macro runs without one of the names that start macros, so that filters which look for
    /// `AutoOpen` or `Document_Open` see none.
    ///
    /// ## When it is innocent
    /// Controls of forms react to the mouse, but hardly ever by starting a program.
    ///
    /// ## References
    /// [MS-OFORMS] 2; ATT&CK T1204.002, T1059.005
    ACTIVEX_EVENT_START {
        id: "OBJ005", name: "activex-event-start", severity: High, confidence: Likely,
        attack: ["T1059.005", "T1204.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let Some(control) = facts.objects.iter().find(|object| object.kind == ObjectKind::Control) else {
        return;
    };
    let mut seen =
        facts.vba_seen().filter(|seen| seen.reached == Some(AutoStart::Event) && seen.sighting.kind.acts());
    if let Some(first) = seen.next() {
        let message = format!("an event of a control starts a macro in module {:?} that acts", first.module);
        let name = if control.class_name.is_empty() { "control" } else { &control.class_name };
        let proofs = [
            Evidence::new(first.location, first.sighting.text.as_str()),
            Evidence::new(control.location.clone(), name),
        ];
        sink.report(&ACTIVEX_EVENT_START, message, proofs);
    }
}
