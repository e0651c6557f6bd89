//! Compound files from any bytes: the reader ends within its limits, points only into the file, and
//! says the same twice.

pub use super::cfb_peer::peer;
use docsift::base::{Budget, Cx, LimitHit, Limits, PartId, Place, Problems, Stage};
use docsift::containers::cfb::{self as reader, CompoundFile, Entry, Oddity, Run, Slack};
use docsift::containers::sniff::sniff;

/// Steps for one input: enough for any file of a fuzzer's size, few enough to find amplification.
const STEPS: u64 = 1_000_000;

#[derive(Debug, PartialEq)]
struct Reading {
    end: Result<(), LimitHit>,
    entries: Vec<Entry>,
    oddities: Vec<Oddity>,
    streams: Vec<Vec<Run>>,
    slack: Vec<Slack>,
    steps_left: u64,
}

/// Reads `data` as a compound file, twice.
pub fn cfb(data: &[u8]) {
    sniff(data);
    let (first, problems) = reading(data);
    let len = data.len() as u64;
    for problem in problems.list() {
        if let Some(Place::Bytes { start, end }) = problem.location.place {
            assert!(start <= end && end <= len, "{problem:?}");
        }
    }
    for oddity in &first.oddities {
        assert!(oddity.at <= len, "{oddity:?}");
        assert!(oddity.entry.is_none_or(|id| first.entries.iter().any(|entry| entry.id == id)), "{oddity:?}");
    }
    for entry in &first.entries {
        assert!(entry.at + 128 <= len, "{entry:?}");
        assert!(entry.parent.is_none() || entry.reached, "{entry:?}");
    }
    for slack in &first.slack {
        assert!(slack.len > 0 && slack.at + slack.len <= len, "{slack:?}");
        assert!(data[slack.at as usize..][..slack.len as usize].iter().any(|byte| *byte != 0), "{slack:?}");
    }
    assert!(first.slack.is_sorted_by_key(|slack| slack.at));
    let (second, again) = reading(data);
    assert_eq!(first, second);
    assert_eq!(problems.list(), again.list());
}

fn reading(data: &[u8]) -> (Reading, Problems) {
    let mut limits = Limits::default();
    limits.steps = STEPS;
    let mut budget = Budget::new(&limits);
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Cfb, budget: &mut budget, problems: &mut problems };
    let mut compound = CompoundFile::default();
    let (mut streams, mut slack) = (Vec::new(), Vec::new());
    let end = everything(data, &mut compound, &mut streams, &mut slack, &mut cx);
    let reading = Reading {
        end,
        entries: compound.entries().to_vec(),
        oddities: compound.oddities().to_vec(),
        streams,
        slack,
        steps_left: budget.steps_left(),
    };
    (reading, problems)
}

fn everything<'a>(
    data: &'a [u8],
    compound: &mut CompoundFile<'a>,
    streams: &mut Vec<Vec<Run>>,
    slack: &mut Vec<Slack>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    reader::read(data, compound, cx)?;
    for entry in compound.entries() {
        assert!(compound.path(entry.id).chars().count() <= 64 * 33);
        assert!(compound.children(entry.id).all(|child| child.parent == Some(entry.id)));
        let stream = compound.stream(entry.id, cx)?;
        // A circle repeats: in the mini FAT up to the cutoff, in the FAT up to the length of the file.
        assert!(stream.found() <= stream.claimed() && stream.found() <= (data.len() as u64).max(4096));
        let bytes = stream.bytes(cx)?;
        // The runs are the bytes, in their order.
        let runs = stream.derivation().iter().flat_map(|run| &data[run.at as usize..][..run.len as usize]);
        assert!(runs.eq(bytes.iter()));
        streams.push(stream.derivation().to_vec());
    }
    *slack = compound.slack(cx)?;
    Ok(())
}
