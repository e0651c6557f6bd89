//! Fuzz body of `indicators`.

use docsift::base::{Budget, Cx, Limits, Location, PartId, Problems, Stage};
use docsift::indicators::{Extractor, Host, Indicator, Indicators, MAX_VALUE, fold_command, launchers};

/// Takes the bytes as text.
///
/// # Panics
/// When a value is empty or too long, a mention is not in the text, or two runs differ.
pub fn indicators(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let first = extract(&text);
    assert_eq!(first, extract(&text));
    assert!(first.len() <= Indicators::KEPT);
    for found in &first {
        assert!(!found.value.is_empty() && found.value.len() <= MAX_VALUE);
        assert!(!found.defanged.contains("http://") && found.count > 0);
        assert_eq!(found.location, Location::part(PartId(0)));
    }

    let mut end = 0;
    for mention in launchers(&text) {
        assert!(mention.at >= end && mention.end > mention.at);
        let stated = text.get(mention.at..mention.end).map(str::to_ascii_lowercase);
        assert!(stated.is_some_and(|stated| stated.starts_with(mention.name.get(..2).unwrap_or_default())));
        end = mention.end;
    }
    assert!(!fold_command(&text).contains(['^', '`']));
    if let Some(Host::V4 { address, .. }) = Host::parse(&text) {
        assert_eq!(Host::parse(&address.to_string()), Some(Host::V4 { address, dotted: true }));
    }
}

fn extract(text: &str) -> Vec<Indicator> {
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Text, budget: &mut budget, problems: &mut problems };
    let mut found = Indicators::default();
    let _ = Extractor::new().extract(text, &Location::part(PartId(0)), &mut found, &mut cx);
    found.list().to_vec()
}
