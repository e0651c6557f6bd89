use super::carriers::proof;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// The state of a list or tree view (MSCOMCTL) in which a block says that it is longer than the eight
    /// bytes that its reader has room for.
    ///
    /// ## Why it matters
    /// The control copies as many bytes as are stated over its stack when the document is opened
    /// (CVE-2012-0158).
    ///
    /// ## When it is innocent
    /// Never: the control itself writes eight.
    ///
    /// ## References
    /// CVE-2012-0158; ATT&CK T1203
    CONTROL_OVERFLOW {
        id: "OBJ013", name: "control-overflow", severity: Critical, confidence: Likely,
        attack: ["T1203"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for object in facts.objects {
        if let Some(stated) = object.overlong_block {
            let message =
                format!("the state of a control has a block of {stated} bytes where 8 fit (CVE-2012-0158)");
            sink.report(&CONTROL_OVERFLOW, message, [proof(object)]);
        }
    }
}
