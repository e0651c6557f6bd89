//! The list of committed fixtures: `corpus/manifest.toml`.

use std::fmt::Write;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::fixtures::Fixture;

/// The folder of this package in the source tree.
pub fn package_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The text of the manifest for these fixtures.
pub fn manifest(fixtures: &[Fixture]) -> String {
    let mut out = String::from("# Written by `cargo run -p docsift-corpus`.\n");
    for fixture in fixtures {
        let list = |rules: &[&str]| {
            let quoted: Vec<String> = rules.iter().map(|rule| format!("\"{rule}\"")).collect();
            format!("[{}]", quoted.join(", "))
        };
        let digest: String =
            Sha256::digest(&fixture.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let _ = write!(
            out,
            "\n[[fixture]]\npath = \"synthetic/{}\"\nsize = {}\nsha256 = \"{digest}\"\nwhat = {:?}\n\
             fires = {}\nquiet = {}\nverdict = \"{}\"\n",
            fixture.name,
            fixture.bytes.len(),
            fixture.what,
            list(fixture.fires),
            list(fixture.quiet),
            fixture.verdict,
        );
    }
    out
}
