//! Every fuzz body over every input that once broke something, and over the fixtures.

use std::fs;
use std::path::{Path, PathBuf};

use super::BODIES;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All files below a folder, sorted; none when the folder is not there.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Runs every body over every file of a folder, and names the pairs that do not hold.
fn replay(folder: &str) -> usize {
    let files = files(&root().join("corpus").join(folder));
    let mut failed = Vec::new();
    for path in &files {
        let bytes = fs::read(path).unwrap();
        for (name, body) in BODIES {
            if std::panic::catch_unwind(|| body(&bytes)).is_err() {
                let file = path.file_name().unwrap().to_str().unwrap();
                failed.push(format!("{name} {folder}/{file}"));
            }
        }
    }
    assert!(failed.is_empty(), "do not hold, with their panics above: {failed:#?}");
    files.len()
}

#[test]
fn inputs_that_once_broke_something_hold() {
    replay("regress");
}

#[test]
fn fixtures_hold_for_every_body() {
    assert!(replay("synthetic") > 0, "no fixtures in corpus/synthetic");
}

#[test]
fn every_body_has_a_target_and_every_target_a_body() {
    let mut targets: Vec<String> = files(&root().join("fuzz/fuzz_targets"))
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    targets.sort();
    let mut bodies: Vec<&str> = BODIES.iter().map(|(name, _)| *name).collect();
    bodies.sort_unstable();
    assert_eq!(bodies, targets);
    let cargo = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    for name in bodies {
        assert!(cargo.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name} is no bin");
        let source = fs::read_to_string(root().join(format!("fuzz/fuzz_targets/{name}.rs"))).unwrap();
        let body = name.rsplit('_').next().unwrap();
        assert!(source.contains(&format!("::{body});")), "{name} runs another body");
    }
}
