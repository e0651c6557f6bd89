//! tar archives: the files in them ([POSIX.1] pax, and GNU's long names).
//!
//! A header whose checksum does not fit ends the list, as it does for tar; what is behind it is a problem
//! unless it is zeros.

use std::ops::Range;

use crate::base::{Cx, LimitHit};

const BLOCK: usize = 512;

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TarFile {
    /// Its name, with folders.
    pub name: String,
    /// Where its bytes lie in the archive.
    pub at: Range<u64>,
}

/// Whether a block is a header: its checksum fits.
pub fn is_header(block: &[u8]) -> bool {
    let Some(block) = block.get(..BLOCK) else { return false };
    let Some(stated) = octal(block.get(148..156).unwrap_or_default()) else { return false };
    let sum = |byte: (usize, &u8)| if (148..156).contains(&byte.0) { 32 } else { u64::from(*byte.1) };
    block.iter().enumerate().map(sum).sum::<u64>() == stated && block.first() != Some(&0)
}

/// Reads the list of files into `into`; the files stay where they are.
///
/// # Errors
/// [`LimitHit`] when the budget does not last; `into` keeps what was read.
pub fn read(file: &[u8], into: &mut Vec<TarFile>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut at = 0usize;
    let mut long_name: Option<String> = None;
    while let Some(block) = file.get(at..).and_then(|rest| rest.get(..BLOCK)) {
        cx.budget.step(8)?;
        if !is_header(block) {
            let rest = file.get(at..).unwrap_or_default();
            cx.budget.touch(rest.len())?;
            if rest.iter().any(|byte| *byte != 0) {
                cx.abandoned(at as u64..file.len() as u64, "bytes behind the last file of the archive");
            }
            return Ok(());
        }
        let len = octal(block.get(124..136).unwrap_or_default()).unwrap_or(0);
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let start = at.saturating_add(BLOCK);
        let end = start.saturating_add(len);
        let there = end.min(file.len());
        let data = file.get(start..there).unwrap_or_default();
        if there < end {
            cx.abandoned(start as u64..there as u64, "a file ends outside the archive");
        }
        let text = |range: Range<usize>| {
            let bytes = block.get(range).unwrap_or_default();
            let len = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
            String::from_utf8_lossy(bytes.get(..len).unwrap_or_default()).into_owned()
        };
        match block.get(156) {
            Some(b'L') => long_name = Some(String::from_utf8_lossy(data).trim_end_matches('\0').to_owned()),
            Some(b'x') => long_name = pax_path(data).or(long_name),
            Some(b'0' | 0 | b'7') => {
                let prefix =
                    if block.get(257..262) == Some(b"ustar") { text(345..500) } else { String::new() };
                let short =
                    if prefix.is_empty() { text(0..100) } else { format!("{prefix}/{}", text(0..100)) };
                let name = long_name.take().unwrap_or(short);
                cx.budget.hold(name.len().saturating_add(size_of::<TarFile>()))?;
                into.push(TarFile { name, at: start as u64..there as u64 });
            }
            _ => long_name = None,
        }
        at = end.checked_next_multiple_of(BLOCK).unwrap_or(usize::MAX);
    }
    Ok(())
}

/// `path` of a pax header: lines of `length name=value`.
fn pax_path(data: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(data);
    let value =
        text.lines().find_map(|line| line.split_once(' ').and_then(|(_, field)| field.strip_prefix("path=")));
    value.map(str::to_owned)
}

fn octal(field: &[u8]) -> Option<u64> {
    // GNU writes large sizes in binary behind a set bit.
    if let [first, rest @ ..] = field
        && first & 0x80 != 0
    {
        return rest.iter().try_fold(0u64, |value, byte| value.checked_mul(256)?.checked_add((*byte).into()));
    }
    let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    if text.is_empty() { Some(0) } else { u64::from_str_radix(text, 8).ok() }
}
