//! All modules of a project, and what starts by itself in them.

use std::sync::Arc;

use super::project::{ModuleKind, Project};
use super::source::{self, AutoStart, Caller, ProcedureId, Reached, Shared, Sighting, SourceView};
use crate::base::{Cx, LimitHit, Location};

/// What the source of a project says.
#[derive(Debug, Clone, Default)]
pub struct ProjectView {
    /// One a module, in the order of [`Project::modules`].
    pub modules: Vec<SourceView>,
    /// What starts by itself, and what that reaches.
    pub reached: Reached,
}

/// A sighting with its place.
#[derive(Debug, Clone)]
pub struct Seen<'p> {
    /// What was seen.
    pub sighting: &'p Sighting,
    /// Its line in the part of the module's source.
    pub location: Location,
    /// Name of the module.
    pub module: &'p str,
    /// What starts the procedure that it stands in, if that starts by itself.
    pub reached: Option<AutoStart>,
    /// The macro of another kind that starts that procedure, if nothing else does.
    pub caller: Option<&'p Caller>,
}

/// Reads the source of every module.
///
/// # Errors
/// [`LimitHit`] when the steps do not last; `into` keeps the modules so far.
pub fn read(project: &Project, into: &mut ProjectView, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut shared = Shared::default();
    for module in project.modules.iter().filter(|module| module.kind == ModuleKind::Procedural) {
        let mut cx = cx.for_part(module.part, cx.stage);
        source::share(&module.name, &module.text(), &mut shared, &mut cx)?;
    }
    for module in &project.modules {
        let mut view = SourceView::default();
        let mut cx = cx.for_part(module.part, cx.stage);
        let result = source::view(&module.text(), &shared, &mut view, &mut cx);
        into.modules.push(view);
        result?;
    }
    source::reachable_from_auto_exec(project, &into.modules, &mut into.reached, cx)
}

impl ProjectView {
    /// All that the modules would do, in file order.
    pub fn seen<'p>(&'p self, project: &'p Project) -> impl Iterator<Item = Seen<'p>> {
        (0u32..).zip(project.modules.iter().zip(&self.modules)).flat_map(move |(index, (module, view))| {
            view.sightings.iter().map(move |sighting| {
                let id = sighting.procedure.map(|procedure| ProcedureId { module: index, procedure });
                Seen {
                    sighting,
                    location: Location::line(module.part, sighting.line),
                    module: &module.name,
                    reached: id.and_then(|id| self.reached.procedures.get(&id).copied()),
                    caller: id.and_then(|id| self.reached.callers.get(&id)).map(Arc::as_ref),
                }
            })
        })
    }

    /// All constant texts, with their line.
    pub fn literals<'p>(&'p self, project: &'p Project) -> impl Iterator<Item = (Location, &'p str)> {
        project.modules.iter().zip(&self.modules).flat_map(|(module, view)| {
            view.literals().map(|literal| (Location::line(module.part, literal.line), literal.text))
        })
    }
}
