//! Files in the text of a mail as uuencode: lines between `begin MODE NAME` and `end` ([POSIX.1] `uuencode`).
//!
//! A line states how many bytes it holds in its first character. Blanks at its end may have been cut on the
//! way, and one more character may stand there as a checksum. A line that fits neither ends the file, as does
//! the end of the text.

use std::ops::Range;

use crate::base::{Cx, LimitHit, Location};

/// A file in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uuencoded {
    /// Its name.
    pub name: String,
    /// Where its lines stand in the text, `begin` and `end` included.
    pub at: Range<usize>,
    /// Its content.
    pub content: Vec<u8>,
    /// Whether its end was found.
    pub is_whole: bool,
}

/// Most files that are taken out of one text.
const MOST: usize = 256;

/// The files in `text`.
///
/// # Errors
/// [`LimitHit`] when the budget does not last.
pub fn files(text: &[u8], cx: &mut Cx<'_>) -> Result<Vec<Uuencoded>, LimitHit> {
    cx.budget.touch(text.len())?;
    let mut found: Vec<Uuencoded> = Vec::new();
    let mut open: Option<Uuencoded> = None;
    let mut at = 0usize;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let start = at;
        at = at.saturating_add(line.len());
        let trimmed = line.strip_suffix(b"\n").unwrap_or(line);
        let trimmed = trimmed.strip_suffix(b"\r").unwrap_or(trimmed);
        let Some(file) = &mut open else {
            let Some(name) = begin(trimmed) else { continue };
            if found.len() >= MOST {
                cx.abandoned_at(
                    Location::part(cx.part),
                    &format_args!("a text holds more than {MOST} uuencoded files"),
                );
                break;
            }
            cx.budget.step(1)?;
            open = Some(Uuencoded { name, at: start..at, content: Vec::new(), is_whole: false });
            continue;
        };
        file.at.end = at;
        if trimmed.trim_ascii_end() == b"end" {
            file.is_whole = true;
            found.extend(open.take());
        } else if !decode(trimmed, &mut file.content) {
            file.at.end = start;
            found.extend(open.take());
        }
    }
    found.extend(open);
    // Words that begin as a file does, and go on as a text.
    found.retain(|file| !file.content.is_empty());
    for file in &found {
        cx.budget.own(file.content.len() as u64)?;
    }
    Ok(found)
}

/// The name of the file that a line begins.
fn begin(line: &[u8]) -> Option<String> {
    let rest = line.strip_prefix(b"begin ")?;
    let digits = rest.iter().take_while(|byte| (b'0'..=b'7').contains(byte)).count();
    let name = rest.get(digits..)?.strip_prefix(b" ")?.trim_ascii();
    let is_mode = (3..=4).contains(&digits) && !name.is_empty();
    is_mode.then(|| super::text(name, None))
}

/// Decodes a line into `into`; `false` when it is none.
fn decode(line: &[u8], into: &mut Vec<u8>) -> bool {
    // 0 is a blank or a grave accent.
    let value = |byte: u8| (0x20..=0x60).contains(&byte).then(|| byte.wrapping_sub(0x20) & 0x3F);
    let Some((first, rest)) = line.split_first() else { return true };
    let Some(len) = value(*first).map(usize::from) else { return false };
    let letters = len.div_ceil(3).saturating_mul(4);
    if rest.len() > letters.saturating_add(2) || !rest.iter().all(|byte| value(*byte).is_some()) {
        return false;
    }
    // A text hardly has lines of capitals whose length is what their first letter says.
    if rest.trim_ascii_end().len().saturating_add(8) < letters && rest.len() < letters / 2 {
        return false;
    }
    let wanted = into.len().saturating_add(len);
    let mut values = rest.iter().take(letters).filter_map(|byte| value(*byte));
    for _ in 0..len.div_ceil(3) {
        let mut next = || values.next().unwrap_or(0);
        let (one, two, three, four) = (next(), next(), next(), next());
        into.extend([one << 2 | two >> 4, two << 4 | three >> 2, three << 6 | four]);
    }
    into.truncate(wanted);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn done(text: &str) -> Vec<(String, String, bool, String)> {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx = Cx { part: PartId(0), stage: Stage::Mail, budget: &mut budget, problems: &mut problems };
        let found = files(text.as_bytes(), &mut cx).unwrap();
        let shown = |file: Uuencoded| {
            let content = String::from_utf8_lossy(&file.content).into_owned();
            (file.name, content, file.is_whole, text[file.at].to_owned())
        };
        found.into_iter().map(shown).collect()
    }

    #[test]
    fn file_stands_between_begin_and_end() {
        let lines = "begin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n";
        let found = done(&format!("Hello\r\n{lines}Bye\r\n"));
        assert_eq!(found, [("cat.txt".into(), "Cat".into(), true, lines.to_owned())]);
    }

    #[test]
    fn files_beyond_the_most_are_told() {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        for (count, told) in [(MOST, 0), (MOST + 1, 1)] {
            let mut cx =
                Cx { part: PartId(0), stage: Stage::Mail, budget: &mut budget, problems: &mut problems };
            let text = "begin 644 cat.txt\n#0V%T\n`\nend\n".repeat(count);
            assert_eq!(files(text.as_bytes(), &mut cx).map(|found| found.len()), Ok(MOST));
            let bars = problems.list().iter().filter(|problem| problem.kind.bars_nothing_found()).count();
            assert_eq!(bars, told, "{count}");
        }
    }

    #[test]
    fn blanks_cut_from_the_end_of_a_line_are_zeros() {
        assert_eq!(done("begin 644 a b.bin\n#   \n%0V%T\n \nend\n")[0].1, "\0\0\0Cat\0\0");
    }

    #[test]
    fn what_is_no_line_of_it_ends_the_file() {
        let found = done("begin 600 a\n#0V%T\nand so on, as people write\nend\n");
        assert_eq!(found, [("a".into(), "Cat".into(), false, "begin 600 a\n#0V%T\n".into())]);
        assert_eq!(done("begin 644 as soon as you can\nplease\n"), []);
        assert_eq!(done("begin with the first\nend\n"), []);
        assert!(!done("begin 644 cut\n#0V%T")[0].2);
    }
}
