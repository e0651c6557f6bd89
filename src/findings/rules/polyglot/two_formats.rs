use crate::base::Location;
use crate::containers::part::PartKind;
use crate::containers::sniff::FileKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A file that begins as a PDF and holds a web archive, a package, a compound file or Rich Text
    /// behind that head.
    ///
    /// ## Why it matters
    /// Tools that stop at the first mark see a PDF, while Word opens the document behind it, macros
    /// included. Known as MalDoc in PDF.
    ///
    /// ## When it is innocent
    /// Some PDFs carry an archive or a mail uncompressed as an attachment.
    ///
    /// ## References
    /// JPCERT/CC, August 2023; ATT&CK T1036.008
    TWO_FORMATS {
        id: "POL001", name: "two-formats", severity: High, confidence: Likely,
        attack: ["T1036.008"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for part in facts.parts {
        let PartKind::File(kind) = part.kind else { continue };
        let around = part.parent.and_then(|parent| facts.parts.get(parent.0 as usize));
        let in_pdf = around.is_some_and(|around| around.kind == PartKind::File(FileKind::Pdf));
        let opens =
            matches!(kind, FileKind::Mhtml | FileKind::Zip | FileKind::Rtf) || kind.is_compound_file();
        if in_pdf && opens {
            let at = part.runs.first().map_or(0, |run| run.0);
            let message =
                format!("behind the head of a PDF stands another document ({}), at {at:#x}", kind.name());
            sink.report(&TWO_FORMATS, message, [Evidence::new(Location::part(part.id), kind.name())]);
        }
    }
}
