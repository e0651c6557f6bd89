//! Formulas that a file has as text, put into the pools of its workbook.
//!
//! What does not compile is no formula for Excel either. Its text is kept as a constant, so that whoever reads
//! formulas sees it, and its references to other programs are taken from the text.

use super::dde;
use super::formula::text::{Options, Signs, Style, Tables, TextError};
use crate::base::{Cx, LimitHit};
use crate::documents::workbook::{BiffVersion, ExternalKind, TokenSpan, Workbook};

/// Where a formula stands.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    /// Offset in the part.
    pub at: u64,
    /// Index of its sheet.
    pub sheet: u32,
    /// Row and column; a name has none.
    pub cell: Option<(u32, u16)>,
    /// Whether the sheet is a macro sheet.
    pub macro_sheet: bool,
}

/// Compiles the formulas of one workbook.
#[derive(Debug)]
pub struct Compiler {
    tables: Tables,
    style: Style,
}

impl Compiler {
    /// A compiler for `book`, whose sheets and names are known. The book gets BIFF12 tokens.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps or the memory of models do not last.
    pub fn new(book: &mut Workbook, style: Style, cx: &mut Cx<'_>) -> Result<Self, LimitHit> {
        book.version = BiffVersion::Biff12;
        Ok(Compiler { tables: Tables::new(book, cx)?, style })
    }

    /// Puts a formula into the pool of `book`.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps or the memory of models do not last.
    pub fn add(
        &mut self,
        text: &str,
        site: Site,
        book: &mut Workbook,
        cx: &mut Cx<'_>,
    ) -> Result<TokenSpan, LimitHit> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(TokenSpan::default());
        }
        let (row, column) = site.cell.unwrap_or((0, 0));
        let options = Options {
            style: self.style,
            cell: (row, column.into()),
            distances: site.cell.is_none(),
            macro_sheet: site.macro_sheet,
            ..Options::default()
        };
        let sources = book.books.len();
        let mut made = self.tables.formula(text, &options, book, Some(site.sheet), cx);
        if made.is_err() && text.contains(';') && self.style == Style::A1 {
            let options = Options { signs: Signs::SEMICOLON, ..options };
            made = self.tables.formula(text, &options, book, Some(site.sheet), cx);
        }
        for source in book.books.iter_mut().skip(sources) {
            source.at = site.at;
            for item in &mut source.names {
                item.at = site.at;
                // Excel asks for the data of a formula when it opens the file.
                item.automatic = source.kind == ExternalKind::Dde;
            }
        }
        match made {
            Ok(span) => {
                cx.budget.hold(span.byte_len())?;
                let is_known = book.books.iter().any(|source| source.kind == ExternalKind::Dde);
                if !is_known {
                    dde::add(text, site.at, book, cx)?;
                }
                Ok(span)
            }
            Err(TextError::Limit(hit)) => Err(hit),
            Err(error) => {
                dde::add(text, site.at, book, cx)?;
                if site.macro_sheet {
                    let range = site.at..site.at.saturating_add(1);
                    cx.abandoned(
                        range,
                        &format_args!("formula of a macro sheet that cannot be read: {error}"),
                    );
                } else {
                    cx.recovered(site.at, &format_args!("text that is no formula: {error}"));
                }
                self.constant(text, options, site, book, cx)
            }
        }
    }

    /// The text itself, as a constant.
    fn constant(
        &mut self,
        text: &str,
        options: Options,
        site: Site,
        book: &mut Workbook,
        cx: &mut Cx<'_>,
    ) -> Result<TokenSpan, LimitHit> {
        let short = text.get(..text.floor_char_boundary(CONSTANT.min(text.len()))).unwrap_or_default();
        let quoted = format!("\"{}\"", short.replace('"', "\"\""));
        match self.tables.formula(&quoted, &options, book, Some(site.sheet), cx) {
            Ok(span) => {
                cx.budget.hold(span.byte_len())?;
                Ok(span)
            }
            Err(TextError::Limit(hit)) => Err(hit),
            Err(_) => Ok(TokenSpan::default()),
        }
    }
}

/// Bytes of a text that is kept as a constant.
const CONSTANT: usize = 8192;
