//! libFuzzer on the installed stable toolchain, without cargo-fuzz.
//!
//! Coverage comes from LLVM's pass `sancov-module`, which rustc on stable can be asked for, and
//! libFuzzer itself from the `libfuzzer-sys` crate, which needs a C++ compiler. There is no address
//! sanitizer: the library forbids `unsafe`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What to fuzz, and how long.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Seconds for each target
    #[arg(long, default_value_t = 60)]
    seconds: u32,
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

/// One input may take this long; the library's step limit ends an analysis far earlier.
const SECONDS_AN_INPUT: u32 = 20;
const MEGABYTES: u32 = 2048;
const LONGEST_INPUT: u32 = 1 << 18;

/// Builds and runs targets.
pub(crate) fn fuzz(root: &Path, args: &Args) -> Result<(), FuzzError> {
    let targets = targets(root, &args.targets)?;
    let build_folder = root.join("target/fuzz");
    let host = host()?;
    let mut build = Command::new(env!("CARGO"));
    build.current_dir(root).args(["build", "--release", "--package", "docsift-fuzz", "--target", &host]);
    // Link-time optimisation would drop the coverage tables, and costs more than it brings here.
    build.args(["--config", "profile.release.lto=false", "--config", "profile.release.debug=1"]);
    build.arg("--target-dir").arg(&build_folder).env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
    for target in &targets {
        build.args(["--bin", target]);
    }
    let built = build.status().map_err(|error| FuzzError::Io { what: "cargo build".into(), error })?;
    if !built.success() {
        return Err(FuzzError::Build);
    }
    let mut failed = Vec::new();
    for target in &targets {
        let program = build_folder.join(&host).join("release").join(target);
        if !run(root, target, &program, args.seconds)? {
            failed.push(target.clone());
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(FuzzError::Found(failed)) }
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

/// Runs one target, and says whether nothing was found.
fn run(root: &Path, target: &str, program: &Path, seconds: u32) -> Result<bool, FuzzError> {
    let found_folder = root.join("fuzz/artifacts").join(target);
    let grown_folder = root.join("fuzz/corpus").join(target);
    for folder in [&found_folder, &grown_folder] {
        fs::create_dir_all(folder).map_err(|error| at(folder, error))?;
    }
    let before = files(&found_folder)?;
    let mut fuzzer = Command::new(program);
    fuzzer.args([
        format!("-max_total_time={seconds}"),
        format!("-timeout={SECONDS_AN_INPUT}"),
        format!("-rss_limit_mb={MEGABYTES}"),
        format!("-max_len={LONGEST_INPUT}"),
        format!("-artifact_prefix={}/", found_folder.display()),
        // The same inputs on every run, so that CI says the same of the same commit.
        "-seed=1".into(),
        "-print_final_stats=1".into(),
    ]);
    // What the fuzzer keeps goes to the first folder; the others are only read.
    fuzzer.arg(&grown_folder);
    for seeds in [
        "corpus/synthetic",
        "corpus/regress/hang",
        "corpus/regress/panic",
        "corpus/regress/memory",
        "corpus/regress/wrong",
    ]
    .map(|folder| root.join(folder))
    {
        if seeds.is_dir() {
            fuzzer.arg(seeds);
        }
    }
    let Output { status, stderr, .. } = fuzzer.output().map_err(|error| at(program, error))?;
    let log = String::from_utf8_lossy(&stderr);
    let stat = |name: &str| log.lines().find_map(|line| line.strip_prefix(name)).map_or("?", str::trim);
    let (runs, rss) = (stat("stat::number_of_executed_units:"), stat("stat::peak_rss_mb:"));
    let new: Vec<PathBuf> = files(&found_folder)?.into_iter().filter(|path| !before.contains(path)).collect();
    let held = status.success() && new.is_empty();
    println!(
        "{target:<12} {runs} executions in {seconds} s, peak {rss} MB, {}",
        if held { "held" } else { "FAILED" }
    );
    if !held {
        for path in &new {
            println!("  input: {}", path.display());
        }
        let lines: Vec<&str> = log.lines().collect();
        for line in &lines[lines.len().saturating_sub(60)..] {
            println!("  {line}");
        }
    }
    Ok(held)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, FuzzError> {
    let entries = fs::read_dir(folder).map_err(|error| at(folder, error))?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(|error| at(folder, error))).collect()
}

fn at(path: &Path, error: io::Error) -> FuzzError {
    FuzzError::Io { what: path.display().to_string(), error }
}
