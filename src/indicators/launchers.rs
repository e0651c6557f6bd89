//! Names of programs and functions that run, fetch or inject.

/// A known name in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mention {
    /// Offset of its first byte in the text.
    pub at: usize,
    /// One past its last byte.
    pub end: usize,
    /// The name in lower case, without `.exe`.
    pub name: &'static str,
    /// Identifier of the technique in ATT&CK 17.
    pub attack: &'static str,
    /// What it is.
    pub class: MentionClass,
}

/// What a known name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum MentionClass {
    /// A program of Windows that runs what it is given.
    Launcher,
    /// A program, library or function that fetches.
    Downloader,
    /// An interpreter of commands or scripts, and the objects through which macros reach one.
    Shell,
    /// A function of Windows that starts processes, or writes and runs code in memory.
    NativeApi,
}

use MentionClass::{Downloader, Launcher, NativeApi, Shell};

/// A program that is given a command line.
pub(super) struct Program {
    pub(super) name: &'static str,
    attack: &'static str,
    class: MentionClass,
    /// Whether the name alone means the program; others are words, and must end in `.exe`.
    pub(super) alone: bool,
}

const fn program(name: &'static str, attack: &'static str, class: MentionClass) -> Program {
    Program { name, attack, class, alone: true }
}

/// A program whose name is a word of prose or a usual name in source.
const fn word(name: &'static str, attack: &'static str, class: MentionClass) -> Program {
    Program { name, attack, class, alone: false }
}

static PROGRAMS: &[Program] = &[
    program("regsvr32", "T1218.010", Launcher),
    program("rundll32", "T1218.011", Launcher),
    program("mshta", "T1218.005", Launcher),
    program("msiexec", "T1218.007", Launcher),
    program("odbcconf", "T1218.008", Launcher),
    program("cmstp", "T1218.003", Launcher),
    word("hh", "T1218.001", Launcher),
    word("control", "T1218.002", Launcher),
    program("installutil", "T1218.004", Launcher),
    program("regasm", "T1218.009", Launcher),
    program("regsvcs", "T1218.009", Launcher),
    program("verclsid", "T1218.012", Launcher),
    program("mavinject", "T1218.013", Launcher),
    word("mmc", "T1218.014", Launcher),
    program("msdt", "T1218", Launcher),
    program("ieexec", "T1218", Launcher),
    program("presentationhost", "T1218", Launcher),
    program("syncappvpublishingserver", "T1218", Launcher),
    program("msbuild", "T1127.001", Launcher),
    program("wmic", "T1047", Launcher),
    program("schtasks", "T1053.005", Launcher),
    program("forfiles", "T1202", Launcher),
    program("pcalua", "T1202", Launcher),
    program("conhost", "T1202", Launcher),
    program("scriptrunner", "T1202", Launcher),
    word("explorer", "T1202", Launcher),
    program("dllhost", "T1559.001", Launcher),
    program("certutil", "T1105", Downloader),
    program("bitsadmin", "T1197", Downloader),
    program("curl", "T1105", Downloader),
    program("wget", "T1105", Downloader),
    program("certreq", "T1105", Downloader),
    program("esentutl", "T1105", Downloader),
    program("desktopimgdownldr", "T1105", Downloader),
    word("ftp", "T1105", Downloader),
    word("finger", "T1105", Downloader),
    program("powershell", "T1059.001", Shell),
    program("pwsh", "T1059.001", Shell),
    word("cmd", "T1059.003", Shell),
    word("wscript", "T1059.005", Shell),
    program("cscript", "T1059.005", Shell),
    word("bash", "T1059.004", Shell),
    word("wsl", "T1202", Shell),
];

/// Names that are no programs, or programs in a spelling that is no word.
static NAMES: &[(&str, &str, &str, MentionClass)] = &[
    ("cmd /", "cmd", "T1059.003", Shell),
    ("comspec", "comspec", "T1059.003", Shell),
    ("wscript.shell", "wscript.shell", "T1059.005", Shell),
    ("shell.application", "shell.application", "T1559.001", Shell),
    ("shellbrowserwindow", "shellbrowserwindow", "T1559.001", Shell),
    ("scriptcontrol", "scriptcontrol", "T1059.005", Shell),
    ("win32_process", "win32_process", "T1047", Launcher),
    ("schedule.service", "schedule.service", "T1053.005", Launcher),
    ("urlmon", "urlmon", "T1105", Downloader),
    ("urldownloadtofile", "urldownloadtofile", "T1105", Downloader),
    ("urldownloadtofilea", "urldownloadtofile", "T1105", Downloader),
    ("urldownloadtofilew", "urldownloadtofile", "T1105", Downloader),
    ("urldownloadtocachefile", "urldownloadtocachefile", "T1105", Downloader),
    ("urldownloadtocachefilea", "urldownloadtocachefile", "T1105", Downloader),
    ("urldownloadtocachefilew", "urldownloadtocachefile", "T1105", Downloader),
    ("urlopenblockingstreama", "urlopenblockingstream", "T1105", Downloader),
    ("urlopenblockingstreamw", "urlopenblockingstream", "T1105", Downloader),
    ("winhttp", "winhttp", "T1105", Downloader),
    ("winhttprequest", "winhttprequest", "T1105", Downloader),
    ("winhttpopen", "winhttpopen", "T1105", Downloader),
    ("winhttpsendrequest", "winhttpsendrequest", "T1105", Downloader),
    ("wininet", "wininet", "T1105", Downloader),
    ("internetopen", "internetopen", "T1105", Downloader),
    ("internetopena", "internetopen", "T1105", Downloader),
    ("internetopenw", "internetopen", "T1105", Downloader),
    ("internetopenurl", "internetopenurl", "T1105", Downloader),
    ("internetopenurla", "internetopenurl", "T1105", Downloader),
    ("internetopenurlw", "internetopenurl", "T1105", Downloader),
    ("internetconnecta", "internetconnect", "T1105", Downloader),
    ("internetconnectw", "internetconnect", "T1105", Downloader),
    ("internetreadfile", "internetreadfile", "T1105", Downloader),
    ("httpopenrequesta", "httpopenrequest", "T1105", Downloader),
    ("httpopenrequestw", "httpopenrequest", "T1105", Downloader),
    ("httpsendrequesta", "httpsendrequest", "T1105", Downloader),
    ("httpsendrequestw", "httpsendrequest", "T1105", Downloader),
    ("xmlhttp", "xmlhttp", "T1105", Downloader),
    ("serverxmlhttp", "serverxmlhttp", "T1105", Downloader),
    ("downloadfile", "downloadfile", "T1105", Downloader),
    ("downloadstring", "downloadstring", "T1105", Downloader),
    ("invoke-webrequest", "invoke-webrequest", "T1105", Downloader),
    ("start-bitstransfer", "start-bitstransfer", "T1197", Downloader),
    ("shellexecute", "shellexecute", "T1106", NativeApi),
    ("shellexecutea", "shellexecute", "T1106", NativeApi),
    ("shellexecutew", "shellexecute", "T1106", NativeApi),
    ("shellexecuteex", "shellexecuteex", "T1106", NativeApi),
    ("shellexecuteexa", "shellexecuteex", "T1106", NativeApi),
    ("shellexecuteexw", "shellexecuteex", "T1106", NativeApi),
    ("winexec", "winexec", "T1106", NativeApi),
    ("createprocess", "createprocess", "T1106", NativeApi),
    ("createprocessa", "createprocess", "T1106", NativeApi),
    ("createprocessw", "createprocess", "T1106", NativeApi),
    ("loadlibrarya", "loadlibrary", "T1106", NativeApi),
    ("loadlibraryw", "loadlibrary", "T1106", NativeApi),
    ("getprocaddress", "getprocaddress", "T1106", NativeApi),
    ("virtualalloc", "virtualalloc", "T1055", NativeApi),
    ("virtualallocex", "virtualallocex", "T1055", NativeApi),
    ("virtualprotect", "virtualprotect", "T1055", NativeApi),
    ("virtualprotectex", "virtualprotectex", "T1055", NativeApi),
    ("ntallocatevirtualmemory", "ntallocatevirtualmemory", "T1055", NativeApi),
    ("zwallocatevirtualmemory", "ntallocatevirtualmemory", "T1055", NativeApi),
    ("writeprocessmemory", "writeprocessmemory", "T1055", NativeApi),
    ("ntwritevirtualmemory", "ntwritevirtualmemory", "T1055", NativeApi),
    ("rtlmovememory", "rtlmovememory", "T1055", NativeApi),
    ("rtlcopymemory", "rtlcopymemory", "T1055", NativeApi),
    ("createthread", "createthread", "T1055", NativeApi),
    ("createremotethread", "createremotethread", "T1055", NativeApi),
    ("shcreatethread", "shcreatethread", "T1055", NativeApi),
    ("queueuserapc", "queueuserapc", "T1055.004", NativeApi),
    ("nttestalert", "nttestalert", "T1055.004", NativeApi),
    ("heapcreate", "heapcreate", "T1055", NativeApi),
    ("enumdateformatsa", "enumdateformats", "T1055", NativeApi),
    ("enumdateformatsw", "enumdateformats", "T1055", NativeApi),
    ("enumsystemlanguagegroupsa", "enumsystemlanguagegroups", "T1055", NativeApi),
    ("enumsystemlanguagegroupsw", "enumsystemlanguagegroups", "T1055", NativeApi),
    ("cryptstringtobinarya", "cryptstringtobinary", "T1140", NativeApi),
    ("cryptstringtobinaryw", "cryptstringtobinary", "T1140", NativeApi),
];

/// The program with this name, in lower case and without `.exe`.
pub(super) fn program_named(name: &str) -> Option<&'static Program> {
    PROGRAMS.iter().find(|program| program.name == name)
}

/// The last two characters of the names of all programs, as a set that may hold others, too.
pub(super) struct Ends([u32; 32]);

impl Ends {
    /// Whether a name can end in these, or be broken up there by a caret or quote.
    pub(super) fn may_end(&self, before: u8, last: u8) -> bool {
        let set = self.0.get(usize::from(before & 0x1F)).copied().unwrap_or(0);
        let breaks = |byte| matches!(byte, b'^' | b'"' | b'\'' | b'`');
        let name = last.is_ascii_alphanumeric();
        name && (set >> (last & 0x1F) & 1 != 0 || breaks(before)) || breaks(last)
    }
}

/// The ends of all programs, with and without `.exe`.
pub(super) static PROGRAM_ENDS: Ends = {
    let mut sets = [0_u32; 32];
    let mut at = 0;
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    while at <= PROGRAMS.len() {
        let name = if at < PROGRAMS.len() { PROGRAMS[at].name } else { "exe" };
        if let [.., before, last] = name.as_bytes() {
            sets[(*before & 0x1F) as usize] |= 1 << (*last & 0x1F);
        }
        at += 1;
    }
    Ends(sets)
};

/// All names, programs first, in chains of those whose first two characters have the same [`pair`]. 0 ends a
/// chain, and other numbers are one more than the place of a name.
struct Chains {
    first: [u8; 1024],
    next: [u8; u8::MAX as usize],
    /// How long the word is that each name begins with: it ends where that of a text does.
    word_len: [u8; u8::MAX as usize],
}

static CHAINS: Chains = {
    const NONE: [u8; u8::MAX as usize] = [0; u8::MAX as usize];
    let mut chains = Chains { first: [0; 1024], next: NONE, word_len: NONE };
    let (mut at, mut number) = (0, 1);
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    while at < PROGRAMS.len() + NAMES.len() {
        let name = if at < PROGRAMS.len() { PROGRAMS[at].name } else { NAMES[at - PROGRAMS.len()].0 };
        if let [first, second, ..] = name.as_bytes() {
            let pair = pair(*first, *second);
            chains.next[at] = chains.first[pair];
            chains.first[pair] = number;
        }
        let mut len = 0;
        while len < name.len() && is_word(&name.as_bytes()[len]) {
            chains.word_len[at] += 1;
            len += 1;
        }
        at += 1;
        number += 1;
    }
    chains
};

/// A number for two characters, the same in any case.
const fn pair(first: u8, second: u8) -> usize {
    (first as usize & 0x1F) << 5 | second as usize & 0x1F
}

const fn is_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}

/// A name as it is looked for, and what it means.
type Meaning = (usize, &'static str, &'static str, MentionClass);

/// The longest name that bytes begin with, whose first word has `word_len` of them, in any case: how long it
/// is, and what it means.
fn longest(bytes: &[u8], word_len: usize) -> Option<Meaning> {
    let [first, second, ..] = bytes else { return None };
    let mut next = CHAINS.first.get(pair(*first, *second)).copied().unwrap_or(0);
    let mut longest: Option<Meaning> = None;
    while let Some(at) = usize::from(next).checked_sub(1) {
        if CHAINS.word_len.get(at).is_some_and(|len| usize::from(*len) == word_len)
            && let Some(found) = begins_with(bytes, at)
            && longest.is_none_or(|(len, ..)| found.0 > len)
        {
            longest = Some(found);
        }
        next = CHAINS.next.get(at).copied().unwrap_or(0);
    }
    longest
}

fn begins_with(bytes: &[u8], at: usize) -> Option<Meaning> {
    let begins = |bytes: &[u8], name: &str| {
        bytes.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name.as_bytes()))
    };
    if let Some(other) = at.checked_sub(PROGRAMS.len()) {
        let (spelling, name, attack, class) = NAMES.get(other)?;
        return begins(bytes, spelling).then_some((spelling.len(), name, attack, *class));
    }
    let program = PROGRAMS.get(at)?;
    let rest = bytes.get(program.name.len()..).filter(|_| begins(bytes, program.name))?;
    let end = if program.alone { "" } else { ".exe" };
    let len = program.name.len().saturating_add(end.len());
    begins(rest, end).then_some((len, program.name, program.attack, program.class))
}

/// The known names in `text`, in order: whole words, in any case. Of several at one place, the longest.
///
/// Words of prose count only with `.exe` behind them, and `cmd` also before `/`. Text that may be
/// broken up goes through [`super::fold_command`] first.
pub fn launchers(text: &str) -> impl Iterator<Item = Mention> {
    let bytes = text.as_bytes();
    // Where a word begins.
    let mut at = 0_usize;
    std::iter::from_fn(move || {
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let word = rest.iter().position(|byte| !is_word(byte)).unwrap_or(rest.len());
            if let Some((len, name, attack, class)) = longest(rest, word) {
                let mention = Mention { at, end: at.saturating_add(len), name, attack, class };
                let (inner, behind) = (rest.get(..len), rest.get(len));
                if !(inner.and_then(<[u8]>::last).is_some_and(is_word) && behind.is_some_and(is_word)) {
                    at = mention.end;
                    return Some(mention);
                }
            }
            let gap = rest.iter().skip(word).position(is_word)?;
            at = at.saturating_add(word).saturating_add(gap);
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&'static str> {
        launchers(text).map(|mention| mention.name).collect()
    }

    #[test]
    fn a_name_in_any_case_says_where_it_stands_and_what_it_is() {
        let text = "Lib \"URLMON\" Alias \"URLDownloadToFileA\"";
        assert_eq!(
            launchers(text).collect::<Vec<_>>(),
            [
                Mention { at: 5, end: 11, name: "urlmon", attack: "T1105", class: Downloader },
                Mention { at: 20, end: 38, name: "urldownloadtofile", attack: "T1105", class: Downloader },
            ]
        );
    }

    #[test]
    fn only_whole_words_count() {
        assert_eq!(names("myregsvr32 regsvr32x _mshta C:\\Windows\\regsvr32.exe"), ["regsvr32"]);
    }

    #[test]
    fn what_is_part_of_a_longer_word_hides_no_name_behind_it() {
        assert_eq!(names("MyWScript.ShellExecuteA WScript.ShellExecute"), ["shellexecute", "shellexecute"]);
        assert_eq!(names("cmd /cmd /mshta"), ["cmd", "cmd", "mshta"]);
        assert_eq!(names("virtualallocext virtualallocex é_mshta ümshta"), ["virtualallocex", "mshta"]);
    }

    #[test]
    fn words_of_prose_and_source_need_exe() {
        assert_eq!(names("Dim cmd As Control, explorer, WScript.Echo, bash"), Vec::<&str>::new());
        assert_eq!(names("cmd.exe CONTROL.EXE cmd /c wscript.exe"), ["cmd", "control", "cmd", "wscript"]);
        assert_eq!(names("CreateObject(\"WScript.Shell\")"), ["wscript.shell"]);
    }

    #[test]
    fn a_folded_command_shows_its_name() {
        assert_eq!(names(&super::super::fold_command("p^ow\"\"er^shell -e")), ["powershell"]);
    }

    #[test]
    fn every_spelling_is_in_lower_case_and_finds_itself() {
        for (spelling, name, ..) in NAMES {
            assert_eq!(*spelling, spelling.to_ascii_lowercase());
            assert_eq!(names(spelling), [*name], "{spelling}");
        }
        for program in PROGRAMS {
            assert_eq!(names(&format!("{}.exe", program.name)), [program.name]);
        }
    }
}
