//! Counting, means, order, and conditions over cells.

use std::cmp::Ordering;

use super::{Answer, Args, Spec, pure, text::matches_pattern, whole_number};
use crate::xlm::machine::operators::compare;
use crate::xlm::value::{Data, ErrorCode, Fail, parse_number};

pub(super) const TABLE: &[Spec] = &[
    pure("AVEDEV", avedev, &[("AVEDEV(1,2,6)", "2"), ("AVEDEV(A1)", "#NUM!")]),
    pure("AVERAGE", average, &[("AVERAGE(1,2,6)", "3"), ("AVERAGE(A1)", "#DIV/0!")]),
    pure("AVERAGEA", |args| Ok(mean(&counted(args)?)?.into()), &[("AVERAGEA({2,TRUE,\"x\"})", "1")]),
    pure(
        "AVERAGEIF",
        averageif,
        &[("AVERAGEIF({1,2,3},\">1\")", "2.5"), ("AVERAGEIF({1},\">1\")", "#DIV/0!")],
    ),
    pure("CORREL", correl, &[("CORREL({1,2,3},{2,4,6})", "1"), ("CORREL({1,2},{3,3})", "#DIV/0!")]),
    pure("COUNT", count, &[("COUNT(1,\"2\",\"x\",{3,TRUE})", "3")]),
    pure("COUNTA", counta, &[("COUNTA(1,\"x\",{3,TRUE})", "4"), ("COUNTA(A1:A9)", "0")]),
    pure("COUNTBLANK", countblank, &[("COUNTBLANK(A1:A9)", "9")]),
    pure(
        "COUNTIF",
        countif,
        &[("COUNTIF({1,2,3},\">1\")", "2"), ("COUNTIF({\"ab\",\"ac\",\"b\"},\"a*\")", "2")],
    ),
    pure("COVAR", covar, &[("COVAR({1,2,3},{2,4,6})", "1.33333333333333")]),
    pure("DEVSQ", devsq, &[("DEVSQ(1,2,3)", "2")]),
    pure("FORECAST", forecast, &[("FORECAST(4,{2,4,6},{1,2,3})", "8")]),
    pure("GEOMEAN", geomean, &[("ROUND(GEOMEAN(2,8),6)", "4")]),
    pure("HARMEAN", harmean, &[("HARMEAN(2,6)", "3"), ("HARMEAN(0)", "#NUM!")]),
    pure("INTERCEPT", |args| Ok(Line::of(args, 0)?.start().into()), &[("INTERCEPT({3,5,7},{1,2,3})", "1")]),
    pure("LARGE", |args| nth(args, true), &[("LARGE({3,9,5},2)", "5"), ("LARGE({1},2)", "#NUM!")]),
    pure("MAX", |args| extreme(args, f64::max), &[("MAX(1,5,{9,2})", "9"), ("MAX(A1)", "0")]),
    pure("MAXA", |args| extreme_of_all(args, f64::max), &[("MAXA({TRUE,\"9\"},-1)", "1")]),
    pure("MEDIAN", median, &[("MEDIAN(1,9,3)", "3"), ("MEDIAN(1,2)", "1.5")]),
    pure("MIN", |args| extreme(args, f64::min), &[("MIN(4,2,8)", "2")]),
    pure("MINA", |args| extreme_of_all(args, f64::min), &[("MINA({4,\"x\"})", "0")]),
    pure("MODE", mode, &[("MODE({1,2,2,3})", "2"), ("MODE({1,2})", "#N/A")]),
    pure("PEARSON", correl, &[("PEARSON({1,2,3},{6,4,2})", "-1")]),
    pure("PERCENTILE", percentile, &[("PERCENTILE({1,2,3,4},0.3)", "1.9"), ("PERCENTILE({1},2)", "#NUM!")]),
    pure("QUARTILE", quartile, &[("QUARTILE({1,2,4,7,8,9,10,12},1)", "3.5"), ("QUARTILE({1},5)", "#NUM!")]),
    pure("RANK", rank, &[("RANK(5,{3,9,5})", "2")]),
    pure("RSQ", rsq, &[("RSQ({1,2,3},{6,4,2})", "1")]),
    pure("SLOPE", |args| Ok(Line::of(args, 0)?.slope.into()), &[("SLOPE({3,5,7},{1,2,3})", "2")]),
    pure("SMALL", |args| nth(args, false), &[("SMALL({3,9,5},1)", "3")]),
    pure("STDEV", |args| deviation(args, 1), &[("ROUND(STDEV(1,2,3,4),4)", "1.291")]),
    pure(
        "STDEVA",
        |args| spread(args, 1).map(|square| square.sqrt().into()),
        &[("STDEVA({1,3})", "1.4142135623731")],
    ),
    pure("STDEVPA", |args| spread(args, 0).map(|square| square.sqrt().into()), &[("STDEVPA({1,3})", "1")]),
    pure("STDEVP", |args| deviation(args, 0), &[("STDEVP(1,3)", "1")]),
    pure("SUBTOTAL", subtotal, &[("SUBTOTAL(9,{1,2,3})", "6"), ("SUBTOTAL(4,{1,2,3})", "3")]),
    pure("SUMIF", sumif, &[("SUMIF({1,2,3},\">=2\")", "5"), ("SUMIF({\"a\",\"b\"},\"b\",{4,7})", "7")]),
    pure("SUMPRODUCT", sumproduct, &[("SUMPRODUCT({1,2},{3,4})", "11")]),
    pure("VAR", |args| variance(args, 1).map(Into::into), &[("VAR(1,2,3)", "1")]),
    pure("VARA", |args| spread(args, 1).map(Into::into), &[("VARA({1,3})", "2")]),
    pure("VARPA", |args| spread(args, 0).map(Into::into), &[("VARPA({TRUE,3})", "1")]),
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

/// The numbers of all arguments, as the functions with an A at their end take them: in cells and
/// arrays a text is zero and a truth value zero or one.
fn counted(args: &mut Args<'_, '_, '_>) -> Result<Vec<f64>, Fail> {
    let mut numbers = Vec::new();
    for (item, direct) in items(args)? {
        match item {
            Data::Empty => {}
            Data::Text(_) if !direct => numbers.push(0.0),
            item => numbers.push(item.to_number()?),
        }
    }
    Ok(numbers)
}

fn extreme_of_all(args: &mut Args<'_, '_, '_>, choose: fn(f64, f64) -> f64) -> Answer {
    Ok(counted(args)?.into_iter().reduce(choose).unwrap_or(0.0).into())
}

fn spread(args: &mut Args<'_, '_, '_>, less: usize) -> Result<f64, Fail> {
    variance_of(&counted(args)?, less)
}

fn avedev(args: &mut Args<'_, '_, '_>) -> Answer {
    let numbers = args.numbers(0)?;
    let mean = mean(&numbers).map_err(|_| ErrorCode::Num)?;
    let sum: f64 = numbers.iter().map(|number| (number - mean).abs()).sum();
    Ok((sum / number(numbers.len())).into())
}

fn harmean(args: &mut Args<'_, '_, '_>) -> Answer {
    let numbers = args.numbers(0)?;
    if numbers.is_empty() || numbers.iter().any(|number| *number <= 0.0) {
        return Err(ErrorCode::Num.into());
    }
    Ok((number(numbers.len()) / numbers.iter().map(|number| number.recip()).sum::<f64>()).into())
}

fn percentile(args: &mut Args<'_, '_, '_>) -> Answer {
    let numbers = sorted(of_first(args)?);
    let share = args.number(1)?;
    share_of(&numbers, share)
}

fn quartile(args: &mut Args<'_, '_, '_>) -> Answer {
    let numbers = sorted(of_first(args)?);
    let quarter = args.number(1)?.trunc();
    share_of(&numbers, quarter / 4.0)
}

/// The value below which a share of sorted numbers lies, between two of them in proportion.
fn share_of(numbers: &[f64], share: f64) -> Answer {
    if numbers.is_empty() || !(0.0..=1.0).contains(&share) {
        return Err(ErrorCode::Num.into());
    }
    let place = share * (number(numbers.len()) - 1.0);
    let below = whole_number(place.floor()).and_then(|place| usize::try_from(place).ok()).unwrap_or(0);
    let low = numbers.get(below).copied().unwrap_or(0.0);
    let high = numbers.get(below.saturating_add(1)).copied().unwrap_or(low);
    Ok((low + (high - low) * place.fract()).into())
}

/// The straight line through pairs of numbers, and how well it fits.
struct Line {
    count: f64,
    means: (f64, f64),
    /// Sums of squares of x, of y, and of their products, from the means.
    sums: (f64, f64, f64),
    slope: f64,
}

impl Line {
    /// The line through y (the argument at `first`) over x (the next one).
    fn of(args: &mut Args<'_, '_, '_>, first: usize) -> Result<Self, Fail> {
        let line = Line::unproven(args, first)?;
        if line.sums.0 == 0.0 { Err(ErrorCode::Div0.into()) } else { Ok(line) }
    }

    fn unproven(args: &mut Args<'_, '_, '_>, first: usize) -> Result<Self, Fail> {
        let (ys, xs) = (args.grid(first)?, args.grid(first.saturating_add(1))?);
        if xs.items().len() != ys.items().len() {
            return Err(ErrorCode::NotAvailable.into());
        }
        let pairs: Vec<(f64, f64)> = xs
            .items()
            .iter()
            .zip(ys.items())
            .filter_map(|pair| match pair {
                (Data::Number(x), Data::Number(y)) => Some((*x, *y)),
                _ => None,
            })
            .collect();
        let (xs, ys): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
        let means = (mean(&xs)?, mean(&ys)?);
        let products = pairs.iter().map(|(x, y)| (x - means.0) * (y - means.1)).sum::<f64>();
        let sums = (squares(&xs)?, squares(&ys)?, products);
        Ok(Line { count: number(pairs.len()), means, sums, slope: products / sums.0 })
    }

    fn start(&self) -> f64 {
        self.means.1 - self.slope * self.means.0
    }
}

fn forecast(args: &mut Args<'_, '_, '_>) -> Answer {
    let at = args.number(0)?;
    let line = Line::of(args, 1)?;
    Ok((line.start() + line.slope * at).into())
}

fn correlation(args: &mut Args<'_, '_, '_>) -> Result<f64, Fail> {
    let line = Line::of(args, 0)?;
    let by = (line.sums.0 * line.sums.1).sqrt();
    if by == 0.0 { Err(ErrorCode::Div0.into()) } else { Ok(line.sums.2 / by) }
}

fn correl(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(correlation(args)?.into())
}

fn rsq(args: &mut Args<'_, '_, '_>) -> Answer {
    let correlation = correlation(args)?;
    Ok((correlation * correlation).into())
}

fn covar(args: &mut Args<'_, '_, '_>) -> Answer {
    let line = Line::unproven(args, 0)?;
    Ok((line.sums.2 / line.count).into())
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
    variance_of(&args.numbers(0)?, less)
}

fn variance_of(numbers: &[f64], less: usize) -> Result<f64, Fail> {
    let by = numbers.len().saturating_sub(less);
    if by == 0 {
        return Err(ErrorCode::Div0.into());
    }
    Ok(squares(numbers)? / number(by))
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

fn averageif(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(mean(&chosen(args)?)?.into())
}

fn sumif(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(chosen(args)?.into_iter().sum::<f64>().into())
}

/// The numbers of the third argument, else of the first, where the first meets the second.
fn chosen(args: &mut Args<'_, '_, '_>) -> Result<Vec<f64>, Fail> {
    let criterion = Criterion::of(args.value(1)?);
    let tested = args.grid(0)?;
    let summed = if args.is_missing(2) { std::rc::Rc::clone(&tested) } else { args.grid(2)? };
    args.charge(tested.items().len().saturating_mul(64))?;
    let pairs = tested.items().iter().zip(summed.items());
    let numbers = pairs.filter(|(item, _)| criterion.holds(item)).filter_map(|(_, summed)| match summed {
        Data::Number(number) => Some(*number),
        _ => None,
    });
    Ok(numbers.collect())
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
