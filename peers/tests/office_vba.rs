//! VBA of Word documents and presentations in whole reports, side by side with olevba's.
//!
//! `vba.rs` compares the reader on compound files; here the way to it counts: a presentation keeps its
//! project in a compressed record. The samples are no part of the repository: without them the test says
//! so and passes.

use std::collections::BTreeMap;
use std::fs;

use docsift_peers::files::samples;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Files whose modules differ from olevba's on purpose: path, how many modules only olevba has, how
/// many only we have, and why.
const ARGUED: &[(&str, usize, usize, &str)] = &[
    ("benign/poi/60279.doc", 0, 1, "the text is not at its offset; we search the stream for it"),
    (
        "benign/poi/bug55030.ppt",
        0,
        1,
        "the record of the project is not compressed; olevba opens compressed ones",
    ),
];

/// Name without extension, and hash of the text.
type Named = Vec<(String, String)>;

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn documents_and_presentations_have_the_modules_of_olevba() {
    let Some(samples) = samples() else { return };
    let manifest = fs::read_to_string(samples.join("manifest.tsv")).expect("the samples have a manifest");
    let kinds: BTreeMap<&str, &str> = manifest
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut fields = line.split('\t');
            Some((fields.next()?, fields.nth(2)?))
        })
        .filter(|(_, kind)| matches!(*kind, "cfb-doc" | "cfb-ppt"))
        .collect();
    let oracle = fs::read_to_string(samples.join("oracle/vba.jsonl")).expect("the samples have an oracle");
    let (mut files, mut modules) = (0, 0);
    let mut differences = BTreeMap::new();
    for line in oracle.lines() {
        let row: Value = serde_json::from_str(line).expect("the oracle is JSON Lines");
        let path = row["path"].as_str().expect("every row has a path");
        if !kinds.contains_key(path) {
            continue;
        }
        files += 1;
        let bytes = fs::read(samples.join(path)).expect("the oracle's files are there");
        let report = docsift::analyze(&bytes);
        let mut ours: Named =
            report.macros.vba.iter().map(|module| (module.name.clone(), sha256(&module.source))).collect();
        let mut theirs: Named = Vec::new();
        for module in row["modules"].as_array().into_iter().flatten() {
            let name = module["name"].as_str().unwrap_or_default();
            let name = name.rsplit_once('.').map_or(name, |(name, _)| name).to_owned();
            theirs.push((name, module["sha256"].as_str().unwrap_or_default().to_owned()));
        }
        modules += theirs.len();
        theirs.retain(|module| match ours.iter().position(|our| our == module) {
            Some(at) => {
                ours.swap_remove(at);
                false
            }
            None => true,
        });
        if !theirs.is_empty() || !ours.is_empty() {
            differences.insert(path.to_owned(), (theirs, ours));
        }
    }
    println!("{files} files, {modules} modules by olevba, {} files differ", differences.len());
    let unargued: Vec<_> = differences
        .iter()
        .filter(|(path, (theirs, ours))| {
            let argued = ARGUED.iter().find(|(argued, ..)| argued == path);
            argued.is_none_or(|(_, only_theirs, only_ours, _)| {
                (theirs.len(), ours.len()) != (*only_theirs, *only_ours)
            })
        })
        .collect();
    assert!(unargued.is_empty(), "{unargued:#?}");
    let gone: Vec<_> = ARGUED.iter().filter(|(path, ..)| !differences.contains_key(*path)).collect();
    assert!(gone.is_empty(), "argued, but equal: {gone:?}");
}
