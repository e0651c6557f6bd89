use crate::base::Location;
use crate::containers::part::PartKind;
use crate::containers::polyglot;
use crate::containers::sniff::FileKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A file that begins as a PDF, as text, as a picture, or as nothing known, and holds a web archive, a package, a
    /// compound file or Rich Text behind that head.
    ///
    /// ## Why it matters
    /// Tools that stop at the first mark see a PDF, while Word opens the document behind it, macros
    /// included. Known as MalDoc in PDF. Unpackers open an archive behind anything.
    ///
    /// ## When it is innocent
    /// Some PDFs carry an archive or a mail uncompressed as an attachment. Archives that unpack themselves are
    /// programs, and not told here.
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
        let Some(PartKind::File(head)) = around.map(|around| around.kind) else { continue };
        let head = match head {
            FileKind::Pe => continue,
            FileKind::Pdf => "a PDF".to_owned(),
            FileKind::Unknown => "no known format".to_owned(),
            head => format!("the format {}", head.name()),
        };
        let opens =
            matches!(kind, FileKind::Mhtml | FileKind::Zip | FileKind::Rtf) || kind.is_compound_file();
        let at = part.runs.first().map_or(0, |run| run.0);
        if part.name == polyglot::name(at) && opens {
            let message =
                format!("behind the head of {head} stands another document ({}), at {at:#x}", kind.name());
            sink.report(&TWO_FORMATS, message, [Evidence::new(Location::part(part.id), kind.name())]);
        }
    }
}
