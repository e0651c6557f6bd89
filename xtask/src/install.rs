//! The library for C, put where compilers look for it.
//!
//! rustc gives a shared library neither a name of its own nor versions of symbols. Both come from the
//! linker, which makes the shared library here from the static one and `capi/docsift.map`.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use crate::header;

/// Where to, and how it is built.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder that gets include, lib and share
    #[arg(long)]
    prefix: PathBuf,
    /// Build without optimisation
    #[arg(long)]
    debug: bool,
}

/// Why the library could not be installed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstallError {
    #[error("the shared library is linked for Linux only; elsewhere use `cargo cinstall` of cargo-c")]
    OtherSystem,
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    #[error("no {program}: {error}; install a C and a C++ compiler, or name them in CC and CXX")]
    NoProgram { program: String, error: io::Error },
    #[error("{program} failed ({status}): {arguments}")]
    Failed { program: String, status: ExitStatus, arguments: String },
}

/// Version of the package, which is that of the library.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a program that links the static library needs besides.
pub(crate) const SYSTEM: &[&str] = &["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl", "-lc"];

/// The name that a program asks the loader for. Below version 1, each minor version has its own.
pub(crate) fn soname() -> String {
    let mut numbers = VERSION.split('.');
    let (major, minor) = (numbers.next().unwrap_or("0"), numbers.next().unwrap_or("0"));
    if major == "0" { format!("libdocsift.so.0.{minor}") } else { format!("libdocsift.so.{major}") }
}

/// Builds the library and installs it below a prefix.
pub(crate) fn install(root: &Path, args: &Args) -> Result<(), InstallError> {
    into(root, &args.prefix, !args.debug)
}

/// The same, for a test.
pub(crate) fn into(root: &Path, prefix: &Path, release: bool) -> Result<(), InstallError> {
    if !cfg!(target_os = "linux") {
        return Err(InstallError::OtherSystem);
    }
    let mut build = Command::new(env!("CARGO"));
    build.current_dir(root).args(["build", "--quiet", "--locked", "--lib", "--package", "docsift-capi"]);
    build.args(release.then_some("--release"));
    run(&mut build)?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let built = target.join(if release { "release" } else { "debug" }).join("libdocsift_capi.a");

    let (capi, lib) = (root.join("capi"), prefix.join("lib"));
    copy(&built, &lib.join("libdocsift.a"))?;
    copy(&capi.join("include/docsift.h"), &prefix.join("include/docsift.h"))?;
    copy(&capi.join("cmake/FindDocsift.cmake"), &prefix.join("share/cmake/Modules/FindDocsift.cmake"))?;
    let prefix = fs::canonicalize(prefix).map_err(at(prefix))?;
    write(&lib.join("pkgconfig/docsift.pc"), &pkg_config(&prefix))?;
    shared(&capi, &lib)
}

/// Links the shared library from the static one.
fn shared(capi: &Path, lib: &Path) -> Result<(), InstallError> {
    let file = format!("libdocsift.so.{VERSION}");
    let header = capi.join("include/docsift.h");
    let header = fs::read_to_string(&header).map_err(at(&header))?;
    let mut link = compiler("CC", "cc");
    link.args(["-shared", "-Wl,--gc-sections", "-Wl,-z,defs", "-Wl,-z,relro,-z,now"]);
    // Nothing else refers to the functions, so that each is asked for by name.
    link.args(header::symbols(&header).iter().map(|name| format!("-Wl,-u,{name}")));
    link.arg(format!("-Wl,--version-script={}", capi.join("docsift.map").display()));
    link.arg(format!("-Wl,-soname,{}", soname()));
    link.arg("-o").arg(lib.join(&file)).arg(lib.join("libdocsift.a")).args(SYSTEM);
    run(&mut link)?;
    for name in [soname(), "libdocsift.so".to_owned()] {
        let path = lib.join(name);
        let _ = fs::remove_file(&path);
        symlink(&file, &path).map_err(at(&path))?;
    }
    Ok(())
}

#[cfg(unix)]
fn symlink(to: &str, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

#[cfg(not(unix))]
fn symlink(_: &str, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn pkg_config(prefix: &Path) -> String {
    format!(
        "prefix={}\nlibdir=${{prefix}}/lib\nincludedir=${{prefix}}/include\n\nName: docsift\n\
         Description: Says what an Office document would do before anyone opens it\nVersion: {VERSION}\n\
         Cflags: -I${{includedir}}\nLibs: -L${{libdir}} -ldocsift\nLibs.private: {}\n",
        prefix.display(),
        SYSTEM.join(" ")
    )
}

/// The compiler that an environment variable names, or the usual one.
pub(crate) fn compiler(variable: &str, usual: &str) -> Command {
    Command::new(std::env::var_os(variable).unwrap_or_else(|| usual.into()))
}

/// Runs a program that must succeed.
pub(crate) fn run(command: &mut Command) -> Result<(), InstallError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status();
    let status = status.map_err(|error| InstallError::NoProgram { program: program.clone(), error })?;
    if status.success() {
        return Ok(());
    }
    let arguments: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
    Err(InstallError::Failed { program, status, arguments: arguments.join(" ") })
}

fn copy(from: &Path, to: &Path) -> Result<(), InstallError> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(at(folder))?;
    }
    fs::copy(from, to).map(drop).map_err(at(from))
}

pub(crate) fn write(path: &Path, text: &str) -> Result<(), InstallError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(at(folder))?;
    }
    fs::write(path, text).map_err(at(path))
}

pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> InstallError {
    let path = path.to_owned();
    move |error| InstallError::Io { path: path.clone(), error }
}
