//! What reaches a terminal: escaped text, and colour where it is wanted.

use std::fmt::{self, Display};
use std::io::{IsTerminal, stdout};
use std::path::Path;

use docsift::Level;
use docsift::base::text::escape_for_terminal;

/// Text from a file: nothing in it acts on the terminal, and nothing in it becomes a link.
pub(crate) fn safe(text: &str) -> String {
    escape_for_terminal(&text.replace("://", "[:]//")).to_string()
}

/// A path as a person can read it; names that attackers chose are escaped.
pub(crate) fn safe_path(path: &Path) -> String {
    escape_for_terminal(&path.to_string_lossy()).to_string()
}

/// Text in quotes, cut to `most` characters.
pub(crate) fn quoted(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("\"{}\"…", safe(&text[..end])),
        None => format!("\"{}\"", safe(text)),
    }
}

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    colour: bool,
}

impl Style {
    /// Plain text.
    #[cfg(test)]
    pub(crate) const PLAIN: Style = Style { colour: false };

    /// Colour when standard output is a terminal that can, and nobody said no.
    pub(crate) fn of_stdout() -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Style { colour: stdout().is_terminal() && !set("NO_COLOR") && !dumb }
    }

    pub(crate) fn bold<T: Display>(self, text: T) -> Painted<T> {
        self.paint("1", text)
    }

    pub(crate) fn dim<T: Display>(self, text: T) -> Painted<T> {
        self.paint("2", text)
    }

    pub(crate) fn level(self, level: Level) -> Painted<&'static str> {
        let (code, name) = match level {
            Level::Malicious => ("1;31", "malicious"),
            Level::Suspicious => ("1;33", "suspicious"),
            Level::Inconclusive => ("1;36", "inconclusive"),
            Level::NothingFound => ("32", "nothing found"),
        };
        self.paint(code, name)
    }

    fn paint<T: Display>(self, code: &'static str, text: T) -> Painted<T> {
        Painted { code: self.colour.then_some(code), text }
    }
}

/// Text with a colour; padding counts what is seen.
pub(crate) struct Painted<T> {
    code: Option<&'static str>,
    text: T,
}

impl Painted<&'static str> {
    /// The text without its colour.
    pub(crate) fn text(&self) -> &'static str {
        self.text
    }
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => {
                write!(f, "\x1b[{code}m")?;
                self.text.fmt(f)?;
                f.write_str("\x1b[0m")
            }
            None => self.text.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_file_cannot_act_on_a_terminal() {
        let shown = safe("a\u{1b}[2J\u{202e}fdp.exe\u{9b}0m\r\nhttps://host.invalid/x");
        assert_eq!(shown, "a\\u{1b}[2J\\u{202e}fdp.exe\\u{9b}0m\\u{d}\\u{a}https[:]//host.invalid/x");
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        assert_eq!(quoted("äöü", 3), "\"äöü\"");
        assert_eq!(quoted("äöü", 2), "\"äö\"…");
    }

    #[test]
    fn padding_counts_what_is_seen() {
        let colour = Style { colour: true };
        assert_eq!(format!("{:>5}|", colour.bold("ab")), "\x1b[1m   ab\x1b[0m|");
        assert_eq!(format!("{:<5}|", Style::PLAIN.bold("ab")), "ab   |");
    }
}
