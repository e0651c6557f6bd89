//! The data files of the phrases, one a language under `phrases/`, and the one file that is made of them.
//!
//! To fold, sort and join some 6,000 phrases takes longer than to read most documents. `cargo xtask phrases`
//! does it once and writes `phrases.txt`, which the library reads: one line a phrase, with what
//! [`Phrase`] says of it. A test holds that file to the data files.

use std::collections::BTreeMap;

use super::folding::Folded;
use super::grammar::{Phrase, is_continuation, is_letter, is_skipped};
use super::instruction::Role;
use super::language::Language;

/// What stands above the phrases in the file that is made.
const HEAD: &str = "\
# Written by `cargo xtask phrases` from the files in phrases/. A phrase as it is matched, its roles and its
# languages, a character each; then * when a letter may follow, and \\ when a slash must stand in it.
";

/// The character that stands for the first bit of a set; those of the others follow it.
const FIRST_BIT: u8 = b'+';
// Behind them stands the backslash, which says something else.
const _: () = assert!(Role::COUNT <= (b'\\' - FIRST_BIT) as usize && Language::ALL.len() <= Role::COUNT);

/// Makes the one file of all data files, which `text_of` hands out by their names.
///
/// # Errors
/// What `text_of` fails with.
pub fn compiled_phrases<E>(mut text_of: impl FnMut(&str) -> Result<String, E>) -> Result<String, E> {
    let mut phrases = BTreeMap::new();
    let mut folded = Folded::default();
    for language in Language::ALL {
        read(&text_of(&file_name(language))?, |line| {
            let Ok((role, phrase)) = line else { return };
            let (text, new) = compile(role, phrase, language, &mut folded);
            let same: &mut Phrase = phrases.entry(text).or_insert_with(|| new.clone());
            same.roles |= new.roles;
            same.languages |= new.languages;
            same.ends_word &= new.ends_word;
            same.needs_slash |= new.needs_slash;
        });
    }
    let mut file = HEAD.to_owned();
    for (text, phrase) in phrases {
        let open = if phrase.ends_word { "" } else { " *" };
        let path = if phrase.needs_slash { " \\" } else { "" };
        file += &format!("{text} {} {}{open}{path}\n", bits(phrase.roles), bits(phrase.languages));
    }
    Ok(file)
}

/// The phrases of the file that was made, in the order of their bytes. A process reads it before its first
/// document, so that each byte is looked at once.
pub(super) fn phrases(file: &str) -> impl Iterator<Item = (&[u8], Phrase)> {
    let mut rest = file.strip_prefix(HEAD).unwrap_or(file).as_bytes();
    std::iter::from_fn(move || {
        let len = rest.iter().position(|byte| *byte <= b' ')?;
        let (text, more) = rest.split_at_checked(len)?;
        let mut phrase = Phrase { len, roles: 0, languages: 0, ends_word: true, needs_slash: false };
        let (mut spaces, mut end) = (0_u8, 0_usize);
        for byte in more {
            end = end.saturating_add(1);
            match byte {
                b'\n' => break,
                b' ' => spaces = spaces.saturating_add(1),
                b'*' => phrase.ends_word = false,
                b'\\' => phrase.needs_slash = true,
                _ if spaces == 1 => phrase.roles |= bit(*byte),
                _ => phrase.languages |= bit(*byte),
            }
        }
        rest = more.get(end..).unwrap_or_default();
        Some((text, phrase))
    })
}

/// The characters of a set.
fn bits(set: u64) -> String {
    (FIRST_BIT..).take(64).filter(|byte| set & bit(*byte) != 0).map(char::from).collect()
}

fn bit(byte: u8) -> u64 {
    1_u64.checked_shl(u32::from(byte.wrapping_sub(FIRST_BIT))).unwrap_or(0)
}

fn file_name(language: Language) -> String {
    match language {
        Language::Neutral => "paths.txt".to_owned(),
        _ => format!("{}.txt", language.tag().to_ascii_lowercase()),
    }
}

/// Hands out the role and text of each phrase of a data file; a line that cannot be read is an error
/// with its number.
fn read<'t>(text: &'t str, mut each: impl FnMut(Result<(Role, &'t str), usize>)) {
    let mut role = None;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(head) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let mut columns = head.split(" | ");
            role = columns.next().and_then(Role::named);
            let marked = columns.next().is_some_and(|mark| matches!(mark, "V" | "V2" | "R" | "I"));
            let sourced = columns.next().is_some_and(|source| !source.is_empty()) && columns.next().is_none();
            role = role.filter(|_| marked && sourced);
            if role.is_none() {
                each(Err(number));
            }
            continue;
        }
        for phrase in line.split(';').map(str::trim_ascii) {
            each(match role {
                Some(role) if !phrase.is_empty() => Ok((role, phrase)),
                _ => Err(number),
            });
        }
    }
}

/// A phrase as it is matched, and what is said of it.
fn compile(role: Role, phrase: &str, language: Language, folded: &mut Folded) -> (String, Phrase) {
    let mut text = folded.letters(phrase);
    text.retain(|ch| !u8::try_from(ch).is_ok_and(is_skipped));
    let last = text.bytes().rev().find(|byte| !is_continuation(*byte));
    let compiled = Phrase {
        len: text.len(),
        roles: 1 << role as u32,
        languages: language.bit(),
        ends_word: last.is_some_and(is_letter) && !phrase.ends_with('*'),
        needs_slash: phrase.contains('\\'),
    };
    (text, compiled)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::folding::fold;
    use super::super::grammar::COMPILED;
    use super::*;

    fn text_of(name: &str) -> std::io::Result<String> {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lure/phrases").join(name))
    }

    fn files() -> impl Iterator<Item = (Language, String)> {
        Language::ALL.into_iter().map(|language| (language, text_of(&file_name(language)).unwrap()))
    }

    #[test]
    fn the_file_that_was_made_is_that_of_the_data_files() {
        let made = compiled_phrases(text_of).unwrap();
        assert!(made == COMPILED, "src/lure/phrases.txt is out of date: run `cargo xtask phrases`");
        let count = made.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(phrases(&made).count(), count);
    }

    fn entries(text: &str) -> Vec<Result<(Role, &str), usize>> {
        let mut lines = Vec::new();
        read(text, |line| lines.push(line));
        lines
    }

    #[test]
    fn every_line_of_every_data_file_is_read() {
        for (language, text) in files() {
            let lines = entries(&text);
            let bad: Vec<usize> = lines.iter().filter_map(|line| line.err()).collect();
            assert_eq!(bad, Vec::<usize>::new(), "lines of {language:?}");
            assert!(lines.len() > 20);
        }
    }

    #[test]
    fn phrases_are_folded_as_texts_are() {
        let mut folded = Folded::default();
        for (_, text) in files() {
            for (_, phrase) in entries(&text).into_iter().map(Result::unwrap) {
                let text: String = fold(phrase).text.replace(' ', "");
                assert_eq!(folded.letters(phrase).replace(' ', ""), text);
            }
        }
    }

    #[test]
    fn a_line_without_a_role_and_a_header_without_a_source_are_refused() {
        let file =
            "x\n[view | I | b]\na; c\n[view | I]\nd\n[no-such | I | b]\n[view | X | b]\n[view | V | b]\ne;\n";
        let view = |text| Ok((Role::View, text));
        assert_eq!(
            entries(file),
            [Err(1), view("a"), view("c"), Err(4), Err(5), Err(6), Err(7), view("e"), Err(9)]
        );
    }

    #[test]
    fn every_language_has_words_for_every_part_of_an_instruction() {
        let parts = [
            Role::Label,
            Role::Enable,
            Role::Object,
            Role::Macros,
            Role::Press,
            Role::Bar,
            Role::Document,
            Role::State,
            Role::Made,
            Role::Version,
            Role::WrongViewer,
            Role::Copy,
            Role::Folder,
            Role::Again,
            Role::Relaunch,
            Role::Policy,
            Role::Trusted,
            Role::Unblock,
            Role::Properties,
            Role::ProtectedView,
            Role::Disable,
            Role::AddTrusted,
            Role::DoubleClick,
            Role::Picture,
            Role::Scan,
            Role::Code,
            Role::Show,
            Role::Threat,
            Role::Caution,
            Role::Aside,
        ];
        for (language, text) in files().filter(|(language, _)| *language != Language::Neutral) {
            let roles: Vec<Role> = entries(&text).into_iter().flatten().map(|(role, _)| role).collect();
            let missing: Vec<_> = parts.iter().filter(|part| !roles.contains(part)).collect();
            assert!(missing.is_empty(), "{language:?}: {missing:?}");
        }
    }
}
