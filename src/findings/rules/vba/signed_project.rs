use crate::base::{Location, PartId};
use crate::findings::{Evidence, Facts, Sink, declare_rule};

declare_rule! {
    /// ## What it finds
    /// A digital signature over the VBA project.
    ///
    /// ## Why it matters
    /// A signature by a publisher whom the person trusts lets macros run without a question. A hash
    /// that is not that of the project says that the code was changed after it was signed.
    ///
    /// ## When it is innocent
    /// Always, as a fact. It never makes a verdict milder: stolen and self-made certificates sign
    /// as well, and the certificate is not checked here.
    ///
    /// ## References
    /// [MS-OSHARED] 2.3.2, [MS-OVBA] 2.4.2; ATT&CK T1553.002
    SIGNED_PROJECT {
        id: "VBA014", name: "signed-project", severity: Info, confidence: Certain,
        attack: ["T1553.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (project, _) in facts.live_projects() {
        let Some(signature) = &project.signature else { continue };
        let matches = match signature.hash_matches {
            Some(true) => "the signed hash is that of the code",
            Some(false) => "the code was changed after it was signed",
            None => "the signed hash was not compared",
        };
        let signer = if signature.signer.is_empty() { "an unnamed signer" } else { &signature.signer };
        let message = format!("the VBA project is signed by {signer:?}; {matches}");
        let part = project.modules.first().map_or(PartId(0), |module| module.part);
        sink.report(&SIGNED_PROJECT, message, [Evidence::new(Location::part(part), signer)]);
    }
}
