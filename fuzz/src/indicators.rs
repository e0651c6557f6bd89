//! Fuzz bodies of `indicators`.

use docsift::base::{Budget, Cx, Limits, Location, PartId, Problems, Stage};
use docsift::indicators::command::{Decoded, Desk};
use docsift::indicators::{
    Extractor, Host, Indicator, Indicators, MAX_VALUE, Mention, fold_command, launchers,
};

/// Takes the bytes as text.
///
/// # Panics
/// When a value is empty or too long, a mention is another one where its text stands alone, or two runs differ.
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
        let stated = text.get(mention.at..mention.end).unwrap_or_default();
        let of = |mention: Mention| (mention.at, mention.end, mention.name);
        let alone: Vec<_> = launchers(stated).map(of).collect();
        assert_eq!(alone, [(0, stated.len(), mention.name)]);
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

/// Reads each line as a command line, one after the other at one desk.
///
/// # Panics
/// When two runs differ, or a result is larger than its bounds.
pub fn command(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let first = read_commands(&text);
    for decoded in &first {
        assert!(decoded.layers.len() <= 256 && decoded.facts.len() <= 256);
        assert!(decoded.layers.iter().map(|layer| layer.text.len()).sum::<usize>() <= 4 << 20);
    }
    assert_eq!(first, read_commands(&text));
}

fn read_commands(text: &str) -> Vec<Decoded> {
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Text, budget: &mut budget, problems: &mut problems };
    let mut desk = Desk::new();
    let mut made = Vec::new();
    for line in text.lines().take(16) {
        made.extend(desk.read(line, &mut cx));
        made.extend(desk.read_in(line, &mut cx));
    }
    made
}
