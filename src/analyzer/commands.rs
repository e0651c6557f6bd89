//! What the command lines of macros, fields and DDE links say once their shell has read them.

use super::made::Written;
use super::run::Models;
use crate::base::{Cx, Effect, EffectDetail, EffectKind, LimitHit, Location};
use crate::documents::workbook::ExternalKind;
use crate::indicators::command::{Decoded, Desk, Fact, shown};
use crate::xlm::machine::memory::western_bytes;

/// Effects that decoded commands add at most.
const ADDED: usize = 1024;

/// A command line: where it stands, and the text that holds it.
struct Line {
    location: Location,
    text: String,
    /// Index of the effect that it is.
    effect: Option<usize>,
}

/// Reads command lines, those of each round of macros once.
#[derive(Default)]
pub(super) struct Commands {
    desk: Desk,
    /// Effects, documents and workbooks whose command lines are known.
    effects: usize,
    documents: usize,
    workbooks: usize,
    added: usize,
}

impl Commands {
    /// Reads all command lines that are new, keeps what comes to light and the files that they write,
    /// and adds what they do to the effects.
    ///
    /// # Errors
    /// [`LimitHit`] when steps or memory do not last; what was read until then stays.
    pub(super) fn decode(&mut self, models: &mut Models, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        // What macros write, later commands decode and run.
        let new = models.effects.iter().skip(self.effects);
        for detail in new.filter(|effect| effect.kind == EffectKind::Write) {
            if let Some(detail) = &detail.detail
                && let (Some(path), Some(content)) = (&detail.path, &detail.content)
                && !content.is_empty()
            {
                cx.budget.touch(content.len())?;
                self.desk.write(path, &western_bytes(content, usize::MAX), cx)?;
            }
        }
        let lines = self.lines(models, cx)?;
        self.documents = models.documents.len();
        self.workbooks = models.workbooks.len();
        let mut added = Vec::new();
        let result = lines.iter().try_for_each(|line| self.read(line, models, &mut added, cx));
        self.added = self.added.saturating_add(added.len());
        models.effects.extend(added);
        self.effects = models.effects.len();
        result
    }

    fn read(
        &mut self,
        line: &Line,
        models: &mut Models,
        added: &mut Vec<Effect>,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let decoded = self.desk.read_in(&line.text, cx)?;
        if decoded.cut {
            cx.abandoned_at(line.location.clone(), &"command line that makes more than is read of one");
        }
        for fact in &decoded.facts {
            if let Fact::Write { path, bytes } = fact {
                keep_written(&mut models.written, &line.location, path, bytes, cx)?;
            }
        }
        let effect = line.effect.and_then(|index| models.effects.get(index));
        let room = ADDED.saturating_sub(self.added.saturating_add(added.len()));
        if let Some(effect) = effect.filter(|_| room > 0) {
            effects(effect, &decoded, room, added, cx)?;
        }
        models.revealed.extend(decoded.layers.into_iter().map(|layer| (line.location.clone(), layer.text)));
        Ok(())
    }

    fn lines(&self, models: &Models, cx: &mut Cx<'_>) -> Result<Vec<Line>, LimitHit> {
        let mut lines = Vec::new();
        let effects = models.effects.iter().enumerate().skip(self.effects);
        for (index, effect) in effects.filter(|(_, effect)| effect.kind == EffectKind::Run) {
            cx.budget.hold(size_of::<Line>().saturating_add(effect.text.len()))?;
            let command = effect.detail.as_ref().and_then(|detail| detail.command.clone());
            let (location, text) = (effect.location.clone(), command.unwrap_or_else(|| effect.text.clone()));
            lines.push(Line { location, text, effect: Some(index) });
        }
        for field in models.documents.iter().skip(self.documents).flat_map(|document| &document.fields) {
            cx.budget.hold(size_of::<Line>().saturating_add(field.instruction.len()))?;
            let (location, text) = (field.location.clone(), field.instruction.clone());
            lines.push(Line { location, text, effect: None });
        }
        for book in models.workbooks.iter().skip(self.workbooks) {
            for source in book.books.iter().filter(|source| source.kind == ExternalKind::Dde) {
                cx.budget.hold(size_of::<Line>().saturating_add(source.path.len()))?;
                let location = Location::bytes(book.part, source.at..source.at);
                lines.push(Line { location, text: source.path.replacen('|', " ", 1), effect: None });
            }
        }
        Ok(lines)
    }
}

/// Keeps a file that a command wrote. One that grew since takes the place of what it was.
fn keep_written(
    written: &mut Vec<Written>,
    location: &Location,
    path: &str,
    bytes: &[u8],
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    cx.budget.touch(bytes.len())?;
    let key = path.to_lowercase();
    let grown = |known: &&mut Written| {
        known.part == location.part && known.path.to_lowercase() == key && bytes.starts_with(&known.bytes)
    };
    cx.budget.step(written.len() as u64)?;
    match written.iter_mut().find(grown) {
        Some(known) => bytes.clone_into(&mut known.bytes),
        None => {
            cx.budget.hold(size_of::<Written>().saturating_add(path.len()))?;
            written.push(Written { part: location.part, path: path.to_owned(), bytes: bytes.to_vec() });
        }
    }
    Ok(())
}

/// Whether a text names a target; Windows does not tell letter case apart.
fn says(text: &str, target: &str) -> bool {
    text.to_lowercase().contains(&target.to_lowercase())
}

/// What the command line of an effect does that its own text does not say: what it fetches, writes,
/// and runs out of sight, or runs of what it fetched or wrote itself.
fn effects(
    effect: &Effect,
    decoded: &Decoded,
    room: usize,
    into: &mut Vec<Effect>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let mut made: Vec<&str> = Vec::new();
    for fact in decoded.facts.iter().take(room) {
        let (kind, text, fields) = match fact {
            Fact::Fetch { url, to } => {
                let text = match to {
                    Some(to) => format!("{url} to {to}"),
                    None => url.clone(),
                };
                made.extend(to.as_deref());
                let fields =
                    EffectDetail { url: Some(url.clone()), to: to.clone(), ..EffectDetail::default() };
                (EffectKind::Fetch, text, fields)
            }
            Fact::Write { path, bytes } => {
                let content = shown(bytes);
                let text = format!("{path}: {}", content.trim());
                made.push(path);
                let fields = EffectDetail {
                    path: Some(path.clone()),
                    content: Some(content),
                    ..EffectDetail::default()
                };
                (EffectKind::Write, text, fields)
            }
            Fact::Run { target } => {
                cx.budget.touch(target.len().saturating_mul(made.len().saturating_add(1)))?;
                if says(&effect.text, target) && !made.iter().any(|path| says(target, path)) {
                    continue;
                }
                let fields = EffectDetail { command: Some(target.clone()), ..EffectDetail::default() };
                (EffectKind::Run, target.clone(), fields)
            }
        };
        let copied = effect.text.len().saturating_add(text.len());
        cx.budget.hold(size_of::<Effect>().saturating_add(copied).saturating_mul(2))?;
        // The fields are those of the command and not of the effect that it stands in.
        let own = effect.detail.as_deref();
        let detail = EffectDetail {
            start: own.and_then(|own| own.start),
            order: own.and_then(|own| own.order),
            caller: own.and_then(|own| own.caller.clone()),
            how: Some(Effect::IN_COMMAND.to_owned()),
            ..fields
        };
        into.push(Effect { kind, text, detail: Some(Box::new(detail)), ..effect.clone() });
    }
    Ok(())
}
