//! The mutation sweep: mutants of corpus and samples through the whole analysis, and through other
//! readers of the same formats.
//!
//! The reader works in a process of its own (`docsift-peers mutants`), built optimised and with
//! overflow checks, under a ceiling on its address space, so that an abort is seen and counted. The
//! process is started again after the mutant that ended it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::pages_of_figures::{self, FiguresError};

/// How many mutants, and for whom.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Mutants for docsift
    #[arg(long, default_value_t = 20_000)]
    count: u64,
    /// Mutants for each of the other readers; the first ones of the same seed
    #[arg(long, default_value_t = 0)]
    peers: u64,
    /// Mutants for olevba, which takes tens of milliseconds a file
    #[arg(long, default_value_t = 0)]
    olevba: u64,
    /// Start no further process after this many seconds; each has 20,000 mutants
    #[arg(long)]
    seconds: Option<u64>,
    /// The same seed gives the same mutants
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the tables to docs/robustness.md
    #[arg(long)]
    write: bool,
}

/// Why the sweep failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MutateError {
    #[error("{what}: {error}")]
    Io { what: String, error: io::Error },
    #[error("docsift-peers does not build")]
    Build,
    #[error(transparent)]
    Figures(#[from] FiguresError),
    #[error("docsift-peers answers {0:?}")]
    Answer(String),
    #[error("{reader} ends {times} times before its first mutant")]
    NoStart { reader: &'static str, times: u32 },
    #[error("{0} mutants do not hold\nput each input under corpus/regress/ with the fix")]
    Found(usize),
}

/// Address space of the process that reads.
const MEBIBYTES: u64 = 512;
/// A mutant may take this long before its process is ended, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// The same for the other readers, some of which hang often.
const PEERS_PATIENCE: Duration = Duration::from_secs(10);
/// Mutants for one process: a fresh one shows what stays behind.
const A_PROCESS: u64 = 20_000;
/// Inputs that are kept of each reader.
const KEPT: usize = 20;

/// A mutant that fell.
struct Found {
    number: u64,
    what: String,
    text: String,
}

#[derive(Default, Clone, Copy)]
struct Counts {
    mutants: u64,
    read: u64,
    refused: u64,
    slowest_micros: u64,
    slowest_number: u64,
    micros: u64,
}

/// What one reader did with all of its mutants.
#[derive(Default)]
struct Outcome {
    kinds: BTreeMap<String, Counts>,
    found: Vec<Found>,
    bases: u64,
    peak_kib: u64,
}

/// Builds and runs the sweep.
pub(crate) fn mutate(root: &Path, args: &Args) -> Result<(), MutateError> {
    let folder = root.join("target/mutate");
    let program = build(root, &folder)?;
    let work = folder.join("work");
    fs::create_dir_all(&work).map_err(|error| io_at(&work, error))?;
    let sweep = Sweep { program, work, seed: args.seed, patience: args.seconds.map(Duration::from_secs) };

    let ours = sweep.run("docsift", args.count)?;
    let table = table_of_kinds(&ours, args);
    println!("{table}");
    let mut sections = vec![("mutants", table)];
    let mut readers = vec![("docsift", None)];
    for (reader, count) in [("cfb", args.peers), ("calamine", args.peers), ("olevba", args.olevba)] {
        if count > 0 {
            readers.push((reader, Some(sweep.run(reader, count)?)));
        }
    }
    if readers.len() > 1 {
        let peers = table_of_readers(&ours, &readers);
        println!("{peers}");
        sections.push(("readers", peers));
    }
    if args.write {
        pages_of_figures::write(root, "robustness.md", &sections)?;
    }
    if ours.found.is_empty() { Ok(()) } else { Err(MutateError::Found(ours.found.len())) }
}

/// Optimised, with overflow checks, in a folder of its own.
fn build(root: &Path, folder: &Path) -> Result<PathBuf, MutateError> {
    let mut build = Command::new(env!("CARGO"));
    build.current_dir(root).args(["build", "--release", "--package", "docsift-peers"]);
    for setting in ["overflow-checks=true", "lto=false", "debug=1"] {
        build.arg("--config").arg(format!("profile.release.{setting}"));
    }
    build.arg("--target-dir").arg(folder).env("CARGO_INCREMENTAL", "0");
    let built = build.status().map_err(|error| MutateError::Io { what: "cargo build".into(), error })?;
    if built.success() { Ok(folder.join("release/docsift-peers")) } else { Err(MutateError::Build) }
}

struct Sweep {
    program: PathBuf,
    work: PathBuf,
    seed: u64,
    patience: Option<Duration>,
}

impl Sweep {
    fn run(&self, reader: &'static str, count: u64) -> Result<Outcome, MutateError> {
        let mut outcome = Outcome::default();
        let progress = self.work.join(format!("{reader}.number"));
        let begin = Instant::now();
        let (mut next, mut starts_in_vain) = (0, 0);
        while next < count && self.patience.is_none_or(|most| begin.elapsed() < most) {
            let end = (next + A_PROCESS).min(count);
            let _ = fs::remove_file(&progress);
            let ended = self.one_process(reader, next, end, &progress, &mut outcome)?;
            let Some(what) = ended else {
                next = end;
                eprintln!("{reader}: {next} of {count} in {} s", begin.elapsed().as_secs());
                continue;
            };
            let number =
                fs::read(&progress).ok().and_then(|bytes| Some(u64::from_le_bytes(bytes.try_into().ok()?)));
            let Some(number) = number else {
                starts_in_vain += 1;
                if starts_in_vain == 3 {
                    return Err(MutateError::NoStart { reader, times: starts_in_vain });
                }
                continue;
            };
            outcome.found.push(Found { number, what, text: String::new() });
            next = number + 1;
        }
        if reader == "docsift" {
            self.keep(&outcome)?;
        }
        Ok(outcome)
    }

    /// Runs the mutants up to `end`, and says how the process ended if it did so before.
    fn one_process(
        &self,
        reader: &str,
        from: u64,
        end: u64,
        progress: &Path,
        outcome: &mut Outcome,
    ) -> Result<Option<String>, MutateError> {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -v {} && exec \"$0\" \"$@\"", MEBIBYTES << 10)]);
        command.arg(&self.program).args(["mutants", reader]);
        command.args([self.seed, from, end].map(|number| number.to_string())).arg(progress);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| io_at(&self.program, error))?;
        let lines = lines(child.stdout.take());
        let mut last = (fs::read(progress).ok(), Instant::now());
        let patience = if reader == "docsift" { PATIENCE } else { PEERS_PATIENCE };
        let mut hung = false;
        loop {
            match lines.recv_timeout(Duration::from_secs(1)) {
                Ok(line) => outcome.take(&line)?,
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                    let number = fs::read(progress).ok();
                    if number != last.0 {
                        last = (number, Instant::now());
                    } else if last.1.elapsed() > patience && !hung {
                        hung = true;
                        child.kill().map_err(|error| io_at(&self.program, error))?;
                    }
                }
            }
        }
        let status = child.wait().map_err(|error| io_at(&self.program, error))?;
        Ok(match (hung, status.success()) {
            (true, _) => Some("hang".into()),
            (false, true) => None,
            (false, false) => Some("abort".into()),
        })
    }

    /// Prints what fell, and writes the first inputs to files.
    fn keep(&self, outcome: &Outcome) -> Result<(), MutateError> {
        for (index, found) in outcome.found.iter().enumerate() {
            println!("{} of mutant {}: {}", found.what, found.number, found.text);
            if index < KEPT {
                let path = self.work.join(format!("{}-{}-{}.bin", found.what, self.seed, found.number));
                let mut command = Command::new(&self.program);
                command.args(["mutants", "write"]);
                command.args([self.seed, found.number, 0].map(|number| number.to_string())).arg(&path);
                command.status().map_err(|error| io_at(&self.program, error))?;
                println!("  {}", path.display());
            }
        }
        Ok(())
    }
}

/// The lines of a child, from a thread: a pipe cannot be read with a time limit.
fn lines(output: Option<ChildStdout>) -> Receiver<String> {
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in output.into_iter().flat_map(|output| BufReader::new(output).lines()).map_while(Result::ok)
        {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

impl Outcome {
    fn take(&mut self, line: &str) -> Result<(), MutateError> {
        let strange = || MutateError::Answer(line.to_owned());
        let words: Vec<&str> = line.split('\t').collect();
        let number = |at: usize| -> Result<u64, MutateError> {
            words.get(at).and_then(|word| word.parse().ok()).ok_or_else(strange)
        };
        match words.first().copied() {
            Some("bases") => self.bases = number(1)?,
            Some("peak") => self.peak_kib = self.peak_kib.max(number(1)?),
            Some("found") => self.found.push(Found {
                number: number(1)?,
                what: words.get(2).copied().unwrap_or_default().to_owned(),
                text: words.get(3).copied().unwrap_or_default().to_owned(),
            }),
            Some("sum") => {
                let kind = words.get(1).ok_or_else(strange)?;
                let counts = self.kinds.entry((*kind).to_owned()).or_default();
                counts.mutants += number(2)?;
                counts.read += number(3)?;
                counts.refused += number(4)?;
                if number(6)? > counts.slowest_micros {
                    (counts.slowest_micros, counts.slowest_number) = (number(6)?, number(7)?);
                }
                counts.micros += number(8)?;
            }
            _ => return Err(strange()),
        }
        Ok(())
    }

    fn all(&self) -> Counts {
        self.kinds.values().fold(Counts::default(), |all, kind| Counts {
            mutants: all.mutants + kind.mutants,
            read: all.read + kind.read,
            refused: all.refused + kind.refused,
            slowest_micros: all.slowest_micros.max(kind.slowest_micros),
            slowest_number: 0,
            micros: all.micros + kind.micros,
        })
    }

    fn count(&self, what: &str) -> usize {
        self.found.iter().filter(|found| found.what == what).count()
    }
}

fn table_of_kinds(ours: &Outcome, args: &Args) -> String {
    let mut text = format!(
        "{} mutants of {} files (seed {}), each through `analyze` in a process with {MEBIBYTES} MiB of address space, \
         overflow checks on; times are those of the processor:\n\n",
        thousands(ours.all().mutants + (ours.count("abort") + ours.count("hang")) as u64),
        ours.bases,
        args.seed
    );
    text.push_str(
        "| mutation | mutants | read to the end | the report says what was not read | mean | slowest |\n",
    );
    text.push_str("|---|---:|---:|---:|---:|---:|\n");
    let row = |text: &mut String, name: &str, counts: &Counts| {
        let mean = counts.micros as f64 / counts.mutants.max(1) as f64 / 1e3;
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} | {mean:.2} ms | {} ms (mutant {}) |",
            thousands(counts.mutants),
            thousands(counts.read),
            thousands(counts.refused),
            counts.slowest_micros / 1000,
            counts.slowest_number
        );
    };
    for (name, counts) in &ours.kinds {
        row(&mut text, name, counts);
    }
    let all = ours.all();
    let _ = writeln!(
        text,
        "| all | {} | {} | {} | {:.2} ms | {} ms |",
        thousands(all.mutants),
        thousands(all.read),
        thousands(all.refused),
        all.micros as f64 / all.mutants.max(1) as f64 / 1e3,
        all.slowest_micros / 1000
    );
    let _ = writeln!(
        text,
        "\nPanics: {}. Aborts and other ends of the process: {}. More than {} s: {}. More steps than the limit: {}. \
         Largest address space of a process, with all the files in it: {} MiB.",
        ours.count("panic"),
        ours.count("abort"),
        PATIENCE.as_secs(),
        ours.count("hang"),
        ours.count("steps"),
        ours.peak_kib >> 10
    );
    text
}

fn table_of_readers(ours: &Outcome, readers: &[(&str, Option<Outcome>)]) -> String {
    let mut text = format!(
        "The first mutants of the same seed through other readers, each in a process with {MEBIBYTES} MiB of address \
         space. A file that a reader refuses with an error is no fault. An exception of a kind that olevba does not \
         declare (all but `FileOpenError`) counts as a panic.\n\n"
    );
    text.push_str(
        "| reader | mutants | read | refused, or partly read | panics | ends of the process | hangs |\n",
    );
    text.push_str("|---|---:|---:|---:|---:|---:|---:|\n");
    for (name, outcome) in readers {
        let outcome = outcome.as_ref().unwrap_or(ours);
        let counts = outcome.all();
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} | {} | {} | {} |",
            thousands(counts.mutants + (outcome.count("abort") + outcome.count("hang")) as u64),
            thousands(counts.read),
            thousands(counts.refused),
            outcome.count("panic") + outcome.count("exception"),
            outcome.count("abort") + outcome.count("ended"),
            outcome.count("hang")
        );
    }
    text
}

/// A number with its thousands apart.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

fn io_at(path: &Path, error: io::Error) -> MutateError {
    MutateError::Io { what: path.display().to_string(), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_all_lines_are_added_and_the_slowest_is_kept() {
        let mut outcome = Outcome::default();
        for line in [
            "bases\t12",
            "sum\tbytes\t10\t6\t3\t1\t500\t4\t900",
            "found\t7\tpanic\tat src/x.rs:1:2",
            "sum\tbytes\t10\t5\t5\t0\t400\t14\t700",
            "sum\tsplice\t2\t1\t1\t0\t90\t15\t100",
            "peak\t2048",
        ] {
            outcome.take(line).unwrap();
        }
        let all = outcome.all();
        assert_eq!((all.mutants, all.read, all.refused), (22, 12, 9));
        assert_eq!((all.slowest_micros, all.micros), (500, 1700));
        assert_eq!((outcome.bases, outcome.peak_kib, outcome.count("panic")), (12, 2048, 1));
        assert!(outcome.take("sum\tbytes\tx").is_err());
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(["1", "1 000", "12 345 678"], [1, 1000, 12_345_678].map(thousands).as_slice());
    }
}
