//! Matching: a row of operations is followed from a place in the text, and from the last way not tried
//! when that comes to nothing.

use super::{Op, Pattern, Set};
use crate::base::{Cx, LimitHit};

/// What one script may spend on matching, in characters that are compared.
pub(in super::super) const WORK: usize = 1 << 22;

/// Places that a match may go back to.
const WAYS: usize = 1 << 18;

/// Where a pattern was found in a text: the ends of the match, and those of its groups, in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) from: usize,
    pub(super) end: usize,
    pub(super) groups: Vec<Option<(usize, usize)>>,
}

impl Pattern {
    /// Whether a text can be matched as .NET would.
    pub(super) fn suits(&self, text: &str) -> bool {
        !self.ascii_only || text.is_ascii()
    }

    fn holds(&self, ranges: &[(char, char)], char: char) -> bool {
        let within = |char: char| ranges.iter().any(|(from, to)| (*from..=*to).contains(&char));
        within(char) || self.any_case && (char.to_lowercase().any(within) || char.to_uppercase().any(within))
    }

    /// The match that begins at a place.
    fn match_at(
        &self,
        text: &[char],
        start: usize,
        fuel: &mut Fuel<'_, '_, '_>,
    ) -> Result<Option<Found>, Stop> {
        let mut slots = vec![None; self.groups.saturating_mul(2)];
        let mut begun = vec![start; self.loops];
        let mut ways: Vec<Way> = Vec::new();
        let (mut next, mut at) = (0usize, start);
        loop {
            fuel.burn(1)?;
            if ways.len() > WAYS {
                return Err(Stop::Spent);
            }
            let Some(op) = self.ops.get(next) else {
                let (pairs, _) = slots.as_chunks::<2>();
                let groups = pairs.iter().map(|[from, end]| from.zip(*end)).collect();
                return Ok(Some(Found { from: start, end: at, groups }));
            };
            let behind = next.saturating_add(1);
            let goes_on = match op {
                Op::Start => (at == 0).then_some((behind, at)),
                Op::End => {
                    let rest = text.get(at..).unwrap_or_default();
                    (rest.is_empty() || rest == ['\n']).then_some((behind, at))
                }
                Op::Many { set, least, most, lazy } => {
                    let wanted = if *lazy { *least } else { *most };
                    let count = self.count(set, text, at, wanted, fuel)?;
                    let (from, limit) = (at, if *lazy { *most } else { *least });
                    if count >= *least && count != limit {
                        ways.push(Way::Many { op: next, from, count });
                    }
                    (count >= *least).then_some((behind, at.saturating_add(count)))
                }
                Op::Fork(first, second) => {
                    ways.push(Way::At(next.saturating_add_signed(*second), at));
                    Some((next.saturating_add_signed(*first), at))
                }
                Op::Jump(to) => Some((next.saturating_add_signed(*to), at)),
                Op::Save(slot) => {
                    if let Some(kept) = slots.get_mut(*slot) {
                        ways.push(Way::Slot(*slot, kept.replace(at)));
                    }
                    Some((behind, at))
                }
                Op::Enter(slot) => {
                    if let Some(kept) = begun.get_mut(*slot) {
                        ways.push(Way::Begun(*slot, std::mem::replace(kept, at)));
                    }
                    Some((behind, at))
                }
                // Behind it stands the jump back.
                Op::Moved(slot) => match begun.get(*slot) == Some(&at) {
                    true => Some((behind.saturating_add(1), at)),
                    false => Some((behind, at)),
                },
            };
            (next, at) = match goes_on {
                Some(place) => place,
                None => match self.back(text, &mut ways, &mut slots, &mut begun, fuel)? {
                    Some(place) => place,
                    None => return Ok(None),
                },
            };
        }
    }

    /// Where the last way that was not tried goes on.
    fn back(
        &self,
        text: &[char],
        ways: &mut Vec<Way>,
        slots: &mut [Option<usize>],
        begun: &mut [usize],
        fuel: &mut Fuel<'_, '_, '_>,
    ) -> Result<Option<(usize, usize)>, Stop> {
        while let Some(way) = ways.pop() {
            fuel.burn(1)?;
            match way {
                Way::At(next, at) => return Ok(Some((next, at))),
                Way::Slot(slot, before) => {
                    if let Some(kept) = slots.get_mut(slot) {
                        *kept = before;
                    }
                }
                Way::Begun(slot, before) => {
                    if let Some(kept) = begun.get_mut(slot) {
                        *kept = before;
                    }
                }
                Way::Many { op, from, count } => {
                    let Some(Op::Many { set, least, most, lazy }) = self.ops.get(op) else { continue };
                    let count = if *lazy { count.saturating_add(1) } else { count.saturating_sub(1) };
                    let at = from.saturating_add(count);
                    if *lazy && self.count(set, text, at.saturating_sub(1), 1, fuel)? == 0 {
                        continue;
                    }
                    if count != if *lazy { *most } else { *least } {
                        ways.push(Way::Many { op, from, count });
                    }
                    return Ok(Some((op.saturating_add(1), at)));
                }
            }
        }
        Ok(None)
    }

    /// How many characters of a set stand at a place, as far as `most`.
    fn count(
        &self,
        set: &Set,
        text: &[char],
        at: usize,
        most: usize,
        fuel: &mut Fuel<'_, '_, '_>,
    ) -> Result<usize, Stop> {
        let mut count = 0usize;
        for char in text.get(at..).unwrap_or_default().iter().take(most) {
            fuel.burn(set.ranges.len().max(1))?;
            if self.holds(&set.ranges, *char) == set.negated {
                break;
            }
            count = count.saturating_add(1);
        }
        Ok(count)
    }

    /// Where the pattern stands in a text, left to right, `most` times at most. `None` when it cannot be
    /// said.
    pub(super) fn places(
        &self,
        text: &[char],
        most: usize,
        work: &mut usize,
        cx: &mut Cx<'_>,
    ) -> Result<Option<Vec<Found>>, LimitHit> {
        cx.budget.touch(text.len().saturating_mul(4))?;
        let mut fuel = Fuel { work, paid: 0, cx };
        let mut found: Vec<Found> = Vec::new();
        let mut at = 0usize;
        while at <= text.len() && found.len() < most {
            match self.match_at(text, at, &mut fuel) {
                Ok(Some(one)) => {
                    // Behind an empty match the next one begins a character later.
                    at = if one.end > at { one.end } else { at.saturating_add(1) };
                    found.push(one);
                }
                Ok(None) => at = at.saturating_add(1),
                Err(Stop::Limit(hit)) => return Err(hit),
                Err(Stop::Spent) => {
                    // It ran dry in the middle: the script has no more to spend.
                    *fuel.work = 0;
                    return Ok(None);
                }
            }
        }
        Ok(Some(found))
    }
}

impl Found {
    /// What a group took; 0 is the whole match.
    pub(super) fn group<'t>(&self, number: usize, text: &'t [char]) -> &'t [char] {
        let whole = Some((self.from, self.end));
        let place = match number.checked_sub(1) {
            None => whole,
            Some(index) => self.groups.get(index).copied().flatten(),
        };
        place.and_then(|(from, end)| text.get(from..end)).unwrap_or_default()
    }
}

/// A place that a match goes back to, and what has to be as it was there.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// Operation, place in the text.
    At(usize, usize),
    /// Another count of a set.
    Many { op: usize, from: usize, count: usize },
    /// A noted place had this value.
    Slot(usize, Option<usize>),
    /// The round of a loop began here.
    Begun(usize, usize),
}

/// Work for matching, which is paid before it is done.
struct Fuel<'f, 'c, 'b> {
    /// What the script may spend.
    work: &'f mut usize,
    /// What of it is paid.
    paid: usize,
    cx: &'c mut Cx<'b>,
}

impl Fuel<'_, '_, '_> {
    fn burn(&mut self, amount: usize) -> Result<(), Stop> {
        /// What is paid at once, and how much of it is a step.
        const PAID: usize = 512;
        const STEP: usize = 8;
        *self.work = self.work.checked_sub(amount).ok_or(Stop::Spent)?;
        if self.paid < amount {
            let more = amount.max(PAID);
            self.cx.budget.step(more.div_ceil(STEP) as u64).map_err(Stop::Limit)?;
            self.paid = self.paid.saturating_add(more);
        }
        self.paid = self.paid.saturating_sub(amount);
        Ok(())
    }
}

/// Why a match ended without an answer.
enum Stop {
    /// The work of the script is spent.
    Spent,
    /// That of the analysis is.
    Limit(LimitHit),
}
