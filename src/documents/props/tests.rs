use super::read::{DOCUMENT_SUMMARY, SUMMARY};
use super::*;
use crate::base::{Budget, Cx, LimitHit, LimitKind, Limits, PartId, Place, ProblemKind, Problems, Stage};
use proptest::prelude::*;
use std::ops::Range;

const USER_DEFINED: [u8; 16] =
    [0x05, 0xD5, 0xCD, 0xD5, 0x9C, 0x2E, 0x1B, 0x10, 0x93, 0x97, 0x08, 0x00, 0x2B, 0x2C, 0xF9, 0xAE];

/// Format, then identifier and value of each property.
type Set = ([u8; 16], Vec<(u32, Vec<u8>)>);

fn stream(sets: &[Set]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(0xFFFE_u16.to_le_bytes()); // ByteOrder
    bytes.extend(0_u16.to_le_bytes()); // Version
    bytes.extend([0; 4]); // SystemIdentifier
    bytes.extend([0; 16]); // CLSID
    bytes.extend((sets.len() as u32).to_le_bytes()); // NumPropertySets
    let mut bodies = Vec::new();
    for (format, properties) in sets {
        bytes.extend(format); // FMTID
        bytes.extend((28 + 20 * sets.len() as u32 + bodies.len() as u32).to_le_bytes()); // Offset
        let mut values: Vec<u8> = Vec::new();
        let mut directory = Vec::new();
        for (id, value) in properties {
            directory.extend(id.to_le_bytes()); // PropertyIdentifier
            directory.extend((8 + 8 * properties.len() as u32 + values.len() as u32).to_le_bytes()); // Offset
            values.extend(value);
        }
        bodies.extend((8 + directory.len() as u32 + values.len() as u32).to_le_bytes()); // Size
        bodies.extend((properties.len() as u32).to_le_bytes()); // NumProperties
        bodies.extend(directory);
        bodies.extend(values);
    }
    bytes.extend(bodies);
    bytes
}

fn typed(kind: u32, value: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes(), value].concat()
}

fn code_page(id: u16) -> (u32, Vec<u8>) {
    (1, typed(0x02, &[&id.to_le_bytes()[..], &[0, 0]].concat()))
}

fn lpstr(text: &[u8]) -> Vec<u8> {
    typed(0x1E, &[&(text.len() as u32 + 1).to_le_bytes(), text, &[0]].concat())
}

fn run(bytes: &[u8], into: &mut Properties, steps: u64) -> (Problems, Result<(), LimitHit>) {
    let mut budget = Budget::new(&Limits { steps, ..Limits::default() });
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(3), stage: Stage::Props, budget: &mut budget, problems: &mut problems };
    let done = read(bytes, into, &mut cx);
    (problems, done)
}

fn read_all(bytes: &[u8]) -> (Properties, Vec<(ProblemKind, String)>) {
    let mut into = Properties::default();
    let (problems, done) = run(bytes, &mut into, 10_000);
    assert_eq!(done, Ok(()));
    let problems = problems.list().iter().map(|problem| (problem.kind, problem.message.clone()));
    (into, problems.collect())
}

fn at(range: Range<u64>) -> Location {
    Location::bytes(PartId(3), range)
}

#[test]
fn summary_is_read_in_its_code_page() {
    let time = 133_118_498_540_000_000_u64;
    let bytes = stream(&[(
        SUMMARY,
        vec![
            (4, lpstr(&[0xC3, 0xE8, 0xE4])), // before the code page in the directory
            code_page(1251),
            (0x0C, typed(0x40, &time.to_le_bytes())),
            (0x13, typed(0x03, &8_u32.to_le_bytes())),
            (0x11, typed(0x47, &[3, 0, 0, 0, 9, 9, 9, 0])),
        ],
    )]);
    let expected = Properties {
        code_page: Some(1251),
        author: Some(PropertyText { text: "Гид".into(), location: at(96..108) }),
        created: Some(FileTime(time)),
        security: Some(8),
        thumbnail: Some(at(144..147)),
        ..Properties::default()
    };
    assert_eq!(read_all(&bytes), (expected, vec![]));
}

#[test]
fn custom_properties_are_named_by_the_dictionary_and_links_are_read() {
    let dictionary = [
        &3_u32.to_le_bytes()[..], // NumEntries
        &[&2_u32.to_le_bytes()[..], &5_u32.to_le_bytes(), b"Load\0"].concat(),
        &[&3_u32.to_le_bytes()[..], &12_u32.to_le_bytes(), b"_PID_HLINKS\0"].concat(),
        &[&4_u32.to_le_bytes()[..], &14_u32.to_le_bytes(), b"_PID_LINKBASE\0"].concat(),
    ]
    .concat();
    let wide = |text: &str| {
        let units: Vec<u8> = text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        let padding = vec![0; units.len().next_multiple_of(4) - units.len()];
        typed(0x1F, &[&(units.len() as u32 / 2).to_le_bytes(), &units[..], &padding].concat())
    };
    let number = typed(0x03, &[0; 4]);
    let links = [
        &6_u32.to_le_bytes()[..], // cElements
        &number,
        &number,
        &number,
        &number,                   // dwHash, dwApp, dwOfficeArt, dwInfo
        &wide("http://a.example"), // hlink1
        &wide("x"),                // hlink2
    ]
    .concat();
    let blob = |bytes: &[u8]| typed(0x41, &[&(bytes.len() as u32).to_le_bytes(), bytes].concat());
    let bytes = stream(&[
        (DOCUMENT_SUMMARY, vec![code_page(932), (0x0F, lpstr(&[0x93, 0xFA]))]),
        (
            USER_DEFINED,
            vec![
                (0, dictionary),
                code_page(1252),
                (2, lpstr(b"powershell")),
                (3, blob(&links)),
                (4, blob(b"h\0t\0\0\0")),
                (9, typed(0x0B, &[0xFF, 0xFF, 0, 0])),
            ],
        ),
    ]);
    let (properties, problems) = read_all(&bytes);
    assert_eq!(problems, vec![]);
    assert_eq!(properties.code_page, Some(932));
    let texts: Vec<_> = properties.texts().map(|(name, text)| (name, text.text.as_str())).collect();
    assert_eq!(
        texts,
        [
            ("company", "日"),
            ("hyperlink base", "ht"),
            ("hyperlink", "http://a.example#x"),
            ("Load", "powershell"),
        ]
    );
    assert_eq!(properties.custom[1], ("0x9".to_owned(), PropertyValue::Boolean(true)));
}

#[test]
fn parts_are_texts_without_padding() {
    let parts = typed(0x101E, b"\x02\0\0\0\x07\0\0\0Sheet1\0\x03\0\0\0\x96\xBE\0");
    let bytes = stream(&[(DOCUMENT_SUMMARY, vec![code_page(932), (0x0D, parts)])]);
    let (properties, problems) = read_all(&bytes);
    let names: Vec<_> = properties.parts.iter().map(|part| part.text.as_str()).collect();
    assert_eq!((names, problems), (vec!["Sheet1", "明"], vec![]));
}

#[test]
fn sixteen_bit_code_page_counts_bytes() {
    let text: Vec<u8> = "é\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let value = typed(0x1E, &[&(text.len() as u32).to_le_bytes()[..], &text].concat());
    let (properties, problems) = read_all(&stream(&[(SUMMARY, vec![code_page(1200), (2, value)])]));
    assert_eq!((properties.title.unwrap().text, problems), ("é".to_owned(), vec![]));
}

#[test]
fn bad_offset_is_told_and_later_properties_are_read() {
    let mut bytes = stream(&[(SUMMARY, vec![(2, lpstr(b"a")), (3, lpstr(b"b"))])]);
    bytes[60..64].copy_from_slice(&0xFFFF_u32.to_le_bytes()); // Offset of the first property
    let (properties, problems) = read_all(&bytes);
    assert_eq!((properties.title, properties.subject.unwrap().text), (None, "b".to_owned()));
    let expected = PropertyError::ValueOutside { id: 2, at: 48 + 0xFFFF };
    assert_eq!(problems, [(ProblemKind::Recovered, expected.to_string())]);
}

#[test]
fn text_longer_than_the_stream_is_read_to_its_end() {
    let mut bytes = stream(&[(SUMMARY, vec![(2, lpstr(b"abc"))])]);
    bytes[68..72].copy_from_slice(&99_u32.to_le_bytes()); // Size
    let (properties, problems) = read_all(&bytes);
    assert_eq!(properties.title.unwrap().text, "abc");
    let expected = PropertyError::Cut { at: 72, need: 99, have: 4 };
    assert_eq!(problems, [(ProblemKind::Recovered, expected.to_string())]);
}

#[test]
fn count_larger_than_the_stream_is_cut() {
    let mut bytes = stream(&[(SUMMARY, vec![(2, lpstr(b"abc"))])]);
    bytes[52..56].copy_from_slice(&u32::MAX.to_le_bytes()); // NumProperties
    let (properties, problems) = read_all(&bytes);
    assert_eq!(properties.title.unwrap().text, "abc");
    let expected = PropertyError::PropertyCount { at: 48, count: u32::MAX, room: 2 };
    assert_eq!(problems[0], (ProblemKind::Recovered, expected.to_string()));
}

#[test]
fn properties_that_share_their_bytes_end_with_the_room() {
    let mut bytes = stream(&[(SUMMARY, vec![(2, vec![]); 200])]);
    let value_at = 8 + 8 * 200_u32;
    for entry in bytes[56..].chunks_exact_mut(8) {
        entry[4..].copy_from_slice(&value_at.to_le_bytes());
    }
    bytes.extend(lpstr(&[b'x'; 1000]));
    let (properties, problems) = read_all(&bytes);
    assert_eq!(properties.custom.len(), 2);
    assert_eq!(
        problems[0],
        (
            ProblemKind::Recovered,
            PropertyError::Cut {
                at: 48 + u64::from(value_at) + 8,
                need: 1001,
                have: bytes.len() as u64 - 2 * 1009 - 8,
            }
            .to_string()
        )
    );
    assert_eq!(problems[1], (ProblemKind::Abandoned, PropertyError::Overlap { id: 2 }.to_string()));
}

#[test]
fn other_bytes_are_abandoned_and_no_bytes_are_not() {
    assert_eq!(read_all(&[]), (Properties::default(), vec![]));
    let expected = PropertyError::NotPropertySet { byte_order: 0x0201 }.to_string();
    assert_eq!(read_all(&[1, 2, 3]), (Properties::default(), vec![(ProblemKind::Abandoned, expected)]));
}

#[test]
fn identifier_with_the_high_bytes_first_is_known() {
    let mut turned = SUMMARY;
    turned[..4].reverse();
    turned[4..6].reverse();
    turned[6..8].reverse();
    let (properties, _) = read_all(&stream(&[(turned, vec![(2, lpstr(b"a"))])]));
    assert_eq!(properties.title.unwrap().text, "a");
}

#[test]
fn second_value_of_a_field_is_kept_as_custom() {
    let (properties, _) = read_all(&stream(&[(SUMMARY, vec![(2, lpstr(b"a")), (2, lpstr(b"b"))])]));
    let texts: Vec<_> = properties.texts().map(|(name, text)| (name, text.text.as_str())).collect();
    assert_eq!(texts, [("title", "a"), ("0x2", "b")]);
}

#[test]
fn spent_budget_keeps_what_was_read() {
    let bytes = stream(&[(SUMMARY, vec![(2, lpstr(b"a")), (3, lpstr(b"b"))])]);
    let mut into = Properties::default();
    let (_, done) = run(&bytes, &mut into, 6);
    assert_eq!(done, Err(LimitHit { kind: LimitKind::Steps, ceiling: 6 }));
    assert_eq!((into.title.map(|title| title.text), into.subject), (Some("a".to_owned()), None));
}

#[test]
fn times_are_shown_as_dates() {
    let shown = [0, 133_118_498_540_000_000, 116_444_736_000_000_000, 125_963_423_990_000_000, u64::MAX]
        .map(|units| FileTime(units).to_string());
    assert_eq!(
        shown,
        [
            "1601-01-01T00:00:00Z",
            "2022-11-02T08:04:14Z",
            "1970-01-01T00:00:00Z",
            "2000-02-29T23:59:59Z",
            "60056-05-28T05:36:10Z",
        ]
    );
}

fn inside(location: &Location, len: u64) -> bool {
    matches!(location.place, Some(Place::Bytes { start, end }) if start <= end && end <= len)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_behind_a_header_are_read_inside_the_stream(
        format in prop_oneof![Just(SUMMARY), Just(DOCUMENT_SUMMARY), Just(USER_DEFINED)],
        values in prop::collection::vec(
            (0_u32..0x20, prop_oneof![Just(0x1E_u32), Just(0x1F), Just(0x101E), Just(0x100C), Just(0x41), Just(2),
                Just(0x40), any::<u32>()], prop::collection::vec(any::<u8>(), 0..24)),
            0..12,
        ),
        noise in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let values = values.into_iter().map(|(id, kind, bytes)| (id, typed(kind, &bytes))).collect();
        let mut bytes = stream(&[(format, values)]);
        for (index, byte) in noise {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        let (properties, problems) = read_all(&bytes);
        for (_, text) in properties.texts() {
            prop_assert!(inside(&text.location, bytes.len() as u64), "{text:?} {problems:?}");
        }
    }
}
