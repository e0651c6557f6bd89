//! What a build says that leaves features out.
//!
//! Built with any of the features: `cargo test -p docsift --no-default-features --test features`. The golden
//! reports say what a file rests on. A report whose file needs what is missing names it and does not say
//! "nothing found"; each other report is the golden one.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use docsift::{Analyzer, Feature, Input, KnownLure, Level, Options, Report};
use serde_json::Value;

/// Features whose lack can show in the report of a fixture; a look counts only beside known ones.
const READING: [Feature; 2] = [Feature::Crypto, Feature::Mail];

fn texts<'v>(list: &'v Value, field: &str) -> impl Iterator<Item = &'v str> {
    list.as_array().unwrap().iter().filter_map(move |item| item[field].as_str())
}

/// Which features a golden report rests on.
fn rests_on(golden: &Value) -> BTreeSet<Feature> {
    let of_ours = ["XOR obfuscation", "ZipCrypto"];
    let parts = golden["parts"].as_array().unwrap();
    let opened = parts.iter().filter_map(|part| part["opened_with"]["method"].as_str());
    let closed = texts(&golden["problems"], "message").filter_map(|message| {
        let (_, method) = message.strip_suffix(" passwords opens it")?.split_once(" is encrypted (")?;
        Some(method.rsplit_once("), and none of ").unwrap().0)
    });
    let by_password = opened.chain(closed).any(|method| !of_ours.contains(&method));
    // The key of a stream for distribution lies in it.
    let by_own_key = parts.iter().any(|part| {
        part["opened_with"].is_null()
            && part["path"].as_str().is_some_and(|path| path.ends_with("!/decrypted"))
    });
    let is_mail = |part: &Value| {
        let is_message = part["path"].as_str().unwrap().ends_with("!/__properties_version1.0");
        is_message || ["eml", "mbox", "tnef"].iter().any(|kind| part["kind"] == **kind)
    };
    let needed = [(by_password || by_own_key, Feature::Crypto), (parts.iter().any(is_mail), Feature::Mail)];
    needed.into_iter().filter(|(is_needed, _)| *is_needed).map(|(_, feature)| feature).collect()
}

/// Which features a report names as missing.
fn named(report: &Report) -> BTreeSet<Feature> {
    let says = |feature: &Feature| {
        let missing = format!("this build leaves out the feature `{}`", feature.name());
        report.problems.iter().any(|problem| {
            assert!(!problem.message.contains(&missing) || problem.kind == "unsupported");
            problem.message.contains(&missing)
        })
    };
    READING.iter().chain([&Feature::Pictures]).copied().filter(says).collect()
}

fn fixtures() -> Vec<(String, Vec<u8>, Value)> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut all = Vec::new();
    for entry in fs::read_dir(corpus.join("synthetic")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let bytes = fs::read(corpus.join("synthetic").join(&name)).unwrap();
        let golden = fs::read_to_string(corpus.join("golden").join(format!("{name}.json"))).unwrap();
        all.push((name, bytes, serde_json::from_str(&golden).unwrap()));
    }
    all
}

/// The parts of a report that differ from the golden one, and what they are.
fn differences(report: &Report, golden: &Value) -> Vec<String> {
    let mut golden = golden.clone();
    if !Feature::Pictures.is_built() {
        // No look, which is what the contract has for a picture that was not decoded.
        for picture in golden["pictures"].as_array_mut().unwrap() {
            picture["dhash"] = Value::Null;
        }
    }
    let report: Value = serde_json::from_str(&report.to_json()).unwrap();
    let golden = golden.as_object().unwrap();
    assert!(report.as_object().unwrap().keys().eq(golden.keys()));
    let differing = golden.iter().filter(|(key, value)| report[key.as_str()] != **value);
    differing.map(|(key, value)| format!("{key}: {value} became {}", report[key.as_str()])).collect()
}

#[test]
#[cfg_attr(
    all(feature = "crypto", feature = "mail", feature = "pictures"),
    ignore = "nothing is missing; see tests/golden.rs"
)]
fn what_needs_a_missing_feature_names_it_and_all_else_is_the_golden_report() {
    let (mut resting, mut missed) = (BTreeSet::new(), 0);
    for (name, bytes, golden) in fixtures() {
        let report = Analyzer::default().analyze(Input::named(&bytes, &name));
        let needed = rests_on(&golden);
        let missing: BTreeSet<_> = needed.iter().copied().filter(|feature| !feature.is_built()).collect();
        let named = named(&report);
        if missing.is_empty() {
            assert_eq!(named, missing, "{name}");
            assert_eq!(differences(&report, &golden), [""; 0], "{name}");
        } else {
            // What lies in a file that is not opened is not seen, nor what it would need.
            assert!(!named.is_empty() && named.is_subset(&missing), "{name}: {named:?} of {missing:?}");
            assert!(report.verdict.level != Level::NothingFound && !report.verdict.complete, "{name}");
            let known: BTreeSet<_> = texts(&golden["findings"], "rule").collect();
            for finding in &report.findings {
                assert!(known.contains(finding.rule), "{name}: {} {}", finding.rule, finding.message);
            }
            missed += 1;
        }
        resting.extend(needed);
    }
    assert!(resting.iter().eq(&READING), "no fixture for another one than {resting:?}");
    assert_eq!(missed > 0, READING.iter().any(|feature| !feature.is_built()), "{missed} files");
}

#[test]
fn picture_that_would_be_compared_with_known_looks_names_the_missing_feature() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/synthetic");
    let bytes = fs::read(corpus.join("lure-known-picture.xls")).unwrap();
    let of = |known| {
        let mut options = Options::default();
        options.known_lures.push(known);
        let report = Analyzer::new(options).unwrap().analyze(&bytes);
        (named(&report), report.verdict.level)
    };
    let nothing = (BTreeSet::new(), Level::NothingFound);
    assert_eq!(of(KnownLure::Sha256([0; 32])), nothing);
    let unread = (BTreeSet::from([Feature::Pictures]), Level::Inconclusive);
    assert_eq!(of(KnownLure::Dhash(1)), if Feature::Pictures.is_built() { nothing } else { unread });
}
