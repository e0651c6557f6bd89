use docsift_corpus::art::Value;
use docsift_corpus::ppt::{
    atom, c_string, container, current_user, embedded, hyperlink, interactive, notes, shape, slide,
    slide_persist, storage, stream, style, text_bytes, text_chars,
};

use super::*;
use crate::base::{Budget, Limits, PartId, Problems, Stage};

fn read_with(bytes: &[u8], user: &[u8], limits: &Limits) -> (PresentationFile, Problems, bool) {
    let mut budget = Budget::new(limits);
    let mut problems = Problems::default();
    let mut cx =
        Cx { part: PartId(1), stage: Stage::Presentation, budget: &mut budget, problems: &mut problems };
    let mut file = PresentationFile::default();
    let ended = read(bytes, Some(user), &mut file, &mut cx);
    (file, problems, ended.is_ok())
}

fn read_records(records: &[Vec<u8>]) -> (PresentationFile, Problems) {
    let (bytes, edit_at) = stream(records);
    let (file, problems, ended) = read_with(&bytes, &current_user(false, edit_at), &Limits::default());
    assert!(ended);
    (file, problems)
}

fn texts(file: &PresentationFile) -> Vec<(&str, TextPlace, Option<HiddenText>)> {
    file.document.texts.iter().map(|text| (text.text.as_str(), text.place, text.hidden)).collect()
}

#[test]
fn texts_have_the_place_of_the_containers_around_them() {
    let records = [
        slide(false, &[text_chars("Überschrift\rZeile")]),
        slide(true, &[text_bytes("not shown")]),
        notes(&[text_bytes("say this")]),
        container(0, 0x2EE0, &[c_string(0, "Someone"), c_string(1, "a remark")]),
        container(0, 0x0FD9, &[c_string(2, "footer")]),
    ];
    let (file, problems) = read_records(&records);
    let expected = [
        ("Überschrift\nZeile", TextPlace::Slide, None),
        ("not shown", TextPlace::Slide, Some(HiddenText::NotShown)),
        ("say this", TextPlace::Note, None),
        ("a remark", TextPlace::Comment, None),
        ("footer", TextPlace::Header, None),
    ];
    assert_eq!(texts(&file), expected);
    assert_eq!(problems.count(), 0);
    // Behind the headers of slide, information, text box and atom.
    let location = Location::bytes(PartId(1), 48..48 + 34);
    assert_eq!(file.document.texts[0].location, location);
}

#[test]
fn actions_find_their_target_before_and_behind_them() {
    let records = [
        slide(
            false,
            &[interactive(false, 2, 7, ""), interactive(true, 1, 0, "Payload"), interactive(true, 4, 9, "")],
        ),
        container(
            0,
            0x0409,
            &[hyperlink(7, "calc.invalid"), hyperlink(8, "http://a.invalid/"), hyperlink(9, "b.ppt")],
        ),
    ];
    let (file, _) = read_records(&records);
    let found: Vec<_> =
        file.links.iter().map(|link| (link.kind, link.target.as_str(), link.automatic)).collect();
    let expected = [
        (LinkKind::Action, "calc.invalid", false),
        (LinkKind::Action, "ppaction://macro?name=Payload", true),
        (LinkKind::Hyperlink, "b.ppt", true),
        (LinkKind::Hyperlink, "http://a.invalid/", false),
        (LinkKind::Hyperlink, "b.ppt", false),
    ];
    assert_eq!(found, expected);
}

#[test]
fn objects_and_their_storages_are_named() {
    let file = b"not really a compound file";
    let records = [container(0, 0x0409, &[embedded("Equation", "Equation.3")]), storage(file)];
    let stored_at = records[0].len() as u64 + 12;
    let (read, _) = read_records(&records);
    let object = &read.objects[0];
    assert_eq!((object.label.as_str(), object.class_name.as_str()), ("Equation", "Equation.3"));
    let end = (records[0].len() + records[1].len()) as u64;
    assert_eq!(read.storages, [Storage { bytes: stored_at..end, inflated: Some(26) }]);
}

#[test]
fn nothing_is_harvested_from_ciphertext() {
    let (bytes, edit_at) = stream(&[slide(false, &[text_bytes("secret")])]);
    let (file, problems, _) = read_with(&bytes, &current_user(true, edit_at), &Limits::default());
    assert!(file.is_encrypted && file.document.texts.is_empty() && problems.bar_nothing_found());
    let session = container(0, 0x2F14, &[]);
    let (file, problems) = read_records(&[slide(false, &[text_bytes("secret")]), session]);
    assert!(file.is_encrypted && file.document.texts.is_empty() && problems.bar_nothing_found());
}

#[test]
fn what_is_no_record_is_passed_over_to_the_next_object() {
    let (mut bytes, edit_at) =
        stream(&[atom(0, 0x03E9, &[0; 40]), slide(false, &[text_bytes("still read")])]);
    bytes[..8].copy_from_slice(&[0xFF; 8]);
    let (file, problems, _) = read_with(&bytes, &current_user(false, edit_at), &Limits::default());
    assert_eq!(texts(&file), [("still read", TextPlace::Slide, None)]);
    assert!(problems.bar_nothing_found());
}

#[test]
fn text_in_the_colour_of_the_background_or_too_small_is_hidden() {
    let runs = style(&[(5, None, Some(24)), (6, Some(0), None), (5, None, Some(1))]);
    for text in [text_chars("Seen white small"), text_bytes("Seen white small")] {
        let (file, problems) = read_records(&[slide(false, &[text, runs.clone()])]);
        let expected = [
            ("Seen ", TextPlace::Slide, None),
            ("white ", TextPlace::Slide, Some(HiddenText::White)),
            ("small", TextPlace::Slide, Some(HiddenText::Tiny)),
        ];
        assert_eq!((texts(&file).as_slice(), problems.count()), (&expected[..], 0));
    }
}

#[test]
fn outline_of_a_hidden_slide_and_text_of_a_hidden_shape_are_not_shown() {
    let outline = [slide_persist(1), text_bytes("Shown"), slide_persist(2), text_bytes("Hidden")];
    let records = [
        slide(false, &[]),
        slide(true, &[]),
        container(0, 0x03EE, &[shape(&[(0x03BF, Value::Number(0x0002_0002))], &[text_bytes("Not drawn")])]),
        container(0, 0x0FF0, &outline),
    ];
    let expected = [
        ("Not drawn", TextPlace::Slide, Some(HiddenText::NotShown)),
        ("Shown", TextPlace::Slide, None),
        ("Hidden", TextPlace::Slide, Some(HiddenText::NotShown)),
    ];
    assert_eq!(texts(&read_records(&records).0), expected);
}

#[test]
fn package_with_the_mark_of_a_container_is_no_container() {
    let theme = [&b"PK\x03\x04"[..], &[0x14; 40]].concat();
    let (file, problems) =
        read_records(&[container(0, 0x0428, std::slice::from_ref(&theme)), slide(false, &[text_bytes("x")])]);
    assert_eq!((texts(&file).len(), problems.count()), (1, 0));
    // In any other record it would be a way to hide what follows.
    let (_, problems) = read_records(&[container(0, 0x03E8, &[theme])]);
    assert!(problems.bar_nothing_found());
}

#[test]
fn blanks_before_the_last_directory_are_passed_over() {
    let (mut bytes, _) = stream(&[slide(false, &[text_bytes("x")])]);
    let edit_at = bytes.len() - 36;
    let directory_at = u32::from_le_bytes(bytes[edit_at + 20..edit_at + 24].try_into().unwrap()) as usize;
    bytes.splice(directory_at..directory_at, [0; 13]);
    let edit_at = edit_at + 13;
    bytes[edit_at + 20..edit_at + 24].copy_from_slice(&(directory_at as u32 + 13).to_le_bytes());
    let (file, problems, _) = read_with(&bytes, &current_user(false, edit_at as u32), &Limits::default());
    assert_eq!((texts(&file).len(), problems.count()), (1, 0));
}

#[test]
fn edit_that_is_none_is_told_and_all_records_are_read() {
    let (bytes, edit_at) = stream(&[slide(false, &[text_bytes("x")])]);
    let (file, problems, _) = read_with(&bytes, &current_user(false, edit_at - 8), &Limits::default());
    assert_eq!((texts(&file).len(), problems.count(), problems.bar_nothing_found()), (1, 1, false));
}

#[test]
fn containers_nest_to_any_depth() {
    let mut deep = text_bytes("deep");
    for _ in 0..5000 {
        deep = container(0, 0x03EE, &[deep]);
    }
    let (file, _) = read_records(&[deep]);
    assert_eq!(texts(&file), [("deep", TextPlace::Slide, None)]);
}

#[test]
fn stream_cut_at_any_byte_ends_and_is_told_or_whole() {
    let (bytes, edit_at) = stream(&[slide(false, &[text_bytes("some text")]), storage(b"abc")]);
    for len in 0..bytes.len() {
        let (file, problems, ended) =
            read_with(&bytes[..len], &current_user(false, edit_at), &Limits::default());
        assert!(ended && (problems.count() > 0 || file.document.texts.len() <= 1), "{len}");
    }
}

#[test]
fn walk_ends_at_the_step_limit() {
    let records: Vec<_> = (0..1000).map(|_| slide(false, &[text_bytes("x")])).collect();
    let (bytes, edit_at) = stream(&records);
    let limits = Limits { steps: 500, ..Limits::default() };
    let (_, _, ended) = read_with(&bytes, &current_user(false, edit_at), &limits);
    assert!(!ended);
}
