use crate::base::Location;
use crate::findings::{Evidence, Facts, LockedKind, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A document other than a binary workbook that is encrypted: a package (`.docx`, `.xlsx`, `.pptx` and
    /// their kin), a Word document, a presentation.
    ///
    /// ## Why it matters
    /// Without the password nothing in it can be judged, and the report says so. Attackers name the
    /// password in the mail, so that people can open what scanners cannot.
    ///
    /// ## When it is innocent
    /// People protect confidential documents with a password.
    ///
    /// ## References
    /// [MS-OFFCRYPTO] 2.3; [MS-DOC] 2.2.6; [MS-PPT] 2.3.7
    ENCRYPTED_DOCUMENT {
        id: "ENC004", name: "encrypted-document", severity: Medium, confidence: Certain,
        attack: ["T1027.013"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for locked in facts.locked.iter().filter(|locked| locked.kind == LockedKind::Document) {
        let what = match &locked.opened {
            Some(_) => "a known password opens it",
            None => "nothing behind that was read",
        };
        let place = Location::bytes(locked.part, locked.at..locked.at);
        let message = format!("{} is encrypted ({}); {what}", locked.what, locked.method);
        sink.report(&ENCRYPTED_DOCUMENT, message, [Evidence::new(place, locked.method)]);
    }
}
