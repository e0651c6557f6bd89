//! Time of docsift beside olevba, calamine, XLMMacroDeobfuscator, one SHA-256 of the same bytes and
//! bare inflation of the same packages.
//!
//! Each reader is asked for one file in turn, so that all of them meet the same noise of the
//! machine. The peers are child processes that read the file, then time their own work, so that
//! neither start-up nor the disk is counted. A file counts for a ratio if both readers read it.

mod child;
mod crypto;
mod macros;
mod peers;

use std::hint::black_box;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use std::{env, fs};

use docsift::containers::sniff::{FileKind, sniff};
use docsift::{Analyzer, Report};
use docsift_corpus::{heavy, hostile};
use sha2::{Digest, Sha256};

use crate::files;
pub(crate) use child::ENDED;
use child::{Child, Outcome};
pub use macros::run as run_macros;
pub use peers::{answer_for_calamine, print_first_call};
pub(crate) use peers::{cells, olevba};

/// Rounds over all files with the readers that take milliseconds at most.
const ROUNDS: usize = 9;
/// Rounds in which olevba is asked as well.
const OLEVBA_ROUNDS: usize = 3;
/// Fresh processes for the cold start.
const STARTS: usize = 15;

/// What one run is to measure.
struct Plan {
    rounds: usize,
    olevba_rounds: usize,
    paths: Vec<PathBuf>,
}

impl Plan {
    fn from(arguments: &[PathBuf]) -> Result<Self, String> {
        let mut plan = Plan { rounds: ROUNDS, olevba_rounds: OLEVBA_ROUNDS, paths: Vec::new() };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let target = match argument.to_str() {
                Some("--rounds") => &mut plan.rounds,
                Some("--olevba-rounds") => &mut plan.olevba_rounds,
                _ => {
                    plan.paths.push(argument.clone());
                    continue;
                }
            };
            let number = arguments.next().and_then(|number| number.to_str()?.parse().ok());
            *target = number.ok_or_else(|| format!("{} needs a number", argument.display()))?;
        }
        plan.rounds = plan.rounds.max(1);
        if plan.paths.is_empty() {
            plan.paths = vec![files::samples().ok_or("name a file or a folder")?];
        }
        Ok(plan)
    }
}

/// The command `bench-crypto [--rounds N]`: only what concerns mails and encryption.
pub fn run_crypto(arguments: &[PathBuf]) -> ExitCode {
    if cfg!(debug_assertions) {
        println!("A build without --release: the times say nothing.");
    }
    match Plan::from(&[arguments, &[PathBuf::from(".")]].concat()) {
        Ok(plan) => {
            crypto::print(plan.rounds);
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::from(2)
        }
    }
}

/// The command `bench [--rounds N] [--olevba-rounds N] [PATH...]`.
pub fn run(arguments: &[PathBuf]) -> ExitCode {
    match Plan::from(arguments).and_then(|plan| bench(&plan)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::from(2)
        }
    }
}

fn bench(plan: &Plan) -> Result<(), String> {
    if cfg!(debug_assertions) {
        println!("A build without --release: the times say nothing.\n");
    }
    let files: Vec<File> = files::files_under(&plan.paths).into_iter().filter_map(File::read).collect();
    let mut readers = Readers::start(plan.olevba_rounds > 0);
    let (workbooks, others): (Vec<File>, Vec<File>) =
        files.into_iter().partition(|file| file.kind == Kind::Workbook);
    let (packages, others): (Vec<File>, Vec<File>) =
        others.into_iter().partition(|file| file.kind == Kind::Package);
    for (what, files) in [
        ("workbooks (.xls by name or content)", &workbooks),
        ("packages (ZIP by content)", &packages),
        ("other files", &others),
    ] {
        let bytes: usize = files.iter().map(|file| file.content.len()).sum();
        println!("\n{} {what}, {bytes} bytes", files.len());
        if files.is_empty() {
            continue;
        }
        let rounds: Vec<Vec<Row>> = (0..plan.rounds)
            .map(|round| {
                eprintln!("{what}: round {} of {}", round + 1, plan.rounds);
                files.iter().map(|file| readers.row(file, round < plan.olevba_rounds)).collect()
            })
            .collect();
        print_files(files, &rounds);
    }
    print_cold_start(&workbooks)?;
    macros::print_steps(plan.rounds);
    macros::print_files([&workbooks[..], &packages].concat().as_slice(), plan.rounds, plan.olevba_rounds);
    print_heavy(&mut readers, plan.rounds)?;
    print_hostile(&readers.analyzer, plan.rounds);
    crypto::print(plan.rounds);
    Ok(())
}

/// What a file is measured as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A workbook of BIFF, in a compound file or bare.
    Workbook,
    /// A ZIP.
    Package,
    /// Anything else.
    Other,
}

/// A file that is measured.
#[derive(Clone)]
struct File {
    path: PathBuf,
    content: Vec<u8>,
    kind: Kind,
    /// Whether docsift reads all of it: no problem that bars "nothing found".
    is_read: bool,
    /// Whether it has Excel 4.0 macros.
    has_xlm: bool,
}

impl File {
    fn read(path: PathBuf) -> Option<Self> {
        let content = fs::read(&path).ok()?;
        let report = docsift::analyze(&content);
        let named = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xls"));
        let is_workbook = has_workbook(&report);
        let sniffed = sniff(&content);
        let kind = if sniffed == FileKind::Zip {
            Kind::Package
        } else if (sniffed.is_biff() || sniffed.is_compound_file()) && (named || is_workbook) {
            Kind::Workbook
        } else {
            Kind::Other
        };
        let is_read = report.verdict.complete && (kind != Kind::Workbook || is_workbook);
        Some(File { is_read, has_xlm: report.active_content.has_xlm, kind, path, content })
    }
}

fn has_workbook(report: &Report) -> bool {
    report.parts.iter().any(|part| part.kind.contains("biff") || part.kind.contains("workbook"))
}

/// The times of one file in one round.
struct Row {
    docsift: Duration,
    sha256: Duration,
    inflate: Option<Duration>,
    calamine: Outcome,
    olevba: Option<Outcome>,
}

struct Readers {
    analyzer: Analyzer,
    calamine: Child,
    olevba: Option<Child>,
}

impl Readers {
    fn start(with_olevba: bool) -> Self {
        let olevba = with_olevba.then(peers::olevba).and_then(|child| match child {
            Ok(child) => Some(child),
            Err(reason) => {
                println!("olevba: not compared: {reason}");
                None
            }
        });
        Readers { analyzer: Analyzer::default(), calamine: peers::calamine(), olevba }
    }

    fn row(&mut self, file: &File, with_olevba: bool) -> Row {
        // Once to warm the caches, as the peers do by reading the file just before.
        let sha256 = time(|| Sha256::digest(&file.content));
        let docsift = time(|| self.analyzer.analyze(&file.content));
        let inflate = (file.kind == Kind::Package).then(|| inflate(&file.content)).flatten();
        let olevba = self.olevba.as_mut().filter(|_| with_olevba).map(|child| child.ask(&file.path));
        Row { docsift, sha256, inflate, calamine: self.calamine.ask(&file.path), olevba }
    }
}

/// The time that the crate `zip` takes to inflate every member of a package.
fn inflate(content: &[u8]) -> Option<Duration> {
    let mut all = true;
    let took = time(|| {
        let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(content)) else {
            all = false;
            return;
        };
        let mut bytes = Vec::new();
        for index in 0..archive.len() {
            bytes.clear();
            all &= archive.by_index(index).is_ok_and(|mut member| member.read_to_end(&mut bytes).is_ok());
            black_box(&bytes);
        }
    });
    all.then_some(took)
}

/// The time of one call; dropping the result is not counted.
fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let begin = Instant::now();
    let result = black_box(work());
    let took = begin.elapsed();
    drop(result);
    took
}

fn print_files(files: &[File], rounds: &[Vec<Row>]) {
    let count = files.len();
    let read = files.iter().filter(|file| file.is_read).count();
    println!("\ndocsift reads {read} of {count} to the end; it gives a report on all");
    let all = rounds.iter().map(|rows| rows.iter().map(|row| row.docsift).sum::<Duration>());
    let all = median(all.collect());
    println!(
        "docsift, all {count}: {} in all, {} a file (mean; median of {} rounds)",
        ms(all),
        ms(all / count.max(1) as u32),
        rounds.len()
    );
    let bytes: usize = files.iter().map(|file| file.content.len()).sum();
    println!("docsift, all {count}: {:.0} MB/s", bytes as f64 / 1e6 / all.as_secs_f64());
    let mut each: Vec<(Duration, &File)> = files
        .iter()
        .enumerate()
        .map(|(index, file)| (median(rounds.iter().map(|rows| rows[index].docsift).collect()), file))
        .collect();
    each.sort_by_key(|(took, _)| *took);
    let at = |share: usize| {
        each.get(count.saturating_sub(1) * share / 100).map_or(Duration::ZERO, |(took, _)| *took)
    };
    println!("docsift, a file: median {}, 95 of 100 within {}", ms(at(50)), ms(at(95)));
    for (took, file) in each.iter().rev().take(8) {
        let rate = file.content.len() as f64 / 1e6 / took.as_secs_f64();
        println!("  {} {} ({} bytes, {rate:.0} MB/s)", ms(*took), file.path.display(), file.content.len());
    }
    println!(
        "\n{:<10} {:>5} {:>12} {:>12} {:>8} {:>8}",
        "peer", "files", "peer's", "docsift's", "ratio", "a file"
    );
    compare("sha256", files, rounds, |row| Some(row.sha256));
    compare("inflate", files, rounds, |row| row.inflate);
    compare("calamine", files, rounds, |row| row.calamine.clone().ok());
    compare("olevba", files, rounds, |row| row.olevba.clone()?.ok());
    print_failures("calamine", files, &rounds[0], |row| row.calamine.clone().err());
    print_failures("olevba", files, &rounds[0], |row| row.olevba.clone()?.err());
}

/// One line: the total times over the files that both read, and their ratio, as the median of the
/// rounds; then the ratio for the file in the middle.
fn compare(peer: &str, files: &[File], rounds: &[Vec<Row>], theirs: impl Fn(&Row) -> Option<Duration>) {
    let mut both = 0;
    let (mut peers, mut ours, mut ratios, mut of_files) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for rows in rounds {
        let pairs: Vec<(Duration, Duration)> = files
            .iter()
            .zip(rows)
            .filter(|(file, _)| file.is_read)
            .filter_map(|(_, row)| Some((theirs(row)?, row.docsift)))
            .collect();
        if pairs.is_empty() {
            continue;
        }
        both = pairs.len();
        of_files.extend(pairs.iter().map(|(peer, our)| peer.as_secs_f64() / our.as_secs_f64()));
        let total = |side: fn(&(Duration, Duration)) -> Duration| pairs.iter().map(side).sum::<Duration>();
        let (peer, our) = (total(|pair| pair.0), total(|pair| pair.1));
        ratios.push(peer.as_secs_f64() / our.as_secs_f64());
        peers.push(peer);
        ours.push(our);
    }
    ratios.sort_by(f64::total_cmp);
    of_files.sort_by(f64::total_cmp);
    let of_file = of_files.get(of_files.len() / 2).copied().unwrap_or(0.0);
    let Some(ratio) = ratios.get(ratios.len() / 2) else {
        println!("{peer:<10} {:>5}", 0);
        return;
    };
    let rounds = ratios.len();
    let (peers, ours) = (ms(median(peers)), ms(median(ours)));
    println!(
        "{peer:<10} {both:>5} {peers:>12} {ours:>12} {ratio:>8.2} {of_file:>8.2}  (median of {rounds} rounds)"
    );
}

fn print_failures(peer: &str, files: &[File], rows: &[Row], reason: impl Fn(&Row) -> Option<String>) {
    let failures: Vec<(&File, String)> =
        files.iter().zip(rows).filter_map(|(file, row)| Some((file, reason(row)?))).collect();
    println!("\n{peer} does not read {} of {}", failures.len(), files.len());
    let read_by_us = failures.iter().filter(|(file, _)| file.is_read).count();
    println!("  {read_by_us} of these are read to the end by docsift");
    let ended = failures.iter().filter(|(_, reason)| reason.starts_with(child::ENDED)).count();
    println!("  {ended} of these ended or stopped the process");
}

fn print_cold_start(files: &[File]) -> Result<(), String> {
    let mut by_size: Vec<&File> = files.iter().filter(|file| file.is_read).collect();
    by_size.sort_by_key(|file| file.content.len());
    let Some(file) = by_size.get(by_size.len() / 2) else { return Ok(()) };
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let output = Command::new(&program).arg("first-call").arg(&file.path).output();
        let output = output.map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&output.stdout);
        times.push(Duration::from_nanos(said.trim().parse().map_err(|_| "no time from first-call")?));
    }
    println!(
        "\nfirst call in a fresh process: {} (median of {STARTS}; {}, {} bytes)",
        ms(median(times)),
        file.path.display(),
        file.content.len()
    );
    Ok(())
}

/// Generated workbooks: throughput of docsift, of calamine and of SHA-256.
fn print_heavy(readers: &mut Readers, rounds: usize) -> Result<(), String> {
    let folder = env::temp_dir().join(format!("docsift-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    println!(
        "\n{:<24} {:>10} {:>12} {:>9} {:>9} {:>12} {:>12}",
        "generated", "bytes", "docsift", "MB/s", "fastest", "sha256", "calamine"
    );
    type Make = fn() -> Vec<u8>;
    let makes: [(&str, Make); 3] = [
        ("cells 20", || heavy::cells(20)),
        ("one_string_many_cells", || heavy::one_string_many_cells(1_000_000)),
        ("one_formula_many_cells", || heavy::one_formula_many_cells(1_000_000)),
    ];
    for (name, make) in makes {
        let path = folder.join(format!("{name}.xls"));
        fs::write(&path, make()).map_err(|error| error.to_string())?;
        print_heavy_line(readers, name, &path, rounds);
    }
    fs::remove_dir_all(&folder).map_err(|error| error.to_string())
}

fn print_heavy_line(readers: &mut Readers, name: &str, path: &Path, rounds: usize) {
    let Ok(content) = fs::read(path) else { return };
    let (report, steps) = readers.analyzer.analyze_counting(&content);
    let (is_read, has_xlm) = (report.verdict.complete, report.active_content.has_xlm);
    let file = File { path: path.to_owned(), kind: Kind::Workbook, is_read, has_xlm, content };
    let rows: Vec<Row> = (0..rounds).map(|_| readers.row(&file, false)).collect();
    let fastest = rows.iter().map(|row| row.docsift).min().unwrap_or_default();
    let fastest = file.content.len() as f64 / 1e6 / fastest.as_secs_f64();
    let ours = median(rows.iter().map(|row| row.docsift).collect());
    let hash = median(rows.iter().map(|row| row.sha256).collect());
    let theirs: Result<Vec<_>, _> = rows.iter().map(|row| row.calamine.clone()).collect();
    let rate = file.content.len() as f64 / 1e6 / ours.as_secs_f64();
    println!(
        "{name:<24} {:>10} {:>12} {rate:>9.0} {fastest:>9.0} {:>12} {:>12}  {steps} steps{}",
        file.content.len(),
        ms(ours),
        ms(hash),
        theirs.map_or_else(|reason| reason, |times| ms(median(times))),
        if file.is_read { "" } else { ", not read to the end" }
    );
}

/// Size of the hostile files.
const HOSTILE_LEN: usize = 4 << 20;

/// What a step costs where most is asked of it: the dearest generators first.
fn print_hostile(analyzer: &Analyzer, rounds: usize) {
    let mut lines: Vec<(f64, String)> = hostile::ALL
        .iter()
        .map(|(name, make)| {
            let content = make(HOSTILE_LEN);
            let mut spent = 0;
            let once = || {
                time(|| {
                    let (report, steps) = analyzer.analyze_counting(&content);
                    spent = steps;
                    report
                })
            };
            let took = median(std::iter::repeat_with(once).take(rounds).collect());
            let each = took.as_secs_f64() * 1e9 / spent.max(1) as f64;
            (each, format!("{name:<32} {:>9} {:>12} {spent:>9} {each:>6.0}", content.len(), ms(took)))
        })
        .collect();
    lines.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    println!("\n{:<32} {:>9} {:>12} {:>9} {:>6}", "hostile", "bytes", "docsift", "steps", "ns");
    for (_, line) in lines {
        println!("{line}");
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn ms(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1e3)
}
