//! `docsift scan`: many files, one answer each, one exit code.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use docsift::{Analyzer, Input, Level, Options, Report};
use serde_json::json;

use crate::args::{Scan, Tuning};
use crate::files::{InputError, Item, Items, Source, items, read};
use crate::ocr::Tesseract;
use crate::output::{Output, OutputError};
use crate::progress::Progress;
use crate::term::{Style, safe_path};
use crate::{Exit, Failure, allow, desktop, human, known, passwords, zone};

/// Scans what the arguments name.
pub(crate) fn scan(args: &Scan, out: &mut Output) -> Result<Exit, Failure> {
    let mut options = options(&args.tuning)?;
    options.known_lures = known::read(&args.known_lures)?;
    if args.ocr {
        options.picture_reader = Some(Arc::new(Tesseract::find()?));
    }
    let analyzer = Analyzer::new(options)?;
    let alone = matches!(&*args.paths, [path] if !path.is_dir());
    let zone = match &args.zone_identifier {
        Some(_) if !alone => return Err(zone::ZoneError::NotOne.into()),
        Some(path) => Some(zone::given(path)?),
        None => None,
    };
    let items = items(&args.paths);
    let work = Work {
        analyzer: &analyzer,
        items: &items,
        args,
        style: Style::of_stdout(),
        alone,
        zone,
        memory: Memory::new(args.max_size),
        next: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
    };
    let mut tally = Tally::default();
    let written = work.run(&mut tally, out);
    if written.is_ok() && !work.alone && !args.json && !args.quiet {
        out.line(&tally.summary(items.passed_over))?;
    }
    match written {
        // What was found before the output went away still counts.
        Err(error) if tally.exit == Exit::Found => {
            eprintln!("docsift: {error}");
            Ok(Exit::Found)
        }
        Err(error) => Err(error.into()),
        Ok(()) => Ok(tally.exit),
    }
}

fn options(tuning: &Tuning) -> Result<Options, Failure> {
    let mut options = Options::default();
    // The catalogue's spelling, since identifiers are given in any letter case.
    let known = |id: &String| docsift::rule(id).map_or_else(|| id.clone(), |rule| rule.id.to_owned());
    options.rules.off = tuning.rules_off.iter().map(known).collect();
    options.rules.severity = tuning.severity.iter().map(|(id, severity)| (known(id), *severity)).collect();
    options.allow = allow::read(&tuning.allow)?;
    options.passwords = passwords::read(&tuning.passwords)?;
    options.environment = desktop::read(&tuning.desktop)?;
    Ok(options)
}

/// What became of a file, as far as it is printed and counted.
struct Done {
    index: usize,
    exit: Exit,
    level: Option<Level>,
    /// For standard output; a line of JSON or what a person reads.
    text: String,
    /// For standard error.
    note: Option<String>,
}

struct Work<'w> {
    analyzer: &'w Analyzer,
    items: &'w Items,
    args: &'w Scan,
    style: Style,
    /// One file was named: it gets its details whatever they are.
    alone: bool,
    /// What the caller says of where that file comes from.
    zone: Option<Vec<u8>>,
    memory: Memory,
    next: AtomicUsize,
    stop: AtomicBool,
}

impl Work<'_> {
    /// Workers take files in path order; this thread prints: JSON as it comes, text in path order.
    fn run(&self, tally: &mut Tally, out: &mut Output) -> Result<(), OutputError> {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let jobs = self.args.jobs.map_or(cores, usize::from).min(self.items.list.len());
        let mut progress = Progress::new(self.items.list.len(), !self.args.quiet);
        let (sender, results) = mpsc::sync_channel(4 * jobs.max(1));
        thread::scope(|scope| {
            for _ in 0..jobs {
                let sender = sender.clone();
                scope.spawn(move || self.work(&sender));
            }
            drop(sender);
            let mut waiting = BTreeMap::new();
            let mut turn = 0;
            loop {
                let done: Done = match results.recv_timeout(Duration::from_millis(200)) {
                    Ok(done) => done,
                    Err(mpsc::RecvTimeoutError::Timeout) => {
                        progress.tick();
                        continue;
                    }
                    Err(mpsc::RecvTimeoutError::Disconnected) => break,
                };
                tally.count(&done);
                progress.advance();
                waiting.insert(done.index, done);
                while let Some(done) = if self.args.json {
                    waiting.pop_first().map(|(_, done)| done)
                } else {
                    waiting.remove(&turn)
                } {
                    turn += 1;
                    let written = progress.suspend(|| print(&done, out));
                    if written.is_err() {
                        self.stop.store(true, Ordering::Relaxed);
                        // Workers that wait for room in the channel go on and end.
                        for _ in &results {}
                        return written;
                    }
                }
            }
            progress.finish();
            Ok(())
        })
    }

    fn work(&self, results: &mpsc::SyncSender<Done>) {
        while !self.stop.load(Ordering::Relaxed) {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = self.items.list.get(index) else { return };
            if results.send(self.file(index, item)).is_err() {
                return;
            }
        }
    }

    fn file(&self, index: usize, item: &Item) -> Done {
        let path = item.path();
        if let Source::Failed(_, error) = &item.source {
            return self.failed(index, path, error);
        }
        // A pipe may bring as much as a file may have.
        let most = if item.size == 0 { self.args.max_size } else { item.size };
        let _held = self.memory.hold(most);
        let bytes = match read(&item.source, self.args.max_size) {
            Ok(bytes) => bytes,
            Err(error) => return self.failed(index, path, &error),
        };
        let name = path.file_name().map(|name| name.to_string_lossy());
        let input = match &name {
            Some(name) if !matches!(item.source, Source::Stdin) => Input::named(&bytes, name),
            _ => Input::from(&bytes),
        };
        let beside = match &item.source {
            Source::File(path) if self.zone.is_none() => zone::beside(path),
            _ => None,
        };
        let input = match self.zone.as_ref().or(beside.as_ref()) {
            Some(zone) => input.with_zone(zone),
            None => input,
        };
        // The library does not panic. If it did, the other files would still have to be read.
        let report = catch_unwind(AssertUnwindSafe(|| self.analyzer.analyze(input)));
        match report {
            Ok(report) => self.reported(index, path, &report),
            Err(_) => self.refused(
                index,
                path,
                Exit::Failed,
                "the analysis ended early: a defect in docsift. Please report it as SECURITY.md says",
            ),
        }
    }

    fn reported(&self, index: usize, path: &Path, report: &Report) -> Done {
        let level = report.verdict.level;
        let found = level >= self.args.fail_on.level();
        let exit = match report.verdict.complete && level != Level::Inconclusive {
            _ if found => Exit::Found,
            true => Exit::Nothing,
            false => Exit::Inconclusive,
        };
        let text = if self.args.quiet && !found {
            String::new()
        } else if self.args.json {
            // The report writes itself; only the path is wrapped around it.
            format!("{{\"path\":{},\"report\":{}}}\n", json!(path.to_string_lossy()), report.to_json())
        } else if self.alone {
            human::details(path, report, self.style)
        } else if found {
            format!("{}\n", human::details(path, report, self.style))
        } else {
            human::line(path, report, self.style)
        };
        let note = (report.input.size == 0)
            .then(|| format!("{}: is empty. If it should not be, fetch it again", safe_path(path)));
        Done { index, exit, level: Some(level), text, note }
    }

    fn failed(&self, index: usize, path: &Path, error: &InputError) -> Done {
        let exit = match error {
            InputError::TooBig { .. } => Exit::Inconclusive,
            _ => Exit::Failed,
        };
        self.refused(index, path, exit, &error.to_string())
    }

    fn refused(&self, index: usize, path: &Path, exit: Exit, error: &str) -> Done {
        let text = match self.args.json {
            true => format!("{}\n", json!({ "path": path.to_string_lossy(), "error": error })),
            false => String::new(),
        };
        Done { index, exit, level: None, text, note: Some(format!("{}: {error}", safe_path(path))) }
    }
}

fn print(done: &Done, out: &mut Output) -> Result<(), OutputError> {
    if let Some(note) = &done.note {
        eprintln!("docsift: {note}");
    }
    if !done.text.is_empty() {
        out.write(done.text.as_bytes())?;
        out.finish()?;
    }
    Ok(())
}

/// Counts for the last line and the exit code.
struct Tally {
    exit: Exit,
    files: u64,
    levels: BTreeMap<Level, u64>,
    unread: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Tally { exit: Exit::Nothing, files: 0, levels: BTreeMap::new(), unread: 0 }
    }
}

impl Tally {
    fn count(&mut self, done: &Done) {
        self.exit = self.exit.max(done.exit);
        self.files += 1;
        match done.level {
            Some(level) => *self.levels.entry(level).or_default() += 1,
            None => self.unread += 1,
        }
    }

    fn summary(&self, passed_over: u64) -> String {
        let count = |level| self.levels.get(&level).copied().unwrap_or(0);
        let mut line = format!(
            "{} files: {} malicious, {} suspicious, {} inconclusive, {} nothing found, {} not read",
            self.files,
            count(Level::Malicious),
            count(Level::Suspicious),
            count(Level::Inconclusive),
            count(Level::NothingFound),
            self.unread,
        );
        if passed_over > 0 {
            line += &format!("; {passed_over} links and devices in folders not followed");
        }
        line
    }
}

/// Bytes of files that are in memory at the same time, over all workers.
struct Memory {
    left: Mutex<u64>,
    given_back: Condvar,
    all: u64,
}

struct Held<'m> {
    memory: &'m Memory,
    bytes: u64,
}

impl Memory {
    fn new(all: u64) -> Self {
        Memory { left: Mutex::new(all), given_back: Condvar::new(), all }
    }

    /// Waits until there is room. A file never needs more than all of it.
    fn hold(&self, bytes: u64) -> Held<'_> {
        let bytes = bytes.min(self.all);
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left =
            self.given_back.wait_while(left, |left| *left < bytes).unwrap_or_else(PoisonError::into_inner);
        *left -= bytes;
        Held { memory: self, bytes }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        *self.memory.left.lock().unwrap_or_else(PoisonError::into_inner) += self.bytes;
        self.memory.given_back.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_files_the_worst_exit_wins() {
        let mut exits = [Exit::Found, Exit::Failed, Exit::Inconclusive, Exit::Nothing];
        exits.sort();
        exits.reverse();
        assert_eq!(exits.map(Exit::code), [1, 2, 3, 0]);
    }

    #[test]
    fn memory_is_lent_up_to_its_size() {
        let memory = Memory::new(10);
        let most = Mutex::new((0u64, 0u64));
        thread::scope(|scope| {
            for bytes in [4, 7, 10, 99, 1, 6] {
                let (memory, most) = (&memory, &most);
                scope.spawn(move || {
                    let held = memory.hold(bytes);
                    let mut now = most.lock().unwrap();
                    now.0 += held.bytes;
                    now.1 = now.1.max(now.0);
                    drop(now);
                    thread::sleep(Duration::from_millis(2));
                    most.lock().unwrap().0 -= held.bytes;
                });
            }
        });
        assert!(most.into_inner().unwrap().1 <= 10);
        assert_eq!(memory.left.into_inner().unwrap(), 10);
    }
}
