//! Reads texts one behind the other, and follows phrases over their edges.
//!
//! A shared string is folded and matched once, however many cells show it; which phrases its end
//! cuts off is remembered in four bytes. Each cell joins the cell before it and the cell above it.

use std::collections::BTreeMap;

use super::super::compose::{Axis, Composer, Items, has_slash};
use super::super::grammar::Grammar;
use super::super::scan::{Found, Passage, Scanner};
use super::super::{Harvest, Hiding, TextRun};
use super::Loose;
use super::grid::{Cell, EMPTY_ROWS, Grid};
use crate::base::{Cx, LimitHit};

/// How much of a stream a cell counts for at most whose text was read before.
const KNOWN_LEN: u32 = 16;
/// Columns that are followed downwards for whole instructions: those of a BIFF8 sheet.
const COLUMNS: u16 = 256;
/// Phrases remembered of all shared strings that have some.
const REMEMBERED: usize = 1 << 16;

/// Phrases that the end of a text cuts off: 0 is none, the number of a node is that one alone,
/// and greater numbers are sets of several.
type Begun = u32;

/// What is known of a shared string, in four bytes: its first byte, what it begins, and whether
/// it has phrases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Known(u32);

impl Known {
    const BEGUN: u32 = (1 << 20) - 1;
    const HAS_PHRASES: u32 = 1 << 29;
    const ONLY_HIDDEN: u32 = 1 << 30;
    const READ: u32 = 1 << 31;

    /// Nothing, when the number of the set does not fit.
    fn new(passage: Passage, begun: Begun, has_phrases: bool, hidden: bool) -> Known {
        if begun > Self::BEGUN {
            return Known::default();
        }
        let phrases = if has_phrases { Self::HAS_PHRASES } else { 0 };
        let hidden = if hidden { Self::ONLY_HIDDEN } else { 0 };
        Known(Self::READ | phrases | hidden | u32::from(passage.first) << 20 | begun)
    }

    fn has(self, flag: u32) -> bool {
        self.0 & flag != 0
    }

    fn passage(self) -> Option<(Passage, Begun)> {
        let first = u8::try_from(self.0 >> 20 & 0xFF).ok()?;
        self.has(Self::READ).then_some((Passage { first, len: KNOWN_LEN }, self.0 & Self::BEGUN))
    }
}

/// Numbers for sets of begun phrases. There are few: the phrases of a set begin in each other.
#[derive(Debug, Default)]
struct Sets {
    numbers: BTreeMap<Box<[u32]>, Begun>,
    sets: Vec<Box<[u32]>>,
}

impl Sets {
    /// How many sets of several phrases are numbered; a further one counts as its first phrase.
    const KEPT: usize = 1 << 14;

    fn number(&mut self, grammar: &Grammar, nodes: &mut Vec<u32>) -> Begun {
        nodes.sort_unstable();
        nodes.dedup();
        let first = nodes.first().copied().unwrap_or(0);
        if nodes.len() < 2 {
            return first;
        }
        if let Some(number) = self.numbers.get(nodes.as_slice()) {
            return *number;
        }
        let next = u32::try_from(self.sets.len()).unwrap_or(u32::MAX).saturating_add(grammar.node_count());
        if self.sets.len() >= Self::KEPT {
            return first;
        }
        self.numbers.insert(nodes.as_slice().into(), next);
        self.sets.push(nodes.as_slice().into());
        next
    }

    fn nodes<'s>(&'s self, grammar: &Grammar, begun: &'s Begun) -> &'s [u32] {
        match begun.checked_sub(grammar.node_count()) {
            Some(set) => self.sets.get(set as usize).map_or(&[], |set| set),
            None if *begun == 0 => &[],
            None => std::slice::from_ref(begun),
        }
    }
}

/// The end of a column, as far as it was read.
#[derive(Debug, Clone, Copy)]
struct Column {
    row: u32,
    at: u32,
    begun: Begun,
    /// The shared string that its last cell showed.
    shared: Option<u32>,
}

/// What is known of the text of a cell.
#[derive(Debug, Clone, Copy)]
struct Read {
    passage: Passage,
    begun: Begun,
    phrases: bool,
    /// Whether it was read for the first time.
    fresh: bool,
}

/// What is kept from text to text.
pub(super) struct Reader {
    grammar: &'static Grammar,
    scanner: Scanner,
    edges: Scanner,
    sets: Sets,
    nodes: Vec<u32>,
    known: Vec<Known>,
    remembered: BTreeMap<u32, Box<[Found]>>,
    room: usize,
    /// Runs of shared strings that only hidden cells have shown so far.
    hidden_runs: BTreeMap<u32, usize>,
    quote_chars: usize,
    report_chars: usize,
}

impl Reader {
    pub(super) fn new(cx: &Cx<'_>) -> Reader {
        let limits = cx.budget.limits();
        Reader {
            grammar: Grammar::shared(),
            sets: Sets::default(),
            nodes: Vec::new(),
            scanner: Scanner::default(),
            edges: Scanner::default(),
            known: Vec::new(),
            remembered: BTreeMap::new(),
            room: REMEMBERED,
            hidden_runs: BTreeMap::new(),
            quote_chars: limits.excerpt_bytes,
            report_chars: limits.report_chars,
        }
    }

    /// Reads texts that are no cells.
    pub(super) fn list(
        &mut self,
        items: &[Loose<'_>],
        into: &mut Harvest,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let mut composer = Composer::default();
        let read = self.list_into(items, &mut composer, into, cx);
        composer.hand_over(&items, Axis::Along, true, &mut self.edges, into, self.quote_chars);
        read
    }

    fn list_into(
        &mut self,
        items: &[Loose<'_>],
        composer: &mut Composer,
        into: &mut Harvest,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let grammar = self.grammar;
        let (mut before, mut at) = (0, 0_u32);
        for (item, loose) in (0..).zip(items) {
            charge(&loose.text, cx)?;
            if loose.shown {
                into.add_run(&loose.text, loose.source, loose.hiding, self.report_chars, || {
                    loose.location.clone()
                });
            }
            let passage = self.scanner.whole(grammar, &loose.text);
            charge_phrases(&self.scanner, cx)?;
            let begun = self.begun();
            let from = if loose.joined { before } else { 0 };
            let edge;
            (before, edge) = self.join(from, passage, begun, &loose.text);
            if edge {
                for found in self.edges.found.clone() {
                    self.split_phrase(composer, &items, Axis::Along, &found, at, item, loose.hiding);
                }
            }
            for found in &self.scanner.found {
                composer.take(grammar, found, at, item, loose.hiding);
            }
            at = at.saturating_add(passage.len);
            if composer.has_closed() {
                composer.hand_over(&items, Axis::Along, false, &mut self.edges, into, self.quote_chars);
            }
        }
        Ok(())
    }

    /// Takes a phrase that began in an earlier item.
    #[allow(clippy::too_many_arguments)]
    fn split_phrase(
        &mut self,
        composer: &mut Composer,
        items: &impl Items,
        axis: Axis,
        found: &Found,
        at: u32,
        item: u32,
        hiding: Option<Hiding>,
    ) {
        let phrase = self.grammar.phrases.get(found.phrase as usize);
        if phrase.is_some_and(|phrase| phrase.needs_slash)
            && !has_slash(items, axis, item, found, &mut self.edges)
        {
            return;
        }
        composer.take(self.grammar, found, at, item, hiding);
    }

    /// What the text that was just read begins.
    fn begun(&mut self) -> Begun {
        self.nodes.clear();
        self.nodes.extend(self.scanner.begun());
        self.sets.number(self.grammar, &mut self.nodes)
    }

    /// What is begun behind a text that follows `before` and begins `begun` itself, and whether
    /// phrases run over its edge, which then are in `edges`.
    fn join(&mut self, before: Begun, passage: Passage, begun: Begun, text: &str) -> (Begun, bool) {
        let grammar = self.grammar;
        if before == 0 {
            return (begun, false);
        }
        if passage.first == 0 {
            return (before, false);
        }
        let nodes = self.sets.nodes(grammar, &before);
        if !nodes.iter().any(|node| grammar.child(*node, passage.first).is_some()) {
            return (begun, false);
        }
        self.edges.edge(grammar, text, nodes.iter().copied(), self.scanner.around());
        self.nodes.clear();
        self.nodes.extend_from_slice(self.sets.nodes(grammar, &begun));
        self.nodes.extend(self.edges.begun());
        (self.sets.number(grammar, &mut self.nodes), !self.edges.found.is_empty())
    }

    /// Reads the cells of a sheet.
    pub(super) fn grid(
        &mut self,
        grid: &Grid<'_>,
        into: &mut Harvest,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        cx.budget.touch(grid.len().saturating_mul(12))?;
        let mut along = Composer::default();
        let mut down = BTreeMap::new();
        let read = self.grid_into(grid, &mut along, &mut down, into, cx);
        along.hand_over(grid, Axis::Along, true, &mut self.edges, into, self.quote_chars);
        for composer in down.values_mut() {
            composer.hand_over(grid, Axis::Down, true, &mut self.edges, into, self.quote_chars);
        }
        read
    }

    fn grid_into(
        &mut self,
        grid: &Grid<'_>,
        along: &mut Composer,
        down: &mut BTreeMap<u16, Composer>,
        into: &mut Harvest,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let start = Column { row: 0, at: 0, begun: 0, shared: None };
        let mut row = start;
        let mut columns: Vec<Column> = Vec::new();
        let count = u32::try_from(grid.len()).unwrap_or(u32::MAX);
        for item in 0..count {
            let Some(cell) = grid.cell(item) else { continue };
            let read = self.passage(grid, item, cell, into, cx)?;
            let place = usize::from(cell.column);
            if columns.len() <= place {
                columns.resize(place.saturating_add(1), start);
            }
            let (after, edge, quiet) = self.follow(grid, cell, &read, row);
            row = after;
            let base = after.at.saturating_sub(read.passage.len);
            if !quiet || edge {
                self.compose(grid, item, cell, Axis::Along, (base, edge, quiet), along, into, cx)?;
            }
            let Some(column) = columns.get_mut(place) else { continue };
            let (after, edge, quiet) = self.follow(grid, cell, &read, *column);
            *column = after;
            let base = after.at.saturating_sub(read.passage.len);
            if !grid.one_column && cell.column < COLUMNS && (!quiet || edge) {
                let composer = down.entry(cell.column).or_default();
                self.compose(grid, item, cell, Axis::Down, (base, edge, quiet), composer, into, cx)?;
            }
        }
        Ok(())
    }

    /// The end of a row or column behind one more cell, whether phrases run over the edge between
    /// them, and whether the cell has none of its own to tell.
    fn follow(&mut self, grid: &Grid<'_>, cell: Cell, read: &Read, before: Column) -> (Column, bool, bool) {
        let gap = cell.row.saturating_sub(before.row);
        let at = before.at.saturating_add(gap.saturating_sub(1).min(64).saturating_mul(KNOWN_LEN));
        let (begun, edge) = if before.begun == 0 || gap > EMPTY_ROWS.saturating_add(1) {
            (read.begun, false)
        } else {
            self.join(before.begun, read.passage, read.begun, grid.book.cell_text(cell.text))
        };
        // A column that repeats one text says nothing more and does not move its words away.
        let shared = cell.text.shared_index();
        let repeats = !read.fresh && shared.is_some() && shared == before.shared && gap <= 1;
        let at = if repeats { before.at } else { at.saturating_add(read.passage.len) };
        (Column { row: cell.row, at, begun, shared }, edge, repeats || !read.phrases)
    }

    /// Takes the phrases of a cell, and those that run into it, in one direction.
    #[allow(clippy::too_many_arguments)]
    fn compose(
        &mut self,
        grid: &Grid<'_>,
        item: u32,
        cell: Cell,
        axis: Axis,
        (base, edge, quiet): (u32, bool, bool),
        composer: &mut Composer,
        into: &mut Harvest,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let hiding = grid.hidden.reason(cell.row, cell.column, cell.format);
        if edge {
            charge_phrases(&self.edges, cx)?;
            for found in self.edges.found.clone() {
                self.split_phrase(composer, grid, axis, &found, base, item, hiding);
            }
        }
        if !quiet {
            charge_phrases(&self.scanner, cx)?;
            for found in &self.scanner.found {
                composer.take(self.grammar, found, base, item, hiding);
            }
        }
        if composer.has_closed() {
            composer.hand_over(grid, axis, false, &mut self.edges, into, self.quote_chars);
        }
        Ok(())
    }

    /// Reads the text of a cell, or recalls it; its phrases then are in `scanner`.
    fn passage(
        &mut self,
        grid: &Grid<'_>,
        item: u32,
        cell: Cell,
        into: &mut Harvest,
        cx: &mut Cx<'_>,
    ) -> Result<Read, LimitHit> {
        let shared = cell.text.shared_index();
        let known = shared.and_then(|index| self.known.get(index as usize).copied()).unwrap_or_default();
        let hiding = || grid.hidden.reason(cell.row, cell.column, cell.format);
        if let Some((mut passage, begun)) = known.passage()
            && !(known.has(Known::ONLY_HIDDEN) && hiding().is_none())
        {
            let len = u32::try_from(grid.book.cell_text(cell.text).len()).unwrap_or(KNOWN_LEN);
            passage.len = passage.len.min(len);
            let phrases = known.has(Known::HAS_PHRASES);
            if phrases {
                self.recall(shared, grid.book.cell_text(cell.text), cx)?;
            }
            return Ok(Read { passage, begun, phrases, fresh: false });
        }
        let text = grid.book.cell_text(cell.text);
        let read = shown_part(text);
        charge(read, cx)?;
        let hiding = hiding();
        self.show(shared, text, known, hiding, grid, item, into);
        let passage = self.scanner.whole(self.grammar, read);
        let begun = self.begun();
        let phrases = !self.scanner.found.is_empty();
        if let Some(index) = shared {
            let len = grid.book.shared_strings.len();
            if self.known.is_empty() && (index as usize) < len && self.known.try_reserve_exact(len).is_ok() {
                self.known.resize(len, Known::default());
            }
            if let Some(slot) = self.known.get_mut(index as usize) {
                *slot = Known::new(passage, begun, phrases, hiding.is_some());
            }
        }
        Ok(Read { passage, begun, phrases, fresh: true })
    }

    /// Adds the text of a cell to the runs; a shared string that was hidden so far moves to the
    /// first cell where it is seen.
    #[allow(clippy::too_many_arguments)]
    fn show(
        &mut self,
        shared: Option<u32>,
        text: &str,
        known: Known,
        hiding: Option<Hiding>,
        grid: &Grid<'_>,
        item: u32,
        into: &mut Harvest,
    ) {
        let (location, source, _) = grid.place(item);
        if known.has(Known::READ) {
            let run = shared.and_then(|index| self.hidden_runs.remove(&index));
            if let Some(run) = run.and_then(|run| into.runs.get_mut(run)) {
                *run = TextRun {
                    text: std::mem::take(&mut run.text),
                    location,
                    source,
                    visible: true,
                    hidden_by: None,
                };
            }
            return;
        }
        let run = into.add_run(text, source, hiding, self.report_chars, || location);
        if let (Some(index), Some(run), Some(_)) = (shared, run, hiding) {
            self.hidden_runs.insert(index, run);
        }
    }

    /// Puts the phrases of a shared string into `scanner` again: its first and last ones, which
    /// are those that other cells can complete.
    fn recall(&mut self, shared: Option<u32>, text: &str, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        cx.budget.step(1)?;
        let Some(index) = shared else { return Ok(()) };
        if let Some(found) = self.remembered.get(&index) {
            self.scanner.found.clear();
            self.scanner.found.extend_from_slice(found);
            return Ok(());
        }
        let text = shown_part(text);
        charge(text, cx)?;
        self.scanner.whole(self.grammar, text);
        let ends = 4;
        let count = self.scanner.found.len();
        let found = self.scanner.found.iter().enumerate();
        let kept = found.filter(|(nth, _)| *nth < ends || nth.saturating_add(ends) >= count);
        let kept: Box<[Found]> = kept.map(|(_, found)| *found).collect();
        if let Some(room) = self.room.checked_sub(kept.len()) {
            self.room = room;
            self.remembered.insert(index, kept);
        }
        Ok(())
    }
}

/// What Excel can show of the text of a cell: 32,767 characters, here of four bytes at most.
fn shown_part(text: &str) -> &str {
    text.get(..text.floor_char_boundary(4 * 32_767)).unwrap_or(text)
}

/// Pays for composing what was found; each phrase is tried with a handful of rules.
fn charge_phrases(scanner: &Scanner, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    cx.budget.step((scanner.found.len() as u64).saturating_mul(2))
}

/// Pays for folding and matching a text; other scripts than ASCII cost more to fold.
fn charge(text: &str, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let times = if text.is_ascii() { 1 } else { 4 };
    cx.budget.touch(text.len().saturating_mul(times))
}
