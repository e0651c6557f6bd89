//! Composes found phrases into hits, with the places where their words stand.

use super::grammar::Grammar;
use super::instruction::{LURE, Makes, Role};
use super::language::Tally;
use super::scan::{Found, Scanner, is_slash};
use super::{Certainty, Family, Harvest, Hiding, Hit, Language, TextSource};
use crate::base::Location;

/// Texts that are read one behind the other.
pub(super) trait Items {
    /// The text of an item.
    fn text(&self, item: u32) -> &str;
    /// Where it stands, what holds it, and what hides it.
    fn place(&self, item: u32) -> (Location, TextSource, Option<Hiding>);
    /// The item that is read before it.
    fn before(&self, item: u32, axis: Axis) -> Option<u32>;
}

/// The direction in which items follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    /// Along rows, or in the order of a list.
    Along,
    /// Down a column.
    Down,
}

/// Where one phrase stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Leaf {
    item: u32,
    from: u32,
    to: u32,
    /// Bytes of the phrase in earlier items.
    back: u32,
    languages: u64,
    hiding: Option<Hiding>,
}

/// How many roles one phrase makes at most.
const MOST_MADE: usize = 16;

/// How many phrases one hit keeps the places of.
const LEAVES: usize = 6;

/// One role at one place of a stream, with the phrases that make it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    begin: u32,
    end: u32,
    leaves: [Option<Leaf>; LEAVES],
}

impl Mark {
    fn join(self, other: Mark) -> Mark {
        let mut leaves = self.leaves;
        for leaf in other.leaves.iter().map_while(Option::as_ref) {
            let is_here = |place: &&mut Option<Leaf>| place.as_ref().is_none_or(|known| known == leaf);
            if let Some(place) = leaves.iter_mut().find(is_here) {
                *place = Some(*leaf);
            }
        }
        Mark { begin: self.begin.min(other.begin), end: self.end.max(other.end), leaves }
    }

    /// The language of most of its words; of two, the one that the text around has more of.
    fn language(&self, around: &Tally) -> Language {
        let mut words = Tally::default();
        self.leaves.iter().flatten().for_each(|leaf| words.count(leaf.languages));
        words.most(around)
    }

    fn hiding(&self) -> Option<Hiding> {
        self.leaves.iter().flatten().find_map(|leaf| leaf.hiding)
    }
}

/// A hit that later words may still strengthen.
#[derive(Debug, Clone, Copy)]
struct Open {
    family: Family,
    certainty: Certainty,
    mark: Mark,
    /// Where the last words stand that belong to it.
    reaches: u32,
    caution: Option<Warning>,
}

/// Words of caution: where the first of them stand, and the languages that have any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Warning {
    at: u32,
    languages: u64,
}

impl Warning {
    fn of(mark: &Mark) -> Warning {
        let languages = mark.leaves.iter().flatten().fold(0, |set, leaf| set | leaf.languages);
        Warning { at: mark.begin, languages }
    }

    fn and(self, later: Warning) -> Warning {
        Warning { at: self.at, languages: self.languages | later.languages }
    }

    /// Whether a reader of `language` takes the words for a warning: "mai" is "never" in Italian and
    /// "more" in Romanian.
    fn warns(self, language: Language) -> bool {
        let set = language.bit() | Language::Neutral.bit() | Language::English.bit();
        self.languages & set != 0
    }
}

/// Where each role was met last.
#[derive(Debug)]
struct Last([Option<Mark>; Role::COUNT]);

impl Default for Last {
    fn default() -> Self {
        Last([None; Role::COUNT])
    }
}

/// The roles and hits of one stream of text.
#[derive(Debug, Default)]
pub(super) struct Composer {
    last: Last,
    met: Tally,
    open: Vec<Open>,
    closed: Vec<Open>,
    /// The words of caution before the last ones.
    caution_before: Option<Mark>,
    /// What a role makes, in `put`; kept for the memory.
    made: Vec<(usize, Mark)>,
}

impl Composer {
    /// Takes a phrase found in `item`, which begins at `base` of the stream.
    pub(super) fn take(
        &mut self,
        grammar: &Grammar,
        found: &Found,
        base: u32,
        item: u32,
        hiding: Option<Hiding>,
    ) {
        let Some(phrase) = grammar.phrases.get(found.phrase as usize) else { return };
        let Found { from, to, back, .. } = *found;
        let leaf = Leaf { item, from, to, back, languages: phrase.languages, hiding };
        self.met.count(phrase.languages);
        let begin = base.saturating_add(found.begin).saturating_sub(back);
        let mut leaves = [None; LEAVES];
        if let Some(first) = leaves.first_mut() {
            *first = Some(leaf);
        }
        let mark = Mark { begin, end: base.saturating_add(found.end), leaves };
        let mut roles = phrase.roles;
        while roles != 0 {
            self.put(grammar, roles.trailing_zeros() as usize, mark);
            roles &= roles.wrapping_sub(1);
        }
    }

    /// Takes a role and everything that it makes with the roles before it. Rules make roles of
    /// roles at most three times in a row.
    fn put(&mut self, grammar: &Grammar, role: usize, mark: Mark) {
        let mut made = std::mem::take(&mut self.made);
        made.clear();
        made.push((role, mark));
        let mut next = 0;
        while let Some((role, mark)) = made.get(next).copied() {
            next = next.saturating_add(1);
            if role == Role::Caution as usize {
                self.caution(mark);
                continue;
            }
            if role == Role::Threat as usize || role == Role::Aside as usize {
                self.no_caution(mark);
            }
            if role == Role::Installing as usize {
                self.installing();
            }
            if let Some(last) = self.last.0.get_mut(role) {
                *last = Some(mark);
            }
            for rule in grammar.rules_of.get(role).into_iter().flatten() {
                if !self.are_near(rule.needs, role, &mark, rule.within) {
                    continue;
                }
                match rule.makes {
                    Makes::Hit(family, certainty) => {
                        if !self.is_known(family, certainty, &mark) {
                            let whole = self.together(rule.needs, role, mark);
                            self.strengthen(family, certainty, whole);
                        }
                    }
                    Makes::Role(whole) => {
                        if made.len() < MOST_MADE {
                            made.push((whole as usize, self.together(rule.needs, role, mark)));
                        }
                    }
                }
            }
        }
        self.made = made;
    }

    /// Whether the last marks of all roles that are needed stand within some bytes before `mark`.
    fn are_near(&self, needs: &[Role], role: usize, mark: &Mark, within: u32) -> bool {
        needs.iter().all(|need| {
            let last = self.last.0.get(*need as usize).and_then(Option::as_ref);
            *need as usize == role || last.is_some_and(|last| mark.begin.saturating_sub(last.end) <= within)
        })
    }

    /// `mark` joined with the last marks of the other roles that are needed.
    fn together(&self, needs: &[Role], role: usize, mark: Mark) -> Mark {
        let others = needs.iter().filter(|need| **need as usize != role);
        others.filter_map(|need| self.last.0.get(*need as usize).copied().flatten()).fold(mark, Mark::join)
    }

    /// Whether a hit that is open says as much already; it then reaches on to `mark`.
    fn is_known(&mut self, family: Family, certainty: Certainty, mark: &Mark) -> bool {
        let near = |open: &&mut Open| {
            open.family == family
                && open.certainty >= certainty
                && open.mark.hiding().is_none()
                && mark.end.saturating_sub(open.reaches) <= LURE
        };
        let known = self.open.iter_mut().find(near);
        known.map(|open| open.reaches = open.reaches.max(mark.end)).is_some()
    }

    fn strengthen(&mut self, family: Family, certainty: Certainty, mark: Mark) {
        let fresh =
            Open { family, certainty, mark, reaches: mark.end, caution: self.caution_near(mark.begin) };
        match self.open.iter_mut().find(|open| open.family == family) {
            Some(open) if mark.end.saturating_sub(open.reaches) <= LURE => {
                if certainty > open.certainty {
                    *open = Open { caution: open.caution.or(fresh.caution), ..fresh };
                } else if mark.hiding().is_none()
                    && open.mark.hiding().is_some()
                    && certainty == open.certainty
                {
                    *open = fresh;
                }
                open.reaches = open.reaches.max(mark.end);
            }
            Some(open) => self.closed.push(std::mem::replace(open, fresh)),
            None => self.open.push(fresh),
        }
    }

    fn caution_near(&self, at: u32) -> Option<Warning> {
        let mark = self.last.0.get(Role::Caution as usize).copied().flatten()?;
        (at.saturating_sub(mark.end) <= LURE).then(|| Warning::of(&mark))
    }

    /// Words of warning count only where a person can read them.
    fn caution(&mut self, mark: Mark) {
        let others = [Role::Threat, Role::Aside];
        let mut others = others.iter().filter_map(|role| self.last.0.get(*role as usize).copied().flatten());
        let inside = others.any(|other| other.begin <= mark.begin && mark.end <= other.end);
        if mark.hiding().is_some() || inside {
            return;
        }
        if let Some(last) = self.last.0.get_mut(Role::Caution as usize) {
            self.caution_before = last.replace(mark);
        }
        for open in &mut self.open {
            if mark.begin.saturating_sub(open.reaches) <= LURE {
                let warning = Warning::of(&mark);
                open.caution = Some(open.caution.map_or(warning, |first| first.and(warning)));
            }
        }
    }

    /// "If you do not enable" is no warning, and "do not click links" is none of the instruction.
    fn no_caution(&mut self, other: Mark) {
        let covers = |at: u32| other.begin <= at && at <= other.end;
        if let Some(last) = self.last.0.get_mut(Role::Caution as usize)
            && last.is_some_and(|mark| covers(mark.begin))
        {
            *last = self.caution_before.take().filter(|mark| !covers(mark.begin));
        }
        for open in &mut self.open {
            open.caution = open.caution.filter(|warning| !covers(warning.at));
        }
    }

    /// "Copy Letter.dotx to the folder for templates and open Word again" opens no file from that folder: what
    /// is to be done again completes no instruction.
    fn installing(&mut self) {
        let again = self.last.0.get_mut(Role::Again as usize).and_then(Option::take);
        for open in &mut self.open {
            let covers = |again: Mark| open.mark.begin <= again.begin && again.end <= open.mark.end;
            if open.certainty == Certainty::Strong && again.is_some_and(covers) {
                open.certainty = Certainty::Medium;
            }
        }
    }

    /// Hands closed hits to the harvest; with `all`, open ones too.
    pub(super) fn hand_over(
        &mut self,
        items: &impl Items,
        axis: Axis,
        all: bool,
        scanner: &mut Scanner,
        into: &mut Harvest,
        quote_chars: usize,
    ) {
        if all {
            self.closed.append(&mut self.open);
            self.last = Last::default();
            self.caution_before = None;
        }
        for open in std::mem::take(&mut self.closed) {
            let language = open.mark.language(&self.met);
            let cautioned = open.caution.is_some_and(|warning| warning.warns(language));
            let certainty = match (open.certainty, cautioned) {
                (Certainty::Strong, true) => Certainty::Medium,
                (_, true) => Certainty::Weak,
                (certainty, false) => certainty,
            };
            if into.has_room(open.family, certainty, open.mark.hiding().is_none()) {
                into.keep(hit(items, axis, &open, (certainty, cautioned, language), scanner, quote_chars));
            }
        }
    }

    /// Whether closed hits wait to be handed over.
    pub(super) fn has_closed(&self) -> bool {
        !self.closed.is_empty()
    }
}

/// Whether a path that began in an earlier item has a slash.
pub(super) fn has_slash(
    items: &impl Items,
    axis: Axis,
    item: u32,
    found: &Found,
    scanner: &mut Scanner,
) -> bool {
    let leaf = Leaf { item, from: 0, to: found.to, back: found.back, languages: 0, hiding: None };
    pieces(items, axis, &leaf, scanner)
        .iter()
        .any(|piece| items.text(piece.item).get(piece.from..piece.to).is_some_and(has_separator))
}

/// Whether a text has what separates the folders of a path.
fn has_separator(text: &str) -> bool {
    text.bytes().any(|byte| is_slash(&byte)) || text.contains(['¥', '＼', '／'])
}

/// A stretch of one item.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    item: u32,
    from: usize,
    to: usize,
}

/// The stretches of a phrase, last first.
fn pieces(items: &impl Items, axis: Axis, leaf: &Leaf, scanner: &mut Scanner) -> Vec<Stretch> {
    let mut pieces = vec![Stretch { item: leaf.item, from: leaf.from as usize, to: leaf.to as usize }];
    let mut back = leaf.back as usize;
    let mut item = leaf.item;
    // Items without a byte that counts lie between; more than a few of them end the way back.
    let mut left = back.saturating_add(16);
    while back > 0 && left > 0 {
        left = left.saturating_sub(1);
        let Some(before) = items.before(item, axis) else { break };
        item = before;
        let text = items.text(item);
        let (from, missing) = match scanner.tail(text, back) {
            Ok(from) => (from, 0),
            Err(missing) => (0, missing),
        };
        // The separator of a path may stand in an item of its own.
        if missing < back || (text.len() < 16 && has_separator(text)) {
            pieces.push(Stretch { item, from, to: text.len() });
        }
        back = missing;
    }
    pieces
}

fn hit(
    items: &impl Items,
    axis: Axis,
    open: &Open,
    (certainty, cautioned, language): (Certainty, bool, Language),
    scanner: &mut Scanner,
    quote_chars: usize,
) -> Hit {
    let leaves = || open.mark.leaves.iter().flatten();
    let mut stretches: Vec<Stretch> = leaves().flat_map(|leaf| pieces(items, axis, leaf, scanner)).collect();
    stretches.sort_by_key(|stretch| (stretch.item, stretch.from));
    stretches.dedup_by(|later, kept| {
        let same = later.item == kept.item;
        kept.to = if same { kept.to.max(later.to) } else { kept.to };
        same
    });
    let texts =
        stretches.iter().filter_map(|piece| to_end_of_word(items.text(piece.item), piece.from, piece.to));
    let quote = shortened(&texts.collect::<Vec<_>>().join(" | "), quote_chars);
    let locations = stretches.iter().map(|stretch| items.place(stretch.item).0).collect();
    let source = stretches.first().map_or(TextSource::Cell, |stretch| items.place(stretch.item).1);
    let hidden_by = stretches.iter().find_map(|stretch| items.place(stretch.item).2);
    let (family, visible) = (open.family, hidden_by.is_none());
    Hit { family, certainty, quote, locations, source, visible, hidden_by, language, cautioned }
}

/// A stretch of `text` with the rest of its last word: a phrase may be its beginning alone. Scripts from Thai
/// on do not say where a word ends, and a word that is longer than words are is cut.
fn to_end_of_word(text: &str, from: usize, to: usize) -> Option<&str> {
    let goes_on = |ch: &char| *ch < '\u{E00}' && ch.is_alphabetic();
    let rest: usize = text.get(to..)?.chars().take_while(goes_on).take(24).map(char::len_utf8).sum();
    text.get(from..to.saturating_add(rest))
}

/// The text, or its first and last characters when it has more than `chars`.
fn shortened(text: &str, chars: usize) -> String {
    let count = text.chars().count();
    if count <= chars {
        return text.to_owned();
    }
    let half = chars.saturating_sub(3) / 2;
    let first = text.chars().take(half);
    let last = text.chars().skip(count.saturating_sub(half));
    first.chain(" … ".chars()).chain(last).collect()
}
