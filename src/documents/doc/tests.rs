use docsift_corpus::word::{
    COMMA, Doc, F_ENCRYPTED, F_WHICH_TABLE, Look, MACRO_COPY, Story, Token, Word6, main_of,
};

use super::*;
use crate::base::{Budget, Limits, Location, Problems};
use crate::documents::document::{DocumentText, Field, HiddenText, TextPlace};
use crate::documents::link::LinkKind;

fn read_with(word: &[u8], tables: [Option<&[u8]>; 2], limits: &Limits) -> (WordFile, Problems, bool) {
    let mut budget = Budget::new(limits);
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(1), stage: Stage::Word, budget: &mut budget, problems: &mut problems };
    let mut file = WordFile::default();
    let tables = tables.map(|bytes| bytes.map(|bytes| TableStream { bytes, part: PartId(2) }));
    let ended = read(WordStreams { document: word, tables, data: None }, &mut file, &mut cx);
    (file, problems, ended.is_ok())
}

fn read_doc(doc: &Doc) -> (WordFile, Problems) {
    let (word, table) = doc.streams();
    let (file, problems, ended) = read_with(&word, [None, Some(&table)], &Limits::default());
    assert!(ended);
    (file, problems)
}

fn texts(file: &WordFile) -> Vec<(&str, TextPlace, Option<HiddenText>)> {
    file.document.texts.iter().map(|text| (text.text.as_str(), text.place, text.hidden)).collect()
}

#[test]
fn stories_have_their_places() {
    let doc = Doc::new("Body\r")
        .run(Story::Footnotes, "Foot\r", Look::Plain)
        .run(Story::Headers, "Head\r", Look::Plain)
        .run(Story::Comments, "Remark\r", Look::Plain)
        .run(Story::Endnotes, "End\r", Look::Plain)
        .run(Story::TextBoxes, "Box\r", Look::Plain);
    let (file, problems) = read_doc(&doc);
    let expected = [
        ("Body\n", TextPlace::Body, None),
        ("Foot\n", TextPlace::Note, None),
        ("Head\n", TextPlace::Header, None),
        ("Remark\n", TextPlace::Comment, None),
        ("End\n", TextPlace::Note, None),
        ("Box\n", TextPlace::TextBox, None),
    ];
    assert_eq!(texts(&file), expected);
    assert_eq!(problems.count(), 0);
}

#[test]
fn pieces_of_both_widths_are_read_in_the_order_of_the_document() {
    let mut doc =
        Doc::new("one ").run(Story::Body, "zwei € ", Look::Plain).run(Story::Body, "three\r", Look::Plain);
    doc.fast_saved = true;
    let (file, _) = read_doc(&doc);
    let joined: String = file.document.texts.iter().map(|text| text.text.as_str()).collect();
    assert_eq!(joined, "one zwei € three\n");
    // The last run was written first.
    let location = Location::bytes(PartId(1), 1024..1030);
    let last = DocumentText { text: "three\n".into(), place: TextPlace::Body, hidden: None, location };
    assert_eq!(file.document.texts.last(), Some(&last));
}

#[test]
fn hidden_white_and_tiny_text_is_told() {
    let doc = Doc::new("seen ")
        .run(Story::Body, "vanished ", Look::Hidden)
        .run(Story::Body, "white ", Look::White)
        .run(Story::Body, "tiny", Look::Tiny);
    let expected = [
        ("seen ", TextPlace::Body, None),
        ("vanished ", TextPlace::Body, Some(HiddenText::Vanish)),
        ("white ", TextPlace::Body, Some(HiddenText::White)),
        ("tiny", TextPlace::Body, Some(HiddenText::Tiny)),
    ];
    assert_eq!(texts(&read_doc(&doc).0), expected);
}

#[test]
fn fields_are_no_text_and_name_where_they_lead() {
    let doc = Doc::new("go \u{13}HYPERLINK \"http://a.invalid/\"\u{14}here\u{15}!\r").run(
        Story::Headers,
        "\u{13}INCLUDEPICTURE \"http://b.invalid/p.png\" \\d\u{15}\r",
        Look::Plain,
    );
    let (file, _) = read_doc(&doc);
    assert_eq!(texts(&file), [("go here!\n", TextPlace::Body, None)]);
    let at = Location::bytes(PartId(1), 1027..1063);
    let field = Field { instruction: "HYPERLINK \"http://a.invalid/\"".into(), location: at.clone() };
    assert_eq!(file.document.fields[0], field);
    let link = Link {
        kind: LinkKind::Hyperlink,
        target: "http://a.invalid/".into(),
        automatic: false,
        location: at,
    };
    assert_eq!(file.links[0], link);
    assert_eq!((file.links[1].kind, file.links[1].automatic), (LinkKind::Image, true));
}

#[test]
fn field_without_an_end_does_not_swallow_the_next_story() {
    let doc = Doc::new("\u{13}DDEAUTO a b\r").run(Story::Headers, "Head\r", Look::Plain);
    let (file, _) = read_doc(&doc);
    assert_eq!(texts(&file), [("Head\n", TextPlace::Header, None)]);
    assert_eq!(file.document.fields[0].instruction, "DDEAUTO a b");
}

#[test]
fn attached_template_is_a_link_in_the_table_stream() {
    let (file, _) = read_doc(&Doc::new("x\r").template("http://a.invalid/t.dotm"));
    let [link] = file.links.as_slice() else { panic!("{:?}", file.links) };
    assert_eq!(
        (link.kind, link.target.as_str(), link.automatic),
        (LinkKind::AttachedTemplate, "http://a.invalid/t.dotm", true)
    );
    assert_eq!(link.location.part, PartId(2));
}

#[test]
fn the_flag_chooses_the_table_and_the_other_one_is_taken_when_it_is_alone() {
    let doc = Doc::new("right\r");
    let (word, table) = doc.streams();
    let (file, problems, _) = read_with(&word, [Some(&[9; 40]), Some(&table)], &Limits::default());
    assert_eq!((texts(&file).len(), problems.count()), (1, 0));
    let (file, problems, _) = read_with(&word, [Some(&table), None], &Limits::default());
    assert_eq!((texts(&file).len(), problems.bar_nothing_found(), problems.count()), (1, false, 1));
    let (file, problems, _) = read_with(&word, [None, None], &Limits::default());
    assert_eq!((texts(&file).len(), problems.bar_nothing_found()), (0, true));
}

#[test]
fn nothing_is_harvested_from_ciphertext() {
    let mut doc = Doc::new("secret\r").template("http://a.invalid/t.dotm");
    doc.flags = F_WHICH_TABLE | F_ENCRYPTED;
    let (file, problems) = read_doc(&doc);
    assert!(file.is_encrypted && file.document.texts.is_empty() && file.links.is_empty());
    assert!(problems.bar_nothing_found());
}

#[test]
fn streams_cut_at_any_byte_are_told_or_whole() {
    let doc = Doc::new("some text\r").run(Story::Body, "hidden", Look::Hidden).template("t.dot");
    let (word, table) = doc.streams();
    for len in 0..word.len() {
        let (file, problems, ended) = read_with(&word[..len], [None, Some(&table)], &Limits::default());
        let whole: usize = file.document.texts.iter().map(|text| text.text.len()).sum();
        assert!(ended && (problems.bar_nothing_found() || whole == 16), "{len}");
    }
    for len in 0..table.len() {
        let (_, problems, ended) = read_with(&word, [None, Some(&table[..len])], &Limits::default());
        assert!(ended && problems.count() > 0, "{len}");
    }
}

#[test]
fn pieces_that_share_their_bytes_end_at_a_limit() {
    let (word, mut table) = Doc::new("x\r").streams();
    // A piece table of 50,000 pieces, each the whole stream.
    let at = table.len() as u32;
    let mut plc = Vec::new();
    for cp in 0..=50_000u32 {
        plc.extend((cp * 1000).to_le_bytes());
    }
    for _ in 0..50_000 {
        plc.extend([0, 0]);
        plc.extend(0x4000_0800u32.to_le_bytes());
        plc.extend([0, 0]);
    }
    table.push(2);
    table.extend((plc.len() as u32).to_le_bytes());
    table.extend(plc);
    let mut word = word;
    word[0x9A + 33 * 8..][..4].copy_from_slice(&at.to_le_bytes());
    word[0x9A + 33 * 8 + 4..][..4].copy_from_slice(&700_000u32.to_le_bytes());
    word.resize(4096, b'a');
    let limits = Limits { steps: 100_000, ..Limits::default() };
    let (file, _, ended) = read_with(&word, [None, Some(&table)], &limits);
    assert!(!ended && !file.document.texts.is_empty());
}

fn copying() -> Vec<u8> {
    main_of(&[&[MACRO_COPY, Token::Text("Note:AutoOpen"), COMMA, Token::Text("Global:AutoOpen")]])
}

#[test]
fn word_basic_is_named_and_shown_as_source_whatever_its_key() {
    for key in [0, 0x5A] {
        let macros = vec![("AutoOpen", key, copying())];
        let doc = Word6 { text: b"Hello\r".to_vec(), macros, ..Word6::default() };
        let (file, problems, _) = read_with(&doc.stream(), [None, None], &Limits::default());
        assert_eq!(texts(&file), [("Hello\n", TextPlace::Body, None)]);
        let [code] = file.macros.as_slice() else { panic!("{:?}", file.macros) };
        assert_eq!((code.name.as_str(), code.key), ("AutoOpen", key));
        assert_eq!(code.source, "\nSub MAIN\nMacroCopy \"Note:AutoOpen\", \"Global:AutoOpen\"\nEnd Sub");
        assert_eq!((code.is_auto(), code.copies_macros()), (true, Some(3)));
        assert_eq!(code.line(3), "MacroCopy \"Note:AutoOpen\", \"Global:AutoOpen\"");
        assert_eq!(problems.count(), 0);
        assert!(file.is_template);
    }
}

#[test]
fn picture_of_word_6_lies_where_its_character_says() {
    let doc = Word6 { text: b"\x01\r".to_vec(), picture: b"metafile".to_vec(), ..Word6::default() };
    let stream = doc.stream();
    let (file, problems, _) = read_with(&stream, [None, None], &Limits::default());
    let [picture] = file.pictures.as_slice() else { panic!("{:?}", file.pictures) };
    let [run] = picture.runs.as_slice() else { panic!("{picture:?}") };
    assert_eq!(&stream[run.start as usize..run.end as usize], b"metafile");
    assert_eq!(problems.count(), 0);
    // Another length of the head is data of a field.
    let mut other = stream.clone();
    other[run.start as usize - 54] = 12;
    assert_eq!(read_with(&other, [None, None], &Limits::default()).0.pictures, []);
}

#[test]
fn macro_that_is_cut_keeps_its_first_lines() {
    let doc = Word6 { macros: vec![("Other", 0, copying())], ..Word6::default() };
    let mut stream = doc.stream();
    // The length of the code, in the entry behind nTcgVer, the kind and the count.
    let commands = u32::from_le_bytes(stream[0x118..0x11C].try_into().unwrap()) as usize;
    stream[commands + 4 + 12..][..4].copy_from_slice(&20u32.to_le_bytes());
    let (file, problems, _) = read_with(&stream, [None, None], &Limits::default());
    assert_eq!(file.macros[0].source, "\nSub MAIN\nMacroCopy");
    assert!(!file.macros[0].is_auto() && problems.bar_nothing_found());
}

#[test]
fn styles_of_paragraphs_and_characters_hide_their_text() {
    let doc = Doc::new("seen ")
        .run(Story::Body, "paragraph ", Look::Paragraph)
        .run(Story::Body, "seen again ", Look::Plain)
        .run(Story::Body, "style", Look::Style);
    let expected = [
        ("seen ", TextPlace::Body, None),
        ("paragraph ", TextPlace::Body, Some(HiddenText::Vanish)),
        ("seen again ", TextPlace::Body, None),
        ("style", TextPlace::Body, Some(HiddenText::Vanish)),
    ];
    let (file, problems) = read_doc(&doc);
    assert_eq!((texts(&file).as_slice(), problems.count()), (&expected[..], 0));
}

#[test]
fn pictures_of_the_text_and_floating_ones_are_found() {
    let doc =
        Doc::new("Text ").picture(b"\x89PNG one").picture(b"\x89PNG two").floating_picture(b"\x89PNG three");
    let (word, table) = doc.streams();
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(1), stage: Stage::Word, budget: &mut budget, problems: &mut problems };
    let mut file = WordFile::default();
    let table = TableStream { bytes: &table, part: PartId(2) };
    let data = TableStream { bytes: doc.data(), part: PartId(3) };
    let streams = WordStreams { document: &word, tables: [None, Some(table)], data: Some(data) };
    assert_eq!(read(streams, &mut file, &mut cx), Ok(()));
    let shown = |bytes: &[u8], pictures: &[PictureAt]| -> Vec<String> {
        let runs = pictures.iter().flat_map(|picture| picture.runs.clone());
        runs.map(|run| String::from_utf8_lossy(&bytes[run.start as usize + 1..run.end as usize]).into_owned())
            .collect()
    };
    assert_eq!(shown(&word, &file.pictures), ["PNG three"]);
    assert_eq!(shown(doc.data(), &file.data_pictures), ["PNG one", "PNG two"]);
    assert_eq!(problems.count(), 0);
}

#[test]
fn text_that_is_counted_and_in_no_piece_is_told() {
    let (mut word, table) = Doc::new("Body\r").streams();
    let at = 0x4C; // ccpText
    word[at..at + 4].copy_from_slice(&9_u32.to_le_bytes());
    let (file, problems, _) = read_with(&word, [None, Some(&table)], &Limits::default());
    assert_eq!(texts(&file), [("Body\n", TextPlace::Body, None)]);
    let messages: Vec<_> = problems.list().iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(messages, ["9 characters are counted, and pieces hold 5"]);
}
