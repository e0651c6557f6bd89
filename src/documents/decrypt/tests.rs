//! Odd and hostile statements of encryption, and packages that were changed.

use super::*;
use crate::base::{Budget, Cx, Limits, PartId, ProblemKind, Problems, Stage};
use crate::crypto::{Key, Lock};
use docsift_corpus::agile;

fn streams(document: &[u8]) -> [Vec<u8>; 2] {
    agile::encrypt(document, "secret").map(|entry| entry.data.unwrap())
}

/// Decrypts a package; gives its bytes, and what was told.
fn opened(info: &[u8], package: &[u8]) -> (Option<Vec<u8>>, Vec<(ProblemKind, String)>) {
    let lock = info::encryption_info(info).unwrap();
    let key = lock.try_password("secret").unwrap();
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Crypto, budget: &mut budget, problems: &mut problems };
    let plain = package::decrypt(package, &lock, &key, &mut cx).unwrap();
    (plain, problems.list().iter().map(|problem| (problem.kind, problem.message.clone())).collect())
}

#[test]
fn package_opens_with_its_password_only() {
    let document: Vec<u8> = (0..10_000u32).map(|at| at as u8).collect();
    let [info, package] = streams(&document);
    let lock = info::encryption_info(&info).unwrap();
    assert_eq!((lock.name(), lock.rounds()), ("ECMA-376 Agile (AES)", 1008));
    assert_eq!(lock.try_password("Secret"), None);
    assert_eq!(opened(&info, &package), (Some(document), Vec::new()));
}

#[test]
fn changed_package_is_given_with_a_problem() {
    let document = vec![b'x'; 100];
    let [info, mut package] = streams(&document);
    package[8 + 100] ^= 1;
    let (plain, told) = opened(&info, &package);
    assert_eq!(plain.unwrap()[..96], document[..96]);
    let message = "the HMAC of the encrypted package does not match: it was changed";
    assert_eq!(told, [(ProblemKind::Recovered, message.to_owned())]);
}

#[test]
fn package_that_states_more_than_it_has_is_cut_and_told() {
    let [info, mut package] = streams(b"0123456789");
    package[2] = 1;
    let (plain, told) = opened(&info, &package);
    assert_eq!(plain.unwrap().len(), 16);
    assert_eq!(told[1].1, "the encrypted package states 65546 bytes and has 16");
    assert_eq!(told[1].0, ProblemKind::Abandoned);
}

/// The descriptor with one text in the place of another.
fn changed(from: &str, to: &str) -> Result<Lock, DecryptError> {
    let [info, _] = streams(b"x");
    let text = String::from_utf8_lossy(&info[8..]).replace(from, to);
    info::encryption_info(&[&info[..8], text.as_bytes()].concat())
}

#[test]
fn descriptors_that_ask_for_the_impossible_are_refused_with_the_reason() {
    let missing = |what| Err(DecryptError::Missing { what });
    let too_many = "spinCount: it asks for more than 10,000,000 rounds";
    assert_eq!(changed("spinCount=\"1000\"", "spinCount=\"1000000000\""), missing(too_many));
    assert_eq!(changed("spinCount=\"1000\"", "spinCount=\"-1\""), missing("spinCount"));
    assert_eq!(changed("p:encryptedKey ", "p:other "), missing("encryptedKey"));
    assert_eq!(changed("keyBits=\"256\"", ""), missing("keyBits"));
    assert_eq!(changed("SHA512", "WHIRLPOOL"), Err(DecryptError::NamedHash { name: "WHIRLPOOL" }));
    assert_eq!(changed("\"AES\"", "\"RC2\""), Err(DecryptError::NamedCipher { name: "RC2" }));
    assert_eq!(
        changed("ChainingModeCBC", "ChainingModeCFB"),
        Err(DecryptError::NamedCipher { name: "ChainingModeCFB" })
    );
    // A hash that makes another key is a wrong password, not a refusal.
    assert_eq!(changed("SHA512", "SHA384").unwrap().try_password("secret"), None);
}

#[test]
fn versions_are_told_apart() {
    let error = |bytes: &[u8]| info::encryption_info(bytes).unwrap_err();
    assert_eq!(error(&[4, 0, 3, 0]), DecryptError::Extensible);
    assert_eq!(error(&[9, 0, 9, 0]), DecryptError::Version { major: 9, minor: 9 });
    assert_eq!(error(&[4]), DecryptError::Short(crate::base::Short { at: 0, need: 2, have: 1 }));
}

#[test]
fn word_document_is_decrypted_behind_its_clear_head() {
    let mut document = vec![0u8; 200];
    document[10..12].copy_from_slice(&0x8100u16.to_le_bytes());
    document[14..18].copy_from_slice(&[0x0A, 0x9A, 0x59, 0xB3]);
    document[100..].fill(0x41);
    let lock = word::lock(&document, &[]).unwrap();
    let key = lock.lock.clone().unwrap().try_password("VelvetSweatshop").unwrap();
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Crypto, budget: &mut budget, problems: &mut problems };
    let plain = word::decrypt(&document, word::WordStream::Document, &lock, &key, &mut cx).unwrap();
    // Method 2 is its own inverse; the flags say that nothing is encrypted any more.
    let Key::Xor(array) = key else { panic!("XOR") };
    let mut again = plain.clone();
    array.apply(&mut again[68..], 68);
    assert_eq!(again[68..], document[68..]);
    assert_eq!(word::lock(&plain, &[]), None);
}

/// Seals pieces of a stream one by one, each from the start of block 0.
fn sealed(pieces: &[&[u8]], key: &Key) -> Vec<u8> {
    let Key::Rc4(secret) = key else { panic!("a key of RC4") };
    let seal = |piece: &&[u8]| {
        let mut piece = piece.to_vec();
        secret.apply_block(0, &mut piece);
        piece
    };
    pieces.iter().flat_map(seal).collect()
}

fn pictures(stream: &[u8], key: &Key) -> (Vec<u8>, Vec<String>) {
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Crypto, budget: &mut budget, problems: &mut problems };
    let plain = presentation::decrypt_pictures(stream, key, &mut cx).unwrap();
    (plain, problems.list().iter().map(|problem| problem.message.clone()).collect())
}

#[test]
fn fields_of_pictures_are_encrypted_one_by_one() {
    let key = Key::Rc4(crate::crypto::rc4::Secret::of_crypto_api("x", &[1; 16], 128));
    let header = |instance: u16, kind: u16, len: u32| {
        [&(instance << 4).to_le_bytes()[..], &kind.to_le_bytes(), &len.to_le_bytes()].concat()
    };
    let (one, two) = (header(0x6E0, 0xF01E, 16 + 1 + 5), header(0x217, 0xF01B, 32 + 34 + 3));
    let pieces: [&[u8]; 9] =
        [&one, &[2; 16], &[0xFF], b"\x89PNG.", &two, &[3; 16], &[4; 16], &[5; 34], b"WMF"];
    let stream = sealed(&pieces, &key);
    assert_eq!(pictures(&stream, &key), (pieces.concat(), Vec::new()));
    let cut = stream.len() - 1;
    let told = vec!["the last picture of the presentation is cut".to_owned()];
    assert_eq!(pictures(&stream[..cut], &key), (pieces.concat()[..cut].to_vec(), told));
    let (_, told) = pictures(&[&stream[..], b"beside it"].concat(), &key);
    assert_eq!(told, ["pictures of the presentation that do not decrypt"]);
}
