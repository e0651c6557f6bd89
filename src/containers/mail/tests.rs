//! Structure, names and character sets of mails, sound and damaged.

use super::*;
use crate::base::{Budget, Cx, Limits, PartId, ProblemKind, Problems, Stage};

struct Done {
    mail: Mail,
    bodies: Vec<Vec<u8>>,
    told: Vec<String>,
}

fn done(file: &[u8]) -> Done {
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Mail, budget: &mut budget, problems: &mut problems };
    let mut mail = Mail::default();
    read(file, &mut mail, &mut cx).unwrap();
    let bodies = mail.entities.iter().map(|entity| content(file, entity, &mut cx).unwrap()).collect();
    let kind = |kind: ProblemKind| if kind == ProblemKind::Recovered { "" } else { "!" };
    let told = problems.list().iter().map(|problem| format!("{}{}", kind(problem.kind), problem.message));
    Done { mail, bodies, told: told.collect() }
}

fn types(done: &Done) -> Vec<(&str, &[u8])> {
    let types = done.mail.entities.iter().map(|entity| entity.media_type.as_str());
    types.zip(done.bodies.iter().map(Vec::as_slice)).collect()
}

const MIXED: &str = "From: \"Anna\" <anna@one.invalid>\r\nReply-To: x@two.invalid\r\nSubject: =?ISO-2022-JP?B?GyRCQEE1YT1xGyhC?=\r\n\
    Content-Type: multipart/mixed; boundary=\"b1\"\r\n\r\npreamble\r\n--b1\r\n\
    Content-Type: multipart/alternative; boundary=b2\r\n\r\n--b2\r\n\r\nplain\r\n--b2\r\n\
    Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<b>caf=C3=A9</b>=\r\n!\r\n--b2--\r\n\
    --b1\r\nContent-Type: application/zip;\r\n name*0*=UTF-8''%E8%AB%8B;\r\n name*1=x.zip\r\n\
    Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\nUEsF\r\nBg==\r\n--b1--\r\nepilogue\r\n";

#[test]
fn parts_lie_in_their_order_with_decoded_names_and_bodies() {
    let done = done(MIXED.as_bytes());
    assert_eq!(
        types(&done),
        [
            ("text/plain", &b"plain"[..]),
            ("text/html", "<b>café</b>!".as_bytes()),
            ("application/zip", b"PK\x05\x06")
        ]
    );
    let fields = &done.mail.fields;
    assert_eq!(fields.subject.as_deref(), Some("請求書"));
    assert_eq!(fields.from, [Address { name: "Anna".into(), address: "anna@one.invalid".into() }]);
    assert_eq!(fields.reply_to[0].domain().as_deref(), Some("two.invalid"));
    let zip = &done.mail.entities[2];
    assert_eq!((zip.name.as_deref(), zip.is_attachment, zip.depth), (Some("請x.zip"), true, 1));
    assert!(done.mail.entities[0].is_body() && !zip.is_body());
    assert_eq!(done.told, Vec::<String>::new());
}

#[test]
fn boundary_that_never_comes_is_guessed_from_the_lines() {
    let done = done(&MIXED.replace("boundary=\"b1\"", "boundary=\"other\"").into_bytes());
    assert_eq!(types(&done).len(), 3);
    assert_eq!(done.told, ["the boundary of the multipart is another one than stated"]);
    let missing = self::done(&MIXED.replace("; boundary=\"b1\"", "").into_bytes());
    assert_eq!(types(&missing).len(), 3);
    assert_eq!(missing.told[0], "a multipart without a boundary");
}

#[test]
fn mail_that_ends_inside_a_part_keeps_it() {
    let cut = MIXED.find("Bg==").unwrap();
    let done = done(&MIXED.as_bytes()[..cut]);
    assert_eq!(types(&done)[2], ("application/zip", &b"PK\x05"[..]));
    assert_eq!(done.told, ["the multipart is not closed"]);
}

#[test]
fn multipart_without_any_delimiter_is_text() {
    let done = done(b"Content-Type: multipart/mixed; boundary=x\r\n\r\njust text\r\n");
    assert_eq!(types(&done), [("text/plain", &b"just text\r\n"[..])]);
    assert_eq!(done.told, ["no boundary of the multipart comes"]);
}

#[test]
fn ten_thousand_nested_multiparts_end_at_the_ceiling() {
    let mut file = String::new();
    for level in 0..10_000 {
        file += &format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n");
    }
    let done = done(file.as_bytes());
    assert_eq!(done.mail.entities.len(), 1);
    assert!(done.told.iter().any(|line| line == "!multiparts are nested too deep"), "{:?}", done.told);
}

#[test]
fn odd_character_sets_decode() {
    let sjis = [0x90, 0xBF, 0x8B, 0x81, 0x8F, 0x91];
    assert_eq!(text(&sjis, Some("cp932")), "請求書");
    assert_eq!(text(&sjis, None), "請求書");
    assert_eq!(text(b"\x1b$B@A5a=q\x1b(B", None), "請求書");
    assert_eq!(text("請求書".as_bytes(), Some("us-ascii-unknown")), "請求書");
    assert_eq!(text(b"caf\xe9", Some("iso-8859-1")), "café");
    assert_eq!(text("é".as_bytes(), Some("iso-2022-jp")), "é");
}

#[test]
fn quoted_printable_keeps_what_is_no_code() {
    let mail = b"Content-Transfer-Encoding: Quoted-Printable\n\n100=zz =3D =\n joined = \nx=4";
    assert_eq!(done(mail).bodies, [b"100=zz =  joined x=4"]);
}

#[test]
fn parts_that_only_some_programs_see_are_parts() {
    let part = "Content-Type: application/zip\r\nContent-Transfer-Encoding: base64;\r\n\r\nUEsFBg==\r\n";
    let text = "Content-Type: text/plain\r\n\r\nHello\r\n";
    let head = "From: a@one.invalid\r\nContent-Type: multipart/mixed; boundary";
    let zip = ("application/zip", &b"PK\x05\x06"[..]);
    let outside = "a part stands where the multipart has none";
    for (mail, told) in [
        (format!("{head}=b\r\n\r\n--b\r\n{text}--b--\r\n\r\n--b\r\n{part}--b--\r\n"), outside),
        (format!("{head}=b\r\n\r\n--b\r\n{text}--bX\r\n{part}--bX--\r\n--b--\r\n"), outside),
        (
            format!("{head}=\"\"\r\n\r\n--\r\n{text}--\r\n{part}"),
            "the boundary of the multipart is another one than stated",
        ),
        (
            format!("\r\n\r\n{head}=b\r\n\r\n--b\r\n{text}--b\r\n{part}--b--\r\n"),
            "blank lines stand before the header",
        ),
    ] {
        let done = done(mail.as_bytes());
        assert_eq!(types(&done), [("text/plain", &b"Hello"[..]), zip], "{mail}");
        assert!(done.told.iter().any(|line| line == told), "{mail}: {:?}", done.told);
    }
    let twice = format!("{head}=b\r\nContent-Type: text/plain\r\n\r\n--b\r\n{text}--b\r\n{part}--b--\r\n");
    assert_eq!(types(&done(twice.as_bytes())), [("text/plain", &b"Hello"[..]), zip]);
    let whole = docsift_corpus::bytes::base64(format!("--b\r\n{text}--b\r\n{part}--b--\r\n").as_bytes());
    let whole = done(format!("{head}=b\r\nContent-Transfer-Encoding: base64\r\n\r\n{whole}\r\n").as_bytes());
    assert_eq!(whole.mail.entities[0].media_type, "message/rfc822");
    assert_eq!(types(&done(&whole.bodies[0])), [("text/plain", &b"Hello"[..]), zip]);
}

#[test]
fn text_outside_of_the_delimiters_is_kept_and_other_lines_delimit_nothing() {
    let done = done(MIXED.as_bytes());
    let between = done.mail.between.iter().map(|at| &MIXED[at.start as usize..at.end as usize]);
    assert_eq!(between.collect::<Vec<_>>(), ["preamble\r\n", "epilogue\r\n"]);
    let mail = b"From: a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n-- \nCarl\n--c\nContent follows\n--b--\n";
    assert_eq!(types(&self::done(mail)), [("text/plain", &b"one\n-- \nCarl\n--c\nContent follows"[..])]);
    let quoted = b"From: a\n\nsee\n--b\nContent-Type: a/b\n\none\n--b--\n";
    assert_eq!(types(&self::done(quoted)).len(), 1);
    let inner = b"Content-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: a/b\n\none\n--b--\n";
    assert_eq!(types(&self::done(inner)).len(), 1);
}

#[test]
fn transfer_encoding_counts_whatever_stands_beside_it() {
    for stated in ["base64;", "base64 (of the zip)", "\"Base64\"", " base64 "] {
        let mail = format!("Content-Transfer-Encoding: {stated}\n\nUEsFBg==\n");
        assert_eq!(done(mail.as_bytes()).bodies, [b"PK\x05\x06"], "{stated}");
    }
}

#[test]
fn text_in_utf_7_is_decoded() {
    assert_eq!(text(b"caf+AOk- 1 +- 1, +2D3cBA", Some("UTF-7")), "caf\u{e9} 1 + 1, \u{1F404}");
    assert_eq!(text("é".as_bytes(), Some("utf-7")), "é");
    assert_eq!(text(b"a+b", None), "a+b");
}
