//! Names from a document as names of files that are safe to make.

use std::collections::{HashMap, HashSet};

/// Longest name in bytes, before the number of a duplicate and the extension.
const LONGEST: usize = 100;

/// Gives each name once. Names that differ in letter case count as equal, as on Windows and macOS.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: HashSet<String>,
    /// The number that a further file of a name gets; thousands of parts can have one name.
    numbers: HashMap<String, u64>,
}

impl Names {
    /// A name for a file in `folder`, made from `original`, with `extension`.
    ///
    /// Separators, control characters and all that is no letter or digit become `_`, so that no name
    /// leads out of the folder. Device names of Windows get a `_` in front.
    pub(crate) fn give(&mut self, folder: &str, original: &str, extension: &str) -> String {
        let stem = stem(original);
        let mut name = format!("{stem}{extension}");
        let key = |name: &str| format!("{folder}/{}", name.to_lowercase());
        let number = self.numbers.entry(key(&name)).or_insert(2);
        while !self.taken.insert(key(&name)) {
            name = format!("{stem}-{number}{extension}");
            *number += 1;
        }
        name
    }
}

fn stem(original: &str) -> String {
    let kept = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_' | '.' | ' ');
    let mut name: String = original.chars().map(|char| if kept(char) { char } else { '_' }).collect();
    name.truncate(name.floor_char_boundary(LONGEST));
    let name = name.trim_matches(['.', ' ']);
    let base = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let numbered = |device| base.strip_prefix(device).is_some_and(|rest| rest.chars().count() == 1);
    let device = matches!(&*base, "CON" | "PRN" | "AUX" | "NUL" | "CLOCK$" | "CONIN_" | "CONOUT_");
    match name {
        "" => "unnamed".to_owned(),
        _ if device || numbered("COM") || numbered("LPT") => format!("_{name}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let given = [
            "../../etc/passwd",
            "..\\..\\evil",
            "/root",
            "C:\\x",
            "a\0b\n",
            "..",
            ".",
            "",
            " . ",
            "\u{202e}fdp",
            ".hidden",
            "\u{1}Ole",
        ];
        let stems = given.map(stem);
        assert_eq!(
            stems,
            [
                "_.._etc_passwd",
                "_.._evil",
                "_root",
                "C__x",
                "a_b_",
                "unnamed",
                "unnamed",
                "unnamed",
                "unnamed",
                "_fdp",
                "hidden",
                "_Ole"
            ]
        );
    }

    #[test]
    fn device_names_of_windows_are_not_given() {
        assert_eq!(
            ["CON", "nul.txt", "Com1", "lpt9.a.b", "COM¹", "AUX ", "Console", "COM10"].map(stem),
            ["_CON", "_nul.txt", "_Com1", "_lpt9.a.b", "_COM¹", "_AUX", "Console", "COM10"]
        );
    }

    #[test]
    fn long_names_are_cut_at_a_character() {
        assert_eq!(stem(&"é".repeat(500)), "é".repeat(50));
        assert_eq!(stem(&format!("x{}", "é".repeat(500))), format!("x{}", "é".repeat(49)));
    }

    #[test]
    fn duplicates_are_numbered_in_any_letter_case() {
        let mut names = Names::default();
        let given = ["A", "a", "A", "a-2", "B"].map(|name| names.give("vba", name, ".bas"));
        assert_eq!(given, ["A.bas", "a-2.bas", "A-3.bas", "a-2-2.bas", "B.bas"]);
        assert_eq!(names.give("xlm", "A", ".bas"), "A.bas");
    }
}
