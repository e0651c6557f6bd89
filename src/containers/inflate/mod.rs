//! Deflate ([RFC 1951]), bare or in its zlib wrapping ([RFC 1950]), bounded.
//!
//! A stream of 1 kB can make 1 MB, and one of 1 MB a gigabyte. What is made is charged before it is
//! made, and a stream that makes more than [`FREE_BYTES`] and more than [`RATIO`] bytes for each of
//! its own is a bomb: it ends with a limit, and the head that was made stays.
//!
//! A stream of empty blocks makes nothing, however long it is, so that what is read is charged as well.
//!
//! The size that the container states is a hint for the reservation and never believed further.

mod code;
mod stream;

use self::stream::{REACH, SLACK, Stream};
use crate::base::{Cx, LimitHit, LimitKind};

/// Bytes that any stream may make, however short it is.
pub const FREE_BYTES: u64 = 32 << 20;

/// Bytes that a stream may make for each of its own, once it has made [`FREE_BYTES`]. Worksheets of
/// empty cells reach about 100.
pub const RATIO: u64 = 128;

/// A stream whose stated size is at most this many times its own is reserved for at once.
const TRUSTED_RATIO: usize = 32;

/// What stands around the deflated data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wrapping {
    /// Nothing, as in a ZIP archive.
    Raw,
    /// The zlib header. Its checksum is not looked at.
    Zlib,
}

/// How a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// With its last block.
    Whole,
    /// The data ends before the last block does.
    CutShort,
    /// The data is no deflate stream from here on.
    Damaged,
}

/// What came of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inflated {
    /// How it ended.
    pub end: End,
    /// How many of the bytes given belong to the stream.
    pub read: usize,
}

/// Inflates `data` into `into`, which keeps what was made when a limit ends the work. `stated` is
/// the size that the container says.
///
/// Cost: a step for each 64 bytes made and each 64 read, and for each block, 16 where it has codes; twice where the
/// stated size cannot be trusted.
///
/// # Errors
/// [`LimitHit`] when the budget does not last, or for a bomb ([`LimitKind::Ratio`]).
pub fn inflate(
    data: &[u8],
    wrapping: Wrapping,
    stated: Option<u64>,
    into: &mut Vec<u8>,
    cx: &mut Cx<'_>,
) -> Result<Inflated, LimitHit> {
    let ceiling =
        FREE_BYTES.max((data.len() as u64).saturating_mul(RATIO)).min(cx.budget.limits().part_bytes);
    let ceiling = usize::try_from(ceiling).unwrap_or(usize::MAX);
    let trusted = data.len().saturating_mul(TRUSTED_RATIO).saturating_add(4096);
    let stated = stated.and_then(|stated| usize::try_from(stated).ok());
    // A byte more than stated tells a stream that ends there from one that goes on.
    let mut room = stated.filter(|stated| *stated <= trusted).map_or(0, |stated| stated.saturating_add(1));
    if room == 0 {
        room = made_by(data, wrapping, ceiling, cx)?.saturating_add(1);
    }
    let first = fill(data, wrapping, room.min(ceiling), into, cx)?;
    if let Some(inflated) = first {
        return Ok(inflated);
    }
    if room < ceiling {
        // Longer than stated. The first try is dropped before room for the second is made, so that
        // only one is alive.
        *into = Vec::new();
        room = made_by(data, wrapping, ceiling, cx)?.saturating_add(1);
        if let Some(inflated) = fill(data, wrapping, room.min(ceiling), into, cx)? {
            return Ok(inflated);
        }
    }
    Err(LimitHit { kind: LimitKind::Ratio, ceiling: RATIO })
}

/// The first bytes that a stream makes, at most `most`.
///
/// # Errors
/// [`LimitHit`] when the budget does not last.
pub fn head(
    data: &[u8],
    wrapping: Wrapping,
    most: usize,
    into: &mut Vec<u8>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    fill(data, wrapping, most, into, cx)?;
    into.truncate(most);
    Ok(())
}

/// Makes at most `most` bytes; `None` when the stream goes on behind them. One that ends soon after is made whole.
fn fill(
    data: &[u8],
    wrapping: Wrapping,
    most: usize,
    into: &mut Vec<u8>,
    cx: &mut Cx<'_>,
) -> Result<Option<Inflated>, LimitHit> {
    into.clear();
    if into.try_reserve_exact(most.saturating_add(SLACK)).is_err() {
        return Err(LimitHit { kind: LimitKind::Memory, ceiling: most as u64 });
    }
    let mut stream = Stream::new(data, wrapping);
    let (mut read, mut made, mut paid) = (0_usize, 0_usize, 0_usize);
    loop {
        let chunk = most.saturating_sub(made).min(CHUNK);
        if chunk == 0 {
            into.truncate(most);
            return Ok(None);
        }
        let end = made.saturating_add(chunk);
        let new = end.saturating_sub(paid);
        cx.budget.touch(new)?;
        cx.budget.own(new as u64)?;
        paid = paid.max(end);
        into.resize(end.saturating_add(SLACK), 0);
        let end = stream.run(into, &mut made, end, read.saturating_add(CHUNK));
        into.truncate(made);
        cx.budget.touch(stream.position().saturating_sub(read))?;
        cx.budget.step(stream.owed())?;
        read = stream.position();
        if let Some(end) = end {
            return Ok(Some(Inflated { end, read }));
        }
    }
}

/// Bytes that are made, and read, before they are paid for again.
const CHUNK: usize = 64 << 10;

/// How many bytes a stream makes, up to `most`. Nothing is kept.
fn made_by(data: &[u8], wrapping: Wrapping, most: usize, cx: &mut Cx<'_>) -> Result<usize, LimitHit> {
    let mut stream = Stream::new(data, wrapping);
    let mut window = vec![0; REACH.saturating_add(CHUNK)];
    let (mut read, mut made, mut paid, mut at) = (0_usize, 0_usize, 0_usize, 0_usize);
    while made < most {
        if at == window.len() {
            window.copy_within(CHUNK.., 0);
            at = REACH;
        }
        let end = made.saturating_add(window.len().saturating_sub(at));
        cx.budget.touch(end.saturating_sub(paid))?;
        paid = paid.max(end);
        let (before, full) = (at, window.len());
        let end = stream.run(&mut window, &mut at, full, read.saturating_add(CHUNK));
        made = made.saturating_add(at.saturating_sub(before));
        cx.budget.touch(stream.position().saturating_sub(read))?;
        cx.budget.step(stream.owed())?;
        read = stream.position();
        if end.is_some() {
            break;
        }
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};
    use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
    use miniz_oxide::inflate::TINFLStatus;
    use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
    use proptest::prelude::*;

    fn inflated(
        data: &[u8],
        wrapping: Wrapping,
        stated: Option<u64>,
    ) -> (Result<Inflated, LimitHit>, Vec<u8>) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::Archive, budget: &mut budget, problems: &mut problems };
        let mut made = Vec::new();
        (inflate(data, wrapping, stated, &mut made, &mut cx), made)
    }

    #[test]
    fn stated_sizes_are_hints() {
        let text: Vec<u8> = (0..300_000_u32).map(|index| (index % 251) as u8).collect();
        let data = compress_to_vec(&text, 6);
        let whole = Ok(Inflated { end: End::Whole, read: data.len() });
        for stated in
            [None, Some(0), Some(1), Some(text.len() as u64), Some(text.len() as u64 - 1), Some(u64::MAX)]
        {
            assert_eq!(inflated(&data, Wrapping::Raw, stated), (whole, text.clone()), "{stated:?}");
        }
        let zlib = compress_to_vec_zlib(&text, 6);
        let (end, made) = inflated(&zlib, Wrapping::Zlib, None);
        assert_eq!((end.unwrap().end, made), (End::Whole, text));
    }

    #[test]
    fn data_behind_the_stream_is_not_read() {
        let mut data = compress_to_vec(b"text", 6);
        let len = data.len();
        data.extend(b"PK\x07\x08");
        let (end, made) = inflated(&data, Wrapping::Raw, Some(4));
        assert_eq!((end, made.as_slice()), (Ok(Inflated { end: End::Whole, read: len }), &b"text"[..]));
    }

    #[test]
    fn cut_and_damaged_streams_keep_their_head() {
        let text = b"one two three four five six seven eight nine ten".repeat(40);
        let data = compress_to_vec(&text, 6);
        let (end, made) = inflated(&data[..data.len() - 4], Wrapping::Raw, Some(text.len() as u64));
        assert_eq!(end.unwrap().end, End::CutShort);
        assert!(!made.is_empty() && text.starts_with(&made));
        let (end, made) = inflated(b"\xff\xff\xff\xff", Wrapping::Raw, Some(9));
        assert_eq!((end.unwrap().end, made.len()), (End::Damaged, 0));
        assert_eq!(inflated(b"", Wrapping::Raw, None).0.unwrap().end, End::CutShort);
    }

    #[test]
    fn what_is_read_is_charged_where_nothing_is_made() {
        // Stored blocks of no bytes ([RFC 1951] 3.2.4), without a last one.
        let blocks = 1 << 18;
        let data = [0, 0, 0, 0xFF, 0xFF].repeat(blocks);
        for (stated, times) in [(Some(1), 1), (None, 2)] {
            let mut budget = Budget::new(&Limits::default());
            let mut problems = Problems::default();
            let mut cx =
                Cx { part: PartId(0), stage: Stage::Archive, budget: &mut budget, problems: &mut problems };
            let mut made = Vec::new();
            let inflated = inflate(&data, Wrapping::Raw, stated, &mut made, &mut cx);
            assert_eq!(inflated, Ok(Inflated { end: End::CutShort, read: data.len() }));
            assert!(made.is_empty());
            let spent = Limits::default().steps - budget.steps_left();
            let least = times * (blocks as u64 + data.len() as u64 / 64);
            assert!((least..least + least / 8).contains(&spent), "{spent} steps, {least} are needed");
        }
    }

    #[test]
    fn a_stream_read_in_pieces_makes_what_it_makes_at_once() {
        // A megabyte that deflate makes no smaller, and a tail that it does.
        let mut state = 1_u32;
        let random = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        let mut text: Vec<u8> = random.take(1 << 20).collect();
        text.extend([b'a'; 300_000]);
        let data = compress_to_vec(&text, 1);
        assert!(data.len() > 4 * CHUNK);
        for stated in [None, Some(text.len() as u64)] {
            let (end, made) = inflated(&data, Wrapping::Raw, stated);
            assert_eq!(end, Ok(Inflated { end: End::Whole, read: data.len() }));
            assert!(made == text, "{stated:?}");
        }
    }

    #[test]
    fn bomb_ends_with_a_limit_and_keeps_its_head() {
        let data = compress_to_vec(&vec![b'a'; 40 << 20], 6);
        let (end, made) = inflated(&data, Wrapping::Raw, Some(40 << 20));
        assert_eq!(end, Err(LimitHit { kind: LimitKind::Ratio, ceiling: RATIO }));
        assert_eq!(made.len() as u64, FREE_BYTES);
        assert!(made.capacity() as u64 <= FREE_BYTES + 4096);
    }

    /// What the crate `miniz_oxide` makes of a bare stream, up to a megabyte.
    fn reference(data: &[u8]) -> (End, Vec<u8>) {
        let mut made = vec![0; 1 << 20];
        let mut state = Box::new(DecompressorOxide::new());
        let (status, _, len) =
            decompress(&mut state, data, &mut made, 0, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF);
        made.truncate(len);
        let end = match status {
            TINFLStatus::Done => End::Whole,
            TINFLStatus::FailedCannotMakeProgress => End::CutShort,
            TINFLStatus::Failed => End::Damaged,
            other => panic!("{other:?}"),
        };
        (end, made)
    }

    /// Text that deflate finds matches in, and literals of all kinds.
    fn text() -> impl Strategy<Value = Vec<u8>> {
        let word = prop::collection::vec(any::<u8>(), 1..9);
        let piece = (0_usize..8, 1_usize..40);
        (prop::collection::vec(word, 8), prop::collection::vec(piece, 0..400)).prop_map(|(words, pieces)| {
            pieces.into_iter().flat_map(|(word, times)| words[word].repeat(times)).collect()
        })
    }

    proptest! {
        #[test]
        fn what_was_compressed_comes_back(text in text(), level in 0_u8..=10, stated in any::<bool>()) {
            let data = compress_to_vec(&text, level);
            let (end, made) = inflated(&data, Wrapping::Raw, stated.then_some(text.len() as u64));
            prop_assert_eq!(end, Ok(Inflated { end: End::Whole, read: data.len() }));
            prop_assert!(made == text);
        }

        #[test]
        fn damage_stops_us_where_it_stops_another_reader(
            text in text(),
            level in 1_u8..=10,
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut data = compress_to_vec(&text, level);
            for (at, byte) in changes {
                let at = at.index(data.len());
                data[at] = byte;
            }
            data.truncate(data.len() - cut.index(data.len()) / 4);
            let (end, made) = inflated(&data, Wrapping::Raw, None);
            // Of the last bits of damaged data, one may say that they are cut short, and one that they are wrong.
            let (their_end, theirs) = reference(&data);
            prop_assert_eq!((end.unwrap().end == End::Whole, made), (their_end == End::Whole, theirs));
        }
    }
}
