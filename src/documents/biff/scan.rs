//! The first walk: over headers only. It finds the version, the substreams, and what must be known
//! before a body is read.

use std::collections::BTreeSet;

use crate::documents::workbook::BiffVersion;

use super::consts::{self, dt};
use super::records::{Record, Records};

/// Sheets that are read of one workbook; BIFF8 can number no more than 65,535, and Excel makes as
/// many as memory lasts.
pub(super) const MAX_SHEETS: usize = 8192;

/// What the first walk found.
#[derive(Debug)]
pub(super) struct Plan {
    /// What the first BOF states, which holds for all substreams.
    pub(super) version: BiffVersion,
    /// Whether the version field was one of the known values.
    pub(super) is_known_version: bool,
    /// Substreams that are not inside another, in order.
    pub(super) substreams: Vec<Substream>,
    /// Substreams that were left out because there were too many: offset of the first.
    pub(super) left_out: Option<usize>,
    /// Offsets that BOUNDSHEET records of the first substream name, and those behind BUNDLEHEADER.
    pub(super) listed: BTreeSet<u32>,
    /// Identifier of the code page.
    pub(super) code_page: Option<u16>,
    /// Offset of the record that says how the stream is encrypted.
    pub(super) filepass_at: Option<usize>,
    /// Whether there is a macro sheet.
    pub(super) has_macros: bool,
}

/// A substream: BOF to the next one that is not inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Substream {
    /// Offset of its BOF.
    pub(super) at: usize,
    /// Offset of the next BOF, or the end of the stream.
    pub(super) end: usize,
    /// What it is (`BOF.dt`).
    pub(super) dt: u16,
    /// How much room its cells will take.
    pub(super) counts: Counts,
}

/// How many cells a substream has, so that room is made for them once. Only records count that are
/// long enough to be read: the room stays in proportion to the bytes that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    /// Cells with text.
    pub(super) texts: usize,
    /// Cells with a number.
    pub(super) numbers: usize,
    /// Cells with a formula.
    pub(super) formulas: usize,
    /// Bytes of their tokens.
    pub(super) token_bytes: usize,
}

impl Counts {
    #[inline]
    fn count(&mut self, record: &Record<'_>) {
        let len = record.body.len();
        match record.id {
            consts::LABELSST if len >= 10 => self.texts = self.texts.saturating_add(1),
            consts::NUMBER if len >= 14 => self.numbers = self.numbers.saturating_add(1),
            consts::RK if len >= 10 => self.numbers = self.numbers.saturating_add(1),
            consts::MULRK => self.numbers = self.numbers.saturating_add(len.saturating_sub(6) / 6),
            consts::FORMULA if len >= 22 => {
                self.formulas = self.formulas.saturating_add(1);
                self.token_bytes = self.token_bytes.saturating_add(len.saturating_sub(22));
            }
            _ => {}
        }
    }
}

/// `BOF.vers` and `BOF.dt`; zeros where the record ends before.
pub(super) fn bof_fields(bof: &Record<'_>) -> (u16, u16) {
    let word = |at: usize| {
        let bytes = bof.body.get(at..).and_then(|bytes| bytes.first_chunk::<2>());
        bytes.map_or(0, |bytes| u16::from_le_bytes(*bytes))
    };
    (word(0), word(2))
}

/// The version that a BOF states, and whether it is one that Excel writes.
fn version(bof: &Record<'_>) -> (BiffVersion, bool) {
    let (vers, _) = bof_fields(bof);
    match (bof.id, vers >> 8) {
        (0x0009, _) => (BiffVersion::Biff2, true),
        (0x0209, _) => (BiffVersion::Biff3, true),
        (0x0409, _) => (BiffVersion::Biff4, true),
        (_, 6) => (BiffVersion::Biff8, vers == 0x0600),
        (_, 5) => (BiffVersion::Biff5, vers == 0x0500),
        (_, 4) => (BiffVersion::Biff4, false),
        (_, 3) => (BiffVersion::Biff3, false),
        (_, 0 | 2) => (BiffVersion::Biff2, false),
        _ => (BiffVersion::Biff8, false),
    }
}

/// Walks all headers of `stream`; `None` when there is no BOF.
///
/// A BOF inside another substream is part of it when it begins a chart; any other one begins a
/// substream of its own, for an EOF that is missing must not hide the sheet behind it.
pub(super) fn scan(stream: &[u8]) -> Option<Plan> {
    let mut plan = Plan {
        version: BiffVersion::Biff8,
        is_known_version: false,
        substreams: Vec::new(),
        left_out: None,
        listed: BTreeSet::new(),
        code_page: None,
        filepass_at: None,
        has_macros: false,
    };
    let mut depth = 0u32;
    for record in Records::new(stream, 0) {
        match record.id {
            consts::EOF => depth = depth.saturating_sub(1),
            _ if record.is_bof() => depth = plan.bof(&record, depth),
            consts::BUNDLEHEADER if plan.version == BiffVersion::Biff4 => plan.list(record.end()),
            _ if plan.substreams.len() != 1 => {
                if let Some(substream) = plan.substreams.last_mut()
                    && depth <= 1
                {
                    substream.counts.count(&record);
                }
            }
            consts::BOUNDSHEET => plan.bound_sheet(&record),
            // Behind FILEPASS every body but those of BOF and FILEPASS itself is ciphertext.
            consts::CODEPAGE if plan.code_page.is_none() && plan.filepass_at.is_none() => {
                plan.code_page = record.body.first_chunk::<2>().map(|id| u16::from_le_bytes(*id));
            }
            consts::FILEPASS if plan.filepass_at.is_none() => plan.filepass_at = Some(record.at),
            _ => {}
        }
    }
    let last_end = stream.len();
    let ends: Vec<usize> = plan.substreams.iter().skip(1).map(|next| next.at).chain([last_end]).collect();
    for (substream, end) in plan.substreams.iter_mut().zip(ends) {
        substream.end = end;
    }
    (!plan.substreams.is_empty()).then_some(plan)
}

impl Plan {
    /// Takes up a BOF that is met `depth` substreams deep; returns the depth behind it.
    fn bof(&mut self, bof: &Record<'_>, depth: u32) -> u32 {
        let (_, kind) = bof_fields(bof);
        self.has_macros |= kind == dt::MACRO;
        if self.substreams.is_empty() {
            (self.version, self.is_known_version) = version(bof);
        }
        let is_listed = u32::try_from(bof.at).is_ok_and(|at| self.listed.contains(&at));
        let is_inside = depth > 0 && kind == dt::CHART && !is_listed && !self.substreams.is_empty();
        if is_inside {
            return depth.saturating_add(1);
        }
        if self.substreams.len() <= MAX_SHEETS {
            self.substreams.push(Substream { at: bof.at, end: bof.at, dt: kind, counts: Counts::default() });
        } else if self.left_out.is_none() {
            self.left_out = Some(bof.at);
        }
        1
    }

    fn bound_sheet(&mut self, record: &Record<'_>) {
        let head = record.body.first_chunk::<6>();
        if let Some([a, b, c, d, _, kind]) = head
            && self.version >= BiffVersion::Biff5
        {
            self.list(usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).unwrap_or(usize::MAX));
            self.has_macros |= *kind == 1 && self.filepass_at.is_none();
        }
    }

    /// Notes where a listed sheet begins.
    fn list(&mut self, at: usize) {
        if let Ok(at) = u32::try_from(at)
            && self.listed.len() < MAX_SHEETS
        {
            self.listed.insert(at);
        }
    }
}
