//! Text of a Word document, piece by piece: texts by place, fields, links.
//!
//! Layout: [MS-DOC] 2.4.1 (retrieving text), 2.3 (document parts). The parts follow one another in
//! characters: body, footnotes, headers, macros, comments, endnotes, text boxes, text boxes of
//! headers. Characters below a blank are marks.

use super::fib::Fib;
use super::hidden::HiddenRun;
use super::pieces::Piece;
use crate::base::text::CodePage;
use crate::base::{Cx, LimitHit, Location};
use crate::documents::document::{Document, DocumentText, Field, HiddenText, TextPlace};
use crate::documents::field::{self, Ended, FieldStack};
use crate::documents::link::Link;

/// Bytes of a text after which the next paragraph begins another one, so that a place says something.
const LONG: usize = 1024;

/// What holds the parts of a document, in their order.
const PLACES: [TextPlace; 8] = [
    TextPlace::Body,
    TextPlace::Note,
    TextPlace::Header,
    TextPlace::Body,
    TextPlace::Comment,
    TextPlace::Note,
    TextPlace::TextBox,
    TextPlace::TextBox,
];

/// Reads the characters of all pieces into `document` and `links`.
pub(super) fn read(
    stream: &[u8],
    fib: &Fib,
    pieces: &[Piece],
    hidden: &[HiddenRun],
    document: &mut Document,
    links: &mut Vec<Link>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let mut ends = Vec::new();
    let mut end = 0u64;
    for (count, place) in fib.ccp.into_iter().zip(PLACES) {
        end = end.saturating_add(count.into());
        ends.push((end, place));
    }
    let mut writer = Writer::new(fib.page, document, links);
    for piece in pieces {
        cx.budget.step(1)?;
        let claimed = u64::from(piece.len).saturating_mul(piece.width());
        let there = (stream.len() as u64).saturating_sub(piece.at);
        if claimed > there {
            let range = piece.at.min(stream.len() as u64)..stream.len() as u64;
            cx.abandoned(range, &format_args!("text of {claimed} bytes, {there} there"));
        }
        let mut cp = u64::from(piece.cp);
        let mut at = piece.at;
        let end = piece.at.saturating_add(claimed.min(there));
        while at < end {
            let (part_end, place) = match ends.iter().find(|(end, _)| cp < *end) {
                Some((part_end, place)) => (*part_end, *place),
                // Behind the last part stands one paragraph mark, or what a lying count left out.
                None => (u64::MAX, TextPlace::Body),
            };
            let bytes_of_part = part_end.saturating_sub(cp).saturating_mul(piece.width());
            let next_hidden = hidden.get(hidden.partition_point(|run| run.end <= at)..);
            let run = next_hidden.and_then(|runs| runs.first());
            let (hiding, hiding_end) = match run {
                Some(run) if run.start <= at => (Some(run.hidden), run.end),
                Some(run) => (None, run.start),
                None => (None, u64::MAX),
            };
            let mut stop = end.min(hiding_end).min(at.saturating_add(bytes_of_part));
            if piece.is_wide && stop.saturating_sub(at) % 2 != 0 {
                stop = stop.saturating_add(1).min(end);
            }
            let range =
                usize::try_from(at).unwrap_or(usize::MAX)..usize::try_from(stop).unwrap_or(usize::MAX);
            let bytes = stream.get(range).unwrap_or_default();
            // Pieces may share their bytes: every reading of them costs.
            cx.budget.step(1)?;
            cx.budget.touch(bytes.len().saturating_mul(4))?;
            writer.enter(place, hiding, at, cx)?;
            if piece.is_wide {
                writer.wide(bytes, at, cx)?;
            } else {
                writer.narrow(bytes, at, cx)?;
            }
            cp = cp.saturating_add(stop.saturating_sub(at).checked_div(piece.width()).unwrap_or(0));
            at = stop.max(at.saturating_add(1));
        }
    }
    writer.finish(cx)
}

struct Writer<'w> {
    page: CodePage,
    document: &'w mut Document,
    links: &'w mut Vec<Link>,
    fields: FieldStack,
    text: String,
    place: TextPlace,
    hidden: Option<HiddenText>,
    start: u64,
    end: u64,
    high: Option<u16>,
}

impl<'w> Writer<'w> {
    fn new(page: CodePage, document: &'w mut Document, links: &'w mut Vec<Link>) -> Self {
        Writer {
            page,
            document,
            links,
            fields: FieldStack::default(),
            text: String::new(),
            place: TextPlace::Body,
            hidden: None,
            start: 0,
            end: 0,
            high: None,
        }
    }

    /// The next characters stand at `at`, in this place and formatting.
    fn enter(
        &mut self,
        place: TextPlace,
        hidden: Option<HiddenText>,
        at: u64,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        if place != self.place {
            self.close_fields(cx)?;
        }
        if (place, hidden) != (self.place, self.hidden) || at != self.end {
            self.flush(cx)?;
            (self.place, self.hidden, self.start, self.end) = (place, hidden, at, at);
        }
        Ok(())
    }

    fn wide(&mut self, bytes: &[u8], at: u64, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let mut at = at;
        for pair in bytes.chunks_exact(2) {
            let &[low, high] = pair else { continue };
            let unit = u16::from_le_bytes([low, high]);
            at = at.saturating_add(2);
            self.end = at;
            if unit < 0x20 {
                self.mark(low, at.saturating_sub(2), at, cx)?;
                continue;
            }
            let pending = self.high.take();
            match unit {
                0xD800..=0xDBFF => self.high = Some(unit),
                _ => {
                    let units = pending.into_iter().chain([unit]);
                    for char in char::decode_utf16(units) {
                        self.char(char.unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                }
            }
        }
        Ok(())
    }

    fn narrow(&mut self, bytes: &[u8], at: u64, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let (mut at, mut rest) = (at, bytes);
        while let Some(first) = rest.first() {
            let len = rest.iter().position(|byte| *byte < 0x20).unwrap_or(rest.len());
            let (run, behind) = match len {
                0 => (1, rest.get(1..)),
                len => (len, rest.get(len..)),
            };
            let next = at.saturating_add(run as u64);
            self.end = next;
            if len == 0 {
                self.mark(*first, at, next, cx)?;
            } else {
                let decoded = self.page.decode(rest.get(..len).unwrap_or_default());
                if !self.fields.push_str(&decoded.text) {
                    self.text.push_str(&decoded.text);
                }
            }
            (at, rest) = (next, behind.unwrap_or_default());
        }
        Ok(())
    }

    fn char(&mut self, char: char) {
        if !self.fields.push(char) {
            self.text.push(char);
        }
    }

    /// A character below a blank.
    fn mark(&mut self, mark: u8, at: u64, next: u64, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        match mark {
            0x13 => self.fields.begin(at),
            0x14 => self.fields.separate(),
            0x15 => {
                if let Some(ended) = self.fields.end(next) {
                    self.field(ended, cx)?;
                }
            }
            0x1E => self.char('-'),
            0x07 | 0x09 => self.char('\t'),
            0x0B..=0x0E => {
                self.char('\n');
                if self.text.len() >= LONG {
                    self.flush(cx)?;
                    (self.start, self.end) = (next, next);
                }
            }
            // Pictures, notes, drawings and other things that stand as one character.
            _ => {}
        }
        Ok(())
    }

    fn field(&mut self, ended: Ended, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let instruction = ended.instruction.trim();
        if instruction.is_empty() {
            return Ok(());
        }
        cx.budget.step(1)?;
        cx.budget.touch(instruction.len())?;
        cx.budget.hold(size_of::<Field>().saturating_add(instruction.len()))?;
        let location = Location::bytes(cx.part, ended.bytes);
        if let Some((kind, target, automatic)) = field::target(instruction) {
            cx.budget.hold(size_of::<Link>().saturating_add(target.len()))?;
            self.links.push(Link { kind, target, automatic, location: location.clone() });
        }
        self.document.fields.push(Field { instruction: instruction.to_owned(), location });
        Ok(())
    }

    /// Fields end with the part that they stand in, ended or not.
    fn close_fields(&mut self, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        while self.fields.is_open() {
            match self.fields.end(self.end) {
                Some(ended) => self.field(ended, cx)?,
                None => cx.budget.step(1)?,
            }
        }
        Ok(())
    }

    fn flush(&mut self, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        self.high = None;
        if !self.text.trim().is_empty() {
            cx.budget.hold(size_of::<DocumentText>().saturating_add(self.text.len()))?;
            self.document.texts.push(DocumentText {
                text: std::mem::take(&mut self.text),
                place: self.place,
                hidden: self.hidden,
                location: Location::bytes(cx.part, self.start..self.end.max(self.start)),
            });
        }
        self.text.clear();
        Ok(())
    }

    fn finish(mut self, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        self.close_fields(cx)?;
        self.flush(cx)
    }
}
