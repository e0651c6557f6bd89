//! Attachments of mails, against Python's `email` and against `extract_msg`.
//!
//! Without Python or the package, the test says so and passes.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use docsift_peers::crypto::hex;
use docsift_peers::files::{files_under, python_with, samples};
use serde_json::Value;

fn ours(bytes: &[u8]) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    docsift::Analyzer::default().analyze_with(bytes, &mut |view| {
        found.insert((view.part.name.clone(), hex(view.bytes)));
    });
    found
}

/// What the script says of each path.
fn theirs(python: &Path, paths: &[PathBuf]) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/attachments.py");
    let mut child =
        Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut names = child.stdin.take().unwrap();
    let list: String = paths.iter().map(|path| format!("{}\n", path.display())).collect();
    let writer = std::thread::spawn(move || names.write_all(list.as_bytes()).unwrap());
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said = lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    writer.join().unwrap();
    assert!(child.wait().unwrap().success());
    said
}

fn compared(python: &Path, paths: &[PathBuf], root: &Path) {
    let (mut attachments, mut refused, mut wrong) = (0, 0, Vec::new());
    for (path, said) in paths.iter().zip(theirs(python, paths)) {
        let short = path.strip_prefix(root).unwrap_or(path).display().to_string();
        let Some(rows) = said["attachments"].as_array() else {
            println!("{short}: theirs: {}", said["error"]);
            refused += 1;
            continue;
        };
        let ours = ours(&std::fs::read(path).unwrap());
        for row in rows {
            attachments += 1;
            let (name, sha256) = (row["name"].as_str().unwrap(), row["sha256"].as_str().unwrap());
            let same = |(our_name, our_hash): &(String, String)| {
                our_hash == sha256 && (name.is_empty() || our_name == name)
            };
            if !ours.iter().any(same) {
                let by_hash: Vec<_> =
                    ours.iter().filter(|(_, hash)| hash == sha256).map(|(name, _)| name).collect();
                wrong.push(format!(
                    "{short}: {name:?} of {} bytes; ours with its hash: {by_hash:?}",
                    row["size"]
                ));
            }
        }
    }
    println!("{} mails, {refused} refused by the peer, {attachments} attachments compared", paths.len());
    assert_eq!(wrong, Vec::<String>::new());
    assert!(attachments > 0);
}

#[test]
fn attachments_of_outlook_messages_are_those_of_extract_msg() {
    let Some(samples) = samples() else { return };
    let python = match python_with("extract_msg") {
        Ok(python) => python,
        Err(reason) => {
            println!("skipped: {reason}");
            return;
        }
    };
    let is_message = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "msg");
    let paths: Vec<_> = files_under(std::slice::from_ref(&samples)).into_iter().filter(is_message).collect();
    compared(&python, &paths, &samples);
}

#[test]
fn attachments_of_mails_are_those_of_pythons_email() {
    if Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: no Python");
        return;
    }
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/synthetic");
    let is_mail = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "eml");
    let paths: Vec<_> = files_under(std::slice::from_ref(&fixtures)).into_iter().filter(is_mail).collect();
    compared(Path::new("python3"), &paths, &fixtures);
}
