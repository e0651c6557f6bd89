//! Cells by address: what a reference in a macro would read from the file as it lies there.

use std::cmp::Ordering;

use crate::base::{Cx, LimitHit};
use crate::documents::formula::write_number;
use crate::documents::workbook::{Cached, Sheet, Workbook};

/// An index over the cells of a workbook. A sheet is indexed when it is first asked for.
#[derive(Debug)]
pub struct Cells<'b> {
    book: &'b Workbook,
    sheets: Vec<Option<Index>>,
}

/// The order of a sheet's cells by address; `None` where they already lie in that order.
#[derive(Debug)]
struct Index {
    texts: Option<Vec<u32>>,
    numbers: Option<Vec<u32>>,
    formulas: Option<Vec<u32>>,
}

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CellValue<'b> {
    /// Nothing that was kept.
    Empty,
    /// A text.
    Text(&'b str),
    /// A number.
    Number(f64),
    /// A formula, with the value that the file keeps for it.
    Formula(Cached),
}

impl CellValue<'_> {
    /// Appends the value as `&` would, and says whether there was one that needs no evaluation.
    pub fn write(self, book: &Workbook, into: &mut String) -> bool {
        match self {
            CellValue::Empty => return false,
            CellValue::Text(text) => into.push_str(text),
            CellValue::Number(number) | CellValue::Formula(Cached::Number(number)) => {
                write_number(number, into);
            }
            CellValue::Formula(Cached::Text(text)) => into.push_str(book.texts.get(text)),
            CellValue::Formula(Cached::Boolean(value)) => into.push_str(if value { "TRUE" } else { "FALSE" }),
            CellValue::Formula(Cached::Empty | Cached::Error(_)) => return false,
        }
        true
    }
}

impl<'b> Cells<'b> {
    /// An index over `book` that has looked at nothing yet.
    pub fn new(book: &'b Workbook) -> Self {
        Cells { book, sheets: book.sheets.iter().map(|_| None).collect() }
    }

    /// The workbook.
    pub fn book(&self) -> &'b Workbook {
        self.book
    }

    /// What a cell holds.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last for the index of its sheet.
    pub fn get(
        &mut self,
        sheet: u32,
        row: u32,
        column: u16,
        cx: &mut Cx<'_>,
    ) -> Result<CellValue<'b>, LimitHit> {
        cx.budget.step(1)?;
        let book = self.book;
        let Some(facts) = book.sheets.get(sheet as usize) else { return Ok(CellValue::Empty) };
        let Some(slot) = self.sheets.get_mut(sheet as usize) else { return Ok(CellValue::Empty) };
        let index = match slot {
            Some(index) => index,
            None => slot.insert(Index::of(facts, cx)?),
        };
        let key = (row, column);
        if let Some(cell) = find(&facts.texts, &index.texts, |cell| (cell.row, cell.column), key) {
            return Ok(CellValue::Text(book.cell_text(cell.text)));
        }
        if let Some(cell) = find(&facts.numbers, &index.numbers, |cell| (cell.row, cell.column), key) {
            return Ok(CellValue::Number(cell.value));
        }
        let formula = find(&facts.formulas, &index.formulas, |cell| (cell.row, cell.column), key);
        Ok(formula.map_or(CellValue::Empty, |cell| CellValue::Formula(cell.cached)))
    }
}

impl Cells<'_> {
    /// The index of the format of a cell that holds something.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last for the index of its sheet.
    pub fn format(
        &mut self,
        sheet: u32,
        row: u32,
        column: u16,
        cx: &mut Cx<'_>,
    ) -> Result<Option<u16>, LimitHit> {
        cx.budget.step(1)?;
        let Some(facts) = self.book.sheets.get(sheet as usize) else { return Ok(None) };
        let Some(slot) = self.sheets.get_mut(sheet as usize) else { return Ok(None) };
        let index = match slot {
            Some(index) => index,
            None => slot.insert(Index::of(facts, cx)?),
        };
        let key = (row, column);
        let text = find(&facts.texts, &index.texts, |cell| (cell.row, cell.column), key);
        let number = || find(&facts.numbers, &index.numbers, |cell| (cell.row, cell.column), key);
        let formula = || find(&facts.formulas, &index.formulas, |cell| (cell.row, cell.column), key);
        Ok(text
            .map(|cell| cell.format)
            .or_else(|| number().map(|cell| cell.format))
            .or_else(|| formula().map(|cell| cell.format)))
    }
}

impl Index {
    fn of(sheet: &Sheet, cx: &mut Cx<'_>) -> Result<Self, LimitHit> {
        let count =
            sheet.texts.len().saturating_add(sheet.numbers.len()).saturating_add(sheet.formulas.len());
        cx.budget.step((count as u64 / 4).saturating_add(1))?;
        Ok(Index {
            texts: order(&sheet.texts, |cell| (cell.row, cell.column)),
            numbers: order(&sheet.numbers, |cell| (cell.row, cell.column)),
            formulas: order(&sheet.formulas, |cell| (cell.row, cell.column)),
        })
    }
}

fn order<T>(cells: &[T], key: impl Fn(&T) -> (u32, u16)) -> Option<Vec<u32>> {
    if cells.is_sorted_by_key(&key) {
        return None;
    }
    let mut order: Vec<u32> = (0u32..).zip(cells).map(|(index, _)| index).collect();
    order.sort_by_key(|index| cells.get(*index as usize).map(&key));
    Some(order)
}

/// The last cell with a key: a cell that is written twice holds what was written last.
fn find<'s, T>(
    cells: &'s [T],
    order: &Option<Vec<u32>>,
    key: impl Fn(&T) -> (u32, u16),
    wanted: (u32, u16),
) -> Option<&'s T> {
    let at_most = |cell: &T| key(cell).cmp(&wanted) != Ordering::Greater;
    let end = match order {
        Some(order) => order.partition_point(|index| cells.get(*index as usize).is_some_and(at_most)),
        None => cells.partition_point(at_most),
    };
    let last = end.checked_sub(1)?;
    let cell = match order {
        Some(order) => cells.get(*order.get(last)? as usize)?,
        None => cells.get(last)?,
    };
    (key(cell) == wanted).then_some(cell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};
    use crate::documents::workbook::NumberCell;

    #[test]
    fn cells_out_of_order_are_found_and_the_last_of_two_counts() {
        let number = |row, value| NumberCell { row, column: 2, format: 0, value };
        let mut book = Workbook::default();
        let numbers = vec![number(9, 1.0), number(3, 2.0), number(9, 3.0)];
        book.sheets.push(Sheet { numbers, ..Sheet::default() });
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx = Cx { part: PartId(0), stage: Stage::Xlm, budget: &mut budget, problems: &mut problems };
        let mut cells = Cells::new(&book);
        assert_eq!(cells.get(0, 9, 2, &mut cx), Ok(CellValue::Number(3.0)));
        assert_eq!(cells.get(0, 3, 2, &mut cx), Ok(CellValue::Number(2.0)));
        assert_eq!(cells.get(0, 4, 2, &mut cx), Ok(CellValue::Empty));
        assert_eq!(cells.get(7, 3, 2, &mut cx), Ok(CellValue::Empty));
    }
}
