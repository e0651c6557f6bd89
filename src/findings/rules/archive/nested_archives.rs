use crate::base::Location;
use crate::containers::part::PartKind;
use crate::containers::sniff::FileKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// Archives or disk images inside one another, three deep or deeper.
    ///
    /// ## Why it matters
    /// Each layer is one more that a scanner may not open, and none that a person needs.
    ///
    /// ## When it is innocent
    /// Backups, and mails that are forwarded with everything attached.
    ///
    /// ## References
    /// [T1027]
    NESTED_ARCHIVES {
        id: "ARC003", name: "nested-archives", severity: Low, confidence: Certain,
        attack: ["T1027"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let is_archive = |kind: PartKind| {
        use FileKind::{Cab, Gzip, Iso, Rar, SevenZip, Zip};
        matches!(kind, PartKind::File(Zip | Gzip | Iso | Rar | SevenZip | Cab))
    };
    let archives = facts.parts.iter().filter(|part| is_archive(part.kind));
    for part in archives {
        let depth = facts.around(part.id).filter(|around| is_archive(around.kind)).count();
        // Told once, at the third.
        if depth == 3 {
            let message = format!("{:?} is an archive in an archive in an archive", part.name);
            sink.report(
                &NESTED_ARCHIVES,
                message,
                [Evidence::new(Location::part(part.id), part.name.as_str())],
            );
        }
    }
}
