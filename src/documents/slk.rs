//! SYLK spreadsheets (`.slk`): one sheet as lines of text, with macros if the file says so.
//!
//! Microsoft never published the format; this is what Excel writes and reads, as observed and as the
//! public descriptions of it agree. A line is a record: its name, then fields that begin with a
//! letter and are separated by semicolons. A semicolon inside a field is doubled, other characters
//! are written behind an escape. Excel passes over records and fields that it does not know, and so
//! do we; positions stay until a record changes them.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use std::collections::BTreeMap;

use super::formula::text::Style;
use super::formula_text::{Compiler, Site};
use crate::base::text::CodePage;
use crate::base::{Cx, LimitHit};
use crate::documents::workbook::{
    Cached, CellText, ColumnFormat, DefinedName, ExternalBook, ExternalKind, ExternalName, FormulaCell, Note,
    NumberCell, Sheet, SheetKind, TextCell, TokenSpan, Workbook, reserve_a_quarter_more,
};

/// Rows and columns of the largest sheet that Excel has.
const ROWS: u32 = 1 << 20;
const COLUMNS: u16 = 1 << 14;
/// Names and sources that are kept; more are told.
const NAMES: usize = 1 << 16;

/// Reads a SYLK file into `book`, which keeps what was read when a limit ends the walk.
///
/// # Errors
/// [`LimitHit`] when the steps, cells or memory of models do not last.
pub fn read(bytes: &[u8], book: &mut Workbook, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    cx.budget.touch(bytes.len())?;
    let page = CodePage::WESTERN;
    book.code_page = Some(page);
    // The names of a macro sheet may stand before the record that says it is one.
    let macro_at = lines(bytes).find(|(_, line)| is_macro_option(line)).map(|(at, _)| at);
    let (name, kind) = match macro_at {
        Some(_) => ("Macro1", SheetKind::Macro),
        None => ("Sheet1", SheetKind::Worksheet),
    };
    book.sheets.push(Sheet {
        name: name.to_owned(),
        kind,
        listed_at: Some(macro_at.unwrap_or(0)),
        ..Sheet::default()
    });
    // Formulas before a name may use it.
    let expressions = names(bytes, page, book, cx)?;
    // Excel writes R1C1; what is none is taken as A1.
    let compiler = Compiler::new(book, Style::Both, cx)?;
    let shared = BTreeMap::new();
    let mut reader = Slk { book, cx, compiler, page, row: 0, column: 0, shared, ended_at: None };
    for (index, (at, expression)) in expressions.iter().enumerate() {
        let tokens = reader.tokens(*at, expression, None)?;
        if let Some(name) = reader.book.names.get_mut(index) {
            name.tokens = tokens;
        }
    }
    reader.records(bytes)
}

/// Reads the names; gives what each stands for.
fn names(
    bytes: &[u8],
    page: CodePage,
    book: &mut Workbook,
    cx: &mut Cx<'_>,
) -> Result<Vec<(u64, String)>, LimitHit> {
    let mut expressions = Vec::new();
    for (at, line) in lines(bytes).filter(|(_, line)| line.starts_with(b"NN")) {
        cx.budget.step(1)?;
        let mut fields = Fields { rest: Some(line) };
        if fields.next().is_some_and(|name| name.trim_ascii() != b"NN") {
            continue;
        }
        let Some((name, expression)) = name(at, fields, page) else { continue };
        if book.names.len() >= NAMES {
            cx.abandoned(at..at.saturating_add(1), &format_args!("more than {NAMES} names"));
            break;
        }
        let len = size_of::<DefinedName>().saturating_add(name.name.len()).saturating_add(expression.len());
        cx.budget.hold(len)?;
        book.names.push(name);
        expressions.push((at, expression));
    }
    Ok(expressions)
}

/// A defined name: `N` the name, `E` what it stands for, `K` a key, `F` and `G` a function or command.
fn name(at: u64, fields: Fields<'_>, page: CodePage) -> Option<(DefinedName, String)> {
    let (mut name, mut expression, mut flags, mut key) = (None, None, 0_u16, 0);
    for field in fields {
        match field.split_first() {
            Some((b'N', value)) => name = Some(value),
            Some((b'E', value)) => expression = Some(value),
            Some((b'G', _)) => flags |= 0x0008,
            Some((b'F', _)) => flags |= 0x000A,
            Some((b'K', value)) => {
                flags |= 0x0008;
                key = value.first().copied().unwrap_or(0);
            }
            _ => {}
        }
    }
    let name = DefinedName {
        at,
        name: text(name?, page),
        builtin: None,
        wide: false,
        flags,
        scope: None,
        tokens: TokenSpan::default(),
        key,
    };
    Some((name, text(expression.unwrap_or_default(), page)))
}

/// The lines of a file with their offsets; an empty one is left out.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let mut at = 0_u64;
    bytes.split(|byte| matches!(byte, b'\r' | b'\n')).filter_map(move |line| {
        let start = at;
        at = at.saturating_add(line.len() as u64).saturating_add(1);
        (!line.is_empty()).then_some((start, line))
    })
}

/// `O;E` says that the sheet is a macro sheet.
fn is_macro_option(line: &[u8]) -> bool {
    let mut fields = Fields { rest: Some(line) };
    fields.next().is_some_and(|name| name.trim_ascii().eq_ignore_ascii_case(b"O"))
        && fields.any(|field| field.trim_ascii().eq_ignore_ascii_case(b"E"))
}

/// The fields of a record, escapes left as they are.
struct Fields<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Iterator for Fields<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest.take()?;
        let mut at = 0_usize;
        loop {
            at = match rest.get(at..) {
                None | Some([]) => return Some(rest),
                Some([b';', b';', ..]) => at.saturating_add(2),
                Some([b';', ..]) => {
                    self.rest = rest.get(at.saturating_add(1)..);
                    return rest.get(..at);
                }
                Some([0x1B, ..]) => at.saturating_add(escape(rest.get(at..).unwrap_or_default()).1),
                Some(_) => at.saturating_add(1),
            };
        }
    }
}

/// The character of the escape that `bytes` begins with, and how many bytes that takes.
///
/// `ESC`, a character from column 2 and one from column 3 of ASCII are the halves of a byte; `ESC N`
/// and one or two characters are a letter of ISO 6937 without its high bits.
fn escape(bytes: &[u8]) -> (Option<Escaped>, usize) {
    match bytes {
        [0x1B, high @ 0x20..=0x2F, low @ 0x30..=0x3F, ..] => {
            (Some(Escaped::Byte(((high & 0x0F) << 4) | (low & 0x0F))), 3)
        }
        [0x1B, b'N', accent @ 0x40..=0x4F, letter, ..] => {
            (accented(*accent, *letter).map(Escaped::Letter), 4)
        }
        [0x1B, b'N', letter, ..] => (single(*letter).map(Escaped::Letter), 3),
        _ => (None, 1),
    }
}

enum Escaped {
    Byte(u8),
    Letter(char),
}

/// A letter with the accent of ISO 6937 column 12.
fn accented(accent: u8, letter: u8) -> Option<char> {
    use unicode_normalization::char::compose;
    let mark = match accent {
        b'A' => '\u{300}',
        b'B' => '\u{301}',
        b'C' => '\u{302}',
        b'D' => '\u{303}',
        b'H' => '\u{308}',
        b'J' => '\u{30A}',
        b'K' => '\u{327}',
        b'O' => '\u{30C}',
        _ => return None,
    };
    compose(char::from(letter), mark)
}

/// A letter of ISO 6937 without its high bit.
fn single(letter: u8) -> Option<char> {
    const LETTERS: &[(u8, char)] = &[
        (b'!', '¡'),
        (b'"', '¢'),
        (b'#', '£'),
        (b'%', '¥'),
        (b'\'', '§'),
        (b'(', '¤'),
        (b'+', '«'),
        (b'0', '°'),
        (b'1', '±'),
        (b'2', '²'),
        (b'3', '³'),
        (b'5', 'µ'),
        (b'6', '¶'),
        (b'7', '·'),
        (b';', '»'),
        (b'<', '¼'),
        (b'=', '½'),
        (b'>', '¾'),
        (b'?', '¿'),
        (b'R', '®'),
        (b'S', '©'),
        (b'a', 'Æ'),
        (b'b', 'Ð'),
        (b'c', 'ª'),
        (b'i', 'Ø'),
        (b'j', 'Œ'),
        (b'k', 'º'),
        (b'l', 'Þ'),
        (b'q', 'æ'),
        (b's', 'ð'),
        (b'y', 'ø'),
        (b'z', 'œ'),
        (b'{', 'ß'),
        (b'|', 'þ'),
    ];
    LETTERS.iter().find(|(known, _)| *known == letter).map(|(_, char)| *char)
}

/// A field as text: doubled semicolons and escapes undone.
fn text(field: &[u8], page: CodePage) -> String {
    if !field.contains(&0x1B) && !field.windows(2).any(|pair| pair == b";;") {
        return page.decode(field).text.into_owned();
    }
    let mut out = String::new();
    let mut plain: Vec<u8> = Vec::new();
    let mut rest = field;
    loop {
        let taken = match rest {
            [] => break,
            [b';', b';', ..] => {
                plain.push(b';');
                2
            }
            [0x1B, ..] => {
                let (escaped, len) = escape(rest);
                match escaped {
                    Some(Escaped::Byte(byte)) => plain.push(byte),
                    Some(Escaped::Letter(letter)) => {
                        out.push_str(&page.decode(&plain).text);
                        plain.clear();
                        out.push(letter);
                    }
                    None => plain.extend_from_slice(rest.get(..len).unwrap_or_default()),
                }
                len
            }
            [byte, ..] => {
                plain.push(*byte);
                1
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    out.push_str(&page.decode(&plain).text);
    out
}

/// What a `C` record says of its cell.
#[derive(Default)]
struct CellFields<'a> {
    value: Option<&'a [u8]>,
    expression: Option<&'a [u8]>,
    comment: Option<&'a [u8]>,
    /// Row and column that `R` and `C` name, from 0: the cell whose formula is shared, or the end of an array.
    other: (Option<u32>, Option<u16>),
    shares: bool,
    is_shared: bool,
}

struct Slk<'s, 'c> {
    book: &'s mut Workbook,
    cx: &'s mut Cx<'c>,
    compiler: Compiler,
    page: CodePage,
    row: u32,
    column: u16,
    /// Formulas that other cells share, by the cell that has them.
    shared: BTreeMap<(u32, u16), String>,
    ended_at: Option<u64>,
}

impl Slk<'_, '_> {
    fn records(&mut self, bytes: &[u8]) -> Result<(), LimitHit> {
        for (at, line) in lines(bytes) {
            self.cx.budget.step(1)?;
            let mut fields = Fields { rest: Some(line) };
            let name = fields.next().unwrap_or_default().trim_ascii();
            match name {
                b"C" => self.cell(at, fields)?,
                b"F" => self.format(fields)?,
                b"NE" => self.external(at, fields)?,
                b"O" => self.options(fields),
                b"E" if self.ended_at.is_none() => self.ended_at = Some(at),
                _ => {}
            }
        }
        // Excel stops at `E`; what stands behind it was read all the same.
        if let Some(at) = self.ended_at {
            let behind = usize::try_from(at).ok().and_then(|at| bytes.get(at.saturating_add(1)..));
            if behind.is_some_and(|behind| behind.iter().any(|byte| !byte.is_ascii_whitespace())) {
                self.cx.recovered(at, "records behind the last one");
            }
        } else {
            self.cx.recovered(bytes.len() as u64, "no last record");
        }
        Ok(())
    }

    /// A position that a field gives, from 1; what is outside of a sheet is told and not taken.
    fn position(&mut self, at: u64, letter: u8, digits: &[u8]) {
        let number = number(digits).filter(|number| *number >= 1);
        let rows = number.filter(|row| *row <= ROWS).map(|row| row.saturating_sub(1));
        match letter {
            b'Y' => match rows {
                Some(row) => self.row = row,
                None => self.cx.recovered(at, "a row outside of the sheet"),
            },
            _ => {
                match rows.and_then(|column| u16::try_from(column).ok()).filter(|column| *column < COLUMNS) {
                    Some(column) => self.column = column,
                    None => self.cx.recovered(at, "a column outside of the sheet"),
                }
            }
        }
    }

    fn cell(&mut self, at: u64, fields: Fields<'_>) -> Result<(), LimitHit> {
        let mut cell = CellFields::default();
        for field in fields {
            let Some((letter, value)) = field.split_first() else { continue };
            match letter.to_ascii_uppercase() {
                letter @ (b'X' | b'Y') => self.position(at, letter, value),
                b'K' => cell.value = Some(value),
                b'E' | b'M' => cell.expression = Some(value),
                b'A' => cell.comment = Some(value),
                b'S' => cell.shares = true,
                b'D' => cell.is_shared = true,
                b'R' => cell.other.0 = number(value).and_then(|row| row.checked_sub(1)),
                b'C' => {
                    let column = number(value).and_then(|column| column.checked_sub(1));
                    cell.other.1 = column.and_then(|column| u16::try_from(column).ok());
                }
                _ => {}
            }
        }
        if let Some(comment) = cell.comment {
            let id = self.keep_text(comment)?;
            let note = Note { row: self.row, column: self.column, author: None, text: id, shape: 0 };
            self.cx.budget.hold(size_of::<Note>())?;
            if let Some(sheet) = self.book.sheets.first_mut() {
                sheet.notes.push(note);
            }
        }
        let formula = match cell.expression {
            Some(expression) => Some(text(expression, self.page)),
            None if cell.shares => {
                let key = (cell.other.0.unwrap_or(self.row), cell.other.1.unwrap_or(self.column));
                let known = self.shared.get(&key).cloned();
                if known.is_none() {
                    let range = at..at.saturating_add(1);
                    self.cx.abandoned(range, "a cell shares a formula that no cell before it has");
                }
                known
            }
            None => None,
        };
        match formula {
            Some(formula) => self.formula(at, formula, &cell),
            None => self.value(cell.value),
        }
    }

    fn formula(&mut self, at: u64, formula: String, cell: &CellFields<'_>) -> Result<(), LimitHit> {
        self.cx.budget.cells(1)?;
        self.cx.budget.hold(size_of::<FormulaCell>())?;
        let cached = match cell.value.map(trimmed) {
            Some(quoted @ [b'"', ..]) => match self.keep_text(unquoted(quoted))? {
                Some(id) => Cached::Text(id),
                None => Cached::Empty,
            },
            Some(value) => simple_value(value),
            None => Cached::Empty,
        };
        let tokens = self.tokens(at, &formula, Some((self.row, self.column)))?;
        if cell.is_shared {
            self.cx.budget.hold(formula.len().saturating_add(64))?;
            self.shared.insert((self.row, self.column), formula);
        }
        let made = FormulaCell { row: self.row, column: self.column, format: 0, tokens, cached };
        if let Some(sheet) = self.book.sheets.first_mut() {
            reserve_a_quarter_more(&mut sheet.formulas);
            sheet.formulas.push(made);
        }
        Ok(())
    }

    fn value(&mut self, value: Option<&[u8]>) -> Result<(), LimitHit> {
        let Some(value) = value.map(trimmed) else { return Ok(()) };
        self.cx.budget.cells(1)?;
        let (row, column) = (self.row, self.column);
        if value.first() == Some(&b'"') {
            let Some(text) = self.keep_text(unquoted(value))?.and_then(CellText::own) else { return Ok(()) };
            self.cx.budget.hold(size_of::<TextCell>())?;
            if let Some(sheet) = self.book.sheets.first_mut() {
                reserve_a_quarter_more(&mut sheet.texts);
                sheet.texts.push(TextCell { row, column, format: 0, text });
            }
            return Ok(());
        }
        let number = match simple_value(value) {
            Cached::Number(number) => Some(number),
            _ => None,
        };
        let Some(sheet) = self.book.sheets.first_mut() else { return Ok(()) };
        sheet.value_count = sheet.value_count.saturating_add(1);
        // Macros compute with numbers; nobody else asks for them.
        if let (SheetKind::Macro, Some(value)) = (sheet.kind, number) {
            self.cx.budget.hold(size_of::<NumberCell>())?;
            reserve_a_quarter_more(&mut sheet.numbers);
            sheet.numbers.push(NumberCell { row, column, format: 0, value });
        }
        Ok(())
    }

    fn keep_text(&mut self, field: &[u8]) -> Result<Option<crate::documents::workbook::TextId>, LimitHit> {
        let text = text(field, self.page);
        self.cx.budget.hold(text.len().saturating_add(4))?;
        Ok(self.book.texts.push(&text))
    }

    fn tokens(&mut self, at: u64, formula: &str, cell: Option<(u32, u16)>) -> Result<TokenSpan, LimitHit> {
        let macro_sheet = self.book.sheets.first().is_some_and(|sheet| sheet.kind == SheetKind::Macro);
        let site = Site { at, sheet: 0, cell, macro_sheet };
        self.compiler.add(formula, site, self.book, self.cx)
    }

    /// `W` first, last and width: a column of width 0 is hidden.
    fn format(&mut self, fields: Fields<'_>) -> Result<(), LimitHit> {
        for field in fields {
            match field.split_first() {
                Some((b'X' | b'x', value)) => self.position(0, b'X', value),
                Some((b'Y' | b'y', value)) => self.position(0, b'Y', value),
                Some((b'W', value)) => {
                    let mut numbers = value.split(|byte| *byte == b' ').map(number);
                    let (Some(Some(first)), Some(Some(last)), Some(Some(width))) =
                        (numbers.next(), numbers.next(), numbers.next())
                    else {
                        continue;
                    };
                    let column =
                        |from_one: u32| u16::try_from(from_one.saturating_sub(1)).unwrap_or(u16::MAX);
                    self.cx.budget.hold(size_of::<ColumnFormat>())?;
                    let width = u16::try_from(width.saturating_mul(256)).unwrap_or(u16::MAX);
                    let format = ColumnFormat {
                        first: column(first),
                        last: column(last),
                        width,
                        hidden: width == 0,
                        format: 0,
                    };
                    if let Some(sheet) = self.book.sheets.first_mut() {
                        sheet.columns.push(format);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Another workbook that the sheet refers to: `F` its file, `E` the range there.
    fn external(&mut self, at: u64, fields: Fields<'_>) -> Result<(), LimitHit> {
        let (mut file, mut range) = (None, None);
        for field in fields {
            match field.split_first() {
                Some((b'F', value)) => file = Some(value),
                Some((b'E' | b'S', value)) => range = range.or(Some(value)),
                _ => {}
            }
        }
        let (Some(file), true) = (file, self.book.books.len() < NAMES) else { return Ok(()) };
        let path = text(file, self.page);
        let name = text(range.unwrap_or_default(), self.page);
        self.cx
            .budget
            .hold(size_of::<ExternalBook>().saturating_add(path.len()).saturating_add(name.len()))?;
        let names = vec![ExternalName { at, name, automatic: false, tokens: TokenSpan::default() }];
        self.book.books.push(ExternalBook {
            at,
            kind: ExternalKind::Workbook,
            path,
            sheets: Vec::new(),
            names,
        });
        Ok(())
    }

    /// `P` protects the sheet; the text of the password's hash stands behind it.
    fn options(&mut self, fields: Fields<'_>) {
        for field in fields {
            if let (Some((b'P', _)), Some(sheet)) = (field.split_first(), self.book.sheets.first_mut()) {
                sheet.protection.on = true;
            }
        }
    }
}

fn trimmed(value: &[u8]) -> &[u8] {
    value.trim_ascii()
}

/// A text without the quotes around it.
fn unquoted(value: &[u8]) -> &[u8] {
    let inner = value.strip_prefix(b"\"").unwrap_or(value);
    inner.strip_suffix(b"\"").unwrap_or(inner)
}

/// A value that is no text. An error is kept as the code of its name ([MS-XLS] 2.5.10).
fn simple_value(value: &[u8]) -> Cached {
    const ERRORS: &[(&[u8], u8)] = &[
        (b"#NULL!", 0x00),
        (b"#DIV/0!", 0x07),
        (b"#VALUE!", 0x0F),
        (b"#REF!", 0x17),
        (b"#NAME?", 0x1D),
        (b"#NUM!", 0x24),
        (b"#N/A", 0x2A),
    ];
    if value.eq_ignore_ascii_case(b"TRUE") {
        return Cached::Boolean(true);
    }
    if value.eq_ignore_ascii_case(b"FALSE") {
        return Cached::Boolean(false);
    }
    if let Some((_, code)) = ERRORS.iter().find(|(name, _)| *name == value) {
        return Cached::Error(*code);
    }
    let number = str::from_utf8(value).ok().and_then(|text| text.parse::<f64>().ok());
    number.filter(|number| number.is_finite()).map_or(Cached::Empty, Cached::Number)
}

fn number(digits: &[u8]) -> Option<u32> {
    str::from_utf8(digits.trim_ascii()).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problem, Problems, Stage};
    use crate::documents::formula::print_cell;

    fn parsed(text: &[u8]) -> (Workbook, Vec<String>, Vec<Problem>) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::TextFormat, budget: &mut budget, problems: &mut problems };
        let mut book = Workbook::default();
        read(text, &mut book, &mut cx).unwrap();
        let mut printed = Vec::new();
        for cell in &book.sheets[0].formulas {
            let mut text = String::new();
            print_cell(&book, 0, cell, 1000, &mut cx, &mut text).unwrap();
            printed.push(format!("{},{} {text}", cell.row, cell.column));
        }
        (book, printed, problems.list().to_vec())
    }

    #[test]
    fn macro_sheet_is_told_by_its_option_and_formulas_are_compiled() {
        let (book, formulas, problems) = parsed(
            b"ID;PWXL;N;E\r\nO;L;E;D\r\nNN;NAuto_Open;ER2C1;F\r\nC;Y1;X1;K5\r\nC;Y2;KFALSE;EALERT(\"a;;b\"&R[-1]C)\r\n\
              C;Y3;EHALT()\r\nE\r\n",
        );
        assert_eq!(problems, []);
        assert_eq!(book.sheets[0].kind, SheetKind::Macro);
        assert_eq!(formulas, ["1,0 ALERT(\"a;b\"&A1)", "2,0 HALT()"]);
        assert_eq!(book.sheets[0].formulas[0].cached, Cached::Boolean(false));
        assert_eq!(book.sheets[0].numbers, [NumberCell { row: 0, column: 0, format: 0, value: 5.0 }]);
        let names: Vec<_> =
            book.names.iter().map(|name| (name.name.as_str(), name.at, name.is_macro())).collect();
        assert_eq!(names, [("Auto_Open", 22, true)]);
    }

    #[test]
    fn texts_and_escapes_are_read_and_shared_formulas_are_copied() {
        let (book, formulas, problems) = parsed(
            b"ID;P\nC;Y1;X2;K\"\x1bNHu;;\x1bN{\x1b :x\"\nC;Y2;X1;D;ERC[1]+1;K2\nC;Y3;X1;S;R2;C1;K3\nC;Y4;S;R9;C9\nF;W2 3 0\nE\nC;K1\n",
        );
        let texts: Vec<_> = book.sheets[0]
            .texts
            .iter()
            .map(|cell| (cell.row, cell.column, book.cell_text(cell.text)))
            .collect();
        assert_eq!(texts, [(0, 1, "\u{fc};\u{df}\nx")]);
        assert_eq!(formulas, ["1,0 B2+1", "2,0 B3+1"]);
        let hidden: Vec<_> =
            book.sheets[0].columns.iter().map(|column| (column.first, column.last, column.hidden)).collect();
        assert_eq!(hidden, [(1, 2, true)]);
        let messages: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(
            messages,
            ["a cell shares a formula that no cell before it has", "records behind the last one"]
        );
    }

    #[test]
    fn formulas_that_cannot_be_read_keep_their_text_and_bar() {
        let (_, formulas, problems) = parsed(b"ID;P\nO;E\nC;Y1;X1;EEXEC(\"x\nE\n");
        assert_eq!(formulas, ["0,0 \"EXEC(\"\"x\""]);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].kind.bars_nothing_found());
    }

    #[test]
    fn sources_of_other_programs_are_taken() {
        let (book, ..) = parsed(b"ID;P\nC;Y1;X1;K0;Ecmd|'/c oxnv1'!A1\nE\n");
        let [source] = book.books.as_slice() else { panic!("{:?}", book.books) };
        assert_eq!((source.kind, source.path.as_str(), source.at), (ExternalKind::Dde, "cmd|/c oxnv1", 5));
        assert!(source.names[0].automatic);
    }
}
