//! Word documents from Word 6 to 2003 ([MS-DOC]): text by place, fields, template, WordBasic macros.
//!
//! The stream `WordDocument` begins with a block that says where everything lies, in this stream or in
//! one of two table streams. Text lies in pieces in the order of the document. What a lying
//! offset or count leaves out is told; text that is there is read all the same. Ciphertext is told
//! and not harvested.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod associations;
mod drawing;
mod fib;
mod hidden;
mod look;
mod pieces;
mod styles;
mod text;
mod tokens;
pub mod wordbasic;

#[cfg(test)]
mod tests;

use fib::{Fib, Pair};
use hidden::Formatting;
use pieces::Piece;
use styles::Styles;

use crate::base::{Cx, LimitHit, PartId, Short, Stage};
use crate::documents::art::Drawing;
use crate::documents::document::{Document, DocumentKind};
use crate::documents::link::Link;
use crate::documents::workbook::PictureAt;
use wordbasic::Macro;

/// Why a structure was not read whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocError {
    /// A field does not fit.
    #[error(transparent)]
    Short(#[from] Short),
    /// A ceiling was reached.
    #[error(transparent)]
    Limit(#[from] LimitHit),
    /// The stream does not begin as a Word document does.
    #[error("mark 0x{ident:04x} is not one of a word document")]
    NoFib {
        /// The mark found.
        ident: u16,
    },
    /// A piece table is announced, and something else stands there.
    #[error("at {at}: kind {kind} is no piece table")]
    NoPieces {
        /// Where.
        at: u64,
        /// What stands there.
        kind: u8,
    },
    /// A structure lies outside its stream.
    #[error("{what} at {at}, {len} bytes, lies outside its stream")]
    Outside {
        /// What it is.
        what: &'static str,
        /// Its offset.
        at: u32,
        /// Its length.
        len: u32,
    },
}

/// The streams of a document.
#[derive(Debug, Clone, Copy, Default)]
pub struct WordStreams<'a> {
    /// The stream `WordDocument`.
    pub document: &'a [u8],
    /// The streams `0Table` and `1Table`, when they are there; the document says which one is its own.
    pub tables: [Option<TableStream<'a>>; 2],
    /// The stream `Data`.
    pub data: Option<TableStream<'a>>,
}

/// A stream, and the part that stands for it.
#[derive(Debug, Clone, Copy, Default)]
pub struct TableStream<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Its part.
    pub part: PartId,
}

/// What a Word document states.
#[derive(Debug, Clone, Default)]
pub struct WordFile {
    /// Its texts and fields.
    pub document: Document,
    /// What it refers to outside itself.
    pub links: Vec<Link>,
    /// Its WordBasic macros.
    pub macros: Vec<Macro>,
    /// Pictures in the stream `WordDocument`.
    pub pictures: Vec<PictureAt>,
    /// Pictures in the stream `Data`.
    pub data_pictures: Vec<PictureAt>,
    /// Whether it is a template.
    pub is_template: bool,
    /// Whether it is ciphertext.
    pub is_encrypted: bool,
    /// Whether the caller decrypted the streams: the flags of the document still say otherwise.
    pub is_decrypted: bool,
}

/// Whether the stream `WordDocument` says that it is encrypted.
pub fn is_encrypted(stream: &[u8]) -> bool {
    Fib::read(stream).is_ok_and(|fib| fib.is_encrypted())
}

/// Reads a document; `cx` is of the stream `WordDocument`.
///
/// # Errors
/// [`LimitHit`]; `into` keeps what was read.
pub fn read(streams: WordStreams<'_>, into: &mut WordFile, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let WordStreams { document: stream, tables, .. } = streams;
    into.document.part = cx.part;
    into.document.kind = DocumentKind::Word;
    cx.budget.touch(1024)?;
    let fib = match Fib::read(stream) {
        Ok(fib) => fib,
        Err(error) => return told(Err(error), 0..stream.len() as u64, cx),
    };
    into.is_template = fib.is_template();
    if fib.is_encrypted() && !into.is_decrypted {
        into.is_encrypted = true;
        let how = if fib.is_obfuscated() { "XOR" } else { "RC4 or a CryptoAPI cipher" };
        cx.needs_password(0, &format_args!("the text of the word document is encrypted ({how})"));
        return Ok(());
    }
    let own = TableStream { bytes: stream, part: cx.part };
    let table = if fib.is_old {
        own
    } else {
        let [zero, one] = tables;
        let (named, other) = if fib.table() == 1 { (one, zero) } else { (zero, one) };
        match named.or_else(|| other.inspect(|_| cx.recovered(10, "the other table stream is the one there")))
        {
            Some(table) => table,
            None => {
                cx.abandoned(0..stream.len() as u64, "no table stream, so that the text cannot be found");
                return Ok(());
            }
        }
    };
    let mut pieces = Vec::new();
    let (fc, lcb) = fib.pair(stream, Pair::Clx);
    let is_plain = lcb == 0 && fib.is_old && !fib.is_complex();
    if is_plain {
        pieces.push(pieces::plain(&fib));
    } else {
        let mut cx = cx.for_part(table.part, Stage::Word);
        let result = structure(table.bytes, "the piece table", fc, lcb)
            .and_then(|clx| pieces::read(clx, fc.into(), &fib, &mut pieces, &mut cx));
        told(result, u64::from(fc)..u64::from(fc), &mut cx)?;
        if pieces.is_empty() && fib.ccp != [0; 8] {
            pieces.push(pieces::plain(&fib));
        }
    }
    covered(&pieces, &fib, stream.len() as u64, cx);
    let mut formatting = Formatting::default();
    if !fib.is_old {
        let mut styles = Styles::default();
        let (fc, lcb) = fib.pair(stream, Pair::Stshf);
        let read = structure(table.bytes, "the style sheet", fc, lcb)
            .and_then(|sheet| styles.read(sheet, &mut cx.for_part(table.part, Stage::Word)));
        recovered(read, cx)?;
        let pages = |pair, what| {
            let (fc, lcb) = fib.pair(stream, pair);
            structure(table.bytes, what, fc, lcb)
        };
        let read = pages(Pair::PlcfBteChpx, "the table of character formatting").and_then(|characters| {
            // Without its paragraphs a text still has what stands at it.
            let paragraphs = pages(Pair::PlcfBtePapx, "the table of paragraphs").unwrap_or_default();
            hidden::read(stream, characters, paragraphs, &styles, &mut formatting, cx)
        });
        recovered(read, cx)?;
    }
    let hidden = &formatting.hidden;
    let result = text::read(stream, &fib, &pieces, hidden, &mut into.document, &mut into.links, cx);
    let (fc, lcb) = fib.pair(stream, Pair::SttbfAssoc);
    let mut table_cx = cx.for_part(table.part, Stage::Word);
    let strings = structure(table.bytes, "the associated strings", fc, lcb)
        .and_then(|strings| associations::read(strings, fc.into(), &fib, &mut into.links, &mut table_cx));
    recovered(strings, &mut table_cx)?;
    let (fc, lcb) = fib.pair(stream, Pair::Cmds);
    let commands = structure(table.bytes, "the command table", fc, lcb).and_then(|commands| {
        wordbasic::read(commands, fc.into(), stream, fib.page, fib.is_old, &mut into.macros, cx)
    });
    if fib.is_old {
        told(commands, u64::from(fc)..u64::from(fc), cx)?;
        let (fc, lcb) = fib.pair(stream, Pair::PlcfBteChpx);
        let mut own = Drawing::default();
        let read = structure(stream, "the table of character formatting", fc, lcb)
            .and_then(|bins| Ok(drawing::in_old_text(stream, bins, &mut own, cx)?));
        into.pictures = own.pictures;
        into.links.append(&mut own.links);
        recovered(read, cx)?;
    } else {
        recovered(commands, cx)?;
        let content = fib.pair(stream, Pair::DggInfo);
        drawings(streams, table, content, formatting.pictures, into, cx)?;
    }
    result
}

/// Pictures, and what drawings say.
fn drawings(
    streams: WordStreams<'_>,
    table: TableStream<'_>,
    (fc, lcb): (u32, u32),
    places: Vec<u32>,
    into: &mut WordFile,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let (mut own, mut in_data) = (Drawing::default(), Drawing::default());
    let mut read = match structure(table.bytes, "the drawings", fc, lcb) {
        Ok(content) => drawing::floating(content, fc.into(), table, streams.document, &mut own, cx),
        Err(error) => {
            cx.abandoned(0..0, &error);
            Ok(())
        }
    };
    if read.is_ok()
        && let Some(data) = streams.data
    {
        read = drawing::in_text(data, places, &mut in_data, cx);
    }
    for drawing in [&mut own, &mut in_data] {
        into.document.texts.append(&mut drawing.texts);
        into.links.append(&mut drawing.links);
    }
    (into.pictures, into.data_pictures) = (own.pictures, in_data.pictures);
    read
}

/// Tells of text that the document counts and no piece holds.
fn covered(pieces: &[Piece], fib: &Fib, end: u64, cx: &mut Cx<'_>) {
    let counted = fib.ccp.iter().fold(0u64, |sum, count| sum.saturating_add((*count).into()));
    let held = pieces.iter().fold(0u64, |sum, piece| sum.saturating_add(piece.len.into()));
    if held < counted {
        cx.abandoned(0..end, &format_args!("{counted} characters are counted, and pieces hold {held}"));
    }
}

/// The bytes of a structure; none when the document has it not.
fn structure<'a>(table: &'a [u8], what: &'static str, at: u32, len: u32) -> Result<&'a [u8], DocError> {
    if len == 0 {
        return Ok(&[]);
    }
    let start = usize::try_from(at).unwrap_or(usize::MAX);
    let rest = table.get(start..).filter(|rest| !rest.is_empty());
    let rest = rest.ok_or(DocError::Outside { what, at, len })?;
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    Ok(rest.get(..len).unwrap_or(rest))
}

/// A structure without which text or code is missing.
fn told(result: Result<(), DocError>, range: std::ops::Range<u64>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    match result {
        Ok(()) => Ok(()),
        Err(DocError::Limit(hit)) => Err(hit),
        Err(error) => {
            cx.abandoned(range, &error);
            Ok(())
        }
    }
}

/// A structure without which what a person sees is read all the same.
fn recovered(result: Result<(), DocError>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    match result {
        Ok(()) => Ok(()),
        Err(DocError::Limit(hit)) => Err(hit),
        Err(error) => {
            cx.recovered(0, &error);
            Ok(())
        }
    }
}
