//! Peak heap, steps and time of an analysis against the size of its input.
//!
//! A binary of its own, because it replaces the allocator and counts what every thread takes. With
//! `DOCSIFT_LIMITS=SIZE` and `--nocapture` it prints what each file takes, and makes hostile files of
//! SIZE bytes.

use std::alloc::{GlobalAlloc, Layout, System};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use docsift::{Analyzer, Limits, TraceOptions};
use docsift_corpus::{fixtures, floods, heavy, hostile, hostile_mail};

/// The system's allocator with a count of bytes in use and the highest count seen.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn take(bytes: usize) {
    let in_use = IN_USE.fetch_add(bytes, Ordering::Relaxed) + bytes;
    PEAK.fetch_max(in_use, Ordering::Relaxed);
}

fn give(bytes: usize) {
    IN_USE.fetch_sub(bytes, Ordering::Relaxed);
}

// SAFETY: every call is passed to the system's allocator unchanged; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        take(layout.size());
        // SAFETY: the caller keeps the contract of `alloc`, which is that of `System.alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        take(layout.size());
        // SAFETY: as above, for `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        give(layout.size());
        // SAFETY: `block` came from `System` with `layout`, since all calls are passed on.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // Counted as if it moved: both blocks live while the bytes are copied.
        take(new_size);
        // SAFETY: as above, for `realloc`.
        let moved = unsafe { System.realloc(block, layout, new_size) };
        give(if moved.is_null() { new_size } else { layout.size() });
        moved
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What one analysis took.
struct Cost {
    /// Bytes in use at the highest, the input left out.
    peak: usize,
    /// Bytes of the largest part that inflating made larger than the whole input.
    largest_part: usize,
    steps: u64,
    took: Duration,
    /// What bars "nothing found": kinds and messages.
    barring: Vec<String>,
}

fn cost(analyzer: &Analyzer, input: &[u8]) -> Cost {
    let before = IN_USE.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let begin = Instant::now();
    let (report, steps) = analyzer.analyze_counting(input);
    let took = begin.elapsed();
    let peak = PEAK.load(Ordering::Relaxed).saturating_sub(before);
    let larger = report.parts.iter().map(|part| part.size as usize).filter(|size| *size > input.len());
    let largest_part = larger.max().unwrap_or(0);
    let barring = report.problems.iter().filter(|problem| problem.kind != "recovered");
    let barring = barring.map(|problem| format!("{}: {}", problem.kind, problem.message)).collect();
    drop(report);
    Cost { peak, largest_part, steps, took, barring }
}

/// Longer than any file here takes a build without optimisation on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is over its bounds in one file.
fn over(analyzer: &Analyzer, name: &str, input: &[u8]) -> Vec<String> {
    over_or_silent(analyzer, name, input, None)
}

/// The same, and when the file is read to the end or gives another reason than `reason` for not being.
fn over_or_silent(analyzer: &Analyzer, name: &str, input: &[u8], reason: Option<&str>) -> Vec<String> {
    let Cost { peak, largest_part, steps, took, barring } = cost(analyzer, input);
    let (len, most) = (input.len(), 3 * input.len() + (16 << 20) + largest_part);
    if std::env::var_os("DOCSIFT_LIMITS").is_some() {
        let share = peak.saturating_sub(1 << 20) as f64 / len.max(1) as f64;
        println!("{name}: {len} bytes, peak {peak} ({share:.1} x), {steps} steps, {took:?}");
    }
    let mut over = Vec::new();
    if peak > most {
        over.push(format!("{name}: a peak of {peak} bytes for {len} bytes of input (at most {most})"));
    }
    if steps > Limits::default().steps {
        over.push(format!("{name}: {steps} steps"));
    }
    if took > PATIENCE {
        over.push(format!("{name}: {took:?}"));
    }
    if reason.is_some_and(|reason| !barring.iter().any(|said| said.contains(reason))) {
        over.push(format!("{name}: {barring:?}"));
    }
    over
}

/// The counts are of the whole process, so that tests of this binary must not run side by side.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> (MutexGuard<'static, ()>, Analyzer) {
    let guard = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let analyzer = Analyzer::default();
    // What is built once for all analyses is not charged to the first.
    analyzer.analyze(b"");
    analyzer.analyze(fixtures::all().first().map_or(&[][..], |fixture| &fixture.bytes));
    (guard, analyzer)
}

#[test]
fn the_allocator_counts() {
    let _alone = alone();
    let vec = std::hint::black_box(vec![0u8; 64 << 20]);
    assert!(PEAK.load(Ordering::Relaxed) >= vec.len());
}

#[test]
fn fixtures_stay_within_memory_steps_and_time() {
    let (_alone, analyzer) = alone();
    let over: Vec<_> =
        fixtures::all().iter().flat_map(|fixture| over(&analyzer, fixture.name, &fixture.bytes)).collect();
    assert!(over.is_empty(), "{}", over.join("\n"));
}

#[test]
fn traces_stay_within_memory_and_time() {
    let (_alone, analyzer) = alone();
    let fixtures = fixtures::all();
    let is_run = |name: &str| ["run-", "xlm-", "twin"].iter().any(|start| name.starts_with(start));
    let small = fixtures.iter().filter(|fixture| is_run(fixture.name));
    let small = small.map(|fixture| (fixture.name, fixture.bytes.clone()));
    let of_macros = ["auto_open_flood", "exec_flood", "exec_of_one_long_text", "macro_text_many_cells"];
    let hostile = hostile::ALL.iter().filter(|(name, _)| of_macros.contains(name));
    let hostile = hostile.map(|(name, make)| (*name, make(1 << 18)));
    let mut wanted = TraceOptions::default();
    // More than any memory would hold.
    (wanted.steps, wanted.repeats) = (u64::MAX, 0);
    let mut over = Vec::new();
    for (name, bytes) in small.chain(hostile) {
        let before = IN_USE.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        let begin = Instant::now();
        let trace = analyzer.trace(&bytes, wanted);
        let took = begin.elapsed();
        let peak = PEAK.load(Ordering::Relaxed).saturating_sub(before);
        let most = 3 * bytes.len() + (16 << 20);
        let steps: usize =
            trace.workbooks.iter().flat_map(|book| &book.runs).map(|run| run.steps.len()).sum();
        if std::env::var_os("DOCSIFT_LIMITS").is_some() {
            println!("{name}: {} bytes, peak {peak}, {steps} steps, {took:?}", bytes.len());
        }
        // What counts is run twice.
        if peak > most || took > 2 * PATIENCE {
            over.push(format!("{name}: a peak of {peak} bytes (at most {most}), {steps} steps, {took:?}"));
        }
    }
    assert!(over.is_empty(), "{}", over.join("\n"));
}

#[test]
fn large_workbooks_stay_within_memory_steps_and_time() {
    let (_alone, analyzer) = alone();
    let inputs = [
        ("cells", heavy::cells(8)),
        ("one_string_many_cells", heavy::one_string_many_cells(400_000)),
        ("one_formula_many_cells", heavy::one_formula_many_cells(200_000)),
    ];
    let over: Vec<_> = inputs.iter().flat_map(|(name, bytes)| over(&analyzer, name, bytes)).collect();
    assert!(over.is_empty(), "{}", over.join("\n"));
}

#[test]
fn hostile_files_stay_within_memory_steps_and_time() {
    let (_alone, analyzer) = alone();
    let size = std::env::var("DOCSIFT_LIMITS").ok().and_then(|size| size.parse().ok()).unwrap_or(1 << 20);
    let over: Vec<_> = hostile::ALL
        .iter()
        .chain(floods::ALL)
        .flat_map(|(name, make)| over(&analyzer, name, &make(size)))
        .collect();
    assert!(over.is_empty(), "{}", over.join("\n"));
}

/// Hostile mails.
const MAILS: &[hostile::Generator] = &[
    ("nested_multiparts", hostile_mail::nested_multiparts),
    ("nested_messages", hostile_mail::nested_messages),
    ("one_line", hostile_mail::one_line),
    ("one_header", hostile_mail::one_header),
    ("many_parts", hostile_mail::many_parts),
    ("many_passwords", hostile_mail::many_passwords),
];

#[test]
fn hostile_mails_stay_within_memory_steps_and_time() {
    let (_alone, analyzer) = alone();
    let mut over_all = Vec::new();
    for (name, make) in MAILS {
        let bytes = make(1 << 20);
        over_all.extend(over(&analyzer, name, &bytes));
        // What was left out for the size of the mail is told.
        let report = analyzer.analyze(&bytes);
        let is_whole = report.verdict.complete;
        if is_whole != (*name == "one_line") && *name != "many_parts" {
            over_all.push(format!("{name}: complete is {is_whole}"));
        }
    }
    assert!(over_all.is_empty(), "{}", over_all.join("\n"));
}

#[test]
fn deliveries_of_the_largest_sizes_end_within_limits_and_say_why() {
    let (_alone, analyzer) = alone();
    let levels = hostile_mail::nested_messages(10_000 * 80);
    let inputs: [(&str, Vec<u8>, &str); 8] = [
        ("10,000 mails in one another", levels, "limit_reached: limit reached: nesting depth"),
        (
            "10,000 multiparts in one another",
            hostile_mail::nested_multiparts(10_000 * 56),
            "abandoned: multiparts are nested too deep",
        ),
        (
            "200 archives in one another",
            hostile_mail::nested_archives(200),
            "limit_reached: limit reached: nesting depth",
        ),
        ("4 GB out of 27 MB", hostile_mail::bomb_of_4_gb(), "limit_reached: limit reached: "),
        ("a billion rounds", hostile_mail::billion_rounds(), "more than 10,000,000 rounds"),
        (
            "one header of 50 MB",
            hostile_mail::one_header(50 << 20),
            "abandoned: the header of a part is too long",
        ),
        (
            "100,000 passwords in a mail",
            hostile_mail::many_passwords(100_000 * 24),
            "needs_password: \"a.xls\" is encrypted (ZIP with AES-256), and none of 99 passwords opens it",
        ),
        ("20,001 parts", hostile_mail::many_parts(20_001 * 72), "limit_reached: limit reached: "),
    ];
    let mut over_all = Vec::new();
    for (name, bytes, reason) in &inputs {
        over_all.extend(over_or_silent(&analyzer, name, bytes, Some(reason)));
    }
    // Nothing is left out of a mail without a line end.
    let one_line = hostile_mail::one_line(50 << 20);
    over_all.extend(over(&analyzer, "50 MB without a line end", &one_line));
    assert!(over_all.is_empty(), "{}", over_all.join("\n"));
}

#[test]
fn a_hundred_thousand_passwords_of_the_caller_end_within_limits_and_say_why() {
    let (_alone, _) = alone();
    let mut options = docsift::Options::default();
    options.passwords = (0..100_000).map(|number| format!("w{number:07}X")).collect();
    let analyzer = Analyzer::new(options).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/synthetic");
    let fixture = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let mut over_all = Vec::new();
    let rounds = "limit_reached: limit reached: rounds of key derivation";
    for (name, bytes, reason) in [
        ("ZipCrypto", fixture("mail-password-unknown.eml"), " passwords opens it"),
        ("AES", hostile_mail::many_passwords(24), rounds),
        ("Agile", fixture("encrypted-agile.docx"), rounds),
        ("RC4", fixture("encrypted-rc4.xls"), " passwords opens it"),
        ("XOR", fixture("encrypted-xor.xls"), " passwords opens it"),
    ] {
        over_all.extend(over_or_silent(&analyzer, name, &bytes, Some(reason)));
    }
    assert!(over_all.is_empty(), "{}", over_all.join("\n"));
}

#[test]
fn sample_files_stay_within_memory_steps_and_time() {
    let (_alone, analyzer) = alone();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|above| above.join("shared/samples"));
    let Some(samples) = samples.into_iter().find(|path| path.is_dir()) else {
        println!("skipped: no ../shared/samples");
        return;
    };
    let mut folders = vec![samples];
    let mut over_all = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                over_all.extend(over(&analyzer, &path.to_string_lossy(), &bytes));
            }
        }
    }
    assert!(over_all.is_empty(), "{}", over_all.join("\n"));
}

#[test]
fn twice_the_input_takes_at_most_about_twice_the_steps() {
    let (_alone, analyzer) = alone();
    let mut over = Vec::new();
    let heavy: [hostile::Generator; 2] = [
        ("one_string_many_cells", |size| heavy::one_string_many_cells(size / 14)),
        ("one_formula_many_cells", |size| heavy::one_formula_many_cells(size / 31)),
    ];
    for (name, make) in hostile::ALL.iter().chain(floods::ALL).chain(&heavy).chain(MAILS) {
        let [one, two] = [1, 2].map(|times| make(times * 200_000));
        let [spent, twice] = [&one, &two].map(|bytes| analyzer.analyze_counting(bytes).1);
        // Growth is measured against the files as they came out, with a tenth and a few thousand for
        // what is rounded up.
        let allowed = spent as f64 * (two.len() as f64 / one.len() as f64).max(1.0) * 1.1 + 4_000.0;
        if twice as f64 > allowed {
            let (one, two) = (one.len(), two.len());
            over.push(format!("{name}: {spent} steps for {one} bytes, {twice} for {two}"));
        }
    }
    assert!(over.is_empty(), "{}", over.join("\n"));
}
