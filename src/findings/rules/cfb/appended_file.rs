use crate::base::Location;
use crate::containers::cfb::SlackPlace;
use crate::containers::part::PartKind;
use crate::containers::sniff::FileKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A file behind or between the sectors of a compound file, where no stream owns the bytes: an
    /// archive, program, script, link or document.
    ///
    /// ## Why it matters
    /// A macro reads it from the document's own path. Tools that list streams do not show it.
    ///
    /// ## When it is innocent
    /// Free sectors keep what was deleted: pictures and pieces of text there are not reported.
    ///
    /// ## References
    /// [MS-CFB] 2.1; ATT&CK T1027.009
    APPENDED_FILE {
        id: "CFB003", name: "appended-file", severity: Medium, confidence: Likely,
        attack: ["T1027.009"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for compound in facts.compounds {
        for (slack, part) in &compound.slack {
            let Some(part) = part.and_then(|part| facts.parts.get(part.0 as usize)) else { continue };
            let PartKind::File(kind) = part.kind else { continue };
            let behind = slack.place == SlackPlace::Tail;
            if !is_payload(kind, behind) {
                continue;
            }
            let place = if behind { "behind the last sector" } else { "between the sectors" };
            let message = format!("a file ({}, {} bytes) lies {place}", kind.name(), slack.len);
            let at = Location::bytes(compound.part, slack.at..slack.at.saturating_add(slack.len));
            let text = format!("{} at {:#x}", kind.name(), slack.at);
            sink.report(
                &APPENDED_FILE,
                message,
                [Evidence::new(at, text), Evidence::new(Location::part(part.id), part.name.as_str())],
            );
        }
    }
}

/// Whether a file there was put there. What is told by a few letters of text, and pictures, count
/// only behind the last sector.
fn is_payload(kind: FileKind, behind: bool) -> bool {
    use FileKind as Kind;
    match kind {
        Kind::Zip
        | Kind::Rar
        | Kind::SevenZip
        | Kind::Cab
        | Kind::Gzip
        | Kind::Pe
        | Kind::Elf
        | Kind::Lnk
        | Kind::Iso
        | Kind::OneNote
        | Kind::ActiveMime
        | Kind::Rtf
        | Kind::Pdf
        | Kind::CompoundFile => true,
        Kind::Script | Kind::Html | Kind::Mhtml | Kind::Eml | Kind::Tnef | Kind::Xml => behind,
        _ => false,
    }
}
