use crate::documents::link::LinkKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A custom user interface that calls a procedure when it is loaded (`onLoad`) or shown (`loadImage`,
    /// `getLabel`, `getVisible` and their kin), or a callback that names a procedure of another document.
    ///
    /// ## Why it matters
    /// The procedure runs without a click, and without one of the names that start macros. A
    /// callback of the form `address!procedure` opens another document; one at a web address is LNK016.
    ///
    /// ## When it is innocent
    /// Nearly always: add-ins and templates with a tab of their own keep the ribbon that way.
    ///
    /// ## References
    /// [MS-CUSTOMUI] 2.2; ATT&CK T1137
    INTERFACE_CALLBACK {
        id: "LNK013", name: "interface-callback", severity: Low, confidence: Certain,
        attack: ["T1137"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for link in facts.links.iter().filter(|link| link.kind == LinkKind::Callback) {
        let elsewhere = link.target.contains("://") || link.target.starts_with(r"\\");
        if !link.automatic && !elsewhere {
            continue;
        }
        let message = if elsewhere {
            format!("the user interface calls a procedure of another document: {:?}", link.target)
        } else {
            format!("the user interface calls {:?} without a click", link.target)
        };
        sink.report(
            &INTERFACE_CALLBACK,
            message,
            [Evidence::new(link.location.clone(), link.target.as_str())],
        );
    }
}
