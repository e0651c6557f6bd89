//! Formula text of XML parts into tokens of the workbook.

use crate::base::{Cx, LimitHit, Stage};
use crate::documents::formula::text::{Options, Tables, TextError};
use crate::documents::workbook::{BiffVersion, TokenSpan, Workbook};

/// Compiles the formulas of one workbook.
pub(super) struct Compiler {
    tables: Tables,
}

/// Where a formula stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    /// Its sheet.
    pub(super) sheet: Option<u32>,
    /// Row and column.
    pub(super) cell: (u32, u32),
    /// Whether that is a macro sheet.
    pub(super) macro_sheet: bool,
    /// Whether relative references are distances: a shared formula, a name.
    pub(super) distances: bool,
}

impl Compiler {
    /// `numbered` says which source of the workbook `[1]`, `[2]` ... means.
    pub(super) fn new(book: &Workbook, numbered: Vec<u16>, cx: &mut Cx<'_>) -> Result<Self, LimitHit> {
        let mut tables = Tables::new(book, &mut cx.for_stage(Stage::Formula))?;
        tables.numbered = numbered;
        Ok(Compiler { tables })
    }

    /// Tokens of a formula; `None` when its text is none, with the reason.
    pub(super) fn tokens(
        &mut self,
        text: &str,
        standing: Standing,
        book: &mut Workbook,
        cx: &mut Cx<'_>,
    ) -> Result<Result<TokenSpan, TextError>, LimitHit> {
        let options = Options {
            cell: standing.cell,
            distances: standing.distances,
            macro_sheet: standing.macro_sheet,
            ..Options::for_version(BiffVersion::Biff12)
        };
        cx.budget.touch(text.len())?;
        cx.budget.hold(text.len().saturating_mul(2))?;
        match self.tables.formula(text, &options, book, standing.sheet, &mut cx.for_stage(Stage::Formula)) {
            Ok(tokens) => Ok(Ok(tokens)),
            Err(TextError::Limit(hit)) => Err(hit),
            Err(error) => Ok(Err(error)),
        }
    }
}

/// Tokens of a cell that shares the formula of another one: `PtgExp` with that cell.
pub(super) fn shared_with(book: &mut Workbook, row: u32, column: u16) -> TokenSpan {
    let mut rgce = vec![0x01];
    rgce.extend(row.to_le_bytes());
    book.tokens.push(&rgce, &u32::from(column).to_le_bytes()).unwrap_or_default()
}
