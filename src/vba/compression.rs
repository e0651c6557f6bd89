//! Compressed containers ([MS-OVBA] 2.4.1): a signature byte, then chunks of up to 4096 bytes.
//!
//! A container that lies is read as far as it has a meaning: a wrong signature, a chunk shorter
//! than 4096 bytes or one that makes more, a size past the end. The [`Outcome`] says which, where,
//! and whether something could not be read.

use crate::base::{Cx, LimitHit};

/// `SignatureByte` of a container ([MS-OVBA] 2.4.1.1.1).
pub const SIGNATURE: u8 = 0x01;

/// Bytes that one chunk makes at most ([MS-OVBA] 2.4.1.1.3).
pub const CHUNK_LEN: usize = 4096;

const HEADER_LEN: usize = 2;

/// What came of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Bytes of the container, its signature included.
    pub read: u64,
    /// Bytes that were made.
    pub made: u64,
    /// The first deviation, if there was one.
    pub fault: Option<Fault>,
    /// Offset in the container from which on something was lost: decoding stopped there.
    pub lost_at: Option<u64>,
}

/// A deviation from [MS-OVBA] 2.4.1. Offsets are from the start of the container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// There is no container.
    #[error("no bytes where a compressed container should be")]
    Empty,
    /// The first byte is not 1.
    #[error("container signature 0x{found:02x}")]
    Signature {
        /// The first byte.
        found: u8,
    },
    /// The three signature bits of a chunk header are not 0b011.
    #[error("chunk at {at}: header 0x{header:04x} has a wrong signature")]
    ChunkSignature {
        /// Offset of the header.
        at: u64,
        /// The header.
        header: u16,
    },
    /// A chunk is longer than the bytes left.
    #[error("chunk at {at}: {need} bytes needed, {have} left")]
    Truncated {
        /// Offset of the header.
        at: u64,
        /// Bytes it states.
        need: u64,
        /// Bytes there are.
        have: u64,
    },
    /// A chunk that is not the last makes fewer than 4096 bytes.
    #[error("chunk at {at}: makes {made} bytes, and another one follows")]
    Underfull {
        /// Offset of the header.
        at: u64,
        /// Bytes it makes.
        made: u64,
    },
    /// A chunk makes more than 4096 bytes; the surplus is left out.
    #[error("chunk at {at}: makes more than 4096 bytes")]
    Overfull {
        /// Offset of the header.
        at: u64,
    },
    /// A copy token begins before its chunk.
    #[error("copy token at {at}: goes back {offset} bytes, past the start of its chunk")]
    CopyBeforeChunk {
        /// Offset of the token.
        at: u64,
        /// Bytes it goes back.
        offset: u64,
    },
    /// One byte of a copy token is missing at the end of a chunk.
    #[error("copy token at {at}: cut in half")]
    HalfToken {
        /// Offset of the token.
        at: u64,
    },
    /// The container makes more bytes than it is allowed to.
    #[error("chunk at {at}: the container makes more than {ceiling} bytes")]
    Ceiling {
        /// Offset of the header.
        at: u64,
        /// Bytes it may make.
        ceiling: u64,
    },
    /// Zeros or a single byte behind the last chunk.
    #[error("bytes behind the last chunk, from {at}")]
    Trailing {
        /// Offset of the first.
        at: u64,
    },
}

/// Decompresses a container and appends what it holds to `into`.
///
/// The container is taken to reach to the end of `container`. Each chunk is paid for before it is
/// decoded.
///
/// # Errors
/// [`LimitHit`] when steps or memory do not last; `into` then keeps every chunk so far.
pub fn decompress(container: &[u8], into: &mut Vec<u8>, cx: &mut Cx<'_>) -> Result<Outcome, LimitHit> {
    let ceiling = cx.budget.limits().part_bytes;
    decompress_up_to(container, ceiling, into, cx)
}

/// The same, but stops as soon as the container has made `ceiling` bytes and would make more.
pub(super) fn decompress_up_to(
    container: &[u8],
    ceiling: u64,
    into: &mut Vec<u8>,
    cx: &mut Cx<'_>,
) -> Result<Outcome, LimitHit> {
    let mut outcome = Outcome::default();
    let Some((&signature, mut rest)) = container.split_first() else {
        outcome.fault = Some(Fault::Empty);
        return Ok(outcome);
    };
    if signature != SIGNATURE {
        outcome.note(Fault::Signature { found: signature });
    }
    let base = into.len();
    let mut at = 1u64;
    let mut underfull = None;
    while let Some((header, body)) = chunk_header(rest) {
        if header == 0 {
            break;
        }
        if let Some(fault) = underfull.take() {
            outcome.note(fault);
        }
        let bad_signature = header >> 12 & 0b111 != 0b011;
        if bad_signature {
            outcome.note(Fault::ChunkSignature { at, header });
        }
        let need = usize::from(header & 0x0FFF).saturating_add(1);
        let have = body.len();
        let data = body.get(..need).unwrap_or(body);
        let truncated = have < need;
        if outcome.made >= ceiling {
            outcome.note(Fault::Ceiling { at, ceiling });
            outcome.lost_at.get_or_insert(at);
            break;
        }
        cx.budget.touch(data.len().saturating_add(CHUNK_LEN))?;
        cx.budget.own(CHUNK_LEN as u64)?;
        let start = into.len();
        let (fault, lost_at) = if header & 0x8000 == 0 {
            into.extend_from_slice(data.get(..CHUNK_LEN).unwrap_or(data));
            (None, None)
        } else {
            token_sequences(data, at, base, into)
        };
        let made = into.len().saturating_sub(start) as u64;
        if bad_signature && (fault.is_some() || truncated) {
            // Neither its header nor its body is that of a chunk: this is other data.
            into.truncate(start);
            outcome.lost_at.get_or_insert(at);
            break;
        }
        outcome.made = outcome.made.saturating_add(made);
        if let Some(fault) = fault {
            outcome.note(fault);
        }
        outcome.lost_at = outcome.lost_at.or(lost_at);
        if truncated {
            outcome.note(Fault::Truncated { at, need: need as u64, have: have as u64 });
            outcome.lost_at.get_or_insert(at);
        }
        if made < CHUNK_LEN as u64 {
            underfull = Some(Fault::Underfull { at, made });
        }
        at = at.saturating_add(HEADER_LEN as u64).saturating_add(data.len() as u64);
        rest = body.get(need..).unwrap_or_default();
    }
    if outcome.made == 0 && signature != SIGNATURE {
        outcome.lost_at = Some(0);
    }
    if !rest.is_empty() && outcome.lost_at.is_none() {
        outcome.note(Fault::Trailing { at });
    }
    outcome.read = at;
    Ok(outcome)
}

/// The first `len` bytes at most that a container makes; never more than its first chunk.
///
/// Costs no more than `len` asks for: callers may try many places with it.
pub fn prefix(container: &[u8], len: usize) -> Vec<u8> {
    let mut made = Vec::new();
    let Some((&SIGNATURE, rest)) = container.split_first() else { return made };
    let Some((header, body)) = chunk_header(rest) else { return made };
    if header >> 12 & 0b111 != 0b011 {
        return made;
    }
    let need = usize::from(header & 0x0FFF).saturating_add(1);
    let data = body.get(..need).unwrap_or(body);
    if header & 0x8000 == 0 {
        made.extend_from_slice(data.get(..len).unwrap_or(data));
    } else {
        // Nine bytes of flags and literals make at least eight bytes.
        let enough = len.saturating_mul(2).saturating_add(16);
        token_sequences(data.get(..enough).unwrap_or(data), 0, 0, &mut made);
        made.truncate(len);
    }
    made
}

fn chunk_header(rest: &[u8]) -> Option<(u16, &[u8])> {
    let (header, body) = rest.split_first_chunk::<HEADER_LEN>()?;
    Some((u16::from_le_bytes(*header), body))
}

/// Decodes the token sequences of the chunk at `chunk_at` ([MS-OVBA] 2.4.1.3.2 to 2.4.1.3.5).
/// Returns its first deviation, and where something was lost.
///
/// A copy token may reach back to `base`, where the container's output begins: a valid one stays
/// in its chunk.
fn token_sequences(
    data: &[u8],
    chunk_at: u64,
    base: usize,
    into: &mut Vec<u8>,
) -> (Option<Fault>, Option<u64>) {
    let start = into.len();
    let full = start.saturating_add(CHUNK_LEN);
    let (mut fault, mut lost_at) = (None, None);
    let mut rest = data;
    while let Some((&flags, tokens)) = rest.split_first() {
        if into.len() >= full {
            // Writers leave a flag byte without tokens behind a full chunk.
            if !tokens.is_empty() {
                fault = fault.or(Some(Fault::Overfull { at: chunk_at }));
            }
            break;
        }
        rest = tokens;
        if flags == 0 {
            // Eight literals: most of a text that does not repeat itself.
            into.extend_from_slice(rest.get(..8).unwrap_or(rest));
            rest = rest.get(8..).unwrap_or_default();
            continue;
        }
        for bit in 0..8 {
            if flags >> bit & 1 == 0 {
                let Some((&literal, behind)) = rest.split_first() else { break };
                into.push(literal);
                rest = behind;
                continue;
            }
            let done = data.len().saturating_sub(rest.len()) as u64;
            let at = chunk_at.saturating_add(HEADER_LEN as u64).saturating_add(done);
            let Some((token, behind)) = rest.split_first_chunk::<2>() else {
                if !rest.is_empty() {
                    fault = fault.or(Some(Fault::HalfToken { at }));
                }
                rest = &[];
                break;
            };
            rest = behind;
            let decompressed = into.len().saturating_sub(start);
            let (offset, len) = unpack(u16::from_le_bytes(*token), decompressed);
            if offset > decompressed {
                fault = fault.or(Some(Fault::CopyBeforeChunk { at, offset: offset as u64 }));
                if offset > into.len().saturating_sub(base) {
                    lost_at = lost_at.or(Some(at));
                    continue;
                }
            }
            let room = full.saturating_sub(into.len());
            if len > room {
                fault = fault.or(Some(Fault::Overfull { at: chunk_at }));
            }
            copy_back(offset, len.min(room), into);
        }
    }
    if into.len() > full {
        fault = fault.or(Some(Fault::Overfull { at: chunk_at }));
        into.truncate(full);
    }
    (fault, lost_at)
}

/// Offset and length of a copy token ([MS-OVBA] 2.4.1.3.19.2), after `decompressed` bytes of its
/// chunk.
fn unpack(token: u16, decompressed: usize) -> (usize, usize) {
    let mut bit_count = 4u32;
    while bit_count < 12 && (1usize << bit_count) < decompressed {
        bit_count = bit_count.saturating_add(1);
    }
    let length_bits = 16u32.saturating_sub(bit_count);
    let length_mask = 0xFFFFu16.checked_shr(bit_count).unwrap_or(0);
    let len = usize::from(token & length_mask).saturating_add(3);
    let offset = usize::from(token.checked_shr(length_bits).unwrap_or(0)).saturating_add(1);
    (offset, len)
}

/// Appends `len` bytes that begin `offset` bytes before the end; they may overlap the end.
fn copy_back(offset: usize, len: usize, into: &mut Vec<u8>) {
    let Some(from) = into.len().checked_sub(offset) else { return };
    let mut left = len;
    while left > 0 {
        // The pattern repeats, so that each turn may copy all that has been written.
        let run = left.min(into.len().saturating_sub(from));
        if run == 0 {
            return;
        }
        into.extend_from_within(from..from.saturating_add(run));
        left = left.saturating_sub(run);
    }
}

impl Outcome {
    fn note(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::{Budget, LimitKind, Limits, PartId, Problems, Stage};

    pub(in crate::vba) fn with_cx<T>(work: impl FnOnce(&mut Cx<'_>) -> T) -> (T, Problems) {
        with_limits(&Limits::default(), work)
    }

    pub(in crate::vba) fn with_limits<T>(
        limits: &Limits,
        work: impl FnOnce(&mut Cx<'_>) -> T,
    ) -> (T, Problems) {
        let mut budget = Budget::new(limits);
        let mut problems = Problems::default();
        let made = work(&mut Cx {
            part: PartId(7),
            stage: Stage::Vba,
            budget: &mut budget,
            problems: &mut problems,
        });
        (made, problems)
    }

    /// Compresses as [MS-OVBA] 2.4.1.3.6 does: longest match, raw chunk when that is no gain.
    pub(in crate::vba) fn compress(data: &[u8]) -> Vec<u8> {
        let mut container = vec![SIGNATURE];
        for chunk in data.chunks(CHUNK_LEN) {
            let mut body = Vec::new();
            let mut at = 0;
            while at < chunk.len() {
                let flags_at = body.len();
                body.push(0);
                for bit in 0..8 {
                    if at >= chunk.len() {
                        break;
                    }
                    let mut bit_count = 4;
                    while (1 << bit_count) < at {
                        bit_count += 1;
                    }
                    let longest = (0xFFFFusize >> bit_count) + 3;
                    let run = |from: usize| {
                        let same = chunk[from..].iter().zip(&chunk[at..]).take_while(|(a, b)| a == b);
                        same.count().min(longest)
                    };
                    let best = (at.saturating_sub(64)..at).map(|from| (run(from), from)).max();
                    match best {
                        Some((len, from)) if len >= 3 => {
                            let token = ((at - from - 1) << (16 - bit_count)) | (len - 3);
                            body.extend((token as u16).to_le_bytes());
                            body[flags_at] |= 1 << bit;
                            at += len;
                        }
                        _ => {
                            body.push(chunk[at]);
                            at += 1;
                        }
                    }
                }
            }
            if body.len() > CHUNK_LEN {
                let mut raw = chunk.to_vec();
                raw.resize(CHUNK_LEN, 0);
                container.extend((0x3000u16 | 0x0FFF).to_le_bytes());
                container.extend(raw);
            } else {
                container.extend((0xB000 | (body.len() as u16 - 1)).to_le_bytes());
                container.extend(body);
            }
        }
        container
    }

    fn decompressed(container: &[u8]) -> (Vec<u8>, Outcome) {
        let mut into = Vec::new();
        let (outcome, _) = with_cx(|cx| decompress(container, &mut into, cx));
        (into, outcome.unwrap())
    }

    #[test]
    fn example_of_the_specification_decompresses() {
        // [MS-OVBA] 3.2.2, the normal example.
        let container = [
            0x01, 0x2F, 0xB0, 0x00, 0x23, 0x61, 0x61, 0x61, 0x62, 0x63, 0x64, 0x65, 0x82, 0x66, 0x00, 0x70,
            0x61, 0x67, 0x68, 0x69, 0x6A, 0x01, 0x38, 0x08, 0x61, 0x6B, 0x6C, 0x00, 0x30, 0x6D, 0x6E, 0x6F,
            0x70, 0x06, 0x71, 0x02, 0x70, 0x04, 0x10, 0x72, 0x73, 0x74, 0x75, 0x76, 0x10, 0x77, 0x78, 0x79,
            0x7A, 0x00, 0x3C,
        ];
        let (made, outcome) = decompressed(&container);
        assert_eq!(made, b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa");
        assert_eq!(outcome, Outcome { read: 51, made: 56, fault: None, lost_at: None });
    }

    #[test]
    fn wrong_container_signature_is_read_all_the_same() {
        let mut container = compress(b"Attribute VB_Name");
        container[0] = 0x42;
        let (made, outcome) = decompressed(&container);
        assert_eq!(made, b"Attribute VB_Name");
        assert_eq!((outcome.fault, outcome.lost_at), (Some(Fault::Signature { found: 0x42 }), None));
    }

    #[test]
    fn chunk_cut_at_the_end_keeps_what_is_there_and_says_what_is_lost() {
        let container = compress(b"abcdefghijklmnop");
        let (made, outcome) = decompressed(&container[..10]);
        assert_eq!(made, b"abcdef");
        assert_eq!(outcome.fault, Some(Fault::Truncated { at: 1, need: 18, have: 7 }));
        assert_eq!(outcome.lost_at, Some(1));
    }

    #[test]
    fn raw_chunk_is_copied() {
        let mut container = vec![SIGNATURE, 0xFF, 0x3F];
        container.extend([b'x'; CHUNK_LEN]);
        let (made, outcome) = decompressed(&container);
        assert_eq!(made, [b'x'; CHUNK_LEN]);
        assert_eq!(outcome, Outcome { read: 4099, made: 4096, fault: None, lost_at: None });
    }

    #[test]
    fn copy_token_before_the_start_loses_its_bytes_and_says_where() {
        // Flags 0b10: literal, then a token that goes back 16 bytes.
        let (made, outcome) = decompressed(&[SIGNATURE, 0x04, 0xB0, 0b10, b'a', 0x00, 0xF0, b'b']);
        assert_eq!(made, b"ab");
        assert_eq!(outcome.fault, Some(Fault::CopyBeforeChunk { at: 5, offset: 16 }));
        assert_eq!(outcome.lost_at, Some(5));
    }

    #[test]
    fn chunk_that_makes_too_much_is_clipped_to_4096_bytes() {
        // Flags 0b10: a literal, then a token of the greatest length, 4098.
        let (made, outcome) = decompressed(&[SIGNATURE, 0x03, 0xB0, 0b10, b'a', 0xFF, 0x0F]);
        assert_eq!(made, [b'a'; CHUNK_LEN]);
        assert_eq!((outcome.fault, outcome.lost_at), (Some(Fault::Overfull { at: 1 }), None));
    }

    #[test]
    fn data_behind_the_last_chunk_is_no_text() {
        let mut container = compress(b"abc");
        container.extend([0x77; 40]);
        let (made, outcome) = decompressed(&container);
        assert_eq!(made, b"abc");
        assert_eq!(outcome.lost_at, Some(7));
        assert_eq!(outcome.fault, Some(Fault::Underfull { at: 1, made: 3 }));
    }

    #[test]
    fn bomb_ends_at_the_ceiling() {
        let mut container = vec![SIGNATURE];
        for _ in 0..100 {
            container.extend([0x03, 0xB0, 0b10, b'a', 0xFC, 0x0F]);
        }
        let mut into = Vec::new();
        let (outcome, _) = with_cx(|cx| decompress_up_to(&container, 10_000, &mut into, cx));
        let outcome = outcome.unwrap();
        assert_eq!(into.len(), 3 * CHUNK_LEN);
        assert_eq!(outcome.lost_at, Some(19));

        let limits = Limits { total_bytes: 10_000, ..Limits::default() };
        let mut into = Vec::new();
        let (result, _) = with_limits(&limits, |cx| decompress(&container, &mut into, cx));
        assert_eq!(result, Err(LimitHit { kind: LimitKind::TotalBytes, ceiling: 10_000 }));
        assert_eq!(into.len(), 2 * CHUNK_LEN);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_was_compressed_comes_back(data in prop::collection::vec(0u8..12, 0..9000)) {
            let (made, outcome) = decompressed(&compress(&data));
            prop_assert_eq!(&made[..data.len()], &data[..]);
            prop_assert!(made[data.len()..].iter().all(|byte| *byte == 0));
            prop_assert_eq!((outcome.fault, outcome.lost_at), (None, None));
        }

        #[test]
        fn what_cannot_be_compressed_comes_back_up_to_padding(data in prop::collection::vec(any::<u8>(), 0..9000)) {
            let (made, outcome) = decompressed(&compress(&data));
            prop_assert_eq!(&made[..data.len()], &data[..]);
            prop_assert!(made[data.len()..].iter().all(|byte| *byte == 0));
            prop_assert_eq!(outcome.lost_at, None);
        }

        #[test]
        fn any_bytes_are_decompressed_within_their_bounds(data in prop::collection::vec(any::<u8>(), 0..3000)) {
            let (made, outcome) = decompressed(&data);
            prop_assert_eq!(outcome.made, made.len() as u64);
            prop_assert!(outcome.read <= data.len().max(1) as u64);
            prop_assert!(outcome.lost_at.is_none_or(|at| at <= data.len() as u64));
            let first = prefix(&data, 13);
            if outcome.lost_at.is_none() {
                prop_assert!(made.starts_with(&first));
            }
        }
    }
}
