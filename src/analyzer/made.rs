//! Parts that macros make: files that they and their command lines write, bytes that they put into
//! memory. Joins to the procedures of VBA what starts them from outside: Excel 4.0 macros, the user
//! interface, actions of slides, formulas.

use std::collections::HashSet;
use std::sync::Arc;

use super::run::{Run, Source};
use crate::base::{Bytes, Cx, Effect, EffectKind, LimitHit, Location, PartId, Stage};
use crate::containers::part::{Part, PartKind};
use crate::containers::sniff::{FileKind, sniff};
use crate::documents::link::{Link, LinkKind};
use crate::documents::workbook::{ExternalKind, Workbook};
use crate::indicators::Extractor;
use crate::vba::source::{self, AutoStart, Caller, ProcedureId, ProcedureKind};
use crate::vba::view::ProjectView;
use crate::vba::{ModuleKind, Project};
use crate::xlm::machine::memory::western_bytes;

/// Parts that the macros of one analysis make at most.
const MADE: usize = 256;

/// A file that a command line writes.
pub(crate) struct Written {
    /// The part that the command line stands in.
    pub(super) part: PartId,
    /// Its path.
    pub(super) path: String,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
}

/// What was made so far, over all rounds.
#[derive(Default)]
pub(super) struct Making {
    /// Programs whose files have their parts.
    programs: usize,
    parts: usize,
}

impl Run<'_, '_> {
    /// Makes parts of what macros and their command lines write since the last round, and puts those on
    /// the stack that are documents or containers. Says whether there are any.
    ///
    /// # Errors
    /// [`LimitHit`] when parts, bytes or steps do not last; those made so far stay.
    pub(super) fn made_parts(&mut self, making: &mut Making) -> Result<bool, LimitHit> {
        let mut queued = false;
        let known = std::mem::replace(&mut making.programs, self.models.programs.len());
        for index in known..self.models.programs.len() {
            let injected = self.models.programs.get(index).map_or(0, |own| own.evaluation.injected.len());
            for block in 0..injected {
                let Some((parent, bytes)) = self.injected(index, block) else { continue };
                let name = format!("memory{}", block.saturating_add(1));
                queued |= self.made_part(parent, name, PartKind::Memory, bytes, making)?;
            }
            let effects = self.models.programs.get(index).map_or(0, |own| own.evaluation.effects.len());
            for effect in 0..effects {
                let Some((parent, name, bytes)) = self.written(index, effect) else { continue };
                queued |= self.made_part(parent, name, PartKind::Written, bytes, making)?;
            }
        }
        for file in std::mem::take(&mut self.models.written) {
            queued |= self.made_part(file.part, file.path, PartKind::Written, file.bytes, making)?;
        }
        Ok(queued)
    }

    fn injected(&self, program: usize, block: usize) -> Option<(PartId, Vec<u8>)> {
        let (bytes, _) = self.models.programs.get(program)?.evaluation.injected.get(block)?;
        Some((self.models.workbooks.get(program)?.part, bytes.clone()))
    }

    /// The part of the workbook, the path, and the bytes of what an effect writes.
    fn written(&self, program: usize, effect: usize) -> Option<(PartId, String, Vec<u8>)> {
        let effect = self.models.programs.get(program)?.evaluation.effects.get(effect)?;
        let detail = effect.detail.as_deref().filter(|_| effect.kind == EffectKind::Write)?;
        let content = detail.content.as_deref().filter(|content| !content.is_empty())?;
        let bytes = western_bytes(content, usize::MAX);
        Some((self.models.workbooks.get(program)?.part, detail.path.clone()?, bytes))
    }

    fn made_part(
        &mut self,
        parent: PartId,
        name: String,
        kind: PartKind,
        bytes: Vec<u8>,
        making: &mut Making,
    ) -> Result<bool, LimitHit> {
        if bytes.is_empty() {
            return Ok(false);
        }
        if making.parts >= MADE {
            let mut cx = self.cx(parent, Stage::Analyzer);
            cx.abandoned_at(Location::part(parent), &"macros write more files than are made parts");
            return Ok(false);
        }
        making.parts = making.parts.saturating_add(1);
        self.budget.own(bytes.len() as u64)?;
        self.budget.touch(bytes.len().saturating_mul(4))?;
        let sniffed = sniff(&bytes);
        let len = bytes.len() as u64;
        if !matches!(sniffed, FileKind::Unknown | FileKind::Empty | FileKind::Script) {
            let part = self.add_part(parent, name, PartKind::File(sniffed), len, [])?;
            self.hash(part, &bytes);
            let depth = u16::try_from(ancestors(&self.models.parts, part).count()).unwrap_or(u16::MAX);
            self.queue(part, Source::Ready(Bytes::owned(bytes)), depth);
            return Ok(true);
        }
        let part = self.add_part(parent, name, kind, len, [])?;
        self.hash(part, &bytes);
        self.show(part, &bytes);
        if kind == PartKind::Memory {
            // Machine code keeps its addresses as plain text where it keeps them at all.
            let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
            let Run { models, budget, problems, .. } = self;
            let mut cx = Cx { part, stage: Stage::Text, budget, problems };
            Extractor::new().extract(&text, &Location::part(part), &mut models.indicators, &mut cx)?;
        }
        Ok(false)
    }

    /// Lets VBA procedures count as started that Excel 4.0 macros of the same file run, that its user
    /// interface or a slide calls without a click, or that a formula calls. Says whether there are any.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub(super) fn join_procedures(&mut self) -> Result<bool, LimitHit> {
        let Run { models, budget, problems, .. } = self;
        let mut cx = Cx { part: PartId(0), stage: Stage::Vba, budget, problems };
        let mut joined = false;
        for (project, view) in models.projects.iter().zip(&mut models.views) {
            let mut calls = Vec::new();
            for effect in models.effects.iter().filter(|effect| effect.kind == EffectKind::Call) {
                cx.budget.step(1)?;
                let Some((name, cause)) = called(effect) else { continue };
                if is_beside(&models.parts, effect.location.part, project) {
                    let ids = named(project, view, name, &mut cx)?;
                    if ids.is_empty() {
                        continue;
                    }
                    let (location, condition) = (effect.location.clone(), effect.condition.clone());
                    let len = condition.as_ref().map_or(0, String::len).saturating_add(size_of::<Caller>());
                    cx.budget.hold(len)?;
                    let caller = Arc::new(Caller { location, condition });
                    calls.extend(ids.into_iter().map(|id| (id, cause, Some(Arc::clone(&caller)))));
                }
            }
            let of_macros = calls.len();
            for link in models.links.iter() {
                cx.budget.step(1)?;
                let Some((name, cause)) = called_without_click(link) else { continue };
                if is_beside(&models.parts, link.location.part, project) {
                    let ids = named(project, view, name, &mut cx)?;
                    cx.budget.hold(size_of::<Caller>())?;
                    let caller = Arc::new(Caller { location: link.location.clone(), condition: None });
                    calls.extend(ids.into_iter().map(|id| (id, cause, Some(Arc::clone(&caller)))));
                }
            }
            for book in models.workbooks.iter().filter(|book| is_beside(&models.parts, book.part, project)) {
                let caller = Arc::new(Caller { location: Location::part(book.part), condition: None });
                let ids = called_by_formulas(book, project, view, &mut cx)?;
                calls.extend(ids.into_iter().map(|id| (id, AutoStart::Cell, Some(Arc::clone(&caller)))));
            }
            let starts = calls.iter().skip(of_macros).map(|(id, cause, _)| (*id, *cause));
            let known: HashSet<ProcedureId> = view.reached.starts.iter().map(|(id, _)| *id).collect();
            view.reached.starts.extend(starts.filter(|(id, _)| !known.contains(id)));
            if calls.is_empty() {
                continue;
            }
            joined = true;
            // A call that hangs on nothing says more than one that does.
            let hangs =
                |caller: &Option<Arc<Caller>>| caller.as_ref().is_some_and(|own| own.condition.is_some());
            calls.sort_by_key(|(_, _, caller)| hangs(caller));
            source::reachable_from(calls, project, &view.modules, &mut view.reached, &mut cx)?;
        }
        Ok(joined)
    }
}

/// A part and those around it, from the inside out.
fn ancestors(parts: &[Part], part: PartId) -> impl Iterator<Item = &Part> {
    let get = |id: PartId| parts.get(id.0 as usize);
    std::iter::successors(get(part), move |part| part.parent.filter(|parent| *parent < part.id).and_then(get))
}

/// Whether a project lies in the file that holds the workbook of a macro.
fn is_beside(parts: &[Part], workbook: PartId, project: &Project) -> bool {
    let is_file = |part: &&Part| matches!(part.kind, PartKind::File(_));
    let own = ancestors(parts, workbook);
    // The workbook of a package is a file in it, and so is that of its project.
    let files: Vec<PartId> = own.filter(is_file).map(|part| part.id).take(2).collect();
    let Some(module) = project.modules.first() else { return false };
    ancestors(parts, module.part).any(|part| files.contains(&part.id))
}

/// What an effect runs of VBA by name, and when.
fn called(effect: &Effect) -> Option<(&str, AutoStart)> {
    let detail = effect.detail.as_deref()?;
    let cause = match detail.start? {
        "auto_open" => AutoStart::Open,
        "auto_close" => AutoStart::Close,
        "auto_activate" | "auto_deactivate" => AutoStart::Activation,
        "hook" => AutoStart::Event,
        _ => return None,
    };
    let is_call = matches!(detail.how.as_deref(), Some("vba" | "run" | "add-in"));
    Some((detail.procedure.as_deref().filter(|_| is_call)?, cause))
}

/// What a link calls of VBA by name when nobody clicks, and when: a callback of the ribbon before it is
/// shown, an action of a slide when the mouse is over it.
fn called_without_click(link: &Link) -> Option<(&str, AutoStart)> {
    const ACTION: &str = "ppaction://macro?name=";
    let name = link.target.as_str();
    // Before the name may stand another document.
    let elsewhere = name.starts_with(r"\\") || link.kind == LinkKind::Callback && name.contains("://");
    match link.kind {
        _ if !link.automatic || elsewhere => None,
        LinkKind::Callback => Some((name, AutoStart::Open)),
        LinkKind::Action => {
            let (head, name) = name.split_at_checked(ACTION.len())?;
            head.eq_ignore_ascii_case(ACTION).then_some((name, AutoStart::Event))
        }
        _ => None,
    }
}

/// The functions that formulas of a workbook call: those whose name its formulas use and the workbook
/// does not define. Cells see what is not private in standard modules.
fn called_by_formulas(
    book: &Workbook,
    project: &Project,
    view: &ProjectView,
    cx: &mut Cx<'_>,
) -> Result<Vec<ProcedureId>, LimitHit> {
    let sources = book.books.iter().filter(|source| {
        use ExternalKind::{AddIn, SelfReference, Unknown};
        matches!(source.kind, AddIn | SelfReference | Unknown)
    });
    let used = sources.flat_map(|source| &source.names).map(|name| name.name.as_str());
    let own = book.names.iter().filter(|name| name.is_vba()).map(|name| name.name.as_str());
    let mut names: HashSet<String> = HashSet::new();
    for name in used.chain(own) {
        cx.budget.touch(name.len().saturating_add(64))?;
        cx.budget.hold(name.len().saturating_add(size_of::<String>()))?;
        names.insert(name.to_lowercase());
    }
    let mut ids = Vec::new();
    if names.is_empty() {
        return Ok(ids);
    }
    for (index, (module, view)) in (0u32..).zip(project.modules.iter().zip(&view.modules)) {
        if module.kind != ModuleKind::Procedural {
            continue;
        }
        for (at, own) in (0u32..).zip(&view.procedures) {
            cx.budget.step(1)?;
            let is_public = own.kind == ProcedureKind::Function && !own.private;
            if is_public && names.contains(&own.name.to_lowercase()) {
                ids.push(ProcedureId { module: index, procedure: at });
            }
        }
    }
    Ok(ids)
}

/// The procedures that a name means: `Run`, `Module1.Run`, `'book.xls'!Run`, `Run()`.
fn named(
    project: &Project,
    view: &ProjectView,
    name: &str,
    cx: &mut Cx<'_>,
) -> Result<Vec<ProcedureId>, LimitHit> {
    let mut ids = Vec::new();
    let bare = name.rsplit('!').next().unwrap_or(name).trim().trim_end_matches("()");
    let (module, procedure) = match bare.rsplit_once('.') {
        Some((module, procedure)) => (module.rsplit('.').next(), procedure),
        None => (None, bare),
    };
    let same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
    for (index, (own, view)) in (0u32..).zip(project.modules.iter().zip(&view.modules)) {
        if module.is_some_and(|module| !same(module, &own.name)) {
            continue;
        }
        cx.budget.step(view.procedures.len() as u64)?;
        for (at, own) in (0u32..).zip(&view.procedures) {
            if same(&own.name, procedure) {
                ids.push(ProcedureId { module: index, procedure: at });
            }
        }
    }
    Ok(ids)
}
