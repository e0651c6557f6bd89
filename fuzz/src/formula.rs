//! Formula tokens: any bytes, in every dialect. Formula text: any text.

use docsift::base::{Budget, Cx, Limits, PartId, Problems, Stage};
use docsift::documents::formula::text::{self, Options, Signs, Style, Tables, TextError};
use docsift::documents::formula::{self, Expression, NodeIndex, Scope};
use docsift::documents::workbook::{
    BiffVersion, DefinedName, ExternalBook, ExternalKind, ExternalName, Sheet, SheetRange, TokenSpan,
    Workbook,
};

const MAX_CHARS: usize = 4096;

/// Decodes, structures and prints. The first byte chooses the dialect, the second how many of the
/// other bytes stand behind the tokens.
///
/// # Panics
/// When offsets do not increase, the text is too long or not the same twice, or a subtree is not
/// made of its operands.
pub fn formula(data: &[u8]) {
    let [dialect, behind, bytes @ ..] = data else { return };
    let version = match dialect % 6 {
        0 => BiffVersion::Biff2,
        1 => BiffVersion::Biff3,
        2 => BiffVersion::Biff4,
        3 => BiffVersion::Biff5,
        4 => BiffVersion::Biff8,
        _ => BiffVersion::Biff12,
    };
    let middle = bytes.len() - bytes.len() * usize::from(*behind) / 255;
    let (Some(rgce), Some(rgcb)) = (bytes.get(..middle), bytes.get(middle..)) else { return };

    let mut next = 0;
    let mut failed = false;
    for token in formula::tokens(rgce, rgcb, version) {
        assert!(!failed, "a token behind an error");
        let at = match token {
            Ok((at, _)) => u64::from(at),
            Err(error) => {
                failed = true;
                error.at()
            }
        };
        assert!(at >= next && at < rgce.len() as u64, "token at {at}");
        next = at + 1;
    }

    let workbook = workbook(version);
    let first = printed(&workbook, rgce, rgcb);
    assert!(first.0.chars().count() <= MAX_CHARS);
    assert!(!(failed && first.1), "an unknown token, and complete");
    assert_eq!(first, printed(&workbook, rgce, rgcb));

    with_cx(|cx| {
        let Ok(expression) = Expression::parse(rgce, rgcb, version, cx) else { return };
        let scope = Scope { workbook: &workbook, sheet: Some(0), cell: Some((1, 1)) };
        let roots: usize = expression.roots().map(|root| expression.subtree(root).len()).sum();
        assert_eq!(roots, expression.nodes().len());
        for call in expression.calls() {
            let _ = call.function.name(&workbook);
            assert_eq!(call.args().len(), call.arg_count());
        }
        for reference in expression.references(&scope) {
            if let Some(cells) = reference.cells {
                assert!(cells.rows.0 <= cells.rows.1 && cells.rows.1 <= 0xF_FFFF);
                assert!(cells.columns.0 <= cells.columns.1 && cells.columns.1 <= 0x3FFF);
            }
        }
        for index in (0u32..).map(NodeIndex).take(expression.nodes().len().min(64)) {
            let operands: usize =
                expression.operands_backwards(index).map(|operand| expression.subtree(operand).len()).sum();
            assert_eq!(operands + 1, expression.subtree(index).len());
            if let Ok(Some(text)) = expression.constant_text(index, None, MAX_CHARS, cx) {
                assert!(text.chars().count() <= MAX_CHARS);
            }
        }
    });
}

/// Compiles the text behind two bytes of options, prints it, and compiles that again.
///
/// # Panics
/// When the tokens are not one whole formula, an error lies outside the text, or what was printed does
/// not print the same again.
pub fn text(data: &[u8]) {
    let [style, place, bytes @ ..] = data else { return };
    let written = String::from_utf8_lossy(bytes);
    let options = Options {
        style: match style % 3 {
            0 => Style::A1,
            1 => Style::R1C1,
            _ => Style::Both,
        },
        signs: match style / 3 % 3 {
            0 => Signs::ENGLISH,
            1 => Signs::EUROPEAN,
            _ => Signs::SEMICOLON,
        },
        cell: (u32::from(*place), u32::from(place % 7)),
        distances: style & 0x40 != 0,
        macro_sheet: style & 0x80 != 0,
        ..Options::default()
    };
    let mut workbook = workbook(BiffVersion::Biff12);
    with_cx(|cx| {
        let Ok(mut tables) = Tables::new(&workbook, cx) else { return };
        let compiled = text::compile(&written, &options, &mut tables.over(&mut workbook, Some(0)), cx);
        let compiled = match compiled {
            Ok(compiled) => compiled,
            Err(
                TextError::Ends { at }
                | TextError::Unexpected { at, .. }
                | TextError::Open { at, .. }
                | TextError::Array { at }
                | TextError::Arguments { at, .. }
                | TextError::Number { at },
            ) => return assert!(at <= written.len() as u64, "error at {at}"),
            Err(_) => return,
        };
        let Some((once, complete)) = printed_text(&workbook, &compiled, options.cell, cx) else { return };
        assert!(complete, "{once:?} is not complete");
        // What reads as a cell there can be a name here.
        if options.style != Style::A1 {
            return;
        }
        let plain = Options { macro_sheet: options.macro_sheet, ..Options::default() };
        let again = text::compile(&once, &plain, &mut tables.over(&mut workbook, Some(0)), cx);
        match again {
            Ok(again) => {
                let twice = printed_text(&workbook, &again, options.cell, cx);
                assert_eq!(twice.map_or(once.clone(), |(twice, _)| twice), once);
            }
            Err(TextError::TooLong { .. } | TextError::Limit(_)) => {}
            Err(error) => panic!("{once:?}: {error}"),
        }
    });
}

/// The text of a compiled formula, and whether it is complete; `None` when a limit cut it.
fn printed_text(
    workbook: &Workbook,
    compiled: &text::Compiled,
    cell: (u32, u32),
    cx: &mut Cx<'_>,
) -> Option<(String, bool)> {
    let expression = Expression::parse(&compiled.rgce, &compiled.rgcb, BiffVersion::Biff12, cx).ok()?;
    assert!(expression.root().is_some(), "more or less than one formula");
    let scope = Scope { workbook, sheet: Some(0), cell: Some(cell) };
    let mut shown = String::new();
    let printed = formula::print_expression(&expression, &scope, 1 << 20, cx, &mut shown).ok()?;
    (!printed.cut).then_some((shown, printed.complete))
}

fn printed(workbook: &Workbook, rgce: &[u8], rgcb: &[u8]) -> (String, bool) {
    let scope = Scope { workbook, sheet: Some(0), cell: Some((1, 1)) };
    let mut text = String::new();
    let printed = with_cx(|cx| formula::print(rgce, rgcb, &scope, MAX_CHARS, cx, &mut text));
    (text, printed.is_ok_and(|printed| printed.complete))
}

fn with_cx<T>(work: impl FnOnce(&mut Cx<'_>) -> T) -> T {
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    work(&mut Cx { part: PartId(0), stage: Stage::Formula, budget: &mut budget, problems: &mut problems })
}

fn workbook(version: BiffVersion) -> Workbook {
    let kinds = [
        ExternalKind::SelfReference,
        ExternalKind::Workbook,
        ExternalKind::AddIn,
        ExternalKind::Dde,
        ExternalKind::Ole,
        ExternalKind::Unused,
    ];
    let name = |name: &str| ExternalName {
        at: 0,
        name: name.to_owned(),
        automatic: false,
        tokens: TokenSpan::default(),
    };
    let books = kinds.map(|kind| ExternalBook {
        at: 0,
        kind,
        path: r"a|C:\x\b'c.xls".to_owned(),
        sheets: vec!["Sheet1".to_owned(), "日本".to_owned()],
        names: vec![name("n"), name("two words")],
    });
    let ranges = (0..6u16).flat_map(|book| {
        [(0, 0), (0, 1), (-1, -1), (-2, -2), (7, 9)].map(|(first, last)| SheetRange { book, first, last })
    });
    let sheet = |name: &str| Sheet { name: name.to_owned(), ..Sheet::default() };
    Workbook {
        version,
        sheets: vec![sheet("Sheet1"), sheet("It's")],
        names: vec![DefinedName {
            at: 0,
            name: "Auto_Open".to_owned(),
            builtin: Some(1),
            wide: false,
            flags: 0,
            scope: None,
            tokens: TokenSpan::default(),
            key: 0,
        }],
        books: books.into(),
        sheet_ranges: ranges.collect(),
        ..Workbook::default()
    }
}
