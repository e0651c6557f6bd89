//! What the C ABI costs: `docsift_analyze` against the Rust call on the same files.
//!
//! `cargo bench -p docsift-capi --bench overhead -- [--rounds N] PATH...`; without a path, over the
//! fixtures. A relative path counts from `capi/`, where cargo starts it. Both sides run in turn, file by file, and the fastest round of each counts, so that other
//! work on the machine weighs on neither. The C side reads the verdict and frees the report, the Rust
//! side reads the verdict and drops it. A third sum has every list and the JSON read besides.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::ptr::{null, null_mut};
use std::time::{Duration, Instant};

use docsift_capi::*;

fn main() {
    let mut rounds = 15_u32;
    let mut paths = Vec::new();
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        if argument == "--rounds" {
            rounds =
                arguments.next().and_then(|rounds| rounds.parse().ok()).expect("--rounds takes a number");
        } else {
            paths.push(PathBuf::from(argument));
        }
    }
    if paths.is_empty() {
        paths.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/synthetic"));
    }
    let files = files(paths);
    let c = C::new();
    let analyzer = docsift::Analyzer::default();
    let mut sums = [Duration::ZERO; 3];
    for path in &files {
        let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut best = [Duration::MAX; 3];
        for round in 0..rounds {
            // Whoever comes first finds colder caches, so that they take turns.
            for turn in 0..3 {
                let side = (turn + round) % 3;
                let since = Instant::now();
                match side {
                    0 => {
                        let report = black_box(&analyzer).analyze(black_box(&bytes));
                        black_box(report.verdict.level);
                    }
                    1 => c.analyze(&bytes, |report| {
                        // SAFETY: `report` is alive.
                        black_box(unsafe { docsift_report_level(report) });
                    }),
                    _ => c.analyze(&bytes, read_all),
                }
                let best = &mut best[side as usize];
                *best = since.elapsed().min(*best);
            }
        }
        for (sum, best) in sums.iter_mut().zip(best) {
            *sum += best;
        }
    }
    let [rust, c, all] = sums.map(|sum| sum.as_secs_f64() * 1e3);
    let more = |time: f64| (time / rust - 1.0) * 100.0;
    println!("{} files, the fastest of {rounds} rounds each", files.len());
    println!("Rust                 {rust:10.3} ms");
    println!("C                    {c:10.3} ms  {:+.2} %", more(c));
    println!("C, everything read   {all:10.3} ms  {:+.2} %", more(all));
}

fn files(mut waiting: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    while let Some(path) = waiting.pop() {
        match std::fs::read_dir(&path) {
            Ok(entries) => waiting.extend(entries.flatten().map(|entry| entry.path())),
            Err(_) => files.push(path),
        }
    }
    files.sort();
    files
}

type Analyze = unsafe extern "C" fn(
    *const docsift_analyzer,
    *const docsift_input,
    *mut *mut docsift_report,
) -> docsift_result;

struct C {
    analyzer: *mut docsift_analyzer,
    /// Called through a pointer, as a program in C calls it.
    analyze: Analyze,
}

impl C {
    fn new() -> Self {
        let mut analyzer = null_mut();
        // SAFETY: NULL is defaults, and the output is memory for a pointer.
        assert_eq!(unsafe { docsift_analyzer_new(null(), &raw mut analyzer) }, docsift_result::Ok);
        C { analyzer, analyze: black_box(docsift_analyze) }
    }

    fn analyze(&self, bytes: &[u8], read: impl FnOnce(*const docsift_report)) {
        let input = docsift_input {
            size: size_of::<docsift_input>(),
            bytes: bytes.as_ptr(),
            len: bytes.len(),
            name: null(),
            zone: null(),
            zone_len: 0,
            keep_bytes: 0,
            visit: None,
            user: null_mut(),
        };
        let mut report = null_mut();
        // SAFETY: the analyzer is alive, the input is whole, and the report is freed once.
        unsafe {
            let result = (self.analyze)(self.analyzer, black_box(&raw const input), &raw mut report);
            assert_eq!(result, docsift_result::Ok);
            read(report);
            docsift_report_free(report);
        }
    }
}

impl Drop for C {
    fn drop(&mut self) {
        // SAFETY: made once, and not used again.
        unsafe { docsift_analyzer_free(self.analyzer) }
    }
}

fn read_all(report: *const docsift_report) {
    // SAFETY: `report` is alive.
    unsafe {
        black_box(docsift_report_verdict(report));
        black_box(docsift_report_input(report));
        black_box(docsift_report_finding(report, 0));
        black_box(docsift_report_effect(report, 0));
        black_box(docsift_report_indicator(report, 0));
        black_box(docsift_report_part(report, 0));
        black_box(docsift_report_module(report, 0));
        black_box(docsift_report_macro_sheet(report, 0));
        black_box(docsift_report_text(report, 0));
        black_box(docsift_report_problem(report, 0));
        black_box(docsift_report_json(report));
    }
}
