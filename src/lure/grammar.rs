//! The words of the instruction grammar: one tree for all languages.
//!
//! The words stand in one data file a language under `phrases/`, whose format `phrases/README.md`
//! describes. All of them are one tree over folded text without spaces, slashes, hyphens and quotes.
//!
//! The tree is walked from the beginnings of words only, which an Aho-Corasick automaton cannot
//! do. [`Openings`] end nearly all walks before they begin, whatever the number of languages.

use std::sync::LazyLock;

use super::folding::Folded;
use super::instruction::{RULES, Role, Rule};
use super::language::Language;
use super::openings::{Opening, Openings};

/// One word or phrase that the automaton knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase {
    /// Bytes without skipped ones.
    pub(super) len: usize,
    /// Its roles, a bit each.
    pub(super) roles: u64,
    /// The languages that have it, a bit each.
    pub(super) languages: u64,
    /// Whether no letter or digit may stand behind it.
    pub(super) ends_word: bool,
    /// Whether a slash must stand in it: a path, not words.
    pub(super) needs_slash: bool,
}

/// One place in the tree of phrases: the byte that leads to it. Its first child is the node behind it.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// The next child of its parent, 0 for none; their bytes ascend.
    sibling: u32,
    /// One more than the index of the phrase that ends here, 0 for none.
    phrase: u16,
    byte: u8,
    has_child: bool,
}

/// All phrases, their tree, and the rules.
#[derive(Debug)]
pub(super) struct Grammar {
    pub(super) phrases: Vec<Phrase>,
    /// The root is node 0.
    nodes: Vec<Node>,
    /// The node behind the first byte of a phrase; 0 is none.
    starts: [u32; 256],
    pub(super) openings: Openings,
    /// Bytes of the longest phrase without skipped ones.
    pub(super) longest: usize,
    /// For each role, the rules that need it.
    pub(super) rules_of: [Vec<&'static Rule>; Role::COUNT],
}

const FILES: [(Language, &str); 30] = [
    (Language::Neutral, include_str!("phrases/paths.txt")),
    (Language::English, include_str!("phrases/en.txt")),
    (Language::Japanese, include_str!("phrases/ja.txt")),
    (Language::Arabic, include_str!("phrases/ar.txt")),
    (Language::ChineseSimplified, include_str!("phrases/zh-hans.txt")),
    (Language::ChineseTraditional, include_str!("phrases/zh-hant.txt")),
    (Language::Czech, include_str!("phrases/cs.txt")),
    (Language::Danish, include_str!("phrases/da.txt")),
    (Language::Dutch, include_str!("phrases/nl.txt")),
    (Language::Finnish, include_str!("phrases/fi.txt")),
    (Language::French, include_str!("phrases/fr.txt")),
    (Language::German, include_str!("phrases/de.txt")),
    (Language::Greek, include_str!("phrases/el.txt")),
    (Language::Hebrew, include_str!("phrases/he.txt")),
    (Language::Hindi, include_str!("phrases/hi.txt")),
    (Language::Hungarian, include_str!("phrases/hu.txt")),
    (Language::Indonesian, include_str!("phrases/id.txt")),
    (Language::Italian, include_str!("phrases/it.txt")),
    (Language::Korean, include_str!("phrases/ko.txt")),
    (Language::Norwegian, include_str!("phrases/nb.txt")),
    (Language::Polish, include_str!("phrases/pl.txt")),
    (Language::Portuguese, include_str!("phrases/pt.txt")),
    (Language::Romanian, include_str!("phrases/ro.txt")),
    (Language::Russian, include_str!("phrases/ru.txt")),
    (Language::Spanish, include_str!("phrases/es.txt")),
    (Language::Swedish, include_str!("phrases/sv.txt")),
    (Language::Thai, include_str!("phrases/th.txt")),
    (Language::Turkish, include_str!("phrases/tr.txt")),
    (Language::Ukrainian, include_str!("phrases/uk.txt")),
    (Language::Vietnamese, include_str!("phrases/vi.txt")),
];

/// A phrase as it is compiled: where its bytes stand, and what it is.
struct Entry {
    /// Its first eight bytes, for quick comparison.
    head: u64,
    from: usize,
    to: usize,
    phrase: Phrase,
}

impl Grammar {
    /// The grammar, built at the first call.
    pub(super) fn shared() -> &'static Grammar {
        static SHARED: LazyLock<Grammar> = LazyLock::new(|| Grammar::of(FILES.len()));
        &SHARED
    }

    /// The grammar of the first `count` data files.
    pub(super) fn of(count: usize) -> Grammar {
        let mut arena = Vec::new();
        let mut entries = Vec::new();
        let mut folded = Folded::default();
        for (language, text) in FILES.into_iter().take(count) {
            read(text, |line| {
                if let Ok((role, phrase)) = line {
                    entries.push(compile(role, phrase, language, &mut folded, &mut arena));
                }
            });
        }
        let arena = arena.as_slice();
        let text = |entry: &Entry| arena.get(entry.from..entry.to).unwrap_or_default();
        entries.sort_unstable_by(|one, two| one.head.cmp(&two.head).then_with(|| text(one).cmp(text(two))));
        entries.dedup_by(|later, kept| {
            let same = later.head == kept.head && text(later) == text(kept);
            if same {
                kept.phrase.roles |= later.phrase.roles;
                kept.phrase.languages |= later.phrase.languages;
                kept.phrase.ends_word &= later.phrase.ends_word;
                kept.phrase.needs_slash |= later.phrase.needs_slash;
            }
            same
        });
        let mut rules_of = [const { Vec::new() }; Role::COUNT];
        for rule in RULES {
            for role in rule.needs {
                rules_of.get_mut(*role as usize).into_iter().for_each(|rules: &mut Vec<_>| rules.push(rule));
            }
        }
        let root = Node { sibling: 0, phrase: 0, byte: 0, has_child: false };
        let mut grammar = Grammar {
            phrases: Vec::new(),
            nodes: vec![root],
            starts: [0; 256],
            openings: Openings::of(entries.iter().map(text)),
            longest: entries.iter().map(|entry| entry.phrase.len).max().unwrap_or(0),
            rules_of,
        };
        grammar.nodes.reserve(arena.len());
        let mut path = Vec::new();
        let mut before: &[u8] = &[];
        for (number, entry) in (1..).zip(&entries) {
            let text = text(entry);
            let shared = before.iter().zip(text).take_while(|(one, two)| one == two).count();
            grammar.grow(&mut path, shared, text, number);
            before = text;
        }
        grammar.phrases = entries.into_iter().map(|entry| entry.phrase).collect();
        grammar
    }

    /// Adds the next phrase in their order, which shares its first bytes with the one before. `path` has
    /// the nodes of that one.
    fn grow(&mut self, path: &mut Vec<u32>, shared: usize, text: &[u8], number: u16) {
        let next = u32::try_from(self.nodes.len()).unwrap_or(0);
        if let Some(before) = path.get(shared).and_then(|node| self.nodes.get_mut(*node as usize)) {
            before.sibling = next;
        }
        path.truncate(shared);
        let new = text.get(shared..).unwrap_or_default();
        for (byte, id) in new.iter().zip(next..) {
            let parent = path.last().copied().unwrap_or(0);
            if let Some(parent) = self.nodes.get_mut(parent as usize) {
                parent.has_child = true;
            }
            self.nodes.push(Node { sibling: 0, phrase: 0, byte: *byte, has_child: false });
            path.push(id);
        }
        if let Some(last) = self.nodes.last_mut() {
            last.phrase = number;
        }
        if let (Some(first), Some(node)) = (text.first(), path.first()) {
            self.starts.get_mut(usize::from(*first)).into_iter().for_each(|start| *start = *node);
        }
        self.openings.add(text, shared, path);
    }

    /// How many nodes the tree has.
    pub(super) fn node_count(&self) -> u32 {
        u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }

    /// What phrases begin with at a byte, which is in lower case.
    pub(super) fn start(&self, byte: u8) -> Option<Opening> {
        let node = self.starts.get(usize::from(byte)).copied().filter(|node| *node != 0)?;
        Some(Opening { node, len: 1 })
    }

    /// Whether a phrase goes on behind a node.
    pub(super) fn goes_on(&self, node: u32) -> bool {
        self.nodes.get(node as usize).is_some_and(|node| node.has_child)
    }

    /// The node behind one more byte, which is in lower case.
    pub(super) fn child(&self, node: u32, byte: u8) -> Option<u32> {
        let (child, _) = self.search(node, byte);
        child
    }

    /// The node behind one more byte, and how many nodes were looked at for it.
    pub(super) fn search(&self, node: u32, byte: u8) -> (Option<u32>, u32) {
        if !self.goes_on(node) {
            return (None, 0);
        }
        let (mut at, mut looks) = (node.saturating_add(1), 1_u32);
        loop {
            let Some(child) = self.nodes.get(at as usize) else { return (None, looks) };
            if child.byte >= byte || child.sibling <= at {
                return ((child.byte == byte).then_some(at), looks);
            }
            (at, looks) = (child.sibling, looks.saturating_add(1));
        }
    }

    /// The phrase that ends at a node.
    pub(super) fn phrase(&self, node: u32) -> Option<(u32, &Phrase)> {
        let index = u32::from(self.nodes.get(node as usize)?.phrase).checked_sub(1)?;
        Some((index, self.phrases.get(index as usize)?))
    }
}

/// Hands out the role and text of each phrase of a data file; a line that cannot be read is an error
/// with its number.
fn read<'t>(text: &'t str, mut each: impl FnMut(Result<(Role, &'t str), usize>)) {
    let mut role = None;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(head) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let mut columns = head.split(" | ");
            role = columns.next().and_then(Role::named);
            let marked = columns.next().is_some_and(|mark| matches!(mark, "V" | "V2" | "R" | "I"));
            let sourced = columns.next().is_some_and(|source| !source.is_empty()) && columns.next().is_none();
            role = role.filter(|_| marked && sourced);
            if role.is_none() {
                each(Err(number));
            }
            continue;
        }
        for phrase in line.split(';').map(str::trim_ascii) {
            each(match role {
                Some(role) if !phrase.is_empty() => Ok((role, phrase)),
                _ => Err(number),
            });
        }
    }
}

/// Folds a phrase, and puts its bytes behind those of others.
fn compile(role: Role, phrase: &str, language: Language, folded: &mut Folded, arena: &mut Vec<u8>) -> Entry {
    let from = arena.len();
    if phrase.is_ascii() {
        let bytes = phrase.bytes().filter(|byte| !is_skipped(*byte));
        arena.extend(bytes.map(|byte| byte.to_ascii_lowercase()));
    } else {
        for ch in folded.letters(phrase).filter(|ch| !is_skipped_char(*ch)) {
            arena.extend_from_slice(ch.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    let bare = arena.get(from..).unwrap_or_default();
    let mut head = [0; 8];
    head.iter_mut().zip(bare).for_each(|(to, byte)| *to = *byte);
    let last = bare.iter().rev().find(|byte| !is_continuation(**byte));
    let phrase = Phrase {
        len: bare.len(),
        roles: 1 << role as u32,
        languages: language.bit(),
        ends_word: last.is_some_and(|lead| is_letter(*lead)) && !phrase.ends_with('*'),
        needs_slash: phrase.contains('\\'),
    };
    Entry { head: u64::from_be_bytes(head), from, to: arena.len(), phrase }
}

fn is_skipped_char(ch: char) -> bool {
    u8::try_from(ch).is_ok_and(is_skipped)
}

/// Whether a byte of folded text, or of ASCII text, takes no part in matching.
pub(super) fn is_skipped(byte: u8) -> bool {
    unit(byte).letter() == 0
}

/// Whether a byte begins a letter or digit of a script that parts words with spaces and puts nothing
/// before them: ASCII, and Latin, Greek and Cyrillic letters of two bytes. In Hebrew and Arabic,
/// articles and conjunctions stand before a word without a space.
pub(super) fn is_letter(byte: u8) -> bool {
    unit(byte).0 & Unit::LETTER != 0
}

/// Whether a byte goes on with a character.
pub(super) fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// What a byte of folded text, or of ASCII text, is for matching.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit(u16);

impl Unit {
    /// The first byte of a letter, or a digit, in a script that parts words with spaces.
    const LETTER: u16 = 1 << 8;
    /// Any other byte that begins a character.
    const OTHER: u16 = 1 << 9;
    /// By how much these are shifted to say what a word begins behind.
    const BEHIND: u32 = 2;
    /// Behind the end of a text, where no word begins.
    pub(super) const END: Unit = Unit(0);

    /// The byte in lower case, 0 when it takes no part in matching.
    pub(super) fn letter(self) -> u8 {
        let [letter, _] = self.0.to_le_bytes();
        letter
    }

    /// Whether it goes on with a character.
    pub(super) fn continues(self) -> bool {
        self.0 & (Unit::LETTER | Unit::OTHER) == 0
    }

    /// Whether a word begins with it when the character that begins with `before` stands before it.
    pub(super) fn begins_word_behind(self, before: Unit) -> bool {
        self.0 >> Unit::BEHIND & before.0 & (Unit::LETTER | Unit::OTHER) != 0
    }

    /// Whether a word begins with it at the beginning of a text.
    pub(super) fn begins_word(self) -> bool {
        self.begins_word_behind(Unit(Unit::OTHER))
    }

    const fn of(byte: u8) -> Unit {
        Unit(match byte {
            0..=b' ' | b'\\' | b'/' | b'-' | b'_' | b'"' | b'\'' | b'`' | b'>' | b'*' | b'|' | 0x7F => {
                Unit::OTHER
            }
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | 0xC3..=0xD3 => {
                byte.to_ascii_lowercase() as u16 | Unit::LETTER | Unit::OTHER << Unit::BEHIND
            }
            0x80..=0xBF => byte as u16,
            _ => byte as u16 | Unit::OTHER | (Unit::LETTER | Unit::OTHER) << Unit::BEHIND,
        })
    }
}

#[inline]
pub(super) fn unit(byte: u8) -> Unit {
    UNITS.get(usize::from(byte)).copied().unwrap_or(Unit::END)
}

static UNITS: [Unit; 256] = {
    let mut units = [Unit::END; 256];
    let mut byte = 0_u8;
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    loop {
        units[byte as usize] = Unit::of(byte);
        if byte == u8::MAX {
            break units;
        }
        byte += 1;
    }
};

#[cfg(test)]
mod tests {
    use super::super::folding::fold;
    use super::super::instruction::Makes;
    use super::*;

    fn entries(text: &str) -> Vec<Result<(Role, &str), usize>> {
        let mut lines = Vec::new();
        read(text, |line| lines.push(line));
        lines
    }

    #[test]
    fn every_line_of_every_data_file_is_read() {
        for (language, text) in FILES {
            let lines = entries(text);
            let bad: Vec<usize> = lines.iter().filter_map(|line| line.err()).collect();
            assert_eq!(bad, Vec::<usize>::new(), "lines of {language:?}");
            assert!(lines.len() > 20);
        }
    }

    #[test]
    fn phrases_are_folded_as_texts_are() {
        let mut folded = Folded::default();
        for phrase in FILES.iter().flat_map(|(_, text)| entries(text)).map(|entry| entry.unwrap().1) {
            let text: String = fold(phrase).text.replace(' ', "");
            assert_eq!(folded.letters(phrase).filter(|ch| *ch != ' ').collect::<String>(), text);
        }
    }

    #[test]
    fn a_line_without_a_role_and_a_header_without_a_source_are_refused() {
        let file =
            "x\n[view | I | b]\na; c\n[view | I]\nd\n[no-such | I | b]\n[view | X | b]\n[view | V | b]\ne;\n";
        let view = |text| Ok((Role::View, text));
        assert_eq!(
            entries(file),
            [Err(1), view("a"), view("c"), Err(4), Err(5), Err(6), Err(7), view("e"), Err(9)]
        );
    }

    #[test]
    fn grammar_is_small_and_every_role_is_reached() {
        let grammar = Grammar::shared();
        assert!(grammar.node_count() < 1 << 17, "{} nodes", grammar.node_count());
        assert!(grammar.phrases.len() < usize::from(u16::MAX), "{} phrases", grammar.phrases.len());
        assert!(grammar.longest <= 112, "{} bytes", grammar.longest);
        let named = grammar.phrases.iter().fold(0, |roles, phrase| roles | phrase.roles);
        let made = RULES.iter().fold(0, |roles, rule| match rule.makes {
            Makes::Role(role) => roles | 1 << role as u64,
            Makes::Hit(..) => roles,
        });
        assert_eq!(named | made, (1_u64 << Role::COUNT) - 1);
    }

    #[test]
    fn every_language_has_words_for_every_part_of_an_instruction() {
        let parts = [
            Role::Label,
            Role::Enable,
            Role::Object,
            Role::Press,
            Role::Bar,
            Role::Document,
            Role::State,
            Role::Made,
            Role::Version,
            Role::WrongViewer,
            Role::Copy,
            Role::Folder,
            Role::Again,
            Role::Relaunch,
            Role::Policy,
            Role::Trusted,
            Role::Unblock,
            Role::Properties,
            Role::ProtectedView,
            Role::Disable,
            Role::AddTrusted,
            Role::DoubleClick,
            Role::Picture,
            Role::Scan,
            Role::Code,
            Role::Show,
            Role::Threat,
            Role::Caution,
        ];
        for (language, text) in FILES.iter().filter(|(language, _)| *language != Language::Neutral) {
            let roles: Vec<Role> = entries(text).into_iter().flatten().map(|(role, _)| role).collect();
            let missing: Vec<_> = parts.iter().filter(|part| !roles.contains(part)).collect();
            assert!(missing.is_empty(), "{language:?}: {missing:?}");
        }
    }
}
