//! Tasks of the repository: `cargo xtask --help`.

mod ctest;
mod dictionary;
mod functions;
mod fuzz;
mod generated;
mod golden;
mod header;
mod install;
mod lures;
mod mutate;
mod pages;
mod pages_of_figures;
mod phrases;
mod reproduce;
mod samples;
mod schema;
mod sizes;
mod supply;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use generated::Check;

/// Tasks of the repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Write docs/report.schema.json and docs/trace.schema.json from the types of report and trace
    Schema(Check),
    /// Write docs/rules/ from the rule catalogue
    Rules(Check),
    /// Write corpus/golden/: the whole report of every file in corpus/synthetic/
    Golden(Check),
    /// Write src/lure/phrases.txt from the data files of the languages
    Phrases(Check),
    /// Write docs/lures.md: the lure set of the corpus, measured
    Lures(Check),
    /// Write docs/samples.md: what the public samples of ../shared/samples are found to be
    Samples(Check),
    /// Write docs/xlm-functions.md: every function of the Excel 4.0 machine, with runs of it
    Functions(Check),
    /// Write capi/include/docsift.h and capi/abi.txt from the C ABI
    Header(Check),
    /// Build the library for C and install it, its header and what finds it
    Install(install::Args),
    /// Build and run the C and C++ programs against the installed library
    Ctest(ctest::Args),
    /// Run fuzz targets under libFuzzer, on the installed stable toolchain
    Fuzz(fuzz::Args),
    /// Run mutants of corpus and samples through the analysis and other readers
    Mutate(mutate::Args),
    /// Measure what is shipped without symbols, and how long the command line takes from its start
    Sizes(sizes::Args),
    /// Build the command line twice, in two folders, and compare the programs
    Reproduce(reproduce::Args),
    /// Check licences, sources and number of the packages that are built, and list them
    Supply(supply::Args),
}

#[derive(Debug, thiserror::Error)]
enum TaskError {
    #[error(transparent)]
    Generated(#[from] generated::GeneratedError),
    #[error(transparent)]
    Header(#[from] header::HeaderError),
    #[error(transparent)]
    Install(#[from] install::InstallError),
    #[error(transparent)]
    Ctest(#[from] ctest::CtestError),
    #[error(transparent)]
    Fuzz(#[from] fuzz::FuzzError),
    #[error(transparent)]
    Mutate(#[from] mutate::MutateError),
    #[error(transparent)]
    Samples(#[from] samples::SamplesError),
    #[error(transparent)]
    Sizes(#[from] sizes::SizesError),
    #[error(transparent)]
    Reproduce(#[from] reproduce::ReproduceError),
    #[error(transparent)]
    Supply(#[from] supply::SupplyError),
}

fn main() -> ExitCode {
    let result = match Args::parse().task {
        Task::Schema(Check { check }) => {
            generated::bring(&root().join("docs"), &schema::schemas(), check, "schema")
                .map_err(TaskError::from)
        }
        Task::Rules(Check { check }) => {
            generated::bring_all(&root().join("docs/rules"), &pages::pages(), check, "rules")
                .map_err(TaskError::from)
        }
        Task::Golden(Check { check }) => golden::golden(&root().join("corpus"))
            .and_then(|files| generated::bring_all(&root().join("corpus/golden"), &files, check, "golden"))
            .map_err(TaskError::from),
        Task::Phrases(Check { check }) => phrases::file(&root().join("src/lure/phrases"))
            .and_then(|file| generated::bring(&root().join("src/lure"), &[file], check, "phrases"))
            .map_err(TaskError::from),
        Task::Lures(Check { check }) => {
            generated::bring(&root().join("docs"), &lures::page(), check, "lures").map_err(TaskError::from)
        }
        Task::Samples(Check { check }) => match samples::page(&root().join("../shared/samples")) {
            Ok(Some(page)) => {
                generated::bring(&root().join("docs"), &[page], check, "samples").map_err(TaskError::from)
            }
            Ok(None) => {
                println!("samples: ../shared/samples is not there");
                Ok(())
            }
            Err(error) => Err(TaskError::from(error)),
        },
        Task::Functions(Check { check }) => {
            generated::bring(&root().join("docs"), &[functions::page()], check, "functions")
                .map_err(TaskError::from)
        }
        Task::Header(check) => header::header(&root().join("capi"), check).map_err(TaskError::from),
        Task::Install(args) => install::install(&root(), &args).map_err(TaskError::from),
        Task::Ctest(args) => ctest::ctest(&root(), &args).map_err(TaskError::from),
        Task::Fuzz(args) => fuzz::fuzz(&root(), &args).map_err(TaskError::from),
        Task::Sizes(args) => sizes::sizes(&root(), &args).map_err(TaskError::from),
        Task::Reproduce(args) => reproduce::reproduce(&root(), &args).map_err(TaskError::from),
        Task::Supply(args) => supply::supply(&root(), &args).map_err(TaskError::from),
        Task::Mutate(args) => mutate::mutate(&root(), &args).map_err(TaskError::from),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
