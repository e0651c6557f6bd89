//! Defined names, and what formulas refer to outside their sheet.

use crate::documents::workbook::{
    BiffVersion, DefinedName, ExternalBook, ExternalKind, ExternalName, SheetRange, TokenSpan,
    reserve_a_quarter_more,
};

use super::error::BiffError;
use super::records::{Body, Record};
use super::text;
use super::walk::Walk;

/// Built-in names by code ([MS-XLS] 2.5.66).
const BUILTIN: [&str; 14] = [
    "Consolidate_Area",
    "Auto_Open",
    "Auto_Close",
    "Extract",
    "Database",
    "Criteria",
    "Print_Area",
    "Print_Titles",
    "Recorder",
    "Data_Form",
    "Auto_Activate",
    "Auto_Deactivate",
    "Sheet_Title",
    "_FilterDatabase",
];

/// Lengths and numbers at the start of a `Lbl` record.
struct NameHead {
    flags: u16,
    key: u8,
    cch: usize,
    cce: usize,
    itab: u16,
}

/// What the text of a name or path takes besides its characters.
const TEXT_BYTES: usize = 48;

impl<'s> Walk<'s, '_, '_> {
    /// Reads `Lbl` ([MS-XLS] 2.4.150) or its older forms: flags, shortcut, lengths, name, tokens.
    pub(super) fn defined_name(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        let head = self.name_head(&mut body)?;
        let mut name = DefinedName {
            at: record.at as u64,
            name: String::new(),
            builtin: None,
            wide: false,
            flags: head.flags,
            scope: head.itab.checked_sub(1),
            tokens: TokenSpan::default(),
            key: head.key,
        };
        self.charge(size_of::<DefinedName>().saturating_add(TEXT_BYTES))?;
        let read = if self.dialect.is_unicode() {
            text::unicode(&mut body, head.cch, &mut name.name).map(|wide| name.wide = wide)
        } else {
            body.page_chars(head.cch, self.dialect.page, &mut name.name)
        };
        self.cx.budget.touch(name.name.len())?;
        if head.flags & 0x0020 != 0 {
            expand_builtin(&mut name);
        }
        let mut result = read.map_err(BiffError::from);
        if result.is_ok() {
            match self.tokens(&mut body, head.cce, record.at) {
                Ok(tokens) => name.tokens = tokens,
                Err(error) => result = Err(error),
            }
        }
        // Tokens count names from 1: a damaged one keeps its place.
        reserve_a_quarter_more(&mut self.book.names);
        self.book.names.push(name);
        result
    }

    fn name_head(&mut self, body: &mut Body<'s>) -> Result<NameHead, BiffError> {
        let head = match self.dialect.version {
            BiffVersion::Biff2 => {
                // The first byte has a flag for functions, the second says which kind of macro.
                let [flags, macro_kind, key, cch, cce] = body.array()?;
                let flags = match macro_kind {
                    1 => 0x0002,
                    2 => 0x0008,
                    _ => u16::from(flags & 2) << 2,
                };
                NameHead { flags, key, cch: usize::from(cch), cce: usize::from(cce), itab: 0 }
            }
            version => {
                let flags = body.u16()?;
                let [key, cch] = body.array()?;
                let cce = usize::from(body.u16()?);
                let mut itab = 0;
                if version >= BiffVersion::Biff5 {
                    body.u16()?;
                    itab = body.u16()?;
                    body.u32()?;
                }
                NameHead { flags, key, cch: usize::from(cch), cce, itab }
            }
        };
        Ok(head)
    }

    /// Reads `ExternSheet`: in BIFF8 ranges of sheets ([MS-XLS] 2.4.105), before it one source.
    pub(super) fn extern_sheet(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        if self.dialect.is_unicode() { self.sheet_ranges(record) } else { self.source5(record) }
    }

    fn sheet_ranges(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        let count = body.u16()?;
        for _ in 0..count {
            let [book, first, last] = [body.u16()?, body.u16()?, body.u16()?];
            let [first, last] = [first, last].map(|index| i16::from_le_bytes(index.to_le_bytes()));
            self.charge(size_of::<SheetRange>())?;
            reserve_a_quarter_more(&mut self.book.sheet_ranges);
            self.book.sheet_ranges.push(SheetRange { book, first, last });
        }
        Ok(())
    }

    /// One record for each source: a count of characters, and an encoded name.
    fn source5(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        let count = usize::from(body.u8()?);
        let mut raw = String::new();
        self.charge(size_of::<ExternalBook>())?;
        // With the type 3 the count leaves the type out.
        let is_own_sheet = body.piece().first() == Some(&3);
        let count = count.saturating_add(usize::from(is_own_sheet)).min(body.piece().len());
        let read = body.page_chars(count, self.dialect.page, &mut raw);
        let mut book = ExternalBook {
            at: record.at as u64,
            kind: ExternalKind::Workbook,
            path: String::new(),
            sheets: Vec::new(),
            names: Vec::new(),
        };
        let mut chars = raw.chars();
        match chars.next() {
            Some('\u{3}') => {
                book.kind = ExternalKind::SelfReference;
                book.sheets.push(chars.as_str().to_owned());
            }
            // The sheet that the formula stands in, or no sheet.
            Some('\u{2}' | '\0') => {
                book.kind = ExternalKind::SelfReference;
                if self.dialect.version >= BiffVersion::Biff5 && !self.sheet.name.is_empty() {
                    book.sheets.push(self.sheet.name.clone());
                }
            }
            Some('\u{4}') => book.kind = ExternalKind::SelfReference,
            Some(':') if raw.chars().count() == 1 => book.kind = ExternalKind::AddIn,
            None => book.kind = ExternalKind::Unused,
            Some(_) => {
                let (path, sheet) = decoded_path5(&raw);
                book.kind = if is_conversation(&raw) { ExternalKind::Dde } else { ExternalKind::Workbook };
                book.path = path;
                book.sheets.extend(sheet);
            }
        }
        let has_bases = self.dialect.version >= BiffVersion::Biff5 && self.sheet.bof_at.is_some();
        if (has_bases || self.has_own_globals()) && !self.drawing.has_books {
            self.drawing.has_books = true;
            self.sheet.books_from = super::walk::index_of(self.book.books.len());
        }
        reserve_a_quarter_more(&mut self.book.books);
        self.book.books.push(book);
        Ok(read?)
    }

    /// Reads `SupBook` ([MS-XLS] 2.4.271).
    pub(super) fn sup_book(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        let ctab = body.u16()?;
        let cch = body.u16()?;
        self.charge(size_of::<ExternalBook>().saturating_add(TEXT_BYTES))?;
        let mut book = ExternalBook {
            at: record.at as u64,
            kind: ExternalKind::Workbook,
            path: String::new(),
            sheets: Vec::new(),
            names: Vec::new(),
        };
        let result = match cch {
            0x0401 => {
                book.kind = ExternalKind::SelfReference;
                Ok(())
            }
            0x3A01 => {
                book.kind = ExternalKind::AddIn;
                Ok(())
            }
            cch => self.book_path(&mut body, cch, ctab, &mut book),
        };
        // Tokens and ranges count sources: a damaged one keeps its place.
        reserve_a_quarter_more(&mut self.book.books);
        self.book.books.push(book);
        result
    }

    fn book_path(
        &mut self,
        body: &mut Body<'s>,
        cch: u16,
        ctab: u16,
        book: &mut ExternalBook,
    ) -> Result<(), BiffError> {
        let mut raw = String::new();
        text::unicode(body, usize::from(cch), &mut raw)?;
        book.kind = match raw.as_str() {
            "\0" => ExternalKind::ActiveSheet,
            " " => ExternalKind::Unused,
            _ if ctab == 0 && is_conversation(&raw) => ExternalKind::Dde,
            _ => ExternalKind::Workbook,
        };
        book.path = match book.kind {
            ExternalKind::ActiveSheet | ExternalKind::Unused => String::new(),
            ExternalKind::Dde => raw.trim_start_matches('\u{1}').replacen('\u{3}', "|", 1),
            _ => decoded_path(&raw),
        };
        for _ in 0..ctab {
            let mut sheet = String::new();
            let chars = usize::from(body.u16()?);
            text::unicode(body, chars, &mut sheet)?;
            self.charge(size_of::<String>())?;
            reserve_a_quarter_more(&mut book.sheets);
            book.sheets.push(sheet);
        }
        Ok(())
    }

    /// Reads `ExternName` ([MS-XLS] 2.4.106) into the source before it.
    pub(super) fn extern_name(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let version = self.dialect.version;
        let mut body = self.body(record);
        let flags = if version == BiffVersion::Biff2 { 0 } else { body.u16()? };
        if version >= BiffVersion::Biff5 {
            body.u32()?;
        }
        self.charge(size_of::<ExternalName>().saturating_add(32))?;
        let mut name = ExternalName {
            at: record.at as u64,
            name: String::new(),
            automatic: flags & 0x0002 != 0,
            tokens: TokenSpan::default(),
        };
        let mut result = self.dialect.short_text(&mut body, &mut name.name).map_err(BiffError::from);
        let is_conversation = |kind| matches!(kind, ExternalKind::Dde | ExternalKind::Ole);
        let kind = self.book.books.last().map(|book| book.kind);
        // A DDE item is followed by the values that it last had, any other by tokens.
        if result.is_ok()
            && flags & 0x7FFC == 0
            && !kind.is_some_and(is_conversation)
            && body.piece().len() >= 2
        {
            let cce = usize::from(body.u16()?);
            match self.tokens(&mut body, cce, record.at) {
                Ok(tokens) => name.tokens = tokens,
                Err(error) => result = Err(error),
            }
        }
        match self.book.books.last_mut() {
            Some(book) => {
                // fOleLink
                if book.kind == ExternalKind::Dde && flags & 0x0010 != 0 {
                    book.kind = ExternalKind::Ole;
                }
                reserve_a_quarter_more(&mut book.names);
                book.names.push(name);
            }
            None => self.cx.recovered(record.at as u64, "EXTERNNAME without a source before it"),
        }
        result
    }
}

/// Puts the words of a built-in name in place of its code, and keeps what stands behind it.
fn expand_builtin(name: &mut DefinedName) {
    let mut chars = name.name.chars();
    let Some(code) = chars.next().and_then(|code| u8::try_from(u32::from(code)).ok()) else { return };
    name.builtin = Some(code);
    if let Some(words) = BUILTIN.get(usize::from(code)) {
        name.name = format!("{words}{}", chars.as_str());
    }
}

/// Whether an encoded name has the mark between program and topic ([MS-XLS] 2.5.277).
fn is_conversation(raw: &str) -> bool {
    match raw.strip_prefix('\u{1}') {
        // In an encoded path the same character parts folders.
        Some(rest) => {
            rest.contains('\u{3}')
                && !rest.starts_with(['\u{1}', '\u{2}', '\u{4}', '\u{5}', '\u{6}', '\u{7}', '\u{8}'])
                && !rest.contains('[')
        }
        None => raw.contains('\u{3}'),
    }
}

/// Decodes an encoded path ([MS-XLS] 2.5.277 `VirtualPath`).
fn decoded_path(raw: &str) -> String {
    let Some(encoded) = raw.strip_prefix('\u{1}') else { return raw.to_owned() };
    let mut path = String::new();
    let mut chars = encoded.chars();
    while let Some(character) = chars.next() {
        match character {
            '\u{1}' => match chars.next() {
                Some('@') => path.push_str("\\\\"),
                Some(drive) => path.extend([drive, ':', '\\']),
                None => {}
            },
            '\u{2}' | '\u{3}' => path.push('\\'),
            '\u{4}' => path.push_str("..\\"),
            // A count of characters, and an address as it is.
            '\u{5}' => {
                chars.next();
            }
            '\u{6}' => path.push_str("<XLSTART>\\"),
            '\u{7}' => path.push_str("<alternate startup>\\"),
            '\u{8}' => path.push_str("<library>\\"),
            other => path.push(other),
        }
    }
    path
}

/// Path and sheet of a source before BIFF8: `[book]sheet` behind the folders, or a program and a
/// topic.
fn decoded_path5(raw: &str) -> (String, Option<String>) {
    if is_conversation(raw) {
        return (raw.trim_start_matches('\u{1}').replacen('\u{3}', "|", 1), None);
    }
    let path = decoded_path(raw);
    let parts = path.split_once('[').and_then(|(folders, rest)| {
        let (book, sheet) = rest.split_once(']')?;
        Some((format!("{folders}{book}"), sheet.to_owned()))
    });
    match parts {
        Some((path, sheet)) => (path, Some(sheet)),
        None => (path, None),
    }
}
