use crate::base::Location;
use crate::containers::sniff::FileKind;
use crate::containers::zip::OutsidePlace;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A file before, between or behind the entries of a ZIP archive or Office package, or in its
    /// comment: the file is two files at once.
    ///
    /// ## Why it matters
    /// Tools that go by the first bytes see one file, the program that opens it sees the other. A macro
    /// can read what is appended from the document's own path.
    ///
    /// ## When it is innocent
    /// Archives that unpack themselves have a program before them. Signatures of some programs are
    /// appended to an archive; what is no file by its content is not reported.
    ///
    /// ## References
    /// APPNOTE 6.3.10, 4.1.9; ATT&CK T1027.009, T1036.008
    FILE_OUTSIDE_ARCHIVE {
        id: "PKG002", name: "file-outside-archive", severity: Medium, confidence: Likely,
        attack: ["T1027.009", "T1036.008"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for archive in facts.archives {
        for (outside, part) in &archive.outside {
            if part.is_none() || outside.kind == FileKind::Zip {
                continue;
            }
            let place = match outside.place {
                OutsidePlace::Prefix => "before the archive",
                OutsidePlace::Between => "between the entries of the archive",
                OutsidePlace::Comment => "in the comment of the archive",
                OutsidePlace::Suffix => "behind the archive",
            };
            let kind = outside.kind.name();
            let message = format!("a file ({kind}, {} bytes) lies {place}", outside.len);
            let at = Location::bytes(archive.part, outside.at..outside.at.saturating_add(outside.len));
            sink.report(
                &FILE_OUTSIDE_ARCHIVE,
                message,
                [Evidence::new(at, format!("{kind} at {:#x}", outside.at))],
            );
        }
    }
}
