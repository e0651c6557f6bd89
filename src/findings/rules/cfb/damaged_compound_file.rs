use crate::base::Location;
use crate::containers::cfb::OddityKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A compound file whose header, tables or directory contradict themselves: chains that run in
    /// circles or cross, entries that name others that are not there, a header that does not fit the
    /// file.
    ///
    /// ## Why it matters
    /// Tools stop at such damage and see no macro, while Office may recover the document.
    ///
    /// ## When it is innocent
    /// Downloads that ended early and broken disks. Deviations that every writer makes (a last
    /// sector that is cut, zeros at the end, sizes that are rounded, remains in entries that are not
    /// used) are not reported.
    ///
    /// ## References
    /// [MS-CFB] 2.2, 2.3, 2.6; ATT&CK T1027
    DAMAGED_COMPOUND_FILE {
        id: "CFB001", name: "damaged-compound-file", severity: Medium, confidence: Certain,
        attack: ["T1027"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for compound in facts.compounds {
        let mut damage = compound.oddities.iter().filter(|oddity| is_damage(oddity.kind)).peekable();
        let Some(first) = damage.peek() else { continue };
        let message = format!("the compound file is damaged: {}", first.kind);
        let proofs = damage.map(|oddity| {
            let place = Location::bytes(compound.part, oddity.at..oddity.at.saturating_add(4));
            Evidence::new(place, oddity.kind.to_string())
        });
        sink.report(&DAMAGED_COMPOUND_FILE, message, proofs);
    }
}

/// Whether a deviation is damage, and not a habit of some writer.
fn is_damage(kind: OddityKind) -> bool {
    use OddityKind as Kind;
    match kind {
        // Entries that are not used keep remains, and some writers do not count the last zero.
        Kind::UnknownKind { found } => found != 0,
        Kind::NameLength { stated } => stated > 64,
        _ => matches!(
            kind,
            Kind::HeaderShort { .. }
                | Kind::Signature { .. }
                | Kind::Version { .. }
                | Kind::ByteOrder { .. }
                | Kind::SectorShift { .. }
                | Kind::MiniSectorShift { .. }
                | Kind::DirectoryStart { .. }
                | Kind::FatSectorMissing { .. }
                | Kind::DifatBroken { .. }
                | Kind::ChainCycle { .. }
                | Kind::ChainCrossed { .. }
                | Kind::ChainPastEnd { .. }
                | Kind::RootKind { .. }
                | Kind::ExtraRoot { .. }
                | Kind::ReachedTwice { .. }
                | Kind::LinkPastEnd { .. }
                | Kind::StreamWithChild { .. }
                | Kind::DuplicateName
                | Kind::DirectoryCut
        ),
    }
}
