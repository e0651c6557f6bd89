//! `set /a`: whole numbers of 32 bits, with the operators of C.
//!
//! A name without percent signs is a variable; one that is not set, or that holds no number, is 0.

use super::variables::Variables;

/// Characters of an expression that are read.
const MOST: usize = 8192;

/// Carries out the assignments of `set /a`; the value of the last one, which a shell shows.
pub(super) fn assign(text: &str, variables: &mut Variables) -> Option<i32> {
    let text: String = text.chars().filter(|char| *char != '"').take(MOST).collect();
    let mut last = None;
    for part in text.split(',') {
        last = Some(one(part, variables)?);
    }
    last
}

/// `x=1+2`, `x+=1`, or an expression alone.
fn one(text: &str, variables: &mut Variables) -> Option<i32> {
    let Some((left, right)) = text.split_once('=') else { return value(text, variables) };
    let left = left.trim();
    let sign =
        ["<<", ">>", "+", "-", "*", "/", "%", "&", "^", "|"].into_iter().find(|sign| left.ends_with(sign));
    let name = left.strip_suffix(sign.unwrap_or_default()).unwrap_or(left).trim();
    if name.is_empty() || name.contains(|char: char| char.is_whitespace()) {
        return None;
    }
    let right = value(right, variables)?;
    let made = match sign {
        Some(sign) => apply(sign, variables.number(name), right)?,
        None => right,
    };
    variables.set(name, &made.to_string());
    Some(made)
}

/// How tightly an operator binds; one with a single operand most of all.
fn rank(sign: &str) -> u8 {
    match sign {
        "u-" | "u~" | "u!" | "u+" => 7,
        "*" | "/" | "%" => 6,
        "+" | "-" => 5,
        "<<" | ">>" => 4,
        "&" => 3,
        "^" => 2,
        "|" => 1,
        _ => 0,
    }
}

fn apply(sign: &str, left: i32, right: i32) -> Option<i32> {
    let shift = u32::try_from(right).ok().filter(|by| *by < 32);
    Some(match sign {
        "*" => left.wrapping_mul(right),
        "/" => left.checked_div(right)?,
        "%" => left.checked_rem(right)?,
        "+" => left.wrapping_add(right),
        "-" => left.wrapping_sub(right),
        "<<" => shift.map_or(0, |by| left.wrapping_shl(by)),
        ">>" => left.wrapping_shr(shift.unwrap_or(31)),
        "&" => left & right,
        "^" => left ^ right,
        "|" => left | right,
        _ => return None,
    })
}

fn reduce(sign: &str, values: &mut Vec<i32>) -> Option<()> {
    let right = values.pop()?;
    let made = match sign {
        "u-" => right.wrapping_neg(),
        "u+" => right,
        "u~" => !right,
        "u!" => i32::from(right == 0),
        _ => apply(sign, values.pop()?, right)?,
    };
    values.push(made);
    Some(())
}

/// The value of an expression: operators wait on a list until one that binds less comes.
fn value(text: &str, variables: &Variables) -> Option<i32> {
    let mut values: Vec<i32> = Vec::new();
    let mut signs: Vec<&'static str> = Vec::new();
    let mut rest = text.trim_start();
    let mut wants_operand = true;
    while let Some(first) = rest.chars().next() {
        let word_len = rest.find(|char: char| !(char.is_alphanumeric() || char == '_')).unwrap_or(rest.len());
        if word_len > 0 {
            let (word, behind) = rest.split_at_checked(word_len)?;
            values.push(operand(word, variables));
            wants_operand = false;
            rest = behind.trim_start();
            continue;
        }
        let sign = match first {
            '(' => {
                signs.push("(");
                rest = rest.get(1..)?.trim_start();
                wants_operand = true;
                continue;
            }
            ')' => {
                loop {
                    match signs.pop()? {
                        "(" => break,
                        sign => reduce(sign, &mut values)?,
                    }
                }
                rest = rest.get(1..)?.trim_start();
                wants_operand = false;
                continue;
            }
            '-' if wants_operand => "u-",
            '+' if wants_operand => "u+",
            '~' => "u~",
            '!' => "u!",
            _ => ["<<", ">>", "*", "/", "%", "+", "-", "&", "^", "|"]
                .into_iter()
                .find(|sign| rest.starts_with(sign))?,
        };
        let single = sign.starts_with('u');
        while !single && signs.last().is_some_and(|waiting| rank(waiting) >= rank(sign)) {
            reduce(signs.pop()?, &mut values)?;
        }
        signs.push(sign);
        wants_operand = true;
        let mut len = if single { 1 } else { sign.len() };
        // In a batch file the remainder is written with two percent signs.
        if sign == "%" && rest.starts_with("%%") {
            len = 2;
        }
        rest = rest.get(len..)?.trim_start();
    }
    while let Some(sign) = signs.pop() {
        reduce(sign, &mut values)?;
    }
    match values.as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}

fn operand(word: &str, variables: &Variables) -> i32 {
    number(word).unwrap_or_else(|| variables.number(word))
}

/// A number as C writes it: `0x1F`, `017`, `42`.
pub(super) fn number(word: &str) -> Option<i32> {
    let lower = word.trim().to_ascii_lowercase();
    let (digits, negative) = match lower.strip_prefix('-') {
        Some(digits) => (digits, true),
        None => (lower.as_str(), false),
    };
    let parsed = match digits.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok()?,
        None if digits.len() > 1 && digits.starts_with('0') => i64::from_str_radix(digits, 8).ok()?,
        None => digits.parse().ok()?,
    };
    i32::try_from(if negative { parsed.checked_neg()? } else { parsed }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_those_of_set() {
        let mut variables = Variables::new();
        variables.set("k", "7");
        let cases = [
            ("x=1+2*3", Some(7)),
            ("x=(1+2)*3", Some(9)),
            ("\"x=0x41 ^ 3\"", Some(66)),
            ("x=-k+010", Some(1)),
            ("x=1<<4|1", Some(17)),
            ("x=100%%7", Some(2)),
            ("k+=3,y=k*2", Some(20)),
            ("~0", Some(-1)),
            ("!5", Some(0)),
            ("unset+1", Some(1)),
            ("x=1/0", None),
            ("x=(1", None),
            ("x=1 2", None),
            ("=", None),
        ];
        for (text, expected) in cases {
            assert_eq!(assign(text, &mut variables), expected, "{text}");
        }
        assert_eq!(variables.number("y"), 20);
    }
}
