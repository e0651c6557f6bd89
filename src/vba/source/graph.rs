//! Which procedures start by themselves, and what they reach.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::super::project::{Host, Module, ModuleKind, Project};
use super::{Procedure, ProcedureKind, SourceView};
use crate::base::{Cx, LimitHit, Location};

/// A procedure of a project: index of its module, and its own index in the module's view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcedureId {
    /// Index of the module.
    pub module: u32,
    /// Index of the procedure in the view of the module.
    pub procedure: u32,
}

/// What makes a procedure start without the user asking for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AutoStart {
    /// Opening or creating the document, or starting the program.
    Open,
    /// Closing the document or the program.
    Close,
    /// Changing to a window, workbook or sheet.
    Activation,
    /// Calculating a sheet.
    Calculation,
    /// An event of a control, form, program or slide show that fires by itself, or by moving the mouse.
    Event,
    /// A formula of a cell, when it is calculated.
    Cell,
}

/// Procedures that start by themselves or are reached from one that does, each with the first
/// cause, in the order of [`AutoStart`], that reaches it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached {
    /// Those that start by themselves.
    pub starts: Vec<(ProcedureId, AutoStart)>,
    /// Those and all that they reach.
    pub procedures: BTreeMap<ProcedureId, AutoStart>,
    /// What only something outside the project starts, with what does.
    pub callers: BTreeMap<ProcedureId, Arc<Caller>>,
}

/// What starts a procedure from outside its project: a cell whose macro or formula runs it, a callback
/// of the user interface, an action of a slide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Where that stands.
    pub location: Location,
    /// What it hangs on, when that is known.
    pub condition: Option<String>,
}

/// Events of controls and browsers that fire without a click.
const EVENTS: [&str; 25] = [
    "_painted",
    "_painting",
    "_gotfocus",
    "_lostfocus",
    "_mousehover",
    "_mousemove",
    "_mouseenter",
    "_mouseleave",
    "_resize",
    "_layout",
    "_beforenavigate2",
    "_beforescriptexecute",
    "_documentcomplete",
    "_downloadbegin",
    "_downloadcomplete",
    "_filedownload",
    "_navigatecomplete2",
    "_navigateerror",
    "_progresschange",
    "_propertychange",
    "_setsecurelockicon",
    "_statustextchange",
    "_titlechange",
    "_onconnecting",
    "_contentcontrolonenter",
];

/// Events of the programs themselves, behind the name of a variable `WithEvents`: they fire for every
/// document, in the module of a document or in a class.
const APPLICATION_EVENTS: [&str; 33] = [
    "_documentopen",
    "_documentchange",
    "_documentbeforeclose",
    "_newdocument",
    "_windowactivate",
    "_windowdeactivate",
    "_windowresize",
    "_windowsize",
    "_windowselectionchange",
    "_newworkbook",
    "_workbookopen",
    "_workbookactivate",
    "_workbookdeactivate",
    "_workbookbeforeclose",
    "_workbooknewsheet",
    "_sheetactivate",
    "_sheetdeactivate",
    "_sheetcalculate",
    "_sheetselectionchange",
    "_newpresentation",
    "_afternewpresentation",
    "_presentationopen",
    "_afterpresentationopen",
    "_presentationclose",
    "_presentationbeforeclose",
    "_presentationclosefinal",
    "_slideshowbegin",
    "_slideshowend",
    "_slideshownextslide",
    "_slideshownextbuild",
    "_slideshowonnext",
    "_slideselectionchanged",
    "_protectedviewwindowopen",
];

/// What makes a procedure of `module` start by itself.
///
/// As the hosts decide: `Auto_Open` and its kin in Excel count in standard modules only; Word's
/// `AutoOpen` and its kin in any module, and a standard module of such a name starts at its `Main`;
/// event procedures count behind the object that has the event. A document module whose object its
/// attributes do not tell may be any. `_Click` and `_Change` need the user and do not count.
pub fn auto_start(module: &Module, procedure: &Procedure) -> Option<AutoStart> {
    use AutoStart::{Activation, Calculation, Close, Event, Open};
    if procedure.kind == ProcedureKind::Property {
        return None;
    }
    let name = procedure.name.to_lowercase();
    let of_document = module.kind == ModuleKind::Document;
    let behind = |host: Host| of_document && (module.host == host || module.host == Host::Unknown);
    let standard = module.kind == ModuleKind::Procedural;
    let word = standard || module.host == Host::Document || behind(Host::Document);
    let cause = match name.as_str() {
        "auto_open" if standard => Open,
        "auto_close" if standard => Close,
        "auto_activate" | "auto_deactivate" if standard => Activation,
        // PowerPoint looks for these in the presentation that is shown, and for the others in add-ins.
        "onslideshowpagechange" | "onslideshowterminate" if standard => Event,
        "auto_showbegin" | "auto_showend" | "auto_nextslide" if standard => Event,
        "autoopen" | "autoexec" | "autonew" if word => Open,
        "autoclose" | "autoexit" if word => Close,
        "main" if standard => match module.name.to_lowercase().as_str() {
            "autoopen" | "autoexec" | "autonew" => Open,
            "autoclose" | "autoexit" => Close,
            _ => return None,
        },
        "workbook_open" | "workbook_addininstall" if behind(Host::Workbook) => Open,
        "workbook_beforeclose" | "workbook_close" if behind(Host::Workbook) => Close,
        "workbook_activate"
        | "workbook_deactivate"
        | "workbook_windowactivate"
        | "workbook_windowdeactivate"
        | "workbook_windowresize"
        | "workbook_sheetactivate"
        | "workbook_sheetdeactivate"
        | "workbook_newsheet"
            if behind(Host::Workbook) =>
        {
            Activation
        }
        "workbook_sheetcalculate" if behind(Host::Workbook) => Calculation,
        "workbook_sheetselectionchange" if behind(Host::Workbook) => Event,
        "worksheet_activate" | "worksheet_deactivate" if behind(Host::Worksheet) => Activation,
        "worksheet_calculate" if behind(Host::Worksheet) => Calculation,
        "worksheet_selectionchange" if behind(Host::Worksheet) => Event,
        "chart_activate" | "chart_deactivate" if behind(Host::Chart) => Activation,
        "chart_calculate" if behind(Host::Chart) => Calculation,
        "document_open" | "document_new" if behind(Host::Document) => Open,
        "document_close" if behind(Host::Document) => Close,
        // Visio.
        "document_documentopened" | "document_documentcreated" | "document_runmodeentered"
            if behind(Host::Document) =>
        {
            Open
        }
        "document_beforedocumentclose" if behind(Host::Document) => Close,
        // Forms and classes have their own events; behind a form they fire once it is shown.
        _ if of_document && EVENTS.iter().any(|event| name.ends_with(event)) => Event,
        _ if (of_document || module.kind == ModuleKind::Class)
            && APPLICATION_EVENTS.iter().any(|event| name.ends_with(event)) =>
        {
            Event
        }
        _ => return None,
    };
    Some(cause)
}

/// Procedures that start by themselves, and those that they reach. `views` are those of the
/// project's modules, in their order.
///
/// # Errors
/// [`LimitHit`]; `into` keeps what was reached so far.
pub fn reachable_from_auto_exec(
    project: &Project,
    views: &[SourceView],
    into: &mut Reached,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    for (module_index, (module, view)) in (0u32..).zip(project.modules.iter().zip(views)) {
        cx.budget.step(view.procedures.len() as u64)?;
        if !module.in_dir {
            // It is not loaded.
            continue;
        }
        for (index, procedure) in (0u32..).zip(&view.procedures) {
            if let Some(cause) = auto_start(module, procedure) {
                into.starts.push((ProcedureId { module: module_index, procedure: index }, cause));
            }
        }
    }
    into.starts.sort_by_key(|(id, cause)| (*cause, *id));
    let starts = std::mem::take(&mut into.starts);
    let by_themselves = starts.iter().map(|(start, cause)| (*start, *cause, None));
    let result = reachable_from(by_themselves, project, views, into, cx);
    into.starts = starts;
    result
}

/// The same, from procedures that something else starts: an Excel 4.0 macro, the user interface, a
/// cell. They are followed in the order given.
///
/// # Errors
/// [`LimitHit`]; `into` keeps what was reached so far.
pub fn reachable_from(
    starts: impl IntoIterator<Item = (ProcedureId, AutoStart, Option<Arc<Caller>>)>,
    project: &Project,
    views: &[SourceView],
    into: &mut Reached,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let mut graph = Graph::new(project, views, cx)?;
    for (start, cause, caller) in starts {
        let mut pending = vec![start];
        while let Some(id) = pending.pop() {
            cx.budget.step(1)?;
            if into.procedures.contains_key(&id) {
                continue;
            }
            into.procedures.insert(id, cause);
            if let Some(caller) = &caller {
                into.callers.insert(id, Arc::clone(caller));
            }
            let view = views.get(id.module as usize);
            let Some((view, procedure)) =
                view.and_then(|view| Some((view, view.procedures.get(id.procedure as usize)?)))
            else {
                continue;
            };
            for name in view.names_used(procedure) {
                cx.budget.step(1)?;
                graph.follow(name, &mut pending);
            }
        }
    }
    Ok(())
}

struct Graph<'v> {
    by_name: HashMap<String, Vec<ProcedureId>>,
    followed: HashSet<&'v str>,
}

impl<'v> Graph<'v> {
    fn new(project: &'v Project, views: &'v [SourceView], cx: &mut Cx<'_>) -> Result<Self, LimitHit> {
        let mut by_name: HashMap<String, Vec<ProcedureId>> = HashMap::new();
        for (module_index, (module, view)) in (0u32..).zip(project.modules.iter().zip(views)) {
            let module_name = module.name.to_lowercase();
            for (index, procedure) in (0u32..).zip(&view.procedures) {
                cx.budget.step(1)?;
                let id = ProcedureId { module: module_index, procedure: index };
                let name = procedure.name.to_lowercase();
                // Naming a form or a class makes one, and its own events fire.
                let own_event = match module.kind {
                    ModuleKind::Form => {
                        let events = || EVENTS.iter().chain(&APPLICATION_EVENTS);
                        name.starts_with("userform_") || events().any(|event| name.ends_with(event))
                    }
                    ModuleKind::Class => name.starts_with("class_"),
                    _ => false,
                };
                if own_event {
                    by_name.entry(module_name.clone()).or_default().push(id);
                }
                by_name.entry(name).or_default().push(id);
            }
        }
        Ok(Graph { by_name, followed: HashSet::new() })
    }

    /// Queues the procedures that a name may mean; a name is followed once.
    fn follow(&mut self, name: &'v str, pending: &mut Vec<ProcedureId>) {
        if self.followed.insert(name)
            && let Some(ids) = self.by_name.get(name)
        {
            pending.extend(ids);
        }
    }
}
