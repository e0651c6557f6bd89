//! Walks models for their texts, in reading order.
//!
//! A shared string is folded and matched once, however many cells show it; which phrases its end
//! cuts off is remembered in four bytes. Each cell joins the cell before it and the cell above it,
//! so that a phrase may be split along a row and down a column. Nothing is joined in memory.

mod grid;
mod reader;

use std::borrow::Cow;

use grid::Grid;
use reader::Reader;

use super::compose::{Axis, Items};
use super::{Harvest, HiddenCells, Hiding, HidingFormats, TextRun, TextSource};
use crate::base::{Cx, LimitHit, Location, PartId};
use crate::documents::document::{Document, HiddenText, TextPlace};
use crate::documents::workbook::{Sheet, TextId, Workbook};

/// Bytes of a long text that are matched at once.
const PIECE: usize = 16 << 10;
/// Object type of a comment's shape ([MS-XLS] 2.5.143 `ot`).
const NOTE: u16 = 25;

/// Harvests all texts of a workbook.
///
/// # Errors
/// [`LimitHit`] when the steps do not last; `into` keeps what was harvested.
pub fn workbook(book: &Workbook, into: &mut Harvest, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut reader = Reader::new(cx);
    cx.budget.touch(book.formats.len().saturating_mul(16))?;
    let formats = HidingFormats::new(book);
    (0..).zip(&book.sheets).try_for_each(|(index, sheet)| {
        let cells = sheet.rows.len().saturating_add(sheet.columns.len());
        cx.budget.step(1)?;
        cx.budget.touch(cells.saturating_mul(12))?;
        let hidden = HiddenCells::new(&formats, sheet);
        let read = reader.grid(&Grid::new(book, index, sheet, &hidden), into, cx);
        read.and_then(|()| reader.list(&loose_texts(book, index, sheet), into, cx))
    })?;
    // A cell shows the letters of its number format whatever its value is.
    for (id, format) in &book.number_formats {
        let format = book.texts.get(*format);
        if format.len() < WORDS {
            continue;
        }
        cx.budget.touch(format.len().saturating_add(size_of_val(book.formats.as_slice())))?;
        let letters = letters(format);
        if letters.len() >= WORDS && book.formats.iter().any(|used| used.number_format == *id) {
            text(&letters, Location::part(book.part), TextSource::Cell, into, cx)?;
        }
    }
    Ok(())
}

/// Letters of a number format that are more than a unit or the name of a currency.
const WORDS: usize = 24;

/// What a number format shows as it stands: the letters in quotes and behind backslashes.
fn letters(format: &str) -> String {
    let mut shown = String::new();
    let mut chars = format.chars();
    let mut in_quotes = false;
    while let Some(letter) = chars.next() {
        match letter {
            '"' => in_quotes = !in_quotes,
            '\\' if !in_quotes => shown.extend(chars.next()),
            ' ' => shown.push(' '),
            _ if in_quotes => shown.push(letter),
            _ => {}
        }
    }
    shown
}

/// Harvests document properties, in their order.
///
/// # Errors
/// [`LimitHit`] when the steps do not last; `into` keeps what was harvested.
pub fn properties<'t>(
    values: impl IntoIterator<Item = (&'t str, Location)>,
    into: &mut Harvest,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    values.into_iter().try_for_each(|(value, location)| text(value, location, TextSource::Property, into, cx))
}

/// Harvests the texts of a document, in reading order. A phrase may run on from one text to the next
/// where the same thing holds both.
///
/// # Errors
/// [`LimitHit`] when the steps do not last; `into` keeps what was harvested.
pub fn document(document: &Document, into: &mut Harvest, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    if document.texts.is_empty() {
        return Ok(());
    }
    let mut reader = Reader::new(cx);
    let mut pieces: Vec<Loose<'_>> = Vec::new();
    for text in &document.texts {
        let source = match text.place {
            TextPlace::Body => TextSource::Body,
            TextPlace::Header => TextSource::Header,
            TextPlace::Note => TextSource::Footnote,
            TextPlace::Comment => TextSource::Comment,
            TextPlace::TextBox => TextSource::TextBox,
            TextPlace::AltText => TextSource::AltText,
            TextPlace::Slide => TextSource::Slide,
            TextPlace::Subject => TextSource::Subject,
            TextPlace::FileName => TextSource::FileName,
        };
        let hiding = text.hidden.map(|hidden| match hidden {
            HiddenText::Vanish => Hiding::HiddenFormat,
            HiddenText::White => Hiding::WhiteOnWhite,
            HiddenText::Tiny => Hiding::TinyFont,
            HiddenText::NotShown => Hiding::HiddenShape,
        });
        let report_chars = cx.budget.limits().report_chars;
        into.add_run(&text.text, source, hiding, report_chars, || text.location.clone());
        let continues = pieces.last().is_some_and(|last| last.source == source);
        let (mut joined, location) = (continues, &text.location);
        for piece in pieces_of(&text.text) {
            let location = location.clone();
            pieces.push(Loose { text: piece.into(), location, source, hiding, joined, shown: false });
            joined = true;
        }
    }
    reader.list(&pieces, into, cx)
}

/// A text in pieces that are matched at once.
fn pieces_of(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let cut = rest.floor_char_boundary(PIECE.min(rest.len()));
        let (piece, behind) = (rest.get(..cut)?, rest.get(cut..)?);
        rest = behind;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Harvests one text that stands alone: a message of a macro, the body of a mail.
///
/// # Errors
/// [`LimitHit`] when the steps do not last; `into` keeps what was harvested.
pub fn text(
    text: &str,
    location: Location,
    source: TextSource,
    into: &mut Harvest,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let mut reader = Reader::new(cx);
    into.add_run(text, source, None, cx.budget.limits().report_chars, || location.clone());
    let mut pieces = Vec::new();
    for piece in pieces_of(text) {
        let joined = !pieces.is_empty();
        pieces.push(Loose {
            text: piece.into(),
            location: location.clone(),
            source,
            hiding: None,
            joined,
            shown: false,
        });
    }
    reader.list(&pieces, into, cx)
}

/// Looks for phrases in one text that the report shows elsewhere, so that it becomes no run: a message
/// among the effects of a macro, the name of a part.
///
/// # Errors
/// [`LimitHit`] when the steps do not last; `into` keeps what was found.
pub fn elsewhere(
    text: &str,
    location: &Location,
    source: TextSource,
    into: &mut Harvest,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let pieces: Vec<Loose<'_>> = pieces_of(text)
        .zip(std::iter::once(false).chain(std::iter::repeat(true)))
        .map(|(piece, joined)| Loose {
            text: piece.into(),
            location: location.clone(),
            source,
            hiding: None,
            joined,
            shown: false,
        })
        .collect();
    Reader::new(cx).list(&pieces, into, cx)
}

/// Long texts that the report has room for.
const TEXTS_AT_LEAST: usize = 16;

/// Characters of a text that are never cut.
const SHORT: usize = 4096;

/// How often hits of one family, certainty and visibility are kept.
const KEPT: usize = 8;
/// How many texts are kept in [`Harvest::runs`].
const RUNS: usize = 20_000;

impl Harvest {
    pub(super) fn has_room(&self, family: super::Family, certainty: super::Certainty, visible: bool) -> bool {
        let alike =
            |hit: &&super::Hit| hit.family == family && hit.certainty == certainty && hit.visible == visible;
        self.hits.iter().filter(alike).count() < KEPT
    }

    /// Keeps a hit unless another one of its family says as much at its places.
    pub(super) fn keep(&mut self, hit: super::Hit) {
        let covers = |one: &super::Hit, other: &super::Hit| {
            one.family == other.family
                && one.certainty >= other.certainty
                && (one.visible || !other.visible)
                && (one.quote == other.quote
                    || other.locations.iter().all(|location| one.locations.contains(location)))
        };
        if !self.hits.iter().any(|kept| covers(kept, &hit)) {
            self.hits.retain(|kept| !covers(&hit, kept));
            self.hits.push(hit);
        }
    }

    /// Adds a text, and returns its index when there was room for it.
    fn add_run(
        &mut self,
        text: &str,
        source: TextSource,
        hiding: Option<Hiding>,
        report_chars: usize,
        location: impl FnOnce() -> Location,
    ) -> Option<usize> {
        if text.trim_ascii().is_empty() {
            return None;
        }
        // One long text does not take the room of all others.
        let longest = (report_chars / TEXTS_AT_LEAST).max(SHORT);
        let end = text.char_indices().nth(longest).map(|(end, _)| end);
        let shown = end.and_then(|end| text.get(..end)).unwrap_or(text);
        let full = self.runs.len() >= RUNS;
        let chars = self.chars.saturating_add(if full { 0 } else { shown.chars().count() });
        if full || chars > report_chars {
            self.left_out = self.left_out.saturating_add(1);
            return None;
        }
        self.chars = chars;
        self.shortened = self.shortened.saturating_add(u64::from(end.is_some()));
        let (text, location) = (shown.to_owned(), location());
        self.runs.push(TextRun { text, location, source, visible: hiding.is_none(), hidden_by: hiding });
        Some(self.runs.len().saturating_sub(1))
    }
}

/// One text that is no cell.
#[derive(Debug)]
struct Loose<'b> {
    text: Cow<'b, str>,
    location: Location,
    source: TextSource,
    hiding: Option<Hiding>,
    /// Whether a phrase may run on from the text before.
    joined: bool,
    /// Whether it becomes a run.
    shown: bool,
}

impl Items for &[Loose<'_>] {
    fn text(&self, item: u32) -> &str {
        self.get(item as usize).map_or("", |loose| &loose.text)
    }

    fn place(&self, item: u32) -> (Location, TextSource, Option<Hiding>) {
        match self.get(item as usize) {
            Some(loose) => (loose.location.clone(), loose.source, loose.hiding),
            None => (Location::part(PartId::default()), TextSource::Cell, None),
        }
    }

    fn before(&self, item: u32, _axis: Axis) -> Option<u32> {
        let joined = self.get(item as usize).is_some_and(|loose| loose.joined);
        if joined { item.checked_sub(1) } else { None }
    }
}

/// All texts of a sheet that are no cells, text boxes first and in the order of their anchors.
fn loose_texts<'b>(book: &'b Workbook, index: u32, sheet: &'b Sheet) -> Vec<Loose<'b>> {
    let part = book.part;
    let sheet_hides = sheet.visibility.is_hidden().then_some(Hiding::HiddenSheet);
    let mut loose: Vec<Loose<'b>> = Vec::new();
    let mut add = |text: Option<TextId>, location: Location, source: TextSource, hiding: Option<Hiding>| {
        let text = text.map_or("", |id| book.texts.get(id));
        let text = if source == TextSource::Header { printed(text) } else { text.into() };
        if !text.is_empty() {
            let joined = loose.last().is_some_and(|last| last.source == source);
            let hiding = sheet_hides.or(hiding);
            loose.push(Loose { text, location, source, hiding, joined, shown: true });
        }
    };
    let mut shapes: Vec<_> = sheet.shapes.iter().collect();
    shapes.sort_by_key(|shape| shape.anchor.map_or((u32::MAX, u32::MAX), |[row, column, ..]| (row, column)));
    let at = |offset: u64| Location::bytes(part, offset..offset);
    let boxes = || shapes.iter().filter(|shape| shape.object_type != NOTE);
    for shape in boxes() {
        let hiding = shape.hidden.then_some(Hiding::HiddenShape);
        add(shape.text, at(shape.at), TextSource::TextBox, hiding);
    }
    for shape in boxes() {
        let hiding = shape.hidden.then_some(Hiding::HiddenShape);
        for text in [shape.name, shape.description] {
            add(text, at(shape.at), TextSource::AltText, hiding);
        }
    }
    for shape in shapes.iter().filter(|shape| shape.object_type == NOTE) {
        add(shape.text, at(shape.at), TextSource::Note, None);
    }
    let cell = |row: u32, column: u16| Location::cell(part, index, row, column.into());
    for note in &sheet.notes {
        add(note.text, cell(note.row, note.column), TextSource::Note, None);
    }
    let sheet_at = sheet.bof_at.or(sheet.listed_at).map_or(Location::part(part), at);
    for header in &sheet.headers {
        add(Some(*header), sheet_at.clone(), TextSource::Header, None);
    }
    for prompt in &sheet.prompts {
        for text in prompt.texts {
            add(text, cell(prompt.row, prompt.column), TextSource::Prompt, None);
        }
    }
    for link in &sheet.hyperlinks {
        add(link.shown, cell(link.row, link.column), TextSource::Hyperlink, None);
        add(Some(link.target), cell(link.row, link.column), TextSource::Hyperlink, None);
    }
    let (text, source, hiding) = (sheet.name.as_str().into(), TextSource::SheetName, sheet_hides);
    loose.push(Loose { text, location: sheet_at, source, hiding, joined: false, shown: true });
    loose
}

/// A header or footer as it is printed ([MS-XLS] 2.4.136): its commands set fonts, sizes and colours, which may
/// stand within a word, or begin a section or stand for a page, a date or a name, which do not.
fn printed(header: &str) -> Cow<'_, str> {
    const STYLES: &str = "BIUESXYOH";
    const FIELDS: &str = "LCRPNDTGZFA";
    if !header.contains('&') {
        return header.into();
    }
    let mut made = String::new();
    let mut rest = header;
    while let Some((before, behind)) = rest.split_once('&') {
        made.push_str(before);
        let mut chars = behind.chars();
        rest = match chars.next() {
            Some('&') => {
                made.push('&');
                chars.as_str()
            }
            Some('"') => chars.as_str().split_once('"').map_or(behind, |(_, behind)| behind),
            // RRGGBB, or a colour of the theme and its tint.
            Some('K' | 'k') => {
                skipped(chars.as_str(), 6, |char| char.is_ascii_hexdigit() || matches!(char, '+' | '-'))
            }
            Some('0'..='9') => skipped(behind, 3, |char| char.is_ascii_digit()),
            Some(char) if STYLES.contains(char.to_ascii_uppercase()) => chars.as_str(),
            Some(char) if FIELDS.contains(char.to_ascii_uppercase()) => {
                made.push(' ');
                chars.as_str()
            }
            _ => behind,
        };
    }
    made.push_str(rest);
    made.trim().to_owned().into()
}

/// The text without the characters of a kind that it begins with, `most` of them at most.
fn skipped(text: &str, most: usize, is_one: impl Fn(char) -> bool) -> &str {
    let len: usize = text.chars().take(most).take_while(|char| is_one(*char)).map(char::len_utf8).sum();
    text.get(len..).unwrap_or_default()
}

#[cfg(test)]
mod tests;
