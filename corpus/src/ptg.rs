//! An assembler for formula tokens (Ptg), BIFF2 to BIFF8.
//!
//! Layout: [MS-XLS] 2.5.198 for BIFF8. The sizes before BIFF8 follow the public OpenOffice.org
//! description of the Excel file format: `PtgRef` 4 bytes, `PtgRef3d` 18, `PtgName` 8, 11 or 15, function numbers
//! of one byte before BIFF4. Nothing checks that the tokens make a formula: a fixture may want nonsense.

use crate::biff::{Biff, byte_string, short_unicode_string, unicode_string};
use crate::bytes::Put;

/// The data class of an operand token: bits 5 and 6 of its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The operand stays a reference.
    Reference = 0x20,
    /// The operand is read as one value.
    Value = 0x40,
    /// The operand is read as an array.
    Array = 0x60,
}

/// A cell address in a token; a relative part is printed without `$`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// Zero-based row.
    pub row: u16,
    /// Zero-based column.
    pub col: u16,
    /// `rowRelative`.
    pub row_relative: bool,
    /// `colRelative`.
    pub col_relative: bool,
}

impl At {
    /// The relative address of a zero-based row and column.
    pub fn relative(row: u16, col: u16) -> Self {
        Self { row, col, row_relative: true, col_relative: true }
    }

    /// The absolute address of a zero-based row and column.
    pub fn absolute(row: u16, col: u16) -> Self {
        Self { row, col, row_relative: false, col_relative: false }
    }

    fn flags(self) -> u16 {
        u16::from(self.col_relative) << 14 | u16::from(self.row_relative) << 15
    }
}

/// An element of an array constant (`SerAr`).
#[derive(Debug, Clone, PartialEq)]
pub enum Element {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

/// Tokens in the making.
///
/// `rgce` is what `cce` counts; `rgcb` holds the array constants that follow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    version: Biff,
    codepage: u16,
    /// The tokens.
    pub rgce: Vec<u8>,
    /// The data behind the tokens.
    pub rgcb: Vec<u8>,
}

impl Tokens {
    /// No tokens yet.
    pub fn new(version: Biff) -> Self {
        Self { version, codepage: 1252, rgce: Vec::new(), rgcb: Vec::new() }
    }

    /// The code page of strings before BIFF8.
    pub fn codepage(mut self, codepage: u16) -> Self {
        self.codepage = codepage;
        self
    }

    /// Any bytes: an unknown token, or a cut one.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.rgce.raw(bytes);
        self
    }

    /// `PtgExp`: the formula stands in the SHRFMLA or ARRAY whose first cell is this one.
    pub fn exp(&mut self, row: u16, col: u16) -> &mut Self {
        self.rgce.u8(0x01).u16(row);
        if self.version == Biff::V2 {
            self.rgce.u8(col as u8);
        } else {
            self.rgce.u16(col);
        }
        self
    }

    /// A token without operands: an operator (03 to 14), a parenthesis (15) or a missing argument (16).
    pub fn op(&mut self, ptg: u8) -> &mut Self {
        self.rgce.u8(ptg);
        self
    }

    /// `PtgConcat`, the operator `&`.
    pub fn concat(&mut self) -> &mut Self {
        self.op(0x08)
    }

    /// `PtgEq`, the operator `=`.
    pub fn eq(&mut self) -> &mut Self {
        self.op(0x0B)
    }

    /// `PtgMissArg`, an argument left out.
    pub fn miss_arg(&mut self) -> &mut Self {
        self.op(0x16)
    }

    /// `PtgStr`, at most 255 characters.
    pub fn str(&mut self, text: &str) -> &mut Self {
        self.rgce.u8(0x17);
        if self.version == Biff::V8 {
            self.rgce.raw(&short_unicode_string(text));
        } else {
            self.rgce.raw(&byte_string(text, self.codepage, false));
        }
        self
    }

    /// `PtgAttr` with the given flag byte and its 16 bits of data.
    pub fn attr(&mut self, flags: u8, data: u16) -> &mut Self {
        self.rgce.u8(0x19).u8(flags);
        if self.version == Biff::V2 {
            self.rgce.u8(data as u8);
        } else {
            self.rgce.u16(data);
        }
        self
    }

    /// `PtgErr` with a `BErr` code.
    pub fn err(&mut self, code: u8) -> &mut Self {
        self.rgce.u8(0x1C).u8(code);
        self
    }

    /// `PtgBool`.
    pub fn bool(&mut self, value: bool) -> &mut Self {
        self.rgce.u8(0x1D).u8(u8::from(value));
        self
    }

    /// `PtgInt`.
    pub fn int(&mut self, value: u16) -> &mut Self {
        self.rgce.u8(0x1E).u16(value);
        self
    }

    /// `PtgNum`.
    pub fn num(&mut self, value: f64) -> &mut Self {
        self.rgce.u8(0x1F).f64(value);
        self
    }

    /// `PtgArray`, and its `PtgExtraArray` behind the tokens; all rows have the length of the first.
    pub fn array(&mut self, rows: &[Vec<Element>]) -> &mut Self {
        let unused = if self.version == Biff::V2 { 6 } else { 7 };
        self.rgce.u8(0x60).zeros(unused);
        let cols = rows.first().map_or(0, Vec::len);
        if self.version == Biff::V8 {
            self.rgcb.u8((cols - 1) as u8).u16((rows.len() - 1) as u16);
        } else {
            self.rgcb.u8(cols as u8).u16(rows.len() as u16);
        }
        for element in rows.iter().flatten() {
            match element {
                Element::Number(value) => self.rgcb.u8(0x01).f64(*value),
                Element::Text(text) if self.version == Biff::V8 => {
                    self.rgcb.u8(0x02).raw(&unicode_string(text))
                }
                Element::Text(text) => self.rgcb.u8(0x02).raw(&byte_string(text, self.codepage, false)),
            };
        }
        self
    }

    /// `PtgFunc`: a function with a fixed number of arguments.
    pub fn func(&mut self, iftab: u16) -> &mut Self {
        self.rgce.u8(0x41);
        self.function_number(iftab)
    }

    /// `PtgFuncVar`: `iftab` is an index of `Ftab`, or of `Cetab` when `is_command`.
    pub fn func_var(&mut self, iftab: u16, args: u8, is_command: bool) -> &mut Self {
        self.rgce.u8(0x42).u8(args);
        self.function_number(iftab | u16::from(is_command) << 15)
    }

    /// `PtgName`: the name with this zero-based index, as a reference.
    pub fn name(&mut self, index: u16) -> &mut Self {
        let ilbl = index + 1;
        let unused = match self.version {
            Biff::V2 => 5,
            Biff::V3 | Biff::V4 => 8,
            Biff::V5 => 12,
            Biff::V8 => 2,
        };
        self.rgce.u8(0x23).u16(ilbl).zeros(unused);
        self
    }

    /// `PtgNameX` of BIFF8 and BIFF5: a name of another book, or a DDE item.
    pub fn name_x(&mut self, ixti: u16, index: u16) -> &mut Self {
        self.rgce.u8(0x59).u16(ixti);
        if self.version == Biff::V8 {
            self.rgce.u16(index + 1).u16(0);
        } else {
            self.rgce.zeros(8).u16(index + 1).zeros(12);
        }
        self
    }

    /// `PtgRef`.
    pub fn reference(&mut self, class: Class, at: At) -> &mut Self {
        self.rgce.u8(class as u8 | 0x04);
        self.rows_and_columns(&[at])
    }

    /// `PtgArea`.
    pub fn area(&mut self, class: Class, first: At, last: At) -> &mut Self {
        self.rgce.u8(class as u8 | 0x05);
        self.rows_and_columns(&[first, last])
    }

    /// `PtgRefN`: a reference relative to the cell, in shared formulas and names.
    pub fn reference_n(&mut self, class: Class, at: At) -> &mut Self {
        self.rgce.u8(class as u8 | 0x0C);
        self.rows_and_columns(&[at])
    }

    /// `PtgRef3d`: a cell of the sheet with this zero-based index (BIFF8: of this `ixti`).
    pub fn ref3d(&mut self, class: Class, sheet: u16, at: At) -> &mut Self {
        self.rgce.u8(class as u8 | 0x1A);
        self.sheet(sheet).rows_and_columns(&[at])
    }

    /// `PtgArea3d`: an area of the sheet with this zero-based index (BIFF8: of this `ixti`).
    pub fn area3d(&mut self, class: Class, sheet: u16, first: At, last: At) -> &mut Self {
        self.rgce.u8(class as u8 | 0x1B);
        self.sheet(sheet).rows_and_columns(&[first, last])
    }

    fn function_number(&mut self, number: u16) -> &mut Self {
        if self.version < Biff::V4 {
            self.rgce.u8(number as u8);
        } else {
            self.rgce.u16(number);
        }
        self
    }

    fn sheet(&mut self, sheet: u16) -> &mut Self {
        if self.version == Biff::V8 {
            self.rgce.u16(sheet); // ixti
        } else {
            // A negative EXTERNSHEET number says that the sheet is one of this book.
            self.rgce.u16((sheet + 1).wrapping_neg()).zeros(8).u16(sheet).u16(sheet);
        }
        self
    }

    fn rows_and_columns(&mut self, cells: &[At]) -> &mut Self {
        if self.version == Biff::V8 {
            for at in cells {
                self.rgce.u16(at.row);
            }
            for at in cells {
                self.rgce.u16(at.col | at.flags());
            }
        } else {
            for at in cells {
                self.rgce.u16(at.row | at.flags());
            }
            for at in cells {
                self.rgce.u8(at.col as u8);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn len_of(version: Biff, build: impl Fn(&mut Tokens)) -> usize {
        let mut tokens = Tokens::new(version);
        build(&mut tokens);
        tokens.rgce.len()
    }

    #[test]
    fn token_sizes_are_those_of_each_version() {
        let a1 = At::relative(0, 0);
        let sizes = |version| {
            [
                len_of(version, |t| _ = t.exp(0, 0)),
                len_of(version, |t| _ = t.attr(2, 0)),
                len_of(version, |t| _ = t.func(0x6F)),
                len_of(version, |t| _ = t.func_var(0x6E, 1, false)),
                len_of(version, |t| _ = t.name(0)),
                len_of(version, |t| _ = t.reference(Class::Value, a1)),
                len_of(version, |t| _ = t.area(Class::Value, a1, a1)),
            ]
        };
        assert_eq!(sizes(Biff::V2), [4, 3, 2, 3, 8, 4, 7]);
        assert_eq!(sizes(Biff::V3), [5, 4, 2, 3, 11, 4, 7]);
        assert_eq!(sizes(Biff::V4), [5, 4, 3, 4, 11, 4, 7]);
        assert_eq!(sizes(Biff::V5), [5, 4, 3, 4, 15, 4, 7]);
        assert_eq!(sizes(Biff::V8), [5, 4, 3, 4, 5, 5, 9]);
        let three = |version| {
            [
                len_of(version, |t| _ = t.ref3d(Class::Value, 0, a1)),
                len_of(version, |t| _ = t.area3d(Class::Value, 0, a1, a1)),
                len_of(version, |t| _ = t.name_x(0, 0)),
            ]
        };
        assert_eq!(three(Biff::V5), [18, 21, 25]);
        assert_eq!(three(Biff::V8), [7, 11, 7]);
    }
}
