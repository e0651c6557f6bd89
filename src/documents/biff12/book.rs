//! The workbook part and what hangs on it: sheets, names, sources, shared strings ([MS-XLSB] 2.1.7).

use super::records::{Record, Records, brt, formula, nullable, wide};
use super::{sheet, styles};
use crate::base::{Cx, LimitHit, Location, Reader, Short, Stage};
use crate::documents::ooxml::workbook::{
    MAX_SHEETS, connection, hanging_parts, kind_of_content, kind_of_relationship, orphans,
};
use crate::documents::ooxml::{Found, Package, Parts, opened};
use crate::documents::workbook::{
    BiffVersion, DefinedName, ExternalBook, ExternalKind, ExternalName, Oddity, OddityKind, Protection,
    Sheet, SheetKind, SheetRange, TokenSpan, Visibility, Workbook,
};

/// Why a record is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Biff12Error {
    #[error(transparent)]
    Short(#[from] Short),
    #[error(transparent)]
    Limit(#[from] LimitHit),
}

/// Tells what is wrong with a record, and goes on; a limit ends the walk.
pub(super) fn told(
    result: Result<(), Biff12Error>,
    record: &Record<'_>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    match result {
        Ok(()) => Ok(()),
        Err(Biff12Error::Limit(hit)) => Err(hit),
        Err(Biff12Error::Short(short)) => {
            let end = record.body_at.saturating_add(record.body.len() as u64);
            cx.abandoned(record.at..end, &format_args!("record {}: {short}", record.id));
            Ok(())
        }
    }
}

/// Reads a binary workbook whose main part is `main`.
///
/// # Errors
/// [`LimitHit`] when the budget does not last; `book` and `found` keep what was read.
pub fn read<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    main: u32,
    book: &mut Workbook,
    found: &mut Found,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    book.part = package.id(main);
    book.version = BiffVersion::Biff12;
    let mut listed = Vec::new();
    let mut sources = Vec::new();
    main_part(package, source, main, book, &mut listed, &mut sources, cx)?;
    orphans(package, main, book, &mut listed, cx)?;
    for (place, index) in sources {
        external_book(package, source, index, place, book, cx)?;
    }
    for index in package.targets(Some(main), "styles").collect::<Vec<_>>() {
        styles::read(package, source, index, book, cx)?;
    }
    for index in package.targets(Some(main), "sharedStrings").collect::<Vec<_>>() {
        shared_strings(package, source, index, book, cx)?;
    }
    let is_macro = |sheet: &Sheet| sheet.kind == SheetKind::Macro;
    let with_macros = book.sheets.iter().any(is_macro);
    let mut order: Vec<usize> = (0..book.sheets.len()).collect();
    order.sort_by_key(|index| !book.sheets.get(*index).is_some_and(is_macro));
    for index in order {
        let Some(part) = listed.get(index).copied().flatten() else { continue };
        sheet::read(package, source, (index, part), book, with_macros, found, cx)?;
        for target in package.targets(Some(part), "comments").collect::<Vec<_>>() {
            sheet::comments(package, source, (index, target), book, cx)?;
        }
        hanging_parts(package, source, (index, part), book, found, cx)?;
    }
    connections(package, source, main, book, cx)
}

fn main_part<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    main: u32,
    book: &mut Workbook,
    listed: &mut Vec<Option<u32>>,
    sources: &mut Vec<(usize, u32)>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, main, cx)?;
    let cx = &mut cx.for_part(package.id(main), Stage::Biff);
    let mut records = Records::new(bytes.as_slice());
    while let Some(record) = records.next(cx)? {
        let mut reader = record.reader();
        let result = match record.id {
            brt::BUNDLE_SH => bundle(&mut reader, &record, package, main, book, listed, cx),
            brt::NAME => name(&mut reader, &record, book, cx),
            brt::EXTERN_SHEET => ranges(&mut reader, book, cx),
            brt::SUP_SELF => source_of(ExternalKind::SelfReference, &record, book, cx),
            // Of the sheet that the formula stands in.
            brt::SUP_SAME => source_of(ExternalKind::ActiveSheet, &record, book, cx),
            brt::SUP_ADDIN => source_of(ExternalKind::AddIn, &record, book, cx),
            brt::SUP_BOOK_SRC => {
                let mut id = String::new();
                let result = wide(&mut reader, &mut id).map_err(Biff12Error::from);
                if let Some(part) = package.by_id(main, &id).and_then(|one| one.part) {
                    sources.push((book.books.len(), part));
                }
                result.and_then(|()| source_of(ExternalKind::Unused, &record, book, cx))
            }
            brt::BOOK_PROTECTION => protection(&mut reader, &mut book.protection),
            brt::FILE_SHARING => {
                let mut user = String::new();
                let result =
                    reader.skip(4).and_then(|()| wide(&mut reader, &mut user)).map_err(Biff12Error::from);
                if !user.is_empty() {
                    cx.budget.hold(user.len())?;
                    book.written_by = book.texts.push(&user);
                }
                result
            }
            _ => Ok(()),
        };
        told(result, &record, cx)?;
    }
    Ok(())
}

/// Password verifier, then flags (`BrtBookProtection`, `BrtSheetProtection`).
pub(super) fn protection(reader: &mut Reader<'_>, into: &mut Protection) -> Result<(), Biff12Error> {
    let verifier = reader.u16()?;
    *into = Protection { on: true, verifier };
    Ok(())
}

/// `BrtBundleSh` (2.4.313): state, identifier, relationship, name.
fn bundle(
    reader: &mut Reader<'_>,
    record: &Record<'_>,
    package: &Package,
    main: u32,
    book: &mut Workbook,
    listed: &mut Vec<Option<u32>>,
    cx: &mut Cx<'_>,
) -> Result<(), Biff12Error> {
    if book.sheets.len() >= MAX_SHEETS {
        cx.abandoned(record.at..record.at, &format_args!("more than {MAX_SHEETS} sheets"));
        return Ok(());
    }
    let state = reader.u32()?;
    reader.u32()?;
    let (mut id, mut name) = (String::new(), String::new());
    nullable(reader, &mut id)?;
    let result = wide(reader, &mut name);
    let relationship = package.by_id(main, &id);
    let part = relationship.and_then(|one| one.part);
    if relationship.is_none() && result.is_ok() {
        cx.abandoned(record.at..record.at, &format_args!("no relationship leads to the sheet {name:?}"));
    }
    let by_type = relationship.map_or(SheetKind::Worksheet, |one| kind_of_relationship(&one.kind));
    let by_content =
        part.map_or(by_type, |part| kind_of_content(package.content_type(part)).unwrap_or(by_type));
    if by_type != by_content {
        let location = Location::bytes(book.part, record.at..record.at);
        book.oddities.push(Oddity { location, kind: OddityKind::KindMismatch });
    }
    cx.budget.hold(size_of::<Sheet>().saturating_add(name.len()))?;
    book.sheets.push(Sheet {
        name,
        kind: if by_type == SheetKind::Macro { by_type } else { by_content },
        visibility: match state {
            0 => Visibility::Visible,
            1 => Visibility::Hidden,
            2 => Visibility::VeryHidden,
            other => Visibility::Reserved(u8::try_from(other).unwrap_or(u8::MAX)),
        },
        state_bits: u8::try_from(state).unwrap_or(u8::MAX),
        listed_at: Some(record.at),
        ..Sheet::default()
    });
    listed.push(part);
    Ok(result?)
}

/// `BrtName` (2.4.703): flags, key, sheet, name, formula.
fn name(
    reader: &mut Reader<'_>,
    record: &Record<'_>,
    book: &mut Workbook,
    cx: &mut Cx<'_>,
) -> Result<(), Biff12Error> {
    let flags = reader.u32()?;
    let key = reader.u8()?;
    let scope = reader.u32()?;
    let [low, high, ..] = flags.to_le_bytes();
    let mut defined = DefinedName {
        at: record.at,
        name: String::new(),
        builtin: None,
        wide: false,
        // fHidden, fFunc, fOB, fProc, fCalcExp, fBuiltin stand as in BIFF8.
        flags: u16::from_le_bytes([low, high]),
        scope: u16::try_from(scope).ok().filter(|_| scope != u32::MAX),
        tokens: TokenSpan::default(),
        key,
    };
    let mut result = wide(reader, &mut defined.name);
    defined.wide = !defined.name.is_ascii();
    cx.budget.hold(size_of::<DefinedName>().saturating_add(defined.name.len()))?;
    if result.is_ok() {
        match formula(reader) {
            Ok((rgce, rgcb)) => {
                cx.budget.hold(rgce.len().saturating_add(rgcb.len()))?;
                defined.tokens = book.tokens.push(rgce, rgcb).unwrap_or_default();
            }
            Err(short) => result = Err(short),
        }
    }
    // Tokens count names from 1: a damaged one keeps its place.
    book.names.push(defined);
    Ok(result?)
}

/// `BrtExternSheet` (2.4.671): ranges of sheets, each of a source.
fn ranges(reader: &mut Reader<'_>, book: &mut Workbook, cx: &mut Cx<'_>) -> Result<(), Biff12Error> {
    let count = reader.u32()?;
    for _ in 0..count {
        let (source, first, last) = (reader.u32()?, reader.i32()?, reader.i32()?);
        cx.budget.step(1)?;
        cx.budget.hold(size_of::<SheetRange>())?;
        let narrow = |index: i32| i16::try_from(index).unwrap_or(i16::MAX);
        book.sheet_ranges.push(SheetRange {
            book: u16::try_from(source).unwrap_or(u16::MAX),
            first: narrow(first),
            last: narrow(last),
        });
    }
    Ok(())
}

fn source_of(
    kind: ExternalKind,
    record: &Record<'_>,
    book: &mut Workbook,
    cx: &mut Cx<'_>,
) -> Result<(), Biff12Error> {
    cx.budget.hold(size_of::<ExternalBook>())?;
    let at = record.at;
    book.books.push(ExternalBook { at, kind, path: String::new(), sheets: Vec::new(), names: Vec::new() });
    Ok(())
}

/// An external link part (2.1.7.25): the source that stands at `place` in the list.
fn external_book<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    index: u32,
    place: usize,
    book: &mut Workbook,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let cx = &mut cx.for_part(package.id(index), Stage::Biff);
    let mut records = Records::new(bytes.as_slice());
    while let Some(record) = records.next(cx)? {
        let Some(external) = book.books.get_mut(place) else { break };
        let mut reader = record.reader();
        let result: Result<(), Biff12Error> = (|| {
            match record.id {
                brt::BEGIN_SUP_BOOK => {
                    let kind = reader.u16()?;
                    let (mut first, mut second) = (String::new(), String::new());
                    nullable(&mut reader, &mut first)?;
                    nullable(&mut reader, &mut second)?;
                    cx.budget.hold(first.len().saturating_add(second.len()))?;
                    let target =
                        |id: &str| package.by_id(index, id).map(|one| one.target.clone()).unwrap_or_default();
                    (external.kind, external.path) = match kind {
                        0 => (ExternalKind::Workbook, target(&first)),
                        1 => (ExternalKind::Dde, format!("{first}|{second}")),
                        _ => (ExternalKind::Ole, format!("{second}|{}", target(&first))),
                    };
                }
                brt::SUP_TABS => {
                    let count = reader.u32()?;
                    for _ in 0..count {
                        let mut name = String::new();
                        wide(&mut reader, &mut name)?;
                        cx.budget.hold(name.len().saturating_add(24))?;
                        external.sheets.push(name);
                    }
                }
                brt::SUP_NAME_START => {
                    let mut name = String::new();
                    wide(&mut reader, &mut name)?;
                    cx.budget.hold(size_of::<ExternalName>().saturating_add(name.len()))?;
                    let tokens = TokenSpan::default();
                    external.names.push(ExternalName { at: 0, name, automatic: false, tokens });
                }
                brt::SUP_NAME_BITS => {
                    // fWantAdvise is the second flag (2.4.783).
                    let bits = reader.u16()?;
                    if let Some(name) = external.names.last_mut() {
                        name.automatic = bits & 0x0002 != 0;
                    }
                }
                _ => {}
            }
            Ok(())
        })();
        told(result, &record, cx)?;
    }
    Ok(())
}

/// The shared string table (2.1.7.45): items of a flags byte and a string, formatting behind.
fn shared_strings<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    index: u32,
    book: &mut Workbook,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let cx = &mut cx.for_part(package.id(index), Stage::Biff);
    let mut records = Records::new(bytes.as_slice());
    let mut string = String::new();
    while let Some(record) = records.next(cx)? {
        if record.id == brt::SST_ITEM {
            string.clear();
            let mut reader = record.reader();
            let result = reader.skip(1).and_then(|()| wide(&mut reader, &mut string));
            cx.budget.hold(string.len().saturating_add(4))?;
            book.shared_strings.push(&string);
            told(result.map_err(Biff12Error::from), &record, cx)?;
        }
    }
    Ok(())
}

/// Connections (2.1.7.12): the strings of each, however they are laid out.
fn connections<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    main: u32,
    book: &mut Workbook,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    for index in package.targets(Some(main), "connections").collect::<Vec<_>>() {
        let bytes = opened(package, source, index, cx)?;
        let cx = &mut cx.for_part(package.id(index), Stage::Biff);
        let mut records = Records::new(bytes.as_slice());
        let mut on_open = false;
        while let Some(record) = records.next(cx)? {
            match record.id {
                brt::BEGIN_EXT_CONNECTION => {
                    // Two versions, how a password is kept, a reserved byte, an interval, then flags
                    // (2.4.80); the sixth is fRefreshOnLoad.
                    let mut reader = record.reader();
                    let flags = reader.skip(6).and_then(|()| reader.u16()).unwrap_or(0);
                    on_open = flags & 0x0020 != 0;
                    connection(book, &strings_in(record.body), on_open, cx)?;
                }
                brt::BEGIN_EC_DB_PROPS | brt::BEGIN_EC_WEB_PROPS => {
                    connection(book, &strings_in(record.body), on_open, cx)?;
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Runs of at least four UTF-16 characters of ASCII, a line each.
fn strings_in(body: &[u8]) -> String {
    let mut found = String::new();
    for phase in [0, 1] {
        let mut run = String::new();
        let units = body.get(phase..).unwrap_or_default().as_chunks::<2>().0;
        for unit in units.iter().chain([&[0, 0]]) {
            match *unit {
                [byte @ 0x20..=0x7E, 0] => run.push(char::from(byte)),
                _ => {
                    if run.len() >= 4 {
                        found.push_str(&run);
                        found.push('\n');
                    }
                    run.clear();
                }
            }
        }
    }
    found.trim_end().to_owned()
}
