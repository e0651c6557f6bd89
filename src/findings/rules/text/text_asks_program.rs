use crate::base::Location;
use crate::containers::part::PartKind;
use crate::containers::sniff::FileKind;
use crate::documents::workbook::ExternalKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A cell of a text file (CSV, SYLK, a web page) with a formula that asks another program for data:
    /// `=program|topic!item`.
    ///
    /// ## Why it matters
    /// Such files pass as data, and Excel takes their cells for formulas. Data that a stranger typed
    /// into a form can become one when it is exported.
    ///
    /// ## When it is innocent
    /// No program that exports tables is known to write such a formula. A list of attack examples has
    /// them on purpose.
    ///
    /// ## References
    /// ATT&CK T1559.002; OWASP, CSV Injection
    TEXT_ASKS_PROGRAM {
        id: "TXT002", name: "text-asks-program", severity: High, confidence: Likely,
        attack: ["T1559.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for book in facts.workbooks {
        let part = facts.parts.get(book.part.0 as usize);
        let is_text = part.is_some_and(|part| {
            let PartKind::File(kind) = part.kind else { return false };
            matches!(kind, FileKind::Delimited | FileKind::Slk | FileKind::Html)
        });
        for source in book.books.iter().filter(|source| is_text && source.kind == ExternalKind::Dde) {
            let place = Location::bytes(book.part, source.at..source.at.saturating_add(4));
            let message = format!("a cell of a text file asks a program for data: {:?}", source.path);
            sink.report(&TEXT_ASKS_PROGRAM, message, [Evidence::new(place, source.path.as_str())]);
        }
    }
}
