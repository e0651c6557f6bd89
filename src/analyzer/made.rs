//! Parts that macros make: files that they and their command lines write, bytes that they put into
//! memory. Joins what Excel 4.0 macros run of VBA to its procedures.

use std::sync::Arc;

use super::run::{Run, Source};
use crate::base::{Bytes, Cx, Effect, EffectKind, LimitHit, Location, PartId, Stage};
use crate::containers::part::{Part, PartKind};
use crate::containers::sniff::{FileKind, sniff};
use crate::indicators::Extractor;
use crate::vba::Project;
use crate::vba::source::{self, AutoStart, Caller, ProcedureId};
use crate::vba::view::ProjectView;
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

    /// Lets VBA procedures count as started that Excel 4.0 macros of the same file run. Says whether
    /// there are any.
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
