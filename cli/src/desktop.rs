//! The desktop that macros are thought to run on, from a file.

use std::fs;
use std::io;
use std::path::PathBuf;

use docsift::{Environment, EnvironmentError};

use crate::args::Desktop;

/// A file of settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DesktopError {
    #[error("cannot read the environment file {}: {error}. Check the spelling and that it is text in UTF-8", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("the environment file {}, {error}", path.display())]
    Bad { path: PathBuf, error: EnvironmentError },
}

/// The desktop of the library, with the settings of the file if there is one.
pub(crate) fn read(args: &Desktop) -> Result<Environment, DesktopError> {
    let Some(path) = &args.environment else { return Ok(Environment::default()) };
    let text =
        fs::read_to_string(path).map_err(|error| DesktopError::Unreadable { path: path.clone(), error })?;
    Environment::parse(&text).map_err(|error| DesktopError::Bad { path: path.clone(), error })
}
