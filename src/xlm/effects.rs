//! From what formulas do to effects that need no knowledge of Excel.

use super::sight::{Action, Sighting, writes_call};
use crate::base::{Basis, Effect, EffectKind, Location, PartId};

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
    Some(Effect { kind, basis: Basis::SeenInText, text, condition: None, location })
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

#[cfg(test)]
mod tests {
    use super::*;

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
