//! Code page 1361: Johab, the combining code of Korean (KS X 1001 annex 3).
//!
//! A Hangul code is 1, then five bits each for the initial, the medial and the final letter.
//! Symbols and Chinese characters are those of KS X 1001 in another order.

use std::borrow::Cow;

use super::{Decoded, ascii_prefix};

pub(super) fn decode(bytes: &[u8]) -> Decoded<'_> {
    let (ascii, mut rest) = ascii_prefix(bytes);
    if rest.is_empty() {
        return Decoded { text: Cow::Borrowed(ascii), replaced: 0 };
    }
    let mut text = String::from(ascii);
    let mut replaced = 0_usize;
    while let [first, after @ ..] = rest {
        if first.is_ascii() {
            text.push(char::from(*first));
            rest = after;
            continue;
        }
        match after {
            [second, after @ ..] if let Some(char) = pair(*first, *second) => {
                text.push(char);
                rest = after;
            }
            _ => {
                text.push(char::REPLACEMENT_CHARACTER);
                replaced = replaced.saturating_add(1);
                // An ASCII byte behind a bad first byte is not swallowed.
                rest = match after {
                    [second, behind @ ..] if !second.is_ascii() => behind,
                    _ => after,
                };
            }
        }
    }
    Decoded { text: Cow::Owned(text), replaced }
}

fn pair(first: u8, second: u8) -> Option<char> {
    match first {
        0x84..=0xD3 => hangul(u16::from_be_bytes([first, second])),
        0xD9..=0xDE | 0xE0..=0xF9 => symbol(first, second),
        _ => None,
    }
}

/// The letter that stands for "none here".
const FILL: u32 = u32::MAX;

fn hangul(code: u16) -> Option<char> {
    let initial = match code >> 10 & 0x1F {
        1 => FILL,
        letter @ 2..=20 => u32::from(letter).checked_sub(2)?,
        _ => return None,
    };
    let medial = match code >> 5 & 0x1F {
        2 => FILL,
        letter @ 3..=7 => u32::from(letter).checked_sub(3)?,
        letter @ 10..=15 => u32::from(letter).checked_sub(5)?,
        letter @ 18..=23 => u32::from(letter).checked_sub(7)?,
        letter @ 26..=29 => u32::from(letter).checked_sub(9)?,
        _ => return None,
    };
    let last = match code & 0x1F {
        1 => 0,
        letter @ 2..=17 => u32::from(letter).checked_sub(1)?,
        letter @ 19..=29 => u32::from(letter).checked_sub(2)?,
        _ => return None,
    };
    let code = match (initial, medial, last) {
        (FILL, FILL, 0) => 0x3000,
        (FILL, FILL, last) => (*FINALS.get(last as usize)?).into(),
        (initial, FILL, 0) => (*INITIALS.get(initial as usize)?).into(),
        (FILL, medial, 0) => medial.saturating_add(0x314F),
        (FILL, ..) | (_, FILL, _) => return None,
        (initial, medial, last) => initial
            .saturating_mul(21)
            .saturating_add(medial)
            .saturating_mul(28)
            .saturating_add(last)
            .saturating_add(0xAC00),
    };
    char::from_u32(code)
}

/// Initial letters standing alone (compatibility letters).
static INITIALS: [u16; 19] = [
    0x3131, 0x3132, 0x3134, 0x3137, 0x3138, 0x3139, 0x3141, 0x3142, 0x3143, 0x3145, 0x3146, 0x3147, 0x3148,
    0x3149, 0x314A, 0x314B, 0x314C, 0x314D, 0x314E,
];

/// Final letters standing alone, from the place of "none".
static FINALS: [u16; 28] = [
    0x0000, 0x3131, 0x3132, 0x3133, 0x3134, 0x3135, 0x3136, 0x3137, 0x3139, 0x313A, 0x313B, 0x313C, 0x313D,
    0x313E, 0x313F, 0x3140, 0x3141, 0x3142, 0x3144, 0x3145, 0x3146, 0x3147, 0x3148, 0x314A, 0x314B, 0x314C,
    0x314D, 0x314E,
];

/// Two rows of KS X 1001 (94 characters each) share one first byte.
fn symbol(first: u8, second: u8) -> Option<char> {
    let row = match first {
        0xD9..=0xDE => first.checked_sub(0xD9)?.checked_mul(2)?,
        _ => first.checked_sub(0xE0)?.checked_mul(2)?.checked_add(41)?,
    };
    let place = match second {
        0x31..=0x7E => second.checked_sub(0x31)?,
        0x91..=0xFE => second.checked_sub(0x43)?,
        _ => return None,
    };
    let (row, column) = match place.checked_sub(94) {
        Some(column) => (row.checked_add(1)?, column),
        None => (row, place),
    };
    let euc = [row.checked_add(0xA1)?, column.checked_add(0xA1)?];
    let text = encoding_rs::EUC_KR.decode_without_bom_handling_and_without_replacement(&euc)?;
    text.chars().next()
}
