//! One sheet part: cells, formulas, rows, columns, links, comments ([MS-XLSB] 2.1.7.62).

use super::book::{Biff12Error, protection, told};
use super::records::{Record, Records, brt, formula, nullable, wide};
use crate::base::{Cx, LimitHit, Reader, Stage};
use crate::documents::ooxml::common::sheet_objects;
use crate::documents::ooxml::sheet::HangingObject;
use crate::documents::ooxml::{Found, Package, Parts, opened};
use crate::documents::workbook::{
    Cached, CellText, ColumnFormat, FormulaCell, Hyperlink, Note, NumberCell, Prompt, RowFormat,
    SharedFormula, Sheet, SheetKind, TextCell, TextId, TokenSpan, Workbook, reserve_a_quarter_more,
};

struct SheetWalk<'w> {
    book: &'w mut Workbook,
    sheet: Sheet,
    with_macros: bool,
    row: u32,
    /// Hyperlinks with the relationship that has their target.
    links: Vec<SheetLink>,
    objects: Vec<HangingObject>,
}

/// A hyperlink of cells.
struct SheetLink {
    row: u32,
    column: u16,
    /// The relationship that has its target.
    relationship: String,
    /// The place in the target.
    place: String,
    /// What the cell shows.
    shown: String,
}

/// Reads a sheet.
pub(super) fn read<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    (index, part): (usize, u32),
    book: &mut Workbook,
    with_macros: bool,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, part, cx)?;
    let Some(slot) = book.sheets.get_mut(index) else { return Ok(()) };
    let sheet = std::mem::take(slot);
    let mut walk = SheetWalk { book, sheet, with_macros, row: 0, links: Vec::new(), objects: Vec::new() };
    let result = walk.records(bytes.as_slice(), &mut cx.for_part(package.id(part), Stage::Biff));
    let SheetWalk { mut sheet, links, objects, .. } = walk;
    drop(bytes);
    // `shared_formula` looks for its formula in this order.
    sheet.shared.sort_by_key(|shared| (shared.first_row, shared.first_column));
    for SheetLink { row, column, relationship, place, shown } in links {
        let mut target = package.by_id(part, &relationship).map(|one| one.target.clone()).unwrap_or_default();
        if !place.is_empty() {
            target.push('#');
            target.push_str(&place);
        }
        cx.budget.hold(target.len().saturating_add(shown.len()).saturating_add(size_of::<Hyperlink>()))?;
        let Some(target) = book.texts.push(&target) else { continue };
        let shown = if shown.is_empty() { None } else { book.texts.push(&shown) };
        sheet.hyperlinks.push(Hyperlink { row, column, target, shown });
    }
    if let Some(slot) = book.sheets.get_mut(index) {
        *slot = sheet;
    }
    result?;
    if book.sheets.get(index).is_some_and(|sheet| sheet.kind == SheetKind::Macro) {
        found.macro_sheets.push(package.id(part));
    }
    sheet_objects(package, part, &objects, book, found, cx)
}

/// Row and column of a cell, and its format.
#[derive(Debug, Clone, Copy)]
struct Place {
    row: u32,
    column: u16,
    format: u16,
}

impl SheetWalk<'_> {
    fn records(&mut self, part: &[u8], cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let mut records = Records::new(part);
        while let Some(record) = records.next(cx)? {
            let result = self.record(&record, cx);
            told(result, &record, cx)?;
        }
        Ok(())
    }

    fn record(&mut self, record: &Record<'_>, cx: &mut Cx<'_>) -> Result<(), Biff12Error> {
        let mut reader = record.reader();
        match record.id {
            brt::ROW_HDR => self.row(&mut reader, cx),
            brt::CELL_BLANK => Ok(()),
            brt::CELL_RK..=brt::CELL_ISST | brt::CELL_R_STRING => self.cell(record.id, &mut reader, cx),
            brt::FMLA_STRING..=brt::FMLA_ERROR => self.formula(record.id, &mut reader, cx),
            brt::SHR_FMLA | brt::ARR_FMLA => self.shared(record.id == brt::ARR_FMLA, &mut reader, cx),
            brt::COL_INFO => self.columns(&mut reader, cx),
            brt::WS_FMT_INFO => {
                let width = reader.u32()?;
                let characters = reader.u16()?;
                let height = reader.u16()?;
                let from_width = u16::try_from(width / 256).ok().filter(|_| width != u32::MAX);
                self.sheet.default_column_width = Some(from_width.unwrap_or(characters));
                self.sheet.default_row_height = Some(height);
                Ok(())
            }
            brt::SHEET_PROTECTION => protection(&mut reader, &mut self.sheet.protection),
            brt::HLINK => self.hyperlink(&mut reader, cx),
            brt::BEGIN_HEADER_FOOTER => self.headers(&mut reader, cx),
            brt::DVAL => self.validation(&mut reader, cx),
            brt::OLE_OBJECT => self.object(&mut reader, cx),
            _ => Ok(()),
        }
    }

    fn keep(&mut self, text: &str, cx: &mut Cx<'_>) -> Result<Option<TextId>, LimitHit> {
        cx.budget.hold(text.len().saturating_add(4))?;
        Ok(self.book.texts.push(text))
    }

    fn row(&mut self, reader: &mut Reader<'_>, cx: &mut Cx<'_>) -> Result<(), Biff12Error> {
        self.row = reader.u32()?;
        let format = reader.u32()?;
        let height = reader.u16()?;
        let [_, flags, ..] = reader.array::<3>()?;
        // fDyZero and fGhostDirty (2.4.766).
        let (hidden, has_format) = (flags & 0x10 != 0, flags & 0x40 != 0);
        if hidden || has_format || Some(height) != self.sheet.default_row_height {
            cx.budget.cells(1)?;
            cx.budget.hold(size_of::<RowFormat>())?;
            let format = u16::try_from(format).ok().filter(|_| has_format);
            reserve_a_quarter_more(&mut self.sheet.rows);
            self.sheet.rows.push(RowFormat { row: self.row, height, hidden, format });
        }
        Ok(())
    }

    /// `Cell` (2.5.9): column, 24 bits of format, 8 of flags.
    fn place(&self, reader: &mut Reader<'_>) -> Result<Place, Biff12Error> {
        let column = reader.u32()?;
        let [low, high, _, _] = reader.array()?;
        Ok(Place {
            row: self.row,
            column: u16::try_from(column).unwrap_or(u16::MAX),
            format: u16::from_le_bytes([low, high]),
        })
    }

    fn cell(&mut self, id: u16, reader: &mut Reader<'_>, cx: &mut Cx<'_>) -> Result<(), Biff12Error> {
        let place = self.place(reader)?;
        match id {
            brt::CELL_ISST => {
                if let Some(text) = CellText::shared(reader.u32()?) {
                    self.push_text(place, text, cx)?;
                }
            }
            brt::CELL_ST | brt::CELL_R_STRING => {
                if id == brt::CELL_R_STRING {
                    reader.skip(1)?;
                }
                let mut text = String::new();
                let result = wide(reader, &mut text);
                if let Some(text) = self.keep(&text, cx)?.and_then(CellText::own) {
                    self.push_text(place, text, cx)?;
                }
                result?;
            }
            brt::CELL_RK => {
                let value = rk(reader.u32()?);
                self.push_number(place, value, cx)?;
            }
            brt::CELL_REAL => {
                let value = reader.f64()?;
                self.push_number(place, value, cx)?;
            }
            brt::CELL_BOOL => {
                let value = f64::from(reader.u8()?);
                self.push_number(place, value, cx)?;
            }
            _ => self.sheet.value_count = self.sheet.value_count.saturating_add(1),
        }
        Ok(())
    }

    fn push_text(&mut self, place: Place, text: CellText, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let Place { row, column, format } = place;
        cx.budget.cells(1)?;
        cx.budget.hold(size_of::<TextCell>())?;
        reserve_a_quarter_more(&mut self.sheet.texts);
        self.sheet.texts.push(TextCell { row, column, format, text });
        Ok(())
    }

    fn push_number(&mut self, place: Place, value: f64, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        self.sheet.value_count = self.sheet.value_count.saturating_add(1);
        if self.with_macros {
            let Place { row, column, format } = place;
            cx.budget.cells(1)?;
            cx.budget.hold(size_of::<NumberCell>())?;
            reserve_a_quarter_more(&mut self.sheet.numbers);
            self.sheet.numbers.push(NumberCell { row, column, format, value });
        }
        Ok(())
    }

    /// `BrtFmla*` (2.4.673 to 2.4.676): cell, value, flags, formula.
    fn formula(&mut self, id: u16, reader: &mut Reader<'_>, cx: &mut Cx<'_>) -> Result<(), Biff12Error> {
        let place = self.place(reader)?;
        let cached = match id {
            brt::FMLA_STRING => {
                let mut text = String::new();
                wide(reader, &mut text)?;
                match self.keep(&text, cx)? {
                    Some(id) if !text.is_empty() => Cached::Text(id),
                    _ => Cached::Empty,
                }
            }
            brt::FMLA_NUM => Cached::Number(reader.f64()?),
            brt::FMLA_BOOL => Cached::Boolean(reader.u8()? != 0),
            _ => Cached::Error(reader.u8()?),
        };
        reader.skip(2)?;
        let tokens = self.tokens(reader, cx)?;
        let Place { row, column, format } = place;
        cx.budget.cells(1)?;
        cx.budget.hold(size_of::<FormulaCell>())?;
        reserve_a_quarter_more(&mut self.sheet.formulas);
        self.sheet.formulas.push(FormulaCell { row, column, format, tokens, cached });
        Ok(())
    }

    fn tokens(&mut self, reader: &mut Reader<'_>, cx: &mut Cx<'_>) -> Result<TokenSpan, Biff12Error> {
        let (rgce, rgcb) = formula(reader)?;
        cx.budget.hold(rgce.len().saturating_add(rgcb.len()))?;
        Ok(self.book.tokens.push(rgce, rgcb).unwrap_or_default())
    }

    /// Rows and columns of `UncheckedRfX` (2.5.157).
    fn range(reader: &mut Reader<'_>) -> Result<[u32; 4], Biff12Error> {
        let [first_row, last_row] = [reader.u32()?, reader.u32()?];
        let [first_column, last_column] = [reader.u32()?, reader.u32()?];
        Ok([first_row, first_column, last_row, last_column])
    }

    fn shared(&mut self, array: bool, reader: &mut Reader<'_>, cx: &mut Cx<'_>) -> Result<(), Biff12Error> {
        let [first_row, first_column, last_row, last_column] = Self::range(reader)?;
        if array {
            reader.skip(1)?;
        }
        let tokens = self.tokens(reader, cx)?;
        let narrow = |column: u32| u16::try_from(column).unwrap_or(u16::MAX);
        cx.budget.cells(1)?;
        cx.budget.hold(size_of::<SharedFormula>())?;
        reserve_a_quarter_more(&mut self.sheet.shared);
        self.sheet.shared.push(SharedFormula {
            first_row,
            last_row,
            first_column: narrow(first_column),
            last_column: narrow(last_column),
            array,
            tokens,
        });
        Ok(())
    }

    /// `BrtColInfo` (2.4.323).
    fn columns(&mut self, reader: &mut Reader<'_>, cx: &mut Cx<'_>) -> Result<(), Biff12Error> {
        let [first, last, width, format] = [reader.u32()?, reader.u32()?, reader.u32()?, reader.u32()?];
        let flags = reader.u16()?;
        cx.budget.cells(1)?;
        cx.budget.hold(size_of::<ColumnFormat>())?;
        let narrow = |value: u32| u16::try_from(value).unwrap_or(u16::MAX);
        self.sheet.columns.push(ColumnFormat {
            first: narrow(first),
            last: narrow(last),
            width: narrow(width),
            hidden: flags & 1 != 0,
            format: narrow(format),
        });
        Ok(())
    }

    /// `BrtHLink` (2.4.687): range, relationship, place, tooltip, shown text.
    fn hyperlink(&mut self, reader: &mut Reader<'_>, cx: &mut Cx<'_>) -> Result<(), Biff12Error> {
        let [row, column, ..] = Self::range(reader)?;
        let mut texts = [const { String::new() }; 4];
        for text in &mut texts {
            nullable(reader, text)?;
        }
        let [id, place, _, shown] = texts;
        cx.budget
            .hold(id.len().saturating_add(place.len()).saturating_add(shown.len()).saturating_add(96))?;
        let column = u16::try_from(column).unwrap_or(u16::MAX);
        self.links.push(SheetLink { row, column, relationship: id, place, shown });
        Ok(())
    }

    fn headers(&mut self, reader: &mut Reader<'_>, cx: &mut Cx<'_>) -> Result<(), Biff12Error> {
        reader.skip(2)?;
        for _ in 0..6 {
            let mut text = String::new();
            nullable(reader, &mut text)?;
            if !text.is_empty()
                && let Some(id) = self.keep(&text, cx)?
            {
                self.sheet.headers.push(id);
            }
        }
        Ok(())
    }

    /// `BrtDVal` (2.4.356): flags, ranges, four texts.
    fn validation(&mut self, reader: &mut Reader<'_>, cx: &mut Cx<'_>) -> Result<(), Biff12Error> {
        reader.skip(4)?;
        let count = reader.u32()?;
        let mut first = None;
        for _ in 0..count {
            let [row, column, ..] = Self::range(reader)?;
            cx.budget.step(1)?;
            first = first.or(Some((row, u16::try_from(column).unwrap_or(u16::MAX))));
        }
        // In the file: title and text of the error, title and text of the prompt.
        let mut read = [None; 4];
        for slot in &mut read {
            let mut text = String::new();
            nullable(reader, &mut text)?;
            if !text.is_empty() {
                *slot = self.keep(&text, cx)?;
            }
        }
        let [error_title, error, prompt_title, prompt] = read;
        let texts = [prompt_title, prompt, error_title, error];
        if texts.iter().any(Option::is_some) {
            let (row, column) = first.unwrap_or_default();
            cx.budget.hold(size_of::<Prompt>())?;
            self.sheet.prompts.push(Prompt { row, column, texts });
        }
        Ok(())
    }

    /// `BrtOleObject` (2.4.717): aspect, update, shape, flags, program, link, relationship.
    fn object(&mut self, reader: &mut Reader<'_>, cx: &mut Cx<'_>) -> Result<(), Biff12Error> {
        reader.skip(4)?;
        let update = reader.u32()?;
        reader.skip(4)?;
        let flags = reader.u16()?;
        let mut program = String::new();
        nullable(reader, &mut program)?;
        let is_link = flags & 1 != 0;
        let mut id = String::new();
        if is_link {
            let len = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
            reader.skip(len)?;
        } else {
            nullable(reader, &mut id)?;
        }
        cx.budget.hold(128)?;
        let relationship = Some(id).filter(|id| !id.is_empty());
        self.objects.push(HangingObject { relationship, program, link: None, update: update == 1 });
        Ok(())
    }
}

/// Comments (2.1.7.11): a cell each, and a rich string.
pub(super) fn comments<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    (sheet, index): (usize, u32),
    book: &mut Workbook,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let cx = &mut cx.for_part(package.id(index), Stage::Biff);
    let mut records = Records::new(bytes.as_slice());
    let mut place = (0, 0);
    while let Some(record) = records.next(cx)? {
        let mut reader = record.reader();
        let result: Result<(), Biff12Error> = (|| {
            match record.id {
                brt::BEGIN_COMMENT => {
                    reader.skip(4)?;
                    let [row, column, ..] = SheetWalk::range(&mut reader)?;
                    place = (row, u16::try_from(column).unwrap_or(u16::MAX));
                }
                brt::COMMENT_TEXT => {
                    reader.skip(1)?;
                    let mut text = String::new();
                    wide(&mut reader, &mut text)?;
                    cx.budget.hold(text.len().saturating_add(size_of::<Note>()))?;
                    let id = book.texts.push(&text);
                    if let Some(sheet) = book.sheets.get_mut(sheet).filter(|_| !text.is_empty()) {
                        let (row, column) = place;
                        sheet.notes.push(Note { row, column, author: None, text: id, shape: 0 });
                    }
                }
                _ => {}
            }
            Ok(())
        })();
        told(result, &record, cx)?;
    }
    Ok(())
}

/// Where a number is written as 30 bits: an integer or the upper half of a double, and whether it is to
/// be divided by 100 (2.5.123 `RkNumber`).
fn rk(bits: u32) -> f64 {
    let number = if bits & 2 != 0 {
        f64::from(i32::from_le_bytes(bits.to_le_bytes()) >> 2)
    } else {
        f64::from_bits(u64::from(bits & !3) << 32)
    };
    if bits & 1 != 0 { number / 100.0 } else { number }
}
