use super::carriers::{proof, title};
use crate::documents::objects::ObjectKind;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// An ActiveX control on a sheet, with its class.
    ///
    /// ## Why it matters
    /// Events of controls start macros, and texts of controls keep commands out of the code.
    ///
    /// ## When it is innocent
    /// Nearly always: buttons, lists and boxes of forms.
    ///
    /// ## References
    /// [MS-XLS] 2.1.7.2; ATT&CK T1559.001
    ACTIVEX_CONTROL {
        id: "OBJ002", name: "activex-control", severity: Info, confidence: Certain,
        attack: ["T1559.001"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for object in facts.objects.iter().filter(|object| object.kind == ObjectKind::Control) {
        let message = format!("a control: {}", title(object));
        sink.report(&ACTIVEX_CONTROL, message, [proof(object)]);
    }
}
