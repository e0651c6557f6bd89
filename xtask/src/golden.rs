//! Whole reports of the fixtures.

use std::fs;
use std::path::Path;

use docsift::{Analyzer, Input};

use crate::generated::{Generated, GeneratedError};

/// The report of every file in `corpus/synthetic`, as indented JSON.
pub(crate) fn golden(corpus: &Path) -> Result<Vec<Generated>, GeneratedError> {
    let folder = corpus.join("synthetic");
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| GeneratedError::Io { path, error }
    };
    let analyzer = Analyzer::default();
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).map_err(at(&folder))? {
        let path = entry.map_err(at(&folder))?.path();
        let bytes = fs::read(&path).map_err(at(&path))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let report = analyzer.analyze(Input::named(&bytes, &name));
        files.push((format!("{name}.json"), format!("{}\n", report.to_json_pretty())));
    }
    files.sort();
    Ok(files)
}
