//! libFuzzer on the installed stable toolchain, without cargo-fuzz.
//!
//! Coverage comes from LLVM's pass `sancov-module`, which rustc on stable can be asked for, and
//! libFuzzer itself from the `libfuzzer-sys` crate, which needs a C++ compiler. There is no address
//! sanitizer: the library forbids `unsafe`.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use crate::dictionary;
use crate::mutate::thousands;
use crate::pages_of_figures::{self, FiguresError};

/// What to fuzz, and how long.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Seconds of processor time for each target
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Seconds that one input may take by the clock; more where other work has the processor
    #[arg(long, default_value_t = 20)]
    patience: u32,
    /// Targets that run at once; one a processor by default
    #[arg(long)]
    jobs: Option<usize>,
    /// Write the lines of these targets to docs/robustness.md
    #[arg(long)]
    write: bool,
    /// Write the dictionaries to this folder, and run nothing
    #[arg(long)]
    dictionaries: Option<PathBuf>,
    /// Targets; all by default
    targets: Vec<String>,
}

/// Why fuzzing failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FuzzError {
    #[error("{what}: {error}")]
    Io { what: String, error: io::Error },
    #[error("no target {0:?} in fuzz/fuzz_targets")]
    NoTarget(String),
    #[error("rustc does not say what it builds for")]
    NoHost,
    #[error("the targets do not build")]
    Build,
    #[error(transparent)]
    Figures(#[from] FiguresError),
    #[error("failed: {}\nput each input under corpus/regress/ with the fix", .0.join(", "))]
    Found(Vec<String>),
}

const FLAGS: &[&str] = &[
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Clink-dead-code",
    "-Coverflow-checks=on",
    "-Cdebug-assertions=on",
];

/// Packages that take longer to build for speed than fuzzing gains by it: decoders of pictures, and what makes or
/// reads a little of each input.
const BUILT_FAST: &[&str] = &[
    "docsift-corpus",
    "image",
    "mail-parser",
    "moxcms",
    "pxfm",
    "tiff",
    "typed-path",
    "zerocopy",
    "zip",
    "zune-jpeg",
];

const MEGABYTES: u32 = 2048;
const LONGEST_INPUT: u32 = 1 << 18;

/// Builds and runs targets.
pub(crate) fn fuzz(root: &Path, args: &Args) -> Result<(), FuzzError> {
    let targets = targets(root, &args.targets)?;
    if let Some(folder) = &args.dictionaries {
        for target in &targets {
            write_dictionary(root, target, folder)?;
        }
        return Ok(());
    }
    let build_folder = root.join("target/fuzz");
    let host = host()?;
    let mut build = Command::new(env!("CARGO"));
    build.current_dir(root).args(["build", "--release", "--package", "docsift-fuzz", "--target", &host]);
    // Link-time optimisation would drop the coverage tables, and costs more than it brings here.
    build.args([
        "--config",
        "profile.release.lto=false",
        "--config",
        "profile.release.debug='line-tables-only'",
    ]);
    for package in BUILT_FAST {
        build.arg("--config").arg(format!("profile.release.package.{package}.opt-level=1"));
    }
    build.arg("--target-dir").arg(&build_folder).env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
    build.args(["--bin", "every"]);
    let built = build.status().map_err(|error| FuzzError::Io { what: "cargo build".into(), error })?;
    if !built.success() {
        return Err(FuzzError::Build);
    }
    let jobs = args.jobs.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let program = build_folder.join(&host).join("release/every");
    let mut ends = run_all(root, &targets, &program, args, jobs.max(1))?;
    ends.sort_by(|one, other| one.target.cmp(&other.target));
    let lines: Vec<(&str, String)> = ends.iter().map(|end| (end.target.as_str(), end.line.clone())).collect();
    let failed: Vec<String> = ends.iter().filter(|end| !end.held).map(|end| end.target.clone()).collect();
    if args.write {
        let known = self::targets(root, &[])?;
        pages_of_figures::write_rows(root, "robustness.md", "fuzz", HEAD, &lines, &known)?;
    }
    if failed.is_empty() { Ok(()) } else { Err(FuzzError::Found(failed)) }
}

const HEAD: &str = "| target | processor seconds | executions | edges reached | peak memory | result |\n|---|---:|---:|---:|---:|---|";

/// What came of one target.
struct End {
    target: String,
    held: bool,
    /// Its line of the table.
    line: String,
}

/// Runs the targets, `jobs` at a time.
fn run_all(
    root: &Path,
    targets: &[String],
    program: &Path,
    args: &Args,
    jobs: usize,
) -> Result<Vec<End>, FuzzError> {
    let left = Mutex::new(targets.iter());
    let next = || left.lock().ok().and_then(|mut left| left.next());
    let job = || -> Result<Vec<End>, FuzzError> {
        let mut ends = Vec::new();
        while let Some(target) = next() {
            ends.push(run(root, target, program, args)?);
        }
        Ok(ends)
    };
    thread::scope(|scope| {
        let jobs: Vec<_> = (0..jobs).map(|_| scope.spawn(job)).collect();
        let mut ends = Vec::new();
        for job in jobs {
            ends.extend(job.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(ends)
    })
}

fn write_dictionary(root: &Path, target: &str, folder: &Path) -> Result<PathBuf, FuzzError> {
    let path = folder.join(format!("{target}.dict"));
    let words = dictionary::dictionary(root, target).map_err(|error| at(root, error))?;
    fs::create_dir_all(folder).and_then(|()| fs::write(&path, words)).map_err(|error| at(&path, error))?;
    Ok(path)
}

const SEEDS: &[&str] = &[
    "corpus/synthetic",
    "corpus/regress/hang",
    "corpus/regress/panic",
    "corpus/regress/memory",
    "corpus/regress/wrong",
];

/// Lists the seeds for libFuzzer, which takes those of a folder in the order in which a file system keeps them.
fn write_seeds(root: &Path, folder: &Path) -> Result<PathBuf, FuzzError> {
    let mut seeds = Vec::new();
    for name in SEEDS {
        seeds.extend(files(&root.join(name))?);
    }
    seeds.sort();
    let list: Vec<_> = seeds.iter().map(|path| path.to_string_lossy()).collect();
    let path = folder.join("seeds");
    fs::write(&path, list.join(",")).map_err(|error| at(&path, error))?;
    Ok(path)
}

fn targets(root: &Path, wanted: &[String]) -> Result<Vec<String>, FuzzError> {
    let folder = root.join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&folder).map_err(|error| at(&folder, error))?;
    let mut known = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| at(&folder, error))?.path();
        known.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    known.sort();
    if let Some(other) = wanted.iter().find(|name| !known.contains(name)) {
        return Err(FuzzError::NoTarget(other.clone()));
    }
    Ok(if wanted.is_empty() { known } else { wanted.to_vec() })
}

fn host() -> Result<String, FuzzError> {
    let rustc = Command::new("rustc").arg("-vV").output();
    let Output { stdout, .. } = rustc.map_err(|error| FuzzError::Io { what: "rustc".into(), error })?;
    let stdout = String::from_utf8_lossy(&stdout);
    let host = stdout.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or(FuzzError::NoHost)
}

/// Runs one target.
fn run(root: &Path, target: &str, program: &Path, args: &Args) -> Result<End, FuzzError> {
    let seconds = args.seconds;
    let found_folder = root.join("fuzz/artifacts").join(target);
    let grown_folder = root.join("fuzz/corpus").join(target);
    for folder in [&found_folder, &grown_folder] {
        fs::create_dir_all(folder).map_err(|error| at(folder, error))?;
    }
    let before = files(&found_folder)?;
    let dictionary = write_dictionary(root, target, &root.join("target/fuzz/dictionaries"))?;
    let seeds = write_seeds(root, &root.join("target/fuzz"))?;
    let mut fuzzer = Command::new(program);
    fuzzer.env("DOCSIFT_BODY", target).args([
        format!("-timeout={}", args.patience),
        format!("-rss_limit_mb={MEGABYTES}"),
        format!("-max_len={LONGEST_INPUT}"),
        format!("-artifact_prefix={}/", found_folder.display()),
        // The same inputs on every run and machine, so that CI says the same of the same commit.
        "-seed=1".into(),
        "-reload=0".into(),
        format!("-seed_inputs=@{}", seeds.display()),
        "-print_final_stats=1".into(),
        format!("-dict={}", dictionary.display()),
    ]);
    // What the fuzzer keeps goes to this folder; seeds are only read.
    fuzzer.arg(&grown_folder);
    let log_file = root.join("target/fuzz").join(format!("{target}.log"));
    let stderr = File::create(&log_file).map_err(|error| at(&log_file, error))?;
    let mut child =
        fuzzer.stdout(Stdio::null()).stderr(stderr).spawn().map_err(|error| at(program, error))?;
    let status = wait(&mut child, seconds).map_err(|error| at(program, error))?;
    let log = fs::read(&log_file).map_err(|error| at(&log_file, error))?;
    let log = String::from_utf8_lossy(&log);
    let stat = |name: &str| log.lines().find_map(|line| line.strip_prefix(name)).map_or("?", str::trim);
    let (runs, rss) = (stat("stat::number_of_executed_units:"), stat("stat::peak_rss_mb:"));
    let edges = edges(&log);
    let new: Vec<PathBuf> = files(&found_folder)?.into_iter().filter(|path| !before.contains(path)).collect();
    let held = status.success() && new.is_empty();
    let result = if held { "held" } else { "FAILED" };
    // Printed as a whole: other targets end at the same time.
    let mut said =
        format!("{target:<14} {runs} executions in {seconds} s, {edges} edges, peak {rss} MB, {result}\n");
    let runs = runs.parse().map_or_else(|_| runs.to_owned(), thousands);
    let mut line = String::new();
    let _ = write!(line, "| {target} | {seconds} | {runs} | {edges} | {rss} MB | {result} |");
    if !held {
        for path in &new {
            let _ = writeln!(said, "  input: {}", path.display());
        }
        let lines: Vec<&str> = log.lines().collect();
        for line in &lines[lines.len().saturating_sub(60)..] {
            let _ = writeln!(said, "  {line}");
        }
    }
    print!("{said}");
    Ok(End { target: target.to_owned(), held, line })
}

/// Waits for a fuzzer, and asks it to end when it has had its processor time.
fn wait(child: &mut Child, seconds: u32) -> io::Result<ExitStatus> {
    let since = Instant::now();
    let mut asked = false;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        let spent = processor_time(child.id()).unwrap_or_else(|| since.elapsed());
        if !asked && spent >= Duration::from_secs(seconds.into()) {
            // libFuzzer ends in good order on this signal, with its figures.
            asked = Command::new("kill").args(["-USR1", &child.id().to_string()]).status()?.success();
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// Processor time of a process, where the system has `/proc`: fields 14 and 15 of `stat` (proc(5)), in
/// hundredths of a second on every Linux that Rust's standard library supports.
fn processor_time(process: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program in parentheses may have spaces.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

/// Edges reached, of those in the target's own code.
fn edges(log: &str) -> String {
    let number = |line: &str, mark: &str| -> Option<u64> {
        let after = line.split_once(mark)?.1.trim_start();
        after.split(|char: char| !char.is_ascii_digit()).next()?.parse().ok()
    };
    let reached = log.lines().rev().find_map(|line| number(line, " cov: "));
    let all = log.lines().find_map(|line| number(line.split_once("PC tables")?.1, "("));
    match (reached, all) {
        (Some(reached), Some(all)) => format!("{} of {}", thousands(reached), thousands(all)),
        _ => "?".into(),
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, FuzzError> {
    let entries = fs::read_dir(folder).map_err(|error| at(folder, error))?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(|error| at(folder, error))).collect()
}

fn at(path: &Path, error: io::Error) -> FuzzError {
    FuzzError::Io { what: path.display().to_string(), error }
}

#[cfg(test)]
mod tests {
    use super::edges;

    #[test]
    fn edges_are_those_of_the_last_line_that_counts_them() {
        let log = "INFO: Loaded 1 PC tables (211035 PCs): 211035 [0x55,0x56),\n\
                   #262\tINITED cov: 9001 ft: 20 corp: 3/4b exec/s: 0 rss: 61Mb\n\
                   #900\tNEW    cov: 9040 ft: 21 corp: 4/5b lim: 4 exec/s: 0 rss: 61Mb L: 1/4 MS: 1 -\n\
                   Done 900 runs in 4 second(s)\n";
        assert_eq!(edges(log), "9 040 of 211 035");
        assert_eq!(edges("no such line"), "?");
    }
}
