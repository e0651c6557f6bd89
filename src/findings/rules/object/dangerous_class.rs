use super::carriers::proof;
use crate::documents::objects::{Clsid, Object};
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// An object of a class that attacks use and documents hardly need: Equation Editor, script and
    /// HTML monikers, SOAP, Flash, ScriptControl, shell links, web pages and scripts as objects, the controls
    /// of MSCOMCTL.
    ///
    /// ## Why it matters
    /// Loading such an object runs a script or meets a known flaw (CVE-2017-11882, CVE-2017-8570,
    /// CVE-2018-4878, CVE-2012-0158).
    ///
    /// ## When it is innocent
    /// Documents from before 2018 hold formulas of Equation Editor 3.0, and old forms list and tree
    /// views of MSCOMCTL; some forms show a web page. The class alone is not a verdict.
    ///
    /// ## References
    /// ATT&CK T1203, T1559.001
    DANGEROUS_CLASS {
        id: "OBJ003", name: "dangerous-class", severity: High, confidence: Possible,
        attack: ["T1203", "T1559.001"], since: "0.1.0"
    } => check
}

/// Names of [`Clsid::known_name`] that are reported.
const DANGEROUS: [&str; 21] = [
    "URL moniker",
    "script moniker",
    "HTML application",
    "SOAP moniker",
    "Equation Editor 3.0",
    "Equation Editor 2.0",
    "MSCOMCTL control",
    "Flash",
    "ScriptControl",
    "otkloadr",
    "ShellBrowserWindow",
    "shell link",
    "new moniker",
    "HTML document",
    "web browser control",
    "JScript",
    "encoded JScript",
    "VBScript",
    "encoded VBScript",
    "WScript.Shell",
    "Shell.Application",
];

/// Objects of one class that are shown.
const SHOWN: usize = 16;

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let mut classes: Vec<(&str, Vec<Evidence>)> = Vec::new();
    for object in facts.objects {
        let Some(name) = dangerous(object) else { continue };
        match classes.iter_mut().find(|(known, _)| *known == name) {
            Some((_, proofs)) if proofs.len() >= SHOWN => {}
            Some((_, proofs)) => proofs.push(proof(object)),
            None => classes.push((name, vec![proof(object)])),
        }
    }
    for (name, proofs) in classes {
        sink.report(&DANGEROUS_CLASS, format!("an object of a class that attacks use: {name}"), proofs);
    }
}

fn dangerous(object: &Object) -> Option<&'static str> {
    let by_class = object.class.and_then(Clsid::known_name).filter(|name| DANGEROUS.contains(name));
    by_class.or_else(|| {
        let name = object.class_name.to_ascii_lowercase();
        let starts = [
            ("equation.", "Equation Editor"),
            ("shockwaveflash.", "Flash"),
            ("scriptcontrol", "ScriptControl"),
            ("htmlfile", "HTML document"),
            ("mscomctllib.", "MSCOMCTL control"),
        ];
        starts.iter().find(|(start, _)| name.starts_with(start)).map(|(_, name)| *name)
    })
}
