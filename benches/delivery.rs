//! From a mail to its verdict, and what opens encrypted content on the way.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use docsift::crypto::archive::{winzip_aes, zip_crypto};
use docsift::documents::decrypt::info;
use docsift_corpus::zip::Member;
use docsift_corpus::{agile, fixtures, zip_crypt};

fn main() {
    divan::main();
}

const TWINS: [&str; 5] = [
    "mail-delivery-english.eml",
    "mail-delivery-english-aes.eml",
    "mail-delivery-japanese-jis.eml",
    "mail-delivery-japanese-sjis.eml",
    "mail-delivery-japanese-utf8.eml",
];

/// The delivery twins, from bytes to report.
#[divan::bench(args = TWINS)]
fn mail_to_verdict(bencher: Bencher<'_, '_>, name: &str) {
    let fixture = fixtures::all().into_iter().find(|fixture| fixture.name == name);
    let mail = fixture.expect("a fixture of the list").bytes;
    docsift::analyze(&mail);
    bencher.counter(BytesCount::of_slice(&mail)).bench(|| docsift::analyze(black_box(&mail)));
}

/// Deciphering of one entry of 4 MiB, without what inflates and checks it.
#[divan::bench(args = [0, 128, 256])]
fn archive_entry(bencher: Bencher<'_, '_>, bits: u16) {
    let member = Member::stored("a", &vec![7; 4 << 20]);
    let check = (member.crc32 >> 24) as u8;
    let data = match bits {
        0 => zip_crypt::zip_crypto(member, "secret").packed,
        bits => zip_crypt::aes(member, "secret", bits, 2).packed,
    };
    bencher.counter(BytesCount::of_slice(&data)).bench(|| match bits {
        0 => zip_crypto(b"secret", black_box(&data), check),
        bits => winzip_aes(b"secret", black_box(&data), (bits / 64 - 1) as u8),
    });
}

/// One password on a document of Office 2013: 100,000 rounds of SHA-512.
#[divan::bench]
fn agile_password(bencher: Bencher<'_, '_>) {
    let [stated, _] = agile::encrypt_with(b"x", "secret", 100_000);
    let lock = info::encryption_info(&stated.data.expect("a stream")).expect("Agile");
    bencher.bench(|| lock.try_password(black_box("other")));
}
