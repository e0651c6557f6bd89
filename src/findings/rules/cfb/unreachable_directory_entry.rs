use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A stream with content whose directory entry no storage leads to.
    ///
    /// ## Why it matters
    /// Office does not see it, nor do most tools. A macro can read it from the document's own file,
    /// and macros that a scanner cut out are left over in this way.
    ///
    /// ## When it is innocent
    /// Programs that edit a document in place leave entries behind that they no longer use.
    ///
    /// ## References
    /// [MS-CFB] 2.6.4; ATT&CK T1564, T1027.009
    UNREACHABLE_DIRECTORY_ENTRY {
        id: "CFB002", name: "unreachable-directory-entry", severity: Low, confidence: Certain,
        attack: ["T1564", "T1027.009"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for compound in facts.compounds {
        let with_content = compound
            .unreached
            .iter()
            .filter(|(_, part)| facts.parts.get(part.0 as usize).is_some_and(|part| part.size > 0));
        let proofs: Vec<_> = with_content
            .map(|(name, part)| Evidence::new(Location::part(*part), format!("{name:?}")))
            .collect();
        if let Some(first) = proofs.first() {
            let count = proofs.len();
            let message = format!("{count} streams are not reached from the root, {} among them", first.text);
            sink.report(&UNREACHABLE_DIRECTORY_ENTRY, message, proofs);
        }
    }
}
