//! Bytes of a part, and the checked reader over them.
//!
//! Every offset is a `u64` from the start of the part. A read past the end is a [`Short`], never a
//! panic, and leaves the reader where it was.

use std::ops::Range;
use std::sync::Arc;

/// The bytes of one part: a window into the caller's input, or into bytes we own.
#[derive(Debug, Clone)]
pub enum Bytes<'i> {
    /// A slice of the input.
    Input(&'i [u8]),
    /// A window into bytes that a transformation made.
    Shared {
        /// All bytes that the transformation made.
        owner: Arc<Vec<u8>>,
        /// The part of them that is meant.
        window: Range<usize>,
    },
}

impl<'i> Bytes<'i> {
    /// Takes over bytes that a transformation made.
    pub fn owned(bytes: Vec<u8>) -> Self {
        let window = 0..bytes.len();
        // Not a boxed slice: that would copy, and a part can be most of the memory there is.
        Bytes::Shared { owner: Arc::new(bytes), window }
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        match self {
            Bytes::Input(slice) => slice,
            Bytes::Shared { owner, window } => owner.get(window.clone()).unwrap_or_default(),
        }
    }

    /// A window of these bytes without a copy; `None` when `range` is not inside.
    pub fn slice(&self, range: Range<usize>) -> Option<Bytes<'i>> {
        match self {
            Bytes::Input(slice) => slice.get(range).map(Bytes::Input),
            Bytes::Shared { owner, window } => {
                let start = window.start.checked_add(range.start)?;
                let end = window.start.checked_add(range.end)?;
                if start > end || end > window.end {
                    return None;
                }
                Some(Bytes::Shared { owner: Arc::clone(owner), window: start..end })
            }
        }
    }
}

/// A read that needed more bytes than there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("at {at}: {need} bytes needed, {have} left")]
pub struct Short {
    /// Where the read began, from the start of the part.
    pub at: u64,
    /// Bytes wanted.
    pub need: u64,
    /// Bytes left.
    pub have: u64,
}

/// Little-endian reads over exactly the bytes of one structure.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
    at: u64,
}

impl<'a> Reader<'a> {
    /// A reader over a whole part.
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes, at: 0 }
    }

    /// A reader over `bytes`, which begin `at` bytes into their part.
    pub fn at_offset(bytes: &'a [u8], at: u64) -> Self {
        Reader { rest: bytes, at }
    }

    /// Offset of the next byte, from the start of the part.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// Bytes left.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Whether no byte is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// All bytes left, without moving.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Takes the next `len` bytes.
    ///
    /// # Errors
    /// [`Short`] when fewer are left; nothing is taken then.
    pub fn take(&mut self, len: usize) -> Result<&'a [u8], Short> {
        match (self.rest.get(..len), self.rest.get(len..)) {
            (Some(taken), Some(rest)) => {
                self.rest = rest;
                self.at = self.at.saturating_add(len as u64);
                Ok(taken)
            }
            _ => Err(Short { at: self.at, need: len as u64, have: self.rest.len() as u64 }),
        }
    }

    /// Takes as many of the next `len` bytes as there are.
    pub fn take_up_to(&mut self, len: usize) -> &'a [u8] {
        let len = len.min(self.rest.len());
        self.take(len).unwrap_or_default()
    }

    /// A reader over the next `len` bytes, which this reader then is behind.
    ///
    /// # Errors
    /// [`Short`] when fewer are left.
    pub fn sub(&mut self, len: usize) -> Result<Reader<'a>, Short> {
        let at = self.at;
        Ok(Reader { rest: self.take(len)?, at })
    }

    /// Moves over `len` bytes.
    ///
    /// # Errors
    /// [`Short`] when fewer are left.
    pub fn skip(&mut self, len: usize) -> Result<(), Short> {
        self.take(len).map(drop)
    }

    /// Takes a fixed number of bytes.
    ///
    /// # Errors
    /// [`Short`] when fewer are left.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Short> {
        match self.rest.first_chunk::<N>() {
            Some(chunk) => {
                let chunk = *chunk;
                self.skip(N)?;
                Ok(chunk)
            }
            None => Err(Short { at: self.at, need: N as u64, have: self.rest.len() as u64 }),
        }
    }

    /// The next two bytes as a number, without moving; `None` at the end.
    pub fn peek_u16(&self) -> Option<u16> {
        self.rest.first_chunk::<2>().map(|bytes| u16::from_le_bytes(*bytes))
    }
}

macro_rules! little_endian {
    ($($name:ident: $type:ty),*) => {
        impl Reader<'_> {
            $(
                #[doc = concat!("Takes a little-endian `", stringify!($type), "`.")]
                ///
                /// # Errors
                /// [`Short`] when too few bytes are left.
                pub fn $name(&mut self) -> Result<$type, Short> {
                    self.array().map(<$type>::from_le_bytes)
                }
            )*
        }
    };
}

little_endian!(u8: u8, u16: u16, u32: u32, u64: u64, i16: i16, i32: i32, f64: f64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_fields_in_file_order() {
        let mut reader = Reader::new(&[1, 2, 0, 3, 0, 0, 0, 9]);
        assert_eq!(reader.u8(), Ok(1));
        assert_eq!(reader.u16(), Ok(2));
        assert_eq!(reader.u32(), Ok(3));
        assert_eq!(reader.at(), 7);
        assert_eq!(reader.u16(), Err(Short { at: 7, need: 2, have: 1 }));
        assert_eq!(reader.u8(), Ok(9));
        assert!(reader.is_empty());
    }

    #[test]
    fn sub_reader_ends_where_it_was_told_and_keeps_offsets() {
        let mut reader = Reader::at_offset(&[1, 2, 3, 4], 100);
        let mut inner = reader.sub(3).unwrap();
        assert_eq!(inner.take(2), Ok(&[1, 2][..]));
        assert_eq!(inner.at(), 102);
        assert_eq!(inner.u16(), Err(Short { at: 102, need: 2, have: 1 }));
        assert_eq!(reader.at(), 103);
        assert_eq!(reader.take_up_to(10), &[4]);
    }

    #[test]
    fn window_of_a_window_stays_inside() {
        let bytes = Bytes::owned(vec![0, 1, 2, 3, 4]);
        let window = bytes.slice(1..4).unwrap();
        assert_eq!(window.as_slice(), &[1, 2, 3]);
        assert_eq!(window.slice(1..3).unwrap().as_slice(), &[2, 3]);
        assert!(window.slice(1..4).is_none());
    }
}
