//! Folds a text to what a person reads in it.
//!
//! Compatibility forms (full and half width, ligatures, circled and mathematical letters) become
//! plain letters, case and accents go, characters without width go (zero-width spaces, soft
//! hyphens, direction and variation controls), spaces and line breaks become one space, quotes,
//! dashes and slashes become one kind each, and Cyrillic, Greek and Armenian letters that stand in
//! for Latin ones become these.
//!
//! Accents are dropped also from letters that need them (`é`, `й`): phrases are folded the same
//! way. Marks of other scripts are composed again (Japanese voicing marks, Hangul).

use std::ops::Range;

use unicode_normalization::char::{compose, decompose_compatible};

/// A folded text, and where its pieces come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    /// The folded text.
    pub text: String,
    pieces: Vec<Piece>,
    glyphs: Vec<Glyph>,
    /// The other script that is around.
    around: Around,
}

/// A letter of another script than Latin that stood in one of the last texts. A text that is cut into
/// cells tells its script in some of them only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Around {
    letter: Option<char>,
    /// For how many more texts it counts.
    left: u8,
}

impl Around {
    /// How many texts a letter counts for.
    const TEXTS: u8 = 8;

    /// Around the next text, when this one has `letter` of its own.
    fn after(self, letter: Option<char>) -> Around {
        match letter {
            Some(_) => Around { letter, left: Self::TEXTS },
            None => {
                Around { letter: self.letter.filter(|_| self.left > 1), left: self.left.saturating_sub(1) }
            }
        }
    }
}

/// Bytes of the folded text that come from one stretch of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    at: usize,
    source: usize,
    source_end: usize,
    /// Whether each byte comes from one byte.
    linear: bool,
}

/// One character of the folded text before spaces are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Glyph {
    ch: char,
    /// The Latin letter that it looks like; 0 is none.
    look: u8,
    source: usize,
    source_end: usize,
}

/// Folds `text`.
pub fn fold(text: &str) -> Folded {
    let mut folded = Folded::default();
    folded.refold(text);
    Folded { glyphs: Vec::new(), around: Around::default(), ..folded }
}

impl Folded {
    /// The bytes of the source that bytes of the folded text come from: whole characters, if
    /// `folded` lies between characters.
    pub fn source_range(&self, folded: Range<usize>) -> Range<usize> {
        let start = self.piece(folded.start).map_or(0, |piece| piece.start_of(folded.start));
        let last = folded.end.max(1).saturating_sub(1);
        let end = self.piece(last).map_or(0, |piece| piece.end_of(folded.end));
        start..if folded.is_empty() { start } else { end.max(start) }
    }

    fn piece(&self, at: usize) -> Option<&Piece> {
        let behind = self.pieces.partition_point(|piece| piece.at <= at);
        self.pieces.get(behind.checked_sub(1)?)
    }

    /// Folds `text` into the memory of an earlier folding. What the texts before told of their script
    /// still counts.
    pub(super) fn refold(&mut self, text: &str) {
        self.text.clear();
        self.pieces.clear();
        if text.is_ascii() {
            self.around = self.around.after(None);
            self.fold_ascii(text);
        } else {
            self.glyphs.clear();
            read_glyphs(text, &mut self.glyphs);
            let own = unmask(&mut self.glyphs, self.around.letter);
            self.around = self.around.after(own);
            self.join();
        }
    }

    /// The other script that is around.
    pub(super) fn around(&self) -> Around {
        self.around
    }

    /// Says which other script is around the next text.
    pub(super) fn stand_beside(&mut self, around: Around) {
        self.around = around;
    }

    /// Notes a text that was not folded because nothing in it needs it.
    pub(super) fn pass_ascii(&mut self) {
        self.around = self.around.after(None);
    }

    fn fold_ascii(&mut self, text: &str) {
        let mut start = 0;
        let mut after_space = false;
        for (at, byte) in text.bytes().enumerate() {
            let space = byte == b' ' || byte.is_ascii_control();
            if space && (after_space || byte != b' ') {
                self.copy(text, start..at);
                start = at.saturating_add(1);
                if !after_space {
                    self.push(' ', at..start);
                }
            }
            after_space = space;
        }
        self.copy(text, start..text.len());
        self.text.make_ascii_lowercase();
    }

    fn copy(&mut self, text: &str, range: Range<usize>) {
        let Some(stretch) = text.get(range.clone()).filter(|stretch| !stretch.is_empty()) else { return };
        let (at, source, source_end) = (self.text.len(), range.start, range.end);
        self.pieces.push(Piece { at, source, source_end, linear: true });
        self.text.push_str(stretch);
    }

    fn join(&mut self) {
        let glyphs = std::mem::take(&mut self.glyphs);
        let mut after_space = false;
        for glyph in &glyphs {
            let space = glyph.ch == ' ';
            if !(space && after_space) {
                self.push(glyph.ch, glyph.source..glyph.source_end);
            }
            after_space = space;
        }
        self.glyphs = glyphs;
    }

    fn push(&mut self, ch: char, from: Range<usize>) {
        let at = self.text.len();
        self.text.push(ch);
        let linear = ch.len_utf8() == from.len();
        match self.pieces.last_mut() {
            Some(last) if linear && last.linear && last.source_end == from.start => {
                last.source_end = from.end;
            }
            _ => self.pieces.push(Piece { at, source: from.start, source_end: from.end, linear }),
        }
    }
}

impl Piece {
    fn start_of(&self, at: usize) -> usize {
        match self.linear {
            true => self.source.saturating_add(at.saturating_sub(self.at)).min(self.source_end),
            false => self.source,
        }
    }

    fn end_of(&self, at: usize) -> usize {
        if self.linear { self.start_of(at) } else { self.source_end }
    }
}

fn read_glyphs(text: &str, glyphs: &mut Vec<Glyph>) {
    for (source, ch) in text.char_indices() {
        let source_end = source.saturating_add(ch.len_utf8());
        let plain = Glyph { ch, look: 0, source, source_end };
        match ch {
            '\0'..=' ' | '\x7F' => glyphs.push(Glyph { ch: ' ', ..plain }),
            '!'..='~' => glyphs.push(Glyph { ch: ch.to_ascii_lowercase(), ..plain }),
            // Kana and ideographs that are their own normal form.
            '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FE}' | '\u{4E00}'..='\u{9FFF}' => glyphs.push(plain),
            // Letters without case, accent or other form: Hebrew, Arabic, Devanagari, Thai, Hangul.
            '\u{5D0}'..='\u{5EA}'
            | '\u{627}'..='\u{63A}'
            | '\u{641}'..='\u{648}'
            | '\u{904}'..='\u{928}'
            | '\u{92A}'..='\u{930}'
            | '\u{935}'..='\u{939}'
            | '\u{93E}'..='\u{94D}'
            | '\u{E01}'..='\u{E32}'
            | '\u{E34}'..='\u{E3A}'
            | '\u{E40}'..='\u{E4E}'
            | '\u{AC00}'..='\u{D7A3}' => glyphs.push(plain),
            // Cyrillic letters without an accent.
            '\u{410}'..='\u{44F}' if !matches!(ch, 'Й' | 'й') => {
                let code = u32::from(ch);
                let lower = char::from_u32(if code < 0x430 { code.saturating_add(32) } else { code });
                glyphs.push(Glyph { ch: lower.unwrap_or(ch), look: latin_look(ch), ..plain });
            }
            // Signs whose compatibility form begins with a space or doubles them.
            '\u{B4}' => glyphs.push(Glyph { ch: '\'', ..plain }),
            '\u{2033}' | '\u{2036}' => glyphs.push(Glyph { ch: '"', ..plain }),
            _ => decompose_compatible(ch, |part| fold_part(part, source..source_end, glyphs)),
        }
    }
}

fn fold_part(part: char, from: Range<usize>, glyphs: &mut Vec<Glyph>) {
    if part.is_ascii_graphic() {
        let (source, source_end) = (from.start, from.end);
        return glyphs.push(Glyph { ch: part.to_ascii_lowercase(), look: 0, source, source_end });
    }
    if has_no_width(part) {
        return;
    }
    let mut put = |ch: char, look: u8| {
        if let Some(last) = glyphs.last_mut()
            && let Some(composed) = compose(last.ch, ch)
        {
            *last = Glyph { ch: composed, look: 0, source: last.source, source_end: from.end };
        } else {
            glyphs.push(Glyph { ch, look, source: from.start, source_end: from.end });
        }
    };
    if let Some(sign) = plain_sign(part) {
        return put(sign, 0);
    }
    let shown = latin_look(part);
    match part {
        'ß' | 'ẞ' => ['s', 's'].into_iter().for_each(|ch| put(ch, 0)),
        _ => part.to_uppercase().flat_map(char::to_lowercase).for_each(|ch| {
            if !has_no_width(ch) {
                let ch = if ch == 'ς' { 'σ' } else { ch };
                // Whether a letter may stand in for a Latin one is asked of what it becomes, so that
                // folding again asks the same: `ᲀ` becomes `в`. Which one is asked of its own case.
                let look = latin_look(ch);
                put(ch, if look == 0 || shown == 0 { look } else { shown });
            }
        }),
    }
}

/// Makes one script of each word that mixes them. A word with a letter that only another script has
/// belongs to that script, and its Latin letters stand in for it; so does a word whose Latin letters
/// all can, in a text that has such letters elsewhere. In other words that mix scripts, the letters
/// that look Latin are. Words made of such letters only are Latin when the text has Latin
/// letters and no letter that is surely of another script. Returns such a letter; `around` is one that
/// stands in the texts before.
fn unmask(glyphs: &mut [Glyph], around: Option<char>) -> Option<char> {
    let letters = |glyph: &Glyph| glyph.ch.is_ascii_alphabetic() || is_european(glyph.ch) || glyph.look != 0;
    let words = || move |one: &Glyph, two: &Glyph| letters(one) && letters(two);
    let own = |glyph: &&Glyph| is_european(glyph.ch) && glyph.look == 0;
    let own_letter = glyphs.iter().find(own).map(|glyph| glyph.ch);
    if !glyphs.iter().any(|glyph| glyph.look != 0) {
        return own_letter;
    }
    let has_latin = glyphs.iter().any(|glyph| glyph.ch.is_ascii_alphabetic());
    let genuine = own_letter.or(around);
    for word in glyphs.chunk_by_mut(words()) {
        let latin = word.iter().filter(|glyph| glyph.ch.is_ascii_alphabetic()).count();
        let mixed = latin > 0 && latin < word.len();
        let stands_in =
            |glyph: &Glyph, beside| !glyph.ch.is_ascii_alphabetic() || stand_in(glyph.ch, beside).is_some();
        let by_text = genuine.filter(|letter| mixed && word.iter().all(|glyph| stands_in(glyph, *letter)));
        if let Some(letter) = word.iter().find(own).map(|glyph| glyph.ch).or(by_text) {
            for glyph in word.iter_mut().filter(|glyph| glyph.ch.is_ascii_alphabetic()) {
                glyph.ch = stand_in(glyph.ch, letter).unwrap_or(glyph.ch);
            }
        } else if mixed || (latin == 0 && has_latin && genuine.is_none()) {
            for glyph in word.iter_mut().filter(|glyph| glyph.look != 0) {
                glyph.ch = char::from(glyph.look);
            }
        }
    }
    own_letter
}

/// The letter that a Latin one stands in for beside a letter of Cyrillic or Greek.
fn stand_in(latin: char, beside: char) -> Option<char> {
    let table = match beside {
        '\u{400}'..='\u{52F}' => "aаbвcсeеhнiіjјkкmмoоpрsѕtтxхyу",
        '\u{370}'..='\u{3FF}' => "aαbβeεhηiιkκmμnνoοpρtτuυvνxχyυzζ",
        _ => return None,
    };
    let mut letters = table.chars();
    letters.find(|letter| *letter == latin).and_then(|_| letters.next())
}

/// Letters of Greek, Cyrillic and Armenian.
fn is_european(ch: char) -> bool {
    matches!(ch, '\u{370}'..='\u{3FF}' | '\u{400}'..='\u{52F}' | '\u{531}'..='\u{587}') && ch.is_alphabetic()
}

/// The Latin letter that a letter of another script looks like, 0 for none. Both cases of a
/// letter are listed or none.
fn latin_look(ch: char) -> u8 {
    match ch {
        'А' | 'а' | 'Α' | 'α' | 'ɑ' | 'Ɑ' => b'a',
        'В' | 'в' | 'Β' | 'β' => b'b',
        'С' | 'с' | 'Ϲ' | 'ϲ' => b'c',
        'Ԁ' | 'ԁ' => b'd',
        'Е' | 'е' | 'Ε' | 'ε' | 'Є' | 'є' => b'e',
        'ɡ' | 'Ɡ' => b'g',
        'Н' | 'н' | 'Һ' | 'һ' | 'Η' | 'Հ' | 'հ' => b'h',
        'І' | 'і' | 'Ι' | 'ι' => b'i',
        'Ј' | 'ј' | 'Ϳ' | 'ϳ' => b'j',
        'К' | 'к' | 'Κ' | 'κ' => b'k',
        'Ӏ' | 'ӏ' => b'l',
        'М' | 'м' | 'Μ' => b'm',
        'Ν' | 'η' | 'Ո' | 'ո' => b'n',
        'О' | 'о' | 'Ο' | 'ο' | 'Օ' | 'օ' => b'o',
        'Р' | 'р' | 'Ρ' | 'ρ' => b'p',
        'Ԛ' | 'ԛ' => b'q',
        'Ѕ' | 'ѕ' => b's',
        'Т' | 'т' | 'Τ' | 'τ' => b't',
        'υ' | 'μ' | 'Ս' | 'ս' => b'u',
        'Ѵ' | 'ѵ' | 'ν' => b'v',
        'Ԝ' | 'ԝ' => b'w',
        'Х' | 'х' | 'Χ' | 'χ' => b'x',
        'У' | 'у' | 'Ү' | 'ү' | 'Υ' => b'y',
        'Ζ' | 'ζ' => b'z',
        _ => 0,
    }
}

/// Characters that take no room of their own, accents, vowel points of Hebrew and Arabic, and the
/// stroke that stretches Arabic words.
fn has_no_width(ch: char) -> bool {
    matches!(ch,
        '\u{AD}' | '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5BD}' | '\u{5BF}' | '\u{5C1}' | '\u{5C2}' | '\u{5C4}'
        | '\u{5C5}' | '\u{5C7}' | '\u{610}'..='\u{61A}' | '\u{61C}' | '\u{640}' | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE00}'..='\u{FE0F}' | '\u{FE20}'..='\u{FE2F}' | '\u{FEFF}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// The one sign that stands for all of its kind.
fn plain_sign(ch: char) -> Option<char> {
    match ch {
        '\u{2800}' => Some(' '),
        _ if ch.is_whitespace() || ch.is_control() => Some(' '),
        '\u{2018}'..='\u{201B}'
        | '\u{2032}'
        | '\u{2035}'
        | '\u{2039}'
        | '\u{203A}'
        | '\u{2B9}'
        | '\u{2BC}' => Some('\''),
        '\u{201C}'..='\u{201F}' | '«' | '»' | '\u{300A}'..='\u{300F}' | '【' | '】' => Some('"'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        '¥' | '₩' | '\u{2216}' | '\u{29F5}' => Some('\\'),
        '\u{2044}' | '\u{2215}' | '\u{29F8}' => Some('/'),
        '→' | '\u{21D2}' | '\u{2794}' | '\u{27A1}' => Some('>'),
        // Arabic letters that keyboards of neighbouring languages write differently.
        '\u{649}' | '\u{6CC}' => Some('\u{64A}'),
        '\u{6A9}' => Some('\u{643}'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folded(text: &str) -> String {
        fold(text).text
    }

    /// The words of the source that `words` of the folded text come from.
    fn origin<'s>(source: &'s str, words: &str) -> &'s str {
        let folded = fold(source);
        let start = folded.text.find(words).unwrap();
        &source[folded.source_range(start..start + words.len())]
    }

    #[test]
    fn ascii_is_lowered_and_its_spaces_are_joined() {
        assert_eq!(folded("Enable \r\n\t Content\0!"), "enable content !");
        assert_eq!(origin("Press  Enable\r\nCONTENT now", "enable content"), "Enable\r\nCONTENT");
    }

    #[test]
    fn full_width_and_half_width_become_one() {
        assert_eq!(folded("Ｅｎａｂｌｅ　Ｃｏｎｔｅｎｔ"), "enable content");
        assert_eq!(folded("ﾊﾞｰｼﾞｮﾝ ﾌｫﾙﾀﾞ"), "バージョン フォルダ");
        assert_eq!(folded("カ\u{3099}"), "ガ");
        assert_eq!(origin("次のﾌｫﾙﾀﾞに", "フォルダ"), "ﾌｫﾙﾀﾞ");
    }

    #[test]
    fn characters_without_width_go() {
        assert_eq!(folded("En\u{200B}ab\u{AD}le\u{202E} Con\u{FEFF}tent"), "enable content");
        assert_eq!(origin("x En\u{200B}able y", "enable"), "En\u{200B}able");
    }

    #[test]
    fn letters_of_other_scripts_inside_latin_words_become_latin() {
        // Cyrillic Е, а, с, о and Greek ο.
        assert_eq!(folded("Еnаble Соntent сοру"), "enable content copy");
        assert_eq!(origin("now Еnаble it", "enable"), "Еnаble");
    }

    #[test]
    fn latin_letters_inside_words_of_another_script_become_theirs() {
        // Latin c, e, p, o.
        assert_eq!(folded("cодepжимoe"), "содержимое");
        assert_eq!(folded("Eνeργοποίηση"), "ενεργοποιηση");
        assert_eq!(origin("Включить cодepжимoe", "содержимое"), "cодepжимoe");
    }

    #[test]
    fn genuine_cyrillic_and_greek_words_stay() {
        assert_eq!(folded("Включить содержимое, а не Excel"), "включить содержимое, а не excel");
        assert_eq!(folded("Ενεργοποίηση"), "ενεργοποιηση");
        assert_eq!(folded("ΜΑΚΡΟΣ Μακρός"), "μακροσ μακροσ");
    }

    #[test]
    fn accents_ligatures_and_fancy_letters_become_plain() {
        assert_eq!(folded("Énable ﬁle 𝐂𝐨𝐧𝐭𝐞𝐧𝐭 ⓔ Straße İ ı"), "enable file content e strasse i i");
    }

    #[test]
    fn quotes_dashes_and_slashes_become_one_kind() {
        assert_eq!(folded("“a” ‘b’ 「c」 d—e ¥f ＼g →"), "\"a\" 'b' \"c\" d-e \\f \\g >");
    }

    #[test]
    fn folding_every_character_twice_changes_nothing() {
        for ch in '\0'..=char::MAX {
            let once = folded(ch.encode_utf8(&mut [0; 4]));
            assert_eq!(folded(&once), once, "U+{:04X}", u32::from(ch));
        }
    }

    #[test]
    fn letters_that_become_look_alikes_fold_once_as_twice() {
        // Old Slavonic forms of в and о: small letters whose capitals are the plain ones.
        for (source, once) in [("ﬀᲀ", "ffb"), ("c\u{1C82}py", "copy"), ("\u{1C80}\u{1C82}ж", "вож")] {
            assert_eq!(folded(source), once);
            assert_eq!(folded(once), once);
        }
    }

    #[test]
    fn every_letter_between_latin_letters_folds_once_as_twice() {
        for ch in ('\u{80}'..='\u{2FFFF}').filter(|ch| ch.is_alphabetic()) {
            for text in [
                format!("f{ch}f"),
                format!("f {ch}"),
                format!("a{ch}ж"),
                format!("{ch}ж f"),
                format!("{ch}\u{430} f"),
            ] {
                let once = folded(&text);
                assert_eq!(folded(&once), once, "U+{:04X}", u32::from(ch));
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn folding_twice_changes_nothing(text in "[\\PC\\x00-\\x20еаοсЖλがｶﾞﾟ\u{3099}\u{200B}\u{301}A-z]{0,40}") {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once);
        }

        #[test]
        fn every_folded_character_comes_from_characters_of_the_source(text in "[\\PCa-z \\n…ﾞ\u{3099}]{0,40}") {
            let folded = fold(&text);
            let mut before = 0;
            for (at, ch) in folded.text.char_indices() {
                let range = folded.source_range(at..at + ch.len_utf8());
                prop_assert!(text.get(range.clone()).is_some_and(|part| !part.is_empty()), "{range:?}");
                prop_assert!(range.start >= before);
                before = range.start;
            }
        }
    }
}
