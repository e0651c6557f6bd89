//! Codes of deflate as tables ([RFC 1951], 3.2.2): the next bits of the stream are the place of an entry.
//!
//! A code that is longer than the table's own bits leads to a second table behind it.

/// The bits that the first table of each code looks at.
pub(super) const LITERAL_BITS: u32 = 10;
pub(super) const DISTANCE_BITS: u32 = 8;
pub(super) const LENGTH_BITS: u32 = 7;

/// The most entries that complete codes of 288 and 32 symbols with 15 bits need: what `enough` of zlib counts.
pub(super) const LITERALS_SIZE: usize = 1334;
pub(super) const DISTANCES_SIZE: usize = 402;
pub(super) const LENGTHS_SIZE: usize = 1 << LENGTH_BITS;

/// An entry stands for a literal.
pub(super) const LITERAL: u32 = 1 << 15;
/// An entry stands for the end of the block.
pub(super) const END: u32 = 1 << 14;
/// No code, or a symbol that stands for nothing.
pub(super) const INVALID: u32 = 1 << 13;
/// An entry leads to a second table: its place above bit 16, how many bits it looks at from bit 8.
const SECOND: u32 = 1 << 12;

const LONGEST_LEN: u32 = 15;
const LONGEST: usize = LONGEST_LEN as usize;

/// The next 32 bits.
#[inline]
pub(super) fn low(word: u64) -> u32 {
    let [b0, b1, b2, b3, ..] = word.to_le_bytes();
    u32::from_le_bytes([b0, b1, b2, b3])
}

/// How many bits the code of an entry has.
#[inline]
pub(super) fn len(entry: u32) -> u32 {
    entry & 0xF
}

/// How many bits follow the code.
#[inline]
pub(super) fn extra(entry: u32) -> u32 {
    entry >> 8 & 0xF
}

/// What the bits behind the code are added to.
#[inline]
pub(super) fn base(entry: u32) -> usize {
    (entry >> 16) as usize
}

/// The literal, or the length of a code, that an entry stands for.
#[inline]
pub(super) fn literal(entry: u32) -> u8 {
    let [_, _, literal, _] = entry.to_le_bytes();
    literal
}

/// What each symbol of literals and lengths stands for, without the length of its code (3.2.5).
pub(super) static LITERALS: [u32; 288] = {
    let mut entries = [INVALID; 288];
    let (mut symbol, mut base) = (0_u32, 3_u32);
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    while symbol < 286 {
        entries[symbol as usize] = match symbol {
            0..=255 => symbol << 16 | LITERAL,
            256 => END,
            285 => 258 << 16,
            _ => {
                let extra = if symbol < 265 { 0 } else { (symbol - 261) / 4 };
                let entry = base << 16 | extra << 8;
                base += 1 << extra;
                entry
            }
        };
        symbol += 1;
    }
    entries
};

/// What each symbol of distances stands for.
pub(super) static DISTANCES: [u32; 32] = {
    let mut entries = [INVALID; 32];
    let (mut symbol, mut base) = (0_u32, 1_u32);
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    while symbol < 30 {
        let extra = if symbol < 2 { 0 } else { symbol / 2 - 1 };
        entries[symbol as usize] = base << 16 | extra << 8;
        base += 1 << extra;
        symbol += 1;
    }
    entries
};

/// The symbols of the code for lengths of codes (3.2.7).
pub(super) static LENGTHS: [u32; 19] = {
    let mut entries = [0; 19];
    let mut symbol = 0_u32;
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    while symbol < 19 {
        entries[symbol as usize] = symbol << 16;
        symbol += 1;
    }
    entries
};

/// The lengths of the fixed code for literals (3.2.6).
pub(super) const FIXED_LENS: [u8; 288] = {
    let mut lens = [8; 288];
    let mut symbol = 144;
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    while symbol < 280 {
        lens[symbol] = if symbol < 256 { 9 } else { 7 };
        symbol += 1;
    }
    lens
};

/// A code: a first table that `bits` of the stream choose from, and second ones behind it.
pub(super) struct Code<const SIZE: usize> {
    entries: [u32; SIZE],
    mask: u32,
}

impl<const SIZE: usize> Code<SIZE> {
    pub(super) fn new() -> Self {
        Code { entries: [0; SIZE], mask: 0 }
    }

    /// The entry that the next bits stand for; its length is that of the whole code.
    #[inline]
    pub(super) fn entry(&self, word: u64) -> u32 {
        let word = low(word);
        let entry = self.entries.get((word & self.mask) as usize).copied().unwrap_or(INVALID);
        if entry & SECOND == 0 {
            return entry;
        }
        let place = word >> (entry & 0xF) & !(u32::MAX << extra(entry));
        self.entries.get(base(entry).wrapping_add(place as usize)).copied().unwrap_or(INVALID)
    }

    /// Makes the tables of the code with these lengths, and says whether it is complete. As for zlib, it is a
    /// code also when it has no symbol, or one whose code has one bit.
    pub(super) fn build(&mut self, lens: &[u8], symbols: &[u32], bits: u32) -> Option<bool> {
        let mut counts = [0_u16; LONGEST + 1];
        for len in lens {
            if let Some(count) = counts.get_mut(usize::from(*len)) {
                *count = count.wrapping_add(1);
            }
        }
        if let Some(unused) = counts.first_mut() {
            *unused = 0;
        }
        // Where the symbols of each length begin among those that are used, and what part of all codes they take.
        let (mut starts, mut start, mut taken) = ([0_u16; LONGEST + 1], 0_u16, 0_u32);
        for (len, (place, count)) in (0_u32..).zip(starts.iter_mut().zip(counts)) {
            *place = start;
            start = start.wrapping_add(count);
            taken = taken.saturating_add(u32::from(count) << LONGEST_LEN.saturating_sub(len));
        }
        let is_complete = taken == 1 << LONGEST;
        let of_one_bit = counts.get(1).copied().unwrap_or(0);
        if !is_complete && (start > 1 || start != of_one_bit) {
            return None;
        }
        let mut sorted = [0_u16; 288];
        for (symbol, len) in (0_u16..).zip(lens).filter(|(_, len)| **len > 0) {
            let start = starts.get_mut(usize::from(*len))?;
            let place = sorted.get_mut(usize::from(*start))?;
            *place = symbol;
            *start = start.wrapping_add(1);
        }
        if !is_complete {
            self.entries.fill(INVALID);
        }
        self.mask = !(u32::MAX << bits);
        let used = sorted.get(..usize::from(start)).unwrap_or_default();
        self.fill(&mut counts, used, symbols, bits)?;
        Some(is_complete)
    }

    /// Writes the entries of all symbols, which are sorted by the lengths of their codes.
    fn fill(
        &mut self,
        counts: &mut [u16; LONGEST + 1],
        sorted: &[u16],
        symbols: &[u32],
        bits: u32,
    ) -> Option<()> {
        let mut symbols = sorted.iter().map_while(|symbol| symbols.get(usize::from(*symbol)));
        let (mut len, mut code) = (0_u32, 0_u32);
        // What is written stands for codes of `len` bits; for one more, both halves begin with the same.
        while len < bits {
            let written = 1_usize << len;
            self.entries.get_mut(..written << 1)?.copy_within(..written, written);
            (len, code) = (len.saturating_add(1), code << 1);
            for _ in 0..*counts.get(len as usize)? {
                *self.entries.get_mut(reversed(code, len) as usize)? = *symbols.next()? | len;
                code = code.wrapping_add(1);
            }
        }
        let used = (0_u32..).zip(counts.iter()).filter(|(_, count)| **count > 0);
        let (first_len, longest) = (len, used.last().map_or(0, |(len, _)| len));
        let mut free = 1_usize << bits;
        // The first bits whose second table is being written, and where that is.
        let (mut first, mut second) = (u32::MAX, 0..0);
        while len < longest {
            (len, code) = (len.saturating_add(1), code << 1);
            while *counts.get(len as usize)? > 0 {
                let reversed = reversed(code, len);
                let low = reversed & !(u32::MAX << bits);
                if low != first {
                    let more = second_bits(counts, len, bits, longest);
                    (first, second) = (low, free..free.saturating_add(1 << more));
                    free = second.end;
                    let leads = u32::try_from(second.start).ok()? << 16 | more << 8 | SECOND | bits;
                    *self.entries.get_mut(low as usize)? = leads;
                }
                let entry = *symbols.next()? | len;
                let step = 1_usize << len.saturating_sub(first_len);
                let places = self.entries.get_mut(second.clone())?.iter_mut();
                for place in places.skip((reversed >> bits) as usize).step_by(step) {
                    *place = entry;
                }
                code = code.wrapping_add(1);
                let count = counts.get_mut(len as usize)?;
                *count = count.wrapping_sub(1);
            }
        }
        Some(())
    }
}

/// Codes are stored from their highest bit, and the stream is read from its lowest.
fn reversed(code: u32, len: u32) -> u32 {
    code.reverse_bits() >> (32_u32.saturating_sub(len) & 31)
}

/// How many bits a second table looks at whose first code has `len`: as many as the codes need that begin with
/// the same bits, of those that are left.
fn second_bits(left: &[u16; LONGEST + 1], len: u32, bits: u32, longest: u32) -> u32 {
    let mut more = len.saturating_sub(bits);
    let mut room = 1_i32 << more;
    while bits.saturating_add(more) < longest {
        let count = left.get(bits.saturating_add(more) as usize).copied().unwrap_or(0);
        room = room.saturating_sub(i32::from(count));
        if room <= 0 {
            break;
        }
        more = more.saturating_add(1);
        room = room.wrapping_shl(1);
    }
    more
}
