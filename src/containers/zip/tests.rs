use docsift_corpus::zip::{Member, Zip};

use super::*;
use crate::base::{Budget, LimitKind, Limits, PartId, Problems, Stage};

fn with_cx<T>(work: impl FnOnce(&mut Cx<'_>) -> T) -> (T, Problems) {
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Archive, budget: &mut budget, problems: &mut problems };
    let result = work(&mut cx);
    (result, problems)
}

fn archive(file: &[u8]) -> Archive {
    let mut archive = Archive::default();
    with_cx(|cx| read(file, &mut archive, cx)).0.unwrap();
    archive
}

fn opened(file: &[u8], entry: &Entry) -> (Content, Vec<u8>) {
    let mut content = Vec::new();
    let result = with_cx(|cx| entry.open(file, &mut content, cx)).0;
    (result.unwrap(), content)
}

/// Name and content of every entry.
fn contents(file: &[u8]) -> Vec<(String, Vec<u8>)> {
    let archive = archive(file);
    let entries = archive.entries().iter();
    entries.map(|entry| (entry.name.clone(), opened(file, entry).1)).collect()
}

fn kinds(file: &[u8]) -> Vec<OddityKind> {
    archive(file).oddities().iter().map(|oddity| oddity.kind).collect()
}

fn text() -> Vec<u8> {
    b"one two three ".repeat(20)
}

fn two() -> Zip {
    Zip::of([Member::stored("a.txt", b"first"), Member::deflated("b/c.txt", &text())])
}

fn two_contents() -> Vec<(String, Vec<u8>)> {
    vec![("a.txt".to_owned(), b"first".to_vec()), ("b/c.txt".to_owned(), text())]
}

#[test]
fn sound_archives_have_entries_and_no_oddity() {
    let mut with_descriptors = two();
    with_descriptors.members.iter_mut().for_each(|member| member.descriptor = true);
    let commented = Zip { comment: b"a comment".to_vec(), ..two() };
    for zip in [two(), Zip { wide: true, ..two() }, with_descriptors, commented] {
        let file = zip.into_bytes();
        assert_eq!(contents(&file), two_contents());
        assert_eq!(kinds(&file), []);
    }
    assert_eq!(kinds(&Zip::default().into_bytes()), []);
}

#[test]
fn bytes_before_and_behind_are_named() {
    let file = Zip { prefix: b"MZ and more".to_vec(), suffix: vec![b'x'; 100_000], ..two() }.into_bytes();
    assert_eq!(contents(&file), two_contents());
    let archive = archive(&file);
    let places: Vec<_> = archive.outside().iter().map(|bytes| (bytes.place, bytes.at, bytes.len)).collect();
    let behind = file.len() as u64 - 100_000;
    assert_eq!(places, [(OutsidePlace::Prefix, 0, 11), (OutsidePlace::Suffix, behind, 100_000)]);
    assert!(kinds(&file).contains(&OddityKind::PrefixBytes { len: 11 }));
    assert!(kinds(&file).contains(&OddityKind::SuffixBytes { len: 100_000 }));
}

#[test]
fn zeros_behind_cost_little_and_are_no_data() {
    let file = Zip { suffix: vec![0; 8 << 20], ..two() }.into_bytes();
    let mut found = Archive::default();
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Archive, budget: &mut budget, problems: &mut problems };
    read(&file, &mut found, &mut cx).unwrap();
    assert_eq!(found.entries().len(), 2);
    assert_eq!(found.outside(), []);
    assert!(Limits::default().steps - budget.steps_left() < 10_000);
}

#[test]
fn wrong_numbers_of_the_end_record_are_noted_and_not_believed() {
    let sound = two().into_bytes();
    let directory_at = sound.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap() as u64;
    for (zip, kind) in [
        (Zip { entry_count: Some(1), ..two() }, OddityKind::EntryCount { stated: 1, found: 2 }),
        (Zip { entry_count: Some(500), ..two() }, OddityKind::EntryCount { stated: 500, found: 2 }),
        (
            Zip { directory_at: Some(0xFFFF_FFF0), ..two() },
            OddityKind::DirectoryOffset { stated: 0xFFFF_FFF0, used: directory_at },
        ),
        (
            Zip { directory_len: Some(7), ..two() },
            OddityKind::DirectorySize { stated: 7, found: sound.len() as u64 - 22 - directory_at },
        ),
    ] {
        let file = zip.into_bytes();
        assert_eq!(contents(&file), two_contents(), "{kind}");
        assert_eq!(kinds(&file), [kind]);
    }
    let both = Zip { directory_at: Some(5), directory_len: Some(7), ..two() }.into_bytes();
    assert_eq!(contents(&both), two_contents());
}

#[test]
fn archive_inside_counts_where_the_end_record_cannot_be_right() {
    let inner = two().into_bytes();
    let inner_at = 30 + "inner.zip".len() as u64;
    let directory_in = |file: &[u8]| file.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap() as u64;
    let earlier = OddityKind::EarlierDirectory { at: inner_at + directory_in(&inner) };
    let outer = || Zip::of([Member::stored("inner.zip", &inner)]);

    let sound = outer().into_bytes();
    assert_eq!(kinds(&sound), []);
    let behind_others = Zip { prefix: b"MZ".to_vec(), ..outer() }.into_bytes();
    assert!(!kinds(&behind_others).iter().any(|kind| kind.splits_readers()), "{:?}", kinds(&behind_others));

    let mut cut_comment = sound.clone();
    let comment_len_at = cut_comment.len() - 2;
    cut_comment[comment_len_at..].copy_from_slice(&[0, 80]);
    assert_eq!(kinds(&cut_comment)[0], earlier);
    let too_far = Zip { directory_at: Some(0xFFFF_FF00), ..outer() }.into_bytes();
    assert_eq!(kinds(&too_far)[1], earlier);
}

#[test]
fn archive_without_end_record_is_read_by_its_directory_and_by_local_headers() {
    let file = Zip { without_end: true, ..two() }.into_bytes();
    assert_eq!(contents(&file), two_contents());
    assert_eq!(kinds(&file)[0], OddityKind::EndRecordMissing);
    // Cut inside the directory's first header.
    let directory_at = file.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    assert_eq!(contents(&file[..directory_at]), two_contents());
    // Cut inside the last entry: what is there of it is read.
    let cut = contents(&file[..directory_at - 6]);
    assert_eq!(cut[0], two_contents()[0]);
    assert!(!cut[1].1.is_empty() && text().starts_with(&cut[1].1), "{cut:?}");
}

#[test]
fn local_headers_with_descriptors_are_found_without_a_directory() {
    let mut zip = two();
    zip.members.iter_mut().for_each(|member| member.descriptor = true);
    let file = zip.into_bytes();
    let directory_at = file.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    assert_eq!(contents(&file[..directory_at]), two_contents());
}

#[test]
fn entries_that_the_directory_does_not_list_are_read() {
    let mut zip = two();
    zip.members[1].listed = false;
    let file = zip.into_bytes();
    assert_eq!(contents(&file), two_contents());
    let archive = archive(&file);
    let unlisted: Vec<_> = archive.oddities().iter().map(|oddity| (oddity.entry, oddity.kind)).collect();
    assert_eq!(unlisted, [(Some(1), OddityKind::Unlisted)]);
}

#[test]
fn headers_that_disagree_are_noted_and_the_one_that_fits_is_used() {
    let mut zip = two();
    zip.members[0].local_name = Some(b"other".to_vec());
    zip.members[1].local_method = Some(0);
    let file = zip.into_bytes();
    assert_eq!(contents(&file), two_contents());
    assert_eq!(archive(&file).entries()[0].local_name.as_deref(), Some("other"));
    assert_eq!(kinds(&file), [OddityKind::NamesDiffer, OddityKind::MethodsDiffer { central: 8, local: 0 }]);

    let mut zip = two();
    zip.members[1].method = 77;
    zip.members[1].local_method = Some(8);
    let file = zip.into_bytes();
    assert_eq!(contents(&file), two_contents());
}

#[test]
fn duplicate_names_and_overlaps_are_noted_and_all_are_kept() {
    let mut zip = two();
    zip.members.push(Member::stored("a.txt", b"second"));
    let mut shared = Member::stored("d.txt", b"first");
    shared.shares = Some(0);
    zip.members.push(shared);
    let file = zip.into_bytes();
    let names: Vec<_> = contents(&file).into_iter().map(|(name, content)| (name, content.len())).collect();
    let expected = [("a.txt", 5), ("b/c.txt", 280), ("a.txt", 6), ("d.txt", 5)];
    assert_eq!(names, expected.map(|(name, len)| (name.to_owned(), len)));
    assert_eq!(
        kinds(&file),
        [OddityKind::NamesDiffer, OddityKind::Overlap, OddityKind::DuplicateName { first: 0 }]
    );
}

#[test]
fn local_header_with_a_spoiled_signature_is_read() {
    let mut zip = two();
    zip.members[0].signature = *b"PK\x03\x05";
    let file = zip.into_bytes();
    assert_eq!(contents(&file), two_contents());
    assert_eq!(kinds(&file), [OddityKind::LocalHeaderMissing { stated: 0 }]);
}

#[test]
fn false_encryption_flag_is_seen_through_and_true_encryption_named() {
    let mut zip = two();
    zip.members[0].flags = 1;
    zip.members[1].flags = 1;
    zip.members[1].packed = b"ciphertext".to_vec();
    let file = zip.into_bytes();
    let archive = archive(&file);
    assert_eq!(opened(&file, &archive.entries()[0]), (Content::Whole, b"first".to_vec()));
    assert_eq!(opened(&file, &archive.entries()[1]), (Content::Encrypted, Vec::new()));
    assert_eq!(archive.entries()[1].raw(&file), b"ciphertext");
    assert_eq!(archive.entries()[0].check_byte(), (archive.entries()[0].crc32 >> 24) as u8);
}

#[test]
fn winzip_aes_is_told_from_its_extra_field() {
    let mut member = Member::stored("a", b"salt, verifier, data");
    member.method = 99;
    member.flags = 1;
    member.extra = vec![0x01, 0x99, 7, 0, 2, 0, b'A', b'E', 3, 8, 0];
    let file = Zip::of([member]).into_bytes();
    let archive = archive(&file);
    assert_eq!(archive.entries()[0].aes, Some(Aes { version: 2, strength: 3, method: 8 }));
    assert_eq!(opened(&file, &archive.entries()[0]).0, Content::Encrypted);
}

#[test]
fn unknown_methods_wrong_checksums_and_damage_are_told() {
    let mut zip = Zip::of([
        Member::stored("a", b"first"),
        Member::deflated("b", &text()),
        Member::deflated("c", &text()),
    ]);
    zip.members[0].method = 14;
    zip.members[1].crc32 ^= 1;
    let damaged = &mut zip.members[2].packed;
    let middle = damaged.len() / 2;
    damaged.truncate(middle);
    let file = zip.into_bytes();
    let archive = archive(&file);
    let results: Vec<_> = archive.entries().iter().map(|entry| opened(&file, entry).0).collect();
    assert_eq!(results, [Content::UnknownMethod(14), Content::WrongChecksum, Content::Head]);
}

#[test]
fn bomb_ends_with_a_limit_and_its_head_stays() {
    let file = Zip::of([Member::deflated("bomb", &vec![b'A'; 40 << 20])]).into_bytes();
    let archive = archive(&file);
    let mut content = Vec::new();
    let result = with_cx(|cx| archive.entries()[0].open(&file, &mut content, cx)).0;
    assert_eq!(result.map_err(|hit| hit.kind), Err(LimitKind::Ratio));
    assert_eq!(content.len(), 32 << 20);
}

#[test]
fn names_are_utf8_or_code_page_437() {
    let mut member = Member::stored("x", b"");
    member.name = vec![0x81, b'.', b't'];
    let file = Zip::of([Member::stored("ä.txt", b""), member]).into_bytes();
    let names: Vec<_> = archive(&file).entries().iter().map(|entry| entry.name.clone()).collect();
    assert_eq!(names, ["ä.txt", "ü.t"]);
}

#[test]
fn bytes_that_are_no_archive_leave_a_problem() {
    for file in [&b""[..], b"PK", b"PK\x03\x04", b"PK\x05\x06", b"nothing at all"] {
        let mut archive = Archive::default();
        let (result, problems) = with_cx(|cx| read(file, &mut archive, cx));
        result.unwrap();
        assert_eq!(archive.entries(), []);
        assert!(problems.bar_nothing_found(), "{file:?}");
    }
}
