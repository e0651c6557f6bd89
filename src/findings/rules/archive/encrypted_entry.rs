use crate::base::Location;
use crate::findings::{Evidence, Facts, LockedKind, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// An entry of an archive that is encrypted with a password.
    ///
    /// ## Why it matters
    /// Mail filters cannot look into it, which is why attackers pack documents this way. The report says which
    /// password opened it, or that none of those known does.
    ///
    /// ## When it is innocent
    /// Many firms send every attachment this way, and the password in a second mail.
    ///
    /// ## References
    /// APPNOTE 6.1, 7; [T1027.013]
    ENCRYPTED_ENTRY {
        id: "ARC001", name: "encrypted-entry", severity: Low, confidence: Certain,
        attack: ["T1027.013"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for locked in facts.locked.iter().filter(|locked| locked.kind == LockedKind::Entry) {
        let name = facts.parts.get(locked.part.0 as usize).map_or("", |part| part.name.as_str());
        let what = match &locked.opened {
            Some(opening) => format!("opened with {:?}", opening.password.text),
            None => "not opened".to_owned(),
        };
        let message = format!("entry {name:?} of the archive is encrypted ({}): {what}", locked.method);
        sink.report(&ENCRYPTED_ENTRY, message, [Evidence::new(Location::part(locked.part), locked.method)]);
    }
}
