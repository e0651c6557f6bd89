//! The cells of a sheet that have a text, in reading order.

use super::super::compose::{Axis, Items};
use super::super::{HiddenCells, Hiding, TextSource};
use crate::base::Location;
use crate::documents::workbook::{Cached, CellText, Sheet, Workbook};

/// Rows or items that may lie empty within a phrase.
pub(super) const EMPTY_ROWS: u32 = 1;

/// A cell of a [`Grid`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) row: u32,
    pub(super) column: u16,
    pub(super) format: u16,
    pub(super) text: CellText,
    /// Whether a formula gave it.
    pub(super) result: bool,
}

/// The cells of a sheet that have a text, row by row.
pub(super) struct Grid<'g> {
    pub(super) book: &'g Workbook,
    pub(super) index: u32,
    pub(super) sheet: &'g Sheet,
    pub(super) hidden: &'g HiddenCells<'g>,
    /// Places in the sheet's lists; none when its texts are the cells as they stand.
    pub(super) order: Option<Vec<u32>>,
    /// Whether all stand in one column, where both directions are the same.
    pub(super) one_column: bool,
}

/// Marks a place in the list of formulas.
const FORMULA: u32 = 1 << 31;

impl<'g> Grid<'g> {
    pub(super) fn new(book: &'g Workbook, index: u32, sheet: &'g Sheet, hidden: &'g HiddenCells<'g>) -> Self {
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

    pub(super) fn len(&self) -> usize {
        self.order.as_ref().map_or(self.sheet.texts.len(), Vec::len)
    }

    pub(super) fn cell(&self, item: u32) -> Option<Cell> {
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
