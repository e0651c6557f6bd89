use docsift_corpus::rtf::{digits, document, object};

use super::*;
use crate::base::{Budget, Limits, PartId, Problems, Stage};

fn read_with(bytes: &[u8], limits: &Limits) -> (RtfFile, Problems, bool) {
    let mut budget = Budget::new(limits);
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(1), stage: Stage::Rtf, budget: &mut budget, problems: &mut problems };
    let mut file = RtfFile::default();
    let ended = read(bytes, &mut file, &mut cx);
    (file, problems, ended.is_ok())
}

fn read_all(bytes: &[u8]) -> RtfFile {
    let (file, _, ended) = read_with(bytes, &Limits::default());
    assert!(ended);
    file
}

fn body(body: &str) -> RtfFile {
    read_all(&document(body))
}

fn texts(file: &RtfFile) -> Vec<(&str, TextPlace, Option<HiddenText>)> {
    file.document.texts.iter().map(|text| (text.text.as_str(), text.place, text.hidden)).collect()
}

#[test]
fn text_is_read_by_place_and_in_any_code() {
    let file =
        body("{\\header Kopf\\par}Caf\\'e9 \\u8364?\\uc2\\u8211\\'96\\'96 {\\b bold}\\par{\\footnote Note}");
    let expected = [
        ("Kopf\n", TextPlace::Header, None),
        ("Café €– bold\n", TextPlace::Body, None),
        ("Note", TextPlace::Note, None),
        ("\n", TextPlace::Body, None),
    ];
    assert_eq!(texts(&file), expected[..3]);
    let japanese = read_all(b"{\\rtf1\\ansicpg932 \\'83\\'7d\\'83\\'4e\\'83\\'8d}");
    assert_eq!(texts(&japanese), [("マクロ", TextPlace::Body, None)]);
}

#[test]
fn bytes_are_read_in_the_code_page_of_their_font() {
    let file = read_all(
        b"{\\rtf1\\ansi\\ansicpg1252\\deff2{\\fonttbl{\\f0 Arial;}{\\f1\\fnil\\fcharset204{\\*\\fname Arial;}Arial CYR;}\
          {\\f2\\fcharset128 MS Gothic;}{\\f3\\fcharset0\\cpg936 SimSun;}}\
          \\'83\\'7d{\\f1 \\'cc\\'e0{\\f0 \\'e9}\\'ea\\f3 \\'ce\\'c4\\plain\\'83\\'4e}\\'83\\'8d\\f9 \\'e9\\f1\\'f0}",
    );
    assert_eq!(texts(&file), [("マМаéк文クロéр", TextPlace::Body, None)]);
}

#[test]
fn letters_of_an_ornament_are_text() {
    let file = read_all(b"{\\rtf1{\\shp{\\*\\shpinst{\\sp{\\sn gtextUNICODE}{\\sv Paper and pens}}}}}");
    assert_eq!(texts(&file), [("Paper and pens", TextPlace::TextBox, None)]);
}

#[test]
fn hidden_white_and_tiny_text_is_told() {
    let file = read_all(
        b"{\\rtf1{\\colortbl;\\red255\\green255\\blue255;\\red0\\green0\\blue0;}seen{\\v gone}{\\cf1 white}{\\cf2 black}\
          {\\cf1\\highlight2 shaded}{\\fs2 tiny}}",
    );
    let expected = [
        ("seen", TextPlace::Body, None),
        ("gone", TextPlace::Body, Some(HiddenText::Vanish)),
        ("white", TextPlace::Body, Some(HiddenText::White)),
        ("blackshaded", TextPlace::Body, None),
        ("tiny", TextPlace::Body, Some(HiddenText::Tiny)),
    ];
    assert_eq!(texts(&file), expected);
}

#[test]
fn fields_links_and_the_template_are_read() {
    let file = body(
        "{\\*\\template http://a.invalid/t.dotm}{\\field{\\*\\fldinst{ DDEAUTO {\\field{\\*\\fldinst QUOTE 99}} x}}\
         {\\fldrslt shown}}{\\field{\\*\\fldinst HYPERLINK \"http://b.invalid\"}{\\fldrslt go}}\
         {\\sp{\\sn pibName}{\\sv http://c.invalid/p.png}}",
    );
    let instructions: Vec<_> = file.document.fields.iter().map(|field| field.instruction.as_str()).collect();
    assert_eq!(instructions, ["QUOTE 99", "DDEAUTO c x", "HYPERLINK \"http://b.invalid\""]);
    let links: Vec<_> =
        file.links.iter().map(|link| (link.kind, link.target.as_str(), link.automatic)).collect();
    let expected = [
        (LinkKind::AttachedTemplate, "http://a.invalid/t.dotm", true),
        (LinkKind::Hyperlink, "http://b.invalid", false),
        (LinkKind::Image, "http://c.invalid/p.png", true),
    ];
    assert_eq!(links, expected);
    assert_eq!(texts(&file), [("showngo\n", TextPlace::Body, None)]);
}

#[test]
fn object_has_its_data_and_what_the_words_around_say() {
    let file = body(&object("\\objemb\\objupdate", "Package", &[1, 5, 0, 0, 0xAB]));
    let [found] = file.objects.as_slice() else { panic!("{:?}", file.objects) };
    assert_eq!((found.class.as_str(), found.is_updated, found.is_linked), ("Package", true, false));
    assert_eq!((found.data.as_slice(), &found.other_data), (&[1, 5, 0, 0, 0xAB][..], &None));
    assert!(file.oddities.is_empty());
}

#[test]
fn data_is_read_through_what_disguises_it() {
    let disguised = [
        "{\\object\\objemb{\\*\\objdata 01\\par 05 {\\b 0}0 0{\\*\\unknown ab}\\-0 \\bin1 \u{7f}}}",
        "{\\object{\\objdata0 01z0!5{{{0}}}\\*\\x000 0{0}0\\b 7f}",
        "{\\object{\\*\\objdata 0\t1 0 5\r\n00\\'6 00\\'ab7f",
    ];
    for body in disguised {
        let mut file = b"{\\rt".to_vec();
        file.extend(body.as_bytes());
        let read = read_all(&file);
        let [found] = read.objects.as_slice() else { panic!("{body}: {:?}", read.objects) };
        assert_eq!(found.data, [1, 5, 0, 0, 0x7F], "{body}");
        let kinds: Vec<_> = read.oddities.iter().map(|oddity| oddity.kind).collect();
        assert_eq!(kinds, [RtfOddityKind::Header, RtfOddityKind::DisguisedData], "{body}");
    }
}

#[test]
fn objects_within_objects_keep_their_own_data() {
    let inner = "{\\object\\objlink{\\*\\objclass Inner}{\\*\\objdata 0a}}";
    let file = body(&format!("{{\\object{{\\*\\objclass Outer}}{{\\*\\objdata 01{inner}02}}\\objupdate}}"));
    let found: Vec<_> = file
        .objects
        .iter()
        .map(|object| (object.class.as_str(), object.data.as_slice(), object.is_linked, object.is_updated))
        .collect();
    assert_eq!(found, [("Inner", &[0x0A][..], true, true), ("Outer", &[1, 2][..], false, true)]);
}

#[test]
fn pictures_and_the_store_give_their_data() {
    let file = body("{\\pict\\pngblip 89504e47}{\\*\\shppict{\\pict\\bin3 abc}}{\\*\\datastore 0105}");
    let pictures: Vec<_> = file.pictures.iter().map(|picture| picture.data.as_slice()).collect();
    assert_eq!(pictures, [&[0x89, b'P', b'N', b'G'][..], b"abc"]);
    assert!(file.objects[0].is_store);
}

#[test]
fn marks_of_known_attacks_are_noted() {
    let kinds = |text: &str| -> Vec<_> { body(text).oddities.iter().map(|oddity| oddity.kind).collect() };
    assert_eq!(kinds("{\\shp{\\sp{\\sn pFragments}{\\sv 1;1;0102030405}}}"), [RtfOddityKind::Fragments]);
    assert_eq!(kinds("{\\shp{\\sp{\\sn pFragments}{\\sv 5;1;0102030405}}}"), []);
    assert_eq!(
        kinds("{\\*\\listoverridetable{\\listoverride\\listoverridecount25}}"),
        [RtfOddityKind::ListOverrideCount]
    );
    assert_eq!(kinds("{\\*\\listoverridetable{\\listoverride\\listoverridecount9}}"), []);
    let fonts = "{\\f0 A;}".repeat(0x7FF0);
    assert_eq!(kinds(&format!("{{\\fonttbl{fonts}}}")), [RtfOddityKind::FontTable]);
}

#[test]
fn groups_nest_to_any_depth() {
    let mut deep = b"{\\rtf1 ".to_vec();
    deep.extend(b"{".repeat(100_000));
    deep.extend(b"deep");
    deep.extend(b"}".repeat(100_000));
    deep.extend(b" end}");
    let joined: String = read_all(&deep).document.texts.iter().map(|text| text.text.as_str()).collect();
    assert_eq!(joined, "deep end");
}

#[test]
fn file_cut_at_any_byte_is_read_as_far_as_it_goes() {
    let whole = document(&format!("text{}", object("\\objemb", "Package", &[1, 2, 3])));
    for len in 0..whole.len() {
        let (file, _, ended) = read_with(&whole[..len], &Limits::default());
        let inside = |bytes: &Range<u64>| bytes.start <= bytes.end && bytes.end <= len as u64;
        assert!(ended && file.objects.iter().all(|object| inside(&object.bytes)), "{len}");
    }
}

#[test]
fn data_behind_the_last_group_is_placed() {
    assert_eq!(read_all(b"{\\rtf1 a}PK").end, Some(9));
    assert_eq!(read_all(b"{\\rtf1 a").end, Some(8));
    let limits = Limits { steps: 5, ..Limits::default() };
    assert!(!read_with(&document(&digits(&[0; 400])), &limits).2);
}

#[test]
fn names_and_properties_keep_characters_of_every_kind() {
    let file = read_all(
        "{\\rtf1{\\*\\template \\u104?\\u116?tp://a.invalid/\\u26085?.dotm}\
         {\\info{\\title Caf\\'e9}{\\title Second}{\\hlinkbase http://b.invalid}}\
         {\\*\\userprops{\\propname Room}\\proptype30{\\staticval Blue}}}"
            .as_bytes(),
    );
    let targets: Vec<_> = file.links.iter().map(|link| link.target.as_str()).collect();
    assert_eq!(targets, ["http://a.invalid/\u{65E5}.dotm"]);
    let text = |text: &Option<PropertyText>| text.as_ref().map(|text| text.text.clone()).unwrap_or_default();
    let properties = &file.properties;
    assert_eq!(
        (text(&properties.title), text(&properties.hyperlink_base)),
        ("Café".into(), "http://b.invalid".into())
    );
    let custom: Vec<_> = properties
        .custom
        .iter()
        .map(|(name, value)| match value {
            PropertyValue::Text(text) => (name.as_str(), text.text.as_str()),
            _ => (name.as_str(), ""),
        })
        .collect();
    assert_eq!(custom, [("title", "Second"), ("Room", "Blue")]);
    assert_eq!(file.document.texts, []);
}
