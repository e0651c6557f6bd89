//! Operations on constants, as PowerShell computes them.

use super::pieces::{MOST, Value};

/// A value as the text that it is in a string.
pub(super) fn text_in(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::List(_) => joined(value, " "),
        Value::Bytes(_) => None,
    }
}

pub(super) fn joined(value: &Value, between: &str) -> Option<String> {
    let Value::List(list) = value else { return text_in(value) };
    let mut made = String::new();
    for (index, value) in list.iter().enumerate() {
        if index > 0 {
            made.push_str(between);
        }
        match value {
            Value::Text(text) => made.push_str(text),
            Value::Number(number) => made.push_str(&number.to_string()),
            // `('a',('b','c')) -join ''` does not go into inner lists.
            Value::List(_) | Value::Bytes(_) => return None,
        }
        if made.len() > MOST {
            return None;
        }
    }
    Some(made)
}

/// `{1}{0}` with arguments; alignment and formats are passed over.
pub(super) fn formatted(format: &str, args: &Value) -> Option<String> {
    let args = match args {
        Value::List(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut made = String::new();
    let mut rest = format;
    while let Some(at) = rest.find(['{', '}']) {
        made.push_str(rest.get(..at)?);
        let mark = rest.get(at..)?.chars().next()?;
        rest = rest.get(at.saturating_add(1)..)?;
        if let Some(behind) = rest.strip_prefix(mark) {
            made.push(mark);
            rest = behind;
            continue;
        }
        let (inner, behind) = rest.split_once('}')?;
        let digits = inner.split([',', ':']).next()?.trim();
        made.push_str(&text_in(args.get(digits.parse::<usize>().ok()?)?)?);
        rest = behind;
        if made.len() > MOST {
            return None;
        }
    }
    made.push_str(rest);
    Some(made)
}

pub(super) fn cast_to(name: &str, value: &Value) -> Option<Value> {
    let char_of = |value: &Value| match value {
        Value::Number(code) => {
            char::from_u32(u32::try_from(*code).ok()?).map(|char| Value::Text(char.to_string()))
        }
        Value::Text(text) => match text.trim().parse::<u32>() {
            Ok(code) if text.chars().count() > 1 => {
                char::from_u32(code).map(|char| Value::Text(char.to_string()))
            }
            _ => Some(Value::Text(text.clone())),
        },
        _ => None,
    };
    match (name, value) {
        ("char", value) => char_of(value),
        ("char[]", Value::List(list)) => {
            list.iter().map(char_of).collect::<Option<Vec<_>>>().map(Value::List)
        }
        ("char[]", Value::Text(text)) => {
            Some(Value::List(text.chars().map(|char| Value::Text(char.to_string())).collect()))
        }
        ("string", value) => text_in(value).map(Value::Text),
        ("int" | "byte" | "int32", Value::Text(text)) => text.trim().parse().ok().map(Value::Number),
        ("int" | "byte" | "int32" | "int[]" | "byte[]" | "string[]", value) => Some(value.clone()),
        ("scriptblock", value) => Some(value.clone()),
        _ => None,
    }
}

/// A method of a string or list with constant arguments.
pub(super) fn method(receiver: &Value, name: &str, args: Option<&Value>) -> Option<Value> {
    let list = match args {
        Some(Value::List(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let Value::Text(text) = receiver else {
        return match (name, receiver) {
            ("tostring", Value::Number(number)) => Some(Value::Text(number.to_string())),
            _ => None,
        };
    };
    let number = |index: usize| match list.get(index) {
        Some(Value::Number(number)) => usize::try_from(*number).ok(),
        _ => None,
    };
    let slice = |from: usize, count: usize| text.chars().skip(from).take(count).collect::<String>();
    Some(match (name, list) {
        // Unlike the operator, the method minds the letter case.
        ("replace", [Value::Text(from), to]) if !from.is_empty() => {
            let to = text_in(to)?;
            let hits = text.matches(from.as_str()).count();
            if hits.saturating_mul(to.len()).saturating_add(text.len()) > MOST {
                return None;
            }
            Value::Text(text.replace(from.as_str(), &to))
        }
        ("split", [Value::Text(at)]) => {
            let pieces = text.split(|char| at.contains(char)).take(65_536);
            Value::List(pieces.map(|piece| Value::Text(piece.to_owned())).collect())
        }
        ("tolower" | "tolowerinvariant", []) => Value::Text(text.to_lowercase()),
        ("toupper" | "toupperinvariant", []) => Value::Text(text.to_uppercase()),
        ("tostring" | "invoke" | "normalize", []) => Value::Text(text.clone()),
        ("trim", []) => Value::Text(text.trim().to_owned()),
        ("tochararray", []) => Value::List(text.chars().map(|char| Value::Text(char.to_string())).collect()),
        ("substring", [_]) => Value::Text(slice(number(0)?, usize::MAX)),
        ("substring", [_, _]) => Value::Text(slice(number(0)?, number(1)?)),
        ("remove", [_]) => Value::Text(slice(0, number(0)?)),
        ("remove", [_, _]) => {
            let from = number(0)?;
            Value::Text(format!("{}{}", slice(0, from), slice(from.checked_add(number(1)?)?, usize::MAX)))
        }
        ("insert", [_, Value::Text(more)]) => {
            let at = number(0)?;
            Value::Text(format!("{}{more}{}", slice(0, at), slice(at, usize::MAX)))
        }
        _ => return None,
    })
}
