//! Encrypted entries that the crate `zip` writes open with their password to the same bytes, and with no
//! other; and the other way round for what the fixtures' builder writes.

use std::io::{Cursor, Read, Write};

use docsift_corpus::zip::{Member, Zip};
use docsift_corpus::zip_crypt;
use docsift_peers::crypto::opened;
use proptest::prelude::*;
use zip::unstable::write::FileOptionsExt;
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipArchive, ZipWriter};

/// How an entry is encrypted.
const METHODS: [(&str, Option<AesMode>); 4] = [
    ("ZipCrypto", None),
    ("ZIP with AES-128", Some(AesMode::Aes128)),
    ("ZIP with AES-192", Some(AesMode::Aes192)),
    ("ZIP with AES-256", Some(AesMode::Aes256)),
];

fn written(content: &[u8], password: &str, mode: Option<AesMode>, packed: bool) -> Vec<u8> {
    let method = if packed { CompressionMethod::Deflated } else { CompressionMethod::Stored };
    let options = SimpleFileOptions::default().compression_method(method);
    let options = match mode {
        Some(mode) => options.with_aes_encryption(mode, password),
        None => options.with_deprecated_encryption(password.as_bytes()).unwrap(),
    };
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("entry.bin", options).unwrap();
    writer.write_all(content).unwrap();
    writer.finish().unwrap().into_inner()
}

/// What docsift makes of the one entry, and how it opened it.
fn read(archive: &[u8], password: &str) -> (Option<Vec<u8>>, Option<&'static str>, bool) {
    let (report, parts) = opened(archive, &[password]);
    let how = report.parts.iter().find_map(|part| part.opened_with.as_ref()).map(|how| how.method);
    let needs = report.problems.iter().any(|problem| problem.kind == "needs_password");
    (parts.into_values().next(), how, needs)
}

fn compared(content: &[u8], password: &str, wrong: &str, which: usize, packed: bool) {
    let (name, mode) = METHODS[which];
    let archive = written(content, password, mode, packed);
    assert_eq!(read(&archive, password), (Some(content.to_vec()), Some(name), false), "{name}");
    assert_eq!(read(&archive, wrong), (None, None, true), "{name} with another password");
}

#[test]
fn entries_of_every_method_and_size_around_a_block_open() {
    for which in 0..METHODS.len() {
        for len in [1, 15, 16, 17, 31, 32, 33, 4096, 100_000] {
            let content: Vec<u8> = (0..len).map(|at| (at * 7 % 251) as u8).collect();
            compared(&content, "AYALZNOJY", "AYALZNOJ", which, len % 2 == 0);
        }
    }
}

#[test]
fn what_the_fixtures_builder_encrypts_opens_with_the_crate() {
    let content = b"content of an entry".repeat(20);
    for (bits, version) in [(0, 0), (128, 1), (192, 1), (256, 1), (128, 2), (256, 2)] {
        let member = Member::deflated("entry.bin", &content);
        let member = match bits {
            0 => zip_crypt::zip_crypto(member, "secret"),
            _ => zip_crypt::aes(member, "secret", bits, version),
        };
        let mut archive = ZipArchive::new(Cursor::new(Zip::of([member]).into_bytes())).unwrap();
        let mut read = Vec::new();
        archive.by_index_decrypt(0, b"secret").unwrap().read_to_end(&mut read).unwrap();
        assert_eq!(read, content, "{bits} {version}");
        assert!(archive.by_index_decrypt(0, b"other").is_err(), "{bits} {version}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_content_under_any_password_comes_back(
        content in proptest::collection::vec(any::<u8>(), 1..3000),
        password in "[ -~]{1,24}|[a-zäöüßéèぁ-ん一-龠а-я]{1,12}",
        which in 0..METHODS.len(),
        packed in any::<bool>(),
    ) {
        compared(&content, &password, &format!("{password}x"), which, packed);
    }
}
