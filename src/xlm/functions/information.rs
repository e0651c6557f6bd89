//! What a value is.

use super::{Answer, Args, Spec, pure};
use crate::xlm::value::{Area, Data, ErrorCode};

pub(super) const TABLE: &[Spec] = &[
    pure("AREAS", |_| Ok(1.0.into()), &[("AREAS(A1:B2)", "1")]),
    pure("COLUMN", column, &[("COLUMN(C5)", "3"), ("COLUMN()", "1")]),
    pure("COLUMNS", columns, &[("COLUMNS(B2:D9)", "3"), ("COLUMNS({1,2})", "2")]),
    pure("ERROR.TYPE", error_type, &[("ERROR.TYPE(1/0)", "2"), ("ERROR.TYPE(1)", "#N/A")]),
    pure("ISBLANK", is_blank, &[("ISBLANK(Z9)", "TRUE"), ("ISBLANK(\"\")", "FALSE")]),
    pure("ISERR", is_err, &[("ISERR(1/0)", "TRUE"), ("ISERR(NA())", "FALSE")]),
    pure("ISERROR", is_error, &[("ISERROR(NA())", "TRUE"), ("ISERROR(1)", "FALSE")]),
    pure("ISEVEN", is_even, &[("ISEVEN(4)", "TRUE"), ("ISEVEN(-3)", "FALSE")]),
    pure("ISLOGICAL", is_logical, &[("ISLOGICAL(1=1)", "TRUE"), ("ISLOGICAL(1)", "FALSE")]),
    pure("ISNA", is_na, &[("ISNA(NA())", "TRUE"), ("ISNA(1/0)", "FALSE")]),
    pure("ISNONTEXT", is_nontext, &[("ISNONTEXT(1)", "TRUE"), ("ISNONTEXT(\"a\")", "FALSE")]),
    pure(
        "ISNUMBER",
        is_number,
        &[("ISNUMBER(1)", "TRUE"), ("ISNUMBER(\"1\")", "FALSE"), ("ISNUMBER(SEARCH(\"b\",\"abc\"))", "TRUE")],
    ),
    pure("ISODD", is_odd, &[("ISODD(3)", "TRUE"), ("ISODD(2.9)", "FALSE")]),
    pure("ISREF", is_ref, &[("ISREF(A1)", "TRUE"), ("ISREF(1)", "FALSE")]),
    pure("ISTEXT", is_text, &[("ISTEXT(\"a\")", "TRUE"), ("ISTEXT(1)", "FALSE")]),
    pure("N", n, &[("N(TRUE)", "1"), ("N(\"5\")", "0")]),
    pure("NA", |_| Err(ErrorCode::NotAvailable.into()), &[("NA()", "#N/A")]),
    pure("ROW", row, &[("ROW(C5)", "5"), ("ROW()", "50")]),
    pure("ROWS", rows, &[("ROWS(B2:D9)", "8"), ("ROWS({1;2;3})", "3")]),
    // What `@` asks for: of several cells the one beside the formula.
    pure("SINGLE", |args| args.value(0), &[("SINGLE(5)", "5"), ("SINGLE({7,8})", "7")]),
    pure(
        "TYPE",
        kind,
        &[
            ("TYPE(1)", "1"),
            ("TYPE(\"a\")", "2"),
            ("TYPE(TRUE)", "4"),
            ("TYPE(1/0)", "16"),
            ("TYPE({1,2})", "64"),
        ],
    ),
];

fn count(number: u32) -> Data {
    Data::Number(number.into())
}

fn own_area(args: &Args<'_, '_, '_>) -> Option<Area> {
    if args.count() == 0 { Some(Area::cell(args.here())) } else { args.area(0) }
}

fn column(args: &mut Args<'_, '_, '_>) -> Answer {
    let area = own_area(args).ok_or(ErrorCode::Value)?;
    Ok(count(u32::from(area.columns.0).saturating_add(1)))
}

fn row(args: &mut Args<'_, '_, '_>) -> Answer {
    let area = own_area(args).ok_or(ErrorCode::Value)?;
    Ok(count(area.rows.0.saturating_add(1)))
}

fn columns(args: &mut Args<'_, '_, '_>) -> Answer {
    match args.raw(0) {
        Data::Reference(area) => Ok(count(area.width())),
        Data::Array(array) => Ok(count(u32::try_from(array.columns()).unwrap_or(u32::MAX))),
        Data::Error(code) => Err(code.into()),
        _ => Ok(count(1)),
    }
}

fn rows(args: &mut Args<'_, '_, '_>) -> Answer {
    match args.raw(0) {
        Data::Reference(area) => Ok(count(area.height())),
        Data::Array(array) => Ok(count(u32::try_from(array.rows()).unwrap_or(u32::MAX))),
        Data::Error(code) => Err(code.into()),
        _ => Ok(count(1)),
    }
}

fn error_type(args: &mut Args<'_, '_, '_>) -> Answer {
    match args.value(0)? {
        Data::Error(code) => Ok(code.number().into()),
        _ => Err(ErrorCode::NotAvailable.into()),
    }
}

fn is_blank(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok((args.value(0)? == Data::Empty).into())
}

fn is_err(args: &mut Args<'_, '_, '_>) -> Answer {
    let value = args.value(0)?;
    Ok((matches!(value, Data::Error(code) if code != ErrorCode::NotAvailable)).into())
}

fn is_error(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(matches!(args.value(0)?, Data::Error(_)).into())
}

fn is_na(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok((args.value(0)? == Data::Error(ErrorCode::NotAvailable)).into())
}

fn is_even(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok((args.integer(0)? % 2 == 0).into())
}

fn is_odd(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok((args.integer(0)? % 2 != 0).into())
}

fn is_logical(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(matches!(args.value(0)?, Data::Boolean(_)).into())
}

fn is_nontext(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok((!matches!(args.value(0)?, Data::Text(_))).into())
}

fn is_number(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(matches!(args.value(0)?, Data::Number(_)).into())
}

fn is_ref(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(matches!(args.raw(0), Data::Reference(_)).into())
}

fn is_text(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(matches!(args.value(0)?, Data::Text(_)).into())
}

fn n(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(match args.value(0)? {
        Data::Number(_) => args.number(0)?.into(),
        Data::Boolean(true) => 1.0.into(),
        Data::Error(code) => Data::Error(code),
        _ => 0.0.into(),
    })
}

fn kind(args: &mut Args<'_, '_, '_>) -> Answer {
    if let Data::Array(_) = args.raw(0) {
        return Ok(64.0.into());
    }
    Ok(match args.value(0)? {
        Data::Text(_) => 2.0,
        Data::Boolean(_) => 4.0,
        Data::Error(_) => 16.0,
        Data::Array(_) => 64.0,
        Data::Empty | Data::Missing | Data::Number(_) | Data::Reference(_) => 1.0,
    }
    .into())
}
