//! Programs in C and C++ against the library as it is installed: built with all warnings as errors,
//! with the shared and the static library, under AddressSanitizer and valgrind.
//!
//! What they print is compared with what the Rust library says of the same file. A program that is
//! missing is an error that names it: `--without` is how one does without.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use docsift::report::{Location, Report};
use docsift::{Analyzer, Environment, Input, Options, TraceOptions};

use crate::header;
use crate::install::{self, InstallError, SYSTEM, VERSION, at, compiler, run, write};

/// What to do without.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Leave out a check whose program is not there
    #[arg(long, value_enum)]
    without: Vec<Optional>,
}

/// A check that needs a program of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Optional {
    Asan,
    Valgrind,
    PkgConfig,
    Cmake,
}

/// Why a program does not hold.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CtestError {
    #[error(transparent)]
    Install(#[from] InstallError),
    #[error("no {program}: {error}; install it, or leave its check out with `--without {without}`")]
    Missing { program: String, error: io::Error, without: &'static str },
    #[error("{what}: ended with {status:?}\n{err}")]
    Ended { what: String, status: Option<i32>, err: String },
    #[error("{what}: printed\n{got}\ninstead of\n{expected}")]
    Printed { what: String, got: String, expected: String },
    #[error("the shared library exports {got:?}, and docsift.h declares {expected:?}")]
    Symbols { got: Vec<String>, expected: Vec<String> },
    #[error("the shared library is named {got:?}, and not {expected:?}")]
    Name { got: String, expected: String },
    #[error("a report has {0:?}, which the options refuse")]
    Options(#[from] docsift::OptionsError),
    #[error("the environment that a program is given, {0}")]
    Environment(#[from] docsift::EnvironmentError),
}

/// A program, what it is given, and what must come of it.
struct Case {
    program: &'static str,
    arguments: Vec<String>,
    stdin: Vec<u8>,
    status: i32,
    stdout: String,
}

const WARNINGS: &[&str] = &["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror", "-g"];
const PROGRAMS: &[(&str, &str)] = &[
    ("scan_file", "examples/c/scan_file.c"),
    ("scan_buffer", "examples/c/scan_buffer.c"),
    ("walk_findings", "examples/c/walk_findings.c"),
    ("trace_macros", "examples/c/trace_macros.c"),
    ("scan_raii", "examples/c/scan_raii.cpp"),
    ("contract", "capi/tests/contract.c"),
    // A header for C must also be one for C++.
    ("contract_cxx", "capi/tests/contract_cxx.cpp"),
];

/// Builds and runs everything.
pub(crate) fn ctest(root: &Path, args: &Args) -> Result<(), CtestError> {
    let root = fs::canonicalize(root).map_err(at(root))?;
    let work = root.join("target/capi");
    let prefix = work.join("prefix");
    let with = |optional| !args.without.contains(&optional);
    install::into(&root, &prefix, false)?;
    symbols(&root, &prefix)?;
    layout(&root, &work, &prefix)?;
    if with(Optional::PkgConfig) {
        pkg_config(&prefix)?;
    }
    let cases = cases(&root)?;
    let mut runs = 0_usize;
    let mut all = |folder: &str, flags: &[&str], before: &[&str]| -> Result<(), CtestError> {
        let folder = work.join(folder);
        for (name, source) in PROGRAMS {
            build(&root, &folder, name, source, &prefix, flags)?;
        }
        for case in &cases {
            check(&root, &folder, case, before)?;
            runs += 1;
        }
        println!("ctest: {} programs, {} runs hold: {}", PROGRAMS.len(), cases.len(), folder.display());
        Ok(())
    };
    all("shared", &["shared"], &[])?;
    all("static", &["static"], &[])?;
    if with(Optional::Asan) {
        all("asan", &["static", "-fsanitize=address", "-fno-omit-frame-pointer"], &[])?;
    }
    if with(Optional::Valgrind) {
        all("valgrind", &["shared"], VALGRIND)?;
    }
    if with(Optional::Cmake) {
        runs += cmake(&root, &work, &prefix, &cases)?;
    }
    println!("ctest: {runs} runs hold");
    Ok(())
}

/// Tables that live to the end keep a pointer to their middle only, which valgrind calls "possibly lost".
const VALGRIND: &[&str] = &[
    "valgrind",
    "--quiet",
    "--error-exitcode=99",
    "--leak-check=full",
    "--show-leak-kinds=definite,indirect",
    "--errors-for-leak-kinds=definite,indirect",
];

/// What the shared library exports is what the header declares, with the version of the ABI.
fn symbols(root: &Path, prefix: &Path) -> Result<(), CtestError> {
    let library = prefix.join("lib").join(format!("libdocsift.so.{VERSION}"));
    let header = root.join("capi/include/docsift.h");
    let declared = header::symbols(&fs::read_to_string(&header).map_err(at(&header))?);
    let version = format!("DOCSIFT_{}", docsift_capi::DOCSIFT_ABI_VERSION);
    let expected: Vec<String> = declared.iter().map(|name| format!("{name}@@{version}")).collect();
    let printed = output(Command::new("nm").args(["-D", "--defined-only"]).arg(&library), "")?;
    // The version itself is listed too, as an absolute symbol.
    let exported = printed.lines().filter_map(|line| match line.split(' ').collect::<Vec<_>>()[..] {
        [_, "A", _] => None,
        [_, _, name] => Some(name.to_owned()),
        _ => None,
    });
    let mut got: Vec<String> = exported.collect();
    got.sort();
    if got != expected {
        return Err(CtestError::Symbols { got, expected });
    }
    let dynamic = output(Command::new("readelf").arg("-d").arg(&library), "")?;
    let name = dynamic.lines().find(|line| line.contains("(SONAME)")).unwrap_or_default();
    let name = name.rsplit(['[', ']']).nth(1).unwrap_or_default().to_owned();
    if name != install::soname() {
        return Err(CtestError::Name { got: name, expected: install::soname() });
    }
    println!("ctest: {} symbols of {version}, and no others, in {name}", declared.len());
    Ok(())
}

/// The C compiler lays structures out as Rust does.
fn layout(root: &Path, work: &Path, prefix: &Path) -> Result<(), CtestError> {
    if cfg!(target_pointer_width = "64") {
        let abi = root.join("capi/abi.txt");
        let abi = fs::read_to_string(&abi).map_err(at(&abi))?;
        let source = work.join("layout.c");
        write(&source, &header::assertions(&abi))?;
        let mut compile = compiler("CC", "cc");
        compile.arg("-std=c11").args(WARNINGS).arg("-fsyntax-only").arg("-I").arg(prefix.join("include"));
        run(compile.arg(&source))?;
    }
    Ok(())
}

fn pkg_config(prefix: &Path) -> Result<(), CtestError> {
    let mut ask = Command::new("pkg-config");
    ask.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")).args(["--cflags", "--libs", "docsift"]);
    let got = output(&mut ask, "pkg-config")?;
    let (include, lib) = (prefix.join("include"), prefix.join("lib"));
    let expected = format!("-I{} -L{} -ldocsift", include.display(), lib.display());
    same("pkg-config", got.trim(), &expected)
}

/// Builds the examples as a project with CMake that finds the library by `FindDocsift.cmake`, and runs
/// them.
fn cmake(root: &Path, work: &Path, prefix: &Path, cases: &[Case]) -> Result<usize, CtestError> {
    let mut runs = 0_usize;
    for (name, is_static) in [("cmake-shared", "OFF"), ("cmake-static", "ON")] {
        let folder = work.join(name);
        let mut configure = Command::new("cmake");
        configure.arg("-S").arg(root.join("examples/c")).arg("-B").arg(&folder);
        configure.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display()));
        output(configure.arg(format!("-DDocsift_STATIC={is_static}")), "cmake")?;
        output(Command::new("cmake").arg("--build").arg(&folder), "cmake")?;
        for case in cases.iter().filter(|case| !case.program.starts_with("contract")) {
            check(root, &folder, case, &[])?;
            runs += 1;
        }
        println!("ctest: programs built by CMake hold: {}", folder.display());
    }
    Ok(runs)
}

fn build(
    root: &Path,
    folder: &Path,
    name: &str,
    source: &str,
    prefix: &Path,
    flags: &[&str],
) -> Result<(), CtestError> {
    fs::create_dir_all(folder).map_err(at(folder))?;
    let (lib, is_cxx) = (prefix.join("lib"), source.ends_with(".cpp"));
    let mut compile = if is_cxx { compiler("CXX", "c++") } else { compiler("CC", "cc") };
    compile.arg(if is_cxx { "-std=c++17" } else { "-std=c11" }).args(WARNINGS);
    compile.args(flags.iter().filter(|flag| flag.starts_with('-')));
    compile.arg("-I").arg(prefix.join("include")).arg("-o").arg(folder.join(name)).arg(root.join(source));
    if flags.contains(&"static") {
        compile.arg(lib.join("libdocsift.a")).args(SYSTEM);
    } else {
        compile.arg("-L").arg(&lib).args(["-ldocsift", "-lpthread"]);
        compile.arg(format!("-Wl,-rpath,{}", lib.display()));
    }
    Ok(run(&mut compile)?)
}

fn check(root: &Path, folder: &Path, case: &Case, before: &[&str]) -> Result<(), CtestError> {
    let program = folder.join(case.program).into_os_string();
    let mut words = before.iter().map(Into::into).chain([program]);
    let first = words.next().unwrap_or_default();
    let mut command = Command::new(&first);
    command.args(words).args(&case.arguments).current_dir(root).env("ASAN_OPTIONS", "detect_leaks=1");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let without = if before.is_empty() { "asan" } else { "valgrind" };
    let missing =
        |error| CtestError::Missing { program: first.to_string_lossy().into_owned(), error, without };
    let mut child = command.spawn().map_err(missing)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read is judged by what it prints.
        let _ = stdin.write_all(&case.stdin);
    }
    let Output { status, stdout, stderr } = child.wait_with_output().map_err(missing)?;
    let what = format!("{} {} in {}", case.program, case.arguments.join(" "), folder.display());
    let err = String::from_utf8_lossy(&stderr).into_owned();
    if status.code() != Some(case.status) {
        return Err(CtestError::Ended { what, status: status.code(), err });
    }
    same(&what, &String::from_utf8_lossy(&stdout), &case.stdout)
}

fn same(what: &str, got: &str, expected: &str) -> Result<(), CtestError> {
    if got == expected {
        return Ok(());
    }
    let (got, expected) = (got.to_owned(), expected.to_owned());
    Err(CtestError::Printed { what: what.to_owned(), got, expected })
}

fn output(command: &mut Command, without: &'static str) -> Result<String, CtestError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let missing = |error| match without {
        "" => CtestError::Install(InstallError::NoProgram { program: program.clone(), error }),
        without => CtestError::Missing { program: program.clone(), error, without },
    };
    let Output { status, stdout, stderr } = command.output().map_err(missing)?;
    if !status.success() {
        let err = String::from_utf8_lossy(&stderr).into_owned();
        return Err(CtestError::Ended { what: program, status: status.code(), err });
    }
    Ok(String::from_utf8_lossy(&stdout).into_owned())
}

/// What the programs must print, from the Rust library.
fn cases(root: &Path) -> Result<Vec<Case>, CtestError> {
    let fixture = |name: &str| {
        let path = root.join("corpus/synthetic").join(name);
        fs::read(&path).map_err(at(&path)).map(|bytes| (format!("corpus/synthetic/{name}"), bytes))
    };
    let mut cases = Vec::new();
    for (name, status) in [("twin-relaunch-cells.xls", 1), ("plain-workbook.xls", 0), ("pdf-plain.pdf", 3)] {
        let (path, bytes) = fixture(name)?;
        let report = docsift::analyze(&bytes);
        let arguments = vec![path];
        cases.push(Case {
            program: "scan_file",
            arguments,
            stdin: Vec::new(),
            status,
            stdout: scan_file(&report),
        });
    }
    for (name, json) in
        [("twin-relaunch-cells.xls", false), ("vba-download-run.xls", false), ("twin.xls", true)]
    {
        let (path, bytes) = fixture(name)?;
        let report = docsift::analyze(&bytes);
        let (arguments, stdout) = if json {
            (vec![path, "--json".to_owned()], report.to_json() + "\n")
        } else {
            (vec![path], walk_findings(&report))
        };
        cases.push(Case { program: "walk_findings", arguments, stdin: Vec::new(), status: 0, stdout });
    }
    for passwords in [&[][..], &["wrong", PASSWORD]] {
        let (_, stdin) = fixture(LOCKED)?;
        let arguments: Vec<String> = passwords.iter().map(|password| (*password).to_owned()).collect();
        let mut options = Options::default();
        options.passwords.clone_from(&arguments);
        options.limits.total_bytes = 256 << 20;
        let stdout = scan_buffer(Analyzer::new(options)?, &stdin);
        cases.push(Case { program: "scan_buffer", arguments, stdin, status: 0, stdout });
    }
    for (name, environment) in [("twin.xls", None), (ASKS, None), (ASKS, Some(ELSEWHERE))] {
        let (path, bytes) = fixture(name)?;
        let mut options = Options::default();
        if let Some(settings) = environment {
            options.environment = Environment::parse(settings)?;
        }
        let mut wanted = TraceOptions::default();
        (wanted.repeats, wanted.steps) = (0, 200);
        let trace = Analyzer::new(options)?.trace(&bytes, wanted);
        let arguments = std::iter::once(path).chain(environment.map(str::to_owned)).collect();
        let (status, stdout) = (if trace.complete { 0 } else { 3 }, trace.to_json() + "\n");
        cases.push(Case { program: "trace_macros", arguments, stdin: Vec::new(), status, stdout });
    }
    let (path, bytes) = fixture("mail-delivery-english.eml")?;
    cases.push(Case {
        program: "scan_raii",
        arguments: vec![path.clone()],
        stdin: Vec::new(),
        status: 1,
        stdout: scan_raii(&bytes),
    });
    for program in ["contract", "contract_cxx"] {
        let arguments = vec![path.clone()];
        cases.push(Case { program, arguments, stdin: Vec::new(), status: 0, stdout: "holds\n".into() });
    }
    Ok(cases)
}

/// A fixture that no password opens but this one.
const LOCKED: &str = "mail-password-unknown.eml";
const PASSWORD: &str = "another way";

/// A fixture whose macro asks where it runs, and a desktop elsewhere.
const ASKS: &str = "run-japan-only.xls";
const ELSEWHERE: &str = "excel_country = 81\ncountry = 81\ncurrency = ¥";

fn scan_file(report: &Report) -> String {
    let effects =
        report.behaviour.iter().map(|effect| format!("{} {}\n", effect.kind, until_nul(&effect.text)));
    format!("{}\n{}", report.verdict.sentence, effects.collect::<String>())
}

/// What `%s` prints.
fn until_nul(text: &str) -> &str {
    text.split('\0').next().unwrap_or_default()
}

fn walk_findings(report: &Report) -> String {
    let mut lines = String::new();
    for finding in &report.findings {
        let severities = ["unknown", "info", "low", "medium", "high", "critical"];
        let severity = severities.iter().position(|name| *name == finding.severity).unwrap_or(0);
        let message = until_nul(&finding.message);
        lines += &format!("{} {} (severity {severity}): {message}\n", finding.rule, finding.name);
        for evidence in &finding.evidence {
            lines += &format!("  {}: {}\n", place(report, &evidence.location), evidence.text);
        }
    }
    for problem in report.problems.iter().filter(|problem| problem.kind != "recovered") {
        lines += &format!("not read: {}\n", problem.message);
    }
    lines
}

fn place(report: &Report, location: &Location) -> String {
    let part = report.parts.iter().find(|part| part.id == location.part);
    let path = part.map_or("", |part| until_nul(&part.path));
    match location {
        Location { cell: Some(cell), .. } => format!("{path} {cell}"),
        Location { line: Some(line), .. } => format!("{path} line {line}"),
        Location { start: Some(start), end: Some(end), .. } => format!("{path} bytes {start} to {end}"),
        _ => path.to_owned(),
    }
}

fn scan_buffer(analyzer: Analyzer, bytes: &[u8]) -> String {
    let mut first = Vec::new();
    let report = analyzer.analyze_with(bytes, &mut |view| {
        let bytes = view.bytes.iter().take(4).map(|byte| format!(" {byte:02x}"));
        first.push((view.part.id.0, bytes.collect::<String>()));
    });
    let mut lines = format!("{}\n", report.verdict.sentence);
    for part in &report.parts {
        let shown = first.iter().find(|(id, _)| *id == part.id).map_or("", |(_, bytes)| bytes);
        let opened = part.opened_with.as_ref();
        let opened = opened.map(|opened| format!(" opened with \"{}\"", opened.password)).unwrap_or_default();
        lines += &format!("{} {}{shown}{opened}\n", until_nul(&part.path), part.size);
    }
    lines
}

fn scan_raii(bytes: &[u8]) -> String {
    let mut total = 0_u64;
    let report = Analyzer::default()
        .analyze_with(Input::from(bytes), &mut |view| total = total.saturating_add(view.bytes.len() as u64));
    let indicators = report.indicators.iter();
    let indicators = indicators.map(|indicator| format!("{} {}\n", indicator.kind, indicator.defanged));
    format!("{}\n{}{total} bytes in all parts\n", report.verdict.sentence, indicators.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_macro_that_asks_where_it_runs_does_something_else_elsewhere() {
        let cases = cases(&crate::root()).unwrap();
        let mut traces = cases.iter().filter(|case| case.arguments.iter().any(|word| word.ends_with(ASKS)));
        let (Some(here), Some(elsewhere)) = (traces.next(), traces.next()) else { panic!("no two traces") };
        assert_ne!(here.stdout, elsewhere.stdout);
    }
}
