//! From models to what they mean: programs, views, texts, indicators, effects.

use std::collections::BTreeSet;

use super::commands::Commands;
use super::made::Making;
use super::roles;
use super::run::{Models, Run};
use crate::base::{Cx, Effect, EffectKind, LimitHit, Location, PartId, Problem, Stage};
use crate::containers::part::Part;
use crate::documents::doc::wordbasic;
use crate::documents::link::{Link, LinkKind};
use crate::indicators::{Extractor, Form, IndicatorKind};
use crate::lure::{self, TextSource, harvest};
use crate::vba;
use crate::vba::Project;
use crate::vba::source::Action;
use crate::vba::view::ProjectView;
use crate::xlm::trace::Trace;
use crate::xlm::{self, Program};

impl Run<'_, '_> {
    /// From models to what they mean: programs, views, texts, indicators, effects.
    pub(super) fn read_meaning(&mut self) {
        let macros = self.macros().and_then(|()| self.made());
        if let Err((stage, hit)) = macros.and_then(|()| self.texts()) {
            self.problems.push(Problem::limit(Location::part(PartId(0)), stage, hit));
        }
    }

    /// Reads and runs macros, and nothing else.
    pub(super) fn read_macros(&mut self) {
        if let Err((stage, hit)) = self.macros() {
            self.problems.push(Problem::limit(Location::part(PartId(0)), stage, hit));
        }
    }

    fn macros(&mut self) -> Result<(), (Stage, LimitHit)> {
        let read = self.views(0);
        // What VBA stopped at does not keep the other macros from being read.
        self.programs(true)?;
        read
    }

    /// Reads the command lines of macros, what macros and commands make, and what lies in it, as far as
    /// that is documents again.
    fn made(&mut self) -> Result<(), (Stage, LimitHit)> {
        let mut commands = Commands::default();
        let mut making = Making::default();
        loop {
            self.commands(&mut commands);
            let word_basic = self.models.word_basic.len();
            if !self.made_parts(&mut making).map_err(|hit| (Stage::Analyzer, hit))? {
                return Ok(());
            }
            self.read_parts();
            let read = self.views(word_basic);
            self.programs(false)?;
            read?;
        }
    }

    /// Half of the steps stay aside, so that command lines cannot starve the texts.
    fn commands(&mut self, commands: &mut Commands) {
        let Run { models, budget, problems, .. } = self;
        let aside = budget.set_aside();
        let mut cx = Cx { part: PartId(0), stage: Stage::Text, budget, problems };
        let result = commands.decode(models, &mut cx);
        budget.give_back(aside);
        if let Err(hit) = result {
            problems.push(Problem::limit(Location::part(PartId(0)), Stage::Text, hit));
        }
    }

    /// Reads the source of projects that were not looked at yet; `word_basic` counts the WordBasic
    /// macros whose effects are known.
    fn views(&mut self, word_basic: usize) -> Result<(), (Stage, LimitHit)> {
        let Run { models, budget, problems, .. } = self;
        for project in models.projects.iter().skip(models.views.len()) {
            let mut cx = Cx { part: PartId(0), stage: Stage::Vba, budget, problems };
            let mut view = ProjectView::default();
            let result = vba::view::read(project, &mut view, &mut cx);
            keep_effects(&mut models.effects, vba::effects::effects(project, &view));
            models.views.push(view);
            result.map_err(|hit| (Stage::Vba, hit))?;
        }
        let new = models.word_basic.get(word_basic..).unwrap_or_default();
        keep_effects(&mut models.effects, wordbasic::effects(new));
        Ok(())
    }

    /// Runs the programs of workbooks that were not run yet; `is_first` are those of the input.
    fn programs(&mut self, is_first: bool) -> Result<(), (Stage, LimitHit)> {
        let Run { models, budget, problems, options, traces, .. } = self;
        let known = models.programs.len();
        // What Excel 4.0 macros do comes first; what was made by them comes last.
        let of_vba = if is_first { std::mem::take(&mut models.effects) } else { Vec::new() };
        let called = called_macros(&models.projects, &models.views);
        let given = xlm::Given { environment: options.environment.clone(), called };
        let mut result = Ok(());
        for book in models.workbooks.iter().skip(known) {
            let mut cx = Cx { part: book.part, stage: Stage::Xlm, budget, problems };
            let mut program = Program::default();
            result = xlm::read(book, &mut program, &mut cx);
            if result.is_ok() {
                let mut evaluation = xlm::Evaluation::default();
                let mut trace =
                    traces.as_ref().map(|traces| Trace::new(traces.wanted.steps, traces.wanted.repeats));
                result = xlm::evaluate(book, &program, &given, &mut evaluation, trace.as_mut(), &mut cx);
                program.evaluation = evaluation;
                if let (Some(traces), Some(trace)) = (traces.as_mut(), trace) {
                    traces.wanted.steps = trace.room();
                    traces.made.push((book.part, trace));
                }
            }
            keep_effects(&mut models.effects, xlm::effects::effects(book.part, &program));
            let clicks = program.links.iter().filter(|link| link.kind == LinkKind::Hyperlink);
            models.links.extend(clicks.map(|link| {
                let (sheet, row, column) = link.cell;
                let location = Location::cell(book.part, sheet, row, column.into());
                Link { kind: link.kind, target: link.target.clone(), automatic: false, location }
            }));
            // Which cells ran is told by what they hold; thousands of places are not kept for longer.
            program.evaluation.executed = BTreeSet::new();
            models.programs.push(program);
            if result.is_err() {
                break;
            }
        }
        let joined = self.join_procedures();
        let Run { models, .. } = self;
        let of_vba = match joined {
            // What starts a procedure is a condition of what it does.
            Ok(true) if is_first => {
                let projects = models.projects.iter().zip(&models.views);
                let of_vba = projects.flat_map(|(project, view)| vba::effects::effects(project, view));
                of_vba.chain(wordbasic::effects(&models.word_basic)).collect()
            }
            _ => of_vba,
        };
        keep_effects(&mut models.effects, of_vba.into_iter());
        models.effects.shrink_to_fit();
        result.map_err(|hit| (Stage::Xlm, hit))?;
        joined.map(|_| ()).map_err(|hit| (Stage::Vba, hit))
    }

    fn texts(&mut self) -> Result<(), (Stage, LimitHit)> {
        let Run { models, budget, problems, .. } = self;
        models.harvest.looks.sort_by_key(|look| look.part);
        let mut cx = Cx { part: PartId(0), stage: Stage::Lure, budget, problems };
        let Models {
            parts,
            workbooks,
            documents,
            properties,
            objects,
            effects,
            projects,
            views,
            picture_texts,
            harvest: texts,
            ..
        } = models;
        let harvested = (|| {
            for book in workbooks.iter() {
                harvest::workbook(book, texts, &mut cx)?;
            }
            for document in documents.iter() {
                harvest::document(document, texts, &mut cx)?;
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
            for (picture, text) in picture_texts.iter() {
                harvest::text(text, Location::part(*picture), TextSource::Picture, texts, &mut cx)?;
            }
            for message in effects.iter().filter(|effect| effect.kind == EffectKind::Alert) {
                let shown = message.detail.as_ref().and_then(|detail| detail.content.as_deref());
                let shown = shown.unwrap_or(&message.text);
                harvest::elsewhere(shown, &message.location, TextSource::Module, texts, &mut cx)?;
            }
            let seen = projects.iter().zip(views.iter()).flat_map(|(project, view)| view.seen(project));
            for seen in seen.filter(|seen| seen.sighting.kind == Action::ShownText) {
                if let Some(shown) = &seen.sighting.argument {
                    harvest::elsewhere(shown, &seen.location, TextSource::Module, texts, &mut cx)?;
                }
            }
            for part in parts.iter().filter(|part| is_named_file(part)) {
                harvest::elsewhere(
                    &part.name,
                    &Location::part(part.id),
                    TextSource::FileName,
                    texts,
                    &mut cx,
                )?;
            }
            models.lures = lure::matches(texts, &mut cx)?;
            Ok(())
        })();
        harvested.map_err(|hit| (Stage::Lure, hit))?;
        let mut cx = Cx { part: PartId(0), stage: Stage::Text, budget, problems };
        indicators(models, &mut cx).map_err(|hit| (Stage::Text, hit))
    }
}

/// Whether a part is a file whose name a person sees: the input, an attachment, a member of an archive.
fn is_named_file(part: &Part) -> bool {
    part.kind.is_named_by_its_sender() && !part.name.is_empty()
}

/// Macros that VBA runs, as it names them: a cell, a name, or a formula of Excel 4.0.
fn called_macros<'m>(projects: &'m [Project], views: &'m [ProjectView]) -> Vec<&'m str> {
    /// Macros that are run for VBA.
    const CALLED: usize = 64;
    let seen = projects.iter().zip(views).flat_map(|(project, view)| view.seen(project));
    let called = seen.filter(|seen| matches!(seen.sighting.kind, Action::MacroRun | Action::XlmFromVba));
    called.filter_map(|seen| seen.sighting.argument.as_deref()).take(CALLED).collect()
}

/// Whether a text is an address with something in it that nobody can know.
fn is_pattern(url: &str) -> bool {
    let scheme = url.get(..8).unwrap_or(url).to_ascii_lowercase();
    let is_address = ["http://", "https://", "ftp://"].iter().any(|known| scheme.starts_with(known));
    is_address && url.contains('{') && url.contains('}')
}

/// Effects that are kept: more than the report lists, so that it can say that it leaves some out.
const EFFECTS: usize = 10_240;

fn keep_effects(kept: &mut Vec<Effect>, more: impl Iterator<Item = Effect>) {
    kept.extend(more.take(EFFECTS.saturating_sub(kept.len())));
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
        for effect in &program.evaluation.effects {
            let url = effect.detail.as_ref().and_then(|detail| detail.url.as_deref());
            if let Some(url) = url.filter(|url| is_pattern(url)) {
                into.add(IndicatorKind::Url, url, Form::Plain, &effect.location, cx);
            }
            extractor.extract(&effect.text, &effect.location, into, cx)?;
            let content = effect.detail.as_ref().and_then(|detail| detail.content.as_deref());
            if let Some(content) = content {
                extractor.extract(content, &effect.location, into, cx)?;
            }
        }
        for cell in &program.cells {
            let (sheet, row, column) = cell.cell;
            let at = Location::cell(book.part, sheet, row, column.into());
            extractor.extract(&cell.formula, &at, into, cx)?;
        }
        for link in &program.links {
            let (sheet, row, column) = link.cell;
            let at = Location::cell(book.part, sheet, row, column.into());
            extractor.extract(&link.target, &at, into, cx)?;
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
    for address in &models.came_from {
        extractor.extract(address, &Location::part(PartId(0)), into, cx)?;
    }
    for link in &models.shell_links {
        let at = Location::part(link.part);
        extractor.extract(&link.command(), &at, into, cx)?;
        for text in [&link.working_dir, &link.icon, &link.description].into_iter().flatten() {
            extractor.extract(text, &at, into, cx)?;
        }
    }
    for link in &models.links {
        extractor.extract(&link.target, &link.location, into, cx)?;
    }
    for field in models.documents.iter().flat_map(|document| &document.fields) {
        extractor.extract(&field.instruction, &field.location, into, cx)?;
    }
    for code in &models.word_basic {
        for (number, line) in (1..).zip(code.source.lines()) {
            extractor.extract(line, &Location::line(code.part, number), into, cx)?;
        }
    }
    for overflow in models.equations.iter().filter_map(|equation| equation.overflow.as_ref()) {
        extractor.extract(&overflow.command, &overflow.location, into, cx)?;
    }
    for (project, view) in models.projects.iter().zip(&models.views) {
        for (location, text) in view.literals(project) {
            extractor.extract(text, &location, into, cx)?;
        }
    }
    for run in &models.harvest.runs {
        extractor.extract(&run.text, &run.location, into, cx)?;
    }
    for (location, text) in &models.revealed {
        extractor.extract(text, location, into, cx)?;
    }
    roles::give(models, cx)
}
