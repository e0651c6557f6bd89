//! What is shipped, in bytes without symbols, and how long the command line takes from its start.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::install::{self, InstallError, SYSTEM, VERSION, at, compiler, run};
use crate::pages_of_figures::{self, FiguresError};

/// How much is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How often each program is started
    #[arg(long, default_value_t = 301)]
    starts: usize,
    /// Write the table to docs/robustness.md
    #[arg(long)]
    write: bool,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SizesError {
    #[error(transparent)]
    Install(#[from] InstallError),
    #[error("{}: {error}", path.display())]
    Start { path: PathBuf, error: io::Error },
    #[error("{} {} ended with {status:?}", path.display(), arguments.join(" "))]
    Ended { path: PathBuf, arguments: Vec<String>, status: Option<i32> },
    #[error(transparent)]
    Figures(#[from] FiguresError),
}

/// A workbook of three texts and a formula, and a document of a sentence.
const SMALL: [&str; 2] = ["plain-workbook.xls", "word-plain.docx"];

/// Builds everything optimised, strips it and measures.
pub(crate) fn sizes(root: &Path, args: &Args) -> Result<(), SizesError> {
    let root = fs::canonicalize(root).map_err(at(root))?;
    let work = root.join("target/sizes");
    let prefix = work.join("prefix");
    install::into(&root, &prefix, true)?;
    let mut build = Command::new(env!("CARGO"));
    build.current_dir(&root).args(["build", "--quiet", "--locked", "--release", "--package", "docsift-cli"]);
    run(&mut build)?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);

    let program = work.join("scan_file.full");
    let mut compile = compiler("CC", "cc");
    compile.args(["-std=c11", "-O2", "-Wl,--gc-sections", "-I"]).arg(prefix.join("include"));
    compile.arg("-o").arg(&program).arg(root.join("examples/c/scan_file.c"));
    run(compile.arg(prefix.join("lib/libdocsift.a")).args(SYSTEM))?;

    let shared = prefix.join("lib").join(format!("libdocsift.so.{VERSION}"));
    let cli = work.join("docsift");
    let files = [
        ("`libdocsift.so`", shared, work.join("libdocsift.so")),
        ("`scan_file` in C with `libdocsift.a`", program, work.join("scan_file")),
        ("`docsift`, the command line", target.join("release/docsift"), cli.clone()),
    ];
    let mut table = "| stripped | MiB |\n|---|---:|\n".to_owned();
    for (name, from, to) in &files {
        run(Command::new("strip").arg("-o").arg(to).arg(from))?;
        let len = fs::metadata(to).map_err(at(to))?.len();
        table += &format!("| {name} | {:.2} |\n", len as f64 / f64::from(1 << 20));
    }

    table += "\n| start | median | fastest | instructions of its own |\n|---|---:|---:|---:|\n";
    let mut row = |name: &str, path: &Path, arguments: &[String]| -> Result<(), SizesError> {
        let (median, fastest) = starts(path, arguments, args.starts)?;
        let millis = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
        let counted = instructions(path, arguments)
            .map_or_else(|| "not counted".to_owned(), |count| format!("{:.1} M", count as f64 / 1e6));
        table += &format!("| {name} | {} | {} | {counted} |\n", millis(median), millis(fastest));
        Ok(())
    };
    row("`true`, for comparison", Path::new("/bin/true"), &[])?;
    row("`docsift --version`", &cli, &["--version".to_owned()])?;
    for name in SMALL {
        let file = root.join("corpus/synthetic").join(name);
        let len = fs::metadata(&file).map_err(at(&file))?.len();
        let arguments = ["scan".to_owned(), file.display().to_string()];
        row(&format!("`docsift scan {name}` ({len} bytes)"), &cli, &arguments)?;
    }
    print!("{table}");
    if args.write {
        let text = format!("{} starts of each program, one after the other.\n\n{table}", args.starts);
        pages_of_figures::write(&root, "robustness.md", &[("sizes", text)])?;
    }
    Ok(())
}

/// Median and least time from the start of a program to its end.
fn starts(path: &Path, arguments: &[String], count: usize) -> Result<(Duration, Duration), SizesError> {
    let mut times = Vec::new();
    for _ in 0..count.max(1) {
        let mut command = Command::new(path);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let begin = Instant::now();
        let status = command.status().map_err(|error| SizesError::Start { path: path.to_owned(), error })?;
        times.push(begin.elapsed());
        if !status.success() {
            let (path, arguments) = (path.to_owned(), arguments.to_vec());
            return Err(SizesError::Ended { path, arguments, status: status.code() });
        }
    }
    times.sort_unstable();
    Ok((times[times.len() / 2], times[0]))
}

/// Instructions outside of the kernel, as valgrind counts them; none when it is not there.
fn instructions(path: &Path, arguments: &[String]) -> Option<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(path).args(arguments);
    let output = valgrind.stdin(Stdio::null()).stdout(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
}
