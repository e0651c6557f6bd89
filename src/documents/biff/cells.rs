//! Records of a sheet: cells, formulas, rows and columns.
//!
//! BIFF2 has three bytes of attributes where later versions have the index of a format, and its
//! records have identifiers of their own, by which the layout is told. Layouts of FORMULA and its
//! kin follow the version of the stream.

use crate::documents::workbook::{
    BiffVersion, Cached, CellText, ColumnFormat, FormulaCell, NumberCell, RowFormat, SharedFormula,
    SheetKind, TextCell, reserve_a_quarter_more,
};

use super::consts;
use super::error::BiffError;
use super::records::{Body, Record};
use super::walk::Walk;

/// Row, column and format of a cell.
#[derive(Debug, Clone, Copy)]
struct Place {
    row: u32,
    column: u16,
    format: u16,
}

/// Where a number is written as 30 bits: an integer or the upper half of a double, and whether it
/// is to be divided by 100 ([MS-XLS] 2.5.217 `RkNumber`).
fn rk(bits: u32) -> f64 {
    let number = if bits & 2 != 0 {
        f64::from(i32::from_le_bytes(bits.to_le_bytes()) >> 2)
    } else {
        f64::from_bits(u64::from(bits & !3) << 32)
    };
    if bits & 1 != 0 { number / 100.0 } else { number }
}

impl<'s> Walk<'s, '_, '_> {
    /// Reads a record of a sheet.
    #[inline]
    pub(super) fn cell(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        match record.id {
            consts::LABELSST => self.label_sst(record),
            consts::NUMBER | consts::NUMBER2 | consts::INTEGER2 | consts::RK => self.number(record),
            consts::MULRK => self.numbers(record),
            consts::BLANK | consts::BLANK2 | consts::MULBLANK => Ok(()),
            consts::FORMULA | consts::FORMULA3 | consts::FORMULA4 => self.formula(record),
            consts::STRING | consts::STRING2 => self.cached_text(record),
            consts::LABEL | consts::LABEL2 | consts::RSTRING => self.label(record),
            consts::BOOLERR | consts::BOOLERR2 => self.boolean_or_error(record),
            consts::SHRFMLA | consts::SHRFMLA5 => self.shared_formula(record),
            consts::ARRAY | consts::ARRAY2 => self.array_formula(record),
            consts::ROW | consts::ROW2 => self.row(record),
            consts::COLINFO | consts::COLWIDTH2 => self.columns(record),
            consts::IXFE2 => {
                self.ixfe = self.body(record).u16()?;
                Ok(())
            }
            consts::DEFCOLWIDTH => {
                self.sheet.default_column_width = Some(self.body(record).u16()?);
                Ok(())
            }
            consts::DEFAULTROWHEIGHT => {
                let mut body = self.body(record);
                body.u16()?;
                self.sheet.default_row_height = Some(body.u16()?);
                Ok(())
            }
            consts::DEFAULTROWHEIGHT2 => {
                self.sheet.default_row_height = Some(self.body(record).u16()? & 0x7FFF);
                Ok(())
            }
            consts::WSBOOL => {
                // fDialog
                if self.body(record).u16()? & 0x0010 != 0 && self.sheet.kind == SheetKind::Worksheet {
                    self.sheet.kind = SheetKind::Dialog;
                }
                Ok(())
            }
            _ => self.sheet_part(record),
        }
    }

    /// Row, column and format at the start of a cell record.
    #[inline]
    fn place(&self, body: &mut Body<'s>, has_attributes: bool) -> Result<Place, BiffError> {
        let [row_low, row_high, column_low, column_high] = body.array()?;
        let format = if has_attributes {
            let [first, _, _] = body.array()?;
            let index = u16::from(first & 0x3F);
            if index == 0x3F { self.ixfe } else { index }
        } else {
            body.u16()?
        };
        let format = usize::from(format).saturating_add(self.formats_from);
        Ok(Place {
            row: u32::from(u16::from_le_bytes([row_low, row_high])),
            column: u16::from_le_bytes([column_low, column_high]),
            format: u16::try_from(format).unwrap_or(u16::MAX),
        })
    }

    fn push_text(&mut self, place: Place, text: CellText) -> Result<(), BiffError> {
        self.cx.budget.cells(1)?;
        let Place { row, column, format } = place;
        reserve_a_quarter_more(&mut self.sheet.texts);
        self.sheet.texts.push(TextCell { row, column, format, text });
        Ok(())
    }

    fn push_number(&mut self, place: Place, value: f64) -> Result<(), BiffError> {
        self.sheet.value_count = self.sheet.value_count.saturating_add(1);
        if self.keeps_numbers {
            self.cx.budget.cells(1)?;
            let Place { row, column, format } = place;
            reserve_a_quarter_more(&mut self.sheet.numbers);
            self.sheet.numbers.push(NumberCell { row, column, format, value });
        }
        Ok(())
    }

    fn label_sst(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        let place = self.place(&mut body, false)?;
        let text = CellText::shared(body.u32()?).ok_or(BiffError::Full { at: record.at as u64 })?;
        self.push_text(place, text)
    }

    fn number(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        if !self.keeps_numbers {
            self.sheet.value_count = self.sheet.value_count.saturating_add(1);
            return Ok(());
        }
        let mut body = self.body(record);
        let place = self.place(&mut body, matches!(record.id, consts::NUMBER2 | consts::INTEGER2))?;
        let value = match record.id {
            consts::RK => rk(body.u32()?),
            consts::INTEGER2 => f64::from(body.u16()?),
            _ => f64::from_le_bytes(body.array()?),
        };
        self.push_number(place, value)
    }

    /// Reads `MulRk` ([MS-XLS] 2.4.175): row, first column, (format, number) each, last column.
    fn numbers(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let count = record.body.len().saturating_sub(6) / 6;
        if !self.keeps_numbers {
            self.sheet.value_count = self.sheet.value_count.saturating_add(count as u64);
            return Ok(());
        }
        let mut body = self.body(record);
        let row = u32::from(body.u16()?);
        let first = body.u16()?;
        self.cx.budget.cells(count as u64)?;
        self.sheet.value_count = self.sheet.value_count.saturating_add(count as u64);
        let cells = body.piece().chunks_exact(6).take(count);
        for (column, cell) in (first..=u16::MAX).zip(cells) {
            let [format_low, format_high, a, b, c, d] = *cell else { continue };
            let format = u16::from_le_bytes([format_low, format_high]);
            let value = rk(u32::from_le_bytes([a, b, c, d]));
            reserve_a_quarter_more(&mut self.sheet.numbers);
            self.sheet.numbers.push(NumberCell { row, column, format, value });
        }
        Ok(())
    }

    fn boolean_or_error(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        let place = self.place(&mut body, record.id == consts::BOOLERR2)?;
        let [value, is_error] = body.array()?;
        if is_error == 0 {
            return self.push_number(place, f64::from(value));
        }
        self.sheet.value_count = self.sheet.value_count.saturating_add(1);
        Ok(())
    }

    /// Reads `Label` or `RString`: a text of the cell's own.
    fn label(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        let is_biff2 = record.id == consts::LABEL2;
        let place = self.place(&mut body, is_biff2)?;
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        let read = if is_biff2 {
            let count = usize::from(body.u8()?);
            body.page_chars(count, self.dialect.page, &mut text)
        } else {
            self.dialect.long_text(&mut body, &mut text)
        };
        self.cx.budget.touch(text.len())?;
        let id = self.book.texts.push(&text);
        self.scratch = text;
        let id = id.and_then(CellText::own).ok_or(BiffError::Full { at: record.at as u64 })?;
        self.push_text(place, id)?;
        Ok(read?)
    }

    /// Reads `Formula` ([MS-XLS] 2.4.127): place, cached value, flags, tokens.
    fn formula(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let version = self.dialect.version;
        let mut body = self.body(record);
        let place = self.place(&mut body, version == BiffVersion::Biff2)?;
        let value: [u8; 8] = body.array()?;
        let cce = match version {
            BiffVersion::Biff2 => {
                body.u8()?;
                usize::from(body.u8()?)
            }
            BiffVersion::Biff3 | BiffVersion::Biff4 => {
                body.u16()?;
                usize::from(body.u16()?)
            }
            BiffVersion::Biff5 | BiffVersion::Biff8 | BiffVersion::Biff12 => {
                body.skip(6)?;
                usize::from(body.u16()?)
            }
        };
        self.cx.budget.cells(1)?;
        let (cached, awaits_text) = cached(value);
        let tokens = self.tokens(&mut body, cce, record.at)?;
        let Place { row, column, format } = place;
        self.awaits_text = awaits_text.then_some(self.sheet.formulas.len());
        reserve_a_quarter_more(&mut self.sheet.formulas);
        self.sheet.formulas.push(FormulaCell { row, column, format, tokens, cached });
        Ok(())
    }

    /// Reads `String` ([MS-XLS] 2.4.268): the text that the formula before it came to.
    fn cached_text(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        self.scratch.clear();
        let mut text = std::mem::take(&mut self.scratch);
        let read = if record.id == consts::STRING2 && self.dialect.version == BiffVersion::Biff2 {
            self.dialect.short_text(&mut body, &mut text)
        } else {
            self.dialect.long_text(&mut body, &mut text)
        };
        self.scratch = text;
        self.cx.budget.touch(self.scratch.len())?;
        let kept = self.keep_scratch(record.at)?;
        match self.awaits_text.take().and_then(|index| self.sheet.formulas.get_mut(index)) {
            Some(formula) => formula.cached = kept.map_or(Cached::Empty, Cached::Text),
            None => self.cx.recovered(record.at as u64, "STRING without a formula that has a text"),
        }
        Ok(read?)
    }

    /// Rows and columns of a formula that several cells share: `Ref` with one-byte columns.
    fn range(&self, body: &mut Body<'s>) -> Result<SharedFormula, BiffError> {
        let [first_row, last_row] = [body.u16()?, body.u16()?];
        let [first_column, last_column] = body.array()?;
        Ok(SharedFormula {
            first_row: u32::from(first_row),
            last_row: u32::from(last_row),
            first_column: u16::from(first_column),
            last_column: u16::from(last_column),
            array: false,
            tokens: Default::default(),
        })
    }

    /// Reads `ShrFmla` ([MS-XLS] 2.4.260).
    fn shared_formula(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        let mut shared = self.range(&mut body)?;
        body.u16()?;
        let cce = usize::from(body.u16()?);
        self.cx.budget.cells(1)?;
        shared.tokens = self.tokens(&mut body, cce, record.at)?;
        reserve_a_quarter_more(&mut self.sheet.shared);
        self.sheet.shared.push(shared);
        Ok(())
    }

    /// Reads `Array` ([MS-XLS] 2.4.4).
    fn array_formula(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        let mut shared = self.range(&mut body)?;
        let cce = if record.id == consts::ARRAY2 {
            body.u8()?;
            usize::from(body.u8()?)
        } else {
            body.skip(if self.dialect.version < BiffVersion::Biff5 { 2 } else { 6 })?;
            usize::from(body.u16()?)
        };
        self.cx.budget.cells(1)?;
        shared.array = true;
        shared.tokens = self.tokens(&mut body, cce, record.at)?;
        reserve_a_quarter_more(&mut self.sheet.shared);
        self.sheet.shared.push(shared);
        Ok(())
    }

    /// Reads `Row` ([MS-XLS] 2.4.221), and keeps what differs from the default.
    fn row(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        let row = u32::from(body.u16()?);
        body.u32()?;
        let height = body.u16()?;
        let (hidden, format) = if record.id == consts::ROW2 {
            body.u16()?;
            let has_format = body.u8()? & 1 != 0;
            body.u16()?;
            let format = if has_format {
                body.array::<3>().map(|[index, _, _]| u16::from(index & 0x3F)).ok()
            } else {
                None
            };
            (height & 0x7FFF == 0, format)
        } else {
            body.u32()?;
            let grbit = body.u16()?;
            // The format holds only with fGhostDirty.
            let format = if grbit & 0x80 != 0 { Some(body.u16()? & 0x0FFF) } else { None };
            (grbit & 0x20 != 0, format)
        };
        // Bit 15 stands for "the default height" before BIFF8, and is not part of it.
        let is_default = height & 0x8000 != 0 || Some(height) == self.sheet.default_row_height;
        if hidden || format.is_some() || !is_default {
            let height =
                if height & 0x8000 != 0 { self.sheet.default_row_height.unwrap_or(255) } else { height };
            self.cx.budget.cells(1)?;
            reserve_a_quarter_more(&mut self.sheet.rows);
            self.sheet.rows.push(RowFormat { row, height, hidden, format });
        }
        Ok(())
    }

    /// Reads `ColInfo` ([MS-XLS] 2.4.53) or the COLWIDTH of BIFF2.
    fn columns(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        let columns = if record.id == consts::COLWIDTH2 {
            let [first, last] = body.array()?;
            let width = body.u16()?;
            ColumnFormat {
                first: u16::from(first),
                last: u16::from(last),
                width,
                hidden: width == 0,
                format: 0,
            }
        } else {
            let [first, last, width, format] = [body.u16()?, body.u16()?, body.u16()?, body.u16()?];
            // Some writers leave the flags out.
            let grbit = body.u16().unwrap_or(0);
            ColumnFormat { first, last, width, hidden: grbit & 1 != 0, format }
        };
        self.cx.budget.cells(1)?;
        reserve_a_quarter_more(&mut self.sheet.columns);
        self.sheet.columns.push(columns);
        Ok(())
    }
}

/// The value that a formula's eight bytes keep, and whether a STRING record follows
/// ([MS-XLS] 2.5.133 `FormulaValue`).
fn cached(value: [u8; 8]) -> (Cached, bool) {
    match value {
        [0, .., 0xFF, 0xFF] => (Cached::Empty, true),
        [1, _, boolean, .., 0xFF, 0xFF] => (Cached::Boolean(boolean != 0), false),
        [2, _, error, .., 0xFF, 0xFF] => (Cached::Error(error), false),
        [.., 0xFF, 0xFF] => (Cached::Empty, false),
        number => (Cached::Number(f64::from_le_bytes(number)), false),
    }
}
