//! Dictionaries for the fuzzer: the words that the readers of a target compare with, taken from the
//! string literals of their sources, so that no list is kept beside the code.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The rooms of the library whose words a target needs.
fn rooms(target: &str) -> &'static [&'static str] {
    match target {
        "biff" | "biff12" | "formula" | "formula_text" | "made_biff" | "xlm_machine" => {
            &["xlm", "documents/formula", "documents/formula_text.rs"]
        }
        "vba_container" | "vba_project" | "vba_text" => &["vba"],
        "ooxml" | "xml_formats" | "made_package" => &["documents/ooxml", "documents/flat"],
        "rtf" => &["documents/rtf", "documents/field.rs"],
        "eml" | "made_mail" | "mhtml" | "carriers_msg" | "carriers_tnef" => {
            &["containers/mail", "containers/mhtml.rs", "documents/passwords.rs", "documents/page.rs"]
        }
        "command" | "indicators" => &["indicators"],
        "lure" | "text" => &["lure", "documents/html.rs"],
        "slk" | "delimited" => &["documents/slk.rs", "documents/delimited.rs", "documents/formula_text.rs"],
        "analyze" => &["containers", "documents"],
        _ => &["containers", "documents/objects.rs", "documents/ole1.rs"],
    }
}

/// A word that is longer is a sentence for people.
const LONGEST: usize = 32;
const MOST: usize = 2000;

/// The dictionary of a target in libFuzzer's form.
pub(crate) fn dictionary(root: &Path, target: &str) -> io::Result<String> {
    let mut words = BTreeSet::new();
    for room in rooms(target) {
        for path in sources(&root.join("src").join(room))? {
            let source = fs::read_to_string(path)?;
            let source = source.split("#[cfg(test)]").next().unwrap_or_default();
            words.extend(literals(source).into_iter().filter(|word| is_word(word)));
        }
    }
    let mut text = String::new();
    for word in words.iter().take(MOST) {
        let _ = writeln!(text, "\"{}\"", escaped(word));
    }
    Ok(text)
}

fn sources(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut turns = vec![path.to_owned()];
    while let Some(path) = turns.pop() {
        if path.file_stem().is_some_and(|name| name == "tests") {
            continue;
        }
        if path.is_dir() {
            for entry in fs::read_dir(&path)? {
                turns.push(entry?.path());
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

/// Format strings and sentences are no words of a format.
fn is_word(word: &[u8]) -> bool {
    let blanks = word.iter().filter(|byte| **byte == b' ').count();
    (2..=LONGEST).contains(&word.len()) && blanks <= 2 && !word.contains(&b'{')
}

/// The string and byte-string literals of a source.
fn literals(source: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['"', '/', '\'', 'r']) {
        let before = rest[..at].chars().next_back();
        rest = &rest[at..];
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if rest.starts_with('"') {
            let (literal, after) = quoted(&rest[1..]);
            found.push(literal);
            rest = after;
        } else if let Some(raw) =
            raw(rest).filter(|_| before.is_none_or(|c| !c.is_alphanumeric() || c == 'b'))
        {
            found.push(raw.0.as_bytes().to_vec());
            rest = raw.1;
        } else if rest.starts_with("'\\") {
            rest = rest.get(2..).and_then(|after| after.get(after.find('\'')? + 1..)).unwrap_or("");
        } else if let Some(after) = rest.strip_prefix("'\"'") {
            rest = after;
        } else {
            rest = &rest[1..];
        }
    }
    found
}

/// `r"…"` or `r#"…"#`: what it holds, and what follows.
fn raw(source: &str) -> Option<(&str, &str)> {
    let source = source.strip_prefix('r')?;
    let hashes = source.len() - source.trim_start_matches('#').len();
    let inner = source[hashes..].strip_prefix('"')?;
    inner.split_once(&format!("\"{}", "#".repeat(hashes)))
}

/// A literal without its first quote: what it holds, and what follows.
fn quoted(source: &str) -> (Vec<u8>, &str) {
    let mut literal = Vec::new();
    let mut chars = source.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return (literal, &source[at + 1..]),
            '\\' => match chars.next().map(|(_, escape)| escape) {
                Some('n') => literal.push(b'\n'),
                Some('r') => literal.push(b'\r'),
                Some('t') => literal.push(b'\t'),
                Some('0') => literal.push(0),
                Some('x') => {
                    let digits: String = chars.by_ref().take(2).map(|(_, digit)| digit).collect();
                    literal.push(u8::from_str_radix(&digits, 16).unwrap_or_default());
                }
                Some('u') => {
                    let digits: String = chars
                        .by_ref()
                        .skip(1)
                        .map(|(_, digit)| digit)
                        .take_while(|digit| *digit != '}')
                        .collect();
                    let char = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                    literal.extend(char.unwrap_or_default().to_string().bytes());
                }
                Some('\n') | None => {}
                Some(other) => literal.extend(other.to_string().bytes()),
            },
            other => literal.extend(other.to_string().bytes()),
        }
    }
    (literal, "")
}

fn escaped(word: &[u8]) -> String {
    let mut text = String::new();
    for byte in word {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => text.push(char::from(*byte)),
            other => {
                let _ = write!(text, "\\x{other:02X}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_of_all_forms_are_found_and_comments_are_not() {
        let source = r##"// "no"
            const A: &[u8] = b"\xD0\xCF\n"; let b = '"'; let c = ["x\"y", r"\rtf", r#"a"b"#, "\u{e9}"]; let d = '\'';"##;
        let found: Vec<Vec<u8>> = literals(source);
        let wanted: [&[u8]; 5] = [b"\xD0\xCF\n", b"x\"y", b"\\rtf", b"a\"b", "é".as_bytes()];
        assert_eq!(found, wanted);
        assert_eq!(escaped(b"\xD0\"a"), "\\xD0\\\"a");
    }

    #[test]
    fn every_target_has_words_of_its_rooms() {
        let root = crate::root();
        for entry in fs::read_dir(root.join("fuzz/fuzz_targets")).unwrap() {
            let path = entry.unwrap().path();
            let target = path.file_stem().unwrap().to_str().unwrap();
            let words = dictionary(&root, target).unwrap();
            assert!(words.lines().count() >= 10, "{target}: {words}");
        }
        assert!(dictionary(&root, "xlm_machine").unwrap().contains("\"FORMULA.FILL\"\n"));
        assert!(dictionary(&root, "rtf").unwrap().contains("\"objdata\"\n"));
    }
}
