//! Encrypted samples as the crate `msoffice-crypto` opens them, against ours: packages byte for byte,
//! streams of binary documents without what both put in the place of the encryption headers.
//!
//! The crate is called on a thread of its own for each file, so that a panic of it is a line of the
//! list and not the end of the test.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::thread;

use docsift_peers::crypto::{Case, cases, opened, without_headers};
use docsift_peers::files::samples;
use msoffice_crypto::{decrypt_binary_office, decrypt_ooxml};

/// Samples on which the two differ: path, how, and why ours is kept.
const KNOWN: &[(&str, &str, &str)] = &[
    (
        "benign/poi/bug53475-password-is-pass.docx",
        "theirs: BadParameters { field: EncryptedKeyKeyBits, problem: DigestMismatch { got: 256, hash: Sha1 } }",
        STRICT,
    ),
    (
        "benign/poi/extenxls_pwd123.xlsx",
        "theirs: Io(Error { kind: UnexpectedEof, message: \"failed to fill whole buffer\" })",
        STRICT,
    ),
    (
        "benign/poi/Password_Protected-56-hello.ppt",
        "PowerPoint Document: 116 bytes from 0x1890 to 0x19a2",
        SESSION,
    ),
    (
        "benign/poi/Password_Protected-hello.ppt",
        "PowerPoint Document: 116 bytes from 0x1890 to 0x199e",
        SESSION,
    ),
    (
        "benign/poi/Password_Protected-np-hello.ppt",
        "PowerPoint Document: 116 bytes from 0x18e8 to 0x19fa",
        SESSION,
    ),
    (
        "benign/poi/ppt_with_png_encrypted.ppt",
        "PowerPoint Document: 113 bytes from 0x1665 to 0x176f",
        SESSION,
    ),
    ("poc/oletools/encrypted.ppt", "PowerPoint Document: 113 bytes from 0x97c6 to 0x98cc", SESSION),
    (
        "benign/msoffcrypto/rc4cryptoapi_password.ppt",
        "PowerPoint Document: 117 bytes from 0x9620 to 0x972e",
        SESSION,
    ),
];

const STRICT: &str =
    "the crate refuses a file that is cut or states odd numbers; msoffcrypto-tool opens it as we do";
const SESSION: &str =
    "behind the slides: what the file says of its encryption, which the crate takes away and we keep";

/// What the crate makes of a file; its own words when that is nothing.
fn by_peer(bytes: &[u8], password: &str, is_package: bool) -> Result<Vec<u8>, String> {
    let (bytes, password) = (bytes.to_vec(), password.to_owned());
    let work = move || {
        let made = if is_package {
            decrypt_ooxml(&bytes, &password)
        } else {
            decrypt_binary_office(&bytes, &password)
        };
        made.map_err(|error| format!("{error:?}"))
    };
    thread::spawn(work).join().unwrap_or_else(|_| Err("panics".to_owned()))
}

fn stream(file: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut file = cfb::CompoundFile::open(Cursor::new(file)).ok()?;
    let mut bytes = Vec::new();
    file.open_stream(name).ok()?.read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// How the streams of a binary document differ.
fn differences(file: &[u8], theirs: &[u8], ours: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let mut found = Vec::new();
    let mut compared = 0;
    for name in
        ["Workbook", "Book", "WordDocument", "0Table", "1Table", "Data", "PowerPoint Document", "Pictures"]
    {
        let end = format!("!/{name}!/decrypted");
        let Some(ours) = ours.iter().find(|(path, _)| path.ends_with(&end)).map(|(_, bytes)| bytes) else {
            continue;
        };
        let Some(mut theirs) = stream(theirs, name) else {
            found.push(format!("{name}: only ours"));
            continue;
        };
        compared += 1;
        let mut ours = ours.clone();
        match name {
            "Workbook" | "Book" => {
                // Ours has the identifier 0 where FILEPASS was.
                let word = |at: usize| usize::from(u16::from_le_bytes([ours[at], ours[at + 1]]));
                let mut at = 0;
                while word(at) != 0 {
                    at += 4 + word(at + 2);
                }
                let end = at + 4 + word(at + 2);
                for bytes in [&mut ours, &mut theirs] {
                    bytes[at..end].fill(0);
                }
            }
            "PowerPoint Document" | "Pictures" => {}
            name => {
                ours = without_headers(name, &ours, file);
                theirs = without_headers(name, &theirs, file);
            }
        }
        if ours.len() != theirs.len() {
            found.push(format!("{name}: {} bytes ours, {} theirs", ours.len(), theirs.len()));
        } else if ours != theirs {
            let at: Vec<usize> = (0..ours.len()).filter(|at| ours[*at] != theirs[*at]).collect();
            found.push(format!("{name}: {} bytes from {:#x} to {:#x}", at.len(), at[0], at[at.len() - 1]));
        }
    }
    if compared == 0 {
        found.push("no stream in common".to_owned());
    }
    found
}

#[test]
fn samples_open_to_the_same_bytes_as_with_msoffice_crypto() {
    let Some(samples) = samples() else { return };
    let (mut same, mut wrong) = (BTreeMap::<String, u32>::new(), Vec::new());
    for Case { path, method, password, .. } in cases(&samples) {
        let Some(password) = password else { continue };
        let bytes = fs::read(samples.join(&path)).unwrap();
        let is_package = method.starts_with("ecma376");
        let (_, ours) = opened(&bytes, &[&password]);
        let differences = match by_peer(&bytes, &password, is_package) {
            Err(reason) => vec![format!("theirs: {reason}")],
            Ok(theirs) if is_package => {
                let is_same = ours.values().next() == Some(&theirs);
                if is_same { Vec::new() } else { vec!["other bytes".to_owned()] }
            }
            Ok(theirs) => differences(&bytes, &theirs, &ours),
        };
        match differences.as_slice() {
            [] => *same.entry(method).or_default() += 1,
            differences => {
                let line = differences.join("; ");
                if !KNOWN.iter().any(|known| (known.0, known.1) == (path.as_str(), line.as_str())) {
                    wrong.push(format!("{path} ({method}): {line}"));
                }
            }
        }
    }
    println!("{same:?}");
    assert_eq!(wrong, Vec::<String>::new());
}
