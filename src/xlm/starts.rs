//! Defined names that start a macro by themselves, in every disguise.
//!
//! Excel compares names without regard to letter case, after decomposition, and passes over some
//! characters. It runs every name that begins with an event name. Sources: observations of
//! macro writers and readers, listed with their certainty in the tests of this file.

use unicode_normalization::UnicodeNormalization;

use crate::documents::workbook::DefinedName;

/// What starts the macro.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// The workbook is opened.
    Open,
    /// The workbook is closed.
    Close,
    /// The sheet or workbook is activated.
    Activate,
    /// The sheet or workbook is deactivated.
    Deactivate,
}

impl Event {
    /// The name that the JSON has.
    pub fn name(self) -> &'static str {
        match self {
            Event::Open => "open",
            Event::Close => "close",
            Event::Activate => "activate",
            Event::Deactivate => "deactivate",
        }
    }
}

/// How a name hides that it is an auto-start name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disguise {
    /// It holds a NUL, behind which the Name Manager shows nothing.
    Nul,
    /// It holds characters that Excel passes over and a person does not see.
    Invisible,
    /// Its letters are cased as nobody would type them.
    LetterCase,
    /// Its last letter is missing or another one.
    LastLetter,
    /// It is stored decomposed or in compatibility forms.
    Decomposed,
    /// Characters stand behind the code of a built-in name.
    BehindCode,
}

impl Disguise {
    /// What it is, as a person reads it.
    pub fn name(self) -> &'static str {
        match self {
            Disguise::Nul => "a NUL inside",
            Disguise::Invisible => "invisible characters",
            Disguise::LetterCase => "odd letter case",
            Disguise::LastLetter => "the last letter missing",
            Disguise::Decomposed => "decomposed characters",
            Disguise::BehindCode => "characters behind the code of a built-in name",
        }
    }
}

/// Event names in lower case, without the last letter where Excel is said not to need it. German
/// names stand in Microsoft's documentation; the other languages are recalled, and cost nothing
/// because nothing else is called so.
const EVENTS: &[(&str, Event)] = &[
    ("auto_ope", Event::Open),
    ("auto_clos", Event::Close),
    ("auto_activat", Event::Activate),
    ("auto_deactivat", Event::Deactivate),
    ("auto_öffne", Event::Open),
    ("auto_schließe", Event::Close),
    ("auto_aktiviere", Event::Activate),
    ("auto_deaktiviere", Event::Deactivate),
    ("auto_ouvri", Event::Open),
    ("auto_ferme", Event::Close),
    ("auto_abri", Event::Open),
    ("auto_cerra", Event::Close),
    ("auto_fecha", Event::Close),
    ("auto_apri", Event::Open),
    ("auto_chiud", Event::Close),
];

/// The event that starts `name`, and how the name hides that.
pub fn event(name: &DefinedName) -> Option<(Event, Vec<Disguise>)> {
    let (words, event) = match name.builtin {
        Some(0x01) => ("Auto_Open", Event::Open),
        Some(0x02) => ("Auto_Close", Event::Close),
        Some(0x0A) => ("Auto_Activate", Event::Activate),
        Some(0x0B) => ("Auto_Deactivate", Event::Deactivate),
        _ => return event_of_text(&name.name),
    };
    // The reader puts the words of the code before whatever stands behind it.
    let plain = name.name == words;
    Some((event, if plain { Vec::new() } else { vec![Disguise::BehindCode] }))
}

/// The event that starts a name with this text, and how the text hides that.
pub fn event_of_text(name: &str) -> Option<(Event, Vec<Disguise>)> {
    // 255 characters are the longest name; what is passed over may lie between them.
    let seen: String = name.chars().take(1024).filter(|letter| !is_passed_over(*letter)).collect();
    let composed: String = seen.nfkd().collect::<String>().nfc().collect();
    let folded = composed.to_lowercase();
    let folded = folded.strip_prefix("_xlnm.").unwrap_or(&folded);
    let (stem, event) = EVENTS.iter().find(|(stem, _)| folded.starts_with(stem))?;

    let mut disguises = Vec::new();
    if name.trim_matches('\0').contains('\0') {
        disguises.push(Disguise::Nul);
    }
    if name.chars().any(|letter| letter != '\0' && is_passed_over(letter)) {
        disguises.push(Disguise::Invisible);
    }
    let bare = composed.get("_xlnm.".len()..).filter(|_| composed.starts_with('_')).unwrap_or(&composed);
    let stem_len = stem.chars().count();
    if is_oddly_cased(bare.chars().take(stem_len)) {
        disguises.push(Disguise::LetterCase);
    }
    if folded.chars().nth(stem_len).is_none_or(|letter| !letter.is_alphabetic()) {
        disguises.push(Disguise::LastLetter);
    }
    if seen != composed {
        disguises.push(Disguise::Decomposed);
    }
    Some((*event, disguises))
}

/// Characters in names that Excel passes over. U+200B and U+180E are not among them: they make
/// decoys that look like an event name and are none.
pub(super) fn is_passed_over(letter: char) -> bool {
    matches!(
        letter,
        '\0' | '\u{34F}'
            | '\u{200C}'
            | '\u{200D}'
            | '\u{2060}'
            | '\u{FEFF}'
            | '\u{FFEF}'
            | '\u{FFFD}'
            | '\u{AD}'
    )
}

/// Whether the letters are neither all small, all capital, nor capital only at the start of a word.
fn is_oddly_cased(letters: impl Iterator<Item = char>) -> bool {
    let letters: Vec<char> = letters.collect();
    let mut capitals_inside = false;
    let mut small_inside = false;
    let mut word_start = true;
    for letter in letters {
        if !letter.is_alphabetic() {
            word_start = true;
            continue;
        }
        if !word_start {
            capitals_inside |= letter.is_uppercase();
            small_inside |= letter.is_lowercase();
        }
        word_start = false;
    }
    capitals_inside && small_inside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str) -> Option<(Event, Vec<Disguise>)> {
        event_of_text(name)
    }

    #[test]
    fn plain_spellings_are_no_disguise() {
        for name in [
            "Auto_Open",
            "auto_open",
            "AUTO_OPEN",
            "Auto_open",
            "_xlnm.Auto_Open",
            "Auto_Open1",
            "Auto_OpenXyz",
        ] {
            assert_eq!(event(name), Some((Event::Open, vec![])), "{name}");
        }
        assert_eq!(event("Auto_Close"), Some((Event::Close, vec![])));
        assert_eq!(event("auto_Deactivate"), Some((Event::Deactivate, vec![])));
        assert_eq!(event("Auto_öffnen"), Some((Event::Open, vec![])));
    }

    #[test]
    fn disguises_are_seen_through_and_named() {
        assert_eq!(event("Auto\0_Open"), Some((Event::Open, vec![Disguise::Nul])));
        assert_eq!(event("Au\u{200D}to_Open"), Some((Event::Open, vec![Disguise::Invisible])));
        assert_eq!(event("aUtO_oPeN"), Some((Event::Open, vec![Disguise::LetterCase])));
        assert_eq!(event("Auto_Ope"), Some((Event::Open, vec![Disguise::LastLetter])));
        assert_eq!(event("Ａuto_Open"), Some((Event::Open, vec![Disguise::Decomposed])));
    }

    #[test]
    fn look_alikes_that_excel_does_not_run_are_left() {
        assert_eq!(event("Auto\u{200B}_Open"), None);
        assert_eq!(event("My_Auto_Open"), None);
        assert_eq!(event("Autofit"), None);
        assert_eq!(event(""), None);
    }
}
