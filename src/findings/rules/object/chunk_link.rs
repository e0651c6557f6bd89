use super::linked_from_elsewhere::leads_elsewhere;
use crate::containers::part::{Part, PartKind};
use crate::containers::sniff::FileKind;
use crate::documents::objects::{Object, ObjectKind};
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A document in Rich Text Format that Word takes into another one (`altChunk`), with a linked object that leads to
    /// a web address or a computer elsewhere.
    ///
    /// ## Why it matters
    /// Opening the outer document fetches what the inner one links, though the outer one has no link at all
    /// (CVE-2023-36884).
    ///
    /// ## When it is innocent
    /// Programs that assemble documents take in chunks, but chunks of text: no honest link in one is known.
    ///
    /// ## References
    /// CVE-2023-36884; ECMA-376 part 1, 17.17.2.1; ATT&CK T1203, T1221
    CHUNK_LINK {
        id: "OBJ018", name: "chunk-with-link", severity: Critical, confidence: Likely,
        attack: ["T1203", "T1221"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let links = facts.objects.iter().filter(|object| object.kind == ObjectKind::Link);
    for object in links.filter(|object| leads_elsewhere(&object.path)) {
        if let Some(chunk) = chunk_around(facts, object) {
            let message = format!(
                "{:?} is taken in and links an object at {:?} (CVE-2023-36884)",
                chunk.name, object.path
            );
            sink.report(&CHUNK_LINK, message, [Evidence::new(object.location.clone(), object.path.as_str())]);
        }
    }
}

/// The part of a Word package in Rich Text Format that an object lies in. An embedded document is never such a part:
/// it lies in a compound file.
fn chunk_around<'m>(facts: &Facts<'m>, object: &Object) -> Option<&'m Part> {
    let part = |id: crate::base::PartId| facts.parts.get(id.0 as usize);
    let mut inner = part(object.location.part)?;
    // A parent is always older than its part, so that the walk ends.
    while let Some(outer) = inner.parent.and_then(part) {
        if inner.kind == PartKind::File(FileKind::Rtf) && outer.kind == PartKind::File(FileKind::Docx) {
            return Some(inner);
        }
        inner = outer;
    }
    None
}
