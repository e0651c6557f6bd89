//! Text formats of the sample files side by side with the oracles: VBA modules of Office XML, cells of SYLK.
//!
//! The samples are no part of the repository: without them the tests say so and pass.

use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

fn rows(oracle: &str, ends: &[&str]) -> Option<Vec<(Value, Vec<u8>)>> {
    let samples = Path::new("/work/shared/samples");
    let Ok(lines) = std::fs::read_to_string(samples.join("oracle").join(oracle)) else {
        println!("skipped: no samples at {}", samples.display());
        return None;
    };
    let rows =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("the oracle is JSON Lines"));
    let wanted = rows.filter(|row| {
        let path = row["path"].as_str().expect("every row has a path");
        ends.iter().any(|end| path.ends_with(end))
    });
    let files = wanted.map(|row| {
        let path = samples.join(row["path"].as_str().unwrap());
        let bytes = std::fs::read(path).expect("the oracle's files are there");
        (row, bytes)
    });
    Some(files.collect())
}

#[test]
fn modules_of_office_xml_are_those_of_olevba() {
    let Some(rows) = rows("vba.jsonl", &[".xml", ".mht", ".mhtml"]) else { return };
    let count = rows.len();
    assert!(count > 0);
    let mut modules = 0;
    for (row, bytes) in rows {
        let report = docsift::analyze(&bytes);
        let mut ours: Vec<(String, String)> = report
            .macros
            .vba
            .iter()
            .map(|module| {
                let digest = Sha256::digest(module.source.as_bytes());
                (module.name.clone(), digest.iter().map(|byte| format!("{byte:02x}")).collect())
            })
            .collect();
        let listed = row["modules"].as_array().cloned().unwrap_or_default();
        let text = |module: &Value, key: &str| module[key].as_str().unwrap_or_default().to_owned();
        let mut theirs: Vec<_> =
            listed.iter().map(|module| (text(module, "name"), text(module, "sha256"))).collect();
        ours.sort();
        theirs.sort();
        modules += theirs.len();
        assert_eq!(ours, theirs, "{}", row["path"]);
    }
    println!("{count} files, {modules} modules");
}

#[test]
fn cells_of_sylk_are_those_of_the_oracle() {
    let Some(rows) = rows("xlm.jsonl", &[".slk"]) else { return };
    let mut cells = 0;
    for (row, bytes) in &rows {
        let report = docsift::analyze(bytes);
        let sheets = &report.macros.xlm;
        let ours: Vec<String> = sheets
            .iter()
            .flat_map(|sheet| &sheet.cells)
            .map(|cell| cell.formula.trim_start_matches('=').to_owned())
            .collect();
        let lines = row["biff"].as_array().cloned().unwrap_or_default();
        let theirs: Vec<String> = lines
            .iter()
            .filter_map(|line| line.as_str()?.strip_prefix("Formula or Macro: ").map(str::to_owned))
            .collect();
        cells += theirs.len();
        assert_eq!(ours, theirs, "{}", row["path"]);
    }
    println!("{} files, {cells} cells", rows.len());
    assert!(cells > 0);
}
