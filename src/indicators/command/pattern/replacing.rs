//! What `-replace` and `-split` make of the matches.

use super::super::pieces::MOST;
use super::Pattern;
use crate::base::{Cx, LimitHit};

impl Pattern {
    /// The text with each match replaced; `None` when that cannot be said, or is too long.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub(in super::super) fn replaced(
        &self,
        text: &str,
        to: &str,
        work: &mut usize,
        cx: &mut Cx<'_>,
    ) -> Result<Option<String>, LimitHit> {
        let Some(to) = substitution(to, self.groups).filter(|_| self.suits(text)) else { return Ok(None) };
        let chars: Vec<char> = text.chars().collect();
        let Some(found) = self.places(&chars, usize::MAX, work, cx)? else { return Ok(None) };
        let mut made = String::new();
        let mut behind = 0usize;
        for one in found {
            made.extend(chars.get(behind..one.from).unwrap_or_default());
            for piece in &to {
                match piece {
                    Piece::Char(char) => made.push(*char),
                    Piece::Group(number) => made.extend(one.group(*number, &chars)),
                }
                if made.len() > MOST {
                    return Ok(None);
                }
            }
            behind = one.end;
        }
        made.extend(chars.get(behind..).unwrap_or_default());
        cx.budget.touch(made.len())?;
        Ok(Some(made))
    }

    /// The pieces between the matches, `most` of them at most, and what the groups took between them;
    /// `None` when that cannot be said.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps do not last.
    pub(in super::super) fn split(
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
        let Some(found) = self.places(&chars, most.saturating_sub(1), work, cx)? else { return Ok(None) };
        let mut pieces = Vec::new();
        let mut behind = 0usize;
        for one in found {
            pieces.push(chars.get(behind..one.from).unwrap_or_default().iter().collect());
            let taken = one.groups.iter().flatten().filter_map(|(from, end)| chars.get(*from..*end));
            pieces.extend(taken.map(|taken| taken.iter().collect::<String>()));
            if pieces.len() > MOST / 16 {
                return Ok(None);
            }
            behind = one.end;
        }
        pieces.push(chars.get(behind..).unwrap_or_default().iter().collect());
        Ok((pieces.len() <= MOST / 16).then_some(pieces))
    }
}

/// A piece of what takes the place of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Char(char),
    /// What a group took; 0 is the match.
    Group(usize),
}

/// What takes the place of a match: `$1`, `${1}`, `$&`, `$$`. `None` when it names what stands around
/// the match, or the last group. A group that is not there is text.
fn substitution(to: &str, groups: usize) -> Option<Vec<Piece>> {
    let mut made = Vec::new();
    let mut chars = to.chars().peekable();
    while let Some(char) = chars.next() {
        if char != '$' {
            made.push(Piece::Char(char));
            continue;
        }
        match chars.peek() {
            Some('$') => made.extend(chars.next().map(Piece::Char)),
            Some('&') => made.extend(chars.next().map(|_| Piece::Group(0))),
            Some('`' | '\'' | '+' | '_') => return None,
            _ => {
                let mut ahead = chars.clone();
                let braced = ahead.next_if_eq(&'{').is_some();
                let mut digits = String::new();
                while let Some(digit) = ahead.next_if(char::is_ascii_digit) {
                    digits.push(digit);
                }
                let is_closed = !braced || ahead.next_if_eq(&'}').is_some();
                match digits.parse::<usize>().ok().filter(|number| is_closed && *number <= groups) {
                    Some(number) => {
                        made.push(Piece::Group(number));
                        chars = ahead;
                    }
                    None => made.push(Piece::Char('$')),
                }
            }
        }
    }
    Some(made)
}
