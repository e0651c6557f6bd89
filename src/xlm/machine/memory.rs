//! Memory that a macro allocates and fills through functions of Windows.

use crate::base::text::CodePage;
use crate::xlm::value::CellAt;

/// Blocks that were allocated, and what was written where.
#[derive(Debug)]
pub struct Memory {
    next: u64,
    writes: Vec<Write>,
    len: usize,
}

#[derive(Debug)]
struct Write {
    address: u64,
    bytes: Vec<u8>,
    by: CellAt,
}

/// Bytes that are kept.
const BYTES: usize = 1 << 20;
/// Writes that are kept.
const WRITES: usize = 16_384;

impl Default for Memory {
    fn default() -> Self {
        Memory { next: 0x0040_0000, writes: Vec::new(), len: 0 }
    }
}

impl Memory {
    /// Allocates a block where it is wanted, or at the next free place; its address.
    pub fn allocate(&mut self, wanted: f64, len: f64) -> f64 {
        let len = if (0.0..=1e12).contains(&len) { len } else { 0.0 };
        let address = if wanted >= 1.0 { wanted } else { self.next_address() };
        let pages = (len / 65_536.0).ceil().max(1.0);
        let whole = super::super::functions::whole_number(pages).and_then(|pages| u64::try_from(pages).ok());
        if wanted < 1.0 {
            self.next = self.next.saturating_add(whole.unwrap_or(1).saturating_mul(65_536));
        }
        address
    }

    fn next_address(&self) -> f64 {
        // Addresses stay far below 2⁵³.
        #[expect(clippy::cast_precision_loss, reason = "below 2⁵³")]
        let address = self.next as f64;
        address
    }

    /// Writes the first `count` characters of a text, a byte each in the Western code page.
    pub fn write(&mut self, address: f64, text: &str, count: usize, by: CellAt) {
        let address = super::super::functions::whole_number(address).and_then(|at| u64::try_from(at).ok());
        let Some(address) = address else { return };
        let bytes = western_bytes(text, count.min(BYTES.saturating_sub(self.len)));
        if bytes.is_empty() || self.writes.len() >= WRITES {
            return;
        }
        self.len = self.len.saturating_add(bytes.len());
        self.writes.push(Write { address, bytes, by });
    }

    /// What was written, joined where it lies close together, with the cell that wrote it first.
    pub fn written(&mut self) -> Vec<(Vec<u8>, CellAt)> {
        /// A gap that zeros fill: macros advance by more than they wrote.
        const GAP: u64 = 4096;
        let mut writes = std::mem::take(&mut self.writes);
        writes.sort_by_key(|write| write.address);
        let mut blocks: Vec<(u64, Vec<u8>, CellAt)> = Vec::new();
        let mut room = BYTES;
        for write in writes {
            let joined = blocks.last_mut().and_then(|(start, bytes, _)| {
                let end = start.saturating_add(bytes.len() as u64);
                let close = write.address <= end.saturating_add(GAP);
                close.then_some((write.address.saturating_sub(*start), bytes))
            });
            match joined {
                Some((offset, bytes)) => {
                    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
                    let grown = offset.saturating_sub(bytes.len());
                    if grown > room {
                        continue;
                    }
                    room = room.saturating_sub(grown);
                    if bytes.len() < offset {
                        bytes.resize(offset, 0);
                    }
                    bytes.truncate(offset);
                    bytes.extend_from_slice(&write.bytes);
                }
                None => blocks.push((write.address, write.bytes, write.by)),
            }
        }
        blocks.into_iter().map(|(_, bytes, by)| (bytes, by)).collect()
    }
}

/// The first characters of a text as bytes of the Western code page; `?` for one that it lacks.
pub fn western_bytes(text: &str, count: usize) -> Vec<u8> {
    text.chars().take(count).map(western_byte).collect()
}

fn western_byte(letter: char) -> u8 {
    if let Ok(byte) = u8::try_from(u32::from(letter))
        && !(0x80..0xA0).contains(&byte)
    {
        return byte;
    }
    (0x80u8..0xA0).find(|byte| CodePage::WESTERN.decode(&[*byte]).text.starts_with(letter)).unwrap_or(b'?')
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY: CellAt = CellAt { sheet: 0, row: 0, column: 0 };

    #[test]
    fn writes_behind_each_other_are_one_block() {
        let mut memory = Memory::default();
        let at = memory.allocate(0.0, 1000.0);
        memory.write(at + 2.0, "cd", 9, BY);
        memory.write(at, "abX", 2, BY);
        memory.write(at + 6.0, "\u{20AC}", 1, BY);
        assert_eq!(memory.written(), [(b"abcd\0\0\x80".to_vec(), BY)]);
    }

    #[test]
    fn blocks_do_not_lie_over_each_other() {
        let mut memory = Memory::default();
        let first = memory.allocate(0.0, 65_537.0);
        assert_eq!(memory.allocate(0.0, 1.0), first + 131_072.0);
        assert_eq!(memory.allocate(4096.0, 1.0), 4096.0);
    }
}
