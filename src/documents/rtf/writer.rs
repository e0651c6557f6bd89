//! Texts of a document as they come together from bytes and characters.

use std::ops::Range;

use crate::base::text::CodePage;
use crate::base::{Cx, LimitHit, Location};
use crate::documents::document::{Document, DocumentText, HiddenText, TextPlace};

/// Bytes of a text after which the next paragraph begins another one.
const LONG: usize = 1024;

/// The text that is being written.
#[derive(Debug)]
pub(super) struct Writer {
    /// Bytes that are not decoded yet.
    raw: Vec<u8>,
    /// Their code page.
    page: CodePage,
    text: String,
    place: TextPlace,
    hidden: Option<HiddenText>,
    bytes: Range<u64>,
    high: Option<u16>,
}

impl Default for Writer {
    fn default() -> Self {
        Writer {
            raw: Vec::new(),
            page: CodePage::WESTERN,
            text: String::new(),
            place: TextPlace::Body,
            hidden: None,
            bytes: 0..0,
            high: None,
        }
    }
}

impl Writer {
    /// The next characters have this place and formatting.
    pub(super) fn place(
        &mut self,
        document: &mut Document,
        place: TextPlace,
        hidden: Option<HiddenText>,
        at: u64,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        if (place, hidden) != (self.place, self.hidden) {
            self.flush(document, cx)?;
            (self.place, self.hidden) = (place, hidden);
        }
        if self.text.is_empty() && self.raw.is_empty() {
            self.bytes = at..at;
        }
        Ok(())
    }

    /// Takes bytes of a code page.
    pub(super) fn bytes(&mut self, text: &[u8], page: CodePage, bytes: Range<u64>) {
        if page != self.page {
            self.decode();
            self.page = page;
        }
        self.raw.extend_from_slice(text);
        self.bytes.end = bytes.end;
    }

    /// Takes text.
    pub(super) fn push(&mut self, text: &str, bytes: Range<u64>) {
        self.decode();
        self.text.push_str(text);
        self.bytes.end = bytes.end;
    }

    /// Decodes the bytes so far.
    pub(super) fn decode(&mut self) {
        if !self.raw.is_empty() {
            self.text.push_str(&self.page.decode(&self.raw).text);
            self.raw.clear();
        }
    }

    /// The character that a unit of UTF-16 makes, with the one before it.
    pub(super) fn unit(&mut self, unit: u16) -> Option<char> {
        let high = self.high.take();
        if matches!(unit, 0xD800..=0xDBFF) {
            self.high = Some(unit);
            return None;
        }
        let mut decoded = char::decode_utf16(high.into_iter().chain([unit]));
        Some(decoded.next()?.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// Whether the text is long enough to end with its paragraph.
    pub(super) fn is_long(&self) -> bool {
        self.text.len() >= LONG
    }

    /// Puts the text into the document.
    pub(super) fn flush(&mut self, document: &mut Document, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        self.decode();
        if !self.text.trim().is_empty() {
            cx.budget.hold(size_of::<DocumentText>().saturating_add(self.text.len()))?;
            document.texts.push(DocumentText {
                text: std::mem::take(&mut self.text),
                place: self.place,
                hidden: self.hidden,
                location: Location::bytes(cx.part, self.bytes.start..self.bytes.end.max(self.bytes.start)),
            });
        }
        self.text.clear();
        Ok(())
    }

    /// Puts the last text into the document.
    pub(super) fn finish(&mut self, document: &mut Document, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        self.flush(document, cx)
    }
}
