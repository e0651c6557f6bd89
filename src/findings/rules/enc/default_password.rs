use crate::base::Location;
use crate::crypto::PasswordSource;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// Content that is encrypted with a password that Office tries by itself: `VelvetSweatshop` of Excel,
    /// `/01Hannes Ruescher/01` of PowerPoint.
    ///
    /// ## Why it matters
    /// Office opens such a file without a question, and a scanner that has no password sees nothing.
    /// Beside macros it is a way past scanners.
    ///
    /// ## When it is innocent
    /// Excel encrypts with this password when a workbook is write-protected or its structure is protected
    /// and saved in an old format.
    ///
    /// ## References
    /// [MS-XLS] 2.2.10; [MS-OFFCRYPTO] 2.3; [T1027.013]
    DEFAULT_PASSWORD {
        id: "ENC003", name: "default-password", severity: Medium, confidence: Certain,
        attack: ["T1027.013"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for locked in facts.locked {
        let Some(opening) = &locked.opened else { continue };
        if opening.password.source != PasswordSource::OfficeDefault {
            continue;
        }
        let place = Location::bytes(locked.part, locked.at..locked.at.saturating_add(4));
        let message = format!(
            "{} is encrypted ({}) with {:?}, which Office tries by itself",
            locked.what, locked.method, opening.password.text
        );
        sink.report(&DEFAULT_PASSWORD, message, [Evidence::new(place, opening.password.text.as_str())]);
    }
}
