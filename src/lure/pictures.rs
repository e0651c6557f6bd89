//! Pictures as carriers of lures: what they look like, and whether the caller knows them.
//!
//! A lure picture is sent again and again with a few bytes changed. [`dhash`] is the gradient of the
//! picture shrunk to nine by eight points, a bit for each pair of neighbours: pictures that look alike
//! have hashes that differ in few bits.

use crate::base::PartId;
use crate::containers::sniff::FileKind;

pub use super::look::dhash;

/// What is known of one picture beside its format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Its part.
    pub part: PartId,
    /// Its [`dhash`]; none when it was not decoded.
    pub dhash: Option<u64>,
    /// Which known lure it is.
    pub known: Option<Match>,
}

/// A picture that is known from lures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum KnownLure {
    /// The SHA-256 of the picture.
    Sha256([u8; 32]),
    /// A hash of its look, as the report gives it.
    Dhash(u64),
}

/// How a picture matches a known one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Match {
    /// Byte for byte.
    Same,
    /// It looks alike; so many of 64 bits differ.
    Alike(u32),
}

/// Bits that the hashes of two pictures that look alike may differ in.
pub const ALIKE_BITS: u32 = 6;

/// Whether a picture is among `known` ones.
pub fn look_up(known: &[KnownLure], sha256: Option<[u8; 32]>, dhash: Option<u64>) -> Option<Match> {
    let matches = known.iter().filter_map(|lure| match lure {
        KnownLure::Sha256(hash) => (sha256 == Some(*hash)).then_some(Match::Same),
        KnownLure::Dhash(hash) => {
            let bits = (dhash? ^ hash).count_ones();
            // A picture of one colour has no look.
            (bits <= ALIKE_BITS && dhash != Some(0)).then_some(Match::Alike(bits))
        }
    });
    matches.min()
}

/// Whether pictures of a kind are decoded for their [`dhash`], which takes the feature `pictures`.
pub fn is_decoded(kind: FileKind) -> bool {
    matches!(kind, FileKind::Png | FileKind::Jpeg | FileKind::Gif | FileKind::Bmp | FileKind::Tiff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_picture_is_told_by_its_bytes_or_by_its_look() {
        let known = [KnownLure::Sha256([7; 32]), KnownLure::Dhash(0xFF00)];
        assert_eq!(look_up(&known, Some([7; 32]), Some(0xFF00)), Some(Match::Same));
        assert_eq!(look_up(&known, Some([8; 32]), Some(0xFF03)), Some(Match::Alike(2)));
        assert_eq!(look_up(&known, Some([8; 32]), Some(0xFF7F)), None);
        assert_eq!(look_up(&known, None, None), None);
        assert_eq!(look_up(&[KnownLure::Dhash(0)], None, Some(0)), None);
    }
}
