use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A page whose script builds a file from text in the page and hands it to the reader, or that holds a document, an
    /// archive or a program in Base64.
    ///
    /// ## Why it matters
    /// Nothing is attached that a filter could look at: the file comes to be in the browser.
    ///
    /// ## When it is innocent
    /// Web applications that offer an export as a download. They are not sent by mail.
    ///
    /// ## References
    /// [T1027.006] HTML smuggling
    HTML_SMUGGLING {
        id: "MAI007", name: "html-smuggling", severity: High, confidence: Likely,
        attack: ["T1027.006"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for page in facts.smuggled {
        let file = page.file.and_then(|file| facts.parts.get(file.0 as usize));
        let built = file.map_or(String::new(), |file| format!(": {}, {} bytes", file.kind.name(), file.size));
        let means = page.means.join(", ");
        let (message, proof) = match means.as_str() {
            "" => (format!("the page holds a file as text{built}"), "Base64"),
            means => (format!("a script in the page builds a file ({means}){built}"), means),
        };
        let proof = Evidence::new(page.location.clone(), proof);
        sink.report(&HTML_SMUGGLING, message, [proof]);
    }
}
