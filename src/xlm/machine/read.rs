//! What values are when they are used: cells read, worksheets computed again, parts of the clock.

use std::rc::Rc;

use super::{Kind, Machine};
use crate::base::LimitHit;
use crate::xlm::functions::whole_number;
use crate::xlm::value::{Area, CellAt, Data, ErrorCode, Value};

/// Formulas of worksheets that one read computes again, as deep as they depend on each other.
const COMPUTED_AREA: u64 = 4096;

impl Machine<'_, '_> {
    /// What a cell holds. A formula of a worksheet that may depend on what the macro wrote is
    /// computed again.
    pub fn read(&mut self, at: CellAt) -> Result<Value, LimitHit> {
        self.compute(at)?;
        self.store.read(at, &mut self.cx)
    }

    /// A value that is not a reference to cells: one cell is read, of several the one in the row or
    /// column of the formula.
    pub fn single(&mut self, value: Value) -> Result<Value, LimitHit> {
        let Data::Reference(area) = value.data else { return Ok(value) };
        let read = match area.single(self.here()) {
            Some(at) => self.read(at)?,
            None => Value::error(ErrorCode::Value),
        };
        let origins = read.origins.and(value.origins);
        Ok(Value { origins, ..read })
    }

    /// What is read where a value is a reference to cells; `None` for one that stands for itself.
    fn single_of(&mut self, value: &Value) -> Result<Option<Value>, LimitHit> {
        match value.data {
            Data::Reference(_) => self.single(value.clone()).map(Some),
            _ => Ok(None),
        }
    }

    /// A value as text, symbols in their places; an error is its text.
    pub fn text_of(&mut self, value: Option<&Value>) -> Result<Rc<str>, LimitHit> {
        let Some(value) = value else { return Ok("".into()) };
        let text = match self.single_of(value)?.as_ref().unwrap_or(value).shown() {
            Ok(text) => text,
            Err(code) => code.text().into(),
        };
        self.cx.budget.touch(text.len())?;
        Ok(text)
    }

    /// A value as a number; `None` for what is none or left out.
    pub fn number_of(&mut self, value: Option<&Value>) -> Result<Option<f64>, LimitHit> {
        let Some(value) = value else { return Ok(None) };
        let single = self.single_of(value)?;
        match &single.as_ref().unwrap_or(value).data {
            Data::Missing => Ok(None),
            data => Ok(data.to_number().ok()),
        }
    }

    /// A value as a whole number.
    pub fn integer_of(&mut self, value: Option<&Value>) -> Result<Option<i64>, LimitHit> {
        Ok(self.number_of(value)?.and_then(whole_number))
    }

    /// Computes the cells again that arguments refer to.
    pub(super) fn refresh(&mut self, args: &[Value]) -> Result<(), LimitHit> {
        for value in args {
            if let Data::Reference(area) = value.data {
                self.refresh_area(area)?;
            }
        }
        Ok(())
    }

    fn refresh_area(&mut self, area: Area) -> Result<(), LimitHit> {
        if self.store.is_macro_sheet(area.sheet) || self.store.writes() == 0 {
            return Ok(());
        }
        let area = self.store.used(area);
        if u64::from(area.height()).saturating_mul(area.width().into()) > COMPUTED_AREA {
            return Ok(());
        }
        for column in area.columns.0..=area.columns.1 {
            let mut row = area.rows.0;
            while let Some(next) = self.store.next_formula(area.sheet, column, row) {
                if next > area.rows.1 {
                    break;
                }
                self.compute(CellAt { sheet: area.sheet, row: next, column })?;
                row = next.saturating_add(1);
            }
        }
        Ok(())
    }

    /// Computes a formula of a worksheet again, when something was written since. What it refers to
    /// is taken as it stands: formulas that depend on other ones are computed when those are read.
    fn compute(&mut self, at: CellAt) -> Result<(), LimitHit> {
        let writes = self.store.writes();
        if writes == 0
            || self.store.is_macro_sheet(at.sheet)
            || self.computed.get(&at).is_some_and(|known| *known >= writes)
            || self.store.formula(at).is_none()
            || self.routines.iter().any(|routine| routine.kind == Kind::Cell)
        {
            return Ok(());
        }
        self.computed.insert(at, writes);
        let Some(code) = self.code_at(at)? else { return Ok(()) };
        if code.acts {
            return Ok(());
        }
        self.push_routine(at, code, Kind::Cell, Vec::new())?;
        let depth = self.routines.len();
        // Nothing that this runs can start another macro, so that it comes back here.
        while self.routines.len() >= depth {
            self.spend(1)?;
            let Some(routine) = self.routines.last_mut() else { break };
            let code = Rc::clone(&routine.code);
            let next = routine.next;
            routine.next = next.saturating_add(1);
            match code.ops.get(next) {
                Some(op) => self.operation(op, false)?,
                None => self.formula_ended()?,
            }
        }
        Ok(())
    }

    /// A part of the date or time of an unknown moment has few values: `DAY(NOW)` is from 1 to 31.
    pub(super) fn clock_part(&mut self, name: &str, args: &[Value]) -> Option<Value> {
        let range: &[f64] = match name {
            "DAY" => &DAYS,
            "MONTH" => DAYS.get(..12)?,
            "WEEKDAY" => DAYS.get(..7)?,
            "HOUR" => &HOURS,
            "YEAR" => &YEARS,
            _ => return None,
        };
        let symbol = args.first()?.symbol.clone()?;
        if args.len() > 1 || !matches!(&*symbol, "NOW" | "TODAY") {
            return None;
        }
        let now = self.environment.now;
        let data = Data::Number(crate::xlm::functions::date::part(name, now)?);
        let label = format!("{name}({symbol}())");
        Some(self.ask(&label, data, range))
    }
}

const DAYS: [f64; 31] = [
    1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0, 19.0,
    20.0, 21.0, 22.0, 23.0, 24.0, 25.0, 26.0, 27.0, 28.0, 29.0, 30.0, 31.0,
];

const HOURS: [f64; 24] = [
    0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0,
    19.0, 20.0, 21.0, 22.0, 23.0,
];

const YEARS: [f64; 10] = [2018.0, 2019.0, 2020.0, 2021.0, 2022.0, 2023.0, 2024.0, 2025.0, 2026.0, 2027.0];
