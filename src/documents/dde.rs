//! DDE references in formula text: `program|topic!item`, with or without quotes.
//!
//! Excel reads them in cells of every text format. Attackers put other operands before them, blanks
//! between the letters of the program, and more quotes than needed; the program is what stands
//! directly before the bar, and the topic what stands behind it up to the mark.

use crate::base::{Cx, LimitHit};
use crate::documents::workbook::{ExternalBook, ExternalKind, ExternalName, TokenSpan, Workbook};

/// A reference to data of another program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DdeReference {
    /// The program that is asked.
    pub program: String,
    /// What it is asked about: for a command interpreter, its command line.
    pub topic: String,
    /// The item.
    pub item: String,
}

/// Most references of one formula.
const REFERENCES: usize = 16;
/// Most bars of one formula that are looked at: behind each the whole formula may be walked.
const BARS: usize = 64;
/// Longest program name that is taken.
const PROGRAM: usize = 260;

/// The references in a formula, in order.
pub fn references(formula: &str) -> Vec<DdeReference> {
    let mut found = Vec::new();
    let mut rest = formula;
    let mut before_len = 0_usize;
    for _ in 0..BARS {
        let Some(bar) = bar_outside_text(rest) else { break };
        let before = formula.get(..before_len.saturating_add(bar)).unwrap_or_default();
        let behind = rest.get(bar.saturating_add(1)..).unwrap_or_default();
        before_len = before_len.saturating_add(bar).saturating_add(1);
        rest = behind;
        let Some(program) = program(before) else { continue };
        if let Some((topic, item)) = topic_and_item(behind) {
            found.push(DdeReference { program, topic, item });
            if found.len() == REFERENCES {
                break;
            }
        }
    }
    found
}

/// Adds the references of a formula at `at` to the sources of a workbook.
///
/// # Errors
/// [`LimitHit`] when the steps or the memory of models do not last.
pub fn add(formula: &str, at: u64, book: &mut Workbook, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    if !formula.contains('|') {
        return Ok(());
    }
    cx.budget.touch(formula.len())?;
    for reference in references(formula) {
        let path = format!("{}|{}", reference.program, reference.topic);
        let item = ExternalName { at, name: reference.item, automatic: true, tokens: TokenSpan::default() };
        let known = book
            .books
            .iter_mut()
            .rev()
            .take(SAME)
            .find(|source| source.kind == ExternalKind::Dde && source.path == path);
        cx.budget
            .hold(path.len().saturating_add(item.name.len()).saturating_add(size_of::<ExternalBook>()))?;
        match known {
            Some(source) if source.names.iter().any(|name| name.name == item.name) => {}
            Some(source) if source.names.len() < SAME => source.names.push(item),
            _ => book.books.push(ExternalBook {
                at,
                kind: ExternalKind::Dde,
                path,
                sheets: Vec::new(),
                names: vec![item],
            }),
        }
    }
    Ok(())
}

/// How many of the last sources are looked at for the same one.
const SAME: usize = 16;

/// The first bar that stands in no text between double quotes.
fn bar_outside_text(formula: &str) -> Option<usize> {
    let mut quoted = false;
    formula.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b'|' && !quoted
    })
}

/// What stands before the bar, back to the operator or bracket before it. Blanks between letters
/// are left out: Excel passes over null characters, which arrive as blanks.
fn program(before: &str) -> Option<String> {
    let before = before.trim_end();
    if let Some(quoted) = before.strip_suffix('\'') {
        let start = quoted.rfind('\'')?;
        return quoted
            .get(start.saturating_add(1)..)
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(str::to_owned);
    }
    let is_name =
        |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '\\' | ':' | '/' | '$');
    let letters: Vec<char> = before
        .chars()
        .rev()
        .take(PROGRAM)
        .take_while(|letter| is_name(*letter) || letter.is_whitespace() || letter.is_control())
        .filter(|letter| is_name(*letter))
        .collect();
    (!letters.is_empty()).then(|| letters.into_iter().rev().collect())
}

/// The topic, and the item behind the mark.
fn topic_and_item(behind: &str) -> Option<(String, String)> {
    let behind = behind.trim_start();
    let (topic, rest) = match behind.strip_prefix('\'') {
        // A quote inside the topic is doubled; one that nothing but a mark follows ends it.
        Some(quoted) => {
            let end = closing_quote(quoted)?;
            (quoted.get(..end)?.replace("''", "'"), quoted.get(end.saturating_add(1)..)?)
        }
        None => {
            let end = behind.find('!')?;
            (behind.get(..end)?.to_owned(), behind.get(end..)?)
        }
    };
    let rest = rest.trim_start().strip_prefix('!')?.trim_start();
    let item: String = match rest.strip_prefix('\'') {
        Some(quoted) => quoted.chars().take_while(|letter| *letter != '\'').take(PROGRAM).collect(),
        None => rest
            .chars()
            .take_while(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '$' | '\\'))
            .take(PROGRAM)
            .collect(),
    };
    let topic = topic.trim().to_owned();
    (!topic.is_empty()).then_some((topic, item))
}

fn closing_quote(quoted: &str) -> Option<usize> {
    let mut bytes = quoted.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        if byte == b'\'' {
            if bytes.next_if(|(_, next)| *next == b'\'').is_some() {
                continue;
            }
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(formula: &str) -> Vec<(String, String, String)> {
        references(formula).into_iter().map(|found| (found.program, found.topic, found.item)).collect()
    }

    #[test]
    fn references_are_found_behind_other_operands() {
        let one = |program: &str, topic: &str, item: &str| {
            vec![(program.to_owned(), topic.to_owned(), item.to_owned())]
        };
        let cases = [
            ("=cmd|'/c oxnv1.exe'!A0", one("cmd", "/c oxnv1.exe", "A0")),
            ("=cmd|' /C oxnv1'!'A1'", one("cmd", "/C oxnv1", "A1")),
            ("@SUM(1+1)*cmd|'/c oxnv1'!A0", one("cmd", "/c oxnv1", "A0")),
            ("=A+B-C&\"x|y\"/1&cmd|'/c oxnv1'!A", one("cmd", "/c oxnv1", "A")),
            ("+thing(cmd|'/c oxnv1'!A", one("cmd", "/c oxnv1", "A")),
            ("=  C  m D  |  '/c oxnv1'  !  A", one("CmD", "/c oxnv1", "A")),
            ("=FEED|PRICES!GOLD", one("FEED", "PRICES", "GOLD")),
            (r"='..\x\cmd.exe'|'/c ''a'' b'!A", one(r"..\x\cmd.exe", "/c 'a' b", "A")),
            (r"MSEXCEL|'\..\..\x\cmd.exe /c oxnv1'!''", one("MSEXCEL", r"\..\..\x\cmd.exe /c oxnv1", "")),
        ];
        for (formula, expected) in cases {
            assert_eq!(found(formula), expected, "{formula}");
        }
        for quiet in ["=A1", "=\"a|b!c\"", "=cmd|'/c oxnv1'", "|x!y", "=A1|", "=x|!y", ""] {
            assert!(found(quiet).is_empty(), "{quiet}");
        }
    }

    #[test]
    fn many_bars_stay_linear_and_few() {
        let formula = "a|b!c+".repeat(1000);
        assert_eq!(references(&formula).len(), 16);
        assert!(references(&"|".repeat(100_000)).is_empty());
    }
}
