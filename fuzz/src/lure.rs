//! Folding, harvesting and matching of texts.

use docsift::base::{Budget, Cx, Limits, Location, PartId, Place, Problems, Stage};
use docsift::documents::document::{Document, DocumentText, HiddenText, TextPlace};
use docsift::documents::workbook::{CellText, Shape, Sheet, TextCell, Workbook};
use docsift::lure::{Harvest, Hit, fold, harvest, matches};

/// Reads `data` as texts of cells and text boxes: a line is a text, its first character chooses
/// the place; and once more as texts of a document. Folding twice must change nothing, ranges and
/// locations must stay inside, and two runs must agree. A text with marks of direction and without
/// width between its letters must say the same as without.
pub fn lure(data: &[u8]) {
    let all = String::from_utf8_lossy(data);
    let folded = fold(&all);
    assert_eq!(fold(&folded.text).text, folded.text);
    for (at, ch) in folded.text.char_indices() {
        let range = folded.source_range(at..at + ch.len_utf8());
        assert!(all.get(range).is_some_and(|source| !source.is_empty()));
    }

    let book = workbook(&all);
    let (harvest, hits) = read(&book);
    let (again, same_hits) = read(&book);
    assert_eq!(harvest.runs, again.runs);
    assert_eq!(hits, same_hits);
    assert!(harvest.runs.iter().map(|run| run.text.chars().count()).sum::<usize>() <= LIMITS_CHARS);
    for location in hits.iter().flat_map(|hit| &hit.locations) {
        match location.place {
            Some(Place::Cell { sheet, row, column }) => {
                let cells = &book.sheets[sheet as usize].texts;
                assert!(cells.iter().any(|cell| (cell.row, u32::from(cell.column)) == (row, column)));
            }
            Some(Place::Bytes { start, end }) => assert!(start <= end && end <= all.len() as u64),
            Some(_) => panic!("no other places are harvested"),
            None => {}
        }
    }

    let document = document(&all);
    let hits = read_document(&document);
    assert_eq!(hits, read_document(&document));
    for location in hits.iter().flat_map(|hit| &hit.locations) {
        let Some(Place::Line(line)) = location.place else { panic!("every text stands in a line") };
        assert!((line as usize) < document.texts.len());
    }
    let marked: String =
        folded.text.chars().flat_map(|ch| [ch, '\u{200B}', '\u{200F}', '\u{2060}']).collect();
    assert_eq!(fold(&marked).text, folded.text);
}

const LIMITS_CHARS: usize = 4096;

/// A text a line, whose first character chooses what holds and what hides it.
fn document(all: &str) -> Document {
    let mut document = Document::default();
    for (line, text) in (0..).zip(all.split('\n').take(4096)) {
        let choice = u32::from(text.chars().next().unwrap_or('\0'));
        let place = match choice % 4 {
            0 => TextPlace::Body,
            1 => TextPlace::TextBox,
            2 => TextPlace::Slide,
            _ => TextPlace::Subject,
        };
        let hidden = (choice % 7 == 0).then_some(HiddenText::Vanish);
        let location = Location::line(PartId(0), line);
        document.texts.push(DocumentText { text: text.to_owned(), place, hidden, location });
    }
    document
}

fn read_document(document: &Document) -> Vec<Hit> {
    let mut limits = Limits::default();
    limits.steps = 200_000;
    let (mut budget, mut problems) = (Budget::new(&limits), Problems::default());
    let mut cx = Cx { part: PartId(0), stage: Stage::Lure, budget: &mut budget, problems: &mut problems };
    let mut harvest = Harvest::default();
    let _ = harvest::document(document, &mut harvest, &mut cx);
    matches(&harvest, &mut cx).unwrap_or_default()
}

fn read(book: &Workbook) -> (Harvest, Vec<Hit>) {
    let mut limits = Limits::default();
    limits.report_chars = LIMITS_CHARS;
    limits.steps = 200_000;
    let (mut budget, mut problems) = (Budget::new(&limits), Problems::default());
    let mut cx = Cx { part: PartId(0), stage: Stage::Lure, budget: &mut budget, problems: &mut problems };
    let mut harvest = Harvest::default();
    let _ = harvest::workbook(book, &mut harvest, &mut cx);
    let hits = matches(&harvest, &mut cx).unwrap_or_default();
    (harvest, hits)
}

fn workbook(all: &str) -> Workbook {
    let mut book = Workbook::default();
    let mut sheet = Sheet::default();
    let mut shared = Vec::new();
    let mut at = 0;
    for line in all.split('\n') {
        let place = u32::from(line.chars().next().unwrap_or('\0'));
        let (row, column) = (place / 8 % 16, place as u16 % 8);
        let text = match place % 5 {
            0 => {
                let text = book.texts.push(line);
                sheet.shapes.push(Shape { at, object_type: 6, text, ..Shape::default() });
                None
            }
            1 => shared.get(place as usize % (shared.len() + 1)).copied(),
            2 => {
                let text = book.shared_strings.push(line).and_then(|id| CellText::shared(id.0));
                shared.extend(text);
                text
            }
            _ => book.texts.push(line).and_then(CellText::own),
        };
        sheet.texts.extend(text.map(|text| TextCell { row, column, format: 0, text }));
        at += line.len() as u64;
    }
    book.sheets.push(sheet);
    book
}
