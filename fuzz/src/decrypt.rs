//! Fuzz body of `documents::decrypt`.

use docsift::base::{Budget, Cx, LimitHit, Limits, PartId, Problems, Stage};
use docsift::crypto::rc4::Secret;
use docsift::crypto::{Key, Lock};
use docsift::documents::decrypt::{info, package, presentation, sealed, word, workbook};

/// Takes the bytes as every structure that states an encryption, tries a password, and decrypts with a
/// key that does not fit.
///
/// # Panics
/// When decryption changes a length, or two runs differ.
pub fn decrypt(data: &[u8]) {
    let first = all(data);
    assert_eq!(first, all(data));
}

fn all(data: &[u8]) -> String {
    let limits = Limits::default();
    let mut budget = Budget::new(&limits);
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Crypto, budget: &mut budget, problems: &mut problems };
    let result = each(data, &mut cx);
    format!("{result:?} {:?}", problems.list())
}

fn each(data: &[u8], cx: &mut Cx<'_>) -> Result<String, LimitHit> {
    let keys = [Key::Rc4(Secret::of_40_bits("x", &[0; 16])), Key::Aes(vec![7; 16])];
    let stated = info::encryption_info(data);
    let mut said = format!("{stated:?}");
    if let Ok(lock) = &stated {
        // A lock that takes long to try is not tried, as the analyzer would not either.
        if lock.rounds() < 1000 {
            said += &format!("{:?}", lock.try_password("x"));
        }
        for key in &keys {
            let plain = package::decrypt(data, lock, key, cx)?;
            assert!(plain.is_none_or(|plain| plain.len() + 8 <= data.len()));
        }
    }
    if let Some(pass) = workbook::file_pass(data, cx)? {
        said += &format!("{pass:?}");
        said += &tried(&pass.lock);
        for key in &keys {
            assert_eq!(workbook::decrypt(data, &pass, key, cx)?.len(), data.len());
        }
    }
    if let Some(lock) = word::lock(data, data) {
        said += &tried(&lock.lock);
        for which in [word::WordStream::Document, word::WordStream::Table, word::WordStream::Data] {
            assert_eq!(word::decrypt(data, which, &lock, &keys[0], cx)?.len(), data.len());
        }
    }
    if let Some(lock) = presentation::lock(data, data, cx)? {
        said += &tried(&lock.lock);
        assert_eq!(presentation::decrypt(data, &lock, &keys[0], cx)?.len(), data.len());
    }
    assert_eq!(presentation::decrypt_pictures(data, &keys[0], cx)?.len(), data.len());
    if let Key::Rc4(secret) = &keys[0] {
        let mut into = Vec::new();
        sealed::open(data, secret, &mut into, cx)?;
        assert!(into.iter().all(|sealed| sealed.bytes.len() <= data.len()));
        said += &format!("{}", into.len());
    }
    Ok(said)
}

fn tried<E>(lock: &Result<Lock, E>) -> String {
    match lock {
        Ok(lock) if lock.rounds() < 1000 => format!("{:?}", lock.try_password("x")),
        _ => String::new(),
    }
}
