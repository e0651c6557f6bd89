//! References that are computed, and what is selected.

use std::fmt::Write;

use super::{Spec, act, quiet};
use crate::base::LimitHit;
use crate::base::location::{A1, ColumnName, RowName};
use crate::documents::formula::text::Style;
use crate::xlm::machine::{Call, Flow, Machine};
use crate::xlm::value::{Area, CellAt, Data, ErrorCode, Value};

pub(super) const TABLE: &[Spec] = &[
    quiet("ABSREF", absref, &[("ABSREF(\"R[1]C[2]\",A1)=C2", "TRUE")]),
    act("ACTIVATE", activate, "Activates a window"),
    quiet("ACTIVE.CELL", active_cell, &[]),
    quiet(
        "ADDRESS",
        address,
        &[
            ("ADDRESS(2,3)", "\"$C$2\""),
            ("ADDRESS(2,3,4)", "\"C2\""),
            ("ADDRESS(2,3,1,FALSE)", "\"R2C3\""),
            ("ADDRESS(1,1,4,TRUE,\"My sheet\")", "\"'My sheet'!A1\""),
        ],
    ),
    quiet("DEREF", deref, &[]),
    act("FORMULA.GOTO", select, "Selects cells"),
    quiet("INDIRECT", indirect, &[("ISREF(INDIRECT(\"B\"&3))", "TRUE"), ("INDIRECT(\"no cell\")", "#REF!")]),
    quiet("OFFSET", offset, &[("OFFSET(A1,1,2)=C2", "TRUE"), ("OFFSET(A1,-1,0)", "#REF!")]),
    quiet("REFTEXT", reftext, &[("REFTEXT(B3,TRUE)", "\"Macro1!$B$3\""), ("REFTEXT(B3)", "\"Macro1!R3C2\"")]),
    quiet("RELREF", relref, &[("RELREF(C2,A1)", "\"R[1]C[2]\"")]),
    act("SELECT", select, "Selects cells"),
    act("SELECT.END", super::control::nothing, "Selects to the edge of a region"),
    act("SELECT.LAST.CELL", super::control::nothing, "Selects the last cell"),
    act("SELECT.SPECIAL", super::control::nothing, "Selects cells of a kind"),
    quiet("SELECTION", selection, &[]),
    quiet("TEXTREF", textref, &[("ISREF(TEXTREF(\"R2C2\"))", "TRUE")]),
];

fn reference(area: Option<Area>) -> Flow {
    Flow::Value(match area {
        Some(area) => Data::Reference(area).into(),
        None => Value::error(ErrorCode::Ref),
    })
}

fn absref(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let text = machine.text_of(call.arg(0))?;
    let base = match call.arg(1) {
        Some(Value { data: Data::Reference(area), .. }) => area.first(),
        _ => machine.active,
    };
    Ok(reference(machine.reference_in(&text, Style::R1C1, base)?))
}

fn activate(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let name = machine.text_of(call.arg(0))?;
    if let Some(sheet) = machine.sheet_named(&name) {
        machine.active.sheet = sheet;
        machine.selection = Area::cell(machine.active);
    }
    Ok(Flow::Value(Data::Boolean(true).into()))
}

fn active_cell(machine: &mut Machine<'_, '_>, _: &Call) -> Result<Flow, LimitHit> {
    Ok(reference(Some(Area::cell(machine.active))))
}

fn selection(machine: &mut Machine<'_, '_>, _: &Call) -> Result<Flow, LimitHit> {
    Ok(reference(Some(machine.selection)))
}

fn address(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let position = |number: Option<i64>| number.and_then(|number| u32::try_from(number.checked_sub(1)?).ok());
    let row = position(machine.integer_of(call.arg(0))?);
    let column = position(machine.integer_of(call.arg(1))?);
    let (Some(row), Some(column)) = (row, column) else {
        return Ok(Flow::Value(Value::error(ErrorCode::Value)));
    };
    let kind = machine.integer_of(call.arg(2))?.unwrap_or(1);
    let a1 = match call.arg(3) {
        Some(value) => machine.single(value.clone())?.data.to_boolean().unwrap_or(true),
        None => true,
    };
    let mut text = String::new();
    text.reserve(16);
    if call.arg(4).is_some() {
        let sheet = machine.text_of(call.arg(4))?;
        let plain = sheet.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '.');
        match plain {
            true => text.push_str(&sheet),
            false => {
                let _ = write!(text, "'{}'", sheet.replace('\'', "''"));
            }
        }
        text.push('!');
    }
    let (row_fixed, column_fixed) = (matches!(kind, 1 | 2), matches!(kind, 1 | 3));
    let _ = if a1 {
        // Macros that hide what they do compute addresses in loops.
        let mark = |fixed: bool, text: &mut String| {
            if fixed {
                text.push('$')
            }
        };
        mark(column_fixed, &mut text);
        ColumnName(column).push_to(&mut text);
        mark(row_fixed, &mut text);
        RowName(row).push_to(&mut text);
        Ok(())
    } else {
        let (row, column) = (u64::from(row).saturating_add(1), u64::from(column).saturating_add(1));
        let part = |letter: char, number: u64, fixed: bool| match fixed {
            true => format!("{letter}{number}"),
            false => format!("{letter}[{number}]"),
        };
        write!(text, "{}{}", part('R', row, row_fixed), part('C', column, column_fixed))
    };
    let origins = call
        .args
        .iter()
        .fold(Default::default(), |all: crate::xlm::value::Origins, arg| all.and(arg.origins));
    Ok(Flow::Value(Value { data: Data::text(&text), origins, symbol: None }))
}

fn deref(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let value = call.args.first().cloned().unwrap_or_else(|| Data::Missing.into());
    Ok(Flow::Value(machine.single(value)?))
}

fn indirect(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let Some(value) = call.arg(0) else { return Ok(reference(None)) };
    let value = machine.single(value.clone())?;
    let text = machine.text_of(Some(&value))?;
    let a1 = match call.arg(1) {
        Some(value) => machine.single(value.clone())?.data.to_boolean().unwrap_or(true),
        None => true,
    };
    let base = machine.here();
    let area = machine.reference_in(&text, if a1 { Style::A1 } else { Style::R1C1 }, base)?;
    Ok(Flow::Value(match area {
        Some(area) => Value { data: Data::Reference(area), origins: value.origins, symbol: None },
        None => Value { data: ErrorCode::Ref.into(), origins: value.origins, symbol: None },
    }))
}

fn offset(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let Some(Value { data: Data::Reference(area), .. }) = call.arg(0) else { return Ok(reference(None)) };
    let area = *area;
    let down = machine.integer_of(call.arg(1))?.unwrap_or(0);
    let right = machine.integer_of(call.arg(2))?.unwrap_or(0);
    let height = machine.integer_of(call.arg(3))?.unwrap_or_else(|| i64::from(area.height()));
    let width = machine.integer_of(call.arg(4))?.unwrap_or_else(|| i64::from(area.width()));
    let span = |start: u32, by: i64, len: i64| {
        let start = i64::from(start).checked_add(by)?;
        let other = start.checked_add(len)?.checked_sub(len.signum())?;
        Some((start.min(other), start.max(other))).filter(|_| len != 0)
    };
    let made = (|| {
        let rows = span(area.rows.0, down, height)?;
        let columns = span(area.columns.0.into(), right, width)?;
        Some(Area {
            sheet: area.sheet,
            rows: (u32::try_from(rows.0).ok()?, u32::try_from(rows.1).ok().filter(|row| *row < 1 << 20)?),
            columns: (
                u16::try_from(columns.0).ok()?,
                u16::try_from(columns.1).ok().filter(|column| *column < 1 << 14)?,
            ),
        })
    })();
    Ok(reference(made))
}

/// An area as text with the name of its sheet.
fn area_text(machine: &Machine<'_, '_>, area: Area, a1: bool) -> String {
    let sheet = machine.store.sheet_name(area.sheet);
    let one = |row: u32, column: u16| {
        let (row, column) = (row, u32::from(column));
        if a1 {
            let cell = A1(row, column).to_string();
            let letters = cell.trim_end_matches(|digit: char| digit.is_ascii_digit());
            format!("${letters}${}", cell.get(letters.len()..).unwrap_or_default())
        } else {
            format!("R{}C{}", u64::from(row).saturating_add(1), u64::from(column).saturating_add(1))
        }
    };
    let plain = sheet.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    let mut text = if plain { format!("{sheet}!") } else { format!("'{}'!", sheet.replace('\'', "''")) };
    text.push_str(&one(area.rows.0, area.columns.0));
    if !area.is_cell() {
        text.push(':');
        text.push_str(&one(area.rows.1, area.columns.1));
    }
    text
}

fn reftext(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let Some(Value { data: Data::Reference(area), .. }) = call.arg(0) else {
        return Ok(Flow::Value(Value::error(ErrorCode::Value)));
    };
    let area = *area;
    let a1 = match call.arg(1) {
        Some(value) => machine.single(value.clone())?.data.to_boolean().unwrap_or(false),
        None => false,
    };
    let text = area_text(machine, area, a1);
    Ok(Flow::Value(Data::text(&text).into()))
}

fn relref(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let (Some(Data::Reference(to)), Some(Data::Reference(from))) =
        (call.arg(0).map(|value| &value.data), call.arg(1).map(|value| &value.data))
    else {
        return Ok(Flow::Value(Value::error(ErrorCode::Value)));
    };
    let distance = |to: i64, from: i64| match to.saturating_sub(from) {
        0 => String::new(),
        by => format!("[{by}]"),
    };
    let one = |row: u32, column: u16| {
        let base = from.first();
        let rows = distance(row.into(), base.row.into());
        format!("R{rows}C{}", distance(column.into(), base.column.into()))
    };
    let mut text = one(to.rows.0, to.columns.0);
    if !to.is_cell() {
        text = format!("{text}:{}", one(to.rows.1, to.columns.1));
    }
    let _ = machine;
    Ok(Flow::Value(Data::text(&text).into()))
}

fn select(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let base = machine.active;
    let area = |machine: &mut Machine<'_, '_>, value: Option<&Value>| match value.map(|value| &value.data) {
        Some(Data::Reference(area)) => Ok(Some(*area)),
        Some(Data::Text(text)) => machine.reference_in(text, Style::R1C1, base),
        _ => Ok(None),
    };
    let (selected, active) = (area(machine, call.arg(0))?, area(machine, call.arg(1))?);
    if let Some(selected) = selected {
        machine.selection = selected;
        machine.active = selected.first();
    }
    if let Some(active) = active {
        machine.active = CellAt { ..active.first() };
        // Without a new selection the active cell is alone when it leaves the old one.
        let inside = |first: u32, last: u32, at: u32| (first..=last).contains(&at);
        let old = machine.selection;
        let stays = old.sheet == active.sheet
            && inside(old.rows.0, old.rows.1, machine.active.row)
            && (old.columns.0..=old.columns.1).contains(&machine.active.column);
        if !stays {
            machine.selection = active;
        }
    }
    Ok(Flow::Value(Data::Boolean(true).into()))
}

fn textref(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let text = machine.text_of(call.arg(0))?;
    let a1 = match call.arg(1) {
        Some(value) => machine.single(value.clone())?.data.to_boolean().unwrap_or(false),
        None => false,
    };
    let base = machine.here();
    Ok(reference(machine.reference_in(&text, if a1 { Style::A1 } else { Style::R1C1 }, base)?))
}
