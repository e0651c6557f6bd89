use super::statements::start_name;
use crate::base::Location;
use crate::findings::{Evidence, Facts, Sink, declare_rule};
use crate::vba::source::{Action, AutoStart};

declare_rule! {
    /// ## What it finds
    /// A procedure that starts by itself: when the document is opened, closed, activated or
    /// calculated, or when the ribbon is built. One that starts when a control repaints, gets the
    /// focus or feels the mouse, when a cell is selected, when a slide is shown or its mouse action
    /// fires, or when a formula calls it, counts if it reaches code that acts. One finding a project;
    /// each procedure is a proof.
    ///
    /// ## Why it matters
    /// After "Enable Content" nothing more has to be clicked.
    ///
    /// ## When it is innocent
    /// Often: menus are built and dates filled in when a workbook opens. What the procedure reaches
    /// decides, see VBA015 and VBA016. Plain `_Click` and `_Change` handlers need a person and are
    /// not reported, nor is code that Office does not load, nor events that only change the sheet.
    ///
    /// ## References
    /// [MS-OVBA] 2.2.1; ATT&CK T1204.002, T1059.005
    AUTO_EXEC {
        id: "VBA002", name: "auto-exec", severity: Low, confidence: Certain,
        attack: ["T1059.005", "T1204.002"], since: "0.1.0"
    } => check
}

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    for (project, view) in facts.live_projects() {
        let mut named = None;
        let mut proofs = Vec::new();
        let of = |start| {
            view.seen(project).filter(move |seen| seen.reached == Some(start) && seen.sighting.kind.acts())
        };
        let events_act = of(AutoStart::Event).next().is_some();
        // Functions of cells fetch rates and prices.
        let cells_act = of(AutoStart::Cell).any(|seen| seen.sighting.kind != Action::Download);
        for (id, start) in &view.reached.starts {
            match start {
                AutoStart::Event if !events_act => continue,
                AutoStart::Cell if !cells_act => continue,
                _ => {}
            }
            let module = project.modules.get(id.module as usize);
            let procedure = view
                .modules
                .get(id.module as usize)
                .and_then(|module| module.procedures.get(id.procedure as usize));
            let Some((module, procedure)) = module.zip(procedure) else { continue };
            let when = start_name(*start);
            named.get_or_insert_with(|| {
                format!("{} in module {:?} starts {when}", procedure.name, module.name)
            });
            proofs.push(Evidence::new(
                Location::line(module.part, procedure.first_line),
                format!("{}.{}: {when}", module.name, procedure.name),
            ));
        }
        if let Some(mut message) = named {
            let others = proofs.len().saturating_sub(1);
            if others > 0 {
                message = format!("{message}; {others} others start by themselves too");
            }
            sink.report(&AUTO_EXEC, message, proofs);
        }
    }
}
