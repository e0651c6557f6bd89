//! The blocks of a deflate stream ([RFC 1951]), decoded into a slice with pauses between.

use super::code::{self, Code, END, INVALID, LITERAL};
use super::{End, Wrapping};

/// How far back a match can reach.
pub(super) const REACH: usize = 32 << 10;

/// Room behind what is wanted that lets decoding go fast to the end: for the longest match, two literals before
/// it, and what is copied with it.
pub(super) const SLACK: usize = 258 + 2 + 8;

/// A stream, and where its reader stands.
pub(super) struct Stream<'d> {
    bits: Bits<'d>,
    wrapping: Wrapping,
    state: State,
    is_last: bool,
    /// Steps for the heads of blocks that were read.
    owed: u64,
    codes: Box<Codes>,
}

/// A block takes its place among steps, and one that brings a code has tables made for it.
const BLOCK: u64 = 1;
const TABLES: u64 = 16;

struct Codes {
    literals: Code<{ code::LITERALS_SIZE }>,
    distances: Code<{ code::DISTANCES_SIZE }>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Before the zlib header.
    Start,
    /// Before the head of a block.
    Head,
    /// In a block that is not compressed, with this many bytes to come.
    Stored(usize),
    /// In a compressed block.
    Coded,
    /// In a compressed block, with what is left of a match.
    Match(Match),
    /// Behind the last block.
    Ended(End),
}

#[derive(Debug, Clone, Copy)]
struct Match {
    len: usize,
    distance: usize,
}

/// The data of a stream from its low bits to its high ones.
struct Bits<'d> {
    data: &'d [u8],
    /// Where the next byte is taken from.
    at: usize,
    /// What was taken; the bits above `count` are zero, or those that will be taken next.
    word: u64,
    count: u32,
}

impl Bits<'_> {
    /// Takes bytes until there are 56 bits or the data ends.
    #[inline]
    fn refill(&mut self) {
        if let Some(bytes) = self.data.get(self.at..).and_then(|rest| rest.first_chunk::<8>()) {
            self.word |= u64::from_le_bytes(*bytes) << (self.count & 63);
            self.at = self.at.saturating_add((63_u32.wrapping_sub(self.count) >> 3) as usize);
            self.count |= 56;
            return;
        }
        while self.count < 56
            && let Some(byte) = self.data.get(self.at)
        {
            self.word |= u64::from(*byte) << self.count;
            self.at = self.at.saturating_add(1);
            self.count = self.count.saturating_add(8);
        }
    }

    #[inline]
    fn drop(&mut self, count: u32) {
        self.word >>= count & 63;
        self.count = self.count.wrapping_sub(count);
    }

    /// The next bits, at most 16, which must have been refilled and be there.
    #[inline]
    fn take_known(&mut self, count: u32) -> usize {
        let value = code::low(self.word) & !(u32::MAX << (count & 31));
        self.drop(count);
        value as usize
    }

    /// The next bits; at most 16.
    fn take(&mut self, count: u32) -> Result<usize, End> {
        self.refill();
        if count > self.count {
            return Err(End::CutShort);
        }
        Ok(self.take_known(count))
    }

    /// Puts whole bytes back, and drops the rest of a begun one.
    fn align(&mut self) {
        self.at = self.position();
        (self.word, self.count) = (0, 0);
    }

    /// How many bytes were read, a begun one included.
    fn position(&self) -> usize {
        self.at.saturating_sub((self.count >> 3) as usize)
    }
}

impl<'d> Stream<'d> {
    pub(super) fn new(data: &'d [u8], wrapping: Wrapping) -> Self {
        let codes = Box::new(Codes { literals: Code::new(), distances: Code::new() });
        let bits = Bits { data, at: 0, word: 0, count: 0 };
        Stream { bits, wrapping, state: State::Start, is_last: false, owed: 0, codes }
    }

    /// Steps that are owed since the last time, for blocks without regard to what they make.
    pub(super) fn owed(&mut self) -> u64 {
        std::mem::take(&mut self.owed)
    }

    /// How many bytes were read: all of a stream that is cut short.
    pub(super) fn position(&self) -> usize {
        if matches!(self.state, State::Ended(End::CutShort)) {
            self.bits.data.len()
        } else {
            self.bits.position()
        }
    }

    /// Makes bytes behind the first `made` of `into` until there are `wanted`, with some of [`SLACK`] where there is
    /// room for it, `read_until` is passed, or the stream ends, which is what is returned then.
    pub(super) fn run(
        &mut self,
        into: &mut [u8],
        made: &mut usize,
        wanted: usize,
        read_until: usize,
    ) -> Option<End> {
        loop {
            if let State::Ended(end) = self.state {
                return Some(end);
            }
            if self.position() >= read_until && read_until < self.bits.data.len() {
                return None;
            }
            self.state = match self.state {
                State::Start => self.start(),
                State::Head => self.head(),
                State::Stored(left) => self.stored(left, into, made, wanted),
                State::Coded => self.coded(into, made, wanted, read_until),
                State::Match(pending) => Ok(self.go_on(pending, into, made, wanted)),
                State::Ended(end) => Err(end),
            }
            .unwrap_or_else(State::Ended);
            let waits = matches!(self.state, State::Stored(1..) | State::Coded | State::Match(_));
            if waits && *made >= wanted {
                return None;
            }
        }
    }

    fn start(&mut self) -> Result<State, End> {
        if self.wrapping == Wrapping::Zlib {
            let head = self.bits.take(16)?;
            let (method, flags) = (head & 0xFF, head >> 8);
            let check = (method << 8 | flags).checked_rem(31);
            // RFC 1950, 2.2: deflate with a window of 32 KiB at most, and no dictionary
            if method & 0x0F != 8 || method >> 4 > 7 || flags & 0x20 != 0 || check != Some(0) {
                return Err(End::Damaged);
            }
        }
        Ok(State::Head)
    }

    /// RFC 1951, 3.2.3
    fn head(&mut self) -> Result<State, End> {
        if self.is_last {
            self.bits.align();
            if self.wrapping == Wrapping::Zlib {
                self.bits.at = self.bits.at.saturating_add(4).min(self.bits.data.len());
            }
            return Err(End::Whole);
        }
        self.is_last = self.bits.take(1)? == 1;
        let kind = self.bits.take(2)?;
        self.owed = self.owed.saturating_add(if kind == 0 { BLOCK } else { TABLES });
        match kind {
            0 => {
                self.bits.align();
                let (len, complement) = (self.bits.take(16)?, self.bits.take(16)?);
                self.bits.align();
                if len ^ 0xFFFF == complement { Ok(State::Stored(len)) } else { Err(End::Damaged) }
            }
            1 => {
                let lens = code::FIXED_LENS;
                let literals = self.codes.literals.build(&lens, &code::LITERALS, code::LITERAL_BITS);
                let distances = self.codes.distances.build(&[5; 32], &code::DISTANCES, code::DISTANCE_BITS);
                if literals.and(distances).is_some() { Ok(State::Coded) } else { Err(End::Damaged) }
            }
            2 => self.dynamic(),
            _ => Err(End::Damaged),
        }
    }

    /// The codes of a block, RFC 1951, 3.2.7
    fn dynamic(&mut self) -> Result<State, End> {
        /// The order in which lengths of the lengths' own code are stored.
        const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        let literals = self.bits.take(5)?.saturating_add(257);
        let distances = self.bits.take(5)?.saturating_add(1);
        let count = self.bits.take(4)?.saturating_add(4);
        let mut own = [0_u8; 19];
        for place in ORDER.iter().take(count) {
            let len = self.bits.take(3)?;
            if let Some(place) = own.get_mut(usize::from(*place)) {
                *place = u8::try_from(len).unwrap_or(0);
            }
        }
        let mut lengths = Code::<{ code::LENGTHS_SIZE }>::new();
        if lengths.build(&own, &code::LENGTHS, code::LENGTH_BITS) != Some(true) {
            return Err(End::Damaged);
        }
        let mut lens = [0_u8; 288 + 32];
        let all = literals.saturating_add(distances);
        let (mut at, mut before) = (0_usize, 0_u8);
        while at < all {
            self.bits.refill();
            let entry = lengths.entry(self.bits.word);
            self.spend(entry)?;
            let symbol = code::literal(entry);
            let (value, times) = match symbol {
                0..=15 => (symbol, 1),
                16 if at == 0 => return Err(End::Damaged),
                16 => (before, self.bits.take(2)?.saturating_add(3)),
                17 => (0, self.bits.take(3)?.saturating_add(3)),
                _ => (0, self.bits.take(7)?.saturating_add(11)),
            };
            let end = at.saturating_add(times);
            let places = lens.get_mut(at..end).filter(|_| end <= all).ok_or(End::Damaged)?;
            places.fill(value);
            (at, before) = (end, value);
        }
        let of_literals = lens.get(..literals).unwrap_or_default();
        let of_distances = lens.get(literals..all).unwrap_or_default();
        let literals = self.codes.literals.build(of_literals, &code::LITERALS, code::LITERAL_BITS);
        let distances = self.codes.distances.build(of_distances, &code::DISTANCES, code::DISTANCE_BITS);
        if literals.and(distances).is_some() { Ok(State::Coded) } else { Err(End::Damaged) }
    }

    fn stored(
        &mut self,
        left: usize,
        into: &mut [u8],
        made: &mut usize,
        wanted: usize,
    ) -> Result<State, End> {
        let room = into.get_mut(*made..wanted).unwrap_or_default();
        let data = self.bits.data.get(self.bits.at..).unwrap_or_default();
        let len = left.min(room.len()).min(data.len());
        for (place, byte) in room.iter_mut().zip(data).take(len) {
            *place = *byte;
        }
        self.bits.at = self.bits.at.saturating_add(len);
        *made = made.saturating_add(len);
        match left.saturating_sub(len) {
            0 => Ok(State::Head),
            _ if len == data.len() => Err(End::CutShort),
            left => Ok(State::Stored(left)),
        }
    }

    /// Drops the bits of a symbol.
    fn spend(&mut self, entry: u32) -> Result<(), End> {
        if entry & INVALID != 0 {
            // What is missing could have made another symbol of it.
            return Err(if self.bits.count < 15 { End::CutShort } else { End::Damaged });
        }
        if code::len(entry) > self.bits.count {
            return Err(End::CutShort);
        }
        self.bits.drop(code::len(entry));
        Ok(())
    }

    fn coded(
        &mut self,
        into: &mut [u8],
        made: &mut usize,
        wanted: usize,
        read_until: usize,
    ) -> Result<State, End> {
        if let Some(state) = self.fast(into, made, wanted, read_until)? {
            return Ok(state);
        }
        while *made < wanted && (self.position() < read_until || read_until >= self.bits.data.len()) {
            self.bits.refill();
            let entry = self.codes.literals.entry(self.bits.word);
            self.spend(entry)?;
            if entry & LITERAL != 0 {
                if let Some(place) = into.get_mut(*made) {
                    *place = code::literal(entry);
                }
                *made = made.saturating_add(1);
                continue;
            }
            if entry & END != 0 {
                return Ok(State::Head);
            }
            let len = code::base(entry).saturating_add(self.bits.take(code::extra(entry))?);
            self.bits.refill();
            let entry = self.codes.distances.entry(self.bits.word);
            self.spend(entry)?;
            let distance = code::base(entry).saturating_add(self.bits.take(code::extra(entry))?);
            if distance > *made {
                return Err(End::Damaged);
            }
            if let state @ State::Match(_) = self.go_on(Match { len, distance }, into, made, wanted) {
                return Ok(state);
            }
        }
        Ok(State::Coded)
    }

    /// Decodes while there are bytes to look at and [`SLACK`] behind what is made. Says where the stream
    /// stands when its block ended.
    fn fast(
        &mut self,
        into: &mut [u8],
        made: &mut usize,
        wanted: usize,
        read_until: usize,
    ) -> Result<Option<State>, End> {
        let Bits { data, at, word, count } = self.bits;
        let mut bits = Bits { data, at, word, count };
        let Codes { literals, distances } = &*self.codes;
        let last_start = into.len().saturating_sub(SLACK).min(wanted);
        let last_read = data.len().saturating_sub(16).min(read_until);
        let mut to = *made;
        let mut end = Ok(None);
        while to < last_start && bits.at < last_read {
            bits.refill();
            let mut entry = literals.entry(bits.word);
            if entry & LITERAL != 0 {
                // Two more literals have bits enough: 15 each of 56.
                bits.drop(code::len(entry));
                put(into, &mut to, entry);
                entry = literals.entry(bits.word);
                if entry & LITERAL != 0 {
                    bits.drop(code::len(entry));
                    put(into, &mut to, entry);
                    entry = literals.entry(bits.word);
                    if entry & LITERAL != 0 {
                        bits.drop(code::len(entry));
                        put(into, &mut to, entry);
                        continue;
                    }
                }
                bits.refill();
            }
            if entry & (END | INVALID) != 0 {
                if entry & INVALID != 0 {
                    end = Err(End::Damaged);
                } else {
                    bits.drop(code::len(entry));
                    end = Ok(Some(State::Head));
                }
                break;
            }
            // 15 and 5 bits, then 15 and 13: 48 of 56.
            bits.drop(code::len(entry));
            let len = code::base(entry).saturating_add(bits.take_known(code::extra(entry)));
            let entry = distances.entry(bits.word);
            if entry & INVALID != 0 {
                end = Err(End::Damaged);
                break;
            }
            bits.drop(code::len(entry));
            let distance = code::base(entry).saturating_add(bits.take_known(code::extra(entry)));
            let Some(from) = to.checked_sub(distance) else {
                end = Err(End::Damaged);
                break;
            };
            repeat(into, from, to, len);
            to = to.saturating_add(len);
        }
        *made = to;
        self.bits = bits;
        end
    }

    /// Writes as much of a match as there is room for.
    fn go_on(&mut self, pending: Match, into: &mut [u8], made: &mut usize, wanted: usize) -> State {
        let len = pending.len.min(wanted.saturating_sub(*made));
        for _ in 0..len {
            let byte = into.get(made.saturating_sub(pending.distance)).copied();
            if let (Some(place), Some(byte)) = (into.get_mut(*made), byte) {
                *place = byte;
            }
            *made = made.saturating_add(1);
        }
        match pending.len.saturating_sub(len) {
            0 => State::Coded,
            len => State::Match(Match { len, ..pending }),
        }
    }
}

#[inline]
fn put(into: &mut [u8], to: &mut usize, entry: u32) {
    if let Some(place) = into.get_mut(*to) {
        *place = code::literal(entry);
    }
    *to = to.wrapping_add(1);
}

/// Copies `len` bytes from `from` to `to`, where they may overlap; up to seven bytes behind them are
/// written over as well.
#[inline]
fn repeat(into: &mut [u8], from: usize, to: usize, len: usize) {
    let distance = to.saturating_sub(from);
    let end = to.saturating_add(len);
    if distance >= 8 {
        let (mut from, mut to) = (from, to);
        while to < end {
            let Some(bytes) = into.get(from..).and_then(|rest| rest.first_chunk::<8>()).copied() else {
                return;
            };
            let Some(place) = into.get_mut(to..).and_then(|rest| rest.first_chunk_mut::<8>()) else { return };
            *place = bytes;
            from = from.wrapping_add(8);
            to = to.wrapping_add(8);
        }
        return;
    }
    if distance == 1 {
        let byte = into.get(from).copied().unwrap_or_default();
        if let Some(places) = into.get_mut(to..end) {
            places.fill(byte);
        }
        return;
    }
    let Some(places) = into.get_mut(from..end) else { return };
    for at in 0..len {
        let byte = places.get(at).copied().unwrap_or_default();
        if let Some(place) = places.get_mut(at.wrapping_add(distance)) {
            *place = byte;
        }
    }
}
