//! Values by their place, and places by their value.

use std::cmp::Ordering;
use std::rc::Rc;

use super::{Answer, Args, Spec, pure, text::matches_pattern};
use crate::xlm::machine::operators::compare;
use crate::xlm::value::{Area, Array, Data, ErrorCode, Fail};

pub(super) const TABLE: &[Spec] = &[
    pure("HLOOKUP", hlookup, &[("HLOOKUP(\"b\",{\"a\",\"b\";1,2},2,FALSE)", "2")]),
    pure(
        "INDEX",
        index,
        &[
            ("INDEX({1,2;3,4},2,1)", "3"),
            ("INDEX({5,6,7},2)", "6"),
            ("INDEX({1,2},5)", "#REF!"),
            ("ISREF(INDEX(A1:B3,2,2))", "TRUE"),
        ],
    ),
    pure("LOOKUP", lookup, &[("LOOKUP(2.5,{1,2,3},{\"a\",\"b\",\"c\"})", "\"b\"")]),
    pure(
        "MATCH",
        match_place,
        &[
            ("MATCH(\"b\",{\"a\",\"b\"},0)", "2"),
            ("MATCH(2.5,{1,2,3})", "2"),
            ("MATCH(2.5,{3,2,1},-1)", "1"),
            ("MATCH(\"b*\",{\"ab\",\"bc\"},0)", "2"),
            ("MATCH(9,{1},0)", "#N/A"),
        ],
    ),
    pure("TRANSPOSE", transpose, &[("INDEX(TRANSPOSE({1,2;3,4}),1,2)", "3")]),
    pure(
        "VLOOKUP",
        vlookup,
        &[
            ("VLOOKUP(2,{1,\"a\";2,\"b\"},2,FALSE)", "\"b\""),
            ("VLOOKUP(2.9,{1,\"a\";2,\"b\"},2)", "\"b\""),
            ("VLOOKUP(9,{1,\"a\"},2,FALSE)", "#N/A"),
        ],
    ),
];

/// A row or column from 1; 0 is all of them.
fn place(args: &mut Args<'_, '_, '_>, position: usize) -> Result<usize, Fail> {
    if args.is_missing(position) { Ok(0) } else { args.at_least(position, 0) }
}

fn index(args: &mut Args<'_, '_, '_>) -> Answer {
    let whole = args.raw(0);
    let (mut row, mut column) = (place(args, 1)?, place(args, 2)?);
    let (rows, columns) = match &whole {
        Data::Reference(area) => (area.height() as usize, area.width() as usize),
        Data::Array(array) => (array.rows(), array.columns()),
        Data::Error(code) => return Err((*code).into()),
        _ => (1, 1),
    };
    // One number counts along a single row.
    if rows == 1 && args.is_missing(2) {
        (row, column) = (1, row);
    }
    if row > rows || column > columns {
        return Err(ErrorCode::Ref.into());
    }
    match whole {
        Data::Reference(area) => {
            let span = |first: u32, count: usize, at: usize| match at.checked_sub(1) {
                Some(offset) => {
                    let at = first.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
                    (at, at)
                }
                None => {
                    (first, first.saturating_add(u32::try_from(count).unwrap_or(u32::MAX)).saturating_sub(1))
                }
            };
            let down = span(area.rows.0, rows, row);
            let right = span(area.columns.0.into(), columns, column);
            let narrow = |column: u32| u16::try_from(column).unwrap_or(u16::MAX);
            Ok(Data::Reference(Area { rows: down, columns: (narrow(right.0), narrow(right.1)), ..area }))
        }
        Data::Array(array) => match (row.checked_sub(1), column.checked_sub(1)) {
            (Some(row), Some(column)) => Ok(array.get(row, column)),
            (Some(row), None) => {
                let items = (0..columns).map(|column| array.get(row, column)).collect();
                Ok(Data::Array(Rc::new(Array::new(columns, items))))
            }
            (None, Some(column)) => {
                let items = (0..rows).map(|row| array.get(row, column)).collect();
                Ok(Data::Array(Rc::new(Array::new(1, items))))
            }
            (None, None) => Ok(Data::Array(array)),
        },
        other => Ok(other),
    }
}

/// The place, from 0, of a value in a list: -1 the least that is not less, 0 exactly, 1 the greatest
/// that is not greater.
fn place_of(wanted: &Data, items: &[Data], mode: i64) -> Option<usize> {
    let same_kind = |item: &Data| {
        matches!(
            (item, wanted),
            (Data::Number(_), Data::Number(_) | Data::Empty)
                | (Data::Text(_), Data::Text(_))
                | (Data::Boolean(_), Data::Boolean(_))
        )
    };
    if mode == 0 {
        return items.iter().position(|item| match (item, wanted) {
            (Data::Text(text), Data::Text(pattern)) => matches_pattern(text, pattern),
            _ => same_kind(item) && compare(item, wanted) == Ok(Ordering::Equal),
        });
    }
    let fits = |order: Ordering| if mode > 0 { order.is_le() } else { order.is_ge() };
    let mut found = None;
    for (index, item) in items.iter().enumerate().filter(|(_, item)| same_kind(item)) {
        match compare(item, wanted) {
            Ok(order) if fits(order) => found = Some(index),
            _ => break,
        }
    }
    found
}

fn match_place(args: &mut Args<'_, '_, '_>) -> Answer {
    let wanted = args.value(0)?;
    let list = args.grid(1)?;
    let mode = args.integer_or(2, 1)?.signum();
    args.charge(list.items().len().saturating_mul(64))?;
    let found = place_of(&wanted, list.items(), mode).ok_or(ErrorCode::NotAvailable)?;
    Ok(f64::from(u32::try_from(found.saturating_add(1)).unwrap_or(u32::MAX)).into())
}

fn lookup(args: &mut Args<'_, '_, '_>) -> Answer {
    let wanted = args.value(0)?;
    let list = args.grid(1)?;
    args.charge(list.items().len().saturating_mul(64))?;
    let (rows, columns) = (list.rows(), list.columns());
    if !args.is_missing(2) {
        let found = place_of(&wanted, list.items(), 1).ok_or(ErrorCode::NotAvailable)?;
        return Ok(args.grid(2)?.items().get(found).cloned().unwrap_or(ErrorCode::NotAvailable.into()));
    }
    // Along the longer side; the value comes from the other end of the shorter one.
    let (keys, across): (Vec<Data>, bool) = if columns > rows {
        ((0..columns).map(|column| list.get(0, column)).collect(), true)
    } else {
        ((0..rows).map(|row| list.get(row, 0)).collect(), false)
    };
    let found = place_of(&wanted, &keys, 1).ok_or(ErrorCode::NotAvailable)?;
    Ok(if across {
        list.get(rows.saturating_sub(1), found)
    } else {
        list.get(found, columns.saturating_sub(1))
    })
}

/// HLOOKUP and VLOOKUP: the key in the first row or column, the value in another one.
fn table(args: &mut Args<'_, '_, '_>, across: bool) -> Answer {
    let wanted = args.value(0)?;
    let list = args.grid(1)?;
    let other = args.at_least(2, 1)?.saturating_sub(1);
    let near = args.boolean_or(3, true)?;
    args.charge(list.items().len().saturating_mul(64))?;
    let (count, depth) = if across { (list.columns(), list.rows()) } else { (list.rows(), list.columns()) };
    if other >= depth {
        return Err(ErrorCode::Ref.into());
    }
    let at = |along: usize, side: usize| if across { list.get(side, along) } else { list.get(along, side) };
    let keys: Vec<Data> = (0..count).map(|along| at(along, 0)).collect();
    let found = place_of(&wanted, &keys, i64::from(near)).ok_or(ErrorCode::NotAvailable)?;
    Ok(at(found, other))
}

fn hlookup(args: &mut Args<'_, '_, '_>) -> Answer {
    table(args, true)
}

fn vlookup(args: &mut Args<'_, '_, '_>) -> Answer {
    table(args, false)
}

fn transpose(args: &mut Args<'_, '_, '_>) -> Answer {
    let grid = args.grid(0)?;
    let mut items = Vec::new();
    for column in 0..grid.columns() {
        items.extend((0..grid.rows()).map(|row| grid.get(row, column)));
    }
    Ok(Data::Array(Rc::new(Array::new(grid.rows(), items))))
}
