//! Every encrypted sample opens with its password to what `msoffcrypto-tool` made of it, and with no other.

use std::collections::BTreeMap;
use std::fs;

use docsift::Report;
use docsift_peers::crypto::{Case, cases, hex, opened, without_headers};
use docsift_peers::files::samples;

/// SHA-256 of the streams of binary documents that `msoffcrypto-tool` 6.1.0 made, without the headers
/// of [`without_headers`]. Its presentations are left out: it takes the master's objects for plain text.
const STREAMS: &[(&str, &str, &str)] = &[
    (
        "benign/poi/password_password_cryptoapi.doc",
        "1Table",
        "a8ca6d04065ec174b2c87c3db53dad3a5492ee99af924c22fa248104c72c5b30",
    ),
    (
        "benign/poi/password_password_cryptoapi.doc",
        "Data",
        "ce9062485860c877c5174155e759f5af64c3d8d8e7d109588cd48c8cf3b056ad",
    ),
    (
        "benign/poi/password_password_cryptoapi.doc",
        "WordDocument",
        "7fa973edcbfd8ef8be8f78d359e8ded5d492820458e65b8da14cb2dcb4f24216",
    ),
    (
        "benign/poi/password_tika_binaryrc4.doc",
        "1Table",
        "2bcd8905bac75d1f0f5b36b674f0b61f3ac7d5837e48b2bd4522f51211233f40",
    ),
    (
        "benign/poi/password_tika_binaryrc4.doc",
        "WordDocument",
        "faa89c00a9953e3f19a536c90cb98c46cb9f6a7a97c2d5444229e94b60dbccdf",
    ),
    (
        "benign/poi/35897-type4.xls",
        "Workbook",
        "029f37b37ba903c3fe901fda85ebda9daec3840f2da398b16cafc89d164c7515",
    ),
    ("benign/poi/50833.xls", "Workbook", "a6e950552cadb218f3db59fa8cda75cc3be135397b1c20c5f7eb45105087ab29"),
    (
        "benign/poi/password.xls",
        "Workbook",
        "d213c76cb2da93db0f0b53580be94b16bafc136fd8ce025df90ad6008593f146",
    ),
    (
        "benign/poi/xor-encryption-abc.xls",
        "Workbook",
        "102bbb314a56c5291a0296397886638e32a592e98c616077bf93712f5c508306",
    ),
    (
        "poc/oletools/encrypted.doc",
        "1Table",
        "c2201c7c256e6633903f66a63dd42fce620fb86280023b6e705be97f11948693",
    ),
    (
        "poc/oletools/encrypted.doc",
        "WordDocument",
        "259feefd339e45fc6954654a4337913f3279217c2e882703c8e7c106053f9026",
    ),
    (
        "poc/oletools/encrypted.xls",
        "Workbook",
        "cfad72379ad4c28b81536fc45fb2a82afd37525a43c412397302ab00351c33e5",
    ),
    (
        "benign/msoffcrypto/rc4cryptoapi_password.doc",
        "1Table",
        "f1d4e0aeec0156f38d4fa3c042f0d64f23c705587529918adb2bd2b9343c874e",
    ),
    (
        "benign/msoffcrypto/rc4cryptoapi_password.doc",
        "WordDocument",
        "2ef67d093b450bdd921c8e60618f8c9118fd2b4162e324f8f70761612524aba7",
    ),
    (
        "benign/msoffcrypto/rc4cryptoapi_password.xls",
        "Workbook",
        "0d0e0bd17fc3e0dba62fc9cc9d99ba931f7bd5dcffa6e907ca8e33727cf5e9b3",
    ),
    (
        "benign/msoffcrypto/xor_password_123456789012345.xls",
        "Workbook",
        "dcb4c7daa7513c2ebeb0d3c3ff8d9cf4806cdee3852de96c9f99a3b0354d1ff4",
    ),
    (
        "benign/calamine/issue_385.xls",
        "Workbook",
        "e9d2cb03a04a72a683ac574764dc334757b7634c2865177373c311cbc33ecec2",
    ),
    (
        "poc/oletools/autostart-encrypt-standardpassword.xls",
        "Workbook",
        "3694e8a9434e13ec69ca48a242a0b70b29dcdb9cf7843e6e38204c262446363b",
    ),
    (
        "poc/oletools/dde-test-encrypt-standardpassword.xls",
        "Workbook",
        "a0f515befa7d3afe1fa7e1994b745abf4e6a526882974e3a4a5259b6c0d9b76b",
    ),
    (
        "poc/maldoca/encrypted_no_formulas_12345.xls",
        "Workbook",
        "14769705e786c9cda114563c4623bc3fdb35e6f5a238b1ee156df60b768c7fd6",
    ),
    (
        "poc/maldoca/encrypted_workbook_12345.xls",
        "Workbook",
        "2c214e49fc963a42d512dc9aad75846648cb3c86a70719a25bba397f276f396f",
    ),
];

fn needs_password(report: &Report) -> bool {
    report.problems.iter().any(|problem| problem.kind == "needs_password")
}

#[test]
fn samples_open_with_their_password_to_the_same_bytes() {
    let Some(samples) = samples() else { return };
    let (mut same, mut wrong) = (BTreeMap::<String, u32>::new(), Vec::new());
    for Case { path, method, password, sha256 } in cases(&samples) {
        let Some(password) = password else { continue };
        let bytes = fs::read(samples.join(&path)).unwrap();
        let (report, parts) = opened(&bytes, &[&password]);
        if parts.is_empty() {
            let problems: Vec<_> = report.problems.iter().map(|problem| &problem.message).collect();
            wrong.push(format!("{path} ({method}): stays closed: {problems:?}"));
            continue;
        }
        if method.starts_with("ecma376") {
            let hash = parts.values().next().map(|bytes| hex(bytes));
            if sha256.is_some() && hash != sha256 {
                wrong.push(format!("{path} ({method}): other bytes"));
                continue;
            }
        }
        let differs = |stream: &str, expected: &str| {
            let end = format!("!/{stream}!/decrypted");
            let made = parts.iter().find(|(path, _)| path.ends_with(&end)).map(|(_, bytes)| bytes);
            made.is_none_or(|made| hex(&without_headers(stream, made, &bytes)) != expected)
        };
        let of_file = STREAMS.iter().filter(|(of, ..)| *of == path);
        let other: Vec<_> = of_file.filter(|(_, stream, hash)| differs(stream, hash)).collect();
        if !other.is_empty() {
            wrong.push(format!("{path} ({method}): other bytes in {other:?}"));
            continue;
        }
        *same.entry(method).or_default() += 1;
    }
    println!("{same:?}");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn samples_with_another_password_stay_closed_and_say_so() {
    let Some(samples) = samples() else { return };
    let mut wrong = Vec::new();
    for Case { path, method, password, .. } in cases(&samples) {
        let is_default = password.as_deref() == Some("VelvetSweatshop");
        let bytes = fs::read(samples.join(&path)).unwrap();
        for tried in [&[][..], &["not this one"]] {
            let (report, parts) = opened(&bytes, tried);
            let sources: Vec<_> = report.parts.iter().filter_map(|part| part.opened_with.as_ref()).collect();
            let by_default = sources.iter().all(|opened| opened.source == "office_default");
            // Two files of which the tool knows no password open with the default one as well.
            let may_open = is_default || password.is_none();
            if !by_default || (is_default && parts.is_empty()) || (!may_open && !parts.is_empty()) {
                wrong.push(format!("{path} ({method}): {:?} opened with {tried:?}", parts.keys()));
            }
            if parts.is_empty() && (report.verdict.complete || report.verdict.level.name() == "nothing_found")
            {
                wrong.push(format!(
                    "{path} ({method}): called {} with {tried:?}",
                    report.verdict.level.name()
                ));
            }
            if parts.is_empty() && password.is_some() && !needs_password(&report) {
                wrong.push(format!("{path} ({method}): does not say that it needs a password"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
