use crate::documents::workbook::OddityKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A substream of the workbook (a sheet of any kind) that no `BOUNDSHEET` record lists.
    ///
    /// ## Why it matters
    /// Tools that follow the list of sheets do not see it. A macro sheet can be kept there and
    /// reached by offset, or left as the remains of one that was cut out.
    ///
    /// ## When it is innocent
    /// Some writers leave a copy of a deleted sheet behind. Charts inside sheets are not counted.
    ///
    /// ## References
    /// [MS-XLS] 2.1.7.20 (substreams), 2.4.28 BoundSheet8
    ORPHAN_SUBSTREAM {
        id: "BIF001", name: "orphan-substream", severity: High, confidence: Certain,
        attack: ["T1564", "T1027"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for facts in facts.sheets().filter(|facts| facts.sheet.listed_at.is_none()) {
        let book = facts.book;
        let orphan = book.oddities.iter().find(|oddity| {
            oddity.kind == OddityKind::OrphanSubstream && starts_at(&oddity.location, facts.sheet.bof_at)
        });
        if let Some(oddity) = orphan {
            let message = format!("a {} is in no list of sheets", facts.sheet.kind.name());
            let proof = Evidence::new(oddity.location.clone(), facts.sheet.name.as_str());
            sink.report(&ORPHAN_SUBSTREAM, message, [proof]);
        }
    }
}

fn starts_at(location: &crate::base::Location, at: Option<u64>) -> bool {
    matches!(location.place, Some(crate::base::Place::Bytes { start, .. }) if Some(start) == at)
}
