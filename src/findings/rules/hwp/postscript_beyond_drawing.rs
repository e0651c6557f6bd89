use crate::documents::document::DocumentKind;
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// PostScript in a Hangul document with operators that drawing does not need: files, pipes, or the
    /// memory of the interpreter.
    ///
    /// ## Why it matters
    /// Hangul gave embedded PostScript to an old interpreter; attacks on Korean offices ran code
    /// through it for years.
    ///
    /// ## When it is innocent
    /// Hardly ever. Some programs write strings piece by piece (`putinterval`) when they draw pictures.
    ///
    /// ## References
    /// CVE-2017-8291, CVE-2013-0808; ATT&CK T1203
    POSTSCRIPT_BEYOND_DRAWING {
        id: "HWP001", name: "hwp-postscript", severity: High, confidence: Likely,
        attack: ["T1203"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    let scripts = facts.objects.iter().filter(|object| object.class_name == "PostScript");
    for object in scripts.filter(|object| !object.texts.is_empty()) {
        let hangul = |part| {
            facts
                .documents
                .iter()
                .any(|document| document.kind == DocumentKind::Hangul && document.part == part)
        };
        let mut part = facts.parts.get(object.location.part.0 as usize);
        // A parent is always older than its part, so that the walk ends.
        while let Some(inside) = part.filter(|part| !hangul(part.id)) {
            part = inside.parent.and_then(|parent| facts.parts.get(parent.0 as usize));
        }
        if part.is_some() {
            let marks = object.texts.join(", ");
            let message = format!("PostScript in a Hangul document does more than draw: {marks}");
            sink.report(&POSTSCRIPT_BEYOND_DRAWING, message, [Evidence::new(object.location.clone(), marks)]);
        }
    }
}
