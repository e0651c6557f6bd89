//! From bytes to report.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use docsift_corpus::{fixtures, heavy, hostile};

fn main() {
    divan::main();
}

fn bench(bencher: Bencher<'_, '_>, file: &[u8]) {
    docsift::analyze(file);
    bencher.counter(BytesCount::of_slice(file)).bench(|| docsift::analyze(black_box(file)));
}

/// Every committed fixture, one after the other.
#[divan::bench]
fn fixtures(bencher: Bencher<'_, '_>) {
    let fixtures = fixtures::all();
    let bytes: usize = fixtures.iter().map(|fixture| fixture.bytes.len()).sum();
    bencher.counter(BytesCount::new(bytes)).bench(|| {
        fixtures
            .iter()
            .map(|fixture| docsift::analyze(black_box(&fixture.bytes)).findings.len())
            .sum::<usize>()
    });
}

#[divan::bench(args = [1, 8, 20])]
fn workbook_of_megabytes(bencher: Bencher<'_, '_>, megabytes: usize) {
    bench(bencher, &heavy::cells(megabytes));
}

#[divan::bench]
fn one_string_many_cells(bencher: Bencher<'_, '_>) {
    bench(bencher, &heavy::one_string_many_cells(200_000));
}

#[divan::bench]
fn one_formula_many_cells(bencher: Bencher<'_, '_>) {
    bench(bencher, &heavy::one_formula_many_cells(200_000));
}

/// The generators for limit tests, at 256 KiB.
#[divan::bench(args = hostile::ALL.iter().map(|(name, _)| *name), sample_count = 10)]
fn hostile_file(bencher: Bencher<'_, '_>, name: &str) {
    let make = hostile::ALL.iter().find(|(known, _)| *known == name).map(|(_, make)| make);
    bench(bencher, &make.expect("a generator of the list")(256 << 10));
}
