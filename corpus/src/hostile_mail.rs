//! Hostile mails: what would make a careless reader recurse, copy without end or try passwords for hours.

use crate::agile;
use crate::container::compound_file;
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

/// A mail with a ZIP whose one entry states 4 GB and inflates to that: a zero, and copies of it.
pub fn bomb_of_4_gb() -> Vec<u8> {
    const LEN: u32 = 4_000_000_000;
    let packed = deflated_zeros(LEN);
    let member = Member { len: LEN, ..Member::packed("invoice.xls", b"", packed, 8) };
    Mail::new("<a@one.invalid>", "x", "See attached.")
        .attach("a.zip", Zip::of([member]).into_bytes())
        .into_bytes()
}

/// About `len` zeros, deflated: one literal, then matches of 258 bytes in the fixed code ([RFC 1951] 3.2.6).
fn deflated_zeros(len: u32) -> Vec<u8> {
    /// Matches after which the bits stand at the same place in a byte again, and the bytes that they take.
    const MATCHES: usize = 8;
    const PERIOD: usize = 13;
    // Last block, fixed code; the literal 0 is 00110000.
    let mut bits = vec![1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0];
    for _ in 0..3 * MATCHES {
        // Length 258 is 11000101, distance 1 is 00000.
        bits.extend([1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]);
    }
    bits.extend([0; 7]);
    let bytes: Vec<u8> = bits
        .chunks(8)
        .map(|bits| bits.iter().enumerate().fold(0, |byte, (at, bit)| byte | bit << at))
        .collect();
    // The first two bytes hold the head; from there on the bytes come again.
    let mut out = bytes[..2].to_vec();
    for _ in 0..len as usize / (MATCHES * 258) - 2 {
        out.extend(&bytes[2..2 + PERIOD]);
    }
    out.extend(&bytes[2..]);
    out
}

/// An archive of 9,000 entries that share their data: `len` bytes of deflate that make nothing.
pub fn shared_emptiness(len: usize) -> Vec<u8> {
    // Stored blocks of no bytes ([RFC 1951] 3.2.4), and a last one.
    let mut packed = [0, 0, 0, 0xFF, 0xFF].repeat(len / 5);
    packed.extend([1, 0, 0, 0xFF, 0xFF]);
    let first = Member::packed("a", b"", packed, 8);
    let other = Member { shares: Some(0), ..Member::packed("a", b"", Vec::new(), 8) };
    let members = std::iter::once(first).chain(std::iter::repeat_n(other, 8_999));
    Zip::of(members).into_bytes()
}

/// A mail with an encrypted document that asks for a billion rounds of its hash for each password.
pub fn billion_rounds() -> Vec<u8> {
    let mut entries = agile::encrypt(&[b'x'; 5000], "secret");
    let info = entries[0].data.as_mut().expect("a stream");
    let text = String::from_utf8_lossy(&info[8..]).replace("spinCount=\"1000\"", "spinCount=\"1000000000\"");
    info.truncate(8);
    info.extend(text.as_bytes());
    let class = "00000000-0000-0000-0000-000000000000";
    Mail::new("<a@one.invalid>", "x", "Password: secret")
        .attach("a.xlsx", compound_file(class, &entries))
        .into_bytes()
}

/// Archives inside one another, `levels` deep, each stored.
pub fn nested_archives(levels: usize) -> Vec<u8> {
    let mut inside = b"nothing".to_vec();
    for level in 0..levels {
        inside = Zip::of([Member::stored(&format!("{level}.zip"), &inside)]).into_bytes();
    }
    inside
}
