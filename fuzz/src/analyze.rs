//! The whole analysis: deterministic, places inside their parts, unread is never clean.

use docsift::report::{Location, Report};
use docsift::{Analyzer, Level, Limits};

/// Analyses twice and looks at what the report says about itself.
///
/// # Panics
/// When a promise of the report does not hold.
pub fn analyze(data: &[u8]) {
    let analyzer = Analyzer::default();
    let mut shown = Vec::new();
    let report = analyzer.analyze_with(data, &mut |view| {
        shown.push((view.part.id.0, view.part.size, view.bytes.len() as u64));
    });
    let again = docsift::analyze(data);
    assert_eq!(report.to_json(), again.to_json(), "two runs differ");

    for (id, size, len) in shown {
        assert_eq!(size, len, "part {id} has another size than its bytes");
    }
    tree(&report, data.len() as u64);
    for location in locations(&report) {
        inside(&report, location);
    }
    completeness(&report);
    behaviour(&report);
    limits(&report);
}

fn tree(report: &Report, input_len: u64) {
    assert_eq!(report.input.size, input_len);
    for (index, part) in report.parts.iter().enumerate() {
        assert_eq!(part.id as usize, index, "a part's identifier is its place in the list");
        match part.parent {
            None => assert_eq!((index, part.size), (0, input_len), "only the input has no parent"),
            Some(parent) => {
                assert!((parent as usize) < index, "part {index} lies in the later part {parent}");
                for [start, len] in &part.runs {
                    let end = start.checked_add(*len);
                    let parent = &report.parts[parent as usize];
                    assert!(end.is_some_and(|end| end <= parent.size), "a run of {index} leaves its parent");
                }
            }
        }
    }
}

fn locations(report: &Report) -> impl Iterator<Item = &Location> {
    let evidence = report.findings.iter().flat_map(|finding| &finding.evidence);
    evidence
        .map(|proof| &proof.location)
        .chain(report.behaviour.iter().map(|effect| &effect.location))
        .chain(report.text.iter().map(|run| &run.location))
        .chain(report.indicators.iter().map(|indicator| &indicator.location))
        .chain(report.properties.iter().filter_map(|property| property.location.as_ref()))
        .chain(report.problems.iter().map(|problem| &problem.location))
}

fn inside(report: &Report, location: &Location) {
    let part = report.parts.iter().find(|part| part.id == location.part);
    let Some(part) = part else { panic!("{location:?} is in no part") };
    assert_eq!(location.start.is_some(), location.end.is_some(), "{location:?}");
    if let (Some(start), Some(end)) = (location.start, location.end) {
        assert!(start <= end && end <= part.size, "{location:?} is outside of {} bytes", part.size);
    }
    assert_ne!(location.line, Some(0), "lines count from 1");
}

fn completeness(report: &Report) {
    let verdict = &report.verdict;
    let barred = report.problems.iter().any(|problem| problem.kind != "recovered");
    if barred {
        assert!(!verdict.complete, "a problem bars, and the verdict is complete");
    }
    if !verdict.complete {
        assert_ne!(verdict.level, Level::NothingFound, "unread is never clean");
        assert!(barred || report.problems_not_listed > 0, "incomplete without a problem that says why");
    }
    for rule in &verdict.decided_by {
        assert!(
            report.findings.iter().any(|finding| finding.rule == *rule),
            "{rule} decided without a finding"
        );
    }
    assert_eq!(verdict.decided_by.is_empty(), verdict.level <= Level::Inconclusive);
    for finding in &report.findings {
        assert!(!finding.evidence.is_empty(), "{} shows no proof", finding.rule);
        assert!(docsift::rule(finding.rule).is_some(), "{} is not in the catalogue", finding.rule);
    }
}

/// What a macro was seen to run or fetch when it started by itself is never nothing.
fn behaviour(report: &Report) {
    let started = |start: &str| start.starts_with("auto_") || matches!(start, "vba" | "hook");
    for effect in report.behaviour.iter().filter(|effect| effect.basis == "evaluated") {
        let starts = effect.detail.as_ref().and_then(|detail| detail.start).is_some_and(started);
        if starts && matches!(effect.kind, "run" | "fetch") {
            assert!(report.verdict.level >= Level::Suspicious, "nothing found beside {effect:?}");
        }
    }
}

fn limits(report: &Report) {
    let limits = Limits::default();
    assert!(report.parts.len() as u64 <= u64::from(limits.parts) + 1);
    for finding in &report.findings {
        for proof in &finding.evidence {
            assert!(proof.raw.len() <= 2 * limits.excerpt_bytes, "{} has long evidence", finding.rule);
            assert!(proof.text.chars().count() <= limits.excerpt_bytes + 1, "{} has long text", finding.rule);
        }
    }
}
