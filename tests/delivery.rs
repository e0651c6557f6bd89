//! A delivery from outside: one call on the mail, and what it tells.

use std::path::Path;

use docsift::report::Report;
use docsift::{Analyzer, Input, analyze};

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/synthetic");
    std::fs::read(folder.join(name)).unwrap()
}

/// How each part was opened: its way, the method, the password and where that comes from.
fn opened(report: &Report) -> Vec<(String, &'static str, String, &'static str)> {
    let opened = report.parts.iter().filter_map(|part| Some((part.path.clone(), part.opened_with.as_ref()?)));
    opened.map(|(path, how)| (path, how.method, how.password.clone(), how.source)).collect()
}

#[test]
fn each_twin_is_opened_to_its_workbook_in_one_call_and_says_how() {
    const RC4: &str = "RC4 with a 40-bit key";
    for (name, archive, inside, method, is_sealed) in [
        ("mail-delivery-english.eml", "X8099607585O.zip", "X8099607585O.xls", "ZipCrypto", false),
        ("mail-delivery-english-aes.eml", "X8099607585O.zip", "X8099607585O.xls", "ZIP with AES-256", true),
        ("mail-delivery-japanese-jis.eml", "請求書.zip", "X8099607585O.xls", "ZipCrypto", false),
        ("mail-delivery-japanese-sjis.eml", "請求書.zip", "X8099607585O.xls", "ZIP with AES-128", false),
        ("mail-delivery-japanese-utf8.eml", "請求書.zip", "X8099607585O.xls", "ZIP with AES-192", true),
    ] {
        let report = Analyzer::default().analyze(Input::named(&fixture(name), name));
        assert_eq!((report.verdict.level.name(), report.verdict.complete), ("malicious", true), "{name}");
        let workbook = format!("{name}!/{archive}!/{inside}");
        let mut expected = vec![(workbook.clone(), method, "QWTAYLZNK".to_owned(), "mail_body")];
        if is_sealed {
            let stream = format!("{workbook}!/Workbook!/decrypted");
            expected.push((stream, RC4, "VelvetSweatshop".to_owned(), "office_default"));
        }
        assert_eq!(opened(&report), expected, "{name}");
        let hops = report.parts.iter().filter(|part| workbook.starts_with(&part.path));
        let hops: Vec<_> = hops.map(|part| (part.kind, part.size > 0, part.sha256.is_some())).collect();
        assert_eq!(hops, [("eml", true, true), ("zip", true, true), ("compound_file", true, true)], "{name}");
        assert!(report.active_content.has_xlm, "{name}");
    }
}

#[test]
fn password_in_another_code_than_utf_8_is_named_as_text() {
    let report = analyze(&fixture("mail-password-japanese.eml"));
    let (_, method, password, source) = opened(&report).remove(0);
    assert_eq!((method, password.as_str(), source), ("ZipCrypto", "請求書2022", "mail_body"));
}

#[test]
fn a_workbook_that_stays_closed_is_told_once() {
    for name in ["encrypted-xor.xls", "encrypted-rc4.xls"] {
        let report = analyze(&fixture(name));
        let told: Vec<_> =
            report.problems.iter().filter(|problem| problem.kind == "needs_password").collect();
        assert_eq!(told.len(), 1, "{name}: {told:?}");
        assert!(told[0].message.contains("none of 3 passwords opens it"), "{name}: {told:?}");
    }
}

#[test]
fn archives_that_are_not_opened_are_named_with_what_is_missing() {
    let report = analyze(&fixture("archives-not-opened.eml"));
    let mut told: Vec<_> =
        report.problems.iter().map(|problem| format!("{}: {}", problem.kind, problem.message)).collect();
    told.sort();
    let unread = |kind: &str, rest: &str| format!("unsupported: {kind} is recognised, but not read{rest}");
    let named = "; it names 2 files";
    assert_eq!(
        told,
        [
            unread("7z", ""),
            unread("bzip2", ""),
            unread("cab", named),
            unread("lzh", named),
            unread("rar", named),
            unread("rar", named),
            unread("vhd", ""),
            unread("xz", ""),
        ]
    );
    let report = analyze(&fixture("mail-encrypted-rar.eml"));
    let told: Vec<_> =
        report.problems.iter().map(|problem| (problem.kind, problem.message.as_str())).collect();
    let takes = "is recognised, but not read: it is encrypted, and takes its password and a program for";
    assert_eq!(
        told,
        [
            ("needs_password", format!("rar {takes} rar; it names one file").as_str()),
            ("needs_password", format!("7z {takes} 7z; the list of its files is encrypted as well").as_str()),
        ]
    );
}

/// Kinds and values of the indicators that a zone identifier gives.
fn of_zone(zone: &[u8]) -> Vec<(String, String)> {
    let report = Analyzer::default().analyze(Input::from(&b"nothing"[..]).with_zone(zone));
    let found = report.indicators.iter().map(|found| (found.kind.to_owned(), found.value.clone()));
    let mut found: Vec<_> = found.filter(|(kind, _)| kind == "url").collect();
    found.sort();
    found
}

#[test]
fn addresses_of_a_zone_identifier_are_indicators() {
    let url = |value: &str| ("url".to_owned(), value.to_owned());
    let both = [url("https://host.invalid/a.xls"), url("https://page.invalid/list")];
    let text = "[ZoneTransfer]\r\nZoneId=3\r\nReferrerUrl=https://page.invalid/list\r\nHostUrl=https://host.invalid/a.xls\r\n";
    assert_eq!(of_zone(text.as_bytes()), both);
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(of_zone(&wide), both);
    assert_eq!(of_zone(b"[ZoneTransfer]\nzoneid = 3\nhosturl = https://host.invalid/a.xls"), both[..1]);
    for none in [&b""[..], b"ZoneId=3", b"HostUrl=", b"Other=https://host.invalid/a.xls", &[0xFF; 100]] {
        assert_eq!(of_zone(none), []);
    }
    // Only its head is looked at.
    let mut long = vec![b'x'; 1 << 20];
    long.extend(text.as_bytes());
    assert_eq!(of_zone(&long), []);
    let without = analyze(b"nothing");
    let with = Analyzer::default().analyze(Input::from(&b"nothing"[..]).with_zone(b"ZoneId=3"));
    assert_eq!(without, with);
}
