//! Time from a mail to its verdict, and of what opens encrypted content, beside `zip` and `msoffice-crypto`.

use std::io::{Cursor, Read, Write};
use std::time::Duration;

use docsift::base::{Budget, Cx, Limits, PartId, Problems, Stage};
use docsift::containers::cfb::{self, CompoundFile};
use docsift::containers::zip as ours;
use docsift::crypto::archive::{winzip_aes, zip_crypto};
use docsift::documents::decrypt::{info, package};
use docsift_corpus::container::compound_file;
use docsift_corpus::mail::Mail;
use docsift_corpus::zip::{Member, Zip};
use docsift_corpus::{agile, fixtures, zip_crypt};
use zip::unstable::write::FileOptionsExt;
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipArchive, ZipWriter};

use super::{median, ms, time};

const PASSWORD: &str = "QWTAYLZNK";

/// Rounds of the hash that Office 2013 and later ask for.
const OFFICE_ROUNDS: u32 = 100_000;

/// Bytes of the archives' content and of the encrypted package.
const CONTENT: usize = 16 << 20;

/// Prints all of it.
pub(super) fn print(rounds: usize) {
    println!("\n{:<44} {:>12} {:>12}", "mail to verdict", "median", "fastest");
    for fixture in fixtures::all().iter().filter(|fixture| fixture.name.starts_with("mail-delivery")) {
        print_line(fixture.name, &times(rounds, || docsift::analyze(&fixture.bytes)));
    }
    print_agile_mails(rounds);
    println!("\n{:<44} {:>12} {:>12}", "archives, 16 MiB stored", "docsift", "zip");
    print_archives(rounds);
    print_agile_open(rounds);
}

fn times<T>(rounds: usize, work: impl Fn() -> T) -> Vec<Duration> {
    work();
    (0..rounds).map(|_| time(&work)).collect()
}

fn print_line(name: &str, times: &[Duration]) {
    let fastest = times.iter().min().copied().unwrap_or_default();
    println!("{name:<44} {:>12} {:>12}", ms(median(times.to_vec())), ms(fastest));
}

/// A mail with an archive that holds an Agile document, opened by the last of so many passwords.
fn print_agile_mails(rounds: usize) {
    let document = docsift_corpus::zip::stored("word/document.xml", b"<w:document/>");
    let encrypted = agile::encrypt_with(&document, PASSWORD, OFFICE_ROUNDS);
    let file = compound_file("00000000-0000-0000-0000-000000000000", &encrypted);
    let archive = Zip::of([zip_crypt::zip_crypto(Member::deflated("a.docx", &file), PASSWORD)]);
    let archive = archive.into_bytes();
    let mut medians = Vec::new();
    for tried in [1, 5] {
        let mut text: String = (1..tried).map(|number| format!("password: w{number:07}X\r\n")).collect();
        text += &format!("Password: {PASSWORD}\r\n");
        let mail = Mail::new("<a@one.invalid>", "x", &text).attach("a.zip", archive.clone()).into_bytes();
        let report = docsift::analyze(&mail);
        let opened = report.parts.iter().filter(|part| part.opened_with.is_some()).count();
        let times = times(rounds, || docsift::analyze(&mail));
        print_line(&format!("Agile in ZipCrypto, {tried} named, {opened} opened"), &times);
        medians.push(median(times).as_secs_f64() * 1e3);
    }
    if let [one, five] = medians.as_slice() {
        println!("{:<44} {:>9.3} ms", "each further Agile password", (five - one) / 4.0);
    }
}

fn with_cx<T>(work: impl FnOnce(&mut Cx<'_>) -> T) -> T {
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    let stage = Stage::Archive;
    work(&mut Cx { part: PartId(0), stage, budget: &mut budget, problems: &mut problems })
}

fn content() -> Vec<u8> {
    let mut state = 1u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    (0..CONTENT).map(|_| next()).collect()
}

fn print_archives(rounds: usize) {
    let content = content();
    for (name, mode) in
        [("ZipCrypto", None), ("AES-128", Some(AesMode::Aes128)), ("AES-256", Some(AesMode::Aes256))]
    {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let options = match mode {
            Some(mode) => Ok(options.with_aes_encryption(mode, PASSWORD)),
            None => options.with_deprecated_encryption(PASSWORD.as_bytes()),
        };
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let written = options.and_then(|options| writer.start_file("a", options));
        let written = written.and_then(|()| Ok(writer.write_all(&content)?)).and_then(|()| writer.finish());
        let Ok(archive) = written.map(Cursor::into_inner) else {
            println!("{name}: zip does not write it");
            continue;
        };
        let by_us = || {
            with_cx(|cx| {
                let mut read = ours::Archive::default();
                ours::read(&archive, &mut read, cx).ok()?;
                let entry = read.entries().first()?;
                let data = entry.raw(&archive);
                let packed = match entry.aes {
                    Some(aes) => winzip_aes(PASSWORD.as_bytes(), data, aes.strength)?,
                    None => zip_crypto(PASSWORD.as_bytes(), data, entry.check_byte())?,
                };
                let mut made = Vec::new();
                let opened = entry.unpack(0, &packed, &mut made, cx).ok()?;
                (opened == ours::Content::Whole).then_some(made)
            })
        };
        let by_zip = || {
            let mut archive = ZipArchive::new(Cursor::new(&archive)).ok()?;
            let mut made = Vec::new();
            archive.by_index_decrypt(0, PASSWORD.as_bytes()).ok()?.read_to_end(&mut made).ok()?;
            Some(made)
        };
        if by_us().as_ref() != Some(&content) || by_zip().as_ref() != Some(&content) {
            println!("{name}: not opened");
            continue;
        }
        let rate = |times: Vec<Duration>| content.len() as f64 / 1e6 / median(times).as_secs_f64();
        let (ours, theirs) = (rate(times(rounds, by_us)), rate(times(rounds, by_zip)));
        println!("{name:<44} {ours:>7.0} MB/s {theirs:>7.0} MB/s");
    }
}

/// One encrypted package of 16 MiB under 100,000 rounds.
fn print_agile_open(rounds: usize) {
    let content = content();
    for (what, content) in
        [("Agile package of 16 MiB", &content[..]), ("Agile package of 20 kB", &content[..20_000])]
    {
        let encrypted = agile::encrypt_with(content, PASSWORD, OFFICE_ROUNDS);
        let file = compound_file("00000000-0000-0000-0000-000000000000", &encrypted);
        let by_us = || {
            with_cx(|cx| {
                let mut compound = CompoundFile::default();
                cfb::read(&file, &mut compound, cx).ok()?;
                let mut stream = |name: &str| {
                    let entry = compound.child(0, name)?.id;
                    Some(compound.stream(entry, cx).ok()?.bytes(cx).ok()?.into_owned())
                };
                let (stated, encrypted) = (stream("EncryptionInfo")?, stream("EncryptedPackage")?);
                let lock = info::encryption_info(&stated).ok()?;
                let key = lock.try_password(PASSWORD)?;
                package::decrypt(&encrypted, &lock, &key, cx).ok()?
            })
        };
        let by_peer = || msoffice_crypto::decrypt_ooxml(&file, PASSWORD).ok();
        let (ours, theirs) = (by_us(), by_peer());
        if ours.as_deref() != Some(content) {
            println!("{what}: not opened");
            continue;
        }
        let same =
            if theirs.as_deref() == Some(content) { "" } else { "  (msoffice-crypto gives other bytes)" };
        let (ours, theirs) = (median(times(rounds, by_us)), median(times(rounds, by_peer)));
        println!("{:<44} {:>12} {:>12}  docsift, msoffice-crypto{same}", what, ms(ours), ms(theirs));
    }
}
