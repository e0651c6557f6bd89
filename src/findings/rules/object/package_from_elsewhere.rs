use super::carriers::proof;
use crate::documents::objects::ObjectKind;
use crate::findings::rules::link::leads_away;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A package that only names its file, and names one on another computer.
    ///
    /// ## Why it matters
    /// Office fetches the file and hands it to the program that its type belongs to: an installation file
    /// then installs (CVE-2014-4114). The host also gets a proof of the password.
    ///
    /// ## When it is innocent
    /// A company may show a file of its server that way. Most packages hold their file.
    ///
    /// ## References
    /// CVE-2014-4114, CVE-2014-6352; ATT&CK T1203, T1187
    PACKAGE_FROM_ELSEWHERE {
        id: "OBJ015", name: "package-from-elsewhere", severity: High, confidence: Likely,
        attack: ["T1203", "T1187"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let packages = facts.objects.iter().filter(|object| object.kind == ObjectKind::Package);
    for object in packages.filter(|object| object.payload.is_none() && leads_away(&object.path)) {
        let message = format!("a package is fetched from {:?}", object.path);
        sink.report(&PACKAGE_FROM_ELSEWHERE, message, [proof(object)]);
    }
}
