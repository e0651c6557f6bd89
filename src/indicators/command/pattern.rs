//! The regular expressions of `-replace` and `-split`, as far as scripts hide their strings in them.
//!
//! The subset of .NET's language that needs no groups: literals, `.`, classes, escapes, `^`, `$`,
//! alternatives at the top, and quantifiers, greedy and lazy, of one character each. A pattern outside
//! it (groups, look-around, back references, word edges) is none, and its script stays as it is written.

use super::pieces::MOST;
use crate::base::{Cx, LimitHit};

/// Characters of a pattern, and of what its quantifiers may count.
const PATTERN: usize = 4096;
const COUNT: usize = 65_536;

/// What one script may spend on matching, in characters that are compared.
pub(super) const WORK: usize = 1 << 22;

/// A regular expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    alternatives: Vec<Vec<Item>>,
    any_case: bool,
    /// Whether a class is in it whose members outside ASCII .NET and Rust count differently.
    ascii_only: bool,
}

/// A set of characters, and how often one of it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    atom: Atom,
    least: usize,
    most: usize,
    lazy: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Atom {
    /// The start of the text.
    Start,
    /// The end of the text, or the line end that is its last character.
    End,
    /// A character in one of the ranges, or in none of them.
    Set { ranges: Vec<(char, char)>, negated: bool },
}

const DIGIT: &[(char, char)] = &[('0', '9')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
const SPACE: &[(char, char)] = &[('\t', '\r'), (' ', ' ')];
const LINE_END: &[(char, char)] = &[('\n', '\n')];

/// A place in a text where a pattern was found: from, to, in characters.
type Found = (usize, usize);

type Chars<'p> = std::iter::Peekable<std::str::Chars<'p>>;

impl Pattern {
    /// Reads a pattern; `None` when it is outside the subset, or no pattern at all.
    pub(super) fn new(pattern: &str, any_case: bool) -> Option<Self> {
        if pattern.len() > PATTERN {
            return None;
        }
        let mut made = Pattern { alternatives: Vec::new(), any_case, ascii_only: false };
        let mut items: Vec<Item> = Vec::new();
        let mut chars = pattern.chars().peekable();
        while let Some(char) = chars.next() {
            let atom = match char {
                '(' | ')' => return None,
                '|' => {
                    made.alternatives.push(std::mem::take(&mut items));
                    continue;
                }
                '*' | '+' | '?' => return None,
                '^' => Atom::Start,
                '$' => Atom::End,
                '.' => Atom::Set { ranges: LINE_END.to_vec(), negated: true },
                '[' => made.class(&mut chars)?,
                '\\' => {
                    let (ranges, negated) = made.escaped(&mut chars)?;
                    Atom::Set { ranges, negated }
                }
                char => Atom::Set { ranges: vec![(char, char)], negated: false },
            };
            let (least, most, is_counted) = quantifier(&mut chars)?;
            if is_counted && !matches!(atom, Atom::Set { .. }) {
                return None;
            }
            let lazy = is_counted && chars.next_if_eq(&'?').is_some();
            if is_counted && quantifier(&mut chars.clone()).is_none_or(|(.., again)| again) {
                return None;
            }
            items.push(Item { atom, least, most, lazy });
        }
        made.alternatives.push(items);
        Some(made)
    }

    /// The text itself, as `[regex]::Escape` and `SimpleMatch` mean it.
    pub(super) fn literal(text: &str, any_case: bool) -> Option<Self> {
        let item = |char| Item {
            atom: Atom::Set { ranges: vec![(char, char)], negated: false },
            least: 1,
            most: 1,
            lazy: false,
        };
        let items = text.chars().map(item).collect();
        (text.len() <= PATTERN).then(|| Pattern { alternatives: vec![items], any_case, ascii_only: false })
    }

    /// What stands behind a backslash: ranges, and whether they are negated.
    fn escaped(&mut self, chars: &mut Chars<'_>) -> Option<(Vec<(char, char)>, bool)> {
        let char = chars.next()?;
        let class = match char.to_ascii_lowercase() {
            'd' => Some(DIGIT),
            'w' => Some(WORD),
            's' => Some(SPACE),
            _ => None,
        };
        if let Some(ranges) = class {
            self.ascii_only = true;
            return Some((ranges.to_vec(), char.is_ascii_uppercase()));
        }
        let one = match char {
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'f' => '\u{C}',
            'v' => '\u{B}',
            'a' => '\u{7}',
            'e' => '\u{1B}',
            'x' => code(chars, 2)?,
            'u' => code(chars, 4)?,
            // Word edges, back references, octal numbers, categories.
            _ if char.is_alphanumeric() => return None,
            _ => char,
        };
        Some((vec![(one, one)], false))
    }

    /// `[a-z\d]`, `[^x]`, behind its bracket.
    fn class(&mut self, chars: &mut Chars<'_>) -> Option<Atom> {
        let negated = chars.next_if_eq(&'^').is_some();
        let mut ranges = Vec::new();
        let mut is_first = true;
        loop {
            let from = match chars.next()? {
                ']' if !is_first => return Some(Atom::Set { ranges, negated }),
                // A class less another one.
                '-' if !is_first && chars.peek() == Some(&'[') => return None,
                '\\' => {
                    let (more, turned) = self.escaped(chars)?;
                    match more.as_slice() {
                        [(one, other)] if one == other => *one,
                        // A class without something in a class is outside the subset.
                        _ if turned => return None,
                        _ => {
                            ranges.extend(more);
                            is_first = false;
                            continue;
                        }
                    }
                }
                char => char,
            };
            is_first = false;
            let mut ahead = chars.clone();
            let is_range = ahead.next() == Some('-') && ahead.peek().is_some_and(|next| *next != ']');
            if !is_range {
                ranges.push((from, from));
                continue;
            }
            chars.next();
            let to = match chars.next()? {
                '[' => return None,
                '\\' => match self.escaped(chars)?.0.as_slice() {
                    [(one, other)] if one == other => *one,
                    _ => return None,
                },
                char => char,
            };
            if to < from {
                return None;
            }
            ranges.push((from, to));
        }
    }

    /// Whether a text can be matched as .NET would.
    fn suits(&self, text: &str) -> bool {
        !self.ascii_only || text.is_ascii()
    }

    fn holds(&self, ranges: &[(char, char)], char: char) -> bool {
        let within = |char: char| ranges.iter().any(|(from, to)| (*from..=*to).contains(&char));
        within(char) || self.any_case && (char.to_lowercase().any(within) || char.to_uppercase().any(within))
    }

    /// How many characters from `at` on an item takes at most; `None` when it does not stand there.
    fn run(&self, item: &Item, text: &[char], at: usize, work: &mut usize) -> Result<Option<usize>, Spent> {
        let Atom::Set { ranges, negated } = &item.atom else {
            let rest = text.get(at..).unwrap_or_default();
            let holds = match item.atom {
                Atom::Start => at == 0,
                _ => rest.is_empty() || rest == ['\n'],
            };
            return Ok(holds.then_some(0));
        };
        let chars = text.get(at..).unwrap_or_default().iter().take(item.most);
        let count = chars.take_while(|char| self.holds(ranges, **char) != *negated).count();
        let compared = count.saturating_add(1).saturating_mul(ranges.len().max(1));
        *work = work.checked_sub(compared).ok_or(Spent)?;
        Ok((count >= item.least).then_some(count))
    }

    /// Where the pattern ends that begins at a place. `Err` when the work does not last.
    fn end_at(&self, text: &[char], start: usize, work: &mut usize) -> Result<Option<usize>, Spent> {
        for items in &self.alternatives {
            // Where each item begins, how many characters it takes, how many it could take.
            let mut taken: Vec<(usize, usize, usize)> = Vec::new();
            let mut at = start;
            'forward: loop {
                let Some(item) = items.get(taken.len()) else { return Ok(Some(at)) };
                if let Some(most) = self.run(item, text, at, work)? {
                    let is_set = matches!(item.atom, Atom::Set { .. });
                    let count = if item.lazy && is_set { item.least } else { most };
                    taken.push((at, count, most));
                    at = at.saturating_add(count);
                    continue;
                }
                loop {
                    *work = work.checked_sub(1).ok_or(Spent)?;
                    let Some((from, count, most)) = taken.pop() else { break 'forward };
                    let Some(item) = items.get(taken.len()) else { break 'forward };
                    let other = match item.lazy {
                        true => count.checked_add(1).filter(|more| *more <= most),
                        false => count.checked_sub(1).filter(|less| *less >= item.least),
                    };
                    if let Some(count) = other.filter(|_| matches!(item.atom, Atom::Set { .. })) {
                        taken.push((from, count, most));
                        at = from.saturating_add(count);
                        continue 'forward;
                    }
                }
            }
        }
        Ok(None)
    }

    /// Where the pattern stands in a text, left to right. `None` when it cannot be said.
    fn places(&self, text: &[char], most: usize, work: &mut usize) -> Option<Vec<Found>> {
        let mut found = Vec::new();
        let mut at = 0usize;
        while at <= text.len() && found.len() < most {
            *work = work.checked_sub(1)?;
            match self.end_at(text, at, work).ok()? {
                Some(end) => {
                    found.push((at, end));
                    // Behind an empty match the next one begins a character later.
                    at = if end > at { end } else { at.saturating_add(1) };
                }
                None => at = at.saturating_add(1),
            }
        }
        Some(found)
    }

    /// The text with each match replaced; `None` when that cannot be said, or is too long.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub(super) fn replaced(
        &self,
        text: &str,
        to: &str,
        work: &mut usize,
        cx: &mut Cx<'_>,
    ) -> Result<Option<String>, LimitHit> {
        let Some(to) = substitution(to).filter(|_| self.suits(text)) else { return Ok(None) };
        let chars: Vec<char> = text.chars().collect();
        let found = self.charged(&chars, usize::MAX, work, cx)?;
        let Some(found) = found else { return Ok(None) };
        let mut made = String::new();
        let mut behind = 0usize;
        for (from, end) in found {
            made.extend(chars.get(behind..from).unwrap_or_default());
            for piece in &to {
                match piece {
                    Some(char) => made.push(*char),
                    None => made.extend(chars.get(from..end).unwrap_or_default()),
                }
            }
            behind = end;
            if made.len() > MOST {
                return Ok(None);
            }
        }
        made.extend(chars.get(behind..).unwrap_or_default());
        Ok(Some(made))
    }

    /// The pieces between the matches, `most` of them at most; `None` when that cannot be said.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub(super) fn split(
        &self,
        text: &str,
        most: usize,
        work: &mut usize,
        cx: &mut Cx<'_>,
    ) -> Result<Option<Vec<String>>, LimitHit> {
        if !self.suits(text) {
            return Ok(None);
        }
        let chars: Vec<char> = text.chars().collect();
        let Some(found) = self.charged(&chars, most.saturating_sub(1), work, cx)? else { return Ok(None) };
        let mut pieces = Vec::new();
        let mut behind = 0usize;
        for (from, end) in found {
            pieces.push(chars.get(behind..from).unwrap_or_default().iter().collect());
            behind = end;
        }
        pieces.push(chars.get(behind..).unwrap_or_default().iter().collect());
        Ok((pieces.len() <= MOST / 16).then_some(pieces))
    }

    /// The places in a text; what finding them took is charged, and bounded before.
    fn charged(
        &self,
        text: &[char],
        most: usize,
        work: &mut usize,
        cx: &mut Cx<'_>,
    ) -> Result<Option<Vec<Found>>, LimitHit> {
        cx.budget.touch(text.len().saturating_mul(4))?;
        let before = *work;
        let found = self.places(text, most, work);
        if found.is_none() {
            // It ran dry in the middle: the script has no more to spend.
            *work = 0;
        }
        cx.budget.step((before.saturating_sub(*work) / 8) as u64)?;
        Ok(found)
    }
}

/// The work of a script is spent.
struct Spent;

/// `*`, `+`, `?`, `{n}`, `{n,}`, `{n,m}`: from, to, and whether there is one. `None` when it counts
/// backwards or too far. A brace that is none of these is a character.
fn quantifier(chars: &mut Chars<'_>) -> Option<(usize, usize, bool)> {
    Some(match chars.peek() {
        Some('*') => (0, usize::MAX, chars.next().is_some()),
        Some('+') => (1, usize::MAX, chars.next().is_some()),
        Some('?') => (0, 1, chars.next().is_some()),
        Some('{') => {
            let mut ahead = chars.clone();
            ahead.next();
            let inner: String = ahead.by_ref().take(16).take_while(|char| *char != '}').collect();
            let (least, most) = inner.split_once(',').unwrap_or((&inner, &inner));
            let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let is_closed = chars.clone().nth(inner.chars().count().saturating_add(1)) == Some('}');
            if !is_closed || !is_number(least) || !(most.is_empty() || is_number(most)) {
                return Some((1, 1, false));
            }
            let least = least.parse().ok().filter(|least| *least <= COUNT)?;
            let most = match most {
                "" => usize::MAX,
                most => most.parse().ok().filter(|most| (least..=COUNT).contains(most))?,
            };
            *chars = ahead;
            (least, most, true)
        }
        _ => (1, 1, false),
    })
}

fn code(chars: &mut Chars<'_>, digits: usize) -> Option<char> {
    let digits: String = chars.by_ref().take(digits).collect();
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    char::from_u32(u32::from_str_radix(&digits, 16).ok().filter(|_| is_hex)?)
}

/// What takes the place of a match: characters, and `None` for the match itself (`$&`, `$0`). `None`
/// for the whole when it names groups or what stands around the match.
fn substitution(to: &str) -> Option<Vec<Option<char>>> {
    let mut made = Vec::new();
    let mut chars = to.chars().peekable();
    while let Some(char) = chars.next() {
        if char != '$' {
            made.push(Some(char));
            continue;
        }
        match chars.peek() {
            Some('$') => made.push(chars.next()),
            Some('&') => made.push(chars.next().and(None)),
            Some('0') => {
                chars.next();
                if chars.peek().is_some_and(char::is_ascii_digit) {
                    return None;
                }
                made.push(None);
            }
            Some('1'..='9' | '{' | '`' | '\'' | '+' | '_') => return None,
            _ => made.push(Some('$')),
        }
    }
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Stage};

    fn with<T>(act: impl FnOnce(&mut Cx<'_>) -> Result<T, LimitHit>) -> T {
        let (mut budget, mut problems) = (Budget::new(&Limits::default()), Default::default());
        act(&mut Cx { part: PartId(0), stage: Stage::Text, budget: &mut budget, problems: &mut problems })
            .unwrap()
    }

    fn replace(text: &str, pattern: &str, to: &str) -> Option<String> {
        let mut work = WORK;
        with(|cx| match Pattern::new(pattern, true) {
            Some(pattern) => pattern.replaced(text, to, &mut work, cx),
            None => Ok(None),
        })
    }

    fn split(text: &str, pattern: &str, most: usize) -> Option<Vec<String>> {
        let mut work = WORK;
        with(|cx| Pattern::new(pattern, true).unwrap().split(text, most, &mut work, cx))
    }

    /// The values are those that `-replace` gives.
    #[test]
    fn matches_are_replaced() {
        for (text, pattern, to, made) in [
            ("hZZello", "z+", "", "hello"),
            ("h1e2l3lo", "\\d", "", "hello"),
            ("he~~llo", "[~%]{2}", "", "hello"),
            ("h.e.l.l.o", "\\.", "", "hello"),
            ("hello", ".", "x", "xxxxx"),
            ("<a><b>", "<.+>", "x", "x"),
            ("<a><b>", "<.+?>", "x", "xx"),
            ("aXbYc", "x|y", "-", "a-b-c"),
            ("abc", "", "-", "-a-b-c-"),
            ("abc", "x*", "-", "-a-b-c-"),
            ("abc", "^a|c$", "", "b"),
            ("a]b", "[]]", "", "ab"),
            ("a-b", "[x-]", "", "ab"),
            ("AbC", "[^a-c]", "", "AbC"),
            ("aab", "a*ab", "x", "x"),
            ("a{b", "{", "", "ab"),
            ("a\tb", "\\x09", "\\", "a\\b"),
            ("ab", "a", "$&$0$$", "aa$b"),
            ("ab", "a", "$", "$b"),
        ] {
            assert_eq!(replace(text, pattern, to).as_deref(), Some(made), "{text} {pattern} {to}");
        }
    }

    #[test]
    fn what_is_outside_the_subset_is_left() {
        for pattern in [
            "(a)",
            "(?i)a",
            "\\bx",
            "\\1",
            "a**",
            "*",
            "a{2}{3}",
            "[a",
            "[z-a]",
            "[a-z-[b]]",
            "\\p{L}",
            "^*",
            "\\",
        ] {
            assert_eq!(replace("abc", pattern, ""), None, "{pattern}");
        }
        assert_eq!(replace("abc", "b", "$1"), None);
        assert_eq!(replace("日1", "\\w", ""), None, "what a word is outside ASCII is not guessed");
    }

    #[test]
    fn texts_are_split() {
        let pieces = |text, pattern, most| split(text, pattern, most).unwrap().join("|");
        assert_eq!(pieces("104x105Y106", "[xy]", usize::MAX), "104|105|106");
        assert_eq!(pieces("a  b c", "\\s+", 2), "a|b c");
        assert_eq!(pieces("abc", "", usize::MAX), "|a|b|c|");
    }

    /// The first alternative stands there: that the work for it does not last is no reason to take the second.
    #[test]
    fn spent_work_is_no_mismatch() {
        let pattern = Pattern::new("a+b|a", true).unwrap();
        let mut work = 50;
        let made = with(|cx| pattern.replaced(&format!("{}b", "a".repeat(100)), "", &mut work, cx));
        assert_eq!((made, work), (None, 0));
    }

    #[test]
    fn patterns_that_try_all_ways_end() {
        let text = "a".repeat(5_000);
        assert_eq!(replace(&text, "a*a*a*a*a*b", ""), None);
    }
}
