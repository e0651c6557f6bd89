//! Record framing: `id: u16, size: u16, body`, and CONTINUE when a body is too long.

use super::{Biff, consts};
use crate::bytes::Put;

/// One record before framing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The record type.
    pub id: u16,
    /// The body, of any length: [`Records`] continues it.
    pub body: Vec<u8>,
}

impl Record {
    /// A record of type `id` with the given body.
    pub fn new(id: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { id, body: body.into() }
    }
}

/// A stream of framed records.
#[derive(Debug, Clone)]
pub struct Records {
    version: Biff,
    bytes: Vec<u8>,
}

impl Records {
    /// An empty stream.
    pub fn new(version: Biff) -> Self {
        Self { version, bytes: Vec::new() }
    }

    /// Appends a record; a body longer than the version allows goes on in CONTINUE records.
    pub fn push(&mut self, id: u16, body: &[u8]) -> &mut Self {
        let mut id = id;
        let mut rest = body;
        loop {
            let (head, tail) = rest.split_at(rest.len().min(self.version.max_body()));
            self.bytes.u16(id).u16(head.len() as u16).raw(head);
            if tail.is_empty() {
                return self;
            }
            (id, rest) = (consts::CONTINUE, tail);
        }
    }

    /// Appends every record of `records`.
    pub fn extend(&mut self, records: &[Record]) -> &mut Self {
        for record in records {
            self.push(record.id, &record.body);
        }
        self
    }

    /// Appends bytes as they are: a record with a false size, or no record at all.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.raw(bytes);
        self
    }

    /// The number of bytes so far, which is the offset of the next record.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The stream.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
