//! Walks the tree of phrases over one text: from the beginnings of its words, and on from where
//! the texts before it left.

use super::Folded;
use super::folding::Around;
use super::grammar::{CONTINUES, Grammar, LETTER, Phrase, START, is_letter, is_skipped};
use super::instruction::Role;

/// A run of more skipped bytes ends every phrase; spaces that stand together are one.
const GAP: u32 = 8;

/// A phrase in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    /// Index of the phrase.
    pub(super) phrase: u32,
    /// Where it begins, in letters of folded text as [`width`] counts them; 0 when it began in an
    /// earlier text.
    pub(super) begin: u32,
    /// Where it ends, counted the same way.
    pub(super) end: u32,
    /// First byte of the source, 0 when the phrase began in an earlier text.
    pub(super) from: u32,
    /// One past the last byte of the source.
    pub(super) to: u32,
    /// How many bytes of the phrase, skipped ones left out, stand in earlier texts.
    pub(super) back: u32,
}

/// A phrase that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Walker {
    node: u32,
    begin: usize,
}

/// What is kept of a text beside its phrases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Passage {
    /// Its first byte that is not skipped, in lower case; 0 when there is none.
    pub(super) first: u8,
    /// Letters of folded text, as [`width`] counts them.
    pub(super) len: u32,
}

/// Memory for folding and matching, used again for every text.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    folded: Folded,
    live: Vec<Walker>,
    /// What the last call found, by its end.
    pub(super) found: Vec<Found>,
}

impl Scanner {
    /// Finds all phrases that lie in `text`; [`Scanner::begun`] then names those that its end
    /// cuts off.
    pub(super) fn whole(&mut self, grammar: &Grammar, text: &str) -> Passage {
        self.found.clear();
        self.live.clear();
        let ascii = text.is_ascii();
        if ascii {
            self.folded.pass_ascii();
        } else {
            self.folded.refold(text);
        }
        let bytes = if ascii { text.as_bytes() } else { self.folded.text.as_bytes() };
        walk(grammar, bytes, &mut self.live, &mut self.found);
        let first = bytes.iter().find(|byte| !is_skipped(**byte)).map_or(0, u8::to_ascii_lowercase);
        drop_words_of_names(grammar, &mut self.found);
        // Phrases are found by their ends, so that letters are counted once.
        let (mut counted, mut letters) = (0, 0_usize);
        for found in &mut self.found {
            let (begin, end) = (found.begin as usize, found.end as usize);
            if !ascii {
                let source = self.folded.source_range(begin..end);
                (found.from, found.to) = (offset(source.start), offset(source.end));
            }
            letters = letters.saturating_add(width(bytes.get(counted..end).unwrap_or_default()));
            counted = end;
            let own = width(bytes.get(begin..end).unwrap_or_default());
            (found.begin, found.end) = (offset(letters.saturating_sub(own)), offset(letters));
        }
        let rest = width(bytes.get(counted..).unwrap_or_default());
        Passage { first, len: offset(letters.saturating_add(rest)) }
    }

    /// The other script that is around the text that was read last.
    pub(super) fn around(&self) -> Around {
        self.folded.around()
    }

    /// The nodes of phrases that were begun and not ended.
    pub(super) fn begun(&self) -> impl Iterator<Item = u32> {
        self.live.iter().map(|walker| walker.node)
    }

    /// Walks on from `nodes` over `text`: finds the phrases that end in it, and leaves those that
    /// its end cuts off in [`Scanner::begun`].
    pub(super) fn edge(
        &mut self,
        grammar: &Grammar,
        text: &str,
        nodes: impl Iterator<Item = u32> + Clone,
        around: Around,
    ) {
        // Nearly always all walks end within a character or two.
        for prefix_len in [24, grammar.longest.saturating_mul(4)] {
            let prefix = text.get(..text.floor_char_boundary(prefix_len)).unwrap_or(text);
            // What is shown backwards begins with its end.
            let turned = prefix.contains(['\u{202D}', '\u{202E}']);
            let prefix = if turned { text } else { prefix };
            self.folded.stand_beside(around);
            self.folded.refold(prefix);
            self.found.clear();
            self.live.clear();
            self.live.extend(nodes.clone().map(|node| Walker { node, begin: 0 }));
            self.walk_on(grammar);
            if self.live.is_empty() || prefix.len() == text.len() {
                return;
            }
        }
        self.live.clear();
    }

    fn walk_on(&mut self, grammar: &Grammar) {
        let mut used = 0_usize;
        let mut gap = 0_u32;
        let bytes = self.folded.text.as_bytes();
        for (at, &byte) in bytes.iter().enumerate() {
            if is_skipped(byte) {
                gap = gap.saturating_add(1);
                if gap > GAP {
                    self.live.clear();
                }
            } else {
                gap = 0;
                used = used.saturating_add(1);
                advance(grammar, byte, &mut self.live);
                for walker in &self.live {
                    let Some((phrase, facts)) = grammar.phrase(walker.node) else { continue };
                    let end = at.saturating_add(1);
                    if is_whole(facts, bytes, end) {
                        let back = offset(facts.len.saturating_sub(used));
                        let to = offset(self.folded.source_range(0..end).end);
                        let end = offset(width(bytes.get(..end).unwrap_or_default()));
                        self.found.push(Found { phrase, begin: 0, end, from: 0, to, back });
                    }
                }
            }
            if self.live.is_empty() {
                return;
            }
        }
    }

    /// Where in `text` its last `count` bytes that are not skipped begin, or how many are missing.
    pub(super) fn tail(&mut self, text: &str, count: usize) -> Result<usize, usize> {
        let window = count.saturating_mul(16);
        let turned = text.contains(['\u{202D}', '\u{202E}']);
        let window = if turned { text.len() } else { window };
        let start = text.ceil_char_boundary(text.len().saturating_sub(window));
        self.folded.refold(text.get(start..).unwrap_or(text));
        let mut left = count;
        for (at, byte) in self.folded.text.bytes().enumerate().rev() {
            left = left.saturating_sub(usize::from(!is_skipped(byte)));
            if left == 0 {
                let at = self.folded.text.floor_char_boundary(at);
                return Ok(start.saturating_add(self.folded.source_range(at..at.saturating_add(1)).start));
            }
        }
        if start == 0 { Err(left) } else { Ok(start) }
    }
}

/// Reads ASCII text as it stands, or folded text: follows a phrase from the beginning of each word. What
/// is found stands in the order of the ends.
fn walk(grammar: &Grammar, bytes: &[u8], live: &mut Vec<Walker>, found: &mut Vec<Found>) {
    let mut before = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let class = grammar.class(byte);
        if class & START != 0 && class & before & LETTER == 0 {
            let rest = bytes.get(at..).unwrap_or_default();
            if may_begin(grammar, rest) {
                follow(grammar, bytes, at, live, found);
            }
        }
        if class & CONTINUES == 0 {
            before = class;
        }
    }
    found.sort_unstable_by_key(|found| (found.end, found.begin));
}

/// Whether a phrase may begin like this text: its first letters tell for nearly all words.
fn may_begin(grammar: &Grammar, text: &[u8]) -> bool {
    let Some(&[first, second, third, fourth]) = text.first_chunk() else { return true };
    if !(is_skipped(second) || is_skipped(third) || is_skipped(fourth)) {
        return grammar.may_open([first, second, third, fourth]);
    }
    let mut four = [first, 0, 0, 0];
    let mut free = four.iter_mut().skip(1);
    // Of words and spaces in turn, seven more bytes have the three that are missing.
    for &byte in text.iter().skip(1).take(7).filter(|byte| !is_skipped(**byte)) {
        match free.next() {
            Some(place) => *place = byte,
            None => return grammar.may_open(four),
        }
    }
    free.next().is_some() || grammar.may_open(four)
}

/// Follows the phrases that begin at `begin`.
fn follow(grammar: &Grammar, bytes: &[u8], begin: usize, live: &mut Vec<Walker>, found: &mut Vec<Found>) {
    let Some(&first) = bytes.get(begin) else { return };
    let mut node = grammar.start(first);
    let mut at = begin;
    loop {
        matched(grammar, bytes, Walker { node, begin }, at, found);
        if !grammar.goes_on(node) {
            return;
        }
        let (mut gap, mut after_space) = (0_u32, false);
        let byte = loop {
            at = at.saturating_add(1);
            let Some(&byte) = bytes.get(at) else { return live.push(Walker { node, begin }) };
            if !is_skipped(byte) {
                break byte;
            }
            let space = byte <= b' ' || byte == 0x7F;
            gap = gap.saturating_add(u32::from(!(space && after_space)));
            if gap > GAP {
                return;
            }
            after_space = space;
        };
        match grammar.child(node, byte.to_ascii_lowercase()) {
            Some(child) => node = child,
            None => return,
        }
    }
}

/// Takes out what is only a word of a name: "Protected View" does not say that anything is protected.
fn drop_words_of_names(grammar: &Grammar, found: &mut Vec<Found>) {
    let has = |found: &Found, role: Role| {
        grammar.phrases.get(found.phrase as usize).is_some_and(|phrase| phrase.roles & 1 << role as u64 != 0)
    };
    let mut at = 0_usize;
    while let Some(name) = found.get(at).copied() {
        if has(&name, Role::ProtectedView) {
            // Phrases are listed by their ends; the few that lie within stand right before.
            let mut before = at;
            while let Some(word) = before.checked_sub(1).and_then(|place| found.get(place)) {
                if word.begin < name.begin || !has(word, Role::State) {
                    break;
                }
                before = before.saturating_sub(1);
            }
            for word in found.get_mut(before..at).into_iter().flatten() {
                word.end = word.begin;
            }
        }
        at = at.saturating_add(1);
    }
    found.retain(|found| found.end > found.begin);
}

fn advance(grammar: &Grammar, byte: u8, live: &mut Vec<Walker>) {
    live.retain_mut(|walker| match grammar.child(walker.node, byte) {
        Some(node) => {
            walker.node = node;
            true
        }
        None => false,
    });
}

fn matched(grammar: &Grammar, bytes: &[u8], walker: Walker, at: usize, found: &mut Vec<Found>) {
    let Some((phrase, facts)) = grammar.phrase(walker.node) else { return };
    let end = at.saturating_add(1);
    let part = bytes.get(walker.begin..end).unwrap_or_default();
    if is_whole(facts, bytes, end) && (!facts.needs_slash || part.iter().any(is_slash)) {
        let (begin, end) = (offset(walker.begin), offset(end));
        found.push(Found { phrase, begin, end, from: begin, to: end, back: 0 });
    }
}

/// Whether no letter goes on behind a phrase that ends with one.
fn is_whole(phrase: &Phrase, bytes: &[u8], end: usize) -> bool {
    !(phrase.ends_word && bytes.get(end).is_some_and(|byte| is_letter(*byte)))
}

/// Whether a byte separates the folders of a path, in any spelling.
pub(super) fn is_slash(byte: &u8) -> bool {
    matches!(byte, b'\\' | b'/' | b'>')
}

/// How many letters bytes of folded text are; spaces are none, so that letters that stand in lines or
/// cells of their own are no further apart. One of Chinese, Japanese or Korean counts as three:
/// they say as much as a word.
pub(super) fn width(bytes: &[u8]) -> usize {
    let of = |byte: &u8| match byte {
        0..=b' ' | 0x7F..=0xBF => 0_u8,
        0xE3..=0xEF => 3,
        _ => 1,
    };
    // The sum of 64 bytes fits into one, which lets many be counted at once.
    let of_some = |some: &[u8]| some.iter().fold(0_u8, |sum, byte| sum.wrapping_add(of(byte)));
    let chunks = bytes.chunks_exact(64);
    let rest = usize::from(of_some(chunks.remainder()));
    chunks.map(|some| usize::from(of_some(some))).fold(rest, usize::saturating_add)
}

/// An offset in one text. The texts of a workbook are shorter than 4 GiB.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
