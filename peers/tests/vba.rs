//! VBA modules side by side with olevba's, over the sample files.
//!
//! The samples are no part of the repository: without them the test says so and passes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use docsift::base::{Budget, Cx, LimitHit, Limits, PartId, ProblemKind, Problems, Stage};
use docsift::containers::cfb::{self, CompoundFile};
use docsift::vba::source::{self, Reached, Sighting, SourceView};
use docsift::vba::{self, Project, StreamRef, Streams};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Files whose modules differ from olevba's on purpose: path, how many modules only olevba has, how
/// many only we have, and why.
const ARGUED: &[(&str, usize, usize, &str)] = &[
    ("benign/poi/59302.ppt", 2, 0, IN_RECORD),
    ("benign/poi/SimpleMacro.ppt", 1, 0, IN_RECORD),
    ("benign/poi/WithMacros.ppt", 1, 0, IN_RECORD),
    ("poc/maldoca/95dc7b31c9ba45a066f580e6e2c5c914", 1, 0, IN_RECORD),
    ("poc/oletools/sample_with_vba.ppt", 1, 0, IN_RECORD),
    ("poc/oletools/autostart-encrypt-standardpassword.xlsb", 3, 0, ENCRYPTED),
    ("poc/oletools/autostart-encrypt-standardpassword.xlsm", 3, 0, ENCRYPTED),
    ("benign/poi/60279.doc", 0, 1, "the text is not at its offset; we search the stream for it"),
    ("benign/poi/62624.bin", 3, 3, WIDE_NAME),
    ("benign/poi/62625.bin", 6, 6, WIDE_NAME),
    ("malformed/rust-cfb/loop_in_directory", 3, 3, LEFT_OVER),
    ("malformed/rust-cfb/loop_in_minialloc", 1, 4, LEFT_OVER),
    ("malformed/rust-cfb/loop_in_minichain", 2, 2, LEFT_OVER),
    ("malformed/rust-cfb/loop_in_open_2", 0, 1, LEFT_OVER),
];

const LEFT_OVER: &str = "streams that dir does not lead to: we name them by VB_Name, olevba by stream or not at all; \
                         modules of dir without text are listed";
const IN_RECORD: &str = "the project is a compressed record of the PowerPoint Document stream, no storage";
const ENCRYPTED: &str = "olevba was given the plaintext; the compound file holds ciphertext";
const WIDE_NAME: &str =
    "same texts; we name modules by their Unicode name, olevba by the 8-bit one in Mac Roman";

/// The streams of a compound file.
struct Tree<'a> {
    file: CompoundFile<'a>,
    /// Identifier, storage and name.
    streams: Vec<(u32, String, String, u64, bool)>,
}

impl<'a> Tree<'a> {
    fn open(bytes: &'a [u8]) -> Tree<'a> {
        let mut file = CompoundFile::default();
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx = Cx { part: PartId(0), stage: Stage::Cfb, budget: &mut budget, problems: &mut problems };
        cfb::read(bytes, &mut file, &mut cx).expect("no limit is reached");
        let streams = file.entries().iter().filter(|entry| entry.is_stream());
        let streams = streams.map(|entry| {
            let storage = entry.parent.map_or(String::new(), |parent| file.path(parent));
            (entry.id, storage, entry.name.clone(), entry.size, entry.reached)
        });
        let streams = streams.collect();
        Tree { file, streams }
    }
}

impl Streams for Tree<'_> {
    fn list(&self) -> Vec<StreamRef<'_>> {
        let refs = self.streams.iter();
        refs.map(|(id, storage, name, len, reached)| StreamRef {
            id: *id,
            storage,
            name,
            len: *len,
            reached: *reached,
        })
        .collect()
    }

    fn open(&self, id: u32, cx: &mut Cx<'_>) -> Result<Cow<'_, [u8]>, LimitHit> {
        self.file.stream(id, cx)?.bytes(cx)
    }

    fn part(&self, _: u32) -> PartId {
        PartId(0)
    }
}

fn projects(tree: &Tree<'_>, problems: &mut Problems) -> Vec<Project> {
    let mut budget = Budget::new(&Limits::default());
    let mut cx = Cx { part: PartId(0), stage: Stage::Vba, budget: &mut budget, problems };
    let mut roots = Vec::new();
    vba::find(tree, &mut roots, &mut cx).expect("no limit is reached");
    let mut projects = Vec::new();
    for root in &roots {
        let mut project = Project::default();
        vba::read(tree, root, &mut project, &mut cx).expect("no limit is reached");
        projects.push(project);
    }
    projects
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Name and hash of a module. Two modules may share a name, so that both sides are sorted lists.
type Named = Vec<(String, String)>;

#[test]
fn modules_are_those_of_olevba() {
    let samples = Path::new("/work/shared/samples");
    let Ok(oracle) = std::fs::read_to_string(samples.join("oracle/vba.jsonl")) else {
        println!("skipped: no samples at {}", samples.display());
        return;
    };
    let (mut files, mut with_modules, mut modules) = (0, 0, 0);
    let mut differences = BTreeMap::new();
    let mut abandoned = BTreeMap::new();
    for line in oracle.lines() {
        let row: Value = serde_json::from_str(line).expect("the oracle is JSON Lines");
        let path = row["path"].as_str().expect("every row has a path");
        let bytes = std::fs::read(samples.join(path)).expect("the oracle's files are there");
        if !bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            continue;
        }
        let tree = Tree::open(&bytes);
        files += 1;
        let mut problems = Problems::default();
        let projects = projects(&tree, &mut problems);
        if problems.count_of(Stage::Vba, ProblemKind::Abandoned) > 0 {
            abandoned.insert(path.to_owned(), problems.list().to_vec());
        }
        let mut ours: Named = Vec::new();
        let mut texts: Named = Vec::new();
        for module in projects.iter().flat_map(|project| &project.modules) {
            ours.push((module.file_name(), sha256(&module.raw)));
            texts.push((module.file_name(), sha256(module.text().as_bytes())));
        }
        let theirs = row["modules"].as_array().cloned().unwrap_or_default();
        with_modules += usize::from(!theirs.is_empty());
        let mut missing = Vec::new();
        for theirs in &theirs {
            modules += 1;
            let name = theirs["name"].as_str().unwrap_or_default().to_owned();
            let found = match theirs["raw_sha256"].as_str() {
                Some(hash) => ours.iter().position(|our| *our == (name.clone(), hash.to_owned())),
                None => {
                    let hash = theirs["sha256"].as_str().unwrap_or_default();
                    texts.iter().position(|our| *our == (name.clone(), hash.to_owned()))
                }
            };
            match found {
                Some(at) => {
                    ours.swap_remove(at);
                    texts.swap_remove(at);
                }
                None => missing.push(format!("{name} in {}", theirs["stream"])),
            }
        }
        if !missing.is_empty() || !ours.is_empty() {
            let only_ours: Vec<_> = ours.into_iter().map(|(name, _)| name).collect();
            differences.insert(path.to_owned(), (missing, only_ours));
        }
    }
    println!(
        "{files} compound files read, {with_modules} with modules by olevba, {modules} modules, {} files differ, {} with something abandoned",
        differences.len(),
        abandoned.len()
    );
    for (path, problems) in &abandoned {
        println!("abandoned in {path}: {problems:?}");
    }
    let unargued: Vec<_> = differences
        .iter()
        .filter(|(path, (theirs, ours))| {
            let argued = ARGUED.iter().find(|(argued, ..)| argued == path);
            argued.is_none_or(|(_, only_theirs, only_ours, _)| {
                (theirs.len(), ours.len()) != (*only_theirs, *only_ours)
            })
        })
        .collect();
    for (path, theirs, ours, why) in ARGUED {
        println!("argued: {path}: {theirs} only by olevba, {ours} only by us: {why}");
    }
    assert!(unargued.is_empty(), "{unargued:#?}");
    let gone: Vec<_> = ARGUED.iter().filter(|(path, ..)| !differences.contains_key(*path)).collect();
    assert!(gone.is_empty(), "argued, but equal: {gone:?}");
}

#[test]
fn every_sample_module_has_a_view() {
    let samples = Path::new("/work/shared/samples");
    let Ok(manifest) = std::fs::read_to_string(samples.join("manifest.tsv")) else {
        println!("skipped: no samples at {}", samples.display());
        return;
    };
    let (mut modules, mut procedures, mut literals, mut sightings, mut reached) = (0, 0, 0, 0, 0);
    for path in manifest.lines().skip(1).filter_map(|line| line.split('\t').next()) {
        let Ok(bytes) = std::fs::read(samples.join(path)) else { continue };
        if !bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            continue;
        }
        let tree = Tree::open(&bytes);
        let mut problems = Problems::default();
        for project in projects(&tree, &mut problems) {
            let mut budget = Budget::new(&Limits::default());
            let mut cx =
                Cx { part: PartId(0), stage: Stage::Vba, budget: &mut budget, problems: &mut problems };
            let mut views = Vec::new();
            for module in &project.modules {
                let mut view = SourceView::default();
                source::view(&module.text(), &source::Shared::default(), &mut view, &mut cx)
                    .expect("no limit is reached");
                views.push(view);
            }
            let mut all = Reached::default();
            source::reachable_from_auto_exec(&project, &views, &mut all, &mut cx)
                .expect("no limit is reached");
            modules += views.len();
            reached += all.procedures.len();
            for (module, view) in project.modules.iter().zip(&views) {
                procedures += view.procedures.len();
                literals += view.literals().count();
                sightings += view.sightings.len();
                if std::env::var_os("VBA_VERBOSE").is_some() {
                    for sighting in &view.sightings {
                        let Sighting { kind, line, text, argument, .. } = sighting;
                        println!("{path} {} {line}: {kind:?} {argument:?} in {text:?}", module.name);
                    }
                }
            }
            if std::env::var_os("VBA_VERBOSE").is_some() {
                for oddity in &project.oddities {
                    println!("{path} oddity {:?} {:?} {:?}", oddity.kind, oddity.module, project.reach);
                }
                for (id, cause) in &all.starts {
                    let name = &views[id.module as usize].procedures[id.procedure as usize].name;
                    println!("{path} starts {name} by {cause:?}");
                }
                println!("{path} {:?} {:?} {:?}", project.reach, project.protection, project.signature);
                for problem in problems.list() {
                    println!("{path} problem {problem:?}");
                }
            }
        }
    }
    println!(
        "{modules} modules, {procedures} procedures ({reached} reached), {literals} texts, {sightings} sightings"
    );
    assert!(modules > 0);
}
