use crate::base::Location;
use crate::documents::link::LinkKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A connection that fetches data from elsewhere: a web query, a database, a text file, a formula with `WEBSERVICE`.
    ///
    /// ## Why it matters
    /// Web queries have been used to fetch the next stage, together with macros on hidden sheets.
    ///
    /// ## When it is innocent
    /// Reports that refresh themselves from a company's database are common.
    ///
    /// ## References
    /// [MS-XLS] 2.4.81 DConn, 2.4.206 Qsi
    DATA_CONNECTION {
        id: "LNK003", name: "data-connection", severity: Low, confidence: Certain,
        attack: ["T1105"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (book, program) in facts.workbooks.iter().zip(facts.programs) {
        for link in program.links.iter().filter(|link| link.kind == LinkKind::Query) {
            let (sheet, row, column) = link.cell;
            let place = Location::cell(book.part, sheet, row, column.into());
            let message = "a formula gets data from elsewhere";
            sink.report(&DATA_CONNECTION, message, [Evidence::new(place, link.target.as_str())]);
        }
    }
    for book in facts.workbooks {
        for connection in &book.connections {
            let text = book.texts.get(connection.text);
            if !text.trim().is_empty() {
                let place = Location::bytes(book.part, connection.at..connection.at.saturating_add(4));
                let message = "the workbook gets data from elsewhere";
                sink.report(&DATA_CONNECTION, message, [Evidence::new(place, text)]);
            }
        }
    }
}
