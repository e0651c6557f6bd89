//! Excel 4.0 formulas of real workbooks, against XLMMacroDeobfuscator's text and maldoca's trees.
//!
//! The samples stand beside the repository (`../shared/samples`); without them the tests say so and
//! pass. Every difference that remains is listed here with its reason, so that a new one fails.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use docsift::base::location::A1;
use docsift::base::{Budget, Cx, Limits, PartId, Problems, Stage};
use docsift::containers::cfb;
use docsift::documents::biff;
use docsift::documents::formula::{Scope, print, print_cell};
use docsift::documents::workbook::{TokenSpan, Workbook};
use serde_json::Value;

/// Differences from XLMMacroDeobfuscator: file, cell, why ours is kept.
const KNOWN: &[(&str, &str, &str)] = &[];

/// Why the differences of damaged records stand: ours is more of what is there.
const DAMAGE: &str = "maldoca leaves a damaged record out; ours keeps what stands before the damage";

/// Differences from maldoca: file, what, why ours is kept.
const KNOWN_TREES: &[(&str, &str, &str)] = &[
    (
        "extraction_errors_corrupted_boundsheet.xls_excel4.textproto",
        "INTERNAL_NAME1: Sheet1!$A$3 ours, A3 theirs",
        DAMAGE,
    ),
    (
        "extraction_errors_corrupted_boundsheet.xls_excel4.textproto",
        "INTERNAL_NAME2: Sheet1!$A$4 ours, A4 theirs",
        DAMAGE,
    ),
    (
        "extraction_errors_corrupted_boundsheet.xls_excel4.textproto",
        "sheets: [\"Sheet1\"] ours, [\"\"] theirs",
        DAMAGE,
    ),
    (
        "extraction_errors_corrupted_externalbook.xls_excel4.textproto",
        "A1: extraction_errors_base_external_doc.xlsx!EXTERNAL_NAME ours, EXTERNAL_NAME theirs",
        DAMAGE,
    ),
    (
        "extraction_errors_corrupted_externalbook.xls_excel4.textproto",
        "A2: [extraction_errors_base_external_doc.xlsx]Sheet1!A3 ours, A3 theirs",
        DAMAGE,
    ),
    (
        "extraction_errors_corrupted_externalname.xls_excel4.textproto",
        "A1: extraction_errors_base_external_doc.xlsx!EXTERNAL_NAME\t\0:\0\0\0\0\u{1}\0\0\0 ours, extraction_errors_base_external_doc.xlsx!? theirs",
        DAMAGE,
    ),
    (
        "extraction_errors_corrupted_externalname.xls_excel4.textproto",
        "external names: [\"EXTERNAL_NAME\\t\\0:\\0\\0\\0\\0\\u{1}\\0\\0\\0\"] ours, [\"?\"] theirs",
        DAMAGE,
    ),
    (
        "extraction_errors_corrupted_externsheet.xls_excel4.textproto",
        "A1: extraction_errors_base_external_doc.xlsx!EXTERNAL_NAME ours, EXTERNAL_NAME theirs",
        DAMAGE,
    ),
    (
        "extraction_errors_corrupted_externsheet.xls_excel4.textproto",
        "A2: [extraction_errors_base_external_doc.xlsx]Sheet1!A3 ours, A3 theirs",
        DAMAGE,
    ),
    (
        "extraction_errors_corrupted_externsheet.xls_excel4.textproto",
        "INTERNAL_NAME1: Sheet1!$A$3 ours, A3 theirs",
        DAMAGE,
    ),
    (
        "extraction_errors_corrupted_externsheet.xls_excel4.textproto",
        "INTERNAL_NAME2: Sheet1!$A$4 ours, A4 theirs",
        DAMAGE,
    ),
    (
        "extraction_errors_corrupted_lbl.xls_excel4.textproto",
        "name: \"INTERNAL_NAME1:\\u{2}\\0\\u{2}\\0\\0\\0\" ours, \"?\" theirs",
        DAMAGE,
    ),
];

/// Characters of a formula that the oracle's list keeps.
const CUT_CHARS: usize = 1000;

fn samples() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples");
    if !root.join("manifest.tsv").is_file() {
        println!("skipped: no samples at {}", root.display());
        return None;
    }
    Some(root)
}

fn with_cx<T>(stage: Stage, work: impl FnOnce(&mut Cx<'_>) -> T) -> T {
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    work(&mut Cx { part: PartId(0), stage, budget: &mut budget, problems: &mut problems })
}

fn read(file: &[u8]) -> Workbook {
    with_cx(Stage::Biff, |cx| {
        let mut book = Workbook::default();
        if !file.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            biff::read(file, &mut book, cx).unwrap();
            return book;
        }
        let mut compound = cfb::CompoundFile::default();
        cfb::read(file, &mut compound, cx).unwrap();
        let entry = compound.child(0, "Workbook").or_else(|| compound.child(0, "Book")).unwrap();
        let stream = compound.stream(entry.id, cx).unwrap().bytes(cx).unwrap();
        biff::read(&stream, &mut book, cx).unwrap();
        book
    })
}

/// Two spellings of one formula made alike: no grouping brackets (they are where the author typed
/// them, or everywhere), whole numbers without `.0`, no blanks, no `$`, no `'` around sheets.
fn folded(formula: &str) -> String {
    // The deobfuscator quotes the names of add-in functions.
    let formula = &formula.replace("\"RANDBETWEEN\"(", "RANDBETWEEN(");
    let mut folded = String::new();
    let mut groups = Vec::new();
    let mut in_text = false;
    let chars: Vec<char> = formula.chars().collect();
    let mut at = 0;
    while let Some(&char) = chars.get(at) {
        at += 1;
        if in_text || char == '"' {
            in_text ^= char == '"';
            folded.push(char);
            continue;
        }
        match char {
            ' ' | '$' | '\'' | '\n' | '\r' => {}
            '(' => {
                let is_call = folded.ends_with(|last: char| last.is_alphanumeric() || "._!".contains(last));
                groups.push(is_call);
                if is_call {
                    folded.push(char);
                }
            }
            ')' => {
                if groups.pop() != Some(false) {
                    folded.push(char);
                }
            }
            '.' if chars.get(at) == Some(&'0')
                && folded.ends_with(|last: char| last.is_ascii_digit())
                && !chars.get(at + 1).is_some_and(char::is_ascii_digit) =>
            {
                at += 1;
            }
            other => folded.extend(other.to_uppercase()),
        }
    }
    folded
}

/// All formulas of a workbook by sheet and cell.
fn formulas(book: &Workbook) -> HashMap<(String, String), String> {
    let mut all = HashMap::new();
    for (index, sheet) in (0u32..).zip(&book.sheets) {
        for cell in &sheet.formulas {
            let mut text = String::new();
            with_cx(Stage::Formula, |cx| print_cell(book, index, cell, 1 << 20, cx, &mut text)).unwrap();
            all.insert((sheet.name.clone(), A1(cell.row, cell.column.into()).to_string()), text);
        }
    }
    all
}

/// The cell whose formula a cell shares, as xlrd2 says it.
fn shared_from(book: &Workbook, place: &(String, String)) -> Option<String> {
    let sheet = book.sheets.iter().find(|sheet| sheet.name == place.0)?;
    let cell = sheet.formulas.iter().find(|cell| A1(cell.row, cell.column.into()).to_string() == place.1)?;
    match book.tokens.get(cell.tokens).0 {
        [0x01, row_low, row_high, column_low, column_high] => {
            let row = u16::from_le_bytes([*row_low, *row_high]);
            let column = u16::from_le_bytes([*column_low, *column_high]);
            Some(format!("=SHARED FMLA at rowx={row} colx={column}"))
        }
        _ => None,
    }
}

#[test]
fn macro_cells_are_those_of_the_deobfuscator() {
    let Some(root) = samples() else { return };
    let (mut files, mut compared, mut found) = (0, 0, Vec::new());
    let oracle = std::fs::read_to_string(root.join("oracle/xlm.jsonl")).unwrap();
    for line in oracle.lines() {
        let oracle: Value = serde_json::from_str(line).unwrap();
        let path = oracle["path"].as_str().unwrap();
        let cells = oracle["cells"].as_array().map_or(&[][..], Vec::as_slice);
        if !path.ends_with(".xls") || cells.is_empty() || oracle["decrypted"] == true {
            continue;
        }
        let book = read(&std::fs::read(root.join(path)).unwrap());
        let ours = formulas(&book);
        let theirs: HashMap<_, _> = cells
            .iter()
            .filter_map(|cell| {
                let place = (cell["sheet"].as_str()?.to_owned(), cell["cell"].as_str()?.to_owned());
                Some((place, cell["formula"].as_str()?))
            })
            .collect();
        files += 1;
        for (place, theirs) in &theirs {
            compared += 1;
            let ours = ours.get(place).map_or("nothing", String::as_str);
            // Where xlrd2 only names the cell with the shared formula, we agree on that cell.
            if theirs.starts_with("=SHARED FMLA") {
                let shared = shared_from(&book, place);
                if shared.as_deref() == Some(*theirs) && ours != "nothing" {
                    continue;
                }
            }
            let (ours_folded, theirs_folded) = (folded(ours), folded(theirs.trim_start_matches('=')));
            // The oracle's list cuts long formulas.
            let is_cut = theirs.chars().count() >= CUT_CHARS && ours_folded.starts_with(&theirs_folded);
            if ours_folded != theirs_folded && !is_cut {
                found.push((path.to_owned(), place.1.clone(), ours.to_owned(), (*theirs).to_owned()));
            }
        }
        // Not one formula of a macro sheet is ours alone, unless their list was cut.
        if oracle["n_cells"].as_u64() == Some(cells.len() as u64) {
            let macros: Vec<&str> = book.macro_sheets().map(|(_, sheet)| sheet.name.as_str()).collect();
            let alone = ours
                .keys()
                .filter(|place| macros.contains(&place.0.as_str()) && !theirs.contains_key(*place));
            found.extend(
                alone.map(|place| (path.to_owned(), place.1.clone(), ours[place].clone(), "nothing".into())),
            );
        }
    }
    println!("compared {compared} formulas of {files} workbooks");
    found.sort();
    let is_known = |path: &str, cell: &str| KNOWN.iter().any(|known| known.0 == path && known.1 == cell);
    let news: Vec<_> = found.iter().filter(|found| !is_known(&found.0, &found.1)).collect();
    let gone: Vec<_> = KNOWN
        .iter()
        .filter(|known| !found.iter().any(|found| found.0 == known.0 && found.1 == known.1))
        .collect();
    for (path, cell, ours, theirs) in &news {
        println!("{path} {cell}\n  ours   {ours:.200}\n  theirs {theirs:.200}");
    }
    assert!(news.is_empty() && gone.is_empty(), "{} new, gone: {gone:#?}", news.len());
}

/// A message in protocol buffer text: fields in order.
#[derive(Debug, Clone, Default)]
struct Message(Vec<(String, Field)>);

#[derive(Debug, Clone)]
enum Field {
    Message(Message),
    Text(String),
    Word(String),
}

impl Message {
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Message> {
        self.0.iter().filter_map(move |(key, field)| match field {
            Field::Message(message) if key == name => Some(message),
            _ => None,
        })
    }

    fn child(&self, name: &str) -> Option<&Message> {
        self.0.iter().find_map(|(key, field)| match field {
            Field::Message(message) if key == name => Some(message),
            _ => None,
        })
    }

    fn at(&self, path: &str) -> Option<&Message> {
        path.split('.').try_fold(self, |message, name| message.child(name))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find_map(|(key, field)| match field {
            Field::Text(text) | Field::Word(text) if key == name => Some(text.as_str()),
            _ => None,
        })
    }

    fn number(&self, name: &str) -> u32 {
        self.text(name).and_then(|text| text.parse().ok()).unwrap_or(0)
    }
}

/// Reads fields up to the closing brace.
fn message(text: &mut &str) -> Message {
    let mut fields = Vec::new();
    loop {
        *text = text.trim_start();
        let end = text.find(|char: char| !char.is_alphanumeric() && char != '_').unwrap_or(text.len());
        let name = text[..end].to_owned();
        *text = text[end..].trim_start();
        if name.is_empty() {
            *text = text.get(1..).unwrap_or_default();
            return Message(fields);
        }
        let field = if let Some(rest) = text.strip_prefix('{') {
            *text = rest;
            Field::Message(message(text))
        } else {
            *text = text.trim_start_matches(':').trim_start();
            if text.starts_with('"') {
                Field::Text(quoted(text))
            } else {
                let end = text.find(|char: char| char.is_whitespace() || char == '}').unwrap_or(text.len());
                let word = text[..end].to_owned();
                *text = &text[end..];
                Field::Word(word)
            }
        };
        fields.push((name, field));
    }
}

/// Reads a quoted text with C escapes.
fn quoted(text: &mut &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes()[1..].iter().copied();
    while let Some(byte) = rest.next() {
        match byte {
            b'"' => break,
            b'\\' => match rest.next() {
                Some(b'n') => bytes.push(b'\n'),
                Some(b'r') => bytes.push(b'\r'),
                Some(b't') => bytes.push(b'\t'),
                Some(first @ b'0'..=b'7') => {
                    let digits = [first, rest.next().unwrap(), rest.next().unwrap()];
                    let value = digits.iter().fold(0u32, |value, digit| value * 8 + u32::from(digit - b'0'));
                    bytes.push(u8::try_from(value).unwrap());
                }
                Some(other) => bytes.push(other),
                None => {}
            },
            other => bytes.push(other),
        }
    }
    let left = rest.len();
    *text = &text[text.len() - left..];
    String::from_utf8_lossy(&bytes).into_owned()
}

/// maldoca's tree of a workbook, with the names that it numbers.
struct Tree {
    root: Message,
}

impl Tree {
    fn name_text(message: &Message) -> String {
        message
            .at("name.user_defined")
            .and_then(|name| name.text("value"))
            .or_else(|| message.child("name").and_then(|name| name.text("built_in")))
            .unwrap_or("?")
            .to_owned()
    }

    fn sheet(&self, link: &Message) -> String {
        let doc = link.child("doc").and_then(|doc| doc.text("value")).unwrap_or_default();
        let doc = doc.trim_start_matches('\u{1}');
        let sheet =
            |message: &Message| message.child("name").and_then(|name| name.text("value")).map(str::to_owned);
        let sheets = match link.child("range") {
            Some(range) => {
                let ends = ["first_sheet", "last_sheet"]
                    .map(|end| range.child(end).and_then(sheet).unwrap_or_default());
                ends.join(":")
            }
            None => link.child("sheet").and_then(sheet).unwrap_or_default(),
        };
        let book = if doc.is_empty() { String::new() } else { format!("[{doc}]") };
        if book.is_empty() && sheets.is_empty() { String::new() } else { format!("{book}{sheets}!") }
    }

    fn cell(address: &Message) -> String {
        A1(address.number("row_idx"), address.number("col_idx")).to_string()
    }

    /// An operand or expression as Excel would spell it.
    fn spelled(&self, node: &Message) -> Option<String> {
        let (kind, field) = node.0.first()?;
        let Field::Message(inner) = field else { return None };
        Some(match kind.as_str() {
            "expression" | "operand" => self.spelled(inner)?,
            "constant" => match inner.0.first()? {
                (kind, Field::Message(value)) if kind == "str" => {
                    let text = value
                        .text("value")
                        .or_else(|| value.child("value")?.text("value"))
                        .unwrap_or_default();
                    format!("\"{text}\"")
                }
                (_, Field::Message(value)) => value.text("value").unwrap_or("0").to_owned(),
                _ => return None,
            },
            "ref" => {
                let link = inner.at("ref_3d.sheet_ref").map(|link| self.sheet(link)).unwrap_or_default();
                format!("{link}{}", Self::cell(inner.child("cell_address")?))
            }
            "area" => {
                let link = inner.at("area_3d.sheet_ref").map(|link| self.sheet(link)).unwrap_or_default();
                let range = inner.child("cell_range")?;
                let ends =
                    ["first_cell_address", "last_cell_address"].map(|end| range.child(end).map(Self::cell));
                format!("{link}{}:{}", ends[0].as_ref()?, ends[1].as_ref()?)
            }
            "name" => {
                let (list, id) = match (inner.child("internal"), inner.child("external")) {
                    (Some(name), _) => ("definitions", name.number("id")),
                    (_, Some(name)) => ("external_definitions", name.number("id")),
                    _ => return None,
                };
                let is_own = inner
                    .at("external.sheet_ref")
                    .is_some_and(|link| link.text("is_internal_reference").is_some());
                let list = if is_own { "definitions" } else { list };
                let found = self.root.all(list).find(|name| name.number("id") == id)?;
                let doc =
                    inner.at("external.sheet_ref.doc").and_then(|doc| doc.text("value")).unwrap_or_default();
                let doc = doc.trim_start_matches('\u{1}');
                let mark = if doc.is_empty() { "" } else { "!" };
                format!("{doc}{mark}{}", Self::name_text(found))
            }
            "binary" => {
                let op = match inner.text("op")? {
                    "XL_BINARY_OP_ADD" => "+",
                    "XL_BINARY_OP_CONCAT" => "&",
                    "XL_BINARY_OP_ISECT" => " ",
                    other => other,
                };
                let [left, right] =
                    ["lhs", "rhs"].map(|side| inner.child(side).and_then(|side| self.spelled(side)));
                format!("{}{op}{}", left?, right?)
            }
            "function" => {
                let name = inner.text("builtin")?.trim_start_matches("XL_").replace('_', ".");
                let args: Option<Vec<_>> = inner.all("args").map(|arg| self.spelled(arg)).collect();
                format!("{name}({})", args?.join(","))
            }
            _ => return None,
        })
    }
}

fn printed(book: &Workbook, sheet: Option<u32>, tokens: TokenSpan) -> String {
    let (rgce, rgcb) = book.tokens.get(tokens);
    let mut text = String::new();
    let scope = Scope { workbook: book, sheet, cell: None };
    with_cx(Stage::Formula, |cx| print(rgce, rgcb, &scope, 1 << 16, cx, &mut text)).unwrap();
    text
}

/// The files that maldoca's trees stand beside.
fn trees(root: &Path) -> Vec<(String, PathBuf, PathBuf)> {
    let mut found = Vec::new();
    for folder in ["poc/maldoca", "malformed/maldoca"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let Some(file) = name.strip_suffix(".textproto") else { continue };
            let file = file.trim_end_matches("_excel4").trim_end_matches("_noexcel4");
            if name.starts_with("encrypted") {
                continue;
            }
            found.push((name.clone(), path.with_file_name(file), path));
        }
    }
    found.sort();
    found
}

#[test]
fn formulas_and_names_are_those_of_maldoca_trees() {
    let Some(root) = samples() else { return };
    let (mut files, mut compared, mut skipped) = (0, 0, 0);
    let mut found: Vec<(String, String)> = Vec::new();
    for (name, file, tree) in trees(&root) {
        let text = std::fs::read_to_string(&tree).unwrap();
        let outer = message(&mut text.as_str());
        let ast = outer.child("excel4_macros").unwrap_or(&outer).text("ast_str").map(str::to_owned);
        let Some(ast) = ast else { continue };
        let tree = Tree { root: message(&mut ast.as_str()) };
        let book = read(&std::fs::read(file).unwrap());
        files += 1;
        let mut differs = |what: String| found.push((name.clone(), what));
        let cells: Vec<_> = (0u32..)
            .zip(&book.sheets)
            .flat_map(|(index, sheet)| sheet.formulas.iter().map(move |cell| (index, cell)))
            .collect();
        // maldoca lists formulas in no order, and its sheet numbers are those of EXTERNSHEET.
        let mut theirs: Vec<_> = tree.root.all("formulas").collect();
        if theirs.len() != cells.len() {
            differs(format!("formulas: {} ours, {} theirs", cells.len(), theirs.len()));
        }
        for (sheet, ours) in &cells {
            let own = A1(ours.row, ours.column.into()).to_string();
            let found = theirs
                .iter()
                .position(|theirs| theirs.child("cell").map(Tree::cell).unwrap_or_default() == own);
            let Some(position) = found else {
                differs(format!("cell {own} ours alone"));
                continue;
            };
            let theirs = theirs.remove(position);
            let mut text = String::new();
            let whole = with_cx(Stage::Formula, |cx| print_cell(&book, *sheet, ours, 1 << 16, cx, &mut text))
                .unwrap();
            let formula = theirs.child("formula").unwrap();
            if formula.child("extraction_errors").is_some() {
                compared += 1;
                if whole.complete {
                    differs(format!("{own}: {text} ours, damaged theirs"));
                }
                continue;
            }
            match formula.child("expression").and_then(|expression| tree.spelled(expression)) {
                Some(spelled) => {
                    compared += 1;
                    if folded(&spelled) != folded(&text) {
                        differs(format!("{own}: {text} ours, {spelled} theirs"));
                    }
                }
                None => {
                    skipped += 1;
                    println!("{name} {own}: {text} not spelled");
                }
            }
        }
        let names: Vec<_> = tree.root.all("definitions").collect();
        if names.len() != book.names.len() {
            differs(format!("names: {} ours, {} theirs", book.names.len(), names.len()));
        }
        for (ours, theirs) in book.names.iter().zip(names) {
            let text = printed(&book, None, ours.tokens);
            let name = Tree::name_text(theirs);
            if ours.builtin.is_none() && name != ours.name {
                differs(format!("name: {:?} ours, {name:?} theirs", ours.name));
            }
            match theirs.at("formula.expression").and_then(|expression| tree.spelled(expression)) {
                Some(spelled) => {
                    compared += 1;
                    if folded(&spelled) != folded(&text) {
                        differs(format!("{}: {text} ours, {spelled} theirs", ours.name));
                    }
                }
                None => skipped += 1,
            }
        }
        let items: Vec<_> = book.books.iter().flat_map(|book| &book.names).collect();
        let theirs: Vec<_> = tree.root.all("external_definitions").map(Tree::name_text).collect();
        let ours: Vec<_> = items.iter().map(|item| item.name.clone()).collect();
        if ours != theirs {
            differs(format!("external names: {ours:?} ours, {theirs:?} theirs"));
        }
        let sheets: Vec<_> = tree
            .root
            .all("sheets")
            .map(|sheet| sheet.child("name").and_then(|name| name.text("value")).unwrap_or_default())
            .collect();
        let ours: Vec<_> = book
            .sheets
            .iter()
            .filter(|sheet| sheet.listed_at.is_some())
            .map(|sheet| sheet.name.as_str())
            .collect();
        if ours != sheets {
            differs(format!("sheets: {ours:?} ours, {sheets:?} theirs"));
        }
    }
    println!("compared {compared} formulas of {files} workbooks, {skipped} not spelled");
    let known: Vec<_> = KNOWN_TREES.iter().map(|known| (known.0.to_owned(), known.1.to_owned())).collect();
    let news: Vec<_> = found.iter().filter(|found| !known.contains(found)).collect();
    let gone: Vec<_> = known.iter().filter(|known| !found.contains(known)).collect();
    for (name, what) in &news {
        println!("{name}: {what:.300}");
    }
    assert!(news.is_empty() && gone.is_empty(), "{} new, gone: {gone:#?}", news.len());
}
