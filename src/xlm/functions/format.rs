//! Numbers as text: TEXT with its formats, FIXED, DOLLAR.

use std::fmt::Write;

use super::{Answer, Args, Spec, date, pure, whole_number};
use crate::documents::formula::write_number;
use crate::xlm::value::{Data, ErrorCode};

pub(super) const TABLE: &[Spec] = &[
    pure("DOLLAR", dollar, &[("DOLLAR(1234.567)", "\"$1,234.57\""), ("DOLLAR(-2,0)", "\"($2)\"")]),
    pure(
        "FIXED",
        fixed,
        &[
            ("FIXED(1234.567,1)", "\"1,234.6\""),
            ("FIXED(1234.567,1,TRUE)", "\"1234.6\""),
            ("FIXED(1234,-2)", "\"1,200\""),
        ],
    ),
    pure(
        "TEXT",
        text,
        &[
            ("TEXT(\"abc\",25352)", "\"abc\""),
            ("TEXT(5,\"000\")", "\"005\""),
            ("TEXT(1234.5,\"#,##0.00\")", "\"1,234.50\""),
            ("TEXT(0.25,\"0%\")", "\"25%\""),
            ("TEXT(44867,\"yyyy-mm-dd\")", "\"2022-11-02\""),
            ("TEXT(0.75,\"h:mm AM/PM\")", "\"6:00 PM\""),
            ("TEXT(-3,\"0;(0)\")", "\"(3)\""),
            ("TEXT(3,\"\"\"n\"\"0\")", "\"n3\""),
            ("TEXT(12,\"General\")", "\"12\""),
            ("TEXT(1234,\"0.0E+00\")", "\"1.2E+03\""),
        ],
    ),
    pure("USDOLLAR", dollar, &[("USDOLLAR(1,1)", "\"$1.0\"")]),
];

/// A number with a fixed count of decimals, negative ones before the point.
fn rounded(number: f64, decimals: i64) -> (f64, usize) {
    if decimals >= 0 {
        return (number, usize::try_from(decimals.min(127)).unwrap_or(0));
    }
    let scale = 10f64.powi(i32::try_from(decimals.max(-300).saturating_neg()).unwrap_or(0));
    ((number / scale).round() * scale, 0)
}

/// Half a step away from zero, as Excel rounds; Rust would round to even digits.
fn decimal(number: f64, decimals: usize) -> String {
    let scale = 10f64.powi(i32::try_from(decimals).unwrap_or(0));
    let shifted = number * scale;
    let away =
        if shifted.abs() < 1e15 { ((shifted.abs() + 1e-9).round() / scale).copysign(number) } else { number };
    format!("{away:.decimals$}")
}

fn with_thousands(digits: &str) -> String {
    let (whole, rest) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut made = String::new();
    let count = whole.len();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && count.saturating_sub(index).is_multiple_of(3) {
            made.push(',');
        }
        made.push(digit);
    }
    if let Some(rest) = rest {
        made.push('.');
        made.push_str(rest);
    }
    made
}

fn fixed(args: &mut Args<'_, '_, '_>) -> Answer {
    let (number, decimals) = (args.number(0)?, args.integer_or(1, 2)?);
    let plain = args.boolean_or(2, false)?;
    let (number, decimals) = rounded(number, decimals);
    let digits = decimal(number.abs(), decimals);
    let digits = if plain { digits } else { with_thousands(&digits) };
    args.made(if number < 0.0 { format!("-{digits}") } else { digits })
}

fn dollar(args: &mut Args<'_, '_, '_>) -> Answer {
    let (number, decimals) = (args.number(0)?, args.integer_or(1, 2)?);
    let (number, decimals) = rounded(number, decimals);
    let digits = with_thousands(&decimal(number.abs(), decimals));
    args.made(if number < 0.0 { format!("(${digits})") } else { format!("${digits}") })
}

fn text(args: &mut Args<'_, '_, '_>) -> Answer {
    let value = args.value(0)?;
    let format = args.text_or(1, "")?;
    args.charge(format.len())?;
    match value {
        // A text is shown as it is, unless it reads as a number.
        Data::Text(text) => match crate::xlm::value::parse_number(&text) {
            Some(number) => shown(args, number, &format),
            None => args.made(&*text),
        },
        Data::Boolean(value) => Ok(Data::from(if value { "TRUE" } else { "FALSE" })),
        other => {
            // An unknown is shown by its symbol, whatever the format is.
            let number = other.to_number()?;
            args.number(0)?;
            shown(args, number, &format)
        }
    }
}

fn shown(args: &mut Args<'_, '_, '_>, number: f64, format: &str) -> Answer {
    let sections = sections(format);
    let count = sections.len();
    let (section, number) = match (count, number) {
        (2.., number) if number < 0.0 => (sections.get(1), -number),
        (3.., 0.0) => (sections.get(2), number),
        _ => (sections.first(), number),
    };
    let section = section.map_or("", String::as_str);
    if section.is_empty() {
        return args.made("");
    }
    match section_text(section, number) {
        Some(text) => args.made(text),
        None => Err(ErrorCode::Value.into()),
    }
}

/// The parts of a format between semicolons that stand in no quotes.
fn sections(format: &str) -> Vec<String> {
    let mut made = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for letter in format.chars().take(1024) {
        let splits = letter == ';' && !quoted && !escaped;
        if letter == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = letter == '\\' && !escaped && !quoted;
        if splits {
            made.push(String::new());
        } else if let Some(last) = made.last_mut() {
            last.push(letter);
        }
    }
    made
}

/// A piece of a format.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Literal(String),
    /// `0`, `#` or `?`
    Digit(char),
    Point,
    Comma,
    Percent,
    /// `E+` or `E-`: whether a plus is shown.
    Exponent(bool),
    /// A run of one letter of `y m d h s`, or `AM/PM`.
    Date(char, usize),
    General,
    /// `@`
    Text,
}

fn pieces(section: &str) -> Vec<Piece> {
    let letters: Vec<char> = section.chars().collect();
    let mut made = Vec::new();
    let mut at = 0usize;
    while let Some(letter) = letters.get(at).copied() {
        let rest: String = letters.iter().skip(at).take(8).collect();
        let upper = rest.to_ascii_uppercase();
        let mut len = 1usize;
        match letter {
            '"' => {
                let inner: String =
                    letters.iter().skip(at.saturating_add(1)).take_while(|letter| **letter != '"').collect();
                len = inner.chars().count().saturating_add(2);
                made.push(Piece::Literal(inner));
            }
            '\\' | '_' | '*' => {
                len = 2;
                let next = letters.get(at.saturating_add(1)).copied();
                match (letter, next) {
                    ('\\', Some(next)) => made.push(Piece::Literal(next.to_string())),
                    ('_', Some(_)) => made.push(Piece::Literal(" ".to_owned())),
                    _ => {}
                }
            }
            '[' => {
                let inner: String = letters.iter().skip(at).take_while(|letter| **letter != ']').collect();
                len = inner.chars().count().saturating_add(1);
                if let Some(unit) = inner.chars().nth(1).filter(|unit| "hms".contains(*unit)) {
                    made.push(Piece::Date(unit.to_ascii_uppercase(), len.saturating_sub(2)));
                }
            }
            _ if upper.starts_with("GENERAL") => {
                len = 7;
                made.push(Piece::General);
            }
            _ if upper.starts_with("AM/PM") => {
                len = 5;
                made.push(Piece::Date('a', 2));
            }
            _ if upper.starts_with("E+") || upper.starts_with("E-") => {
                len = 2;
                made.push(Piece::Exponent(upper.starts_with("E+")));
            }
            'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' => {
                let same = |other: &&char| other.eq_ignore_ascii_case(&letter);
                len = letters.iter().skip(at).take_while(same).count();
                made.push(Piece::Date(letter.to_ascii_lowercase(), len));
            }
            '0' | '#' | '?' => made.push(Piece::Digit(letter)),
            '.' => made.push(Piece::Point),
            ',' => made.push(Piece::Comma),
            '%' => made.push(Piece::Percent),
            '@' => made.push(Piece::Text),
            other => made.push(Piece::Literal(other.to_string())),
        }
        at = at.saturating_add(len.max(1));
    }
    made
}

fn section_text(section: &str, number: f64) -> Option<String> {
    let pieces = pieces(section);
    if pieces.iter().any(|piece| matches!(piece, Piece::Date(..))) {
        return date_text(&pieces, number);
    }
    let negative = number < 0.0;
    let mut number = number.abs();
    let digits = |piece: &Piece| matches!(piece, Piece::Digit(_));
    if !pieces.iter().any(digits) {
        let mut made = String::new();
        for piece in &pieces {
            match piece {
                Piece::Literal(text) => made.push_str(text),
                Piece::General | Piece::Text => {
                    write_number(if negative { -number } else { number }, &mut made);
                }
                Piece::Percent => made.push('%'),
                _ => {}
            }
        }
        return Some(made);
    }
    let point = pieces.iter().position(|piece| *piece == Piece::Point);
    let exponent = pieces.iter().position(|piece| matches!(piece, Piece::Exponent(_)));
    let percents = pieces.iter().filter(|piece| **piece == Piece::Percent).count();
    number *= 100f64.powi(i32::try_from(percents).unwrap_or(0));
    let last_digit = pieces.iter().rposition(digits).unwrap_or(0);
    let behind = pieces.iter().skip(last_digit).filter(|piece| **piece == Piece::Comma).count();
    number /= 1000f64.powi(i32::try_from(behind).unwrap_or(0));
    let thousands = pieces.iter().take(last_digit).any(|piece| *piece == Piece::Comma);
    let mantissa_end = exponent.unwrap_or(pieces.len());
    let decimals = pieces
        .iter()
        .take(mantissa_end)
        .skip(point.unwrap_or(mantissa_end))
        .filter(|piece| digits(piece))
        .count();
    let mut power = 0i32;
    if exponent.is_some() && number != 0.0 {
        let log = number.log10().floor();
        power = whole_number(log).and_then(|power| i32::try_from(power).ok()).unwrap_or(0);
        number /= 10f64.powi(power);
    }
    let shown = decimal(number, decimals);
    let (whole, fraction) = shown.split_once('.').unwrap_or((&shown, ""));
    let least = pieces
        .iter()
        .take(point.unwrap_or(mantissa_end))
        .filter(|piece| **piece == Piece::Digit('0'))
        .count();
    let whole = if whole == "0" && least == 0 { "" } else { whole };
    let mut whole = format!("{}{whole}", "0".repeat(least.saturating_sub(whole.len())));
    if thousands {
        whole = with_thousands(&whole);
    }
    let mut made = String::new();
    if negative {
        made.push('-');
    }
    let (mut placed, mut fractions) = (false, fraction.chars());
    for (index, piece) in pieces.iter().enumerate() {
        let in_fraction = point.is_some_and(|point| index > point);
        match piece {
            Piece::Literal(text) => made.push_str(text),
            Piece::Percent => made.push('%'),
            Piece::Point => {
                if !placed {
                    made.push_str(&whole);
                    placed = true;
                }
                made.push('.');
            }
            Piece::Exponent(plus) => {
                let sign = if power < 0 {
                    "-"
                } else if *plus {
                    "+"
                } else {
                    ""
                };
                let width = pieces.iter().skip(index).filter(|piece| digits(piece)).count();
                let _ = write!(made, "E{sign}{:0width$}", power.unsigned_abs());
            }
            Piece::Digit(_) if exponent.is_some_and(|exponent| index > exponent) => {}
            Piece::Digit(kind) if in_fraction => {
                if let Some(digit) = fractions.next() {
                    // Zeros that the format does not ask for end the number.
                    let zeros = digit == '0' && fractions.clone().all(|rest| rest == '0');
                    let asked = pieces.iter().skip(index).any(|piece| *piece == Piece::Digit('0'));
                    if *kind == '0' || !zeros || asked {
                        made.push(digit);
                    }
                }
            }
            Piece::Digit(_) if !placed => {
                made.push_str(&whole);
                placed = true;
            }
            _ => {}
        }
    }
    Some(made)
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

fn date_text(pieces: &[Piece], number: f64) -> Option<String> {
    let (year, month, day) = date::date_of(number)?;
    let seconds = whole_number((number.fract() * 86_400.0).round())?;
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let half = pieces.contains(&Piece::Date('a', 2));
    let mut made = String::new();
    let mut after_hour = false;
    for (index, piece) in pieces.iter().enumerate() {
        let _ = match piece {
            Piece::Literal(text) => write!(made, "{text}"),
            Piece::Point => write!(made, "."),
            Piece::Comma => write!(made, ","),
            Piece::Percent => write!(made, "%"),
            Piece::Digit('0') => Ok(()),
            Piece::Date(letter, width) => {
                let next_is_second =
                    pieces.iter().skip(index.saturating_add(1)).find_map(|next| match next {
                        Piece::Date(letter, _) => Some(matches!(letter, 's' | 'S')),
                        _ => None,
                    });
                let is_minute = *letter == 'm' && (after_hour || next_is_second == Some(true));
                after_hour = matches!(letter, 'h' | 'H');
                match (letter, width) {
                    ('y', 1 | 2) => write!(made, "{:02}", year % 100),
                    ('y', _) => write!(made, "{year}"),
                    ('m', width) if is_minute => padded(&mut made, minute, *width),
                    ('m', 1 | 2) => padded(&mut made, i64::from(month), *width),
                    ('m', width) => {
                        let name = MONTHS.get(usize::from(month).saturating_sub(1)).copied().unwrap_or("");
                        write!(
                            made,
                            "{}",
                            super::slice_chars(
                                name,
                                0,
                                match width {
                                    3 => 3,
                                    5 => 1,
                                    _ => 9,
                                }
                            )
                        )
                    }
                    ('d', 1 | 2) => padded(&mut made, i64::from(day), *width),
                    ('d', width) => {
                        let index = date::part("WEEKDAY", number).and_then(whole_number).unwrap_or(1);
                        let index = usize::try_from(index.saturating_sub(1)).unwrap_or(0);
                        let name = WEEKDAYS.get(index).copied().unwrap_or("");
                        write!(made, "{}", super::slice_chars(name, 0, if *width == 3 { 3 } else { 9 }))
                    }
                    ('h', width) if half => {
                        padded(&mut made, if hour % 12 == 0 { 12 } else { hour % 12 }, *width)
                    }
                    ('h', width) => padded(&mut made, hour, *width),
                    ('s', width) => padded(&mut made, second, *width),
                    ('H', width) => padded(
                        &mut made,
                        whole_number(number.floor())?.saturating_mul(24).saturating_add(hour),
                        *width,
                    ),
                    ('M', width) => padded(&mut made, whole_number(number * 1440.0)?, *width),
                    ('S', width) => padded(&mut made, whole_number(number * 86_400.0)?, *width),
                    ('a', _) => write!(made, "{}", if hour < 12 { "AM" } else { "PM" }),
                    _ => Ok(()),
                }
            }
            _ => Ok(()),
        };
    }
    Some(made)
}

fn padded(into: &mut String, number: i64, width: usize) -> std::fmt::Result {
    let width = width.min(2);
    write!(into, "{number:0width$}")
}
