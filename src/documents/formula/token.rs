//! Tokens of a formula: one [`Token`] for each Ptg of every dialect.
//!
//! Layouts: [MS-XLS] 2.5.198 for BIFF8; [MS-XLSB] 2.5.98 for BIFF12; for BIFF2 to BIFF5 the OpenOffice description of the Excel
//! file format and the importers that follow it (LibreOffice `excform.cxx`, xlrd `formula.py`).
//! A token that is not known ends the walk, because its length is not known either; what lies
//! behind it is in the error. Array constants and memory areas have a second half behind the
//! tokens (`rgcb`); when that is short the token says so and the walk goes on.

use std::borrow::Cow;

use crate::base::bytes::{Reader, Short};
use crate::base::text::CodePage;
use crate::documents::workbook::BiffVersion;

/// Why the tokens of a formula could not all be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// A token ends behind the last byte.
    #[error("token 0x{ptg:02x} at {at}: {short}")]
    Short {
        /// First byte of the token.
        ptg: u8,
        /// Its offset in the tokens.
        at: u64,
        /// What was missing.
        short: Short,
    },
    /// A token that this dialect does not have.
    #[error("unknown token 0x{ptg:02x} at {at}")]
    Unknown {
        /// First byte of the token.
        ptg: u8,
        /// Its offset in the tokens.
        at: u64,
    },
}

impl DecodeError {
    /// Offset, from the start of the tokens, of the first byte that was not decoded.
    pub fn at(self) -> u64 {
        match self {
            DecodeError::Short { at, .. } | DecodeError::Unknown { at, .. } => at,
        }
    }
}

/// What an operand yields ([MS-XLS] 2.5.198.40 `PtgDataType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperandClass {
    /// A reference.
    Reference,
    /// A single value.
    Value,
    /// An array of values.
    Array,
}

/// A cell as a token states it.
///
/// In a shared formula or a name, a relative row or column is the distance from the cell where the
/// formula stands, wrapped to the size of the sheet; elsewhere it is a position all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ref {
    /// Row, from 0.
    pub row: u32,
    /// Column, from 0.
    pub column: u16,
    /// Whether the row moves with the formula.
    pub row_relative: bool,
    /// Whether the column moves with the formula.
    pub column_relative: bool,
}

/// A rectangle of cells as a token states it. The corners may be in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Area {
    /// First corner.
    pub first: Ref,
    /// Last corner.
    pub last: Ref,
}

/// Which sheets or source a token means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SheetLink {
    /// Index into the sheet ranges of the workbook (BIFF8 `ixti`).
    Range(u16),
    /// BIFF5: a source and sheets.
    Sheets {
        /// EXTERNSHEET record, from 1; zero or negative for this workbook.
        source: i16,
        /// First sheet of this workbook, from 0; -1 when deleted.
        first: i16,
        /// Last sheet of this workbook.
        last: i16,
    },
}

/// Binary operators, from `PtgAdd` to `PtgRange`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Binary {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `^`
    Power,
    /// `&`
    Concat,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `=`
    Equal,
    /// `>=`
    GreaterOrEqual,
    /// `>`
    Greater,
    /// `<>`
    NotEqual,
    /// A space: the cells that both have.
    Intersect,
    /// `,`: the cells of both.
    Union,
    /// `:`
    Range,
}

/// Unary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unary {
    /// `+` before its operand.
    Plus,
    /// `-` before its operand.
    Minus,
    /// `%` behind its operand.
    Percent,
}

/// Text of a formula, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'a> {
    /// Characters: one byte each, or UTF-16LE when `wide`.
    pub bytes: &'a [u8],
    /// Whether two bytes make a character.
    pub wide: bool,
    /// Whether single bytes are Unicode (BIFF8) and not in the code page of the file.
    pub latin1: bool,
}

impl<'a> Text<'a> {
    /// The text. `code_page` is that of the workbook and matters before BIFF8 only.
    pub fn decode(&self, code_page: Option<CodePage>) -> Cow<'a, str> {
        if self.wide {
            return Cow::Owned(crate::base::text::utf16le(self.bytes));
        }
        match std::str::from_utf8(self.bytes) {
            Ok(text) if text.is_ascii() => Cow::Borrowed(text),
            _ if self.latin1 => Cow::Owned(self.bytes.iter().map(|byte| char::from(*byte)).collect()),
            _ => code_page.unwrap_or(CodePage::WESTERN).decode(self.bytes).text,
        }
    }
}

/// An array constant: its size, and its elements in rows, from `rgcb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArrayConstant<'a> {
    /// Columns, at least 1 when complete.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
    /// Whether all elements are there.
    pub complete: bool,
    bytes: &'a [u8],
    version: BiffVersion,
}

/// An element of an array constant ([MS-XLS] 2.5.198.32 `PtgExtraArray`, 2.5.231 `SerAr`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ArrayElement<'a> {
    /// Nothing.
    Empty,
    /// A number.
    Number(f64),
    /// A text.
    Text(Text<'a>),
    /// A boolean.
    Boolean(bool),
    /// An error code.
    Error(u8),
}

impl<'a> ArrayConstant<'a> {
    /// The elements, row by row. Ends early when not complete.
    pub fn elements(&self) -> impl Iterator<Item = ArrayElement<'a>> + use<'a> {
        let mut reader = Reader::new(self.bytes);
        let version = self.version;
        std::iter::from_fn(move || array_element(&mut reader, version))
    }
}

/// Kinds of natural-language tokens ([MS-XLS] 2.5.198.25, second byte behind 0x18).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NaturalLanguage {
    /// A label that could not be resolved (`PtgElfLel`).
    Lel,
    /// The row of a label (`PtgElfRw`).
    Row,
    /// The column of a label (`PtgElfCol`).
    Column,
    /// The row of a label, one value (`PtgElfRwV`).
    RowValue,
    /// The column of a label, one value (`PtgElfColV`).
    ColumnValue,
    /// The area of a label; the area follows (`PtgElfRadical`).
    Radical,
    /// The area of a stacked label; the area follows (`PtgElfRadicalS`).
    RadicalStacked,
    /// The column of a stacked label (`PtgElfColS`).
    ColumnStacked,
    /// The column of a stacked label, one value (`PtgElfColSV`).
    ColumnStackedValue,
    /// A label that could not be resolved; the area follows (`PtgElfRadicalLel`).
    RadicalLel,
}

/// Memory tokens: they wrap the expression behind them and have no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Memory {
    /// `PtgMemArea`
    Area,
    /// `PtgMemErr`
    Error,
    /// `PtgMemNoMem`
    NoMemory,
    /// `PtgMemFunc`
    Function,
    /// `PtgMemAreaN`
    AreaN,
    /// `PtgMemNoMemN`
    NoMemoryN,
}

/// One token of a formula.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Token<'a> {
    /// `PtgExp`: the formula is the shared or array formula of this cell.
    Exp {
        /// Row of the cell that has it.
        row: u32,
        /// Column of that cell.
        column: u16,
    },
    /// `PtgTbl`: the value comes from the data table of this cell.
    Tbl {
        /// Row of the cell that has it.
        row: u32,
        /// Column of that cell.
        column: u16,
    },
    /// An operator with two operands.
    Binary(Binary),
    /// An operator with one operand.
    Unary(Unary),
    /// `PtgParen`: the operand stands in parentheses.
    Paren,
    /// `PtgMissArg`: an argument that was left out.
    MissArg,
    /// `PtgStr`
    Str(Text<'a>),
    /// A natural-language token.
    Elf {
        /// Which.
        kind: NaturalLanguage,
        /// Row of the label (or an index, in those that cannot be resolved).
        row: u16,
        /// Column of the label, with flags in bits 14 and 15.
        column: u16,
    },
    /// `PtgSxName`: a name of a pivot table.
    SxName {
        /// Its index.
        index: u32,
    },
    /// `PtgList`: cells of a table ([MS-XLSB] 2.5.98.52).
    List {
        /// Where the table is.
        link: SheetLink,
        /// Columns, rows and spelling, as stored.
        flags: u16,
        /// Identifier of the table.
        index: u32,
        /// First and last column of the table that are meant, from 0.
        columns: (u16, u16),
    },
    /// `PtgAttrSemi`: calculated whenever anything is.
    AttrSemi,
    /// `PtgAttrIf`: jump past the second argument of IF.
    AttrIf {
        /// Distance in bytes from the end of this token.
        offset: u16,
    },
    /// `PtgAttrChoose`: jumps to the arguments of CHOOSE.
    AttrChoose {
        /// Distances, two bytes each (one in BIFF2); the last is the end.
        table: &'a [u8],
    },
    /// `PtgAttrGoto`: jump to the end of IF or CHOOSE.
    AttrGoto {
        /// Distance as stored.
        offset: u16,
    },
    /// `PtgAttrSum`: SUM of one operand.
    AttrSum,
    /// `PtgAttrBaxcel`: an assignment `name=value` in a macro sheet.
    AttrBaxcel,
    /// `PtgAttrSpace` or `PtgAttrSpaceSemi`: spaces as typed.
    AttrSpace {
        /// Where they stand.
        kind: u8,
        /// How many.
        count: u8,
    },
    /// A `PtgAttr` with no bit that means anything; Excel 5 wrote such.
    AttrNone,
    /// BIFF2 to BIFF4 `tSheet`: the reference behind it lies in another sheet.
    Sheet {
        /// EXTERNSHEET record, from 1.
        source: u16,
    },
    /// BIFF2 to BIFF4 `tEndSheet`.
    EndSheet,
    /// `PtgErr`
    Err(u8),
    /// `PtgBool`
    Bool(bool),
    /// `PtgInt`
    Int(u16),
    /// `PtgNum`
    Num(f64),
    /// `PtgArray`
    Array(OperandClass, ArrayConstant<'a>),
    /// `PtgFunc`: a function with a fixed number of arguments.
    Func {
        /// What it yields.
        class: OperandClass,
        /// Identifier in [`super::functions::ftab`].
        id: u16,
    },
    /// `PtgFuncVar`, or `tFuncCE` of BIFF2 and BIFF3.
    FuncVar {
        /// What it yields.
        class: OperandClass,
        /// Identifier in [`super::functions::ftab`] or [`super::functions::cetab`].
        id: u16,
        /// Whether it names a command.
        command: bool,
        /// How many arguments.
        args: u8,
        /// Whether the command shows its dialog (`?` behind its name).
        prompt: bool,
    },
    /// `PtgName`
    Name {
        /// What it yields.
        class: OperandClass,
        /// Index in the names of the workbook, from 1.
        index: u32,
    },
    /// `PtgNameX`
    NameX {
        /// What it yields.
        class: OperandClass,
        /// Source.
        link: SheetLink,
        /// Index in the names of the source, from 1.
        index: u32,
    },
    /// `PtgRef`
    Ref(OperandClass, Ref),
    /// `PtgArea`
    Area(OperandClass, Area),
    /// A memory token and how many bytes of tokens it wraps.
    Mem {
        /// What it yields.
        class: OperandClass,
        /// Which.
        kind: Memory,
        /// Length in bytes of the wrapped tokens.
        len: u16,
    },
    /// `PtgRefErr`
    RefErr(OperandClass),
    /// `PtgAreaErr`
    AreaErr(OperandClass),
    /// `PtgRefN`: relative parts are distances.
    RefN(OperandClass, Ref),
    /// `PtgAreaN`: relative parts are distances.
    AreaN(OperandClass, Area),
    /// `PtgRef3d`
    Ref3d(OperandClass, SheetLink, Ref),
    /// `PtgArea3d`
    Area3d(OperandClass, SheetLink, Area),
    /// `PtgRefErr3d`
    RefErr3d(OperandClass, SheetLink),
    /// `PtgAreaErr3d`
    AreaErr3d(OperandClass, SheetLink),
}

/// Decodes the tokens of one formula.
///
/// Yields each token with its offset in `rgce`. An error is the last item.
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    rgce: Reader<'a>,
    rgcb: Reader<'a>,
    version: BiffVersion,
    failed: bool,
}

impl<'a> Tokens<'a> {
    /// Begins at the first token.
    pub fn new(rgce: &'a [u8], rgcb: &'a [u8], version: BiffVersion) -> Self {
        Tokens { rgce: Reader::new(rgce), rgcb: Reader::new(rgcb), version, failed: false }
    }

    /// The bytes not yet decoded. After an error these begin with the token that failed.
    pub fn rest(&self) -> &'a [u8] {
        self.rgce.rest()
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Result<(u32, Token<'a>), DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.rgce.is_empty() {
            return None;
        }
        let mut reader = self.rgce.clone();
        let at = reader.at();
        let ptg = reader.u8().unwrap_or(0);
        let decoder = Decoder { version: self.version, rgcb: &mut self.rgcb };
        match decoder.token(ptg, &mut reader) {
            Ok(Some(token)) => {
                self.rgce = reader;
                Some(Ok((u32::try_from(at).unwrap_or(u32::MAX), token)))
            }
            Ok(None) => {
                self.failed = true;
                Some(Err(DecodeError::Unknown { ptg, at }))
            }
            Err(short) => {
                self.failed = true;
                Some(Err(DecodeError::Short { ptg, at, short }))
            }
        }
    }
}

struct Decoder<'r, 'a> {
    version: BiffVersion,
    rgcb: &'r mut Reader<'a>,
}

impl<'a> Decoder<'_, 'a> {
    /// Decodes one token behind its first byte; `None` when the dialect does not have it.
    fn token(self, ptg: u8, reader: &mut Reader<'a>) -> Result<Option<Token<'a>>, Short> {
        use BiffVersion::{Biff2, Biff4, Biff5, Biff8, Biff12};
        let version = self.version;
        if ptg >= 0x20 {
            return self.classified(ptg, reader);
        }
        Ok(Some(match ptg {
            0x01 if version == Biff12 => {
                let (row, column) = self.cell_of_exp12(reader)?;
                Token::Exp { row, column }
            }
            0x02 if version == Biff12 => {
                let (row, column) = self.cell_of_exp12(reader)?;
                Token::Tbl { row, column }
            }
            0x01 => Token::Exp { row: reader.u16()?.into(), column: self.column_of_exp(reader)? },
            0x02 => Token::Tbl { row: reader.u16()?.into(), column: self.column_of_exp(reader)? },
            0x03 => Token::Binary(Binary::Add),
            0x04 => Token::Binary(Binary::Subtract),
            0x05 => Token::Binary(Binary::Multiply),
            0x06 => Token::Binary(Binary::Divide),
            0x07 => Token::Binary(Binary::Power),
            0x08 => Token::Binary(Binary::Concat),
            0x09 => Token::Binary(Binary::Less),
            0x0A => Token::Binary(Binary::LessOrEqual),
            0x0B => Token::Binary(Binary::Equal),
            0x0C => Token::Binary(Binary::GreaterOrEqual),
            0x0D => Token::Binary(Binary::Greater),
            0x0E => Token::Binary(Binary::NotEqual),
            0x0F => Token::Binary(Binary::Intersect),
            0x10 => Token::Binary(Binary::Union),
            0x11 => Token::Binary(Binary::Range),
            0x12 => Token::Unary(Unary::Plus),
            0x13 => Token::Unary(Unary::Minus),
            0x14 => Token::Unary(Unary::Percent),
            0x15 => Token::Paren,
            0x16 => Token::MissArg,
            0x17 if version == Biff12 => {
                let count = reader.u16()?;
                Token::Str(text(reader, count.into(), version)?)
            }
            0x17 => {
                let count = reader.u8()?;
                Token::Str(text(reader, count.into(), version)?)
            }
            0x18 if version == Biff8 => return extended(self.rgcb, reader),
            0x18 if version == Biff12 => return extended12(self.rgcb, reader),
            0x19 => self.attr(reader)?,
            0x1A if version == Biff2 => {
                reader.skip(4)?;
                let source = reader.u16()?;
                reader.skip(1)?;
                Token::Sheet { source }
            }
            0x1A if version <= Biff4 => {
                reader.skip(6)?;
                let source = reader.u16()?;
                reader.skip(2)?;
                Token::Sheet { source }
            }
            0x1B if version < Biff5 => {
                reader.skip(if version == Biff2 { 3 } else { 4 })?;
                Token::EndSheet
            }
            0x1C => Token::Err(reader.u8()?),
            0x1D => Token::Bool(reader.u8()? != 0),
            0x1E => Token::Int(reader.u16()?),
            0x1F => Token::Num(reader.f64()?),
            _ => return Ok(None),
        }))
    }

    fn column_of_exp(&self, reader: &mut Reader<'a>) -> Result<u16, Short> {
        if self.version == BiffVersion::Biff2 { reader.u8().map(u16::from) } else { reader.u16() }
    }

    /// The row is in the token, the column behind all tokens (`PtgExtraCol`). A column that is not
    /// there is one that no sheet has.
    fn cell_of_exp12(self, reader: &mut Reader<'a>) -> Result<(u32, u16), Short> {
        let row = reader.u32()?;
        let column = self.rgcb.u32().ok().and_then(|column| u16::try_from(column).ok());
        Ok((row, column.unwrap_or(u16::MAX)))
    }

    fn attr(&self, reader: &mut Reader<'a>) -> Result<Token<'a>, Short> {
        let bits = reader.u8()?;
        let data = if self.version == BiffVersion::Biff2 { reader.u8()?.into() } else { reader.u16()? };
        Ok(if bits & 0x04 != 0 {
            let width = if self.version == BiffVersion::Biff2 { 1 } else { 2 };
            let entries = usize::from(data).saturating_add(1);
            Token::AttrChoose { table: reader.take(entries.saturating_mul(width))? }
        } else if bits & 0x02 != 0 {
            Token::AttrIf { offset: data }
        } else if bits & 0x08 != 0 {
            Token::AttrGoto { offset: data }
        } else if bits & 0x10 != 0 {
            Token::AttrSum
        } else if bits & 0x20 != 0 {
            Token::AttrBaxcel
        } else if bits & 0x40 != 0 {
            let [kind, count] = data.to_le_bytes();
            Token::AttrSpace { kind, count }
        } else if bits & 0x01 != 0 {
            Token::AttrSemi
        } else {
            Token::AttrNone
        })
    }

    /// Tokens with a class in bits 5 and 6.
    fn classified(self, ptg: u8, reader: &mut Reader<'a>) -> Result<Option<Token<'a>>, Short> {
        use BiffVersion::{Biff2, Biff3, Biff4, Biff5, Biff8, Biff12};
        let version = self.version;
        let class = match ptg & 0x60 {
            0x20 => OperandClass::Reference,
            0x40 => OperandClass::Value,
            _ => OperandClass::Array,
        };
        // Bit 7 is reserved and ignored ([MS-XLS] 2.5.198.41 and its kin).
        Ok(Some(match ptg & 0x1F {
            0x00 => {
                reader.skip(match version {
                    Biff2 => 6,
                    Biff12 => 14,
                    _ => 7,
                })?;
                Token::Array(class, array_constant(self.rgcb, version))
            }
            0x01 => Token::Func { class, id: function_id(reader, version)? },
            0x02 => {
                let count = reader.u8()?;
                let id = function_id(reader, version)?;
                let (id, command) = (id & 0x7FFF, id & 0x8000 != 0);
                // Since Excel 2007 a function takes up to 255 arguments.
                let (args, prompt) = if version == Biff12 && !command {
                    (count, false)
                } else {
                    (count & 0x7F, count & 0x80 != 0)
                };
                Token::FuncVar { class, id, command, args, prompt }
            }
            0x03 => {
                let low = reader.u16()?;
                let index = match version {
                    Biff8 | Biff12 => u32::from(low) | u32::from(reader.u16()?) << 16,
                    Biff2 => skipped(reader, 5, low)?,
                    Biff3 | Biff4 => skipped(reader, 8, low)?,
                    Biff5 => skipped(reader, 12, low)?,
                };
                Token::Name { class, index }
            }
            0x04 => Token::Ref(class, cell(reader, version)?),
            0x05 => Token::Area(class, area(reader, version)?),
            0x06 => {
                let len = self.mem(reader)?;
                memory_areas(self.rgcb, version);
                Token::Mem { class, kind: Memory::Area, len }
            }
            0x07 => Token::Mem { class, kind: Memory::Error, len: self.mem(reader)? },
            0x08 => Token::Mem { class, kind: Memory::NoMemory, len: self.mem(reader)? },
            0x09 => Token::Mem { class, kind: Memory::Function, len: size(reader, version)? },
            0x0A => {
                cell(reader, version)?;
                Token::RefErr(class)
            }
            0x0B => {
                area(reader, version)?;
                Token::AreaErr(class)
            }
            0x0C => Token::RefN(class, cell(reader, version)?),
            0x0D => Token::AreaN(class, area(reader, version)?),
            0x0E => Token::Mem { class, kind: Memory::AreaN, len: size(reader, version)? },
            0x0F => Token::Mem { class, kind: Memory::NoMemoryN, len: size(reader, version)? },
            // `tFuncCE`. Read as a PtgFuncVar is: count, identifier. LibreOffice takes the two bytes
            // the other way round, but then makes no use of the function.
            0x18 if version <= Biff3 => {
                let count = reader.u8()?;
                let id = reader.u8()?.into();
                let (args, prompt) = (count & 0x7F, count & 0x80 != 0);
                Token::FuncVar { class, id, command: true, args, prompt }
            }
            0x19 if version == Biff5 => {
                let source = reader.i16()?;
                reader.skip(8)?;
                let index = reader.u16()?.into();
                reader.skip(12)?;
                Token::NameX { class, link: SheetLink::Sheets { source, first: -2, last: -2 }, index }
            }
            0x19 if version >= Biff8 => {
                let link = SheetLink::Range(reader.u16()?);
                Token::NameX { class, link, index: reader.u32()? }
            }
            0x1A if version >= Biff5 => {
                let link = sheet_link(reader, version)?;
                Token::Ref3d(class, link, cell(reader, version)?)
            }
            0x1B if version >= Biff5 => {
                let link = sheet_link(reader, version)?;
                Token::Area3d(class, link, area(reader, version)?)
            }
            0x1C if version >= Biff5 => {
                let link = sheet_link(reader, version)?;
                cell(reader, version)?;
                Token::RefErr3d(class, link)
            }
            0x1D if version >= Biff5 => {
                let link = sheet_link(reader, version)?;
                area(reader, version)?;
                Token::AreaErr3d(class, link)
            }
            _ => return Ok(None),
        }))
    }

    fn mem(&self, reader: &mut Reader<'a>) -> Result<u16, Short> {
        reader.skip(if self.version == BiffVersion::Biff2 { 3 } else { 4 })?;
        size(reader, self.version)
    }
}

fn skipped(reader: &mut Reader<'_>, len: usize, value: u16) -> Result<u32, Short> {
    reader.skip(len)?;
    Ok(value.into())
}

fn size(reader: &mut Reader<'_>, version: BiffVersion) -> Result<u16, Short> {
    if version == BiffVersion::Biff2 { reader.u8().map(u16::from) } else { reader.u16() }
}

fn function_id(reader: &mut Reader<'_>, version: BiffVersion) -> Result<u16, Short> {
    if version <= BiffVersion::Biff3 { reader.u8().map(u16::from) } else { reader.u16() }
}

fn text<'a>(reader: &mut Reader<'a>, count: usize, version: BiffVersion) -> Result<Text<'a>, Short> {
    if version < BiffVersion::Biff8 {
        return Ok(Text { bytes: reader.take(count)?, wide: false, latin1: false });
    }
    if version == BiffVersion::Biff12 {
        return Ok(Text { bytes: reader.take(count.saturating_mul(2))?, wide: true, latin1: false });
    }
    let wide = reader.u8()? & 0x01 != 0;
    let len = if wide { count.saturating_mul(2) } else { count };
    Ok(Text { bytes: reader.take(len)?, wide, latin1: true })
}

fn cell(reader: &mut Reader<'_>, version: BiffVersion) -> Result<Ref, Short> {
    if version == BiffVersion::Biff12 {
        return Ok(ref12(reader.u32()?, reader.u16()?));
    }
    let row = reader.u16()?;
    if version == BiffVersion::Biff8 {
        return Ok(ref8(row, reader.u16()?));
    }
    let column = reader.u8()?;
    Ok(ref5(row, column))
}

fn area(reader: &mut Reader<'_>, version: BiffVersion) -> Result<Area, Short> {
    if version == BiffVersion::Biff12 {
        let [first_row, last_row] = [reader.u32()?, reader.u32()?];
        let [first, last] = [reader.u16()?, reader.u16()?];
        return Ok(Area { first: ref12(first_row, first), last: ref12(last_row, last) });
    }
    let [first_row, last_row] = [reader.u16()?, reader.u16()?];
    Ok(if version == BiffVersion::Biff8 {
        let [first, last] = [reader.u16()?, reader.u16()?];
        Area { first: ref8(first_row, first), last: ref8(last_row, last) }
    } else {
        let [first, last] = [reader.u8()?, reader.u8()?];
        Area { first: ref5(first_row, first), last: ref5(last_row, last) }
    })
}

/// [MS-XLS] 2.5.198.109 `RgceLoc`: the flags are in the column, of which a sheet has 256.
fn ref8(row: u16, column: u16) -> Ref {
    Ref {
        row: row.into(),
        column: column & 0x00FF,
        row_relative: column & 0x8000 != 0,
        column_relative: column & 0x4000 != 0,
    }
}

/// [MS-XLSB] 2.5.98.89 `RgceLoc`: the flags are in the column, of which a sheet has 16384.
fn ref12(row: u32, column: u16) -> Ref {
    Ref {
        row,
        column: column & 0x3FFF,
        row_relative: column & 0x8000 != 0,
        column_relative: column & 0x4000 != 0,
    }
}

/// Before BIFF8 the flags are in the row, of which a sheet has 16384.
fn ref5(row: u16, column: u8) -> Ref {
    Ref {
        row: (row & 0x3FFF).into(),
        column: column.into(),
        row_relative: row & 0x8000 != 0,
        column_relative: row & 0x4000 != 0,
    }
}

fn sheet_link(reader: &mut Reader<'_>, version: BiffVersion) -> Result<SheetLink, Short> {
    if version >= BiffVersion::Biff8 {
        return reader.u16().map(SheetLink::Range);
    }
    let source = reader.i16()?;
    reader.skip(8)?;
    Ok(SheetLink::Sheets { source, first: reader.i16()?, last: reader.i16()? })
}

fn extended<'a>(rgcb: &mut Reader<'a>, reader: &mut Reader<'a>) -> Result<Option<Token<'a>>, Short> {
    use NaturalLanguage as Kind;
    let kind = match reader.u8()? {
        0x01 => Kind::Lel,
        0x02 => Kind::Row,
        0x03 => Kind::Column,
        0x06 => Kind::RowValue,
        0x07 => Kind::ColumnValue,
        0x0A => Kind::Radical,
        0x0B => Kind::RadicalStacked,
        0x0D => Kind::ColumnStacked,
        0x0F => Kind::ColumnStackedValue,
        0x10 => Kind::RadicalLel,
        0x1D => return Ok(Some(Token::SxName { index: reader.u32()? })),
        _ => return Ok(None),
    };
    let token = Token::Elf { kind, row: reader.u16()?, column: reader.u16()? };
    if matches!(kind, Kind::RadicalStacked | Kind::ColumnStacked | Kind::ColumnStackedValue) {
        // [MS-XLS] 2.5.198.44 `PtgExtraElf`: a count in 30 bits, then four bytes each.
        let count = rgcb.u32().unwrap_or(0) & 0x3FFF_FFFF;
        rgcb.take_up_to(usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(4));
    }
    Ok(Some(token))
}

/// BIFF12 has two of these: tables and names of pivot tables.
fn extended12<'a>(rgcb: &mut Reader<'a>, reader: &mut Reader<'a>) -> Result<Option<Token<'a>>, Short> {
    Ok(Some(match reader.u8()? {
        0x19 => {
            let link = SheetLink::Range(reader.u16()?);
            let flags = reader.u16()?;
            let index = reader.u32()?;
            let columns = (reader.u16()?, reader.u16()?);
            const INVALID: u16 = 1 << 12;
            const NONRESIDENT: u16 = 1 << 13;
            if flags & (INVALID | NONRESIDENT) == NONRESIDENT {
                // A `PtgExtraList` of unknown length stands behind the tokens: what follows it
                // cannot be told.
                rgcb.take_up_to(usize::MAX);
            }
            Token::List { link, flags, index, columns }
        }
        0x1D => Token::SxName { index: reader.u32()? },
        _ => return Ok(None),
    }))
}

/// Moves over the areas of a `PtgMemArea` ([MS-XLS] 2.5.198.46 `PtgExtraMem`).
fn memory_areas(rgcb: &mut Reader<'_>, version: BiffVersion) {
    if version == BiffVersion::Biff12 {
        let count = usize::try_from(rgcb.u32().unwrap_or(0)).unwrap_or(usize::MAX);
        rgcb.take_up_to(count.saturating_mul(16));
        return;
    }
    let count = rgcb.u16().unwrap_or(0);
    let width = if version == BiffVersion::Biff8 { 8 } else { 6 };
    rgcb.take_up_to(usize::from(count).saturating_mul(width));
}

/// Columns and rows of an array constant.
fn array_size(rgcb: &mut Reader<'_>, version: BiffVersion) -> Result<(u32, u32), Short> {
    if version == BiffVersion::Biff12 {
        // [MS-XLSB] 2.5.98.41
        let rows = rgcb.u32()?;
        return Ok((rgcb.u32()?, rows));
    }
    let (columns, rows) = (rgcb.u8()?, rgcb.u16()?);
    Ok(if version == BiffVersion::Biff8 {
        (u32::from(columns).saturating_add(1), u32::from(rows).saturating_add(1))
    } else {
        (if columns == 0 { 256 } else { columns.into() }, rows.into())
    })
}

fn array_constant<'a>(rgcb: &mut Reader<'a>, version: BiffVersion) -> ArrayConstant<'a> {
    let Ok((columns, rows)) = array_size(rgcb, version) else {
        rgcb.take_up_to(usize::MAX);
        return ArrayConstant { columns: 0, rows: 0, complete: false, bytes: &[], version };
    };
    let all = rgcb.rest();
    let mut complete = true;
    for _ in 0..columns.saturating_mul(rows) {
        if array_element(rgcb, version).is_none() {
            complete = false;
            break;
        }
    }
    let len = all.len().saturating_sub(rgcb.remaining());
    ArrayConstant { columns, rows, complete, bytes: all.get(..len).unwrap_or_default(), version }
}

fn array_element<'a>(rgcb: &mut Reader<'a>, version: BiffVersion) -> Option<ArrayElement<'a>> {
    if version == BiffVersion::Biff12 {
        return array_element12(rgcb);
    }
    let mut reader = rgcb.clone();
    let element = match reader.u8().ok()? {
        0x00 => {
            reader.skip(8).ok()?;
            ArrayElement::Empty
        }
        0x01 => ArrayElement::Number(reader.f64().ok()?),
        0x02 => {
            let count = if version == BiffVersion::Biff8 {
                reader.u16().ok()?.into()
            } else {
                reader.u8().ok()?.into()
            };
            ArrayElement::Text(text(&mut reader, count, version).ok()?)
        }
        0x04 => {
            let value = reader.u8().ok()?;
            reader.skip(7).ok()?;
            ArrayElement::Boolean(value != 0)
        }
        0x10 => {
            let code = reader.u8().ok()?;
            reader.skip(7).ok()?;
            ArrayElement::Error(code)
        }
        _ => return None,
    };
    *rgcb = reader;
    Some(element)
}

/// [MS-XLSB] 2.5.98.93 `SerAr`: other numbers and lengths than in BIFF8.
fn array_element12<'a>(rgcb: &mut Reader<'a>) -> Option<ArrayElement<'a>> {
    let mut reader = rgcb.clone();
    let element = match reader.u8().ok()? {
        0x00 => ArrayElement::Number(reader.f64().ok()?),
        0x01 => {
            let count = reader.u16().ok()?;
            ArrayElement::Text(text(&mut reader, count.into(), BiffVersion::Biff12).ok()?)
        }
        0x02 => ArrayElement::Boolean(reader.u8().ok()? != 0),
        0x04 => {
            let code = reader.u8().ok()?;
            reader.skip(3).ok()?;
            ArrayElement::Error(code)
        }
        _ => return None,
    };
    *rgcb = reader;
    Some(element)
}
