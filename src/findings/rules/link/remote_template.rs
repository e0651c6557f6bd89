use super::judge::{Leads, judge};
use crate::documents::link::LinkKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A document whose template lies at a web address.
    ///
    /// ## Why it matters
    /// Word fetches the template when the document is opened, and runs the macros in it. The document
    /// itself is clean.
    ///
    /// ## When it is innocent
    /// Companies keep templates on SharePoint. Templates on the same computer, beside the document or on
    /// a file server are not reported.
    ///
    /// ## References
    /// ECMA-376 part 1, 17.15.1.6; ATT&CK T1221
    REMOTE_TEMPLATE {
        id: "LNK006", name: "remote-template", severity: High, confidence: Certain,
        attack: ["T1221"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for link in facts.links.iter().filter(|link| link.kind == LinkKind::AttachedTemplate) {
        if judge(&link.target).leads == Leads::Web {
            let message = format!("the template is fetched from {:?}", link.target);
            sink.report(
                &REMOTE_TEMPLATE,
                message,
                [Evidence::new(link.location.clone(), link.target.as_str())],
            );
        }
    }
}
