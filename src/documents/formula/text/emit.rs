//! Writes tokens in the BIFF12 layout ([MS-XLSB] 2.5.98).
//!
//! Jumps, spaces and memory tokens are not written: they change nothing about the structure. Classes
//! are those of the token itself (a reference is a reference, a call yields a value).

use super::super::token::{Area, Binary, Ref, Unary};

/// Tokens and the data behind them.
#[derive(Debug, Default)]
pub(super) struct Emitter {
    pub(super) rgce: Vec<u8>,
    pub(super) rgcb: Vec<u8>,
}

/// A value of an array constant.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Element {
    Number(f64),
    Text(String),
    Boolean(bool),
    Error(u8),
}

impl Emitter {
    fn byte(&mut self, byte: u8) {
        self.rgce.push(byte);
    }

    fn word(&mut self, word: u16) {
        self.rgce.extend(word.to_le_bytes());
    }

    fn long(&mut self, long: u32) {
        self.rgce.extend(long.to_le_bytes());
    }

    pub(super) fn binary(&mut self, operator: Binary) {
        self.byte(match operator {
            Binary::Add => 0x03,
            Binary::Subtract => 0x04,
            Binary::Multiply => 0x05,
            Binary::Divide => 0x06,
            Binary::Power => 0x07,
            Binary::Concat => 0x08,
            Binary::Less => 0x09,
            Binary::LessOrEqual => 0x0A,
            Binary::Equal => 0x0B,
            Binary::GreaterOrEqual => 0x0C,
            Binary::Greater => 0x0D,
            Binary::NotEqual => 0x0E,
            Binary::Intersect => 0x0F,
            Binary::Union => 0x10,
            Binary::Range => 0x11,
        });
    }

    pub(super) fn unary(&mut self, operator: Unary) {
        self.byte(match operator {
            Unary::Plus => 0x12,
            Unary::Minus => 0x13,
            Unary::Percent => 0x14,
        });
    }

    pub(super) fn parentheses(&mut self) {
        self.byte(0x15);
    }

    pub(super) fn missing(&mut self) {
        self.byte(0x16);
    }

    /// `PtgAttrBaxcel`
    pub(super) fn assignment(&mut self) {
        self.rgce.extend([0x19, 0x20, 0, 0]);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.byte(0x17);
        characters(text, &mut self.rgce);
    }

    pub(super) fn error(&mut self, code: u8) {
        self.rgce.extend([0x1C, code]);
    }

    pub(super) fn boolean(&mut self, value: bool) {
        self.rgce.extend([0x1D, u8::from(value)]);
    }

    /// `PtgInt` where it holds the number, else `PtgNum`.
    pub(super) fn number(&mut self, value: f64) {
        match integer(value) {
            Some(value) => {
                self.byte(0x1E);
                self.word(value);
            }
            None => {
                self.byte(0x1F);
                self.rgce.extend(value.to_le_bytes());
            }
        }
    }

    pub(super) fn array(&mut self, columns: u32, elements: &[Element]) {
        self.byte(0x60);
        self.rgce.extend([0; 14]);
        let count = u32::try_from(elements.len()).unwrap_or(u32::MAX);
        let rows = count.checked_div(columns).unwrap_or(0);
        self.rgcb.extend(rows.to_le_bytes());
        self.rgcb.extend(columns.to_le_bytes());
        for element in elements {
            match element {
                Element::Number(value) => {
                    self.rgcb.push(0x00);
                    self.rgcb.extend(value.to_le_bytes());
                }
                Element::Text(text) => {
                    self.rgcb.push(0x01);
                    characters(text, &mut self.rgcb);
                }
                Element::Boolean(value) => self.rgcb.extend([0x02, u8::from(*value)]),
                Element::Error(code) => self.rgcb.extend([0x04, *code, 0, 0, 0]),
            }
        }
    }

    /// `PtgFunc`
    pub(super) fn function(&mut self, id: u16) {
        self.byte(0x41);
        self.word(id);
    }

    /// `PtgFuncVar`; for a command `prompt` is its question mark.
    pub(super) fn function_var(&mut self, id: u16, command: bool, prompt: bool, args: u8) {
        self.byte(0x42);
        self.byte(if prompt { args | 0x80 } else { args });
        self.word(if command { id | 0x8000 } else { id });
    }

    pub(super) fn name(&mut self, index: u32) {
        self.byte(0x23);
        self.long(index);
    }

    pub(super) fn other_name(&mut self, ixti: u16, index: u32) {
        self.byte(0x39);
        self.word(ixti);
        self.long(index);
    }

    /// `PtgRef`, `PtgRefN` when the relative parts are distances, `PtgRef3d` with sheets.
    pub(super) fn cell(&mut self, sheets: Option<u16>, cell: Ref, distances: bool) {
        match sheets {
            Some(ixti) => {
                self.byte(0x3A);
                self.word(ixti);
            }
            None => self.byte(if distances { 0x2C } else { 0x24 }),
        }
        self.long(cell.row);
        self.word(column(cell));
    }

    /// `PtgArea`, `PtgAreaN` when the relative parts are distances, `PtgArea3d` with sheets.
    pub(super) fn area(&mut self, sheets: Option<u16>, area: Area, distances: bool) {
        match sheets {
            Some(ixti) => {
                self.byte(0x3B);
                self.word(ixti);
            }
            None => self.byte(if distances { 0x2D } else { 0x25 }),
        }
        self.long(area.first.row);
        self.long(area.last.row);
        self.word(column(area.first));
        self.word(column(area.last));
    }

    /// `PtgRefErr3d`
    pub(super) fn deleted_cell(&mut self, ixti: u16) {
        self.byte(0x3C);
        self.word(ixti);
        self.rgce.extend([0; 6]);
    }
}

/// The column of a cell with its two flags.
fn column(cell: Ref) -> u16 {
    let row_relative = if cell.row_relative { 0x8000 } else { 0 };
    let column_relative = if cell.column_relative { 0x4000 } else { 0 };
    (cell.column & 0x3FFF) | row_relative | column_relative
}

/// A count of 16 bits and UTF-16LE.
fn characters(text: &str, into: &mut Vec<u8>) {
    let units: Vec<u16> = text.encode_utf16().take(usize::from(u16::MAX)).collect();
    into.extend(u16::try_from(units.len()).unwrap_or(u16::MAX).to_le_bytes());
    into.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
}

/// The number as 16 bits without a sign, if it is one.
fn integer(value: f64) -> Option<u16> {
    if !(0.0..=65535.0).contains(&value) || value.fract() != 0.0 || value.is_sign_negative() {
        return None;
    }
    // Small and whole: its digits are exact.
    format!("{value:.0}").parse().ok()
}
