//! Public sample files, where they are at hand: words alone raise no honest one.

use std::fs;
use std::path::{Path, PathBuf};

use docsift::{Input, Level};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut waiting = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { waiting.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// With `--nocapture` every finding about words is printed with its file.
#[test]
fn no_honest_sample_is_suspicious_by_words() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples/benign");
    let analyzer = docsift::Analyzer::default();
    let mut raised = Vec::new();
    for path in files(&folder) {
        let Ok(bytes) = fs::read(&path) else { continue };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let report = analyzer.analyze(Input::named(&bytes, &name));
        let short = path.strip_prefix(&folder).unwrap_or(&path).display().to_string();
        for finding in report.findings.iter().filter(|finding| finding.rule.starts_with("LUR")) {
            println!("{short}: {} {}", finding.rule, finding.message);
        }
        let by_words = report.verdict.decided_by.iter().any(|rule| rule.starts_with("LUR"));
        if by_words && report.verdict.level >= Level::Suspicious {
            raised.push(format!("{short}: {:?}", report.verdict.decided_by));
        }
    }
    assert!(raised.is_empty(), "{}", raised.join("\n"));
}
