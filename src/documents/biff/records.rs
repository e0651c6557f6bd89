//! The walk over records, and the reader over one record's body through its CONTINUE records
//! ([MS-XLS] 2.1.4, 2.4.58).
//!
//! A record is `id: u16, length: u16, body`. Headers are walked without a look at the bodies. A
//! length past the end of the stream gives a record that is cut there.

use crate::base::Short;
use crate::base::text::CodePage;

use super::consts;

/// One record and its own part of the body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'s> {
    /// Offset of its header.
    pub(super) at: usize,
    /// Its identifier.
    pub(super) id: u16,
    /// Its body without CONTINUE records.
    pub(super) body: &'s [u8],
    /// Whether the stream ends inside the body.
    pub(super) is_cut: bool,
}

impl Record<'_> {
    /// Offset of the first byte behind it.
    #[inline]
    pub(super) fn end(&self) -> usize {
        self.at.saturating_add(4).saturating_add(self.body.len())
    }

    /// Whether it is a BOF of any version.
    #[inline]
    pub(super) fn is_bof(&self) -> bool {
        self.id & 0x00FF == 0x0009 && consts::BOF.contains(&self.id)
    }
}

/// The records of a stream from some offset on.
#[derive(Debug, Clone)]
pub(super) struct Records<'s> {
    stream: &'s [u8],
    at: usize,
}

impl<'s> Records<'s> {
    /// Records from the header at `at` on.
    pub(super) fn new(stream: &'s [u8], at: usize) -> Self {
        Records { stream, at }
    }

    /// Offset of the next header.
    pub(super) fn at(&self) -> usize {
        self.at
    }
}

impl<'s> Iterator for Records<'s> {
    type Item = Record<'s>;

    #[inline]
    fn next(&mut self) -> Option<Record<'s>> {
        let (head, rest) = self.stream.get(self.at..)?.split_first_chunk::<4>()?;
        let [id_low, id_high, len_low, len_high] = *head;
        let len = usize::from(u16::from_le_bytes([len_low, len_high]));
        let id = u16::from_le_bytes([id_low, id_high]);
        let record = match rest.get(..len) {
            Some(body) => Record { at: self.at, id, body, is_cut: false },
            None => Record { at: self.at, id, body: rest, is_cut: true },
        };
        self.at = record.end();
        Some(record)
    }
}

/// Reads the body of one record, and goes on into the CONTINUE records behind it when it ends.
#[derive(Debug, Clone)]
pub(super) struct Body<'s> {
    stream: &'s [u8],
    rest: &'s [u8],
    next_at: usize,
    also: u16,
}

impl<'s> Body<'s> {
    /// The body of `record`.
    pub(super) fn new(stream: &'s [u8], record: &Record<'s>) -> Self {
        Body { stream, rest: record.body, next_at: record.end(), also: consts::CONTINUE }
    }

    /// The body of `record`, which further records of the same identifier continue.
    pub(super) fn joined(stream: &'s [u8], record: &Record<'s>) -> Self {
        Body { also: record.id, ..Body::new(stream, record) }
    }

    /// Offset of the next byte.
    pub(super) fn at(&self) -> usize {
        self.next_at.saturating_sub(self.rest.len())
    }

    /// Bytes left before the next CONTINUE record.
    pub(super) fn piece(&self) -> &'s [u8] {
        self.rest
    }

    /// Whether no byte is left, CONTINUE records included.
    pub(super) fn is_at_end(&mut self) -> bool {
        while self.rest.is_empty() {
            if !self.next_piece() {
                return true;
            }
        }
        false
    }

    /// Moves to the start of the next CONTINUE record's body; `false` when there is none.
    pub(super) fn next_piece(&mut self) -> bool {
        match Records::new(self.stream, self.next_at).next() {
            Some(record) if record.id == consts::CONTINUE || record.id == self.also => {
                self.rest = record.body;
                self.next_at = record.end();
                true
            }
            _ => false,
        }
    }

    fn short(&self, need: usize) -> Short {
        Short { at: self.at() as u64, need: need as u64, have: self.rest.len() as u64 }
    }

    /// Takes the next `N` bytes.
    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Short> {
        if let Some((taken, rest)) = self.rest.split_first_chunk::<N>() {
            self.rest = rest;
            return Ok(*taken);
        }
        let mut taken = [0; N];
        for byte in &mut taken {
            if self.is_at_end() {
                return Err(self.short(N));
            }
            if let Some((first, rest)) = self.rest.split_first() {
                *byte = *first;
                self.rest = rest;
            }
        }
        Ok(taken)
    }

    /// Takes a byte.
    #[inline]
    pub(super) fn u8(&mut self) -> Result<u8, Short> {
        self.array().map(u8::from_le_bytes)
    }

    /// Takes a little-endian number.
    #[inline]
    pub(super) fn u16(&mut self) -> Result<u16, Short> {
        self.array().map(u16::from_le_bytes)
    }

    /// Takes a little-endian number.
    #[inline]
    pub(super) fn u32(&mut self) -> Result<u32, Short> {
        self.array().map(u32::from_le_bytes)
    }

    /// Moves over `len` bytes.
    #[inline]
    pub(super) fn skip(&mut self, len: usize) -> Result<(), Short> {
        if let Some(rest) = self.rest.get(len..) {
            self.rest = rest;
            return Ok(());
        }
        self.each_piece(len, |_, _| ())
    }

    /// Appends the next `len` bytes to `into`; what there is of them when they are too few.
    pub(super) fn copy(&mut self, len: usize, into: &mut Vec<u8>) -> Result<(), Short> {
        self.each_piece(len, |_, piece| into.extend_from_slice(piece))
    }

    /// Appends all bytes left to `into`.
    pub(super) fn copy_rest(&mut self, into: &mut Vec<u8>) {
        while !self.is_at_end() {
            into.extend_from_slice(std::mem::take(&mut self.rest));
        }
    }

    /// Moves over `len` bytes and shows each piece of them with its offset.
    pub(super) fn each_piece(
        &mut self,
        len: usize,
        mut see: impl FnMut(usize, &'s [u8]),
    ) -> Result<(), Short> {
        let mut left = len;
        while left > 0 {
            if self.is_at_end() {
                return Err(self.short(left));
            }
            let at = self.at();
            let count = left.min(self.rest.len());
            see(at, self.rest.get(..count).unwrap_or_default());
            self.rest = self.rest.get(count..).unwrap_or_default();
            left = left.saturating_sub(count);
        }
        Ok(())
    }

    /// Appends `count` characters to `into`: UTF-16, or one byte each.
    ///
    /// When characters cross into a CONTINUE record, its first byte says anew how wide they are
    /// ([MS-XLS] 2.5.293). Half a character at the end of a record is passed over, as Excel's own
    /// writers never make one.
    pub(super) fn chars(&mut self, count: usize, is_wide: bool, into: &mut String) -> Result<(), Short> {
        let mut wide = is_wide;
        let mut left = count;
        let mut high = None;
        while left > 0 {
            let (width, there) = if wide { (2, self.rest.len() / 2) } else { (1, self.rest.len()) };
            if there == 0 {
                if !self.next_piece() {
                    into.extend(high.map(|_| char::REPLACEMENT_CHARACTER));
                    return Err(self.short(left.saturating_mul(width)));
                }
                if let Some((grbit, rest)) = self.rest.split_first() {
                    wide = grbit & 1 != 0;
                    self.rest = rest;
                }
                continue;
            }
            let fit = left.min(there);
            let len = fit.saturating_mul(width);
            let piece = self.rest.get(..len).unwrap_or_default();
            self.rest = self.rest.get(len..).unwrap_or_default();
            left = left.saturating_sub(fit);
            if wide {
                utf16(piece, &mut high, into);
            } else {
                into.extend(high.take().map(|_| char::REPLACEMENT_CHARACTER));
                latin(piece, into);
            }
        }
        into.extend(high.map(|_| char::REPLACEMENT_CHARACTER));
        Ok(())
    }

    /// Appends `count` bytes of 8-bit text to `into`.
    pub(super) fn page_chars(
        &mut self,
        count: usize,
        page: CodePage,
        into: &mut String,
    ) -> Result<(), Short> {
        if let Some(bytes) = self.rest.get(..count) {
            self.rest = self.rest.get(count..).unwrap_or_default();
            into.push_str(&page.decode(bytes).text);
            return Ok(());
        }
        let mut bytes = Vec::new();
        let result = self.copy(count, &mut bytes);
        into.push_str(&page.decode(&bytes).text);
        result
    }
}

/// Appends UTF-16LE; `high` is a high surrogate that waits for its other half.
fn utf16(bytes: &[u8], high: &mut Option<u16>, into: &mut String) {
    into.reserve(bytes.len() / 2);
    for pair in bytes.chunks_exact(2) {
        let unit = match pair {
            [low, high] => u16::from_le_bytes([*low, *high]),
            _ => 0,
        };
        if let Some(first) = high.take() {
            let mut both = char::decode_utf16([first, unit]);
            match both.next() {
                Some(Ok(character)) => {
                    into.push(character);
                    continue;
                }
                _ => into.push(char::REPLACEMENT_CHARACTER),
            }
        }
        match char::from_u32(u32::from(unit)) {
            Some(character) => into.push(character),
            None if unit < 0xDC00 => *high = Some(unit),
            None => into.push(char::REPLACEMENT_CHARACTER),
        }
    }
}

/// Appends UTF-16 whose high bytes are left out because all are zero.
fn latin(bytes: &[u8], into: &mut String) {
    match std::str::from_utf8(bytes) {
        Ok(text) if bytes.is_ascii() => into.push_str(text),
        _ => into.extend(bytes.iter().map(|byte| char::from(*byte))),
    }
}
