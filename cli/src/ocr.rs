//! `--ocr`: the text in pictures, read by an installed Tesseract.
//!
//! The program runs as a process of its own, gets the picture on its standard input and has a time
//! limit; what it says on its standard error is left out. Decoders of picture formats in C run in it on
//! hostile bytes: that is why it is off unless asked for.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use docsift::{PictureReader, PictureView};

/// Why pictures cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OcrError {
    #[error(
        "--ocr needs the program `tesseract` ({error}); Debian has it in the packages tesseract-ocr, tesseract-ocr-eng and tesseract-ocr-jpn"
    )]
    Missing { error: std::io::Error },
    #[error(
        "--ocr: `tesseract --list-langs` names no language; Debian has them in packages such as tesseract-ocr-eng"
    )]
    NoLanguage,
}

/// An installed Tesseract.
#[derive(Debug)]
pub(crate) struct Tesseract {
    /// Its languages, as it wants them: `eng+jpn`.
    languages: String,
}

/// How long it may take for one picture.
const PATIENCE: Duration = Duration::from_secs(20);
/// Largest picture that it gets.
const PICTURE_BYTES: usize = 16 << 20;
/// Most bytes of text that are taken from it.
const TEXT_BYTES: u64 = 64 << 10;

impl Tesseract {
    /// Finds the program and its languages.
    pub(crate) fn find() -> Result<Tesseract, OcrError> {
        let listed = Command::new("tesseract").arg("--list-langs").stdin(Stdio::null()).output();
        let listed = listed.map_err(|error| OcrError::Missing { error })?;
        let text = [listed.stdout, listed.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        let names = text.lines().map(str::trim).filter(|name| is_language(name));
        // English first: it reads digits and paths best.
        let mut names: Vec<&str> = names.collect();
        names.sort_by_key(|name| (*name != "eng", *name));
        names.truncate(8);
        if names.is_empty() {
            Err(OcrError::NoLanguage)
        } else {
            Ok(Tesseract { languages: names.join("+") })
        }
    }

    fn run(&self, picture: &[u8]) -> std::io::Result<String> {
        let mut child = Command::new("tesseract")
            .args(["stdin", "stdout", "-l", &self.languages, "--psm", "6"])
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        thread::scope(|scope| {
            scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(picture)));
            let text = scope.spawn(move || {
                let mut text = Vec::new();
                let read = stdout.map(|stdout| stdout.take(TEXT_BYTES).read_to_end(&mut text));
                (read, text)
            });
            wait(&mut child)?;
            let text = text.join().map(|(_, text)| text).unwrap_or_default();
            Ok(String::from_utf8_lossy(&text).into_owned())
        })
    }
}

/// Waits for the end of a process, and ends it when it takes too long.
fn wait(child: &mut Child) -> std::io::Result<()> {
    let start = Instant::now();
    while child.try_wait()?.is_none() {
        if start.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn is_language(name: &str) -> bool {
    name.len() >= 3 && name != "osd" && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

impl PictureReader for Tesseract {
    fn read(&self, picture: &PictureView<'_>) -> Option<String> {
        if picture.bytes.len() > PICTURE_BYTES {
            return None;
        }
        self.run(picture.bytes).ok().filter(|text| !text.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_languages_are_told_from_the_heading() {
        let names =
            ["List of available languages in \"/usr/share\" (3):", "eng", "osd", "jpn", "chi_sim", ""];
        let languages: Vec<&str> = names.into_iter().filter(|name| is_language(name)).collect();
        assert_eq!(languages, ["eng", "jpn", "chi_sim"]);
    }
}
