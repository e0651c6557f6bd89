//! The generated files are what the code says.

use std::process::Command;

fn check(task: &str) {
    let ran = Command::new(env!("CARGO_BIN_EXE_xtask")).args([task, "--check"]).output();
    let ran = ran.expect("the program of this package starts");
    assert!(
        ran.status.success(),
        "{}{}",
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr)
    );
}

#[test]
fn schemas() {
    check("schema");
}

#[test]
fn rule_pages() {
    check("rules");
}

#[test]
fn golden_reports() {
    check("golden");
}

#[test]
fn table_of_lures() {
    check("lures");
}

#[test]
fn table_of_functions() {
    check("functions");
}

#[test]
fn header_for_c() {
    check("header");
}
