//! Operators: arithmetic, `&`, comparisons, and those that make references.

use std::cmp::Ordering;
use std::rc::Rc;

use super::Machine;
use crate::base::LimitHit;
use crate::documents::formula::{Binary, Unary};
use crate::xlm::value::{Area, Array, Data, ErrorCode, Value};

/// Items of an array that an operator makes.
const ITEMS: usize = 65_536;

impl Machine<'_, '_> {
    pub(super) fn binary(&mut self, operator: Binary, left: Value, right: Value) -> Result<Value, LimitHit> {
        if matches!(operator, Binary::Range | Binary::Union | Binary::Intersect) {
            return Ok(of_references(operator, &left, &right));
        }
        let (left, right) = (self.single(left)?, self.single(right)?);
        let origins = left.origins.and(right.origins);
        if let (Data::Array(_), _) | (_, Data::Array(_)) = (&left.data, &right.data) {
            return self.each(operator, &left, &right, origins);
        }
        if operator == Binary::Concat {
            let (first, second) = (left.shown(), right.shown());
            let data = match (first, second) {
                (Ok(first), Ok(second)) => {
                    self.cx.budget.touch(first.len().saturating_add(second.len()))?;
                    let mut text = String::new();
                    text.push_str(&first);
                    text.push_str(&second);
                    Data::text(&text)
                }
                (Err(code), _) | (_, Err(code)) => Data::Error(code),
            };
            return Ok(Value { data, origins, symbol: None });
        }
        let data = scalar(operator, &left.data, &right.data);
        let symbol = match &data {
            Data::Error(_) => None,
            Data::Boolean(_) if origins.is_environment() => {
                Some(self.comparison_text(operator, &left, &right))
            }
            _ => left.symbol.or(right.symbol),
        };
        Ok(Value { data, origins, symbol })
    }

    /// A comparison as a person reads it: `GET.WORKSPACE(13)<770`.
    fn comparison_text(&self, operator: Binary, left: &Value, right: &Value) -> Rc<str> {
        let side = |value: &Value| match &value.symbol {
            Some(symbol) => symbol.to_string(),
            None if value.origins.is_environment() => self.labels(value.origins),
            None => value.display().chars().take(80).collect(),
        };
        format!("{}{}{}", side(left), sign(operator), side(right)).into()
    }

    fn each(
        &mut self,
        operator: Binary,
        left: &Value,
        right: &Value,
        origins: crate::xlm::value::Origins,
    ) -> Result<Value, LimitHit> {
        let size = |data: &Data| match data {
            Data::Array(array) => (array.rows(), array.columns()),
            _ => (1, 1),
        };
        let (first, second) = (size(&left.data), size(&right.data));
        let (rows, columns) = (first.0.max(second.0), first.1.max(second.1));
        if rows.saturating_mul(columns) > ITEMS {
            return Ok(Value::error(ErrorCode::Value));
        }
        self.spend(rows.saturating_mul(columns) as u64)?;
        let item = |data: &Data, row, column| match data {
            Data::Array(array) => array.get(row, column),
            other => other.clone(),
        };
        let mut items = Vec::new();
        for row in 0..rows {
            for column in 0..columns {
                let (left, right) = (item(&left.data, row, column), item(&right.data, row, column));
                items.push(match operator {
                    Binary::Concat => concat(&left, &right),
                    _ => scalar(operator, &left, &right),
                });
            }
        }
        Ok(Value { data: Data::Array(Rc::new(Array::new(columns, items))), origins, symbol: None })
    }

    pub(super) fn unary(&mut self, operator: Unary, operand: Value) -> Result<Value, LimitHit> {
        let operand = match operator {
            Unary::Plus => return Ok(operand),
            _ => self.single(operand)?,
        };
        let one = |data: &Data| match data.to_number() {
            Ok(number) if operator == Unary::Percent => Data::number(number / 100.0),
            Ok(number) => Data::number(-number),
            Err(code) => Data::Error(code),
        };
        let data = match &operand.data {
            Data::Array(array) => {
                self.spend(array.items().len() as u64)?;
                let items = array.items().iter().map(one).collect();
                Data::Array(Rc::new(Array::new(array.columns(), items)))
            }
            data => one(data),
        };
        Ok(Value { data, ..operand })
    }
}

fn concat(left: &Data, right: &Data) -> Data {
    let mut text = String::new();
    match left.write(&mut text).and_then(|()| right.write(&mut text)) {
        Ok(()) => Data::text(&text),
        Err(code) => Data::Error(code),
    }
}

fn sign(operator: Binary) -> &'static str {
    match operator {
        Binary::Less => "<",
        Binary::LessOrEqual => "<=",
        Binary::Equal => "=",
        Binary::GreaterOrEqual => ">=",
        Binary::Greater => ">",
        Binary::NotEqual => "<>",
        _ => " ",
    }
}

fn scalar(operator: Binary, left: &Data, right: &Data) -> Data {
    let numbers = || Ok::<_, ErrorCode>((left.to_number()?, right.to_number()?));
    let computed = |compute: fn(f64, f64) -> Data| match numbers() {
        Ok((left, right)) => compute(left, right),
        Err(code) => Data::Error(code),
    };
    let compared = |holds: fn(Ordering) -> bool| match compare(left, right) {
        Ok(order) => Data::Boolean(holds(order)),
        Err(code) => Data::Error(code),
    };
    match operator {
        Binary::Add => computed(|left, right| Data::number(left + right)),
        Binary::Subtract => computed(|left, right| Data::number(left - right)),
        Binary::Multiply => computed(|left, right| Data::number(left * right)),
        Binary::Divide => computed(|left, right| match right {
            0.0 => Data::Error(ErrorCode::Div0),
            _ => Data::number(left / right),
        }),
        Binary::Power => computed(|left, right| Data::number(left.powf(right))),
        Binary::Less => compared(Ordering::is_lt),
        Binary::LessOrEqual => compared(Ordering::is_le),
        Binary::Equal => compared(Ordering::is_eq),
        Binary::GreaterOrEqual => compared(Ordering::is_ge),
        Binary::Greater => compared(Ordering::is_gt),
        Binary::NotEqual => compared(Ordering::is_ne),
        Binary::Concat | Binary::Intersect | Binary::Union | Binary::Range => Data::Error(ErrorCode::Value),
    }
}

/// The order of two values: numbers before texts before booleans; texts without regard to letter
/// case; nothing is zero, or no text, as its neighbour wants it.
///
/// # Errors
/// The error that one of them is.
pub fn compare(left: &Data, right: &Data) -> Result<Ordering, ErrorCode> {
    let empty = |data: &Data, other: &Data| match (data, other) {
        (Data::Empty | Data::Missing, Data::Text(_)) => Data::Text("".into()),
        (Data::Empty | Data::Missing, Data::Boolean(_)) => Data::Boolean(false),
        (Data::Empty | Data::Missing, _) => Data::Number(0.0),
        (data, _) => data.clone(),
    };
    let rank = |data: &Data| match data {
        Data::Text(_) => 1,
        Data::Boolean(_) => 2,
        _ => 0,
    };
    match (&empty(left, right), &empty(right, left)) {
        (Data::Error(code), _) | (_, Data::Error(code)) => Err(*code),
        (Data::Number(left), Data::Number(right)) => {
            // Excel compares 15 digits.
            let same = (left - right).abs() <= left.abs().max(right.abs()) * 5e-16;
            Ok(if same { Ordering::Equal } else { left.total_cmp(right) })
        }
        (Data::Text(left), Data::Text(right)) => Ok(compare_texts(left, right)),
        (Data::Boolean(left), Data::Boolean(right)) => Ok(left.cmp(right)),
        (left, right) => Ok(rank(left).cmp(&rank(right))),
    }
}

/// The order of two texts without regard to letter case.
pub fn compare_texts(left: &str, right: &str) -> Ordering {
    let fold = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
    if left.is_ascii() && right.is_ascii() {
        let (left, right) = (left.bytes(), right.bytes());
        return left.map(|byte| byte.to_ascii_lowercase()).cmp(right.map(|byte| byte.to_ascii_lowercase()));
    }
    fold(left).cmp(&fold(right))
}

fn of_references(operator: Binary, left: &Value, right: &Value) -> Value {
    let origins = left.origins.and(right.origins);
    let data = match (&left.data, &right.data) {
        (Data::Error(code), _) | (_, Data::Error(code)) => Data::Error(*code),
        (Data::Reference(first), Data::Reference(second)) => match operator {
            Binary::Range if first.sheet == second.sheet => Data::Reference(Area {
                sheet: first.sheet,
                rows: (first.rows.0.min(second.rows.0), first.rows.1.max(second.rows.1)),
                columns: (first.columns.0.min(second.columns.0), first.columns.1.max(second.columns.1)),
            }),
            Binary::Intersect if first.sheet == second.sheet => {
                let rows = (first.rows.0.max(second.rows.0), first.rows.1.min(second.rows.1));
                let columns = (first.columns.0.max(second.columns.0), first.columns.1.min(second.columns.1));
                if rows.0 <= rows.1 && columns.0 <= columns.1 {
                    Data::Reference(Area { sheet: first.sheet, rows, columns })
                } else {
                    Data::Error(ErrorCode::Null)
                }
            }
            // Of a union the first area is taken.
            Binary::Union => Data::Reference(*first),
            _ => Data::Error(ErrorCode::Ref),
        },
        _ => Data::Error(ErrorCode::Value),
    };
    Value { data, origins, symbol: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_compare_as_excel_has_it() {
        let text = |text: &str| Data::Text(text.into());
        let cases = [
            (Data::Number(0.1 + 0.2), Data::Number(0.3), Ok(Ordering::Equal)),
            (text("Abc"), text("aBC"), Ok(Ordering::Equal)),
            (Data::Number(9.0), text("1"), Ok(Ordering::Less)),
            (text("zzz"), Data::Boolean(false), Ok(Ordering::Less)),
            (Data::Empty, text(""), Ok(Ordering::Equal)),
            (Data::Empty, Data::Number(0.0), Ok(Ordering::Equal)),
            (Data::Error(ErrorCode::Ref), text("x"), Err(ErrorCode::Ref)),
        ];
        for (left, right, order) in cases {
            assert_eq!(compare(&left, &right), order, "{left:?} {right:?}");
        }
    }
}
