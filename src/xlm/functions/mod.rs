//! The functions that macros call, a file a family, and what a handler is given.
//!
//! A pure function computes from its arguments and from cells: it is a [`Pure`]. Every other one is
//! an [`Act`], which may change the machine, have effects, or decide what runs next.

mod asking;
mod control;
pub mod date;
pub mod files;
mod format;
mod inert;
mod information;
mod logic;
mod lookup;
mod math;
mod outside;
mod programs;
mod references;
mod statistics;
mod text;
pub mod trial;
mod windows;
mod writing;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::LazyLock;

use super::environment::Environment;
use super::machine::{Call, Flow, Machine};
use super::store::Store;
use super::value::{Area, Array, CellAt, Data, ErrorCode, Fail, Origins, TEXT_CHARS, Value};
use crate::base::{Cx, LimitHit};

/// A function that the machine knows.
#[derive(Debug)]
pub struct Spec {
    /// Its English name.
    pub name: &'static str,
    /// What computes it.
    pub handler: Handler,
    /// Formulas with it, and what they give as [`Value::display`] shows it. A test evaluates them.
    pub examples: &'static [(&'static str, &'static str)],
    /// What it does in the machine; empty for a pure function.
    pub does: &'static str,
}

/// What computes a function.
#[derive(Debug, Clone, Copy)]
pub enum Handler {
    /// From its arguments and cells alone.
    Pure(Pure),
    /// By the machine.
    Act(Act),
}

/// Computes a value from arguments.
pub type Pure = fn(&mut Args<'_, '_, '_>) -> Answer;

/// Carries out a call.
pub type Act = fn(&mut Machine<'_, '_>, &Call) -> Result<Flow, LimitHit>;

/// What a pure function gives.
pub type Answer = Result<Data, Fail>;

/// A row of a table: a function that computes from its arguments.
const fn pure(name: &'static str, pure: Pure, examples: &'static [(&'static str, &'static str)]) -> Spec {
    Spec { name, handler: Handler::Pure(pure), examples, does: "" }
}

/// A row of a table: a function that may do something besides yielding a value.
const fn act(name: &'static str, act: Act, does: &'static str) -> Spec {
    Spec { name, handler: Handler::Act(act), examples: &[], does }
}

/// A row of a table: a function that looks at the machine and changes nothing.
const fn quiet(name: &'static str, act: Act, examples: &'static [(&'static str, &'static str)]) -> Spec {
    Spec { name, handler: Handler::Act(act), examples, does: "" }
}

impl Spec {
    /// Whether it may do something besides yielding a value.
    pub fn acts(&self) -> bool {
        !self.does.is_empty()
    }
}

impl Call {
    /// An argument; `None` when it is left out or not there.
    pub fn arg(&self, index: usize) -> Option<&Value> {
        self.args.get(index).filter(|value| value.data != Data::Missing)
    }

    /// What of the surroundings its arguments depend on.
    pub fn origins(&self) -> Origins {
        self.args.iter().fold(Origins::NONE, |all, arg| all.and(arg.origins))
    }
}

/// All families: name, and rows.
pub fn families() -> &'static [(&'static str, &'static [Spec])] {
    FAMILIES
}

static FAMILIES: &[(&str, &[Spec])] = &[
    ("control", control::TABLE),
    ("writing", writing::TABLE),
    ("references", references::TABLE),
    ("outside", outside::TABLE),
    ("files", files::TABLE),
    ("windows", windows::TABLE),
    ("asking", asking::TABLE),
    ("logic", logic::TABLE),
    ("math", math::TABLE),
    ("statistics", statistics::TABLE),
    ("date", date::TABLE),
    ("lookup", lookup::TABLE),
    ("information", information::TABLE),
    ("text", text::TABLE),
    ("format", format::TABLE),
    ("inert", inert::TABLE),
];

/// The function with a name in upper case.
pub fn find(name: &str) -> Option<&'static Spec> {
    static BY_NAME: LazyLock<BTreeMap<&'static str, &'static Spec>> = LazyLock::new(|| {
        families().iter().flat_map(|(_, rows)| rows.iter()).map(|spec| (spec.name, spec)).collect()
    });
    BY_NAME.get(name).copied()
}

/// The arguments of a call, and what a function may look at.
///
/// What is read leaves its origins and its symbol here; both go to the result.
pub struct Args<'a, 'b, 'c> {
    values: &'a [Value],
    store: &'a mut Store<'b>,
    cx: &'a mut Cx<'c>,
    here: CellAt,
    environment: &'a Environment,
    origins: Origins,
    symbol: Option<Rc<str>>,
}

impl<'a, 'b, 'c> Args<'a, 'b, 'c> {
    /// Arguments of a call in the cell `here`.
    pub fn new(
        values: &'a [Value],
        store: &'a mut Store<'b>,
        cx: &'a mut Cx<'c>,
        here: CellAt,
        environment: &'a Environment,
    ) -> Self {
        Args { values, store, cx, here, environment, origins: Origins::NONE, symbol: None }
    }

    /// Runs a pure function: its answer with the origins and the symbol of what it read.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub fn compute(mut self, function: Pure) -> Result<Value, LimitHit> {
        let data = match function(&mut self) {
            Ok(data) => data,
            Err(Fail::Error(code)) => Data::Error(code),
            Err(Fail::Limit(hit)) => return Err(hit),
        };
        // A text shows the symbols of its pieces; a reference and an error are what they are.
        let symbol = match data {
            Data::Reference(_) | Data::Error(_) | Data::Array(_) => None,
            _ => self.symbol,
        };
        Ok(Value { data, origins: self.origins, symbol })
    }

    /// How many arguments there are, left-out ones included.
    pub fn count(&self) -> usize {
        self.values.len()
    }

    /// The cell where the formula stands.
    pub fn here(&self) -> CellAt {
        self.here
    }

    /// The machine that the macro is thought to run on.
    pub fn environment(&self) -> &'a Environment {
        self.environment
    }

    /// Cells.
    pub fn store(&mut self) -> &mut Store<'b> {
        self.store
    }

    /// Whether an argument is left out or not there.
    pub fn is_missing(&self, index: usize) -> bool {
        self.values.get(index).is_none_or(|value| value.data == Data::Missing)
    }

    /// An argument as it is: a reference stays one, an error too.
    pub fn raw(&mut self, index: usize) -> Data {
        match self.values.get(index) {
            Some(value) => {
                self.origins = self.origins.and(value.origins);
                value.data.clone()
            }
            None => Data::Missing,
        }
    }

    /// The cells that an argument refers to.
    pub fn area(&self, index: usize) -> Option<Area> {
        match self.values.get(index)?.data {
            Data::Reference(area) => Some(area),
            _ => None,
        }
    }

    /// An argument as one value: a reference is read, of an array the first item is taken. An error
    /// is a value here.
    ///
    /// # Errors
    /// [`Fail::Limit`] when the steps do not last.
    pub fn value(&mut self, index: usize) -> Result<Data, Fail> {
        Ok(self.whole(index)?.data)
    }

    fn whole(&mut self, index: usize) -> Result<Value, Fail> {
        let Some(value) = self.values.get(index) else { return Ok(Data::Missing.into()) };
        let mut value = value.clone();
        if let Data::Reference(area) = value.data {
            let origins = value.origins;
            value = match area.single(self.here) {
                Some(at) => self.store.read(at, self.cx)?,
                None => Value::error(ErrorCode::Value),
            };
            value.origins = value.origins.and(origins);
        }
        if let Data::Array(array) = &value.data {
            value.data = array.get(0, 0);
        }
        self.origins = self.origins.and(value.origins);
        Ok(value)
    }

    /// An argument as a number.
    ///
    /// # Errors
    /// The error that it is, `#VALUE!` when it is no number, or a limit.
    pub fn number(&mut self, index: usize) -> Result<f64, Fail> {
        let value = self.whole(index)?;
        let number = value.data.to_number()?;
        self.symbol = self.symbol.take().or(value.symbol);
        Ok(number)
    }

    /// An argument as a number, `default` when it is not given at all or left out.
    ///
    /// # Errors
    /// As [`Args::number`].
    pub fn number_or(&mut self, index: usize, default: f64) -> Result<f64, Fail> {
        if self.is_missing(index) { Ok(default) } else { self.number(index) }
    }

    /// An argument as a whole number, cut towards zero.
    ///
    /// # Errors
    /// As [`Args::number`]; `#NUM!` beyond 2⁵³.
    pub fn integer(&mut self, index: usize) -> Result<i64, Fail> {
        let number = self.number(index)?;
        whole_number(number).ok_or(Fail::Error(ErrorCode::Num))
    }

    /// An argument as a whole number, `default` when it is left out.
    ///
    /// # Errors
    /// As [`Args::integer`].
    pub fn integer_or(&mut self, index: usize, default: i64) -> Result<i64, Fail> {
        if self.is_missing(index) { Ok(default) } else { self.integer(index) }
    }

    /// An argument as a count or position from 1: `#VALUE!` below `least`.
    ///
    /// # Errors
    /// As [`Args::integer`].
    pub fn at_least(&mut self, index: usize, least: i64) -> Result<usize, Fail> {
        let number = self.integer(index)?;
        let inside = number >= least;
        usize::try_from(number).ok().filter(|_| inside).ok_or(Fail::Error(ErrorCode::Value))
    }

    /// An argument as a truth value.
    ///
    /// # Errors
    /// The error that it is, `#VALUE!` when it is none, or a limit.
    pub fn boolean(&mut self, index: usize) -> Result<bool, Fail> {
        let value = self.whole(index)?;
        let truth = value.data.to_boolean()?;
        self.symbol = self.symbol.take().or(value.symbol);
        Ok(truth)
    }

    /// An argument as a truth value, `default` when it is left out.
    ///
    /// # Errors
    /// As [`Args::boolean`].
    pub fn boolean_or(&mut self, index: usize, default: bool) -> Result<bool, Fail> {
        if self.is_missing(index) { Ok(default) } else { self.boolean(index) }
    }

    /// An argument as text, with symbols in their places.
    ///
    /// # Errors
    /// The error that it is, or a limit.
    pub fn text(&mut self, index: usize) -> Result<Rc<str>, Fail> {
        let value = self.whole(index)?;
        let text = value.shown()?;
        self.cx.budget.touch(text.len())?;
        Ok(text)
    }

    /// An argument as text, `default` when it is left out.
    ///
    /// # Errors
    /// As [`Args::text`].
    pub fn text_or(&mut self, index: usize, default: &str) -> Result<Rc<str>, Fail> {
        if self.is_missing(index) { Ok(default.into()) } else { self.text(index) }
    }

    /// An argument as rows of values. Whole columns and rows end where the sheet does.
    ///
    /// # Errors
    /// [`Fail::Limit`] when the steps do not last.
    pub fn grid(&mut self, index: usize) -> Result<Rc<Array>, Fail> {
        let Some(value) = self.values.get(index) else {
            return Ok(Rc::new(Array::new(1, vec![Data::Missing])));
        };
        self.origins = self.origins.and(value.origins);
        let area = match &value.data {
            Data::Array(array) => return Ok(Rc::clone(array)),
            Data::Reference(area) if area.is_cell() => *area,
            Data::Reference(area) => self.store.used(*area),
            other => return Ok(Rc::new(Array::new(1, vec![other.clone()]))),
        };
        let count = u64::from(area.height()).saturating_mul(area.width().into());
        self.cx.budget.step(count)?;
        let mut items = Vec::new();
        for row in area.rows.0..=area.rows.1 {
            for column in area.columns.0..=area.columns.1 {
                let value = self.store.read(CellAt { sheet: area.sheet, row, column }, self.cx)?;
                self.origins = self.origins.and(value.origins);
                items.push(value.data);
            }
        }
        Ok(Rc::new(Array::new(area.width() as usize, items)))
    }

    /// What the one cell holds that an argument refers to: [`Args::grid`] for such arguments.
    ///
    /// # Errors
    /// [`Fail::Limit`] when the steps do not last.
    pub fn cell(&mut self, index: usize) -> Result<Option<Data>, Fail> {
        let Some(area) = self.area(index).filter(|area| area.is_cell()) else { return Ok(None) };
        self.raw(index);
        self.cx.budget.step(1)?;
        let value = self.store.read(area.first(), self.cx)?;
        self.origins = self.origins.and(value.origins);
        Ok(Some(value.data))
    }

    /// The numbers of all arguments from `first`, as SUM and its kin take them: in cells and arrays
    /// only numbers count, an argument that is a value itself is made one.
    ///
    /// # Errors
    /// The first error among them, `#VALUE!` for a text that is no number, or a limit.
    pub fn numbers(&mut self, first: usize) -> Result<Vec<f64>, Fail> {
        let mut numbers = Vec::new();
        for index in first..self.values.len() {
            let direct = !matches!(
                self.values.get(index).map(|value| &value.data),
                Some(Data::Reference(_) | Data::Array(_))
            );
            if direct {
                numbers.push(self.number(index)?);
                continue;
            }
            for item in self.grid(index)?.items() {
                match item {
                    Data::Number(number) => numbers.push(*number),
                    Data::Error(code) => return Err((*code).into()),
                    _ => {}
                }
            }
        }
        Ok(numbers)
    }

    /// Spends the steps for making or looking at `len` bytes.
    ///
    /// # Errors
    /// [`Fail::Limit`] when they do not last.
    pub fn charge(&mut self, len: usize) -> Result<(), Fail> {
        Ok(self.cx.budget.touch(len)?)
    }

    /// A text that was made. Charged; `#VALUE!` where it is too long for Excel.
    ///
    /// # Errors
    /// [`Fail::Limit`] when the steps do not last.
    pub fn made<'t>(&mut self, text: impl Into<Cow<'t, str>>) -> Answer {
        let text = text.into();
        self.charge(text.len())?;
        Ok(Data::text(&text))
    }

    /// A text of `count` bytes may be made: `#VALUE!` where it would be too long for Excel.
    ///
    /// # Errors
    /// `#VALUE!`, or a limit.
    pub fn room_for(&mut self, count: usize) -> Result<(), Fail> {
        if count > TEXT_CHARS.saturating_mul(4) {
            return Err(ErrorCode::Value.into());
        }
        self.charge(count)
    }
}

/// A number as a whole one, cut towards zero; `None` beyond 2⁵³.
pub fn whole_number(number: f64) -> Option<i64> {
    const MOST: f64 = 9_007_199_254_740_992.0;
    let cut = number.trunc();
    // Within this range every whole number has an exact text and value.
    #[expect(clippy::cast_possible_truncation, reason = "checked to lie within 2⁵³")]
    let whole = (cut.abs() <= MOST).then_some(cut as i64);
    whole
}

/// The characters of a text from `start` (from 0), at most `count`.
pub fn slice_chars(text: &str, start: usize, count: usize) -> &str {
    let at = |position: usize| text.char_indices().nth(position).map_or(text.len(), |(at, _)| at);
    if text.is_ascii() {
        let start = start.min(text.len());
        let end = start.saturating_add(count).min(text.len());
        return text.get(start..end).unwrap_or_default();
    }
    let start = at(start);
    let rest = text.get(start..).unwrap_or_default();
    let end = rest.char_indices().nth(count).map_or(rest.len(), |(at, _)| at);
    rest.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn every_name_is_there_once_and_spelled_in_capitals() {
        let mut names: Vec<&str> =
            families().iter().flat_map(|(_, rows)| rows.iter().map(|spec| spec.name)).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        let capital = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'.';
        assert!(names.iter().all(|name| name.bytes().all(capital)));
    }

    #[test]
    fn characters_are_counted_and_not_bytes() {
        assert_eq!(slice_chars("日本語x", 1, 2), "本語");
        assert_eq!(slice_chars("abc", 2, 9), "c");
        assert_eq!(slice_chars("abc", 9, 1), "");
    }
}
