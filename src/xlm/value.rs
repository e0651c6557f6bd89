//! What a macro computes with: numbers, texts, booleans, errors, arrays, references; and where a
//! value comes from that depends on the machine it would run on.
//!
//! Every value is concrete, so that a run can go on. One that depends on the surroundings carries
//! its [`Origins`]; one that nobody can know beforehand (the clock, a random number) also has a
//! symbol, which stands in its place wherever it is shown: `http://one.invalid/{NOW}`.

use std::fmt::Write;
use std::rc::Rc;

use crate::base::LimitHit;
use crate::documents::formula::write_number;

/// Longest text of a cell or of a result, in characters; Excel answers `#VALUE!` beyond it.
pub const TEXT_CHARS: usize = 32_767;

/// A value with where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// The value; what is assumed, when it has a symbol.
    pub data: Data,
    /// What of the surroundings it depends on.
    pub origins: Origins,
    /// What stands in its place when it is shown, without braces: `NOW`, `RAND#1`.
    pub symbol: Option<Rc<str>>,
}

/// The value itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Data {
    /// An empty cell.
    #[default]
    Empty,
    /// An argument that was left out.
    Missing,
    /// A number.
    Number(f64),
    /// A text.
    Text(Rc<str>),
    /// A boolean.
    Boolean(bool),
    /// An error.
    Error(ErrorCode),
    /// Rows of values.
    Array(Rc<Array>),
    /// Cells.
    Reference(Area),
}

/// Errors ([MS-XLS] 2.5.10 `BErr`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorCode {
    /// `#NULL!`
    Null,
    /// `#DIV/0!`
    Div0,
    /// `#VALUE!`
    Value,
    /// `#REF!`
    Ref,
    /// `#NAME?`
    Name,
    /// `#NUM!`
    Num,
    /// `#N/A`
    NotAvailable,
}

impl ErrorCode {
    /// The error with a code of the file; one that the specification lacks is `#N/A`.
    pub fn of_byte(code: u8) -> Self {
        match code {
            0x00 => ErrorCode::Null,
            0x07 => ErrorCode::Div0,
            0x0F => ErrorCode::Value,
            0x17 => ErrorCode::Ref,
            0x1D => ErrorCode::Name,
            0x24 => ErrorCode::Num,
            _ => ErrorCode::NotAvailable,
        }
    }

    /// Its text in a cell.
    pub fn text(self) -> &'static str {
        match self {
            ErrorCode::Null => "#NULL!",
            ErrorCode::Div0 => "#DIV/0!",
            ErrorCode::Value => "#VALUE!",
            ErrorCode::Ref => "#REF!",
            ErrorCode::Name => "#NAME?",
            ErrorCode::Num => "#NUM!",
            ErrorCode::NotAvailable => "#N/A",
        }
    }

    /// What `ERROR.TYPE` answers.
    pub fn number(self) -> f64 {
        match self {
            ErrorCode::Null => 1.0,
            ErrorCode::Div0 => 2.0,
            ErrorCode::Value => 3.0,
            ErrorCode::Ref => 4.0,
            ErrorCode::Name => 5.0,
            ErrorCode::Num => 6.0,
            ErrorCode::NotAvailable => 7.0,
        }
    }
}

/// Values in rows. Never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    columns: usize,
    items: Vec<Data>,
}

impl Array {
    /// An array of `items` in rows of `columns`; the last row is filled with `#N/A`.
    pub fn new(columns: usize, mut items: Vec<Data>) -> Self {
        let columns = columns.max(1);
        let whole = items.len().div_ceil(columns).max(1).saturating_mul(columns);
        items.resize(whole, Data::Error(ErrorCode::NotAvailable));
        Array { columns, items }
    }

    /// How many columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.items.len().checked_div(self.columns).unwrap_or(1)
    }

    /// The item at a row and column from 0. A single row or column repeats, as in Excel.
    pub fn get(&self, row: usize, column: usize) -> Data {
        let row = if self.rows() == 1 { 0 } else { row };
        let column = if self.columns == 1 { 0 } else { column };
        let index = row.saturating_mul(self.columns).saturating_add(column);
        let inside = column < self.columns && row < self.rows();
        self.items.get(index).filter(|_| inside).cloned().unwrap_or(Data::Error(ErrorCode::NotAvailable))
    }

    /// All items, row by row.
    pub fn items(&self) -> &[Data] {
        &self.items
    }
}

/// A cell: sheet, row and column, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellAt {
    /// Index of the sheet.
    pub sheet: u32,
    /// Row, from 0.
    pub row: u32,
    /// Column, from 0.
    pub column: u16,
}

/// A rectangle of cells of one sheet; ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Area {
    /// Index of the sheet.
    pub sheet: u32,
    /// First and last row, from 0.
    pub rows: (u32, u32),
    /// First and last column, from 0.
    pub columns: (u16, u16),
}

impl Area {
    /// The area of one cell.
    pub fn cell(at: CellAt) -> Self {
        Area { sheet: at.sheet, rows: (at.row, at.row), columns: (at.column, at.column) }
    }

    /// Its first cell.
    pub fn first(self) -> CellAt {
        CellAt { sheet: self.sheet, row: self.rows.0, column: self.columns.0 }
    }

    /// How many rows.
    pub fn height(self) -> u32 {
        self.rows.1.saturating_sub(self.rows.0).saturating_add(1)
    }

    /// How many columns.
    pub fn width(self) -> u32 {
        u32::from(self.columns.1.saturating_sub(self.columns.0)).saturating_add(1)
    }

    /// Whether it is one cell.
    pub fn is_cell(self) -> bool {
        self.rows.0 == self.rows.1 && self.columns.0 == self.columns.1
    }

    /// The one cell that a formula at `here` means where a single value is wanted: the cell itself,
    /// or the one in its own row or column (implicit intersection).
    pub fn single(self, here: CellAt) -> Option<CellAt> {
        let row_inside = (self.rows.0..=self.rows.1).contains(&here.row);
        let column_inside = (self.columns.0..=self.columns.1).contains(&here.column);
        let first = self.first();
        if self.is_cell() {
            Some(first)
        } else if self.columns.0 == self.columns.1 && row_inside {
            Some(CellAt { row: here.row, ..first })
        } else if self.rows.0 == self.rows.1 && column_inside {
            Some(CellAt { column: here.column, ..first })
        } else {
            None
        }
    }
}

/// A set of things that values depend on: indices into the sources of a run, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Origins(pub u64);

impl Origins {
    /// Depends on nothing.
    pub const NONE: Origins = Origins(0);
    /// The value that the file keeps for a formula which did not run.
    pub const CACHED: Origins = Origins(1 << 63);
    /// How many sources have a bit of their own; all further ones share the last.
    pub const SOURCES: usize = 62;

    /// The set of one source.
    pub fn source(index: usize) -> Self {
        Origins(1 << index.min(Self::SOURCES))
    }

    /// What is in either.
    #[must_use]
    pub fn and(self, other: Origins) -> Self {
        Origins(self.0 | other.0)
    }

    /// Whether it depends on the surroundings; a value kept in the file does not.
    pub fn is_environment(self) -> bool {
        self.0 & !Self::CACHED.0 != 0
    }

    /// Whether a source is in it.
    pub fn has(self, index: usize) -> bool {
        self.0 & Self::source(index).0 != 0
    }
}

/// Why a function has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fail {
    /// Its value is an error.
    Error(ErrorCode),
    /// A ceiling ends the run.
    Limit(LimitHit),
}

impl From<ErrorCode> for Fail {
    fn from(code: ErrorCode) -> Self {
        Fail::Error(code)
    }
}

impl From<LimitHit> for Fail {
    fn from(hit: LimitHit) -> Self {
        Fail::Limit(hit)
    }
}

impl From<Data> for Value {
    fn from(data: Data) -> Self {
        Value { data, origins: Origins::NONE, symbol: None }
    }
}

impl From<f64> for Data {
    fn from(number: f64) -> Self {
        Data::number(number)
    }
}

impl From<bool> for Data {
    fn from(value: bool) -> Self {
        Data::Boolean(value)
    }
}

impl From<&str> for Data {
    fn from(text: &str) -> Self {
        Data::Text(text.into())
    }
}

impl From<ErrorCode> for Data {
    fn from(code: ErrorCode) -> Self {
        Data::Error(code)
    }
}

impl Data {
    /// A number, or `#NUM!` where it is none.
    pub fn number(number: f64) -> Self {
        if number.is_finite() { Data::Number(number) } else { Data::Error(ErrorCode::Num) }
    }

    /// A text of a file or of a result; `#VALUE!` where it is too long for Excel.
    pub fn text(text: &str) -> Self {
        if text.len() > TEXT_CHARS && text.chars().nth(TEXT_CHARS).is_some() {
            return Data::Error(ErrorCode::Value);
        }
        Data::Text(text.into())
    }

    /// The value as a number, as arithmetic takes it.
    ///
    /// # Errors
    /// The error that it is, or `#VALUE!` for a text that is no number.
    pub fn to_number(&self) -> Result<f64, ErrorCode> {
        match self {
            Data::Empty | Data::Missing => Ok(0.0),
            Data::Number(number) => Ok(*number),
            Data::Boolean(value) => Ok(if *value { 1.0 } else { 0.0 }),
            Data::Text(text) => parse_number(text).ok_or(ErrorCode::Value),
            Data::Error(code) => Err(*code),
            Data::Array(array) => array.get(0, 0).to_number(),
            Data::Reference(_) => Err(ErrorCode::Value),
        }
    }

    /// The value as a truth value.
    ///
    /// # Errors
    /// The error that it is, or `#VALUE!` for another text than `TRUE` and `FALSE`.
    pub fn to_boolean(&self) -> Result<bool, ErrorCode> {
        match self {
            Data::Boolean(value) => Ok(*value),
            Data::Text(text) if text.eq_ignore_ascii_case("TRUE") => Ok(true),
            Data::Text(text) if text.eq_ignore_ascii_case("FALSE") => Ok(false),
            Data::Text(_) => Err(ErrorCode::Value),
            Data::Array(array) => array.get(0, 0).to_boolean(),
            other => other.to_number().map(|number| number != 0.0),
        }
    }

    /// Appends the value as `&` does.
    ///
    /// # Errors
    /// The error that it is.
    pub fn write(&self, into: &mut String) -> Result<(), ErrorCode> {
        match self {
            Data::Empty | Data::Missing => {}
            Data::Number(number) => write_number(*number, into),
            Data::Text(text) => into.push_str(text),
            Data::Boolean(value) => into.push_str(if *value { "TRUE" } else { "FALSE" }),
            Data::Error(code) => return Err(*code),
            Data::Array(array) => match array.items().first() {
                Some(Data::Array(_)) | None => return Err(ErrorCode::Value),
                Some(first) => first.write(into)?,
            },
            Data::Reference(_) => return Err(ErrorCode::Value),
        }
        Ok(())
    }

    /// The value as `&` takes it.
    ///
    /// # Errors
    /// The error that it is.
    pub fn to_text(&self) -> Result<Rc<str>, ErrorCode> {
        if let Data::Text(text) = self {
            return Ok(Rc::clone(text));
        }
        let mut text = String::new();
        self.write(&mut text)?;
        Ok(text.into())
    }

    /// Bytes that it takes beyond its own size.
    pub fn heap_len(&self) -> usize {
        match self {
            Data::Text(text) => text.len(),
            Data::Array(array) => array.items.iter().fold(0usize, |sum, item| {
                let inner = if let Data::Text(text) = item { text.len() } else { 0 };
                sum.saturating_add(size_of::<Data>()).saturating_add(inner)
            }),
            _ => 0,
        }
    }

    /// Whether there is nothing: an empty cell or an argument that was left out.
    pub fn is_nothing(&self) -> bool {
        matches!(self, Data::Empty | Data::Missing)
    }
}

impl Value {
    /// An error.
    pub fn error(code: ErrorCode) -> Self {
        Data::Error(code).into()
    }

    /// The value as `&` takes it, with its symbol in its place.
    ///
    /// # Errors
    /// The error that it is.
    pub fn shown(&self) -> Result<Rc<str>, ErrorCode> {
        match (&self.symbol, &self.data) {
            (_, Data::Error(code)) => Err(*code),
            (Some(symbol), _) => Ok(format!("{{{symbol}}}").into()),
            (None, data) => data.to_text(),
        }
    }

    /// The value as a person reads it in a trace: texts in quotes, errors by their text.
    pub fn display(&self) -> String {
        let mut text = String::new();
        match (&self.symbol, &self.data) {
            (Some(symbol), _) => {
                let _ = write!(text, "{{{symbol}}}");
            }
            (None, Data::Text(inner)) => {
                text.push('"');
                text.push_str(&inner.replace('"', "\"\""));
                text.push('"');
            }
            (None, Data::Error(code)) => text.push_str(code.text()),
            (None, Data::Array(array)) => {
                let _ = write!(text, "{{{} rows, {} columns}}", array.rows(), array.columns());
            }
            (None, Data::Reference(_)) => text.push_str("reference"),
            (None, data) => drop(data.write(&mut text)),
        }
        text
    }
}

/// A text as a number: decimal, exponent, percent, thousands separators, a time or a date.
pub fn parse_number(text: &str) -> Option<f64> {
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed.len() > 64 {
        return None;
    }
    let (body, negative) = match trimmed.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => (inner, true),
        None => (trimmed, false),
    };
    let (body, scale) = match body.strip_suffix('%') {
        Some(inner) => (inner.trim_end(), 100.0),
        None => (body, 1.0),
    };
    let body = body.strip_prefix(['$', '¥', '€', '£']).unwrap_or(body);
    let plain: String = body.chars().filter(|letter| *letter != ',').collect();
    let is_number =
        plain.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'+' | b'-' | b'e' | b'E'))
            && plain.bytes().any(|byte| byte.is_ascii_digit());
    if is_number && let Ok(number) = plain.parse::<f64>() {
        let number = number / scale;
        return number.is_finite().then_some(if negative { -number } else { number });
    }
    super::functions::date::parse(trimmed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_numbers_where_excel_takes_them_for_one() {
        let texts = ["12", " 1,234.5 ", "-3e2", "50%", "(7)", "00:00:03", "abc", "", "1e999", "--1"];
        let numbers = texts.map(parse_number);
        let expected = [
            Some(12.0),
            Some(1234.5),
            Some(-300.0),
            Some(0.5),
            Some(-7.0),
            Some(3.0 / 86_400.0),
            None,
            None,
            None,
            None,
        ];
        assert_eq!(numbers, expected);
    }

    #[test]
    fn a_symbol_stands_in_the_place_of_its_value() {
        let value =
            Value { data: Data::Number(45_000.0), origins: Origins::source(0), symbol: Some("NOW".into()) };
        assert_eq!(value.shown().as_deref(), Ok("{NOW}"));
        assert_eq!(value.data.to_number(), Ok(45_000.0));
    }

    #[test]
    fn an_area_means_the_cell_in_the_row_or_column_of_the_formula() {
        let here = CellAt { sheet: 0, row: 4, column: 7 };
        let column = Area { sheet: 1, rows: (2, 9), columns: (3, 3) };
        assert_eq!(column.single(here), Some(CellAt { sheet: 1, row: 4, column: 3 }));
        assert_eq!(Area { rows: (5, 9), ..column }.single(here), None);
    }

    #[test]
    fn a_text_longer_than_a_cell_is_an_error() {
        assert_eq!(Data::text(&"x".repeat(TEXT_CHARS + 1)), Data::Error(ErrorCode::Value));
        assert!(matches!(Data::text(&"x".repeat(TEXT_CHARS)), Data::Text(_)));
    }

    #[test]
    fn an_array_repeats_a_single_row_and_fills_its_last() {
        let row = Array::new(3, vec![1.0.into(), 2.0.into(), 3.0.into()]);
        assert_eq!(row.get(5, 1), Data::Number(2.0));
        let ragged = Array::new(2, vec![1.0.into(), 2.0.into(), 3.0.into()]);
        assert_eq!((ragged.rows(), ragged.get(1, 1)), (2, Data::Error(ErrorCode::NotAvailable)));
        assert_eq!(ragged.get(0, 2), Data::Error(ErrorCode::NotAvailable));
    }
}
