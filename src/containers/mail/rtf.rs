//! Compressed RTF of Outlook ([MS-OXRTFCP]).

use crate::base::{Cx, LimitHit, Reader};

/// What the dictionary begins with ([MS-OXRTFCP] 2.1.2.1).
const DICTIONARY: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

const COMPRESSED: u32 = 0x7546_5A4C;
const UNCOMPRESSED: u32 = 0x414C_454D;

/// Bytes of the dictionary, which wraps around.
const RING: usize = 4096;

/// Decompresses a stream; damage ends it, and what was made stays.
///
/// # Errors
/// [`LimitHit`] when the budget does not last. One byte makes at most 17.
pub fn decompress(stream: &[u8], cx: &mut Cx<'_>) -> Result<Vec<u8>, LimitHit> {
    let mut reader = Reader::new(stream);
    let fields = (reader.u32(), reader.u32(), reader.u32(), reader.u32());
    let (Ok(_), Ok(stated), Ok(kind), Ok(_)) = fields else {
        cx.abandoned(0..stream.len() as u64, "compressed RTF without a header");
        return Ok(Vec::new());
    };
    cx.budget.own(u64::from(stated).min((reader.remaining() as u64).saturating_mul(17)))?;
    cx.budget.touch(reader.remaining().saturating_mul(4))?;
    if kind == UNCOMPRESSED {
        return Ok(reader.rest().to_vec());
    }
    if kind != COMPRESSED {
        cx.abandoned(8..12, "RTF under an unknown compression");
        return Ok(Vec::new());
    }
    let mut ring = DICTIONARY.to_vec();
    ring.resize(RING, b' ');
    let mut at = DICTIONARY.len();
    let most = usize::try_from(stated).unwrap_or(usize::MAX);
    let mut made = Vec::new();
    'all: while let Ok(flags) = reader.u8() {
        for bit in 0..8u32 {
            if made.len() >= most {
                break 'all;
            }
            let (from, len) = if flags.wrapping_shr(bit) & 1 == 0 {
                let Ok(byte) = reader.u8() else { break 'all };
                put(&mut ring, &mut at, byte, &mut made);
                continue;
            } else {
                let Ok(pair) = reader.array::<2>() else { break 'all };
                let pair = u16::from_be_bytes(pair);
                (usize::from(pair >> 4), usize::from(pair & 0xF).saturating_add(2))
            };
            if from == at {
                break 'all;
            }
            for offset in 0..len {
                let byte = ring.get(from.wrapping_add(offset) % RING).copied().unwrap_or(b' ');
                put(&mut ring, &mut at, byte, &mut made);
            }
        }
    }
    Ok(made)
}

fn put(ring: &mut [u8], at: &mut usize, byte: u8, made: &mut Vec<u8>) {
    if let Some(slot) = ring.get_mut(*at) {
        *slot = byte;
    }
    *at = at.wrapping_add(1) % RING;
    made.push(byte);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn done(stream: &[u8]) -> Vec<u8> {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx = Cx { part: PartId(0), stage: Stage::Mail, budget: &mut budget, problems: &mut problems };
        decompress(stream, &mut cx).unwrap()
    }

    #[test]
    fn stream_of_the_specification_decompresses() {
        // [MS-OXRTFCP] 4.1.1
        let stream = [
            0x2d, 0x00, 0x00, 0x00, 0x2b, 0x00, 0x00, 0x00, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7,
            0x03, 0x00, 0x0a, 0x00, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20,
            0x68, 0x65, 0x6c, 0x09, 0x00, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f,
            0xa0,
        ];
        assert_eq!(done(&stream), b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        assert_eq!(done(&stream[..40]), b"{\\rtf1\\ansi\\ansicpg1252\\pard hello w");
        assert_eq!(done(&stream[..10]), b"");
    }
}
