//! Walks models for their texts, in reading order.
//!
//! A shared string is folded and matched once, however many cells show it; which phrases its end
//! cuts off is remembered in four bytes. Each cell joins the cell before it and the cell above it,
//! so that a phrase may be split along a row and down a column. Nothing is joined in memory.

use std::collections::BTreeMap;

use super::compose::{Axis, Composer, Items, has_slash};
use super::grammar::Grammar;
use super::scan::{Found, Passage, Scanner};
use super::{Harvest, HiddenCells, Hiding, HidingFormats, TextRun, TextSource};
use crate::base::{Cx, LimitHit, Location, PartId};
use crate::documents::document::{Document, HiddenText, TextPlace};
use crate::documents::workbook::{Cached, CellText, Sheet, TextId, Workbook};

/// Rows or items that may lie empty within a phrase.
const EMPTY_ROWS: u32 = 1;
/// How much of a stream a cell counts for at most whose text was read before.
const KNOWN_LEN: u32 = 16;
/// Columns that are followed downwards for whole instructions: those of a BIFF8 sheet.
const COLUMNS: u16 = 256;
/// Phrases remembered of all shared strings that have some.
const REMEMBERED: usize = 1 << 16;
/// Bytes of a long text that are matched at once.
const PIECE: usize = 16 << 10;
/// Object type of a comment's shape ([MS-XLS] 2.5.143 `ot`).
const NOTE: u16 = 25;

/// Harvests all texts of a workbook.
///
/// # Errors
/// [`LimitHit`] when the steps do not last; `into` keeps what was harvested.
pub fn workbook(book: &Workbook, into: &mut Harvest, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut reader = Reader::new(cx);
    cx.budget.touch(book.formats.len().saturating_mul(16))?;
    let formats = HidingFormats::new(book);
    (0..).zip(&book.sheets).try_for_each(|(index, sheet)| {
        let cells = sheet.rows.len().saturating_add(sheet.columns.len());
        cx.budget.step(1)?;
        cx.budget.touch(cells.saturating_mul(12))?;
        let hidden = HiddenCells::new(&formats, sheet);
        let read = reader.grid(&Grid::new(book, index, sheet, &hidden), into, cx);
        read.and_then(|()| reader.list(&loose_texts(book, index, sheet), into, cx))
    })
}

/// Harvests document properties, in their order.
///
/// # Errors
/// [`LimitHit`] when the steps do not last; `into` keeps what was harvested.
pub fn properties<'t>(
    values: impl IntoIterator<Item = (&'t str, Location)>,
    into: &mut Harvest,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    values.into_iter().try_for_each(|(value, location)| text(value, location, TextSource::Property, into, cx))
}

/// Harvests the texts of a document, in reading order. A phrase may run on from one text to the next
/// where the same thing holds both.
///
/// # Errors
/// [`LimitHit`] when the steps do not last; `into` keeps what was harvested.
pub fn document(document: &Document, into: &mut Harvest, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut reader = Reader::new(cx);
    let mut pieces: Vec<Loose<'_>> = Vec::new();
    for text in &document.texts {
        let source = match text.place {
            TextPlace::Body => TextSource::Body,
            TextPlace::Header => TextSource::Header,
            TextPlace::Note => TextSource::Footnote,
            TextPlace::Comment => TextSource::Comment,
            TextPlace::TextBox => TextSource::TextBox,
            TextPlace::AltText => TextSource::AltText,
            TextPlace::Slide => TextSource::Slide,
            TextPlace::Subject => TextSource::Subject,
            TextPlace::FileName => TextSource::FileName,
        };
        let hiding = text.hidden.map(|hidden| match hidden {
            HiddenText::Vanish => Hiding::HiddenFormat,
            HiddenText::White => Hiding::WhiteOnWhite,
            HiddenText::Tiny => Hiding::TinyFont,
            HiddenText::NotShown => Hiding::HiddenShape,
        });
        let report_chars = cx.budget.limits().report_chars;
        into.add_run(&text.text, source, hiding, report_chars, || text.location.clone());
        let continues = pieces.last().is_some_and(|last| last.source == source);
        let (mut joined, location) = (continues, &text.location);
        for piece in pieces_of(&text.text) {
            let location = location.clone();
            pieces.push(Loose { text: piece, location, source, hiding, joined, shown: false });
            joined = true;
        }
    }
    reader.list(&pieces, into, cx)
}

/// A text in pieces that are matched at once.
fn pieces_of(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let cut = rest.floor_char_boundary(PIECE.min(rest.len()));
        let (piece, behind) = (rest.get(..cut)?, rest.get(cut..)?);
        rest = behind;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Harvests one text that stands alone: a message of a macro, the body of a mail.
///
/// # Errors
/// [`LimitHit`] when the steps do not last; `into` keeps what was harvested.
pub fn text(
    text: &str,
    location: Location,
    source: TextSource,
    into: &mut Harvest,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let mut reader = Reader::new(cx);
    into.add_run(text, source, None, cx.budget.limits().report_chars, || location.clone());
    let mut pieces = Vec::new();
    for piece in pieces_of(text) {
        let joined = !pieces.is_empty();
        pieces.push(Loose {
            text: piece,
            location: location.clone(),
            source,
            hiding: None,
            joined,
            shown: false,
        });
    }
    reader.list(&pieces, into, cx)
}

/// Looks for phrases in one text that the report shows elsewhere, so that it becomes no run: a message
/// among the effects of a macro, the name of a part.
///
/// # Errors
/// [`LimitHit`] when the steps do not last; `into` keeps what was found.
pub fn elsewhere(
    text: &str,
    location: &Location,
    source: TextSource,
    into: &mut Harvest,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let loose =
        |text, joined| Loose { text, location: location.clone(), source, hiding: None, joined, shown: false };
    let pieces: Vec<Loose<'_>> = pieces_of(text)
        .zip(std::iter::once(false).chain(std::iter::repeat(true)))
        .map(|(piece, joined)| loose(piece, joined))
        .collect();
    Reader::new(cx).list(&pieces, into, cx)
}

/// How often hits of one family, certainty and visibility are kept.
const KEPT: usize = 8;
/// How many texts are kept in [`Harvest::runs`].
const RUNS: usize = 20_000;

impl Harvest {
    pub(super) fn has_room(&self, family: super::Family, certainty: super::Certainty, visible: bool) -> bool {
        let alike =
            |hit: &&super::Hit| hit.family == family && hit.certainty == certainty && hit.visible == visible;
        self.hits.iter().filter(alike).count() < KEPT
    }

    /// Keeps a hit unless another one of its family says as much at its places.
    pub(super) fn keep(&mut self, hit: super::Hit) {
        let covers = |one: &super::Hit, other: &super::Hit| {
            one.family == other.family
                && one.certainty >= other.certainty
                && (one.visible || !other.visible)
                && (one.quote == other.quote
                    || other.locations.iter().all(|location| one.locations.contains(location)))
        };
        if !self.hits.iter().any(|kept| covers(kept, &hit)) {
            self.hits.retain(|kept| !covers(&hit, kept));
            self.hits.push(hit);
        }
    }

    /// Adds a text, and returns its index when there was room for it.
    fn add_run(
        &mut self,
        text: &str,
        source: TextSource,
        hiding: Option<Hiding>,
        report_chars: usize,
        location: impl FnOnce() -> Location,
    ) -> Option<usize> {
        if text.trim_ascii().is_empty() {
            return None;
        }
        let full = self.runs.len() >= RUNS;
        let chars = self.chars.saturating_add(if full { 0 } else { text.chars().count() });
        if full || chars > report_chars {
            self.left_out = self.left_out.saturating_add(1);
            return None;
        }
        self.chars = chars;
        let (text, location) = (text.to_owned(), location());
        self.runs.push(TextRun { text, location, source, visible: hiding.is_none(), hidden_by: hiding });
        Some(self.runs.len().saturating_sub(1))
    }
}

/// One text that is no cell.
#[derive(Debug)]
struct Loose<'b> {
    text: &'b str,
    location: Location,
    source: TextSource,
    hiding: Option<Hiding>,
    /// Whether a phrase may run on from the text before.
    joined: bool,
    /// Whether it becomes a run.
    shown: bool,
}

impl Items for &[Loose<'_>] {
    fn text(&self, item: u32) -> &str {
        self.get(item as usize).map_or("", |loose| loose.text)
    }

    fn place(&self, item: u32) -> (Location, TextSource, Option<Hiding>) {
        match self.get(item as usize) {
            Some(loose) => (loose.location.clone(), loose.source, loose.hiding),
            None => (Location::part(PartId::default()), TextSource::Cell, None),
        }
    }

    fn before(&self, item: u32, _axis: Axis) -> Option<u32> {
        let joined = self.get(item as usize).is_some_and(|loose| loose.joined);
        if joined { item.checked_sub(1) } else { None }
    }
}

/// All texts of a sheet that are no cells, text boxes first and in the order of their anchors.
fn loose_texts<'b>(book: &'b Workbook, index: u32, sheet: &'b Sheet) -> Vec<Loose<'b>> {
    let part = book.part;
    let sheet_hides = sheet.visibility.is_hidden().then_some(Hiding::HiddenSheet);
    let mut loose: Vec<Loose<'b>> = Vec::new();
    let mut add = |text: Option<TextId>, location: Location, source: TextSource, hiding: Option<Hiding>| {
        let text = text.map_or("", |id| book.texts.get(id));
        if !text.is_empty() {
            let joined = loose.last().is_some_and(|last| last.source == source);
            let hiding = sheet_hides.or(hiding);
            loose.push(Loose { text, location, source, hiding, joined, shown: true });
        }
    };
    let mut shapes: Vec<_> = sheet.shapes.iter().collect();
    shapes.sort_by_key(|shape| shape.anchor.map_or((u32::MAX, u32::MAX), |[row, column, ..]| (row, column)));
    let at = |offset: u64| Location::bytes(part, offset..offset);
    let boxes = || shapes.iter().filter(|shape| shape.object_type != NOTE);
    for shape in boxes() {
        let hiding = shape.hidden.then_some(Hiding::HiddenShape);
        add(shape.text, at(shape.at), TextSource::TextBox, hiding);
    }
    for shape in boxes() {
        add(shape.name, at(shape.at), TextSource::AltText, shape.hidden.then_some(Hiding::HiddenShape));
    }
    for shape in shapes.iter().filter(|shape| shape.object_type == NOTE) {
        add(shape.text, at(shape.at), TextSource::Note, None);
    }
    let cell = |row: u32, column: u16| Location::cell(part, index, row, column.into());
    for note in &sheet.notes {
        add(note.text, cell(note.row, note.column), TextSource::Note, None);
    }
    let sheet_at = sheet.bof_at.or(sheet.listed_at).map_or(Location::part(part), at);
    for header in &sheet.headers {
        add(Some(*header), sheet_at.clone(), TextSource::Header, None);
    }
    for prompt in &sheet.prompts {
        for text in prompt.texts {
            add(text, cell(prompt.row, prompt.column), TextSource::Prompt, None);
        }
    }
    for link in &sheet.hyperlinks {
        add(link.shown, cell(link.row, link.column), TextSource::Hyperlink, None);
        add(Some(link.target), cell(link.row, link.column), TextSource::Hyperlink, None);
    }
    let (text, source, hiding) = (sheet.name.as_str(), TextSource::SheetName, sheet_hides);
    loose.push(Loose { text, location: sheet_at, source, hiding, joined: false, shown: true });
    loose
}

/// A cell of a [`Grid`].
#[derive(Debug, Clone, Copy)]
struct Cell {
    row: u32,
    column: u16,
    format: u16,
    text: CellText,
    /// Whether a formula gave it.
    result: bool,
}

/// The cells of a sheet that have a text, row by row.
struct Grid<'g> {
    book: &'g Workbook,
    index: u32,
    sheet: &'g Sheet,
    hidden: &'g HiddenCells<'g>,
    /// Places in the sheet's lists; none when its texts are the cells as they stand.
    order: Option<Vec<u32>>,
    /// Whether all stand in one column, where both directions are the same.
    one_column: bool,
}

/// Marks a place in the list of formulas.
const FORMULA: u32 = 1 << 31;

impl<'g> Grid<'g> {
    fn new(book: &'g Workbook, index: u32, sheet: &'g Sheet, hidden: &'g HiddenCells<'g>) -> Self {
        let mut grid = Grid { book, index, sheet, hidden, order: None, one_column: false };
        let is_text = |cached: Cached| matches!(cached, Cached::Text(_));
        let sorted = sheet.texts.is_sorted_by_key(|cell| (cell.row, cell.column));
        if !sorted || sheet.formulas.iter().any(|formula| is_text(formula.cached)) {
            let texts = (0..FORMULA).zip(&sheet.texts).map(|(place, _)| place);
            let formulas = (0..FORMULA).zip(&sheet.formulas);
            let results =
                formulas.filter(|(_, formula)| is_text(formula.cached)).map(|(place, _)| place | FORMULA);
            let mut order: Vec<u32> = texts.chain(results).collect();
            // Of two texts for one cell, Excel shows the one that comes later.
            order.sort_by_key(|place| grid.at(*place).map(|cell| (cell.row, cell.column)));
            grid.order = Some(order);
        }
        let mut columns =
            (0..FORMULA).take(grid.len()).filter_map(|item| grid.cell(item)).map(|cell| cell.column);
        let first = columns.next();
        grid.one_column = columns.all(|column| Some(column) == first);
        grid
    }

    fn len(&self) -> usize {
        self.order.as_ref().map_or(self.sheet.texts.len(), Vec::len)
    }

    fn cell(&self, item: u32) -> Option<Cell> {
        match &self.order {
            Some(order) => self.at(*order.get(item as usize)?),
            None => self.at(item),
        }
    }

    fn at(&self, place: u32) -> Option<Cell> {
        if place & FORMULA == 0 {
            let cell = self.sheet.texts.get(place as usize)?;
            let (row, column, format, text) = (cell.row, cell.column, cell.format, cell.text);
            return Some(Cell { row, column, format, text, result: false });
        }
        let formula = self.sheet.formulas.get((place & !FORMULA) as usize)?;
        let Cached::Text(text) = formula.cached else { return None };
        let (row, column, format, text) = (formula.row, formula.column, formula.format, CellText::own(text)?);
        Some(Cell { row, column, format, text, result: true })
    }

    /// The last item at or before a place.
    fn find(&self, row: u32, column: u16) -> Option<u32> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            let cell = self.cell(u32::try_from(middle).ok()?)?;
            if (cell.row, cell.column) <= (row, column) {
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        let item = u32::try_from(low.checked_sub(1)?).ok()?;
        self.cell(item).is_some_and(|cell| (cell.row, cell.column) == (row, column)).then_some(item)
    }
}

impl Items for Grid<'_> {
    fn text(&self, item: u32) -> &str {
        self.cell(item).map_or("", |cell| self.book.cell_text(cell.text))
    }

    fn place(&self, item: u32) -> (Location, TextSource, Option<Hiding>) {
        let Some(cell) = self.cell(item) else {
            return (Location::part(self.book.part), TextSource::Cell, None);
        };
        let source = match cell.text.shared_index() {
            _ if cell.result => TextSource::FormulaResult,
            Some(_) => TextSource::SharedString,
            None => TextSource::Cell,
        };
        let location = Location::cell(self.book.part, self.index, cell.row, cell.column.into());
        (location, source, self.hidden.reason(cell.row, cell.column, cell.format))
    }

    fn before(&self, item: u32, axis: Axis) -> Option<u32> {
        let cell = self.cell(item)?;
        if axis == Axis::Down {
            let near = 1..=EMPTY_ROWS.saturating_add(1);
            return near.filter_map(|up| self.find(cell.row.checked_sub(up)?, cell.column)).next();
        }
        let before = item.checked_sub(1)?;
        let far = cell.row.saturating_sub(self.cell(before)?.row) > EMPTY_ROWS.saturating_add(1);
        (!far).then_some(before)
    }
}

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
struct Reader {
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
    fn new(cx: &Cx<'_>) -> Reader {
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
    fn list(&mut self, items: &[Loose<'_>], into: &mut Harvest, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
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
            charge(loose.text, cx)?;
            if loose.shown {
                into.add_run(loose.text, loose.source, loose.hiding, self.report_chars, || {
                    loose.location.clone()
                });
            }
            let passage = self.scanner.whole(grammar, loose.text);
            charge_phrases(&self.scanner, cx)?;
            let begun = self.begun();
            let from = if loose.joined { before } else { 0 };
            let edge;
            (before, edge) = self.join(from, passage, begun, loose.text);
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
    fn grid(&mut self, grid: &Grid<'_>, into: &mut Harvest, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
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
        charge(text, cx)?;
        let hiding = hiding();
        self.show(shared, text, known, hiding, grid, item, into);
        let passage = self.scanner.whole(self.grammar, text);
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

/// Pays for composing what was found; each phrase is tried with a handful of rules.
fn charge_phrases(scanner: &Scanner, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    cx.budget.step((scanner.found.len() as u64).saturating_mul(2))
}

/// Pays for folding and matching a text; other scripts than ASCII cost more to fold.
fn charge(text: &str, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let times = if text.is_ascii() { 1 } else { 4 };
    cx.budget.touch(text.len().saturating_mul(times))
}

#[cfg(test)]
mod tests;
