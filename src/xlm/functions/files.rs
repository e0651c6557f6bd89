//! Files that a macro opens, reads, writes and deletes. Nothing outside is touched: what a macro
//! wrote can be read again, everything else is unknown.

use super::{Spec, act, slice_chars};
use crate::base::{EffectDetail, EffectKind, LimitHit};
use crate::xlm::machine::{Call, Flow, Machine};
use crate::xlm::value::{Data, ErrorCode, Origins, Value};

pub(super) const TABLE: &[Spec] = &[
    act("COPY.FILE", copy_file, "Copies a file"),
    act("CREATE.DIRECTORY", create_directory, "Makes a folder"),
    act("DELETE.DIRECTORY", delete, "Deletes a folder"),
    act("DIRECTORY", directory, "The current folder, or sets it"),
    act("FCLOSE", close, "Closes a file"),
    act("FILE.DELETE", delete, "Deletes a file"),
    act("FILE.EXISTS", exists, "Whether a file is there"),
    act("FILES", files, "Names of files"),
    act("FOPEN", open, "Opens or makes a file"),
    act("FPOS", position, "The position in a file, or sets it"),
    act("FREAD", read, "Reads characters of a file"),
    act("FREADLN", read_line, "Reads a line of a file"),
    act("FSIZE", size, "The size of a file"),
    act("FWRITE", write, "Writes a text to a file"),
    act("FWRITELN", write_line, "Writes a text and a line end to a file"),
];

/// The files of a run.
#[derive(Debug, Default)]
pub struct Files {
    opened: Vec<Opened>,
    written: Vec<Written>,
    len: usize,
}

#[derive(Debug)]
struct Opened {
    path: String,
    /// Position in characters, from 0.
    at: usize,
    is_open: bool,
}

#[derive(Debug)]
struct Written {
    path: String,
    content: String,
    /// Index of what was done, so that its content grows.
    done: usize,
    deleted: bool,
}

/// Files that are kept, and characters of all of them.
const FILES: usize = 256;
const CONTENT: usize = 1 << 20;

impl Files {
    fn opened(&mut self, handle: Option<i64>) -> Option<&mut Opened> {
        let index = usize::try_from(handle?.checked_sub(1)?).ok()?;
        self.opened.get_mut(index).filter(|file| file.is_open)
    }

    fn written(&self, path: &str) -> Option<usize> {
        self.written.iter().position(|file| file.path.eq_ignore_ascii_case(path))
    }

    fn content(&self, path: &str) -> Option<&str> {
        let index = self.written(path)?;
        self.written.get(index).filter(|file| !file.deleted).map(|file| file.content.as_str())
    }
}

fn value(data: impl Into<Data>) -> Result<Flow, LimitHit> {
    Ok(Flow::Value(data.into().into()))
}

fn not_available() -> Result<Flow, LimitHit> {
    value(ErrorCode::NotAvailable)
}

fn open(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let path = machine.text_of(call.arg(0))?.to_string();
    let access = machine.integer_of(call.arg(1))?.unwrap_or(1);
    if machine.files.opened.len() >= FILES {
        return not_available();
    }
    machine.files.opened.push(Opened { path: path.clone(), at: 0, is_open: true });
    let handle = f64::from(u32::try_from(machine.files.opened.len()).unwrap_or(u32::MAX));
    let origins = call.origins();
    let known = machine.files.written(&path).is_some();
    match access {
        3 => begin(machine, &path, origins, "FOPEN")?,
        _ if !known => {
            let detail = EffectDetail { path: Some(path.clone()), ..EffectDetail::default() };
            machine.done(EffectKind::Check, format!("FOPEN({path}, {access})"), detail, origins)?;
        }
        _ => {}
    }
    if known || access == 3 {
        return value(handle);
    }
    // Whether a file is there that the macro did not make nobody knows.
    let asked = machine.ask(&format!("whether {path} is there"), Data::Number(handle), &[]);
    Ok(Flow::Value(Value { data: Data::Number(handle), ..asked }))
}

/// A file is made, or written to for the first time.
fn begin(
    machine: &mut Machine<'_, '_>,
    path: &str,
    origins: Origins,
    function: &str,
) -> Result<(), LimitHit> {
    if let Some(file) = machine.files.written(path).and_then(|index| machine.files.written.get_mut(index)) {
        file.content.clear();
        file.deleted = false;
        return Ok(());
    }
    let done = machine.out.done.len();
    let detail =
        EffectDetail { path: Some(path.to_owned()), content: Some(String::new()), ..EffectDetail::default() };
    machine.done(EffectKind::Write, format!("{function}({path})"), detail, origins)?;
    if machine.files.written.len() < FILES {
        machine.files.written.push(Written {
            path: path.to_owned(),
            content: String::new(),
            done,
            deleted: false,
        });
    }
    Ok(())
}

/// A file is written as a whole by something else than FWRITE.
///
/// # Errors
/// [`LimitHit`] when models take too much memory.
pub(super) fn written_whole(
    machine: &mut Machine<'_, '_>,
    path: &str,
    content: &str,
    origins: Origins,
    function: &str,
) -> Result<(), LimitHit> {
    begin(machine, path, origins, function)?;
    machine.cx.budget.hold(content.len().saturating_mul(2))?;
    let files = &mut machine.files;
    let room = CONTENT.saturating_sub(files.len);
    let Some(file) = files.written(path).and_then(|index| files.written.get_mut(index)) else {
        return Ok(());
    };
    if content.len() > room {
        return Ok(());
    }
    file.content.push_str(content);
    files.len = files.len.saturating_add(content.len());
    if let Some(done) = machine.out.done.get_mut(file.done) {
        done.detail.content = Some(content.to_owned());
    }
    Ok(())
}

fn append(machine: &mut Machine<'_, '_>, call: &Call, end: &str) -> Result<Flow, LimitHit> {
    let handle = machine.integer_of(call.arg(0))?;
    let text = machine.text_of(call.arg(1))?;
    let Some(path) = machine.files.opened(handle).map(|file| file.path.clone()) else {
        return not_available();
    };
    if machine.files.written(&path).is_none() {
        begin(machine, &path, call.origins(), "FWRITE")?;
    }
    let added = text.len().saturating_add(end.len());
    machine.cx.budget.hold(added)?;
    let files = &mut machine.files;
    let room = CONTENT.saturating_sub(files.len);
    let Some(file) = files.written(&path).and_then(|index| files.written.get_mut(index)) else {
        return not_available();
    };
    if added <= room {
        file.content.push_str(&text);
        file.content.push_str(end);
        files.len = files.len.saturating_add(added);
    }
    if let Some(done) = machine.out.done.get_mut(file.done) {
        done.origins = done.origins.and(call.origins());
        if added <= room {
            let content = done.detail.content.get_or_insert_default();
            content.push_str(&text);
            content.push_str(end);
        }
    }
    let count = text.chars().count();
    value(f64::from(u32::try_from(count).unwrap_or(u32::MAX)))
}

fn write(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    append(machine, call, "")
}

fn write_line(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    append(machine, call, "\r\n")
}

fn read(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let handle = machine.integer_of(call.arg(0))?;
    let count = machine.integer_of(call.arg(1))?.and_then(|count| usize::try_from(count).ok());
    read_up_to(machine, handle, |rest| slice_chars(rest, 0, count.unwrap_or(0)).len(), 0)
}

fn read_line(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let handle = machine.integer_of(call.arg(0))?;
    read_up_to(machine, handle, |rest| rest.find(['\r', '\n']).unwrap_or(rest.len()), 2)
}

/// Reads from where the file stands. `end` says how many bytes of the rest; behind them up to `skip`
/// characters of a line end are passed over.
fn read_up_to(
    machine: &mut Machine<'_, '_>,
    handle: Option<i64>,
    end: impl Fn(&str) -> usize,
    skip: usize,
) -> Result<Flow, LimitHit> {
    let Some((path, at)) = machine.files.opened(handle).map(|file| (file.path.clone(), file.at)) else {
        return not_available();
    };
    let Some(content) = machine.files.content(&path) else {
        let label = format!("{path} at {at}");
        let read = machine.unknown(&label, Data::Text("".into()));
        return Ok(Flow::Value(read));
    };
    machine.cx.budget.touch(content.len())?;
    let rest = slice_chars(content, at, usize::MAX);
    if rest.is_empty() {
        return not_available();
    }
    let taken = rest.get(..end(rest)).unwrap_or(rest);
    let behind = rest.get(taken.len()..).unwrap_or_default();
    let passed = behind.chars().take(skip).take_while(|letter| matches!(letter, '\r' | '\n')).count();
    let data = Data::text(taken);
    let moved = taken.chars().count().saturating_add(passed);
    if let Some(file) = machine.files.opened(handle) {
        file.at = file.at.saturating_add(moved);
    }
    value(data)
}

fn close(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let handle = machine.integer_of(call.arg(0))?;
    match machine.files.opened(handle) {
        Some(file) => {
            file.is_open = false;
            value(true)
        }
        None => not_available(),
    }
}

fn size(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let handle = machine.integer_of(call.arg(0))?;
    let Some(path) = machine.files.opened(handle).map(|file| file.path.clone()) else {
        return not_available();
    };
    match machine.files.content(&path) {
        Some(content) => {
            let count = content.chars().count();
            value(f64::from(u32::try_from(count).unwrap_or(u32::MAX)))
        }
        None => Ok(Flow::Value(machine.ask(&format!("size of {path}"), Data::Number(4096.0), &[]))),
    }
}

fn position(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let handle = machine.integer_of(call.arg(0))?;
    let to = machine.integer_of(call.arg(1))?;
    let Some(file) = machine.files.opened(handle) else { return not_available() };
    if let Some(to) = to {
        file.at = usize::try_from(to.saturating_sub(1)).unwrap_or(0);
    }
    let at = u32::try_from(file.at).unwrap_or(u32::MAX);
    value(f64::from(at) + 1.0)
}

fn delete(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let path = machine.text_of(call.arg(0))?.to_string();
    if let Some(file) = machine.files.written(&path).and_then(|index| machine.files.written.get_mut(index)) {
        file.deleted = true;
    }
    let detail = EffectDetail { path: Some(path.clone()), ..EffectDetail::default() };
    machine.done(EffectKind::Delete, format!("{}({path})", call.spec.name), detail, call.origins())?;
    value(true)
}

fn exists(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let path = machine.text_of(call.arg(0))?.to_string();
    if machine.files.content(&path).is_some() {
        return value(true);
    }
    Ok(Flow::Value(machine.ask(&format!("whether {path} is there"), Data::Boolean(true), &[])))
}

fn create_directory(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let path = machine.text_of(call.arg(0))?.to_string();
    let detail = EffectDetail { path: Some(path.clone()), ..EffectDetail::default() };
    machine.done(EffectKind::Write, format!("{}({path})", call.spec.name), detail, call.origins())?;
    value(true)
}

fn copy_file(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let (shown, origins) = machine.shown_args(&call.args)?;
    let detail = EffectDetail { path: shown.get(1).cloned(), ..EffectDetail::default() };
    machine.done(EffectKind::Write, format!("COPY.FILE({})", shown.join(", ")), detail, origins)?;
    value(true)
}

fn directory(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    if call.arg(0).is_some() {
        let path = machine.text_of(call.arg(0))?;
        return value(Data::text(&path));
    }
    let folder = format!("{}\\Documents", machine.environment.home);
    Ok(Flow::Value(machine.ask("DIRECTORY()", Data::text(&folder), &[])))
}

fn files(machine: &mut Machine<'_, '_>, call: &Call) -> Result<Flow, LimitHit> {
    let pattern = machine.text_of(call.arg(0))?.to_string();
    let (folder, file) = pattern.rsplit_once(['\\', '/']).unwrap_or(("", &pattern));
    if file.contains(['*', '?']) || file.is_empty() {
        let ending = file.trim_start_matches(['*', '?']);
        let _ = folder;
        let found = machine.unknown(&format!("FILES {pattern}"), Data::text(&format!("file{ending}")));
        return Ok(Flow::Value(found));
    }
    if machine.files.content(&pattern).is_some() {
        return value(Data::text(file));
    }
    // A file that was downloaded a moment ago is there when that worked.
    let name = Data::text(file);
    Ok(Flow::Value(machine.ask(&format!("whether {pattern} is there"), name, &[])))
}
