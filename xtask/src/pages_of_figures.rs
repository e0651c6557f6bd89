//! Pages whose measured parts are written by the tasks that measure.
//!
//! A part stands between `<!-- measured: NAME -->` and `<!-- end -->`. The prose around it is
//! written by hand.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Why a page was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FiguresError {
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    #[error("{page} has no part {name:?}")]
    NoPart { page: &'static str, name: &'static str },
}

/// Puts each text in the place of the part with its name.
pub(crate) fn write(
    root: &Path,
    page: &'static str,
    parts: &[(&'static str, String)],
) -> Result<(), FiguresError> {
    let path = root.join("docs").join(page);
    let fail = |error| FiguresError::Io { path: path.clone(), error };
    let mut text = fs::read_to_string(&path).map_err(fail)?;
    for (name, part) in parts {
        text = with(&text, name, part).ok_or(FiguresError::NoPart { page, name })?;
    }
    fs::write(&path, text).map_err(fail)
}

/// Puts rows in the place of those with the same first cell in a table, and keeps the others of
/// `known`.
pub(crate) fn write_rows(
    root: &Path,
    page: &'static str,
    name: &'static str,
    head: &str,
    rows: &[(&str, String)],
    known: &[String],
) -> Result<(), FiguresError> {
    let path = root.join("docs").join(page);
    let text = fs::read_to_string(&path).map_err(|error| FiguresError::Io { path, error })?;
    write(root, page, &[(name, table(&text, name, head, rows, known))])
}

fn table(text: &str, name: &str, head: &str, rows: &[(&str, String)], known: &[String]) -> String {
    let part = text.split_once(&format!("<!-- measured: {name} -->\n"));
    let part = part.and_then(|(_, rest)| rest.split_once("<!-- end -->")).map_or("", |(part, _)| part);
    let mut table = head.to_owned();
    for known in known {
        let new = rows.iter().find(|(name, _)| name == known).map(|(_, row)| row.as_str());
        let old = || part.lines().find(|line| line.starts_with(&format!("| {known} |")));
        if let Some(row) = new.or_else(old) {
            table.push('\n');
            table.push_str(row);
        }
    }
    table
}

fn with(text: &str, name: &str, part: &str) -> Option<String> {
    let (before, rest) = text.split_once(&format!("<!-- measured: {name} -->\n"))?;
    let (_, after) = rest.split_once("<!-- end -->")?;
    let part = part.trim();
    Some(format!("{before}<!-- measured: {name} -->\n{part}\n<!-- end -->{after}"))
}

#[cfg(test)]
mod tests {
    use super::{table, with};

    #[test]
    fn rows_are_replaced_kept_and_dropped() {
        let page = "<!-- measured: x -->\n| h |\n|---|\n| a | 1 |\n| b | 1 |\n| gone | 1 |\n<!-- end -->\n";
        let known = ["a", "b", "c"].map(str::to_owned);
        let rows = [("c", "| c | 2 |".to_owned()), ("b", "| b | 2 |".to_owned())];
        let wanted = "| h |\n|---|\n| a | 1 |\n| b | 2 |\n| c | 2 |";
        assert_eq!(table(page, "x", "| h |\n|---|", &rows, &known), wanted);
    }

    #[test]
    fn a_part_is_replaced_and_the_rest_stays() {
        let page = "a\n<!-- measured: x -->\nold\n<!-- end -->\nb\n<!-- measured: y -->\n<!-- end -->\n";
        let new = "a\n<!-- measured: x -->\nnew\n<!-- end -->\nb\n<!-- measured: y -->\n<!-- end -->\n";
        assert_eq!(with(page, "x", "new\n\n").as_deref(), Some(new));
        assert_eq!(with(page, "z", "new"), None);
    }
}
