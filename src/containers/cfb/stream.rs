//! The bytes of a stream: where they lie in the file, and how they are gathered.

use std::borrow::Cow;

use crate::base::{Cx, LimitHit};

/// Bytes of the file that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// First byte, from the start of the file.
    pub at: u64,
    /// How many.
    pub len: u64,
}

impl Run {
    pub(super) fn end(self) -> u64 {
        self.at.saturating_add(self.len)
    }

    pub(super) fn bytes(self, file: &[u8]) -> &[u8] {
        let range = usize::try_from(self.at).ok().zip(usize::try_from(self.end()).ok());
        range.and_then(|(start, end)| file.get(start..end)).unwrap_or_default()
    }
}

/// A stream as a recipe: the runs that make it up, not yet copied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stream<'a> {
    pub(super) file: &'a [u8],
    pub(super) runs: Vec<Run>,
    pub(super) claimed: u64,
    pub(super) found: u64,
}

impl<'a> Stream<'a> {
    /// Bytes that the directory entry states.
    pub fn claimed(&self) -> u64 {
        self.claimed
    }

    /// Bytes that are there; never more than are claimed.
    pub fn found(&self) -> u64 {
        self.found
    }

    /// Where in the file the bytes lie, in the order of the stream.
    pub fn derivation(&self) -> &[Run] {
        &self.runs
    }

    /// The bytes of the first run, without gathering anything.
    pub fn head(&self) -> &'a [u8] {
        self.runs.first().map_or(&[], |run| run.bytes(self.file))
    }

    /// The bytes: borrowed when they lie in one piece, else gathered into memory of their own.
    ///
    /// # Errors
    /// [`LimitHit`] when the gathered bytes would be too many.
    pub fn bytes(&self, cx: &mut Cx<'_>) -> Result<Cow<'a, [u8]>, LimitHit> {
        match self.runs.as_slice() {
            [] => Ok(Cow::Borrowed(&[])),
            [run] => Ok(Cow::Borrowed(run.bytes(self.file))),
            runs => {
                cx.budget.own(self.found)?;
                let mut gathered = Vec::new();
                // No chain is followed for more sectors than the file has, or mini sectors than the
                // cutoff allows.
                gathered
                    .reserve_exact(usize::try_from(self.found).unwrap_or(0).min(self.file.len().max(4096)));
                for run in runs {
                    gathered.extend_from_slice(run.bytes(self.file));
                }
                Ok(Cow::Owned(gathered))
            }
        }
    }
}

/// Joins spans into runs, up to a number of bytes.
#[derive(Debug)]
pub(super) struct Runs {
    pub(super) list: Vec<Run>,
    pub(super) len: u64,
    most: u64,
}

impl Runs {
    pub(super) fn up_to(most: u64) -> Self {
        Runs { list: Vec::new(), len: 0, most }
    }

    pub(super) fn push(&mut self, at: u64, len: u64) {
        let len = len.min(self.most.saturating_sub(self.len));
        if len == 0 {
            return;
        }
        self.len = self.len.saturating_add(len);
        match self.list.last_mut() {
            Some(last) if last.end() == at => last.len = last.len.saturating_add(len),
            _ => self.list.push(Run { at, len }),
        }
    }
}
