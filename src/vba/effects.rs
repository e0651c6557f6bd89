//! From what statements do to effects that need no knowledge of VBA.

use super::project::Project;
use super::source::Action;
use super::view::{ProjectView, Seen};
use crate::base::{Basis, Effect, EffectDetail, EffectKind};

/// What the modules of a project would do, in file order. A procedure that does not start by
/// itself has that as its condition; one that an Excel 4.0 macro runs has the macro's, and names its cell.
pub fn effects<'p>(project: &'p Project, view: &'p ProjectView) -> impl Iterator<Item = Effect> {
    view.seen(project).filter_map(|seen| {
        let kind = kind(seen.sighting.kind)?;
        let condition = match (seen.reached, seen.caller) {
            (None, _) => Some("when a person starts the macro".to_owned()),
            (Some(_), caller) => caller.and_then(|caller| caller.condition.clone()),
        };
        let detail = seen.caller.map(|caller| {
            Box::new(EffectDetail { caller: Some(caller.location.clone()), ..EffectDetail::default() })
        });
        Some(Effect {
            kind,
            basis: Basis::SeenInText,
            text: text(&seen),
            condition,
            location: seen.location,
            detail,
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
        Action::ProcessStart | Action::ScriptRun | Action::LibraryLoad => EffectKind::Run,
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
