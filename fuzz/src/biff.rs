//! The workbook reader on any bytes.

use docsift::base::{Budget, Cx, Limits, PartId, Place, Problems, Stage};
use docsift::documents::biff;
use docsift::documents::workbook::Workbook;

/// Reads `data` as a workbook stream within small limits.
fn read(data: &[u8]) -> (Workbook, String) {
    let mut limits = Limits::default();
    limits.steps = 400_000;
    limits.cells = 200_000;
    let mut budget = Budget::new(&limits);
    let mut problems = Problems::default();
    let mut book = Workbook::default();
    let mut cx = Cx { part: PartId(7), stage: Stage::Biff, budget: &mut budget, problems: &mut problems };
    let ended = biff::read(data, &mut book, &mut cx);
    let end = data.len() as u64;
    let places = problems.list().iter().map(|problem| &problem.location);
    for location in places.chain(book.oddities.iter().map(|oddity| &oddity.location)) {
        assert_eq!(location.part, PartId(7));
        if let Some(Place::Bytes { start, end: last }) = location.place {
            assert!(start <= last && last <= end, "{location:?} outside {end} bytes");
        }
    }
    for run in book.pictures.iter().flat_map(|picture| &picture.runs) {
        assert!(run.start <= run.end && run.end <= end, "{run:?} outside {end} bytes");
    }
    for sheet in &book.sheets {
        assert!(sheet.bof_at.is_none_or(|at| at < end));
        assert!(sheet.shared.is_sorted_by_key(|shared| (shared.first_row, shared.first_column)));
    }
    let shown = format!("{ended:?} {:?} {book:?}", problems.list());
    (book, shown)
}

/// No panic, every place inside the stream, the same result twice, nothing out of ciphertext.
pub fn biff(data: &[u8]) {
    let (book, shown) = read(data);
    assert_eq!(shown, read(data).1);
    if book.encryption.is_some() {
        assert!(book.texts.is_empty() && book.shared_strings.is_empty() && book.names.is_empty());
    }
}
