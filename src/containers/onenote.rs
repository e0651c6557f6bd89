//! OneNote sections (`.one`): the files embedded in them, and their strings.
//!
//! Layout: [MS-ONESTORE]. A section is a graph of objects with revisions; what a person can open from a page
//! are the `FileDataStoreObject` structures (2.6.13), which stand in the file with a GUID before and behind
//! them. They are searched for, so that a damaged graph hides none. Strings of properties are data behind
//! their length in bytes (2.6.1); they are searched for in the same way, deleted ones included.

use std::ops::Range;

use crate::base::{Cx, LimitHit, Reader};

/// `{BDE316E7-2665-4511-A4C4-8D4D0B7A9EAC}`
const HEADER: [u8; 16] =
    [0xE7, 0x16, 0xE3, 0xBD, 0x65, 0x26, 0x11, 0x45, 0xA4, 0xC4, 0x8D, 0x4D, 0x0B, 0x7A, 0x9E, 0xAC];
/// `{71FBA722-0F79-4A0B-BB13-899256426B24}`
const FOOTER: [u8; 16] =
    [0x22, 0xA7, 0xFB, 0x71, 0x79, 0x0F, 0x0B, 0x4A, 0xBB, 0x13, 0x89, 0x92, 0x56, 0x42, 0x6B, 0x24];

/// A file embedded in a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedded {
    /// Where the structure begins.
    pub at: usize,
    /// Where its content stands.
    pub data: Range<usize>,
}

/// A string of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyString {
    /// The string.
    pub text: String,
    /// Where its characters stand.
    pub range: Range<usize>,
}

/// Finds the embedded files.
///
/// # Errors
/// [`LimitHit`] when the steps or memory do not last; `into` keeps what was found.
pub fn embedded(bytes: &[u8], into: &mut Vec<Embedded>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    cx.budget.touch(bytes.len())?;
    let mut from = 0_usize;
    while let Some(at) = find(bytes, from, &HEADER) {
        cx.budget.step(1)?;
        cx.budget.hold(size_of::<Embedded>())?;
        from = at.saturating_add(HEADER.len());
        let Some(body) = bytes.get(from..) else { break };
        let mut reader = Reader::new(body);
        // cbLength, unused, reserved
        let (Ok(len), Ok(()), data_at) = (reader.u64(), reader.skip(12), from.saturating_add(20)) else {
            cx.abandoned(at as u64..bytes.len() as u64, "an embedded file is cut within its header");
            break;
        };
        let room = bytes.len().saturating_sub(data_at);
        let stated = usize::try_from(len).ok().filter(|len| *len <= room);
        let len = match stated {
            Some(len) => len,
            None => {
                // The content goes on to the footer or the next file.
                let end = find(bytes, data_at, &FOOTER).or_else(|| find(bytes, data_at, &HEADER));
                cx.recovered(
                    at as u64,
                    &format_args!("an embedded file states {len} bytes, and {room} are left"),
                );
                end.unwrap_or(bytes.len()).saturating_sub(data_at)
            }
        };
        let data = data_at..data_at.saturating_add(len);
        let behind = len.checked_next_multiple_of(8).unwrap_or(len).saturating_add(data_at);
        let has_footer = |end: usize| bytes.get(end..).is_some_and(|rest| rest.starts_with(&FOOTER));
        if stated.is_some() && !has_footer(behind) && !has_footer(data.end) {
            cx.recovered(data.end as u64, "no end mark stands behind an embedded file");
        } else {
            // What the content holds is its own.
            from = data.end;
        }
        into.push(Embedded { at, data });
    }
    Ok(())
}

fn find(bytes: &[u8], from: usize, mark: &[u8; 16]) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(16).position(|window| window == mark).and_then(|at| at.checked_add(from))
}

/// Memory that a string takes in all models besides its characters.
const STRING_COST: usize = 384;
/// Longest string that is taken, in bytes.
const STRING: usize = 64 << 10;

/// Finds the strings outside of the embedded files.
///
/// # Errors
/// [`LimitHit`] when the steps or memory do not last; `into` keeps what was found.
pub fn strings(
    bytes: &[u8],
    files: &[Embedded],
    into: &mut Vec<PropertyString>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    cx.budget.touch(bytes.len().saturating_mul(2))?;
    let mut files = files.iter().peekable();
    let mut at = 0_usize;
    while at < bytes.len() {
        while files.next_if(|file| file.data.end <= at).is_some() {}
        if let Some(file) = files.peek().filter(|file| file.data.start <= at) {
            at = file.data.end;
            continue;
        }
        let Some(text) = string_at(bytes, at) else {
            at = at.saturating_add(1);
            continue;
        };
        cx.budget.touch(text.range.len())?;
        cx.budget.hold(text.text.len().saturating_mul(2).saturating_add(STRING_COST))?;
        at = text.range.end;
        into.push(text);
    }
    Ok(())
}

/// A string behind its length at `at`: UTF-16, or ASCII.
fn string_at(bytes: &[u8], at: usize) -> Option<PropertyString> {
    let rest = bytes.get(at..)?;
    let len = usize::try_from(u32::from_le_bytes(*rest.first_chunk()?)).ok()?;
    if !(4..=STRING).contains(&len) {
        return None;
    }
    let start = at.checked_add(4)?;
    let range = start..start.checked_add(len)?;
    let data = bytes.get(range.clone())?;
    let text = if data.get(1) == Some(&0) || data.iter().take(8).any(|byte| *byte >= 0x80) {
        wide(data)?
    } else {
        narrow(data)?
    };
    Some(PropertyString { text, range })
}

/// Printable ASCII of some length, with a null at its end or none.
fn narrow(data: &[u8]) -> Option<String> {
    let data = data.strip_suffix(b"\0").unwrap_or(data);
    let printable = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7E);
    let letters = data.iter().take_while(|byte| printable(byte)).count();
    let is_text = letters == data.len() && letters >= 6 && data.iter().any(u8::is_ascii_alphabetic);
    is_text.then(|| String::from_utf8_lossy(data).into_owned())
}

/// UTF-16 whose characters are nearly all letters, digits or of ASCII: chance makes others.
fn wide(data: &[u8]) -> Option<String> {
    let (units, []) = data.as_chunks::<2>() else { return None };
    let units = units.strip_suffix(&[[0, 0]]).unwrap_or(units);
    let mut text = String::new();
    let (mut count, mut usual) = (0_usize, 0_usize);
    for letter in char::decode_utf16(units.iter().map(|unit| u16::from_le_bytes(*unit))) {
        let letter = letter.ok()?;
        if letter.is_control() && !matches!(letter, '\t' | '\n' | '\r') {
            return None;
        }
        count = count.saturating_add(1);
        usual = usual.saturating_add(usize::from(letter.is_ascii() || letter.is_alphanumeric()));
        // Chance is told within the first few.
        if count == 8 && usual < 7 {
            return None;
        }
        text.push(letter);
    }
    let ascii = text.is_ascii();
    (count >= if ascii { 2 } else { 4 } && usual.saturating_mul(8) >= count.saturating_mul(7)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn found(bytes: &[u8]) -> (Vec<(usize, usize)>, Vec<String>, Vec<String>) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::TextFormat, budget: &mut budget, problems: &mut problems };
        let (mut files, mut texts) = (Vec::new(), Vec::new());
        embedded(bytes, &mut files, &mut cx).unwrap();
        strings(bytes, &files, &mut texts, &mut cx).unwrap();
        let told = problems.list().iter().map(|problem| problem.message.clone()).collect();
        (
            files.into_iter().map(|file| (file.data.start, file.data.end)).collect(),
            texts.into_iter().map(|text| text.text).collect(),
            told,
        )
    }

    fn object(data: &[u8], stated: u64) -> Vec<u8> {
        let mut out = HEADER.to_vec();
        out.extend(stated.to_le_bytes());
        out.extend([0; 12]);
        out.extend(data);
        out.resize(out.len().next_multiple_of(8) + 4, 0);
        out.extend(FOOTER);
        out
    }

    #[test]
    fn files_are_found_and_lying_lengths_are_cut() {
        let one = object(b"MZ content of a file", 20);
        assert_eq!(found(&one), (vec![(36, 56)], vec![], vec![]));
        let told = vec!["no end mark stands behind an embedded file".to_owned()];
        assert_eq!(found(&one[..60]), (vec![(36, 56)], vec![], told));
        let mut padded = HEADER.to_vec();
        padded.extend(3_u64.to_le_bytes());
        padded.extend([0; 12]);
        padded.extend(b"abc\0\0\0\0\0");
        padded.extend(FOOTER);
        assert_eq!(found(&padded), (vec![(36, 39)], vec![], vec![]));
        let (files, _, told) = found(&object(b"abc", u64::MAX));
        assert_eq!(files, [(36, 44)]);
        assert_eq!(told, ["an embedded file states 18446744073709551615 bytes, and 24 are left"]);
        let (files, _, told) = found(&HEADER);
        assert_eq!((files, told.len()), (vec![], 1));
    }

    #[test]
    fn strings_stand_behind_their_length() {
        let mut bytes = vec![1, 2, 3];
        let wide: Vec<u8> = "Double click\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.extend((wide.len() as u32).to_le_bytes());
        bytes.extend(&wide);
        bytes.extend(8_u32.to_le_bytes());
        bytes.extend(b"View me\0");
        let japanese: Vec<u8> = "クリック".encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.extend((japanese.len() as u32).to_le_bytes());
        bytes.extend(&japanese);
        bytes.extend(4_u32.to_le_bytes());
        bytes.extend([0x12, 0xE0, 0x34, 0xE1]);
        assert_eq!(found(&bytes).1, ["Double click", "View me", "クリック"]);
    }
}
