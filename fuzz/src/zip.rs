//! ZIP archives from any bytes: the reader ends within its limits, points only into the file, and says
//! the same twice. What the crate `zip` reads of it, ours reads as well.

use std::io::{Cursor, Read};

use docsift::base::{Budget, Cx, LimitHit, Limits, PartId, Place, Problems, Stage};
use docsift::containers::zip::{self as reader, Archive, Content, Entry, Oddity, Outside};

/// Steps for one input: enough for any file of a fuzzer's size, few enough to find amplification.
const STEPS: u64 = 1_000_000;

/// Bytes that the entries of one input may make.
const MADE: u64 = 64 << 20;

#[derive(Debug, PartialEq)]
struct Reading {
    end: Result<(), LimitHit>,
    entries: Vec<Entry>,
    oddities: Vec<Oddity>,
    outside: Vec<Outside>,
    contents: Vec<(Result<Content, LimitHit>, usize, u32)>,
    steps_left: u64,
}

/// Reads `data` as an archive, twice.
pub fn zip(data: &[u8]) {
    let (first, problems) = reading(data);
    let len = data.len() as u64;
    for problem in problems.list() {
        if let Some(Place::Bytes { start, end }) = problem.location.place {
            assert!(start <= end && end <= len, "{problem:?}");
        }
    }
    for oddity in &first.oddities {
        assert!(oddity.at <= len, "{oddity:?}");
        assert!(oddity.entry.is_none_or(|index| (index as usize) < first.entries.len()), "{oddity:?}");
    }
    for entry in &first.entries {
        assert!(entry.data.start <= entry.data.end && entry.data.end <= len, "{entry:?}");
        assert_eq!(entry.raw(data).len() as u64, entry.data.end - entry.data.start);
        assert!(entry.header_at.is_none_or(|at| at < entry.data.start), "{entry:?}");
        assert!(entry.listed_at.is_some() || entry.header_at.is_some(), "{entry:?}");
    }
    for outside in &first.outside {
        assert!(outside.len > 0 && outside.at + outside.len <= len, "{outside:?}");
        assert!(data[outside.at as usize..][..outside.len as usize].iter().any(|byte| *byte != 0));
    }
    let (second, again) = reading(data);
    assert_eq!(first, second);
    assert_eq!(problems.list(), again.list());
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.steps = STEPS;
    limits.total_bytes = MADE;
    limits
}

fn reading(data: &[u8]) -> (Reading, Problems) {
    let mut budget = Budget::new(&limits());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Archive, budget: &mut budget, problems: &mut problems };
    let mut archive = Archive::default();
    let end = reader::read(data, &mut archive, &mut cx);
    let contents = archive
        .entries()
        .iter()
        .map(|entry| {
            let mut content = Vec::new();
            let result = entry.open(data, &mut content, &mut cx);
            (result, content.len(), reader::crc32(&content))
        })
        .collect();
    let reading = Reading {
        end,
        entries: archive.entries().to_vec(),
        oddities: archive.oddities().to_vec(),
        outside: archive.outside().to_vec(),
        contents,
        steps_left: budget.steps_left(),
    };
    (reading, problems)
}

/// What the crate `zip` reads, ours reads with the same content, or ours says that two readers would see
/// two files.
pub fn peer(data: &[u8]) {
    let Ok(mut theirs) = ::zip::ZipArchive::new(Cursor::new(data)) else { return };
    let mut budget = Budget::new(&limits());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Archive, budget: &mut budget, problems: &mut problems };
    let mut ours = Archive::default();
    if reader::read(data, &mut ours, &mut cx).is_err() {
        return;
    }
    // Of a damaged archive that is said of some entry, and `zip` may stumble at another one.
    let told = ours.oddities().iter().any(|oddity| oddity.kind.splits_readers());
    for index in 0..theirs.len() {
        let Ok(file) = theirs.by_index(index) else { continue };
        let name = file.name_raw().to_vec();
        let crc32 = file.crc32();
        let mut content = Vec::new();
        if file.take(1 << 20).read_to_end(&mut content).is_err() || content.len() == 1 << 20 {
            continue;
        }
        let mut named =
            ours.entries().iter().filter(|entry| entry.crc32 == crc32 || entry.local_name.is_some());
        let same = named.any(|entry| {
            let mut ours = Vec::new();
            let result = entry.open(data, &mut ours, &mut cx);
            result.is_err() || ours == content
        });
        assert!(same || told, "{:?} differs, and nothing is told", String::from_utf8_lossy(&name));
    }
}
