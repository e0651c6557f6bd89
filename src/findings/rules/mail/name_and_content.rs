use crate::base::Location;
use crate::containers::part::PartKind;
use crate::documents::file_name;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// An attachment whose extension says one kind of file and whose content is a program, script or archive.
    ///
    /// ## Why it matters
    /// Filters that go by names let it through, and the program that opens it may go by content.
    ///
    /// ## When it is innocent
    /// Old systems that name every file `.dat` or `.bin`; those extensions are not looked at.
    ///
    /// ## References
    /// [T1036.008] masquerade file type
    NAME_AND_CONTENT {
        id: "MAI003", name: "name-and-content-disagree", severity: Medium, confidence: Likely,
        attack: ["T1036.008"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for part in facts.parts.iter().skip(1).filter(|part| part.kind.is_named_by_its_sender()) {
        let PartKind::File(kind) = part.kind else { continue };
        if file_name::disagrees(&part.name, kind) {
            let message = format!("{:?} is {} by its content", part.name, kind.name());
            sink.report(&NAME_AND_CONTENT, message, [Evidence::new(Location::part(part.id), kind.name())]);
        }
    }
}
