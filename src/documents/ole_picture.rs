//! How an object looks while its program is not at work: the streams `\2OlePres000` to `\2OlePres999`.
//!
//! Layout: [MS-OLEDS] 2.3.4 (OLEPresentationStream). It holds a metafile or a bitmap, whose format is a
//! number of the clipboard or a registered name, behind a device and sizes that say nothing here. A stream
//! of format 0 holds none. A size past the end gives what is there.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use std::ops::Range;

use crate::base::{Reader, Short};

/// Whether a stream has the name of one.
pub fn is_named(name: &str) -> bool {
    let prefix = name.get(..8).is_some_and(|prefix| prefix.eq_ignore_ascii_case("\u{2}OlePres"));
    prefix && name.len() == 11 && name.bytes().skip(8).all(|byte| byte.is_ascii_digit())
}

/// Where the picture lies in the stream.
///
/// # Errors
/// [`Short`] when a field before the picture does not fit.
pub fn picture(stream: &[u8]) -> Result<Option<Range<u64>>, Short> {
    let mut reader = Reader::new(stream);
    if reader.is_empty() {
        return Ok(None);
    }
    match reader.u32()? {
        0 => return Ok(None),
        0xFFFF_FFFF | 0xFFFF_FFFE => reader.skip(4)?,
        name_len => reader.skip(usize::try_from(name_len).unwrap_or(usize::MAX))?,
    }
    // TargetDeviceSize counts itself.
    let device_len = reader.u32()?.saturating_sub(4);
    reader.skip(usize::try_from(device_len).unwrap_or(usize::MAX))?;
    reader.skip(4 * 6)?; // Aspect, Lindex, Advf, Reserved1, Width, Height
    let len = reader.u32()?;
    let at = reader.at();
    let len = u64::from(len).min(reader.remaining() as u64);
    Ok((len > 0).then(|| at..at.saturating_add(len)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use docsift_corpus::metafile::presentation;

    #[test]
    fn names_end_in_three_digits() {
        assert!(is_named("\u{2}OlePres000") && is_named("\u{2}olepres999"));
        assert!(!is_named("\u{2}OlePres00") && !is_named("OlePres0000") && !is_named("\u{2}OlePresüü0"));
    }

    #[test]
    fn picture_lies_behind_format_device_and_sizes() {
        let stream = presentation(3, b"metafile");
        let at = stream.len() as u64 - 8;
        assert_eq!(picture(&stream), Ok(Some(at..at + 8)));
        // What is missing at its end is missing from the picture.
        assert_eq!(picture(&stream[..stream.len() - 3]), Ok(Some(at..at + 5)));
        let mut named = b"\x05\0\0\0Name\0".to_vec();
        named.extend_from_slice(&stream[8..]);
        assert_eq!(picture(&named), Ok(Some(at + 1..at + 9)));
        assert_eq!(picture(&[0; 4]), Ok(None));
        assert_eq!(picture(&[]), Ok(None));
        assert_eq!(picture(&stream[..30]), Err(Short { at: 12, need: 24, have: 18 }));
    }
}
