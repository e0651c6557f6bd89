//! What Windows notes of where a file comes from: its stream `Zone.Identifier`.
//!
//! On NTFS it is opened by the name of the file with `:Zone.Identifier` behind it. Programs that copy files to
//! other systems write a file of that name beside them.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What stands behind the name of the file.
const SUFFIX: &str = ":Zone.Identifier";

/// Bytes that are read; Windows writes a few hundred.
const MOST: u64 = 64 << 10;

/// A given file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ZoneError {
    #[error("cannot read the zone identifier {}: {error}", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("--zone-identifier is of one file; name that file alone")]
    NotOne,
}

/// The content of a file that the caller names.
pub(crate) fn given(path: &Path) -> Result<Vec<u8>, ZoneError> {
    read(path).map_err(|error| ZoneError::Unreadable { path: path.to_owned(), error })
}

/// What stands beside a file. Most have nothing there, and what cannot be read says nothing of the file.
pub(crate) fn beside(path: &Path) -> Option<Vec<u8>> {
    path.file_name()?;
    let mut name = OsString::from(path);
    name.push(SUFFIX);
    read(Path::new(&name)).ok()
}

/// Whether a path is such a file of another one, which is read with that.
pub(crate) fn is_of_another(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    name.strip_suffix(SUFFIX.as_bytes()).is_some_and(|of| !of.is_empty())
        && path.to_str().and_then(|path| path.strip_suffix(SUFFIX)).is_some_and(|of| Path::new(of).is_file())
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    // A pipe or device of that name is none of it, and might not end.
    if !file.metadata()?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    file.take(MOST).read_to_end(&mut bytes)?;
    Ok(bytes)
}
