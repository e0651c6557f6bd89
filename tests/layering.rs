//! Dependencies between the rooms of the library point down only.

use std::fs;
use std::path::Path;

/// Each room and its layer. A room may use rooms of its own layer and of lower ones.
const LAYERS: &[(&str, u8)] = &[
    ("base", 0),
    ("containers", 1),
    ("crypto", 1),
    ("documents", 2),
    ("vba", 3),
    ("xlm", 3),
    ("lure", 3),
    ("indicators", 3),
    ("findings", 4),
    ("verdict", 5),
    ("report", 5),
    ("analyzer", 6),
];

/// Rooms of one layer that do not see each other.
const APART: [&str; 2] = ["vba", "xlm"];

fn layer(room: &str) -> Option<u8> {
    LAYERS.iter().find(|(name, _)| *name == room).map(|(_, layer)| *layer)
}

/// What is wrong with the source at `path` (from `src/`), a line each.
fn violations(path: &str, source: &str) -> Vec<String> {
    let module: Vec<&str> =
        path.trim_end_matches(".rs").split('/').filter(|segment| *segment != "mod").collect();
    let room = module[0];
    let Some(own) = layer(room) else {
        return vec![format!("{path}: {room:?} is no room; add it to the table of layers")];
    };
    let mut found = Vec::new();
    for (at, used) in rooms_used(&module, &code_only(source)) {
        let problem = match layer(&used) {
            None => "names no room: re-exports of the crate root hide the layer",
            Some(layer) if layer > own => "is a layer above",
            Some(_) if used != room && APART.contains(&room) && APART.contains(&&*used) => "is kept apart",
            Some(_) => continue,
        };
        found.push(format!("{path}:{at}: `{used}` {problem}"));
    }
    found
}

/// First segments of all paths from the crate root, with their lines.
fn rooms_used(module: &[&str], code: &str) -> Vec<(usize, String)> {
    let mut used = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        // `my_crate::` is another path.
        if !code[..at].ends_with(is_name) {
            used.extend(first_segments(&code[at + "crate::".len()..]).map(|room| (line(code, at), room)));
        }
    }
    // As many `super` as the module is deep lead to the crate root.
    let up = "super::".repeat(module.len());
    for (at, _) in code.match_indices(&up) {
        let rest = code[at..].trim_start_matches("super::");
        let rooms = first_segments(rest).filter(|room| layer(room).is_some());
        used.extend(rooms.map(|room| (line(code, at), room)));
    }
    used
}

fn is_name(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

fn line(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

/// `a` of `a::b`, and `a` and `b` of `{a::{x, y}, b}`.
fn first_segments(path: &str) -> impl Iterator<Item = String> {
    let mut entries = vec![String::new()];
    if let Some(group) = path.strip_prefix('{') {
        let mut depth = 0u32;
        for char in group.chars() {
            match char {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => entries.push(String::new()),
                _ if depth == 0 => entries.last_mut().unwrap().push(char),
                _ => {}
            }
        }
    } else {
        entries[0] = path.split(|char| !is_name(char)).next().unwrap_or_default().to_owned();
    }
    entries
        .into_iter()
        .map(|entry| entry.trim().split(|char| !is_name(char)).next().unwrap_or_default().to_owned())
        .filter(|entry| !entry.is_empty())
}

/// The source without line comments, whose links may point anywhere. Lines keep their numbers.
fn code_only(source: &str) -> String {
    let lines = source.lines().map(|line| {
        let comment = line.match_indices("//").find(|(at, _)| !line[..*at].ends_with(':'));
        comment.map_or(line, |(at, _)| &line[..at])
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn rooms_use_only_what_lies_below_them() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut waiting = vec![src.clone()];
    let mut found = Vec::new();
    let mut files = 0;
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
                files += 1;
                if name != "lib.rs" {
                    found.extend(violations(&name, &fs::read_to_string(&path).unwrap()));
                }
            }
        }
    }
    assert!(files > 20, "only {files} files in {}", src.display());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn upward_paths_of_every_form_are_found() {
    let above = |path: &str, source: &str, expected: &[&str]| {
        assert_eq!(violations(path, source), expected, "{path}: {source}");
    };
    above("base/text.rs", "\nuse crate::report::Report;", &["base/text.rs:2: `report` is a layer above"]);
    above(
        "xlm/machine.rs",
        "fn f(x: crate::findings::Facts) {}",
        &["xlm/machine.rs:1: `findings` is a layer above"],
    );
    above(
        "documents/biff/mod.rs",
        "use crate::{base::{A, B}, vba::C, analyzer};",
        &[
            "documents/biff/mod.rs:1: `vba` is a layer above",
            "documents/biff/mod.rs:1: `analyzer` is a layer above",
        ],
    );
    above("vba/mod.rs", "use super::xlm::Sheet;", &["vba/mod.rs:1: `xlm` is kept apart"]);
    above("xlm/value.rs", "use super::super::vba;", &["xlm/value.rs:1: `vba` is kept apart"]);
    above(
        "lure/mod.rs",
        "use crate::Report;",
        &["lure/mod.rs:1: `Report` names no room: re-exports of the crate root hide the layer"],
    );
    above("macro/mod.rs", "", &["macro/mod.rs: \"macro\" is no room; add it to the table of layers"]);
    above(
        "findings/rule.rs",
        "macro_rules! m { () => { $crate::report::X } }",
        &["findings/rule.rs:1: `report` is a layer above"],
    );
}

#[test]
fn downward_paths_comments_and_other_crates_are_let_through() {
    for (path, source) in [
        ("findings/rules/xlm.rs", "use crate::base::{Effect, Location};\nuse crate::xlm::Sheet;"),
        ("xlm/mod.rs", "use crate::{base::Cx, documents::workbook::{Sheet, Workbook}, xlm::value};"),
        ("lure/mod.rs", "use crate::indicators::defang;"),
        ("base/text.rs", "/// Shown by [`crate::report::Report`].\nfn f() {} // crate::analyzer"),
        ("base/text.rs", "pub(crate) fn f() { my_crate::report::x() }"),
        ("vba/dir.rs", "mod tests { use super::*; use super::super::Project; }"),
        ("report/mod.rs", "use crate::verdict::Level;"),
        ("analyzer.rs", "use crate::report::Report;"),
    ] {
        assert_eq!(violations(path, source), [""; 0], "{path}: {source}");
    }
}
