//! Counting, means, order, and conditions over cells.

use std::cmp::Ordering;

use super::{Answer, Args, Spec, pure, text::matches_pattern};
use crate::xlm::machine::operators::compare;
use crate::xlm::value::{Data, ErrorCode, Fail, parse_number};

pub(super) const TABLE: &[Spec] = &[
    pure("AVERAGE", average, &[("AVERAGE(1,2,6)", "3"), ("AVERAGE(A1)", "#DIV/0!")]),
    pure("COUNT", count, &[("COUNT(1,\"2\",\"x\",{3,TRUE})", "3")]),
    pure("COUNTA", counta, &[("COUNTA(1,\"x\",{3,TRUE})", "4"), ("COUNTA(A1:A9)", "0")]),
    pure("COUNTBLANK", countblank, &[("COUNTBLANK(A1:A9)", "9")]),
    pure(
        "COUNTIF",
        countif,
        &[("COUNTIF({1,2,3},\">1\")", "2"), ("COUNTIF({\"ab\",\"ac\",\"b\"},\"a*\")", "2")],
    ),
    pure("DEVSQ", devsq, &[("DEVSQ(1,2,3)", "2")]),
    pure("GEOMEAN", geomean, &[("ROUND(GEOMEAN(2,8),6)", "4")]),
    pure("LARGE", |args| nth(args, true), &[("LARGE({3,9,5},2)", "5"), ("LARGE({1},2)", "#NUM!")]),
    pure("MAX", |args| extreme(args, f64::max), &[("MAX(1,5,{9,2})", "9"), ("MAX(A1)", "0")]),
    pure("MEDIAN", median, &[("MEDIAN(1,9,3)", "3"), ("MEDIAN(1,2)", "1.5")]),
    pure("MIN", |args| extreme(args, f64::min), &[("MIN(4,2,8)", "2")]),
    pure("MODE", mode, &[("MODE({1,2,2,3})", "2"), ("MODE({1,2})", "#N/A")]),
    pure("RANK", rank, &[("RANK(5,{3,9,5})", "2")]),
    pure("SMALL", |args| nth(args, false), &[("SMALL({3,9,5},1)", "3")]),
    pure("STDEV", |args| deviation(args, 1), &[("ROUND(STDEV(1,2,3,4),4)", "1.291")]),
    pure("STDEVP", |args| deviation(args, 0), &[("STDEVP(1,3)", "1")]),
    pure("SUBTOTAL", subtotal, &[("SUBTOTAL(9,{1,2,3})", "6"), ("SUBTOTAL(4,{1,2,3})", "3")]),
    pure("SUMIF", sumif, &[("SUMIF({1,2,3},\">=2\")", "5"), ("SUMIF({\"a\",\"b\"},\"b\",{4,7})", "7")]),
    pure("SUMPRODUCT", sumproduct, &[("SUMPRODUCT({1,2},{3,4})", "11")]),
    pure("VAR", |args| variance(args, 1).map(Into::into), &[("VAR(1,2,3)", "1")]),
    pure("VARP", |args| variance(args, 0).map(Into::into), &[("VARP(1,3)", "1")]),
];

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn mean(numbers: &[f64]) -> Result<f64, Fail> {
    if numbers.is_empty() {
        return Err(ErrorCode::Div0.into());
    }
    Ok(numbers.iter().sum::<f64>() / number(numbers.len()))
}

fn average(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(mean(&args.numbers(0)?)?.into())
}

/// All values of all arguments, as they lie in cells and arrays.
fn items(args: &mut Args<'_, '_, '_>) -> Result<Vec<(Data, bool)>, Fail> {
    let mut all = Vec::new();
    for index in 0..args.count() {
        let direct = !matches!(args.raw(index), Data::Reference(_) | Data::Array(_));
        all.extend(args.grid(index)?.items().iter().map(|item| (item.clone(), direct)));
    }
    Ok(all)
}

fn count(args: &mut Args<'_, '_, '_>) -> Answer {
    let counts = |(item, direct): &&(Data, bool)| match item {
        Data::Number(_) => true,
        Data::Boolean(_) | Data::Missing => *direct,
        Data::Text(text) => *direct && parse_number(text).is_some(),
        _ => false,
    };
    Ok(number(items(args)?.iter().filter(counts).count()).into())
}

fn counta(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(number(items(args)?.iter().filter(|(item, _)| *item != Data::Empty).count()).into())
}

fn countblank(args: &mut Args<'_, '_, '_>) -> Answer {
    let grid = args.grid(0)?;
    let blank =
        |item: &&Data| matches!(item, Data::Empty) || matches!(item, Data::Text(text) if text.is_empty());
    Ok(number(grid.items().iter().filter(blank).count()).into())
}

fn extreme(args: &mut Args<'_, '_, '_>, choose: fn(f64, f64) -> f64) -> Answer {
    Ok(args.numbers(0)?.into_iter().reduce(choose).unwrap_or(0.0).into())
}

fn sorted(mut numbers: Vec<f64>) -> Vec<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers
}

fn median(args: &mut Args<'_, '_, '_>) -> Answer {
    let numbers = sorted(args.numbers(0)?);
    let middle = numbers.len() / 2;
    let high = numbers.get(middle).copied().ok_or(ErrorCode::Num)?;
    if numbers.len() % 2 == 1 {
        return Ok(high.into());
    }
    let low = middle.checked_sub(1).and_then(|low| numbers.get(low).copied()).unwrap_or(high);
    Ok(((low + high) / 2.0).into())
}

fn mode(args: &mut Args<'_, '_, '_>) -> Answer {
    let numbers = sorted(args.numbers(0)?);
    let mut best: Option<(usize, f64)> = None;
    let mut run = (0usize, f64::NAN);
    for value in numbers {
        run = if value == run.1 { (run.0.saturating_add(1), value) } else { (1, value) };
        if run.0 > best.map_or(1, |best| best.0) {
            best = Some(run);
        }
    }
    best.map(|(_, value)| value.into()).ok_or(ErrorCode::NotAvailable.into())
}

/// The numbers of the first argument alone.
fn of_first(args: &mut Args<'_, '_, '_>) -> Result<Vec<f64>, Fail> {
    let grid = args.grid(0)?;
    let number = |item: &Data| if let Data::Number(number) = item { Some(*number) } else { None };
    Ok(grid.items().iter().filter_map(number).collect())
}

fn nth(args: &mut Args<'_, '_, '_>, from_above: bool) -> Answer {
    let mut numbers = sorted(of_first(args)?);
    let place = args.at_least(1, 1).map_err(|_| ErrorCode::Num)?;
    if from_above {
        numbers.reverse();
    }
    let found = place.checked_sub(1).and_then(|place| numbers.get(place).copied());
    found.map(Into::into).ok_or(ErrorCode::Num.into())
}

fn rank(args: &mut Args<'_, '_, '_>) -> Answer {
    let value = args.number(0)?;
    let upwards = args.boolean_or(2, false)?;
    let grid = args.grid(1)?;
    let before = |item: &&Data| match item {
        Data::Number(other) => {
            if upwards {
                *other < value
            } else {
                *other > value
            }
        }
        _ => false,
    };
    if !grid.items().contains(&Data::Number(value)) {
        return Err(ErrorCode::NotAvailable.into());
    }
    Ok((number(grid.items().iter().filter(before).count()) + 1.0).into())
}

fn squares(numbers: &[f64]) -> Result<f64, Fail> {
    let mean = mean(numbers)?;
    Ok(numbers.iter().map(|number| (number - mean) * (number - mean)).sum())
}

fn devsq(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(squares(&args.numbers(0)?)?.into())
}

fn variance(args: &mut Args<'_, '_, '_>, less: usize) -> Result<f64, Fail> {
    let numbers = args.numbers(0)?;
    let by = numbers.len().saturating_sub(less);
    if by == 0 {
        return Err(ErrorCode::Div0.into());
    }
    Ok(squares(&numbers)? / number(by))
}

fn deviation(args: &mut Args<'_, '_, '_>, less: usize) -> Answer {
    Ok(variance(args, less)?.sqrt().into())
}

fn geomean(args: &mut Args<'_, '_, '_>) -> Answer {
    let numbers = args.numbers(0)?;
    if numbers.is_empty() || numbers.iter().any(|number| *number <= 0.0) {
        return Err(ErrorCode::Num.into());
    }
    Ok((numbers.iter().map(|number| number.ln()).sum::<f64>() / number(numbers.len())).exp().into())
}

/// Whether an order of two values is wanted.
type Holds = fn(Ordering) -> bool;

/// A condition of COUNTIF and its kin: a comparison and a value, or a pattern.
struct Criterion {
    holds: Holds,
    equal: bool,
    value: Data,
}

impl Criterion {
    fn of(value: Data) -> Self {
        let Data::Text(text) = &value else {
            return Criterion { holds: Ordering::is_eq, equal: true, value };
        };
        let signs: [(&str, Holds); 6] = [
            ("<=", Ordering::is_le),
            (">=", Ordering::is_ge),
            ("<>", Ordering::is_ne),
            ("<", Ordering::is_lt),
            (">", Ordering::is_gt),
            ("=", Ordering::is_eq),
        ];
        let found = signs.iter().find_map(|(sign, holds)| Some((*sign, *holds, text.strip_prefix(sign)?)));
        let (sign, holds, rest) = found.unwrap_or(("=", Ordering::is_eq, text));
        let value = parse_number(rest).map_or_else(|| Data::Text(rest.into()), Data::Number);
        Criterion { holds, equal: matches!(sign, "=" | "<>"), value }
    }

    fn holds(&self, item: &Data) -> bool {
        match (item, &self.value) {
            (Data::Text(text), Data::Text(pattern)) if self.equal => {
                let order = if matches_pattern(text, pattern) { Ordering::Equal } else { Ordering::Less };
                (self.holds)(order)
            }
            // Another kind of value is never equal, and no less or more either.
            (Data::Number(_), Data::Number(_))
            | (Data::Text(_), Data::Text(_))
            | (Data::Boolean(_), Data::Boolean(_)) => compare(item, &self.value).is_ok_and(self.holds),
            _ => self.equal && (self.holds)(Ordering::Less),
        }
    }
}

fn countif(args: &mut Args<'_, '_, '_>) -> Answer {
    let criterion = Criterion::of(args.value(1)?);
    let grid = args.grid(0)?;
    args.charge(grid.items().len().saturating_mul(64))?;
    Ok(number(grid.items().iter().filter(|item| criterion.holds(item)).count()).into())
}

fn sumif(args: &mut Args<'_, '_, '_>) -> Answer {
    let criterion = Criterion::of(args.value(1)?);
    let tested = args.grid(0)?;
    let summed = if args.is_missing(2) { std::rc::Rc::clone(&tested) } else { args.grid(2)? };
    args.charge(tested.items().len().saturating_mul(64))?;
    let pairs = tested.items().iter().zip(summed.items());
    let numbers = pairs.filter(|(item, _)| criterion.holds(item)).filter_map(|(_, summed)| match summed {
        Data::Number(number) => Some(*number),
        _ => None,
    });
    Ok(numbers.sum::<f64>().into())
}

fn sumproduct(args: &mut Args<'_, '_, '_>) -> Answer {
    let first = args.grid(0)?;
    let mut products: Vec<f64> = first
        .items()
        .iter()
        .map(|item| if let Data::Number(number) = item { *number } else { 0.0 })
        .collect();
    for index in 1..args.count() {
        let grid = args.grid(index)?;
        if grid.items().len() != products.len() {
            return Err(ErrorCode::Value.into());
        }
        for (product, item) in products.iter_mut().zip(grid.items()) {
            *product *= if let Data::Number(number) = item { *number } else { 0.0 };
        }
    }
    Ok(products.into_iter().sum::<f64>().into())
}

fn subtotal(args: &mut Args<'_, '_, '_>) -> Answer {
    let which = args.integer(0)?;
    let numbers = args.numbers(1)?;
    Ok(match which % 100 {
        1 => mean(&numbers)?,
        2 | 3 => number(numbers.len()),
        4 => numbers.into_iter().reduce(f64::max).unwrap_or(0.0),
        5 => numbers.into_iter().reduce(f64::min).unwrap_or(0.0),
        6 => numbers.into_iter().product(),
        9 => numbers.into_iter().sum(),
        _ => return Err(ErrorCode::Value.into()),
    }
    .into())
}
