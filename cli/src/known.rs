//! Files of pictures that are known from lures.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use docsift::KnownLure;

use crate::allow::sum_of_digits;

/// A file of known pictures that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KnownError {
    #[error("cannot read the file of known lures {}: {error}", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("{}, line {line}: expected 64 hexadecimal digits, or `dhash:` and 16 of them", path.display())]
    Malformed { path: PathBuf, line: usize },
}

/// Reads files of known pictures: a SHA-256 a line, as `sha256sum` writes them (what follows is not
/// read), or `dhash:` and the hash of a look as the report gives it. Empty lines and `#` comments are
/// skipped.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Vec<KnownLure>, KnownError> {
    let mut known = Vec::new();
    for path in paths {
        let text =
            fs::read_to_string(path).map_err(|error| KnownError::Unreadable { path: path.clone(), error })?;
        parse(&text, path, &mut known)?;
    }
    Ok(known)
}

fn parse(text: &str, path: &Path, into: &mut Vec<KnownLure>) -> Result<(), KnownError> {
    for (index, line) in text.lines().enumerate() {
        let Some(word) = line.split_whitespace().next().filter(|word| !word.starts_with('#')) else {
            continue;
        };
        let known = match word.strip_prefix("dhash:") {
            Some(digits) => look_of_digits(digits).map(KnownLure::Dhash),
            None => sum_of_digits(word).map(KnownLure::Sha256),
        };
        into.push(known.ok_or_else(|| KnownError::Malformed { path: path.to_owned(), line: index + 1 })?);
    }
    Ok(())
}

fn look_of_digits(digits: &str) -> Option<u64> {
    let are_digits = digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    are_digits.then(|| u64::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_looks_and_comments_are_told_apart() {
        let text = format!("# May\n\n{}  lure.png\n dhash:00ff00FF00ff00ff # as seen\n", "1f".repeat(32));
        let mut known = Vec::new();
        parse(&text, Path::new("known"), &mut known).unwrap();
        assert_eq!(known, [KnownLure::Sha256([0x1F; 32]), KnownLure::Dhash(0x00FF_00FF_00FF_00FF)]);
    }

    #[test]
    fn line_that_is_no_hash_is_named() {
        for bad in
            ["1".repeat(63), "dhash:12".to_owned(), format!("dhash:+{}", "1".repeat(15)), "g".repeat(64)]
        {
            let error = parse(&format!("# x\n{bad}\n"), Path::new("known"), &mut Vec::new());
            assert_eq!(
                error.unwrap_err().to_string(),
                "known, line 2: expected 64 hexadecimal digits, or `dhash:` and 16 of them"
            );
        }
    }
}
