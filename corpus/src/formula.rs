//! Formula text to tokens, so that a fixture can say `EXEC("x")` and mean its bytes.
//!
//! A subset of the formula grammar in A1 notation: operators, calls with left-out arguments, cells,
//! areas, sheets, names and user functions. There is no R1C1, no intersection and no percent sign.

use std::ops::Range;

use crate::biff::Biff;
use crate::functions::function;
use crate::ptg::{At, Class, Tokens};

/// What the names in a formula stand for.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    /// The version whose tokens are wanted.
    pub version: Biff,
    /// The code page of strings before BIFF8.
    pub codepage: u16,
    /// Sheet names, in the order of their indexes.
    pub sheets: &'a [String],
    /// Defined names, in the order of their records.
    pub names: &'a [String],
}

/// The tokens of `text`, which has no `=` in front; `class` is that of a lone reference: a value in
/// a cell, a reference in a name.
///
/// # Panics
/// When the text is not a formula of the subset: a fixture with a typing error must not be written.
pub fn compile(text: &str, class: Class, scope: &Scope<'_>) -> Tokens {
    let mut parser = Parser {
        text,
        at: 0,
        scope,
        out: Tokens::new(scope.version).codepage(scope.codepage),
        lone_reference: 0..0,
    };
    parser.comparison(class);
    assert_eq!(parser.at, text.len(), "formula {text:?}: trailing text at {}", parser.at);
    parser.out
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    scope: &'a Scope<'a>,
    out: Tokens,
    /// Where in `rgce` the last plain reference stands.
    lone_reference: Range<usize>,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn accept(&mut self, symbol: &str) -> bool {
        self.skip_blanks();
        let found = self.rest().starts_with(symbol);
        if found {
            self.at += symbol.len();
        }
        found
    }

    fn expect(&mut self, symbol: &str) {
        assert!(self.accept(symbol), "formula {:?}: expected {symbol:?} at {}", self.text, self.at);
    }

    fn binary(&mut self, class: Class, operators: &[(&str, u8)], operand: fn(&mut Self, Class)) {
        let start = self.out.rgce.len();
        operand(self, class);
        let first = start..self.out.rgce.len();
        while let Some((_, ptg)) = operators.iter().find(|(symbol, _)| self.accept(symbol)) {
            if self.lone_reference == first {
                // An operand of an operator is a value, whatever the function around it takes.
                self.out.rgce[start] = self.out.rgce[start] & 0x1F | Class::Value as u8;
                self.lone_reference = 0..0;
            }
            operand(self, Class::Value);
            self.out.op(*ptg);
        }
    }

    fn comparison(&mut self, class: Class) {
        let operators = [("<=", 0x0A), (">=", 0x0C), ("<>", 0x0E), ("<", 0x09), ("=", 0x0B), (">", 0x0D)];
        self.binary(class, &operators, Self::concatenation);
    }

    fn concatenation(&mut self, class: Class) {
        self.binary(class, &[("&", 0x08)], Self::sum);
    }

    fn sum(&mut self, class: Class) {
        self.binary(class, &[("+", 0x03), ("-", 0x04)], Self::product);
    }

    fn product(&mut self, class: Class) {
        self.binary(class, &[("*", 0x05), ("/", 0x06)], Self::power);
    }

    fn power(&mut self, class: Class) {
        self.binary(class, &[("^", 0x07)], Self::unary);
    }

    fn unary(&mut self, class: Class) {
        if self.accept("-") {
            self.unary(Class::Value);
            self.out.op(0x13);
        } else {
            self.primary(class);
        }
    }

    fn primary(&mut self, class: Class) {
        self.skip_blanks();
        match self.rest().chars().next() {
            Some('"') => {
                let text = self.quoted('"');
                self.out.str(&text);
            }
            Some('(') => {
                self.expect("(");
                self.comparison(class);
                self.expect(")");
                self.out.op(0x15);
            }
            Some('0'..='9') => self.number(),
            Some('\'') => {
                let sheet = self.quoted('\'');
                self.expect("!");
                let word = self.word();
                self.sheet_reference(&sheet, word, class);
            }
            _ => self.named(class),
        }
    }

    fn number(&mut self) {
        let len = self.rest().find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.rest().len());
        let digits = &self.rest()[..len];
        self.at += len;
        match digits.parse::<u16>() {
            Ok(value) => self.out.int(value),
            Err(_) => self.out.num(digits.parse().expect("a number")),
        };
    }

    fn named(&mut self, class: Class) {
        let start = self.out.rgce.len();
        let word = self.word();
        assert!(!word.is_empty(), "formula {:?}: expected an operand at {}", self.text, self.at);
        if self.accept("(") {
            self.call(word);
        } else if self.accept("!") {
            let cell = self.word();
            self.sheet_reference(word, cell, class);
        } else if word.eq_ignore_ascii_case("TRUE") || word.eq_ignore_ascii_case("FALSE") {
            self.out.bool(word.eq_ignore_ascii_case("TRUE"));
        } else if let Some(first) = address(word) {
            if self.accept(":") {
                let last = self.word();
                let last = address(last).expect("an area ends in a cell");
                self.out.area(class, first, last);
            } else {
                self.out.reference(class, first);
            }
            self.lone_reference = start..self.out.rgce.len();
        } else {
            let index = self.name_index(word);
            self.out.name(index);
        }
    }

    fn sheet_reference(&mut self, sheet: &str, word: &str, class: Class) {
        let start = self.out.rgce.len();
        let first = address(word).expect("a cell behind the sheet");
        let index = self
            .scope
            .sheets
            .iter()
            .position(|name| name == sheet)
            .unwrap_or_else(|| panic!("no sheet {sheet:?} in this book")) as u16;
        if self.accept(":") {
            let last = address(self.word()).expect("an area ends in a cell");
            self.out.area3d(class, index, first, last);
        } else {
            self.out.ref3d(class, index, first);
        }
        self.lone_reference = start..self.out.rgce.len();
    }

    fn call(&mut self, word: &str) {
        let Some(function) = function(word) else {
            // A user-defined function: the name is the first argument of Ftab 0xFF.
            let index = self.name_index(word);
            self.out.name(index);
            let args = self.arguments(Class::Reference);
            self.out.func_var(0xFF, args + 1, false);
            return;
        };
        if function.name == "IF" {
            return self.call_if(function.iftab);
        }
        let class = if function.takes_references { Class::Reference } else { Class::Value };
        let args = self.arguments(class);
        if function.name == "SUM" && args == 1 {
            self.out.attr(0x10, 0); // PtgAttrSum
            return;
        }
        match function.fixed_args {
            Some(fixed) => {
                assert_eq!(args, fixed, "{word} takes {fixed} arguments");
                self.out.func(function.iftab);
            }
            None => {
                self.out.func_var(function.iftab, args, function.is_command);
            }
        }
    }

    /// IF with the jumps that Excel writes: PtgAttrIf before the second argument, PtgAttrGoto behind
    /// the second and the third. The block form with one argument has none.
    fn call_if(&mut self, iftab: u16) {
        let attr_len = if self.scope.version == Biff::V2 { 3 } else { 4 };
        let call_len = if self.scope.version < Biff::V4 { 3 } else { 4 };
        self.argument(Class::Value);
        let mut pieces = Vec::new();
        while !self.accept(")") {
            self.expect(",");
            let mut piece = self.out.clone();
            piece.rgce.clear();
            std::mem::swap(&mut self.out.rgce, &mut piece.rgce);
            self.argument(Class::Value);
            std::mem::swap(&mut self.out.rgce, &mut piece.rgce);
            pieces.push(piece.rgce);
        }
        let args = pieces.len() as u8 + 1;
        if let Some(first) = pieces.first() {
            self.out.attr(0x02, (first.len() + attr_len) as u16); // to the third argument
        }
        let mut behind: usize = pieces.iter().skip(1).map(|piece| piece.len() + attr_len).sum();
        for (number, piece) in pieces.iter().enumerate() {
            if number > 0 {
                behind -= piece.len() + attr_len;
            }
            // The distance of a PtgAttrGoto is one less than the bytes it jumps over.
            self.out.raw(piece).attr(0x08, (behind + call_len - 1) as u16);
        }
        self.out.func_var(iftab, args, false);
    }

    fn argument(&mut self, class: Class) {
        self.skip_blanks();
        if self.rest().starts_with([',', ')']) {
            self.out.miss_arg();
        } else {
            self.comparison(class);
        }
    }

    fn arguments(&mut self, class: Class) -> u8 {
        if self.accept(")") {
            return 0;
        }
        let mut count = 0;
        loop {
            self.argument(class);
            count += 1;
            if self.accept(")") {
                return count;
            }
            self.expect(",");
        }
    }

    fn name_index(&self, word: &str) -> u16 {
        self.scope
            .names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(word))
            .unwrap_or_else(|| panic!("formula {:?}: unknown name {word:?}", self.text)) as u16
    }

    fn word(&mut self) -> &'a str {
        self.skip_blanks();
        let len = self
            .rest()
            .find(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '_' | '$'))
            .unwrap_or(self.rest().len());
        let word = &self.rest()[..len];
        self.at += len;
        word
    }

    fn quoted(&mut self, quote: char) -> String {
        let mut out = String::new();
        let mut chars = self.rest().char_indices().skip(1).peekable();
        while let Some((at, c)) = chars.next() {
            if c != quote {
                out.push(c);
            } else if chars.next_if(|(_, next)| *next == quote).is_some() {
                out.push(quote);
            } else {
                self.at += at + 1;
                return out;
            }
        }
        panic!("formula {:?}: the quote at {} is not closed", self.text, self.at)
    }
}

/// The address that `word` spells in A1 notation; `$` makes a part absolute.
pub fn address(word: &str) -> Option<At> {
    let col_relative = !word.starts_with('$');
    let word = word.trim_start_matches('$');
    let split = word.find(|c: char| !c.is_ascii_alphabetic())?;
    let (letters, digits) = word.split_at(split);
    let row_relative = !digits.starts_with('$');
    let row: u16 = digits.trim_start_matches('$').parse().ok()?;
    if letters.is_empty() || letters.len() > 2 {
        return None;
    }
    let col =
        letters.bytes().fold(0, |sum, letter| sum * 26 + u16::from(letter.to_ascii_uppercase() - b'A') + 1);
    Some(At { row: row.checked_sub(1)?, col: col - 1, row_relative, col_relative })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rgce(text: &str) -> Vec<u8> {
        let sheets = ["Sheet1".to_owned(), "My Sheet".to_owned()];
        let names = ["again".to_owned()];
        let scope = Scope { version: Biff::V8, codepage: 1252, sheets: &sheets, names: &names };
        compile(text, Class::Value, &scope).rgce
    }

    #[test]
    fn a_command_has_bit_15_of_its_number_set() {
        let expected = [
            &[0x44, 0, 0, 0, 0xC0][..], // PtgRef A1, value class comes from `&`
            &[0x17, 1, 0, b'x', 0x08],  // PtgStr, PtgConcat
            &[0x24, 1, 0, 1, 0x00],     // PtgRef $B$2 as a reference
            &[0x42, 2, 0x60, 0x80],     // PtgFuncVar FORMULA
        ]
        .concat();
        assert_eq!(rgce(r#"FORMULA(A1&"x",$B$2)"#), expected);
    }

    #[test]
    fn sheets_names_and_missing_arguments_are_found() {
        assert_eq!(rgce("'My Sheet'!C3"), [0x5A, 1, 0, 2, 0, 2, 0xC0]);
        assert_eq!(rgce("again()"), [0x23, 1, 0, 0, 0, 0x42, 1, 0xFF, 0]);
        assert_eq!(rgce("HALT()"), [0x42, 0, 0x36, 0]);
        assert_eq!(rgce("RUN(,1)"), [0x16, 0x1E, 1, 0, 0x42, 2, 0x11, 0x80]);
        assert_eq!(rgce("\"a\"\"b\""), [0x17, 3, 0, b'a', b'"', b'b']);
    }
    #[test]
    fn if_jumps_as_excel_writes_it() {
        let expected = [
            &[0x1D, 1][..],         // TRUE
            &[0x19, 0x02, 7, 0],    // PtgAttrIf over the second argument and its jump
            &[0x1E, 1, 0],          // 1
            &[0x19, 0x08, 10, 0],   // PtgAttrGoto: 11 bytes to the end
            &[0x1E, 2, 0],          // 2
            &[0x19, 0x08, 3, 0],    // PtgAttrGoto: 4 bytes to the end
            &[0x42, 3, 0x01, 0x00], // PtgFuncVar IF
        ]
        .concat();
        assert_eq!(rgce("IF(TRUE,1,2)"), expected);
        assert_eq!(rgce("IF(TRUE)"), [0x1D, 1, 0x42, 1, 0x01, 0x00]);
    }
}
