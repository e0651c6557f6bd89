use crate::base::{Location, PartId};
use crate::findings::{Evidence, Facts, LockedKind, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A document with macros inside an encrypted archive.
    ///
    /// ## Why it matters
    /// The password keeps scanners out and lets the reader in. Campaigns that send macros in password archives
    /// name the password in the mail.
    ///
    /// ## When it is innocent
    /// A firm that sends its macro workbooks in password archives.
    ///
    /// ## References
    /// [T1566.001]; [T1027.013]
    MACROS_IN_ENCRYPTED_ARCHIVE {
        id: "ARC002", name: "macros-in-encrypted-archive", severity: High, confidence: Certain,
        attack: ["T1027.013", "T1566.001"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let sheets = facts.macro_sheets().map(|sheet| sheet.book.part);
    let modules = facts.projects.iter().flat_map(|project| &project.modules);
    let modules = modules.filter(|module| !module.raw.is_empty()).map(|module| module.part);
    let mut told: Vec<PartId> = Vec::new();
    for part in sheets.chain(modules) {
        let entry = facts.around(part).find(|around| {
            facts.locked.iter().any(|locked| locked.kind == LockedKind::Entry && locked.part == around.id)
        });
        if let Some(entry) = entry.filter(|entry| !told.contains(&entry.id)) {
            told.push(entry.id);
            let message = format!("macros lie in {:?}, an encrypted entry of an archive", entry.name);
            let proof = Evidence::new(Location::part(entry.id), entry.name.as_str());
            sink.report(&MACROS_IN_ENCRYPTED_ARCHIVE, message, [proof]);
        }
    }
}
