//! Folding and matching of texts, all languages at once.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use docsift::base::{Budget, Cx, Limits, Location, PartId, Problems, Stage};
use docsift::lure::{Harvest, Phrases, TextSource, fold, harvest};
use docsift_corpus::lures;

fn main() {
    divan::main();
}

/// Prose as reports have it, without words of a lure.
const PROSE: &str = "The quarterly figures for the northern region were higher than we had expected. Sales of paper \
    and pens rose by four per cent, while rents stayed where they were. Three orders came in late and will be \
    counted in the next quarter. The warehouse reports 1,204 pallets on 31 March, of which 37 wait for repair. \
    Travel costs fell again because most meetings now take place by telephone. We suggest to keep the budget of \
    last year and to look at the numbers in June.\r\n";

/// The same in other languages and scripts.
const MIXED: &str = "Umsätze für März über Plan; nächste Prüfung im Spätsommer. Les dépenses ont été réduites à la \
    fin de l'été. Выручка за второй квартал оказалась выше ожиданий, расходы остались прежними. Τα έξοδα μειώθηκαν \
    ελαφρά φέτος. 第二四半期の売上高は予想を上回り、経費は前年並みでした。本季度的收入高于预期，支出与去年持平。\
    2분기 매출은 예상보다 높았고 비용은 그대로였습니다. ارتفعت الإيرادات في الربع الثاني وبقيت المصاريف كما هي. \
    ההכנסות ברבעון השני היו גבוהות מהצפוי. दूसरी तिमाही की आय अनुमान से अधिक रही। รายได้ไตรมาสที่สองสูงกว่าที่คาด \
    Doanh thu quý hai cao hơn dự kiến. Přehled výdajů za květen.\r\n";

/// Every innocent text of the lure set: about the most words of instructions that honest text has.
fn instructions() -> String {
    let innocent = lures::all().into_iter().filter(|text| text.family.is_none());
    innocent.map(|text| format!("{}\r\n", text.text)).collect()
}

fn megabyte(text: &str) -> String {
    text.repeat((1 << 20) / text.len() + 1)
}

fn bench_folding(bencher: Bencher<'_, '_>, text: &str) {
    bencher.counter(BytesCount::of_str(text)).bench(|| fold(black_box(text)));
}

fn bench_matching(bencher: Bencher<'_, '_>, text: &str) {
    bencher.counter(BytesCount::of_str(text)).bench(|| {
        let (mut budget, mut problems) = (Budget::new(&Limits::default()), Problems::default());
        let mut cx = Cx { part: PartId(0), stage: Stage::Lure, budget: &mut budget, problems: &mut problems };
        let mut found = Harvest::default();
        let at = Location::part(PartId(0));
        let read = harvest::elsewhere(black_box(text), &at, TextSource::Body, &mut found, &mut cx);
        (found, read)
    });
}

fn bench_languages(bencher: Bencher<'_, '_>, text: &str, languages: usize) {
    let pieces: Vec<String> =
        text.chars().collect::<Vec<_>>().chunks(4096).map(|piece| piece.iter().collect()).collect();
    let bencher = bencher.with_inputs(|| Phrases::of(languages)).counter(BytesCount::of_str(text));
    bencher
        .bench_refs(|phrases| pieces.iter().map(|piece| phrases.found_in(black_box(piece))).sum::<usize>());
}

#[divan::bench]
fn fold_ascii(bencher: Bencher<'_, '_>) {
    bench_folding(bencher, &megabyte(PROSE));
}

#[divan::bench]
fn fold_mixed(bencher: Bencher<'_, '_>) {
    bench_folding(bencher, &megabyte(MIXED));
}

/// Folding and matching.
#[divan::bench]
fn match_ascii(bencher: Bencher<'_, '_>) {
    bench_matching(bencher, &megabyte(PROSE));
}

/// Folding and matching.
#[divan::bench]
fn match_mixed(bencher: Bencher<'_, '_>) {
    bench_matching(bencher, &megabyte(MIXED));
}

/// Folding and matching.
#[divan::bench]
fn match_instructions(bencher: Bencher<'_, '_>) {
    bench_matching(bencher, &megabyte(&instructions()));
}

/// Folding and matching with the phrases of so many languages.
#[divan::bench(args = [1, 10, 20, 29])]
fn languages_ascii(bencher: Bencher<'_, '_>, languages: usize) {
    bench_languages(bencher, &megabyte(PROSE), languages);
}

/// Folding and matching with the phrases of so many languages.
#[divan::bench(args = [1, 10, 20, 29])]
fn languages_mixed(bencher: Bencher<'_, '_>, languages: usize) {
    bench_languages(bencher, &megabyte(MIXED), languages);
}

/// From nothing to the first answer about a small workbook: all tables and all phrases are built here.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn cold_start(bencher: Bencher<'_, '_>) {
    let book = lures::workbook(&[(1, 1, "Paper and pens".to_owned())]);
    bencher.bench(|| docsift::analyze(black_box(book.as_slice())));
}
