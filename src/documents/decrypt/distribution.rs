//! Streams of Hangul documents for distribution, which anyone may read and nobody is to change.
//!
//! Layout: "Hangul Document File Format 5.0, distribution documents" by Hancom. The first record holds 256
//! bytes under a row of random numbers whose seed they begin with; among them lies the key of what follows,
//! AES-128 block by block. A stream without that record, or with a shorter one, has no key.

use crate::base::{Cx, LimitHit, Reader};
use crate::crypto::ciphers::Aes;
use crate::documents::hwp;

const HWPTAG_DISTRIBUTE_DOC_DATA: u32 = 0x10 + 12;

/// What a stream (`ViewText/Section0`, `Scripts/DefaultJScript`) holds in the clear; `None` when it has no key.
///
/// # Errors
/// [`LimitHit`] when the budget does not last.
pub fn in_the_clear(stream: &[u8], cx: &mut Cx<'_>) -> Result<Option<Vec<u8>>, LimitHit> {
    let mut reader = Reader::new(stream);
    let Some(aes) = key(&mut reader).and_then(|key| Aes::new(&key)) else { return Ok(None) };
    let covered = reader.rest();
    cx.budget.touch(covered.len().saturating_mul(2))?;
    cx.budget.own(covered.len() as u64)?;
    let mut clear = covered.to_vec();
    aes.decrypt_ecb(&mut clear);
    Ok(Some(clear))
}

fn key(reader: &mut Reader<'_>) -> Option<[u8; 16]> {
    let (_, mut body) = hwp::record(reader).ok().filter(|(tag, _)| *tag == HWPTAG_DISTRIBUTE_DOC_DATA)?;
    let covered = body.array::<256>().ok()?;
    let [first, second, third, fourth, ..] = covered;
    let mut row = Row { state: u32::from_le_bytes([first, second, third, fourth]) };
    let at = usize::from(first & 0x0F).saturating_add(4);
    let mut key = [0; 16];
    // A byte of the row covers one to sixteen bytes. It runs over the seed too, which lies bare.
    let (mut cover, mut left) = (0, 0_u8);
    let mut clear = covered.iter().map(|byte| {
        if left == 0 {
            cover = row.byte();
            left = (row.byte() & 0x0F).saturating_add(1);
        }
        left = left.saturating_sub(1);
        byte ^ cover
    });
    let clear = clear.by_ref().skip(at);
    key.iter_mut().zip(clear).for_each(|(to, byte)| *to = byte);
    Some(key)
}

/// The low bytes of what `rand` of Microsoft's C library gives.
struct Row {
    state: u32,
}

impl Row {
    fn byte(&mut self) -> u8 {
        self.state = self.state.wrapping_mul(214_013).wrapping_add(2_531_011);
        let [_, _, byte, _] = self.state.to_le_bytes();
        byte
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn clear(stream: &[u8]) -> Option<Vec<u8>> {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let stage = Stage::Word;
        in_the_clear(stream, &mut Cx { part: PartId(0), stage, budget: &mut budget, problems: &mut problems })
            .unwrap()
    }

    #[test]
    fn row_is_that_of_microsofts_c_library() {
        // srand(1) gives 41, 18467, 6334, 26500, 19169.
        let mut row = Row { state: 1 };
        let bytes: Vec<u8> = (0..5).map(|_| row.byte()).collect();
        assert_eq!(bytes, [41, 18467, 6334, 26500, 19169].map(|number: u16| number.to_le_bytes()[0]));
    }

    #[test]
    fn stream_opens_with_the_key_in_it_and_a_cut_one_has_none() {
        let text = b"one two three four five six seven";
        let stream = docsift_corpus::notes::for_distribution(text, 0x1234_5679);
        let mut expected = text.to_vec();
        expected.resize(48, 0);
        assert_eq!(clear(&stream), Some(expected));
        for len in [0, 3, 4, 259] {
            assert_eq!(clear(&stream[..len]), None, "{len}");
        }
        assert_eq!(clear(&stream[..260]), Some(Vec::new()));
        assert_eq!(clear(&[&67_u32.to_le_bytes()[..], &stream[4..]].concat()), None);
    }
}
