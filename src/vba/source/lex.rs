//! Tokens and statements of VBA source ([MS-VBAL] 3.2, 3.3).
//!
//! Total and linear: any text is a sequence of statements. Comments, continuations and
//! compilation directives are told apart the way the editor does; nothing is rejected.

use super::words::{Known, NO_WORD, Words};

/// Tokens of one statement at most; a longer one is cut in pieces.
const STATEMENT_TOKENS: usize = 1 << 16;

/// Bytes that words are made of, a bit each, in four groups of 64.
const WORD_BYTES: [u64; 4] = {
    let digits = 0x3FF << b'0';
    let letters = 0x3FF_FFFF << (b'A' & 63) | 0x3FF_FFFF << (b'a' & 63) | 1 << (b'_' & 63);
    [digits, letters, u64::MAX, u64::MAX]
};

fn is_word_byte(byte: u8) -> bool {
    let group = WORD_BYTES.get(usize::from(byte >> 6)).copied().unwrap_or(0);
    group >> (byte & 63) & 1 == 1
}

/// A token, with its place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) kind: TokenKind,
    /// Its text: a word without its type character, a string without its quotation marks; of a
    /// symbol nothing.
    pub(super) text: &'t str,
    /// Byte offset of its first character.
    pub(super) start: u32,
    /// Byte offset behind its last character.
    pub(super) end: u32,
    /// Physical line, from 1.
    pub(super) line: u32,
    /// Index of the word, for a word.
    pub(super) word: u32,
    /// What the word is known for.
    pub(super) known: Known,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// An identifier or keyword.
    Word,
    /// A string literal; quotation marks in it are still doubled.
    Text,
    /// A number, with `&H` and `&O`.
    Number,
    /// `:=`
    Named,
    /// Any other character.
    Symbol(u8),
}

/// Cuts a text into statements.
pub(super) struct Statements<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl<'t> Statements<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Statements { text, at: 0, line: 1 }
    }

    /// The line that is read.
    pub(super) fn line(&self) -> u32 {
        self.line
    }

    /// Puts the next statement in `tokens`; `false` at the end of the text.
    ///
    /// Empty statements are passed over.
    pub(super) fn next(&mut self, tokens: &mut Vec<Token<'t>>, words: &mut Words<'t>) -> bool {
        tokens.clear();
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\r' | b'\n' => {
                    self.line_end();
                    if !tokens.is_empty() {
                        return true;
                    }
                }
                b' ' | b'\t' => self.space(),
                b'\'' => self.comment(),
                b':' if self.peek(1) == Some(b'=') => self.push(TokenKind::Named, 2, tokens),
                b':' => {
                    self.advance(1);
                    if !tokens.is_empty() {
                        return true;
                    }
                }
                b'"' => self.string(tokens),
                b'[' => self.bracketed(tokens, words),
                b'0'..=b'9' => self.number(tokens),
                b'&' if self.is_radix(tokens) => self.number(tokens),
                b'_' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => self.word(tokens, words),
                symbol => self.push(TokenKind::Symbol(symbol), 1, tokens),
            }
            if tokens.len() >= STATEMENT_TOKENS {
                return true;
            }
        }
        !tokens.is_empty()
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at.saturating_add(ahead)).copied()
    }

    fn advance(&mut self, len: usize) {
        self.at = self.at.saturating_add(len);
    }

    fn line_end(&mut self) {
        let len = if self.peek(0) == Some(b'\r') && self.peek(1) == Some(b'\n') { 2 } else { 1 };
        self.advance(len);
        self.line = self.line.saturating_add(1);
    }

    /// Whether an underscore here continues the line; then it is passed over with the line end.
    fn continues(&mut self) -> bool {
        if self.peek(0) != Some(b'_') {
            return false;
        }
        let behind = self.text.as_bytes().get(self.at.saturating_add(1)..).unwrap_or_default();
        let blanks = behind.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        if !matches!(behind.get(blanks), Some(b'\r' | b'\n')) {
            // Passed over once: the blanks are not looked at again.
            return false;
        }
        self.advance(blanks.saturating_add(1));
        self.line_end();
        true
    }

    fn space(&mut self) {
        self.pass(|byte| matches!(byte, b' ' | b'\t'));
        if self.peek(0) == Some(b'_') {
            self.continues();
        }
    }

    /// Passes over the rest of the line, and over the lines that it is continued in: a blank and
    /// an underscore at the end of a line continue a comment as well.
    fn comment(&mut self) {
        loop {
            let rest = self.rest();
            let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let line = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            self.advance(line.len());
            let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
            let bare_len = line.iter().rposition(|byte| !is_blank(byte)).map_or(0, |at| at.saturating_add(1));
            let bare = line.get(..bare_len).unwrap_or_default();
            let continued = matches!(bare, [.., b' ' | b'\t', b'_']);
            if end.is_none() || !continued {
                return;
            }
            self.line_end();
        }
    }

    fn push(&mut self, kind: TokenKind, len: usize, tokens: &mut Vec<Token<'t>>) {
        let start = self.at;
        self.advance(len);
        tokens.push(self.token(kind, "", start));
    }

    /// A token from `start` to here.
    fn token(&self, kind: TokenKind, text: &'t str, start: usize) -> Token<'t> {
        let at = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let (start, end) = (at(start), at(self.at));
        Token { kind, text, start, end, line: self.line, word: NO_WORD, known: Known::default() }
    }

    fn rest(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// Passes over bytes of one kind.
    fn pass(&mut self, is_one: impl Fn(u8) -> bool) {
        let rest = self.rest();
        self.advance(rest.iter().position(|byte| !is_one(*byte)).unwrap_or(rest.len()));
    }

    fn string(&mut self, tokens: &mut Vec<Token<'t>>) {
        let start = self.at;
        self.advance(1);
        let inner = self.at;
        let mut closed;
        loop {
            self.pass(|byte| !matches!(byte, b'"' | b'\r' | b'\n'));
            closed = self.peek(0) == Some(b'"');
            if !closed || self.peek(1) != Some(b'"') {
                break;
            }
            self.advance(2);
        }
        let text = self.text.get(inner..self.at).unwrap_or_default();
        self.advance(usize::from(closed));
        tokens.push(self.token(TokenKind::Text, text, start));
    }

    /// `[name]`, which may have any character; without an end it is a symbol.
    fn bracketed(&mut self, tokens: &mut Vec<Token<'t>>, words: &mut Words<'t>) {
        let rest = self.text.get(self.at.saturating_add(1)..).unwrap_or_default();
        let len = rest.bytes().take(40).position(|byte| matches!(byte, b']' | b'\r' | b'\n'));
        match len {
            Some(len) if rest.as_bytes().get(len) == Some(&b']') => {
                let start = self.at;
                let text = rest.get(..len).unwrap_or_default();
                self.advance(len.saturating_add(2));
                let (word, known) = words.of(text);
                tokens.push(Token { word, known, ..self.token(TokenKind::Word, text, start) });
            }
            _ => self.push(TokenKind::Symbol(b'['), 1, tokens),
        }
    }

    /// Whether an ampersand here begins `&H…` or `&O…`: behind a value it joins texts.
    fn is_radix(&self, tokens: &[Token<'_>]) -> bool {
        let digit = self.peek(2).is_some_and(|byte| byte.is_ascii_hexdigit());
        let radix = matches!(self.peek(1), Some(b'h' | b'H' | b'o' | b'O')) && digit;
        radix && !tokens.last().is_some_and(Token::is_value)
    }

    fn number(&mut self, tokens: &mut Vec<Token<'t>>) {
        let start = self.at;
        if self.peek(0) == Some(b'&') {
            self.advance(2);
            self.pass(|byte| byte.is_ascii_hexdigit());
        } else {
            self.pass(|byte| byte.is_ascii_digit() || byte == b'.');
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        self.type_character();
        tokens.push(self.token(TokenKind::Number, text, start));
    }

    fn word(&mut self, tokens: &mut Vec<Token<'t>>, words: &mut Words<'t>) {
        let start = self.at;
        self.pass(is_word_byte);
        let text = self.text.get(start..self.at).unwrap_or_default();
        let is_rem = tokens.is_empty() && text.eq_ignore_ascii_case("Rem");
        if is_rem && self.peek(0).is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            self.comment();
            return;
        }
        self.type_character();
        let (word, known) = words.of(text);
        tokens.push(Token { word, known, ..self.token(TokenKind::Word, text, start) });
    }

    /// Passes over the type character of a name or number. An ampersand is one only when nothing
    /// that it could join stands behind it.
    fn type_character(&mut self) {
        let next = self.peek(1);
        match self.peek(0) {
            Some(b'$' | b'%' | b'@') => self.advance(1),
            Some(b'#') if !next.is_some_and(|byte| byte.is_ascii_digit()) => self.advance(1),
            Some(b'&') if matches!(next, None | Some(b',' | b')' | b'\r' | b'\n')) => self.advance(1),
            _ => {}
        }
    }
}

impl Token<'_> {
    pub(super) fn is_symbol(&self, symbol: u8) -> bool {
        self.kind == TokenKind::Symbol(symbol)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether a value may end with it.
    fn is_value(&self) -> bool {
        matches!(self.kind, TokenKind::Word | TokenKind::Text | TokenKind::Number) || self.is_symbol(b')')
    }

    /// Value of a whole number.
    pub(super) fn number(&self) -> Option<i64> {
        if self.kind != TokenKind::Number {
            return None;
        }
        match self.text.get(..2) {
            Some("&H" | "&h") => i64::from_str_radix(self.text.get(2..)?, 16).ok(),
            Some("&O" | "&o") => i64::from_str_radix(self.text.get(2..)?, 8).ok(),
            _ => self.text.parse().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_made_of_letters_digits_underscores_and_all_but_ascii() {
        for byte in 0..=u8::MAX {
            assert_eq!(is_word_byte(byte), byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80);
        }
    }

    #[test]
    fn comment_goes_on_behind_a_blank_and_an_underscore() {
        let texts = |source| {
            let (mut words, mut tokens, mut all) = (Words::new(), Vec::new(), Vec::new());
            let mut statements = Statements::new(source);
            while statements.next(&mut tokens, &mut words) {
                all.extend(tokens.iter().map(|token| (token.text, token.line)));
            }
            all
        };
        assert_eq!(texts("' a _\r\nb\r\nc"), [("c", 3)]);
        assert_eq!(texts("' a _ \t\nRem _\nb\nc"), [("c", 4)]);
        assert_eq!(texts("'a_\r\nb"), [("b", 2)]);
        assert_eq!(texts("'_\nb"), [("b", 2)]);
        assert_eq!(texts("x ' _"), [("x", 1)]);
    }
}
