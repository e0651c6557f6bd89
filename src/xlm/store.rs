//! The cells as a macro sees them: what lies in the file, and what was written since.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::cells::{CellValue, Cells};
use super::value::{Area, CellAt, Data, ErrorCode, Origins, Value};
use crate::base::{Cx, LimitHit, LimitKind};
use crate::documents::workbook::{Cached, FormulaCell, Sheet, SheetKind, Workbook};

/// Sheet, column and row: cells of a column lie beside each other, as macros run.
type Key = (u32, u16, u32);

fn key(at: CellAt) -> Key {
    (at.sheet, at.column, at.row)
}

/// What can run in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula<'b> {
    /// A formula of the file.
    File(&'b FormulaCell),
    /// A text that a macro wrote, with its leading `=`, and the cell that wrote it.
    Written(Rc<str>, CellAt),
}

/// Cells with pending writes over those of the file.
#[derive(Debug)]
pub struct Store<'b> {
    cells: Cells<'b>,
    /// What was written; none is TRUE with nothing else to say, as most commands leave it behind.
    values: BTreeMap<Key, Option<Box<Value>>>,
    /// Formulas that were written; `None` where a constant or nothing replaced one of the file.
    formulas: BTreeMap<Key, Option<(Rc<str>, CellAt)>>,
    /// Places of the formulas of a sheet: column, row, index. Made when first asked for.
    places: BTreeMap<u32, Vec<(u16, u32, u32)>>,
    extents: BTreeMap<u32, (u32, u16)>,
    /// Cells that were written, for those who have to compute again.
    writes: u64,
    /// Cells that were written so that a formula came, went or changed.
    formula_writes: u64,
    written_sheets: BTreeSet<u32>,
    /// The last row and column of a sheet that has a value here.
    reach: BTreeMap<u32, (u32, u16)>,
    /// Sheets that the macro made, behind those of the file.
    added: Vec<(String, SheetKind)>,
    live: usize,
    most_live: usize,
}

/// Sheets that a macro can make.
const ADDED: usize = 16;

/// Bytes that written cells may take at one time.
const LIVE: usize = 2 << 20;

/// What a written cell takes besides its text.
const CELL_BYTES: usize = 96;

/// What a cell takes that holds TRUE alone.
const DONE_BYTES: usize = 24;

impl<'b> Store<'b> {
    /// The cells of `book`, nothing written.
    pub fn new(book: &'b Workbook) -> Self {
        Store {
            cells: Cells::new(book),
            values: BTreeMap::new(),
            formulas: BTreeMap::new(),
            places: BTreeMap::new(),
            extents: BTreeMap::new(),
            writes: 0,
            formula_writes: 0,
            written_sheets: BTreeSet::new(),
            reach: BTreeMap::new(),
            added: Vec::new(),
            live: 0,
            most_live: LIVE,
        }
    }

    /// The workbook.
    pub fn book(&self) -> &'b Workbook {
        self.cells.book()
    }

    /// A sheet.
    pub fn sheet(&self, index: u32) -> Option<&'b Sheet> {
        self.book().sheets.get(index as usize)
    }

    /// Whether there is such a sheet in the file, or one that the macro made.
    pub fn has_sheet(&self, index: u32) -> bool {
        (index as usize) < self.book().sheets.len().saturating_add(self.added.len())
    }

    /// The name of a sheet; none for one that is not there.
    pub fn sheet_name(&self, index: u32) -> &str {
        match self.sheet(index) {
            Some(sheet) => &sheet.name,
            None => self.added_at(index).map_or("", |(name, _)| name),
        }
    }

    fn added_at(&self, index: u32) -> Option<&(String, SheetKind)> {
        self.added.get((index as usize).checked_sub(self.book().sheets.len())?)
    }

    /// Sheets that the macro made, with the index of each.
    pub fn added(&self) -> impl Iterator<Item = (u32, &str, SheetKind)> {
        let first = u32::try_from(self.book().sheets.len()).unwrap_or(u32::MAX);
        (first..).zip(&self.added).map(|(index, (name, kind))| (index, name.as_str(), *kind))
    }

    /// Makes a sheet, named as Excel names it; its index, or none when there are too many.
    pub fn add_sheet(&mut self, kind: SheetKind) -> Option<u32> {
        /// Sheets whose names are looked at.
        const LOOKED_AT: usize = 4096;
        if self.added.len() >= ADDED {
            return None;
        }
        let word = match kind {
            SheetKind::Macro => "Macro",
            SheetKind::Chart => "Chart",
            _ => "Sheet",
        };
        let taken = |name: &str| {
            let file = self.book().sheets.iter().take(LOOKED_AT).map(|sheet| sheet.name.as_str());
            file.chain(self.added.iter().map(|(name, _)| name.as_str()))
                .any(|known| known.eq_ignore_ascii_case(name))
        };
        let name = (1..64u32).map(|number| format!("{word}{number}")).find(|name| !taken(name))?;
        let index = self.book().sheets.len().checked_add(self.added.len())?;
        self.added.push((name, kind));
        u32::try_from(index).ok()
    }

    /// Whether cells of the sheet run as macros.
    pub fn is_macro_sheet(&self, index: u32) -> bool {
        match self.sheet(index) {
            Some(sheet) => sheet.kind == SheetKind::Macro,
            None => self.added_at(index).is_some_and(|(_, kind)| *kind == SheetKind::Macro),
        }
    }

    /// How many writes there were.
    pub fn writes(&self) -> u64 {
        self.writes
    }

    /// How many writes there were after which other formulas may stand in cells.
    pub fn formula_writes(&self) -> u64 {
        self.formula_writes
    }

    /// Whether a cell of the sheet was written.
    pub fn was_written(&self, sheet: u32) -> bool {
        self.written_sheets.contains(&sheet)
    }

    /// What a cell holds. The value that the file keeps for a formula says that it is that.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub fn read(&mut self, at: CellAt, cx: &mut Cx<'_>) -> Result<Value, LimitHit> {
        if let Some(value) = self.values.get(&key(at)) {
            cx.budget.step(1)?;
            return Ok(value.as_deref().cloned().unwrap_or_else(|| Data::Boolean(true).into()));
        }
        let book = self.book();
        let value = self.cells.get(at.sheet, at.row, at.column, cx)?;
        let (data, cached) = match value {
            CellValue::Empty => (Data::Empty, false),
            CellValue::Text(text) => (text_data(text, cx)?, false),
            CellValue::Number(number) => (Data::Number(number), false),
            CellValue::Formula(cached) => (
                match cached {
                    Cached::Empty => Data::Text("".into()),
                    Cached::Number(number) => Data::Number(number),
                    Cached::Text(text) => text_data(book.texts.get(text), cx)?,
                    Cached::Boolean(value) => Data::Boolean(value),
                    Cached::Error(code) => Data::Error(ErrorCode::of_byte(code)),
                },
                true,
            ),
        };
        let origins = if cached { Origins::CACHED } else { Origins::NONE };
        Ok(Value { data, origins, symbol: None })
    }

    /// The index of the format of a cell: its own, else that of its row or column.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub fn format(&mut self, at: CellAt, cx: &mut Cx<'_>) -> Result<u16, LimitHit> {
        if let Some(format) = self.cells.format(at.sheet, at.row, at.column, cx)? {
            return Ok(format);
        }
        let Some(sheet) = self.sheet(at.sheet) else { return Ok(15) };
        let row = sheet.rows.partition_point(|row| row.row < at.row);
        let of_row = sheet.rows.get(row).filter(|row| row.row == at.row).and_then(|row| row.format);
        let of_column =
            || sheet.columns.iter().take(256).find(|own| (own.first..=own.last).contains(&at.column));
        Ok(of_row.or_else(|| of_column().map(|own| own.format)).unwrap_or(15))
    }

    /// Whether something was written to the cell.
    pub fn is_written(&self, at: CellAt) -> bool {
        self.values.contains_key(&key(at))
    }

    /// Keeps the value of a formula that ran; the formula stays.
    ///
    /// # Errors
    /// [`LimitHit`] when written cells take too much memory.
    pub fn keep(&mut self, at: CellAt, value: Value) -> Result<(), LimitHit> {
        let is_done =
            value.data == Data::Boolean(true) && value.origins == Origins::NONE && value.symbol.is_none();
        let kept = Some(value).filter(|_| !is_done);
        self.live = self.live.saturating_add(bytes_of(kept.as_ref()));
        match self.values.entry(key(at)) {
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                self.live = self.live.saturating_sub(bytes_of(known.as_deref()));
                match (known.as_deref_mut(), kept) {
                    (Some(place), Some(value)) => *place = value,
                    (_, kept) => *known = kept.map(Box::new),
                }
            }
            Entry::Vacant(place) => {
                place.insert(kept.map(Box::new));
                let reach = self.reach.entry(at.sheet).or_default();
                *reach = (reach.0.max(at.row), reach.1.max(at.column));
            }
        }
        self.writes = self.writes.saturating_add(1);
        if self.live > self.most_live {
            return Err(LimitHit { kind: LimitKind::Memory, ceiling: self.most_live as u64 });
        }
        Ok(())
    }

    /// Writes a constant; a formula that stood there is gone.
    ///
    /// # Errors
    /// [`LimitHit`] when written cells take too much memory.
    pub fn write(&mut self, at: CellAt, value: Value) -> Result<(), LimitHit> {
        self.formulas.insert(key(at), None);
        self.formula_writes = self.formula_writes.saturating_add(1);
        self.written_sheets.insert(at.sheet);
        self.keep(at, value)
    }

    /// Writes a formula, given with its leading `=`.
    ///
    /// # Errors
    /// [`LimitHit`] when written cells take too much memory.
    pub fn write_formula(&mut self, at: CellAt, text: Rc<str>, by: CellAt) -> Result<(), LimitHit> {
        self.live = self.live.saturating_add(text.len());
        if let Some(Some((before, _))) = self.formulas.insert(key(at), Some((text, by))) {
            self.live = self.live.saturating_sub(before.len());
        }
        self.formula_writes = self.formula_writes.saturating_add(1);
        self.written_sheets.insert(at.sheet);
        self.keep(at, Data::Empty.into())
    }

    /// The formula of a cell.
    pub fn formula(&mut self, at: CellAt) -> Option<Formula<'b>> {
        if let Some(written) = self.formulas.get(&key(at)) {
            return written.as_ref().map(|(text, by)| Formula::Written(Rc::clone(text), *by));
        }
        let sheet = self.sheet(at.sheet)?;
        let places = self.places(at.sheet);
        // Of two formulas in one cell the last counts.
        let end = places.partition_point(|place| (place.0, place.1) <= (at.column, at.row));
        let place = places.get(end.checked_sub(1)?)?;
        let index = (place.0 == at.column && place.1 == at.row).then_some(place.2)?;
        sheet.formulas.get(index as usize).map(Formula::File)
    }

    /// The first row from `row` down that has a formula in this column.
    pub fn next_formula(&mut self, sheet: u32, column: u16, row: u32) -> Option<u32> {
        let mut from = row;
        loop {
            let places = self.places(sheet);
            let start = places.partition_point(|place| (place.0, place.1) < (column, from));
            let in_file = places.get(start).filter(|place| place.0 == column).map(|place| place.1);
            let range = (sheet, column, from)..=(sheet, column, u32::MAX);
            let written =
                self.formulas.range(range).find(|(_, formula)| formula.is_some()).map(|((.., row), _)| *row);
            let next = match (in_file, written) {
                (Some(file), Some(written)) => file.min(written),
                (file, written) => file.or(written)?,
            };
            if self.formulas.get(&(sheet, column, next)).is_none_or(Option::is_some) {
                return Some(next);
            }
            from = next.checked_add(1)?;
        }
    }

    fn places(&mut self, sheet: u32) -> &[(u16, u32, u32)] {
        let book = self.book();
        self.places.entry(sheet).or_insert_with(|| {
            let formulas = book.sheets.get(sheet as usize).map_or(&[][..], |sheet| &sheet.formulas);
            let mut places: Vec<_> =
                (0u32..).zip(formulas).map(|(index, cell)| (cell.column, cell.row, index)).collect();
            places.sort_unstable();
            places
        })
    }

    /// The last row and column of a sheet that hold anything.
    pub fn extent(&mut self, sheet: u32) -> (u32, u16) {
        let book = self.book();
        let in_file = *self.extents.entry(sheet).or_insert_with(|| {
            let Some(facts) = book.sheets.get(sheet as usize) else { return (0, 0) };
            let texts = facts.texts.iter().map(|cell| (cell.row, cell.column));
            let numbers = facts.numbers.iter().map(|cell| (cell.row, cell.column));
            let formulas = facts.formulas.iter().map(|cell| (cell.row, cell.column));
            let all = texts.chain(numbers).chain(formulas);
            all.fold((0, 0), |most, cell| (most.0.max(cell.0), most.1.max(cell.1)))
        });
        if !self.written_sheets.contains(&sheet) {
            return in_file;
        }
        let written = self.reach.get(&sheet).copied().unwrap_or_default();
        (in_file.0.max(written.0), in_file.1.max(written.1))
    }

    /// The part of an area that can hold anything: whole rows and columns end where the sheet does.
    pub fn used(&mut self, area: Area) -> Area {
        let (last_row, last_column) = self.extent(area.sheet);
        let rows = (area.rows.0, area.rows.1.min(last_row).max(area.rows.0));
        let columns = (area.columns.0, area.columns.1.min(last_column).max(area.columns.0));
        Area { rows, columns, ..area }
    }
}

/// What a written value takes.
fn bytes_of(value: Option<&Value>) -> usize {
    value.map_or(DONE_BYTES, |value| value.data.heap_len().saturating_add(CELL_BYTES))
}

fn text_data(text: &str, cx: &mut Cx<'_>) -> Result<Data, LimitHit> {
    cx.budget.touch(text.len())?;
    Ok(Data::Text(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn formula(row: u32) -> FormulaCell {
        FormulaCell {
            row,
            column: 0,
            format: 0,
            tokens: Default::default(),
            cached: Cached::Number(f64::from(row)),
        }
    }

    #[test]
    fn written_cells_lie_over_those_of_the_file() {
        let mut book = Workbook::default();
        let formulas = vec![formula(1), formula(5)];
        book.sheets.push(Sheet { kind: SheetKind::Macro, formulas, ..Sheet::default() });
        let mut store = Store::new(&book);
        let at = |row| CellAt { sheet: 0, row, column: 0 };
        assert_eq!(store.next_formula(0, 0, 0), Some(1));
        store.write(at(1), Data::Empty.into()).unwrap();
        assert_eq!(store.next_formula(0, 0, 0), Some(5));
        store.write_formula(at(3), "=HALT()".into(), at(0)).unwrap();
        assert_eq!(store.next_formula(0, 0, 0), Some(3));
        assert_eq!(store.formula(at(3)), Some(Formula::Written("=HALT()".into(), at(0))));
        assert_eq!(store.next_formula(0, 0, 6), None);

        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx = Cx { part: PartId(0), stage: Stage::Xlm, budget: &mut budget, problems: &mut problems };
        let read = store.read(at(5), &mut cx).unwrap();
        assert_eq!((read.data, read.origins), (Data::Number(5.0), Origins::CACHED));
    }

    #[test]
    fn written_cells_end_at_a_ceiling_and_a_rewritten_one_counts_once() {
        let book = Workbook::default();
        let mut store = Store::new(&book);
        let long = Value::from(Data::Text("x".repeat(30_000).into()));
        let at = |row| CellAt { sheet: 0, row, column: 0 };
        for _ in 0..1000 {
            store.write(at(0), long.clone()).unwrap();
        }
        let filled = (0..1000).find(|row| store.write(at(*row), long.clone()).is_err());
        assert_eq!(filled, Some(69));
    }
}
