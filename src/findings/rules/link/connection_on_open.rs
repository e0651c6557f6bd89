use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A data connection or query that is refreshed when the workbook is opened.
    ///
    /// ## Why it matters
    /// Data comes from elsewhere without a macro. What comes back can be a formula that starts a
    /// program (DDE), as in the campaigns with `.iqy` files in 2018.
    ///
    /// ## When it is innocent
    /// Reports of a company that refresh themselves. Excel asks before it does so in a file from
    /// elsewhere.
    ///
    /// ## References
    /// ECMA-376 part 1, 18.13.1 `refreshOnLoad`; ATT&CK T1105
    CONNECTION_ON_OPEN {
        id: "LNK012", name: "connection-on-open", severity: Medium, confidence: Certain,
        attack: ["T1105"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for book in facts.workbooks {
        for connection in book.connections.iter().filter(|connection| connection.on_open) {
            let text = book.texts.get(connection.text);
            let place = Location::bytes(book.part, connection.at..connection.at);
            let message = "data is fetched when the workbook is opened";
            sink.report(&CONNECTION_ON_OPEN, message, [Evidence::new(place, text)]);
        }
    }
}
