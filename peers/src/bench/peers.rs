//! The peers: how each is started, and the side of ours that runs in the child.

use std::io::{BufRead, Cursor, stdin};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::{env, fs, panic};

use calamine::{Reader, Xls};

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

/// olevba in one Python process.
pub(super) fn olevba() -> Result<Child, String> {
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
fn cells(content: &[u8]) -> Result<usize, String> {
    let mut book: Xls<_> = Xls::new(Cursor::new(content)).map_err(|error| error.to_string())?;
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
