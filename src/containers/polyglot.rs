//! Documents behind the head of another format.
//!
//! Word opens a web archive that begins as a PDF, and tools that stop at the first mark see only the PDF. What
//! is searched for has a mark too long for chance, or a second one that must stand behind the first.

use crate::base::{Cx, LimitHit};
use crate::containers::cfb;

/// What may stand behind the head, in the order of the search.
const MARKS: [&[u8]; 4] = [&cfb::SIGNATURE, b"PK\x03\x04", b"{\\rtf1", b"mime-version:"];

/// Offsets of documents behind the first bytes, the first of each format.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub fn behind_head(bytes: &[u8], cx: &mut Cx<'_>) -> Result<Vec<usize>, LimitHit> {
    cx.budget.touch(bytes.len())?;
    let mut found: [Option<usize>; 4] = [None; 4];
    for (at, first) in bytes.iter().enumerate().skip(1) {
        let index = match first {
            0xD0 => 0,
            b'P' => 1,
            b'{' => 2,
            b'M' | b'm' => 3,
            _ => continue,
        };
        let (Some(slot), Some(mark)) = (found.get_mut(index), MARKS.get(index)) else { continue };
        if slot.is_some() {
            continue;
        }
        let rest = bytes.get(at..).unwrap_or_default();
        let begins = rest.get(..mark.len()).is_some_and(|head| head.eq_ignore_ascii_case(mark));
        if begins && confirmed(index, bytes, at) {
            *slot = Some(at);
        }
    }
    let mut offsets: Vec<usize> = found.into_iter().flatten().collect();
    offsets.sort_unstable();
    Ok(offsets)
}

/// Whether what should stand with a mark is there too.
fn confirmed(index: usize, bytes: &[u8], at: usize) -> bool {
    match index {
        1 => {
            // The end record of an archive, in the last 64 kB.
            let tail = bytes.len().saturating_sub((64 << 10) + 22).max(at);
            bytes.get(tail..).is_some_and(|tail| tail.windows(4).any(|window| window == b"PK\x05\x06"))
        }
        3 => {
            // A line of its own, and a content field in the header that it begins.
            let starts_line = at
                .checked_sub(1)
                .and_then(|before| bytes.get(before))
                .is_some_and(|byte| *byte == b'\n' || *byte == b'\r');
            let header = bytes.get(at..bytes.len().min(at.saturating_add(4096))).unwrap_or_default();
            starts_line && header.windows(8).any(|window| window.eq_ignore_ascii_case(b"content-"))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn offsets(bytes: &[u8]) -> Vec<usize> {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::TextFormat, budget: &mut budget, problems: &mut problems };
        behind_head(bytes, &mut cx).unwrap()
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
    }
}
