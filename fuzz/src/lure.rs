//! Folding, harvesting and matching of texts.

use docsift::base::{Budget, Cx, Limits, PartId, Place, Problems, Stage};
use docsift::documents::workbook::{CellText, Shape, Sheet, TextCell, Workbook};
use docsift::lure::{Harvest, Hit, fold, harvest, matches};

/// Reads `data` as texts of cells and text boxes: a line is a text, its first character chooses
/// the place. Folding twice must change nothing, ranges and locations must stay inside, and two
/// runs must agree.
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
}

const LIMITS_CHARS: usize = 4096;

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
