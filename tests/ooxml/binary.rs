//! Workbooks in BIFF12: macro sheets by every mark and in every state, texts in every record that holds one.

use docsift_corpus::bytes::Put;
use docsift_corpus::ooxml::{Biff12, Pack, binary_workbook, call, wide};

use super::{check, said, said_besides};

const EXEC: u16 = 0x6E;
const MAIN: &str = "xl/workbook.bin";
const SHEET: &str = "xl/worksheets/sheet1.bin";

/// A workbook with a sheet of cells, and a macro sheet in `part` of a state (`hsState`).
fn book(state: u32, part: &str) -> Pack {
    binary_workbook(state, part, &[call(EXEC, &["oxnv1.exe"])], "_xlnm.Auto_Open")
}

/// The workbook whose sheet of cells consists of the records that `inner` adds between its begin and its end.
fn cells(inner: impl Fn(Biff12) -> Biff12) -> Pack {
    let mut pack = book(0, "xl/macrosheets/sheet1.bin");
    let sheet = inner(Biff12::default().record(129, &[])).record(130, &[]);
    for (_, _, content) in pack.parts.iter_mut().filter(|(name, ..)| name == SHEET) {
        *content = sheet.clone().into_bytes();
    }
    pack
}

/// `BrtRowHdr` of the first row.
fn row(sheet: Biff12) -> Biff12 {
    let mut header = Vec::new();
    header.u32(0).u32(0).u16(300).zeros(7);
    sheet.record(145, &[]).record(0, &header)
}

/// `Cell` ([MS-XLSB] 2.5.9): column, format and flags.
fn cell(body: &[u8]) -> Vec<u8> {
    let mut made = Vec::new();
    made.u32(0).u32(0).raw(body);
    made
}

#[test]
fn binary_macro_sheets_are_known_by_any_mark_and_their_state_is_told() {
    let exec = |pack: &Pack| -> Vec<String> {
        let told = [
            "XLM001",
            "XLM002",
            "XLM005",
            "visible",
            "hidden",
            "very_hidden",
            "reserved",
            "PKG005",
            "PKG006",
        ];
        said(pack).into_iter().filter(|line| told.iter().any(|start| line.starts_with(start))).collect()
    };
    let marked = |content_type: &str, relation: &str| {
        let mut pack = book(0, "xl/macrosheets/sheet1.bin");
        for (name, kind, _) in &mut pack.parts {
            if name.contains("macrosheets") {
                content_type.clone_into(kind);
            }
        }
        for (_, _, kind, ..) in &mut pack.relationships {
            if kind.ends_with("xlMacrosheet") {
                *kind = kind.replace("xlMacrosheet", relation);
            }
        }
        pack
    };
    const SHEET_TOLD: &str = "XLM001 sheet \"Macro1\" holds Excel 4.0 macros <Macro1>";
    const EXEC_TOLD: &str = "XLM005 EXEC starts a program: oxnv1.exe <EXEC(oxnv1.exe)>";
    const DISAGREE: &str =
        "PKG006 relationship and content type disagree on what a sheet is <xl/workbook.bin>";
    check(vec![
        (
            "in sight",
            exec(&book(0, "xl/macrosheets/sheet1.bin")),
            &[SHEET_TOLD, EXEC_TOLD, "visible sheet Macro1!A1 =EXEC(\"oxnv1.exe\")"],
        ),
        (
            "out of sight",
            exec(&book(1, "xl/macrosheets/sheet1.bin")),
            &[
                SHEET_TOLD,
                "XLM002 macro sheet \"Macro1\" is hidden <Macro1>",
                EXEC_TOLD,
                "hidden sheet Macro1!A1 =EXEC(\"oxnv1.exe\")",
            ],
        ),
        (
            "very hidden",
            exec(&book(2, "xl/macrosheets/sheet1.bin")),
            &[
                SHEET_TOLD,
                "XLM002 macro sheet \"Macro1\" is very hidden <Macro1>",
                EXEC_TOLD,
                "very_hidden sheet Macro1!A1 =EXEC(\"oxnv1.exe\")",
            ],
        ),
        (
            "among the worksheets",
            exec(&book(0, "xl/worksheets/sheet2.bin")),
            &[
                SHEET_TOLD,
                EXEC_TOLD,
                "PKG006 a macro sheet lies in \"xl/worksheets/sheet2.bin\" <xl/worksheets/sheet2.bin>",
                "visible sheet Macro1!A1 =EXEC(\"oxnv1.exe\")",
            ],
        ),
        (
            "by relationship alone",
            exec(&marked("application/vnd.ms-excel.worksheet", "xlMacrosheet")),
            &[SHEET_TOLD, EXEC_TOLD, DISAGREE, "visible sheet Macro1!A1 =EXEC(\"oxnv1.exe\")"],
        ),
        (
            "by content type alone",
            exec(&marked("application/vnd.ms-excel.macrosheet", "worksheet")),
            &[SHEET_TOLD, EXEC_TOLD, DISAGREE, "visible sheet Macro1!A1 =EXEC(\"oxnv1.exe\")"],
        ),
    ]);
}

#[test]
fn texts_of_binary_sheets_are_told_however_they_are_stored() {
    let without = cells(|sheet| sheet);
    let stored =
        |id: u16, body: Vec<u8>| cells(move |sheet| row(sheet).record(id, &cell(&body)).record(146, &[]));
    let shared = {
        // BrtCellIsst: the second string of the table.
        let mut pack = stored(7, 1_u32.to_le_bytes().to_vec());
        let item = |text: &str| [&[0][..], &wide(text)].concat();
        let table = Biff12::default()
            .record(159, &[2, 0, 0, 0, 2, 0, 0, 0])
            .record(19, &item("One"))
            .record(19, &item("Two"))
            .record(160, &[]);
        pack.part("xl/sharedStrings.bin", "application/vnd.ms-excel.sharedStrings", table.into_bytes());
        pack.relate(MAIN, "rIdSst", "sharedStrings", "sharedStrings.bin");
        pack
    };
    let result = {
        // BrtFmlaString: the value, flags, and a formula of one text.
        let rgce = [&[0x17, 1, 0][..], &[b'x', 0]].concat();
        let mut body = wide("ItemPaper");
        body.u16(0).u32(rgce.len() as u32).raw(&rgce).u32(0);
        stored(8, body)
    };
    let link = {
        // BrtHLink: the range, the relationship, the place, the tooltip, what the cell shows.
        let mut body = vec![0; 16];
        body.raw(&wide("rIdH")).raw(&wide("")).raw(&wide("")).raw(&wide("our page"));
        let mut pack = cells(|sheet| sheet.record(494, &body));
        pack.external(SHEET, "rIdH", "hyperlink", "https://one.invalid/");
        pack
    };
    let comment = {
        let mut pack = cells(|sheet| sheet);
        let begin = [0; 36];
        let text = [&[0][..], &wide("A note")].concat();
        let comments = Biff12::default()
            .record(628, &[])
            .record(633, &[])
            .record(635, &begin)
            .record(637, &text)
            .record(636, &[])
            .record(634, &[])
            .record(629, &[]);
        pack.part("xl/comments1.bin", "application/vnd.ms-excel.comments", comments.into_bytes());
        pack.relate(SHEET, "rIdC", "comments", "/xl/comments1.bin");
        pack
    };
    check(vec![
        ("in the cell", said_besides(&stored(6, wide("Terms")), &without), &["cell: Terms"]),
        (
            "in runs, in the cell",
            said_besides(&stored(62, [&[0][..], &wide("Terms of use")].concat()), &without),
            &["cell: Terms of use"],
        ),
        ("shared", said_besides(&shared, &without), &["shared_string: Two"]),
        ("result of a formula", said_besides(&result, &without), &["formula_result: ItemPaper"]),
        (
            "hyperlink",
            said_besides(&link, &without),
            &[
                "hyperlink: our page",
                "hyperlink: https://one.invalid/",
                "url: https://one.invalid/",
                "host: one.invalid",
            ],
        ),
        ("comment", said_besides(&comment, &without), &["note: A note"]),
    ]);
}

#[test]
fn records_that_are_cut_are_told() {
    let without = cells(|sheet| sheet);
    let cut = cells(|sheet| row(sheet).record(6, &cell(&[9, 0, 0, 0, b'a', 0])).record(146, &[]));
    let said = said_besides(&cut, &without);
    assert_eq!(said.iter().filter(|line| line.starts_with("abandoned: record 6:")).count(), 1, "{said:#?}");
}
