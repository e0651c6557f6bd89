//! Formula texts: what FORMULA writes, what EVALUATE, RUN and INDIRECT take.

use super::Machine;
use crate::base::{Cx, LimitHit};
use crate::documents::formula::text::{self, Options, Signs, Style, Tables, TextError};
use crate::documents::formula::{Expression, Scope};
use crate::documents::workbook::{BiffVersion, Sheet, SheetKind, Workbook};
use crate::xlm::code::{Code, Op};
use crate::xlm::names::Meaning;
use crate::xlm::value::{Area, CellAt, Data, Value};

/// Compiles texts against the names and sheets of a workbook. Runs of one program share it.
#[derive(Debug, Default)]
pub struct Texts {
    made: Option<(Tables, Workbook)>,
    added: Vec<Sheet>,
}

impl Texts {
    /// A sheet that the macro made stands behind those that are known.
    fn add(&mut self, name: &str, kind: SheetKind) {
        self.added.push(Sheet { name: name.to_owned(), kind, ..Sheet::default() });
        self.made = None;
    }

    /// Compiles the text of a formula that stands at a cell; `None` when Excel would not take it.
    ///
    /// # Errors
    /// [`LimitHit`] when steps or memory do not last.
    pub fn compile(
        &mut self,
        text: &str,
        style: Style,
        book: &Workbook,
        at: CellAt,
        cx: &mut Cx<'_>,
    ) -> Result<Option<Code>, LimitHit> {
        if self.made.is_none() {
            let mut shell = Tables::shell(book, cx)?;
            shell.sheets.extend(self.added.iter().cloned());
            self.made = Some((Tables::new(&shell, cx)?, shell));
        }
        let Some((tables, shell)) = &mut self.made else { return Ok(None) };
        let sheet = Some(at.sheet);
        let cell = (at.row, u32::from(at.column));
        let english = Options { style, cell, macro_sheet: true, ..Options::for_version(book.version) };
        let mut compiled = text::compile(text, &english, &mut tables.over(shell, sheet), cx);
        // A macro of another country writes its own list separator.
        for signs in [Signs::SEMICOLON, Signs::EUROPEAN] {
            if !text.contains(';') || !matches!(compiled, Err(ref error) if !is_limit(error)) {
                break;
            }
            let options = Options { signs, ..english };
            compiled = text::compile(text, &options, &mut tables.over(shell, sheet), cx);
        }
        let compiled = match compiled {
            Ok(compiled) => compiled,
            Err(TextError::Limit(hit)) => return Err(hit),
            Err(_) => return Ok(None),
        };
        let expression = Expression::parse(&compiled.rgce, &compiled.rgcb, BiffVersion::Biff12, cx)?;
        let scope = Scope { workbook: shell, sheet, cell: Some(cell) };
        Code::of(&expression, &scope, cx).map(Some)
    }
}

fn is_limit(error: &TextError) -> bool {
    matches!(error, TextError::Limit(_))
}

impl Machine<'_, '_> {
    /// Compiles a formula text that FORMULA writes to a cell; `None` when it is none.
    ///
    /// Its references must be of the style R1C1, says Excel's help for macro functions at FORMULA, and
    /// relative ones count from the cell that is written (Microsoft KB 46514): `=C2` is the second
    /// column. Malware also writes `=A1`, which is no reference in that style; it is taken as A1.
    pub fn compile(&mut self, text: &str, at: CellAt) -> Result<Option<Code>, LimitHit> {
        self.compile_in(text, Style::Both, at)
    }

    /// Compiles a formula text with references of one style.
    pub fn compile_in(&mut self, text: &str, style: Style, at: CellAt) -> Result<Option<Code>, LimitHit> {
        self.texts.compile(text, style, self.store.book(), at, &mut self.cx)
    }

    /// The cells that a text means: an address in either style, or a name.
    pub fn reference_of_text(&mut self, text: &str) -> Result<Option<Area>, LimitHit> {
        let at = self.here();
        self.reference_in(text, Style::Both, at)
    }

    /// The cells that a text means in one style; relative parts count from a cell.
    pub fn reference_in(&mut self, text: &str, style: Style, base: CellAt) -> Result<Option<Area>, LimitHit> {
        /// Sheet, path and address together.
        const LONGEST: usize = 512;
        let text = text.trim();
        if text.is_empty() || text.len() > LONGEST {
            return Ok(None);
        }
        if style == Style::A1
            && let Some((row, column)) = text::plain_cell(text, self.store.book().version)
        {
            self.cx.budget.touch(text.len())?;
            return Ok(Some(Area::cell(CellAt { sheet: base.sheet, row, column })));
        }
        let area = self.reference_of_style(text, style, base)?;
        // `C2` is a column in one style and a cell in the other; a macro means a cell.
        if style == Style::Both && area.is_none_or(|area| !area.is_cell()) {
            let other = self.reference_of_style(text, Style::A1, base)?;
            return Ok(other.or(area));
        }
        Ok(area)
    }

    fn reference_of_style(
        &mut self,
        text: &str,
        style: Style,
        base: CellAt,
    ) -> Result<Option<Area>, LimitHit> {
        let code = self.texts.compile(text, style, self.store.book(), base, &mut self.cx)?;
        let Some(code) = code else { return Ok(None) };
        Ok(match code.ops.as_slice() {
            [Op::Reference(sheet, cells)] => Some(super::area(sheet.unwrap_or(base.sheet), cells)),
            [Op::ActiveReference(cells)] => Some(super::area(self.active.sheet, cells)),
            [Op::Name(name)] => match self.meaning(name, base.sheet)? {
                Some(Meaning::Value(Value { data: Data::Reference(area), .. })) => Some(area),
                _ => None,
            },
            _ => None,
        })
    }

    /// Makes a sheet; its index, or none when there are too many.
    pub fn add_sheet(&mut self, kind: SheetKind) -> Option<u32> {
        let index = self.store.add_sheet(kind)?;
        let name = self.store.sheet_name(index).to_owned();
        self.texts.add(&name, kind);
        Some(index)
    }

    /// The index of the sheet with a name, in any letter case; the name may stand in brackets behind
    /// that of the workbook.
    pub fn sheet_named(&self, name: &str) -> Option<u32> {
        let name = name.rsplit_once(']').map_or(name, |(_, sheet)| sheet).trim_matches('\'');
        let sheets = &self.store.book().sheets;
        let lower = name.to_lowercase();
        // A name is looked up by those who write much more; a sheet list is short in honest files.
        let found = sheets.iter().take(4096).position(|sheet| sheet.name.to_lowercase() == lower);
        let added = || self.store.added().find(|(_, own, _)| own.to_lowercase() == lower);
        found.and_then(|index| u32::try_from(index).ok()).or_else(|| added().map(|(index, ..)| index))
    }
}
