//! What writes cells and names.

use super::{Spec, act};
use crate::base::LimitHit;
use crate::documents::formula::text::Style;
use crate::xlm::machine::operators::compare;
use crate::xlm::machine::{Call, Flow, Machine};
use crate::xlm::names::{Meaning, name_key};
use crate::xlm::value::{Area, CellAt, Data, ErrorCode, Value, parse_number};

pub(super) const TABLE: &[Spec] = &[
    act("CLEAR", clear, "Clears the selection"),
    act("COPY", copy, "Copies cells"),
    act("CUT", copy, "Cuts cells"),
    act("DEFINE.NAME", define_name, "Sets a name"),
    act("DELETE.NAME", delete_name, "Deletes a name"),
    act("EDIT.DELETE", clear, "Deletes the selected cells"),
    act("FILL.DOWN", fill_from_edge, "Copies the first row of the selection to the others"),
    act("FILL.LEFT", fill_from_edge, "Copies the last column of the selection to the others"),
    act("FILL.RIGHT", fill_from_edge, "Copies the first column of the selection to the others"),
    act("FILL.UP", fill_from_edge, "Copies the last row of the selection to the others"),
    act("FORMULA", formula, "Writes a formula or value into a cell"),
    act("FORMULA.ARRAY", formula, "Writes an array formula"),
    act("FORMULA.CONVERT", convert, "A formula text in the other style of references"),
    act("FORMULA.FILL", fill, "Writes a formula or value into cells"),
    act("FORMULA.REPLACE", super::control::nothing, "Replaces text in formulas"),
    act("PASTE", paste, "Pastes what was copied"),
    act("PASTE.SPECIAL", paste, "Pastes what was copied, in part"),
    act("SET.NAME", set_name, "Sets a name of the macro sheet"),
    act("SET.VALUE", set_value, "Sets the value of cells and leaves their formulas"),
    act("SORT", sort, "Sorts the selection by its first key"),
];

/// Cells that one call writes.
const CELLS: u64 = 65_536;

fn done() -> Result<Flow, LimitHit> {
    Ok(Flow::Value(Data::Boolean(true).into()))
}

/// The cells that an argument means: a reference, or an address in a text; else the active cell.
fn target(machine: &mut Machine<'_, '_>, value: Option<&Value>) -> Result<Option<Area>, LimitHit> {
    let active = machine.active;
    Ok(match value.map(|value| &value.data) {
        Some(Data::Reference(area)) => Some(*area),
        Some(Data::Text(text)) => machine.reference_in(text, Style::Both, active)?,
        Some(_) => None,
        None => Some(Area::cell(active)),
    })
}

/// What a person would enter by typing a text: a number where it is one.
fn typed(value: Value) -> Value {
    let number = match &value.data {
        Data::Text(text) if !text.starts_with(['=', '\'']) => parse_number(text),
        _ => None,
    };
    match number {
        Some(number) => Value { data: Data::number(number), ..value },
        None => value,
    }
}

fn entered(machine: &mut Machine<'_, '_>, value: Option<&Value>) -> Result<Value, LimitHit> {
    let value = value.cloned().unwrap_or_else(|| Data::Text("".into()).into());
    let value = machine.single(value)?;
    // A symbol is written as it is shown; a text with one in it is a text.
    Ok(match (&value.symbol, &value.data) {
        (Some(symbol), Data::Text(_)) => {
            let data = Data::text(&format!("{{{symbol}}}"));
            Value { data, origins: value.origins, symbol: None }
        }
        _ => typed(value),
    })
}

fn formula(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let value = entered(machine, call.arg(0))?;
    let Some(area) = target(machine, call.arg(1))? else {
        return Ok(Flow::Value(Value::error(ErrorCode::Value)));
    };
    machine.write_cell(area.first(), &value)?;
    done()
}

fn fill(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let value = entered(machine, call.arg(0))?;
    let Some(area) = target(machine, call.arg(1))? else {
        return Ok(Flow::Value(Value::error(ErrorCode::Value)));
    };
    each_cell(machine, area, |machine, at| machine.write_cell(at, &value))?;
    done()
}

fn each_cell(
    machine: &mut Machine<'_, '_>,
    area: Area,
    mut write: impl FnMut(&mut Machine<'_, '_>, CellAt) -> Result<(), LimitHit>,
) -> Result<(), LimitHit> {
    let mut left = CELLS;
    for row in area.rows.0..=area.rows.1 {
        for column in area.columns.0..=area.columns.1 {
            if left == 0 {
                return Ok(());
            }
            left = left.saturating_sub(1);
            machine.cx.budget.step(1)?;
            write(machine, CellAt { sheet: area.sheet, row, column })?;
        }
    }
    Ok(())
}

fn set_value(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let Some(area) = target(machine, call.arg(0))? else {
        return Ok(Flow::Value(Value::error(ErrorCode::Value)));
    };
    let given = call.args.get(1).cloned().unwrap_or_else(|| Data::Missing.into());
    match &given.data {
        Data::Array(array) => {
            let array = std::rc::Rc::clone(array);
            let origins = given.origins;
            each_cell(machine, area, |machine, at| {
                let row = at.row.saturating_sub(area.rows.0) as usize;
                let column = usize::from(at.column.saturating_sub(area.columns.0));
                let value = Value { data: array.get(row, column), origins, symbol: None };
                machine.set_cell(at, value)
            })?;
        }
        Data::Reference(from) if !from.is_cell() && !area.is_cell() => {
            let from = *from;
            each_cell(machine, area, |machine, at| {
                let row = at.row.saturating_sub(area.rows.0).checked_add(from.rows.0);
                let column = at.column.saturating_sub(area.columns.0).checked_add(from.columns.0);
                let (Some(row), Some(column)) = (row, column) else { return Ok(()) };
                let value = machine.read(CellAt { sheet: from.sheet, row, column })?;
                machine.set_cell(at, value)
            })?;
        }
        _ => {
            let mut value = machine.single(given)?;
            if value.data == Data::Missing {
                value.data = Data::Empty;
            }
            each_cell(machine, area, |machine, at| machine.set_cell(at, value.clone()))?;
        }
    }
    done()
}

fn set_name(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let name = machine.text_of(call.arg(0))?;
    let key = name_key(&name);
    match call.arg(1) {
        Some(value) => machine.names.set(&key, call.at.sheet, Meaning::Value(value.clone()))?,
        None => machine.names.delete(&key, call.at.sheet),
    }
    done()
}

fn define_name(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let name = machine.text_of(call.arg(0))?;
    let key = name_key(&name);
    let value = match call.arg(1) {
        Some(value) => value.clone(),
        None => Data::Reference(machine.selection).into(),
    };
    let meaning = match &value.data {
        // A text with `=` in front is a formula or a reference; another one is a text.
        Data::Text(text) if text.starts_with('=') => {
            let text = std::rc::Rc::clone(text);
            match machine.reference_of_text(&text)? {
                Some(area) => Meaning::Value(Value { data: Data::Reference(area), ..value.clone() }),
                None => match machine.compile(&text, call.at)? {
                    Some(code) => Meaning::Code(code.into()),
                    None => Meaning::Value(value.clone()),
                },
            }
        }
        _ => Meaning::Value(value.clone()),
    };
    machine.names.set(&key, call.at.sheet, meaning)?;
    done()
}

fn delete_name(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let name = machine.text_of(call.arg(0))?;
    machine.names.delete(&name_key(&name), call.at.sheet);
    done()
}

fn clear(machine: &mut Machine<'_, '_>, _: &Call) -> Result<Flow, LimitHit> {
    let area = machine.store.used(machine.selection);
    each_cell(machine, area, |machine, at| machine.write_cell(at, &Data::Empty.into()))?;
    done()
}

fn copy(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let from = match call.arg(0) {
        Some(Value { data: Data::Reference(area), .. }) => *area,
        _ => machine.selection,
    };
    machine.copied = Some(from);
    if let Some(Value { data: Data::Reference(to), .. }) = call.arg(1) {
        let to = to.first();
        paste_at(machine, from, to)?;
    }
    done()
}

fn paste(machine: &mut Machine<'_, '_>, _: &Call) -> Result<Flow, LimitHit> {
    if let Some(from) = machine.copied {
        let to = machine.selection.first();
        paste_at(machine, from, to)?;
    }
    done()
}

fn paste_at(machine: &mut Machine<'_, '_>, from: Area, to: CellAt) -> Result<(), LimitHit> {
    let from = machine.store.used(from);
    each_cell(machine, from, |machine, at| {
        let row = at.row.saturating_sub(from.rows.0).checked_add(to.row);
        let column = at.column.saturating_sub(from.columns.0).checked_add(to.column);
        let (Some(row), Some(column)) = (row, column) else { return Ok(()) };
        let value = machine.read(at)?;
        machine.write_cell(CellAt { sheet: to.sheet, row, column }, &value)
    })
}

/// Copies one edge of the selection over the rest of it.
fn fill_from_edge(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let area = machine.selection;
    let name = call.spec.name;
    each_cell(machine, area, |machine, at| {
        let from = match name {
            "FILL.DOWN" => CellAt { row: area.rows.0, ..at },
            "FILL.UP" => CellAt { row: area.rows.1, ..at },
            "FILL.RIGHT" => CellAt { column: area.columns.0, ..at },
            _ => CellAt { column: area.columns.1, ..at },
        };
        if from == at {
            return Ok(());
        }
        let value = machine.read(from)?;
        machine.write_cell(at, &value)
    })?;
    done()
}

/// SORT: orientation (1 rows, 2 columns), key, order (1 up, 2 down).
fn sort(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    /// Cells that are sorted.
    const SORTED: u64 = 16_384;
    let area = machine.store.used(machine.selection);
    let by_column = machine.integer_of(call.arg(0))? == Some(2);
    let key = target(machine, call.arg(1))?.map_or(area.first(), Area::first);
    let down = machine.integer_of(call.arg(2))? == Some(2);
    let (lines, places) = match by_column {
        true => (area.width(), area.height()),
        false => (area.height(), area.width()),
    };
    if u64::from(lines).saturating_mul(places.into()) > SORTED {
        return done();
    }
    let place = match by_column {
        true => key.row.saturating_sub(area.rows.0),
        false => u32::from(key.column.saturating_sub(area.columns.0)),
    };
    let at = |line: u32, place: u32| {
        let (down, right) = if by_column { (place, line) } else { (line, place) };
        let column = area.columns.0.saturating_add(u16::try_from(right).unwrap_or(u16::MAX));
        CellAt { sheet: area.sheet, row: area.rows.0.saturating_add(down), column }
    };
    let mut sorted: Vec<Vec<Value>> = Vec::new();
    for line in 0..lines {
        let mut values = Vec::new();
        for place in 0..places {
            machine.cx.budget.step(1)?;
            values.push(machine.read(at(line, place))?);
        }
        sorted.push(values);
    }
    let key = |line: &Vec<Value>| line.get(place as usize).map_or(Data::Empty, |value| value.data.clone());
    sorted.sort_by(|left, right| {
        let (left, right) = (key(left), key(right));
        // Nothing comes last, whatever the order.
        let blanks = left.is_nothing().cmp(&right.is_nothing());
        let order = compare(&left, &right).unwrap_or(std::cmp::Ordering::Equal);
        blanks.then(if down { order.reverse() } else { order })
    });
    for (line, values) in (0u32..).zip(sorted) {
        for (place, value) in (0u32..).zip(values) {
            machine.write_cell(at(line, place), &value)?;
        }
    }
    done()
}

fn convert(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    // The machine takes either style, so that the text can stay as it is.
    let value = call.args.first().cloned().unwrap_or_else(|| Data::Missing.into());
    Ok(Flow::Value(machine.single(value)?))
}
