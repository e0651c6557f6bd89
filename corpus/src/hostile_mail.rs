//! Hostile mails: what would make a careless reader recurse, copy without end or try passwords for hours.

use crate::mail::Mail;
use crate::zip::{Member, Zip};
use crate::zip_crypt;

/// Multiparts inside one another, as deep as they fit.
pub fn nested_multiparts(size: usize) -> Vec<u8> {
    let mut out = String::new();
    let mut level = 0;
    while out.len() < size {
        out += &format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n");
        level += 1;
    }
    format!("Received: from a\nFrom: <a@one.invalid>\n{out}").into_bytes()
}

/// Mails inside one another, as deep as they fit.
pub fn nested_messages(size: usize) -> Vec<u8> {
    "From: <a@one.invalid>\nSubject: x\nReceived: from a\nContent-Type: message/rfc822\n\n"
        .repeat(size / 80)
        .into_bytes()
}

/// A mail of one line that does not end.
pub fn one_line(size: usize) -> Vec<u8> {
    let mut out = b"From: <a@one.invalid>\r\nReceived: from a\r\nContent-Type: text/plain\r\n\r\n".to_vec();
    out.resize(out.len() + size, b'x');
    out
}

/// A mail whose one header field does not end.
pub fn one_header(size: usize) -> Vec<u8> {
    let mut out = b"From: <a@one.invalid>\r\nReceived: from a\r\nSubject: ".to_vec();
    out.resize(out.len() + size, b'=');
    out
}

/// As many parts as fit, each with a name.
pub fn many_parts(size: usize) -> Vec<u8> {
    let mut out =
        b"From: <a@one.invalid>\nReceived: from a\nContent-Type: multipart/mixed; boundary=b\n\n".to_vec();
    for number in 0..size / 72 {
        let part = format!("--b\nContent-Type: application/zip; name=\"{number}.pdf.exe\"\n\nMZ{number}\n");
        out.extend(part.as_bytes());
    }
    out
}

/// Words for "password" with a candidate behind each, and an archive that none of them opens.
pub fn many_passwords(size: usize) -> Vec<u8> {
    let text: String = (0..size / 24).map(|number| format!("password: w{number:07}X\r\n")).collect();
    let member = zip_crypt::aes(Member::deflated("a.xls", b"content"), "none of them", 256, 2);
    Mail::new("<a@one.invalid>", "x", &text).attach("a.zip", Zip::of([member]).into_bytes()).into_bytes()
}
