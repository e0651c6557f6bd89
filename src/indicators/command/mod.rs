//! What a command line says once the shell has read it.
//!
//! `cmd` drops carets, puts in variables and slices of them, and chains commands; PowerShell joins,
//! formats, replaces and reverses strings, and decodes Base64; `certutil` decodes a file that `echo`
//! wrote. [`Desk`] reads a command line as they do, without running anything: it gives the texts that
//! come to light ([`Layer`]) and what they do with addresses, files and programs ([`Fact`]). Files that
//! are written are kept by path, so that pieces join over several commands: write, decode, run.
//!
//! A text that is not understood stays as it is. Work and memory are charged, and what one command
//! line can make is bounded; a bound that is reached is said ([`Decoded::cut`]).

mod arithmetic;
mod encodings;
mod files;
mod pattern;
mod pieces;
mod powershell;
mod programs;
mod reduce;
mod shell;
mod values;
mod variables;
mod written;

use std::collections::{BTreeMap, VecDeque};

use crate::base::text::CodePage;
use crate::base::{Cx, LimitHit};

use super::launchers::{MentionClass, launchers};
pub use encodings::decoded;
use files::{Files, file_key};
use variables::Variables;

/// A text that came to light, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The text.
    pub text: String,
    /// How it was made.
    pub how: How,
}

/// How a layer was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum How {
    /// `cmd` dropped carets and put in variables.
    Shell,
    /// Base64 of UTF-16, as `powershell -EncodedCommand` takes it.
    EncodedCommand,
    /// PowerShell joined and changed strings.
    Strings,
    /// Base64 in a script or a file.
    Base64,
    /// Hexadecimal digits in a file.
    Hex,
    /// Deflated data.
    Inflated,
    /// A file that was written before.
    File,
}

impl How {
    /// How, as a person reads it.
    pub fn name(self) -> &'static str {
        match self {
            How::Shell => "command line as the shell reads it",
            How::EncodedCommand => "encoded PowerShell command",
            How::Strings => "strings put together",
            How::Base64 => "Base64",
            How::Hex => "hexadecimal",
            How::Inflated => "inflated",
            How::File => "file that was written before",
        }
    }
}

/// What a command line does with the world.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fact {
    /// Gets what lies at an address.
    Fetch {
        /// The address.
        url: String,
        /// The file that it becomes, if it becomes one.
        to: Option<String>,
    },
    /// Writes a file.
    Write {
        /// Its path.
        path: String,
        /// Its bytes so far, those that other commands wrote too.
        bytes: Vec<u8>,
    },
    /// Starts a program, or has one run a file, an address or a script.
    Run {
        /// What is run.
        target: String,
    },
}

/// What came of a command line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The texts that came to light, outer ones first.
    pub layers: Vec<Layer>,
    /// What they do, in order.
    pub facts: Vec<Fact>,
    /// Whether more was there than is read of one command line.
    pub cut: bool,
}

/// Layers and facts of one command line.
const MOST: usize = 256;

/// Commands that wait to be read: the rounds of a `for`.
const MOST_WAITING: usize = 8192;

/// Commands in commands.
const DEPTH: u8 = 12;

/// Characters that all texts of one command line may have.
const ROOM: usize = 4 << 20;

/// What reading a byte costs, in bytes that are only looked at.
const COST: usize = 16;

/// Reads command lines one after the other, and remembers the files that they write.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    files: Files,
    /// Programs under other names: `copy %windir%\system32\certutil.exe x.exe`.
    aliases: BTreeMap<String, String>,
}

/// A text that is still to be read.
#[derive(Debug)]
struct Waiting {
    text: String,
    language: Language,
    depth: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    /// A command line, or the line of a batch file.
    Shell,
    /// A script of PowerShell.
    PowerShell,
}

/// One reading of a command line.
struct Reading<'d, 'c, 'b> {
    desk: &'d mut Desk,
    cx: &'c mut Cx<'b>,
    variables: Variables,
    waiting: VecDeque<Waiting>,
    /// What the text that is read now makes: it is read next, before what waits.
    soon: Vec<Waiting>,
    out: Decoded,
    room: usize,
    depth: u8,
}

impl Desk {
    /// A desk without files.
    pub fn new() -> Self {
        Desk::default()
    }

    /// Keeps a file that something else wrote: a macro, or an exported sheet. Later commands may
    /// decode or run it.
    ///
    /// # Errors
    /// [`LimitHit`] when steps or memory do not last.
    pub fn write(&mut self, path: &str, bytes: &[u8], cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        self.files.write(path, bytes, false, cx).map(|_| ())
    }

    /// Reads a command line: what `EXEC`, `Shell` or `Run` is given.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub fn read(&mut self, command: &str, cx: &mut Cx<'_>) -> Result<Decoded, LimitHit> {
        self.read_as(command, Language::Shell, cx)
    }

    /// Reads the first command line that stands somewhere in a text: in the source of a macro, in the
    /// printed arguments of a call. Nothing when no known program is named.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub fn read_in(&mut self, text: &str, cx: &mut Cx<'_>) -> Result<Decoded, LimitHit> {
        cx.budget.touch(text.len().saturating_mul(4))?;
        let folded = super::fold_command(text);
        if self.files.bytes(&shell::first_word(text.trim()).0).is_some() {
            // The file has no known program's name; that it was written before is enough.
            return self.read(text, cx);
        }
        let program = |class| !matches!(class, MentionClass::NativeApi);
        if !launchers(&folded).any(|mention| program(mention.class)) {
            return Ok(Decoded::default());
        }
        match command_in(text) {
            Some(command) => self.read(&command, cx),
            None => Ok(Decoded::default()),
        }
    }

    fn read_as(&mut self, text: &str, language: Language, cx: &mut Cx<'_>) -> Result<Decoded, LimitHit> {
        let mut reading = Reading {
            desk: self,
            cx,
            variables: Variables::new(),
            waiting: VecDeque::new(),
            soon: Vec::new(),
            out: Decoded::default(),
            room: ROOM,
            depth: 0,
        };
        reading.wait(text.to_owned(), language);
        loop {
            for made in std::mem::take(&mut reading.soon).into_iter().rev() {
                reading.waiting.push_front(made);
            }
            let Some(next) = reading.waiting.pop_front() else { break };
            reading.depth = next.depth;
            match next.language {
                Language::Shell => reading.shell(&next.text)?,
                Language::PowerShell => reading.powershell(&next.text)?,
            }
        }
        reading.finish()
    }
}

impl Reading<'_, '_, '_> {
    /// Puts a text on the list of those to be read, one level deeper.
    fn wait(&mut self, text: String, language: Language) {
        let waiting = self.waiting.len().saturating_add(self.soon.len());
        let fits = text.len() <= self.room && self.depth < DEPTH && waiting < MOST_WAITING;
        if text.trim().is_empty() {
            return;
        }
        if !fits {
            self.out.cut = true;
            return;
        }
        self.room = self.room.saturating_sub(text.len());
        self.soon.push(Waiting { text, language, depth: self.depth.saturating_add(1) });
    }

    fn layer(&mut self, text: &str, how: How) -> Result<(), LimitHit> {
        let is_there = self.out.layers.last().is_some_and(|last| last.text == text);
        if is_there || text.trim().is_empty() {
            return Ok(());
        }
        if self.out.layers.len() >= MOST || text.len() > self.room {
            self.out.cut = true;
            return Ok(());
        }
        self.room = self.room.saturating_sub(text.len());
        self.cx.budget.touch(text.len())?;
        self.cx.budget.hold(text.len().saturating_add(64))?;
        self.out.layers.push(Layer { text: text.to_owned(), how });
        Ok(())
    }

    fn fact(&mut self, fact: Fact) -> Result<(), LimitHit> {
        if self.out.facts.len() >= MOST {
            self.out.cut = true;
            return Ok(());
        }
        if self.out.facts.contains(&fact) {
            return Ok(());
        }
        self.cx.budget.hold(size_of::<Fact>().saturating_add(512))?;
        self.out.facts.push(fact);
        Ok(())
    }

    fn fetch(&mut self, url: &str, to: Option<&str>) -> Result<(), LimitHit> {
        let to = to.map(str::to_owned);
        self.fact(Fact::Fetch { url: url.to_owned(), to })
    }

    fn run(&mut self, target: &str) -> Result<(), LimitHit> {
        self.fact(Fact::Run { target: target.trim().to_owned() })
    }

    fn write(&mut self, path: &str, bytes: &[u8], append: bool) -> Result<(), LimitHit> {
        if !self.desk.files.write(path, bytes, append, self.cx)? {
            self.out.cut = true;
        }
        let key = file_key(path);
        let is_told = |fact: &Fact| matches!(fact, Fact::Write { path, .. } if file_key(path) == key);
        if self.out.facts.iter().any(is_told) {
            return Ok(());
        }
        // The pieces of a file are one fact, whose bytes are put in when all are there.
        self.fact(Fact::Write { path: path.to_owned(), bytes: Vec::new() })
    }

    /// The text of a file that was written.
    fn text_of_file(&mut self, path: &str) -> Result<Option<String>, LimitHit> {
        self.desk.files.text(path, self.cx)
    }

    /// Puts the bytes of files into the facts that name them.
    fn finish(mut self) -> Result<Decoded, LimitHit> {
        for fact in &mut self.out.facts {
            if let Fact::Write { path, bytes } = fact {
                let whole = self.desk.files.bytes(path).unwrap_or_default();
                self.cx.budget.touch(whole.len())?;
                self.cx.budget.hold(whole.len())?;
                whole.clone_into(bytes);
            }
        }
        Ok(self.out)
    }
}

/// The bytes of a file as a person reads them: its text, or a letter a byte where it has none.
pub fn shown(bytes: &[u8]) -> String {
    let text = encodings::text_of(bytes);
    match encodings::is_readable(&text) {
        true => text,
        false => CodePage::WESTERN.decode(bytes).text.into_owned(),
    }
}

/// Whether a text is an address that a program could fetch.
fn is_url(text: &str) -> bool {
    let lower = text.get(..8.min(text.len())).unwrap_or(text).to_ascii_lowercase();
    ["http://", "https://", "http:\\", "ftp://"].iter().any(|scheme| lower.starts_with(scheme))
}

/// The command line that begins with the first word that is a program once carets and quotes are off
/// it. In a string it ends with the string, whose doubled quotes are single ones.
fn command_in(text: &str) -> Option<String> {
    let parts = |char: char| char.is_whitespace() || matches!(char, '(' | ',' | '=' | '&' | '|');
    let mut at = 0usize;
    for word in text.split_inclusive(parts) {
        let bare: String = word.chars().filter(|char| !matches!(char, '^' | '"' | '\'' | '`')).collect();
        if !programs::is_known(bare.trim_end_matches(parts)) {
            at = at.saturating_add(word.len());
            continue;
        }
        let quotes = word.len().saturating_sub(word.trim_start_matches(['"', '\'']).len());
        let start = at.saturating_add(quotes);
        let command = text.get(start..)?;
        if quotes > 0 && text.get(at..start)?.ends_with('"') {
            let inner = command.replace("\"\"", "\u{1}");
            let inner = inner.split('"').next().unwrap_or_default();
            return Some(inner.replace('\u{1}', "\""));
        }
        let bracketed = text.get(..at)?.ends_with('(');
        return Some(command.strip_suffix(')').filter(|_| bracketed).unwrap_or(command).to_owned());
    }
    None
}

#[cfg(test)]
mod tests;
