//! What a build says that leaves features out.
//!
//! Built with any of the features: `cargo test -p docsift --no-default-features --test features`. The golden
//! reports say what a file rests on. A report whose file needs what is missing names it and does not say
//! "nothing found"; each other report is the golden one. Without `serde` there is no JSON, and what stands in
//! its place is compared.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use docsift::{Analyzer, Feature, Input, KnownLure, Level, Options, Report};
use docsift_corpus::zip::{Member, Zip};
use docsift_corpus::zip_crypt::{aes, zip_crypto};
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

/// The whole report.
#[cfg(feature = "serde")]
fn shown(report: &Report) -> Value {
    serde_json::from_str(&report.to_json()).unwrap()
}

/// What most programs look at in a report, in the form of its JSON, which a build without `serde` does not
/// write.
#[cfg(not(feature = "serde"))]
fn shown(report: &Report) -> Value {
    use serde_json::json;
    let Report { verdict, findings, behaviour, parts, text, pictures, indicators, problems, .. } = report;
    let finding = |finding: &docsift::report::Finding| {
        let evidence = finding.evidence.iter().map(|proof| &proof.text).map(|text| json!({ "text": text }));
        let evidence: Vec<_> = evidence.collect();
        json!({ "rule": finding.rule, "message": finding.message, "evidence": evidence })
    };
    json!({
        "verdict": {
            "level": verdict.level.name(),
            "score": verdict.score,
            "sentence": verdict.sentence,
            "decided_by": verdict.decided_by,
            "complete": verdict.complete,
        },
        "findings": findings.iter().map(finding).collect::<Vec<_>>(),
        "behaviour": list(behaviour, |effect| json!({ "kind": effect.kind, "text": effect.text })),
        "parts": list(parts, |part| json!({ "path": part.path, "kind": part.kind, "sha256": part.sha256 })),
        "text": list(text, |run| json!({ "text": run.text, "source": run.source })),
        "pictures": list(pictures, |picture| json!({ "sha256": picture.sha256, "dhash": picture.dhash })),
        "indicators": list(indicators, |found| json!({ "kind": found.kind, "value": found.value })),
        "problems": list(problems, |problem| json!({ "kind": problem.kind, "message": problem.message })),
    })
}

#[cfg(not(feature = "serde"))]
fn list<T>(of: &[T], shown: impl Fn(&T) -> Value) -> Vec<Value> {
    of.iter().map(shown).collect()
}

/// Where what is shown of a report is not what the golden one has there.
fn differences(at: &str, shown: &Value, golden: &Value, into: &mut Vec<String>) {
    match (shown, golden) {
        (Value::Object(shown), Value::Object(golden)) => {
            if cfg!(feature = "serde") && !shown.keys().eq(golden.keys()) {
                into.push(format!("{at} has other fields"));
            }
            for (key, value) in shown {
                differences(&format!("{at}.{key}"), value, golden.get(key).unwrap_or(&Value::Null), into);
            }
        }
        (Value::Array(shown), Value::Array(golden)) if shown.len() == golden.len() => {
            for (index, (shown, golden)) in shown.iter().zip(golden).enumerate() {
                differences(&format!("{at}[{index}]"), shown, golden, into);
            }
        }
        _ if shown == golden => {}
        _ => into.push(format!("{at}: {golden} became {shown}")),
    }
}

#[test]
#[cfg_attr(
    all(feature = "crypto", feature = "mail", feature = "pictures", feature = "serde"),
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
            let mut golden = golden;
            if !Feature::Pictures.is_built() {
                // No look, which is what the contract has for a picture that was not decoded.
                for picture in golden["pictures"].as_array_mut().unwrap() {
                    picture["dhash"] = Value::Null;
                }
            }
            let mut found = Vec::new();
            differences(&name, &shown(&report), &golden, &mut found);
            assert_eq!(found, [""; 0]);
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

#[test]
fn entry_of_an_archive_is_opened_by_what_the_build_has() {
    let member = || Member::deflated("plain.txt", b"Name,Paper\n");
    // A password that is tried on everything.
    let opened = |member| {
        let report = docsift::analyze(&Zip::of([member]).into_bytes());
        let with = report.parts[1].opened_with.as_ref().map(|opened| opened.method.to_owned());
        let asked = report.problems.iter().any(|problem| problem.kind == "needs_password");
        (with, asked, named(&report))
    };
    let method = |name: &str| (Some(name.to_owned()), false, BTreeSet::new());
    assert_eq!(opened(zip_crypto(member(), "infected")), method("ZipCrypto"));
    let unread = (None, false, BTreeSet::from([Feature::Crypto]));
    let expected = if Feature::Crypto.is_built() { method("ZIP with AES-256") } else { unread };
    assert_eq!(opened(aes(member(), "infected", 256, 2)), expected);
}
