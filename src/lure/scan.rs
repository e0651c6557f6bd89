//! Walks the tree of phrases over one text: from the beginnings of its words, and on from where
//! the texts before it left.

use super::Folded;
use super::folding::Around;
use super::grammar::{Grammar, Phrase, Unit, is_letter, is_skipped, unit};
use super::instruction::Role;
use super::openings::Opening;

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
    /// What [`Scanner::whole`] cost, all texts together.
    pub(super) work: Work,
}

/// What it cost to look for phrases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// At how many beginnings of words openings were looked up.
    pub words: u64,
    /// How many bytes were read and nodes looked at behind the openings that were found.
    pub steps: u64,
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
        let (live, found) = (&mut self.live, &mut self.found);
        Walk { grammar, bytes, live, found, work: &mut self.work }.run();
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

/// A walk over ASCII text as it stands, or over folded text.
struct Walk<'w> {
    grammar: &'w Grammar,
    bytes: &'w [u8],
    live: &'w mut Vec<Walker>,
    found: &'w mut Vec<Found>,
    work: &'w mut Work,
}

impl Walk<'_> {
    /// Follows the phrases from the beginning of each word. What is found stands in the order of the ends.
    ///
    /// The text is read backwards, so that at the beginning of a word its next bytes are at hand:
    /// the first of them lowest, in lower case and without skipped ones.
    fn run(mut self) {
        let mut window = 0_u64;
        // The character behind, where it begins, and the window from there on.
        let (mut behind, mut begin, mut word) = (Unit::END, 0, 0);
        for (at, &byte) in self.bytes.iter().enumerate().rev() {
            let unit = unit(byte);
            let letter = unit.letter();
            if letter != 0 {
                window = window << 8 | u64::from(letter);
            }
            if !unit.continues() {
                if behind.begins_word_behind(unit) {
                    self.look(begin, word);
                }
                (behind, begin, word) = (unit, at, window);
            }
        }
        if behind.begins_word() {
            self.look(begin, word);
        }
        self.live.reverse();
        self.found.sort_unstable_by_key(|found| (found.end, found.begin));
    }

    /// Looks for phrases at the beginning of a word.
    #[inline]
    fn look(&mut self, begin: usize, word: u64) {
        self.work.words = self.work.words.saturating_add(1);
        let openings = &self.grammar.openings;
        let opening = if openings.may_be_cut(word) {
            let [first, ..] = word.to_le_bytes();
            self.grammar.start(first)
        } else {
            openings.find(word)
        };
        if let Some(opening) = opening {
            self.follow(begin, opening);
        }
    }

    /// Follows the phrases that begin with an opening.
    #[inline(never)]
    fn follow(&mut self, begin: usize, opening: Opening) {
        let Opening { mut node, len: mut left } = opening;
        let (mut gap, mut after_space) = (0_u32, false);
        for (at, &byte) in self.bytes.iter().enumerate().skip(begin) {
            self.work.steps = self.work.steps.saturating_add(1);
            if is_skipped(byte) {
                let space = byte <= b' ' || byte == 0x7F;
                gap = gap.saturating_add(u32::from(!(space && after_space)));
                if gap > GAP {
                    return;
                }
                after_space = space;
                continue;
            }
            (gap, after_space) = (0, false);
            if left > 0 {
                left = left.saturating_sub(1);
            } else {
                let (child, looks) = self.grammar.search(node, byte.to_ascii_lowercase());
                self.work.steps = self.work.steps.saturating_add(looks.into());
                match child {
                    Some(child) => node = child,
                    None => return,
                }
            }
            if left == 0 {
                self.matched(node, begin, at.saturating_add(1));
                if !self.grammar.goes_on(node) {
                    return;
                }
            }
        }
        self.live.push(Walker { node, begin });
    }

    /// Takes the phrase of a node, if it has one and stands there whole.
    fn matched(&mut self, node: u32, begin: usize, end: usize) {
        let Some((phrase, facts)) = self.grammar.phrase(node) else { return };
        let part = self.bytes.get(begin..end).unwrap_or_default();
        if is_whole(facts, self.bytes, end) && (!facts.needs_slash || part.iter().any(is_slash)) {
            let (begin, end) = (offset(begin), offset(end));
            self.found.push(Found { phrase, begin, end, from: begin, to: end, back: 0 });
        }
    }
}

/// Takes out what is only a word of a name: "Protected View" says neither that anything is protected nor
/// that there is something to view.
fn drop_words_of_names(grammar: &Grammar, found: &mut Vec<Found>) {
    let has = |found: &Found, role: Role| {
        grammar.phrases.get(found.phrase as usize).is_some_and(|phrase| phrase.roles & 1 << role as u64 != 0)
    };
    let mut at = 0_usize;
    while let Some(name) = found.get(at).copied() {
        if has(&name, Role::ProtectedView) {
            // Phrases are listed by their ends: the few that lie within stand right before, and right behind
            // where the name ends with them.
            let lies_within = |word: &Found| word.begin >= name.begin && word.end <= name.end;
            let Some((before, behind)) = found.split_at_mut_checked(at) else { break };
            let before = before.iter_mut().rev().take_while(|word| word.end > name.begin);
            let behind = behind.iter_mut().take_while(|word| word.end == name.end);
            for word in before.chain(behind).filter(|word| lies_within(word)) {
                if has(word, Role::State) || has(word, Role::Show) {
                    word.end = word.begin;
                }
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

#[cfg(test)]
mod tests {
    use docsift_corpus::lures;
    use proptest::prelude::*;

    use super::super::measure::Phrases;
    use super::*;

    /// What is found, and which nodes are left, when every phrase is followed from the root at every word.
    fn plainly(grammar: &Grammar, bytes: &[u8]) -> (Vec<Found>, Vec<u32>) {
        let (mut live, mut found, mut work) = (Vec::new(), Vec::new(), Work::default());
        let mut walk = Walk { grammar, bytes, live: &mut live, found: &mut found, work: &mut work };
        let mut before = None;
        for (at, byte) in bytes.iter().enumerate().filter(|(_, byte)| !matches!(byte, 0x80..=0xBF)) {
            let parted = !(is_letter(*byte) && before.is_some_and(|byte: u8| is_letter(byte)));
            if let Some(opening) = grammar.start(byte.to_ascii_lowercase()).filter(|_| parted) {
                walk.follow(at, opening);
            }
            before = Some(*byte);
        }
        found.sort_by_key(|found| (found.end, found.begin));
        (found, live.iter().map(|walker| walker.node).collect())
    }

    fn by_openings(grammar: &Grammar, bytes: &[u8]) -> (Vec<Found>, Vec<u32>) {
        let (mut live, mut found, mut work) = (Vec::new(), Vec::new(), Work::default());
        Walk { grammar, bytes, live: &mut live, found: &mut found, work: &mut work }.run();
        (found, live.iter().map(|walker| walker.node).collect())
    }

    #[test]
    fn openings_miss_no_phrase_and_no_beginning_of_one() {
        let grammar = Grammar::shared();
        for text in lures::all() {
            let folded = super::super::fold(text.text).text;
            for cut in (0..=folded.len()).filter(|cut| folded.is_char_boundary(*cut)) {
                let bytes = &folded.as_bytes()[..cut];
                // The whole text once; beginnings by their last words, which decide.
                let from =
                    if cut == folded.len() { 0 } else { folded.floor_char_boundary(cut.saturating_sub(24)) };
                let bytes = &bytes[from..];
                assert_eq!(by_openings(grammar, bytes), plainly(grammar, bytes), "{:?}", &folded[from..cut]);
            }
        }
    }

    proptest! {
        #[test]
        fn openings_miss_nothing_in_words_of_phrases(
            text in "((qr|ac|fil|klick|enable|content|templates|\\\\|放大|启用|宏|файл|أ|a|c|q|e) ?[\n\0-]{0,10}){0,12}"
        ) {
            let (grammar, folded) = (Grammar::shared(), super::super::fold(&text).text);
            prop_assert_eq!(by_openings(grammar, folded.as_bytes()), plainly(grammar, folded.as_bytes()));
        }
    }

    /// Prose of several scripts without an instruction.
    const PROSE: &str = "The quarterly figures for the northern region were higher than we had expected. Sales of \
        paper and pens rose by four per cent, while rents stayed where they were. Three orders came in late and \
        will be counted in the next quarter. We suggest to keep the budget of last year and to look at the numbers \
        in June. Umsätze für März über Plan. Les dépenses ont été réduites à la fin de l'été. Выручка за второй \
        квартал оказалась выше ожиданий. Τα έξοδα μειώθηκαν ελαφρά φέτος. 第二四半期の売上高は予想を上回りました。\
        2분기 매출은 예상보다 높았습니다. ارتفعت الإيرادات في الربع الثاني. ההכנסות ברבעון השני היו גבוהות. \
        दूसरी तिमाही की आय अनुमान से अधिक रही। รายได้ไตรมาสที่สองสูงกว่าที่คาด";

    #[test]
    fn a_language_more_costs_next_to_nothing_where_its_words_do_not_stand() {
        let english = lures::all().into_iter().filter(|text| text.language == "en" && text.family.is_none());
        let texts = [PROSE.to_owned(), english.map(|text| text.text).collect::<Vec<_>>().join("\n")];
        for text in texts {
            let work_of = |languages| {
                let mut phrases = Phrases::of(languages);
                phrases.found_in(&text);
                phrases.work()
            };
            let one = work_of(1);
            for languages in [2, 10, 20, 29] {
                let all = work_of(languages);
                assert_eq!(all.words, one.words, "{languages} languages");
                let more = all.steps - one.steps;
                assert!(more * 6 < text.len() as u64, "{languages} languages: {more} steps more");
            }
        }
    }
}
