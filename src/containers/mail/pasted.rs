//! Files in the text of a mail as lines of Base64, without a header that says so, and files in codes that are not
//! read.
//!
//! Mail programs differ on what is a part: a delimiter with a tail, a header with a blank line before it, text
//! behind the last delimiter. Whatever a program makes of such a text, the file stands in it. Only what can carry
//! macros or programs counts.

use std::ops::Range;

use crate::base::{Cx, LimitHit, Location, base64};
use crate::containers::sniff::sniff;

/// A file in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pasted {
    /// Where its lines stand in the text.
    pub at: Range<usize>,
    /// Its content.
    pub content: Vec<u8>,
}

/// Letters of Base64 from which on they are taken for a file.
const FILE_LETTERS: usize = 400;

/// Letters of the line that begins a file.
const LINE_LETTERS: usize = 32;

/// Letters of a file that are decoded to see what it is.
const BEGINNING: usize = 8 << 10;

/// Most files that are taken out of one text.
const MOST: usize = 64;

/// The files in `text`. The lines of one are of one length; a shorter one is its last, and a longer one begins
/// another.
///
/// # Errors
/// [`LimitHit`] when the budget does not last.
pub fn files(text: &str, cx: &mut Cx<'_>) -> Result<Vec<Pasted>, LimitHit> {
    cx.budget.touch(text.len().saturating_mul(2))?;
    let mut found = Vec::new();
    let mut open: Option<Range<usize>> = None;
    let (mut at, mut before) = (0usize, 0usize);
    for line in text.split_inclusive('\n') {
        let start = at;
        at = at.saturating_add(line.len());
        let len = letters(line).unwrap_or(0);
        let is_last = line.trim_ascii_end().ends_with('=');
        if let Some(file) = open.as_mut().filter(|_| (1..=before).contains(&len)) {
            file.end = at;
        } else {
            close(text, open.take(), &mut found, cx)?;
            open = (len >= LINE_LETTERS).then_some(start..at);
        }
        if len < before || is_last {
            close(text, open.take(), &mut found, cx)?;
        }
        before = if open.is_some() { len } else { 0 };
    }
    close(text, open, &mut found, cx)?;
    Ok(found)
}

/// How many letters of Base64 a line has, if it has nothing else.
fn letters(line: &str) -> Option<usize> {
    let line = line.trim_ascii_end().trim_end_matches('=').as_bytes();
    line.iter().all(|byte| base64::is_letter(*byte)).then_some(line.len())
}

/// Keeps the file whose lines end, if it is one.
fn close(
    text: &str,
    at: Option<Range<usize>>,
    found: &mut Vec<Pasted>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let Some(at) = at else { return Ok(()) };
    let code = text.as_bytes().get(at.clone()).unwrap_or_default();
    let beginning = code.get(..BEGINNING.min(code.len())).unwrap_or_default();
    if code.len() < FILE_LETTERS || !sniff(&base64::decode(beginning)).is_carrier() {
        return Ok(());
    }
    if found.len() >= MOST {
        cx.abandoned_at(
            Location::part(cx.part),
            &format_args!("a text holds more than {MOST} files in Base64"),
        );
        return Ok(());
    }
    cx.budget.own(code.len() as u64)?;
    found.push(Pasted { at, content: base64::decode(code) });
    Ok(())
}

/// What begins a file in a code that is not read, and what it is.
const UNREAD: [(&str, &str); 4] = [
    ("=ybegin ", "a file as yEnc"),
    ("-----BEGIN PGP MESSAGE-----", "an encrypted message of PGP"),
    ("-----BEGIN PKCS7-----", "an encrypted or signed message"),
    ("(This file must be converted with BinHex", "a file as BinHex"),
];

/// The first file in `text` in a code that is not read: what it is.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub fn unread(text: &str, cx: &mut Cx<'_>) -> Result<Option<&'static str>, LimitHit> {
    cx.budget.touch(text.len())?;
    let what = |line: &str| UNREAD.iter().find(|(mark, _)| line.starts_with(mark)).map(|(_, what)| *what);
    Ok(text.lines().find_map(what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn with<T>(look: impl FnOnce(&mut Cx<'_>) -> Result<T, LimitHit>) -> T {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx = Cx { part: PartId(0), stage: Stage::Mail, budget: &mut budget, problems: &mut problems };
        look(&mut cx).unwrap()
    }

    fn lines(bytes: &[u8], len: usize) -> String {
        let letters = docsift_corpus::bytes::base64(bytes);
        letters.as_bytes().chunks(len).map(|line| format!("{}\r\n", str::from_utf8(line).unwrap())).collect()
    }

    #[test]
    fn archive_is_found_between_the_lines_of_a_text_in_lines_of_any_length() {
        let archive = [b"PK\x03\x04".as_slice(), &[7; 397]].concat();
        for len in [40, 60, 76, 998] {
            let (head, code) = ("Hello\r\nBetriebsratsvorsitzende\r\n", lines(&archive, len));
            let found = with(|cx| files(&format!("{head}{code}Bye\r\n{code}"), cx));
            let first = head.len()..head.len() + code.len();
            let second = first.end + 5..first.end + 5 + code.len();
            assert_eq!(found, [first, second].map(|at| Pasted { at, content: archive.clone() }), "{len}");
        }
    }

    #[test]
    fn what_carries_nothing_and_what_is_short_is_no_file() {
        let picture = lines(&[b"GIF89a".as_slice(), &[7; 400]].concat(), 76);
        let short = lines(b"PK\x03\x04 and a few letters more, so that there is a line", 76);
        let found = with(|cx| files(&format!("{picture}\r\n{short}"), cx));
        assert_eq!(found, []);
    }

    #[test]
    fn files_beyond_the_most_are_told() {
        let text = format!("{}\r\n", lines(&[b"PK\x03\x04".as_slice(), &[7; 397]].concat(), 76));
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        for (count, told) in [(MOST, 0), (MOST + 1, 1)] {
            let mut cx =
                Cx { part: PartId(0), stage: Stage::Mail, budget: &mut budget, problems: &mut problems };
            assert_eq!(files(&text.repeat(count), &mut cx).map(|found| found.len()), Ok(MOST));
            let bars = problems.list().iter().filter(|problem| problem.kind.bars_nothing_found()).count();
            assert_eq!(bars, told, "{count}");
        }
    }

    #[test]
    fn codes_that_are_not_read_are_told_at_the_start_of_a_line() {
        let told = |text: &str| with(|cx| unread(text, cx));
        assert_eq!(told("a\r\n=ybegin line=128 size=3 name=a.xls\r\n"), Some("a file as yEnc"));
        assert_eq!(told("-----BEGIN PGP MESSAGE-----\n"), Some("an encrypted message of PGP"));
        assert_eq!(told("what =ybegin means\n-----BEGIN PGP SIGNATURE-----\n"), None);
    }
}
