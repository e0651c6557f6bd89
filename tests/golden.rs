//! The reports of the fixtures, whole, as they are committed in `corpus/golden`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use docsift::{Analyzer, Input};
use serde_json::Value;

fn names(folder: &Path, ending: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| name.strip_suffix(ending).unwrap_or_else(|| panic!("{name}: no {ending}")).to_owned())
        .collect()
}

/// Paths within the JSON at which two values differ.
fn differences(at: &str, old: &Value, new: &Value, into: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let keys: BTreeSet<_> = old.keys().chain(new.keys()).collect();
            for key in keys {
                let null = Value::Null;
                let (old, new) = (old.get(key).unwrap_or(&null), new.get(key).unwrap_or(&null));
                differences(&format!("{at}.{key}"), old, new, into);
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                differences(&format!("{at}[{index}]"), old, new, into);
            }
        }
        _ if old == new => {}
        _ => into.push(format!("{at}: {old} became {new}")),
    }
}

#[test]
fn reports_are_the_golden_ones() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let (synthetic, golden) = (corpus.join("synthetic"), corpus.join("golden"));
    let fixtures = names(&synthetic, "");
    assert_eq!(names(&golden, ".json"), fixtures, "`cargo xtask golden` writes them");
    let analyzer = Analyzer::default();
    let mut found = Vec::new();
    for name in &fixtures {
        let bytes = fs::read(synthetic.join(name)).unwrap();
        let report = analyzer.analyze(Input::named(&bytes, name)).to_json();
        let old = fs::read_to_string(golden.join(format!("{name}.json"))).unwrap();
        let old: Value = serde_json::from_str(&old).unwrap();
        differences(name, &old, &serde_json::from_str(&report).unwrap(), &mut found);
    }
    let shown: Vec<_> =
        found.iter().map(|line| line.chars().take(400).collect::<String>()).take(50).collect();
    assert!(
        found.is_empty(),
        "{} differences; if the new reports are right, `cargo xtask golden` and say why:\n{}",
        found.len(),
        shown.join("\n")
    );
}

#[test]
fn differences_name_where_and_what() {
    let old = serde_json::json!({ "a": [1, { "b": null }], "c": "x", "gone": true });
    let new = serde_json::json!({ "a": [1, { "b": 2 }], "c": ["x"], "more": 0 });
    let mut found = Vec::new();
    differences("r", &old, &new, &mut found);
    let expected = [
        "r.a[1].b: null became 2",
        "r.c: \"x\" became [\"x\"]",
        "r.gone: true became null",
        "r.more: null became 0",
    ];
    assert_eq!(found, expected);
    found.clear();
    differences("r", &old, &old, &mut found);
    assert_eq!(found, [""; 0]);
}
