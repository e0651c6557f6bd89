//! What phrases begin with: tells from the next eight bytes of a word whether any phrase may stand
//! there, at a cost that does not grow with the number of phrases.
//!
//! Three bytes tell how many are looked at together: as many as the shortest phrase has that begins
//! with those three. So many bytes are looked up in a table of bits, and the few that are in it in a
//! table of nodes. What gets beyond them begins like a phrase as far as it was looked at.

/// How many bytes are looked at together at most.
const WINDOW: usize = 8;

/// What all phrases begin with.
///
/// A window of text has its first byte lowest, and zeros behind the end of the text.
#[derive(Debug)]
pub(super) struct Openings {
    /// For each hash of three bytes, by how many bits a window is shifted to lose what is not looked at.
    shifts: Vec<u8>,
    /// A bit for each hash of what is left.
    bits: Vec<u64>,
    /// A bit for each two bytes that are a phrase by themselves: one that has too few for a hash.
    pairs: Vec<u64>,
    /// Windows as they were looked at, and their nodes; each at its hash or behind it.
    slots: Vec<Slot>,
    /// A bit for each hash of up to seven bytes behind which a phrase goes on.
    cuts: Vec<u64>,
}

/// A window and the node that its bytes lead to; 0 is none.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    window: u64,
    node: u32,
}

/// The first bytes of phrases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Opening {
    /// The node that they lead to.
    pub(super) node: u32,
    /// How many they are.
    pub(super) len: u32,
}

const SHIFTS_LOG: u32 = 14;
const BITS_LOG: u32 = 17;
const PAIRS_LOG: u32 = 16;

impl Openings {
    /// Tables for these phrases, which have two bytes at least. [`Openings::add`] fills them.
    pub(super) fn of(phrases: &[&[u8]]) -> Openings {
        let mut shifts = vec![0; 1 << SHIFTS_LOG];
        for phrase in phrases {
            if phrase.len() > 2 {
                let place: Option<&mut u8> = shifts.get_mut(three(window(phrase)));
                place.into_iter().for_each(|shift| *shift = shift_to(phrase.len()).max(*shift));
            }
        }
        Openings {
            shifts,
            bits: vec![0; 1 << (BITS_LOG - 6)],
            pairs: vec![0; 1 << (PAIRS_LOG - 6)],
            slots: vec![Slot::default(); phrases.len().saturating_mul(2).next_power_of_two()],
            cuts: vec![0; 1 << (BITS_LOG - 6)],
        }
    }

    /// Adds a phrase whose bytes lead to the nodes of `path`, and of which the phrase that was added
    /// before has the first `shared` bytes too.
    pub(super) fn add(&mut self, phrase: &[u8], shared: usize, path: &[u32]) {
        let whole = window(phrase);
        let (len, window) = if phrase.len() > 2 {
            let shift = self.shift(whole);
            set(&mut self.bits, bit(whole << shift));
            (len_of(shift), whole << shift)
        } else {
            set(&mut self.pairs, pair(whole));
            (2, whole << shift_to(2))
        };
        let node = path.get((len as usize).saturating_sub(1)).copied().unwrap_or(0);
        let mut probes = self.probes(window);
        let free =
            probes.find(|at| self.slots.get(*at).is_some_and(|slot| slot.node == 0 || slot.window == window));
        if let Some(slot) = free.and_then(|at| self.slots.get_mut(at)) {
            *slot = Slot { window, node };
        }
        for len in shared.max(1)..phrase.len().min(WINDOW) {
            let lost = shift_to(len);
            set(&mut self.cuts, bit(whole << lost >> lost));
        }
    }

    /// What phrases begin with that begin like `window`.
    #[inline]
    pub(super) fn find(&self, window: u64) -> Option<Opening> {
        if has(&self.pairs, pair(window)) {
            return self.slot(window, shift_to(2));
        }
        let shift = self.shift(window);
        if has(&self.bits, bit(window << shift)) { self.slot(window, shift) } else { None }
    }

    /// Whether a phrase may go on behind a window, in which the text ends. Few other windows pass.
    #[inline]
    pub(super) fn may_be_cut(&self, window: u64) -> bool {
        window >> 56 == 0 && has(&self.cuts, bit(window))
    }

    #[inline]
    fn shift(&self, window: u64) -> u8 {
        self.shifts.get(three(window)).copied().unwrap_or(0)
    }

    fn slot(&self, window: u64, shift: u8) -> Option<Opening> {
        let window = window << shift;
        let slots = self.probes(window).map_while(|at| self.slots.get(at).filter(|slot| slot.node != 0));
        let slot = { slots }.find(|slot| slot.window == window)?;
        Some(Opening { node: slot.node, len: len_of(shift) })
    }

    /// Where a window may stand in the slots, of which at least half are free.
    fn probes(&self, window: u64) -> impl Iterator<Item = usize> + use<> {
        let last = self.slots.len().saturating_sub(1);
        let first = (spread(window) >> 32) as usize;
        (0..=last).map(move |more| first.wrapping_add(more) & last)
    }
}

/// The first bytes of a phrase as a window of text has them.
fn window(phrase: &[u8]) -> u64 {
    let short = || phrase.iter().rev().fold(0, |window, byte| window << 8 | u64::from(*byte));
    phrase.first_chunk().map_or_else(short, |bytes: &[u8; WINDOW]| u64::from_le_bytes(*bytes))
}

/// By how many bits a window is shifted that keeps `len` bytes.
const fn shift_to(len: usize) -> u8 {
    match len {
        0 | 1 => 56,
        2 => 48,
        3 => 40,
        4 => 32,
        5 => 24,
        6 => 16,
        7 => 8,
        _ => 0,
    }
}

/// How many bytes a shifted window keeps.
fn len_of(shift: u8) -> u32 {
    8_u32.saturating_sub(u32::from(shift / 8))
}

fn spread(window: u64) -> u64 {
    window.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Where three bytes stand in the shifts.
fn three(window: u64) -> usize {
    (spread(window << 40) >> (64 - SHIFTS_LOG)) as usize
}

/// Which bit stands for a window.
fn bit(window: u64) -> usize {
    (spread(window) >> (64 - BITS_LOG)) as usize
}

/// Which bit stands for its first two bytes.
fn pair(window: u64) -> usize {
    (window & 0xFFFF) as usize
}

fn has(bits: &[u64], bit: usize) -> bool {
    bits.get(bit >> 6).is_some_and(|bits| bits >> (bit & 63) & 1 != 0)
}

fn set(bits: &mut [u64], bit: usize) {
    bits.get_mut(bit >> 6).into_iter().for_each(|bits| *bits |= 1 << (bit & 63));
}
