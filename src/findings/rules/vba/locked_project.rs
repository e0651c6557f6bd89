use crate::base::{Location, PartId};
use crate::findings::{Evidence, Facts, Sink, declare_rule};
use crate::vba::Password;

declare_rule! {
    /// ## What it finds
    /// A VBA project that the editor does not show, or only with a password.
    ///
    /// ## Why it matters
    /// A person cannot look at the code in Office. It is not encrypted, and was read.
    ///
    /// ## When it is innocent
    /// Very often: vendors lock their add-ins and templates. Never a verdict.
    ///
    /// ## References
    /// [MS-OVBA] 2.3.1.15, 2.3.1.16, 2.3.1.17
    LOCKED_PROJECT {
        id: "VBA020", name: "locked-or-hidden-project", severity: Info, confidence: Certain,
        attack: [], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (project, _) in facts.live_projects().filter(|(project, _)| project.protection.locked()) {
        let protection = &project.protection;
        let how = if !protection.broken.is_empty() {
            "its protection values cannot be decoded, so that the editor calls it unviewable"
        } else if protection.password != Password::None {
            "the editor asks for a password"
        } else {
            "the editor does not show it"
        };
        let message = format!("VBA project {:?} is locked: {how}", project.name);
        let lines = project.lines.iter().filter(|line| matches!(line.key.as_str(), "CMG" | "DPB" | "GC"));
        let lines: Vec<_> = lines.map(|line| format!("{}={:?}", line.key, line.value)).collect();
        let part = project.modules.first().map_or(PartId(0), |module| module.part);
        sink.report(&LOCKED_PROJECT, message, [Evidence::new(Location::part(part), lines.join(" "))]);
    }
}
