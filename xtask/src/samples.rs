//! Says what docsift finds in the public samples, and writes it to `docs/samples.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use docsift::report::Report;
use docsift::{Analyzer, Input, Level};
use serde_json::Value;

use crate::generated::Generated;

/// Why the samples could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SamplesError {
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    #[error("{} line {line}: {what}", path.display())]
    Line { path: PathBuf, line: usize, what: String },
}

/// A sample and its report.
struct Sample {
    path: String,
    label: String,
    report: Report,
}

impl Sample {
    fn level(&self) -> Level {
        self.report.verdict.level
    }
}

/// The page, or nothing where the samples are not at hand.
pub(crate) fn page(folder: &Path) -> Result<Option<Generated>, SamplesError> {
    if !folder.is_dir() {
        return Ok(None);
    }
    let samples = samples(folder)?;
    let mut page = String::from(
        "# What docsift says of the public samples\n\n\
         Written by `cargo xtask samples`, which needs the folder `../shared/samples`. Each file is analysed with the\n\
         default options: no password but those that are always tried, and its name. The labels are those of the\n\
         manifest there; a proof of concept may be harmless.\n\n",
    );
    levels(&samples, &mut page);
    let of = |label: &str, wanted: fn(Level) -> bool| {
        samples.iter().filter(|sample| sample.label == label && wanted(sample.level())).collect::<Vec<_>>()
    };
    section(
        &mut page,
        "Benign files that are suspicious or worse",
        "None may be malicious. Each is here with what made it suspicious.",
        &of("benign", |level| level >= Level::Suspicious),
    );
    section(
        &mut page,
        "Benign files that are inconclusive",
        "What kept them from being read to the end.",
        &of("benign", |level| level == Level::Inconclusive),
    );
    section(
        &mut page,
        "Proofs of concept that are suspicious or malicious",
        "",
        &of("poc", |level| level >= Level::Suspicious),
    );
    section(
        &mut page,
        "Proofs of concept that are neither",
        "Fixtures of parsers, and files whose trick is the password or the format.",
        &of("poc", |level| level < Level::Suspicious),
    );
    section(
        &mut page,
        "Damaged files that are suspicious or malicious",
        "",
        &of("malformed", |level| level >= Level::Suspicious),
    );
    section(
        &mut page,
        "Damaged files with nothing found",
        "Each was read to the end, whatever another reader makes of it.",
        &of("malformed", |level| level == Level::NothingFound),
    );
    unread_by_others(folder, &samples, &mut page)?;
    Ok(Some(("samples.md".to_owned(), page)))
}

fn samples(folder: &Path) -> Result<Vec<Sample>, SamplesError> {
    let path = folder.join("manifest.tsv");
    let manifest = read_text(&path)?;
    let analyzer = Analyzer::default();
    let mut samples = Vec::new();
    for (line, entry) in (1..).zip(manifest.lines()).skip(1) {
        let columns: Vec<&str> = entry.split('\t').collect();
        let (Some(file), Some(label)) = (columns.first(), columns.get(7)) else {
            return Err(SamplesError::Line { path, line, what: "too few columns".to_owned() });
        };
        if file.ends_with(".textproto") {
            continue;
        }
        let full = folder.join(file);
        let bytes = fs::read(&full).map_err(|error| SamplesError::Io { path: full.clone(), error })?;
        let name = full.file_name().unwrap_or_default().to_string_lossy();
        let report = analyzer.analyze(Input::named(&bytes, &name));
        samples.push(Sample { path: (*file).to_owned(), label: (*label).to_owned(), report });
    }
    samples.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(samples)
}

fn read_text(path: &Path) -> Result<String, SamplesError> {
    fs::read_to_string(path).map_err(|error| SamplesError::Io { path: path.to_owned(), error })
}

const LEVELS: [(&str, Level); 4] = [
    ("nothing found", Level::NothingFound),
    ("inconclusive", Level::Inconclusive),
    ("suspicious", Level::Suspicious),
    ("malicious", Level::Malicious),
];

fn level_name(level: Level) -> &'static str {
    LEVELS.iter().find(|(_, known)| *known == level).map_or("", |(name, _)| name)
}

/// How many files of each label are on each level.
fn levels(samples: &[Sample], page: &mut String) {
    page.push_str("| label | files | nothing found | inconclusive | suspicious | malicious |\n|---|---|---|---|---|---|\n");
    let labels: BTreeSet<&str> = samples.iter().map(|sample| sample.label.as_str()).collect();
    for label in labels {
        let of: Vec<&Sample> = samples.iter().filter(|sample| sample.label == label).collect();
        let _ = write!(page, "| {label} | {} |", of.len());
        for (_, level) in LEVELS {
            let _ = write!(page, " {} |", of.iter().filter(|sample| sample.level() == level).count());
        }
        page.push('\n');
    }
}

fn section(page: &mut String, title: &str, about: &str, samples: &[&Sample]) {
    let _ = write!(page, "\n## {title}\n\n");
    if !about.is_empty() {
        let _ = write!(page, "{about}\n\n");
    }
    if samples.is_empty() {
        page.push_str("None.\n");
        return;
    }
    page.push_str("| file | verdict | decided by | in a sentence |\n|---|---|---|---|\n");
    for sample in samples {
        let verdict = &sample.report.verdict;
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} |",
            cell(&sample.path),
            level_name(verdict.level),
            verdict.decided_by.join(" "),
            cell(&verdict.sentence)
        );
    }
}

/// Files on which every tool of `oracle/` that was asked failed, and what docsift read of them.
fn unread_by_others(folder: &Path, samples: &[Sample], page: &mut String) -> Result<(), SamplesError> {
    let mut answers: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
    for oracle in ["vba", "xlm", "cells"] {
        let path = folder.join(format!("oracle/{oracle}.jsonl"));
        for (line, text) in (1..).zip(read_text(&path)?.lines()) {
            let wrong = |what: String| SamplesError::Line { path: path.clone(), line, what };
            let answer: Value = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
            let file = answer["path"].as_str().ok_or_else(|| wrong("no path".to_owned()))?;
            let error = answer["error"].as_str().map(|error| format!("{oracle}: {error}"));
            answers.entry(file.to_owned()).or_default().push(error);
        }
    }
    page.push_str(
        "\n## Files that no other tool read\n\n\
         Every tool that was asked about the file failed (`oracle/README.md` there says which tools these are).\n\n\
         | file | the others | docsift | parts | VBA modules | XLM cells | texts | problems that bar |\n|---|---|---|---|---|---|---|---|\n",
    );
    for sample in samples {
        let Some(answers) = answers.get(&sample.path) else { continue };
        let Some(errors) = answers.iter().cloned().collect::<Option<Vec<String>>>() else { continue };
        let report = &sample.report;
        let barring: BTreeSet<&str> = report
            .problems
            .iter()
            .filter(|problem| problem.kind != "recovered")
            .map(|problem| problem.message.as_str())
            .collect();
        let barring: Vec<String> = barring.into_iter().take(2).map(short).collect();
        let errors: Vec<String> = errors.iter().map(|error| short(error)).collect();
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            cell(&sample.path),
            cell(&errors.join("; ")),
            level_name(sample.level()),
            report.parts.len(),
            report.macros.vba.len(),
            report.macros.xlm.iter().map(|sheet| sheet.cells.len()).sum::<usize>(),
            report.text.len(),
            cell(&barring.join("; "))
        );
    }
    Ok(())
}

/// The beginning of a message.
fn short(text: &str) -> String {
    const LONGEST: usize = 90;
    let start: String = text.chars().take(LONGEST).collect();
    if start.len() < text.len() { format!("{start}...") } else { start }
}

/// A text as it can stand in a cell of a table.
fn cell(text: &str) -> String {
    let plain: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    plain.replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*")
}
