//! Looking for signatures. Zeros are passed over 4 KiB at a time, a step each: padding with half a
//! gigabyte of them must not use up the budget.

use crate::base::{Cx, LimitHit};

const BLOCK: usize = 4096;

fn charge(block: &[u8], cx: &mut Cx<'_>) -> Result<bool, LimitHit> {
    cx.budget.step(1)?;
    let is_zero = match block.as_array::<BLOCK>() {
        Some(block) => {
            let (words, _) = block.as_chunks::<8>();
            words.iter().fold(0, |any, word| any | u64::from_ne_bytes(*word)) == 0
        }
        None => false,
    };
    if !is_zero {
        cx.budget.touch(block.len())?;
    }
    Ok(is_zero)
}

/// The first place at or behind `from` where one of the signatures stands.
pub(super) fn find(
    file: &[u8],
    signatures: &[&[u8; 4]],
    from: usize,
    to: usize,
    cx: &mut Cx<'_>,
) -> Result<Option<usize>, LimitHit> {
    let mut at = from;
    while at < to {
        let end = at.saturating_add(BLOCK).min(to);
        if !charge(file.get(at..end).unwrap_or_default(), cx)? {
            // Three bytes of the next block belong to a signature that begins in this one.
            let reach = end.saturating_add(3).min(to);
            let block = file.get(at..reach).unwrap_or_default();
            let found = block
                .array_windows::<4>()
                .position(|window| window[0] == b'P' && window[1] == b'K' && signatures.contains(&window));
            if let Some(found) = found {
                return Ok(Some(at.saturating_add(found)));
            }
        }
        at = end;
    }
    Ok(None)
}

/// The last place before `before` where `signature` begins.
pub(super) fn find_back(
    file: &[u8],
    signature: &[u8; 4],
    before: usize,
    cx: &mut Cx<'_>,
) -> Result<Option<usize>, LimitHit> {
    let mut end = before.min(file.len());
    while end > 0 {
        let start = end.saturating_sub(BLOCK);
        if !charge(file.get(start..end).unwrap_or_default(), cx)? {
            let reach = end.saturating_add(3).min(file.len());
            let block = file.get(start..reach).unwrap_or_default();
            if let Some(found) = block.array_windows::<4>().rposition(|window| window == signature) {
                let found = start.saturating_add(found);
                if found < before {
                    return Ok(Some(found));
                }
            }
        }
        end = start;
    }
    Ok(None)
}

/// Whether all bytes are zero.
pub(super) fn is_zero(bytes: &[u8], cx: &mut Cx<'_>) -> Result<bool, LimitHit> {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    for block in blocks {
        if !charge(block, cx)? {
            return Ok(false);
        }
    }
    cx.budget.touch(rest.len())?;
    Ok(rest.iter().all(|byte| *byte == 0))
}
