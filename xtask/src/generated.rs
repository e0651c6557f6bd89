//! Files that are written from code, and the check that they are up to date.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Whether files are written or compared.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Check {
    /// Write nothing; fail when a file would change
    #[arg(long)]
    pub(crate) check: bool,
}

/// A generated file and its content.
pub(crate) type Generated = (String, String);

/// Why generated files could not be written, or are not what the code says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GeneratedError {
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    #[error("out of date: {}\nrun `cargo xtask {task}` and commit what it writes", names.join(", "))]
    OutOfDate { task: &'static str, names: Vec<String> },
}

/// Writes `files` to `folder`, or with `check` compares them.
pub(crate) fn bring(
    folder: &Path,
    files: &[Generated],
    check: bool,
    task: &'static str,
) -> Result<(), GeneratedError> {
    let mut names = Vec::new();
    for (name, content) in files {
        let path = folder.join(name);
        let there = match fs::read_to_string(&path) {
            Ok(there) => Some(there),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(GeneratedError::Io { path, error }),
        };
        if there.as_deref() != Some(content) {
            names.push(name.clone());
            if !check {
                fs::create_dir_all(folder)
                    .and_then(|()| fs::write(&path, content))
                    .map_err(|error| GeneratedError::Io { path, error })?;
            }
        }
    }
    finish(names, files.len(), check, task)
}

/// The same for a folder that holds nothing else: other files there are removed, or named.
pub(crate) fn bring_all(
    folder: &Path,
    files: &[Generated],
    check: bool,
    task: &'static str,
) -> Result<(), GeneratedError> {
    let mut stale = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.map_err(|error| GeneratedError::Io { path: folder.to_owned(), error })?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !files.iter().any(|(known, _)| *known == name) {
            if !check {
                fs::remove_file(entry.path())
                    .map_err(|error| GeneratedError::Io { path: entry.path(), error })?;
            }
            stale.push(format!("{name} (nothing makes it)"));
        }
    }
    match bring(folder, files, check, task) {
        Err(GeneratedError::OutOfDate { task, mut names }) => {
            names.extend(stale);
            Err(GeneratedError::OutOfDate { task, names })
        }
        Ok(()) if !stale.is_empty() => finish(stale, files.len(), check, task),
        result => result,
    }
}

fn finish(names: Vec<String>, count: usize, check: bool, task: &'static str) -> Result<(), GeneratedError> {
    if check && !names.is_empty() {
        return Err(GeneratedError::OutOfDate { task, names });
    }
    for name in &names {
        println!("{task}: {name}");
    }
    if names.is_empty() {
        println!("{task}: {count} files, all up to date");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_names_what_is_missing_changed_and_stale() {
        let folder = std::env::temp_dir().join(format!("docsift-xtask-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let file = |name: &str, content: &str| (name.to_owned(), content.to_owned());
        let check =
            |files: &[Generated]| bring_all(&folder, files, true, "rules").map_err(|error| error.to_string());
        let out_of_date = |names: &str| {
            Err(format!("out of date: {names}\nrun `cargo xtask rules` and commit what it writes"))
        };
        let first = [file("a", "1"), file("b", "2")];
        assert_eq!(check(&first), out_of_date("a, b"));
        assert!(!folder.exists(), "a check wrote");
        bring_all(&folder, &first, false, "rules").unwrap();
        assert_eq!(check(&first), Ok(()));
        let second = [file("a", "1"), file("c", "3")];
        assert_eq!(check(&second), out_of_date("c, b (nothing makes it)"));
        assert_eq!(check(&[file("a", "x"), file("b", "2")]), out_of_date("a"));
        bring_all(&folder, &second, false, "rules").unwrap();
        assert_eq!(check(&second), Ok(()));
        fs::remove_dir_all(&folder).unwrap();
    }
}
