//! What README.md shows is what happens.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// The fenced blocks of a language.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let opening = format!("```{language}\n");
    text.split(&*opening).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// Runs each `$ docsift` line of the console blocks; `[exit N]` below it is its exit code.
#[test]
fn console_examples_end_as_they_say() {
    let readme = readme();
    let parts = std::env::temp_dir().join(format!("docsift-readme-{}", std::process::id()));
    let mut count = 0;
    let blocks = blocks(&readme, "console").join("");
    let lines: Vec<&str> = blocks.lines().collect();
    for pair in lines.windows(2) {
        let Some(command) = pair[0].strip_prefix("$ docsift ") else { continue };
        let code: i32 = pair[1].strip_prefix("[exit ").unwrap().trim_end_matches(']').parse().unwrap();
        let command = command.replace("PARTS", parts.to_str().unwrap());
        let output = Command::new(env!("CARGO_BIN_EXE_docsift"))
            .args(command.split(' '))
            .current_dir(root())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "docsift {command}: {err}");
        count += 1;
    }
    let _ = fs::remove_dir_all(&parts);
    assert!(count >= 6, "only {count} examples");
}

#[test]
fn rust_example_is_the_one_that_is_built_and_run() {
    let example = fs::read_to_string(root().join("examples/report.rs")).unwrap();
    assert_eq!(blocks(&readme(), "rust"), [example]);
}

/// `cargo xtask ctest` builds and runs that file.
#[test]
fn c_example_is_the_one_that_is_built_and_run() {
    let example = fs::read_to_string(root().join("examples/c/scan_file.c")).unwrap();
    let page = fs::read_to_string(root().join("docs/c-api.md")).unwrap();
    assert_eq!(blocks(&page, "c"), [&*example]);
    for block in blocks(&readme(), "c") {
        assert_eq!(block, example, "README.md shows another one");
    }
}
