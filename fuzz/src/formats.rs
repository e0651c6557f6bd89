//! Text formats, web archives, OneNote and Hangul: any bytes, twice the same, places inside.

use docsift::base::{Budget, Cx, Limits, Location, PartId, Place, Problems, Reader, Stage};
use docsift::containers::{activemime as deflated, mhtml as archive, onenote as notes, polyglot};
use docsift::documents::art::{self as drawings, Drawing};
use docsift::documents::coded::Coded;
use docsift::documents::decrypt::distribution;
use docsift::documents::document::Document;
use docsift::documents::flat::package::{self, Content};
use docsift::documents::flat::{self, relationships, spreadsheet, word};
use docsift::documents::props::Properties;
use docsift::documents::workbook::Workbook;
use docsift::documents::{
    delimited as rows, html, hwp as hangul, publisher as publications, query, slk as sylk,
};

/// Steps for one input: enough for any file of a fuzzer's size, few enough to find amplification.
const STEPS: u64 = 1_000_000;

fn with_cx<T>(work: impl FnOnce(&mut Cx<'_>) -> T) -> (T, Problems) {
    let mut limits = Limits::default();
    limits.steps = STEPS;
    limits.part_bytes = 8 << 20;
    let mut budget = Budget::new(&limits);
    let mut problems = Problems::default();
    let mut cx =
        Cx { part: PartId(0), stage: Stage::TextFormat, budget: &mut budget, problems: &mut problems };
    let made = work(&mut cx);
    (made, problems)
}

fn inside(location: &Location, len: usize) {
    if let Some(Place::Bytes { start, end }) = location.place {
        assert!(start <= end && end <= len as u64, "{location:?} of {len}");
    }
}

fn all_inside(document: &Document, problems: &Problems, len: usize) {
    document.texts.iter().for_each(|text| inside(&text.location, len));
    document.fields.iter().for_each(|field| inside(&field.location, len));
    problems.list().iter().for_each(|problem| inside(&problem.location, len));
}

/// SYLK.
///
/// # Panics
/// When two readings differ.
pub fn slk(data: &[u8]) {
    let read = || {
        with_cx(|cx| {
            let mut book = Workbook::default();
            let end = sylk::read(data, &mut book, cx);
            (end, format!("{book:?}"))
        })
    };
    let (first, problems) = read();
    assert_eq!(first, read().0);
    assert!(problems.list().iter().all(|problem| problem.stage == Stage::TextFormat));
}

/// Text in rows and columns, and queries.
///
/// # Panics
/// When two readings differ or a place is outside.
pub fn delimited(data: &[u8]) {
    let read = || {
        with_cx(|cx| {
            let (mut book, mut document, mut links) = (Workbook::default(), Document::default(), Vec::new());
            let end = rows::read(data, &mut book, &mut document, cx);
            let asked = query::read(data, &mut Document::default(), &mut links, cx);
            (end, asked, format!("{book:?} {links:?}"), document)
        })
    };
    let ((end, asked, models, document), problems) = read();
    let (again, _) = read();
    assert_eq!((end, asked, &models), (again.0, again.1, &again.2));
    document.texts.iter().for_each(|text| inside(&text.location, data.len()));
    drop(problems);
}

/// Office XML, flat packages and pages.
///
/// # Panics
/// When a place is outside.
pub fn formats(data: &[u8]) {
    let ((), problems) = with_cx(|cx| {
        let Ok(coded) = Coded::new(data, flat::xml::stated_encoding(data), cx) else { return };
        let len = if coded.offset.is_some() { data.len() } else { usize::MAX };
        let _ = flat::root(&coded.text);
        let (mut document, mut extras) = (Document::default(), word::Extras::default());
        let _ = word::read(&coded, &mut document, &mut extras, cx);
        document.texts.iter().for_each(|text| inside(&text.location, len));
        extras.links.iter().for_each(|link| inside(&link.location, len));
        for blob in &extras.blobs {
            assert!(blob.decode(&coded.text).len() <= blob.len());
        }
        let (mut book, mut links) = (Workbook::default(), Vec::new());
        let _ = spreadsheet::read(&coded, &mut book, &mut links, &mut Properties::default(), cx);
        let _ = relationships::read(&coded, &mut links, cx);
        links.iter().for_each(|link| inside(&link.location, len));
        let mut parts = Vec::new();
        let _ = package::read(&coded.text, coded.offset.unwrap_or(0), &mut parts, cx);
        for part in &parts {
            if let Content::Xml(range) = &part.content {
                assert!(coded.text.get(range.clone()).is_some(), "{part:?}");
            }
        }
        let (mut page, mut extras) = (Document::default(), html::Extras::default());
        let _ = html::read(&coded, &mut page, &mut extras, cx);
        page.texts.iter().for_each(|text| inside(&text.location, len));
        extras.links.iter().for_each(|link| inside(&link.location, len));
    });
    drop(problems);
}

/// Web archives, and documents behind a head.
///
/// # Panics
/// When a part is outside, or parts overlap.
pub fn mhtml(data: &[u8]) {
    let (parts, _) = with_cx(|cx| {
        let mut parts = Vec::new();
        let _ = archive::read(data, &mut parts, cx);
        for part in &parts {
            if let Ok(Some(made)) = part.decoded(data, cx) {
                assert!(made.len() <= part.body.len());
            }
        }
        if let Ok(offsets) = polyglot::behind_head(data, polyglot::Search::All, cx) {
            assert!(offsets.is_sorted() && offsets.iter().all(|at| *at > 0 && *at < data.len()));
        }
        parts
    });
    let mut end = 0;
    for part in parts {
        assert!(
            end <= part.body.start && part.body.start < part.body.end && part.body.end <= data.len(),
            "{part:?}"
        );
        end = part.body.end;
    }
}

/// ActiveMime.
///
/// # Panics
/// When two readings differ.
pub fn activemime(data: &[u8]) {
    let read = || with_cx(|cx| deflated::read(data, cx));
    let (first, problems) = read();
    assert_eq!(first, read().0);
    problems.list().iter().for_each(|problem| inside(&problem.location, data.len()));
}

/// OneNote sections.
///
/// # Panics
/// When a file or string is outside, or files overlap.
pub fn onenote(data: &[u8]) {
    let ((files, strings), problems) = with_cx(|cx| {
        let (mut files, mut strings) = (Vec::new(), Vec::new());
        let found = notes::embedded(data, &mut files, cx);
        let _ = found.and_then(|()| notes::strings(data, &files, &mut strings, cx));
        (files, strings)
    });
    assert!(files.is_sorted_by_key(|file| file.at));
    for file in &files {
        assert!(file.at < file.data.start && file.data.start <= file.data.end && file.data.end <= data.len());
    }
    assert!(strings.iter().all(|string| string.range.end <= data.len() && !string.text.is_empty()));
    problems.list().iter().for_each(|problem| inside(&problem.location, data.len()));
}

/// Streams of Hangul documents.
///
/// # Panics
/// When a place is outside.
pub fn hwp(data: &[u8]) {
    let ((document, links), problems) = with_cx(|cx| {
        let (mut document, mut links) = (Document::default(), Vec::new());
        let _ = hangul::section(data, &mut document, &mut links, cx);
        let _ = hangul::header(data);
        let _ = hangul::script(data);
        let _ = distribution::in_the_clear(data, cx);
        let _ = hangul::postscript_marks(data, cx);
        (document, links)
    });
    all_inside(&document, &problems, data.len());
    links.iter().for_each(|link| inside(&link.location, data.len()));
}

/// Drawing data: pictures, texts and links of shapes.
///
/// # Panics
/// When two readings differ or a place is outside.
pub fn art(data: &[u8]) {
    let read = || {
        with_cx(|cx| {
            let mut drawing = Drawing::default();
            let end = drawings::read(&mut Reader::new(data), &mut drawing, cx);
            (end, drawing)
        })
    };
    let ((end, drawing), problems) = read();
    assert_eq!(format!("{end:?} {drawing:?}"), format!("{0:?} {1:?}", read().0.0, read().0.1));
    let len = data.len();
    drawing.texts.iter().for_each(|text| inside(&text.location, len));
    drawing.links.iter().for_each(|link| inside(&link.location, len));
    problems.list().iter().for_each(|problem| inside(&problem.location, len));
    let mut runs = drawing.pictures.iter().flat_map(|picture| &picture.runs);
    assert!(runs.all(|run| run.start < run.end && run.end <= len as u64));
}

/// The text of Publisher.
///
/// # Panics
/// When two readings differ or a place is outside.
pub fn publisher(data: &[u8]) {
    let read = || {
        with_cx(|cx| {
            let mut document = Document::default();
            let end = publications::quill(data, &mut document, cx);
            (end, document)
        })
    };
    let ((end, document), problems) = read();
    assert_eq!(format!("{end:?} {document:?}"), format!("{0:?} {1:?}", read().0.0, read().0.1));
    all_inside(&document, &problems, data.len());
}
