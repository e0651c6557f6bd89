//! Encrypted samples with their passwords, and what docsift makes of them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use docsift::{Analyzer, Options, Report};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A line of `oracle/crypto.jsonl`.
pub struct Case {
    /// The sample, from the folder of samples.
    pub path: String,
    /// How it is encrypted.
    pub method: String,
    /// Its password, when that is known.
    pub password: Option<String>,
    /// SHA-256 of what `msoffcrypto-tool` made of it.
    pub sha256: Option<String>,
}

/// All encrypted samples.
///
/// # Panics
/// When the list cannot be read.
pub fn cases(samples: &Path) -> Vec<Case> {
    let lines = fs::read_to_string(samples.join("oracle/crypto.jsonl")).unwrap();
    let text = |value: &Value, name: &str| value[name].as_str().map(str::to_owned);
    let case = |line: &str| {
        let value: Value = serde_json::from_str(line).unwrap();
        Case {
            path: text(&value, "path").unwrap(),
            method: text(&value, "method").unwrap(),
            password: text(&value, "password"),
            sha256: text(&value, "decrypted_sha256"),
        }
    };
    lines.lines().map(case).collect()
}

/// The report, and the bytes of all parts that a password opened, by their way from the input.
///
/// # Panics
/// Never: the options make sense.
pub fn opened(bytes: &[u8], passwords: &[&str]) -> (Report, BTreeMap<String, Vec<u8>>) {
    let mut options = Options::default();
    options.passwords = passwords.iter().map(|&password| password.to_owned()).collect();
    let mut parts = BTreeMap::new();
    let report = Analyzer::new(options).unwrap().analyze_with(bytes, &mut |view| {
        if view.part.opened_with.is_some() {
            parts.insert(view.path.to_owned(), view.bytes.to_vec());
        }
    });
    (report, parts)
}

/// SHA-256 as text.
pub fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A stream of a binary document with zeros where the tool and we put other things: FILEPASS, what the
/// FIB says of the encryption, and the head of the table stream.
///
/// # Panics
/// When the stream or the file is not what it is called.
pub fn without_headers(stream: &str, plain: &[u8], file: &[u8]) -> Vec<u8> {
    let mut bytes = plain.to_vec();
    let word = |bytes: &[u8], at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    match stream {
        "Workbook" => {
            let mut at = 0;
            // Ours has the identifier 0 where FILEPASS was.
            while word(&bytes, at) != 0 {
                at += 4 + word(&bytes, at + 2);
            }
            let len = 4 + word(&bytes, at + 2);
            bytes[at..at + len].fill(0);
        }
        "WordDocument" => bytes[10..18].fill(0),
        "Data" => {}
        _ => {
            let mut file = cfb::CompoundFile::open(Cursor::new(file)).unwrap();
            let mut document = Vec::new();
            file.open_stream("WordDocument").unwrap().read_to_end(&mut document).unwrap();
            let header_len = word(&document, 14);
            bytes[..header_len].fill(0);
        }
    }
    bytes
}
