//! Mutants of corpus and samples through one reader, in a process that may fall: what
//! `cargo xtask mutate` starts under a ceiling on its address space.
//!
//! Standard output has lines of words separated by tabs: `found` with a number, a reason and a
//! text, and for each mutant `sum` (`Sum`): what is counted here and not said is lost when this process
//! falls. The number of the mutant in work stands in a file, from which the caller reads it then.

mod mutation;

use std::cell::RefCell;
use std::fs::File;
use std::io::{Cursor, Read, Seek, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{fs, panic};

use docsift::{Analyzer, Limits};

use crate::bench;
use crate::files;
pub use mutation::{Kind, Mutator};

/// What a reader said of one mutant.
enum Answer {
    /// Read without an error; for docsift: to the end.
    Read,
    /// Read with an error said; for docsift: a report that names what was not read.
    Refused,
    /// What no caller expects: a panic, an exception of no declared kind.
    Fell(&'static str, String),
}

type Reader = Box<dyn FnMut(&[u8]) -> Answer>;

/// What a line says of one mutant.
#[derive(Default, Clone, Copy)]
struct Sum {
    read: u64,
    refused: u64,
    fell: u64,
}

/// The command `mutants READER SEED FROM TO FILE`, or `mutants write SEED NUMBER TO FILE`, which
/// writes mutant NUMBER to FILE.
pub fn run(arguments: &[PathBuf]) -> ExitCode {
    let words: Vec<String> = arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let [reader, seed, from, to, file] = words.as_slice() else {
        eprintln!("usage: docsift-peers mutants docsift|cfb|calamine|olevba|write SEED FROM TO FILE");
        return ExitCode::from(2);
    };
    let numbers = (seed.parse::<u64>(), from.parse::<u64>(), to.parse::<u64>());
    let (Ok(seed), Ok(from), Ok(to)) = numbers else {
        eprintln!("SEED, FROM and TO are numbers");
        return ExitCode::from(2);
    };
    let mutator = Mutator::new(bases(), seed);
    if reader == "write" {
        return match fs::write(file, mutator.mutant(from).1) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failure(&format!("{file}: {error}")),
        };
    }
    let reader = match reader.as_str() {
        "docsift" => Ok(docsift()),
        "cfb" => Ok(Box::new(cfb) as Reader),
        "calamine" => Ok(Box::new(calamine) as Reader),
        "olevba" => olevba(Path::new(file)),
        other => Err(format!("no reader {other:?}")),
    };
    match reader.and_then(|reader| sweep(reader, &mutator, from..to, file)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => failure(&reason),
    }
}

fn failure(reason: &str) -> ExitCode {
    eprintln!("{reason}");
    ExitCode::FAILURE
}

/// The fixtures, what once broke something, and the samples where they are: sorted by their paths.
fn bases() -> Vec<Vec<u8>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus");
    let mut folders = vec![corpus.join("synthetic"), corpus.join("regress")];
    if let Some(samples) = samples() {
        folders.extend(["benign", "malformed", "poc"].map(|folder| samples.join(folder)));
    }
    folders.retain(|folder| folder.is_dir());
    files::files_under(&folders).iter().filter_map(|path| fs::read(path).ok()).collect()
}

/// [`files::samples`] without a word on standard output, which has a form.
fn samples() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().map(|above| above.join("shared/samples")).find(|path| path.is_dir())
}

thread_local! {
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

fn sweep(
    mut reader: Reader,
    mutator: &Mutator,
    numbers: std::ops::Range<u64>,
    progress: &str,
) -> Result<(), String> {
    panic::set_hook(Box::new(|info| {
        PANIC.with(|text| *text.borrow_mut() = info.to_string().replace(['\n', '\t'], " "));
    }));
    let mut progress = File::create(progress).map_err(|error| format!("{progress}: {error}"))?;
    println!("bases\t{}", mutator.base_count());
    let mut clock = Clock::new();
    for number in numbers {
        let (kind, bytes) = mutator.mutant(number);
        progress
            .rewind()
            .and_then(|()| progress.write_all(&number.to_le_bytes()))
            .map_err(|error| error.to_string())?;
        let begin = clock.now();
        let answer = catch_unwind(AssertUnwindSafe(|| reader(&bytes)));
        let took = clock.now().saturating_sub(begin);
        let answer = answer.unwrap_or_else(|_| Answer::Fell("panic", PANIC.with(|text| text.take())));
        let mut sum = Sum::default();
        match answer {
            Answer::Read => sum.read += 1,
            Answer::Refused => sum.refused += 1,
            Answer::Fell(what, text) => {
                sum.fell += 1;
                println!("found\t{number}\t{what}\t{text}");
            }
        }
        let (name, micros) = (kind.name(), took.as_micros());
        let Sum { read, refused, fell } = sum;
        println!("sum\t{name}\t1\t{read}\t{refused}\t{fell}\t{micros}\t{number}\t{micros}");
    }
    println!("peak\t{}", peak_address_space_kib());
    Ok(())
}

/// Time that this process had a processor for, where the system tells, so that a busy machine does
/// not count; otherwise the time that passed.
struct Clock {
    ran: Option<File>,
    began: Instant,
}

impl Clock {
    fn new() -> Self {
        Clock { ran: File::open("/proc/self/schedstat").ok(), began: Instant::now() }
    }

    fn now(&mut self) -> Duration {
        let ran = self.ran.as_mut().and_then(|file| {
            let mut text = String::new();
            file.rewind().and_then(|()| file.read_to_string(&mut text)).ok()?;
            text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
        });
        ran.unwrap_or_else(|| self.began.elapsed())
    }
}

/// The largest address space that this process had, where the system tells.
fn peak_address_space_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn docsift() -> Reader {
    let analyzer = Analyzer::default();
    let limit = Limits::default().steps;
    Box::new(move |bytes| {
        let (report, steps) = analyzer.analyze_counting(bytes);
        if steps > limit {
            return Answer::Fell("steps", format!("{steps} steps"));
        }
        if report.verdict.complete { Answer::Read } else { Answer::Refused }
    })
}

/// Opens a compound file and reads every stream.
fn cfb(bytes: &[u8]) -> Answer {
    let Ok(mut compound) = cfb::CompoundFile::open(Cursor::new(bytes)) else { return Answer::Refused };
    let paths: Vec<PathBuf> =
        compound.walk().filter(|entry| entry.is_stream()).map(|entry| entry.path().to_owned()).collect();
    let mut content = Vec::new();
    for path in paths {
        content.clear();
        let read = compound.open_stream(&path).and_then(|mut stream| stream.read_to_end(&mut content));
        if read.is_err() {
            return Answer::Refused;
        }
    }
    Answer::Read
}

/// Reads every cell.
fn calamine(bytes: &[u8]) -> Answer {
    match bench::cells(bytes) {
        Ok(_) => Answer::Read,
        Err(_) => Answer::Refused,
    }
}

/// olevba in a process of its own, under the ceiling that this one has.
fn olevba(progress: &Path) -> Result<Reader, String> {
    let mut child = bench::olevba()?;
    let path = progress.with_extension("mutant");
    Ok(Box::new(move |bytes| {
        if let Err(error) = fs::write(&path, bytes) {
            return Answer::Fell("not written", error.to_string());
        }
        match child.ask(&path) {
            Ok(_) => Answer::Read,
            Err(reason) if reason.contains("FileOpenError") => Answer::Refused,
            Err(reason) if reason.starts_with(bench::ENDED) => Answer::Fell("ended", reason),
            Err(reason) => Answer::Fell("exception", reason.replace('\t', " ")),
        }
    }))
}
