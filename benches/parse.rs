//! Readers on their own: compound file, workbook stream, VBA source.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use docsift::base::{Budget, Cx, Limits, PartId, Problems, Stage};
use docsift::containers::cfb::{self, CompoundFile};
use docsift::documents::biff;
use docsift::documents::workbook::Workbook;
use docsift::vba::source::{self, SourceView};
use docsift_corpus::{heavy, hostile};

fn main() {
    divan::main();
}

fn with_cx<T>(stage: Stage, work: impl FnOnce(&mut Cx<'_>) -> T) -> T {
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    work(&mut Cx { part: PartId(0), stage, budget: &mut budget, problems: &mut problems })
}

#[divan::bench]
fn compound_file(bencher: Bencher<'_, '_>) {
    let file = heavy::cells(2);
    bencher.counter(BytesCount::of_slice(&file)).bench(|| {
        with_cx(Stage::Cfb, |cx| {
            let mut compound = CompoundFile::default();
            cfb::read(black_box(&file), &mut compound, cx).map(|()| compound.entries().len())
        })
    });
}

#[divan::bench]
fn directory_of_tiny_streams(bencher: Bencher<'_, '_>) {
    let file = hostile::tiny_streams(1 << 20);
    bencher.counter(BytesCount::of_slice(&file)).bench(|| {
        with_cx(Stage::Cfb, |cx| {
            let mut compound = CompoundFile::default();
            cfb::read(black_box(&file), &mut compound, cx).map(|()| compound.entries().len())
        })
    });
}

fn workbook_stream(file: &[u8]) -> Vec<u8> {
    with_cx(Stage::Cfb, |cx| {
        let mut compound = CompoundFile::default();
        cfb::read(file, &mut compound, cx).expect("within limits");
        let entry = compound.child(0, "Workbook").expect("a workbook");
        compound.stream(entry.id, cx).expect("within limits").bytes(cx).expect("within limits").into_owned()
    })
}

fn bench_workbook(bencher: Bencher<'_, '_>, file: &[u8]) {
    let stream = workbook_stream(file);
    bencher.counter(BytesCount::of_slice(&stream)).bench(|| {
        with_cx(Stage::Biff, |cx| {
            let mut book = Workbook::default();
            biff::read(black_box(&stream), &mut book, cx).map(|()| book)
        })
    });
}

#[divan::bench]
fn workbook_of_cells(bencher: Bencher<'_, '_>) {
    bench_workbook(bencher, &heavy::cells(8));
}

#[divan::bench]
fn workbook_of_one_formula(bencher: Bencher<'_, '_>) {
    bench_workbook(bencher, &heavy::one_formula_many_cells(200_000));
}

#[divan::bench]
fn vba_source(bencher: Bencher<'_, '_>) {
    let line = "    a = a & Replace(\"hqtqtqp\", \"q\", \"\") & Chr(58): Cells(1, 2).Value = a\r\n";
    let text = format!("Sub Auto_Open()\r\n{}Shell a\r\nEnd Sub\r\n", line.repeat(2_000));
    bencher.counter(BytesCount::of_str(&text)).bench(|| {
        with_cx(Stage::Vba, |cx| {
            let mut view = SourceView::default();
            source::view(black_box(&text), &source::Shared::default(), &mut view, cx).map(|()| view)
        })
    });
}
