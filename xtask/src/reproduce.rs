//! The command line built twice from what is committed, in two folders: both programs must be the same,
//! byte for byte.
//!
//! Paths are what would differ: panics and debugging information name source files. The compiler is told
//! to write them as `/docsift/...` and `/cargo/...`, wherever the folders are. Names of symbols also have numbers
//! of the folder's, where functions move between units of code, so that the linker is told to leave symbols
//! out, and the build's identifier is then of what is left. A release that is built this way can be built
//! again by anyone with the same toolchain.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use crate::install::{InstallError, at, run};
use crate::pages_of_figures::{self, FiguresError};

/// What is built.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Write what was seen to docs/robustness.md
    #[arg(long)]
    write: bool,
}

/// Why no two programs are the same.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReproduceError {
    #[error(transparent)]
    Step(#[from] InstallError),
    #[error("two builds of one commit differ: {0} and {1}")]
    Differ(String, String),
    #[error(transparent)]
    Figures(#[from] FiguresError),
}

/// Two folders whose names differ in more than a letter.
const FOLDERS: [&str; 2] = ["one", "two-in-a-longer-folder"];

/// Builds twice and compares.
pub(crate) fn reproduce(root: &Path, args: &Args) -> Result<(), ReproduceError> {
    let root = fs::canonicalize(root).map_err(at(root))?;
    let [one, two] = FOLDERS.map(|name| build(&root, &root.join("target/reproduce").join(name)));
    let (one, two) = (one?, two?);
    if one != two {
        return Err(ReproduceError::Differ(one, two));
    }
    println!("reproduce: two builds in two folders, SHA-256 {one}");
    if args.write {
        let text =
            format!("Two release builds of one commit in two folders: the same program, SHA-256 `{one}`.");
        pages_of_figures::write(&root, "robustness.md", &[("reproduce", text)])?;
    }
    Ok(())
}

/// Builds what is committed in `folder`, and hashes the program.
fn build(root: &Path, folder: &Path) -> Result<String, ReproduceError> {
    fs::create_dir_all(folder).map_err(at(folder))?;
    // What an earlier commit had goes; what was built of packages of others stays.
    for entry in fs::read_dir(folder).map_err(at(folder))?.filter_map(Result::ok) {
        let path = entry.path();
        let removed = match path.is_dir() {
            _ if entry.file_name() == "target" => Ok(()),
            true => fs::remove_dir_all(&path),
            false => fs::remove_file(&path),
        };
        removed.map_err(at(&path))?;
    }
    let archive = folder.join("commit.tar");
    run(Command::new("git").current_dir(root).args(["archive", "HEAD", "-o"]).arg(&archive))?;
    run(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(folder))?;
    fs::remove_file(&archive).map_err(at(&archive))?;

    let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo_home = cargo_home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).unwrap_or_default();
    let mut flags = OsString::new();
    for (from, to) in [(folder, "/docsift"), (&cargo_home, "/cargo")] {
        flags.push("--remap-path-prefix=");
        flags.push(from);
        flags.push(format!("={to} "));
    }
    let target = folder.join("target");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(folder).env("RUSTFLAGS", flags).env("CARGO_TARGET_DIR", &target);
    cargo.env("CARGO_INCREMENTAL", "0").env("CARGO_PROFILE_RELEASE_STRIP", "symbols").stdin(Stdio::null());
    run(cargo.args(["build", "--quiet", "--release", "--locked", "--package", "docsift-cli"]))?;
    let program = target.join("release/docsift");
    let bytes = fs::read(&program).map_err(at(&program))?;
    Ok(Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}
