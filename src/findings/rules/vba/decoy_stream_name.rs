use crate::findings::{Evidence, Facts, Sink, declare_rule};
use crate::vba::OddityKind;

declare_rule! {
    /// ## What it finds
    /// A module whose stream has two names in the `dir` stream that differ: one in the code page of
    /// the project, one in Unicode.
    ///
    /// ## Why it matters
    /// Office goes by the Unicode name. Tools that go by the other one look for a stream that is not
    /// there, or show the wrong one.
    ///
    /// ## When it is innocent
    /// Hardly ever. Names that the code page cannot spell do not count as different.
    ///
    /// ## References
    /// [MS-OVBA] 2.3.4.2.3.2.3; ATT&CK T1027
    DECOY_STREAM_NAME {
        id: "VBA011", name: "decoy-stream-name", severity: High, confidence: Likely,
        attack: ["T1027"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (project, _) in facts.live_projects() {
        for oddity in project.oddities.iter().filter(|oddity| oddity.kind == OddityKind::DecoyStreamName) {
            let module = oddity.module.and_then(|index| project.modules.get(index as usize));
            let (decoy, real) = module.map_or(("", ""), |module| {
                (module.stream_name.as_str(), module.stream_name_unicode.as_deref().unwrap_or_default())
            });
            let message = format!("a module in stream {real:?} is also said to be in {decoy:?}");
            let text = format!("{decoy:?} beside {real:?}");
            sink.report(&DECOY_STREAM_NAME, message, [Evidence::new(oddity.location.clone(), text)]);
        }
    }
}
