//! Truth values. IF and CHOOSE decide what runs and are not here.

use super::{Answer, Args, Spec, pure};
use crate::xlm::value::{Data, ErrorCode, Fail};

pub(super) const TABLE: &[Spec] = &[
    pure("AND", and, &[("AND(TRUE,1,2>1)", "TRUE"), ("AND(TRUE,0)", "FALSE")]),
    pure("OR", or, &[("OR(FALSE,1>2,3)", "TRUE"), ("OR(FALSE,0)", "FALSE")]),
    pure("XOR", xor, &[("XOR(TRUE,TRUE,TRUE)", "TRUE"), ("XOR(TRUE,TRUE)", "FALSE")]),
    pure("NOT", not, &[("NOT(0)", "TRUE"), ("NOT(\"x\")", "#VALUE!")]),
    pure("TRUE", |_| Ok(Data::Boolean(true)), &[("TRUE()", "TRUE")]),
    pure("FALSE", |_| Ok(Data::Boolean(false)), &[("FALSE()", "FALSE")]),
    pure("IFERROR", iferror, &[("IFERROR(1/0,\"no\")", "\"no\""), ("IFERROR(3,4)", "3")]),
    pure("IFNA", ifna, &[("IFNA(NA(),5)", "5"), ("IFNA(1/0,5)", "#DIV/0!")]),
];

/// What the truth values of all arguments are together.
struct Truths {
    all: bool,
    any: bool,
    odd: bool,
}

/// The truth values of all arguments; in cells and arrays only booleans and numbers count.
fn truths(args: &mut Args<'_, '_, '_>) -> Result<Truths, Fail> {
    let (mut truths, mut count) = (Truths { all: true, any: false, odd: false }, 0_usize);
    let mut take = |truth| {
        count = count.saturating_add(1);
        truths = Truths { all: truths.all && truth, any: truths.any || truth, odd: truths.odd != truth };
    };
    let mut take_item = |item: &Data| {
        match item {
            Data::Boolean(value) => take(*value),
            Data::Number(number) => take(*number != 0.0),
            Data::Error(code) => return Err(Fail::from(*code)),
            _ => {}
        }
        Ok(())
    };
    for index in 0..args.count() {
        if !matches!(args.raw(index), Data::Reference(_) | Data::Array(_)) {
            take_item(&args.boolean(index)?.into())?;
        } else if let Some(item) = args.cell(index)? {
            take_item(&item)?;
        } else {
            args.grid(index)?.items().iter().try_for_each(&mut take_item)?;
        }
    }
    if count == 0 { Err(ErrorCode::Value.into()) } else { Ok(truths) }
}

fn and(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(truths(args)?.all.into())
}

fn or(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(truths(args)?.any.into())
}

fn xor(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(truths(args)?.odd.into())
}

fn not(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok((!args.boolean(0)?).into())
}

fn iferror(args: &mut Args<'_, '_, '_>) -> Answer {
    match args.value(0)? {
        Data::Error(_) => args.value(1),
        value => Ok(value),
    }
}

fn ifna(args: &mut Args<'_, '_, '_>) -> Answer {
    match args.value(0)? {
        Data::Error(ErrorCode::NotAvailable) => args.value(1),
        value => Ok(value),
    }
}
