use proptest::prelude::*;

use super::build::{Builder, Image};
use super::consts::{ENDOFCHAIN, FREESECT};
use super::*;
use crate::base::{LimitKind, Limits, PartId, ProblemKind, Problems, Stage};
use crate::containers::sniff::{FileKind, sniff};

fn content(len: usize) -> Vec<u8> {
    (0..len).map(|index| (index / 7 + index) as u8 | 1).collect()
}

/// Root: "Workbook" (9,000 bytes), "Small" (100 bytes), storage "VBA" with "dir" (200) and "Big" (5,000).
fn builder(shift: u16) -> Builder {
    let mut builder = Builder::new(shift);
    builder.stream(0, "Workbook", &content(9000));
    builder.stream(0, "Small", &content(100));
    let vba = builder.storage(0, "VBA");
    builder.stream(vba, "dir", &content(200));
    builder.stream(vba, "Big", &content(5000));
    builder
}

const WORKBOOK: usize = 1;
const SMALL: usize = 2;
const VBA: usize = 3;

struct Outcome {
    streams: Vec<(String, Vec<u8>)>,
    oddities: Vec<(Option<u32>, OddityKind)>,
    slack: Vec<Slack>,
    problems: Vec<(ProblemKind, String)>,
    steps: u64,
}

impl Outcome {
    fn bars(&self) -> bool {
        self.problems.iter().any(|(kind, _)| kind.bars_nothing_found())
    }

    fn stream(&self, path: &str) -> &[u8] {
        &self.streams.iter().find(|(name, _)| name == path).unwrap().1
    }
}

fn with_limits<T>(limits: &Limits, work: impl FnOnce(&mut Cx<'_>) -> T) -> (T, Problems, u64) {
    let (mut budget, mut problems) = (Budget::new(limits), Problems::default());
    let mut cx = Cx { part: PartId(0), stage: Stage::Cfb, budget: &mut budget, problems: &mut problems };
    let result = work(&mut cx);
    let spent = limits.steps - budget.steps_left();
    (result, problems, spent)
}

fn outcome(file: &[u8]) -> Outcome {
    let ((streams, oddities, slack), problems, steps) = with_limits(&Limits::default(), |cx| {
        let mut compound = CompoundFile::default();
        read(file, &mut compound, cx).unwrap();
        let mut streams = Vec::new();
        for entry in compound.entries().iter().filter(|entry| entry.is_stream()) {
            let stream = compound.stream(entry.id, cx).unwrap();
            let bytes = stream.bytes(cx).unwrap().into_owned();
            assert_eq!(stream.found(), bytes.len() as u64);
            assert!(stream.found() <= stream.claimed());
            streams.push((compound.path(entry.id), bytes));
        }
        let oddities = compound.oddities().iter().map(|odd| (odd.entry, odd.kind)).collect::<Vec<_>>();
        (streams, oddities, compound.slack(cx).unwrap())
    });
    let problems = problems.list().iter().map(|problem| (problem.kind, problem.message.clone())).collect();
    Outcome { streams, oddities, slack, problems, steps }
}

fn all_streams() -> Vec<(String, Vec<u8>)> {
    [("Workbook", 9000), ("Small", 100), ("VBA/dir", 200), ("VBA/Big", 5000)]
        .map(|(path, len)| (path.to_owned(), content(len)))
        .to_vec()
}

#[test]
fn both_versions_give_all_streams_without_a_deviation() {
    for shift in [9, 12] {
        let outcome = outcome(&builder(shift).build().bytes);
        assert_eq!(outcome.streams, all_streams());
        assert_eq!(outcome.oddities, []);
        assert_eq!(outcome.problems, []);
        assert_eq!(outcome.slack, []);
    }
}

#[test]
fn stream_in_one_piece_is_borrowed_and_says_where_it_lies() {
    let image = builder(9).build();
    with_limits(&Limits::default(), |cx| {
        let mut compound = CompoundFile::default();
        read(&image.bytes, &mut compound, cx).unwrap();
        let stream = compound.stream(WORKBOOK as u32, cx).unwrap();
        let at = image.sector_at(image.starts[WORKBOOK]) as u64;
        assert_eq!(stream.derivation(), [Run { at, len: 9000 }]);
        assert!(matches!(stream.bytes(cx), Ok(std::borrow::Cow::Borrowed(_))));
        let children: Vec<_> = compound.children(0).map(|entry| entry.name.as_str()).collect();
        assert_eq!(children, ["Workbook", "Small", "VBA"]);
        let inner = compound.child(0, "vba").and_then(|vba| compound.child(vba.id, "DIR")).unwrap();
        assert_eq!((inner.id, inner.parent, inner.reached, inner.size), (4, Some(VBA as u32), true, 200));
    });
}

#[test]
fn chain_of_scattered_sectors_is_gathered_in_its_order() {
    let mut image = builder(9).build();
    let first = image.starts[WORKBOOK];
    // Swap the second and third sector of the chain, and their content with them.
    let (second, third) = (image.sector_at(first + 1), image.sector_at(first + 2));
    let (a, b) = (image.bytes[second..second + 512].to_vec(), image.bytes[third..third + 512].to_vec());
    image.put(second, &b);
    image.put(third, &a);
    image.put_u32(image.fat_at(first), first + 2);
    image.put_u32(image.fat_at(first + 2), first + 1);
    image.put_u32(image.fat_at(first + 1), first + 3);
    let outcome = outcome(&image.bytes);
    assert_eq!(outcome.streams, all_streams());
    assert_eq!(outcome.oddities, []);
}

#[test]
fn fat_of_more_than_109_sectors_is_found_through_the_difat() {
    let mut builder = builder(9);
    let large = content(8 << 20);
    builder.stream(0, "Large", &large);
    let mut image = builder.build();
    let sound = outcome(&image.bytes);
    assert!(sound.stream("Large") == large);
    assert_eq!(sound.oddities, []);

    // The DIFAT sector names itself as the next one: the list ends when the file is covered.
    let difat = u32::from_le_bytes(image.bytes[68..72].try_into().unwrap());
    image.put_u32(image.sector_at(difat) + 508, difat);
    let circle = outcome(&image.bytes);
    assert!(circle.stream("Large") == large);

    image.put_u32(68, 0x00ff_0000);
    let lost = outcome(&image.bytes);
    assert_eq!(lost.oddities[0], (None, OddityKind::DifatBroken { sector: 0x00ff_0000 }));
    assert!(lost.bars());
    assert!(large.starts_with(lost.stream("Large")));
}

#[test]
fn damaged_header_is_read_through_and_told() {
    let sound = builder(9).build();
    let stomped = |at: usize, bytes: &[u8]| {
        let mut image = sound.clone();
        image.put(at, bytes);
        image.bytes
    };
    let cases = [
        (stomped(0, b"\0\0\0\0"), 0, OddityKind::Signature { found: 0xa1b1_1ae1 }),
        (stomped(28, b"\xff\xfe"), 28, OddityKind::ByteOrder { found: 0xfeff }),
        (stomped(30, b"\x63\0"), 30, OddityKind::SectorShift { stated: 0x63, used: 9 }),
        (stomped(30, b"\x0c\0"), 30, OddityKind::SectorShift { stated: 12, used: 9 }),
        (stomped(32, b"\0\0"), 32, OddityKind::MiniSectorShift { stated: 0, used: 6 }),
        (stomped(48, &[0xee; 4]), 48, OddityKind::DirectoryStart { stated: 0xeeee_eeee, used: 1 }),
        (stomped(56, b"\0\0\0\0"), 56, OddityKind::MiniCutoff { stated: 0 }),
        (stomped(26, b"\x09\0"), 26, OddityKind::Version { version: 9, shift: 9 }),
    ];
    for (file, at, kind) in cases {
        assert!(sniff(&file).is_compound_file(), "{kind}");
        let outcome = outcome(&file);
        assert_eq!(outcome.streams, all_streams(), "{kind}");
        assert_eq!(outcome.oddities[0], (None, kind));
        assert!(outcome.problems.contains(&(ProblemKind::Recovered, kind.to_string())));
        assert!(!outcome.bars(), "{kind}");
        let (place, ..) = with_limits(&Limits::default(), |cx| {
            let mut compound = CompoundFile::default();
            read(&file, &mut compound, cx).unwrap();
            compound.oddities()[0].at
        });
        assert_eq!(place, at);
    }
    assert_eq!(sniff(&stomped(0, b"\0\0\0\0")), FileKind::DamagedCompoundFile);
}

#[test]
fn fat_sector_before_a_root_entry_is_no_header() {
    let image = builder(9).build();
    let mut stale = image.bytes[512..].to_vec();
    stale[28..32].copy_from_slice(&ENDOFCHAIN.to_le_bytes());
    assert_eq!(sniff(&stale), FileKind::Unknown);
}

#[test]
fn what_is_no_compound_file_is_abandoned_whole() {
    for file in [&b""[..], b"MZ", &[0; 4096], &content(4096)] {
        let outcome = outcome(file);
        assert_eq!(outcome.problems, [(ProblemKind::Abandoned, "not a compound file".to_owned())]);
        assert_eq!(outcome.streams, []);
    }
}

#[test]
fn truncated_file_gives_the_bytes_that_are_there() {
    let mut image = builder(9).build();
    let at = image.sector_at(image.starts[WORKBOOK]);
    image.bytes.truncate(at + 1000);
    let outcome = outcome(&image.bytes);
    assert_eq!(outcome.stream("Workbook"), &content(9000)[..1000]);
    assert_eq!(outcome.stream("VBA/dir"), content(200));
    assert!(outcome.bars());
    let start = image.starts[WORKBOOK];
    let short = OddityKind::ChainShort { start, found: 1000, claimed: 9000 };
    assert!(outcome.oddities.contains(&(Some(1), short)));
    assert!(outcome.oddities.contains(&(None, OddityKind::PartialSector { have: 488, size: 512 })));
    assert!(outcome.problems.contains(&(ProblemKind::Abandoned, format!("stream \"Workbook\": {short}"))));
}

#[test]
fn fat_cycle_repeats_up_to_the_size_and_never_beyond_the_file() {
    let mut image = builder(9).build();
    let first = image.starts[WORKBOOK];
    image.put_u32(image.fat_at(first + 1), first);
    let circle = outcome(&image.bytes);
    let expected: Vec<u8> = content(1024).into_iter().cycle().take(9000).collect();
    assert_eq!(circle.stream("Workbook"), expected);
    assert!(circle.oddities.contains(&(Some(1), OddityKind::ChainCycle { start: first })));
    assert!(circle.bars());

    let at = image.entry_at(WORKBOOK);
    image.put_u32(at + 120, 0x7fff_ffff);
    let huge = outcome(&image.bytes);
    assert!(huge.stream("Workbook").len() <= image.bytes.len());
    assert!(huge.steps < 500, "{}", huge.steps);
}

#[test]
fn mini_fat_cycle_ends_with_the_size() {
    let mut image = builder(9).build();
    let first = image.starts[SMALL];
    image.put_u32(image.mini_fat_at(first), first);
    let outcome = outcome(&image.bytes);
    assert_eq!(outcome.stream("Small"), [&content(64)[..], &content(36)].concat());
    assert!(outcome.oddities.contains(&(Some(2), OddityKind::ChainCycle { start: first })));
}

#[test]
fn directory_in_a_circle_is_read_once() {
    let mut image = builder(9).build();
    let first = image.directory[0];
    let last = *image.directory.last().unwrap();
    image.put_u32(image.fat_at(last), first);
    let outcome = outcome(&image.bytes);
    assert_eq!(outcome.streams, all_streams());
    assert_eq!(outcome.oddities, [(None, OddityKind::ChainCycle { start: first })]);
    assert!(!outcome.bars());
}

#[test]
fn crossed_chains_give_both_streams_and_name_the_sector() {
    let mut image = builder(9).build();
    let (workbook, big) = (image.starts[WORKBOOK], image.starts[5]);
    image.put_u32(image.fat_at(big), workbook + 3);
    let outcome = outcome(&image.bytes);
    assert_eq!(outcome.stream("Workbook"), content(9000));
    let mut expected = content(512);
    expected.extend_from_slice(&content(9000)[1536..][..4488]);
    assert_eq!(outcome.stream("VBA/Big"), expected);
    let crossed = OddityKind::ChainCrossed { start: big, sector: workbook + 3 };
    // What is left of the chain of "Big" lies at the end of the file and has no owner.
    assert_eq!(outcome.oddities, [(Some(5), crossed), (None, OddityKind::TailData { len: 9 * 512 })]);
}

#[test]
fn many_entries_on_one_long_chain_cost_no_more_than_the_budget() {
    let mut builder = Builder::new(9);
    builder.stream(0, "Long", &content(1 << 20));
    for index in 0..2000 {
        builder.stream(0, &format!("{index}"), &[]);
    }
    let mut image = builder.build();
    let start = image.starts[1];
    for id in 2..2002 {
        let at = image.entry_at(id);
        image.put_u32(at + 116, start);
        image.put_u32(at + 120, 1 << 20);
    }
    let limits = Limits::default();
    let (hit, _, steps) = with_limits(&limits, |cx| {
        let mut compound = CompoundFile::default();
        read(&image.bytes, &mut compound, cx).unwrap();
        let read_steps = limits.steps - cx.budget.steps_left();
        assert!(read_steps < 100_000, "{read_steps}");
        for id in (0..100).flat_map(|_| 1..2002) {
            if let Err(hit) = compound.stream(id, cx) {
                return hit.kind;
            }
        }
        unreachable!("the budget lasts for about 11,000 of these")
    });
    assert_eq!(hit, LimitKind::Steps);
    assert_eq!(steps, limits.steps);
}

#[test]
fn entry_out_of_the_tree_is_an_orphan_under_its_own_name() {
    let mut image = builder(9).build();
    let at = image.entry_at(VBA);
    image.put_u32(at + 76, u32::MAX);
    let outcome = outcome(&image.bytes);
    assert_eq!(outcome.stream("dir"), content(200));
    assert_eq!(outcome.stream("Big"), content(5000));
    assert_eq!(outcome.oddities, [(Some(4), OddityKind::Unreached), (Some(5), OddityKind::Unreached)]);
    assert!(!outcome.bars());
}

#[test]
fn sibling_circle_and_link_past_the_end_keep_every_entry() {
    let mut image = builder(9).build();
    let (workbook, vba) = (image.entry_at(WORKBOOK), image.entry_at(VBA));
    image.put_u32(workbook + 68, VBA as u32);
    image.put_u32(vba + 72, WORKBOOK as u32);
    image.put_u32(vba + 68, 999);
    let outcome = outcome(&image.bytes);
    let mut paths: Vec<_> = outcome.streams.iter().map(|(path, _)| path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["Small", "VBA/Big", "VBA/dir", "Workbook"]);
    let expected = [
        (Some(3), OddityKind::LinkPastEnd { target: 999 }),
        (Some(3), OddityKind::ReachedTwice { target: 1 }),
        (Some(2), OddityKind::ReachedTwice { target: 3 }),
    ];
    assert_eq!(outcome.oddities, expected);
}

#[test]
fn sibling_chain_of_any_length_is_walked_without_recursion() {
    let mut builder = Builder::new(9);
    // Building is quadratic, so the names are few and the chain is made by hand.
    builder.stream(0, "S", &[]);
    let mut image = builder.build();
    let template = image.bytes[image.entry_at(1)..][..128].to_vec();
    let count = 60_000_usize;
    let mut directory = image.bytes[image.entry_at(0)..][..128].to_vec();
    for id in 1..=count {
        let mut entry = template.clone();
        entry[72..76].copy_from_slice(&(if id < count { id as u32 + 1 } else { u32::MAX }).to_le_bytes());
        directory.extend(entry);
    }
    let sectors = directory.len().div_ceil(512);
    let mut file = image.bytes[..512].to_vec();
    let fat_count = sectors.div_ceil(127);
    file[76..512].fill(0xff);
    for index in 0..109.min(fat_count) {
        file[76 + index * 4..][..4].copy_from_slice(&(index as u32).to_le_bytes());
    }
    assert!(fat_count <= 126);
    file[68..72].copy_from_slice(&(fat_count as u32).to_le_bytes());
    file[72..76].copy_from_slice(&1_u32.to_le_bytes());
    file[44..48].copy_from_slice(&(fat_count as u32).to_le_bytes());
    let first = fat_count as u32 + 1;
    file[48..52].copy_from_slice(&first.to_le_bytes());
    let mut table = vec![0xffff_fffd_u32; fat_count + 1];
    table.extend(
        (0..sectors as u32).map(|n| if n as usize + 1 < sectors { first + n + 1 } else { ENDOFCHAIN }),
    );
    table.resize(fat_count * 128, FREESECT);
    file.extend(table.iter().flat_map(|next| next.to_le_bytes()));
    let mut difat: Vec<u32> = (109..fat_count as u32).collect();
    difat.resize(127, FREESECT);
    difat.push(ENDOFCHAIN);
    file.extend(difat.iter().flat_map(|next| next.to_le_bytes()));
    directory.resize(sectors * 512, 0);
    file.extend(directory);
    image.bytes = file;
    with_limits(&Limits::default(), |cx| {
        let mut compound = CompoundFile::default();
        read(&image.bytes, &mut compound, cx).unwrap();
        assert_eq!(compound.entries().len(), count + 1);
        assert_eq!(compound.children(0).count(), count);
        let duplicates =
            compound.oddities().iter().filter(|odd| odd.kind == OddityKind::DuplicateName).count();
        assert_eq!(duplicates, 64);
        let spent = cx.budget.limits().steps - cx.budget.steps_left();
        assert!(spent < 40 * count as u64, "{spent}");
    });
}

#[test]
fn deep_storages_have_a_capped_path() {
    let mut builder = Builder::new(9);
    let deepest = (0..200).fold(0, |parent, _| builder.storage(parent, "d"));
    let image = builder.build();
    with_limits(&Limits::default(), |cx| {
        let mut compound = CompoundFile::default();
        read(&image.bytes, &mut compound, cx).unwrap();
        assert_eq!(compound.path(3), "d/d/d");
        assert_eq!(compound.path(deepest as u32), format!("…{}", "/d".repeat(64)));
    });
}

#[test]
fn duplicate_names_apart_from_case_are_both_kept() {
    let mut builder = Builder::new(9);
    builder.stream(0, "Workbook", b"one");
    builder.stream(0, "WORKBOOK", b"two");
    let outcome = outcome(&builder.build().bytes);
    let expected = [("Workbook".to_owned(), b"one".to_vec()), ("WORKBOOK".to_owned(), b"two".to_vec())];
    assert_eq!(outcome.streams, expected);
    assert_eq!(outcome.oddities, [(Some(2), OddityKind::DuplicateName)]);
}

#[test]
fn name_length_that_lies_still_gives_a_name() {
    let named = |len: u16| {
        let mut image = builder(9).build();
        let at = image.entry_at(WORKBOOK);
        image.put(at + 64, &len.to_le_bytes());
        let outcome = outcome(&image.bytes);
        (outcome.streams[0].0.clone(), outcome.oddities)
    };
    let odd = |stated| (Some(1), OddityKind::NameLength { stated });
    let nul = (Some(1), OddityKind::NameCharacter { found: 0 });
    assert_eq!(named(18), ("Workbook".to_owned(), vec![]));
    for stated in [0, 17, 66, 0xffff] {
        assert_eq!(named(stated), ("Workbook".to_owned(), vec![odd(stated)]));
    }
    assert_eq!(named(10), ("Work".to_owned(), vec![odd(10)]));
    assert_eq!(named(22), ("Workbook\0\0".to_owned(), vec![nul]));
}

#[test]
fn stream_longer_than_its_chain_has_what_the_chain_has() {
    let mut image = builder(9).build();
    let at = image.entry_at(WORKBOOK);
    image.put_u32(at + 120, 20_000);
    let outcome = outcome(&image.bytes);
    assert_eq!(outcome.stream("Workbook").len(), 18 * 512);
    assert!(outcome.bars());
}

#[test]
fn sector_past_the_end_ends_the_chain() {
    let mut image = builder(9).build();
    let first = image.starts[WORKBOOK];
    image.put_u32(image.fat_at(first), 0x0012_3456);
    let outcome = outcome(&image.bytes);
    assert_eq!(outcome.stream("Workbook"), &content(9000)[..512]);
    let past = OddityKind::ChainPastEnd { start: first, sector: 0x0012_3456 };
    assert!(outcome.oddities.contains(&(Some(1), past)));
}

#[test]
fn file_behind_the_last_sector_is_found_and_told_by_its_kind() {
    let mut image = builder(9).build();
    let at = image.bytes.len() as u64;
    image.bytes.extend_from_slice(b"PK\x03\x04");
    image.bytes.extend(content(3000));
    image.bytes.resize(1 << 20, 0);
    let outcome = outcome(&image.bytes);
    let slack = Slack { at, len: 3072, place: SlackPlace::Tail, kind: FileKind::Zip };
    assert_eq!(outcome.slack, [slack]);
    let len = image.bytes.len() as u64 - at;
    assert_eq!(outcome.oddities, [(None, OddityKind::TailData { len })]);
    assert_eq!(outcome.streams, all_streams());
}

#[test]
fn free_and_lost_sectors_are_joined_and_cut_where_a_file_begins() {
    let mut image = builder(9).build();
    let first = image.starts[WORKBOOK];
    let at = image.entry_at(WORKBOOK);
    // The stream keeps its first 4096 bytes; of the other ten sectors, six are called free.
    image.put_u32(at + 120, 4096);
    image.put_u32(image.fat_at(first + 7), ENDOFCHAIN);
    for sector in first + 8..first + 14 {
        image.put_u32(image.fat_at(sector), FREESECT);
    }
    let inner = image.sector_at(first + 10);
    image.put(inner, b"Rar!\x1a\x07\x01\0");
    let outcome = outcome(&image.bytes);
    let at = |sector: u32| image.sector_at(first + sector) as u64;
    let expected = [
        Slack { at: at(8), len: 1024, place: SlackPlace::Free, kind: FileKind::Unknown },
        Slack { at: at(10), len: 2048, place: SlackPlace::Free, kind: FileKind::Rar },
        Slack { at: at(14), len: 2048, place: SlackPlace::Lost, kind: FileKind::Unknown },
    ];
    assert_eq!(outcome.slack, expected);
}

#[test]
fn rest_of_a_large_header_is_slack_when_it_is_not_zero() {
    let mut image = builder(12).build();
    image.put(1024, b"MSCF\0\0\0\0");
    let expected = Slack { at: 1024, len: 512, place: SlackPlace::Header, kind: FileKind::Cab };
    assert_eq!(outcome(&image.bytes).slack, [expected]);
}

#[test]
fn zeros_behind_the_end_cost_a_step_for_each_4096() {
    let mut image = builder(9).build();
    let before = outcome(&image.bytes).steps;
    let len = 64 << 20;
    image.bytes.resize(image.bytes.len() + len, 0);
    let outcome = outcome(&image.bytes);
    assert_eq!(outcome.streams, all_streams());
    assert_eq!(outcome.oddities, [(None, OddityKind::ZeroTail { len: len as u64 })]);
    assert_eq!(outcome.slack, []);
    assert_eq!(outcome.steps - before, len as u64 / 4096);
}

#[test]
fn limit_keeps_the_entries_read_so_far() {
    let image = builder(9).build();
    let limits = Limits { steps: 280, ..Limits::default() };
    with_limits(&limits, |cx| {
        let mut compound = CompoundFile::default();
        let hit = read(&image.bytes, &mut compound, cx).unwrap_err();
        assert_eq!(hit.kind, LimitKind::Steps);
        assert_eq!(compound.entries().len(), 6);
    });
}

#[test]
fn unknown_and_misplaced_types_are_kept_and_told() {
    let mut image = builder(9).build();
    let (root, workbook, vba) = (image.entry_at(0), image.entry_at(WORKBOOK), image.entry_at(VBA));
    image.put(root + 66, &[1]);
    image.put(workbook + 66, &[9]);
    image.put(vba + 66, &[5]);
    let outcome = outcome(&image.bytes);
    assert_eq!(outcome.stream("VBA/dir"), content(200));
    let expected = [
        (Some(0), OddityKind::RootKind { found: 1 }),
        (Some(1), OddityKind::UnknownKind { found: 9 }),
        (Some(3), OddityKind::ExtraRoot { id: 3 }),
    ];
    assert_eq!(outcome.oddities, expected);
}

fn check_total(file: &[u8]) {
    let limits = Limits { steps: 100_000, ..Limits::default() };
    let run = || {
        with_limits(&limits, |cx| {
            let mut compound = CompoundFile::default();
            let mut found = 0;
            let mut walk = || {
                read(file, &mut compound, cx)?;
                for entry in compound.entries() {
                    compound.path(entry.id);
                    assert!(entry.at + 128 <= file.len() as u64);
                    found += compound.children(entry.id).count();
                    let stream = compound.stream(entry.id, cx)?;
                    assert!(
                        stream.found() <= stream.claimed() && stream.found() <= (file.len() as u64).max(4096)
                    );
                    assert!(stream.derivation().iter().all(|run| run.at + run.len <= file.len() as u64));
                    assert_eq!(stream.bytes(cx)?.len() as u64, stream.found());
                }
                for slack in compound.slack(cx)? {
                    assert!(slack.len > 0 && slack.at + slack.len <= file.len() as u64);
                }
                Ok::<_, LimitHit>(())
            };
            let hit = walk();
            let reached = compound.entries().iter().filter(|entry| entry.parent.is_some()).count();
            if hit.is_ok() {
                assert_eq!(found, reached);
            }
            (hit, compound.entries().to_vec(), compound.oddities().to_vec())
        })
    };
    let ((first, first_problems, _), (second, second_problems, _)) = (run(), run());
    assert_eq!(first, second);
    assert_eq!(first_problems.list(), second_problems.list());
}

fn mutated(shift: u16) -> impl Strategy<Value = Vec<u8>> {
    let image = builder(shift).build().bytes;
    let len = image.len();
    let edit = (0..len, prop_oneof![any::<u8>(), Just(0), Just(0xff), 0..40_u8]);
    // Half of the edits go to the header, the FAT and the directory, which lie first.
    let early = (0..3_usize << shift, prop_oneof![any::<u8>(), Just(0), Just(0xff), 0..40_u8]);
    let edits = prop::collection::vec(prop_oneof![edit, early], 0..24);
    (edits, prop_oneof![Just(len), 0..len]).prop_map(move |(edits, cut)| {
        let mut file = image.clone();
        for (at, value) in edits {
            file[at] = value;
        }
        file.truncate(cut);
        file
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_give_a_result(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        check_total(&bytes);
        let mut signed = SIGNATURE.to_vec();
        signed.extend(&bytes);
        check_total(&signed);
        sniff(&bytes);
    }

    #[test]
    fn any_damage_gives_a_result(small in mutated(9), large in mutated(12)) {
        check_total(&small);
        check_total(&large);
    }

    #[test]
    fn what_is_built_is_read(sizes in prop::collection::vec(0..9000_usize, 0..12), wide in any::<bool>()) {
        let mut builder = Builder::new(if wide { 12 } else { 9 });
        let expected: Vec<_> = sizes.iter().enumerate().map(|(index, len)| (format!("s{index}"), content(*len))).collect();
        for (name, data) in &expected {
            builder.stream(0, name, data);
        }
        let image: Image = builder.build();
        let outcome = outcome(&image.bytes);
        prop_assert_eq!(outcome.streams, expected);
        prop_assert_eq!(outcome.oddities, vec![]);
    }
}
