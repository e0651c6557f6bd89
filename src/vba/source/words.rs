//! The words of a module: each is looked at once, however often the source uses it.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::sync::LazyLock;

use super::sight::{Action, CALLERS, NATIVE};
use super::{NAMES, fold};
use crate::documents::workbook::{TextId, Texts};

/// Longest name ([MS-VBAL] 3.3.5.1). A longer word means nothing.
const NAME_LEN: usize = 255;

/// Places for words that were looked up of late: source repeats its words as they are written.
const RECENT: usize = 256;

/// What a word is known for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// What it may do in a statement.
    pub(super) act: Option<Act>,
    /// It names a function of a library, in any module or by a declaration, and calling that is this.
    pub(super) native: Option<Action>,
    /// It names a module that declares such functions.
    pub(super) declares_natives: bool,
    /// It is among the first words of a declaration.
    pub(super) declares: bool,
    /// It names a function that makes constant texts.
    pub(super) folds: bool,
    /// It is the name of a constant of the module.
    pub(super) constant: bool,
    /// A text behind it names a procedure.
    pub(super) calls_by_text: bool,
}

macro_rules! acts {
    ($($name:ident = $word:literal),* $(,)?) => {
        /// Words that do something where they stand in the right place.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Act {
            $(
                #[doc = concat!("`", $word, "`")]
                $name,
            )*
        }

        const ACTS: &[(&str, Act)] = &[$(($word, Act::$name)),*];
    };
}

acts! {
    Shell = "shell",
    ShellExecute = "shellexecute",
    InvokeVerb = "invokeverb",
    InvokeVerbEx = "invokeverbex",
    ControlPanelItem = "controlpanelitem",
    DdeInitiate = "ddeinitiate",
    ExecuteShellCommand = "executeshellcommand",
    RegisterTask = "registertask",
    RegisterTaskDefinition = "registertaskdefinition",
    ExecMethod = "execmethod",
    ExecMethodObject = "execmethod_",
    ExecScript = "execscript",
    AddCode = "addcode",
    Eval = "eval",
    ExecuteStatement = "executestatement",
    RegisterXll = "registerxll",
    CreateShortcut = "createshortcut",
    PrivateProfileString = "privateprofilestring",
    MacScript = "macscript",
    AppleScriptTask = "applescripttask",
    Run = "run",
    Exec = "exec",
    Create = "create",
    CreateObject = "createobject",
    GetObject = "getobject",
    CreateObjectEx = "createobjectex",
    WshShell = "wshshell",
    IWshShell = "iwshshell",
    IWshShell3 = "iwshshell3",
    IWshRuntimeLibrary = "iwshruntimelibrary",
    XmlHttp = "xmlhttp",
    XmlHttp30 = "xmlhttp30",
    XmlHttp60 = "xmlhttp60",
    ServerXmlHttp = "serverxmlhttp",
    ServerXmlHttp30 = "serverxmlhttp30",
    ServerXmlHttp60 = "serverxmlhttp60",
    WinHttpRequest = "winhttprequest",
    InternetExplorer = "internetexplorer",
    Send = "send",
    ResponseBody = "responsebody",
    ResponseText = "responsetext",
    ResponseStream = "responsestream",
    Navigate = "navigate",
    Navigate2 = "navigate2",
    FollowHyperlink = "followhyperlink",
    Open = "open",
    SaveToFile = "savetofile",
    CreateTextFile = "createtextfile",
    CopyFile = "copyfile",
    MoveFile = "movefile",
    CopyHere = "copyhere",
    SaveCopyAs = "savecopyas",
    CopyFolder = "copyfolder",
    SaveAs = "saveas",
    SaveAs2 = "saveas2",
    ExportAsFixedFormat = "exportasfixedformat",
    OpenTextFile = "opentextfile",
    FileCopy = "filecopy",
    Put = "put",
    Print = "print",
    Write = "write",
    Name = "name",
    Kill = "kill",
    DeleteFile = "deletefile",
    DeleteFolder = "deletefolder",
    ExecuteExcel4Macro = "executeexcel4macro",
    Excel4MacroSheets = "excel4macrosheets",
    Excel4IntlMacroSheets = "excel4intlmacrosheets",
    XlExcel4MacroSheet = "xlexcel4macrosheet",
    XlExcel4IntlMacroSheet = "xlexcel4intlmacrosheet",
    FormulaLocal = "formulalocal",
    FormulaR1C1 = "formular1c1",
    Formula = "formula",
    Add = "add",
    VbProject = "vbproject",
    VbComponents = "vbcomponents",
    CodeModule = "codemodule",
    VbComponent = "vbcomponent",
    AddFromString = "addfromstring",
    AddFromFile = "addfromfile",
    InsertLines = "insertlines",
    ReplaceLine = "replaceline",
    CreateEventProc = "createeventproc",
    Export = "export",
    Import = "import",
    OrganizerCopy = "organizercopy",
    MacroCopy = "macrocopy",
    NormalTemplate = "normaltemplate",
    StartupPath = "startuppath",
    AltStartupPath = "altstartuppath",
    CallByName = "callbyname",
    OnTime = "ontime",
    OnKey = "onkey",
    OnEntry = "onentry",
    OnSheetActivate = "onsheetactivate",
    VbHide = "vbhide",
    SwHide = "sw_hide",
    Visible = "visible",
    Environ = "environ",
    UserName = "username",
    ComputerName = "computername",
    UserDomain = "userdomain",
    OrganizationName = "organizationname",
    International = "international",
    RecentFiles = "recentfiles",
    OperatingSystem = "operatingsystem",
    MathCoprocessorAvailable = "mathcoprocessoravailable",
    RegWrite = "regwrite",
    RegDelete = "regdelete",
    SetDwordValue = "setdwordvalue",
    SetStringValue = "setstringvalue",
    SetExpandedStringValue = "setexpandedstringvalue",
    AutomationSecurity = "automationsecurity",
    VirusProtection = "virusprotection",
    SendKeys = "sendkeys",
    MsgBox = "msgbox",
    InputBox = "inputbox",
    Caption = "caption",
    StatusBar = "statusbar",
    Quit = "quit",
    StrReverse = "strreverse",
    Chr = "chr",
    ChrW = "chrw",
    ChrB = "chrb",
    Asc = "asc",
    AscW = "ascw",
    AscB = "ascb",
    Val = "val",
    CByte = "cbyte",
    CInt = "cint",
    CLng = "clng",
    Mid = "mid",
    MidB = "midb",
    Split = "split",
    Xor = "xor",
}

/// First words of what is told apart before anything else, in lower case.
const DECLARES: [&str; 12] = [
    "attribute",
    "end",
    "public",
    "private",
    "friend",
    "static",
    "global",
    "sub",
    "function",
    "property",
    "declare",
    "const",
];

/// Words that the source may use, with what they are known for. The words are ours, so that the
/// hash need not resist anyone.
type Table = HashMap<String, Known, BuildHasherDefault<Fnv>>;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    for (name, action) in NATIVE {
        for suffix in ["", "a", "w", "ex", "exa", "exw"] {
            table.entry(format!("{name}{suffix}")).or_default().native = Some(*action);
        }
    }
    for (word, act) in ACTS {
        table.entry((*word).to_owned()).or_default().act = Some(*act);
    }
    for word in DECLARES {
        table.entry(word.to_owned()).or_default().declares = true;
    }
    for (word, _) in fold::FUNCTIONS {
        table.entry(word.to_ascii_lowercase()).or_default().folds = true;
    }
    for word in CALLERS {
        table.entry(word.to_owned()).or_default().calls_by_text = true;
    }
    table
});

/// FNV-1a.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Fnv(0xCBF2_9CE4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A word of the module.
#[derive(Debug)]
struct Word {
    hash: u64,
    known: Known,
    /// Its name in the view, once a procedure used it.
    name: Option<TextId>,
    /// The procedure that used it last, counted from 1.
    used_by: u32,
}

/// The words of a module. Letter case does not tell them apart.
pub(super) struct Words<'t> {
    words: Vec<Word>,
    /// Their names in lower case, in the same order.
    folded: Texts,
    /// A hash table: indices of words, counted from 1.
    slots: Vec<u32>,
    hashing: RandomState,
    recent: Vec<Recent<'t>>,
    buffer: String,
    /// Whether there were more words than are kept.
    pub(super) full: bool,
}

/// Index of no word.
pub(super) const NO_WORD: u32 = u32::MAX;

impl<'t> Words<'t> {
    pub(super) fn new() -> Self {
        Words {
            words: Vec::new(),
            folded: Texts::default(),
            slots: vec![0; 256],
            hashing: RandomState::new(),
            recent: vec![Recent::default(); RECENT],
            buffer: String::new(),
            full: false,
        }
    }

    /// Index of a word of the source, and what it is known for.
    #[inline]
    pub(super) fn of(&mut self, text: &'t str) -> (u32, Known) {
        let key = Key::of(text.as_bytes());
        match self.recent.get(key.place()) {
            // Up to 16 bytes the key has them all.
            Some(recent) if recent.key == key && (text.len() <= 16 || recent.text == text) => {
                (recent.index, recent.known)
            }
            _ => self.look_up(text, key),
        }
    }

    fn look_up(&mut self, text: &'t str, key: Key) -> (u32, Known) {
        let index = self.index(text);
        if index == NO_WORD {
            return (index, known(text));
        }
        let known = self.known(index);
        if let Some(recent) = self.recent.get_mut(key.place()) {
            *recent = Recent { key, text, index, known };
        }
        (index, known)
    }

    fn known(&self, index: u32) -> Known {
        self.words.get(index as usize).map_or_else(Known::default, |word| word.known)
    }

    /// Index of a word from anywhere.
    pub(super) fn index(&mut self, text: &str) -> u32 {
        if text.is_empty() || text.len() > NAME_LEN {
            return NO_WORD;
        }
        self.buffer.clear();
        if text.is_ascii() {
            self.buffer.push_str(text);
            self.buffer.make_ascii_lowercase();
        } else {
            self.buffer.extend(text.chars().flat_map(char::to_lowercase));
        }
        let hash = self.hashing.hash_one(self.buffer.as_bytes());
        let mut at = self.home(hash);
        loop {
            match self.slots.get(at).copied().unwrap_or(0).checked_sub(1) {
                None => break,
                Some(index) => {
                    let same = self.words.get(index as usize).is_some_and(|word| word.hash == hash);
                    if same && self.folded.get(TextId(index)) == self.buffer {
                        return index;
                    }
                }
            }
            at = self.next(at);
        }
        self.add(text, hash, at)
    }

    fn home(&self, hash: u64) -> usize {
        usize::try_from(hash & (self.slots.len() as u64).saturating_sub(1)).unwrap_or(0)
    }

    fn next(&self, at: usize) -> usize {
        at.wrapping_add(1) & self.slots.len().saturating_sub(1)
    }

    fn add(&mut self, text: &str, hash: u64, at: usize) -> u32 {
        if self.words.len() >= NAMES {
            self.full = true;
            return NO_WORD;
        }
        let Some(id) = self.folded.push(&self.buffer) else { return NO_WORD };
        self.words.push(Word { hash, known: known(text), name: None, used_by: 0 });
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = id.0.saturating_add(1);
        }
        if self.words.len().saturating_mul(2) > self.slots.len() {
            self.grow();
        }
        id.0
    }

    /// Doubles the table: at most half of it is taken.
    fn grow(&mut self) {
        self.slots = vec![0; self.slots.len().saturating_mul(2)];
        for (number, word) in (1u32..).zip(&self.words) {
            let mut at = self.home(word.hash);
            while self.slots.get(at).is_some_and(|slot| *slot != 0) {
                at = self.next(at);
            }
            if let Some(slot) = self.slots.get_mut(at) {
                *slot = number;
            }
        }
    }

    /// Remembers of a word what the module says of it.
    pub(super) fn teach(&mut self, index: u32, what: impl Fn(&mut Known)) {
        if let Some(word) = self.words.get_mut(index as usize) {
            what(&mut word.known);
        }
        for recent in self.recent.iter_mut().filter(|recent| recent.index == index) {
            what(&mut recent.known);
        }
    }

    /// The name of a word that `procedure` uses, when it did not use it before.
    pub(super) fn used(&mut self, index: u32, procedure: u32, names: &mut Texts) -> Option<TextId> {
        let word = self.words.get_mut(index as usize)?;
        let number = procedure.saturating_add(1);
        if word.used_by == number {
            return None;
        }
        word.used_by = number;
        if word.name.is_none() {
            word.name = names.push(self.folded.get(TextId(index)));
        }
        word.name
    }
}

/// What the word is known for in any module.
fn known(text: &str) -> Known {
    const LONGEST: usize = 32;
    let mut buffer = [0u8; LONGEST];
    let Some(room) = buffer.get_mut(..text.len()) else { return Known::default() };
    room.iter_mut().zip(text.bytes()).for_each(|(to, byte)| *to = byte.to_ascii_lowercase());
    std::str::from_utf8(room).ok().and_then(|lower| TABLE.get(lower)).copied().unwrap_or_default()
}

/// A word that was looked up.
#[derive(Debug, Clone, Copy, Default)]
struct Recent<'t> {
    key: Key,
    text: &'t str,
    index: u32,
    known: Known,
}

/// Length, first and last bytes of a word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Key {
    first: u64,
    last: u64,
    len: usize,
}

impl Key {
    #[inline]
    fn of(text: &[u8]) -> Self {
        let (first, last) = match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => match (text.first_chunk::<4>(), text.last_chunk::<4>()) {
                (Some(first), Some(last)) => {
                    (u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last)))
                }
                _ => (text.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)), 0),
            },
        };
        Key { first, last, len: text.len() }
    }

    /// Where the word is remembered.
    #[inline]
    fn place(self) -> usize {
        let mixed = self.first ^ self.last.rotate_left(23) ^ self.len as u64;
        usize::try_from(mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_has_one_index_in_any_letter_case_and_however_many_there_are() {
        let names: Vec<String> = (0..2000).map(|at| format!("Name{at}")).collect();
        let upper: Vec<String> = names.iter().map(|name| name.to_uppercase()).collect();
        let mut words = Words::new();
        for (index, name) in (0u32..).zip(&names) {
            assert_eq!(words.of(name), (index, Known::default()));
        }
        for (index, name) in (0u32..).zip(&upper) {
            assert_eq!((words.of(name).0, words.index(name)), (index, index));
        }
    }

    #[test]
    fn word_that_became_a_constant_is_one_at_once() {
        let mut words = Words::new();
        let (index, _) = words.of("Path");
        words.teach(index, |known| known.constant = true);
        let constant = Known { constant: true, ..Known::default() };
        assert_eq!([words.of("Path"), words.of("PATH")], [(index, constant); 2]);
    }

    #[test]
    fn words_are_known_by_what_they_do() {
        assert_eq!(known("CreateObject").act, Some(Act::CreateObject));
        assert_eq!(known("URLDownloadToFileA").native, Some(Action::Download));
        assert_eq!(known("Chr"), Known { act: Some(Act::Chr), folds: true, ..Known::default() });
        assert_eq!(known("run"), Known { act: Some(Act::Run), calls_by_text: true, ..Known::default() });
        assert_eq!([known("Ru\u{FF4E}"), known(&"x".repeat(300))], [Known::default(); 2]);
    }

    #[test]
    fn name_that_is_too_long_is_no_word() {
        let name = "n".repeat(NAME_LEN + 1);
        let mut words = Words::new();
        assert_eq!((words.of(&name).0, words.index("")), (NO_WORD, NO_WORD));
    }
}
