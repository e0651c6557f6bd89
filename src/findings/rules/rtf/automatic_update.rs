use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// An object in Rich Text Format that is updated when the document is opened (`\objupdate`).
    ///
    /// ## Why it matters
    /// Word loads the object without a click: a flaw in its program, or what a link leads to, then runs by
    /// opening the document.
    ///
    /// ## When it is innocent
    /// Reports that show a linked chart may say so. Together with an exploit, a program or a link to
    /// elsewhere it is none of these.
    ///
    /// ## References
    /// CVE-2017-0199; ATT&CK T1203
    AUTOMATIC_UPDATE {
        id: "RTF001", name: "automatic-update", severity: Medium, confidence: Certain,
        attack: ["T1203"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let objects = facts.rtf.iter().flat_map(|file| &file.objects);
    for object in objects.filter(|object| object.is_updated) {
        let message = format!("an object is updated when the document is opened: {:?}", object.class);
        let text = format!("\\objupdate, {}", object.class);
        sink.report(&AUTOMATIC_UPDATE, message, [Evidence::new(object.location.clone(), text)]);
    }
}
