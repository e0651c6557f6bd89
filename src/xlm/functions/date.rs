//! Dates and times: days since the end of 1899, with the 29 February 1900 that Excel counts.
//!
//! NOW and TODAY are with what is asked of the machine: nobody knows them.

use super::{Answer, Args, Spec, pure, whole_number};
use crate::xlm::value::{Data, ErrorCode, Fail};

pub(super) const TABLE: &[Spec] = &[
    pure(
        "DATE",
        date,
        &[("DATE(2022,11,2)", "44867"), ("DATE(2022,14,1)", "44958"), ("DATE(2022,3,0)", "44620")],
    ),
    pure(
        "DATEVALUE",
        datevalue,
        &[
            ("DATEVALUE(\"2022-11-02\")", "44867"),
            ("DATEVALUE(\"11/2/2022\")", "44867"),
            ("DATEVALUE(\"2-Nov-22\")", "44867"),
            ("DATEVALUE(\"x\")", "#VALUE!"),
        ],
    ),
    pure(
        "DATEDIF",
        datedif,
        &[
            ("DATEDIF(44592,44867,\"m\")", "9"),
            ("DATEDIF(44592,44867,\"d\")", "275"),
            ("DATEDIF(2,1,\"d\")", "#NUM!"),
        ],
    ),
    pure("DAY", |args| of_serial(args, "DAY"), &[("DAY(44867)", "2")]),
    pure("DAYS", days, &[("DAYS(44867,44860)", "7")]),
    pure("DAYS360", days360, &[("DAYS360(44562,44927)", "360")]),
    pure("EDATE", edate, &[("EDATE(44592,1)", "44620")]),
    pure("EOMONTH", eomonth, &[("EOMONTH(44867,0)", "44895")]),
    pure("HOUR", |args| of_serial(args, "HOUR"), &[("HOUR(0.5)", "12"), ("HOUR(\"6:30 PM\")", "18")]),
    pure("MINUTE", minute, &[("MINUTE(\"6:30\")", "30")]),
    pure("MONTH", |args| of_serial(args, "MONTH"), &[("MONTH(44867)", "11")]),
    pure("SECOND", second, &[("SECOND(\"0:00:07\")", "7")]),
    pure("TIME", time_of, &[("TIME(12,0,0)", "0.5")]),
    pure("TIMEVALUE", timevalue, &[("TIMEVALUE(\"18:00\")", "0.75")]),
    pure(
        "WEEKDAY",
        weekday,
        &[("WEEKDAY(44867)", "4"), ("WEEKDAY(44867,2)", "3"), ("WEEKDAY(44867,3)", "2")],
    ),
    pure("WEEKNUM", weeknum, &[("WEEKNUM(44867)", "45"), ("WEEKNUM(44563)", "2"), ("WEEKNUM(44563,2)", "1")]),
    pure("YEAR", |args| of_serial(args, "YEAR"), &[("YEAR(44867)", "2022")]),
];

fn of_serial(args: &mut Args<'_, '_, '_>, name: &str) -> Answer {
    let serial = args.number(0)?;
    part(name, serial).map(Into::into).ok_or(ErrorCode::Num.into())
}

/// Seconds of the day.
fn seconds(args: &mut Args<'_, '_, '_>) -> Result<i64, Fail> {
    let serial = args.number(0)?;
    whole_number((serial.rem_euclid(1.0) * 86_400.0).round()).ok_or(ErrorCode::Num.into())
}

fn minute(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(small(seconds(args)? / 60 % 60))
}

fn second(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok(small(seconds(args)? % 60))
}

fn small(number: i64) -> Data {
    i32::try_from(number).map_or(Data::Error(ErrorCode::Num), |number| f64::from(number).into())
}

/// The serial number of a date; months and days may lie outside their range.
fn serial(year: i64, month: i64, day: i64) -> Option<i64> {
    let year = if (0..1900).contains(&year) { year.checked_add(1900)? } else { year };
    let months = year.checked_mul(12)?.checked_add(month.checked_sub(1)?)?;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12));
    if !(1900..=9999).contains(&year) {
        return None;
    }
    // Years begin with March, so that a leap day is the last one.
    let (shifted_year, shifted_month) = if month < 2 { (year - 1, month + 10) } else { (year, month - 2) };
    let of_year = (153 * shifted_month + 2) / 5;
    let days = 365 * shifted_year + shifted_year / 4 - shifted_year / 100 + shifted_year / 400 + of_year;
    let serial = days.checked_sub(693_900)?.checked_add(day)?;
    let serial = if serial < 61 { serial.checked_sub(1)? } else { serial };
    (0..=2_958_465).contains(&serial).then_some(serial)
}

fn date(args: &mut Args<'_, '_, '_>) -> Answer {
    let (year, month, day) = (args.integer(0)?, args.integer(1)?, args.integer(2)?);
    Ok(small(serial(year, month, day).ok_or(ErrorCode::Num)?))
}

fn datevalue(args: &mut Args<'_, '_, '_>) -> Answer {
    let text = args.text(0)?;
    parse(&text).map(|serial| serial.floor().into()).ok_or(ErrorCode::Value.into())
}

fn timevalue(args: &mut Args<'_, '_, '_>) -> Answer {
    let text = args.text(0)?;
    parse(&text).map(|serial| serial.rem_euclid(1.0).into()).ok_or(ErrorCode::Value.into())
}

fn time_of(args: &mut Args<'_, '_, '_>) -> Answer {
    let (hour, minute, second) = (args.number(0)?, args.number(1)?, args.number(2)?);
    let day = (hour.trunc() * 3600.0 + minute.trunc() * 60.0 + second.trunc()) / 86_400.0;
    if day < 0.0 { Err(ErrorCode::Num.into()) } else { Ok(day.rem_euclid(1.0).into()) }
}

fn weekday(args: &mut Args<'_, '_, '_>) -> Answer {
    let serial = args.number(0)?;
    let from_sunday = part("WEEKDAY", serial).ok_or(ErrorCode::Num)?;
    Ok(match args.integer_or(1, 1)? {
        1 => from_sunday,
        2 => (from_sunday + 5.0) % 7.0 + 1.0,
        3 => (from_sunday + 5.0) % 7.0,
        _ => return Err(ErrorCode::Num.into()),
    }
    .into())
}

/// The week that 1 January lies in is the first; weeks begin on Sunday, or (2) on Monday.
fn weeknum(args: &mut Args<'_, '_, '_>) -> Answer {
    let serial_number = args.number(0)?.floor();
    let begin = match args.integer_or(1, 1)? {
        1 => 1.0,
        2 => 2.0,
        _ => return Err(ErrorCode::Num.into()),
    };
    let (year, _, _) = date_of(serial_number).ok_or(ErrorCode::Num)?;
    let first =
        serial(year.into(), 1, 1).and_then(|first| i32::try_from(first).ok()).ok_or(ErrorCode::Num)?;
    let first = f64::from(first);
    let into_week = (part("WEEKDAY", first).ok_or(ErrorCode::Num)? - begin).rem_euclid(7.0);
    Ok((((serial_number - first + into_week) / 7.0).floor() + 1.0).into())
}

fn days(args: &mut Args<'_, '_, '_>) -> Answer {
    Ok((args.number(0)?.floor() - args.number(1)?.floor()).into())
}

fn datedif(args: &mut Args<'_, '_, '_>) -> Answer {
    let (from, to) = (args.number(0)?.floor(), args.number(1)?.floor());
    let unit = args.text(2)?.to_ascii_lowercase();
    if to < from {
        return Err(ErrorCode::Num.into());
    }
    let start = date_of(from).ok_or(ErrorCode::Num)?;
    let end = date_of(to).ok_or(ErrorCode::Num)?;
    let months = |date: (u16, u8, u8)| i64::from(date.0) * 12 + i64::from(date.1);
    let whole = months(end) - months(start) - i64::from(end.2 < start.2);
    Ok(match unit.as_str() {
        "d" => (to - from).into(),
        "m" => small(whole),
        "y" => small(whole / 12),
        "ym" => small(whole % 12),
        _ => return Err(ErrorCode::Num.into()),
    })
}

fn days360(args: &mut Args<'_, '_, '_>) -> Answer {
    let start = date_of(args.number(0)?).ok_or(ErrorCode::Num)?;
    let end = date_of(args.number(1)?).ok_or(ErrorCode::Num)?;
    let number = |(year, month, day): (u16, u8, u8)| {
        i64::from(year) * 360 + i64::from(month) * 30 + i64::from(day.min(30))
    };
    Ok(small(number(end) - number(start)))
}

fn edate(args: &mut Args<'_, '_, '_>) -> Answer {
    let (year, month, day) = date_of(args.number(0)?).ok_or(ErrorCode::Num)?;
    let month = i64::from(month).saturating_add(args.integer(1)?);
    let last = last_day(year.into(), month).ok_or(ErrorCode::Num)?;
    let first = serial(year.into(), month, 1).ok_or(ErrorCode::Num)?;
    Ok(small(last.min(first.saturating_add(i64::from(day)).saturating_sub(1))))
}

fn eomonth(args: &mut Args<'_, '_, '_>) -> Answer {
    let (year, month, _) = date_of(args.number(0)?).ok_or(ErrorCode::Num)?;
    let month = i64::from(month).saturating_add(args.integer(1)?);
    Ok(small(last_day(year.into(), month).ok_or(ErrorCode::Num)?))
}

/// The last day of a month.
fn last_day(year: i64, month: i64) -> Option<i64> {
    serial(year, month.checked_add(1)?, 0)
}

/// A text as a date, a time, or both; `None` when it is none.
pub fn parse(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Some(time) = time(text) {
        return Some(time);
    }
    let (day, rest) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let whole = i32::try_from(calendar_day(day)?).ok()?;
    let part = if rest.trim().is_empty() { 0.0 } else { time(rest.trim())? };
    Some(f64::from(whole) + part)
}

/// `2022-11-02`, `11/2/2022`, `2-Nov-2022`.
fn calendar_day(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] =
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let mut fields = text.split(['/', '-', '.']);
    let (first, second, third) = (fields.next()?, fields.next()?, fields.next()?);
    if fields.next().is_some() {
        return None;
    }
    let number = |field: &str| {
        let digits = field.bytes().all(|byte| byte.is_ascii_digit());
        field.parse::<i64>().ok().filter(|_| digits && field.len() <= 4)
    };
    let year = |year: i64| match year {
        0..=29 => year + 2000,
        30..=99 => year + 1900,
        year => year,
    };
    let named = |field: &str| {
        let upper = field.get(..3)?.to_ascii_uppercase();
        let found = MONTHS.iter().position(|month| *month == upper)?;
        i64::try_from(found.saturating_add(1)).ok()
    };
    let (year, month, day) = if first.len() == 4 {
        (number(first)?, number(second)?, number(third)?)
    } else if let Some(month) = named(second) {
        (year(number(third)?), month, number(first)?)
    } else {
        (year(number(third)?), number(first)?, number(second)?)
    };
    let inside = (1..=12).contains(&month) && (1..=31).contains(&day);
    inside.then(|| serial(year, month, day)).flatten()
}

/// A part of a date and time: what `DAY` and its kin answer.
pub fn part(name: &str, serial: f64) -> Option<f64> {
    let (year, month, day) = date_of(serial)?;
    Some(match name {
        "DAY" => f64::from(day),
        "MONTH" => f64::from(month),
        "YEAR" => f64::from(year),
        "WEEKDAY" => (serial.floor() - 1.0).rem_euclid(7.0) + 1.0,
        "HOUR" => (serial.fract() * 24.0 + 1e-9).floor(),
        _ => return None,
    })
}

/// Year, month and day of a serial number; Excel has a 29 February 1900.
pub(super) fn date_of(serial: f64) -> Option<(u16, u8, u8)> {
    let days = super::whole_number(serial.floor()).filter(|days| (0..=2_958_465).contains(days))?;
    if days == 60 {
        return Some((1900, 2, 29));
    }
    if days == 0 {
        return Some((1900, 1, 0));
    }
    // Days from 1 March of year 0 of the Gregorian calendar.
    let shifted = days.checked_add(if days > 60 { 693_899 } else { 693_900 })?;
    let era = shifted.checked_div(146_097)?;
    let of_era = shifted.checked_rem(146_097)?;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Some((u16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?))
}

/// `h:mm`, `h:mm:ss`, with `AM` or `PM` behind.
fn time(text: &str) -> Option<f64> {
    let upper = text.trim().to_ascii_uppercase();
    let (clock, half) = match (upper.strip_suffix("AM"), upper.strip_suffix("PM")) {
        (Some(clock), _) => (clock.trim_end(), Some(false)),
        (_, Some(clock)) => (clock.trim_end(), Some(true)),
        _ => (upper.as_str(), None),
    };
    let mut fields = clock.split(':');
    let mut field = || -> Option<Option<f64>> {
        let Some(field) = fields.next() else { return Some(None) };
        let plain = field.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && !field.is_empty();
        plain.then(|| field.parse().ok())
    };
    let (hours, minutes, seconds) = (field()??, field()??, field()?.unwrap_or(0.0));
    if fields.next().is_some() || minutes >= 60.0 || seconds >= 60.0 || hours > 9999.0 {
        return None;
    }
    let hours = match half {
        Some(_) if !(0.0..=12.0).contains(&hours) => return None,
        Some(afternoon) => hours % 12.0 + if afternoon { 12.0 } else { 0.0 },
        None => hours,
    };
    Some((hours * 3600.0 + minutes * 60.0 + seconds) / 86_400.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_dates() {
        let dates = [1.0, 59.0, 60.0, 61.0, 44_867.4, 45_351.0, 2_958_465.0].map(date_of);
        let expected = [
            (1900, 1, 1),
            (1900, 2, 28),
            (1900, 2, 29),
            (1900, 3, 1),
            (2022, 11, 2),
            (2024, 2, 29),
            (9999, 12, 31),
        ];
        assert_eq!(dates, expected.map(Some));
        assert_eq!(part("WEEKDAY", 44_867.4), Some(4.0));
        assert_eq!(part("HOUR", 44_867.422_222), Some(10.0));
    }

    #[test]
    fn clock_times_are_parts_of_a_day() {
        assert_eq!(parse("12:00"), Some(0.5));
        assert_eq!(parse("6:00 PM"), Some(0.75));
        assert_eq!(parse("12:00 AM"), Some(0.0));
        assert_eq!(parse("12:61"), None);
        assert_eq!(parse("noon"), None);
    }
}
