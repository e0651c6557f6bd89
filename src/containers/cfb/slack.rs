//! Data that no stream owns: behind the last sector, in free sectors, in chains nobody names.
//!
//! Padding with zeros must not cost more than hashing the file does, nor use up the budget: a file
//! of 500 MB that is zeros but for its first 100 KB is a known evasion. Zeros are therefore told
//! 4 KiB at a time, by an OR over the block that runs at the speed of memory, and such a block
//! costs one step and not 64.

use super::consts::HEADER_LEN;
use super::stream::Run;
use crate::base::{Cx, LimitHit};
use crate::containers::sniff::{self, FileKind};

/// Where bytes lie that no stream owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SlackPlace {
    /// Between the fields of a header and the first sector, where sectors are larger than 512 bytes.
    Header,
    /// In sectors that the FAT calls free, or does not describe.
    Free,
    /// In sectors that the FAT calls used, and that no stream reaches.
    Lost,
    /// Behind the last sector in use.
    Tail,
}

/// Bytes that no stream owns, not all of them zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slack {
    /// First byte, from the start of the file. A sector boundary.
    pub at: u64,
    /// How many; zeros at the end are left out, up to a sector boundary.
    pub len: u64,
    /// Where they lie.
    pub place: SlackPlace,
    /// What they are.
    pub kind: FileKind,
}

const BLOCK: usize = 4096;

/// How many zeros `bytes` begins with.
pub(super) fn leading_zeros(bytes: &[u8], cx: &mut Cx<'_>) -> Result<usize, LimitHit> {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let mut zeros = 0_usize;
    for block in blocks {
        cx.budget.step(1)?;
        if !is_zero(block) {
            return Ok(zeros.saturating_add(block.iter().take_while(|byte| **byte == 0).count()));
        }
        zeros = zeros.saturating_add(BLOCK);
    }
    cx.budget.step(1)?;
    Ok(zeros.saturating_add(rest.iter().take_while(|byte| **byte == 0).count()))
}

fn trailing_zeros(bytes: &[u8], cx: &mut Cx<'_>) -> Result<usize, LimitHit> {
    let (rest, blocks) = bytes.as_rchunks::<BLOCK>();
    let mut zeros = 0_usize;
    for block in blocks.iter().rev() {
        cx.budget.step(1)?;
        if !is_zero(block) {
            return Ok(zeros.saturating_add(block.iter().rev().take_while(|byte| **byte == 0).count()));
        }
        zeros = zeros.saturating_add(BLOCK);
    }
    cx.budget.step(1)?;
    Ok(zeros.saturating_add(rest.iter().rev().take_while(|byte| **byte == 0).count()))
}

fn is_zero(block: &[u8; BLOCK]) -> bool {
    let (words, _) = block.as_chunks::<8>();
    words.iter().fold(0, |any, word| any | u64::from_ne_bytes(*word)) == 0
}

/// Adds what is in `run`: without zeros at both ends, in pieces that begin where a file does.
pub(super) fn collect(
    file: &[u8],
    run: Run,
    sector_size: u64,
    place: SlackPlace,
    into: &mut Vec<Slack>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = run.bytes(file);
    let zeros = leading_zeros(bytes, cx)?;
    if zeros >= bytes.len() {
        return Ok(());
    }
    let size = usize::try_from(sector_size).unwrap_or(HEADER_LEN).max(1);
    let skipped = zeros.saturating_sub(zeros.checked_rem(size).unwrap_or(0));
    let bytes = bytes.get(skipped..).unwrap_or_default();
    let kept = bytes.len().saturating_sub(trailing_zeros(bytes, cx)?);
    let kept = kept.checked_next_multiple_of(size).unwrap_or(kept).min(bytes.len());
    let bytes = bytes.get(..kept).unwrap_or_default();
    let start = run.at.saturating_add(skipped as u64);

    let mut piece = 0_usize;
    let mut next = size;
    while piece < bytes.len() {
        cx.budget.step(1)?;
        let at_end = next >= bytes.len();
        // No mark begins with a zero, and most free sectors do.
        let begins =
            bytes.get(next..).is_some_and(|rest| rest.first() != Some(&0) && sniff::embedded_at(rest));
        if at_end || begins {
            let end = next.min(bytes.len());
            let content = bytes.get(piece..end).unwrap_or_default();
            let at = start.saturating_add(piece as u64);
            into.push(Slack { at, len: content.len() as u64, place, kind: sniff::sniff(content) });
            piece = end;
        }
        next = next.saturating_add(size);
    }
    Ok(())
}
