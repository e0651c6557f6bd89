//! Large workbooks for benches and limit tests; they are built when asked for and never committed.

use crate::biff::{Biff, Book, Cached, Cell, Column, Formula, Sheet, xf};
use crate::container::workbook;
use crate::ptg::{At, Class, Tokens};

/// A workbook of about `megabytes` with numbers, RK values, shared strings and formulas in turn.
///
/// Each sheet takes what 60,000 rows hold; then the next one begins.
pub fn cells(megabytes: usize) -> Vec<u8> {
    // One row of eight cells and its ROW record take about 163 bytes.
    let rows = megabytes * 1_000_000 / 163;
    let sheets = (0..rows.div_ceil(60_000))
        .map(|number| {
            let mut sheet = Sheet::work(&format!("Sheet{}", number + 1));
            let count = (rows - number * 60_000).min(60_000);
            for row in 0..count as u16 {
                for (col, cell) in (0..).zip(mixed_row(row)) {
                    sheet.cells.push((row, col, xf::DEFAULT, cell));
                }
            }
            sheet
        })
        .collect();
    workbook(Book::new(sheets).stream(), "Heavy", "docsift", Vec::new())
}

fn mixed_row(row: u16) -> [Cell; 8] {
    let number = f64::from(row);
    [
        Cell::Number(number / 7.0),
        Cell::Rk(u32::from(row) << 2 | 2),
        Cell::Text(format!("text number {}", row % 5_000)),
        Cell::Text(format!("name {}", row % 97)),
        Cell::Number(number),
        Cell::Rk(u32::from(row) << 2 | 3),
        Cell::Formula(Formula::Tokens(product(row)), Cached::Number(number)),
        Cell::Bool(row.is_multiple_of(2)),
    ]
}

/// `A(row)*B(row)`, assembled without reading formula text.
fn product(row: u16) -> Tokens {
    let mut tokens = Tokens::new(Biff::V8);
    tokens
        .reference(Class::Value, At::relative(row, 0))
        .reference(Class::Value, At::relative(row, 1))
        .op(0x05);
    tokens
}

/// `count` cells that all point at one shared string of 32,000 characters.
///
/// Whoever copies the text for each cell needs 32 kB a cell, from 14 bytes of file.
pub fn one_string_many_cells(count: usize) -> Vec<u8> {
    let text = "x".repeat(32_000);
    many_cells(count, |row, col| match (row, col) {
        (0, 0) => Cell::Text(text.clone()),
        _ => Cell::LabelSst(0),
    })
}

/// `count` formula cells of 27 bytes that all lead to one shared formula of about 8 kB.
///
/// Whoever prints the formula for each cell needs 8 kB and more a cell.
pub fn one_formula_many_cells(count: usize) -> Vec<u8> {
    let mut long = Tokens::new(Biff::V8);
    long.int(1);
    for _ in 0..2_040 {
        long.int(1).op(0x03);
    }
    let last_row = (count.div_ceil(256).clamp(1, 65_536) - 1) as u16;
    many_cells(count, |row, col| {
        if (row, col) == (0, 0) {
            return Cell::Shared(Formula::Tokens(long.clone()), (last_row, 255));
        }
        let mut exp = Tokens::new(Biff::V8);
        exp.exp(0, 0);
        Cell::Formula(Formula::Tokens(exp), Cached::Number(0.0))
    })
}

fn many_cells(count: usize, cell: impl Fn(u16, u16) -> Cell) -> Vec<u8> {
    let mut sheet = Sheet::work("Sheet1");
    sheet.columns = vec![Column { first: 0, last: 255, coldx: 2304, hidden: false }];
    for index in 0..count.min(65_536 * 256) {
        let (row, col) = ((index / 256) as u16, (index % 256) as u16);
        sheet.cells.push((row, col, xf::DEFAULT, cell(row, col)));
    }
    workbook(Book::new(vec![sheet]).stream(), "Heavy", "docsift", Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heavy_workbook_has_about_the_size_asked_for() {
        let len = cells(2).len();
        assert!((1_700_000..2_400_000).contains(&len), "{len} bytes");
    }

    #[test]
    fn many_cells_share_one_string_and_one_formula() {
        assert!(one_string_many_cells(1_000).len() < 70_000);
        assert!(one_formula_many_cells(1_000).len() < 60_000);
    }
}
