//! The delivery of a mail on the command line: its chain, where it comes from, and what is written of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A folder of its own for each test; gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("docsift-delivery-{}-{test}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn run<I: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = I>) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_docsift"));
    let Output { status, stdout, stderr } =
        command.args(args).env_remove("NO_COLOR").stdin(Stdio::null()).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/synthetic").join(name)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn report(args: &[&str]) -> Value {
    let (_, out, err) = run([&["scan", "--json"], args].concat());
    let line: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out} {err}"));
    line["report"].clone()
}

#[test]
fn the_chain_from_mail_to_workbook_is_one_line() {
    let (code, out, _) = run(["scan", text(&fixture("mail-delivery-english-aes.eml"))]);
    assert_eq!(code, Some(1));
    let chain = "  mail-delivery-english-aes.eml!/X8099607585O.zip!/X8099607585O.xls!/Workbook!/decrypted";
    let mut lines = out.lines().skip_while(|line| *line != "The way to it").skip(1);
    assert_eq!(lines.next(), Some(chain));
    let hops: Vec<&str> = lines.take(5).map(str::trim).collect();
    assert!(
        hops[1].starts_with("X8099607585O.zip: zip, ") && hops[1].contains(" bytes, sha256 "),
        "{hops:?}"
    );
    assert!(hops[2].ends_with("ZIP with AES-256 opened with \"QWTAYLZNK\" (mail body)"), "{hops:?}");
    let last = "RC4 with a 40-bit key opened with \"VelvetSweatshop\" (office default)";
    assert!(hops[4].starts_with("decrypted: biff8, ") && hops[4].ends_with(last), "{hops:?}");
}

#[test]
fn password_of_the_command_line_or_of_a_file_opens_what_no_mail_names() {
    let folder = Folder::new("passwords");
    let mail = fixture("mail-password-unknown.eml");
    let opened = |args: &[&str]| {
        let report = report(&[args, &[text(&mail)]].concat());
        let parts = report["parts"].as_array().unwrap();
        let opened = parts.iter().map(|part| part["opened_with"].clone()).find(|opened| opened.is_object());
        (report["verdict"]["level"].as_str().unwrap().to_owned(), opened)
    };
    assert_eq!(opened(&[]), ("inconclusive".to_owned(), None));
    let list = folder.write("list", b"one\ntwo\nanother way\n");
    for args in [["--password", "another way"], ["--passwords-file", text(&list)]] {
        let (level, how) = opened(&args);
        assert_eq!(level, "nothing_found");
        let how = how.unwrap();
        assert_eq!((&how["password"], &how["source"]), (&"another way".into(), &"caller".into()));
    }
}

const ZONE: &[u8] = b"[ZoneTransfer]\r\nZoneId=3\r\nReferrerUrl=https://page.invalid/list\r\nHostUrl=https://host.invalid/plain.xls\r\n";

fn addresses(report: &Value) -> Vec<&str> {
    let all = report["indicators"].as_array().unwrap();
    let urls = all.iter().filter(|indicator| indicator["kind"] == "url");
    urls.map(|indicator| indicator["value"].as_str().unwrap()).collect()
}

#[test]
fn where_a_file_comes_from_is_read_beside_it_or_from_a_named_file() {
    let folder = Folder::new("zone");
    let plain = folder.write("plain.xls", &fs::read(fixture("array-formula.xls")).unwrap());
    assert_eq!(addresses(&report(&[text(&plain)])), [""; 0]);
    let expected = ["https://host.invalid/plain.xls", "https://page.invalid/list"];
    let sorted = |report: &Value| {
        let mut found: Vec<String> = addresses(report).iter().map(|&url| url.to_owned()).collect();
        found.sort();
        found
    };
    let named = folder.write("noted", ZONE);
    assert_eq!(sorted(&report(&["--zone-identifier", text(&named), text(&plain)])), expected);
    let missing = folder.0.join("missing");
    let (code, _, err) = run(["scan", "--zone-identifier", text(&missing), text(&plain)]);
    assert!(code == Some(2) && err.contains("cannot read the zone identifier"), "{err}");
    let (code, _, err) = run(["scan", "--zone-identifier", text(&named), text(&plain), text(&named)]);
    assert!(code == Some(2) && err.contains("--zone-identifier is of one file"), "{err}");
}

#[cfg(unix)]
#[test]
fn side_file_is_read_with_its_file_and_not_on_its_own() {
    let folder = Folder::new("side");
    let plain = folder.write("plain.xls", &fs::read(fixture("array-formula.xls")).unwrap());
    folder.write("plain.xls:Zone.Identifier", ZONE);
    folder.write("of nothing:Zone.Identifier", ZONE);
    assert_eq!(addresses(&report(&[text(&plain)])).len(), 2);
    let (_, out, _) = run(["scan", "--json", text(&folder.0)]);
    let paths: Vec<String> = out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["path"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(paths.len(), 2, "{paths:?}");
    assert!(paths.contains(&text(&plain).to_owned()));
}

/// A mail with attachments of these names, each with its number as content.
fn mail_with(names: &[&str]) -> Vec<u8> {
    let mut out = String::from(
        "From: <a@one.invalid>\r\nTo: <b@two.invalid>\r\nSubject: x\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n",
    );
    for (number, name) in names.iter().enumerate() {
        let encoded: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
        out += &format!(
            "--b\r\nContent-Type: application/octet-stream\r\n\
             Content-Disposition: attachment; filename*=UTF-8''{encoded}\r\n\r\n{number}\r\n"
        );
    }
    (out + "--b--\r\n").into_bytes()
}

#[test]
fn extract_writes_attachments_of_hostile_names_inside_its_folder_only() {
    let folder = Folder::new("hostile");
    let long = "x".repeat(300);
    let names = [
        "../../outside.xls",
        "..\\..\\outside.xls",
        "/etc/outside.xls",
        "C:\\Windows\\outside.xls",
        "CON",
        "nul.txt",
        "invoice\u{202e}slx.exe",
        &long,
        "..",
        "a\r\nb.xls",
        "same.xls",
        "SAME.xls",
        "run.exe",
    ];
    let mail = folder.write("mail.eml", &mail_with(&names));
    let target = folder.0.join("one/two/out");
    let (code, _, err) = run(["extract", text(&mail), "-o", text(&target)]);
    assert!(code == Some(3), "{code:?} {err}");
    let index: Value = serde_json::from_str(&fs::read_to_string(target.join("index.json")).unwrap()).unwrap();
    let files = index["files"].as_array().unwrap();
    for (number, name) in names.iter().enumerate() {
        let of = |file: &&Value| {
            fs::read(target.join(file["file"].as_str().unwrap())).ok()
                == Some(number.to_string().into_bytes())
        };
        let file = files.iter().find(of).unwrap_or_else(|| panic!("{name:?}: {index:#}"));
        let given = file["file"].as_str().unwrap();
        let (under, given) = given.split_once('/').unwrap();
        assert_eq!(under, "files", "{given}");
        assert!(given.len() <= 120 && given.ends_with(".bin"), "{given}");
        assert!(
            !given.contains(['/', '\\', ':', '\u{202e}', '\r', '\n']) && !given.starts_with('.'),
            "{given}"
        );
        let stem = given.split('.').next().unwrap().to_uppercase();
        assert!(stem != "CON" && stem != "NUL", "{given}");
    }
    // Nothing lies anywhere but in the folder.
    let mut all = Vec::new();
    let mut folders = vec![folder.0.clone()];
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() { folders.push(path) } else { all.push(path) }
        }
    }
    assert!(all.iter().all(|path| path.starts_with(&target) || *path == mail), "{all:?}");
}

#[test]
fn extract_writes_attachments_and_what_was_decrypted() {
    let folder = Folder::new("decrypted");
    let target = folder.0.join("out");
    let (_, _, err) = run(["extract", text(&fixture("mail-delivery-english-aes.eml")), "-o", text(&target)]);
    let index: Value = serde_json::from_str(&fs::read_to_string(target.join("index.json")).unwrap()).unwrap();
    let files = index["files"].as_array().unwrap();
    let written = |end: &str| {
        let file = files.iter().find(|file| file["path"].as_str().is_some_and(|path| path.ends_with(end)));
        let file = file.unwrap_or_else(|| panic!("{end}: {err} {index:#}"));
        fs::read(target.join(file["file"].as_str().unwrap())).unwrap()
    };
    assert!(written("!/X8099607585O.zip").starts_with(b"PK"));
    assert!(written("!/X8099607585O.xls").starts_with(b"\xd0\xcf\x11\xe0"));
    // BOF of a workbook, and FILEPASS taken out.
    let plain = written("!/Workbook!/decrypted");
    assert!(plain.starts_with(&[0x09, 0x08]) && written("!/Workbook") != plain);
    let sheets = files.iter().filter(|file| file["kind"] == "xlm").count();
    assert!(sheets > 0, "{index:#}");
}
