//! Sheets and text cells of real workbooks, against what xlrd2 and plugin_biff say of them.
//!
//! The samples stand beside the repository (`../shared/samples`); without them the tests say so and
//! pass. Every difference that remains is listed here with its reason, so that a new one fails.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use docsift::base::{Budget, Cx, Limits, PartId, ProblemKind, Problems, Stage};
use docsift::containers::cfb;
use docsift::documents::biff;
use docsift::documents::workbook::{Cached, Sheet, SheetKind, Visibility, Workbook};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Differences from the oracle: path, what differs, why ours is kept.
const KNOWN: &[(&str, &str, &str)] = &[];

/// Files without a label `malformed` in which something could not be read: path, why.
const NOT_WHOLE: &[(&str, &str)] = &[
    (
        "benign/poi/61300.bin",
        "an XF record of 38,932 bytes passes the end of the stream; POI refuses it as well",
    ),
    ("poc/maldoca/encrypted_no_formulas.biff8", "encrypted, though the manifest does not say so"),
    ("poc/maldoca/encrypted_with_formulas.biff8", "encrypted, though the manifest does not say so"),
];

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

/// A workbook and what was told while it was read.
struct Read {
    book: Workbook,
    problems: Problems,
}

/// Reads the workbook stream of a file; `None` when it has none.
fn read(file: &[u8]) -> Option<Read> {
    let mut budget = Budget::new(&Limits::default());
    let mut apart = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Cfb, budget: &mut budget, problems: &mut apart };
    let stream = if file.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        let mut compound = cfb::CompoundFile::default();
        cfb::read(file, &mut compound, &mut cx).unwrap();
        let entry = compound.child(0, "Workbook").or_else(|| compound.child(0, "Book"))?;
        compound.stream(entry.id, &mut cx).unwrap().bytes(&mut cx).unwrap().into_owned()
    } else {
        file.to_vec()
    };
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(1), stage: Stage::Biff, budget: &mut budget, problems: &mut problems };
    let mut book = Workbook::default();
    biff::read(&stream, &mut book, &mut cx).unwrap();
    Some(Read { book, problems })
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
        match cell.cached {
            Cached::Text(text) => {
                drop(cells.insert((cell.row, cell.column), book.texts.get(text).to_owned()))
            }
            Cached::Empty => drop(cells.insert((cell.row, cell.column), String::new())),
            _ => {}
        }
    }
    cells.into_values().collect()
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What differs in one file.
fn differences(read: &Read, oracle: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let sheets = oracle["sheets"].as_array().unwrap();
    // xlrd2 skips charts and modules.
    let ours: Vec<&Sheet> = read
        .book
        .sheets
        .iter()
        .filter(|sheet| !matches!(sheet.kind, SheetKind::Chart | SheetKind::Module | SheetKind::Unknown(_)))
        .collect();
    if ours.len() != sheets.len() {
        found.push(format!("sheets: {} ours, {} theirs", ours.len(), sheets.len()));
    }
    for (ours, theirs) in ours.iter().zip(sheets) {
        let name = theirs["sheet"].as_str().unwrap();
        let is_made_up = ours.listed_at.is_none();
        if ours.name != name && !is_made_up {
            found.push(format!("name: {:?} ours, {name:?} theirs", ours.name));
        }
        if theirs["state"] != state(ours) {
            found.push(format!("{name:?} state: {} ours, {} theirs", state(ours), theirs["state"]));
        }
        let kind = if ours.kind == SheetKind::Macro { "macro" } else { "worksheet" };
        if theirs["kind"].as_str().is_some_and(|theirs| theirs != kind) {
            found.push(format!("{name:?} kind: {kind} ours, {} theirs", theirs["kind"]));
        }
        let texts = texts(&read.book, ours);
        if theirs["text_cells"].as_u64() != Some(texts.len() as u64) {
            found.push(format!("{name:?} text cells: {} ours, {} theirs", texts.len(), theirs["text_cells"]));
        } else if theirs["text_sha256"] != sha256(&texts.join("\n")) {
            found.push(format!("{name:?} texts"));
        }
    }
    let list = oracle["sheet_list"].as_array().map_or(&[][..], Vec::as_slice);
    let listed: Vec<&Sheet> = read.book.sheets.iter().filter(|sheet| sheet.listed_at.is_some()).collect();
    if !list.is_empty() && list.len() != listed.len() {
        found.push(format!("listed sheets: {} ours, {} theirs", listed.len(), list.len()));
    }
    for (position, (ours, theirs)) in listed.iter().zip(list).enumerate() {
        let kind = match ours.kind {
            SheetKind::Worksheet | SheetKind::Dialog => "worksheet or dialog",
            SheetKind::Macro => "macro",
            SheetKind::Chart => "chart",
            _ => "module",
        };
        if theirs["kind"] != kind || theirs["state"] != state(ours) {
            found.push(format!("listed {position}: {kind} {} ours, {theirs} theirs", state(ours)));
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
        // A decrypted file was compared by its plaintext, which we do not make.
        if oracle["library"] != "xlrd2" || !oracle["error"].is_null() || oracle["decrypted"] == true {
            continue;
        }
        let file = std::fs::read(root.join(path)).unwrap();
        let Some(read) = read(&file) else {
            found.push((path.to_owned(), "no workbook stream".to_owned()));
            continue;
        };
        files += 1;
        sheets += oracle["sheets"].as_array().unwrap().len();
        cells += oracle["sheets"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|sheet| sheet["text_cells"].as_u64())
            .sum::<u64>();
        found.extend(differences(&read, &oracle).into_iter().map(|difference| (path.to_owned(), difference)));
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
fn workbooks_that_office_opens_are_read_whole() {
    let Some(root) = samples() else { return };
    let manifest = std::fs::read_to_string(root.join("manifest.tsv")).unwrap();
    let (mut files, mut found) = (0, Vec::new());
    for line in manifest.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [path, _, _, container, _, _, _, label, _, _, encrypted, ..] = fields[..] else { continue };
        if !matches!(container, "cfb-xls" | "biff-raw") || encrypted == "yes" {
            continue;
        }
        let Some(read) = read(&std::fs::read(root.join(path)).unwrap()) else {
            println!("{label} {path}: no workbook stream");
            continue;
        };
        if std::env::var_os("DOCSIFT_SHOW").is_some() {
            for problem in read.problems.list() {
                println!(
                    "{label} {path}: {:?} {:?} {}",
                    problem.kind, problem.location.place, problem.message
                );
            }
            for oddity in &read.book.oddities {
                println!("{label} {path}: ODD {:?} {:?}", oddity.kind, oddity.location.place);
            }
        }
        if label == "malformed" {
            continue;
        }
        files += 1;
        let unread = read.problems.list().iter().filter(|problem| problem.kind != ProblemKind::Recovered);
        found.extend(unread.map(|problem| (path.to_owned(), problem.message.clone())));
    }
    println!("read {files} workbooks");
    found.retain(|(path, _)| !NOT_WHOLE.iter().any(|(known, _)| known == path));
    assert!(found.is_empty(), "{found:#?}");
}
