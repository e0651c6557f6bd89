//! All macros of a workbook: entries, printed cells, and what they do.

use super::cells::Cells;
use super::explore::Evaluation;
use super::formula_links::{self, FormulaLink};
use super::sight::{self, Sighting};
use super::starts::{self, Disguise, Event};
use crate::base::{Cx, LimitHit, Location};
use crate::documents::formula::{Expression, Scope, Target, print, print_cell};
use crate::documents::workbook::{Cached, SheetKind, TokenSpan, Workbook};

/// The Excel 4.0 macros of one workbook.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// Names that start a macro by themselves.
    pub starts: Vec<Start>,
    /// Formulas of macro sheets, printed, in file order.
    pub cells: Vec<MacroCell>,
    /// What the formulas do.
    pub sightings: Vec<Sighting>,
    /// Where formulas of worksheets lead.
    pub links: Vec<FormulaLink>,
    /// Cells of macro sheets whose formula cannot be decoded to its end.
    pub damaged: Vec<(u32, u32, u16)>,
    /// What the program does when it runs.
    pub evaluation: Evaluation,
    /// How many cells of macro sheets are not in [`Program::cells`] because of the report's size.
    pub cells_left_out: u64,
}

/// A name that starts a macro by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Index of the name in the workbook.
    pub name: usize,
    /// What starts it.
    pub event: Event,
    /// How it hides.
    pub disguises: Vec<Disguise>,
    /// What it stands for, printed.
    pub refers_to: String,
    /// The cell that it stands for, where it is no formula: sheet, row, column.
    pub target: Option<(u32, u32, u16)>,
}

/// A cell of a macro sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct MacroCell {
    /// Sheet, row and column.
    pub cell: (u32, u32, u16),
    /// Its formula as Excel shows it, without the leading `=`.
    pub formula: String,
    /// The value that the file keeps for it.
    pub cached: Cached,
}

/// What a printed cell takes of the room for formulas besides its text: short formulas would
/// otherwise take more memory than long ones.
const CELL_CHARS: usize = 24;

/// Longest printed formula. Excel accepts 8,192 characters, and shared formulas can expand further.
const FORMULA_CHARS: usize = 8192;

/// Reads the macros of `book` into `into`, which keeps what was read when a limit ends the walk.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub fn read(book: &Workbook, into: &mut Program, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut room = cx.budget.limits().report_chars;
    names(book, into, cx)?;
    let mut cells = Cells::new(book);
    for (index, sheet) in (0u32..).zip(&book.sheets).filter(|(_, sheet)| sheet.kind == SheetKind::Macro) {
        for shared in &sheet.shared {
            let cell = (index, shared.first_row, shared.first_column);
            sight::formula(cell, shared.tokens, &mut cells, &mut into.sightings, cx)?;
        }
        for formula in &sheet.formulas {
            cx.budget.step(1)?;
            let cell = (index, formula.row, formula.column);
            if !is_shared(book, formula.tokens) {
                sight::formula(cell, formula.tokens, &mut cells, &mut into.sightings, cx)?;
            }
            if room == 0 {
                into.cells_left_out = into.cells_left_out.saturating_add(1);
                continue;
            }
            let mut text = String::new();
            let printed = print_cell(book, index, formula, FORMULA_CHARS.min(room), cx, &mut text)?;
            if !printed.complete && !printed.cut && into.damaged.len() < DAMAGED {
                let (row, column) = (formula.row, u32::from(formula.column));
                let location = Location::cell(book.part, index, row, column);
                cx.abandoned_at(location, &"formula of a macro sheet that cannot be decoded to its end");
                into.damaged.push(cell);
            }
            room = room.saturating_sub(text.chars().count().saturating_add(CELL_CHARS));
            into.cells.push(MacroCell { cell, formula: text, cached: formula.cached });
        }
    }
    formula_links::read(book, &mut cells, &mut into.links, cx)
}

/// `PtgExp` or `PtgTbl`: the cell has no formula of its own.
fn is_shared(book: &Workbook, tokens: TokenSpan) -> bool {
    matches!(book.tokens.get(tokens).0.first(), Some(0x01 | 0x02))
}

/// Damaged cells that are kept.
const DAMAGED: usize = 64;

fn names(book: &Workbook, into: &mut Program, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    // A name of a SYLK file says no sheet: it means the only one there is.
    let first = book.macro_sheets().next().map(|(index, _)| index);
    for (index, name) in book.names.iter().enumerate() {
        cx.budget.step(1)?;
        let Some((event, disguises)) = starts::event(name) else { continue };
        let scope = Scope { workbook: book, sheet: name.scope.map(u32::from), cell: None };
        let (rgce, rgcb) = book.tokens.get(name.tokens);
        let mut refers_to = String::new();
        print(rgce, rgcb, &scope, FORMULA_CHARS, cx, &mut refers_to)?;
        let expression = Expression::parse(rgce, rgcb, book.version, cx)?;
        // A formula has to be evaluated to say where the macro begins; what it refers to may be a decoy.
        let plain = expression.references(&scope).next().filter(|_| expression.nodes().len() == 1);
        let target = plain.and_then(|reference| {
            let cells = reference.cells?;
            match reference.target {
                Target::Sheets { first, .. } => Some((first, cells.rows.0, cells.columns.0)),
                Target::Here => Some((scope.sheet.or(first)?, cells.rows.0, cells.columns.0)),
                _ => None,
            }
        });
        cx.budget.hold(size_of::<Start>().saturating_add(refers_to.len()).saturating_mul(3))?;
        into.starts.push(Start { name: index, event, disguises, refers_to, target });
    }
    Ok(())
}
