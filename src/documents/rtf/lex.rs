//! Tokens of Rich Text Format, as Word takes them.

use crate::base::Reader;

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `{`
    Open,
    /// `}`
    Close,
    /// A control word with its number, when it has one.
    Word(&'a [u8], Option<i32>),
    /// A control symbol: a backslash and one byte that is no letter.
    Symbol(u8),
    /// `\'` and the byte that its two digits make; `None` when there are no two digits.
    Escape(Option<u8>),
    /// Bytes of text, without line ends.
    Text(&'a [u8]),
}

/// Letters of a control word; further ones begin text.
const LONGEST: usize = 255;
/// Digits of a number; further ones do not count.
const DIGITS: usize = 10;

/// Takes the next token; `None` at the end. Each takes at least a byte.
pub(super) fn token<'a>(reader: &mut Reader<'a>) -> Option<Token<'a>> {
    // Line ends between tokens mean nothing.
    let rest = reader.rest();
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    reader.skip(blank).ok()?;
    match reader.rest().first()? {
        b'{' => reader.skip(1).ok().map(|()| Token::Open),
        b'}' => reader.skip(1).ok().map(|()| Token::Close),
        b'\\' => {
            reader.skip(1).ok()?;
            control(reader)
        }
        _ => {
            let rest = reader.rest();
            let len =
                rest.iter().take_while(|byte| !matches!(byte, b'{' | b'}' | b'\\' | b'\r' | b'\n')).count();
            reader.take(len).ok().map(Token::Text)
        }
    }
}

fn control<'a>(reader: &mut Reader<'a>) -> Option<Token<'a>> {
    let first = *reader.rest().first()?;
    if first == b'\'' {
        reader.skip(1).ok()?;
        return Some(Token::Escape(escape(reader)));
    }
    if !first.is_ascii_alphabetic() {
        reader.skip(1).ok()?;
        return Some(Token::Symbol(first));
    }
    let letters = reader.rest().iter().take(LONGEST).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let word = reader.take(letters).ok()?;
    let number = number(reader);
    // One blank ends the word and belongs to it.
    if reader.rest().first() == Some(&b' ') {
        reader.skip(1).ok()?;
    }
    Some(Token::Word(word, number))
}

/// The number of a control word: a sign and digits.
fn number(reader: &mut Reader<'_>) -> Option<i32> {
    let rest = reader.rest();
    let is_negative = rest.first() == Some(&b'-');
    let signed = rest.get(usize::from(is_negative)..).unwrap_or_default();
    let digits = signed.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return None;
    }
    let zeros = signed.iter().take_while(|byte| **byte == b'0').count();
    let counted = signed.get(zeros..digits).unwrap_or_default();
    let mut value = 0i64;
    for digit in counted.iter().take(DIGITS) {
        value = value.saturating_mul(10).saturating_add(i64::from(digit.saturating_sub(b'0')));
    }
    reader.skip(digits.saturating_add(usize::from(is_negative))).ok()?;
    let value = if is_negative { value.saturating_neg() } else { value };
    let least = i64::from(i32::MIN);
    i32::try_from(value.clamp(least, i64::from(i32::MAX))).ok()
}

/// The digits behind `\'`. One digit alone is taken and makes nothing; another character stays.
fn escape(reader: &mut Reader<'_>) -> Option<u8> {
    let mut value = None;
    for place in 0..2 {
        let digit = reader.rest().first().copied().and_then(hex_digit)?;
        reader.skip(1).ok()?;
        value = match (place, value) {
            (0, _) => Some(digit),
            (_, Some(high)) => Some((high << 4) | digit),
            (_, None) => None,
        };
    }
    value
}

/// The value of a hexadecimal digit.
pub(super) fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &[u8]) -> Vec<Token<'_>> {
        let mut reader = Reader::new(text);
        std::iter::from_fn(|| token(&mut reader)).collect()
    }

    #[test]
    fn words_take_a_number_and_one_blank() {
        use Token::{Close, Open, Symbol, Text, Word};
        let expected = [
            Open,
            Word(b"rtf", Some(1)),
            Word(b"li", Some(-20)),
            Text(b" x"),
            Symbol(b'*'),
            Word(b"b", None),
            Symbol(b'~'),
            Close,
        ];
        assert_eq!(tokens(b"{\\rtf1\r\n\\li-20  x\\*\\b\\~}"), expected);
    }

    #[test]
    fn numbers_that_are_too_large_are_the_largest() {
        assert_eq!(tokens(b"\\bin99999999999999"), [Token::Word(b"bin", Some(i32::MAX))]);
        assert_eq!(tokens(b"\\bin000000000000000012"), [Token::Word(b"bin", Some(12))]);
    }

    #[test]
    fn escapes_take_the_digits_that_are_there() {
        use Token::{Escape, Text};
        assert_eq!(
            tokens(b"\\'e4\\'4zz\\'z"),
            [Escape(Some(0xE4)), Escape(None), Text(b"zz"), Escape(None), Text(b"z")]
        );
        assert_eq!(tokens(b"\\'4"), [Escape(None)]);
        assert_eq!(tokens(b"\\"), []);
    }
}
