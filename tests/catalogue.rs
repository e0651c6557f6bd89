//! What the rule catalogue promises: pages, identifiers, and fixtures that prove each rule.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use docsift::{Analyzer, Input, KnownLure, Options, Report, catalogue};
use docsift_corpus::fixtures::{self, Fixture};
use docsift_corpus::lures;

const FAMILIES: &[&str] = &[
    "CFB", "BIF", "XLM", "VBA", "LUR", "LNK", "OBJ", "ENC", "PKG", "WRD", "TXT", "ONE", "HWP", "POL", "ARC",
    "MAI", "RTF", "DOC",
];
const HEADINGS: [&str; 4] =
    ["## What it finds", "## Why it matters", "## When it is innocent", "## References"];

/// Every fixture with its report.
static REPORTS: LazyLock<Vec<(Fixture, Report)>> = LazyLock::new(|| {
    // What is known of lures is the caller's to say: here, the picture of one fixture.
    let mut options = Options::default();
    options.known_lures = vec![KnownLure::Sha256(lures::KNOWN_PICTURE_SHA256)];
    let analyzer = Analyzer::new(options).unwrap();
    let analyzed = |fixture: Fixture| {
        let report = analyzer.analyze(Input::named(&fixture.bytes, fixture.name));
        (fixture, report)
    };
    fixtures::all().into_iter().map(analyzed).collect()
});

/// Rule identifiers in the sources below `src/findings/rules`.
fn ids_in_sources() -> Vec<String> {
    let mut waiting = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/findings/rules")];
    let mut ids = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            let quoted = source
                .match_indices("id: \"")
                .filter_map(|(at, key)| source[at + key.len()..].split('"').next());
            ids.extend(quoted.map(str::to_owned));
        }
    }
    ids.sort();
    ids
}

#[test]
fn every_rule_that_is_written_is_registered_once() {
    let mut registered: Vec<&str> = catalogue().iter().map(|rule| rule.id).collect();
    registered.sort_unstable();
    assert_eq!(ids_in_sources(), registered);
    assert_eq!(
        registered.iter().collect::<BTreeSet<_>>().len(),
        registered.len(),
        "an identifier is used twice"
    );
    let names: BTreeSet<_> = catalogue().iter().map(|rule| (&rule.id[..3], rule.name)).collect();
    assert_eq!(names.len(), catalogue().len(), "a family uses a name twice");
}

#[test]
fn identifiers_are_a_known_family_and_three_digits() {
    for rule in catalogue() {
        let (family, number) = rule.id.split_at(3);
        assert!(FAMILIES.contains(&family), "{}", rule.id);
        assert!(number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit()), "{}", rule.id);
        let kebab = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
        assert!(rule.name.chars().all(kebab), "{}", rule.name);
        let technique = |id: &&str| {
            id.starts_with('T') && id[1..].chars().all(|char| char.is_ascii_digit() || char == '.')
        };
        assert!(rule.attack.iter().all(technique), "{}: {:?}", rule.id, rule.attack);
        assert_eq!(docsift::rule(&rule.id.to_lowercase()).map(|found| found.id), Some(rule.id));
    }
}

#[test]
fn every_page_has_the_four_headings_with_text_below() {
    for rule in catalogue() {
        let lines: Vec<&str> = rule.page.lines().map(str::trim).collect();
        let headings: Vec<_> = lines.iter().copied().filter(|line| line.starts_with('#')).collect();
        assert_eq!(headings, HEADINGS, "{}", rule.id);
        for heading in HEADINGS {
            let at = lines.iter().position(|line| *line == heading).unwrap();
            let below = lines.get(at + 1).copied().unwrap_or_default();
            assert!(!below.is_empty() && !below.starts_with('#'), "{}: nothing below {heading:?}", rule.id);
        }
    }
}

#[test]
fn policy_names_only_rules_that_exist() {
    let unknown: BTreeSet<_> =
        docsift::verdict::named_rules().filter(|id| docsift::rule(id).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn every_rule_has_a_fixture_that_fires_and_an_innocent_neighbour() {
    let mut fires = BTreeMap::new();
    let mut quiet = BTreeMap::new();
    for (fixture, _) in &*REPORTS {
        fires.extend(fixture.fires.iter().map(|id| (*id, fixture.name)));
        quiet.extend(fixture.quiet.iter().map(|id| (*id, fixture.name)));
    }
    let known: BTreeSet<_> = catalogue().iter().map(|rule| rule.id).collect();
    assert_eq!(fires.keys().copied().collect::<BTreeSet<_>>(), known, "rules that fire on a fixture");
    assert_eq!(quiet.keys().copied().collect::<BTreeSet<_>>(), known, "rules with an innocent neighbour");
}

#[test]
fn every_fixture_reports_what_its_manifest_says() {
    let mut wrong = Vec::new();
    for (fixture, report) in &*REPORTS {
        let found: BTreeSet<_> = report.findings.iter().map(|finding| finding.rule).collect();
        let missing: Vec<_> = fixture.fires.iter().filter(|id| !found.contains(*id)).collect();
        let loud: Vec<_> = fixture.quiet.iter().filter(|id| found.contains(*id)).collect();
        let verdict = report.verdict.level.name();
        if !missing.is_empty() || !loud.is_empty() || verdict != fixture.verdict {
            wrong.push(format!(
                "{}: missing {missing:?}, should be quiet {loud:?}, verdict {verdict} instead of {} ({:?})",
                fixture.name, fixture.verdict, report.verdict.decided_by
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), REPORTS.len(), wrong.join("\n"));
}
