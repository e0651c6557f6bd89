//! Walks the tree of phrases over one text: from the beginnings of its words, and on from where
//! the texts before it left.

use super::Folded;
use super::grammar::{Grammar, Phrase, is_letter, is_skipped};

/// A run of more skipped bytes ends every phrase; spaces that stand together are one.
const GAP: u32 = 8;

/// A phrase in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    /// Index of the phrase.
    pub(super) phrase: u32,
    /// First byte of folded text, 0 when the phrase began in an earlier text.
    pub(super) begin: u32,
    /// One past the last byte of folded text.
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
    /// Bytes of folded text.
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
        if !ascii {
            self.folded.refold(text);
        }
        let bytes = if ascii { text.as_bytes() } else { self.folded.text.as_bytes() };
        walk(grammar, bytes, &mut self.live, &mut self.found);
        let first = bytes.iter().find(|byte| !is_skipped(**byte)).map_or(0, u8::to_ascii_lowercase);
        let passage = Passage { first, len: offset(bytes.len()) };
        if !ascii {
            for found in &mut self.found {
                let source = self.folded.source_range(found.begin as usize..found.end as usize);
                (found.from, found.to) = (offset(source.start), offset(source.end));
            }
        }
        passage
    }

    /// The nodes of phrases that were begun and not ended.
    pub(super) fn begun(&self) -> impl Iterator<Item = u32> {
        self.live.iter().map(|walker| walker.node)
    }

    /// Walks on from `nodes` over `text`: finds the phrases that end in it, and leaves those that
    /// its end cuts off in [`Scanner::begun`].
    pub(super) fn edge(&mut self, grammar: &Grammar, text: &str, nodes: impl Iterator<Item = u32> + Clone) {
        // Nearly always all walks end within a character or two.
        for prefix_len in [24, grammar.longest.saturating_mul(4)] {
            let prefix = text.get(..text.floor_char_boundary(prefix_len)).unwrap_or(text);
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
                        self.found.push(Found { phrase, begin: 0, end: offset(end), from: 0, to, back });
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

/// Reads ASCII text as it stands, or folded text.
fn walk(grammar: &Grammar, bytes: &[u8], live: &mut Vec<Walker>, found: &mut Vec<Found>) {
    let mut at = 0_usize;
    let mut gap = 0_u32;
    let mut after_letter = false;
    let mut after_space = false;
    loop {
        if live.is_empty() {
            let Some(start) = next_start(grammar, bytes, at) else { return };
            at = start;
            after_letter = false;
        }
        let Some(&byte) = bytes.get(at) else { return };
        let space = byte <= b' ' || byte == 0x7F;
        if is_skipped(byte) {
            gap = gap.saturating_add(u32::from(!(space && after_space)));
            if gap > GAP {
                live.clear();
            }
            after_letter = false;
        } else {
            gap = 0;
            advance(grammar, byte.to_ascii_lowercase(), live);
            let letter = is_letter(byte);
            if !(letter && after_letter)
                && let Some(node) = grammar.start(byte)
            {
                live.push(Walker { node, begin: at });
            }
            after_letter = letter;
            for walker in live.iter() {
                matched(grammar, bytes, *walker, at, found);
            }
        }
        after_space = space;
        at = at.saturating_add(1);
    }
}

/// Where the next phrase may begin: no letter stands before it, and the first bytes behind it are
/// those of a phrase.
fn next_start(grammar: &Grammar, bytes: &[u8], from: usize) -> Option<usize> {
    let mut after_letter =
        from.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(|byte| is_letter(*byte));
    let rest = bytes.get(from..)?;
    for (offset, &byte) in rest.iter().enumerate() {
        let letter = is_letter(byte);
        if !(letter && after_letter)
            && let Some(node) = grammar.start(byte)
            && may_begin(grammar, node, byte, rest.get(offset.saturating_add(1)..).unwrap_or_default())
        {
            return Some(from.saturating_add(offset));
        }
        after_letter = letter;
    }
    None
}

/// Whether a phrase that began with `first` can go on with `rest`: its first few bytes tell for
/// nearly all words.
fn may_begin(grammar: &Grammar, mut node: u32, first: u8, rest: &[u8]) -> bool {
    let Some(&second) = rest.first() else { return true };
    if !is_skipped(second) && !grammar.starts_with(first, second) {
        return false;
    }
    for &byte in rest.iter().take(5) {
        if is_skipped(byte) || grammar.phrase(node).is_some() {
            return true;
        }
        match grammar.child(node, byte.to_ascii_lowercase()) {
            Some(child) => node = child,
            None => return false,
        }
    }
    true
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

/// An offset in one text. The texts of a workbook are shorter than 4 GiB.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
