//! What the command lines of macros, fields and DDE links say once their shell has read them.

use super::run::Models;
use crate::base::{Cx, Effect, EffectDetail, EffectKind, LimitHit, Location};
use crate::documents::workbook::ExternalKind;
use crate::indicators::Extractor;
use crate::indicators::command::{Decoded, Desk, Fact};

/// Effects that decoded commands add at most.
const ADDED: usize = 1024;

/// A command line: where it stands, and the text that holds it.
struct Line {
    location: Location,
    text: String,
    /// Index of the effect that it is.
    effect: Option<usize>,
}

/// Reads all command lines, collects what comes to light, and adds what it does to the effects.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub(super) fn decode(models: &mut Models, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut desk = Desk::new();
    // What macros write, later commands decode and run.
    for detail in models.effects.iter().filter(|effect| effect.kind == EffectKind::Write) {
        if let Some(detail) = &detail.detail
            && let (Some(path), Some(content)) = (&detail.path, &detail.content)
            && !content.is_empty()
        {
            desk.write(path, content, false, cx)?;
        }
    }
    let mut added = Vec::new();
    for line in lines(models, cx)? {
        let decoded = desk.read_in(&line.text, cx)?;
        if decoded.cut {
            cx.abandoned_at(line.location.clone(), &"command line that makes more than is read of one");
        }
        for layer in &decoded.layers {
            Extractor::new().extract(&layer.text, &line.location, &mut models.indicators, cx)?;
        }
        let effect = line.effect.and_then(|index| models.effects.get(index));
        if let Some(effect) = effect.filter(|_| added.len() < ADDED) {
            effects(effect, &decoded, &mut added, cx)?;
        }
    }
    added.truncate(ADDED);
    models.effects.extend(added);
    Ok(())
}

fn lines(models: &Models, cx: &mut Cx<'_>) -> Result<Vec<Line>, LimitHit> {
    let mut lines = Vec::new();
    let effects = models.effects.iter().enumerate().filter(|(_, effect)| effect.kind == EffectKind::Run);
    for (index, effect) in effects {
        cx.budget.hold(size_of::<Line>().saturating_add(effect.text.len()))?;
        let command = effect.detail.as_ref().and_then(|detail| detail.command.clone());
        let (location, text) = (effect.location.clone(), command.unwrap_or_else(|| effect.text.clone()));
        lines.push(Line { location, text, effect: Some(index) });
    }
    for field in models.documents.iter().flat_map(|document| &document.fields) {
        cx.budget.hold(size_of::<Line>().saturating_add(field.instruction.len()))?;
        let (location, text) = (field.location.clone(), field.instruction.clone());
        lines.push(Line { location, text, effect: None });
    }
    for book in &models.workbooks {
        for source in book.books.iter().filter(|source| source.kind == ExternalKind::Dde) {
            cx.budget.hold(size_of::<Line>().saturating_add(source.path.len()))?;
            let location = Location::bytes(book.part, source.at..source.at);
            lines.push(Line { location, text: source.path.replacen('|', " ", 1), effect: None });
        }
    }
    Ok(lines)
}

/// Whether a text names a target; Windows does not tell letter case apart.
fn says(text: &str, target: &str) -> bool {
    text.to_lowercase().contains(&target.to_lowercase())
}

/// What the command line of an effect does that its own text does not say.
fn effects(
    effect: &Effect,
    decoded: &Decoded,
    into: &mut Vec<Effect>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    for fact in &decoded.facts {
        let (kind, text) = match fact {
            Fact::Fetch { url, to: Some(to) } => (EffectKind::Fetch, format!("{url} to {to}")),
            Fact::Fetch { url, to: None } => (EffectKind::Fetch, url.clone()),
            Fact::Write { path, text } => (EffectKind::Write, format!("{path}: {}", text.trim())),
            Fact::Run { target } if !says(&effect.text, target) => (EffectKind::Run, target.clone()),
            _ => continue,
        };
        let copied = effect.text.len().saturating_add(text.len());
        cx.budget.hold(size_of::<Effect>().saturating_add(copied).saturating_mul(2))?;
        // The fields are those of the command and not of the effect that it stands in.
        let detail = effect.detail.as_ref().map(|own| {
            let known = EffectDetail { start: own.start, order: own.order, ..EffectDetail::default() };
            Box::new(match fact {
                Fact::Fetch { url, to } => EffectDetail { url: Some(url.clone()), to: to.clone(), ..known },
                Fact::Write { path, text } => {
                    EffectDetail { path: Some(path.clone()), content: Some(text.clone()), ..known }
                }
                _ => EffectDetail { command: Some(text.clone()), ..known },
            })
        });
        into.push(Effect { kind, text, detail, ..effect.clone() });
    }
    Ok(())
}
