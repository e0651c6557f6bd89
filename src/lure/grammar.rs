//! The words of the instruction grammar: one tree for all languages.
//!
//! The words stand in one data file a language under `phrases/`, whose format `phrases/README.md`
//! describes. All of them are one tree over folded text without spaces, slashes, hyphens and quotes.
//!
//! The tree is walked from the beginnings of words only, which an Aho-Corasick automaton cannot
//! do. A table of first letters ends most walks before they begin, whatever the number of languages.

use std::sync::LazyLock;

use super::fold;
use super::instruction::{RULES, Role, Rule};
use super::language::Language;

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

/// One place in the tree of phrases.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// Index of the phrase that ends here, if one does.
    phrase: Option<u32>,
    first_edge: u32,
    edge_count: u32,
}

/// All phrases, their tree, and the rules.
#[derive(Debug)]
pub(super) struct Grammar {
    pub(super) phrases: Vec<Phrase>,
    /// The root is node 0.
    nodes: Vec<Node>,
    /// Byte and node that it leads to; the edges of one node stand together.
    edges: Vec<(u8, u32)>,
    /// The node behind the first byte of a phrase, in either case; 0 is none.
    starts: [u32; 256],
    /// A bit for each hash of four bytes that begin a phrase.
    openings: Vec<u64>,
    /// A bit for each first byte of a phrase of fewer bytes.
    short: [bool; 256],
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

impl Grammar {
    /// The grammar, built at the first call.
    pub(super) fn shared() -> &'static Grammar {
        static SHARED: LazyLock<Grammar> = LazyLock::new(Grammar::build);
        &SHARED
    }

    fn build() -> Grammar {
        let mut bare: Vec<(String, Phrase)> = Vec::new();
        for (language, text) in FILES {
            entries(text).flatten().for_each(|(role, phrase)| bare.push(compile(role, phrase, language)));
        }
        bare.sort_by(|(one, _), (two, _)| one.cmp(two));
        bare.dedup_by(|(text, later), (kept, first)| {
            let same = text == kept;
            if same {
                first.roles |= later.roles;
                first.languages |= later.languages;
                first.ends_word &= later.ends_word;
                first.needs_slash |= later.needs_slash;
            }
            same
        });
        let mut rules_of = [const { Vec::new() }; Role::COUNT];
        for rule in RULES {
            for role in rule.needs {
                rules_of.get_mut(*role as usize).into_iter().for_each(|rules: &mut Vec<_>| rules.push(rule));
            }
        }
        let longest = bare.iter().map(|(_, phrase)| phrase.len).max().unwrap_or(0);
        let mut grammar = Grammar {
            phrases: Vec::new(),
            nodes: Vec::new(),
            edges: Vec::new(),
            starts: [0; 256],
            openings: vec![0; OPENINGS / 64],
            short: [false; 256],
            longest,
            rules_of,
        };
        grammar.grow(&bare);
        grammar.phrases = bare.into_iter().map(|(_, phrase)| phrase).collect();
        grammar
    }

    /// Makes the tree of sorted phrases: a node stands for those that share their first bytes.
    fn grow(&mut self, bare: &[(String, Phrase)]) {
        let mut shares = vec![(0_usize, bare.len(), 0_usize)];
        let mut next = 0;
        while let Some((from, to, depth)) = shares.get(next).copied() {
            next = next.saturating_add(1);
            let byte_of =
                |index: usize| bare.get(index).and_then(|(text, _)| text.as_bytes().get(depth).copied());
            let ends = from < to && byte_of(from).is_none();
            let phrase = if ends { u32::try_from(from).ok() } else { None };
            let first_edge = self.edges.len();
            let mut at = from.saturating_add(usize::from(ends));
            while let Some(byte) = byte_of(at).filter(|_| at < to) {
                let begin = at;
                while at < to && byte_of(at) == Some(byte) {
                    at = at.saturating_add(1);
                }
                self.edges.push((byte, u32::try_from(shares.len()).unwrap_or(0)));
                shares.push((begin, at, depth.saturating_add(1)));
            }
            let edge_count = self.edges.len().saturating_sub(first_edge);
            let count = |value: usize| u32::try_from(value).unwrap_or(0);
            self.nodes.push(Node { phrase, first_edge: count(first_edge), edge_count: count(edge_count) });
        }
        for &(first, node) in self.edges_of(0).to_vec().iter() {
            for byte in [first, first.to_ascii_uppercase()] {
                self.starts.get_mut(usize::from(byte)).into_iter().for_each(|start| *start = node);
            }
        }
        for (text, _) in bare {
            match text.as_bytes().first_chunk() {
                Some(four) => {
                    let (word, bit) = opening(*four);
                    self.openings.get_mut(word).into_iter().for_each(|bits| *bits |= bit);
                }
                None => {
                    let first = text.as_bytes().first().copied().unwrap_or(0);
                    for byte in [first, first.to_ascii_uppercase()] {
                        self.short.get_mut(usize::from(byte)).into_iter().for_each(|short| *short = true);
                    }
                }
            }
        }
    }

    fn edges_of(&self, node: u32) -> &[(u8, u32)] {
        let Some(node) = self.nodes.get(node as usize) else { return &[] };
        let start = node.first_edge as usize;
        self.edges.get(start..start.saturating_add(node.edge_count as usize)).unwrap_or_default()
    }

    /// How many nodes the tree has.
    pub(super) fn node_count(&self) -> u32 {
        u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }

    /// The node that a phrase begins with at `byte`, in either case.
    pub(super) fn start(&self, byte: u8) -> Option<u32> {
        self.starts.get(usize::from(byte)).copied().filter(|node| *node != 0)
    }

    /// Whether a phrase may begin with these bytes, in either case; none of them is skipped. Few other
    /// words pass.
    pub(super) fn may_open(&self, four: [u8; 4]) -> bool {
        let (word, bit) = opening(four);
        let [first, ..] = four;
        self.openings.get(word).is_some_and(|bits| bits & bit != 0)
            || self.short.get(usize::from(first)).is_some_and(|short| *short)
    }

    /// The node behind one more byte, which is in lower case.
    pub(super) fn child(&self, node: u32, byte: u8) -> Option<u32> {
        self.edges_of(node).iter().find(|(edge, _)| *edge == byte).map(|(_, node)| *node)
    }

    /// The phrase that ends at a node.
    pub(super) fn phrase(&self, node: u32) -> Option<(u32, &Phrase)> {
        let index = self.nodes.get(node as usize)?.phrase?;
        Some((index, self.phrases.get(index as usize)?))
    }
}

/// Bits of the table of first letters.
const OPENINGS: usize = 1 << 16;

/// Where the bit for four bytes stands. Letters of either case have the same.
fn opening(four: [u8; 4]) -> (usize, u64) {
    let lower = u32::from_le_bytes(four) | 0x2020_2020;
    let index = lower.wrapping_mul(0x9E37_79B1) >> 16;
    (index as usize >> 6, 1 << (index & 63))
}

/// The role and text of each phrase of a data file; a line that cannot be read is an error with its
/// number.
fn entries(text: &str) -> impl Iterator<Item = Result<(Role, &str), usize>> {
    let mut role = None;
    (1..).zip(text.lines()).flat_map(move |(number, line)| {
        let line = line.trim();
        let mut read: Vec<Result<(Role, &str), usize>> = Vec::new();
        if line.is_empty() || line.starts_with('#') {
            return read;
        }
        if let Some(head) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let mut columns = head.split(" | ");
            role = columns.next().and_then(Role::named);
            let marked = columns.next().is_some_and(|mark| matches!(mark, "V" | "V2" | "R" | "I"));
            let sourced = columns.next().is_some_and(|source| !source.is_empty()) && columns.next().is_none();
            role = role.filter(|_| marked && sourced);
            read.extend(role.is_none().then_some(Err(number)));
            return read;
        }
        read.extend(line.split(';').map(str::trim).map(|phrase| match role {
            Some(role) if !phrase.is_empty() => Ok((role, phrase)),
            _ => Err(number),
        }));
        read
    })
}

fn compile(role: Role, phrase: &str, language: Language) -> (String, Phrase) {
    let bare: String = fold(phrase).text.chars().filter(|ch| !is_skipped_char(*ch)).collect();
    let ends_in_letter = bare.chars().next_back().is_some_and(|ch| {
        let mut bytes = [0; 4];
        ch.encode_utf8(&mut bytes);
        let [lead, ..] = bytes;
        is_letter(lead)
    });
    let entry = Phrase {
        len: bare.len(),
        roles: 1 << role as u32,
        languages: language.bit(),
        ends_word: ends_in_letter && !phrase.ends_with('*'),
        needs_slash: phrase.contains('\\'),
    };
    (bare, entry)
}

fn is_skipped_char(ch: char) -> bool {
    u8::try_from(ch).is_ok_and(is_skipped)
}

/// Whether a byte of folded text, or of ASCII text, takes no part in matching.
pub(super) fn is_skipped(byte: u8) -> bool {
    kind(byte) & SKIPPED != 0
}

/// Whether a byte begins a letter or digit of a script that parts words with spaces and puts nothing
/// before them: ASCII, and Latin, Greek and Cyrillic letters of two bytes. In Hebrew and Arabic,
/// articles and conjunctions stand before a word without a space.
pub(super) fn is_letter(byte: u8) -> bool {
    kind(byte) & LETTER != 0
}

/// Whether a byte goes on with a character.
pub(super) fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

const SKIPPED: u8 = 1;
const LETTER: u8 = 2;

fn kind(byte: u8) -> u8 {
    KINDS.get(usize::from(byte)).copied().unwrap_or(0)
}

const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0_u8;
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    loop {
        kinds[byte as usize] = match byte {
            0..=b' ' | b'\\' | b'/' | b'-' | b'_' | b'"' | b'\'' | b'`' | b'>' | b'*' | b'|' | 0x7F => {
                SKIPPED
            }
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | 0xC3..=0xD3 => LETTER,
            _ => 0,
        };
        if byte == u8::MAX {
            break kinds;
        }
        byte += 1;
    }
};

#[cfg(test)]
mod tests {
    use super::super::instruction::Makes;
    use super::*;

    #[test]
    fn every_line_of_every_data_file_is_read() {
        for (language, text) in FILES {
            let bad: Vec<usize> = entries(text).filter_map(Result::err).collect();
            assert_eq!(bad, Vec::<usize>::new(), "lines of {language:?}");
            assert!(entries(text).count() > 20);
        }
    }

    #[test]
    fn a_line_without_a_role_and_a_header_without_a_source_are_refused() {
        let file =
            "x\n[view | I | b]\na; c\n[view | I]\nd\n[no-such | I | b]\n[view | X | b]\n[view | V | b]\ne;\n";
        let view = |text| Ok((Role::View, text));
        let lines: Vec<_> = entries(file).collect();
        assert_eq!(lines, [Err(1), view("a"), view("c"), Err(4), Err(5), Err(6), Err(7), view("e"), Err(9)]);
    }

    #[test]
    fn grammar_is_small_and_every_role_is_reached() {
        let grammar = Grammar::shared();
        assert!(grammar.node_count() < 1 << 17, "{} nodes", grammar.node_count());
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
            let roles: Vec<Role> = entries(text).flatten().map(|(role, _)| role).collect();
            let missing: Vec<_> = parts.iter().filter(|part| !roles.contains(part)).collect();
            assert!(missing.is_empty(), "{language:?}: {missing:?}");
        }
    }
}
