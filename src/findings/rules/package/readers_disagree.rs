use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A ZIP archive or Office package in which two readers see different files: entries that the
    /// directory does not list, names, methods or sizes that differ between the directory and the
    /// local headers, two entries of one name, entries that lie over each other, a false number of
    /// entries, a false encryption flag.
    ///
    /// ## Why it matters
    /// A scanner reads one file and Office opens the other.
    ///
    /// ## When it is innocent
    /// A few programs write an entry twice or state a wrong count. All that can be found is read here,
    /// so that the rest of the report covers both files.
    ///
    /// ## References
    /// APPNOTE 6.3.10, 4.3; ATT&CK T1027
    READERS_DISAGREE {
        id: "PKG001", name: "readers-disagree", severity: Medium, confidence: Certain,
        attack: ["T1027"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for archive in facts.archives {
        let mut odd = archive.oddities.iter().filter(|oddity| oddity.kind.splits_readers()).peekable();
        let Some(first) = odd.peek() else { continue };
        let named = |entry: Option<u32>| entry.and_then(|entry| archive.names.get(&entry));
        let of = named(first.entry).map_or(String::new(), |name| format!(" ({name:?})"));
        let message = format!("two readers see different files: {}{of}", first.kind);
        let proofs = odd.map(|oddity| {
            let place = Location::bytes(archive.part, oddity.at..oddity.at.saturating_add(4));
            let of = named(oddity.entry).map_or(String::new(), |name| format!("{name}: "));
            Evidence::new(place, format!("{of}{}", oddity.kind))
        });
        sink.report(&READERS_DISAGREE, message, proofs);
    }
}
