//! What statements would do, seen in their tokens.
//!
//! Words in comments and strings do not count, save strings that a host interprets: program
//! identifiers, command lines, registry paths. A member such as `.Run` or `.Open` means little
//! without the object behind it: it is kept aside and counts when the module makes such an object.
//! A function of a library counts by the name that a declaration gives it.

use super::fold::Fold;
use super::hints::{self, Hint, hints};
use super::lex::{Token, TokenKind};
use super::words::Act;
use super::{Declare, SourceView, excerpt};
use crate::documents::file_name::is_program;
use crate::indicators::launchers;

/// Sightings of one kind that are kept of a module.
const KEPT: u32 = 4096;

/// Sightings that wait for their object; of a later procedure only the first is kept.
const ASIDE: usize = 1 << 14;

/// Something that a statement would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// What.
    pub kind: Action,
    /// Line, from 1.
    pub line: u32,
    /// Index of the procedure in the view; `None` outside of procedures.
    pub procedure: Option<u32>,
    /// The statement as written, its beginning.
    pub text: String,
    /// The constant text that it is done with: command, path, program identifier, address.
    pub argument: Option<String>,
}

/// What a statement would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Action {
    /// Starts a process: `Shell`, `WScript.Shell` `.Run`, `.ShellExecute`, WMI, a task, DDE.
    ProcessStart,
    /// Has a script engine run code.
    ScriptRun,
    /// Loads a library into the program: an add-in of machine code, or a file from an open folder.
    LibraryLoad,
    /// Names a program that runs scripts or fetches files, in a text.
    CommandText,
    /// Fetches something from the network.
    Download,
    /// Opens an address in a browser.
    Navigate,
    /// Writes, copies or renames a file.
    FileWrite,
    /// Deletes files.
    FileDelete,
    /// Declares a function of a library.
    NativeDeclare,
    /// Uses a library function that makes memory executable, copies into it or runs it.
    NativeCode,
    /// Writes or runs Excel 4.0 macros.
    XlmFromVba,
    /// Runs a macro by a name in text.
    MacroRun,
    /// Runs a macro later.
    ScheduledRun,
    /// Reads or writes VBA source, or puts itself where it starts again.
    Replication,
    /// Hides a window or the program.
    HiddenWindow,
    /// Builds texts from characters, to hide them.
    StringBuilding,
    /// Makes or gets an object by a program identifier.
    CreateObject,
    /// Calls a member by a name in text.
    CallByName,
    /// Asks for environment, user, computer, locale or virtual machine.
    EnvironmentCheck,
    /// Writes the registry.
    RegistryWrite,
    /// Lowers protection against macros.
    SecurityChange,
    /// Types keys into other windows.
    SendKeys,
    /// Shows a message.
    Message,
    /// Writes a text where a person sees it: on a form or a window, in the status bar.
    ShownText,
    /// Closes the program.
    Quit,
}

impl Action {
    /// Whether it reaches beyond the document, so that what starts it matters.
    pub fn acts(self) -> bool {
        matches!(
            self,
            Action::ProcessStart
                | Action::ScriptRun
                | Action::LibraryLoad
                | Action::Download
                | Action::NativeCode
                | Action::XlmFromVba
                | Action::Replication
                | Action::SecurityChange
        )
    }
}

/// Objects that give members a meaning.
#[derive(Debug, Clone, Copy, Default)]
struct Objects {
    script_shell: bool,
    http: bool,
    browser: bool,
    wmi_process: bool,
    code: bool,
    script_engine: bool,
    shell_application: bool,
    /// An object is made by an identifier that is not constant.
    computed: bool,
}

/// What a member that was kept aside needs to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    ScriptShell,
    /// The same, and the module has to name it: what is run has the form of a macro's name, which
    /// any program of Office would run.
    NamedScriptShell,
    ShellApplication,
    ScriptEngine,
    Http,
    Browser,
    WmiProcess,
    Code,
    Excel4Sheet,
}

/// What one pass over a module gathers.
#[derive(Debug, Default)]
pub(super) struct Sights {
    objects: Objects,
    excel4: bool,
    aside: Vec<(Needs, Sighting)>,
    /// How many of each kind were kept, and in which procedure the last.
    counts: Vec<(Action, u32, Option<u32>)>,
    /// Of the procedure that is open: whether it takes texts apart, turns characters to numbers, mixes
    /// them, and the line of that.
    takes_apart: bool,
    codes: bool,
    mixes: Option<u32>,
}

/// Words after which a text names a procedure, in lower case.
pub(super) const CALLERS: [&str; 20] = [
    "run",
    "run2",
    "ontime",
    "onkey",
    "onaction",
    "onentry",
    "ondata",
    "oncalculate",
    "ondoubleclick",
    "onsheetactivate",
    "onsheetdeactivate",
    "onwindow",
    "onundo",
    "onrepeat",
    "onsave",
    "callbyname",
    "executemso",
    "onopen",
    "onclose",
    "macrooptions",
];

/// Functions of libraries, in lower case without a final `A`, `W` or `Ex`, and what using one is.
pub(super) const NATIVE: &[(&str, Action)] = &[
    ("urldownloadtofile", Action::Download),
    ("urldownloadtocachefile", Action::Download),
    ("urlopenstream", Action::Download),
    ("urlopenblockingstream", Action::Download),
    ("internetopenurl", Action::Download),
    ("internetreadfile", Action::Download),
    ("internetconnect", Action::Download),
    ("httpsendrequest", Action::Download),
    ("httpopenrequest", Action::Download),
    ("winhttpsendrequest", Action::Download),
    ("ftpgetfile", Action::Download),
    ("shellexecute", Action::ProcessStart),
    ("winexec", Action::ProcessStart),
    ("createprocess", Action::ProcessStart),
    ("createprocessasuser", Action::ProcessStart),
    ("virtualalloc", Action::NativeCode),
    ("virtualprotect", Action::NativeCode),
    ("rtlmovememory", Action::NativeCode),
    ("writeprocessmemory", Action::NativeCode),
    ("createthread", Action::NativeCode),
    ("createremotethread", Action::NativeCode),
    ("queueuserapc", Action::NativeCode),
    ("queueapcthread", Action::NativeCode),
    ("ntwritevirtualmemory", Action::NativeCode),
    ("ntallocatevirtualmemory", Action::NativeCode),
    ("ntcreatethread", Action::NativeCode),
    ("heapcreate", Action::NativeCode),
    ("callwindowproc", Action::NativeCode),
    ("enumdateformats", Action::NativeCode),
    ("enumsystemlocales", Action::NativeCode),
    ("enumsystemlanguagegroups", Action::NativeCode),
    ("enumtimeformats", Action::NativeCode),
    ("enumsystemcodepages", Action::NativeCode),
    ("enumuilanguages", Action::NativeCode),
    ("enumresourcetypes", Action::NativeCode),
    ("enumcalendarinfo", Action::NativeCode),
    ("enumchildwindows", Action::NativeCode),
    ("createtimerqueuetimer", Action::NativeCode),
    ("setthreadcontext", Action::NativeCode),
    ("resumethread", Action::NativeCode),
    ("loadlibrary", Action::NativeCode),
    ("getprocaddress", Action::NativeCode),
    ("dispcallfunc", Action::NativeCode),
    ("regsetvalue", Action::RegistryWrite),
    ("regcreatekey", Action::RegistryWrite),
    ("regsetkeyvalue", Action::RegistryWrite),
    ("popen", Action::ProcessStart),
    ("system", Action::ProcessStart),
];

/// What calling a declared function is: by its own name, or because its library lies where anyone may
/// have put it.
pub(super) fn declared(declare: &Declare) -> Option<Action> {
    let open = || hints::is_open_folder(&declare.library).then_some(Action::LibraryLoad);
    native(declare.function()).or_else(open)
}

/// What using a function of a library is.
fn native(name: &str) -> Option<Action> {
    let lower = name.get(..name.len().min(31)).unwrap_or_default().to_ascii_lowercase();
    let bare = lower.strip_suffix('a').or_else(|| lower.strip_suffix('w')).unwrap_or(&lower);
    let bare = bare.strip_suffix("ex").unwrap_or(bare);
    NATIVE.iter().find(|(known, _)| *known == bare).map(|(_, action)| *action)
}

impl Sights {
    /// A `Declare` statement.
    pub(super) fn declare(&mut self, declare: &Declare, text: &str, into: &mut SourceView) {
        let function = declare.function();
        let argument = format!("{} {function}", declare.library);
        let sighting = |kind| Sighting {
            kind,
            line: declare.line,
            procedure: None,
            text: text.to_owned(),
            argument: Some(argument.clone()),
        };
        self.keep(sighting(Action::NativeDeclare), into);
        if let Some(kind) = declared(declare) {
            self.keep(sighting(kind), into);
        }
    }

    /// A statement and its constant texts.
    pub(super) fn statement(
        &mut self,
        tokens: &[Token<'_>],
        folds: &[Fold],
        source: &str,
        procedure: Option<u32>,
        into: &mut SourceView,
    ) {
        let statement = Statement { tokens, folds, source, procedure };
        let mut found = Found::default();
        self.texts(&statement, &mut found);
        let mut characters = 0u32;
        for (index, token) in tokens.iter().enumerate() {
            if let Some(kind) = token.known.native.filter(|_| statement.calls_native(index)) {
                found.add(kind, index, statement.argument(index));
                if kind == Action::NativeCode && statement.loads_from_open_folder() {
                    found.add(Action::LibraryLoad, index, statement.argument(index));
                }
            }
            if let Some(act) = token.known.act {
                self.word(&statement, index, act, &mut characters, &mut found);
            }
        }
        if characters >= 4 {
            found.add(Action::StringBuilding, 0, None);
        }
        for (kind, at, argument) in found.list {
            self.keep(statement.sighting(kind, at, argument), into);
        }
        for (needs, kind, at, argument) in found.aside {
            let last = self.aside.last().map(|(_, sighting)| sighting.procedure);
            if self.aside.len() < ASIDE || last != Some(procedure) {
                self.aside.push((needs, statement.sighting(kind, at, argument)));
            }
        }
    }

    /// What a text says that several statements put together; `excerpt` is the last of them.
    pub(super) fn put_together(
        &mut self,
        text: &str,
        line: u32,
        procedure: Option<u32>,
        excerpt: &str,
        into: &mut SourceView,
    ) {
        let folds = [Fold { first: 0, last: 0, text: text.to_owned(), joined: true }];
        let statement = Statement { tokens: &[], folds: &folds, source: "", procedure };
        let mut found = Found::default();
        self.texts(&statement, &mut found);
        for (kind, _, argument) in found.list {
            self.keep(Sighting { kind, line, procedure, text: excerpt.to_owned(), argument }, into);
        }
    }

    /// Ends a procedure.
    pub(super) fn close(&mut self, procedure: u32, into: &mut SourceView) {
        if let (Some(line), true, true) = (self.mixes, self.takes_apart, self.codes) {
            let text =
                into.procedures.get(procedure as usize).map_or(String::new(), |known| known.name.clone());
            let sighting = Sighting {
                kind: Action::StringBuilding,
                line,
                procedure: Some(procedure),
                text,
                argument: None,
            };
            self.keep(sighting, into);
        }
        self.takes_apart = false;
        self.codes = false;
        self.mixes = None;
    }

    /// Ends the module: members whose object it makes count.
    pub(super) fn finish(&mut self, into: &mut SourceView) {
        let objects = self.objects;
        for (needs, sighting) in std::mem::take(&mut self.aside) {
            let counts = match needs {
                Needs::ScriptShell => objects.script_shell || objects.computed,
                Needs::NamedScriptShell => objects.script_shell,
                Needs::ShellApplication => objects.shell_application,
                Needs::ScriptEngine => objects.script_engine,
                Needs::Http => objects.http || objects.computed,
                Needs::Browser => objects.browser,
                Needs::WmiProcess => objects.wmi_process,
                Needs::Code => objects.code,
                Needs::Excel4Sheet => self.excel4,
            };
            if counts {
                self.keep(sighting, into);
            }
        }
        into.sightings.sort_by_key(|sighting| (sighting.line, sighting.kind));
    }

    /// Keeps the first ones of each kind and, so that no flood of them hides another procedure, the
    /// first in each procedure.
    fn keep(&mut self, sighting: Sighting, into: &mut SourceView) {
        let (kind, procedure) = (sighting.kind, sighting.procedure);
        match self.counts.iter_mut().find(|(known, _, _)| *known == kind) {
            Some((_, count, last)) => {
                *count = count.saturating_add(1);
                if *count > KEPT && *last == procedure {
                    return;
                }
                *last = procedure;
            }
            None => self.counts.push((kind, 1, procedure)),
        }
        into.sightings.push(sighting);
    }

    /// What the constant texts of a statement say by themselves.
    fn texts(&mut self, statement: &Statement<'_>, found: &mut Found) {
        for fold in statement.folds {
            if fold.text.len() < 4 {
                continue;
            }
            let text = || Some(fold.text.clone());
            if hints::starts_by_dde(&fold.text) {
                found.add(Action::ProcessStart, fold.first, text());
            }
            for hint in hints(&fold.text) {
                match hint {
                    Hint::Command => found.add(Action::CommandText, fold.first, text()),
                    Hint::WmiProcess => self.objects.wmi_process = true,
                    Hint::Check => found.add(Action::EnvironmentCheck, fold.first, text()),
                    Hint::Startup => found.add(Action::Replication, fold.first, text()),
                    Hint::Security => found.add(Action::SecurityChange, fold.first, text()),
                    Hint::ScriptShell => self.objects.script_shell = true,
                    Hint::ShellApplication => {
                        self.objects.script_shell = true;
                        self.objects.shell_application = true;
                    }
                    Hint::ScriptEngine => self.objects.script_engine = true,
                    Hint::Http => self.objects.http = true,
                    Hint::Browser => self.objects.browser = true,
                    Hint::Excel4 => self.excel4 = true,
                    Hint::Address => {
                        const FETCHES: [&str; 8] = [
                            "Open",
                            "OpenText",
                            "QueryTables",
                            "AddPicture",
                            "LoadPicture",
                            "Load",
                            "AddOLEObject",
                            "AttachedTemplate",
                        ];
                        if statement.has_any(&FETCHES) {
                            found.add(Action::Download, fold.first, text());
                        }
                    }
                }
            }
        }
    }

    /// What the word at `index` does.
    fn word(
        &mut self,
        statement: &Statement<'_>,
        index: usize,
        act: Act,
        characters: &mut u32,
        found: &mut Found,
    ) {
        let member = statement.symbol_before(index, b'.') || statement.symbol_before(index, b'!');
        let argument = || statement.argument(index);
        let first = index == 0 || statement.follows_then(index);
        let mut add = |kind| found.add(kind, index, argument());
        match act {
            Act::Shell if statement.is_call(index, member) => {
                add(Action::ProcessStart);
                if statement.is_hidden_call(index) {
                    found.add(Action::HiddenWindow, index, None);
                }
            }
            Act::ShellExecute | Act::InvokeVerb | Act::InvokeVerbEx | Act::ControlPanelItem if member => {
                add(Action::ProcessStart)
            }
            Act::MacScript | Act::AppleScriptTask => add(Action::ProcessStart),
            Act::ExecuteShellCommand | Act::RegisterTask | Act::RegisterTaskDefinition if member => {
                add(Action::ProcessStart)
            }
            Act::DdeInitiate if argument().is_some_and(|program| hints::names_launcher(&program)) => {
                add(Action::ProcessStart)
            }
            Act::ExecScript if member => add(Action::ScriptRun),
            Act::AddCode | Act::Eval | Act::ExecuteStatement if member => {
                found.aside(Needs::ScriptEngine, Action::ScriptRun, index, argument());
            }
            Act::RegisterXll if member && !statement.has_any(&["LibraryPath"]) => add(Action::LibraryLoad),
            Act::Open | Act::Add if member && statement.names_native_add_in() => add(Action::LibraryLoad),
            Act::Open if member && argument().is_some_and(|path| is_program(&path)) => {
                found.aside(Needs::ShellApplication, Action::ProcessStart, index, argument());
            }
            Act::CreateShortcut if member && statement.names_startup() => add(Action::FileWrite),
            Act::PrivateProfileString if member && statement.assigns_call(index) => {
                add(Action::RegistryWrite)
            }
            Act::Run | Act::Exec if member => {
                self.run(statement, index, act == Act::Run, found);
            }
            Act::Run if first || statement.word_before(index, "Call") => {
                statement.macro_run(index, found);
            }
            Act::Create | Act::ExecMethod | Act::ExecMethodObject if member => {
                found.aside(Needs::WmiProcess, Action::ProcessStart, index, argument());
            }
            Act::CreateObject | Act::GetObject | Act::CreateObjectEx => {
                add(Action::CreateObject);
                if argument().is_some_and(|moniker| hints::is_script_moniker(&moniker)) {
                    add(Action::ProcessStart);
                    add(Action::Download);
                }
                self.objects.computed |= argument().is_none();
            }
            Act::WshShell | Act::IWshShell | Act::IWshShell3 | Act::IWshRuntimeLibrary => {
                self.objects.script_shell = true;
            }
            Act::XmlHttp
            | Act::XmlHttp30
            | Act::XmlHttp60
            | Act::ServerXmlHttp
            | Act::ServerXmlHttp30
            | Act::ServerXmlHttp60
            | Act::WinHttpRequest => {
                self.objects.http = true;
            }
            Act::InternetExplorer => {
                self.objects.browser = true;
            }
            Act::Send | Act::ResponseBody | Act::ResponseText | Act::ResponseStream if member => {
                found.aside(Needs::Http, Action::Download, index, argument());
            }
            Act::Navigate | Act::Navigate2 if member => {
                found.aside(Needs::Browser, Action::Navigate, index, argument());
            }
            Act::FollowHyperlink => add(Action::Navigate),
            Act::Open if !member && first && statement.opens_for_writing(index) => add(Action::FileWrite),
            Act::SaveToFile
            | Act::CreateTextFile
            | Act::CopyFile
            | Act::MoveFile
            | Act::CopyHere
            | Act::SaveCopyAs
            | Act::CopyFolder
                if member =>
            {
                add(Action::FileWrite);
            }
            Act::SaveAs | Act::SaveAs2 | Act::ExportAsFixedFormat if member => add(Action::FileWrite),
            Act::OpenTextFile if member && statement.has_any(&["ForWriting", "ForAppending"]) => {
                add(Action::FileWrite)
            }
            Act::OpenTextFile if member && statement.number_behind(index, &[2, 8]) => add(Action::FileWrite),
            Act::FileCopy => add(Action::FileWrite),
            Act::Put | Act::Print | Act::Write if first && statement.symbol_after(index, b'#') => {
                add(Action::FileWrite)
            }
            Act::Name if first && statement.has_any(&["As"]) && !statement.symbol_after(index, b'=') => {
                add(Action::FileWrite)
            }
            Act::Kill if !member && first => add(Action::FileDelete),
            Act::DeleteFile | Act::DeleteFolder if member => add(Action::FileDelete),
            Act::ExecuteExcel4Macro
            | Act::Excel4MacroSheets
            | Act::Excel4IntlMacroSheets
            | Act::XlExcel4MacroSheet
            | Act::XlExcel4IntlMacroSheet => {
                self.excel4 = true;
                add(Action::XlmFromVba);
            }
            Act::FormulaLocal | Act::FormulaR1C1 | Act::Formula if member => {
                found.aside(Needs::Excel4Sheet, Action::XlmFromVba, index, argument());
            }
            Act::Add if member && statement.adds_macro_sheet(index) => {
                self.excel4 = true;
                add(Action::XlmFromVba);
            }
            Act::VbProject | Act::VbComponents | Act::CodeModule | Act::VbComponent => {
                self.objects.code = true;
                add(Action::Replication);
            }
            Act::AddFromString
            | Act::AddFromFile
            | Act::InsertLines
            | Act::ReplaceLine
            | Act::CreateEventProc
                if member =>
            {
                add(Action::Replication)
            }
            Act::Export | Act::Import if member => {
                found.aside(Needs::Code, Action::Replication, index, argument());
            }
            Act::OrganizerCopy
            | Act::MacroCopy
            | Act::NormalTemplate
            | Act::StartupPath
            | Act::AltStartupPath => add(Action::Replication),
            Act::CallByName if !member || statement.of_vba(index) => statement.call_by_name(index, found),
            Act::OnTime | Act::OnKey | Act::OnEntry | Act::OnSheetActivate if member || first => {
                add(Action::ScheduledRun)
            }
            Act::VbHide | Act::SwHide => {
                found.add(Action::HiddenWindow, index, None);
            }
            Act::Visible if member && statement.hides_application(index) => {
                found.add(Action::HiddenWindow, index, None);
            }
            Act::Environ => add(Action::EnvironmentCheck),
            Act::UserName
            | Act::ComputerName
            | Act::UserDomain
            | Act::OrganizationName
            | Act::International
            | Act::RecentFiles
            | Act::OperatingSystem
            | Act::MathCoprocessorAvailable
                if member =>
            {
                add(Action::EnvironmentCheck);
            }
            Act::RegWrite
            | Act::RegDelete
            | Act::SetDwordValue
            | Act::SetStringValue
            | Act::SetExpandedStringValue
                if member =>
            {
                add(Action::RegistryWrite)
            }
            Act::AutomationSecurity | Act::VirusProtection => add(Action::SecurityChange),
            Act::SendKeys => add(Action::SendKeys),
            Act::MsgBox if !member || statement.of_vba(index) => add(Action::Message),
            Act::InputBox
                if !member || statement.of_vba(index) || statement.word_at(index, 2, "Application") =>
            {
                add(Action::Message);
            }
            Act::Caption | Act::StatusBar if member && statement.is_assigned(index) => {
                add(Action::ShownText);
            }
            Act::Quit if member && statement.word_at(index, 2, "Application") => {
                found.add(Action::Quit, index, None);
            }
            Act::StrReverse => add(Action::StringBuilding),
            Act::Chr | Act::ChrW | Act::ChrB => {
                *characters = characters.saturating_add(1);
                self.takes_apart = true;
            }
            Act::Asc | Act::AscW | Act::AscB | Act::Val | Act::CByte | Act::CInt | Act::CLng => {
                self.codes = true;
            }
            Act::Mid | Act::MidB | Act::Split => {
                self.takes_apart = true;
            }
            Act::Xor => {
                self.mixes.get_or_insert(statement.tokens.get(index).map_or(0, |token| token.line));
            }
            _ => {}
        }
    }

    /// `.Run` and `.Exec` of an object.
    fn run(&mut self, statement: &Statement<'_>, index: usize, is_run: bool, found: &mut Found) {
        let owner = index.checked_sub(2).and_then(|at| statement.tokens.get(at));
        let of_host = owner.is_some_and(|owner| {
            owner.is_word("Application") || owner.is_word("Excel") || owner.is_word("Word")
        });
        if is_run && of_host {
            statement.macro_run(index, found);
            return;
        }
        let made_here = owner.is_some_and(|owner| owner.is_symbol(b')'))
            && statement.has_any(&["CreateObject", "GetObject"]);
        let argument = statement.argument(index);
        let names_macro = is_run && statement.names_macro(index);
        let needs = if names_macro { Needs::NamedScriptShell } else { Needs::ScriptShell };
        if made_here && !names_macro {
            found.add(Action::ProcessStart, index, argument);
        } else {
            found.aside(needs, Action::ProcessStart, index, argument);
        }
        if is_run && statement.is_hidden_call(index) {
            found.aside(needs, Action::HiddenWindow, index, None);
        }
    }
}

/// What was found in one statement: each kind once, with the argument when one of its sightings
/// has one.
#[derive(Debug, Default)]
struct Found {
    list: Vec<(Action, usize, Option<String>)>,
    aside: Vec<(Needs, Action, usize, Option<String>)>,
}

impl Found {
    fn add(&mut self, kind: Action, at: usize, argument: Option<String>) {
        match self.list.iter_mut().find(|(known, _, _)| *known == kind) {
            Some((_, _, known)) => {
                if known.is_none() {
                    *known = argument;
                }
            }
            None => self.list.push((kind, at, argument)),
        }
    }

    fn aside(&mut self, needs: Needs, kind: Action, at: usize, argument: Option<String>) {
        let known =
            self.aside.iter_mut().find(|(for_what, known, _, _)| (*for_what, *known) == (needs, kind));
        match known {
            Some((_, _, _, known)) => {
                if known.is_none() {
                    *known = argument;
                }
            }
            None => self.aside.push((needs, kind, at, argument)),
        }
    }
}

struct Statement<'s> {
    tokens: &'s [Token<'s>],
    folds: &'s [Fold],
    /// The text of the module.
    source: &'s str,
    procedure: Option<u32>,
}

impl Statement<'_> {
    fn sighting(&self, kind: Action, at: usize, argument: Option<String>) -> Sighting {
        let line = self.tokens.get(at).or(self.tokens.first()).map_or(0, |token| token.line);
        let text = excerpt(self.source, self.tokens).to_owned();
        Sighting { kind, line, procedure: self.procedure, text, argument }
    }

    fn symbol_before(&self, index: usize, symbol: u8) -> bool {
        index.checked_sub(1).and_then(|at| self.tokens.get(at)).is_some_and(|token| token.is_symbol(symbol))
    }

    fn symbol_after(&self, index: usize, symbol: u8) -> bool {
        self.tokens.get(index.saturating_add(1)).is_some_and(|token| token.is_symbol(symbol))
    }

    fn word_before(&self, index: usize, word: &str) -> bool {
        self.word_at(index, 1, word)
    }

    /// Whether the token `back` places before `index` is that word.
    fn word_at(&self, index: usize, back: usize, word: &str) -> bool {
        index.checked_sub(back).and_then(|at| self.tokens.get(at)).is_some_and(|token| token.is_word(word))
    }

    fn of_vba(&self, index: usize) -> bool {
        self.word_at(index, 2, "VBA") || self.word_at(index, 2, "Interaction")
    }

    /// Whether a statement may begin at `index`, behind `Then` or `Else`.
    fn follows_then(&self, index: usize) -> bool {
        self.word_before(index, "Then") || self.word_before(index, "Else")
    }

    /// Whether one of the words is among the first tokens.
    fn has_any(&self, words: &[&str]) -> bool {
        // A statement that a person writes is shorter.
        self.tokens.iter().take(256).any(|token| words.iter().any(|word| token.is_word(word)))
    }

    /// The first constant text behind `index`, in the same call. Texts that another call is made with
    /// are passed over, and so is what stands far behind.
    fn argument(&self, index: usize) -> Option<String> {
        const NEAR: usize = 4;
        let mut at = index.saturating_add(1);
        for _ in 0..NEAR {
            if let Some(fold) = self.fold_at(at) {
                return (!fold.text.is_empty()).then(|| fold.text.clone());
            }
            let is_word = self.tokens.get(at)?.kind == TokenKind::Word;
            at = match is_word && self.symbol_after(at, b'(') {
                true => self.behind_bracket(at.saturating_add(1))?,
                false => at.saturating_add(1),
            };
        }
        None
    }

    /// The constant text that begins at a token.
    fn fold_at(&self, at: usize) -> Option<&Fold> {
        let fold = self.folds.get(self.folds.partition_point(|fold| fold.first < at))?;
        (fold.first == at).then_some(fold)
    }

    /// The token behind the bracket that `open` opens.
    fn behind_bracket(&self, open: usize) -> Option<usize> {
        const NEAR: usize = 64;
        let mut depth = 0u32;
        for (at, token) in (open..).zip(self.tokens.get(open..)?.iter().take(NEAR)) {
            match token.kind {
                TokenKind::Symbol(b'(') => depth = depth.saturating_add(1),
                TokenKind::Symbol(b')') if depth <= 1 => return Some(at.saturating_add(1)),
                TokenKind::Symbol(b')') => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        None
    }

    /// Whether what the member at `index` is called with is the name of a macro and nothing else: one
    /// word that is no program of Windows, or a word behind a workbook.
    fn names_macro(&self, index: usize) -> bool {
        let at = index.saturating_add(if self.symbol_after(index, b'(') { 2 } else { 1 });
        let Some(fold) = self.fold_at(at) else { return false };
        let ends = self
            .tokens
            .get(fold.last.saturating_add(1))
            .is_none_or(|next| next.is_symbol(b',') || next.is_symbol(b')'));
        let name = fold.text.rsplit('!').next().unwrap_or_default();
        let is_word = name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
        ends && is_word && !name.is_empty() && launchers(&format!("{name}.exe")).next().is_none()
    }

    /// `CallByName object, member, kind, arguments`: what that member would be.
    fn call_by_name(&self, index: usize, found: &mut Found) {
        found.add(Action::CallByName, index, self.argument(index));
        let Some(second) = self.second_argument(index) else { return };
        let name = self.fold_at(second).map(|fold| fold.text.to_ascii_lowercase());
        let from = self.folds.partition_point(|fold| fold.first <= second);
        let command = self.folds.get(from).map(|fold| fold.text.clone());
        match name.as_deref() {
            Some("shellexecute") => found.add(Action::ProcessStart, index, command),
            Some("create") => found.aside(Needs::WmiProcess, Action::ProcessStart, index, command),
            Some("run" | "exec") | None => {
                found.aside(Needs::NamedScriptShell, Action::ProcessStart, index, command);
            }
            Some(_) => {}
        }
    }

    /// The token that the second argument of a call begins with.
    fn second_argument(&self, index: usize) -> Option<usize> {
        const NEAR: usize = 64;
        let mut at = index.saturating_add(if self.symbol_after(index, b'(') { 2 } else { 1 });
        for _ in 0..NEAR {
            let token = self.tokens.get(at)?;
            if token.is_symbol(b',') {
                return at.checked_add(1);
            }
            at = if token.is_symbol(b'(') { self.behind_bracket(at)? } else { at.saturating_add(1) };
        }
        None
    }

    /// Whether the call of the member at `index` is given a value.
    fn assigns_call(&self, index: usize) -> bool {
        let open = index.saturating_add(1);
        let behind = || self.behind_bracket(open).and_then(|at| self.tokens.get(at));
        self.symbol_after(index, b'(') && behind().is_some_and(|next| next.is_symbol(b'='))
    }

    /// Whether a text of the statement is an add-in of machine code, other than beside the document.
    fn names_native_add_in(&self) -> bool {
        self.folds.iter().any(|fold| hints::is_native_add_in(&fold.text))
            && !self.has_any(&["Path", "LibraryPath"])
    }

    /// Whether a text of the statement is a folder from which Windows starts what is in it.
    fn names_startup(&self) -> bool {
        self.folds.iter().any(|fold| fold.text.to_ascii_lowercase().contains("\\startup\\"))
    }

    /// Whether the statement names a library in a folder that is open to all.
    fn loads_from_open_folder(&self) -> bool {
        let open = || self.folds.iter().any(|fold| hints::is_open_folder(&fold.text));
        self.folds.iter().any(|fold| is_program(&fold.text)) && (self.has_any(&["Environ"]) || open())
    }

    /// Whether the function of a library that the word at `index` names is called: by its name, or
    /// behind the module that declares it.
    fn calls_native(&self, index: usize) -> bool {
        let member = self.symbol_before(index, b'.') || self.symbol_before(index, b'!');
        let owner = || index.checked_sub(2).and_then(|at| self.tokens.get(at));
        (!member || owner().is_some_and(|owner| owner.known.declares_natives)) && self.is_call(index, false)
    }

    /// Whether there is a gap between a token and the next one.
    fn stands_apart(&self, index: usize) -> bool {
        let next = self.tokens.get(index.saturating_add(1));
        self.tokens.get(index).zip(next).is_some_and(|(token, next)| token.end < next.start)
    }

    /// Whether the word at `index` is called, and neither declared, assigned nor a member.
    fn is_call(&self, index: usize, member: bool) -> bool {
        if member && !self.of_vba(index) {
            return false;
        }
        let declares =
            ["Dim", "As", "Set", "Sub", "Function", "Const", "New", "Private", "Public", "Static", "ReDim"];
        if declares.iter().any(|word| self.word_before(index, word)) {
            return false;
        }
        match self.tokens.get(index.saturating_add(1)) {
            Some(next) => match next.kind {
                TokenKind::Symbol(b'(') => true,
                // `Shell .Tag` is a call with a member of what a `With` names, `shell.Tag` is none, nor
                // is `shell - 1`.
                TokenKind::Symbol(b'.' | b'!' | b'-') => {
                    self.stands_apart(index) && !self.stands_apart(index.saturating_add(1))
                }
                TokenKind::Symbol(_) => false,
                TokenKind::Word => !next.is_word("As") && !next.is_word("Then") && !next.is_word("Is"),
                TokenKind::Text | TokenKind::Number => true,
                TokenKind::Named => false,
            },
            None => index == 0 || self.word_before(index, "Call"),
        }
    }

    /// Whether the member at `index` is given a value; before `Then` it is compared with one.
    fn is_assigned(&self, index: usize) -> bool {
        let rest = self.tokens.get(index..).unwrap_or_default();
        self.symbol_after(index, b'=') && !rest.iter().take(256).any(|token| token.is_word("Then"))
    }

    /// Whether the window style behind the first comma at `index` is hidden.
    fn is_hidden_call(&self, index: usize) -> bool {
        let rest = self.tokens.get(index..).unwrap_or_default();
        let mut depth = 0u32;
        for (at, token) in (0usize..).zip(rest.iter().take(256)) {
            match token.kind {
                TokenKind::Symbol(b'(') if at > 1 => depth = depth.saturating_add(1),
                TokenKind::Symbol(b')') => depth = depth.saturating_sub(1),
                TokenKind::Symbol(b',') if depth == 0 => {
                    let style = rest.get(at.saturating_add(1)..).unwrap_or_default();
                    let ends = style.get(1).is_none_or(|next| next.is_symbol(b')') || next.is_symbol(b','));
                    return ends
                        && style
                            .first()
                            .is_some_and(|style| style.number() == Some(0) || style.is_word("vbHide"));
                }
                _ => {}
            }
        }
        false
    }

    /// `Open path For Output|Append|Binary|Random`
    fn opens_for_writing(&self, index: usize) -> bool {
        let rest = self.tokens.get(index..).unwrap_or_default();
        rest.windows(2).take(4096).any(|pair| match pair {
            [word, mode] => {
                word.is_word("For")
                    && ["Output", "Append", "Binary", "Random"].iter().any(|known| mode.is_word(known))
            }
            _ => false,
        })
    }

    fn number_behind(&self, index: usize, numbers: &[i64]) -> bool {
        let rest = self.tokens.get(index..).unwrap_or_default();
        rest.iter().take(64).any(|token| token.number().is_some_and(|number| numbers.contains(&number)))
    }

    /// `Sheets.Add Type:=3` and `Type:=4`: a macro sheet.
    fn adds_macro_sheet(&self, index: usize) -> bool {
        let rest = self.tokens.get(index..).unwrap_or_default();
        rest.windows(3).take(256).any(|three| match three {
            [word, named, value] => {
                word.is_word("Type")
                    && named.kind == TokenKind::Named
                    && matches!(value.number(), Some(3 | 4))
            }
            _ => false,
        })
    }

    /// `Application.Visible = False`
    fn hides_application(&self, index: usize) -> bool {
        let value = self.tokens.get(index.saturating_add(2));
        self.word_at(index, 2, "Application")
            && self.symbol_after(index, b'=')
            && value.is_some_and(|value| value.is_word("False") || value.number() == Some(0))
    }

    /// `Run` of the host: a macro by name, or a cell of a macro sheet.
    fn macro_run(&self, index: usize, found: &mut Found) {
        let cells = ["Range", "Cells", "Sheets", "Worksheets", "ActiveCell", "ActiveSheet"];
        let rest = self.tokens.get(index..).unwrap_or_default();
        let of_cell = rest.iter().take(8).any(|token| cells.iter().any(|word| token.is_word(word)));
        let kind = if of_cell { Action::XlmFromVba } else { Action::MacroRun };
        found.add(kind, index, self.argument(index));
    }
}
