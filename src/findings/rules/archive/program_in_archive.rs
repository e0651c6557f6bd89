use crate::base::Location;
use crate::containers::part::PartKind;
use crate::containers::sniff::FileKind;
use crate::documents::file_name;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A program, script or shell link in an archive, an image or a mail.
    ///
    /// ## Why it matters
    /// A double click runs it. Documents are not sent this way.
    ///
    /// ## When it is innocent
    /// Software that is sent as an archive.
    ///
    /// ## References
    /// [T1204.002]
    PROGRAM_IN_ARCHIVE {
        id: "ARC004", name: "program-in-archive", severity: Medium, confidence: Likely,
        attack: ["T1204.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let is_attached =
        |part| facts.messages.iter().any(|mail| mail.attachments.iter().any(|a| a.part == part));
    for part in facts.parts.iter().skip(1) {
        let around = part.parent.and_then(|parent| facts.parts.get(parent.0 as usize));
        let in_archive = around.is_some_and(|around| {
            use FileKind::{Cab, Gzip, Iso, Lzh, Rar, SevenZip, Tar, Zip};
            matches!(around.kind, PartKind::File(Zip | Gzip | Tar | Iso | Rar | SevenZip | Cab | Lzh))
        });
        if !in_archive && !is_attached(part.id) {
            continue;
        }
        let by_content = matches!(
            part.kind,
            PartKind::File(FileKind::Pe | FileKind::Elf | FileKind::Script | FileKind::Lnk)
        );
        if by_content || file_name::is_program(&part.name) {
            let message = format!("{:?} is a program, script or link ({})", part.name, part.kind.name());
            let proof = Evidence::new(Location::part(part.id), part.name.as_str());
            sink.report(&PROGRAM_IN_ARCHIVE, message, [proof]);
        }
    }
}
