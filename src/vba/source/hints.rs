//! What constant texts say by themselves: commands, identifiers of objects, folders and addresses.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};

use crate::indicators::{MentionClass, launchers};

/// What a word in a constant text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    Command,
    WmiProcess,
    Check,
    Startup,
    Security,
    ScriptShell,
    ShellApplication,
    Http,
    Browser,
    ScriptEngine,
    Excel4,
    Address,
}

const HINTS: &[(&str, Hint)] = &[
    ("powershell", Hint::Command),
    ("pwsh", Hint::Command),
    ("cmd.exe", Hint::Command),
    ("cmd /", Hint::Command),
    ("%comspec%", Hint::Command),
    ("mshta", Hint::Command),
    ("rundll32", Hint::Command),
    ("regsvr32", Hint::Command),
    ("wscript.exe", Hint::Command),
    ("wscript //", Hint::Command),
    ("cscript", Hint::Command),
    ("certutil", Hint::Command),
    ("bitsadmin", Hint::Command),
    ("msiexec", Hint::Command),
    ("schtasks", Hint::Command),
    ("wmic ", Hint::Command),
    ("installutil", Hint::Command),
    ("downloadstring", Hint::Command),
    ("downloadfile", Hint::Command),
    ("frombase64string", Hint::Command),
    ("-executionpolicy", Hint::Command),
    ("curl.exe", Hint::Command),
    ("curl -", Hint::Command),
    ("win32_process", Hint::WmiProcess),
    ("new:72c24dd5-d70a-438b-8a42-98424b88afb8", Hint::ScriptShell),
    ("new:{72c24dd5-d70a-438b-8a42-98424b88afb8", Hint::ScriptShell),
    ("win32_computersystem", Hint::Check),
    ("win32_bios", Hint::Check),
    ("win32_videocontroller", Hint::Check),
    ("win32_diskdrive", Hint::Check),
    ("vmware", Hint::Check),
    ("virtualbox", Hint::Check),
    ("vboxservice", Hint::Check),
    ("sandboxie", Hint::Check),
    ("sbiedll", Hint::Check),
    ("\\xlstart", Hint::Startup),
    ("xlstart\\", Hint::Startup),
    ("\\startup\\", Hint::Startup),
    ("currentversion\\run", Hint::Startup),
    ("vbawarnings", Hint::Security),
    ("accessvbom", Hint::Security),
    ("protectedview", Hint::Security),
    ("disableunsafelocations", Hint::Security),
    ("wscript.shell", Hint::ScriptShell),
    ("shell.application", Hint::ShellApplication),
    ("scriptcontrol", Hint::ScriptEngine),
    ("xmlhttp", Hint::Http),
    ("winhttprequest", Hint::Http),
    ("internetexplorer.application", Hint::Browser),
    ("excel4", Hint::Excel4),
    ("http://", Hint::Address),
    ("https://", Hint::Address),
    ("ftp://", Hint::Address),
];

/// Hints of a text, each once.
pub(super) fn hints(text: &str) -> Vec<Hint> {
    static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        let words = HINTS.iter().map(|(word, _)| word);
        AhoCorasickBuilder::new().ascii_case_insensitive(true).build(words).ok()
    });
    let mut found = Vec::new();
    let Some(words) = WORDS.as_ref() else { return found };
    for hit in words.find_overlapping_iter(text) {
        let hint = HINTS.get(hit.pattern().as_usize()).map(|(_, hint)| *hint);
        found.extend(hint.filter(|hint| !found.contains(hint)));
    }
    if is_web_folder(text) && !found.contains(&Hint::Address) {
        found.push(Hint::Address);
    }
    found
}

/// Whether a text names a program of Windows that runs what it is given. Alone, also a name that is a
/// word elsewhere: `cmd`.
pub(super) fn names_launcher(text: &str) -> bool {
    let is_one = |text: &str| launchers(text).any(|mention| mention.class != MentionClass::NativeApi);
    is_one(text) || is_one(&format!("{}.exe", text.trim()))
}

/// Whether a text that becomes a formula or a field asks such a program for data, which starts it:
/// `=cmd|'/c a'!A0`, `DDEAUTO c:\\windows\\system32\\cmd.exe "/c a"`.
pub(super) fn starts_by_dde(text: &str) -> bool {
    let text = text.trim_start();
    let formula = text.strip_prefix(['=', '+', '-', '@']).and_then(|formula| formula.split_once('|'));
    let field = text
        .split_once([' ', '\t'])
        .filter(|(word, _)| ["dde", "ddeauto"].iter().any(|known| known.eq_ignore_ascii_case(word)));
    formula.map(|(program, _)| program).or(field.map(|(_, rest)| rest)).is_some_and(names_launcher)
}

/// Whether a path leads through a folder into which anyone may write.
pub(super) fn is_open_folder(path: &str) -> bool {
    const FOLDERS: [&str; 7] = [
        "\\users\\public\\",
        "\\programdata\\",
        "\\appdata\\",
        "\\temp\\",
        "%temp%",
        "%appdata%",
        "%public%",
    ];
    let lower = path.to_ascii_lowercase();
    is_web_folder(path) || FOLDERS.iter().any(|folder| lower.contains(folder))
}

/// Whether a path is one of WebDAV, which Windows fetches from the web: `\\host@80\a`.
fn is_web_folder(path: &str) -> bool {
    let host = path.strip_prefix(r"\\").and_then(|rest| rest.split('\\').next());
    host.is_some_and(|host| host.contains('@'))
}

/// Whether a moniker loads a script from an address and runs it: `script:http://host/a.sct`.
pub(super) fn is_script_moniker(text: &str) -> bool {
    let scheme = text.trim_start().split_once(':').map_or("", |(scheme, _)| scheme);
    ["script", "scriptlet", "soap"].iter().any(|known| known.eq_ignore_ascii_case(scheme))
}

/// Whether a text ends in the name of an add-in that is machine code.
pub(super) fn is_native_add_in(text: &str) -> bool {
    let extension = text.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["xll", "wll"].iter().any(|known| known.eq_ignore_ascii_case(extension.trim_end()))
}
