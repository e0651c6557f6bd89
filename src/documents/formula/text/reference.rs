//! Cells, rows and columns as text: `$A$1`, `A:C`, `R[-1]C3`.

use super::super::functions;
use super::super::token::{Area, Ref};
use super::{Options, Style};

/// A reference without sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cells {
    /// One cell.
    Cell(Ref),
    /// A rectangle.
    Area(Area),
}

/// One corner, whole row or whole column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Cell(Ref),
    Row(Ref),
    Column(Ref),
}

/// The sheet that tokens count in.
const LAST_ROW: u32 = 0xF_FFFF;
const LAST_COLUMN: u16 = 0x3FFF;

/// The reference that `text` begins with, and its length in bytes.
pub(super) fn cells(text: &str, options: &Options) -> Option<(Cells, usize)> {
    styles(options).iter().find_map(|style| in_style(text, *style, options))
}

fn styles(options: &Options) -> &'static [Style] {
    match options.style {
        Style::Both => &[Style::R1C1, Style::A1],
        Style::A1 => &[Style::A1],
        Style::R1C1 => &[Style::R1C1],
    }
}

fn in_style(text: &str, style: Style, options: &Options) -> Option<(Cells, usize)> {
    let (first, len) = piece(text, style, options)?;
    let second = text.get(len..).and_then(|rest| rest.strip_prefix(':'));
    let second = second.and_then(|rest| piece(rest, style, options));
    if let Some((second, second_len)) = second
        && let Some(area) = between(first, second)
    {
        return Some((Cells::Area(area), len.saturating_add(1).saturating_add(second_len)));
    }
    match first {
        Piece::Cell(cell) => Some((Cells::Cell(cell), len)),
        // `R2` is a row; `2` alone is a number, and `B` a name.
        _ if style == Style::R1C1 => Some((Cells::Area(between(first, first)?), len)),
        _ => None,
    }
}

fn between(first: Piece, second: Piece) -> Option<Area> {
    match (first, second) {
        (Piece::Cell(first), Piece::Cell(last)) => Some(Area { first, last }),
        (Piece::Row(first), Piece::Row(last)) => Some(Area {
            first: Ref { column: 0, column_relative: false, ..first },
            last: Ref { column: LAST_COLUMN, column_relative: false, ..last },
        }),
        (Piece::Column(first), Piece::Column(last)) => Some(Area {
            first: Ref { row: 0, row_relative: false, ..first },
            last: Ref { row: LAST_ROW, row_relative: false, ..last },
        }),
        _ => None,
    }
}

fn piece(text: &str, style: Style, options: &Options) -> Option<(Piece, usize)> {
    let (piece, len) = start(text, style, options)?;
    // What follows must not make it a longer word, a function or a sheet.
    let next = text.get(len..)?.chars().next();
    let ends = next.is_none_or(|next| !is_word(next) && !matches!(next, '$' | '(' | '!' | '[' | '|'));
    ends.then_some((piece, len))
}

/// The cell that `text` begins with where a call of the macro there follows, `$H$5(`, and its length
/// without the parenthesis. A function that is named like a cell, `LOG10(`, is none.
pub(super) fn called_cell(text: &str, options: &Options) -> Option<(Ref, usize)> {
    styles(options).iter().find_map(|style| match start(text, *style, options)? {
        (Piece::Cell(cell), len) => {
            let (word, rest) = text.split_at_checked(len)?;
            (rest.starts_with('(') && functions::by_name(word).is_none()).then_some((cell, len))
        }
        _ => None,
    })
}

fn start(text: &str, style: Style, options: &Options) -> Option<(Piece, usize)> {
    let mut scan = Scan { text, at: 0 };
    let piece = match style {
        Style::R1C1 => r1c1(&mut scan, options)?,
        _ => a1(&mut scan, options)?,
    };
    Some((piece, scan.at))
}

/// Whether a character can be part of a name. Excel lets a person use fewer; files have others.
pub(in super::super) fn is_word(char: char) -> bool {
    match char {
        '_' | '.' | '\\' | '?' => true,
        _ if char.is_ascii() => char.is_ascii_alphanumeric() || (char.is_ascii_control() && !is_space(char)),
        _ => !is_space(char),
    }
}

/// Whether a name can begin with a character.
pub(super) fn starts_word(char: char) -> bool {
    is_word(char) && !char.is_ascii_digit() && !matches!(char, '.' | '?')
}

/// Whether a character parts words.
pub(super) fn is_space(char: char) -> bool {
    char.is_whitespace()
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn takes(&mut self, wanted: impl Fn(char) -> bool) -> bool {
        let found = self.peek().filter(|char| wanted(*char));
        self.at = self.at.saturating_add(found.map_or(0, char::len_utf8));
        found.is_some()
    }

    /// Digits as a number; `None` when there are none or too many.
    fn number(&mut self) -> Option<u32> {
        let start = self.at;
        while self.takes(|char| char.is_ascii_digit()) {}
        let digits =
            self.text.get(start..self.at).filter(|digits| !digits.is_empty() && digits.len() <= 9)?;
        digits.parse().ok()
    }

    /// Letters as a column from 0; `None` when there are none or too many.
    fn column(&mut self) -> Option<u32> {
        let start = self.at;
        while self.takes(|char| char.is_ascii_alphabetic()) {}
        let letters = self.text.get(start..self.at).filter(|letters| (1..=3).contains(&letters.len()))?;
        let number = letters.bytes().fold(0u32, |number, letter| {
            let letter = u32::from(letter.to_ascii_uppercase().saturating_sub(b'@'));
            number.saturating_mul(26).saturating_add(letter)
        });
        number.checked_sub(1)
    }
}

fn a1(scan: &mut Scan<'_>, options: &Options) -> Option<Piece> {
    let dollar = scan.takes(|char| char == '$');
    if scan.peek()?.is_ascii_digit() {
        let row = row_of(scan, options)?;
        return Some(Piece::Row(made(row, 0, !dollar, false, options)));
    }
    let column = scan.column().filter(|column| *column < options.columns)?;
    let row_dollar = scan.takes(|char| char == '$');
    if scan.peek().is_some_and(|next| next.is_ascii_digit()) {
        let row = row_of(scan, options)?;
        return Some(Piece::Cell(made(row, column, !row_dollar, !dollar, options)));
    }
    (!row_dollar).then(|| Piece::Column(made(0, column, false, !dollar, options)))
}

fn row_of(scan: &mut Scan<'_>, options: &Options) -> Option<u32> {
    scan.number()?.checked_sub(1).filter(|row| *row < options.rows)
}

fn r1c1(scan: &mut Scan<'_>, options: &Options) -> Option<Piece> {
    let row = match scan.takes(|char| matches!(char, 'R' | 'r')) {
        true => Some(part(scan, options.cell.0, options.rows)?),
        false => None,
    };
    let column = match scan.takes(|char| matches!(char, 'C' | 'c')) {
        true => Some(part(scan, options.cell.1, options.columns)?),
        false => None,
    };
    Some(match (row, column) {
        (Some((row, row_relative)), Some((column, column_relative))) => {
            Piece::Cell(made(row, column, row_relative, column_relative, options))
        }
        (Some((row, relative)), None) => Piece::Row(made(row, 0, relative, false, options)),
        (None, Some((column, relative))) => Piece::Column(made(0, column, false, relative, options)),
        (None, None) => return None,
    })
}

/// What stands behind `R` or `C`: a position from 0, and whether it is relative.
fn part(scan: &mut Scan<'_>, here: u32, count: u32) -> Option<(u32, bool)> {
    if scan.takes(|char| char == '[') {
        let back = scan.takes(|char| char == '-');
        if !back {
            scan.takes(|char| char == '+');
        }
        let distance = i64::from(scan.number()?);
        if !scan.takes(|char| char == ']') || distance >= i64::from(count) {
            return None;
        }
        let distance = if back { distance.checked_neg()? } else { distance };
        // Excel goes on at the other end of the sheet.
        let position = i64::from(here).checked_add(distance)?.checked_rem_euclid(i64::from(count))?;
        return Some((u32::try_from(position).ok()?, true));
    }
    if scan.peek().is_some_and(|next| next.is_ascii_digit()) {
        let position = scan.number()?.checked_sub(1).filter(|position| *position < count)?;
        return Some((position, false));
    }
    Some((here.checked_rem(count)?, true))
}

/// The cell of a token; relative parts as distances where they are wanted.
fn made(row: u32, column: u32, row_relative: bool, column_relative: bool, options: &Options) -> Ref {
    let (mut row, mut column) = (row, column);
    if options.distances {
        if row_relative {
            row = row.wrapping_sub(options.cell.0) & LAST_ROW;
        }
        if column_relative {
            column = column.wrapping_sub(options.cell.1) & u32::from(LAST_COLUMN);
        }
    }
    let column = u16::try_from(column).unwrap_or(LAST_COLUMN);
    Ref { row, column, row_relative, column_relative }
}
