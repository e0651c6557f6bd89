use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A smart tag whose name is no word, around the mark of a range with a number that Word never gives
    /// and that custom XML displaces.
    ///
    /// ## Why it matters
    /// Word takes one object for another, and writes where the number says: code runs when the document is
    /// opened (CVE-2015-1641). Such a document mostly lies in a file of Rich Text Format.
    ///
    /// ## When it is innocent
    /// Never: the names of smart tags are letters, and Word counts its marks from 0.
    ///
    /// ## References
    /// CVE-2015-1641; ECMA-376 part 1, 17.5.1.9; ATT&CK T1203
    CONFUSED_SMART_TAG {
        id: "DOC005", name: "confused-smart-tag", severity: Critical, confidence: Likely,
        attack: ["T1203"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for tag in facts.documents.iter().flat_map(|document| &document.confused_tags) {
        let message = format!("a smart tag confuses Word: {}", tag.instruction);
        sink.report(
            &CONFUSED_SMART_TAG,
            message,
            [Evidence::new(tag.location.clone(), tag.instruction.as_str())],
        );
    }
}
