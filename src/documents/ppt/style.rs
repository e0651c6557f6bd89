//! Formatting of a text that keeps a person from seeing it.
//!
//! Layout: [MS-PPT] 2.9.44 StyleTextPropAtom, 2.9.46 TextCFRun, 2.9.45 TextPFRun. Paragraph runs come
//! first, until they have as many characters as the text and its last mark; then character runs. A colour
//! is told when it is the background of the scheme; white letters mostly stand on a dark slide.

use std::ops::Range;

use crate::base::{Reader, Short};
use crate::documents::document::HiddenText;

/// Characters that look alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StyleRun {
    /// Which of the text.
    pub(super) chars: Range<usize>,
    /// What keeps a person from seeing them.
    pub(super) hidden: Option<HiddenText>,
}

/// Points up to which text cannot be read.
const TINY: u16 = 3;
/// Runs that are looked at.
const RUNS: usize = 4096;

/// The character runs of a text of so many characters; none when the formatting does not fit.
pub(super) fn runs(body: &[u8], chars: usize) -> Vec<StyleRun> {
    let mut found = Vec::new();
    let mut reader = Reader::new(body);
    let all = chars.saturating_add(1);
    let mut done = 0usize;
    for _ in 0..RUNS {
        if done >= all {
            break;
        }
        let Ok(count) = paragraphs(&mut reader) else { return found };
        done = done.saturating_add(count);
    }
    done = 0;
    for _ in 0..RUNS {
        if done >= chars {
            break;
        }
        let Ok((count, hidden)) = characters(&mut reader) else { break };
        let end = done.saturating_add(count).min(chars);
        found.push(StyleRun { chars: done..end, hidden });
        done = end;
    }
    if done < chars {
        found.push(StyleRun { chars: done..chars, hidden: None });
    }
    found
}

/// Passes a run of paragraphs, and says how many characters they have ([MS-PPT] 2.9.20).
fn paragraphs(reader: &mut Reader<'_>) -> Result<usize, Short> {
    let count = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
    reader.skip(2)?; // indentLevel
    let mask = reader.u32()?;
    let has = |bits: u32| mask & bits != 0;
    // bulletFlags, bulletChar, bulletFontRef, bulletSize
    for bits in [0x000F, 0x0080, 0x0010, 0x0040] {
        if has(bits) {
            reader.skip(2)?;
        }
    }
    // bulletColor
    if has(0x0020) {
        reader.skip(4)?;
    }
    // textAlignment, lineSpacing, spaceBefore, spaceAfter, leftMargin, indent, defaultTabSize
    for bits in [0x0800, 0x1000, 0x2000, 0x4000, 0x0100, 0x0400, 0x8000] {
        if has(bits) {
            reader.skip(2)?;
        }
    }
    // tabStops
    if has(0x0010_0000) {
        let stops = usize::from(reader.u16()?);
        reader.skip(stops.saturating_mul(4))?;
    }
    // fontAlign, wrapFlags, textDirection
    for bits in [0x0001_0000, 0x000E_0000, 0x0020_0000] {
        if has(bits) {
            reader.skip(2)?;
        }
    }
    Ok(count)
}

/// A run of characters: how many, and what hides them ([MS-PPT] 2.9.13).
fn characters(reader: &mut Reader<'_>) -> Result<(usize, Option<HiddenText>), Short> {
    let count = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
    let mask = reader.u32()?;
    let has = |bits: u32| mask & bits != 0;
    // fontStyle, fontRef, oldEAFontRef, ansiFontRef, symbolFontRef
    for bits in [0x0000_3EB7, 0x0001_0000, 0x0020_0000, 0x0040_0000, 0x0080_0000] {
        if has(bits) {
            reader.skip(2)?;
        }
    }
    let size = if has(0x0002_0000) { Some(reader.u16()?) } else { None };
    // red, green, blue, index: 0 is the background of the scheme.
    let colour = if has(0x0004_0000) { Some(reader.array::<4>()?) } else { None };
    // position
    if has(0x0008_0000) {
        reader.skip(2)?;
    }
    let hidden = if size.is_some_and(|size| (1..=TINY).contains(&size)) {
        Some(HiddenText::Tiny)
    } else if matches!(colour, Some([.., 0])) {
        Some(HiddenText::White)
    } else {
        None
    };
    Ok((count, hidden))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn background_colour_and_tiny_size_hide_their_characters() {
        let mut body = Vec::new();
        for (count, mask, fields) in
            [(9_u32, 0x0010_0881_u32, &[1, 0, 0x22, 0x20, 1, 0, 1, 0, 0, 0, 0, 0][..]), (4, 0, &[])]
        {
            body.extend(count.to_le_bytes());
            body.extend([0, 0]); // indentLevel
            body.extend(mask.to_le_bytes());
            body.extend(fields);
        }
        for (count, mask, fields) in [
            (3_u32, 0x0003_0001_u32, &[1, 0, 2, 0, 24, 0][..]),
            (4, 0x0004_0000, &[9, 9, 9, 0]),
            (2, 0x0002_0000, &[2, 0]),
            (4, 0x0004_0000, &[0xFF, 0xFF, 0xFF, 0xFE]),
        ] {
            body.extend(count.to_le_bytes());
            body.extend(mask.to_le_bytes());
            body.extend(fields);
        }
        let expected = [
            StyleRun { chars: 0..3, hidden: None },
            StyleRun { chars: 3..7, hidden: Some(HiddenText::White) },
            StyleRun { chars: 7..9, hidden: Some(HiddenText::Tiny) },
            StyleRun { chars: 9..12, hidden: None },
        ];
        assert_eq!(runs(&body, 12), expected);
        // Cut formatting leaves the rest as it comes.
        assert_eq!(runs(&body[..20], 12), []);
        let last = StyleRun { chars: 7..12, hidden: None };
        assert_eq!(runs(&body[..body.len() - 22], 12).last(), Some(&last));
    }
}
