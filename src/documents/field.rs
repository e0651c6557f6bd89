//! Fields of text documents: put together from their marks, and what they refer to.
//!
//! A field is an instruction between a begin mark and a separator, and a result between the
//! separator and an end mark ([MS-DOC] 2.8.25, ECMA-376 part 1 17.16). Both may hold further fields:
//! the result of an inner one is part of the instruction around it, which is how attacks spell
//! `DDEAUTO` without writing it. Marks that do not fit together are tolerated: an end without a begin
//! is nothing, and a field that is never ended still gives its instruction.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::documents::link::LinkKind;

/// Fields within fields that are told apart; deeper ones are part of the one around them.
const DEEPEST: usize = 64;

/// Bytes of an instruction that are kept.
const LONGEST: usize = 32 << 10;

/// Bookmarks that `SET` fields give a text, and bytes of each, that are kept.
const BOOKMARKS: usize = 256;
const LONGEST_BOOKMARK: usize = 4096;

/// Texts that fields give to bookmarks (`SET`), for fields that ask for them (`REF`).
#[derive(Debug, Clone, Default)]
pub struct Bookmarks(BTreeMap<String, String>);

impl Bookmarks {
    /// What a field comes to when Word computes it: the text that `QUOTE` spells or that a bookmark has, and nothing
    /// for `SET`, which gives a bookmark its text. `None` for other fields, and for bookmarks that no field set.
    pub fn computed(&mut self, instruction: &str) -> Option<Cow<'_, str>> {
        if let Some(text) = quoted(instruction) {
            return Some(Cow::Owned(text));
        }
        let mut words = words(instruction);
        let name = words.next()?.text.to_lowercase();
        match name.as_str() {
            "set" => {
                let bookmark = words.next()?.text.to_lowercase();
                let texts: Vec<String> = words.filter(|word| !word.is_switch).map(|word| word.text).collect();
                let mut text = texts.join(" ");
                text.truncate(text.floor_char_boundary(LONGEST_BOOKMARK.min(text.len())));
                if self.0.len() < BOOKMARKS || self.0.contains_key(&bookmark) {
                    self.0.insert(bookmark, text);
                }
                Some(Cow::Borrowed(""))
            }
            "ref" => self.text(&words.next()?.text.to_lowercase()),
            // A field that is no more than the name of a bookmark asks for it too.
            _ => self.text(&name),
        }
    }

    fn text(&self, bookmark: &str) -> Option<Cow<'_, str>> {
        self.0.get(bookmark).map(|text| Cow::Borrowed(text.as_str()))
    }
}

/// The fields that are open at one place of a text.
#[derive(Debug, Default)]
pub struct FieldStack {
    open: Vec<Open>,
    /// Fields that are open beyond [`DEEPEST`].
    deeper: u64,
    /// The innermost open field whose instruction, not its result, surrounds this place.
    sink: Option<usize>,
    bookmarks: Bookmarks,
}

#[derive(Debug)]
struct Open {
    instruction: String,
    at: u64,
    in_result: bool,
}

/// A field that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Its instruction, inner results put in.
    pub instruction: String,
    /// From its begin mark to behind its end mark.
    pub bytes: Range<u64>,
}

impl FieldStack {
    /// A begin mark at `at`.
    pub fn begin(&mut self, at: u64) {
        if self.open.len() >= DEEPEST {
            self.deeper = self.deeper.saturating_add(1);
            return;
        }
        self.sink = Some(self.open.len());
        self.open.push(Open { instruction: String::new(), at, in_result: false });
    }

    /// A separator: from here on the innermost field shows its result.
    pub fn separate(&mut self) {
        if self.deeper == 0
            && let Some(field) = self.open.last_mut()
        {
            field.in_result = true;
            self.find_sink();
        }
    }

    /// An end mark; `end` is the offset behind it. Gives the field that ended.
    pub fn end(&mut self, end: u64) -> Option<Ended> {
        if self.deeper > 0 {
            self.deeper = self.deeper.saturating_sub(1);
            return None;
        }
        let field = self.open.pop()?;
        self.find_sink();
        let computed = self.bookmarks.computed(&field.instruction);
        if !field.in_result && self.sink.is_some() {
            // Without a stored result Word computes it.
            let text = computed.map(Cow::into_owned).unwrap_or_default();
            self.push_str(&text);
        }
        let bytes = field.at.min(end)..end;
        Some(Ended { instruction: field.instruction, bytes })
    }

    /// Takes a character. `false` when no instruction surrounds it, so that a person sees it.
    pub fn push(&mut self, char: char) -> bool {
        let Some(field) = self.sink.and_then(|sink| self.open.get_mut(sink)) else { return false };
        if field.instruction.len() < LONGEST {
            field.instruction.push(char);
        }
        true
    }

    /// Takes a text; `false` when no instruction surrounds it.
    pub fn push_str(&mut self, text: &str) -> bool {
        let Some(field) = self.sink.and_then(|sink| self.open.get_mut(sink)) else { return false };
        let room = LONGEST.saturating_sub(field.instruction.len());
        let end = text.floor_char_boundary(room.min(text.len()));
        field.instruction.push_str(text.get(..end).unwrap_or_default());
        true
    }

    /// Whether an instruction surrounds this place.
    pub fn takes(&self) -> bool {
        self.sink.is_some()
    }

    /// Whether a field is open.
    pub fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    fn find_sink(&mut self) {
        self.sink = self.open.iter().rposition(|field| !field.in_result);
    }
}

/// What a `QUOTE` field yields: character codes become characters, other arguments stay.
pub fn quoted(instruction: &str) -> Option<String> {
    let mut words = words(instruction);
    if !words.next()?.text.eq_ignore_ascii_case("QUOTE") {
        return None;
    }
    let mut text = String::new();
    for word in words.filter(|word| !word.is_switch) {
        let code = (!word.is_quoted).then(|| word.text.parse::<u32>().ok()).flatten();
        match code.and_then(char::from_u32) {
            Some(char) => text.push(char),
            None => text.push_str(&word.text),
        }
    }
    Some(text)
}

/// What a field refers to outside the document, and whether Word goes there by itself.
///
/// `None` for fields that refer to nothing, and for DDE: its target is a command line, not a place.
pub fn target(instruction: &str) -> Option<(LinkKind, String, bool)> {
    let mut words = words(instruction);
    let name = words.next()?.text.to_ascii_uppercase();
    let has_switch = |letter: char| {
        self::words(instruction).any(|word| {
            word.is_switch
                && word.text.chars().nth(1).is_some_and(|found| found.eq_ignore_ascii_case(&letter))
        })
    };
    let (kind, automatic, skipped) = match name.as_str() {
        "HYPERLINK" => (LinkKind::Hyperlink, false, 0),
        "INCLUDETEXT" | "INCLUDE" => (LinkKind::SubDocument, false, 0),
        "RD" => (LinkKind::SubDocument, false, 0),
        "INCLUDEPICTURE" | "IMPORT" => (LinkKind::Image, true, 0),
        // The first argument is the class.
        "LINK" => (LinkKind::OleObject, has_switch('a'), 1),
        "MACROBUTTON" => (LinkKind::Action, false, 0),
        _ => return None,
    };
    let mut arguments = Vec::new();
    let mut after_switch = None;
    for word in words {
        if word.is_switch {
            after_switch = word.text.chars().nth(1);
            continue;
        }
        // These switches of HYPERLINK take an argument of their own.
        let own = kind == LinkKind::Hyperlink
            && after_switch.is_some_and(|letter| matches!(letter.to_ascii_lowercase(), 'l' | 'o' | 't'));
        after_switch = None;
        if !own {
            arguments.push(word.text);
        }
    }
    let target = arguments.into_iter().nth(skipped)?;
    (!target.is_empty()).then_some((kind, target, automatic))
}

struct Word {
    text: String,
    is_quoted: bool,
    is_switch: bool,
}

/// The words of an instruction: apart by blanks, or in quotes with `\` before a quote or backslash.
fn words(instruction: &str) -> impl Iterator<Item = Word> {
    let mut chars = instruction.chars().peekable();
    std::iter::from_fn(move || {
        while chars.next_if(|char| char.is_whitespace()).is_some() {}
        let first = *chars.peek()?;
        let mut text = String::new();
        let is_quote = |char: char| matches!(char, '"' | '\u{201C}' | '\u{201D}');
        let is_quoted = is_quote(first);
        if is_quoted {
            chars.next();
        }
        while let Some(char) = chars.next() {
            if is_quoted && is_quote(char) || !is_quoted && char.is_whitespace() {
                break;
            }
            let escapes = char == '\\' && chars.peek().is_some_and(|next| matches!(next, '\\' | '"'));
            match if escapes && is_quoted { chars.next() } else { Some(char) } {
                Some(char) => text.push(char),
                None => break,
            }
        }
        // An unquoted path that begins with two backslashes is no switch.
        let is_switch = !is_quoted && text.starts_with('\\') && !text.starts_with("\\\\");
        let is_plain_share = text.starts_with("\\\\") && !text.starts_with("\\\\\\\\");
        if !is_quoted && !is_plain_share {
            text = text.replace("\\\\", "\\");
        }
        Some(Word { text, is_quoted, is_switch })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `{` begins a field, `|` separates, `}` ends it.
    fn fields(text: &str) -> (Vec<String>, String) {
        let (mut stack, mut ended, mut shown) = (FieldStack::default(), Vec::new(), String::new());
        for (at, char) in text.char_indices() {
            match char {
                '{' => stack.begin(at as u64),
                '|' => stack.separate(),
                '}' => ended.extend(stack.end(at as u64 + 1).map(|ended| ended.instruction)),
                char => {
                    if !stack.push(char) {
                        shown.push(char);
                    }
                }
            }
        }
        (ended, shown)
    }

    #[test]
    fn inner_results_are_part_of_the_instruction_around_them() {
        let (ended, shown) = fields("a{DDEAUTO {REF x|c:\\\\x} y|shown}b");
        assert_eq!(ended, ["REF x", "DDEAUTO c:\\\\x y"]);
        assert_eq!(shown, "ashownb");
    }

    #[test]
    fn quote_without_a_result_spells_its_codes() {
        let (ended, _) = fields("{{QUOTE 68 68 69}  {QUOTE \"a b\"}}");
        assert_eq!(ended, ["QUOTE 68 68 69", "QUOTE \"a b\"", "DDE  a b"]);
    }

    #[test]
    fn bookmarks_that_fields_set_stand_where_fields_ask_for_them() {
        let (ended, _) =
            fields("{SET c \"{QUOTE 99 58 92 92 120}\"}{set D|y z}{SET d y z}{DDE {REF C} {d} {REF e}}");
        assert_eq!(ended.last().unwrap(), "DDE c:\\x y z ");
        let mut bookmarks = Bookmarks::default();
        assert_eq!(bookmarks.computed("REF c"), None);
        assert_eq!(bookmarks.computed(r#" SET c "a \"b\"" "#).as_deref(), Some(""));
        assert_eq!(bookmarks.computed(r"REF c \h").as_deref(), Some(r#"a "b""#));
        assert_eq!(bookmarks.computed("PAGE"), None);
    }

    #[test]
    fn marks_that_do_not_fit_are_tolerated() {
        assert_eq!(fields("}|a{b"), (vec![], "a".to_owned()));
        let deep = "{".repeat(100) + "x" + &"}".repeat(100);
        let (ended, _) = fields(&deep);
        assert_eq!((ended.len(), ended[0].as_str()), (64, "x"));
    }

    #[test]
    fn field_ends_where_its_mark_ends() {
        let mut stack = FieldStack::default();
        stack.begin(10);
        stack.push_str("PAGE");
        assert_eq!(stack.end(17), Some(Ended { instruction: "PAGE".into(), bytes: 10..17 }));
        assert!(!stack.is_open());
    }

    #[test]
    fn targets_are_told_by_the_kind_of_field() {
        let cases = [
            (
                r#"HYPERLINK "http://a.invalid/x" \o "tip""#,
                Some((LinkKind::Hyperlink, "http://a.invalid/x", false)),
            ),
            (r#" hyperlink \l "mark""#, None),
            (r#"HYPERLINK \l "mark" "b.doc""#, Some((LinkKind::Hyperlink, "b.doc", false))),
            (
                r#"INCLUDEPICTURE "\\\\h.invalid\\a.png" \d"#,
                Some((LinkKind::Image, r"\\h.invalid\a.png", true)),
            ),
            (r"INCLUDETEXT \\\\h.invalid\\a.doc", Some((LinkKind::SubDocument, r"\\h.invalid\a.doc", false))),
            (
                r#"LINK Word.Document.8 "http://a.invalid" "" \a"#,
                Some((LinkKind::OleObject, "http://a.invalid", true)),
            ),
            ("MACROBUTTON Run click", Some((LinkKind::Action, "Run", false))),
            ("PAGE", None),
            ("DDEAUTO cmd x", None),
            ("", None),
        ];
        for (instruction, expected) in cases {
            let expected = expected.map(|(kind, target, automatic)| (kind, target.to_owned(), automatic));
            assert_eq!(target(instruction), expected, "{instruction}");
        }
    }
}
