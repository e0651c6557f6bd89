//! A Flash movie by its head: in the clear, deflated or packed by LZMA.
//!
//! Layout: the public specification of SWF 19, chapter 2. Three letters and a version are little to go by, so that
//! the length and what follows it must be plausible as well. What is in the movie is not read.

use std::ops::Range;

use crate::base::Reader;

/// The latest version that a player took.
const VERSIONS: u8 = 50;
/// Shortest movie that has a size, a rate and a count of pictures.
const SHORTEST: u32 = 12;
/// Longest movie that is believed.
const LONGEST: u32 = 1 << 28;

/// Bytes of the movie that begins at the first byte: as many as it states when it is in the clear, and none
/// when that is not known.
pub fn stated_len(bytes: &[u8]) -> Option<Option<u32>> {
    let mut reader = Reader::new(bytes);
    let [letter, b'W', b'S', version] = reader.array().ok()? else { return None };
    let len = reader.u32().ok()?;
    if !(1..=VERSIONS).contains(&version) || !(SHORTEST..LONGEST).contains(&len) {
        return None;
    }
    let [first, second] = reader.array().ok()?;
    match letter {
        // The size of the picture: a count of bits, and four numbers of so many.
        b'F' => (first >> 3 > 1).then_some(Some(len)),
        // RFC 1950: method 8, and a check over both bytes.
        b'C' => (first & 0x0F == 8 && u16::from_be_bytes([first, second]) % 31 == 0 && version >= 6)
            .then_some(None),
        b'Z' => (version >= 13).then_some(None),
        _ => None,
    }
}

/// Where the first movie lies in the state of a control, which has fields of its own before it.
pub fn find(state: &[u8]) -> Option<Range<usize>> {
    let places = state.windows(3).enumerate().filter(|(_, window)| window.ends_with(b"WS"));
    for (at, _) in places {
        let rest = state.get(at..).unwrap_or_default();
        if let Some(len) = stated_len(rest) {
            let len = len.and_then(|len| usize::try_from(len).ok()).unwrap_or(rest.len()).min(rest.len());
            return Some(at..at.saturating_add(len));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(letters: &[u8; 3], version: u8, len: u32, next: &[u8]) -> Vec<u8> {
        [letters.as_slice(), &[version], &len.to_le_bytes(), next].concat()
    }

    #[test]
    fn movies_are_told_by_letters_version_length_and_what_follows() {
        assert_eq!(stated_len(&head(b"FWS", 5, 21, &[0x78, 0])), Some(Some(21)));
        assert_eq!(stated_len(&head(b"CWS", 9, 4096, &[0x78, 0xDA])), Some(None));
        assert_eq!(stated_len(&head(b"ZWS", 13, 4096, &[9, 0])), Some(None));
        for other in [
            head(b"FWS", 0, 21, &[0x78, 0]),
            head(b"FWS", 5, 4, &[0x78, 0]),
            head(b"CWS", 9, 4096, &[0x78, 0xDB]),
            head(b"ZWS", 9, 4096, &[9, 0]),
            b"FWS is a short word".to_vec(),
            b"CWS\x09".to_vec(),
        ] {
            assert_eq!(stated_len(&other), None, "{other:02x?}");
        }
    }

    #[test]
    fn movie_behind_the_fields_of_a_control_is_found_whole() {
        let movie = head(b"FWS", 5, 12, &[0x78, 0, 5, 6]);
        let state = [b"fUfU\x0c\0\0\0 news WS".as_slice(), &movie, b"behind"].concat();
        assert_eq!(find(&state), Some(16..28));
        assert_eq!(find(b"fUfU news WS"), None);
    }
}
