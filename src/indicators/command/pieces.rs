//! What a script of PowerShell is made of: constants, words, signs.

/// Longest string that an operation makes, in bytes.
pub(super) const MOST: usize = 1 << 19;

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(i64),
    List(Vec<Value>),
    Bytes(Vec<u8>),
}

/// What the script is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    Value(Value),
    Word(String),
    Sign(char),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) piece: Piece,
    /// Whether a space or line end stands before it, and whether it is a line end.
    pub(super) space: Option<char>,
    /// Whether it is a string in double quotes that names variables.
    pub(super) expands: bool,
}

/// Appends a piece as a script has it.
pub(super) fn write(piece: &Piece, into: &mut String) {
    match piece {
        Piece::Word(word) => into.push_str(word),
        Piece::Sign(sign) => into.push(*sign),
        Piece::Value(value) => write_value(value, into),
    }
}

fn write_value(value: &Value, into: &mut String) {
    match value {
        Value::Text(text) => {
            into.push('\'');
            into.push_str(&text.replace('\'', "''"));
            into.push('\'');
        }
        Value::Number(number) => into.push_str(&number.to_string()),
        Value::Bytes(bytes) => into.push_str(&format!("[{} bytes]", bytes.len())),
        Value::List(values) => {
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    into.push(',');
                }
                // Lists of lists are no constant that a script is hidden in.
                if !matches!(value, Value::List(_)) {
                    write_value(value, into);
                }
            }
        }
    }
}

/// Takes a script apart. Backticks go, quotes become values.
pub(super) fn items(script: &str) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut chars = script.chars().peekable();
    let mut space = None;
    while let Some(char) = chars.next() {
        let mut expands = false;
        let piece = match char {
            '\r' | '\n' => {
                space = Some('\n');
                continue;
            }
            _ if char.is_whitespace() => {
                space = space.or(Some(' '));
                continue;
            }
            '`' => continue,
            '\'' | '\u{2018}' | '\u{2019}' => Piece::Value(Value::Text(single_quoted(&mut chars))),
            '"' | '\u{201C}' | '\u{201D}' => {
                let (text, names) = double_quoted(&mut chars);
                expands = names;
                Piece::Value(Value::Text(text))
            }
            '0'..='9' => match number(char, &mut chars) {
                Some(number) => Piece::Value(Value::Number(number)),
                None => Piece::Word(char.to_string()),
            },
            '-' => {
                let before = items.last().map(|item| &item.piece);
                let opens = matches!(before, Some(Piece::Sign('(' | '[' | ',' | '.'))) || before.is_none();
                match chars.peek() {
                    Some(next) if next.is_ascii_digit() && opens => {
                        let first = chars.next().unwrap_or('0');
                        match number(first, &mut chars) {
                            Some(number) => Piece::Value(Value::Number(number.saturating_neg())),
                            None => Piece::Sign('-'),
                        }
                    }
                    Some(next) if next.is_ascii_alphabetic() || *next == '`' => {
                        Piece::Word(word('-', &mut chars))
                    }
                    _ => Piece::Sign('-'),
                }
            }
            _ if char.is_alphanumeric() || matches!(char, '_' | '$') => Piece::Word(word(char, &mut chars)),
            _ => Piece::Sign(char),
        };
        items.push(Item { piece, space: space.take(), expands });
    }
    items
}

type Chars<'s> = std::iter::Peekable<std::str::Chars<'s>>;

fn single_quoted(chars: &mut Chars<'_>) -> String {
    let mut text = String::new();
    while let Some(char) = chars.next() {
        if char == '\'' && chars.next_if_eq(&'\'').is_none() {
            break;
        }
        text.push(char);
    }
    text
}

/// The text of a string, and whether it names variables. Where a dollar sign is escaped, it is left as
/// it stands.
fn double_quoted(chars: &mut Chars<'_>) -> (String, bool) {
    let mut text = String::new();
    let (mut names, mut escaped) = (false, false);
    while let Some(char) = chars.next() {
        match char {
            '"' if chars.next_if_eq(&'"').is_none() => break,
            '`' => match chars.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                Some('0') => text.push('\0'),
                Some(other) => {
                    escaped |= other == '$';
                    text.push(other);
                }
                None => break,
            },
            _ => {
                names |= char == '$';
                text.push(char);
            }
        }
    }
    (text, names && !escaped)
}

fn number(first: char, chars: &mut Chars<'_>) -> Option<i64> {
    let mut digits = String::from(first);
    if first == '0' && chars.next_if(|next| matches!(next, 'x' | 'X')).is_some() {
        digits.clear();
        while let Some(digit) = chars.next_if(char::is_ascii_hexdigit) {
            digits.push(digit);
        }
        return i64::from_str_radix(&digits, 16).ok();
    }
    while let Some(digit) = chars.next_if(char::is_ascii_digit) {
        digits.push(digit);
    }
    digits.parse().ok()
}

fn word(first: char, chars: &mut Chars<'_>) -> String {
    let mut word = String::from(first);
    while let Some(next) = chars.peek() {
        let goes_on = next.is_alphanumeric()
            || *next == '_'
            || *next == '`'
            || *next == '-' && !first.is_ascii_digit() && first != '$' && first != '-'
            || *next == ':' && first == '$' && word.len() > 1 && !word.contains(':')
            || matches!(next, '{' | '}') && first == '$' && (word.len() == 1 || word.starts_with("${"));
        if !goes_on {
            break;
        }
        let next = chars.next().unwrap_or('`');
        if next != '`' {
            word.push(next);
        }
        if next == '}' {
            break;
        }
    }
    word
}
