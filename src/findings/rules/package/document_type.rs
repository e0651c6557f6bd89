use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A document type (`<!DOCTYPE`) in the XML of an Office package.
    ///
    /// ## Why it matters
    /// Office refuses such a part. Entities of a document type fetch files and addresses in other
    /// readers, or grow to gigabytes. They are not expanded here.
    ///
    /// ## When it is innocent
    /// No writer of Office documents is known that puts one there.
    ///
    /// ## References
    /// ECMA-376 part 2, 9.1.6; CWE-611, CWE-776
    DOCUMENT_TYPE {
        id: "PKG004", name: "document-type", severity: Medium, confidence: Certain,
        attack: ["T1027"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for package in facts.packages {
        for part in &package.doctypes {
            let name = facts.parts.get(part.0 as usize).map_or("", |part| part.name.as_str());
            let message = format!("{name:?} has a document type, which Office refuses");
            sink.report(&DOCUMENT_TYPE, message, [Evidence::new(Location::part(*part), name)]);
        }
    }
}
