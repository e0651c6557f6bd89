use super::judge::{Leads, judge};
use crate::documents::link::LinkKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A custom user interface that calls a procedure of a workbook at a web address.
    ///
    /// ## Why it matters
    /// Excel opened the workbook, with its macros, when the user interface was loaded (CVE-2021-42292).
    ///
    /// ## When it is innocent
    /// No honest case is known: add-ins lie on the computer or on a file server.
    ///
    /// ## References
    /// CVE-2021-42292; [MS-CUSTOMUI] 2.2; ATT&CK T1203
    CALLBACK_FROM_WEB {
        id: "LNK016", name: "callback-from-web", severity: High, confidence: Likely,
        attack: ["T1203"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for link in facts.links.iter().filter(|link| link.kind == LinkKind::Callback) {
        if judge(&link.target).leads == Leads::Web {
            let message =
                format!("the user interface calls a procedure from {:?} (CVE-2021-42292)", link.target);
            sink.report(
                &CALLBACK_FROM_WEB,
                message,
                [Evidence::new(link.location.clone(), link.target.as_str())],
            );
        }
    }
}
