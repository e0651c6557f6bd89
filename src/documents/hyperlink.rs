//! The hyperlink object of Office ([MS-OSHARED] 2.3.7.1): what is shown, where it leads.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use crate::base::text::utf16le;
use crate::base::{Reader, Short};

/// Texts of a hyperlink object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HyperlinkObject {
    /// Where it leads.
    pub target: String,
    /// A place in the target.
    pub location: String,
    /// What is shown for it.
    pub shown: String,
}

const URL_MONIKER: [u8; 16] =
    [0xE0, 0xC9, 0xEA, 0x79, 0xF9, 0xBA, 0xCE, 0x11, 0x8C, 0x82, 0x00, 0xAA, 0x00, 0x4B, 0xA9, 0x0B];
const FILE_MONIKER: [u8; 16] = [0x03, 0x03, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];
const COMPOSITE_MONIKER: [u8; 16] = [0x09, 0x03, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];
const ANTI_MONIKER: [u8; 16] = [0x05, 0x03, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];
const ITEM_MONIKER: [u8; 16] = [0x04, 0x03, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];

impl HyperlinkObject {
    /// Reads an object behind its class; what was read before a field that does not fit is kept.
    ///
    /// # Errors
    /// [`Short`] when a field does not fit.
    pub fn read(&mut self, object: &mut Reader<'_>) -> Result<(), Short> {
        object.u32()?;
        let flags = object.u32()?;
        // hlstmfHasDisplayName, hlstmfHasFrameName
        if flags & 0x10 != 0 {
            self.shown = hyperlink_string(object)?;
        }
        if flags & 0x80 != 0 {
            hyperlink_string(object)?;
        }
        // hlstmfMonikerSavedAsStr, hlstmfHasMoniker
        if flags & 0x100 != 0 {
            self.target = hyperlink_string(object)?;
        } else if flags & 0x01 != 0 {
            self.monikers(object)?;
        }
        // hlstmfHasLocationStr
        if flags & 0x08 != 0 {
            self.location = hyperlink_string(object)?;
        }
        Ok(())
    }

    /// Reads one moniker, or those that a composite one counts ([MS-OSHARED] 2.3.7.2 and on).
    fn monikers(&mut self, object: &mut Reader<'_>) -> Result<(), Short> {
        let mut left = 1u32;
        while left > 0 {
            left = left.saturating_sub(1);
            match object.array::<16>()? {
                URL_MONIKER => {
                    let len = usize::try_from(object.u32()?).unwrap_or(usize::MAX);
                    let bytes = object.take_up_to(len);
                    let url = utf16le(bytes);
                    // Behind the NUL may stand an identifier and flags.
                    self.target.push_str(url.split('\0').next().unwrap_or_default());
                }
                FILE_MONIKER => self.file_moniker(object)?,
                COMPOSITE_MONIKER => left = left.saturating_add(object.u32()?),
                ANTI_MONIKER => object.skip(4)?,
                ITEM_MONIKER => {
                    for _ in 0..2 {
                        let len = usize::try_from(object.u32()?).unwrap_or(usize::MAX);
                        let text = object.take(len)?;
                        self.target
                            .extend(text.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)));
                    }
                }
                // The length of any other one is its own affair.
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// Reads `FileMoniker` ([MS-OSHARED] 2.3.7.8): steps up, an 8-bit path, a Unicode path.
    fn file_moniker(&mut self, object: &mut Reader<'_>) -> Result<(), Short> {
        let steps_up = usize::from(object.u16()?);
        let len = usize::try_from(object.u32()?).unwrap_or(usize::MAX);
        let narrow = object.take(len)?;
        object.skip(24)?;
        let rest_len = object.u32()?;
        let mut path: String =
            narrow.iter().take_while(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
        if rest_len > 0 {
            let len = usize::try_from(object.u32()?).unwrap_or(usize::MAX);
            object.u16()?;
            path = utf16le(object.take(len)?);
        }
        for _ in 0..steps_up.min(64) {
            self.target.push_str("..\\");
        }
        self.target.push_str(&path);
        Ok(())
    }
}

/// Reads a count of characters and as many in UTF-16, the last of which is NUL.
fn hyperlink_string(object: &mut Reader<'_>) -> Result<String, Short> {
    let count = usize::try_from(object.u32()?).unwrap_or(usize::MAX);
    let text = utf16le(object.take(count.saturating_mul(2))?);
    Ok(text.split('\0').next().unwrap_or_default().to_owned())
}
