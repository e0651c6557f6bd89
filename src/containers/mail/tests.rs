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
