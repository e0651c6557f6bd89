//! From what statements do to effects that need no knowledge of VBA.

use super::project::Project;
use super::source::Action;
use super::view::{ProjectView, Seen};
use crate::base::{Basis, Effect, EffectKind};

/// What the modules of a project would do, in file order. A procedure that does not start by
/// itself has that as its condition.
pub fn effects<'p>(project: &'p Project, view: &'p ProjectView) -> impl Iterator<Item = Effect> {
    view.seen(project).filter_map(|seen| {
        let kind = kind(seen.sighting.kind)?;
        let condition = seen.reached.is_none().then(|| "when a person starts the macro".to_owned());
        Some(Effect {
            kind,
            basis: Basis::SeenInText,
            text: text(&seen),
            condition,
            location: seen.location,
            detail: None,
        })
    })
}

fn text(seen: &Seen<'_>) -> String {
    let statement = seen.sighting.text.trim();
    match &seen.sighting.argument {
        Some(argument) if !statement.contains(argument.as_str()) => format!("{statement}  [{argument}]"),
        _ => statement.to_owned(),
    }
}

fn kind(action: Action) -> Option<EffectKind> {
    Some(match action {
        Action::ProcessStart => EffectKind::Run,
        Action::Download => EffectKind::Fetch,
        Action::FileWrite => EffectKind::Write,
        Action::FileDelete => EffectKind::Delete,
        Action::NativeDeclare => EffectKind::Register,
        Action::NativeCode => EffectKind::Inject,
        Action::Replication | Action::ScheduledRun => EffectKind::Persist,
        Action::HiddenWindow => EffectKind::Hide,
        Action::EnvironmentCheck => EffectKind::Check,
        Action::Message => EffectKind::Alert,
        Action::Quit => EffectKind::Close,
        _ => return None,
    })
}
