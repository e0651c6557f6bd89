use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// An entry of an archive that becomes more than 32 MiB and more than 128 times its own size. Only
    /// its head is read.
    ///
    /// ## Why it matters
    /// Documents are blown up with zeros so that scanners skip them: half a gigabyte in an archive of
    /// 650 KB has been sent by mail.
    ///
    /// ## When it is innocent
    /// Very large tables of equal values, disk images, test data.
    ///
    /// ## References
    /// ATT&CK T1027.001, T1499
    ARCHIVE_BOMB {
        id: "PKG003", name: "archive-bomb", severity: Medium, confidence: Certain,
        attack: ["T1027.001"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for archive in facts.archives {
        for (name, part) in &archive.bombs {
            let message = format!("{name:?} is far larger than its data; only its head is read");
            sink.report(&ARCHIVE_BOMB, message, [Evidence::new(Location::part(*part), name.as_str())]);
        }
    }
}
