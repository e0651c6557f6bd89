//! How characters look, as far as it keeps a person from seeing them, and where their pictures lie.
//!
//! Layout: [MS-DOC] 2.6.1 (character properties), 2.9.242 (Sprm). A property that is not there is inherited.

use crate::base::Reader;
use crate::documents::document::HiddenText;

/// Half points up to which text cannot be read.
const TINY: u16 = 6;

/// What a list of properties sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Look {
    vanish: Option<Toggle>,
    white: Option<bool>,
    tiny: Option<bool>,
    shaded: Option<bool>,
    /// The character style.
    pub(super) style: Option<u16>,
}

/// A property that a style may turn round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Toggle {
    Is(bool),
    AsStyle,
    NotAsStyle,
}

impl Look {
    /// Whether it sets nothing that counts here.
    pub(super) fn is_plain(&self) -> bool {
        *self == Look::default()
    }

    /// This look on top of another one.
    pub(super) fn over(self, below: Look) -> Look {
        let below_vanishes = below.vanish == Some(Toggle::Is(true));
        let vanish = match self.vanish {
            None | Some(Toggle::AsStyle) => below.vanish,
            Some(Toggle::NotAsStyle) => Some(Toggle::Is(!below_vanishes)),
            is => is,
        };
        Look {
            vanish,
            white: self.white.or(below.white),
            tiny: self.tiny.or(below.tiny),
            shaded: self.shaded.or(below.shaded),
            style: self.style.or(below.style),
        }
    }

    /// What keeps a person from seeing it, when nothing lies below.
    pub(super) fn hidden(self) -> Option<HiddenText> {
        let is = |value: Option<bool>| value == Some(true);
        if matches!(self.vanish, Some(Toggle::Is(true) | Toggle::NotAsStyle)) {
            Some(HiddenText::Vanish)
        } else if is(self.tiny) {
            Some(HiddenText::Tiny)
        } else {
            (is(self.white) && !is(self.shaded)).then_some(HiddenText::White)
        }
    }
}

/// What a picture character refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PictureProperties {
    /// `sprmCPicLocation`
    pub(super) at: Option<u32>,
    /// Whether that is the number of an object, or of data that is no picture.
    pub(super) is_other: bool,
}

impl PictureProperties {
    /// Where in the stream `Data` a picture lies.
    pub(super) fn picture(self) -> Option<u32> {
        self.at.filter(|_| !self.is_other)
    }
}

/// Reads a list of properties; the last one of a kind counts.
pub(super) fn read(properties: &[u8]) -> (Look, PictureProperties) {
    let mut reader = Reader::new(properties);
    let (mut look, mut picture) = (Look::default(), PictureProperties::default());
    while let Ok(property) = reader.u16() {
        let len = match property >> 13 {
            0 | 1 => 1,
            2 | 4 | 5 => 2,
            3 => 4,
            7 => 3,
            _ => match (property, reader.u8()) {
                // sprmTDefTable counts in two bytes, less one.
                (0xD608, Ok(low)) => {
                    let high = reader.u8().unwrap_or(0);
                    usize::from(u16::from_le_bytes([low, high])).saturating_sub(1)
                }
                (_, Ok(len)) => usize::from(len),
                (_, Err(_)) => break,
            },
        };
        let Ok(operand) = reader.take(len) else { break };
        match (property, operand) {
            // sprmCFVanish
            (0x083C, [value]) => {
                look.vanish = Some(match value {
                    0x80 => Toggle::AsStyle,
                    0x81 => Toggle::NotAsStyle,
                    value => Toggle::Is(*value == 1),
                });
            }
            // sprmCIco: 8 is white.
            (0x2A42, [value]) => look.white = Some(*value == 8),
            // sprmCCv: red, green, blue, and whether it is automatic.
            (0x6870, [red, green, blue, auto]) => {
                look.white = Some(*auto == 0 && [red, green, blue].into_iter().all(|part| *part >= 0xFB));
            }
            // sprmCHps
            (0x4A43, [low, high]) => look.tiny = Some(u16::from_le_bytes([*low, *high]) <= TINY),
            // sprmCShd80: a background or pattern other than automatic.
            (0x4866, [low, high]) => look.shaded = Some(u16::from_le_bytes([*low, *high]) & 0xFFE0 != 0),
            // sprmCShd: foreground, background, pattern.
            (0xCA71, operand) => look.shaded = Some(operand.get(4..7).is_some_and(|back| back != [0xFF; 3])),
            // sprmCIstd
            (0x4A30, [low, high]) => look.style = Some(u16::from_le_bytes([*low, *high])),
            // sprmCPicLocation
            (0x6A03, [a, b, c, d]) => picture.at = Some(u32::from_le_bytes([*a, *b, *c, *d])),
            // sprmCFOle2, sprmCFData
            (0x080A | 0x0806, [value]) => picture.is_other |= *value != 0,
            _ => {}
        }
    }
    (look, picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hiding(properties: &[u8]) -> Option<HiddenText> {
        read(properties).0.hidden()
    }

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

    #[test]
    fn what_a_style_hides_is_kept_turned_round_or_shown() {
        let style = read(&[0x3C, 0x08, 1, 0x43, 0x4A, 2, 0]).0;
        let over = |properties: &[u8]| read(properties).0.over(style).hidden();
        assert_eq!(over(&[]), Some(HiddenText::Vanish));
        assert_eq!(over(&[0x3C, 0x08, 0x80]), Some(HiddenText::Vanish));
        assert_eq!(over(&[0x3C, 0x08, 0x81]), Some(HiddenText::Tiny));
        assert_eq!(over(&[0x3C, 0x08, 0, 0x43, 0x4A, 24, 0]), None);
    }

    #[test]
    fn picture_characters_say_where_their_data_lies() {
        let place = [0x03, 0x6A, 0x44, 0x01, 0, 0];
        assert_eq!(read(&place).1.picture(), Some(0x144));
        let object = [&place[..], &[0x0A, 0x08, 1]].concat();
        assert_eq!(read(&object).1.picture(), None);
    }
}
