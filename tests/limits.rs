//! Peak heap, steps and time of an analysis against the size of its input.
//!
//! A binary of its own, because it replaces the allocator. What a thread takes is counted for that
//! thread, since an analysis stays on the one it was called on: files are measured side by side. With
//! `DOCSIFT_LIMITS=SIZE` and `--nocapture` it prints what each file takes, and makes hostile files of
//! SIZE bytes.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use docsift::{Analyzer, Limits, Options, Report, TraceOptions};
use docsift_corpus::{fixtures, floods, growth, heavy, hostile, hostile_mail, wrapped};

/// The system's allocator with a count of bytes in use and the highest count seen, for each thread.
struct Counting;

thread_local! {
    // Blocks that another thread took may be given back here, so that the count can be below zero.
    static IN_USE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn take(bytes: usize) {
    let in_use = IN_USE.get() + bytes as isize;
    IN_USE.set(in_use);
    PEAK.set(PEAK.get().max(in_use));
}

fn give(bytes: usize) {
    IN_USE.set(IN_USE.get() - bytes as isize);
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
    report: Report,
    /// Bytes in use at the highest, the input left out.
    peak: usize,
    /// Bytes of the largest part that inflating made larger than the whole input.
    largest_part: usize,
    steps: u64,
    took: Duration,
}

fn cost(analyzer: &Analyzer, input: &[u8]) -> Cost {
    let before = IN_USE.get();
    PEAK.set(before);
    let begin = ran();
    let (report, steps) = analyzer.analyze_counting(input);
    let took = ran().saturating_sub(begin);
    let peak = usize::try_from(PEAK.get() - before).unwrap_or_default();
    let larger = report.parts.iter().map(|part| part.size as usize).filter(|size| *size > input.len());
    let largest_part = larger.max().unwrap_or(0);
    Cost { report, peak, largest_part, steps, took }
}

/// How long this thread had a processor, where the system tells; otherwise the time of day.
fn ran() -> Duration {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let told = told.and_then(|text| text.split(' ').next()?.parse().ok());
    told.map_or_else(|| BEGAN.elapsed(), Duration::from_nanos)
}

/// Longer than any file of `len` bytes here takes a build without optimisation: a second for each MB
/// besides what is bounded by the steps alone.
fn patience(len: usize) -> Duration {
    Duration::from_secs(20 + (len >> 20) as u64)
}

/// A name, and what makes the bytes.
type Input = (String, Box<dyn Fn() -> Vec<u8> + Sync>);

fn generated(generators: &[&[hostile::Generator]], size: usize) -> Vec<Input> {
    let named = |(name, make): &hostile::Generator| -> Input {
        let make = *make;
        ((*name).to_owned(), Box::new(move || make(size)))
    };
    generators.concat().iter().map(named).collect()
}

/// Runs `check` over all inputs, on as many threads as there are processors, and fails with what it
/// says of any.
fn for_each(inputs: &[Input], check: impl Fn(&Analyzer, &str, &[u8]) -> Vec<String> + Sync) {
    assert!(!inputs.is_empty());
    let next = AtomicUsize::new(0);
    let said = Mutex::new(Vec::new());
    let analyzer = Analyzer::default();
    // What is built once for all analyses is not charged to the first.
    analyzer.analyze(b"");
    analyzer.analyze(fixtures::all().first().map_or(&[][..], |fixture| &fixture.bytes));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((name, make)) = inputs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let lines = check(&analyzer, name, &make());
                    said.lock().unwrap_or_else(PoisonError::into_inner).extend(lines);
                }
            });
        }
    });
    let said = said.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(next.into_inner().min(inputs.len()), inputs.len());
    assert!(said.is_empty(), "{}", said.join("\n"));
}

/// What is over its bounds in one file.
fn over(name: &str, input: &[u8], cost: &Cost) -> Vec<String> {
    let Cost { peak, largest_part, steps, took, .. } = *cost;
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
    if took > patience(len) {
        over.push(format!("{name}: {took:?}"));
    }
    over
}

/// What is over its bounds, and whether the file is read to the end or gives another reason than
/// `reason` for not being.
fn over_or_silent(name: &str, input: &[u8], cost: &Cost, reason: &str) -> Vec<String> {
    let mut over = over(name, input, cost);
    let barring = cost.report.problems.iter().filter(|problem| problem.kind != "recovered");
    let barring: Vec<String> =
        barring.map(|problem| format!("{}: {}", problem.kind, problem.message)).collect();
    if !barring.iter().any(|said| said.contains(reason)) {
        over.push(format!("{name}: {barring:?}"));
    }
    over
}

fn stay_within(inputs: &[Input]) {
    for_each(inputs, |analyzer, name, input| over(name, input, &cost(analyzer, input)));
}

fn fixtures() -> Vec<Input> {
    let named = |fixture: fixtures::Fixture| -> Input {
        (fixture.name.to_owned(), Box::new(move || fixture.bytes.clone()))
    };
    fixtures::all().into_iter().map(named).collect()
}

#[test]
fn the_allocator_counts() {
    let before = IN_USE.get();
    let vec = std::hint::black_box(vec![0u8; 64 << 20]);
    assert!(IN_USE.get() - before >= vec.len() as isize && PEAK.get() >= IN_USE.get());
    drop(vec);
    assert_eq!(IN_USE.get(), before);
}

#[test]
fn fixtures_stay_within_memory_steps_and_time() {
    stay_within(&fixtures());
}

#[test]
fn traces_stay_within_memory_and_time() {
    let is_run = |name: &str| ["run-", "xlm-", "twin"].iter().any(|start| name.starts_with(start));
    let of_macros = ["auto_open_flood", "exec_flood", "exec_of_one_long_text", "macro_text_many_cells"];
    let mut inputs = fixtures();
    inputs.retain(|(name, _)| is_run(name));
    inputs.extend(generated(&[hostile::ALL], 1 << 18));
    inputs.retain(|(name, _)| is_run(name) || of_macros.contains(&name.as_str()));
    let mut wanted = TraceOptions::default();
    // More than any memory would hold.
    (wanted.steps, wanted.repeats) = (u64::MAX, 0);
    for_each(&inputs, |analyzer, name, bytes| {
        let before = IN_USE.get();
        PEAK.set(before);
        let begin = ran();
        let trace = analyzer.trace(bytes, wanted);
        let took = ran().saturating_sub(begin);
        let peak = usize::try_from(PEAK.get() - before).unwrap_or_default();
        let most = 3 * bytes.len() + (16 << 20);
        let steps: usize =
            trace.workbooks.iter().flat_map(|book| &book.runs).map(|run| run.steps.len()).sum();
        if std::env::var_os("DOCSIFT_LIMITS").is_some() {
            println!("{name}: {} bytes, peak {peak}, {steps} steps, {took:?}", bytes.len());
        }
        // What counts is run twice.
        if peak > most || took > 2 * patience(bytes.len()) {
            return vec![format!("{name}: a peak of {peak} bytes (at most {most}), {steps} steps, {took:?}")];
        }
        Vec::new()
    });
}

#[test]
fn large_workbooks_stay_within_memory_steps_and_time() {
    stay_within(&[
        ("cells".into(), Box::new(|| heavy::cells(8))),
        ("one_string_many_cells".into(), Box::new(|| heavy::one_string_many_cells(400_000))),
        ("one_formula_many_cells".into(), Box::new(|| heavy::one_formula_many_cells(200_000))),
    ]);
}

#[test]
fn hostile_files_stay_within_memory_steps_and_time() {
    let size = std::env::var("DOCSIFT_LIMITS").ok().and_then(|size| size.parse().ok()).unwrap_or(1 << 20);
    stay_within(&generated(&[hostile::ALL, floods::ALL, growth::ALL, wrapped::ALL], size));
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
    for_each(&generated(&[MAILS], 1 << 20), |analyzer, name, input| {
        let cost = cost(analyzer, input);
        let mut over = over(name, input, &cost);
        // What was left out for the size of the mail is told.
        let is_whole = cost.report.verdict.complete;
        if is_whole != (name == "one_line") && name != "many_parts" {
            over.push(format!("{name}: complete is {is_whole}"));
        }
        over
    });
}

#[test]
fn deliveries_of_the_largest_sizes_end_within_limits_and_say_why() {
    /// What it is, what makes it, and the reason that is given.
    type Delivery = (&'static str, fn() -> Vec<u8>, &'static str);
    let told: [Delivery; 9] = [
        (
            "10,000 mails in one another",
            || hostile_mail::nested_messages(10_000 * 80),
            "limit_reached: limit reached: nesting depth",
        ),
        (
            "10,000 multiparts in one another",
            || hostile_mail::nested_multiparts(10_000 * 56),
            "abandoned: multiparts are nested too deep",
        ),
        (
            "200 archives in one another",
            || hostile_mail::nested_archives(200),
            "limit_reached: limit reached: nesting depth",
        ),
        ("4 GB out of 27 MB", hostile_mail::bomb_of_4_gb, "limit_reached: limit reached: "),
        (
            "9,000 entries of an archive in one place, of 2 MB that make nothing",
            || hostile_mail::shared_emptiness(2 << 20),
            "limit_reached: limit reached: ",
        ),
        ("a billion rounds", hostile_mail::billion_rounds, "more than 10,000,000 rounds"),
        (
            "one header of 50 MB",
            || hostile_mail::one_header(50 << 20),
            "abandoned: the header of a part is too long",
        ),
        (
            "100,000 passwords in a mail",
            || hostile_mail::many_passwords(100_000 * 24),
            "needs_password: \"a.xls\" is encrypted (ZIP with AES-256), and none of 128 passwords opens it",
        ),
        ("20,001 parts", || hostile_mail::many_parts(20_001 * 72), "limit_reached: limit reached: "),
    ];
    let inputs: Vec<Input> =
        told.iter().map(|(name, make, _)| -> Input { ((*name).to_owned(), Box::new(*make)) }).collect();
    for_each(&inputs, |analyzer, name, input| {
        let (.., reason) = told.iter().find(|(told, ..)| *told == name).unwrap();
        over_or_silent(name, input, &cost(analyzer, input), reason)
    });
    // Nothing is left out of a mail without a line end.
    stay_within(&[("50 MB without a line end".to_owned(), Box::new(|| hostile_mail::one_line(50 << 20)))]);
}

#[test]
fn a_hundred_thousand_passwords_of_the_caller_end_within_limits_and_say_why() {
    let mut options = Options::default();
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
        over_all.extend(over_or_silent(name, &bytes, &cost(&analyzer, &bytes), reason));
    }
    assert!(over_all.is_empty(), "{}", over_all.join("\n"));
}

#[test]
fn sample_files_stay_within_memory_steps_and_time() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|above| above.join("shared/samples"));
    let Some(samples) = samples.into_iter().find(|path| path.is_dir()) else {
        println!("skipped: no ../shared/samples");
        return;
    };
    let mut folders = vec![samples];
    let mut inputs: Vec<Input> = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                inputs.push((path.display().to_string(), Box::new(move || std::fs::read(&path).unwrap())));
            }
        }
    }
    stay_within(&inputs);
}

/// Whatever the ceiling is, it holds, and what it cut off is told.
#[test]
fn no_file_spends_more_than_its_steps() {
    let mut inputs = fixtures();
    inputs.extend(generated(&[hostile::ALL, floods::ALL, growth::ALL, wrapped::ALL, MAILS], 50_000));
    for_each(&inputs, |analyzer, name, input| {
        let (_, needed) = analyzer.analyze_counting(input);
        let mut wrong = Vec::new();
        for ceiling in [1, needed / 16, needed / 2, needed.saturating_sub(1)] {
            let ceiling = ceiling.max(1);
            let mut options = Options::default();
            options.limits.steps = ceiling;
            let (report, spent) = Analyzer::new(options).unwrap().analyze_counting(input);
            if spent > ceiling {
                wrong.push(format!("{name}: {spent} steps of {ceiling}"));
            }
            if ceiling < needed && report.verdict.complete {
                wrong.push(format!("{name}: {ceiling} steps of {needed} needed, and complete"));
            }
        }
        wrong
    });
}

/// What the report of each file in `wrapped` has when the file is read: a generator that its reader
/// refuses would show nothing.
const SHOWN: &[(&str, &str)] = &[
    ("link_of_blocks", "notepad.exe"),
    ("link_before_a_script", "49989 bytes behind it"),
    ("link_of_one_cmd_line", "set a=b"),
    ("link_of_one_powershell_line", "'{1}{0}'"),
    ("equation_fonts", "Equation.3"),
    ("equations_that_overflow", "OBJ010"),
    ("active_mime", r#""kind":"biff8""#),
    ("active_mime_of_false_starts", "no deflated data is found"),
    ("png_of_pixels", r#""dhash":""#),
    ("png_of_chunks", r#""dhash":""#),
    ("bitmap_of_pixels", r#""dhash":""#),
    ("gif_of_comments", r#""part":5,"kind":"gif""#),
    ("jpeg_of_comments", r#""part":5,"kind":"jpeg""#),
    ("tiff_of_fields", r#""part":5,"kind":"tiff""#),
    ("publication_of_pictures", r#""dhash":""#),
    ("publication_of_texts", "Paper and pens"),
    ("gzip_of_a_workbook", r#""kind":"biff8""#),
    ("tar_of_files", "!/pens.txt"),
    ("udf_image_of_files", "!/pens.txt"),
    ("udf_image_of_one_file", "!/pens.txt"),
    ("rar4_list", "pens.xls"),
    ("rar5_list", "pens.xls"),
    ("cabinet_list", "pens.xls"),
    ("lha_list", "pens.xls"),
    ("mail_of_uuencode", "!/pens.txt"),
    ("mail_of_reminders", r"one.invalid\\a"),
    ("mbox_of_mails", r#""kind":"eml""#),
    ("message_of_packed_text", "!/body.rtf"),
    ("web_query_lines", "http://one.invalid/2.dat"),
    ("wordbasic_lines", "MsgBox"),
    ("page_of_marks", "content"),
    ("workbook_under_xor", r#""source":"office_default""#),
    ("workbook_under_rc4", r#""source":"office_default""#),
    ("workbook_under_cryptoapi", r#""source":"office_default""#),
    ("package_under_agile", r#""source":"office_default""#),
    ("package_under_standard", r#""source":"office_default""#),
    ("zip_under_zipcrypto", r#""source":"common""#),
    ("zip_under_aes", r#""source":"common""#),
];

#[test]
fn files_that_are_doubled_are_read_as_what_they_are() {
    for_each(&generated(&[wrapped::ALL], 50_000), |analyzer, name, input| {
        let Some((_, shown)) = SHOWN.iter().find(|(known, _)| *known == name) else {
            return vec![format!("{name} is not listed")];
        };
        let report = analyzer.analyze(input).to_json();
        if report.contains(shown) {
            Vec::new()
        } else {
            vec![format!("{name}: no {shown} in {report:.1500}")]
        }
    });
}

#[test]
fn twice_the_input_takes_at_most_about_twice_the_steps() {
    let heavy: [hostile::Generator; 2] = [
        ("one_string_many_cells", |size| heavy::one_string_many_cells(size / 14)),
        ("one_formula_many_cells", |size| heavy::one_formula_many_cells(size / 31)),
    ];
    let families = [hostile::ALL, floods::ALL, growth::ALL, wrapped::ALL, &heavy, MAILS];
    let doubled = families.concat();
    for_each(&generated(&families, 200_000), |analyzer, name, one| {
        let make = doubled.iter().find(|(known, _)| *known == name).map(|(_, make)| make);
        let two = make.map(|make| make(400_000)).unwrap_or_default();
        let [spent, twice] = [one, &two].map(|bytes| analyzer.analyze_counting(bytes).1);
        // Growth is measured against the files as they came out, with a tenth and a few thousand for
        // what is rounded up.
        let allowed = spent as f64 * (two.len() as f64 / one.len() as f64).max(1.0) * 1.1 + 4_000.0;
        if twice as f64 > allowed {
            let (one, two) = (one.len(), two.len());
            return vec![format!("{name}: {spent} steps for {one} bytes, {twice} for {two}")];
        }
        Vec::new()
    });
}
