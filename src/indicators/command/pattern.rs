//! The regular expressions of `-replace` and `-split`, as far as scripts hide their strings in them.
//!
//! The subset of .NET's language without look-around, back references, named groups and word edges:
//! literals, `.`, classes, escapes, `^`, `$`, groups, alternatives, and quantifiers, greedy and lazy. A
//! pattern outside it is none, and its script stays as it is written.
//!
//! A pattern is a row of operations that a matcher follows with a list of places to go back to. What it
//! compares is paid before it is compared, so that a pattern which tries all ways ends.

mod matching;
mod replacing;

pub(super) use matching::WORK;

/// Characters of a pattern, and of what its quantifiers may count.
const PATTERN: usize = 4096;
const COUNT: usize = 65_536;

/// Groups inside groups.
const NESTED: usize = 64;

/// A regular expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    ops: Vec<Op>,
    /// Groups that are counted, and loops whose rounds have to go on.
    groups: usize,
    loops: usize,
    any_case: bool,
    /// Whether a class is in it whose members outside ASCII .NET and Rust count differently.
    ascii_only: bool,
}

/// One operation. Places of others are told by how many operations lie between.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Op {
    /// The start of the text.
    Start,
    /// The end of the text, or the line end that is its last character.
    End,
    /// Characters of a set, `least` to `most` of them.
    Many {
        set: Set,
        least: usize,
        most: usize,
        lazy: bool,
    },
    /// Goes on at one place, and at the other when that comes to nothing.
    Fork(isize, isize),
    Jump(isize),
    /// Notes the place as one end of a group.
    Save(usize),
    /// Notes where a round of a loop begins.
    Enter(usize),
    /// Goes on behind the loop when the round took nothing.
    Moved(usize),
}

/// A character in one of the ranges, or in none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Set {
    ranges: Vec<(char, char)>,
    negated: bool,
}

impl Set {
    fn one(char: char) -> Self {
        Set { ranges: vec![(char, char)], negated: false }
    }

    fn once(self) -> Op {
        Op::Many { set: self, least: 1, most: 1, lazy: false }
    }
}

/// A group that is read: the whole pattern is one.
#[derive(Debug, Default)]
struct Open {
    /// Its number, if it is counted.
    number: Option<usize>,
    alternatives: Vec<Vec<Op>>,
    ops: Vec<Op>,
}

const DIGIT: &[(char, char)] = &[('0', '9')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
const SPACE: &[(char, char)] = &[('\t', '\r'), (' ', ' ')];
const LINE_END: &[(char, char)] = &[('\n', '\n')];

type Chars<'p> = std::iter::Peekable<std::str::Chars<'p>>;

impl Pattern {
    /// Reads a pattern; `None` when it is outside the subset, or no pattern at all.
    pub(super) fn new(pattern: &str, any_case: bool) -> Option<Self> {
        if pattern.len() > PATTERN {
            return None;
        }
        let mut made = Pattern { ops: Vec::new(), groups: 0, loops: 0, any_case, ascii_only: false };
        let mut around: Vec<Open> = Vec::new();
        let mut open = Open::default();
        let mut chars = pattern.chars().peekable();
        while let Some(char) = chars.next() {
            let body = match char {
                '(' => {
                    let inner = Open { number: made.number(&mut chars)?, ..Open::default() };
                    around.push(std::mem::replace(&mut open, inner));
                    if around.len() > NESTED {
                        return None;
                    }
                    continue;
                }
                ')' => {
                    let inner = std::mem::replace(&mut open, around.pop()?);
                    inner.closed()?
                }
                '|' => {
                    open.alternatives.push(std::mem::take(&mut open.ops));
                    continue;
                }
                '*' | '+' | '?' => return None,
                '^' => vec![Op::Start],
                '$' => vec![Op::End],
                '.' => vec![Set { ranges: LINE_END.to_vec(), negated: true }.once()],
                '[' => vec![made.class(&mut chars)?.once()],
                '\\' => {
                    let (ranges, negated) = made.escaped(&mut chars)?;
                    vec![Set { ranges, negated }.once()]
                }
                char => vec![Set::one(char).once()],
            };
            let (least, most, is_counted) = quantifier(&mut chars)?;
            let lazy = is_counted && chars.next_if_eq(&'?').is_some();
            if is_counted && quantifier(&mut chars.clone()).is_none_or(|(.., again)| again) {
                return None;
            }
            match body.as_slice() {
                _ if !is_counted => open.ops.extend(body),
                [Op::Many { set, least: 1, most: 1, .. }] => {
                    open.ops.push(Op::Many { set: set.clone(), least, most, lazy });
                }
                [Op::Start | Op::End] => return None,
                body => made.repeat(body, (least, most, lazy), &mut open.ops)?,
            }
            if open.ops.len() > PATTERN {
                return None;
            }
        }
        if !around.is_empty() {
            return None;
        }
        made.ops = open.closed()?;
        Some(made)
    }

    /// The text itself, as `[regex]::Escape` and `SimpleMatch` mean it.
    pub(super) fn literal(text: &str, any_case: bool) -> Option<Self> {
        let ops = text.chars().map(|char| Set::one(char).once()).collect();
        let made = Pattern { ops, groups: 0, loops: 0, any_case, ascii_only: false };
        (text.len() <= PATTERN).then_some(made)
    }

    /// The number of the group whose parenthesis was read: none for `(?:`. `None` for any other `(?`.
    fn number(&mut self, chars: &mut Chars<'_>) -> Option<Option<usize>> {
        if chars.next_if_eq(&'?').is_some() {
            return chars.next_if_eq(&':').map(|_| None);
        }
        self.groups = self.groups.checked_add(1)?;
        Some(Some(self.groups))
    }

    /// Appends a group as often as its quantifier says; `None` when that is too long.
    fn repeat(
        &mut self,
        body: &[Op],
        (least, most, lazy): (usize, usize, bool),
        into: &mut Vec<Op>,
    ) -> Option<()> {
        let optional = if most == usize::MAX { 1 } else { most.checked_sub(least)? };
        let rounds = least.checked_add(optional)?;
        let len = rounds.checked_mul(body.len().checked_add(4)?)?;
        if into.len().saturating_add(len) > PATTERN {
            return None;
        }
        for _ in 0..least {
            into.extend_from_slice(body);
        }
        let fork = |over: isize| if lazy { Op::Fork(over, 1) } else { Op::Fork(1, over) };
        let body_len = isize::try_from(body.len()).ok()?;
        if most == usize::MAX {
            let slot = self.loops;
            self.loops = self.loops.checked_add(1)?;
            into.push(fork(body_len.checked_add(4)?));
            into.push(Op::Enter(slot));
            into.extend_from_slice(body);
            into.push(Op::Moved(slot));
            into.push(Op::Jump(body_len.checked_add(3)?.checked_neg()?));
            return Some(());
        }
        for round in 0..optional {
            let left = isize::try_from(optional.checked_sub(round)?).ok()?;
            into.push(fork(left.checked_mul(body_len.checked_add(1)?)?));
            into.extend_from_slice(body);
        }
        Some(())
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
    fn class(&mut self, chars: &mut Chars<'_>) -> Option<Set> {
        let negated = chars.next_if_eq(&'^').is_some();
        let mut ranges = Vec::new();
        let mut is_first = true;
        loop {
            let from = match chars.next()? {
                ']' if !is_first => return Some(Set { ranges, negated }),
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
}

impl Open {
    /// The operations of the whole group; `None` when they are too many.
    fn closed(mut self) -> Option<Vec<Op>> {
        self.alternatives.push(self.ops);
        let count = self.alternatives.len();
        let len = self.alternatives.iter().map(Vec::len).fold(count.checked_mul(2)?, usize::saturating_add);
        if len > PATTERN {
            return None;
        }
        let slot = self.number.and_then(|number| number.checked_sub(1)?.checked_mul(2));
        let mut ops: Vec<Op> = slot.map(Op::Save).into_iter().collect();
        // Each of them but the last jumps behind the others.
        let mut left = isize::try_from(len.checked_sub(2)?).ok()?;
        for (index, own) in self.alternatives.into_iter().enumerate() {
            if index.saturating_add(1) == count {
                ops.extend(own);
                break;
            }
            let own_len = isize::try_from(own.len()).ok()?;
            left = left.checked_sub(own_len.checked_add(2)?)?;
            ops.push(Op::Fork(1, own_len.checked_add(2)?));
            ops.extend(own);
            ops.push(Op::Jump(left.checked_add(1)?));
        }
        ops.extend(slot.map(|slot| Op::Save(slot.saturating_add(1))));
        Some(ops)
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Cx, LimitHit, Limits, PartId, Stage};

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
            ("ab", "(a)(b)", "$2$1", "ba"),
            ("x=1;y=2;", "(\\w)=(\\d);", "${2}$1 ", "1x 2y "),
            ("abcabc", "(?:a(b))c", "[$1]", "[b][b]"),
            ("aXbYc", "(x|y)", "<$1>", "a<X>b<Y>c"),
            ("ababx", "(ab)+", "$1", "abx"),
            ("abacx", "(a(b|c))*x", "$1$2", "acc"),
            ("aab", "(a|ab)(c|bcd)?b", "[$1$2]", "a[a]"),
            ("aaa", "(a){2}", "-", "-a"),
            ("aaaa", "(a){1,2}?", "$0-", "a-a-a-a-"),
            ("aaaab", "(?:a{2})*b", "-", "-"),
            ("abc", "(b)?(c)", "$1.$2", "ab.c"),
            ("ab", "(a)", "$2$1$10", "$2a$10b"),
            ("ab", "(a)", "${1}${x}", "a${x}b"),
            ("ab", "a(b|)", "<$1>", "<b>"),
            ("a", "a(b|)", "<$1>", "<>"),
        ] {
            assert_eq!(replace(text, pattern, to).as_deref(), Some(made), "{text} {pattern} {to}");
        }
    }

    #[test]
    fn what_is_outside_the_subset_is_left() {
        for pattern in [
            "(a",
            "a)",
            "(?i)a",
            "(?=a)",
            "(?<n>a)",
            "((((a){9}){9}){9}){9}",
            "(a)\\1",
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
        assert_eq!(replace("abc", "b", "$`"), None);
        assert_eq!(replace("abc", "b", "$1").as_deref(), Some("a$1c"), "there is no such group");
        assert_eq!(replace("日1", "\\w", ""), None, "what a word is outside ASCII is not guessed");
    }

    #[test]
    fn texts_are_split() {
        let pieces = |text, pattern, most| split(text, pattern, most).unwrap().join("|");
        assert_eq!(pieces("104x105Y106", "[xy]", usize::MAX), "104|105|106");
        assert_eq!(pieces("a  b c", "\\s+", 2), "a|b c");
        assert_eq!(pieces("abc", "", usize::MAX), "|a|b|c|");
        assert_eq!(pieces("a1b2c", "(\\d)", usize::MAX), "a|1|b|2|c");
        assert_eq!(pieces("a1b2c", "(\\d)|(x)", 2), "a|1|b2c");
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
        assert_eq!(replace(&text, "(a|aa)+b", ""), None);
        assert_eq!(replace("aab", "(?:a*)*b", "").as_deref(), Some(""));
        assert_eq!(replace("aab", "(?:)*?b", "").as_deref(), Some("aa"));
    }
}
