//! Excel packages, against what openpyxl, pyxlsb2 and XLMMacroDeobfuscator say of them.
//!
//! The samples stand beside the repository (`../shared/samples`); without them the tests say so and
//! pass. Every difference that remains is listed here with its reason, so that a new one fails.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use docsift::base::{Budget, Bytes, Cx, LimitHit, Limits, PartId, Problems, Stage};
use docsift::containers::zip::{self, Archive, Entry};
use docsift::documents::biff12;
use docsift::documents::formula;
use docsift::documents::ooxml::{self, Found, Package, PackageKind, Parts};
use docsift::documents::workbook::{Cached, Sheet, SheetKind, Visibility, Workbook};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Differences from the oracle for cells: path, what differs, why ours is kept.
const KNOWN: &[(&str, &str, &str)] = &[
    (
        "benign/poi/stress002.xlsx",
        "\"Schedule E Supplemental Tables\" text cells: 261 ours, 258 theirs",
        MERGED,
    ),
    ("benign/poi/60512.xlsm", "\"Distribution Rome\" text cells: 227 ours, 215 theirs", MERGED),
    (
        "benign/calamine/has_x000D_inline.xlsx",
        "\"Sheet1\" texts",
        "openpyxl keeps the escape _x000D_, Excel and we do not",
    ),
    (
        "benign/poi/duplicate-filename.xlsx",
        "\"v1\" text cells: 1 ours, 0 theirs",
        "two entries of one name: the first is ours, the last openpyxl's",
    ),
];

const MERGED: &str = "openpyxl drops the values of cells under a merged range";

fn samples() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples");
    if !root.join("manifest.tsv").is_file() {
        println!("skipped: no samples at {}", root.display());
        return None;
    }
    Some(root)
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

struct Members<'m> {
    file: &'m [u8],
    entries: Vec<Entry>,
}

impl<'m> Parts<'m> for Members<'m> {
    fn open(&self, index: u32, cx: &mut Cx<'_>) -> Result<Bytes<'m>, LimitHit> {
        let mut content = Vec::new();
        self.entries[index as usize].open(self.file, &mut content, cx)?;
        Ok(Bytes::owned(content))
    }
}

/// The workbook of a package; `None` when the file is no Excel package.
fn read(file: &[u8]) -> Option<(Workbook, Problems)> {
    if !file.starts_with(b"PK") {
        return None;
    }
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Package, budget: &mut budget, problems: &mut problems };
    let mut archive = Archive::default();
    zip::read(file, &mut archive, &mut cx).unwrap();
    let entries: Vec<Entry> = archive.entries().iter().filter(|entry| !entry.is_folder()).cloned().collect();
    let names = (1..).zip(&entries).map(|(id, entry)| (entry.name.clone(), PartId(id))).collect();
    let source = Members { file, entries };
    let mut package = Package::default();
    Package::read(names, &source, &mut package, &mut cx).unwrap();
    let main = package.main()?;
    let mut book = Workbook::default();
    let mut found = Found::default();
    let result = match ooxml::kind_of(package.content_type(main)).0 {
        PackageKind::Workbook => {
            ooxml::workbook::read(&mut package, &source, main, &mut book, &mut found, &mut cx)
        }
        PackageKind::BinaryWorkbook => {
            biff12::read(&mut package, &source, main, &mut book, &mut found, &mut cx)
        }
        _ => return None,
    };
    result.unwrap();
    Some((book, problems))
}

fn state(sheet: &Sheet) -> &'static str {
    match sheet.visibility {
        Visibility::Visible => "visible",
        Visibility::Hidden => "hidden",
        Visibility::VeryHidden | Visibility::Reserved(_) => "veryhidden",
    }
}

/// Texts of a sheet in row-major order; of two cells at one place the later one.
fn texts(book: &Workbook, sheet: &Sheet) -> Vec<String> {
    let mut cells = BTreeMap::new();
    for cell in &sheet.texts {
        cells.insert((cell.row, cell.column), book.cell_text(cell.text).to_owned());
    }
    for cell in &sheet.formulas {
        if let Cached::Text(text) = cell.cached {
            cells.insert((cell.row, cell.column), book.texts.get(text).to_owned());
        }
    }
    cells.into_values().collect()
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What differs in one file.
fn differences(book: &Workbook, oracle: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let list = oracle["sheet_list"].as_array().map_or(&[][..], Vec::as_slice);
    let listed: Vec<&Sheet> = book.sheets.iter().filter(|sheet| sheet.listed_at.is_some()).collect();
    if !list.is_empty() && list.len() != listed.len() {
        found.push(format!("listed sheets: {} ours, {} theirs", listed.len(), list.len()));
    }
    for (position, (ours, theirs)) in listed.iter().zip(list).enumerate() {
        let kind = match ours.kind {
            SheetKind::Worksheet => "worksheet",
            SheetKind::Dialog => "dialog",
            SheetKind::Macro => "macro",
            SheetKind::Chart => "chart",
            _ => "module",
        };
        if theirs["kind"] != kind || theirs["state"] != state(ours) {
            found.push(format!("listed {position}: {kind} {} ours, {theirs} theirs", state(ours)));
        }
    }
    for theirs in oracle["sheets"].as_array().map_or(&[][..], Vec::as_slice) {
        let Some(name) = theirs["sheet"].as_str() else { continue };
        let Some(ours) = book.sheets.iter().find(|sheet| sheet.name == name) else {
            found.push(format!("no sheet {name:?}"));
            continue;
        };
        if theirs["state"].as_str().is_some_and(|theirs| theirs != state(ours)) {
            found.push(format!("{name:?} state: {} ours, {} theirs", state(ours), theirs["state"]));
        }
        if theirs["text_cells"].is_null() {
            continue;
        }
        let texts = texts(book, ours);
        if theirs["text_cells"].as_u64() != Some(texts.len() as u64) {
            found.push(format!("{name:?} text cells: {} ours, {} theirs", texts.len(), theirs["text_cells"]));
        } else if theirs["text_sha256"] != sha256(&texts.join("\n")) {
            found.push(format!("{name:?} texts"));
        }
    }
    found
}

#[test]
fn sheets_and_text_cells_are_those_of_the_oracle() {
    let Some(root) = samples() else { return };
    let (mut files, mut sheets, mut cells) = (0, 0, 0);
    let mut found = Vec::new();
    for oracle in lines(&root.join("oracle/cells.jsonl")) {
        let path = oracle["path"].as_str().unwrap();
        if oracle["library"] == "xlrd2" || !oracle["error"].is_null() || oracle["decrypted"] == true {
            continue;
        }
        let file = std::fs::read(root.join(path)).unwrap();
        let Some((book, _)) = read(&file) else {
            found.push((path.to_owned(), "no workbook".to_owned()));
            continue;
        };
        files += 1;
        let theirs = oracle["sheets"].as_array().map_or(&[][..], Vec::as_slice);
        sheets += theirs.len();
        cells += theirs.iter().filter_map(|sheet| sheet["text_cells"].as_u64()).sum::<u64>();
        found.extend(differences(&book, &oracle).into_iter().map(|difference| (path.to_owned(), difference)));
    }
    println!("compared {files} workbooks, {sheets} sheets, {cells} text cells");
    let known: Vec<_> =
        KNOWN.iter().map(|(path, what, _)| ((*path).to_owned(), (*what).to_owned())).collect();
    let news: Vec<_> = found.iter().filter(|difference| !known.contains(difference)).collect();
    let gone: Vec<_> = known.iter().filter(|difference| !found.contains(difference)).collect();
    for (path, what) in &news {
        println!("new: {path}: {what}");
    }
    assert!(news.is_empty() && gone.is_empty(), "{} new, gone: {gone:#?}", news.len());
}

#[test]
fn macro_sheets_names_and_cells_are_those_of_the_oracle() {
    let Some(root) = samples() else { return };
    let (mut files, mut cells, mut equal) = (0, 0, 0);
    let mut found = Vec::new();
    for oracle in lines(&root.join("oracle/xlm.jsonl")) {
        let path = oracle["path"].as_str().unwrap();
        let theirs = oracle["macro_sheets"].as_array().map_or(&[][..], Vec::as_slice);
        if theirs.is_empty() || oracle["decrypted"] == true {
            continue;
        }
        let Some((book, _)) = read(&std::fs::read(root.join(path)).unwrap()) else { continue };
        files += 1;
        let ours: Vec<&str> = book.macro_sheets().map(|(_, sheet)| sheet.name.as_str()).collect();
        let names: Vec<&str> = theirs
            .iter()
            .map(|sheet| sheet.as_str().or(sheet["name"].as_str()).unwrap_or_default())
            .collect();
        if ours != names {
            found.push((path.to_owned(), format!("macro sheets {ours:?} ours, {names:?} theirs")));
        }
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::Formula, budget: &mut budget, problems: &mut problems };
        let mut printed = BTreeMap::new();
        for (index, sheet) in book.macro_sheets() {
            for cell in &sheet.formulas {
                let mut text = String::from("=");
                formula::print_cell(&book, index, cell, 100_000, &mut cx, &mut text).unwrap();
                let address = address(cell.row, cell.column);
                printed.insert((sheet.name.clone(), address), text);
            }
        }
        for theirs in oracle["cells"].as_array().map_or(&[][..], Vec::as_slice) {
            // The tool does not follow shared formulas.
            let Some(formula) = theirs["formula"].as_str().filter(|formula| *formula != "=") else {
                continue;
            };
            let sheet = theirs["sheet"].as_str().unwrap_or_default();
            let cell = theirs["cell"].as_str().unwrap_or_default().replace('$', "");
            cells += 1;
            match printed.get(&(sheet.to_owned(), cell.clone())) {
                Some(ours) if spelled_alike(ours, formula) => equal += 1,
                ours => found
                    .push((path.to_owned(), format!("{sheet}!{cell}: {ours:?} ours, {formula:?} theirs"))),
            }
        }
    }
    println!("compared {files} packages with macro sheets, {cells} formula cells, {equal} equal");
    for (path, what) in &found {
        println!("new: {path}: {what}");
    }
    assert!(found.is_empty(), "{} differ", found.len());
}

/// Whether two spellings are one formula: blanks, quotes around sheets and absolute signs aside.
fn spelled_alike(ours: &str, theirs: &str) -> bool {
    let bare = |text: &str| {
        let text: String =
            text.chars().filter(|letter| !matches!(letter, ' ' | '\'' | '$' | '\n' | '\r')).collect();
        text.replace("_xlfn.", "").replace("_xludf.", "").to_lowercase()
    };
    bare(ours) == bare(theirs)
}

fn address(row: u32, column: u16) -> String {
    let (mut letters, mut rest) = (String::new(), u32::from(column) + 1);
    while rest > 0 {
        letters.insert(0, char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    format!("{letters}{}", row + 1)
}

/// Packages whose modules differ from olevba's on purpose: path, how many modules only olevba has, how
/// many only we have, and why.
const ARGUED: &[(&str, usize, usize, &str)] = &[];

#[test]
fn modules_of_packages_are_those_of_olevba() {
    let Some(root) = samples() else { return };
    let (mut files, mut modules) = (0, 0);
    let mut found = BTreeMap::new();
    for oracle in lines(&root.join("oracle/vba.jsonl")) {
        let path = oracle["path"].as_str().unwrap();
        let file = std::fs::read(root.join(path)).unwrap();
        if !file.starts_with(b"PK") || oracle["text"] == true || oracle["decrypted"] == true {
            continue;
        }
        let mut ours: Vec<(String, String, String)> = Vec::new();
        docsift::Analyzer::default().analyze_with(&file, &mut |view| {
            if view.part.kind.name() == "vba_source" {
                let hash = Sha256::digest(view.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                ours.push((view.part.name.clone(), hash, sha256(&String::from_utf8_lossy(view.bytes))));
            }
        });
        let theirs = oracle["modules"].as_array().map_or(&[][..], Vec::as_slice);
        files += usize::from(!theirs.is_empty());
        let mut missing = Vec::new();
        for theirs in theirs {
            modules += 1;
            let name = theirs["name"].as_str().unwrap_or_default();
            let raw = theirs["raw_sha256"].as_str();
            let text = theirs["sha256"].as_str().unwrap_or_default();
            let same = |ours: &(String, String, String)| {
                ours.0 == name && raw.map_or(ours.2 == text, |raw| ours.1 == raw)
            };
            match ours.iter().position(same) {
                Some(at) => drop(ours.swap_remove(at)),
                None => missing.push(name.to_owned()),
            }
        }
        if !missing.is_empty() || !ours.is_empty() {
            let ours: Vec<String> = ours.into_iter().map(|(name, ..)| name).collect();
            found.insert(path.to_owned(), (missing, ours));
        }
    }
    println!("{files} packages with modules, {modules} modules, {} packages differ", found.len());
    for (path, (theirs, ours)) in &found {
        println!("differs: {path}: only olevba {theirs:?}, only ours {ours:?}");
    }
    found.retain(|path, (theirs, ours)| {
        !ARGUED.iter().any(|(known, only_theirs, only_ours, _)| {
            known == path && (*only_theirs, *only_ours) == (theirs.len(), ours.len())
        })
    });
    assert!(found.is_empty(), "{found:#?}");
}
