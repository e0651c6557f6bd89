//! Text in rows and columns (CSV, TSV): its text, and the fields that Excel takes for formulas.
//!
//! Excel takes a field that begins with `=`, `+`, `-` or `@` as a formula, behind blanks and quotes. Only
//! such fields become cells; everything else is text to read.

use std::ops::Range;

use super::coded::Coded;
use super::dde;
use super::document::{Document, DocumentKind};
use super::formula::text::Style;
use super::formula_text::{Compiler, Site};
use super::plain_text;
use super::workbook::{Cached, FormulaCell, Sheet, Workbook, reserve_a_quarter_more};
use crate::base::{Cx, LimitHit};

/// Longest formula that Excel takes, in characters.
const FORMULA: usize = 8192;

/// Reads a delimited text: formulas into `book`, text into `document`.
///
/// # Errors
/// [`LimitHit`] when the steps, cells or memory of models do not last; what was read is kept.
pub fn read(
    bytes: &[u8],
    book: &mut Workbook,
    document: &mut Document,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let coded = Coded::new(bytes, None, cx)?;
    document.kind = DocumentKind::Text;
    book.code_page = Some(coded.page);
    book.sheets.push(Sheet { name: "Sheet1".to_owned(), listed_at: Some(0), ..Sheet::default() });
    plain_text::texts(&coded, document, cx)?;
    let text = coded.text.as_ref();
    let (delimiter, start) = delimiter(text);
    let compiler = Compiler::new(book, Style::A1, cx)?;
    let mut reader = Reader { coded: &coded, book, cx, compiler, row: 0, column: 0 };
    let mut rest = start..text.len();
    while let Some(field) = next_field(text, &mut rest, delimiter) {
        reader.cx.budget.step(1)?;
        reader.field(&field, text)?;
        match field.end {
            FieldEnd::Delimiter => reader.column = reader.column.saturating_add(1),
            FieldEnd::Line => (reader.row, reader.column) = (reader.row.saturating_add(1), 0),
        }
    }
    Ok(())
}

/// The delimiter, and where the first field begins: a line `sep=;` may say so.
fn delimiter(text: &str) -> (u8, usize) {
    let first = text.lines().next().unwrap_or_default();
    if let Some(named) = first.strip_prefix("sep=").or_else(|| first.strip_prefix("SEP=")) {
        let line_end = text.find('\n').map_or(text.len(), |at| at.saturating_add(1));
        return (named.bytes().next().unwrap_or(b','), line_end);
    }
    let lines = text.lines().take(20);
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    for line in lines {
        for (delimiter, count) in &mut counts {
            *count =
                count.saturating_add(line.bytes().take(FORMULA).filter(|byte| byte == delimiter).count());
        }
    }
    // The first of equals.
    let best = counts.iter().rev().max_by_key(|(_, count)| *count);
    (best.map_or(b',', |(delimiter, _)| *delimiter), 0)
}

struct Field {
    /// Its text, without quotes around it.
    range: Range<usize>,
    quoted: bool,
    end: FieldEnd,
}

enum FieldEnd {
    Delimiter,
    Line,
}

/// Takes the next field of `rest`.
fn next_field(text: &str, rest: &mut Range<usize>, delimiter: u8) -> Option<Field> {
    let bytes = text.as_bytes().get(rest.clone()).filter(|bytes| !bytes.is_empty())?;
    let blank = bytes.iter().take_while(|byte| matches!(byte, b' ')).count();
    let quoted = bytes.get(blank) == Some(&b'"');
    let start = if quoted { blank.saturating_add(1) } else { 0 };
    let mut inside = quoted;
    let mut at = start;
    let (mut content_end, mut end) = (None, FieldEnd::Line);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' if inside && bytes.get(at.saturating_add(1)) == Some(&b'"') => at = at.saturating_add(1),
            b'"' if inside => {
                inside = false;
                content_end = Some(at);
            }
            b'\n' if !inside => break,
            byte if *byte == delimiter && !inside => {
                end = FieldEnd::Delimiter;
                break;
            }
            _ => {}
        }
        at = at.saturating_add(1);
    }
    let first = rest.start;
    let range = first.saturating_add(start)..first.saturating_add(content_end.unwrap_or(at));
    rest.start = first.saturating_add(at).saturating_add(1).min(rest.end);
    Some(Field { range, quoted, end })
}

struct Reader<'r, 'a, 'c> {
    coded: &'r Coded<'a>,
    book: &'r mut Workbook,
    cx: &'r mut Cx<'c>,
    compiler: Compiler,
    row: u32,
    column: u16,
}

impl Reader<'_, '_, '_> {
    fn field(&mut self, field: &Field, text: &str) -> Result<(), LimitHit> {
        let raw = text.get(field.range.clone()).unwrap_or_default();
        let formula = raw.trim_matches(|letter: char| letter.is_whitespace() || letter.is_control());
        let begins = formula.starts_with(['=', '+', '-', '@']);
        if !begins || is_value(formula) {
            let empty = formula.is_empty();
            if let Some(sheet) = self.book.sheets.first_mut() {
                sheet.value_count = sheet.value_count.saturating_add(u64::from(!empty));
            }
            return Ok(());
        }
        let at = self.coded.at(field.range.start);
        self.cx.budget.touch(formula.len())?;
        let formula = if field.quoted { formula.replace("\"\"", "\"") } else { formula.to_owned() };
        let formula = formula.replace(|letter: char| letter.is_control() && letter != '\n', "");
        let sources = self.book.books.len();
        let cell = (self.row, self.column);
        let site = Site { at, sheet: 0, cell: Some(cell), macro_sheet: false };
        let tokens = self.compiler.add(&formula, site, self.book, self.cx)?;
        if self.book.books.len() == sources && formula.contains('|') {
            // A delimiter in the topic cut the field; the line says what was meant.
            let line = text.get(field.range.start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
            let line = line.get(..line.floor_char_boundary(FORMULA.min(line.len()))).unwrap_or_default();
            dde::add(line, at, self.book, self.cx)?;
        }
        self.cx.budget.cells(1)?;
        self.cx.budget.hold(size_of::<FormulaCell>())?;
        let made = FormulaCell { row: cell.0, column: cell.1, format: 0, tokens, cached: Cached::Empty };
        if let Some(sheet) = self.book.sheets.first_mut() {
            reserve_a_quarter_more(&mut sheet.formulas);
            sheet.formulas.push(made);
        }
        Ok(())
    }
}

/// Signs before a number, a date or a telephone number, a mail name (`@name`), a list (`- item`).
fn is_value(field: &str) -> bool {
    let body = field.trim_start_matches(['+', '-']);
    let number = |letter: char| {
        letter.is_ascii_digit() || matches!(letter, '.' | ',' | ' ' | '%' | '/' | '-' | 'e' | 'E' | '+')
    };
    let has_call = || field.contains('(') || field.contains('|') || field.contains('!');
    body.chars().all(number) || (!field.starts_with('=') && !has_call())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn parsed(text: &[u8]) -> (Workbook, Document) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::TextFormat, budget: &mut budget, problems: &mut problems };
        let (mut book, mut document) = (Workbook::default(), Document::default());
        read(text, &mut book, &mut document, &mut cx).unwrap();
        (book, document)
    }

    fn sources(text: &[u8]) -> Vec<(String, String, u64)> {
        let book = parsed(text).0;
        book.books
            .iter()
            .map(|source| (source.path.clone(), source.names[0].name.clone(), source.at))
            .collect()
    }

    #[test]
    fn formulas_that_ask_a_program_are_found_in_every_disguise() {
        let one = |path: &str, item: &str, at| vec![(path.to_owned(), item.to_owned(), at)];
        assert_eq!(sources(b"a,b\n1,=cmd|'/c oxnv1'!A0\n"), one("cmd|/c oxnv1", "A0", 6));
        assert_eq!(sources(b"a;\"=cmd|'/c \"\"oxnv1\"\"'!A0\""), one("cmd|/c \"oxnv1\"", "A0", 3));
        assert_eq!(sources(b"a,=cmd|'/c x,y'!A0\n"), one("cmd|/c x,y", "A0", 2));
        assert!(sources(b"sep=|\na|b\n").is_empty());
        assert_eq!(sources(b"a\t =c\0m\0d|'/c x'!A\n"), one("cmd|/c x", "A", 2));
        assert!(sources(b"a,cmd|'/c x'!A\n").is_empty());
    }

    #[test]
    fn only_formulas_become_cells_and_all_is_text() {
        let (book, document) = parsed(b"+49 89 1,-2.5,@ada,=A1+1,\"a\nb\"\n- item,x\n");
        let cells: Vec<_> = book.sheets[0].formulas.iter().map(|cell| (cell.row, cell.column)).collect();
        assert_eq!(cells, [(0, 3)]);
        assert_eq!(book.sheets[0].value_count, 6);
        let texts: Vec<_> = document.texts.iter().map(|text| text.text.as_str()).collect();
        assert_eq!(texts, ["+49 89 1,-2.5,@ada,=A1+1,\"a\nb\"\n- item,x"]);
    }
}
