//! The peers: how each is started, and the side of ours that runs in the child.

use std::io::{BufRead, Cursor, stdin};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::{env, fs, panic};

use calamine::{Reader, open_workbook_auto_from_rs};

use super::child::Child;
use super::time;
use crate::files;

/// Address space of the calamine child, in KiB: a file of 29 kB makes calamine ask for 136 GB.
const CALAMINE_KIB: u64 = 4 << 20;

/// What olevba does for one file, without reading it and without printing: `analyze_macros` finds
/// the macros, VBA and XLM, takes them out and looks for words.
const OLEVBA: &str = "
import sys, time, logging
logging.disable(logging.CRITICAL)
from oletools.olevba import VBA_Parser
answers = sys.stdout
sys.stdout = open('/dev/null', 'w')
for line in sys.stdin:
    path = line.rstrip('\\n')
    with open(path, 'rb') as file:
        data = file.read()
    begin = time.perf_counter_ns()
    try:
        parser = VBA_Parser(path, data=data)
        parser.analyze_macros()
        parser.close()
        answer = str(time.perf_counter_ns() - begin)
    except BaseException as error:
        answer = 'error ' + repr(error)[:200].replace('\\n', ' ')
    answers.write(answer + '\\n')
    answers.flush()
";

/// What XLMMacroDeobfuscator does for one file, without printing. It opens the file by its path.
const XLM: &str = "
import sys, time, logging
logging.disable(logging.CRITICAL)
answers = sys.stdout
sys.stdout = open('/dev/null', 'w')
from XLMMacroDeobfuscator.deobfuscator import process_file
for line in sys.stdin:
    path = line.rstrip('\\n')
    with open(path, 'rb') as file:
        file.read()
    begin = time.perf_counter_ns()
    try:
        made = process_file(file=path, noninteractive=True, silent=True, return_deobfuscated=True, timeout=60)
        took = str(time.perf_counter_ns() - begin)
        answer = took if made else 'finds no macro to run, after ' + took + ' ns'
    except BaseException as error:
        answer = 'error ' + repr(error)[:200].replace('\\n', ' ')
    answers.write(answer + '\\n')
    answers.flush()
";

/// XLMMacroDeobfuscator in one Python process.
pub(super) fn xlm_deobfuscator() -> Result<Child, String> {
    let mut command = Command::new(files::python_with("XLMMacroDeobfuscator")?);
    command.args(["-c", XLM]);
    Ok(Child::new(command))
}

/// olevba in one Python process.
pub(crate) fn olevba() -> Result<Child, String> {
    let mut command = Command::new(files::python_with("oletools")?);
    command.args(["-c", OLEVBA]);
    Ok(Child::new(command))
}

/// This program as `calamine-child`, with a ceiling on its memory.
pub(super) fn calamine() -> Child {
    let program = env::current_exe().unwrap_or_else(|_| PathBuf::from("docsift-peers"));
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -v {CALAMINE_KIB} && exec \"$0\" calamine-child")]).arg(program);
    Child::new(command)
}

/// The command `calamine-child`: opens each file of standard input and reads all its cells.
pub fn answer_for_calamine() -> ExitCode {
    panic::set_hook(Box::new(|_| {}));
    for path in stdin().lock().lines().map_while(Result::ok) {
        let Ok(content) = fs::read(&path) else {
            println!("error not a file");
            continue;
        };
        let mut result = Err("panicked".to_owned());
        let took = time(|| {
            result = catch_unwind(AssertUnwindSafe(|| cells(&content))).unwrap_or(Err("panicked".into()));
        });
        match result {
            Ok(_) => println!("{}", took.as_nanos()),
            Err(reason) => println!("error {}", reason.replace('\n', " ")),
        }
    }
    ExitCode::SUCCESS
}

/// How many cells calamine reads.
pub(crate) fn cells(content: &[u8]) -> Result<usize, String> {
    let mut book = open_workbook_auto_from_rs(Cursor::new(content)).map_err(|error| error.to_string())?;
    Ok(book.worksheets().iter().map(|(_, range)| range.used_cells().count()).sum())
}

/// The command `first-call PATH`: nanoseconds of the first analysis of this process.
pub fn print_first_call(paths: &[PathBuf]) -> ExitCode {
    let Some(content) = paths.first().and_then(|path| fs::read(path).ok()) else {
        return ExitCode::from(2);
    };
    println!("{}", time(|| docsift::analyze(&content)).as_nanos());
    ExitCode::SUCCESS
}
