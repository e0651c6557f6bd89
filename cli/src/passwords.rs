//! Passwords to try, from the command line and from files.

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::args::Passwords;

/// A file of passwords that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordsError {
    #[error("cannot read the passwords file {}: {error}", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
}

/// The passwords in the order in which they are tried: those of the command line, then each line of
/// each file as it stands, without its line end. Empty lines are skipped; bytes that are no UTF-8 are
/// replaced.
pub(crate) fn read(args: &Passwords) -> Result<Vec<String>, PasswordsError> {
    let mut passwords = args.password.clone();
    for path in &args.passwords_file {
        let bytes =
            fs::read(path).map_err(|error| PasswordsError::Unreadable { path: path.clone(), error })?;
        let text = String::from_utf8_lossy(&bytes);
        passwords.extend(text.lines().filter(|line| !line.is_empty()).map(str::to_owned));
    }
    Ok(passwords)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_passwords_as_they_stand() {
        let path = std::env::temp_dir().join(format!("docsift-passwords-{}", std::process::id()));
        fs::write(&path, "one\r\n\n two \nthree").unwrap();
        let args = Passwords { password: vec!["zero".into()], passwords_file: vec![path.clone()] };
        let passwords = read(&args).unwrap();
        fs::remove_file(&path).unwrap();
        assert_eq!(passwords, ["zero", "one", " two ", "three"]);
        let error = read(&args).unwrap_err().to_string();
        assert!(error.starts_with("cannot read the passwords file"), "{error}");
    }
}
