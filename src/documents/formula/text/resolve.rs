//! What the names and sheets in the text of a formula are in a workbook.
//!
//! Tokens name names, sheets and sources by index. [`Tables`] finds the index in the tables of a
//! [`Workbook`], or adds a row there: a formula may name a sheet or a name that a macro makes later,
//! so that what the workbook does not have keeps its text (see [`ExternalKind::Unknown`]).

use std::collections::BTreeMap;

use super::{Options, TextError, compile};
use crate::base::{Cx, LimitHit};
use crate::documents::workbook::{
    BiffVersion, DefinedName, ExternalBook, ExternalKind, ExternalName, Sheet, SheetRange, TokenSpan,
    Workbook,
};

/// What stands before the `!` of a reference or name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Qualifier<'t> {
    /// Nothing: the sheet that is active when the formula is calculated.
    ActiveSheet,
    /// `#REF!`: a sheet that was deleted.
    DeletedSheet,
    /// One word: a sheet, or a workbook (`Book.xls!name`).
    Word(&'t str),
    /// `First:Last`
    Sheets {
        /// First sheet.
        first: &'t str,
        /// Last sheet.
        last: &'t str,
    },
    /// `folder\[file]First:Last`
    Book {
        /// What stands before the bracket.
        folder: &'t str,
        /// What stands in brackets: a file name, or in XML a number.
        file: &'t str,
        /// First sheet; empty for none.
        first: &'t str,
        /// Last sheet; the first one again when it is one.
        last: &'t str,
    },
    /// A path without brackets.
    Path(&'t str),
    /// `program|topic`
    Conversation {
        /// Program of a DDE conversation.
        program: &'t str,
        /// Its topic.
        topic: &'t str,
    },
}

impl<'t> Qualifier<'t> {
    /// Takes the text before a `!` apart. Quotes are off and doubled ones are single.
    pub fn of(text: &'t str) -> Self {
        if let Some((folder, rest)) = text.split_once('[')
            && let Some((file, sheets)) = rest.split_once(']')
        {
            let (first, last) = sheets.split_once(':').unwrap_or((sheets, sheets));
            return Qualifier::Book { folder, file, first, last };
        }
        if text.contains(['\\', '/']) {
            return Qualifier::Path(text);
        }
        match text.split_once(':') {
            Some((first, last)) => Qualifier::Sheets { first, last },
            None => Qualifier::Word(text),
        }
    }
}

/// A name as a token states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Named {
    /// `PtgName`: a name of the workbook, from 1.
    Own(u32),
    /// `PtgNameX`: a sheet range, and a name of its source, from 1.
    Other(u16, u32),
}

/// Why a name or sheet has no index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unresolved {
    /// A ceiling was reached.
    #[error(transparent)]
    Limit(#[from] LimitHit),
    /// A table has as many rows as an index can name.
    #[error("the tables of the workbook are full")]
    Full,
}

/// Gives names and sheets the indexes that tokens have.
pub trait Resolve {
    /// A name without a qualifier.
    ///
    /// # Errors
    /// [`Unresolved`] when it cannot have an index.
    fn name(&mut self, name: &str, cx: &mut Cx<'_>) -> Result<Named, Unresolved>;

    /// A name with a qualifier, or the item of a DDE conversation.
    ///
    /// # Errors
    /// [`Unresolved`] when it cannot have an index.
    fn qualified_name(&mut self, of: Qualifier<'_>, name: &str, cx: &mut Cx<'_>)
    -> Result<Named, Unresolved>;

    /// The sheets of a reference: an index into [`Workbook::sheet_ranges`].
    ///
    /// # Errors
    /// [`Unresolved`] when they cannot have an index.
    fn sheets(&mut self, of: Qualifier<'_>, cx: &mut Cx<'_>) -> Result<u16, Unresolved>;
}

/// Finds what the tables of a workbook have, in any letter case.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    /// Names by text and sheet, from 1.
    names: BTreeMap<(String, Option<u16>), u32>,
    /// Sheets by name.
    sheets: BTreeMap<String, u16>,
    /// Sources by kind and path.
    books: BTreeMap<(ExternalKind, String), u16>,
    /// Sheets of sources.
    book_sheets: BTreeMap<(u16, String), u16>,
    /// Names of sources, from 1.
    book_names: BTreeMap<(u16, String), u32>,
    /// Sheet ranges.
    ranges: BTreeMap<(u16, i16, i16), u16>,
    /// The file name of the workbook, without its folder; the caller may know it.
    pub file_name: Option<String>,
    /// Which source `[1]`, `[2]` ... in the formulas of an XML part means.
    pub numbered: Vec<u16>,
}

/// Memory that a row of a table takes besides its text.
const ROW_BYTES: usize = 96;

impl Tables {
    /// The tables of `workbook` as they are now. What is added to the workbook later by others is not
    /// found.
    ///
    /// # Errors
    /// [`LimitHit`] when steps or memory do not last.
    pub fn new(workbook: &Workbook, cx: &mut Cx<'_>) -> Result<Self, LimitHit> {
        let mut tables = Tables::default();
        for (index, sheet) in (0u16..).zip(&workbook.sheets) {
            tables.add_sheet(&sheet.name, index, cx)?;
        }
        for (index, name) in (1u32..).zip(&workbook.names) {
            let key = tables.key(&name.name, cx)?;
            tables.names.entry((key, name.scope)).or_insert(index);
        }
        for (index, book) in (0u16..).zip(&workbook.books) {
            let key = tables.key(&book.path, cx)?;
            tables.books.entry((book.kind, key)).or_insert(index);
            for (at, sheet) in (0u16..).zip(&book.sheets) {
                let key = tables.key(sheet, cx)?;
                tables.book_sheets.entry((index, key)).or_insert(at);
            }
            for (at, name) in (1u32..).zip(&book.names) {
                let key = tables.key(&name.name, cx)?;
                tables.book_names.entry((index, key)).or_insert(at);
            }
        }
        for (index, range) in (0u16..).zip(&workbook.sheet_ranges) {
            cx.budget.step(1)?;
            cx.budget.hold(ROW_BYTES)?;
            tables.ranges.entry((range.book, range.first, range.last)).or_insert(index);
        }
        Ok(tables)
    }

    /// Adds a sheet that the workbook got since.
    ///
    /// # Errors
    /// [`LimitHit`] when steps or memory do not last.
    pub fn add_sheet(&mut self, name: &str, index: u16, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let key = self.key(name, cx)?;
        self.sheets.entry(key).or_insert(index);
        Ok(())
    }

    /// The index of a sheet by name.
    pub fn sheet(&self, name: &str) -> Option<u16> {
        self.sheets.get(&name.to_lowercase()).copied()
    }

    /// The tables over their workbook; `sheet` is where formulas stand, whose names come first.
    pub fn over<'w>(&'w mut self, workbook: &'w mut Workbook, sheet: Option<u32>) -> InWorkbook<'w> {
        let sheet = sheet.and_then(|sheet| u16::try_from(sheet).ok());
        InWorkbook { tables: self, workbook, sheet }
    }

    /// Compiles a formula into the tokens of the workbook, which has to be of [`BiffVersion::Biff12`]
    /// for a reader to understand them.
    ///
    /// # Errors
    /// [`TextError`] when the text is no formula, or a limit was reached.
    pub fn formula(
        &mut self,
        text: &str,
        options: &Options,
        workbook: &mut Workbook,
        sheet: Option<u32>,
        cx: &mut Cx<'_>,
    ) -> Result<TokenSpan, TextError> {
        let compiled = compile(text, options, &mut self.over(workbook, sheet), cx)?;
        workbook.tokens.push(&compiled.rgce, &compiled.rgcb).ok_or(TextError::Full { at: 0 })
    }

    /// A workbook with the names, sources and sheet names of `workbook`, of [`BiffVersion::Biff12`] and
    /// without cells and tokens: for formulas that are compiled while a workbook of another dialect is
    /// read. Indexes in it mean the same.
    ///
    /// # Errors
    /// [`LimitHit`] when steps or memory do not last.
    pub fn shell(workbook: &Workbook, cx: &mut Cx<'_>) -> Result<Workbook, LimitHit> {
        let mut shell = Workbook {
            part: workbook.part,
            version: BiffVersion::Biff12,
            code_page: workbook.code_page,
            ..Workbook::default()
        };
        for sheet in &workbook.sheets {
            cx.budget.step(1)?;
            cx.budget.hold(size_of::<Sheet>().saturating_add(sheet.name.len()))?;
            let (kind, visibility) = (sheet.kind, sheet.visibility);
            shell.sheets.push(Sheet { name: sheet.name.clone(), kind, visibility, ..Sheet::default() });
        }
        for name in &workbook.names {
            cx.budget.touch(name.name.len())?;
            cx.budget.hold(size_of::<DefinedName>().saturating_add(name.name.len()))?;
            shell.names.push(DefinedName { tokens: TokenSpan::default(), ..name.clone() });
        }
        for book in &workbook.books {
            let texts =
                book.sheets.iter().map(String::len).chain(book.names.iter().map(|name| name.name.len()));
            let rows = book.sheets.len().saturating_add(book.names.len()).saturating_add(1);
            let bytes = texts.fold(rows.saturating_mul(ROW_BYTES), usize::saturating_add);
            cx.budget.touch(bytes)?;
            cx.budget.hold(bytes)?;
            let mut book = book.clone();
            book.names.iter_mut().for_each(|name| name.tokens = TokenSpan::default());
            shell.books.push(book);
        }
        cx.budget.touch(workbook.sheet_ranges.len().saturating_mul(size_of::<SheetRange>()))?;
        cx.budget.hold(workbook.sheet_ranges.len().saturating_mul(size_of::<SheetRange>()))?;
        shell.sheet_ranges.extend_from_slice(&workbook.sheet_ranges);
        Ok(shell)
    }

    /// The key of a text, charged as a row of a table.
    fn key(&self, text: &str, cx: &mut Cx<'_>) -> Result<String, LimitHit> {
        cx.budget.touch(text.len().saturating_add(64))?;
        cx.budget.hold(text.len().saturating_add(ROW_BYTES))?;
        Ok(text.to_lowercase())
    }
}

/// [`Tables`] over their workbook.
#[derive(Debug)]
pub struct InWorkbook<'w> {
    tables: &'w mut Tables,
    workbook: &'w mut Workbook,
    sheet: Option<u16>,
}

/// No sheets: the source as a whole.
const WHOLE: (i16, i16) = (-2, -2);

impl InWorkbook<'_> {
    /// The source of a kind and path, added when there is none.
    fn book(&mut self, kind: ExternalKind, path: &str, cx: &mut Cx<'_>) -> Result<u16, Unresolved> {
        cx.budget.touch(path.len().saturating_add(64))?;
        let key = (kind, path.to_lowercase());
        if let Some(index) = self.tables.books.get(&key) {
            return Ok(*index);
        }
        let index = u16::try_from(self.workbook.books.len()).map_err(|_| Unresolved::Full)?;
        let bytes = size_of::<ExternalBook>().saturating_add(ROW_BYTES);
        cx.budget.hold(path.len().saturating_mul(2).saturating_add(bytes))?;
        self.workbook.books.push(ExternalBook {
            at: 0,
            kind,
            path: path.to_owned(),
            sheets: Vec::new(),
            names: Vec::new(),
        });
        self.tables.books.insert(key, index);
        Ok(index)
    }

    /// The sheet of a source, added when it has none of this name.
    fn book_sheet(&mut self, book: u16, name: &str, cx: &mut Cx<'_>) -> Result<i16, Unresolved> {
        cx.budget.touch(name.len().saturating_add(64))?;
        let key = (book, name.to_lowercase());
        if let Some(index) = self.tables.book_sheets.get(&key) {
            return i16::try_from(*index).map_err(|_| Unresolved::Full);
        }
        let source = self.workbook.books.get_mut(usize::from(book)).ok_or(Unresolved::Full)?;
        let index = i16::try_from(source.sheets.len()).map_err(|_| Unresolved::Full)?;
        cx.budget.hold(name.len().saturating_mul(2).saturating_add(ROW_BYTES))?;
        source.sheets.push(name.to_owned());
        self.tables.book_sheets.insert(key, u16::try_from(index).unwrap_or(0));
        Ok(index)
    }

    /// The name of a source, added when it has none of this text.
    fn book_name(&mut self, book: u16, name: &str, cx: &mut Cx<'_>) -> Result<u32, Unresolved> {
        cx.budget.touch(name.len().saturating_add(64))?;
        let key = (book, name.to_lowercase());
        if let Some(index) = self.tables.book_names.get(&key) {
            return Ok(*index);
        }
        let source = self.workbook.books.get_mut(usize::from(book)).ok_or(Unresolved::Full)?;
        let index = u32::try_from(source.names.len()).ok().and_then(|count| count.checked_add(1));
        let index = index.ok_or(Unresolved::Full)?;
        let bytes = size_of::<ExternalName>().saturating_add(ROW_BYTES);
        cx.budget.hold(name.len().saturating_mul(2).saturating_add(bytes))?;
        source.names.push(ExternalName {
            at: 0,
            name: name.to_owned(),
            automatic: false,
            tokens: TokenSpan::default(),
        });
        self.tables.book_names.insert(key, index);
        Ok(index)
    }

    /// The index of a sheet range, added when there is none.
    fn range(&mut self, book: u16, sheets: (i16, i16), cx: &mut Cx<'_>) -> Result<u16, Unresolved> {
        let (first, last) = sheets;
        if let Some(index) = self.tables.ranges.get(&(book, first, last)) {
            return Ok(*index);
        }
        let index = u16::try_from(self.workbook.sheet_ranges.len()).map_err(|_| Unresolved::Full)?;
        cx.budget.hold(size_of::<SheetRange>().saturating_add(ROW_BYTES))?;
        self.workbook.sheet_ranges.push(SheetRange { book, first, last });
        self.tables.ranges.insert((book, first, last), index);
        Ok(index)
    }

    fn own_sheets(&self, first: &str, last: &str) -> Option<(i16, i16)> {
        let index = |name: &str| self.tables.sheet(name).and_then(|index| i16::try_from(index).ok());
        Some((index(first)?, index(last)?))
    }

    /// Index of a name of the workbook: that of the sheet, else that of the workbook.
    fn own_name(&self, name: &str, sheet: Option<u16>) -> Option<u32> {
        let key = name.to_lowercase();
        let scoped = sheet.and_then(|sheet| self.tables.names.get(&(key.clone(), Some(sheet))));
        scoped.or_else(|| self.tables.names.get(&(key, None))).copied()
    }

    fn is_own_file(&self, file: &str) -> bool {
        file == "0" || self.tables.file_name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(file))
    }

    /// The source that `folder[file]` means; `None` for this workbook.
    fn source(&mut self, folder: &str, file: &str, cx: &mut Cx<'_>) -> Result<Option<u16>, Unresolved> {
        if self.is_own_file(file) {
            return Ok(None);
        }
        let number = file.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        if let Some(book) = number.and_then(|number| self.tables.numbered.get(number)) {
            return Ok(Some(*book));
        }
        self.book(ExternalKind::Workbook, &format!("{folder}{file}"), cx).map(Some)
    }

    /// Sheets that the workbook does not have.
    fn unknown_sheets(
        &mut self,
        first: &str,
        last: &str,
        cx: &mut Cx<'_>,
    ) -> Result<(u16, (i16, i16)), Unresolved> {
        let book = self.book(ExternalKind::Unknown, "", cx)?;
        let first = self.book_sheet(book, first, cx)?;
        Ok((book, (first, self.book_sheet(book, last, cx)?)))
    }

    /// Source and sheets of a qualifier.
    fn place(&mut self, of: Qualifier<'_>, cx: &mut Cx<'_>) -> Result<(u16, (i16, i16)), Unresolved> {
        Ok(match of {
            Qualifier::ActiveSheet => (self.book(ExternalKind::ActiveSheet, "", cx)?, WHOLE),
            Qualifier::DeletedSheet => (self.book(ExternalKind::SelfReference, "", cx)?, (-1, -1)),
            Qualifier::Word(word) => return self.own_or_unknown(word, word, cx),
            Qualifier::Sheets { first, last } => return self.own_or_unknown(first, last, cx),
            Qualifier::Book { folder, file, first, last } => match self.source(folder, file, cx)? {
                None if first.is_empty() => (self.book(ExternalKind::SelfReference, "", cx)?, WHOLE),
                None => return self.own_or_unknown(first, last, cx),
                Some(book) if first.is_empty() => (book, WHOLE),
                Some(book) => {
                    let first = self.book_sheet(book, first, cx)?;
                    (book, (first, self.book_sheet(book, last, cx)?))
                }
            },
            Qualifier::Path(path) => (self.book(ExternalKind::Workbook, path, cx)?, WHOLE),
            Qualifier::Conversation { program, topic } => {
                (self.book(ExternalKind::Dde, &format!("{program}|{topic}"), cx)?, WHOLE)
            }
        })
    }

    fn own_or_unknown(
        &mut self,
        first: &str,
        last: &str,
        cx: &mut Cx<'_>,
    ) -> Result<(u16, (i16, i16)), Unresolved> {
        cx.budget.touch(first.len().saturating_add(last.len()).saturating_add(64))?;
        match self.own_sheets(first, last) {
            Some(sheets) => Ok((self.book(ExternalKind::SelfReference, "", cx)?, sheets)),
            None => self.unknown_sheets(first, last, cx),
        }
    }
}

impl Resolve for InWorkbook<'_> {
    fn name(&mut self, name: &str, cx: &mut Cx<'_>) -> Result<Named, Unresolved> {
        cx.budget.touch(name.len().saturating_add(64))?;
        if let Some(index) = self.own_name(name, self.sheet) {
            return Ok(Named::Own(index));
        }
        let book = self.book(ExternalKind::Unknown, "", cx)?;
        let index = self.book_name(book, name, cx)?;
        Ok(Named::Other(self.range(book, WHOLE, cx)?, index))
    }

    fn qualified_name(
        &mut self,
        of: Qualifier<'_>,
        name: &str,
        cx: &mut Cx<'_>,
    ) -> Result<Named, Unresolved> {
        cx.budget.touch(name.len().saturating_add(64))?;
        let (book, sheets) = match of {
            Qualifier::Word(word) if self.tables.sheet(word).is_none() => {
                let book = match self.is_own_file(word) {
                    true => self.book(ExternalKind::SelfReference, "", cx)?,
                    false => self.book(ExternalKind::Workbook, word, cx)?,
                };
                (book, WHOLE)
            }
            other => self.place(other, cx)?,
        };
        let own = self.workbook.books.get(usize::from(book));
        if own.is_none_or(|own| own.kind != ExternalKind::SelfReference) {
            let index = self.book_name(book, name, cx)?;
            return Ok(Named::Other(self.range(book, sheets, cx)?, index));
        }
        let sheet = u16::try_from(sheets.0).ok();
        if let Some(index) = self.own_name(name, sheet) {
            return Ok(Named::Other(self.range(book, sheets, cx)?, index));
        }
        let unknown = self.book(ExternalKind::Unknown, "", cx)?;
        let named = sheet.and_then(|sheet| self.workbook.sheets.get(usize::from(sheet)));
        let sheets = match named.map(|sheet| sheet.name.clone()) {
            Some(sheet) => {
                let sheet = self.book_sheet(unknown, &sheet, cx)?;
                (sheet, sheet)
            }
            None => WHOLE,
        };
        let index = self.book_name(unknown, name, cx)?;
        Ok(Named::Other(self.range(unknown, sheets, cx)?, index))
    }

    fn sheets(&mut self, of: Qualifier<'_>, cx: &mut Cx<'_>) -> Result<u16, Unresolved> {
        let (book, sheets) = self.place(of, cx)?;
        self.range(book, sheets, cx)
    }
}
