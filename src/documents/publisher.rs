//! The text of Publisher documents: the stream `Quill/QuillSub/CONTENTS`.
//!
//! The layout is in no specification; it is read as public tools describe it. Behind a mark stands a
//! directory of chunks, each a kind, a type, an offset and a length, and perhaps the place of another
//! directory. Text is UTF-16 in one or more chunks of the kind `TEXT`; the others are formatting.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use crate::base::text::utf16le;
use crate::base::{Cx, LimitHit, Location, Reader, Short};
use crate::documents::document::{Document, DocumentText, TextPlace};

/// How the stream begins.
const MARK: &[u8] = b"CHNKINK ";
/// Where the first directory lies.
const FIRST: u64 = 0x18;
/// Directories that are followed.
const DIRECTORIES: usize = 256;

/// A chunk.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    is_text: bool,
    at: u32,
    len: u32,
}

/// Reads the text of a stream `CONTENTS` of Quill; says whether it is one.
///
/// # Errors
/// [`LimitHit`]; `into` keeps what was read.
pub fn quill(stream: &[u8], into: &mut Document, cx: &mut Cx<'_>) -> Result<bool, LimitHit> {
    if !stream.starts_with(MARK) {
        return Ok(false);
    }
    let mut at = FIRST;
    for _ in 0..DIRECTORIES {
        cx.budget.step(1)?;
        let start = usize::try_from(at).unwrap_or(usize::MAX);
        let mut reader = Reader::at_offset(stream.get(start..).unwrap_or_default(), at);
        let Ok((count, next)) = head(&mut reader) else {
            let end = stream.len() as u64;
            cx.abandoned(at.min(end)..end, "no directory of a Publisher text stands here");
            break;
        };
        for _ in 0..count {
            cx.budget.step(1)?;
            let Ok(chunk) = chunk(&mut reader) else {
                cx.abandoned(at..stream.len() as u64, "a directory of a Publisher text is cut");
                break;
            };
            if chunk.is_text {
                text(stream, chunk, into, cx)?;
            }
        }
        // Each directory lies behind the one before it.
        match next {
            u32::MAX | 0 => break,
            next if u64::from(next) > at => at = next.into(),
            _ => break,
        }
    }
    Ok(true)
}

/// Number of chunks of a directory, and where the next one lies.
fn head(reader: &mut Reader<'_>) -> Result<(u16, u32), Short> {
    reader.skip(2)?; // bytes of the directory
    let count = reader.u16()?;
    let next = reader.u32()?;
    Ok((count, next))
}

fn chunk(reader: &mut Reader<'_>) -> Result<Chunk, Short> {
    let len = usize::from(reader.u16()?);
    let mut entry = reader.sub(len.saturating_sub(2))?;
    let kind: [u8; 4] = entry.array()?;
    entry.skip(10)?; // numbers, type
    Ok(Chunk { is_text: kind == *b"TEXT", at: entry.u32()?, len: entry.u32()? })
}

fn text(stream: &[u8], chunk: Chunk, into: &mut Document, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let start = usize::try_from(chunk.at).unwrap_or(usize::MAX).min(stream.len());
    let stated = usize::try_from(chunk.len).unwrap_or(usize::MAX);
    let rest = stream.get(start..).unwrap_or_default();
    let bytes = rest.get(..stated).unwrap_or(rest);
    let end = start.saturating_add(bytes.len());
    if bytes.len() < stated {
        cx.abandoned(
            start as u64..end as u64,
            &format_args!("text of {stated} bytes, {} there", bytes.len()),
        );
    }
    cx.budget.touch(bytes.len().saturating_mul(2))?;
    let text = utf16le(bytes).replace(['\r', '\u{B}', '\u{C}'], "\n");
    if !text.trim().is_empty() {
        cx.budget.hold(size_of::<DocumentText>().saturating_add(text.len()))?;
        let location = Location::bytes(cx.part, start as u64..end as u64);
        into.texts.push(DocumentText { text, place: TextPlace::Body, hidden: None, location });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn read(stream: &[u8]) -> (bool, Vec<String>, Vec<String>) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx = Cx { part: PartId(1), stage: Stage::Word, budget: &mut budget, problems: &mut problems };
        let mut document = Document::default();
        let is_one = quill(stream, &mut document, &mut cx).unwrap();
        let told = problems.list().iter().map(|problem| problem.message.clone()).collect();
        (is_one, document.texts.into_iter().map(|text| text.text).collect(), told)
    }

    #[test]
    fn text_of_every_directory_is_read() {
        let stream = docsift_corpus::publisher::contents(&["One\r", "Two\r"]);
        assert_eq!(read(&stream), (true, vec!["One\n".into(), "Two\n".into()], vec![]));
        assert_eq!(read(b"CHNKINC"), (false, vec![], vec![]));
        for len in 8..stream.len() {
            let (_, texts, told) = read(&stream[..len]);
            assert!(texts.len() == 2 || !told.is_empty(), "{len}");
        }
    }
}
