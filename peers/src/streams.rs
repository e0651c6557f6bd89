//! Streams of compound files by docsift, by olefile (Python) and by the crate `cfb`.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use docsift::base::{Budget, Cx, LimitHit, Limits, PartId, Problems, Stage};
use docsift::containers::cfb::{self as ours, CompoundFile};
use sha2::{Digest, Sha256};

use crate::files;

/// A stream: its path, and its bytes as far as the reader gives them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// Names from the root, joined by `/`.
    pub path: String,
    /// Length and SHA-256 of the content, or why there is none.
    pub content: Result<(u64, String), String>,
}

impl Listed {
    fn of(path: String, content: &[u8]) -> Self {
        let hash = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        Listed { path, content: Ok((content.len() as u64, hash)) }
    }
}

/// Runs `work` with a full budget.
pub fn with_cx<T>(work: impl FnOnce(&mut Cx<'_>) -> T) -> (T, Problems) {
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Cfb, budget: &mut budget, problems: &mut problems };
    let result = work(&mut cx);
    (result, problems)
}

/// The streams that docsift reaches through the tree, in the order of the directory.
///
/// # Errors
/// The limit that ended the walk.
pub fn by_docsift(file: &[u8]) -> Result<Vec<Listed>, LimitHit> {
    with_cx(|cx| {
        let mut compound = CompoundFile::default();
        ours::read(file, &mut compound, cx)?;
        let mut listed = Vec::new();
        for entry in compound.entries() {
            if entry.is_stream() && entry.parent.is_some() {
                let content = compound.stream(entry.id, cx)?.bytes(cx)?;
                listed.push(Listed::of(compound.path(entry.id), &content));
            }
        }
        Ok(listed)
    })
    .0
}

/// The streams that the crate `cfb` lists; `None` when it refuses the file.
pub fn by_cfb(file: &[u8]) -> Option<Vec<Listed>> {
    let mut compound = cfb::CompoundFile::open(Cursor::new(file)).ok()?;
    let paths: Vec<PathBuf> =
        compound.walk().filter(|entry| entry.is_stream()).map(|entry| entry.path().to_owned()).collect();
    let mut listed = Vec::new();
    for path in &paths {
        let mut content = Vec::new();
        let read = compound.open_stream(path).and_then(|mut stream| stream.read_to_end(&mut content));
        let name = path.to_string_lossy().trim_start_matches('/').to_owned();
        // The crate opens by path only, so that it finds one of two streams with the same name.
        let is_twice = paths.iter().filter(|other| *other == path).count() > 1;
        listed.push(match read {
            Ok(_) if is_twice => Listed { path: name, content: Err("two streams have this path".to_owned()) },
            Ok(_) => Listed::of(name, &content),
            Err(error) => Listed { path: name, content: Err(error.to_string()) },
        });
    }
    Some(listed)
}

/// The streams that olefile lists, a result for each file: the list, or why it refused.
///
/// # Errors
/// A sentence for the user when Python or olefile cannot be had.
pub fn by_olefile(paths: &[PathBuf]) -> Result<Vec<Result<Vec<Listed>, String>>, String> {
    let python = files::python_with("olefile")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/streams.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut stdin = child.stdin.take().ok_or("no standard input")?;
    let lines: String = paths.iter().map(|path| format!("{}\n", path.display())).collect();
    let writer = thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    writer.join().map_err(|_| "the writer died")?.map_err(|error| error.to_string())?;
    let rows = String::from_utf8_lossy(&output.stdout);
    let results: Vec<_> = rows.lines().map(olefile_row).collect::<Result<_, _>>()?;
    if results.len() == paths.len() {
        Ok(results)
    } else {
        Err(format!("olefile answered for {} of {} files", results.len(), paths.len()))
    }
}

fn olefile_row(line: &str) -> Result<Result<Vec<Listed>, String>, String> {
    let row: serde_json::Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    if let Some(error) = row["error"].as_str() {
        return Ok(Err(error.to_owned()));
    }
    let streams = row["streams"].as_array().ok_or("no streams")?;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    Ok(Ok(streams
        .iter()
        .map(|stream| Listed {
            path: text(&stream["path"]),
            content: match stream["size"].as_u64() {
                Some(size) => Ok((size, text(&stream["sha256"]))),
                None => Err(text(&stream["error"])),
            },
        })
        .collect()))
}

/// What the peer lists and we do not have with the same content, and what only we have.
pub fn differences(ours: &[Listed], peer: &[Listed]) -> Vec<String> {
    let mut left: BTreeMap<&Listed, i64> = BTreeMap::new();
    ours.iter().for_each(|stream| *left.entry(stream).or_default() += 1);
    peer.iter().for_each(|stream| *left.entry(stream).or_default() -= 1);
    let say = |stream: &Listed| match &stream.content {
        Ok((size, hash)) => format!("{:?}, {size} bytes, {}", stream.path, &hash[..12]),
        Err(error) => format!("{:?}, {error}", stream.path),
    };
    left.iter()
        .filter(|(_, count)| **count != 0)
        .map(|(stream, count)| format!("{}: {}", if *count > 0 { "ours" } else { "peer" }, say(stream)))
        .collect()
}

/// The command `streams`.
pub fn run(paths: &[PathBuf]) -> ExitCode {
    let files: Vec<(PathBuf, Vec<u8>)> = files::files_under(paths)
        .into_iter()
        .filter_map(|path| fs::read(&path).ok().map(|content| (path, content)))
        .filter(|(_, content)| docsift::containers::sniff::sniff(content).is_compound_file())
        .collect();
    println!("{} files are compound files by content", files.len());

    let ours: Vec<_> = files.iter().map(|(_, content)| by_docsift(content)).collect();
    let limited = ours.iter().filter(|result| result.is_err()).count();
    println!("docsift: {} read to the end, {limited} stopped by a limit", files.len() - limited);
    print_times(&files);

    let names: Vec<_> = files.iter().map(|(path, _)| path.clone()).collect();
    match by_olefile(&names) {
        Ok(peer) => print_summary("olefile", &names, &ours, peer.into_iter().map(Result::ok)),
        Err(reason) => println!("olefile: not compared: {reason}"),
    }
    print_summary("cfb", &names, &ours, files.iter().map(|(_, content)| by_cfb(content)));
    ExitCode::SUCCESS
}

fn print_summary(
    peer: &str,
    names: &[PathBuf],
    ours: &[Result<Vec<Listed>, LimitHit>],
    theirs: impl Iterator<Item = Option<Vec<Listed>>>,
) {
    let (mut opened, mut equal, mut streams, mut equal_streams) = (0, 0, 0, 0);
    for ((name, ours), theirs) in names.iter().zip(ours).zip(theirs) {
        let Some(theirs) = theirs else { continue };
        opened += 1;
        streams += theirs.len();
        let ours = ours.as_deref().unwrap_or_default();
        let differences = differences(ours, &theirs);
        let lacking = differences.iter().filter(|line| line.starts_with("peer")).count();
        equal_streams += theirs.len() - lacking;
        if differences.is_empty() {
            equal += 1;
        } else {
            println!("{}", name.display());
            differences.iter().for_each(|line| println!("  {line}"));
        }
    }
    println!(
        "{peer}: opens {opened} of {}; of these {equal} are equal in all paths, sizes and hashes",
        names.len()
    );
    println!("{peer}: lists {streams} streams; {equal_streams} of them are equal in ours");
}

fn print_times(files: &[(PathBuf, Vec<u8>)]) {
    let mut times: Vec<(Duration, &Path)> = files
        .iter()
        .map(|(path, content)| {
            let begin = Instant::now();
            with_cx(|cx| {
                let mut compound = CompoundFile::default();
                let _ = ours::read(content, &mut compound, cx);
                for entry in compound.entries() {
                    let _ = compound.stream(entry.id, cx);
                }
            });
            (begin.elapsed(), path.as_path())
        })
        .collect();
    times.sort();
    if let (Some((median, _)), Some((slowest, path))) = (times.get(times.len() / 2), times.last()) {
        println!("docsift: open and list, median {median:?}, slowest {slowest:?} ({})", path.display());
    }
}
