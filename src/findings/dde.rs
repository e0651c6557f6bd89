//! What a DDE conversation starts: one judgement for fields of Word, links of Excel and cells of text.
//!
//! The program that is asked is started when it does not run, with the topic as its command line. A
//! command interpreter, a program that starts others, and any file that runs are no sources of data; a
//! name without a path is one (`Excel`, a price feed), whatever document it is asked about.

use super::command::file_that_runs;
use crate::indicators::{fold_command, launchers};

/// Programs that DDE was made for.
const SOURCES: [&str; 7] = ["excel", "winword", "msaccess", "powerpnt", "outlook", "mspub", "visio"];

/// What asking `program` about `topic` starts; `None` when it only gets data.
pub(super) fn started(program: &str, topic: &str) -> Option<String> {
    let text = format!("{program} {topic}");
    let text = fold_command(&text);
    if let Some(mention) = launchers(&text).next() {
        return Some(mention.name.to_owned());
    }
    // A bare `cmd` is a word elsewhere; as the program that is asked it is the interpreter.
    let program = fold_command(program);
    let name = program.trim().trim_matches('"').rsplit(['\\', '/']).next().unwrap_or_default();
    let name = name.to_ascii_lowercase();
    if matches!(
        name.trim_end_matches(".exe"),
        "cmd" | "command" | "wscript" | "cscript" | "powershell" | "pwsh"
    ) {
        return Some("a command interpreter".to_owned());
    }
    if is_of_another_computer(&program) && !SOURCES.contains(&name.trim_end_matches(".exe")) {
        return Some("a program of another computer".to_owned());
    }
    text.split(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '|' | ',' | ';'))
        .filter_map(file_that_runs)
        .find(|file| !is_source(file))
        .map(str::to_owned)
}

/// Whether a program lies on a share. Instructions of fields write each backslash twice.
fn is_of_another_computer(program: &str) -> bool {
    let path = program.trim().trim_matches('"');
    path.starts_with("\\\\") && !path.trim_start_matches('\\').starts_with(['?', '.'])
}

fn is_source(file: &str) -> bool {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    SOURCES.iter().any(|known| known.eq_ignore_ascii_case(stem))
}

#[cfg(test)]
mod tests {
    use super::started;

    #[test]
    fn interpreters_launchers_and_files_that_run_are_no_sources_of_data() {
        for (program, topic) in [
            ("cmd", "/c oxnv1"),
            ("CmD.exe", ""),
            (r"c:\windows\system32\cmd.exe", "/k oxnv1"),
            ("MSEXCEL", r"\..\..\..\windows\system32\cmd.exe /c oxnv1"),
            (r#""c:\programs\microsoft\..\oxnv1.exe""#, "a"),
            ("oxnv1.bat", ""),
            (r"\\one.invalid\tools\viewer", "a"),
            (r"\\\\one.invalid\\tools\\viewer", "a"),
            ("mshta", "http://one.invalid/a"),
        ] {
            assert!(started(program, topic).is_some(), "{program} {topic}");
        }
    }

    #[test]
    fn names_of_programs_with_data_are_sources() {
        for (program, topic) in [
            ("FEED", "PRICES"),
            ("Excel", r"C:\data\stock.xls Sheet1!R1C1"),
            (r"C:\Program Files\Microsoft Office\EXCEL.EXE", "stock.xls"),
            ("Excel.Sheet.8", "http://one.com"),
            ("soffice", "stock.ods"),
            (r"\\files.invalid\office\EXCEL.EXE", "stock.xls"),
        ] {
            assert_eq!(started(program, topic), None, "{program} {topic}");
        }
    }
}
