//! Whole formulas from bytes, in every dialect, and what holds for any bytes.

use proptest::prelude::*;

use super::functions::id;
use super::*;
use crate::base::text::CodePage;
use crate::base::{Budget, Cx, LimitHit, LimitKind, Limits, PartId, Problems, Short, Stage};
use crate::documents::workbook::{
    Cached, DefinedName, ExternalBook, ExternalKind, ExternalName, FormulaCell, SharedFormula, Sheet,
    SheetKind, SheetRange, TokenSpan,
};
use BiffVersion::{Biff2, Biff3, Biff4, Biff5, Biff8, Biff12};

const ALL: [BiffVersion; 6] = [Biff2, Biff3, Biff4, Biff5, Biff8, Biff12];

fn with_cx<T>(limits: Limits, work: impl FnOnce(&mut Cx<'_>) -> T) -> T {
    let mut budget = Budget::new(&limits);
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Formula, budget: &mut budget, problems: &mut problems };
    work(&mut cx)
}

fn sheet(name: &str, kind: SheetKind) -> Sheet {
    Sheet { name: name.to_owned(), kind, ..Sheet::default() }
}

fn name(name: &str) -> DefinedName {
    DefinedName {
        at: 0,
        name: name.to_owned(),
        builtin: None,
        wide: false,
        flags: 0,
        scope: None,
        tokens: TokenSpan::default(),
        key: 0,
    }
}

fn book(kind: ExternalKind, path: &str, sheets: &[&str], names: &[&str]) -> ExternalBook {
    let names = names.iter().map(|name| ExternalName {
        at: 0,
        name: (*name).to_owned(),
        automatic: false,
        tokens: TokenSpan::default(),
    });
    ExternalBook {
        at: 0,
        kind,
        path: path.to_owned(),
        sheets: sheets.iter().map(|sheet| (*sheet).to_owned()).collect(),
        names: names.collect(),
    }
}

/// Three sheets, two names, and a source of every kind; the sheet ranges of BIFF8 are in order
/// Sheet1, It's, Sheet1:Macro 1, deleted, own workbook, book, add-in, DDE.
fn workbook(version: BiffVersion) -> Workbook {
    let range = |book, first, last| SheetRange { book, first, last };
    Workbook {
        version,
        sheets: vec![
            sheet("Sheet1", SheetKind::Worksheet),
            sheet("It's", SheetKind::Worksheet),
            sheet("Macro 1", SheetKind::Macro),
        ],
        names: vec![
            name("Auto_Open"),
            name("run_it"),
            DefinedName { scope: Some(1), ..name("local") },
            DefinedName { scope: Some(0), ..name("here") },
        ],
        books: vec![
            book(ExternalKind::SelfReference, "", &["Sheet1"], &[]),
            book(ExternalKind::Workbook, r"C:\a b\book.xls", &["Data", "More"], &["Rate"]),
            book(ExternalKind::AddIn, "", &[], &["EDATE"]),
            book(ExternalKind::Dde, "cmd|/c calc", &[], &["A0", "a b"]),
        ],
        sheet_ranges: vec![
            range(0, 0, 0),
            range(0, 1, 1),
            range(0, 0, 2),
            range(0, -1, -1),
            range(0, -2, -2),
            range(1, 0, 0),
            range(2, -2, -2),
            range(3, -2, -2),
            range(1, -2, -2),
            range(1, 0, 1),
        ],
        ..Workbook::default()
    }
}

fn printed_at(
    version: BiffVersion,
    cell: Option<(u32, u32)>,
    rgce: &[u8],
    rgcb: &[u8],
    max_chars: usize,
) -> (String, Printed) {
    let workbook = workbook(version);
    let scope = Scope { workbook: &workbook, sheet: Some(0), cell };
    let mut text = String::new();
    let printed =
        with_cx(Limits::default(), |cx| print(rgce, rgcb, &scope, max_chars, cx, &mut text)).unwrap();
    (text, printed)
}

#[track_caller]
fn shows(version: BiffVersion, rgce: &[u8], expected: &str) {
    shows_with(version, rgce, &[], expected);
}

#[track_caller]
fn shows_with(version: BiffVersion, rgce: &[u8], rgcb: &[u8], expected: &str) {
    let (text, printed) = printed_at(version, Some((4, 2)), rgce, rgcb, 1000);
    assert_eq!(text, expected);
    assert_eq!(printed, Printed { complete: true, cut: false });
}

#[track_caller]
fn shows_damaged(version: BiffVersion, rgce: &[u8], expected: &str) {
    let (text, printed) = printed_at(version, Some((4, 2)), rgce, &[], 1000);
    assert_eq!(text, expected);
    assert_eq!(printed, Printed { complete: false, cut: false });
}

fn all_tokens<'a>(version: BiffVersion, rgce: &'a [u8]) -> Vec<(u32, Token<'a>)> {
    tokens(rgce, &[], version).collect::<Result<_, _>>().unwrap()
}

fn text8(text: &str) -> Vec<u8> {
    let mut bytes = vec![0x17, u8::try_from(text.len()).unwrap(), 0];
    bytes.extend(text.as_bytes());
    bytes
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// `PtgInt`
fn int(value: u16) -> [u8; 3] {
    let [low, high] = value.to_le_bytes();
    [0x1E, low, high]
}

#[test]
fn every_token_of_every_dialect_has_its_length() {
    // First byte, and bytes behind it: BIFF2, BIFF3, BIFF4, BIFF5, BIFF8, BIFF12; -1 where there is none.
    let lengths: [(u8, [i32; 6]); 34] = [
        (0x01, [3, 4, 4, 4, 4, 4]),
        (0x02, [3, 4, 4, 4, 4, 4]),
        (0x03, [0; 6]),
        (0x11, [0; 6]),
        (0x14, [0; 6]),
        (0x15, [0; 6]),
        (0x16, [0; 6]),
        (0x1A, [7, 10, 10, -1, -1, -1]),
        (0x1B, [3, 4, 4, -1, -1, -1]),
        (0x1C, [1; 6]),
        (0x1D, [1; 6]),
        (0x1E, [2; 6]),
        (0x1F, [8; 6]),
        (0x20, [6, 7, 7, 7, 7, 14]),
        (0x21, [1, 1, 2, 2, 2, 2]),
        (0x22, [2, 2, 3, 3, 3, 3]),
        (0x23, [7, 10, 10, 14, 4, 4]),
        (0x24, [3, 3, 3, 3, 4, 6]),
        (0x25, [6, 6, 6, 6, 8, 12]),
        (0x26, [4, 6, 6, 6, 6, 6]),
        (0x27, [4, 6, 6, 6, 6, 6]),
        (0x28, [4, 6, 6, 6, 6, 6]),
        (0x29, [1, 2, 2, 2, 2, 2]),
        (0x2A, [3, 3, 3, 3, 4, 6]),
        (0x2B, [6, 6, 6, 6, 8, 12]),
        (0x2C, [3, 3, 3, 3, 4, 6]),
        (0x2D, [6, 6, 6, 6, 8, 12]),
        (0x2E, [1, 2, 2, 2, 2, 2]),
        (0x2F, [1, 2, 2, 2, 2, 2]),
        (0x38, [2, 2, -1, -1, -1, -1]),
        (0x39, [-1, -1, -1, 24, 6, 6]),
        (0x3A, [-1, -1, -1, 17, 6, 8]),
        (0x3B, [-1, -1, -1, 20, 10, 14]),
        (0x3C, [-1, -1, -1, 17, 6, 8]),
    ];
    for (ptg, by_version) in lengths {
        for (version, len) in ALL.into_iter().zip(by_version) {
            let classes: &[u8] = if ptg >= 0x20 { &[0x00, 0x20, 0x40] } else { &[0x00] };
            for class in classes {
                let ptg = ptg + class;
                let Ok(len) = usize::try_from(len) else {
                    let bytes = [ptg, 0, 0];
                    let read: Vec<_> = tokens(&bytes, &[], version).collect();
                    assert_eq!(read, [Err(DecodeError::Unknown { ptg, at: 0 })], "{version:?}");
                    continue;
                };
                let mut bytes = vec![ptg];
                bytes.resize(len + 1, 0);
                bytes.push(0x16);
                let read = all_tokens(version, &bytes);
                let behind = (u32::try_from(len + 1).unwrap(), Token::MissArg);
                assert_eq!(read.len(), 2, "0x{ptg:02x} {version:?}");
                assert_eq!(read[1], behind, "0x{ptg:02x} {version:?}");
                if len > 0 {
                    let short = Short { at: 1, need: 0, have: 0 };
                    let last = tokens(&bytes[..len], &[], version).last().unwrap();
                    match last {
                        Err(DecodeError::Short { ptg: met, at: 0, short: met_short }) => {
                            assert_eq!(met, ptg);
                            assert!(met_short.at >= short.at && met_short.need > met_short.have);
                        }
                        other => panic!("0x{ptg:02x} {version:?}: {other:?}"),
                    }
                }
            }
        }
    }
}

#[test]
fn attributes_are_told_apart_and_their_tables_skipped() {
    let rgce = [
        0x19, 0x01, 0, 0, // PtgAttrSemi
        0x19, 0x02, 7, 0, // PtgAttrIf
        0x19, 0x04, 2, 0, 6, 0, 9, 0, 12, 0, // PtgAttrChoose, cOffset, rgOffset
        0x19, 0x08, 3, 0, // PtgAttrGoto
        0x19, 0x10, 0, 0, // PtgAttrSum
        0x19, 0x20, 0, 0, // PtgAttrBaxcel
        0x19, 0x40, 1, 5, // PtgAttrSpace
        0x19, 0x41, 0, 2, // PtgAttrSpaceSemi
        0x19, 0x00, 0, 0,
    ];
    let read = all_tokens(Biff8, &rgce);
    assert_eq!(
        read,
        [
            (0, Token::AttrSemi),
            (4, Token::AttrIf { offset: 7 }),
            (8, Token::AttrChoose { table: &[6, 0, 9, 0, 12, 0] }),
            (18, Token::AttrGoto { offset: 3 }),
            (22, Token::AttrSum),
            (26, Token::AttrBaxcel),
            (30, Token::AttrSpace { kind: 1, count: 5 }),
            (34, Token::AttrSpace { kind: 0, count: 2 }),
            (38, Token::AttrNone),
        ]
    );
    let old = [0x19, 0x04, 2, 6, 9, 12, 0x19, 0x08, 3];
    assert_eq!(
        all_tokens(Biff2, &old),
        [(0, Token::AttrChoose { table: &[6, 9, 12] }), (6, Token::AttrGoto { offset: 3 })]
    );
}

#[test]
fn operators_are_printed_with_the_parentheses_that_the_file_states() {
    // (1+2)*3 with PtgParen
    let stated = joined(&[&int(1), &int(2), &[0x03, 0x15], &int(3), &[0x05]]);
    shows(Biff8, &stated, "(1+2)*3");
    let comparison = joined(&[&int(1), &int(2), &[0x08], &int(3), &[0x0E]]);
    shows(Biff8, &comparison, "1&2<>3");
    for (ptg, expected) in [
        (0x03, "7+8"),
        (0x04, "7-8"),
        (0x05, "7*8"),
        (0x06, "7/8"),
        (0x07, "7^8"),
        (0x08, "7&8"),
        (0x09, "7<8"),
        (0x0A, "7<=8"),
        (0x0B, "7=8"),
        (0x0C, "7>=8"),
        (0x0D, "7>8"),
        (0x0E, "7<>8"),
    ] {
        for version in ALL {
            shows(version, &joined(&[&int(7), &int(8), &[ptg]]), expected);
        }
    }
    shows(Biff8, &joined(&[&int(2), &[0x13], &int(2), &[0x07, 0x14, 0x12]]), "+(-2^2)%");
}

#[test]
fn parentheses_are_added_where_the_tree_needs_them() {
    // 1-(2-3), (1+2)*3, -(2^2) without PtgParen
    shows(Biff8, &joined(&[&int(1), &int(2), &int(3), &[0x04, 0x04]]), "1-(2-3)");
    shows(Biff8, &joined(&[&int(1), &int(2), &[0x03], &int(3), &[0x05]]), "(1+2)*3");
    shows(Biff8, &joined(&[&int(2), &int(2), &[0x07, 0x13]]), "-(2^2)");
    // SUM of a union, without and with PtgParen: a bare comma would separate arguments.
    let union = [0x24, 0, 0, 0, 0xC0, 0x24, 0, 0, 1, 0xC0, 0x10];
    shows(Biff8, &joined(&[&union, &[0x22, 1, 4, 0]]), "SUM((A1,B1))");
    shows(Biff8, &joined(&[&union, &[0x15, 0x22, 1, 4, 0]]), "SUM((A1,B1))");
    shows(Biff8, &union, "A1,B1");
}

#[test]
fn text_is_quoted_and_decoded_by_dialect() {
    shows(Biff8, &text8(r#"say "hi""#), r#""say ""hi""""#);
    // PtgStr: cch 2, fHighByte 1
    shows(Biff8, &[0x17, 2, 1, 0xE5, 0x65, 0x2C, 0x67], "\"日本\"");
    // Compressed BIFF8 text is Latin-1, older text is in the code page.
    shows(Biff8, &[0x17, 1, 0, 0xE4], "\"ä\"");
    shows(Biff5, &[0x17, 2, 0x41, 0x42], "\"AB\"");
    let euro = Text { bytes: &[0x80], wide: false, latin1: false };
    assert_eq!(euro.decode(Some(CodePage::WESTERN)), "€");
    assert_eq!(Text { latin1: true, ..euro }.decode(None), "\u{80}");
}

#[test]
fn constants_are_printed_as_excel_writes_them() {
    let number = joined(&[&[0x1F], &0.5f64.to_le_bytes()]);
    shows(Biff8, &number, "0.5");
    shows(Biff8, &[0x1D, 1], "TRUE");
    shows(Biff8, &[0x1D, 0], "FALSE");
    for (code, expected) in
        [(0, "#NULL!"), (7, "#DIV/0!"), (0x0F, "#VALUE!"), (0x17, "#REF!"), (0x1D, "#NAME?")]
    {
        shows(Biff8, &[0x1C, code], expected);
    }
    shows(Biff8, &[0x1C, 0x24], "#NUM!");
    shows(Biff8, &[0x1C, 0x2A], "#N/A");
    shows(Biff8, &[0x1C, 0x99], "#ERR(0x99)");
}

#[test]
fn calls_take_as_many_arguments_as_the_token_or_the_table_says() {
    // EXEC("calc"), FuncVar with one argument
    let exec = joined(&[&text8("calc"), &[0x42, 1, 0x6E, 0]]);
    shows(Biff8, &exec, "EXEC(\"calc\")");
    // CHAR(65)&MID("abc",1,2): PtgFunc
    let fixed = joined(&[&int(65), &[0x41, 0x6F, 0], &text8("abc"), &int(1), &int(2), &[0x41, 0x1F, 0, 8]]);
    shows(Biff8, &fixed, "CHAR(65)&MID(\"abc\",1,2)");
    // Missing arguments
    let missing = joined(&[&text8("a"), &[0x16], &int(2), &[0x42, 3, 0x76, 0x80]]);
    shows(Biff8, &missing, "ALERT(\"a\",,2)");
    // A command with its dialog: bit 7 of cparams
    shows(Biff8, &joined(&[&text8("x"), &[0x42, 0x81, 0x01, 0x80]]), "OPEN?(\"x\")");
    shows(Biff8, &[0x42, 0, 0x36, 0], "HALT()");
    shows(Biff8, &[0x41, 0x4A, 0], "NOW()");
    // One-byte identifiers before BIFF4, and commands as tFuncCE
    shows(Biff3, &joined(&[&int(1), &int(2), &[0x42, 2, 4]]), "SUM(1,2)");
    shows(Biff2, &joined(&[&int(65), &[0x41, 0x6F]]), "CHAR(65)");
    shows(Biff2, &joined(&[&[0x17, 1, b'x', 0x58, 1, 0x60]]), "FORMULA(\"x\")");
    shows(Biff2, &joined(&[&int(3), &int(1), &[0x41, 0x0E]]), "FIXED(3,1)");
    // PtgAttrSum
    shows(Biff8, &[0x25, 0, 0, 2, 0, 0, 0xC0, 0, 0xC0, 0x19, 0x10, 0, 0], "SUM(A1:A3)");
}

#[test]
fn jumps_spaces_and_memory_tokens_have_no_text() {
    let branches = joined(&[
        &[0x1D, 1, 0x19, 0x02, 7, 0, 0x19, 0x40, 0, 3],
        &int(1),
        &[0x19, 0x08, 10, 0],
        &int(2),
        &[0x19, 0x08, 3, 0, 0x22, 3, 1, 0],
    ]);
    shows(Biff8, &branches, "IF(TRUE,1,2)");
    let mem = joined(&[&[0x29, 11, 0, 0x24, 0, 0, 0, 0xC0, 0x24, 0, 0, 1, 0xC0, 0x10]]);
    shows(Biff8, &mem, "A1,B1");
}

#[test]
fn references_show_what_is_absolute() {
    // PtgRef: row, column with colRelative (0x4000) and rowRelative (0x8000)
    shows(Biff8, &[0x24, 4, 0, 2, 0], "$C$5");
    shows(Biff8, &[0x24, 4, 0, 2, 0x40], "C$5");
    shows(Biff8, &[0x24, 4, 0, 2, 0x80], "$C5");
    shows(Biff8, &[0x24, 0xFF, 0xFF, 0xFF, 0xC0], "IV65536");
    // Before BIFF8 the flags are in the row
    shows(Biff5, &[0x24, 4, 0xC0, 2], "C5");
    shows(Biff5, &[0x24, 0xFF, 0x7F, 2], "C$16384");
    shows(Biff8, &[0x25, 1, 0, 3, 0, 0, 0xC0, 2, 0x00], "A2:$C$4");
    // Whole columns and rows
    shows(Biff8, &[0x25, 0, 0, 0xFF, 0xFF, 0, 0x40, 2, 0x40], "A:C");
    shows(Biff8, &[0x25, 1, 0, 1, 0, 0, 0, 0xFF, 0], "$2:$2");
    shows(Biff5, &[0x25, 0, 0, 0xFF, 0x3F, 0, 1], "$A:$B");
    shows(Biff8, &[0x2A, 0, 0, 0, 0], "#REF!");
    shows(Biff8, &[0x2B, 0, 0, 0, 0, 0, 0, 0, 0], "#REF!");
    shows(Biff8, &[0x24, 0, 0, 0, 0, 0x24, 0, 0, 1, 0, 0x0F], "$A$1 $B$1");
    shows(Biff8, &[0x24, 0, 0, 0, 0, 0x24, 0, 0, 1, 0, 0x11], "$A$1:$B$1");
}

#[test]
fn distances_in_shared_formulas_wrap_around_the_sheet() {
    let at = |version, cell, rgce: &[u8]| printed_at(version, Some(cell), rgce, &[], 100).0;
    // PtgRefN one row up and one column left
    let up_left = [0x2C, 0xFF, 0xFF, 0xFF, 0xC0];
    assert_eq!(at(Biff8, (4, 2), &up_left), "B4");
    assert_eq!(at(Biff8, (0, 0), &up_left), "IV65536");
    assert_eq!(at(Biff5, (4, 2), &[0x2C, 0xFF, 0xFF, 0xFF]), "B4");
    assert_eq!(at(Biff5, (0, 0), &[0x2C, 0xFF, 0xFF, 0xFF]), "IV16384");
    // Absolute parts stay
    assert_eq!(at(Biff8, (4, 2), &[0x2C, 9, 0, 1, 0x40]), "D$10");
    assert_eq!(at(Biff8, (4, 2), &[0x2D, 0, 0, 1, 0, 0, 0xC0, 1, 0xC0]), "C5:D6");
}

#[test]
fn sheet_names_are_quoted_when_they_have_to_be() {
    // PtgRef3d: ixti, row, column
    let at = |ixti: u8| [0x3A, ixti, 0, 0, 0, 0, 0xC0];
    shows(Biff8, &at(0), "Sheet1!A1");
    shows(Biff8, &at(1), "'It''s'!A1");
    shows(Biff8, &at(2), "'Sheet1:Macro 1'!A1");
    shows(Biff8, &at(3), "#REF!A1");
    shows(Biff8, &at(5), r"'C:\a b\[book.xls]Data'!A1");
    shows(Biff8, &at(9), r"'C:\a b\[book.xls]Data:More'!A1");
    shows(Biff8, &[0x3B, 0, 0, 0, 0, 1, 0, 0, 0xC0, 0, 0xC0], "Sheet1!A1:A2");
    shows(Biff8, &[0x3C, 0, 0, 0, 0, 0, 0], "Sheet1!#REF!");
    shows(Biff8, &[0x3D, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "Sheet1!#REF!");
    shows_damaged(Biff8, &at(99), "#REF!A1");
}

#[test]
fn names_that_look_like_cells_or_need_it_are_quoted() {
    let mut workbook = workbook(Biff8);
    let mut shown = |sheet_name: &str| {
        workbook.sheets[0].name = sheet_name.to_owned();
        let scope = Scope { workbook: &workbook, sheet: None, cell: None };
        let mut text = String::new();
        let rgce = [0x3A, 0, 0, 0, 0, 0, 0xC0];
        with_cx(Limits::default(), |cx| print(&rgce, &[], &scope, 100, cx, &mut text)).unwrap();
        text
    };
    for plain in ["Sheet1", "Macro1", "_x", "A0", "XFE1", "A1048577", "Tabelle.1", "日本", "Rate", "Code"] {
        assert_eq!(shown(plain), format!("{plain}!A1"));
    }
    for quoted in ["A1", "xfd12", "R1C1", "r", "C", "RC", "C5", "1st", "a b", "a-b", "", "a!b"] {
        assert_eq!(shown(quoted), format!("'{quoted}'!A1"));
    }
}

#[test]
fn biff5_references_name_sheets_in_the_token() {
    // PtgRef3d: ixals, 8 unused, itabFirst, itabLast, row, column
    let own = |first: u8, last: u8| [0x3A, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, first, 0, last, 0, 0, 0xC0, 0];
    shows(Biff5, &own(1, 1), "'It''s'!A1");
    shows(Biff5, &own(0, 1), "'Sheet1:It''s'!A1");
    let mut other = own(0, 0);
    other[1..3].copy_from_slice(&2i16.to_le_bytes());
    shows(Biff5, &other, r"'C:\a b\[book.xls]Data'!A1");
    other[1..3].copy_from_slice(&1i16.to_le_bytes());
    shows(Biff5, &other, "Sheet1!A1");
    let mut deleted = own(0, 0);
    deleted[11..15].fill(0xFF);
    shows(Biff5, &deleted, "#REF!A1");
    // PtgNameX: ixals, 8 unused, ilbl, 12 unused
    let mut name = [0u8; 25];
    name[0] = 0x39;
    name[1..3].copy_from_slice(&(-1i16).to_le_bytes());
    name[11] = 2;
    shows(Biff5, &name, "run_it");
    name[1..3].copy_from_slice(&3i16.to_le_bytes());
    name[11] = 1;
    shows(Biff5, &name, "EDATE");
}

#[test]
fn before_biff5_a_token_before_the_reference_names_the_sheet() {
    // tSheet: 6 unused, EXTERNSHEET from 1, 2 unused
    let rgce =
        [0x1A, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0x24, 0, 0xC0, 0, 0x1B, 0, 0, 0, 0, 0x24, 0, 0xC0, 1, 0x03];
    shows(Biff4, &rgce, r"'C:\a b\[book.xls]Data'!A1+B1");
    let rgce = [0x1A, 0, 0, 0, 0, 1, 0, 0, 0x24, 0, 0xC0, 0];
    shows(Biff2, &rgce, "Sheet1!A1");
}

#[test]
fn names_come_from_the_workbook_or_the_source() {
    shows(Biff8, &[0x23, 1, 0, 0, 0], "Auto_Open");
    shows(Biff8, &[0x23, 3, 0, 0, 0], "'It''s'!local");
    shows(Biff8, &[0x23, 4, 0, 0, 0], "here");
    shows(Biff8, &[0x39, 1, 0, 3, 0, 0, 0], "'It''s'!local");
    shows(Biff8, &[0x23, 2, 0, 0xAB, 0xCD], "run_it");
    shows(Biff2, &[0x23, 2, 0, 0, 0, 0, 0, 0], "run_it");
    shows_damaged(Biff8, &[0x23, 0, 0, 0, 0], "#NAME?");
    shows_damaged(Biff8, &[0x23, 9, 0, 0, 0], "#NAME?");
    // PtgNameX: ixti, nameindex
    let at = |ixti: u8, index: u8| [0x39, ixti, 0, index, 0, 0, 0];
    shows(Biff8, &at(4, 2), "run_it");
    shows(Biff8, &at(1, 2), "'It''s'!run_it");
    shows(Biff8, &at(6, 1), "EDATE");
    shows(Biff8, &at(8, 1), r"'C:\a b\book.xls'!Rate");
    shows(Biff8, &at(5, 1), r"'C:\a b\[book.xls]Data'!Rate");
    shows(Biff8, &at(7, 1), "cmd|'/c calc'!A0");
    shows(Biff8, &at(7, 2), "cmd|'/c calc'!'a b'");
    shows_damaged(Biff8, &at(6, 7), "#NAME?");
    shows_damaged(Biff8, &at(77, 1), "#NAME?");
}

#[test]
fn a_user_defined_function_is_named_by_its_first_operand() {
    // PtgName, arguments, PtgFuncVar 0xFF
    let rgce = joined(&[&[0x23, 2, 0, 0, 0], &int(1), &int(2), &[0x42, 3, 0xFF, 0]]);
    shows(Biff8, &rgce, "run_it(1,2)");
    let add_in = joined(&[&[0x39, 6, 0, 1, 0, 0, 0], &int(1), &[0x42, 2, 0xFF, 0]]);
    shows(Biff8, &add_in, "EDATE(1)");
    with_cx(Limits::default(), |cx| {
        let expression = Expression::parse(&rgce, &[], Biff8, cx).unwrap();
        let calls: Vec<_> = expression.calls().collect();
        let [call] = calls.as_slice() else { panic!("{calls:?}") };
        assert_eq!(call.function, Function::UserDefined(NameSource::Name(2)));
        assert_eq!(call.function.name(&workbook(Biff8)), Some("run_it"));
        assert_eq!(call.args(), [NodeIndex(1), NodeIndex(2)]);
        assert_eq!(call.arg_count(), 2);
        assert_eq!(call.at, 11);
    });
    shows_damaged(Biff8, &[0x42, 0, 0xFF, 0], "#FTAB_0xFF()");
}

#[test]
fn array_constants_come_from_behind_the_tokens() {
    let rgce = [0x60, 0, 0, 0, 0, 0, 0, 0];
    let number = |value: f64| joined(&[&[0x01], &value.to_le_bytes()]);
    let rgcb = joined(&[
        &[1, 1, 0], // columns - 1, rows - 1
        &number(1.0),
        &[0x02, 1, 0, 0, b'x'],
        &[0x04, 1, 0, 0, 0, 0, 0, 0, 0],
        &[0x10, 0x2A, 0, 0, 0, 0, 0, 0, 0],
    ]);
    shows_with(Biff8, &rgce, &rgcb, "{1,\"x\";TRUE,#N/A}");
    // Two of them: the second begins behind the first
    let two = joined(&[&rgce, &rgce, &[0x03]]);
    shows_with(Biff8, &two, &joined(&[&[0, 0, 0], &number(1.0), &[0, 0, 0], &number(2.0)]), "{1}+{2}");
    // Before BIFF8 counts are counts and text has a one-byte length
    let old = joined(&[&[2, 1, 0], &number(7.0), &[0x02, 1, b'x']]);
    shows_with(Biff5, &rgce, &old, "{7,\"x\"}");
    // A short one keeps what there is
    let (text, printed) = printed_at(Biff8, None, &rgce, &rgcb[..12], 100);
    assert_eq!((text.as_str(), printed.complete), ("{1…}", false));
    let (text, printed) = printed_at(Biff8, None, &rgce, &[], 100);
    assert_eq!((text.as_str(), printed.complete), ("{…}", false));
}

#[test]
fn memory_areas_are_skipped_behind_the_tokens() {
    // PtgMemArea, PtgRef, PtgArray
    let rgce = joined(&[&[0x26, 0, 0, 0, 0, 5, 0, 0x24, 0, 0, 0, 0], &[0x60, 0, 0, 0, 0, 0, 0, 0, 0x03]]);
    let one = joined(&[&[0x01], &1f64.to_le_bytes()]);
    let rgcb = joined(&[&[1, 0], &[0; 8], &[0, 0, 0], &one]);
    shows_with(Biff8, &rgce, &rgcb, "$A$1+{1}");
    let old = joined(&[&[0x26, 0, 0, 0, 0, 4, 0, 0x24, 0, 0, 0], &[0x60, 0, 0, 0, 0, 0, 0, 0, 0x03]]);
    shows_with(Biff5, &old, &joined(&[&[1, 0], &[0; 6], &[1, 1, 0], &one]), "$A$1+{1}");
}

#[test]
fn natural_language_tokens_show_the_label_cell() {
    // PtgElfRw: eptg 2, row, column
    shows(Biff8, &[0x18, 0x02, 4, 0, 1, 0], "B5");
    // PtgElfRadical and the area that follows
    shows(Biff8, &[0x18, 0x0A, 0, 0, 0, 0, 0x25, 1, 0, 2, 0, 0, 0xC0, 0, 0xC0], "A2:A3");
    shows_damaged(Biff8, &[0x18, 0x01, 0, 0, 0, 0], "#NAME?");
    shows(Biff8, &[0x18, 0x1D, 3, 0, 0, 0], "#PIVOTNAME(3)");
    // PtgElfColS has a label list behind the tokens
    let rgce = joined(&[&[0x18, 0x0D, 0, 0, 0, 0], &[0x60, 0, 0, 0, 0, 0, 0, 0, 0x03]]);
    let one = joined(&[&[0x01], &1f64.to_le_bytes()]);
    let rgcb = joined(&[&[2, 0, 0, 0x80], &[0; 8], &[0, 0, 0], &one]);
    assert_eq!(printed_at(Biff8, None, &rgce, &rgcb, 100).0, "#NAME?+{1}");
}

#[test]
fn an_unknown_token_keeps_what_stands_before_it() {
    shows_damaged(Biff8, &joined(&[&text8("a"), &[0x2E + 2, 0x00, 0x11]]), "\"a\"…#TOKEN(0x30 00 11)");
    shows_damaged(Biff8, &[0x00], "#TOKEN(0x00)");
    let long = [0x7F; 20];
    let shown = format!("#TOKEN(0x7f{} …)", " 7f".repeat(15));
    shows_damaged(Biff8, &long, &shown);
    // A token that is cut off
    shows_damaged(Biff8, &joined(&[&int(1), &[0x1E, 5]]), "1…#TOKEN(0x1e 05)");
}

#[test]
fn operands_that_the_file_lacks_are_shown_as_missing() {
    shows_damaged(Biff8, &[0x03], "#MISSING+#MISSING");
    shows_damaged(Biff8, &joined(&[&int(1), &[0x03]]), "#MISSING+1");
    shows_damaged(Biff8, &[0x15], "(#MISSING)");
    shows_damaged(Biff8, &joined(&[&int(1), &[0x42, 3, 0x60, 0x80]]), "FORMULA(#MISSING,#MISSING,1)");
    shows_damaged(Biff8, &joined(&[&int(1), &int(2)]), "1…2");
    shows_damaged(Biff8, &[0x42, 0, 0xCA, 0], "#FTAB_0xCA()");
    shows_damaged(Biff8, &[0x42, 0, 0x21, 0x80], "#CETAB_0x21()");
    shows(Biff8, &[], "");
}

fn shared_workbook() -> Workbook {
    let mut workbook = workbook(Biff8);
    // The cell to the left, as PtgRefN
    let tokens = workbook.tokens.push(&[0x2C, 0, 0, 0xFF, 0xC0], &[]).unwrap();
    let formula = |first_row, first_column| SharedFormula {
        first_row,
        last_row: first_row + 9,
        first_column,
        last_column: first_column + 2,
        array: false,
        tokens,
    };
    workbook.sheets[0].shared = vec![formula(0, 1), formula(4, 1), formula(4, 7)];
    workbook
}

#[test]
fn a_cell_shows_the_formula_that_it_shares() {
    let mut workbook = shared_workbook();
    let mut shown = |rgce: &[u8], row, column| {
        let tokens = workbook.tokens.push(rgce, &[]).unwrap();
        let cell = FormulaCell { row, column, format: 0, tokens, cached: Cached::Empty };
        let mut text = String::new();
        let printed =
            with_cx(Limits::default(), |cx| print_cell(&workbook, 0, &cell, 100, cx, &mut text)).unwrap();
        (text, printed.complete)
    };
    // PtgExp: row, column of the cell that has it
    assert_eq!(shown(&[0x01, 4, 0, 7, 0], 6, 8), ("H7".to_owned(), true));
    // The first cell of the formula need not be the first of its range
    assert_eq!(shown(&[0x01, 4, 0, 3, 0], 6, 3), ("C7".to_owned(), true));
    assert_eq!(shown(&[0x01, 7, 0, 7, 0], 7, 7), ("G8".to_owned(), true));
    assert_eq!(shown(&[0x01, 4, 0, 5, 0], 6, 3), ("#SHARED(F5)".to_owned(), false));
    assert_eq!(shown(&[0x01, 14, 0, 1, 0], 14, 1), ("#SHARED(B15)".to_owned(), false));
    assert_eq!(shown(&[0x02, 3, 0, 1, 0], 6, 3), ("TABLE(…)".to_owned(), true));
}

#[test]
fn calls_state_their_arguments_and_constants_fold() {
    // CALL("Shell"&"32",CHAR(65)&"b"&1,A1)
    let rgce = joined(&[
        &text8("Shell"),
        &text8("32"),
        &[0x08],
        &int(65),
        &[0x41, 0x6F, 0],
        &text8("b"),
        &[0x08],
        &int(1),
        &[0x08, 0x15],
        &[0x44, 0, 0, 0, 0xC0],
        &[0x42, 3, 0x96, 0],
    ]);
    let workbook = workbook(Biff8);
    let scope = Scope { workbook: &workbook, sheet: Some(0), cell: Some((0, 0)) };
    with_cx(Limits::default(), |cx| {
        let expression = Expression::parse(&rgce, &[], Biff8, cx).unwrap();
        let functions: Vec<_> = expression.calls().map(|call| (call.function, call.arg_count())).collect();
        let expected = [(Function::Ftab(id::FTAB_CHAR), 1), (Function::Ftab(id::FTAB_CALL), 3)];
        assert_eq!(functions, expected);
        let call = expression.call(expression.root().unwrap()).unwrap();
        let texts: Vec<_> = call
            .args()
            .into_iter()
            .map(|arg| expression.constant_text(arg, None, 100, cx).unwrap())
            .collect();
        assert_eq!(texts, [Some("Shell32".into()), Some("Ab1".into()), None]);
        assert_eq!(expression.constant_text(call.args()[0], None, 6, cx), Ok(None));
        let references: Vec<_> = expression.references(&scope).collect();
        let cells = CellRange { rows: (0, 0), columns: (0, 0) };
        let node = call.args()[2];
        assert_eq!(references, [Reference { node, target: Target::Here, cells: Some(cells) }]);
        let mut text = String::new();
        print_node(&expression, call.args()[1], &scope, 100, cx, &mut text).unwrap();
        assert_eq!(text, "(CHAR(65)&\"b\"&1)");
    });
}

#[test]
fn constants_fold_numbers_booleans_and_left_out_arguments() {
    let folded = |rgce: &[u8]| {
        with_cx(Limits::default(), |cx| {
            let expression = Expression::parse(rgce, &[], Biff8, cx).unwrap();
            let root = expression.root().unwrap();
            expression.constant_text(root, None, 100, cx).unwrap().map(std::borrow::Cow::into_owned)
        })
    };
    let half = joined(&[&[0x1F], &0.5f64.to_le_bytes()]);
    assert_eq!(folded(&half).as_deref(), Some("0.5"));
    assert_eq!(folded(&[0x16]).as_deref(), Some(""));
    assert_eq!(folded(&joined(&[&[0x1D, 1], &int(7), &[0x08]])).as_deref(), Some("TRUE7"));
    assert_eq!(folded(&joined(&[&int(128), &[0x42, 1, 0x6F, 0]])).as_deref(), Some("€"));
    let fraction = joined(&[&[0x1F], &65.9f64.to_le_bytes(), &[0x41, 0x6F, 0]]);
    assert_eq!(folded(&fraction).as_deref(), Some("A"));
    assert_eq!(folded(&joined(&[&int(256), &[0x41, 0x6F, 0]])), None);
    assert_eq!(folded(&joined(&[&int(0), &[0x41, 0x6F, 0]])), None);
    assert_eq!(folded(&joined(&[&int(1), &int(2), &[0x03]])), None);
}

#[test]
fn references_are_resolved_to_sheets_and_sources() {
    let workbook = workbook(Biff8);
    let scope = Scope { workbook: &workbook, sheet: Some(0), cell: Some((4, 2)) };
    let target = |rgce: &[u8]| {
        with_cx(Limits::default(), |cx| {
            let expression = Expression::parse(rgce, &[], Biff8, cx).unwrap();
            let reference = expression.references(&scope).next().unwrap();
            (reference.target, reference.cells.map(|cells| (cells.rows, cells.columns)))
        })
    };
    let at = |ixti: u8| [0x3A, ixti, 0, 3, 0, 1, 0xC0];
    let cell = Some(((3, 3), (1, 1)));
    assert_eq!(target(&at(1)), (Target::Sheets { first: 1, last: 1 }, cell));
    assert_eq!(target(&at(2)), (Target::Sheets { first: 0, last: 2 }, cell));
    assert_eq!(target(&at(3)), (Target::Deleted, cell));
    assert_eq!(target(&at(5)), (Target::Book { book: 1, sheet: Some(0) }, cell));
    assert_eq!(target(&at(7)), (Target::Book { book: 3, sheet: None }, cell));
    assert_eq!(target(&[0x2C, 0xFF, 0xFF, 0xFF, 0xC0]), (Target::Here, Some(((3, 3), (1, 1)))));
    assert_eq!(target(&[0x3D, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9]).1, None);
    let turned = [0x25, 9, 0, 3, 0, 2, 0, 1, 0];
    assert_eq!(target(&turned).1, Some(((3, 9), (1, 2))));
}

#[test]
fn assignments_and_volatile_formulas_are_told() {
    // PtgAttrBaxcel, PtgName, PtgInt, PtgEq
    let rgce = joined(&[&[0x19, 0x20, 0, 0, 0x23, 2, 0, 0, 0], &int(5), &[0x0B]]);
    shows(Biff8, &rgce, "run_it=5");
    with_cx(Limits::default(), |cx| {
        let expression = Expression::parse(&rgce, &[], Biff8, cx).unwrap();
        assert!(expression.is_assignment() && !expression.is_volatile());
        let expression = Expression::parse(&[0x19, 1, 0, 0, 0x41, 0x4A, 0], &[], Biff8, cx).unwrap();
        assert!(!expression.is_assignment() && expression.is_volatile());
    });
}

#[test]
fn text_ends_at_the_given_number_of_characters() {
    let rgce = joined(&[&[0x17, 2, 1, 0xE5, 0x65, 0x2C, 0x67], &int(1), &[0x08]]);
    let whole = "\"日本\"&1";
    for max_chars in 0..8 {
        let (text, printed) = printed_at(Biff8, None, &rgce, &[], max_chars);
        assert_eq!(text, whole.chars().take(max_chars).collect::<String>());
        assert_eq!(printed, Printed { complete: max_chars >= 6, cut: max_chars < 6 });
    }
}

#[test]
fn steps_end_the_text_and_keep_what_there_is() {
    let rgce = joined(&[&text8(&"x".repeat(200)), &text8(&"y".repeat(200)), &[0x08]]);
    let workbook = workbook(Biff8);
    let scope = Scope { workbook: &workbook, sheet: None, cell: None };
    let mut text = String::new();
    // 407 bytes of tokens are 408 steps; eight remain for the text.
    let limits = Limits { steps: 416, ..Limits::default() };
    let result = with_cx(limits, |cx| print(&rgce, &[], &scope, 1000, cx, &mut text));
    assert_eq!(result, Err(LimitHit { kind: LimitKind::Steps, ceiling: 416 }));
    assert!(text.starts_with("\"xxx"), "{text}");
}

#[test]
fn many_small_tokens_that_name_long_texts_stay_within_the_characters() {
    let mut workbook = workbook(Biff8);
    workbook.names[0].name = "n".repeat(255);
    let mut rgce = vec![0x23, 1, 0, 0, 0];
    for _ in 0..2000 {
        rgce.extend([0x23, 1, 0, 0, 0, 0x08]);
    }
    let scope = Scope { workbook: &workbook, sheet: None, cell: None };
    let mut text = String::new();
    let printed = with_cx(Limits::default(), |cx| print(&rgce, &[], &scope, 500, cx, &mut text)).unwrap();
    assert_eq!((text.len(), printed), (500, Printed { complete: false, cut: true }));
}

#[test]
fn deep_nesting_needs_no_stack() {
    for ptg in [0x13, 0x14, 0x15] {
        let mut rgce = int(1).to_vec();
        rgce.resize(60_000, ptg);
        let (text, printed) = printed_at(Biff8, None, &rgce, &[], 1 << 20);
        assert!(text.len() >= 59_998);
        assert!(printed.complete);
    }
    let mut rgce = int(1).repeat(20_000);
    rgce.extend([0x07; 19_999]);
    let (text, _) = printed_at(Biff8, None, &rgce, &[], 1 << 20);
    assert_eq!(text.matches('(').count(), 19_998);
}

#[test]
fn biff12_tokens_are_read_by_their_own_layout() {
    // PtgStr: count in 16 bits, UTF-16LE
    shows(Biff12, &[0x17, 2, 0, 0xE5, 0x65, b'a', 0], "\"日a\"");
    // PtgRef: row 4 bytes, column 14 bits and two flags
    shows(Biff12, &[0x24, 0xFF, 0xFF, 0x0F, 0, 0xFF, 0xFF], "XFD1048576");
    shows(Biff12, &[0x25, 0, 0, 0, 0, 0xFF, 0xFF, 0x0F, 0, 0, 0x40, 2, 0x40], "A:C");
    shows(Biff12, &[0x25, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0xFF, 0x3F], "$2:$2");
    shows(Biff12, &[0x3A, 1, 0, 0, 0, 0, 0, 0, 0xC0], "'It''s'!A1");
    shows(Biff12, &[0x3B, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0xC0, 0, 0xC0], "Sheet1!A1:A2");
    shows(Biff12, &[0x39, 6, 0, 1, 0, 0, 0], "EDATE");
    shows(Biff12, &[0x23, 2, 0, 0, 0], "run_it");
    // PtgRefN one row up and one column left, at C5 and at A1
    let up_left = [0x2C, 0xFF, 0xFF, 0x0F, 0, 0xFF, 0xFF];
    shows(Biff12, &up_left, "B4");
    assert_eq!(printed_at(Biff12, Some((0, 0)), &up_left, &[], 100).0, "XFD1048576");
    // PtgFuncVar with 255 arguments: bit 7 of the count is part of it, but not in a command
    let many = joined(&[&int(1).repeat(255), &[0x42, 255, 0x04, 0]]);
    shows(Biff12, &many, &format!("SUM({}1)", "1,".repeat(254)));
    shows(Biff12, &joined(&[&int(1), &[0x42, 0x81, 0x01, 0x80]]), "OPEN?(1)");
    // Functions that only BIFF12 has
    shows(Biff12, &joined(&[&int(1), &int(2), &[0x41, 0xE0, 0x01]]), "IFERROR(1,2)");
    shows(Biff12, &joined(&[&int(1), &[0x41, 0x81, 0x01]]), "HEX2DEC(1)");
    // PtgAttrIfError
    shows(Biff12, &joined(&[&int(1), &[0x19, 0x80, 9, 0]]), "1");
    // PtgList: ixti, flags, index, first and last column
    shows(Biff12, &[0x18, 0x19, 0, 0, 1, 0, 3, 0, 0, 0, 1, 0, 1, 0], "#TABLE(3)");
    shows(Biff12, &[0x18, 0x1D, 3, 0, 0, 0], "#PIVOTNAME(3)");
    shows_damaged(Biff12, &[0x18, 0x02, 4, 0, 1, 0], "#TOKEN(0x18 02 04 00 01 00)");
    let list = all_tokens(Biff12, &[0x18, 0x19, 2, 0, 1, 0, 3, 0, 0, 0, 4, 0, 5, 0]);
    let link = SheetLink::Range(2);
    assert_eq!(list, [(0, Token::List { link, flags: 1, index: 3, columns: (4, 5) })]);
}

#[test]
fn biff12_keeps_columns_arrays_and_areas_behind_the_tokens() {
    let array = [0x60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let number = |value: f64| joined(&[&[0x00], &value.to_le_bytes()]);
    let rgcb = joined(&[
        &[2, 0, 0, 0, 2, 0, 0, 0], // rows, columns
        &number(1.0),
        &[0x01, 1, 0, b'x', 0],
        &[0x02, 1],
        &[0x04, 0x2A, 0, 0, 0],
    ]);
    shows_with(Biff12, &array, &rgcb, "{1,\"x\";TRUE,#N/A}");
    let (text, printed) = printed_at(Biff12, None, &array, &rgcb[..20], 100);
    assert_eq!((text.as_str(), printed.complete), ("{1…}", false));
    // PtgMemArea: its areas are 16 bytes each
    let mem = joined(&[&[0x26, 0, 0, 0, 0, 7, 0, 0x24, 0, 0, 0, 0, 0, 0], &array, &[0x03]]);
    let behind = joined(&[&[1, 0, 0, 0], &[0; 16], &[1, 0, 0, 0, 1, 0, 0, 0], &number(7.0)]);
    shows_with(Biff12, &mem, &behind, "$A$1+{7}");
    // PtgExp: the row in the token, the column behind
    let exp: Vec<_> = tokens(&[0x01, 4, 0, 1, 0], &[7, 0, 0, 0], Biff12).collect();
    assert_eq!(exp, [Ok((0, Token::Exp { row: 0x1_0004, column: 7 }))]);
    let exp: Vec<_> = tokens(&[0x01, 4, 0, 0, 0], &[], Biff12).collect();
    assert_eq!(exp, [Ok((0, Token::Exp { row: 4, column: u16::MAX }))]);
}

#[test]
fn a_biff12_cell_shows_the_formula_that_it_shares() {
    let mut workbook = workbook(Biff12);
    let tokens = workbook.tokens.push(&[0x2C, 0, 0, 0, 0, 0xFF, 0xFF], &[]).unwrap();
    workbook.sheets[0].shared = vec![SharedFormula {
        first_row: 70_000,
        last_row: 70_009,
        first_column: 300,
        last_column: 302,
        array: false,
        tokens,
    }];
    let tokens = workbook.tokens.push(&[0x01, 0x70, 0x11, 1, 0], &[0x2C, 1, 0, 0]).unwrap();
    let cell = FormulaCell { row: 70_001, column: 301, format: 0, tokens, cached: Cached::Empty };
    let mut text = String::new();
    with_cx(Limits::default(), |cx| print_cell(&workbook, 0, &cell, 100, cx, &mut text)).unwrap();
    assert_eq!(text, "KO70002");
    let shared = cell_tokens(&workbook, 0, &cell).0;
    assert_eq!(shared, [0x2C, 0, 0, 0, 0, 0xFF, 0xFF]);
}

#[test]
fn the_active_sheet_stands_before_the_mark_as_nothing() {
    let mut workbook = workbook(Biff8);
    workbook.books.push(book(ExternalKind::ActiveSheet, "", &[], &["n"]));
    workbook.sheet_ranges.push(SheetRange { book: 4, first: -2, last: -2 });
    let scope = Scope { workbook: &workbook, sheet: Some(0), cell: Some((0, 0)) };
    let rgce = joined(&[&[0x3A, 10, 0, 4, 0, 1, 0xC0], &[0x39, 10, 0, 1, 0, 0, 0, 0x03]]);
    with_cx(Limits::default(), |cx| {
        let mut text = String::new();
        print(&rgce, &[], &scope, 100, cx, &mut text).unwrap();
        assert_eq!(text, "!B5+!n");
        let expression = Expression::parse(&rgce, &[], Biff8, cx).unwrap();
        let reference = expression.references(&scope).next().unwrap();
        assert_eq!(reference.target, Target::Active);
    });
}

fn any_version() -> impl Strategy<Value = BiffVersion> {
    prop::sample::select(ALL.to_vec())
}

/// Bytes that are often tokens.
fn any_tokens() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        3 => prop::collection::vec(any::<u8>(), 1..12),
        2 => any::<u16>().prop_map(|value| int(value).to_vec()),
        2 => (0x03u8..0x17).prop_map(|ptg| vec![ptg]),
        2 => (0u8..5, any::<u16>()).prop_map(|(args, id)| joined(&[&[0x42, args], &(id & 0x81FF).to_le_bytes()])),
        1 => "[ -~]{0,20}".prop_map(|text| text8(&text)),
        1 => (0u8..12, any::<u16>(), any::<u16>()).prop_map(|(ixti, row, column)| {
            joined(&[&[0x5A, ixti, 0], &row.to_le_bytes(), &column.to_le_bytes()])
        }),
        1 => (0u8..12, 0u8..4).prop_map(|(ixti, index)| vec![0x59, ixti, 0, index, 0, 0, 0]),
    ];
    prop::collection::vec(token, 0..20).prop_map(|tokens| tokens.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_decode_and_print_within_bounds(
        version in any_version(),
        rgce in any_tokens(),
        rgcb in prop::collection::vec(any::<u8>(), 0..64),
        max_chars in 0usize..300,
    ) {
        let mut last = None;
        let mut failed = false;
        for token in tokens(&rgce, &rgcb, version) {
            prop_assert!(!failed);
            match token {
                Ok((at, _)) => {
                    prop_assert!(last < Some(at) && (at as usize) < rgce.len());
                    last = Some(at);
                }
                Err(error) => {
                    prop_assert!((error.at() as usize) < rgce.len());
                    failed = true;
                }
            }
        }
        let (text, printed) = printed_at(version, Some((9, 9)), &rgce, &rgcb, max_chars);
        prop_assert!(text.chars().count() <= max_chars);
        prop_assert_eq!(printed_at(version, Some((9, 9)), &rgce, &rgcb, max_chars), (text.clone(), printed));
        prop_assert!(!printed.complete || !failed);
        let (whole, _) = printed_at(version, Some((9, 9)), &rgce, &rgcb, 1 << 20);
        prop_assert!(whole.starts_with(&text));
        prop_assert_eq!(printed.cut, whole.len() != text.len());
    }

    #[test]
    fn subtrees_are_contiguous_and_operands_partition_them(version in any_version(), rgce in any_tokens()) {
        with_cx(Limits::default(), |cx| {
            let expression = Expression::parse(&rgce, &[], version, cx).unwrap();
            let mut seen = 0;
            for root in expression.roots() {
                seen += expression.subtree(root).len();
            }
            assert_eq!(seen, expression.nodes().len());
            for index in (0u32..).map(NodeIndex).take(expression.nodes().len()) {
                let operands = expression.operands(index);
                let inner: usize = operands.iter().map(|operand| expression.subtree(*operand).len()).sum();
                assert_eq!(inner + 1, expression.subtree(index).len());
            }
        });
    }
}
