//! The words of the instruction grammar: one tree for all languages.
//!
//! The words stand in one data file a language under `phrases/`, whose format `phrases/README.md`
//! describes; [`sources`] makes one file of them. All of them are one tree over folded text without
//! spaces, slashes, hyphens and quotes.
//!
//! The tree is walked from the beginnings of words only, which an Aho-Corasick automaton cannot
//! do. [`Openings`] end nearly all walks before they begin, whatever the number of languages.

use std::sync::LazyLock;

use super::instruction::{RULES, Role, Rule};
use super::openings::{Opening, Openings};
use super::sources;

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

/// What the data files say, in the order of its bytes.
pub(super) const COMPILED: &str = include_str!("phrases.txt");

impl Grammar {
    /// The grammar, built at the first call.
    pub(super) fn shared() -> &'static Grammar {
        static SHARED: LazyLock<Grammar> = LazyLock::new(|| Grammar::of(u64::MAX));
        &SHARED
    }

    /// The grammar of a set of languages.
    pub(super) fn of(languages: u64) -> Grammar {
        let mut phrases = Vec::new();
        let mut texts = Vec::new();
        // A line has a dozen bytes and more.
        phrases.reserve(COMPILED.len() / 16);
        texts.reserve(COMPILED.len() / 16);
        for (text, phrase) in
            sources::phrases(COMPILED).filter(|(_, phrase)| phrase.languages & languages != 0)
        {
            texts.push(text);
            phrases.push(phrase);
        }
        let mut rules_of = [const { Vec::new() }; Role::COUNT];
        for rule in RULES {
            for role in rule.needs {
                rules_of.get_mut(*role as usize).into_iter().for_each(|rules: &mut Vec<_>| rules.push(rule));
            }
        }
        let mut grammar = Grammar {
            nodes: vec![Node { sibling: 0, phrase: 0, byte: 0, has_child: false }],
            starts: [0; 256],
            openings: Openings::of(&texts),
            longest: texts.iter().map(|text| text.len()).max().unwrap_or(0),
            phrases,
            rules_of,
        };
        grammar.nodes.reserve(COMPILED.len() / 2);
        let mut path = Vec::new();
        let mut before: &[u8] = &[];
        for (number, text) in (1..).zip(&texts) {
            let shared = before.iter().zip(*text).take_while(|(one, two)| one == two).count();
            grammar.grow(&mut path, shared, text, number);
            before = text;
        }
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
        let parent = path.last().copied().unwrap_or(0);
        if let Some(parent) = self.nodes.get_mut(parent as usize) {
            parent.has_child = true;
        }
        let new = text.get(shared..).unwrap_or_default();
        self.nodes.extend(new.iter().map(|byte| Node {
            sibling: 0,
            phrase: 0,
            byte: *byte,
            has_child: true,
        }));
        path.extend(next..u32::try_from(self.nodes.len()).unwrap_or(next));
        if let Some(last) = self.nodes.last_mut() {
            last.phrase = number;
            last.has_child = false;
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
    use super::super::instruction::Makes;
    use super::*;

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
}
