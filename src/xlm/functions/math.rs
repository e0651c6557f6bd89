//! Arithmetic, rounding, angles, bits and number systems.

use super::{Answer, Args, Spec, pure, whole_number};
use crate::xlm::value::{Data, ErrorCode, Fail};

pub(super) const TABLE: &[Spec] = &[
    pure("ABS", |args| one(args, f64::abs), &[("ABS(-3)", "3")]),
    pure("ACOS", |args| one(args, f64::acos), &[("ACOS(1)", "0"), ("ACOS(2)", "#NUM!")]),
    pure("ACOSH", |args| one(args, f64::acosh), &[("ACOSH(1)", "0")]),
    pure("ASIN", |args| one(args, f64::asin), &[("ASIN(0)", "0")]),
    pure("ASINH", |args| one(args, f64::asinh), &[("ASINH(0)", "0")]),
    pure("ATAN", |args| one(args, f64::atan), &[("ATAN(0)", "0")]),
    pure("ATAN2", atan2, &[("ATAN2(1,0)", "0"), ("ATAN2(0,0)", "#DIV/0!")]),
    pure("ATANH", |args| one(args, f64::atanh), &[("ATANH(0)", "0")]),
    pure("BASE", base, &[("BASE(255,16)", "\"FF\""), ("BASE(5,2,8)", "\"00000101\"")]),
    pure("BIN2DEC", |args| decimal(args, 2), &[("BIN2DEC(\"101\")", "5")]),
    pure("BIN2HEX", |args| between(args, 2, 16), &[("BIN2HEX(\"11111111\")", "\"FF\"")]),
    pure("BIN2OCT", |args| between(args, 2, 8), &[("BIN2OCT(\"1001\")", "\"11\"")]),
    pure("BITAND", |args| bits(args, |left, right| left & right), &[("BITAND(12,10)", "8")]),
    pure("BITLSHIFT", shift_left, &[("BITLSHIFT(3,2)", "12")]),
    pure("BITOR", |args| bits(args, |left, right| left | right), &[("BITOR(12,10)", "14")]),
    pure("BITRSHIFT", shift_right, &[("BITRSHIFT(12,2)", "3")]),
    pure("BITXOR", |args| bits(args, |left, right| left ^ right), &[("BITXOR(12,10)", "6")]),
    pure("CEILING", |args| multiple(args, f64::ceil), &[("CEILING(2.5,1)", "3")]),
    pure("COMBIN", combin, &[("COMBIN(5,2)", "10")]),
    pure("COS", |args| one(args, f64::cos), &[("COS(0)", "1")]),
    pure("COSH", |args| one(args, f64::cosh), &[("COSH(0)", "1")]),
    pure("DEC2BIN", |args| of_decimal(args, 2), &[("DEC2BIN(5)", "\"101\"")]),
    pure(
        "DEC2HEX",
        |args| of_decimal(args, 16),
        &[("DEC2HEX(255)", "\"FF\""), ("DEC2HEX(10,4)", "\"000A\"")],
    ),
    pure("DEC2OCT", |args| of_decimal(args, 8), &[("DEC2OCT(8)", "\"10\"")]),
    pure("DECIMAL", of_radix, &[("DECIMAL(\"FF\",16)", "255")]),
    pure("DEGREES", |args| one(args, f64::to_degrees), &[("DEGREES(PI())", "180")]),
    pure("EVEN", |args| one(args, even), &[("EVEN(3)", "4"), ("EVEN(-1)", "-2")]),
    pure("EXP", |args| one(args, f64::exp), &[("EXP(0)", "1")]),
    pure("FACT", fact, &[("FACT(5)", "120"), ("FACT(-1)", "#NUM!")]),
    pure("FACTDOUBLE", factdouble, &[("FACTDOUBLE(7)", "105"), ("FACTDOUBLE(-1)", "1")]),
    pure("FLOOR", |args| multiple(args, f64::floor), &[("FLOOR(2.5,1)", "2")]),
    pure("GCD", gcd, &[("GCD(12,18)", "6")]),
    pure("HEX2BIN", |args| between(args, 16, 2), &[("HEX2BIN(\"F\")", "\"1111\"")]),
    pure("HEX2DEC", |args| decimal(args, 16), &[("HEX2DEC(\"fF\")", "255"), ("HEX2DEC(\"G\")", "#NUM!")]),
    pure("HEX2OCT", |args| between(args, 16, 8), &[("HEX2OCT(\"8\")", "\"10\"")]),
    pure("INT", |args| one(args, f64::floor), &[("INT(-2.5)", "-3")]),
    pure("LCM", lcm, &[("LCM(4,6)", "12")]),
    pure("LN", |args| positive(args, f64::ln), &[("LN(1)", "0"), ("LN(0)", "#NUM!")]),
    pure("LOG", log, &[("LOG(8,2)", "3"), ("LOG(100)", "2")]),
    pure("LOG10", |args| positive(args, f64::log10), &[("LOG10(1000)", "3")]),
    pure("MOD", modulo, &[("MOD(7,3)", "1"), ("MOD(-7,3)", "2"), ("MOD(1,0)", "#DIV/0!")]),
    pure("MROUND", mround, &[("MROUND(10,3)", "9")]),
    pure("MULTINOMIAL", multinomial, &[("MULTINOMIAL(2,3,4)", "1260")]),
    pure("OCT2BIN", |args| between(args, 8, 2), &[("OCT2BIN(\"7\",4)", "\"0111\"")]),
    pure("OCT2DEC", |args| decimal(args, 8), &[("OCT2DEC(\"17\")", "15")]),
    pure("OCT2HEX", |args| between(args, 8, 16), &[("OCT2HEX(\"17\")", "\"F\"")]),
    pure("ODD", |args| one(args, odd), &[("ODD(2)", "3"), ("ODD(0)", "1")]),
    pure("PERMUT", permut, &[("PERMUT(5,2)", "20")]),
    pure("PI", |_| Ok(std::f64::consts::PI.into()), &[("INT(PI()*100)", "314")]),
    pure("POWER", power, &[("POWER(2,10)", "1024")]),
    pure("PRODUCT", product, &[("PRODUCT(2,3,4)", "24")]),
    pure("QUOTIENT", quotient, &[("QUOTIENT(7,2)", "3"), ("QUOTIENT(1,0)", "#DIV/0!")]),
    pure("RADIANS", |args| one(args, f64::to_radians), &[("RADIANS(0)", "0")]),
    pure("ROMAN", roman, &[("ROMAN(1994)", "\"MCMXCIV\"")]),
    pure(
        "ROUND",
        |args| round_by(args, |number| (number.abs() + 1e-9).round().copysign(number)),
        &[("ROUND(2.5,0)", "3"), ("ROUND(-1.45,1)", "-1.5"), ("ROUND(1234,-2)", "1200")],
    ),
    pure("ROUNDDOWN", |args| round_by(args, f64::trunc), &[("ROUNDDOWN(2.99,1)", "2.9")]),
    pure(
        "ROUNDUP",
        |args| round_by(args, |number| (number.abs() - 1e-9).ceil().copysign(number)),
        &[("ROUNDUP(2.01,1)", "2.1")],
    ),
    pure("SERIESSUM", seriessum, &[("SERIESSUM(2,0,1,{1,1,1})", "7")]),
    pure(
        "SIGN",
        |args| one(args, |number| if number == 0.0 { 0.0 } else { number.signum() }),
        &[("SIGN(-2)", "-1"), ("SIGN(0)", "0")],
    ),
    pure("SIN", |args| one(args, f64::sin), &[("SIN(0)", "0")]),
    pure("SINH", |args| one(args, f64::sinh), &[("SINH(0)", "0")]),
    pure("SQRT", |args| one(args, f64::sqrt), &[("SQRT(9)", "3"), ("SQRT(-1)", "#NUM!")]),
    pure("SQRTPI", sqrtpi, &[("ROUND(SQRTPI(1),4)", "1.7725"), ("SQRTPI(-1)", "#NUM!")]),
    pure("SUM", sum, &[("SUM(1,2,{3,4})", "10"), ("SUM(\"a\")", "#VALUE!")]),
    pure("SUMSQ", sumsq, &[("SUMSQ(3,4)", "25")]),
    pure(
        "SUMX2MY2",
        |args| over_pairs(args, |x, y| x * x - y * y),
        &[("SUMX2MY2({2,3},{1,1})", "11"), ("SUMX2MY2({1},{1,2})", "#N/A")],
    ),
    pure("SUMX2PY2", |args| over_pairs(args, |x, y| x * x + y * y), &[("SUMX2PY2({2,3},{1,1})", "15")]),
    pure("SUMXMY2", |args| over_pairs(args, |x, y| (x - y) * (x - y)), &[("SUMXMY2({2,3},{1,1})", "5")]),
    pure("TAN", |args| one(args, f64::tan), &[("TAN(0)", "0")]),
    pure("TANH", |args| one(args, f64::tanh), &[("TANH(0)", "0")]),
    pure("TRUNC", |args| round_by(args, f64::trunc), &[("TRUNC(-2.9)", "-2"), ("TRUNC(2.567,2)", "2.56")]),
];

fn one(args: &mut Args<'_, '_, '_>, compute: fn(f64) -> f64) -> Answer {
    Ok(compute(args.number(0)?).into())
}

fn positive(args: &mut Args<'_, '_, '_>, compute: fn(f64) -> f64) -> Answer {
    let number = args.number(0)?;
    if number <= 0.0 { Err(ErrorCode::Num.into()) } else { Ok(compute(number).into()) }
}

fn atan2(args: &mut Args<'_, '_, '_>) -> Answer {
    let (x, y) = (args.number(0)?, args.number(1)?);
    if x == 0.0 && y == 0.0 { Err(ErrorCode::Div0.into()) } else { Ok(y.atan2(x).into()) }
}

fn log(args: &mut Args<'_, '_, '_>) -> Answer {
    let (number, base) = (args.number(0)?, args.number_or(1, 10.0)?);
    if number <= 0.0 || base <= 0.0 || base == 1.0 {
        return Err(ErrorCode::Num.into());
    }
    let exact = number.ln() / base.ln();
    // Powers of whole numbers have whole logarithms.
    let near = exact.round();
    Ok(if (exact - near).abs() < 1e-12 { near } else { exact }.into())
}

fn modulo(args: &mut Args<'_, '_, '_>) -> Answer {
    let (number, by) = (args.number(0)?, args.number(1)?);
    if by == 0.0 {
        return Err(ErrorCode::Div0.into());
    }
    Ok((number - by * (number / by).floor()).into())
}

fn mround(args: &mut Args<'_, '_, '_>) -> Answer {
    let (number, by) = (args.number(0)?, args.number(1)?);
    if by == 0.0 {
        return Ok(0.0.into());
    }
    if number * by < 0.0 {
        return Err(ErrorCode::Num.into());
    }
    Ok(((number / by).round() * by).into())
}

fn multiple(args: &mut Args<'_, '_, '_>, compute: fn(f64) -> f64) -> Answer {
    let (number, by) = (args.number(0)?, args.number_or(1, 1.0)?);
    if by == 0.0 {
        return Ok(0.0.into());
    }
    if number > 0.0 && by < 0.0 {
        return Err(ErrorCode::Num.into());
    }
    Ok((compute(number / by) * by).into())
}

fn power(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(args.number(0)?.powf(args.number(1)?).into())
}

fn quotient(args: &mut Args<'_, '_, '_>) -> Answer {
    let (number, by) = (args.number(0)?, args.number(1)?);
    if by == 0.0 { Err(ErrorCode::Div0.into()) } else { Ok((number / by).trunc().into()) }
}

fn round_by(args: &mut Args<'_, '_, '_>, compute: fn(f64) -> f64) -> Answer {
    let number = args.number(0)?;
    let digits = args.integer_or(1, 0)?.clamp(-300, 300);
    let scale = 10f64.powi(i32::try_from(digits.abs()).unwrap_or(0));
    let rounded = if digits >= 0 { compute(number * scale) / scale } else { compute(number / scale) * scale };
    Ok(rounded.into())
}

fn even(number: f64) -> f64 {
    ((number.abs() / 2.0).ceil() * 2.0).copysign(number)
}

fn odd(number: f64) -> f64 {
    if number == 0.0 {
        return 1.0;
    }
    let whole = number.abs().ceil();
    (if whole % 2.0 == 0.0 { whole + 1.0 } else { whole }).copysign(number)
}

fn fact(args: &mut Args<'_, '_, '_>) -> Answer {
    let number = args.integer(0)?;
    match number {
        0..=170 => Ok((1..=number).fold(1.0, |product, factor| product * float(factor)).into()),
        _ => Err(ErrorCode::Num.into()),
    }
}

fn factdouble(args: &mut Args<'_, '_, '_>) -> Answer {
    let number = args.integer(0)?;
    match number {
        -1..=300 => {
            let factors = (1..=number).rev().step_by(2);
            Ok(factors.fold(1.0, |product, factor| product * float(factor)).into())
        }
        _ => Err(ErrorCode::Num.into()),
    }
}

fn multinomial(args: &mut Args<'_, '_, '_>) -> Answer {
    let (mut placed, mut made) = (0i64, 1.0f64);
    for number in args.numbers(0)? {
        let count = whole_number(number).filter(|count| (0..=170).contains(count)).ok_or(ErrorCode::Num)?;
        for step in 1..=count {
            placed = placed.saturating_add(1);
            made = made * float(placed) / float(step);
        }
    }
    Ok(made.round().into())
}

/// x to the power n, n+m, n+2m ..., each times its coefficient.
fn seriessum(args: &mut Args<'_, '_, '_>) -> Answer {
    let (x, mut power, step) = (args.number(0)?, args.number(1)?, args.number(2)?);
    let coefficients = args.numbers(3)?;
    let mut sum = 0.0;
    for coefficient in coefficients {
        sum += coefficient * x.powf(power);
        power += step;
    }
    Ok(Data::number(sum))
}

fn sqrtpi(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok((args.number(0)? * std::f64::consts::PI).sqrt().into())
}

fn over_pairs(args: &mut Args<'_, '_, '_>, compute: fn(f64, f64) -> f64) -> Answer {
    let (xs, ys) = (args.grid(0)?, args.grid(1)?);
    if xs.items().len() != ys.items().len() {
        return Err(ErrorCode::NotAvailable.into());
    }
    let pairs = xs.items().iter().zip(ys.items()).filter_map(|pair| match pair {
        (Data::Number(x), Data::Number(y)) => Some(compute(*x, *y)),
        _ => None,
    });
    Ok(pairs.sum::<f64>().into())
}

/// Whole numbers of functions lie within 2⁵³.
fn float(number: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "within 2⁵³")]
    let float = number as f64;
    float
}

fn combin(args: &mut Args<'_, '_, '_>) -> Answer {
    let (all, taken) = (args.integer(0)?, args.integer(1)?);
    if taken < 0 || all < taken || all > 1000 {
        return Err(ErrorCode::Num.into());
    }
    let taken = taken.min(all - taken);
    let made = (1..=taken).fold(1.0, |made, step| made * float(all - taken + step) / float(step));
    Ok(f64::round(made).into())
}

fn permut(args: &mut Args<'_, '_, '_>) -> Answer {
    let (all, taken) = (args.integer(0)?, args.integer(1)?);
    if taken < 0 || all < taken || all > 1000 {
        return Err(ErrorCode::Num.into());
    }
    Ok((0..taken).fold(1.0, |made, step| made * float(all - step)).into())
}

fn product(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(args.numbers(0)?.into_iter().product::<f64>().into())
}

fn sum(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(args.numbers(0)?.into_iter().sum::<f64>().into())
}

fn sumsq(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(args.numbers(0)?.into_iter().map(|number| number * number).sum::<f64>().into())
}

fn wholes(args: &mut Args<'_, '_, '_>) -> Result<Vec<u64>, Fail> {
    let numbers = args.numbers(0)?;
    let whole = |number: f64| whole_number(number).and_then(|number| u64::try_from(number).ok());
    numbers.into_iter().map(|number| whole(number).ok_or(Fail::Error(ErrorCode::Num))).collect()
}

fn common(left: u64, right: u64) -> u64 {
    let (mut left, mut right) = (left, right);
    while let Some(rest) = left.checked_rem(right) {
        (left, right) = (right, rest);
    }
    left
}

fn natural(number: u64) -> Data {
    i64::try_from(number).map_or(Data::Error(ErrorCode::Num), |number| float(number).into())
}

fn gcd(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(natural(wholes(args)?.into_iter().fold(0, common)))
}

fn lcm(args: &mut Args<'_, '_, '_>) -> Answer {
    let least = wholes(args)?.into_iter().try_fold(1u64, |made, number| {
        let shared = common(made, number);
        made.checked_div(shared)?.checked_mul(number).filter(|made| *made < 1 << 53)
    });
    least.map(natural).ok_or(ErrorCode::Num.into())
}

fn bits(args: &mut Args<'_, '_, '_>, compute: fn(u64, u64) -> u64) -> Answer {
    let number = |number: i64| u64::try_from(number).ok().filter(|number| *number < 1 << 48);
    match (number(args.integer(0)?), number(args.integer(1)?)) {
        (Some(left), Some(right)) => Ok(natural(compute(left, right))),
        _ => Err(ErrorCode::Num.into()),
    }
}

fn shift_left(args: &mut Args<'_, '_, '_>) -> Answer {
    let (number, by) = (args.number(0)?, args.integer(1)?.clamp(-64, 64));
    Ok((number * 2f64.powi(i32::try_from(by).unwrap_or(0))).floor().into())
}

fn shift_right(args: &mut Args<'_, '_, '_>) -> Answer {
    let (number, by) = (args.number(0)?, args.integer(1)?.clamp(-64, 64));
    Ok((number / 2f64.powi(i32::try_from(by).unwrap_or(0))).floor().into())
}

/// A number of ten digits at most; its highest digit stands for the sign, as in Excel.
fn parsed(args: &mut Args<'_, '_, '_>, radix: u32) -> Result<i64, Fail> {
    let text = args.text(0)?;
    let text = text.trim();
    if text.len() > 10 {
        return Err(ErrorCode::Num.into());
    }
    let number =
        if text.is_empty() { 0 } else { i64::from_str_radix(text, radix).map_err(|_| ErrorCode::Num)? };
    let whole = i64::from(radix).saturating_pow(10);
    let negative = text.len() == 10 && number >= whole / 2;
    Ok(if negative { number.saturating_sub(whole) } else { number })
}

fn decimal(args: &mut Args<'_, '_, '_>, radix: u32) -> Answer {
    Ok(float(parsed(args, radix)?).into())
}

fn of_radix(args: &mut Args<'_, '_, '_>) -> Answer {
    let text = args.text(0)?;
    let radix = u32::try_from(args.integer(1)?).ok().filter(|radix| (2..=36).contains(radix));
    let number = radix.and_then(|radix| i64::from_str_radix(text.trim(), radix).ok());
    number.filter(|number| *number < 1 << 53).map(|number| float(number).into()).ok_or(ErrorCode::Num.into())
}

/// Digits of a number in a radix; a negative one as its complement of ten digits.
fn digits(number: i64, radix: u32) -> Option<String> {
    let radix = u64::from(radix);
    let mut rest = match u64::try_from(number) {
        Ok(number) => number,
        Err(_) => radix.checked_pow(10)?.checked_sub(number.unsigned_abs())?,
    };
    let mut made: Vec<char> = Vec::new();
    loop {
        let digit = u32::try_from(rest.checked_rem(radix)?).ok()?;
        made.push(char::from_digit(digit, u32::try_from(radix).ok()?)?.to_ascii_uppercase());
        rest = rest.checked_div(radix)?;
        if rest == 0 {
            break;
        }
    }
    Some(made.into_iter().rev().collect())
}

fn padded(args: &mut Args<'_, '_, '_>, text: String, place: usize) -> Answer {
    let width = args.integer_or(place, 0)?.clamp(0, 255);
    let width = usize::try_from(width).unwrap_or(0);
    args.made(format!("{text:0>width$}"))
}

fn of_decimal(args: &mut Args<'_, '_, '_>, radix: u32) -> Answer {
    let number = args.integer(0)?;
    let text = digits(number, radix).filter(|text| text.len() <= 10).ok_or(ErrorCode::Num)?;
    padded(args, text, 1)
}

fn between(args: &mut Args<'_, '_, '_>, from: u32, to: u32) -> Answer {
    let number = parsed(args, from)?;
    let text = digits(number, to).filter(|text| text.len() <= 10).ok_or(ErrorCode::Num)?;
    padded(args, text, 1)
}

fn base(args: &mut Args<'_, '_, '_>) -> Answer {
    let number = args.integer(0)?;
    let radix = u32::try_from(args.integer(1)?).ok().filter(|radix| (2..=36).contains(radix));
    let text = radix.filter(|_| number >= 0).and_then(|radix| digits(number, radix)).ok_or(ErrorCode::Num)?;
    padded(args, text, 2)
}

fn roman(args: &mut Args<'_, '_, '_>) -> Answer {
    const SIGNS: [(i64, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut number = args.integer(0)?;
    if !(0..=3999).contains(&number) {
        return Err(ErrorCode::Value.into());
    }
    let mut made = String::new();
    for (value, sign) in SIGNS {
        while number >= value {
            made.push_str(sign);
            number -= value;
        }
    }
    args.made(made)
}
