//! Pictures: their look, known ones, and text that the caller reads in them.

use std::sync::Arc;

use docsift::{Analyzer, KnownLure, Level, Options, PictureReader, PictureView};
use docsift_corpus::biff::drawing::Shape;
use docsift_corpus::biff::{Book, Sheet};
use docsift_corpus::{container, lettering, lures};

const LURE: &str =
    "This document is protected. To view the document, press ENABLE EDITING and ENABLE CONTENT.";

/// Says what it was made with, whatever the picture.
#[derive(Debug)]
struct Says(&'static str);

impl PictureReader for Says {
    fn read(&self, picture: &PictureView<'_>) -> Option<String> {
        assert!(picture.bytes.starts_with(b"\x89PNG") && picture.pixels.is_some());
        (!self.0.is_empty()).then(|| self.0.to_owned())
    }
}

fn with_picture(png: Vec<u8>) -> Vec<u8> {
    let sheet = Sheet::work("Info").texts("A1", &["Item", "Paper"]).shape(Shape::Picture(1));
    let book = Book { pictures: vec![png], ..Book::new(vec![sheet]) };
    container::workbook(book.stream(), "Workbook", "docsift", Vec::new())
}

fn analyzer(change: impl FnOnce(&mut Options)) -> Analyzer {
    let mut options = Options::default();
    change(&mut options);
    Analyzer::new(options).unwrap()
}

#[test]
fn text_that_the_caller_reads_in_a_picture_is_matched_and_listed() {
    let file = with_picture(lettering::picture(&["ANY TEXT"], 4));
    let report = analyzer(|options| options.picture_reader = Some(Arc::new(Says(LURE)))).analyze(&file);
    let finding = report.findings.iter().find(|finding| finding.rule == "LUR002").unwrap();
    assert_eq!(finding.evidence[0].location.part, report.pictures[0].part);
    let run = report.text.iter().find(|run| run.source == "picture").unwrap();
    assert_eq!((run.text.as_str(), run.visible), (LURE, true));

    let report = analyzer(|options| options.picture_reader = Some(Arc::new(Says("")))).analyze(&file);
    assert!(report.text.iter().all(|run| run.source != "picture"));
}

#[test]
fn picture_is_known_by_its_sha256_or_by_its_look() {
    let file = with_picture(lettering::picture(&["SOME LURE", "IN LETTERS"], 4));
    let report = docsift::analyze(&file);
    assert_eq!((report.verdict.level, report.pictures[0].known_lure), (Level::NothingFound, false));
    let sha256: Vec<u8> = (0..32)
        .map(|at| u8::from_str_radix(&report.pictures[0].sha256[at * 2..at * 2 + 2], 16).unwrap())
        .collect();
    let look = u64::from_str_radix(report.pictures[0].dhash.as_deref().unwrap(), 16).unwrap();
    for known in [KnownLure::Sha256(sha256.try_into().unwrap()), KnownLure::Dhash(look ^ 0b101)] {
        let report = analyzer(|options| options.known_lures = vec![known]).analyze(&file);
        assert_eq!(report.verdict.level, Level::Suspicious);
        assert_eq!(report.verdict.decided_by, ["LUR009"]);
        assert!(report.pictures[0].known_lure);
    }
    // The same picture at another size looks alike; one of other letters does not.
    let other = with_picture(lettering::picture(&["SOME LURE", "IN LETTERS"], 6));
    let known = analyzer(|options| options.known_lures = vec![KnownLure::Dhash(look)]);
    assert_eq!(known.analyze(&other).verdict.level, Level::Suspicious);
    let other = with_picture(lettering::picture(&["A MAP OF THE HOUSE WITH ALL ROOMS", "X"], 4));
    assert_eq!(known.analyze(&other).verdict.level, Level::NothingFound);
}

#[test]
fn picture_of_a_document_without_words_stays_what_it_was_without_a_reader() {
    let report = docsift::analyze(&lures::workbook(&[(0, 0, "Paper".to_owned())]));
    assert_eq!(report.verdict.level, Level::NothingFound);
}
