use crate::base::Location;
use crate::containers::part::PartKind;
use crate::containers::sniff::FileKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A disk image that carries a document, a program, a script or a shell link.
    ///
    /// ## Why it matters
    /// Windows opens an image with a double click. Files in it do not bear the mark that they come from the
    /// internet in older versions, so that macros run and no warning is shown.
    ///
    /// ## When it is innocent
    /// Images of installation media. They are not sent by mail.
    ///
    /// ## References
    /// [T1553.005] mark-of-the-web bypass
    IMAGE_WITH_DOCUMENT {
        id: "ARC005", name: "image-with-document", severity: Medium, confidence: Likely,
        attack: ["T1553.005"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    use FileKind::{CompoundFile, Html, Lnk, OneNote, Pe, Rtf, Script, Zip};
    for part in facts.parts {
        let carries = matches!(
            part.kind,
            PartKind::File(CompoundFile | Zip | Pe | Lnk | Script | Html | Rtf | OneNote)
        );
        let around = part.parent.and_then(|parent| facts.parts.get(parent.0 as usize));
        let Some(image) = around.filter(|around| around.kind == PartKind::File(FileKind::Iso)) else {
            continue;
        };
        if carries {
            let message = format!("the disk image {:?} carries {:?}", image.name, part.name);
            let proof = Evidence::new(Location::part(part.id), part.name.as_str());
            sink.report(&IMAGE_WITH_DOCUMENT, message, [proof]);
        }
    }
}
