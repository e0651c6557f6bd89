//! The committed JSON Schemas, judged by an independent validator.
//!
//! It stands here and not with the library's tests, since the validator brings some 70 packages.

use std::fs;
use std::path::{Path, PathBuf};

use docsift::{Analyzer, Input, TraceOptions};
use jsonschema::Validator;
use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn validator() -> Validator {
    validator_of("report.schema.json")
}

fn validator_of(name: &str) -> Validator {
    let schema = read(&root().join("docs").join(name));
    assert!(jsonschema::meta::is_valid(&schema), "the schema is no schema");
    jsonschema::validator_for(&schema).unwrap()
}

fn reports() -> Vec<(String, Value)> {
    let analyzer = Analyzer::default();
    let entries = fs::read_dir(root().join("corpus/synthetic")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let report = analyzer.analyze(Input::named(&fs::read(&path).unwrap(), &name));
            (name, serde_json::from_str(&report.to_json()).unwrap())
        })
        .collect()
}

/// Every object and array entry of a value, as JSON pointers.
fn pointers(at: &str, value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                into.push(at.clone());
                pointers(&at, field, into);
            }
        }
        Value::Array(entries) => {
            for (index, entry) in entries.iter().enumerate() {
                pointers(&format!("{at}/{index}"), entry, into);
            }
        }
        _ => {}
    }
}

#[test]
fn reports_of_all_fixtures_are_valid() {
    let validator = validator();
    let reports = reports();
    assert!(!reports.is_empty());
    for (name, report) in reports {
        let errors: Vec<_> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

#[test]
fn traces_of_all_fixtures_are_valid() {
    let validator = validator_of("trace.schema.json");
    let analyzer = Analyzer::default();
    let mut steps = 0;
    for entry in fs::read_dir(root().join("corpus/synthetic")).unwrap() {
        let path = entry.unwrap().path();
        let trace = analyzer.trace(&fs::read(&path).unwrap(), TraceOptions::default());
        let runs = trace.workbooks.iter().flat_map(|book| &book.runs);
        steps += runs.map(|run| run.steps.len()).sum::<usize>();
        let trace = serde_json::from_str(&trace.to_json()).unwrap();
        let errors: Vec<_> = validator.iter_errors(&trace).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
    }
    assert!(steps > 500, "{steps} steps");
}

/// A schema that lets everything through would pass the test above.
#[test]
fn trace_with_a_field_of_another_type_is_not_valid() {
    let validator = validator_of("trace.schema.json");
    let bytes = fs::read(root().join("corpus/synthetic/run-japan-only.xls")).unwrap();
    let trace = Analyzer::default().trace(&bytes, TraceOptions::default());
    let trace: Value = serde_json::from_str(&trace.to_json()).unwrap();
    let mut fields = Vec::new();
    pointers("", &trace, &mut fields);
    assert!(fields.len() > 100, "{fields:?}");
    for field in fields {
        let mut bent = trace.clone();
        *bent.pointer_mut(&field).unwrap() = json!([["of another type"]]);
        assert!(!validator.is_valid(&bent), "{field} may be anything");
    }
}

#[test]
fn golden_reports_are_valid() {
    let validator = validator();
    for entry in fs::read_dir(root().join("corpus/golden")).into_iter().flatten() {
        let path = entry.unwrap().path();
        let errors: Vec<_> = validator.iter_errors(&read(&path)).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
    }
}

/// A schema that lets everything through would pass the tests above.
#[test]
fn report_with_a_field_of_another_type_is_not_valid() {
    let validator = validator();
    let report: Value = serde_json::from_str(&docsift::analyze(b"text").to_json()).unwrap();
    let mut fields = Vec::new();
    pointers("", &report, &mut fields);
    assert!(fields.len() > 30, "{fields:?}");
    for field in fields {
        let mut bent = report.clone();
        *bent.pointer_mut(&field).unwrap() = json!([["of another type"]]);
        assert!(!validator.is_valid(&bent), "{field} may be anything");
    }
}

#[test]
fn report_without_one_of_its_fields_is_not_valid() {
    let validator = validator();
    let report: Value = serde_json::from_str(&docsift::analyze(b"text").to_json()).unwrap();
    for (field, _) in report.as_object().unwrap() {
        let mut short = report.clone();
        short.as_object_mut().unwrap().remove(field);
        assert!(!validator.is_valid(&short), "{field} may be missing");
    }
}

#[test]
fn report_with_a_field_of_a_later_version_is_valid() {
    let mut report: Value = serde_json::from_str(&docsift::analyze(b"text").to_json()).unwrap();
    report["later"] = json!({ "any": "thing" });
    assert!(validator().is_valid(&report), "versions could not add fields");
}
