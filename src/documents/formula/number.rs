//! Numbers as Excel shows them in a formula.

use std::fmt::Write;

/// Significant digits that Excel shows.
const DIGITS: usize = 15;

/// Most characters of a number without an exponent.
const PLAIN_LEN: usize = 20;

/// Appends a number as Excel shows it in a formula or turns it into text: at most 15 significant
/// digits, without an exponent as long as that takes at most 20 characters.
///
/// The bounds are those that Apache POI observed in Excel. A value that no cell can have (infinity,
/// not a number) shows as the largest number.
pub fn write_number(value: f64, into: &mut String) {
    let value = if value.is_finite() { value } else { f64::MAX };
    if value == 0.0 || value.is_subnormal() {
        into.push('0');
        return;
    }
    // Excel shows one digit less beyond these exponents.
    let digits = match value.abs() {
        1e-98..1e99 => DIGITS,
        _ => DIGITS.saturating_sub(1),
    };
    let scientific = format!("{:.*e}", digits.saturating_sub(1), value.abs());
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    if value < 0.0 {
        into.push('-');
    }
    let count = digits.len();
    let (head, tail) = (digits.get(..1).unwrap_or("0"), digits.get(1..).unwrap_or_default());
    match usize::try_from(exponent) {
        Ok(exponent) if exponent < PLAIN_LEN => {
            let whole = exponent.saturating_add(1);
            into.push_str(digits.get(..whole).unwrap_or(digits));
            into.extend(std::iter::repeat_n('0', whole.saturating_sub(count)));
            if let Some(fraction) = digits.get(whole..).filter(|fraction| !fraction.is_empty()) {
                into.push('.');
                into.push_str(fraction);
            }
        }
        Err(_) if exponent.unsigned_abs() as usize <= PLAIN_LEN.saturating_sub(count).saturating_sub(1) => {
            into.push_str("0.");
            let zeros = (exponent.unsigned_abs() as usize).saturating_sub(1);
            into.extend(std::iter::repeat_n('0', zeros));
            into.push_str(digits);
        }
        _ => {
            into.push_str(head);
            if !tail.is_empty() {
                into.push('.');
                into.push_str(tail);
            }
            let sign = if exponent < 0 { '-' } else { '+' };
            // Writing to a String does not fail.
            let _ = write!(into, "E{sign}{:02}", exponent.unsigned_abs());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: f64) -> String {
        let mut text = String::new();
        write_number(value, &mut text);
        text
    }

    #[test]
    fn numbers_are_shown_as_excel_shows_them() {
        let shown = [
            (0.0, "0"),
            (1.0, "1"),
            (-756.0, "-756"),
            (0.1, "0.1"),
            (7.56, "7.56"),
            (123.456_789_012_345_68, "123.456789012346"),
            (1.234_567_890_123_456_8e-5, "1.23456789012346E-05"),
            (1.234_567_890_123_456_7e-4, "0.000123456789012346"),
            (1.234_567_89e-5, "0.0000123456789"),
            (5.678_901_234_5e-8, "0.000000056789012345"),
            (5.678_901_234_56e-8, "5.67890123456E-08"),
            (1e-18, "0.000000000000000001"),
            (1e-19, "1E-19"),
            (2e-50, "2E-50"),
            (1.234_567_890_123_456_8e15, "1234567890123460"),
            (-1.234_567_890_123_456_7e19, "-12345678901234600000"),
            (1e19, "10000000000000000000"),
            (1e20, "1E+20"),
            (1.234_567_890_123_456_8e20, "1.23456789012346E+20"),
            (9.999_999_999_999_999e20, "1E+21"),
            (999_999.999_999_999_9, "1000000"),
            (9.999_999_999_999_123e-98, "9.99999999999912E-98"),
            (1.234_567_890_123_457_7e99, "1.2345678901235E+99"),
            (f64::MAX, "1.7976931348623E+308"),
            (f64::INFINITY, "1.7976931348623E+308"),
            (4.9e-324, "0"),
        ];
        for (value, expected) in shown {
            assert_eq!(text(value), expected, "{value:e}");
        }
    }
}
