//! One sheet part: cells, rows, columns, and what hangs on it (ECMA-376 part 1, 18.3).

use std::collections::BTreeMap;

use super::formulas::{Compiler, Standing, shared_with};
use super::styles::twips;
use super::xml::{Node, Nodes, Tag, unescape_xstring};
use crate::base::{Cx, LimitHit, Location};
use crate::documents::formula::functions::by_name;
use crate::documents::workbook::{
    Cached, CellText, ColumnFormat, FormulaCell, NumberCell, Oddity, OddityKind, Prompt, Protection,
    RowFormat, SharedFormula, Sheet, SheetKind, TextCell, TextId, TokenSpan, Workbook,
    reserve_a_quarter_more,
};

/// What a sheet names by relationship: it cannot be read without the package.
#[derive(Debug, Default)]
pub(super) struct Hanging {
    pub(super) hyperlinks: Vec<HangingLink>,
    pub(super) objects: Vec<HangingObject>,
}

/// A hyperlink of a cell.
#[derive(Debug)]
pub(super) struct HangingLink {
    pub(super) row: u32,
    pub(super) column: u16,
    /// The relationship that has its target.
    pub(super) relationship: Option<String>,
    /// The place in the target.
    pub(super) place: String,
    /// What the cell shows.
    pub(super) shown: Option<String>,
}

/// A linked or embedded object.
#[derive(Debug)]
pub(in crate::documents) struct HangingObject {
    /// The relationship that leads to it.
    pub(in crate::documents) relationship: Option<String>,
    /// Its program identifier.
    pub(in crate::documents) program: String,
    /// The formula of a link.
    pub(in crate::documents) link: Option<String>,
    /// Whether it is updated when the workbook is opened.
    pub(in crate::documents) update: bool,
}

/// A cell while it is read.
#[derive(Debug, Default)]
struct Pending {
    row: u32,
    column: u16,
    format: u16,
    kind: Kind,
    has_formula: bool,
    formula: Attributes,
    formula_text: String,
    value: String,
    inline: String,
}

#[derive(Debug, Default)]
struct Attributes {
    shared: Option<u32>,
    range: Option<[u32; 4]>,
}

/// `ST_CellType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    Number,
    Shared,
    Text,
    Inline,
    Boolean,
    Error,
    Date,
}

/// What text belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Into {
    Nothing,
    Formula,
    Value,
    Inline,
    Phonetic,
    Header,
}

/// Reads the nodes of a sheet into `sheet`.
pub(super) struct SheetReader<'r> {
    pub(super) book: &'r mut Workbook,
    pub(super) compiler: &'r mut Compiler,
    pub(super) sheet: Sheet,
    /// Index in the workbook.
    pub(super) index: u32,
    /// Whether numbers are kept, and all formulas compiled: some sheet of the workbook has macros.
    pub(super) with_macros: bool,
    pub(super) hanging: Hanging,
    row: u32,
    column: u16,
    cell: Pending,
    /// Cells with the text of shared formulas, by their number.
    shared: BTreeMap<u32, (u32, u16)>,
    into: Into,
    text: String,
}

/// Most columns of a sheet.
const COLUMNS: u32 = 16_384;

impl<'r> SheetReader<'r> {
    pub(super) fn new(
        book: &'r mut Workbook,
        compiler: &'r mut Compiler,
        sheet: Sheet,
        index: u32,
        with_macros: bool,
    ) -> Self {
        SheetReader {
            book,
            compiler,
            sheet,
            index,
            with_macros,
            hanging: Hanging::default(),
            row: 0,
            column: 0,
            cell: Pending::default(),
            shared: BTreeMap::new(),
            into: Into::Nothing,
            text: String::new(),
        }
    }

    pub(super) fn read(&mut self, nodes: &mut Nodes<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let mut is_first = true;
        while let Some(node) = nodes.next(cx)? {
            match node {
                Node::Start(tag) => {
                    if is_first {
                        self.root(&tag);
                        is_first = false;
                    }
                    self.start(&tag, cx)?;
                }
                Node::End(tag) => self.end(tag.local(), cx)?,
                Node::Text(text) => match self.into {
                    Into::Formula => self.cell.formula_text.push_str(&text),
                    Into::Value => self.cell.value.push_str(&text),
                    Into::Inline => self.cell.inline.push_str(&text),
                    Into::Header => self.text.push_str(&text),
                    Into::Nothing | Into::Phonetic => {}
                },
            }
        }
        // `shared_formula` looks for its formula in this order.
        self.sheet.shared.sort_by_key(|shared| (shared.first_row, shared.first_column));
        Ok(())
    }

    /// The root says what the sheet is, whatever the workbook calls it.
    fn root(&mut self, tag: &Tag<'_>) {
        let kind = match tag.local() {
            "macrosheet" => SheetKind::Macro,
            "chartsheet" => SheetKind::Chart,
            "dialogsheet" => SheetKind::Dialog,
            _ => return,
        };
        if self.sheet.kind != kind && (kind == SheetKind::Macro || self.sheet.kind != SheetKind::Macro) {
            self.sheet.kind = kind;
        }
    }

    fn start(&mut self, tag: &Tag<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        match tag.local() {
            "c" => self.cell_start(tag),
            "v" => self.into = Into::Value,
            "f" => {
                self.into = Into::Formula;
                self.cell.has_formula = true;
                self.cell.formula = Attributes {
                    shared: tag.attr("t").filter(|kind| kind == "shared").and_then(|_| tag.number("si")),
                    range: tag.attr("ref").and_then(|range| cells(&range)),
                };
            }
            "row" => self.row_start(tag, cx)?,
            "t" if self.into != Into::Phonetic => self.into = Into::Inline,
            "rPh" => self.into = Into::Phonetic,
            "col" => self.columns(tag, cx)?,
            "sheetFormatPr" => {
                self.sheet.default_row_height = tag.number::<f64>("defaultRowHeight").map(twips);
                self.sheet.default_column_width = tag
                    .number::<f64>("defaultColWidth")
                    .or_else(|| tag.number("baseColWidth"))
                    .map(|width| twips(width / 20.0));
            }
            "sheetProtection" => {
                let verifier = tag.attr("password").and_then(|hex| u16::from_str_radix(hex.trim(), 16).ok());
                let on = tag.flag("sheet").unwrap_or(false) || tag.flag("content").unwrap_or(false);
                self.sheet.protection = Protection { on, verifier: verifier.unwrap_or(0) };
            }
            "hyperlink" => self.hyperlink(tag, cx)?,
            "dataValidation" => self.validation(tag, cx)?,
            "oddHeader" | "evenHeader" | "firstHeader" | "oddFooter" | "evenFooter" | "firstFooter" => {
                self.into = Into::Header;
                self.text.clear();
            }
            "oleObject" => {
                cx.budget.hold(128)?;
                let update = tag.attr("oleUpdate").is_some_and(|update| update == "OLEUPDATE_ALWAYS");
                self.hanging.objects.push(HangingObject {
                    relationship: tag.prefixed("id").map(|id| id.into_owned()),
                    program: tag.attr("progId").unwrap_or_default().into_owned(),
                    link: tag.attr("link").map(|link| link.into_owned()),
                    update,
                });
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, local: &str, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        match local {
            "c" => {
                self.into = Into::Nothing;
                self.cell_end(cx)?;
            }
            "v" | "f" | "t" | "rPh" => self.into = Into::Nothing,
            "oddHeader" | "evenHeader" | "firstHeader" | "oddFooter" | "evenFooter" | "firstFooter" => {
                self.into = Into::Nothing;
                let text = std::mem::take(&mut self.text);
                if !text.is_empty()
                    && let Some(id) = keep(self.book, &text, cx)?
                {
                    self.sheet.headers.push(id);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn row_start(&mut self, tag: &Tag<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        self.column = 0;
        let row = tag.number::<u32>("r").and_then(|row| row.checked_sub(1));
        self.row = row.unwrap_or(self.row);
        let row = self.row;
        self.row = self.row.saturating_add(1);
        self.cell.row = row;
        let (mut height, mut hidden, mut format) = (None, false, None);
        for (_, name, value) in tag.attrs() {
            match name {
                "ht" => height = value.trim().parse::<f64>().ok().map(twips),
                "hidden" => hidden = matches!(value, "1" | "true"),
                "s" => format = value.trim().parse::<u16>().ok(),
                _ => {}
            }
        }
        let format = format.filter(|_| tag.flag("customFormat").unwrap_or(false));
        let differs = height.is_some() && height != self.sheet.default_row_height;
        if hidden || format.is_some() || differs {
            cx.budget.cells(1)?;
            cx.budget.hold(size_of::<RowFormat>())?;
            let height = height.or(self.sheet.default_row_height).unwrap_or(300);
            reserve_a_quarter_more(&mut self.sheet.rows);
            self.sheet.rows.push(RowFormat { row, height, hidden, format });
        }
        Ok(())
    }

    fn columns(&mut self, tag: &Tag<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let column = |name: &str| {
            tag.number::<u32>(name).and_then(|column| u16::try_from(column.checked_sub(1)?).ok())
        };
        let (Some(first), Some(last)) = (column("min"), column("max")) else { return Ok(()) };
        cx.budget.cells(1)?;
        cx.budget.hold(size_of::<ColumnFormat>())?;
        // A width is in characters, the model's in 1/256 of one.
        let width = tag.number::<f64>("width").map_or(2340, |width| twips(width * 256.0 / 20.0));
        reserve_a_quarter_more(&mut self.sheet.columns);
        self.sheet.columns.push(ColumnFormat {
            first,
            last: last.max(first),
            width,
            hidden: tag.flag("hidden").unwrap_or(false),
            format: tag.number("style").unwrap_or(0),
        });
        Ok(())
    }

    fn cell_start(&mut self, tag: &Tag<'_>) {
        let cell = &mut self.cell;
        cell.kind = Kind::Number;
        cell.format = 0;
        cell.has_formula = false;
        cell.formula_text.clear();
        cell.value.clear();
        cell.inline.clear();
        self.into = Into::Nothing;
        let mut place = None;
        for (_, name, value) in tag.attrs() {
            match name {
                "r" => place = address(value),
                "s" => cell.format = value.trim().parse().unwrap_or(0),
                "t" => {
                    cell.kind = match value {
                        "s" => Kind::Shared,
                        "str" => Kind::Text,
                        "inlineStr" => Kind::Inline,
                        "b" => Kind::Boolean,
                        "e" => Kind::Error,
                        "d" => Kind::Date,
                        _ => Kind::Number,
                    };
                }
                _ => {}
            }
        }
        // A cell without an address is the next one of its row.
        (cell.row, cell.column) = place.unwrap_or((self.row.saturating_sub(1), self.column));
        self.column = cell.column.saturating_add(1);
    }

    fn cell_end(&mut self, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        cx.budget.step(1)?;
        let (row, column, format) = (self.cell.row, self.cell.column, self.cell.format);
        if self.cell.has_formula {
            return self.formula_end(cx);
        }
        match self.cell.kind {
            Kind::Shared => {
                if let Some(text) = self.cell.value.trim().parse().ok().and_then(CellText::shared) {
                    self.push_text(row, column, format, text, cx)?;
                }
            }
            Kind::Inline | Kind::Text | Kind::Date => {
                let is_inline = self.cell.kind == Kind::Inline || self.cell.value.is_empty();
                let text =
                    std::mem::take(if is_inline { &mut self.cell.inline } else { &mut self.cell.value });
                let id = keep(self.book, &unescape_xstring(&text), cx)?.and_then(CellText::own);
                if let Some(id) = id.filter(|_| !text.is_empty()) {
                    self.push_text(row, column, format, id, cx)?;
                }
            }
            Kind::Number | Kind::Boolean => {
                let value = self.cell.value.trim();
                if value.is_empty() {
                    // An inline text without its type is still shown.
                    let text = std::mem::take(&mut self.cell.inline);
                    if !text.is_empty()
                        && let Some(id) = keep(self.book, &text, cx)?.and_then(CellText::own)
                    {
                        self.push_text(row, column, format, id, cx)?;
                    }
                    return Ok(());
                }
                self.sheet.value_count = self.sheet.value_count.saturating_add(1);
                if self.with_macros
                    && let Ok(value) = value.parse::<f64>()
                {
                    cx.budget.cells(1)?;
                    cx.budget.hold(size_of::<NumberCell>())?;
                    reserve_a_quarter_more(&mut self.sheet.numbers);
                    self.sheet.numbers.push(NumberCell { row, column, format, value });
                }
            }
            Kind::Error => self.sheet.value_count = self.sheet.value_count.saturating_add(1),
        }
        Ok(())
    }

    fn push_text(
        &mut self,
        row: u32,
        column: u16,
        format: u16,
        text: CellText,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        cx.budget.cells(1)?;
        // A list that grows is there twice for a moment.
        cx.budget.hold(size_of::<TextCell>().saturating_mul(2))?;
        reserve_a_quarter_more(&mut self.sheet.texts);
        self.sheet.texts.push(TextCell { row, column, format, text });
        Ok(())
    }

    fn formula_end(&mut self, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let (row, column, format) = (self.cell.row, self.cell.column, self.cell.format);
        let value = std::mem::take(&mut self.cell.value);
        let cached = match self.cell.kind {
            Kind::Number | Kind::Date => value.trim().parse().map_or(Cached::Empty, Cached::Number),
            Kind::Boolean => Cached::Boolean(matches!(value.trim(), "1" | "true")),
            Kind::Error => Cached::Error(error_code(value.trim())),
            Kind::Shared => Cached::Empty,
            Kind::Text | Kind::Inline => {
                let text = if value.is_empty() { std::mem::take(&mut self.cell.inline) } else { value };
                match keep(self.book, &unescape_xstring(&text), cx)? {
                    Some(id) if !text.is_empty() => Cached::Text(id),
                    _ => Cached::Empty,
                }
            }
        };
        let text = std::mem::take(&mut self.cell.formula_text);
        let tokens = self.formula_tokens(&text, cx)?;
        self.cell.formula_text = text;
        cx.budget.cells(1)?;
        // A list that grows is there twice for a moment.
        cx.budget.hold(size_of::<FormulaCell>().saturating_mul(2))?;
        reserve_a_quarter_more(&mut self.sheet.formulas);
        self.sheet.formulas.push(FormulaCell { row, column, format, tokens, cached });
        Ok(())
    }

    fn formula_tokens(&mut self, text: &str, cx: &mut Cx<'_>) -> Result<TokenSpan, LimitHit> {
        let is_macro = self.sheet.kind == SheetKind::Macro;
        if !is_macro && !self.with_macros && !is_telling(text) {
            return Ok(TokenSpan::default());
        }
        let (row, column) = (self.cell.row, self.cell.column);
        let shared = self.cell.formula.shared;
        if let (Some(number), true) = (shared, text.is_empty()) {
            return Ok(match self.shared.get(&number) {
                Some((row, column)) => shared_with(self.book, *row, *column),
                None => TokenSpan::default(),
            });
        }
        let standing = Standing {
            sheet: Some(self.index),
            cell: (row, column.into()),
            macro_sheet: is_macro,
            distances: shared.is_some(),
        };
        let compiled = self.compiler.tokens(text, standing, self.book, cx)?;
        let tokens = match compiled {
            Ok(tokens) => tokens,
            Err(error) => {
                let location = Location::cell(self.book.part, self.index, row, column.into());
                if is_macro {
                    let shown: String = text.chars().take(200).collect();
                    cx.abandoned_at(location.clone(), &format_args!("formula {shown:?}: {error}"));
                    self.book.oddities.push(Oddity { location, kind: OddityKind::DamagedFormula });
                    // What it says is shown and searched all the same.
                    if let Some(id) = keep(self.book, text, cx)?.and_then(CellText::own) {
                        self.push_text(row, column, self.cell.format, id, cx)?;
                    }
                }
                return Ok(TokenSpan::default());
            }
        };
        let Some(number) = shared else { return Ok(tokens) };
        let [first_row, first_column, last_row, last_column] =
            self.cell.formula.range.unwrap_or([row, column.into(), row, column.into()]);
        let narrow = |column: u32| u16::try_from(column).unwrap_or(u16::MAX);
        cx.budget.cells(1)?;
        cx.budget.hold(size_of::<SharedFormula>().saturating_add(64))?;
        self.sheet.shared.push(SharedFormula {
            first_row: first_row.min(row),
            last_row,
            first_column: narrow(first_column).min(column),
            last_column: narrow(last_column),
            array: false,
            tokens,
        });
        self.shared.insert(number, (row, column));
        Ok(shared_with(self.book, row, column))
    }

    fn hyperlink(&mut self, tag: &Tag<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let place = tag.attr("ref").and_then(|range| cells(&range)).unwrap_or_default();
        let [row, column, ..] = place;
        cx.budget.hold(192)?;
        self.hanging.hyperlinks.push(HangingLink {
            row,
            column: u16::try_from(column).unwrap_or(u16::MAX),
            relationship: tag.prefixed("id").map(|id| id.into_owned()),
            place: tag.attr("location").unwrap_or_default().into_owned(),
            shown: tag.attr("display").or_else(|| tag.attr("tooltip")).map(|text| text.into_owned()),
        });
        Ok(())
    }

    fn validation(&mut self, tag: &Tag<'_>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let place = tag.attr("sqref").and_then(|range| cells(range.split(' ').next().unwrap_or_default()));
        let [row, column, ..] = place.unwrap_or_default();
        let mut texts = [None; 4];
        for (slot, name) in texts.iter_mut().zip(["promptTitle", "prompt", "errorTitle", "error"]) {
            if let Some(text) = tag.attr(name).filter(|text| !text.is_empty()) {
                *slot = keep(self.book, &unescape_xstring(&text), cx)?;
            }
        }
        if texts.iter().any(Option::is_some) {
            cx.budget.hold(size_of::<Prompt>())?;
            self.sheet.prompts.push(Prompt { row, column: u16::try_from(column).unwrap_or(u16::MAX), texts });
        }
        Ok(())
    }
}

/// Keeps a text of the workbook.
pub(super) fn keep(book: &mut Workbook, text: &str, cx: &mut Cx<'_>) -> Result<Option<TextId>, LimitHit> {
    cx.budget.hold(text.len().saturating_add(4))?;
    Ok(book.texts.push(text))
}

/// Whether a formula of a worksheet without macros is worth compiling: it may start a program, fetch
/// something, name another file or call a function of VBA.
fn is_telling(text: &str) -> bool {
    text.contains(['|', '['])
        || text.contains("://")
        || text.contains(r"\\")
        || {
            let upper = text.to_ascii_uppercase();
            ["HYPERLINK", "WEBSERVICE", "IMAGE(", "RTD(", "CALL(", "REGISTER"]
                .iter()
                .any(|name| upper.contains(name))
        }
        || calls_foreign_function(text)
}

/// Whether a formula calls what is no function of Excel. `_xlfn.` and its kin stand before functions
/// that are younger than the table.
fn calls_foreign_function(text: &str) -> bool {
    text.match_indices('(').any(|(at, _)| {
        let head = text.get(..at).unwrap_or_default();
        let ends = |letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '.';
        let word = head.rsplit(ends).next().unwrap_or_default();
        word.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
            && !word.starts_with("_xl")
            && by_name(word).is_none()
    })
}

/// Row and column of an address such as `$AB$12`, from 0.
pub(super) fn address(text: &str) -> Option<(u32, u16)> {
    let mut column = 0_u32;
    let mut row = 0_u32;
    let mut digits = 0;
    for byte in text.trim().bytes() {
        match byte {
            b'$' => {}
            b'A'..=b'Z' | b'a'..=b'z' if digits == 0 => {
                let letter = u32::from(byte.to_ascii_uppercase().checked_sub(b'A')?).checked_add(1)?;
                column = column.checked_mul(26)?.checked_add(letter)?;
            }
            b'0'..=b'9' => {
                digits = 1;
                row = row.checked_mul(10)?.checked_add(u32::from(byte.checked_sub(b'0')?))?;
            }
            _ => return None,
        }
    }
    let column = column.checked_sub(1).filter(|column| *column < COLUMNS)?;
    Some((row.checked_sub(1)?, u16::try_from(column).ok()?))
}

/// First row and column, last row and column of a range such as `A1:B2`.
pub(super) fn cells(text: &str) -> Option<[u32; 4]> {
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    let ((first_row, first_column), (last_row, last_column)) = (address(first)?, address(last)?);
    Some([first_row, first_column.into(), last_row, last_column.into()])
}

/// [MS-XLS] 2.5.10 `BErr`.
pub(super) fn error_code(text: &str) -> u8 {
    match text {
        "#NULL!" => 0x00,
        "#DIV/0!" => 0x07,
        "#VALUE!" => 0x0F,
        "#REF!" => 0x17,
        "#NAME?" => 0x1D,
        "#NUM!" => 0x24,
        "#GETTING_DATA" => 0x2B,
        _ => 0x2A,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_ranges_count_from_zero() {
        assert_eq!(address("A1"), Some((0, 0)));
        assert_eq!(address("$XFD$1048576"), Some((1_048_575, 16_383)));
        assert_eq!([address("XFE1"), address("A0"), address("A"), address("1"), address("A1B")], [None; 5]);
        assert_eq!(cells("B2:C3"), Some([1, 1, 2, 2]));
        assert_eq!(cells("B2"), Some([1, 1, 1, 1]));
    }
}
