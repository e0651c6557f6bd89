//! Files that PowerShell writes: `Set-Content`, `Out-File`, `>`, `[IO.File]::WriteAllBytes`.
//!
//! A file is told when its content is known whole: a string, or what Base64 gave. Windows PowerShell
//! writes UTF-16 with `Out-File` and `>`, and the code page of Windows with `Set-Content`, unless
//! `-Encoding` says otherwise.

use super::Reading;
use super::powershell::{literals, words};
use crate::base::LimitHit;

/// What a statement writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Writing {
    path: String,
    content: Content,
    append: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Text {
        text: String,
        ends_line: bool,
        encoding: Encoding,
    },
    /// The bytes that the statement holds.
    Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// The code page of Windows; ASCII stays ASCII.
    Plain,
    Utf8,
    Utf16,
}

impl Encoding {
    fn named(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "utf8" => Encoding::Utf8,
            "unicode" | "string" | "utf16" => Encoding::Utf16,
            _ => Encoding::Plain,
        }
    }

    /// A text as a file that has `before` in it already is given it.
    fn bytes(self, text: &str, before: &[u8]) -> Vec<u8> {
        let is_wide = before.starts_with(&[0xFF, 0xFE]);
        let mark: &[u8] = match self {
            _ if !before.is_empty() => &[],
            Encoding::Plain => &[],
            Encoding::Utf8 => &[0xEF, 0xBB, 0xBF],
            Encoding::Utf16 => &[0xFF, 0xFE],
        };
        let mut made = mark.to_vec();
        if is_wide || before.is_empty() && self == Encoding::Utf16 {
            made.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        } else {
            made.extend_from_slice(text.as_bytes());
        }
        made
    }
}

impl Reading<'_, '_, '_> {
    /// Keeps the file that a statement writes. `bytes` are those that Base64 gave in it. Says whether
    /// it writes one.
    pub(super) fn written(&mut self, statement: &str, bytes: Option<&[u8]>) -> Result<bool, LimitHit> {
        let Some(writing) = writing(statement, bytes.is_some()) else { return Ok(false) };
        let before = if writing.append { self.desk.files.bytes(&writing.path) } else { None };
        let made = match (&writing.content, bytes) {
            (Content::Bytes, Some(bytes)) => bytes.to_vec(),
            (Content::Bytes, None) => return Ok(false),
            (Content::Text { text, ends_line, encoding }, _) => {
                let end = if *ends_line { "\r\n" } else { "" };
                encoding.bytes(&format!("{text}{end}"), before.unwrap_or_default())
            }
        };
        self.write(&writing.path, &made, writing.append)?;
        Ok(true)
    }
}

/// What a statement writes, as far as it says so.
fn writing(statement: &str, has_bytes: bool) -> Option<Writing> {
    method(statement, has_bytes).or_else(|| cmdlet(statement, has_bytes)).or_else(|| redirection(statement))
}

/// `[IO.File]::WriteAllBytes(path, bytes)` and its kin.
fn method(statement: &str, has_bytes: bool) -> Option<Writing> {
    const NAMES: [(&str, bool); 4] = [
        ("::writeallbytes", false),
        ("::writealltext", false),
        ("::appendalltext", true),
        ("::appendallbytes", true),
    ];
    let lower = statement.to_ascii_lowercase();
    let (name, at, append) =
        NAMES.iter().find_map(|(name, append)| Some((*name, lower.find(name)?, *append)))?;
    let args = statement.get(at.saturating_add(name.len())..)?.trim_start().strip_prefix('(')?;
    let (path, rest) = argument(args)?;
    if name.ends_with("bytes") {
        return has_bytes.then_some(Writing { path, content: Content::Bytes, append });
    }
    let text = literals(rest).into_iter().next()?;
    // Without a mark, whatever the encoding.
    let content = Content::Text { text, ends_line: false, encoding: Encoding::Plain };
    Some(Writing { path, content, append })
}

/// The path that is the first of several arguments, and what stands behind it: a string, or one that
/// a variable begins: `$env:TEMP+'\a.exe'`.
fn argument(args: &str) -> Option<(String, &str)> {
    let mut in_quotes = false;
    let end = args.char_indices().find_map(|(at, char)| match char {
        '\'' => {
            in_quotes = !in_quotes;
            None
        }
        ',' if !in_quotes => Some(at),
        _ => None,
    })?;
    let path: String = args.get(..end)?.chars().filter(|char| !matches!(char, '\'' | '+' | ' ')).collect();
    let path = if args.trim_start().starts_with('\'') { literals(args).into_iter().next()? } else { path };
    (!path.is_empty() && !path.contains(['(', ')'])).then_some((path, args.get(end..)?))
}

/// `Set-Content path text`, `Add-Content -Value text -Path path`, `text | Out-File path`.
fn cmdlet(statement: &str, has_bytes: bool) -> Option<Writing> {
    let (piped, call) = match statement.trim_start().starts_with('\'') {
        true => {
            let text = literals(statement).into_iter().next()?;
            (Some(text), statement.rsplit_once('|')?.1)
        }
        false => (None, statement),
    };
    let words = words(call);
    let name = words.first()?.to_ascii_lowercase();
    let (appends, encoding) = match name.as_str() {
        "set-content" | "sc" => (false, Encoding::Plain),
        "add-content" | "ac" => (true, Encoding::Plain),
        "out-file" => (false, Encoding::Utf16),
        _ => return None,
    };
    let (mut path, mut text, mut append) = (None, piped, appends);
    let (mut encoding, mut ends_line, mut as_bytes) = (encoding, true, false);
    let mut rest = words.iter().skip(1);
    while let Some(word) = rest.next() {
        let lower = word.to_ascii_lowercase();
        let is = |name: &str, least: usize| lower.len() > least && name.starts_with(lower.as_str());
        if is("-path", 1) || is("-literalpath", 1) || is("-filepath", 1) {
            path = rest.next().cloned();
        } else if is("-value", 1) || is("-inputobject", 1) {
            text = rest.next().cloned();
        } else if is("-encoding", 1) {
            let name = rest.next()?;
            as_bytes = name.eq_ignore_ascii_case("byte");
            encoding = Encoding::named(name);
        } else if is("-append", 1) {
            append = true;
        } else if is("-nonewline", 3) {
            ends_line = false;
        } else if is("-asbytestream", 2) {
            as_bytes = true;
        } else if lower.starts_with('-') {
            // A switch, like -Force.
        } else if path.is_none() {
            path = Some(word.clone());
        } else if text.is_none() {
            text = Some(word.clone());
        }
    }
    let path = path?;
    let content = match as_bytes {
        true if has_bytes => Content::Bytes,
        true => return None,
        false => Content::Text { text: text.filter(|text| !text.starts_with('$'))?, ends_line, encoding },
    };
    Some(Writing { path, content, append })
}

/// `'text' > path`, `echo 'text' >> path`.
fn redirection(statement: &str) -> Option<Writing> {
    let text = statement.trim_start();
    let first = text.split_whitespace().next()?.to_ascii_lowercase();
    let text = match first.as_str() {
        "echo" | "write-output" | "write" => text.get(first.len()..)?.trim_start(),
        _ => text,
    };
    let literal = text.strip_prefix('\'')?;
    let mut chars = literal.char_indices().peekable();
    let end = loop {
        match chars.next()? {
            (_, '\'') if chars.next_if(|(_, next)| *next == '\'').is_some() => {}
            (at, '\'') => break at,
            _ => {}
        }
    };
    let behind = literal.get(end.saturating_add(1)..)?.trim_start().strip_prefix('>')?;
    let (append, path) = match behind.strip_prefix('>') {
        Some(path) => (true, path),
        None => (false, behind),
    };
    let path = words(path).into_iter().next()?;
    let text = literal.get(..end)?.replace("''", "'");
    Some(Writing {
        path,
        content: Content::Text { text, ends_line: true, encoding: Encoding::Utf16 },
        append,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn writes(statement: &str, path: &str, content: Content, append: bool) {
        assert_eq!(
            writing(statement, true),
            Some(Writing { path: path.to_owned(), content, append }),
            "{statement}"
        );
    }

    fn text(text: &str, ends_line: bool, encoding: Encoding) -> Content {
        Content::Text { text: text.to_owned(), ends_line, encoding }
    }

    #[test]
    fn every_way_to_write_a_file_says_where_and_what() {
        writes("Set-Content a.txt 'x y'", "a.txt", text("x y", true, Encoding::Plain), false);
        writes("sc -Value 'x' -Path 'a b.txt' -Force", "a b.txt", text("x", true, Encoding::Plain), false);
        writes("Add-Content -Path a.txt -Val 'x'", "a.txt", text("x", true, Encoding::Plain), true);
        writes("'x' | Out-File a.ps1", "a.ps1", text("x", true, Encoding::Utf16), false);
        writes(
            "'it''s'|out-file -FilePath a -Append -Enc ascii",
            "a",
            text("it's", true, Encoding::Plain),
            true,
        );
        writes("'x' > $env:TEMP\\a.bat", "$env:TEMP\\a.bat", text("x", true, Encoding::Utf16), false);
        writes("echo 'it''s'>>'a b'", "a b", text("it's", true, Encoding::Utf16), true);
        writes("[IO.File]::WriteAllText('a.vbs','x')", "a.vbs", text("x", false, Encoding::Plain), false);
        writes(
            "[IO.File]::WriteAllBytes($env:TEMP+'\\a.exe',[3 bytes])",
            "$env:TEMP\\a.exe",
            Content::Bytes,
            false,
        );
        writes("Set-Content a.exe -Encoding Byte -Value [3 bytes]", "a.exe", Content::Bytes, false);
    }

    #[test]
    fn what_is_not_known_is_not_written() {
        for statement in [
            "Set-Content a.txt $x",
            "Set-Content a.txt",
            "$x | Out-File a.txt",
            "[IO.File]::WriteAllText($p,$x)",
            "[IO.File]::WriteAllText((f 'x'),'y')",
            "Get-Content a.txt",
            "'x'",
            "2 > $null",
        ] {
            assert_eq!(writing(statement, false), None, "{statement}");
        }
    }

    #[test]
    fn what_is_appended_is_written_as_the_file_is() {
        let wide = Encoding::Utf16.bytes("a", b"");
        assert_eq!(wide, [0xFF, 0xFE, b'a', 0]);
        assert_eq!(Encoding::Plain.bytes("b", &wide), [b'b', 0]);
        assert_eq!(Encoding::Utf16.bytes("b", b"a"), b"b");
        assert_eq!(Encoding::Utf8.bytes("b", b""), [0xEF, 0xBB, 0xBF, b'b']);
    }
}
