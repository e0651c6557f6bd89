use std::collections::BTreeMap;

use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// One storage with both a `Workbook` and a `Book` stream whose sheets differ.
    ///
    /// ## Why it matters
    /// Excel 97 and later read `Workbook`, older versions and some tools read `Book`: two readers
    /// see two documents.
    ///
    /// ## When it is innocent
    /// Excel itself writes both when asked for the "97-2003 & 5.0/95" format; the sheets are the
    /// same then, and the rule stays quiet.
    ///
    /// ## References
    /// [MS-XLS] 2.1.2 (stream names)
    TWO_WORKBOOK_STREAMS {
        id: "BIF005", name: "two-workbook-streams", severity: Medium, confidence: Certain,
        attack: ["T1027"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let storage = |index: usize| {
        let mut part = facts.workbooks.get(index).and_then(|book| facts.parts.get(book.part.0 as usize))?;
        // What was decrypted counts as the stream that it was made of.
        if part.opened_with.is_some()
            && let Some(stream) = part.parent.and_then(|parent| facts.parts.get(parent.0 as usize))
            && stream.kind == part.kind
        {
            part = stream;
        }
        let (folder, stream) = part.name.rsplit_once('/').unwrap_or(("", &part.name));
        Some((part.parent?, folder, stream))
    };
    let mut first_of = BTreeMap::new();
    for (index, other) in facts.workbooks.iter().enumerate() {
        let Some((parent, folder, stream)) = storage(index) else { continue };
        let (book, first) = *first_of.entry((parent, folder)).or_insert((other, stream));
        let same = book.sheets.len() == other.sheets.len()
            && book
                .sheets
                .iter()
                .zip(&other.sheets)
                .all(|(one, two)| (&one.name, one.kind) == (&two.name, two.kind));
        if !same {
            let proof = [
                Evidence::new(Location::part(book.part), first),
                Evidence::new(Location::part(other.part), stream),
            ];
            sink.report(&TWO_WORKBOOK_STREAMS, "two workbook streams hold different sheets", proof);
        }
    }
}
