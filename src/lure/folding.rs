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

use super::glyphs::{Glyph, Glyphs, LATIN, LOOK, OWN};

/// A folded text, and where its pieces come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    /// The folded text.
    pub text: String,
    pieces: Vec<Piece>,
    /// Whether each piece comes from behind the one before it.
    turned: bool,
    glyphs: Glyphs,
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

/// Folds `text`, of which the first 4 GiB count.
pub fn fold(text: &str) -> Folded {
    let mut folded = Folded::default();
    folded.refold(text);
    Folded { glyphs: Glyphs::default(), around: Around::default(), ..folded }
}

impl Folded {
    /// The bytes of the source that bytes of the folded text come from: whole characters, if
    /// `folded` lies between characters.
    pub fn source_range(&self, folded: Range<usize>) -> Range<usize> {
        let start = self.piece(folded.start).map_or(0, |(_, piece)| piece.start_of(folded.start));
        if folded.is_empty() {
            return start..start;
        }
        let last = folded.end.saturating_sub(1);
        let end = self.piece(last).map_or(0, |(_, piece)| piece.end_of(folded.end));
        if self.turned {
            let within = |piece: &&Piece| piece.at < folded.end;
            let first = self.piece(folded.start).map_or(0, |(index, _)| index);
            let pieces = || self.pieces.get(first..).unwrap_or_default().iter().take_while(within);
            let from = pieces().map(|piece| piece.start_of(folded.start.max(piece.at))).min();
            // Only a piece that goes on behind the range ends before its own end.
            let to = pieces().map(|piece| piece.end_of(folded.end)).max();
            return from.unwrap_or(start)..to.unwrap_or(end);
        }
        start..end.max(start)
    }

    fn piece(&self, at: usize) -> Option<(usize, &Piece)> {
        let index = self.pieces.partition_point(|piece| piece.at <= at).checked_sub(1)?;
        Some((index, self.pieces.get(index)?))
    }

    /// Folds `text` into the memory of an earlier folding. What the texts before told of their script
    /// still counts.
    pub(super) fn refold(&mut self, text: &str) {
        let text = text.get(..text.floor_char_boundary(u32::MAX as usize)).unwrap_or(text);
        self.text.clear();
        self.pieces.clear();
        self.turned = false;
        if text.is_ascii() {
            self.around = self.around.after(None);
            self.fold_ascii(text);
        } else {
            self.glyphs.read(text);
            unmask(&mut self.glyphs, self.around.letter);
            self.around = self.around.after(self.glyphs.own);
            self.text.reserve(text.len());
            self.join();
        }
    }

    /// The letters that a text becomes which stands alone, each space of its own.
    pub(super) fn letters(&mut self, text: &str) -> String {
        self.glyphs.read(text);
        unmask(&mut self.glyphs, None);
        self.glyphs.list.iter().map(|glyph| glyph.ch).collect()
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
        let Folded { text, pieces, turned, glyphs, .. } = self;
        let mut open = Piece { at: 0, source: 0, source_end: 0, linear: true };
        let mut after_space = false;
        for glyph in &glyphs.list {
            let space = glyph.ch == ' ';
            if space && after_space {
                continue;
            }
            after_space = space;
            let at = text.len();
            text.push(glyph.ch);
            let (source, source_end) = (glyph.source as usize, glyph.source_end as usize);
            let linear = text.len().saturating_sub(at) == source_end.saturating_sub(source);
            if linear && open.linear && open.source_end == source {
                open.source_end = source_end;
            } else {
                *turned |= source < open.source;
                if open.source_end > open.source {
                    pieces.push(open);
                }
                open = Piece { at, source, source_end, linear };
            }
        }
        if open.source_end > open.source {
            pieces.push(open);
        }
    }

    fn push(&mut self, ch: char, from: Range<usize>) {
        let (at, source, source_end) = (self.text.len(), from.start, from.end);
        self.text.push(ch);
        self.pieces.push(Piece { at, source, source_end, linear: false });
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

/// Makes one script of each word that mixes them. A word with a letter that only another script has
/// belongs to that script, and its Latin letters stand in for it; so does a word whose Latin letters
/// all can, in a text that has such letters elsewhere. In other words that mix scripts, the letters
/// that look Latin are. Words made of such letters only are Latin when the text has Latin
/// letters and no letter that is surely of another script; `around` is one that
/// stands in the texts before.
fn unmask(glyphs: &mut Glyphs, around: Option<char>) {
    if glyphs.classes & LOOK == 0 || glyphs.classes & LATIN == 0 {
        return;
    }
    let genuine = glyphs.own.or(around);
    let is_latin = |glyph: &Glyph| glyph.class == LATIN;
    for word in glyphs.list.chunk_by_mut(|one, two| one.class != 0 && two.class != 0) {
        let classes = word.iter().fold(0, |classes, glyph| classes | glyph.class);
        let mixed = classes & LATIN != 0 && classes != LATIN;
        if !(mixed || (classes == LOOK && genuine.is_none())) {
            continue;
        }
        let stands_in = |glyph: &Glyph, beside| !is_latin(glyph) || stand_in(glyph.ch, beside).is_some();
        let by_text = genuine.filter(|letter| word.iter().all(|glyph| stands_in(glyph, *letter)));
        let own = word.iter().find(|glyph| glyph.class == OWN).map(|glyph| glyph.ch);
        if let Some(letter) = own.or(by_text.filter(|_| mixed)) {
            for glyph in word.iter_mut().filter(|glyph| is_latin(glyph)) {
                glyph.ch = stand_in(glyph.ch, letter).unwrap_or(glyph.ch);
            }
        } else {
            for glyph in word.iter_mut().filter(|glyph| glyph.look != 0) {
                glyph.ch = char::from(glyph.look);
            }
        }
    }
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
        assert_eq!(folded("En\u{200B}ab\u{AD}le\u{202A} Con\u{FEFF}tent"), "enable content");
        assert_eq!(origin("x En\u{200B}able y", "enable"), "En\u{200B}able");
    }

    #[test]
    fn text_stored_backwards_is_read_as_it_is_shown() {
        assert_eq!(folded("say \u{202E}tnetnoC elbanE\u{202C} now"), "say enable content now");
        assert_eq!(folded("\u{202E}elbanE\nContent"), "enable content");
        // An isolate ends what lies in it; an end of another kind does not.
        assert_eq!(folded("\u{2066}\u{202E}ba\u{2069} cd\u{202C}"), "ab cd");
        assert_eq!(folded("\u{202E}\u{2067}dcb\u{202C}a\u{2069}"), "dcba");
        // An override inside one of the same direction changes nothing, one of the other does.
        assert_eq!(folded("\u{202E}c\u{202E}ab\u{202C}"), "bac");
        assert_eq!(folded("\u{202E}c\u{202D}ab\u{202C}"), "abc");
        // Hebrew stored backwards, shown from left to right.
        assert_eq!(folded("\u{202D}ןכות רשפא\u{202C}"), "אפשר תוכן");
        // Words of the other direction in it are read in their own.
        assert_eq!(folded("\u{202D}12 Excel ל ןכות"), "תוכן ל 12 excel");
        assert_eq!(folded("\u{202E}ecifo תוכן ylpa"), "aply תוכן ofice");
        // An override in the direction of the letters changes nothing.
        assert_eq!(folded("\u{202E}אפשר תוכן\u{202C} \u{202D}Content"), "אפשר תוכן content");
        // Vowel signs of Thai stay on their letters.
        assert_eq!(folded("\u{202E}ก้าน\u{202C}"), "นาก้");
        assert_eq!(origin("say \u{202E}tnetnoC elbanE\u{202C} now", "content"), "tnetnoC");
        assert_eq!(origin("say \u{202E}tnetnoC elbanE\u{202C} now", "enable"), "elbanE");
        assert_eq!(
            origin("say \u{202E}tnetnoC elbanE\u{202C} now", "say enable"),
            "say \u{202E}tnetnoC elbanE"
        );
    }

    #[test]
    fn turned_text_folds_once_as_twice() {
        for source in [
            "a\u{202E}\u{3099}か",
            "\u{202E}\u{11A8}\u{1161}\u{1100}",
            "\u{202E}ж λ aо",
            "\u{202D}אα\u{202E}жo cо\u{202C} a",
        ] {
            let once = folded(source);
            assert_eq!(folded(&once), once, "{source:?}");
        }
        assert_eq!(folded("a\u{202E}\u{3099}か"), "aが");
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
        fn folding_twice_changes_nothing(text in "[\\PC\\x00-\\x20еаοсЖλがｶﾞﾟ\u{3099}\u{200B}\u{301}\u{202A}-\u{202E}\u{2066}-\u{2069}A-z]{0,40}") {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once);
        }

        #[test]
        fn words_of_turned_text_come_from_within_it(text in "[a-zé אב\n\u{202A}-\u{202E}\u{2066}-\u{2069}]{0,40}") {
            let folded = fold(&text);
            let mut starts = folded.text.char_indices().map(|(at, _)| at).chain([folded.text.len()]).collect::<Vec<_>>();
            starts.dedup();
            for (nth, start) in starts.iter().enumerate() {
                for end in &starts[nth + 1..] {
                    let range = folded.source_range(*start..*end);
                    prop_assert!(text.get(range.clone()).is_some_and(|part| !part.is_empty()), "{range:?}");
                }
            }
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
