//! Where formulas of worksheets lead: `HYPERLINK`, `IMAGE`, `WEBSERVICE`.
//!
//! Worksheets can have very many formulas. Only those with a call of these functions in their bytes are looked at.

use super::cells::Cells;
use super::fold::fold;
use crate::base::{Cx, LimitHit};
use crate::documents::formula::{Expression, Function, Scope, functions::id};
use crate::documents::link::LinkKind;
use crate::documents::workbook::{SheetKind, TokenSpan, Workbook};

/// A place that a formula of a worksheet leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormulaLink {
    /// A click, a picture, or data.
    pub kind: LinkKind,
    /// Where it leads, as far as that lies in the file: up to the first piece that has to be computed.
    pub target: String,
    /// Whether the formula asks about the computer (`INFO`, `CELL`), which the target may then tell.
    pub asks: bool,
    /// Sheet, row and column.
    pub cell: (u32, u32, u16),
}

/// Reads the formulas of worksheets.
///
/// # Errors
/// [`LimitHit`] when the steps do not last; `into` keeps what was read.
pub fn read(
    book: &Workbook,
    cells: &mut Cells<'_>,
    into: &mut Vec<FormulaLink>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    for (index, sheet) in (0u32..).zip(&book.sheets).filter(|(_, sheet)| sheet.kind != SheetKind::Macro) {
        let shared = sheet.shared.iter().map(|shared| (shared.first_row, shared.first_column, shared.tokens));
        let own = sheet.formulas.iter().map(|formula| (formula.row, formula.column, formula.tokens));
        for (row, column, tokens) in shared.chain(own) {
            cx.budget.touch(tokens.byte_len())?;
            if may_lead(book.tokens.get(tokens).0) {
                formula((index, row, column), tokens, cells, into, cx)?;
            }
        }
    }
    Ok(())
}

/// Whether tokens may call `HYPERLINK` or a function that only has a name.
fn may_lead(rgce: &[u8]) -> bool {
    let [hyperlink, named] = [id::FTAB_HYPERLINK, id::FTAB_USER_DEFINED].map(u16::to_le_bytes);
    rgce.windows(2).any(|pair| pair == hyperlink || pair == named)
}

fn formula(
    cell: (u32, u32, u16),
    tokens: TokenSpan,
    cells: &mut Cells<'_>,
    into: &mut Vec<FormulaLink>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let book = cells.book();
    let (rgce, rgcb) = book.tokens.get(tokens);
    let expression = Expression::parse(rgce, rgcb, book.version, cx)?;
    let scope = Scope { workbook: book, sheet: Some(cell.0), cell: Some((cell.1, cell.2.into())) };
    let asks = expression.calls().any(|call| matches!(call.function.name(book), Some("INFO" | "CELL")));
    for call in expression.calls() {
        let Some(kind) = kind(call.function, book) else { continue };
        let Some(argument) = call.arg(0) else { continue };
        let mut target = fold(&expression, argument, &scope, cells, cx)?.text;
        target.truncate(target.find('…').unwrap_or(target.len()));
        if !target.trim().is_empty() {
            cx.budget.hold(size_of::<FormulaLink>().saturating_add(target.len()).saturating_mul(2))?;
            into.push(FormulaLink { kind, target, asks, cell });
        }
    }
    Ok(())
}

/// What a function does with its first argument.
fn kind(function: Function, book: &Workbook) -> Option<LinkKind> {
    let name = function.name(book)?;
    // Functions that came after Excel 2007 are stored under a prefix.
    let name = name.strip_prefix("_xlfn.").unwrap_or(name);
    let named = |known: &str| name.eq_ignore_ascii_case(known);
    if named("HYPERLINK") {
        Some(LinkKind::Hyperlink)
    } else if named("IMAGE") {
        Some(LinkKind::Image)
    } else {
        named("WEBSERVICE").then_some(LinkKind::Query)
    }
}
