//! `docsift extract`: what lies in a document as files in a folder. Nothing is run or followed.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use docsift::containers::part::PartKind;
use docsift::report::MacroSheet;
use docsift::{Analyzer, Input, Options, PartView};
use serde_json::{Value, json};

use crate::args::Extract;
use crate::files::{Source, read};
use crate::names::Names;
use crate::output::Output;
use crate::term::safe_path;
use crate::{Exit, Failure, passwords};

/// A folder or file that cannot be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExtractError {
    #[error("{} is not empty; name another folder, or give --force to write over what is there", path.display())]
    NotEmpty { path: PathBuf },
    #[error("{} is not a folder of its own (a file or a symbolic link); name another", path.display())]
    NotFolder { path: PathBuf },
    #[error("cannot write {}: {error}. Check the space and the rights there", path.display())]
    Unwritable { path: PathBuf, error: io::Error },
}

/// Characters of macro text that the report may keep here: as much as a part may have.
const MACRO_CHARS: usize = 512 << 20;

/// Writes the parts of a file to a folder.
pub(crate) fn extract(args: &Extract, out: &mut Output) -> Result<Exit, Failure> {
    let stdin = args.path.as_os_str() == "-";
    let source = if stdin { Source::Stdin } else { Source::File(args.path.clone()) };
    let bytes = read(&source, args.max_size)?;
    let mut folder = Folder::open(&args.output, args.force)?;
    let mut options = Options::default();
    options.limits.report_chars = MACRO_CHARS;
    options.passwords = passwords::read(&args.passwords)?;
    let analyzer = Analyzer::new(options)?;
    let name = args.path.file_name().map(|name| name.to_string_lossy());
    let input = match &name {
        Some(name) if !stdin => Input::named(&bytes, name),
        _ => Input::from(&bytes),
    };
    let mut failed = None;
    let report = analyzer.analyze_with(input, &mut |view| {
        if failed.is_none() {
            failed = folder.part(view).err();
        }
    });
    if let Some(error) = failed {
        return Err(error.into());
    }
    for module in &report.macros.vba {
        let extension = match module.kind {
            "document" | "class" => ".cls",
            "form" => ".frm",
            _ => ".bas",
        };
        let about =
            json!({ "part": module.part, "name": module.name, "kind": module.kind, "cut": module.cut });
        folder.put("vba", &module.name, extension, module.source.as_bytes(), about)?;
    }
    for code in &report.macros.wordbasic {
        let about = json!({ "part": code.part, "name": code.name, "kind": "wordbasic", "cut": code.cut });
        folder.put("wordbasic", &code.name, ".bas", code.source.as_bytes(), about)?;
    }
    for sheet in &report.macros.xlm {
        let about = json!({ "part": sheet.part, "name": sheet.sheet, "kind": "xlm", "cut": sheet.cut });
        folder.put("xlm", &sheet.sheet, ".txt", formulas(sheet).as_bytes(), about)?;
    }
    let count = folder.index.len();
    let complete = report.verdict.complete;
    folder.finish(&json!({
        "input": { "name": report.input.name, "sha256": report.input.sha256 },
        "complete": complete,
    }))?;
    out.line(&format!(
        "{count} files written to {}; index.json names what they are",
        safe_path(&args.output)
    ))?;
    if !complete {
        eprintln!("docsift: not everything was read; `docsift scan` says what was not");
        return Ok(Exit::Inconclusive);
    }
    Ok(Exit::Nothing)
}

/// A macro sheet as text: a cell a line, with the value that the file keeps for it behind a tab.
fn formulas(sheet: &MacroSheet) -> String {
    let mut text = String::new();
    for cell in &sheet.cells {
        text += &cell.cell;
        text.push('\t');
        text += &cell.formula;
        if let Some(cached) = &cell.cached {
            text.push('\t');
            text += cached;
        }
        text.push('\n');
    }
    text
}

struct Folder {
    path: PathBuf,
    force: bool,
    names: Names,
    index: Vec<Value>,
}

impl Folder {
    fn open(path: &Path, force: bool) -> Result<Self, ExtractError> {
        fs::create_dir_all(path).map_err(|error| unwritable(path, error))?;
        let mut entries = fs::read_dir(path).map_err(|error| unwritable(path, error))?;
        if !force && entries.next().is_some() {
            return Err(ExtractError::NotEmpty { path: path.to_owned() });
        }
        Ok(Folder { path: path.to_owned(), force, names: Names::default(), index: Vec::new() })
    }

    /// Writes the bytes of a part. The input itself is not copied, and modules are written as text.
    fn part(&mut self, view: PartView<'_>) -> Result<(), ExtractError> {
        let part = view.part;
        let (under, extension) = match part.kind {
            _ if part.parent.is_none() => return Ok(()),
            PartKind::VbaSource | PartKind::WordBasic => return Ok(()),
            PartKind::Picture => ("pictures", picture_extension(view.bytes)),
            PartKind::Stream => ("streams", ".bin"),
            PartKind::Slack => ("slack", ".bin"),
            PartKind::Written => ("written", ".bin"),
            PartKind::Memory => ("memory", ".bin"),
            // An extension that a system would start is never kept.
            _ => ("files", ".bin"),
        };
        let about = json!({
            "part": part.id.0,
            "name": part.name,
            "path": view.path,
            "kind": part.kind.name(),
        });
        self.put(under, &part.name, extension, view.bytes, about)
    }

    fn put(
        &mut self,
        under: &str,
        name: &str,
        extension: &str,
        bytes: &[u8],
        mut about: Value,
    ) -> Result<(), ExtractError> {
        let folder = self.path.join(under);
        match fs::create_dir(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(unwritable(&folder, error));
            }
            _ => {}
        }
        // What was there before may be a link that leads elsewhere.
        if !fs::symlink_metadata(&folder).is_ok_and(|meta| meta.is_dir()) {
            return Err(ExtractError::NotFolder { path: folder });
        }
        let given = self.names.give(under, name, extension);
        self.write(&folder.join(&given), bytes)?;
        if let Some(fields) = about.as_object_mut() {
            fields.insert("file".into(), format!("{under}/{given}").into());
            fields.insert("size".into(), bytes.len().into());
        }
        self.index.push(about);
        Ok(())
    }

    /// Makes a file. With force, what has its name is taken away first, so that a link is not
    /// written through.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), ExtractError> {
        if self.force {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unwritable(path, error)),
                _ => {}
            }
        }
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(path)
            .and_then(|mut file| file.write_all(bytes))
            .map_err(|error| unwritable(path, error))
    }

    fn finish(self, about: &Value) -> Result<(), ExtractError> {
        let mut about = about.clone();
        if let Some(fields) = about.as_object_mut() {
            fields.insert("files".into(), self.index.clone().into());
        }
        self.write(&self.path.join("index.json"), format!("{about:#}\n").as_bytes())
    }
}

fn unwritable(path: &Path, error: io::Error) -> ExtractError {
    ExtractError::Unwritable { path: path.to_owned(), error }
}

/// The extension that a picture's first bytes ask for.
fn picture_extension(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => ".png",
        [0xff, 0xd8, 0xff, ..] => ".jpg",
        [b'G', b'I', b'F', b'8', ..] => ".gif",
        [b'B', b'M', ..] => ".bmp",
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => ".tif",
        [0xd7, 0xcd, 0xc6, 0x9a, ..] => ".wmf",
        [1, 0, 0, 0, ..] if bytes.get(40..44) == Some(b" EMF") => ".emf",
        _ => ".bin",
    }
}
