use super::linked_from_elsewhere::runs_script;
use crate::documents::objects::ObjectKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A linked object whose moniker loads a script, a web service description or an HTML application:
    /// by its class, or by a target such as `script:` or `soap:`.
    ///
    /// ## Why it matters
    /// Loading the object runs code from the target (CVE-2017-8570, CVE-2017-8759, CVE-2017-0199).
    ///
    /// ## When it is innocent
    /// No honest case is known: a document links to data, not to scripts.
    ///
    /// ## References
    /// CVE-2017-8570, CVE-2017-8759; ATT&CK T1203, T1559.001
    SCRIPT_LINK {
        id: "OBJ012", name: "script-link", severity: Critical, confidence: Certain,
        attack: ["T1203", "T1559.001"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let links = facts.objects.iter().filter(|object| object.kind == ObjectKind::Link);
    for object in links.filter(|object| runs_script(object)) {
        let class = object.class.map_or(String::new(), |class| class.to_string());
        let what = if object.class_name.is_empty() { &class } else { &object.class_name };
        let message = format!("a linked object loads a script: {what}, {:?}", object.path);
        let proof = Evidence::new(object.location.clone(), format!("{what} {}", object.path));
        sink.report(&SCRIPT_LINK, message, [proof]);
    }
}
