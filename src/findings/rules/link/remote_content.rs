use super::judge::{Leads, judge};
use crate::documents::link::LinkKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A frame, a part of a master document or a chunk in another format that is fetched from a web
    /// address when the document is opened.
    ///
    /// ## Why it matters
    /// What comes back is a document of its own, with macros or objects, that no filter has seen.
    ///
    /// ## When it is innocent
    /// Pages that were saved as documents have frames. Master documents lie on file servers.
    ///
    /// ## References
    /// ECMA-376 part 1, 17.15.2.18, 17.17.2, 17.17.2.1; ATT&CK T1221
    REMOTE_CONTENT {
        id: "LNK011", name: "remote-content", severity: Medium, confidence: Certain,
        attack: ["T1221"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let parts = [LinkKind::Frame, LinkKind::SubDocument, LinkKind::AltChunk];
    for link in facts.links.iter().filter(|link| parts.contains(&link.kind)) {
        if judge(&link.target).leads == Leads::Web {
            let message = format!("{} is fetched from {:?}", link.kind.with_article(), link.target);
            sink.report(
                &REMOTE_CONTENT,
                message,
                [Evidence::new(link.location.clone(), link.target.as_str())],
            );
        }
    }
}
