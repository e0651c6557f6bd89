use crate::documents::workbook::Visibility;
use crate::findings::{Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A sheet whose visibility field has bits that the specification reserves.
    ///
    /// ## Why it matters
    /// Excel ignores the bits. Tools that compare the whole field take a hidden sheet for a visible
    /// one, or refuse the file.
    ///
    /// ## When it is innocent
    /// A few old writers leave the bits uninitialised.
    ///
    /// ## References
    /// [MS-XLS] 2.4.28 BoundSheet8, fields `hsState` and `unused`
    RESERVED_VISIBILITY {
        id: "BIF004", name: "reserved-visibility-bits", severity: Medium, confidence: Certain,
        attack: ["T1564"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for facts in facts.sheets().filter(|facts| facts.sheet.listed_at.is_some()) {
        let reserved = facts.sheet.state_bits & !0b11 != 0;
        if reserved || matches!(facts.sheet.visibility, Visibility::Reserved(_)) {
            let message = format!(
                "sheet {:?} has the visibility byte 0x{:02x}",
                facts.sheet.name, facts.sheet.state_bits
            );
            sink.report(&RESERVED_VISIBILITY, message, [facts.evidence()]);
        }
    }
}
