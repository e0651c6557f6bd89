//! Files of known good SHA-256 sums.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use docsift::AllowList;

/// An allow file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AllowError {
    #[error("cannot read the allow file {}: {error}", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("{}, line {line}: expected 64 hexadecimal digits, or `macro:` and 64 of them", path.display())]
    Malformed { path: PathBuf, line: usize },
}

/// Reads allow files: a sum a line, as `sha256sum` writes them (what follows the sum is not read),
/// or `macro:` and the sum of the macros in normal form. Empty lines and `#` comments are skipped.
pub(crate) fn read(paths: &[PathBuf]) -> Result<AllowList, AllowError> {
    let mut list = AllowList::default();
    for path in paths {
        let text =
            fs::read_to_string(path).map_err(|error| AllowError::Unreadable { path: path.clone(), error })?;
        parse(&text, path, &mut list)?;
    }
    Ok(list)
}

fn parse(text: &str, path: &Path, into: &mut AllowList) -> Result<(), AllowError> {
    for (index, line) in text.lines().enumerate() {
        let Some(sum) = line.split_whitespace().next().filter(|word| !word.starts_with('#')) else {
            continue;
        };
        let (list, digits) = match sum.strip_prefix("macro:") {
            Some(digits) => (&mut into.macros, digits),
            None => (&mut into.files, sum),
        };
        let sum = sum_of_digits(digits);
        list.push(sum.ok_or_else(|| AllowError::Malformed { path: path.to_owned(), line: index + 1 })?);
    }
    Ok(())
}

/// The sum that 64 hexadecimal digits write.
pub(crate) fn sum_of_digits(digits: &str) -> Option<[u8; 32]> {
    let mut sum = [0u8; 32];
    if digits.len() != 64 {
        return None;
    }
    for (index, char) in digits.chars().enumerate() {
        let digit = u8::try_from(char.to_digit(16)?).ok()?;
        let byte = sum.get_mut(index / 2)?;
        *byte = *byte << 4 | digit;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_comments_and_macros_are_told_apart() {
        let ones = "1".repeat(64);
        let text = format!("# good ones\n\n{ones}  invoice.xls\n  macro:{} # since May\n", "aB".repeat(32));
        let mut list = AllowList::default();
        parse(&text, Path::new("allow"), &mut list).unwrap();
        assert_eq!(list, AllowList { files: vec![[0x11; 32]], macros: vec![[0xab; 32]] });
    }

    #[test]
    fn line_that_is_no_sum_is_named() {
        for bad in ["1".repeat(63), "1".repeat(65), "g".repeat(64), "macro:".to_owned(), "é".repeat(32)] {
            let error = parse(&format!("# x\n{bad}\n"), Path::new("allow"), &mut AllowList::default());
            assert_eq!(
                error.unwrap_err().to_string(),
                "allow, line 2: expected 64 hexadecimal digits, or `macro:` and 64 of them"
            );
        }
    }
}
