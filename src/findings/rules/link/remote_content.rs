use super::judge::{Leads, judge};
use crate::base::Location;
use crate::documents::link::LinkKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A frame, a part of a master document or a chunk in another format that is fetched from a web
    /// address when the document is opened; a formula of a worksheet that asks a web address (`WEBSERVICE`, `IMAGE`)
    /// and also asks about the computer (`INFO`, `CELL`).
    ///
    /// ## Why it matters
    /// What comes back is a document of its own, with macros or objects, that no filter has seen. The address that a
    /// formula puts together takes along what it was told: the folder, the name of the file, the system.
    ///
    /// ## When it is innocent
    /// Pages that were saved as documents have frames. Master documents lie on file servers. Formulas that fetch rates
    /// or the weather ask nothing about the computer.
    ///
    /// ## References
    /// ECMA-376 part 1, 17.15.2.18, 17.17.2, 17.17.2.1; ATT&CK T1221, T1082
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
    for (book, program) in facts.workbooks.iter().zip(facts.programs) {
        let fetched = program.links.iter().filter(|link| link.asks && link.kind != LinkKind::Hyperlink);
        for link in fetched.filter(|link| judge(&link.target).leads == Leads::Web) {
            let (sheet, row, column) = link.cell;
            let place = Location::cell(book.part, sheet, row, column.into());
            let message = format!("a formula asks about the computer and asks the address {:?}", link.target);
            sink.report(&REMOTE_CONTENT, message, [Evidence::new(place, link.target.as_str())]);
        }
    }
}
