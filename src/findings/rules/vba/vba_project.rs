use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};
use crate::vba::source::SourceView;
use crate::vba::{OddityKind, Project};

declare_rule! {
    /// ## What it finds
    /// A VBA project that Office would load, with code in it: procedures, declarations or constants,
    /// or modules whose source is missing.
    ///
    /// ## Why it matters
    /// Code is what the other rules of this family judge. By itself it is a fact, not a suspicion.
    ///
    /// ## When it is innocent
    /// Nearly always. A project whose modules are empty, as Excel makes them for every sheet, is not
    /// reported.
    ///
    /// ## References
    /// [MS-OVBA] 2.2.1; ATT&CK T1059.005
    VBA_PROJECT {
        id: "VBA001", name: "vba-project", severity: Info, confidence: Certain,
        attack: ["T1059.005"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (project, view) in facts.live_projects() {
        let with_code = project.modules.iter().zip(&view.modules).filter(|(_, view)| has_code(view));
        let mut proofs: Vec<_> = with_code
            .map(|(module, view)| {
                let text = format!("{}: {} lines", module.file_name(), view.line_count);
                Evidence::new(Location::part(module.part), text)
            })
            .collect();
        if proofs.is_empty() {
            proofs.extend(without_source(project));
        }
        if !proofs.is_empty() {
            let count = proofs.len();
            let message = format!("VBA project {:?} has {count} modules with code", project.name);
            sink.report(&VBA_PROJECT, message, proofs);
        }
    }
}

fn has_code(view: &SourceView) -> bool {
    !view.procedures.is_empty() || !view.declares.is_empty() || view.literals().next().is_some()
}

/// Code that only the performance cache has.
fn without_source(project: &Project) -> impl Iterator<Item = Evidence> {
    let lost = |kind| matches!(kind, OddityKind::LostText | OddityKind::EmptyText | OddityKind::Early);
    project
        .oddities
        .iter()
        .filter(move |oddity| lost(oddity.kind))
        .map(|oddity| Evidence::new(oddity.location.clone(), "code without source"))
}
