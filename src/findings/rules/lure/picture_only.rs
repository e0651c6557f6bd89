use crate::base::{Location, PartId};
use crate::documents::document::{Document, DocumentKind};
use crate::documents::workbook::{Shape, Sheet, SheetKind, Workbook};
use crate::findings::{Evidence, Facts, Picture, SheetFacts, Sink, declare_rule};
use crate::lure::{HiddenCells, HidingFormats};

declare_rule! {
    /// ## What it finds
    /// A workbook, text document or presentation with macros that shows a picture and next to no text.
    /// On the first visible sheet the pictures cover at least a quarter of what is seen before scrolling,
    /// by the cells at their corners with their widths and heights; in other documents a picture has at
    /// least a quarter of the pixels of a page. Pictures of controls do not count.
    ///
    /// ## Why it matters
    /// The instruction to enable content or to move the file stands in the picture, where no
    /// search for words finds it.
    ///
    /// ## When it is innocent
    /// Start pages of tools show a logo and buttons. The macros decide.
    ///
    /// ## References
    /// Public write-ups of the Emotet documents of 2022 and 2023
    PICTURE_ONLY {
        id: "LUR004", name: "picture-only", severity: Medium, confidence: Possible,
        attack: ["T1204.002"], since: "0.1.0"
    } => check
}

/// Characters that a person sees that are next to nothing.
const FEW: usize = 120;

fn check(facts: &Facts<'_>, sink: &mut Sink<'_>) {
    if !facts.have_macros() || facts.pictures.is_empty() {
        return;
    }
    for book in facts.workbooks {
        let (chars, values) = shown_in_cells(book);
        let first = book
            .sheets
            .iter()
            .find(|sheet| sheet.kind == SheetKind::Worksheet && !sheet.visibility.is_hidden());
        let Some(first) = first.filter(|first| {
            chars < FEW && values < FEW as u64 && covered(first).saturating_mul(SHARE) >= SCREEN.area()
        }) else {
            continue;
        };
        // Pictures in the stream of a binary workbook are numbered; a package says which are there.
        let shown: Vec<String> = pictures_of(first)
            .filter_map(|shape| shape.picture.map(|number| format!("picture{number}")))
            .collect();
        let is_shown = |picture: &Picture| {
            shown.is_empty()
                || facts.parts.get(picture.part.0 as usize).is_some_and(|part| shown.contains(&part.name))
        };
        report(facts, "the visible sheets show", chars, book.part, &is_shown, sink);
    }
    for document in facts.documents {
        let is_page = matches!(
            document.kind,
            DocumentKind::Word | DocumentKind::Presentation | DocumentKind::Rtf | DocumentKind::OneNote
        );
        let chars = shown_in(document);
        if is_page && chars < FEW {
            report(facts, "the document shows", chars, document.part, &is_large, sink);
        }
    }
}

/// Width and height in pixels of 96 to the inch.
#[derive(Debug, Clone, Copy)]
struct Area {
    width: u64,
    height: u64,
}

impl Area {
    const fn area(self) -> u64 {
        self.width.saturating_mul(self.height)
    }
}

/// What a person sees of a sheet before scrolling: 16 columns and 30 rows of the usual size.
const SCREEN: Area = Area { width: 1024, height: 600 };
/// The text area of a page of A4 or Letter.
const PAGE: Area = Area { width: 624, height: 864 };
/// A picture counts from one part in so many of what is seen at once.
const SHARE: u64 = 4;
/// Columns and rows that may lie on the screen.
const COLUMNS: usize = 512;
const ROWS: usize = 4096;
/// Object type of a picture ([MS-XLS] 2.5.143 `ot`).
const PICTURE: u16 = 8;

/// Pictures of a sheet; those of controls and embedded objects, which are drawn for them, are left out.
fn pictures_of(sheet: &Sheet) -> impl Iterator<Item = &Shape> {
    let shapes = sheet.shapes.iter();
    shapes.filter(|shape| shape.object_type == PICTURE && shape.storage.is_none() && !shape.hidden)
}

/// How much of the screen the pictures of a sheet cover, by the cells at their corners. Offsets within
/// these cells are not known; over both corners they even out.
fn covered(sheet: &Sheet) -> u64 {
    let anchors: Vec<[u32; 4]> = pictures_of(sheet).filter_map(|shape| shape.anchor).collect();
    if anchors.is_empty() {
        return 0;
    }
    // Seven pixels a character and five beside it, in the default font; a twip is 1/15 of a pixel.
    let default_width =
        u64::from(sheet.default_column_width.unwrap_or(8)).saturating_mul(7).saturating_add(8);
    let mut widths = vec![default_width; COLUMNS];
    for column in &sheet.columns {
        let width = u64::from(column.width).saturating_mul(7) / 256;
        let range = usize::from(column.first)..usize::from(column.last).saturating_add(1).min(COLUMNS);
        for place in widths.get_mut(range).into_iter().flatten() {
            *place = if column.hidden { 0 } else { width };
        }
    }
    let mut heights = vec![u64::from(sheet.default_row_height.unwrap_or(300)) / 15; ROWS];
    for row in &sheet.rows {
        if let Some(place) = heights.get_mut(row.row as usize) {
            *place = if row.hidden { 0 } else { u64::from(row.height) / 15 };
        }
    }
    let on_screen = |[top, left, bottom, right]: &[u32; 4]| {
        let width = stretch(&widths, *left, *right, SCREEN.width);
        width.saturating_mul(stretch(&heights, *top, *bottom, SCREEN.height))
    };
    anchors.iter().take(256).map(on_screen).fold(0, u64::saturating_add)
}

/// How much of the first `seen` pixels lies between the beginnings of two rows or columns.
fn stretch(sizes: &[u64], from: u32, to: u32, seen: u64) -> u64 {
    let end_of = |count: u32| {
        let sizes =
            sizes.get(..count as usize).map(|sizes| sizes.iter().copied().fold(0, u64::saturating_add));
        sizes.unwrap_or(u64::MAX).min(seen)
    };
    end_of(to).saturating_sub(end_of(from))
}

/// Whether a picture of a page is large at its own size; what has no size in pixels is drawn to fit.
fn is_large(picture: &Picture) -> bool {
    picture.pixels.is_none_or(|[width, height]| {
        let (width, height) = (u64::from(width).min(PAGE.width), u64::from(height).min(PAGE.height));
        width.saturating_mul(height).saturating_mul(SHARE) >= PAGE.area()
    })
}

/// Whether a part lies in another one, however deep.
fn lies_in(facts: &Facts<'_>, part: PartId, around: PartId) -> bool {
    // A parent is always older than its part, so that the walk ends.
    let mut at = facts.parts.get(part.0 as usize).and_then(|part| part.parent);
    while let Some(parent) = at {
        if parent == around {
            return true;
        }
        at = facts.parts.get(parent.0 as usize).and_then(|part| part.parent).filter(|older| *older < parent);
    }
    false
}

/// Reports the pictures that lie in `part`, or beside it: those of a package stand beside its text.
fn report(
    facts: &Facts<'_>,
    what: &str,
    chars: usize,
    part: PartId,
    is_shown: &dyn Fn(&Picture) -> bool,
    sink: &mut Sink<'_>,
) {
    let beside = facts.parts.get(part.0 as usize).and_then(|part| part.parent);
    let own = facts.pictures.iter().any(|picture| lies_in(facts, picture.part, part));
    let around = if own { part } else { beside.unwrap_or(part) };
    let shown =
        facts.pictures.iter().filter(|picture| lies_in(facts, picture.part, around) && is_shown(picture));
    let proofs: Vec<_> = shown
        .map(|picture| {
            let size = picture.pixels.map(|[width, height]| format!("{width} x {height} pixels"));
            Evidence::new(Location::part(picture.part), size.unwrap_or_default())
        })
        .collect();
    let pictures = if proofs.len() == 1 { "picture" } else { "pictures" };
    if !proofs.is_empty() {
        let message = format!("{what} {} {pictures} and {chars} characters", proofs.len());
        sink.report(&PICTURE_ONLY, message, proofs);
    }
}

/// Characters and numbers that a person sees on visible worksheets; counting ends when there are enough.
fn shown_in_cells(book: &Workbook) -> (usize, u64) {
    let formats = HidingFormats::new(book);
    let visible = SheetFacts::of(book)
        .filter(|facts| facts.sheet.kind == SheetKind::Worksheet && !facts.sheet.visibility.is_hidden());
    let mut chars = 0usize;
    let mut values = 0u64;
    for facts in visible {
        let hidden = HiddenCells::new(&formats, facts.sheet);
        values = values.saturating_add(facts.sheet.value_count);
        let seen = facts
            .sheet
            .texts
            .iter()
            .filter(|cell| hidden.reason(cell.row, cell.column, cell.format).is_none());
        // A few cells are enough to know that there is text.
        for cell in seen.take(FEW) {
            chars = chars.saturating_add(book.cell_text(cell.text).chars().take(FEW).count());
        }
        let texts = facts.sheet.shapes.iter().filter_map(|shape| shape.text);
        chars = chars
            .saturating_add(texts.take(FEW).map(|text| book.texts.get(text).chars().take(FEW).count()).sum());
    }
    (chars, values)
}

/// Characters of a document that a person sees; counting ends when there are enough.
fn shown_in(document: &Document) -> usize {
    let seen = document.texts.iter().filter(|text| text.hidden.is_none());
    seen.take(FEW).map(|text| text.text.trim().chars().take(FEW).count()).sum()
}
