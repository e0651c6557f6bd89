use crate::base::Location;
use crate::containers::cfb::OddityKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// At least 512 KiB of zeros behind the last sector in use.
    ///
    /// ## Why it matters
    /// Scanners and sandboxes refuse large files. Attachments were blown up to hundreds of megabytes
    /// for that reason; zeros compress to nothing on the way.
    ///
    /// ## When it is innocent
    /// Some writers and copy programs round files up to large blocks.
    ///
    /// ## References
    /// [MS-CFB] 2.1; ATT&CK T1027.001
    ZERO_PADDING {
        id: "CFB004", name: "zero-padding", severity: Low, confidence: Certain,
        attack: ["T1027.001"], since: "0.1.0"
    } => check
}

/// Zeros from which on they are no rounding.
const PADDING: u64 = 512 << 10;

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for compound in facts.compounds {
        for oddity in &compound.oddities {
            if let OddityKind::ZeroTail { len } = oddity.kind
                && len >= PADDING
            {
                let place = Location::bytes(compound.part, oddity.at..oddity.at.saturating_add(len));
                let message = format!("{len} zeros make the file larger than it is");
                sink.report(&ZERO_PADDING, message, [Evidence::new(place, oddity.kind.to_string())]);
            }
        }
    }
}
