use crate::base::{Location, PartId};
use crate::containers::part::{Part, PartKind};
use crate::containers::sniff::FileKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A file whose name says something else than its content: a workbook with macros that calls
    /// itself `.xlsx`, a package or compound file with the extension of a text or picture.
    ///
    /// ## Why it matters
    /// A person and a filter go by the name. Office refuses some of these files, and opens others by
    /// their content.
    ///
    /// ## When it is innocent
    /// Files that were renamed by hand, and reports that some programs write as HTML or XML under the
    /// name `.xls`; those are not reported.
    ///
    /// ## References
    /// ATT&CK T1036.008
    EXTENSION_CONTRADICTS {
        id: "PKG005", name: "extension-contradicts", severity: Medium, confidence: Certain,
        attack: ["T1036.008"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for package in facts.packages {
        let Some(part) = facts.parts.get(package.part.0 as usize) else { continue };
        let PartKind::File(kind) = part.kind else { continue };
        if let Some(extension) = contradicted(part, kind, package.macros && has_code(facts, package.part)) {
            let message = format!("the name ends in .{extension}, and the file is {}", kind.name());
            let proof = Evidence::new(Location::part(part.id), part.name.as_str());
            sink.report(&EXTENSION_CONTRADICTS, message, [proof]);
        }
    }
}

/// Whether macros of any kind lie in a package.
fn has_code(facts: &Facts<'_>, package: PartId) -> bool {
    let within = |mut part: PartId| loop {
        if part == package {
            return true;
        }
        match facts.parts.get(part.0 as usize).and_then(|part| part.parent) {
            Some(parent) if parent < part => part = parent,
            _ => return false,
        }
    };
    facts.macro_sheets().any(|sheet| within(sheet.book.part))
        || facts.projects.iter().any(|project| project.modules.iter().any(|module| within(module.part)))
}

/// The extension of a name that does not fit what the file is.
fn contradicted(part: &Part, kind: FileKind, macros: bool) -> Option<String> {
    let (_, extension) = part.name.rsplit_once('.')?;
    let extension = extension.to_ascii_lowercase();
    let fits = match kind {
        FileKind::Xlsx => &["xlsx", "xlsm", "xltx", "xltm", "xlam", "xls", "xlt", "xla", "xlsb"][..],
        FileKind::Xlsb => &["xlsb", "xls", "xlsx", "xlsm"][..],
        FileKind::Docx => &["docx", "docm", "dotx", "dotm", "doc", "dot", "rtf"][..],
        FileKind::Pptx => &[
            "pptx", "pptm", "potx", "potm", "ppsx", "ppsm", "ppam", "ppt", "pps", "pot", "sldx", "sldm",
            "thmx",
        ][..],
        _ => return None,
    };
    const OFFICE_OR_PLAIN: [&str; 40] = [
        "xlsx", "xlsm", "xltx", "xltm", "xlam", "xls", "xlt", "xla", "xlsb", "docx", "docm", "dotx", "dotm",
        "doc", "dot", "rtf", "pptx", "pptm", "potx", "potm", "ppsx", "ppsm", "ppam", "ppt", "pps", "pot",
        "txt", "csv", "pdf", "jpg", "jpeg", "png", "gif", "htm", "html", "xml", "log", "eml", "msg", "slk",
    ];
    // An extension that says nothing of Office contradicts nothing.
    if !OFFICE_OR_PLAIN.contains(&extension.as_str()) {
        return None;
    }
    let plain = matches!(extension.as_str(), "xlsx" | "xltx" | "docx" | "dotx" | "pptx" | "potx" | "ppsx");
    (!fits.contains(&extension.as_str()) || (macros && plain)).then_some(extension)
}
