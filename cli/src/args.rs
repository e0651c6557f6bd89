//! The arguments, as clap reads them.

use std::path::PathBuf;
use std::sync::LazyLock;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use docsift::{Level, Severity};

static VERSION: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{} (rules {}, policy {}, schema {}, ATT&CK {})",
        env!("CARGO_PKG_VERSION"),
        docsift::findings::RULES_VERSION,
        docsift::verdict::POLICY_VERSION,
        docsift::report::SCHEMA_VERSION,
        docsift::findings::ATTACK_VERSION,
    )
});

/// Says what an Office document would do before anyone opens it.
#[derive(Debug, Parser)]
#[command(name = "docsift", version = VERSION.as_str(), max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Analyse files and folders
    #[command(after_help = EXIT_CODES)]
    Scan(Scan),
    /// Show how the Excel 4.0 macros of one file run, step by step
    #[command(after_help = TRACE_CODES)]
    Trace(Trace),
    /// Write macros, pictures and streams of one file to a folder
    Extract(Extract),
    /// List the rules
    Rules {
        /// One JSON array
        #[arg(long)]
        json: bool,
    },
    /// Show the page of a rule
    Explain {
        /// Rule identifier, such as XLM002
        rule: String,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// Print a completion script for a shell
    Completions { shell: Shell },
}

const EXIT_CODES: &str = "\
Exit codes:
  0  nothing found at or above the threshold
  1  found at or above the threshold
  2  usage error, or a file that could not be read
  3  inconclusive: something was not read
Of several files the worst wins, in the order 1, 2, 3, 0.";

const TRACE_CODES: &str = "\
Exit codes:
  0  everything was read, and every run came to its end; also when there is nothing to trace
  2  usage error, or a file that could not be read
  3  something was not read, or a run was stopped by a limit";

#[derive(Debug, clap::Args)]
pub(crate) struct Trace {
    /// The file, or `-` for standard input
    #[arg(value_name = "PATH")]
    pub(crate) path: PathBuf,
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Steps that are shown, of all runs together; the others are run and counted
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(crate) steps: u64,
    /// Show every turn of loops; else cells that only compute are shown twice
    #[arg(long)]
    pub(crate) loops: bool,
    /// Largest file that is read; k, M and G count in 1024
    #[arg(long, value_name = "BYTES", default_value = "1G", value_parser = byte_count)]
    pub(crate) max_size: u64,
    #[command(flatten)]
    pub(crate) desktop: Desktop,
    #[command(flatten)]
    pub(crate) passwords: Passwords,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Desktop {
    /// File with settings of the desktop that Excel 4.0 macros are thought to run on, such as `country = 81`
    #[arg(long, value_name = "FILE")]
    pub(crate) environment: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Scan {
    /// Files, folders (with all that lies in them), or `-` for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// One JSON object a line, written as each file is done
    #[arg(long)]
    pub(crate) json: bool,
    /// Level from which a file counts as found
    #[arg(long, value_name = "LEVEL", default_value = "suspicious")]
    pub(crate) fail_on: Threshold,
    /// How many files are analysed at the same time; all cores by default
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Print only files at or above the threshold, and errors
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Largest file that is read; k, M and G count in 1024. All files in work together stay under it
    #[arg(long, value_name = "BYTES", default_value = "1G", value_parser = byte_count)]
    pub(crate) max_size: u64,
    /// What Windows noted of where the one file comes from: the content of its stream Zone.Identifier.
    /// Without it, a file PATH:Zone.Identifier beside the file is read
    #[arg(long, value_name = "FILE")]
    pub(crate) zone_identifier: Option<PathBuf>,
    /// Read text in pictures with an installed Tesseract, which decodes them outside docsift's own limits
    #[arg(long)]
    pub(crate) ocr: bool,
    /// File with pictures known from lures, one a line: their SHA-256, or `dhash:` and the hash of their look
    #[arg(long, value_name = "FILE")]
    pub(crate) known_lures: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) tuning: Tuning,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Tuning {
    /// Switch a rule off; may be given again
    #[arg(long, value_name = "ID")]
    pub(crate) rules_off: Vec<String>,
    /// Report a rule with another severity, such as XLM002=low; may be given again
    #[arg(long, value_name = "ID=SEVERITY", value_parser = severity_of_rule)]
    pub(crate) severity: Vec<(String, Severity)>,
    /// File with known good SHA-256 sums, one a line: of files, or `macro:` and that of the macros
    #[arg(long, value_name = "FILE")]
    pub(crate) allow: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) desktop: Desktop,
    #[command(flatten)]
    pub(crate) passwords: Passwords,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Passwords {
    /// Password to try on what is encrypted; may be given again
    #[arg(long, value_name = "P")]
    pub(crate) password: Vec<String>,
    /// File with passwords to try, one a line
    #[arg(long, value_name = "FILE")]
    pub(crate) passwords_file: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Extract {
    /// The file, or `-` for standard input
    #[arg(value_name = "PATH")]
    pub(crate) path: PathBuf,
    /// Folder to write to; made when it is not there
    #[arg(long, short, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// Write into a folder that is not empty, over files of the same name
    #[arg(long)]
    pub(crate) force: bool,
    /// Largest file that is read; k, M and G count in 1024
    #[arg(long, value_name = "BYTES", default_value = "1G", value_parser = byte_count)]
    pub(crate) max_size: u64,
    #[command(flatten)]
    pub(crate) passwords: Passwords,
}

/// Levels that a threshold can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Threshold {
    Inconclusive,
    Suspicious,
    Malicious,
}

impl Threshold {
    pub(crate) fn level(self) -> Level {
        match self {
            Threshold::Inconclusive => Level::Inconclusive,
            Threshold::Suspicious => Level::Suspicious,
            Threshold::Malicious => Level::Malicious,
        }
    }
}

/// Names of severities as arguments and in the JSON.
pub(crate) const SEVERITIES: [(&str, Severity); 5] = [
    ("critical", Severity::Critical),
    ("high", Severity::High),
    ("medium", Severity::Medium),
    ("low", Severity::Low),
    ("info", Severity::Info),
];

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
enum ArgError {
    #[error("expected ID=SEVERITY, such as XLM002=low")]
    NoEquals,
    #[error("no severity {0:?}; there are critical, high, medium, low and info")]
    NoSeverity(String),
    #[error("expected a number of bytes, such as 500M")]
    NoNumber,
    #[error("more than 2^64 bytes")]
    TooBig,
}

fn severity_of_rule(text: &str) -> Result<(String, Severity), ArgError> {
    let (id, name) = text.split_once('=').ok_or(ArgError::NoEquals)?;
    let known = SEVERITIES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
    match known {
        Some((_, severity)) => Ok((id.to_owned(), *severity)),
        None => Err(ArgError::NoSeverity(name.to_owned())),
    }
}

fn byte_count(text: &str) -> Result<u64, ArgError> {
    let digits = text.trim_end_matches(|char: char| !char.is_ascii_digit());
    let shift = match &text[digits.len()..] {
        "" => 0,
        "k" | "K" => 10,
        "m" | "M" => 20,
        "g" | "G" => 30,
        _ => return Err(ArgError::NoNumber),
    };
    let number: u64 = digits.parse().map_err(|_| ArgError::NoNumber)?;
    number.checked_mul(1 << shift).ok_or(ArgError::TooBig)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn arguments_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn byte_counts_have_units_of_1024() {
        let given = ["0", "12", "3k", "5M", "1G", "", "k", "-1", "1T", "12 ", "18446744073709551615k"];
        assert_eq!(
            given.map(byte_count),
            [
                Ok(0),
                Ok(12),
                Ok(3 << 10),
                Ok(5 << 20),
                Ok(1 << 30),
                Err(ArgError::NoNumber),
                Err(ArgError::NoNumber),
                Err(ArgError::NoNumber),
                Err(ArgError::NoNumber),
                Err(ArgError::NoNumber),
                Err(ArgError::TooBig),
            ]
        );
    }

    #[test]
    fn severity_of_a_rule_names_both() {
        assert_eq!(severity_of_rule("XLM002=Low"), Ok(("XLM002".to_owned(), Severity::Low)));
        assert_eq!(severity_of_rule("XLM002"), Err(ArgError::NoEquals));
        assert_eq!(severity_of_rule("XLM002=loud"), Err(ArgError::NoSeverity("loud".to_owned())));
    }
}
