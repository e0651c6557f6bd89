//! Variables of `cmd`: `%X%`, slices `%X:~2,3%`, replacements `%X:a=b%`, and `!X!`.

use std::collections::BTreeMap;

/// What an ordinary desktop has. Folders of the user are kept by name where they stand alone, so that
/// a path reads the same wherever it is met; only slices need their letters.
static ENVIRONMENT: &[(&str, &str)] = &[
    ("ALLUSERSPROFILE", "C:\\ProgramData"),
    ("APPDATA", "C:\\Users\\user\\AppData\\Roaming"),
    ("COMMONPROGRAMFILES", "C:\\Program Files\\Common Files"),
    ("COMPUTERNAME", "DESKTOP"),
    ("COMSPEC", "C:\\WINDOWS\\system32\\cmd.exe"),
    ("DRIVERDATA", "C:\\Windows\\System32\\Drivers\\DriverData"),
    ("HOMEDRIVE", "C:"),
    ("HOMEPATH", "\\Users\\user"),
    ("LOCALAPPDATA", "C:\\Users\\user\\AppData\\Local"),
    ("OS", "Windows_NT"),
    ("PATHEXT", ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC"),
    ("PROGRAMDATA", "C:\\ProgramData"),
    ("PROGRAMFILES", "C:\\Program Files"),
    (
        "PSMODULEPATH",
        "C:\\Program Files\\WindowsPowerShell\\Modules;C:\\WINDOWS\\system32\\WindowsPowerShell\\v1.0\\Modules",
    ),
    ("PUBLIC", "C:\\Users\\Public"),
    ("SYSTEMDRIVE", "C:"),
    ("SYSTEMROOT", "C:\\WINDOWS"),
    ("TEMP", "C:\\Users\\user\\AppData\\Local\\Temp"),
    ("TMP", "C:\\Users\\user\\AppData\\Local\\Temp"),
    ("USERNAME", "user"),
    ("USERPROFILE", "C:\\Users\\user"),
    ("WINDIR", "C:\\WINDOWS"),
];

/// Most characters that one expansion makes.
const MOST: usize = 1 << 16;

/// The variables of one shell.
#[derive(Debug, Clone, Default)]
pub(super) struct Variables {
    set: BTreeMap<String, String>,
}

impl Variables {
    pub(super) fn new() -> Self {
        Variables::default()
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        if self.set.len() < 1024 && value.len() <= MOST {
            self.set.insert(name.trim_start().to_uppercase(), value.to_owned());
        }
    }

    fn value(&self, name: &str) -> Option<&str> {
        let name = name.to_uppercase();
        let given = || ENVIRONMENT.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        self.set.get(&name).map(String::as_str).or_else(given)
    }

    /// A variable as `set /a` takes it: 0 when it is none, or holds no number.
    pub(super) fn number(&self, name: &str) -> i32 {
        self.value(name).and_then(super::arithmetic::number).unwrap_or(0)
    }

    /// Whether a variable was set by a command, and not by Windows.
    fn is_own(&self, name: &str) -> bool {
        self.set.contains_key(&name.to_uppercase())
    }

    /// Puts in the variables between two `mark`s. On a command line a variable that is not set stays as
    /// it is.
    pub(super) fn expand(&self, text: &str, mark: char) -> String {
        let mut made = String::new();
        let mut rest = text;
        while let Some(start) = rest.find(mark) {
            made.push_str(rest.get(..start).unwrap_or_default());
            rest = rest.get(start.saturating_add(mark.len_utf8())..).unwrap_or_default();
            let inner = rest.find(mark).and_then(|end| rest.get(..end));
            match inner.and_then(|inner| Some((inner, self.stands_for(inner)?))) {
                Some((inner, value)) if made.len().saturating_add(value.len()) <= MOST.saturating_mul(4) => {
                    made.push_str(&value);
                    rest = rest.get(inner.len().saturating_add(mark.len_utf8())..).unwrap_or_default();
                }
                _ => made.push(mark),
            }
        }
        made.push_str(rest);
        made
    }

    /// What stands between two marks: a name, with a slice or a replacement.
    fn stands_for(&self, inner: &str) -> Option<String> {
        // A name has no line end, and a percent sign of prose is followed by much before the next.
        if inner.is_empty() || inner.len() > 512 {
            return None;
        }
        let (name, change) = inner.split_once(':').unwrap_or((inner, ""));
        let value = self.value(name)?;
        if change.is_empty() {
            // `%TEMP%\x` reads better than the folder of a user that does not exist.
            let plain =
                self.is_own(name) || name.eq_ignore_ascii_case("COMSPEC") || name.eq_ignore_ascii_case("OS");
            return plain.then(|| value.to_owned());
        }
        if let Some(slice) = change.strip_prefix('~') {
            return sliced(value, slice);
        }
        let (from, to) = change.split_once('=')?;
        match from.strip_prefix('*') {
            Some(from) if !from.is_empty() => {
                let at = value.to_lowercase().find(&from.to_lowercase())?;
                let rest = value.get(at.saturating_add(from.len())..)?;
                Some(format!("{to}{rest}"))
            }
            _ => Some(replaced(value, from, to)),
        }
    }
}

/// `~start,length`, both maybe negative.
fn sliced(value: &str, slice: &str) -> Option<String> {
    let chars: Vec<char> = value.chars().collect();
    let (start, len) = slice.split_once(',').map_or((slice, None), |(start, len)| (start, Some(len)));
    let number = |text: &str| text.trim().parse::<i64>().ok();
    let count = i64::try_from(chars.len()).ok()?;
    let place = |from: i64| if from < 0 { count.saturating_add(from).max(0) } else { from.min(count) };
    let start = place(if start.trim().is_empty() { 0 } else { number(start)? });
    let end = match len {
        None => count,
        Some(len) => match number(len)? {
            len if len < 0 => count.saturating_add(len),
            len => start.saturating_add(len).min(count),
        },
    };
    let (start, end) = (usize::try_from(start).ok()?, usize::try_from(end.max(start)).ok()?);
    Some(chars.get(start..end)?.iter().collect())
}

/// All places of `from`, in any letter case, become `to`.
pub(super) fn replaced(value: &str, from: &str, to: &str) -> String {
    if from.is_empty() {
        return value.to_owned();
    }
    let mut made = String::new();
    let mut rest = value;
    while !rest.is_empty() && made.len() <= MOST.saturating_mul(4) {
        match rest.get(..from.len()) {
            Some(head) if head.eq_ignore_ascii_case(from) => {
                made.push_str(to);
                rest = rest.get(from.len()..).unwrap_or_default();
            }
            _ => {
                let mut chars = rest.chars();
                made.extend(chars.next());
                rest = chars.as_str();
            }
        }
    }
    made.push_str(rest);
    made
}
