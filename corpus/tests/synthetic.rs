//! The committed fixtures are what the code builds, and nothing in them points at a real host.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Read};

use docsift_corpus::fixtures::all;
use docsift_corpus::manifest::{manifest, package_dir};
use docsift_corpus::vba::decompress;

const REBUILD: &str = "run `cargo run -p docsift-corpus` and commit the result";

#[test]
fn committed_files_are_what_the_code_builds() {
    let fixtures = all();
    let folder = package_dir().join("synthetic");
    for fixture in &fixtures {
        let committed = fs::read(folder.join(fixture.name))
            .unwrap_or_else(|error| panic!("{}: {error}; {REBUILD}", fixture.name));
        assert!(committed == fixture.bytes, "{} differs; {REBUILD}", fixture.name);
    }
    let committed: BTreeSet<String> = fs::read_dir(&folder)
        .expect("the folder of fixtures")
        .map(|file| file.expect("a file").file_name().to_string_lossy().into_owned())
        .collect();
    let built: BTreeSet<String> = fixtures.iter().map(|fixture| fixture.name.to_owned()).collect();
    assert_eq!(committed, built, "{REBUILD}");
}

#[test]
fn the_manifest_lists_what_the_code_builds() {
    let committed = fs::read_to_string(package_dir().join("manifest.toml")).expect("the manifest");
    assert!(committed == manifest(&all()), "manifest.toml differs; {REBUILD}");
}

#[test]
fn every_rule_that_fires_has_an_innocent_neighbour() {
    let fixtures = all();
    let fires: BTreeSet<&str> = fixtures.iter().flat_map(|fixture| fixture.fires).copied().collect();
    let quiet: BTreeSet<&str> = fixtures.iter().flat_map(|fixture| fixture.quiet).copied().collect();
    let alone: Vec<_> = fires.difference(&quiet).collect();
    assert!(alone.is_empty(), "no neighbour for {alone:?}");
    for fixture in &fixtures {
        for rule in fixture.fires {
            assert!(!fixture.quiet.contains(rule), "{}: {rule} both ways", fixture.name);
        }
    }
}

#[test]
fn a_strict_reader_opens_every_sound_compound_file() {
    for fixture in all() {
        let is_compound = fixture.bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]);
        let is_damaged = fixture.fires.iter().any(|rule| ["CFB001", "CFB002"].contains(rule));
        if is_compound && !is_damaged {
            let opened = cfb::CompoundFile::open_strict(Cursor::new(&fixture.bytes));
            assert!(opened.is_ok(), "{}: {:?}", fixture.name, opened.err());
        }
    }
}

/// Hosts in the names of XML namespaces, which nothing asks.
const NAMESPACES: [&str; 4] =
    ["schemas.microsoft.com", "schemas.openxmlformats.org", "purl.org", "www.w3.org"];

#[test]
fn every_host_is_under_invalid() {
    for fixture in all() {
        for part in parts(&fixture.bytes) {
            for text in [narrow(&part), wide(&part, 0), wide(&part, 1)] {
                for host in hosts(&text) {
                    let is_namespace = NAMESPACES.contains(&host);
                    assert!(is_namespace || host.ends_with(".invalid"), "{}: host {host:?}", fixture.name);
                }
            }
        }
    }
}

/// The streams of a compound file, modules decompressed; the file itself where it is none.
fn parts(bytes: &[u8]) -> Vec<Vec<u8>> {
    let Ok(mut file) = cfb::CompoundFile::open(Cursor::new(bytes)) else {
        return vec![bytes.to_vec()];
    };
    let paths: Vec<_> =
        file.walk().filter(|entry| entry.is_stream()).map(|entry| entry.path().to_owned()).collect();
    let mut out = Vec::new();
    for path in paths {
        let mut part = Vec::new();
        let read = file.open_stream(&path).and_then(|mut stream| stream.read_to_end(&mut part));
        if read.is_err() {
            return vec![bytes.to_vec()];
        }
        let is_module = path.parent().is_some_and(|parent| parent.ends_with("VBA"));
        out.push(if is_module && part.first() == Some(&1) { decompress(&part) } else { part });
    }
    out
}

fn narrow(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn wide(bytes: &[u8], skip: usize) -> String {
    bytes[skip.min(bytes.len())..]
        .chunks_exact(2)
        .map(|pair| char::from_u32(u16::from_le_bytes([pair[0], pair[1]]).into()).unwrap_or(' '))
        .collect()
}

/// What follows `://`, and what follows two backslashes, as far as a host name can reach.
fn hosts(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    for mark in ["://", "\\\\", "\u{1}\u{1}@"] {
        for (at, _) in text.match_indices(mark) {
            let rest = &text[at + mark.len()..];
            let end = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-'))
                .unwrap_or(rest.len());
            if end > 0 {
                out.push(&rest[..end]);
            }
        }
    }
    out
}
