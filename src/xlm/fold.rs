//! The text of an argument as far as it can be seen: constants, cells that lie in the file, and `&`.
//!
//! Nothing is run. A piece that would have to be computed leaves an ellipsis.

use std::collections::BTreeSet;

use super::cells::{CellValue, Cells};
use crate::base::{Cx, LimitHit};
use crate::documents::formula::{
    Binary, Expression, Function, NodeIndex, Scope, Target, Token, functions::id, write_number,
};
use crate::documents::workbook::Workbook;

/// A text put together from what lies in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    /// The text; `…` stands for every piece that would have to be computed.
    pub text: String,
    /// Whether nothing had to be computed.
    pub complete: bool,
    /// Distinct cells that were read: sheet, row, column.
    pub cells: BTreeSet<(u32, u32, u16)>,
    /// How many `CHAR` calls with a visible code went into it.
    pub char_calls: u32,
}

impl Folded {
    /// How many of the cells lie on sheets that a person does not see.
    pub fn hidden_cells(&self, book: &Workbook) -> usize {
        let hidden =
            |sheet: u32| book.sheets.get(sheet as usize).is_some_and(|sheet| sheet.visibility.is_hidden());
        self.cells.iter().filter(|(sheet, ..)| hidden(*sheet)).count()
    }

    /// How many different sheets the cells lie on.
    pub fn sheet_count(&self) -> usize {
        self.cells.iter().map(|(sheet, ..)| *sheet).collect::<BTreeSet<_>>().len()
    }
}

/// The longest text that is put together; Excel cells hold 32,767 characters.
const LONGEST: usize = 64 << 10;

/// Folds the subtree at `root`.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub fn fold(
    expression: &Expression<'_>,
    root: NodeIndex,
    scope: &Scope<'_>,
    cells: &mut Cells<'_>,
    cx: &mut Cx<'_>,
) -> Result<Folded, LimitHit> {
    let nodes = expression.subtree(root);
    cx.budget.step((nodes.len() as u64 / 4).saturating_add(1))?;
    let mut made = Folded { complete: true, ..Folded::default() };
    // Where the value of each operand begins in the text. Values of operands lie behind each other,
    // so that `&` has nothing to move.
    let mut starts: Vec<usize> = Vec::new();
    let first = root.0.saturating_sub(u32::try_from(nodes.len()).unwrap_or(u32::MAX).saturating_sub(1));
    for (index, node) in (first..).zip(nodes) {
        if made.text.len() > LONGEST {
            made.complete = false;
            break;
        }
        let index = NodeIndex(index);
        match node.token {
            Token::Str(text) => {
                starts.push(made.text.len());
                cx.budget.touch(text.bytes.len())?;
                made.text.push_str(&text.decode(scope.workbook.code_page));
            }
            Token::Int(value) => {
                starts.push(made.text.len());
                write_number(f64::from(value), &mut made.text);
            }
            Token::Num(value) => {
                starts.push(made.text.len());
                write_number(value, &mut made.text);
            }
            Token::Bool(value) => {
                starts.push(made.text.len());
                made.text.push_str(if value { "TRUE" } else { "FALSE" });
            }
            Token::MissArg => starts.push(made.text.len()),
            Token::Paren => {}
            Token::Binary(Binary::Concat) => drop(starts.pop()),
            Token::Func { .. } | Token::FuncVar { .. } => {
                call(expression, index, &mut starts, &mut made);
            }
            Token::Binary(_) => {
                starts.pop();
                unknown(&mut starts, &mut made, 1);
            }
            Token::Unary(_) | Token::AttrSum => unknown(&mut starts, &mut made, 1),
            _ => {
                starts.push(made.text.len());
                if !cell(expression, index, scope, cells, &mut made, cx)? {
                    unknown(&mut starts, &mut made, 1);
                }
            }
        }
    }
    Ok(made)
}

/// Appends what a reference to a single cell reads; `false` when that is not in the file.
fn cell(
    expression: &Expression<'_>,
    index: NodeIndex,
    scope: &Scope<'_>,
    cells: &mut Cells<'_>,
    made: &mut Folded,
    cx: &mut Cx<'_>,
) -> Result<bool, LimitHit> {
    let Some(reference) = expression.reference(index, scope) else { return Ok(false) };
    let sheet = match reference.target {
        Target::Here => scope.sheet,
        Target::Sheets { first, last } if first == last => Some(first),
        _ => None,
    };
    let (Some(sheet), Some(range)) = (sheet, reference.cells) else { return Ok(false) };
    if range.rows.0 != range.rows.1 || range.columns.0 != range.columns.1 {
        return Ok(false);
    }
    let value = cells.get(sheet, range.rows.0, range.columns.0, cx)?;
    if let CellValue::Text(text) = value {
        cx.budget.touch(text.len())?;
    }
    made.cells.insert((sheet, range.rows.0, range.columns.0));
    Ok(value.write(cells.book(), &mut made.text))
}

/// Replaces the operands of a call by its value where that can be seen.
fn call(expression: &Expression<'_>, index: NodeIndex, starts: &mut Vec<usize>, made: &mut Folded) {
    let operands = expression.operands_backwards(index).count();
    let function = expression.call(index).map(|call| call.function);
    let first = starts.len().saturating_sub(operands);
    let begin = |position: usize, starts: &[usize]| starts.get(first.saturating_add(position)).copied();
    let start = begin(0, starts).unwrap_or(made.text.len());
    match (function, operands) {
        (Some(Function::Ftab(id::FTAB_CHAR)), 1) => {
            let code = made.text.get(start..).and_then(|text| text.parse::<f64>().ok());
            let byte =
                code.filter(|code| (1.0..256.0).contains(code)).map(|code| format!("{:.0}", code.trunc()));
            let byte = byte.and_then(|code| code.parse::<u8>().ok());
            made.text.truncate(start);
            match byte {
                Some(byte) => {
                    let page = crate::base::text::CodePage::WESTERN;
                    made.text.push_str(&page.decode(&[byte]).text);
                    made.char_calls = made.char_calls.saturating_add(1);
                }
                None => ellipsis(made),
            }
        }
        // TEXT of a text gives the text, whatever the format is.
        (Some(Function::Ftab(id::FTAB_TEXT)), 2) => {
            let is_text = made
                .text
                .get(start..begin(1, starts).unwrap_or(start))
                .is_some_and(|text| text.parse::<f64>().is_err());
            if let (true, Some(second)) = (is_text, begin(1, starts)) {
                made.text.truncate(second);
            } else {
                made.text.truncate(start);
                ellipsis(made);
            }
        }
        (Some(Function::Ftab(id::FTAB_T)), 1) => {}
        (Some(Function::Ftab(id::FTAB_CONCATENATE)), _) => {}
        _ => {
            made.text.truncate(start);
            ellipsis(made);
        }
    }
    starts.truncate(first);
    starts.push(start);
}

/// Replaces the last value by an ellipsis.
fn unknown(starts: &mut Vec<usize>, made: &mut Folded, operands: usize) {
    let first = starts.len().saturating_sub(operands);
    let start = starts.get(first).copied().unwrap_or(made.text.len());
    made.text.truncate(start);
    ellipsis(made);
    starts.truncate(first);
    starts.push(start);
}

fn ellipsis(made: &mut Folded) {
    made.complete = false;
    made.text.push('…');
}
