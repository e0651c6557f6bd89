//! The rules over the facts of a large workbook.

use divan::{Bencher, black_box};
use docsift::base::{Budget, Cx, Limits, PartId, Problems, Stage};
use docsift::catalogue;
use docsift::documents::biff;
use docsift::documents::workbook::Workbook;
use docsift::findings::{Facts, RuleFilter, Sink};
use docsift::indicators::Indicators;
use docsift::lure::{self, Harvest, harvest};
use docsift::xlm::{self, Program};
use docsift_corpus::hostile;

fn main() {
    divan::main();
}

fn bench(bencher: Bencher<'_, '_>, stream: &[u8]) {
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    let (mut book, mut program, mut texts) = (Workbook::default(), Program::default(), Harvest::default());
    let mut cx = Cx { part: PartId(0), stage: Stage::Biff, budget: &mut budget, problems: &mut problems };
    biff::read(stream, &mut book, &mut cx).expect("within limits");
    xlm::read(&book, &mut program, &mut cx).expect("within limits");
    harvest::workbook(&book, &mut texts, &mut cx).expect("within limits");
    let lures = lure::matches(&texts, &mut cx).expect("within limits");
    let (workbooks, programs) = ([book], [program]);
    let facts = Facts {
        parts: &[],
        compounds: &[],
        archives: &[],
        locked: &[],
        messages: &[],
        smuggled: &[],
        shell_links: &[],
        packages: &[],
        workbooks: &workbooks,
        programs: &programs,
        projects: &[],
        views: &[],
        documents: &[],
        links: &[],
        word_basic: &[],
        equations: &[],
        tiff_overflows: &[],
        rtf: &[],
        objects: &[],
        pictures: &[],
        harvest: &texts,
        lures: &lures,
        indicators: &Indicators::default(),
        effects: &[],
        problems: &problems,
    };
    let filter = RuleFilter::default();
    bencher.bench(|| {
        let mut sink = Sink::new(&filter, 16, 256);
        for rule in catalogue() {
            (rule.check)(black_box(&facts), &mut sink);
        }
        sink.into_findings()
    });
}

#[divan::bench]
fn over_cells(bencher: Bencher<'_, '_>) {
    bench(bencher, &hostile::one_phrase_many_cells(2 << 20));
}

#[divan::bench]
fn over_macros(bencher: Bencher<'_, '_>) {
    bench(bencher, &hostile::exec_flood(512 << 10));
}
