use crate::base::Location;
use crate::documents::workbook::ExternalKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A DDE link: a formula source of the form `program|topic!item`.
    ///
    /// ## Why it matters
    /// Excel asks the named program for data and offers to start it when it does not run. With
    /// `cmd` as the program the topic is a command line.
    ///
    /// ## When it is innocent
    /// Price feeds and laboratory instruments are read through DDE. The program's name tells.
    ///
    /// ## References
    /// [MS-XLS] 2.4.271 SupBook, 2.5.277 VirtualPath; ATT&CK T1559.002
    DDE_LINK {
        id: "LNK001", name: "dde-link", severity: Medium, confidence: Certain,
        attack: ["T1559.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for book in facts.workbooks {
        for source in book.books.iter().filter(|source| source.kind == ExternalKind::Dde) {
            let items: Vec<_> = source.names.iter().map(|item| item.name.as_str()).collect();
            let text = format!("{}!{}", source.path, items.join(", "));
            let place = Location::bytes(book.part, source.at..source.at.saturating_add(4));
            let automatic = source.names.iter().any(|item| item.automatic);
            let how = if automatic { ", updated without being asked" } else { "" };
            let message = format!("a DDE link to {:?}{how}", source.path);
            sink.report(&DDE_LINK, message, [Evidence::new(place, text)]);
        }
    }
}
