//! The command line of docsift: the only place with files, threads and clocks.

mod allow;
mod args;
mod desktop;
mod extract;
mod files;
mod human;
mod known;
mod names;
mod ocr;
mod output;
mod passwords;
mod progress;
mod rules;
mod scan;
mod term;
mod trace;
mod zone;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Args, Command};
use output::{Output, OutputError};

/// What the process says when it ends.
///
/// Of several files the worst wins; the order of the variants is from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Exit {
    /// Nothing at or above the threshold, and everything was read.
    Nothing,
    /// Not everything was read.
    Inconclusive,
    /// A file could not be read, or the command makes no sense.
    Failed,
    /// Something at or above the threshold.
    Found,
}

impl Exit {
    fn code(self) -> u8 {
        match self {
            Exit::Nothing => 0,
            Exit::Found => 1,
            Exit::Failed => 2,
            Exit::Inconclusive => 3,
        }
    }
}

/// Why a command ended before its work.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Output(#[from] OutputError),
    #[error(transparent)]
    Options(#[from] docsift::OptionsError),
    #[error(transparent)]
    Allow(#[from] allow::AllowError),
    #[error(transparent)]
    Passwords(#[from] passwords::PasswordsError),
    #[error(transparent)]
    Desktop(#[from] desktop::DesktopError),
    #[error(transparent)]
    Zone(#[from] zone::ZoneError),
    #[error(transparent)]
    Known(#[from] known::KnownError),
    #[error(transparent)]
    Ocr(#[from] ocr::OcrError),
    #[error(transparent)]
    Input(#[from] files::InputError),
    #[error(transparent)]
    Extract(#[from] extract::ExtractError),
    #[error("no rule {0:?}; `docsift rules` lists them")]
    NoRule(String),
}

fn main() -> ExitCode {
    let args = Args::parse();
    let mut out = Output::stdout();
    let result = match args.command {
        Command::Scan(scan) => scan::scan(&scan, &mut out),
        Command::Trace(trace) => trace::trace(&trace, &mut out),
        Command::Extract(extract) => extract::extract(&extract, &mut out),
        Command::Rules { json } => rules::list(json, &mut out).map_err(Failure::from),
        Command::Explain { rule, json } => rules::explain(&rule, json, &mut out),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "docsift", &mut script);
            out.write(&script).map(|()| Exit::Nothing).map_err(Failure::from)
        }
    };
    let result = result.and_then(|exit| out.finish().map(|()| exit).map_err(Failure::from));
    ExitCode::from(
        match result {
            Ok(exit) => exit,
            Err(failure) => {
                eprintln!("docsift: {failure}");
                Exit::Failed
            }
        }
        .code(),
    )
}
