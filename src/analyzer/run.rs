//! One analysis: the order of the stages, from bytes to report.
//!
//! Parts are taken from a stack, depth first. What a part holds is read into models; documents
//! inside it are put on the stack. Rules run when all parts are read.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::streams::CompoundStreams;
use super::{Input, Options, PartView};
use crate::base::text::CodePage;
use crate::base::{
    Budget, Bytes, Cx, Effect, LimitHit, Location, PartId, Place, Problem, ProblemKind, Problems, Stage,
};
use crate::containers::cfb::{self, CompoundFile, Entry};
use crate::containers::part::{Part, PartKind};
use crate::containers::sniff::{FileKind, embedded_at, sniff};
use crate::documents::objects::{self, Clsid, Object, ObjectKind};
use crate::documents::props::{self, Properties};
use crate::documents::workbook::Workbook;
use crate::documents::{biff, picture};
use crate::findings::{Compound, Facts, Picture, Sink, catalogue};
use crate::indicators::{Extractor, Indicators};
use crate::lure::{self, Harvest, TextSource, harvest};
use crate::report::{self, Outcome, Report};
use crate::vba::view::ProjectView;
use crate::vba::{self, Project, Streams};
use crate::verdict;
use crate::xlm::{self, Program};

/// A part that waits to be read.
struct Pending<'i> {
    part: PartId,
    bytes: Bytes<'i>,
    depth: u16,
}

/// Everything that one analysis knows.
struct Run<'i, 'v> {
    options: &'v Options,
    input: &'i [u8],
    budget: Budget,
    problems: Problems,
    pending: Vec<Pending<'i>>,
    models: Models,
    visit: Option<&'v mut dyn FnMut(PartView<'_>)>,
}

/// What was read.
#[derive(Default)]
pub(crate) struct Models {
    pub(crate) parts: Vec<Part>,
    pub(crate) compounds: Vec<Compound>,
    pub(crate) workbooks: Vec<Workbook>,
    pub(crate) programs: Vec<Program>,
    pub(crate) projects: Vec<Project>,
    pub(crate) views: Vec<ProjectView>,
    pub(crate) objects: Vec<Object>,
    pub(crate) pictures: Vec<Picture>,
    pub(crate) properties: Vec<Properties>,
    pub(crate) harvest: Harvest,
    pub(crate) lures: Vec<lure::Hit>,
    pub(crate) indicators: Indicators,
    pub(crate) effects: Vec<Effect>,
}

/// Most runs of a part that are kept as its derivation.
const RUNS_KEPT: usize = 64;

/// Analyses; returns the report, and the steps spent.
pub(super) fn run<'v>(
    options: &'v Options,
    input: Input<'v>,
    visit: Option<&'v mut dyn FnMut(PartView<'_>)>,
) -> (Report, u64) {
    let sha256: [u8; 32] = Sha256::digest(input.bytes).into();
    let mut run = Run {
        options,
        input: input.bytes,
        budget: Budget::for_input(&options.limits, input.bytes.len()),
        problems: Problems::default(),
        pending: Vec::new(),
        models: Models::default(),
        visit,
    };
    let kind = sniff(input.bytes);
    run.models.parts.push(Part {
        id: PartId(0),
        parent: None,
        name: input.name.unwrap_or("input").to_owned(),
        kind: PartKind::File(kind),
        size: input.bytes.len() as u64,
        sha256: Some(sha256),
        runs: Vec::new(),
    });
    run.pending.push(Pending { part: PartId(0), bytes: Bytes::Input(input.bytes), depth: 0 });
    run.read_parts();
    run.read_meaning();
    let spent = options.limits.steps.saturating_sub(run.budget.steps_left());
    (run.judge(input.name, sha256), spent)
}

impl<'i> Run<'i, '_> {
    /// Reads parts until none waits. Half of the steps stay aside while a part inside another one
    /// is read, so that the first cannot starve the rest.
    fn read_parts(&mut self) {
        while let Some(next) = self.pending.pop() {
            let aside = if next.depth > 0 { self.budget.set_aside() } else { 0 };
            let part = next.part;
            if let Err(hit) = self.read_part(next) {
                self.problems.push(Problem::limit(Location::part(part), Stage::Analyzer, hit));
            }
            self.budget.give_back(aside);
        }
    }

    fn read_part(&mut self, next: Pending<'i>) -> Result<(), LimitHit> {
        let PartKind::File(kind) = self.kind(next.part) else { return Ok(()) };
        self.show(next.part, next.bytes.as_slice());
        if kind.is_compound_file() {
            self.compound(&next)
        } else if kind.is_biff() {
            self.workbook(next.part, next.bytes.as_slice())
        } else {
            self.not_read(next.part, kind);
            Ok(())
        }
    }

    /// A part that no reader takes: nothing there, a picture, or unread.
    fn not_read(&mut self, part: PartId, kind: FileKind) {
        let is_picture = picture::is_picture(kind);
        if kind == FileKind::Empty || (is_picture && part != PartId(0)) {
            return;
        }
        let what = match kind {
            FileKind::Unknown => "not a document that is read here".to_owned(),
            kind => format!("{} is recognised, but not read", kind.name()),
        };
        let location = Location::part(part);
        self.problems.push(Problem {
            location,
            stage: Stage::Analyzer,
            kind: ProblemKind::Unsupported,
            message: what,
        });
    }

    fn kind(&self, part: PartId) -> PartKind {
        self.models.parts.get(part.0 as usize).map_or(PartKind::Stream, |part| part.kind)
    }

    fn cx(&mut self, part: PartId, stage: Stage) -> Cx<'_> {
        Cx { part, stage, budget: &mut self.budget, problems: &mut self.problems }
    }

    /// Adds a part, and returns its identifier.
    fn add_part(
        &mut self,
        parent: PartId,
        name: impl Into<String>,
        kind: PartKind,
        size: u64,
        runs: impl IntoIterator<Item = (u64, u64)>,
    ) -> Result<PartId, LimitHit> {
        self.budget.part()?;
        let id = PartId(u32::try_from(self.models.parts.len()).unwrap_or(u32::MAX));
        let runs = runs.into_iter().take(RUNS_KEPT).collect();
        self.models.parts.push(Part {
            id,
            parent: Some(parent),
            name: name.into(),
            kind,
            size,
            sha256: None,
            runs,
        });
        Ok(id)
    }

    fn show(&mut self, part: PartId, bytes: &[u8]) {
        if let Some(visit) = self.visit.as_mut() {
            let path = crate::containers::part::path(&self.models.parts, part);
            if let Some(part) = self.models.parts.get(part.0 as usize) {
                visit(PartView { part, path: &path, bytes });
            }
        }
    }

    fn hash(&mut self, part: PartId, bytes: &[u8]) {
        if let Some(part) = self.models.parts.get_mut(part.0 as usize) {
            part.sha256 = Some(Sha256::digest(bytes).into());
        }
    }

    /// A workbook stream, in a container or bare.
    fn workbook(&mut self, part: PartId, stream: &[u8]) -> Result<(), LimitHit> {
        self.budget.hold(WORKBOOK_BYTES)?;
        let mut book = Workbook { part, ..Workbook::default() };
        let result = biff::read(stream, &mut book, &mut self.cx(part, Stage::Biff));
        let result = result.and_then(|()| self.pictures(part, stream, &book));
        // What was read before a limit is judged all the same.
        self.models.workbooks.push(book);
        result
    }

    fn pictures(&mut self, part: PartId, stream: &[u8], book: &Workbook) -> Result<(), LimitHit> {
        for (index, at) in book.pictures.iter().enumerate() {
            let slices = at.runs.iter().filter_map(|run| {
                let range = usize::try_from(run.start).ok()?..usize::try_from(run.end).ok()?;
                stream.get(range)
            });
            let slices: Vec<&[u8]> = slices.collect();
            let bytes: Cow<'_, [u8]> = match slices.as_slice() {
                [] => continue,
                [one] => Cow::Borrowed(one),
                many => {
                    self.budget.own(many.iter().map(|slice| slice.len() as u64).sum())?;
                    Cow::Owned(many.concat())
                }
            };
            self.budget.touch(bytes.len())?;
            let runs = at.runs.iter().map(|run| (run.start, run.end.saturating_sub(run.start)));
            let name = format!("picture{}", index.saturating_add(1));
            let id = self.add_part(part, name, PartKind::Picture, bytes.len() as u64, runs)?;
            self.hash(id, &bytes);
            let sniffed = sniff(&bytes);
            self.models.pictures.push(Picture {
                part: id,
                kind: at.kind,
                pixels: picture::pixels(&bytes, sniffed),
            });
            self.show(id, &bytes);
        }
        Ok(())
    }

    /// A compound file: its streams, and the documents, macros and objects in them.
    fn compound(&mut self, next: &Pending<'i>) -> Result<(), LimitHit> {
        let whole = next.part;
        let bytes = next.bytes.as_slice();
        let mut file = CompoundFile::default();
        let result = cfb::read(bytes, &mut file, &mut self.cx(whole, Stage::Cfb));
        let mut compound = Compound { part: whole, ..Compound::default() };
        let result = result.and_then(|()| self.streams(next, &file, &mut compound));
        compound.oddities.extend_from_slice(file.oddities());
        self.models.compounds.push(compound);
        result
    }

    fn streams(
        &mut self,
        next: &Pending<'i>,
        file: &CompoundFile<'_>,
        compound: &mut Compound,
    ) -> Result<(), LimitHit> {
        let whole = next.part;
        let mut streams = CompoundStreams::new(file, whole);
        for entry in file.entries().iter().filter(|entry| entry.is_stream()) {
            let stream = file.stream(entry.id, &mut self.cx(whole, Stage::Cfb))?;
            let runs = stream.derivation().iter().map(|run| (run.at, run.len));
            let path = file.path(entry.id);
            let storage = path.rsplit_once('/').map_or("", |(storage, _)| storage).to_owned();
            let part = self.add_part(whole, path, PartKind::Stream, stream.found(), runs)?;
            if !entry.reached {
                compound.unreached.push((entry.name.clone(), part));
            }
            streams.add(entry.id, storage, part, stream);
        }
        // Workbooks first: their drawing objects say where the controls lie.
        let mut found_document = false;
        for workbooks in [true, false] {
            let streams_of_pass =
                file.entries().iter().filter(|entry| entry.is_stream() && is_workbook(entry) == workbooks);
            for entry in streams_of_pass {
                found_document |= self.stream(next, file, &streams, entry)?;
            }
        }
        found_document |= self.projects(&streams)?;
        self.slack(next, file, compound)?;
        self.what_else(whole, file, found_document);
        Ok(())
    }

    /// Reads one stream by its name or first bytes; says whether it is a document of ours.
    fn stream(
        &mut self,
        next: &Pending<'i>,
        file: &CompoundFile<'_>,
        streams: &CompoundStreams<'_, '_>,
        entry: &Entry,
    ) -> Result<bool, LimitHit> {
        let part = streams.part(entry.id);
        let named = |name: &str| entry.name.eq_ignore_ascii_case(name);
        let is_summary = named("\u{5}SummaryInformation") || named("\u{5}DocumentSummaryInformation");
        let is_native = named("\u{1}Ole10Native");
        let in_object = entry.parent.is_some_and(|parent| parent != 0);
        let is_class = named("\u{1}CompObj") && in_object;
        let is_controls = named("Ctls");
        let is_form = in_object && (named("f") || named("o"));
        let wanted = is_workbook(entry) || is_summary || is_native || is_class || is_controls || is_form;
        let head = streams.head(entry.id);
        if !wanted && self.visit.is_none() && !looks_like_workbook(head) && file_in_stream(head).is_none() {
            return Ok(false);
        }
        let bytes = streams.open(entry.id, &mut self.cx(part, Stage::Cfb))?;
        self.show(part, &bytes);
        let head = bytes.get(..64).unwrap_or(&bytes);
        if is_workbook(entry) || sniff(head).is_biff() {
            if let Some(part) = self.models.parts.get_mut(part.0 as usize) {
                part.kind = PartKind::File(sniff(head));
            }
            self.workbook(part, &bytes)?;
            return Ok(true);
        }
        if is_summary {
            let mut properties = Properties::default();
            let result = props::read(&bytes, &mut properties, &mut self.cx(part, Stage::Props));
            self.models.properties.push(properties);
            result?;
        } else if is_native {
            self.native(next, streams, entry, &bytes)?;
        } else if is_class {
            let class =
                entry.parent.and_then(|parent| file.entry(parent)).map(|storage| Clsid(storage.clsid));
            let mut object = Object::at(Location::part(part), ObjectKind::Embedded);
            object.class = class.filter(|class| !class.is_nil());
            object.class_name = objects::class_name(&bytes, CodePage::WESTERN).unwrap_or_default();
            if let Some(name) = object.class.and_then(Clsid::known_name) {
                object.class_name = name.to_owned();
            }
            self.models.objects.push(object);
        } else if let Some(kind) = file_in_stream(head) {
            self.file_stream(next, part, kind, &bytes)?;
        } else if is_controls {
            let starts =
                self.models.workbooks.iter().flat_map(|book| &book.sheets).flat_map(|sheet| &sheet.shapes);
            let controls = starts.filter(|shape| shape.in_control_stream);
            let starts = controls.filter_map(|shape| shape.storage).map(u64::from).collect();
            let mut found = Vec::new();
            let result = objects::controls(&bytes, starts, &mut found, &mut self.cx(part, Stage::Objects));
            self.models.objects.append(&mut found);
            result?;
        } else if is_form {
            let form = objects::form(&bytes, &mut self.cx(part, Stage::Objects))?;
            self.models.objects.extend(form);
        }
        Ok(false)
    }

    /// A stream that is a file of its own, whatever its name.
    fn file_stream(
        &mut self,
        next: &Pending<'i>,
        part: PartId,
        kind: FileKind,
        bytes: &[u8],
    ) -> Result<(), LimitHit> {
        if let Some(part) = self.models.parts.get_mut(part.0 as usize) {
            part.kind = PartKind::File(kind);
        }
        self.hash(part, bytes);
        self.budget.own(bytes.len() as u64)?;
        self.queue(part, Bytes::owned(bytes.to_vec()), next.depth);
        Ok(())
    }

    /// A packaged file becomes a part of its own, to be read in turn.
    fn native(
        &mut self,
        next: &Pending<'i>,
        streams: &CompoundStreams<'_, '_>,
        entry: &Entry,
        bytes: &[u8],
    ) -> Result<(), LimitHit> {
        let stream = streams.part(entry.id);
        let mut object = Object::at(Location::part(stream), ObjectKind::Embedded);
        let result =
            objects::native(bytes, CodePage::WESTERN, &mut object, &mut self.cx(stream, Stage::Objects));
        let payload = object.payload.clone();
        let label = if object.label.is_empty() { "native".to_owned() } else { object.label.clone() };
        self.models.objects.push(object);
        result?;
        let Some(payload) = payload else { return Ok(()) };
        let range = usize::try_from(payload.start).unwrap_or(usize::MAX)
            ..usize::try_from(payload.end).unwrap_or(usize::MAX);
        let Some(content) = bytes.get(range) else { return Ok(()) };
        let kind = sniff(content);
        self.budget.own(content.len() as u64)?;
        let run = (payload.start, payload.end.saturating_sub(payload.start));
        let part = self.add_part(stream, label, PartKind::File(kind), run.1, [run])?;
        self.hash(part, content);
        self.queue(part, Bytes::owned(content.to_vec()), next.depth);
        Ok(())
    }

    fn queue(&mut self, part: PartId, bytes: Bytes<'i>, depth: u16) {
        let depth = depth.saturating_add(1);
        if depth > self.options.limits.depth {
            let hit =
                LimitHit { kind: crate::base::LimitKind::Depth, ceiling: self.options.limits.depth.into() };
            self.problems.push(Problem::limit(Location::part(part), Stage::Analyzer, hit));
        } else {
            self.pending.push(Pending { part, bytes, depth });
        }
    }

    /// VBA projects, wherever they are; says whether there is one.
    fn projects(&mut self, streams: &CompoundStreams<'_, '_>) -> Result<bool, LimitHit> {
        let whole = streams.part(u32::MAX);
        let mut roots = Vec::new();
        vba::find(streams, &mut roots, &mut self.cx(whole, Stage::Vba))?;
        for root in &roots {
            let mut project = Project::default();
            let result = vba::read(streams, root, &mut project, &mut self.cx(whole, Stage::Vba));
            let result = result.and_then(|()| self.modules(streams, &mut project));
            self.models.projects.push(project);
            result?;
        }
        Ok(!roots.is_empty())
    }

    /// The source of each module becomes a part.
    fn modules(&mut self, streams: &CompoundStreams<'_, '_>, project: &mut Project) -> Result<(), LimitHit> {
        for module in &mut project.modules {
            let parent = streams.part(module.stream.unwrap_or(u32::MAX));
            module.part =
                self.add_part(parent, module.file_name(), PartKind::VbaSource, module.raw.len() as u64, [])?;
            self.show(module.part, &module.raw);
        }
        Ok(())
    }

    /// Files behind and between the sectors.
    fn slack(
        &mut self,
        next: &Pending<'i>,
        file: &CompoundFile<'_>,
        compound: &mut Compound,
    ) -> Result<(), LimitHit> {
        for slack in file.slack(&mut self.cx(next.part, Stage::Cfb))? {
            let kind = slack.kind;
            let is_file = !matches!(kind, FileKind::Unknown | FileKind::Empty);
            let start = usize::try_from(slack.at).unwrap_or(usize::MAX);
            let end = start.saturating_add(usize::try_from(slack.len).unwrap_or(usize::MAX));
            if !is_file {
                compound.slack.push((slack, None));
                continue;
            }
            let Some(bytes) = next.bytes.slice(start..end) else { continue };
            let name = format!("slack@{:#x}", slack.at);
            let part =
                self.add_part(next.part, name, PartKind::File(kind), slack.len, [(slack.at, slack.len)])?;
            self.hash(part, bytes.as_slice());
            compound.slack.push((slack, Some(part)));
            self.queue(part, bytes, next.depth);
        }
        Ok(())
    }

    /// Documents in a compound file that are recognised, but not read.
    fn what_else(&mut self, whole: PartId, file: &CompoundFile<'_>, found_document: bool) {
        const OTHERS: &[(&str, &str)] = &[
            ("WordDocument", "the text of a Word document is not read"),
            ("PowerPoint Document", "the text of a presentation is not read"),
            ("EncryptedPackage", "an encrypted Office package needs its password"),
            ("__properties_version1.0", "an Outlook message is not read"),
            ("VisioDocument", "a Visio drawing is not read"),
            ("Quill", "a Publisher document is not read"),
            ("FileHeader", "a Hangul document is not read"),
        ];
        let mut named = false;
        for (name, message) in OTHERS {
            if file.entries().iter().any(|entry| entry.reached && entry.name.eq_ignore_ascii_case(name)) {
                named = true;
                let needs_password = *name == "EncryptedPackage";
                let kind = if needs_password { ProblemKind::NeedsPassword } else { ProblemKind::Unsupported };
                let (location, message) = (Location::part(whole), (*message).to_owned());
                self.problems.push(Problem { location, stage: Stage::Analyzer, kind, message });
            }
        }
        if !named && !found_document {
            let message = "a compound file without a document that is read here".to_owned();
            let location = Location::part(whole);
            self.problems.push(Problem {
                location,
                stage: Stage::Analyzer,
                kind: ProblemKind::Unsupported,
                message,
            });
        }
    }

    /// From models to what they mean: programs, views, texts, indicators, effects.
    fn read_meaning(&mut self) {
        if let Err((stage, hit)) = self.macros().and_then(|()| self.texts()) {
            self.problems.push(Problem::limit(Location::part(PartId(0)), stage, hit));
        }
    }

    fn macros(&mut self) -> Result<(), (Stage, LimitHit)> {
        let Run { models, budget, problems, .. } = self;
        for book in &models.workbooks {
            let mut cx = Cx { part: book.part, stage: Stage::Xlm, budget, problems };
            let mut program = Program::default();
            let result = xlm::read(book, &mut program, &mut cx);
            let effects = program.sightings.iter().filter_map(|seen| xlm::effects::effect(book.part, seen));
            keep_effects(&mut models.effects, effects);
            models.programs.push(program);
            result.map_err(|hit| (Stage::Xlm, hit))?;
        }
        for project in &models.projects {
            let mut cx = Cx { part: PartId(0), stage: Stage::Vba, budget, problems };
            let mut view = ProjectView::default();
            let result = vba::view::read(project, &mut view, &mut cx);
            keep_effects(&mut models.effects, vba::effects::effects(project, &view));
            models.views.push(view);
            result.map_err(|hit| (Stage::Vba, hit))?;
        }
        Ok(())
    }

    fn texts(&mut self) -> Result<(), (Stage, LimitHit)> {
        let Run { models, budget, problems, .. } = self;
        let mut cx = Cx { part: PartId(0), stage: Stage::Lure, budget, problems };
        let Models { workbooks, properties, objects, harvest: texts, .. } = models;
        let harvested = (|| {
            for book in workbooks.iter() {
                harvest::workbook(book, texts, &mut cx)?;
            }
            for properties in properties.iter() {
                let located = properties.texts().map(|(_, text)| (text.text.as_str(), text.location.clone()));
                harvest::properties(located, texts, &mut cx)?;
            }
            for object in objects.iter() {
                for text in &object.texts {
                    harvest::text(text, object.location.clone(), TextSource::TextBox, texts, &mut cx)?;
                }
            }
            models.lures = lure::matches(texts, &mut cx)?;
            Ok(())
        })();
        harvested.map_err(|hit| (Stage::Lure, hit))?;
        let mut cx = Cx { part: PartId(0), stage: Stage::Text, budget, problems };
        indicators(models, &mut cx).map_err(|hit| (Stage::Text, hit))
    }

    fn judge(self, name: Option<&str>, sha256: [u8; 32]) -> Report {
        let Run { options, models, problems, input, .. } = &self;
        let limits = &options.limits;
        let facts = models.facts(problems);
        let macro_hash = report::macro_hash(facts);
        let mut sink = Sink::new(&options.rules, limits.findings as usize, limits.excerpt_bytes);
        for rule in catalogue() {
            (rule.check)(&facts, &mut sink);
        }
        let mut findings = sink.into_findings();
        for proof in findings.iter_mut().flat_map(|finding| &mut finding.evidence) {
            if proof.raw.is_empty() {
                proof.raw = raw(&models.parts, input, &proof.location, limits.excerpt_bytes).into();
            }
        }
        let allowed = if options.allow.files.contains(&sha256) {
            Some("the file is on the allow-list")
        } else if macro_hash.is_some_and(|hash| options.allow.macros.contains(&hash)) {
            Some("its macros are on the allow-list")
        } else {
            None
        };
        let judged = if allowed.is_some() { &[][..] } else { &findings };
        let decision = verdict::decide(judged, allowed.is_none() && problems.bar_nothing_found());
        report::build(Outcome {
            name,
            sha256,
            facts,
            properties: &models.properties,
            problems,
            findings: &findings,
            decision,
            allowed,
            macro_hash,
            report_chars: limits.report_chars,
        })
    }
}

impl Models {
    fn facts<'m>(&'m self, problems: &'m Problems) -> Facts<'m> {
        Facts {
            parts: &self.parts,
            compounds: &self.compounds,
            workbooks: &self.workbooks,
            programs: &self.programs,
            projects: &self.projects,
            views: &self.views,
            objects: &self.objects,
            pictures: &self.pictures,
            harvest: &self.harvest,
            lures: &self.lures,
            indicators: &self.indicators,
            effects: &self.effects,
            problems,
        }
    }
}

/// What a workbook takes in models, however small it is.
const WORKBOOK_BYTES: usize = 8 << 10;

/// Effects that are kept: more than the report lists, so that it can say that it leaves some out.
const EFFECTS: usize = 20_000;

fn keep_effects(kept: &mut Vec<Effect>, more: impl Iterator<Item = Effect>) {
    kept.extend(more.take(EFFECTS.saturating_sub(kept.len())));
}

/// The bytes at a place, found through the runs of its part and of the parts around it.
fn raw(parts: &[Part], input: &[u8], location: &Location, most: usize) -> Vec<u8> {
    let Some(Place::Bytes { start, end }) = location.place else { return Vec::new() };
    let len = end.saturating_sub(start).min(most as u64);
    (start..start.saturating_add(len)).map_while(|at| byte(parts, input, location.part, at)).collect()
}

fn byte(parts: &[Part], input: &[u8], part: PartId, at: u64) -> Option<u8> {
    let (mut part, mut at) = (parts.get(part.0 as usize)?, at);
    // A parent is always older than its part, so that the walk ends.
    while let Some(parent) = part.parent {
        let mut before = 0u64;
        let run = part.runs.iter().find(|(_, len)| {
            let end = before.saturating_add(*len);
            let inside = at < end;
            if !inside {
                before = end;
            }
            inside
        })?;
        at = run.0.saturating_add(at.saturating_sub(before));
        part = parts.get(parent.0 as usize)?;
    }
    input.get(usize::try_from(at).ok()?).copied()
}

/// Whether a stream has a name that Excel looks for.
fn is_workbook(entry: &Entry) -> bool {
    ["Workbook", "Book"].iter().any(|name| entry.name.eq_ignore_ascii_case(name))
}

/// Whether the first bytes of a stream are those of a workbook, whatever its name.
fn looks_like_workbook(head: &[u8]) -> bool {
    sniff(head.get(..64).unwrap_or(head)).is_biff()
}

/// The kind of file that a stream begins as, if a mark too long for chance says so.
fn file_in_stream(head: &[u8]) -> Option<FileKind> {
    let head = head.get(..4096).unwrap_or(head);
    embedded_at(head).then(|| sniff(head)).filter(|kind| !picture::is_picture(*kind))
}

/// Collects addresses, paths and commands from everything that macros and texts say.
fn indicators(models: &mut Models, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let extractor = Extractor::new();
    let into = &mut models.indicators;
    for (book, program) in models.workbooks.iter().zip(&models.programs) {
        for seen in &program.sightings {
            let (sheet, row, column) = seen.cell;
            let at = Location::cell(book.part, sheet, row, column.into());
            extractor.extract(&seen.text, &at, into, cx)?;
        }
        for cell in &program.cells {
            let (sheet, row, column) = cell.cell;
            let at = Location::cell(book.part, sheet, row, column.into());
            extractor.extract(&cell.formula, &at, into, cx)?;
        }
        for source in &book.books {
            let at = Location::bytes(book.part, source.at..source.at);
            extractor.extract(&source.path, &at, into, cx)?;
        }
        for connection in &book.connections {
            let at = Location::bytes(book.part, connection.at..connection.at);
            extractor.extract(book.texts.get(connection.text), &at, into, cx)?;
        }
    }
    for (project, view) in models.projects.iter().zip(&models.views) {
        for (location, text) in view.literals(project) {
            extractor.extract(text, &location, into, cx)?;
        }
    }
    for run in &models.harvest.runs {
        extractor.extract(&run.text, &run.location, into, cx)?;
    }
    Ok(())
}
