//! Character formatting that keeps a person from seeing text.
//!
//! Layout: [MS-DOC] 2.8.5 PlcBteChpx, 2.9.33 ChpxFkp, 2.6.1 (character properties). Only properties that
//! stand at the text itself are read; those of styles are not, and neither is Word 6 formatting,
//! whose property codes are others.

use super::DocError;
use crate::base::{Cx, Reader};
use crate::documents::document::HiddenText;

/// Bytes of the stream that show as hidden text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HiddenRun {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) hidden: HiddenText,
}

/// Bytes of a formatted page.
const PAGE: usize = 512;

/// Half points below which text cannot be read.
const TINY: u16 = 6;

/// Reads the pages that `table` (a PlcBteChpx) names, and keeps the runs that hide their text, in the
/// order of the stream.
pub(super) fn read(
    stream: &[u8],
    table: &[u8],
    into: &mut Vec<HiddenRun>,
    cx: &mut Cx<'_>,
) -> Result<(), DocError> {
    // One offset more than pages, and a page number each.
    let count = table.len().saturating_sub(4) / 8;
    let numbers_at = count.saturating_add(1).saturating_mul(4);
    let mut numbers = Reader::new(table.get(numbers_at..).unwrap_or_default());
    for _ in 0..count {
        let number = usize::try_from(numbers.u32()? & 0x003F_FFFF).unwrap_or(usize::MAX);
        // A page can be named any number of times, so that each costs what looking at it costs.
        cx.budget.step(8)?;
        let at = number.saturating_mul(PAGE);
        let Some(page) = stream.get(at..at.saturating_add(PAGE)) else {
            cx.recovered(at as u64, "a page of character formatting lies outside the stream");
            continue;
        };
        formatted_page(page, into, cx)?;
    }
    into.sort_by_key(|run| (run.start, run.end));
    let mut end = 0;
    into.retain(|run| {
        let apart = run.start >= end;
        end = end.max(run.end);
        apart
    });
    Ok(())
}

fn formatted_page(page: &[u8], into: &mut Vec<HiddenRun>, cx: &mut Cx<'_>) -> Result<(), DocError> {
    let runs = usize::from(page.last().copied().unwrap_or(0));
    let mut offsets = Reader::new(page);
    let places_at = runs.saturating_add(1).saturating_mul(4);
    let mut places = Reader::new(page.get(places_at..).unwrap_or_default());
    cx.budget.step(runs as u64 / 4)?;
    let mut start = offsets.u32().unwrap_or(0);
    for _ in 0..runs {
        let (Ok(end), Ok(place)) = (offsets.u32(), places.u8()) else { break };
        let properties = match place {
            // No properties of their own.
            0 => &[],
            place => properties(page, usize::from(place).saturating_mul(2)),
        };
        if start < end
            && let Some(hidden) = hiding(properties)
        {
            cx.budget.hold(size_of::<HiddenRun>())?;
            into.push(HiddenRun { start: start.into(), end: end.into(), hidden });
        }
        start = end;
    }
    Ok(())
}

/// The properties of a Chpx: a length, and as many bytes.
fn properties(page: &[u8], at: usize) -> &[u8] {
    let mut reader = Reader::new(page.get(at..).unwrap_or_default());
    let len = reader.u8().unwrap_or(0);
    reader.take_up_to(len.into())
}

/// What a list of properties hides ([MS-DOC] 2.6.1); the last one of a kind counts.
fn hiding(properties: &[u8]) -> Option<HiddenText> {
    let mut reader = Reader::new(properties);
    let (mut vanish, mut white, mut tiny, mut shaded) = (false, false, false, false);
    while let Ok(property) = reader.u16() {
        let len = match property >> 13 {
            0 | 1 => 1,
            2 | 4 | 5 => 2,
            3 => 4,
            7 => 3,
            _ => match reader.u8() {
                Ok(len) => usize::from(len),
                Err(_) => break,
            },
        };
        let Ok(operand) = reader.take(len) else { break };
        match (property, operand) {
            // sprmCFVanish; 0x80 and 0x81 are as the style says and its opposite.
            (0x083C, [value]) => vanish = matches!(value, 1 | 0x81),
            // sprmCIco: 8 is white.
            (0x2A42, [value]) => white = *value == 8,
            // sprmCCv: red, green, blue, and whether it is automatic.
            (0x6870, [red, green, blue, auto]) => {
                white = *auto == 0 && [red, green, blue].into_iter().all(|part| *part >= 0xFB);
            }
            // sprmCHps
            (0x4A43, [low, high]) => tiny = u16::from_le_bytes([*low, *high]) <= TINY,
            // sprmCShd80: a background or pattern other than automatic.
            (0x4866, [low, high]) => shaded = u16::from_le_bytes([*low, *high]) & 0xFFE0 != 0,
            // sprmCShd: foreground, background, pattern.
            (0xCA71, operand) => shaded = operand.get(4..7).is_some_and(|back| back != [0xFF; 3]),
            _ => {}
        }
    }
    if vanish {
        Some(HiddenText::Vanish)
    } else if tiny {
        Some(HiddenText::Tiny)
    } else {
        (white && !shaded).then_some(HiddenText::White)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_property_of_a_kind_counts() {
        assert_eq!(hiding(&[0x3C, 0x08, 1]), Some(HiddenText::Vanish));
        assert_eq!(hiding(&[0x3C, 0x08, 1, 0x3C, 0x08, 0]), None);
        assert_eq!(hiding(&[0x42, 0x2A, 8]), Some(HiddenText::White));
        assert_eq!(hiding(&[0x70, 0x68, 0xFF, 0xFF, 0xFF, 0]), Some(HiddenText::White));
        assert_eq!(hiding(&[0x70, 0x68, 0xFF, 0xFF, 0xFF, 0xFF]), None);
        assert_eq!(hiding(&[0x43, 0x4A, 2, 0]), Some(HiddenText::Tiny));
        assert_eq!(hiding(&[0x43, 0x4A, 24, 0]), None);
        // White on a background of its own is read well.
        assert_eq!(hiding(&[0x42, 0x2A, 8, 0x66, 0x48, 0x40, 0x00]), None);
        assert_eq!(hiding(&[0x3C, 0x08]), None);
    }
}
