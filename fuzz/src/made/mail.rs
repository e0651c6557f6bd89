//! A mail: header fields, entities in entities, transfer encodings, attachments.

use docsift_corpus::bytes::base64;
use docsift_corpus::zip::{Member, Zip};

use super::{Choices, workbook};

const FIELDS: [&str; 14] = [
    "From: a@b.invalid",
    "To: <c@d.invalid>",
    "Reply-To: \"x\" <e@f.invalid>",
    "Subject: =?utf-8?B?cGFzc3dvcmQ=?=",
    "Subject: invoice",
    "Date: Wed, 02 Nov 2022 08:11:12 +0000",
    "Message-ID: <1@b.invalid>",
    "In-Reply-To: <0@b.invalid>",
    "Received: from a.invalid by b.invalid; Wed, 02 Nov 2022 08:11:12 +0000",
    "Authentication-Results: b.invalid; spf=fail; dkim=none",
    "X-Mailer: y",
    "MIME-Version: 1.0",
    "Return-Path: <g@h.invalid>",
    "Content-Language: de",
];

const TYPES: [&str; 14] = [
    "text/plain; charset=utf-8",
    "text/plain; charset=iso-8859-1",
    "text/html; charset=utf-7",
    "text/html",
    "application/octet-stream",
    "application/zip; name=\"a.zip\"",
    "application/vnd.ms-excel; name*0=\"a\"; name*1=\".xls\"",
    "image/png",
    "message/rfc822",
    "message/partial; id=x; number=1",
    "application/ms-tnef",
    "text/calendar",
    "multipart/mixed",
    "nonsense",
];

const TEXTS: [&str; 8] = [
    "The password is 1234\r\n",
    "Enable content to view",
    "<html><body><a href=\"http://a.invalid/b\">c</a></body></html>",
    "<script>var b='QUJD';new Blob([atob(b)])</script>",
    "=\r\n=3D=41=\r\n",
    "begin 644 a.xls\r\n#86)C\r\n`\r\nend\r\n",
    "-----",
    "",
];

pub(super) fn mail(choices: &mut Choices<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    line(&mut out, "From: a@b.invalid");
    fields(&mut out, choices);
    entity(&mut out, choices, 4);
    out
}

fn line(out: &mut Vec<u8>, text: &str) {
    out.extend(text.as_bytes());
    out.extend(b"\r\n");
}

fn fields(out: &mut Vec<u8>, choices: &mut Choices<'_>) {
    for _ in 0..choices.below(6) {
        let field = choices.text(&FIELDS);
        line(out, &field);
        if choices.one_in(8) {
            line(out, "\tfolded");
        }
    }
}

/// The header fields that say what an entity is, and its body.
fn entity(out: &mut Vec<u8>, choices: &mut Choices<'_>, depth: usize) {
    if depth > 0 && choices.one_in(2) {
        let boundary = format!("b{depth}{}", choices.below(3));
        let kind = choices.pick(&["mixed", "alternative", "related", "signed", "report"]);
        line(out, &format!("Content-Type: multipart/{kind}; boundary=\"{boundary}\"\r\n"));
        for _ in 0..=choices.below(4) {
            line(out, &format!("--{boundary}"));
            entity(out, choices, depth - 1);
        }
        if !choices.one_in(4) {
            line(out, &format!("--{boundary}--"));
        }
        return;
    }
    let kind = choices.text(&TYPES);
    line(out, &format!("Content-Type: {kind}"));
    if choices.one_in(2) {
        let name = choices.pick(&["a.xls", "b.zip", "c.html", "..\\d.exe", "=?utf-8?Q?e=2Exls?="]);
        line(out, &format!("Content-Disposition: attachment; filename=\"{name}\""));
    }
    let content = content(choices, depth);
    match choices.byte() % 4 {
        0 => {
            line(out, "Content-Transfer-Encoding: base64\r\n");
            for piece in base64(&content).as_bytes().chunks(76) {
                out.extend(piece);
                out.extend(b"\r\n");
            }
        }
        1 => {
            line(out, "Content-Transfer-Encoding: quoted-printable\r\n");
            for byte in content {
                if byte.is_ascii_alphanumeric() {
                    out.push(byte);
                } else {
                    out.extend(format!("={byte:02X}").bytes());
                }
            }
            line(out, "");
        }
        other => {
            line(out, if other == 2 { "Content-Transfer-Encoding: 8bit\r\n" } else { "" });
            out.extend(content);
            line(out, "");
        }
    }
}

fn content(choices: &mut Choices<'_>, depth: usize) -> Vec<u8> {
    match choices.byte() % 8 {
        0 => workbook::stream(choices),
        1 => Zip::of([Member::deflated("a.xls", &workbook::stream(choices))]).into_bytes(),
        2 if depth > 0 => {
            let mut inner = Vec::new();
            fields(&mut inner, choices);
            entity(&mut inner, choices, depth - 1);
            inner
        }
        3 => choices.bytes(255).to_vec(),
        _ => choices.text(&TEXTS).into_bytes(),
    }
}
