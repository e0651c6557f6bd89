//! Files to compare on, and the Python that some peers need.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// All files under `paths`, in the order of their names.
pub fn files_under(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut turns: Vec<PathBuf> = paths.to_vec();
    while let Some(path) = turns.pop() {
        match fs::read_dir(&path) {
            Ok(entries) => turns.extend(entries.flatten().map(|entry| entry.path())),
            Err(_) => found.push(path),
        }
    }
    found.sort();
    found
}

/// The sample files beside the repository; `None` where they are not checked out.
pub fn samples() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let samples = here.ancestors().map(|above| above.join("shared/samples")).find(|path| path.is_dir());
    if samples.is_none() {
        println!("skipped: no ../shared/samples");
    }
    samples
}

/// A Python interpreter that can import `package`, in a virtual environment that is made once, under
/// `target/peers-venv`.
///
/// # Errors
/// A sentence for the user when there is no Python, or the package cannot be installed.
pub fn python_with(package: &str) -> Result<PathBuf, String> {
    let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers-venv");
    let python = venv.join("bin/python");
    let run = |command: &mut Command| {
        let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if output.status.success() { Ok(()) } else { Err(format!("{command:?}: {said}")) }
    };
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    }
    if run(Command::new(&python).args(["-c", &format!("import {package}")])).is_err() {
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", package]))?;
    }
    Ok(python)
}
