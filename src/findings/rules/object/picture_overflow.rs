use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A TIFF picture that states more bytes for its strips and its JPEG than can be counted in 32 bits.
    ///
    /// ## Why it matters
    /// The graphics library of Office 2003 to 2010 asks for what is left of the sum, and copies the whole JPEG there
    /// (CVE-2013-3906). The picture often lies under the name of a JPEG, beside controls that fill the memory.
    ///
    /// ## When it is innocent
    /// A damaged picture can state such sizes by chance; a sound one never does, as no file is that long.
    ///
    /// ## References
    /// CVE-2013-3906; TIFF 6.0, section 22; ATT&CK T1203
    PICTURE_OVERFLOW {
        id: "OBJ016", name: "picture-overflow", severity: Critical, confidence: Likely,
        attack: ["T1203"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for found in facts.tiff_overflows {
        let message = format!("a picture needs {} bytes by what it states (CVE-2013-3906)", found.need);
        let text = format!("TIFF, {} bytes for strips and JPEG", found.need);
        sink.report(&PICTURE_OVERFLOW, message, [Evidence::new(found.location.clone(), text)]);
    }
}
