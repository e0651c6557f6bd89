use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};
use crate::vba::Reach;

declare_rule! {
    /// ## What it finds
    /// A VBA project, or what is left of one, that Office would not load.
    ///
    /// ## Why it matters
    /// It tells where the document comes from, and what was cleaned out of it.
    ///
    /// ## When it is innocent
    /// Always, as far as opening the document goes: the code does not run. Virus scanners and
    /// converters leave such remnants.
    ///
    /// ## References
    /// [MS-OVBA] 2.2.1
    UNREACHABLE_PROJECT {
        id: "VBA012", name: "unreachable-project", severity: Info, confidence: Certain,
        attack: [], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for project in facts.projects {
        let Reach::Remnant(why) = project.reach else { continue };
        let why = why.name();
        let message = format!("a VBA project in {:?} does not run: {why}", project.storage);
        let mut proofs: Vec<_> = project
            .modules
            .iter()
            .map(|module| Evidence::new(Location::part(module.part), module.file_name()))
            .collect();
        proofs.extend(
            project
                .oddities
                .iter()
                .take(1)
                .filter(|_| project.modules.is_empty())
                .map(|oddity| Evidence::new(oddity.location.clone(), why)),
        );
        if !proofs.is_empty() {
            sink.report(&UNREACHABLE_PROJECT, message, proofs);
        }
    }
}
