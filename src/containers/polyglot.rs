//! Documents behind the head of another format.
//!
//! Word opens a web archive that begins as a PDF, unpackers open an archive behind anything, and tools that stop at
//! the first mark see only what stands before it. What is searched for has a mark too long for chance, or a second
//! one that must stand behind the first.

use crate::base::{Cx, LimitHit};
use crate::containers::cfb;

/// What may stand behind the head, in the order of the search.
const MARKS: [&[u8]; 4] = [&cfb::SIGNATURE, b"PK\x03\x04", b"{\\rtf1", b"mime-version:"];

/// The name of a part that was found so at an offset.
pub fn name(at: u64) -> String {
    format!("document@{at:#x}")
}

/// Which documents are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// Those of all four formats.
    All,
    /// Compound files and archives, whose marks no text has.
    Binary,
}

/// Offsets of documents behind the first bytes, the first of each format.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub fn behind_head(bytes: &[u8], search: Search, cx: &mut Cx<'_>) -> Result<Vec<usize>, LimitHit> {
    cx.budget.touch(bytes.len())?;
    let mut found: [Option<usize>; 4] = [None; 4];
    let mut last_end_record = None;
    let mut headers = 0_usize;
    for (at, first) in bytes.iter().enumerate().skip(1) {
        let index = match first {
            0xD0 => 0,
            b'P' => 1,
            b'{' if search == Search::All => 2,
            b'M' | b'm' if search == Search::All => 3,
            _ => continue,
        };
        if bytes.get(at..).is_some_and(|rest| rest.starts_with(END_RECORD)) {
            last_end_record = Some(at);
        }
        let (Some(slot), Some(mark)) = (found.get_mut(index), MARKS.get(index)) else { continue };
        if slot.is_some() {
            continue;
        }
        let rest = bytes.get(at..).unwrap_or_default();
        let begins = rest.get(..mark.len()).is_some_and(|head| head.eq_ignore_ascii_case(mark));
        if !begins {
            continue;
        }
        let confirmed = match index {
            3 => {
                headers = headers.saturating_add(1);
                cx.budget.touch(if headers <= HEADERS { HEADER } else { 1 })?;
                headers <= HEADERS && is_header(bytes, at)
            }
            _ => true,
        };
        if confirmed {
            *slot = Some(at);
        }
    }
    if headers > HEADERS {
        cx.abandoned(
            0..bytes.len() as u64,
            &format_args!("more than {HEADERS} places look like the header of a web archive"),
        );
    }
    let [_, archive, ..] = &mut found;
    *archive = archive.filter(|at| last_end_record > Some(*at));
    let mut offsets: Vec<usize> = found.into_iter().flatten().collect();
    offsets.sort_unstable();
    Ok(offsets)
}

/// Bytes behind the mark of a web archive that its content field stands in.
const HEADER: usize = 4096;
/// Marks of a web archive that are looked at.
const HEADERS: usize = 64;

/// The mark of the record that an archive ends with.
const END_RECORD: &[u8] = b"PK\x05\x06";

/// Whether a mark stands on a line of its own, with a content field behind it.
fn is_header(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    let header = bytes.get(at..bytes.len().min(at.saturating_add(HEADER))).unwrap_or_default();
    matches!(before, Some(b'\n' | b'\r'))
        && header.windows(8).any(|window| window.eq_ignore_ascii_case(b"content-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn offsets(bytes: &[u8]) -> Vec<usize> {
        searched(bytes, Search::All)
    }

    fn searched(bytes: &[u8], search: Search) -> Vec<usize> {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::TextFormat, budget: &mut budget, problems: &mut problems };
        behind_head(bytes, search, &mut cx).unwrap()
    }

    #[test]
    fn documents_are_found_with_what_must_stand_with_them() {
        assert_eq!(offsets(b"%PDF-1.7\nMIME-Version: 1.0\nContent-Type: text/html\n"), [9]);
        assert!(offsets(b"%PDF-1.7 MIME-Version: 1.0\nContent-Type: text/html\n").is_empty());
        assert_eq!(offsets(b"%PDF-1.7\nPK\x03\x04..PK\x05\x06"), [9]);
        assert!(offsets(b"%PDF-1.7\nPK\x03\x04..").is_empty());
        assert_eq!(offsets(b"%PDF-1.7\n{\\rtf1 x}{\\rtf1 y}"), [9]);
        assert_eq!(offsets(&[b"%PDF-1.7", &cfb::SIGNATURE[..]].concat()), [8]);
        assert!(offsets(b"{\\rtf1").is_empty());
        let both = b"a;b\n{\\rtf1 PK\x03\x04 PK\x05\x06 PK\x05\x06 and behind it";
        assert_eq!((offsets(both), searched(both, Search::Binary)), (vec![4, 11], vec![11]));
    }
}
