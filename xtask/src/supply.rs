//! What others wrote and we build: licences, sources, banned crates, how many there are, and the
//! list of them that goes with a release (CycloneDX).
//!
//! All is read from `cargo metadata`, `cargo tree`, `Cargo.lock` and `deny.toml`; nothing asks the
//! network.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::pages_of_figures::{self, FiguresError};

/// What to check or write.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Write the counts to docs/robustness.md
    #[arg(long)]
    write: bool,
    /// Write the packages of the command line as CycloneDX 1.5 to this file
    #[arg(long, value_name = "FILE")]
    sbom: Option<PathBuf>,
}

/// Why the supply is not as it should be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SupplyError {
    #[error("{what}: {error}")]
    Io { what: String, error: io::Error },
    #[error("{0} fails")]
    Cargo(String),
    #[error("{0}: not as expected")]
    Form(&'static str),
    #[error(transparent)]
    Figures(#[from] FiguresError),
    #[error("not allowed:\n  {}", .0.join("\n  "))]
    NotAllowed(Vec<String>),
}

/// What may be linked, and how many packages of others each may have. A package more is a decision:
/// raise the number in the change that needs it, and say why in docs/dependencies.md.
const BUDGETS: [(&str, &str, usize); 7] = [
    ("library without any feature", "-p docsift --no-default-features", 35),
    ("library without `crypto`", "-p docsift --no-default-features --features mail,pictures,serde", 70),
    ("library without `mail`", "-p docsift --no-default-features --features crypto,pictures,serde", 75),
    ("library without `pictures`", "-p docsift --no-default-features --features crypto,mail,serde", 55),
    ("library without `serde`", "-p docsift --no-default-features --features crypto,mail,pictures", 73),
    ("library", "-p docsift", 80),
    ("command line", "-p docsift-cli", 95),
];

/// Two versions of these are linked: the crate, and who asks for the older one.
const TWICE: [(&str, &str); 2] = [("miniz_oxide", "png"), ("syn", "macros that run when building")];

/// Checks, and writes what is asked for.
pub(crate) fn supply(root: &Path, args: &Args) -> Result<(), SupplyError> {
    let deny = read(&root.join("deny.toml"))?;
    let metadata = metadata(root)?;
    let packages = metadata["packages"].as_array().ok_or(SupplyError::Form("cargo metadata"))?;
    let mut wrong = Vec::new();
    let allowed = list(&deny, "[licenses]", "allow = [");
    let excepted = lines(&deny, "[licenses]", "exceptions = [");
    let banned = list(&deny, "[bans]", "deny = [");
    let registries = list(&deny, "[sources]", "allow-registry = [");
    if [&allowed, &banned, &registries].iter().any(|list| list.is_empty()) {
        return Err(SupplyError::Form("deny.toml"));
    }
    for package in packages {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        let (name, version) = (text("name"), text("version"));
        let is_excepted = excepted.iter().any(|line| quoted(line).eq([name, text("license")]));
        if !is_allowed(text("license"), &allowed) && !is_excepted {
            wrong.push(format!("{name} {version}: licence {:?}", text("license")));
        }
        if banned.iter().any(|banned| banned == name) {
            wrong.push(format!("{name} {version}: banned"));
        }
        let source = text("source");
        if !source.is_empty() && !registries.iter().any(|known| source == format!("registry+{known}")) {
            wrong.push(format!("{name} {version}: from {source}"));
        }
    }
    let mut table = String::from("| what | packages of others | at most |\n|---|---:|---:|\n");
    for (what, arguments, most) in BUDGETS {
        let linked = linked(root, arguments)?;
        let count = linked.iter().filter(|(name, _)| !name.starts_with("docsift")).count();
        let _ = writeln!(table, "| {what} | {count} | {most} |");
        if count > most {
            wrong.push(format!("{what}: {count} packages of others, at most {most}"));
        }
        for name in twice(&linked) {
            if !TWICE.iter().any(|(known, _)| *known == name) {
                wrong.push(format!("{what}: two versions of {name}"));
            }
        }
    }
    let _ =
        writeln!(table, "\nIn the whole workspace, tests and tools included: {} packages.", packages.len());
    println!("{table}");
    if args.write {
        pages_of_figures::write(root, "robustness.md", &[("supply", table)])?;
    }
    if let Some(path) = &args.sbom {
        let sbom = sbom(root, packages)?;
        fs::write(path, sbom).map_err(|error| io_at(path, error))?;
        println!("{}", path.display());
    }
    if wrong.is_empty() { Ok(()) } else { Err(SupplyError::NotAllowed(wrong)) }
}

fn metadata(root: &Path) -> Result<Value, SupplyError> {
    let output = cargo(root, &["metadata", "--format-version", "1", "--locked"])?;
    serde_json::from_str(&output).map_err(|_| SupplyError::Form("cargo metadata"))
}

/// Name and version of every package that is linked or whose macros are run.
fn linked(root: &Path, arguments: &str) -> Result<BTreeSet<(String, String)>, SupplyError> {
    let mut all = vec!["tree", "--locked", "--edges", "normal", "--prefix", "none", "--no-dedupe"];
    all.extend(arguments.split_whitespace());
    let tree = cargo(root, &all)?;
    let package = |line: &str| -> Option<(String, String)> {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.strip_prefix('v')?.to_owned()))
    };
    Ok(tree.lines().filter_map(package).collect())
}

fn twice(linked: &BTreeSet<(String, String)>) -> BTreeSet<&str> {
    let mut versions = BTreeMap::<&str, usize>::new();
    for (name, _) in linked {
        *versions.entry(name).or_default() += 1;
    }
    versions.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name).collect()
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<String, SupplyError> {
    let output = Command::new(env!("CARGO")).current_dir(root).args(arguments).output();
    let output = output.map_err(|error| SupplyError::Io { what: "cargo".into(), error })?;
    if output.status.success() {
        String::from_utf8(output.stdout).map_err(|_| SupplyError::Form("cargo's answer"))
    } else {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        Err(SupplyError::Cargo(format!("cargo {}", arguments.join(" "))))
    }
}

/// The texts in quotes of the list that begins with `key` in a section of a TOML file.
fn list(toml: &str, section: &str, key: &str) -> Vec<String> {
    lines(toml, section, key).into_iter().filter_map(|line| quoted(line).next()).map(str::to_owned).collect()
}

fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
}

fn lines<'t>(toml: &'t str, section: &str, key: &str) -> Vec<&'t str> {
    let section = toml.split_once(section).map_or("", |(_, after)| after);
    let section = section.split("\n[").next().unwrap_or_default();
    let list = section.split_once(&format!("\n{key}")).map_or("", |(_, after)| after);
    let lines = list.lines().skip(1).take_while(|line| *line != "]");
    lines.filter(|line| !line.trim().starts_with('#')).collect()
}

/// Whether an SPDX expression can be met with licences of the list. A slash is the old form of OR.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let expression = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = expression.split_whitespace().collect();
    let mut rest = words.as_slice();
    either(&mut rest, allowed) && rest.is_empty()
}

fn either(words: &mut &[&str], allowed: &[String]) -> bool {
    let mut is_met = all(words, allowed);
    while let ["OR", rest @ ..] = words {
        *words = rest;
        is_met |= all(words, allowed);
    }
    is_met
}

fn all(words: &mut &[&str], allowed: &[String]) -> bool {
    let mut is_met = one(words, allowed);
    while let ["AND", rest @ ..] = words {
        *words = rest;
        is_met &= one(words, allowed);
    }
    is_met
}

fn one(words: &mut &[&str], allowed: &[String]) -> bool {
    match words {
        ["(", rest @ ..] => {
            *words = rest;
            let is_met = either(words, allowed);
            let [")", rest @ ..] = words else { return false };
            *words = rest;
            is_met
        }
        [licence, "WITH", exception, rest @ ..] => {
            let whole = format!("{licence} WITH {exception}");
            *words = rest;
            allowed.contains(&whole)
        }
        [licence, rest @ ..] => {
            *words = rest;
            allowed.iter().any(|known| known == licence)
        }
        [] => false,
    }
}

/// The packages of the command line ([CycloneDX 1.5]): versions, licences and hashes of the archives.
fn sbom(root: &Path, packages: &[Value]) -> Result<String, SupplyError> {
    let checksums = checksums(&read(&root.join("Cargo.lock"))?);
    let mut components = Vec::new();
    let mut version = String::new();
    for (name, linked_version) in linked(root, "-p docsift-cli")? {
        if name == "docsift-cli" {
            version = linked_version;
            continue;
        }
        let package = packages
            .iter()
            .find(|package| package["name"] == *name && package["version"] == *linked_version)
            .ok_or(SupplyError::Form("cargo tree"))?;
        let purl = format!("pkg:cargo/{name}@{linked_version}");
        let licence = package["license"].as_str().unwrap_or_default().replace('/', " OR ");
        let licence = licence.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut component = json!({
            "type": "library",
            "bom-ref": purl,
            "name": name,
            "version": linked_version,
            "licenses": [{ "expression": licence }],
            "purl": purl,
        });
        if let Some(checksum) = checksums.get(&(name, linked_version)) {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
        }
        components.push(component);
    }
    let sbom = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": {
            "type": "application",
            "bom-ref": format!("pkg:cargo/docsift-cli@{version}"),
            "name": "docsift",
            "version": version,
        } },
        "components": components,
    });
    let mut text = serde_json::to_string_pretty(&sbom).map_err(|_| SupplyError::Form("the list"))?;
    text.push('\n');
    Ok(text)
}

/// SHA-256 of the archive of each package, from the lock file.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let field = |package: &str, key: &str| -> Option<String> {
        let line = package.lines().find_map(|line| line.strip_prefix(&format!("{key} = \"")))?;
        Some(line.trim_end_matches('"').to_owned())
    };
    let package = |package: &str| {
        Some(((field(package, "name")?, field(package, "version")?), field(package, "checksum")?))
    };
    lock.split("[[package]]").filter_map(package).collect()
}

fn read(path: &Path) -> Result<String, SupplyError> {
    fs::read_to_string(path).map_err(|error| io_at(path, error))
}

fn io_at(path: &Path, error: io::Error) -> SupplyError {
    SupplyError::Io { what: path.display().to_string(), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_met_by_one_side_of_or_and_both_of_and() {
        let allowed = ["MIT", "Zlib", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        for (expression, wanted) in [
            ("MIT", true),
            ("GPL-3.0 OR MIT", true),
            ("GPL-3.0/MIT", true),
            ("GPL-3.0 AND MIT", false),
            ("(GPL-3.0 OR MIT) AND Zlib", true),
            ("(GPL-3.0 OR MIT) AND BSD-3-Clause", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("Apache-2.0", false),
            ("MIT WITH LLVM-exception", false),
            ("(MIT", false),
            ("MIT Zlib", false),
            ("", false),
        ] {
            assert_eq!(is_allowed(expression, &allowed), wanted, "{expression}");
        }
    }

    #[test]
    fn lists_of_deny_toml_are_read() {
        let deny = fs::read_to_string(crate::root().join("deny.toml")).unwrap();
        let allowed = list(&deny, "[licenses]", "allow = [");
        assert!(allowed.contains(&"MIT".to_owned()) && allowed.contains(&"Zlib".to_owned()));
        assert!(list(&deny, "[bans]", "deny = [").contains(&"openssl-sys".to_owned()));
        assert_eq!(
            list(&deny, "[sources]", "allow-registry = ["),
            ["https://github.com/rust-lang/crates.io-index"]
        );
    }

    #[test]
    fn checksums_belong_to_their_packages() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nchecksum = \"ab\"\n\n\
                    [[package]]\nname = \"own\"\nversion = \"0.1.0\"\n";
        let wanted = BTreeMap::from([(("a".to_owned(), "1.0.0".to_owned()), "ab".to_owned())]);
        assert_eq!(checksums(lock), wanted);
    }
}
