use super::carriers::{carried, proof};
use crate::base::Location;
use crate::containers::sniff::FileKind;
use crate::documents::objects::ObjectKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A packaged file that is a program, a script or a link: by its content, or by the extension
    /// of its label or path, or of the name under which it is written when it is opened.
    ///
    /// ## Why it matters
    /// A double click on a picture in the document runs it.
    ///
    /// ## When it is innocent
    /// Hardly ever in a document that came by mail. Manuals of software sometimes carry a script.
    ///
    /// ## References
    /// [MS-OLEDS] 2.3.6; ATT&CK T1204.002, T1027.009
    PACKAGED_EXECUTABLE {
        id: "OBJ004", name: "packaged-executable", severity: High, confidence: Likely,
        attack: ["T1204.002", "T1027.009"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let files = carried(facts);
    for object in facts.objects.iter().filter(|object| object.kind != ObjectKind::Control) {
        let inside = files.get(&object.location.part);
        let content = inside.and_then(|files| files.iter().find(|(_, kind)| runs(*kind)));
        let names = [&object.label, &object.path].into_iter().chain(&object.written_as);
        let named =
            { names }.rfind(|name| object.kind == ObjectKind::Package && has_extension_that_runs(name));
        if content.is_none() && named.is_none() {
            continue;
        }
        let label = if object.label.is_empty() { "without a label" } else { &object.label };
        let kind = content.map_or("by its name", |(_, kind)| kind.name());
        let hidden = named.filter(|_| !has_extension_that_runs(label) && !object.label.is_empty());
        let hidden = hidden.map_or(String::new(), |name| format!(", which is named {name:?}"));
        let message = format!("a package holds a file that runs: {label:?}{hidden} ({kind})");
        let file = content.map(|(part, kind)| Evidence::new(Location::part(part.id), kind.name()));
        sink.report(&PACKAGED_EXECUTABLE, message, [proof(object)].into_iter().chain(file));
    }
}

/// Whether Windows runs a file of this kind, or gives it to a program that does.
pub(crate) fn runs(kind: FileKind) -> bool {
    matches!(
        kind,
        FileKind::Pe | FileKind::Xll | FileKind::Elf | FileKind::Script | FileKind::Hta | FileKind::Lnk
    )
}

/// Whether Windows runs a file of this name, or gives it to a program that runs it.
pub(crate) fn has_extension_that_runs(name: &str) -> bool {
    const RUN: [&str; 38] = [
        "bat",
        "chm",
        "cmd",
        "com",
        "cpl",
        "dll",
        "exe",
        "gadget",
        "hta",
        "inf",
        "ins",
        "isp",
        "jar",
        "js",
        "jse",
        "lnk",
        "msc",
        "msi",
        "msp",
        "mst",
        "ocx",
        "pif",
        "ps1",
        "psm1",
        "reg",
        "scf",
        "scr",
        "sct",
        "settingcontent-ms",
        "url",
        "vb",
        "vbe",
        "vbs",
        "wsc",
        "wsf",
        "wsh",
        "xll",
        "library-ms",
    ];
    // Windows drops spaces and dots at the end of a name.
    let name = name.trim_end_matches([' ', '.', '\0']);
    let name = name.rsplit(['\\', '/']).next().unwrap_or_default();
    name.rsplit_once('.')
        .is_some_and(|(_, extension)| RUN.iter().any(|known| known.eq_ignore_ascii_case(extension)))
}

#[cfg(test)]
mod tests {
    use super::has_extension_that_runs;

    #[test]
    fn extensions_are_read_as_windows_reads_them() {
        let run = ["a.EXE", "C:\\Temp\\a.pdf.js", "a.vbs. ", "x/y.lnk"];
        let show = ["a.txt", "a.js.txt", "exe", "C:\\a.exe\\b", ""];
        assert_eq!(run.map(has_extension_that_runs), [true; 4]);
        assert_eq!(show.map(has_extension_that_runs), [false; 5]);
    }
}
