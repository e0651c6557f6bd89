use crate::documents::objects::{Clsid, Object, ObjectKind};
use crate::findings::rules::link::folded;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A linked object whose moniker leads to a web address or a computer elsewhere.
    ///
    /// ## Why it matters
    /// Office fetches what is there and hands it to the program that its type belongs to; an HTML
    /// application then runs as a program (CVE-2017-0199).
    ///
    /// ## When it is innocent
    /// Company documents link to workbooks on a file server. A link to the Internet is rare.
    ///
    /// ## References
    /// [MS-OLEDS] 2.3.3; CVE-2017-0199; ATT&CK T1203, T1221
    LINKED_FROM_ELSEWHERE {
        id: "OBJ011", name: "linked-from-elsewhere", severity: High, confidence: Likely,
        attack: ["T1203", "T1221"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for object in facts.objects.iter().filter(|object| object.kind == ObjectKind::Link) {
        if leads_elsewhere(&object.path) && !runs_script(object) {
            let message = format!("a linked object is fetched from {:?}", object.path);
            let proof = Evidence::new(object.location.clone(), object.path.as_str());
            sink.report(&LINKED_FROM_ELSEWHERE, message, [proof]);
        }
    }
}

/// Whether a target is a web address or lies on another computer.
pub(super) fn leads_elsewhere(target: &str) -> bool {
    let target = folded(target);
    let is_web =
        ["http:", "https:", "ftp:", "webdav:", "mhtml:"].iter().any(|scheme| target.starts_with(scheme));
    is_web || target.starts_with("//") || target.starts_with("file://") && !target.starts_with("file:///")
}

/// Whether a moniker loads a script or a description that becomes code.
pub(super) fn runs_script(object: &Object) -> bool {
    let class = object.class.and_then(Clsid::known_name);
    let by_class = matches!(class, Some("script moniker" | "HTML application" | "SOAP moniker"));
    let target = folded(&object.path);
    by_class
        || ["script:", "scriptlet:", "soap:", "mhtml:", "javascript:", "vbscript:", "ms-msdt:"]
            .iter()
            .any(|scheme| target.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::leads_elsewhere;

    #[test]
    fn targets_are_folded_before_they_are_judged() {
        let elsewhere = ["hTtP://a.invalid", "%68ttp://a.invalid", r"\\a.invalid\x", "file://a.invalid/x"];
        let here = ["C:\\a.xls", "file:///C:/a.xls", "a.xls", "Sheet1!R1C1"];
        assert_eq!(elsewhere.map(leads_elsewhere), [true; 4]);
        assert_eq!(here.map(leads_elsewhere), [false; 4]);
    }
}
