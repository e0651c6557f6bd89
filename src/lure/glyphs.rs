//! Reads the characters of a text one by one: each becomes the plain letters that it stands for.

use std::ops::Range;
use std::sync::LazyLock;

use unicode_normalization::char::{canonical_combining_class, compose, decompose_compatible};

/// One character of the folded text before spaces are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glyph {
    pub(super) ch: char,
    /// The bytes of the source that it comes from.
    pub(super) source: u32,
    pub(super) source_end: u32,
    /// The Latin letter that it looks like; 0 is none.
    pub(super) look: u8,
    /// [`LATIN`], [`OWN`] or [`LOOK`] for a letter of a European script, else 0.
    pub(super) class: u8,
}

/// A letter of ASCII.
pub(super) const LATIN: u8 = 1;
/// A letter of Greek, Cyrillic or Armenian that looks like no Latin one.
pub(super) const OWN: u8 = 2;
/// A letter that looks like a Latin one.
pub(super) const LOOK: u8 = 4;

/// The characters of one text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Glyphs {
    pub(super) list: Vec<Glyph>,
    /// The classes that its letters have.
    pub(super) classes: u8,
    /// The first letter of class [`OWN`].
    pub(super) own: Option<char>,
    /// Stretches that are read in another direction and have not ended.
    directions: Vec<Direction>,
    /// How many more have begun.
    deeper: u32,
    /// Whether one of them was turned.
    turned: bool,
}

/// A stretch of text that begins with a control of the writing direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Direction {
    /// The character that begins it.
    control: char,
    begin: usize,
    /// How far letters were looked at.
    looked: usize,
    /// Whether one of them is shown against the direction of its script.
    opposed: bool,
}

/// How many stretches are followed that lie in each other. Each may turn what lies in it.
const DEPTH: usize = 8;

/// What is known of a character before it is met, for the ranges that most texts are made of.
#[derive(Debug, Clone, Copy)]
enum Known {
    /// It takes no room.
    Nothing,
    /// One letter, which joins with none before it.
    One { ch: char, look: u8, class: u8 },
    /// Several letters, or one that may join with the letter before.
    Other,
}

/// Latin with accents, Greek, Cyrillic, Armenian, Hebrew, Arabic; Vietnamese; signs of Western and East
/// Asian texts.
const RANGES: [Range<u32>; 4] = [0x80..0x800, 0x1E00..0x1F00, 0x2000..0x2070, 0x3000..0x3040];

static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let mut glyphs = Glyphs::default();
    let chars = RANGES.into_iter().flatten().map(|code| char::from_u32(code).unwrap_or(' '));
    chars
        .map(|ch| {
            glyphs.list.clear();
            glyphs.put_any(ch, 0..0);
            match *glyphs.list.as_slice() {
                [] => Known::Nothing,
                [Glyph { ch, look, class, .. }] if canonical_combining_class(ch) == 0 => {
                    Known::One { ch, look, class }
                }
                _ => Known::Other,
            }
        })
        .collect()
});

fn known(table: &[Known], ch: char) -> Known {
    let code = u32::from(ch);
    let index = match code {
        0x80..0x800 => code.wrapping_sub(0x80),
        0x1E00..0x1F00 => code.wrapping_sub(0x1E00).wrapping_add(0x780),
        0x2000..0x2070 => code.wrapping_sub(0x2000).wrapping_add(0x880),
        0x3000..0x3040 => code.wrapping_sub(0x3000).wrapping_add(0x8F0),
        _ => return Known::Other,
    };
    table.get(index as usize).copied().unwrap_or(Known::Other)
}

impl Glyphs {
    /// Reads `text`, which is shorter than 4 GiB.
    pub(super) fn read(&mut self, text: &str) {
        self.list.clear();
        self.classes = 0;
        self.own = None;
        self.turned = false;
        self.list.reserve(text.len() / 2);
        let table = KNOWN.as_slice();
        let mut source = 0_u32;
        for ch in text.chars() {
            let source_end = source.saturating_add(u32::try_from(ch.len_utf8()).unwrap_or(4));
            let from = source..source_end;
            source = source_end;
            match ch {
                'A'..='Z' | 'a'..='z' => {
                    self.put(ch.to_ascii_lowercase(), 0, LATIN, from);
                }
                '\0'..='\x7F' => {
                    if matches!(ch, '\n' | '\r') && !self.directions.is_empty() {
                        self.end_line();
                    }
                    let sign = if ch <= ' ' || ch == '\x7F' { ' ' } else { ch };
                    self.put(sign, 0, 0, from);
                }
                // Kana, ideographs, Devanagari, Thai and Hangul that are their own normal form and have
                // no case.
                '\u{3041}'..='\u{3096}'
                | '\u{30A1}'..='\u{30FE}'
                | '\u{4E00}'..='\u{9FFF}'
                | '\u{904}'..='\u{928}'
                | '\u{92A}'..='\u{930}'
                | '\u{935}'..='\u{939}'
                | '\u{93E}'..='\u{94D}'
                | '\u{E01}'..='\u{E32}'
                | '\u{E34}'..='\u{E3A}'
                | '\u{E40}'..='\u{E4E}'
                | '\u{AC00}'..='\u{D7A3}' => self.put(ch, 0, 0, from),
                '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => self.direct(ch),
                _ => match known(table, ch) {
                    Known::Nothing => {}
                    Known::One { ch: plain, look, class } => {
                        if ch == '\u{2029}' {
                            self.end_line();
                        }
                        self.put(plain, look, class, from);
                    }
                    Known::Other => self.put_any(ch, from),
                },
            }
        }
        self.end_line();
        if self.turned {
            self.join_again();
        }
    }

    /// Joins letters that stand beside each other only since a stretch was turned.
    fn join_again(&mut self) {
        let list = std::mem::take(&mut self.list);
        self.classes = 0;
        self.own = None;
        for glyph in list {
            if let Some(last) = self.list.last_mut()
                && let Some(composed) = compose(last.ch, glyph.ch)
            {
                *last = Glyph {
                    ch: composed,
                    look: 0,
                    class: class_of(composed, 0),
                    source: last.source.min(glyph.source),
                    source_end: last.source_end.max(glyph.source_end),
                };
            } else {
                self.put(glyph.ch, glyph.look, glyph.class, glyph.source..glyph.source_end);
            }
        }
    }

    fn put(&mut self, ch: char, look: u8, class: u8, from: Range<u32>) {
        self.classes |= class;
        if class == OWN && self.own.is_none() {
            self.own = Some(ch);
        }
        self.list.push(Glyph { ch, look, class, source: from.start, source_end: from.end });
    }

    /// Reads any character, by its compatibility form.
    fn put_any(&mut self, ch: char, from: Range<u32>) {
        match ch {
            // Signs whose compatibility form begins with a space or doubles them.
            '\u{B4}' => self.put('\'', 0, 0, from),
            '\u{2033}' | '\u{2036}' => self.put('"', 0, 0, from),
            _ => decompose_compatible(ch, |part| self.put_part(part, from.clone())),
        }
    }

    fn put_part(&mut self, part: char, from: Range<u32>) {
        if part.is_ascii_graphic() {
            let class = if part.is_ascii_alphabetic() { LATIN } else { 0 };
            return self.put(part.to_ascii_lowercase(), 0, class, from);
        }
        if has_no_width(part) {
            return;
        }
        if let Some(sign) = plain_sign(part) {
            return self.join(sign, 0, from);
        }
        let shown = latin_look(part);
        match part {
            'ß' | 'ẞ' => ['s', 's'].into_iter().for_each(|ch| self.join(ch, 0, from.clone())),
            _ => part.to_uppercase().flat_map(char::to_lowercase).for_each(|ch| {
                if !has_no_width(ch) {
                    let ch = if ch == 'ς' { 'σ' } else { ch };
                    // Whether a letter may stand in for a Latin one is asked of what it becomes, so that
                    // folding again asks the same: `ᲀ` becomes `в`. Which one is asked of its own case.
                    let look = latin_look(ch);
                    self.join(ch, if look == 0 || shown == 0 { look } else { shown }, from.clone());
                }
            }),
        }
    }

    /// Adds a letter, or makes one of it and the letter before.
    fn join(&mut self, ch: char, look: u8, from: Range<u32>) {
        if let Some(last) = self.list.last_mut()
            && let Some(composed) = compose(last.ch, ch)
        {
            *last = Glyph {
                ch: composed,
                look: 0,
                class: class_of(composed, 0),
                source: last.source,
                source_end: from.end,
            };
        } else {
            self.put(ch, look, class_of(ch, look), from);
        }
    }

    /// Takes a control of the writing direction (Unicode Standard Annex #9): texts that are stored
    /// backwards behind an override are read as they are shown.
    fn direct(&mut self, control: char) {
        match control {
            '\u{202C}' => {
                let ends = self.directions.last().is_some_and(|last| !is_isolate(last.control));
                if let Some(deeper) = self.deeper.checked_sub(1) {
                    self.deeper = deeper;
                } else if ends {
                    self.end_direction();
                }
            }
            '\u{2069}' => {
                self.deeper = 0;
                if self.directions.iter().any(|open| is_isolate(open.control)) {
                    while self.end_direction().is_some_and(|ended| !is_isolate(ended)) {}
                }
            }
            _ if self.directions.len() >= DEPTH => self.deeper = self.deeper.saturating_add(1),
            _ => {
                let begin = self.list.len();
                self.directions.push(Direction { control, begin, looked: begin, opposed: false });
            }
        }
    }

    fn end_line(&mut self) {
        self.deeper = 0;
        while self.end_direction().is_some() {}
    }

    /// Ends the last stretch, and turns it when it is shown in the other direction than what is around
    /// it. Returns what began it.
    fn end_direction(&mut self) -> Option<char> {
        let mut ended = self.directions.pop()?;
        let turned = ended.is_turned(&self.list);
        let around = self.directions.last_mut().is_some_and(|around| around.is_turned(&self.list));
        if turned == around {
            return Some(ended.control);
        }
        self.turned = true;
        let stretch = self.list.get_mut(ended.begin..).unwrap_or_default();
        stretch.reverse();
        // A sign above or below a letter stays behind it, and so does what one character became.
        let together = |one: &Glyph, two: &Glyph| stands_on_letter(one.ch) || one.source == two.source;
        stretch.chunk_by_mut(together).for_each(<[Glyph]>::reverse);
        if turned {
            turn_words(stretch, ended.control == '\u{202D}');
        }
        Some(ended.control)
    }
}

/// Words of the other direction in a stretch that was turned are read in their own.
fn turn_words(stretch: &mut [Glyph], leftward: bool) {
    let other = |glyph: &Glyph| match runs_leftward(glyph.ch) {
        Some(runs) => runs != leftward,
        None => leftward && glyph.ch.is_ascii_digit(),
    };
    let own = |glyph: &Glyph| !other(glyph) && runs_leftward(glyph.ch).is_some();
    for words in stretch.chunk_by_mut(|one, two| !own(one) && !own(two)) {
        let ends = (words.iter().position(other), words.iter().rposition(other));
        if let (Some(first), Some(last)) = ends {
            words.get_mut(first..=last).unwrap_or_default().reverse();
        }
    }
}

impl Direction {
    /// Whether an override shows letters of the stretch, which reaches to the end of `list`, against the
    /// direction of their script.
    fn is_turned(&mut self, list: &[Glyph]) -> bool {
        let opposed = match self.control {
            '\u{202D}' => true,
            '\u{202E}' => false,
            _ => return false,
        };
        if !self.opposed {
            let mut new = list.get(self.looked..).unwrap_or_default().iter();
            self.opposed = new.any(|glyph| runs_leftward(glyph.ch) == Some(opposed));
            self.looked = list.len();
        }
        self.opposed
    }
}

fn is_isolate(control: char) -> bool {
    matches!(control, '\u{2066}'..='\u{2068}')
}

/// Whether a letter belongs to a script that is written from right to left; none for what is no letter.
fn runs_leftward(ch: char) -> Option<bool> {
    match ch {
        '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' => Some(true),
        _ => ch.is_alphabetic().then_some(false),
    }
}

/// Vowel signs and tone marks of Devanagari and Thai. The sign that the Thai vowel am begins with stands
/// before the rest of it.
fn stands_on_letter(ch: char) -> bool {
    matches!(ch, '\u{900}'..='\u{903}' | '\u{93A}'..='\u{93C}' | '\u{93E}'..='\u{94F}' | '\u{E31}' | '\u{E34}'..='\u{E3A}' | '\u{E47}'..='\u{E4C}' | '\u{E4E}')
}

fn class_of(ch: char, look: u8) -> u8 {
    match look {
        0 if ch.is_ascii_alphabetic() => LATIN,
        0 if is_european(ch) => OWN,
        0 => 0,
        _ => LOOK,
    }
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
