//! Writes every fixture to `corpus/synthetic` and lists them in `corpus/manifest.toml`.

use std::{fs, io};

use docsift_corpus::fixtures;
use docsift_corpus::manifest::{manifest, package_dir};

fn main() -> io::Result<()> {
    let fixtures = fixtures::all();
    let folder = package_dir().join("synthetic");
    fs::create_dir_all(&folder)?;
    for file in fs::read_dir(&folder)? {
        fs::remove_file(file?.path())?;
    }
    for fixture in &fixtures {
        fs::write(folder.join(fixture.name), &fixture.bytes)?;
    }
    fs::write(package_dir().join("manifest.toml"), manifest(&fixtures))?;
    println!("{} fixtures", fixtures.len());
    Ok(())
}
