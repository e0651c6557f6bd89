//! What rules about VBA ask of statements and their constant texts.

use crate::base::PartId;
use crate::findings::command::VIEWERS;
use crate::findings::{Evidence, Facts, Rule, Sink};
use crate::indicators::{MentionClass, fold_command, launchers};
use crate::vba::Project;
use crate::vba::source::{Action, AutoStart};
use crate::vba::view::{ProjectView, Seen};

/// Statements that one finding shows.
pub(super) const SHOWN: usize = 16;

/// Reports the wanted statements of loaded projects, one finding a module; `sentence` says what
/// from the first of them.
pub(super) fn report_by_module<'m>(
    facts: &Facts<'m>,
    sink: &mut Sink<'_>,
    rule: &'static Rule,
    wanted: impl Fn(&Seen<'m>) -> bool,
    sentence: impl Fn(&Seen<'m>) -> String,
) {
    for (project, view) in facts.live_projects() {
        let mut seen = view.seen(project).filter(|seen| wanted(seen)).peekable();
        while let Some(first) = seen.next() {
            let mut shown = vec![proof(&first)];
            while let Some(next) = seen.next_if(|next| next.location.part == first.location.part) {
                if shown.len() < SHOWN && shown.last().is_none_or(|last| last.location != next.location) {
                    shown.push(proof(&next));
                }
            }
            sink.report(rule, sentence(&first), shown);
        }
    }
}

/// A statement as it is written, and the constant text that it is done with.
pub(super) fn proof(seen: &Seen<'_>) -> Evidence {
    let statement = seen.sighting.text.trim();
    let text = match &seen.sighting.argument {
        Some(argument) if !statement.contains(argument.as_str()) => format!("{statement}  [{argument}]"),
        _ => statement.to_owned(),
    };
    Evidence::new(seen.location.clone(), text)
}

/// The constant text of a statement for a message: ` "text"`, shortened; nothing without one.
pub(super) fn quoted(seen: &Seen<'_>) -> String {
    const LEN: usize = 80;
    let Some(argument) = &seen.sighting.argument else { return String::new() };
    match argument.char_indices().nth(LEN) {
        Some((end, _)) => format!(": {:?}…", argument.get(..end).unwrap_or_default()),
        None => format!(": {argument:?}"),
    }
}

/// Which procedure of which module a statement stands in.
pub(super) fn place(seen: &Seen<'_>) -> (PartId, Option<u32>) {
    (seen.location.part, seen.sighting.procedure)
}

/// Whether two sightings are of the same statement.
pub(super) fn same_statement(one: &Seen<'_>, other: &Seen<'_>) -> bool {
    place(one) == place(other) && one.location == other.location && one.sighting.text == other.sighting.text
}

/// Places of `kind`, sorted, to be searched.
pub(super) fn places_of(project: &Project, view: &ProjectView, kind: Action) -> Vec<(PartId, Option<u32>)> {
    let mut places: Vec<_> =
        view.seen(project).filter(|seen| seen.sighting.kind == kind).map(|seen| place(&seen)).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// What starts a procedure, as part of a sentence.
pub(super) fn start_name(start: AutoStart) -> &'static str {
    match start {
        AutoStart::Open => "when the document opens",
        AutoStart::Close => "when the document closes",
        AutoStart::Activation => "when a window or sheet is activated",
        AutoStart::Calculation => "when a sheet is calculated",
        AutoStart::Event => "when an event of a control or cell fires",
        AutoStart::Cell => "when a cell is calculated",
    }
}

/// Extensions of files that run, or that a program of Windows runs.
const PROGRAM_EXTENSIONS: [&str; 32] = [
    "exe", "dll", "scr", "com", "pif", "bat", "cmd", "vbs", "vbe", "js", "jse", "wsf", "wsh", "wsc", "hta",
    "ps1", "psm1", "lnk", "cpl", "ocx", "msi", "msp", "jar", "xll", "sct", "inf", "chm", "url", "reg", "cab",
    "iqy", "xsl",
];

/// Whether a text has a name that ends like a program or script, other than one of `besides`.
pub(super) fn names_program(text: &str, besides: &[&str]) -> bool {
    let lower = text.to_ascii_lowercase();
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    lower.match_indices('.').any(|(at, _)| {
        let behind = lower.get(at.saturating_add(1)..).unwrap_or_default();
        let extension = behind.split(|letter| !is_word(letter)).next().unwrap_or_default();
        let name = lower.get(..at).unwrap_or_default();
        let name = name.rsplit(|letter| !is_word(letter)).next().unwrap_or_default();
        // Behind the extension of a host there is no path: `www.a.com` is no program.
        let is_host = extension == "com" && lower.contains("://");
        PROGRAM_EXTENSIONS.contains(&extension) && !is_host && !besides.contains(&name)
    })
}

/// The texts between quotes of a statement.
pub(super) fn quoted_texts(statement: &str) -> impl Iterator<Item = &str> {
    statement.split('"').skip(1).step_by(2).filter(|text| !text.is_empty())
}

/// Names of variables in a statement, in lower case: words outside of quotes that are not called,
/// are no members and have none, and no words of the language.
pub(super) fn variables(statement: &str) -> Vec<String> {
    const WORDS: [&str; 52] = [
        "access",
        "and",
        "append",
        "as",
        "attribute",
        "binary",
        "byref",
        "byval",
        "call",
        "close",
        "declare",
        "do",
        "else",
        "elseif",
        "end",
        "error",
        "exec",
        "execute",
        "false",
        "for",
        "function",
        "get",
        "if",
        "in",
        "input",
        "is",
        "let",
        "like",
        "lock",
        "mod",
        "name",
        "new",
        "next",
        "not",
        "nothing",
        "on",
        "open",
        "or",
        "output",
        "print",
        "put",
        "random",
        "read",
        "resume",
        "run",
        "set",
        "shared",
        "shell",
        "then",
        "true",
        "wait",
        "write",
    ];
    let mut names = Vec::new();
    for outside in statement.split('"').step_by(2) {
        let code = outside.split('\'').next().unwrap_or_default();
        let mut before = ' ';
        let mut rest = code;
        while let Some(start) = rest.find(|letter: char| letter.is_alphanumeric() || letter == '_') {
            before = rest.get(..start).and_then(|gap| gap.trim_end().chars().next_back()).unwrap_or(before);
            let from = rest.get(start..).unwrap_or_default();
            let end = from.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(from.len());
            let (word, behind) = (from.get(..end).unwrap_or_default(), from.get(end..).unwrap_or_default());
            let word = word.to_lowercase();
            let after = behind.trim_start().chars().next();
            let plain = before != '.' && !matches!(after, Some('.' | '('));
            let constant = word.starts_with("vb") || word.starts_with(|letter: char| letter.is_ascii_digit());
            // `&H40` is a number.
            let hexadecimal = before == '&' && word.starts_with('h') && !after_space(rest, start);
            if plain && !constant && !hexadecimal && !WORDS.contains(&word.as_str()) && !names.contains(&word)
            {
                names.push(word);
            }
            before = 'a';
            rest = behind;
        }
    }
    names
}

/// Whether a space stands before `at`.
fn after_space(text: &str, at: usize) -> bool {
    text.get(..at).is_some_and(|head| head.ends_with(' '))
}

/// What a statement that starts a process is seen to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    /// A viewer of Windows or Office, or an address: it shows, and runs nothing.
    Viewer,
    /// Explorer with something behind it that is not constant: it shows a folder, or starts a file.
    Explorer,
    /// A program of Windows that runs what it is given.
    Launcher,
    /// Something else that stands in the text.
    Constant,
    /// What the text does not tell.
    Unknown,
}

/// What the command of a process start is.
pub(super) fn command(seen: &Seen<'_>) -> Command {
    let sighting = seen.sighting;
    let texts = || quoted_texts(&sighting.text).chain(sighting.argument.as_deref());
    let is_launcher = |text: &str| {
        launchers(&fold_command(text)).any(|name| {
            name.class != MentionClass::NativeApi
                && !matches!(
                    name.name,
                    "cmd"
                        | "comspec"
                        | "explorer"
                        | "control"
                        | "hh"
                        | "mmc"
                        | "wscript.shell"
                        | "shell.application"
                        | "win32_process"
                        | "schedule.service"
                        | "scriptcontrol"
                )
        })
    };
    if texts().any(is_launcher) {
        return Command::Launcher;
    }
    // The verbs of ShellExecute stand before what is opened.
    let verbs = ["open", "explore", "edit", "print", "find", "runas"];
    let is_verb = |text: &&str| !verbs.iter().any(|verb| verb.eq_ignore_ascii_case(text.trim()));
    let made = ["wscript.shell", "shell.application"];
    let is_object = |text: &&str| !made.iter().any(|name| name.eq_ignore_ascii_case(text.trim()));
    let Some(first) = texts().filter(is_verb).find(is_object) else { return Command::Unknown };
    let open = !variables(&sighting.text).is_empty();
    let start = first.trim_start_matches([' ', '"', '=']).to_ascii_lowercase();
    if ["http://", "https://", "mailto:", "ftp://"].iter().any(|scheme| start.starts_with(scheme)) {
        return Command::Viewer;
    }
    let program = start.split([' ', '"', '/', ',']).next().unwrap_or_default();
    let program = program.rsplit('\\').next().unwrap_or_default();
    let program = program.strip_suffix(".exe").unwrap_or(program);
    if VIEWERS.contains(&program) && !texts().any(|text| names_program(text, &VIEWERS)) {
        return if program == "explorer" && open { Command::Explorer } else { Command::Viewer };
    }
    // Without an argument the text is one that another call is made with.
    let unknown = (open || sighting.argument.is_none()) && !names_program(first, &[]);
    if unknown { Command::Unknown } else { Command::Constant }
}

/// Whether a statement names the file that it writes; `Print #1` does not.
pub(super) fn names_target(seen: &Seen<'_>) -> bool {
    let statement = seen.sighting.text.trim_start().to_ascii_lowercase();
    !["print", "put", "write"]
        .iter()
        .any(|word| statement.strip_prefix(word).is_some_and(|rest| rest.trim_start().starts_with('#')))
}

/// Whether a statement saves the document itself, or a picture of it.
pub(super) fn saves_document(seen: &Seen<'_>) -> bool {
    let statement = seen.sighting.text.to_ascii_lowercase();
    let saves = [".saveas", ".saveas2", ".savecopyas", ".exportasfixedformat"];
    saves.iter().any(|member| statement.contains(member)) && !names_program(&statement, &[])
}

/// Whether a statement has one of the words, which are in lower case, outside of quotes.
pub(super) fn has_word(statement: &str, words: &[&str]) -> bool {
    statement.split('"').step_by(2).any(|code| {
        code.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
            .any(|word| words.iter().any(|known| known.eq_ignore_ascii_case(word)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Location, PartId};
    use crate::vba::source::Sighting;

    fn command_of(text: &str, argument: Option<&str>) -> Command {
        let sighting = Sighting {
            kind: Action::ProcessStart,
            line: 1,
            procedure: Some(0),
            text: text.to_owned(),
            argument: argument.map(str::to_owned),
        };
        let location = Location::line(PartId(0), 1);
        command(&Seen { sighting: &sighting, location, module: "Module1", reached: None, caller: None })
    }

    #[test]
    fn variables_are_words_that_are_neither_called_nor_members() {
        assert_eq!(variables(r#"Shell target & "\a.exe" & Chr(34), vbHide"#), ["target"]);
        assert_eq!(variables(r#"Open ThisWorkbook.Path & "\b c.log" For Output As #1"#), Vec::<&str>::new());
        assert_eq!(variables("Set x = fso.CreateTextFile(path_1, True) ' note"), ["x", "path_1"]);
        assert_eq!(variables("VirtualAlloc 0, &H3000, home & h2"), ["virtualalloc", "home", "h2"]);
    }

    #[test]
    fn programs_are_told_by_their_extension() {
        let programs = [r"\a.EXE", "C:\\x.vbs /b", "a.js"];
        let others = ["a.txt", "a.json", "http://www.a.com/x", "exe", "notepad.exe a.txt"];
        assert_eq!(programs.map(|text| names_program(text, &[])), [true; 3]);
        assert_eq!(others.map(|text| names_program(text, &["notepad"])), [false; 5]);
    }

    #[test]
    fn commands_are_told_apart_by_what_the_text_shows() {
        assert_eq!(command_of(r#"Shell "notepad.exe " & path, 1"#, Some("notepad.exe ")), Command::Viewer);
        assert_eq!(command_of(r#"Shell "explorer.exe C:\""#, Some(r"explorer.exe C:\")), Command::Viewer);
        assert_eq!(command_of(r#"Shell "explorer " & folder"#, Some("explorer ")), Command::Explorer);
        assert_eq!(
            command_of(r#"Shell "explorer.exe a.vbs""#, Some("explorer.exe a.vbs")),
            Command::Constant
        );
        assert_eq!(command_of("Shell line, 0", None), Command::Unknown);
        assert_eq!(command_of(r#"Shell Environ("x"), 0"#, None), Command::Unknown);
        assert_eq!(command_of("Shell x & y", Some("p^owershell -e ")), Command::Launcher);
        assert_eq!(command_of(r#"ShellExecute 0, "open", page, "", "", 1"#, Some("open")), Command::Unknown);
        assert_eq!(
            command_of(r#"ShellExecute 0, "open", "http://a.example", "", "", 1"#, Some("open")),
            Command::Viewer
        );
        assert_eq!(command_of(r#"Shell "a.exe""#, Some("a.exe")), Command::Constant);
    }
}
