//! The one file of all phrases, made of the data files of the languages.

use std::fs;
use std::path::Path;

use docsift::lure::compiled_phrases;

use crate::generated::{Generated, GeneratedError};

/// `phrases.txt`; a test of the library holds it to the data files.
pub(crate) fn file(folder: &Path) -> Result<Generated, GeneratedError> {
    let made = compiled_phrases(|name| {
        let path = folder.join(name);
        fs::read_to_string(&path).map_err(|error| GeneratedError::Io { path, error })
    })?;
    Ok(("phrases.txt".to_owned(), made))
}
