use super::carriers::proof;
use crate::documents::objects::{Clsid, Object};
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// An object of a class that attacks use and documents hardly need: Equation Editor, script and
    /// HTML monikers, SOAP, Flash, Shockwave, Silverlight, ScriptControl, shell links, web pages, scripts and
    /// shells as objects, the controls of MSCOMCTL, and classes whose libraries exploits load.
    ///
    /// ## Why it matters
    /// Loading such an object runs a script or meets a known flaw (CVE-2017-11882, CVE-2017-8570,
    /// CVE-2018-4878, CVE-2012-0158, CVE-2015-2424). Some classes load a library from the folder of the document
    /// (CVE-2015-6128, CVE-2016-0042), or one that lies at a known place in memory.
    ///
    /// ## When it is innocent
    /// Documents from before 2018 hold formulas of Equation Editor 3.0, and old forms list and tree
    /// views of MSCOMCTL; some forms show a web page. The class alone is not a verdict.
    ///
    /// ## References
    /// oletools, `clsid.py`; ATT&CK T1203, T1559.001
    DANGEROUS_CLASS {
        id: "OBJ003", name: "dangerous-class", severity: High, confidence: Possible,
        attack: ["T1203", "T1559.001"], since: "0.1.0"
    } => check
}

/// Names of [`Clsid::known_name`] that are reported.
const DANGEROUS: &[&str] = &[
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
    "ShellWindows",
    "Internet Explorer",
    "FileSystemObject",
    "scriptlet file",
    "Shockwave",
    "Silverlight",
    "ADODB.Recordset",
    "SSCE listener",
    "Control.TaskSymbol",
    "osf.Sandbox",
    "Virtual Disk Service loader",
    "HTML encoder",
    "JScript encoder",
    "VBScript encoder",
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
    let by_class = object
        .class
        .and_then(Clsid::known_name)
        .filter(|name| DANGEROUS.contains(name) || name.starts_with("loader of "));
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
