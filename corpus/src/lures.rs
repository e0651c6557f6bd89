//! The lure set: texts that lure and texts that use the same words honestly, in every language.
//!
//! The texts stand in `corpus/lures/`, a file a language, a line a text: the family that it belongs
//! to or `innocent`, and the text. They are whole sentences of our own; nothing here knows the
//! phrases that a scorer looks for. [`workbook`] puts a text into a workbook with a macro that starts
//! by itself and does nothing, so that only the words decide.

use crate::biff::{Auto, Book, Name, Sheet, State};
use crate::{container, lettering};

/// One text of the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LureText {
    /// The language tag (BCP 47).
    pub language: &'static str,
    /// The family that it belongs to; none when it is innocent.
    pub family: Option<&'static str>,
    /// The text.
    pub text: &'static str,
}

/// Languages with their English names, in the order of the set.
pub const LANGUAGES: [(&str, &str, &str); 30] = [
    ("ar", "Arabic", include_str!("../lures/ar.txt")),
    ("zh-Hans", "Chinese (simplified)", include_str!("../lures/zh-hans.txt")),
    ("zh-Hant", "Chinese (traditional)", include_str!("../lures/zh-hant.txt")),
    ("cs", "Czech", include_str!("../lures/cs.txt")),
    ("da", "Danish", include_str!("../lures/da.txt")),
    ("nl", "Dutch", include_str!("../lures/nl.txt")),
    ("en", "English", include_str!("../lures/en.txt")),
    ("fi", "Finnish", include_str!("../lures/fi.txt")),
    ("fr", "French", include_str!("../lures/fr.txt")),
    ("de", "German", include_str!("../lures/de.txt")),
    ("el", "Greek", include_str!("../lures/el.txt")),
    ("he", "Hebrew", include_str!("../lures/he.txt")),
    ("hi", "Hindi", include_str!("../lures/hi.txt")),
    ("hu", "Hungarian", include_str!("../lures/hu.txt")),
    ("id", "Indonesian", include_str!("../lures/id.txt")),
    ("it", "Italian", include_str!("../lures/it.txt")),
    ("ja", "Japanese", include_str!("../lures/ja.txt")),
    ("ko", "Korean", include_str!("../lures/ko.txt")),
    ("nb", "Norwegian", include_str!("../lures/nb.txt")),
    ("pl", "Polish", include_str!("../lures/pl.txt")),
    ("pt-BR", "Portuguese (Brazil)", include_str!("../lures/pt-br.txt")),
    ("pt-PT", "Portuguese (Portugal)", include_str!("../lures/pt-pt.txt")),
    ("ro", "Romanian", include_str!("../lures/ro.txt")),
    ("ru", "Russian", include_str!("../lures/ru.txt")),
    ("es", "Spanish", include_str!("../lures/es.txt")),
    ("sv", "Swedish", include_str!("../lures/sv.txt")),
    ("th", "Thai", include_str!("../lures/th.txt")),
    ("tr", "Turkish", include_str!("../lures/tr.txt")),
    ("uk", "Ukrainian", include_str!("../lures/uk.txt")),
    ("vi", "Vietnamese", include_str!("../lures/vi.txt")),
];

/// The picture of the fixture `lure-known-picture.xls`, which stands in no document of anybody.
pub fn known_picture() -> Vec<u8> {
    lettering::picture(&["DOCSIFT TEST PICTURE", "KNOWN TO EVERY ANALYZER"], 2)
}

/// The SHA-256 of [`known_picture`].
pub const KNOWN_PICTURE_SHA256: [u8; 32] = [
    0xEE, 0x04, 0xAC, 0x16, 0x7C, 0xC4, 0x29, 0x2F, 0xA1, 0x04, 0xD9, 0x18, 0x84, 0xA1, 0x94, 0x86, 0x6B,
    0x11, 0x24, 0xF5, 0x40, 0x32, 0xA9, 0x1C, 0xFF, 0x08, 0x74, 0x68, 0x21, 0x41, 0xE7, 0x3D,
];

/// The texts of all languages.
///
/// # Panics
/// When a line has no family or no text.
pub fn all() -> Vec<LureText> {
    let mut texts = Vec::new();
    for (language, _, file) in LANGUAGES {
        for line in file.lines() {
            let (family, text) = line.split_once(" | ").expect("a family and a text");
            let family = (family != "innocent").then_some(family);
            assert!(!text.trim().is_empty(), "{language}: an empty text");
            texts.push(LureText { language, family, text });
        }
    }
    texts
}

/// A workbook that shows `cells` (row, column, text) and has a hidden macro sheet whose `Auto_Open`
/// says hello.
pub fn workbook(cells: &[(u32, u16, String)]) -> Vec<u8> {
    let mut sheet = Sheet::work("Info");
    for (row, column, text) in cells {
        sheet = sheet.texts(&address(*row, *column), &[text.as_str()]);
    }
    let macros = Sheet::macros("Macro1", State::Hidden).formulas("A1", &["ALERT(\"Hello\",2)", "RETURN()"]);
    let book = Book::new(vec![sheet, macros]).name(Name::auto(Auto::Open, "Macro1!$A$1"));
    container::workbook(book.stream(), "Workbook", "docsift", Vec::new())
}

fn address(row: u32, column: u16) -> String {
    let column = u32::from(column);
    let letter = |at: u32| char::from(b'A' + (at % 26) as u8);
    let name = if column < 26 {
        letter(column).to_string()
    } else {
        format!("{}{}", letter(column / 26 - 1), letter(column))
    };
    format!("{name}{}", row + 1)
}

/// Ways to keep a search for words from finding a text that a person reads all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disguise {
    /// Cut after every seventh character, one piece below the other.
    SplitDown,
    /// Cut after every ninth character, one piece beside the other.
    SplitAlong,
    /// One letter a cell, downwards.
    Vertical,
    /// One letter a line, in one cell.
    VerticalInCell,
    /// Zero-width spaces and soft hyphens between the letters.
    ZeroWidth,
    /// Letters of another script that look the same.
    LookAlikes,
    /// Full-width forms of ASCII.
    FullWidth,
    /// Marks of the writing direction around every word, as text that runs from right to left has.
    DirectionMarks,
    /// Stored from its end to its beginning, behind an override of the writing direction that shows it the
    /// right way round.
    Backwards,
}

impl Disguise {
    /// All of them.
    pub const ALL: [Disguise; 9] = [
        Disguise::SplitDown,
        Disguise::SplitAlong,
        Disguise::Vertical,
        Disguise::VerticalInCell,
        Disguise::ZeroWidth,
        Disguise::LookAlikes,
        Disguise::FullWidth,
        Disguise::DirectionMarks,
        Disguise::Backwards,
    ];

    /// What it is, for a table.
    pub fn name(self) -> &'static str {
        match self {
            Disguise::SplitDown => "split down a column",
            Disguise::SplitAlong => "split along a row",
            Disguise::Vertical => "one letter a cell, downwards",
            Disguise::VerticalInCell => "one letter a line",
            Disguise::ZeroWidth => "zero-width spaces and soft hyphens",
            Disguise::LookAlikes => "letters of another script",
            Disguise::FullWidth => "full-width letters",
            Disguise::DirectionMarks => "direction marks around words",
            Disguise::Backwards => "stored backwards behind a direction override",
        }
    }

    /// The cells (row, column, text) that show `text` this way.
    pub fn cells(self, text: &str) -> Vec<(u32, u16, String)> {
        let one = |text: String| vec![(1, 1, text)];
        let letters = || text.chars().filter(|ch| !ch.is_whitespace());
        match self {
            Disguise::SplitDown => pieces(text, 7).zip(1..).map(|(piece, row)| (row, 1, piece)).collect(),
            Disguise::SplitAlong => {
                pieces(text, 9).zip(1..).map(|(piece, column)| (1, column, piece)).collect()
            }
            Disguise::Vertical => letters().zip(1..).map(|(ch, row)| (row, 1, ch.to_string())).collect(),
            Disguise::VerticalInCell => one(letters().flat_map(|ch| [ch, '\n']).collect()),
            Disguise::ZeroWidth => {
                let between = ['\u{200B}', '\u{AD}', '\u{2060}'].into_iter().cycle();
                one(text.chars().zip(between).flat_map(|(ch, mark)| [ch, mark]).collect())
            }
            Disguise::LookAlikes => one(text.split_inclusive(' ').map(look_alike).collect()),
            Disguise::FullWidth => one(text.chars().map(full_width).collect()),
            Disguise::DirectionMarks => one(text
                .split_inclusive(' ')
                .flat_map(|word| ["\u{202B}\u{200F}", word, "\u{202C}\u{200E}"])
                .collect()),
            Disguise::Backwards => one(backwards(text)),
        }
    }
}

/// The text as it stands on the screen, from left to right or from right to left, behind the override that
/// shows it so. Signs stay behind the letter that they stand on.
fn backwards(text: &str) -> String {
    let leftward = |ch: char| matches!(ch, '\u{590}'..='\u{6FF}');
    let on_letter = |ch: char| {
        matches!(ch, '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5C7}' | '\u{64B}'..='\u{65F}' | '\u{900}'..='\u{903}'
            | '\u{93A}'..='\u{93C}' | '\u{93E}'..='\u{94F}' | '\u{E31}' | '\u{E34}'..='\u{E3A}' | '\u{E47}'..='\u{E4E}')
    };
    let mut letters: Vec<Vec<char>> = Vec::new();
    for ch in text.chars() {
        match letters.last_mut() {
            Some(last) if on_letter(ch) => last.push(ch),
            _ => letters.push(vec![ch]),
        }
    }
    letters.reverse();
    if !text.chars().any(leftward) {
        return format!("\u{202E}{}", letters.concat().iter().collect::<String>());
    }
    // Latin words and numbers in such a text run from left to right.
    let is_latin = |letter: &Vec<char>| letter[0].is_alphanumeric() && !leftward(letter[0]);
    for words in letters.chunk_by_mut(|one, two| !leftward(one[0]) && !leftward(two[0])) {
        if let (Some(first), Some(last)) = (words.iter().position(is_latin), words.iter().rposition(is_latin))
        {
            words[first..=last].reverse();
        }
    }
    format!("\u{202D}{}", letters.concat().iter().collect::<String>())
}

/// Pieces of `count` characters.
fn pieces(text: &str, count: usize) -> impl Iterator<Item = String> {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(count).map(|piece| piece.iter().collect()).collect::<Vec<String>>().into_iter()
}

/// The word with Cyrillic letters in the place of Latin ones, or the other way round.
fn look_alike(word: &str) -> String {
    const PAIRS: [(char, char); 7] =
        [('a', 'а'), ('e', 'е'), ('o', 'о'), ('p', 'р'), ('c', 'с'), ('x', 'х'), ('y', 'у')];
    // A path is typed by the person who reads it; letters of another script would lead nowhere.
    if word.contains('\\') {
        return word.to_owned();
    }
    let swap = |ch: char| {
        let pair = PAIRS.iter().find(|(latin, cyrillic)| *latin == ch || *cyrillic == ch);
        pair.map_or(ch, |(latin, cyrillic)| if *latin == ch { *cyrillic } else { *latin })
    };
    word.chars().map(swap).collect()
}

fn full_width(ch: char) -> char {
    match ch {
        ' ' => '\u{3000}',
        '!'..='~' => char::from_u32(u32::from(ch) + 0xFEE0).unwrap_or(ch),
        ch => ch,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_twelve_lures_and_twelve_innocent_texts() {
        for (language, _, _) in LANGUAGES {
            let texts: Vec<_> = all().into_iter().filter(|text| text.language == language).collect();
            let lures = texts.iter().filter(|text| text.family.is_some()).count();
            assert!(lures >= 12 && texts.len() - lures >= 12, "{language}");
        }
    }

    #[test]
    fn disguised_text_keeps_its_letters() {
        let cells = Disguise::SplitDown.cells("Enable Content");
        assert_eq!(cells, [(1, 1, "Enable ".to_owned()), (2, 1, "Content".to_owned())]);
        assert_eq!(Disguise::LookAlikes.cells("cope мак"), [(1, 1, "соре мaк".to_owned())]);
        assert_eq!(address(0, 0), "A1");
        assert_eq!(address(9, 27), "AB10");
    }
}
