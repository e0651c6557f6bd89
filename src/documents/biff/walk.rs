//! The second walk: every substream, record by record, into the model. Leniency lives here: what a
//! record's reader refuses becomes a problem, and the walk goes on.

use crate::base::text::CodePage;
use crate::base::{Cx, LimitHit, Location};
use crate::documents::workbook::{
    BiffVersion, Encryption, EncryptionMethod, Oddity, OddityKind, Sheet, SheetKind, TextId, TokenSpan,
    Workbook,
};

use super::consts::{self, dt};
use super::drawing::Drawing;
use super::error::BiffError;
use super::links::Query;
use super::records::{Body, Record, Records};
use super::scan::{self, Counts, MAX_SHEETS, Plan, Substream};
use super::text::Dialect;

/// Oddities of one kind that are kept.
const ODDITIES_KEPT: usize = 64;

/// Which records a substream may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// Workbook globals.
    Globals,
    /// A sheet with cells, which before BIFF5 has its fonts, formats and names with it.
    Sheet,
    /// A chart, alone or inside a sheet: its numbers are not cells.
    Chart,
}

/// Everything that is at hand while a stream is read.
pub(super) struct Walk<'s, 'm, 'c> {
    pub(super) stream: &'s [u8],
    pub(super) book: &'m mut Workbook,
    pub(super) cx: &'m mut Cx<'c>,
    pub(super) dialect: Dialect,
    /// Whether numbers are kept and not only counted.
    pub(super) keeps_numbers: bool,
    /// The sheet that is being filled.
    pub(super) sheet: Sheet,
    /// Where the sheets listed so far begin, by index.
    pub(super) places: Vec<Option<u32>>,
    /// BIFF4 workbooks: offset of the first BUNDLEHEADER.
    pub(super) bundles_at: Option<u32>,
    /// Whether the stream has no globals: a sheet then has its fonts, formats and names with it.
    pub(super) is_lone_sheet: bool,
    /// The formula whose cached text is still to come.
    pub(super) awaits_text: Option<usize>,
    /// BIFF2: format of cells whose own field is full.
    pub(super) ixfe: u16,
    /// Where the formats of the substream begin: each sheet before BIFF5 has its own.
    pub(super) formats_from: usize,
    /// Where the fonts of the substream begin.
    pub(super) fonts_from: usize,
    /// Drawing objects of the substream.
    pub(super) drawing: Drawing,
    /// The query whose strings are still to come.
    pub(super) query: Query,
    /// Text of one record.
    pub(super) scratch: String,
    /// Bytes of one record.
    pub(super) raw: Vec<u8>,
    /// Bytes of records that may still be read: substreams may overlap, but not without end.
    allowance: usize,
    oddities: Vec<(OddityKind, usize)>,
}

/// Reads all substreams.
pub(super) fn walk(stream: &[u8], book: &mut Workbook, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    cx.budget.touch(stream.len())?;
    let Some(plan) = scan::scan(stream) else {
        cx.abandoned(0..stream.len() as u64, "no BOF record in the workbook stream");
        return Ok(());
    };
    book.version = plan.version;
    // In BIFF8 code page 1200 says that text is UTF-16, which its strings say themselves.
    let page = plan.code_page.filter(|id| *id != 1200).map(CodePage::resolve);
    if let (Some((page, true)), Some(id)) = (page, plan.code_page) {
        cx.recovered(0, &format_args!("code page {id} is read as {}", page.id()));
    }
    book.code_page = page.map(|(page, _)| page);
    let dialect = Dialect { version: plan.version, page: book.code_page.unwrap_or(CodePage::WESTERN) };
    let mut walk = Walk {
        stream,
        book,
        cx,
        dialect,
        keeps_numbers: plan.has_macros,
        sheet: Sheet::default(),
        places: Vec::new(),
        bundles_at: None,
        is_lone_sheet: false,
        awaits_text: None,
        ixfe: 0,
        formats_from: 0,
        fonts_from: 0,
        drawing: Drawing::default(),
        query: Query::default(),
        scratch: String::new(),
        raw: Vec::new(),
        allowance: stream.len().saturating_mul(2),
        oddities: Vec::new(),
    };
    walk.all(&plan)
}

impl<'s> Walk<'s, '_, '_> {
    fn all(&mut self, plan: &Plan) -> Result<(), LimitHit> {
        let Some(first) = plan.substreams.first().copied() else { return Ok(()) };
        if first.at > 0 {
            self.cx.recovered(0, &format_args!("the first BOF record stands at {}", first.at));
        }
        if !plan.is_known_version {
            let version = plan.version;
            self.cx.recovered(first.at as u64, &format_args!("unknown version in BOF, read as {version:?}"));
        }
        if let Some(at) = plan.left_out {
            let range = at as u64..self.stream.len() as u64;
            self.cx.abandoned(range, &format_args!("more than {MAX_SHEETS} substreams"));
        }
        if let Some(at) = plan.filepass_at {
            self.encrypted(at);
            return self.encrypted_sheets(plan, first);
        }
        // What lists sheets is the globals, whatever its BOF says.
        let has_globals = matches!(first.dt, dt::GLOBALS | dt::BUNDLE) || !plan.listed.is_empty();
        self.is_lone_sheet = !has_globals || self.has_own_globals();
        if has_globals {
            self.substream(first.at, first.end, Context::Globals)?;
        }
        self.follow_bundles()?;
        let token_bytes = plan.substreams.iter().map(|substream| substream.counts.token_bytes);
        self.book.tokens.make_room(token_bytes.fold(0, usize::saturating_add));
        self.sheets(plan, has_globals)
    }

    /// Reads the listed sheets in their order, then the substreams that none of them claimed.
    fn sheets(&mut self, plan: &Plan, has_globals: bool) -> Result<(), LimitHit> {
        let substreams = plan.substreams.get(usize::from(has_globals)..).unwrap_or_default();
        let mut claimed = vec![false; substreams.len()];
        let mut missing = Vec::new();
        for index in 0..self.book.sheets.len() {
            let place = self.places.get(index).copied().flatten();
            let offset = place.and_then(|at| usize::try_from(at).ok());
            let found = offset.and_then(|at| substreams.binary_search_by_key(&at, |sub| sub.at).ok());
            let substream = match (found, offset) {
                (Some(position), _) => {
                    if let Some(flag) = claimed.get_mut(position) {
                        *flag = true;
                    }
                    substreams.get(position).copied()
                }
                // A BOF that the walk over headers did not meet: it lies inside another record, or
                // behind a damaged one.
                (None, Some(at)) => self.unwalked(at, plan),
                (None, None) => None,
            };
            match substream {
                Some(substream) => self.listed_sheet(index, substream)?,
                None => {
                    let at = self.book.sheets.get(index).and_then(|sheet| sheet.listed_at).unwrap_or(0);
                    self.odd(OddityKind::MissingSubstream, at);
                    missing.push(at);
                }
            }
        }
        // A sheet with a wrong offset is read below, as one that nothing lists. Where fewer are left
        // than are missing, the cells of a listed sheet were not read at all.
        let left = claimed.iter().filter(|claimed| !**claimed).count();
        for (position, at) in missing.into_iter().enumerate() {
            let message = "the listed sheet has no BOF record at its offset";
            if position < left {
                self.cx.recovered(at, message);
            } else {
                self.cx.abandoned(at..at, message);
            }
        }
        let unlisted = substreams.iter().zip(&claimed).filter(|(_, claimed)| !**claimed);
        for (substream, _) in unlisted {
            if self.book.sheets.len() >= MAX_SHEETS {
                let range = substream.at as u64..self.stream.len() as u64;
                self.cx.abandoned(range, &format_args!("more than {MAX_SHEETS} sheets"));
                break;
            }
            self.unlisted_sheet(*substream, has_globals)?;
        }
        Ok(())
    }

    /// The substream at an offset that only a BOUNDSHEET record knows.
    fn unwalked(&self, at: usize, plan: &Plan) -> Option<Substream> {
        let bof = Records::new(self.stream, at).next().filter(Record::is_bof)?;
        let next = u32::try_from(at.checked_add(1)?).ok()?;
        let end = plan.listed.range(next..).next().and_then(|at| usize::try_from(*at).ok());
        let end = end.unwrap_or(self.stream.len()).min(self.stream.len());
        Some(Substream { at, end, dt: scan::bof_fields(&bof).1, counts: Default::default() })
    }

    fn listed_sheet(&mut self, index: usize, substream: Substream) -> Result<(), LimitHit> {
        let Some(sheet) = self.book.sheets.get_mut(index) else { return Ok(()) };
        sheet.bof_at = Some(substream.at as u64);
        let listed = sheet.kind;
        let stated = kind(substream.dt);
        // Either statement makes a macro sheet: a reader that believes the wrong one sees nothing.
        if stated == SheetKind::Macro || (listed != SheetKind::Macro && stated == SheetKind::Chart) {
            sheet.kind = stated;
        }
        if listed != stated && self.dialect.version >= BiffVersion::Biff5 {
            self.odd(OddityKind::KindMismatch, substream.at as u64);
        }
        self.fill(index, substream)
    }

    fn unlisted_sheet(&mut self, substream: Substream, has_globals: bool) -> Result<(), LimitHit> {
        let index = self.book.sheets.len();
        let at = substream.at as u64;
        let name = if has_globals {
            format!("(unlisted at {at})")
        } else {
            format!("Sheet{}", index.saturating_add(1))
        };
        if has_globals {
            self.odd(OddityKind::OrphanSubstream, at);
        }
        let sheet = Sheet { name, kind: kind(substream.dt), bof_at: Some(at), ..Sheet::default() };
        self.book.sheets.push(sheet);
        self.fill(index, substream)
    }

    /// Reads a substream into the sheet at `index`.
    fn fill(&mut self, index: usize, substream: Substream) -> Result<(), LimitHit> {
        self.sheet = self.book.sheets.get_mut(index).map(std::mem::take).unwrap_or_default();
        self.awaits_text = None;
        self.ixfe = 0;
        self.formats_from = if self.has_own_globals() { self.book.formats.len() } else { 0 };
        self.fonts_from = if self.has_own_globals() { self.book.fonts.len() } else { 0 };
        self.sheet.books_from = 0;
        self.sheet.names_from = if self.has_own_globals() { index_of(self.book.names.len()) } else { 0 };
        self.drawing = Drawing::default();
        self.make_room(substream.counts);
        let context = if self.sheet.kind == SheetKind::Chart { Context::Chart } else { Context::Sheet };
        let result = self.substream(substream.at, substream.end, context);
        self.finish_sheet();
        if let Some(place) = self.book.sheets.get_mut(index) {
            *place = std::mem::take(&mut self.sheet);
        }
        result
    }

    /// Makes room for the cells of a sheet. Without it they would be moved as their lists grow,
    /// and what the heap holds at once would be nearly twice as much.
    fn make_room(&mut self, counts: Counts) {
        let most = usize::try_from(self.cx.budget.limits().cells).unwrap_or(usize::MAX);
        let numbers = if self.keeps_numbers { counts.numbers } else { 0 };
        // No more than the records that may still be read: many sheets can claim one substream.
        let fit = |count: usize, record_len: usize| {
            count.min(most).min(self.allowance.checked_div(record_len).unwrap_or(0))
        };
        let (texts, numbers) = (fit(counts.texts, 14), fit(numbers, 6));
        let formulas = fit(counts.formulas, 26);
        // Where the room cannot be had, the lists grow step by step.
        let _ = self.sheet.texts.try_reserve_exact(texts);
        let _ = self.sheet.numbers.try_reserve_exact(numbers);
        let _ = self.sheet.formulas.try_reserve_exact(formulas);
    }

    /// Whether sheets carry their own fonts, formats and names.
    pub(super) fn has_own_globals(&self) -> bool {
        self.dialect.version < BiffVersion::Biff5
    }

    fn finish_sheet(&mut self) {
        self.sheet.shared.sort_by_key(|shared| (shared.first_row, shared.first_column));
        self.finish_drawing();
    }

    /// Reads the records from the BOF at `start` to its EOF, and those behind it up to `end`.
    fn substream(&mut self, start: usize, end: usize, context: Context) -> Result<(), LimitHit> {
        let mut depth = 0u32;
        let mut has_ended = false;
        let mut behind_end = None;
        let mut records = Records::new(self.stream, start);
        while records.at() < end {
            let Some(record) = records.next() else { break };
            self.cx.budget.step(1)?;
            match self.allowance.checked_sub(record.end().saturating_sub(record.at)) {
                Some(left) => self.allowance = left,
                None => {
                    self.cx.abandoned(record.at as u64..end as u64, "sheets that overlap more than twice");
                    return Ok(());
                }
            }
            if record.is_bof() {
                depth = depth.saturating_add(1);
                continue;
            }
            if record.id == consts::EOF {
                depth = depth.saturating_sub(1);
                has_ended |= depth == 0;
                continue;
            }
            if has_ended && depth == 0 && record.id != consts::BUNDLEHEADER {
                if record.is_cut || is_filler(&record) {
                    self.tail(&record, end);
                    if record.is_cut {
                        break;
                    }
                    continue;
                }
                behind_end.get_or_insert(record.at);
            }
            if record.is_cut {
                self.cut(&record);
            }
            let context = if depth > 1 { Context::Chart } else { context };
            if let Err(error) = self.record(&record, context) {
                self.refused(&record, error)?;
            }
        }
        if let Some(at) = behind_end {
            self.odd(OddityKind::RecordsAfterEnd, at as u64);
        }
        // The EOF of a bundle stands behind its sheets.
        let is_bundle = context == Context::Globals && self.dialect.version == BiffVersion::Biff4;
        if !has_ended && !is_bundle {
            self.cx.recovered(start as u64, "the substream has no EOF record");
        }
        Ok(())
    }

    #[inline]
    fn record(&mut self, record: &Record<'s>, context: Context) -> Result<(), BiffError> {
        match context {
            Context::Sheet => self.cell(record),
            Context::Globals => self.global(record),
            Context::Chart => self.chart_part(record),
        }
    }

    /// What lies behind the EOF and is no record.
    fn tail(&mut self, record: &Record<'_>, end: usize) {
        let is_blank = record.id == 0 && record.body.iter().all(|byte| *byte == 0);
        if !is_blank {
            self.cx.recovered(record.at as u64, &format_args!("bytes up to {end} behind EOF are no records"));
        }
    }

    fn cut(&mut self, record: &Record<'_>) {
        let end = self.stream.len() as u64;
        self.odd(OddityKind::ShortRecord, record.at as u64);
        self.cx.abandoned(
            record.at as u64..end,
            &format_args!("record 0x{:04x} at {}: the stream ends inside it", record.id, record.at),
        );
    }

    /// Decides what becomes of a record that could not be read whole.
    fn refused(&mut self, record: &Record<'_>, error: BiffError) -> Result<(), LimitHit> {
        let at = record.at as u64;
        match error {
            BiffError::Limit(hit) => return Err(hit),
            BiffError::TokensCut { .. } => {
                self.odd(OddityKind::DamagedFormula, at);
                self.cx.recovered(at, &error);
            }
            BiffError::Full { .. } => self.cx.abandoned(at..record.end() as u64, &error),
            BiffError::Short(short) => {
                self.odd(OddityKind::ShortRecord, at);
                let message = format_args!("record 0x{:04x} at {at}: {short}", record.id);
                if holds_content(record.id) {
                    self.cx.abandoned(at..record.end() as u64, &message);
                } else {
                    self.cx.recovered(at, &message);
                }
            }
        }
        Ok(())
    }

    /// Notes an oddity.
    pub(super) fn odd(&mut self, kind: OddityKind, at: u64) {
        let count = match self.oddities.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => {
                *count = count.saturating_add(1);
                *count
            }
            None => {
                self.oddities.push((kind, 1));
                1
            }
        };
        if count <= ODDITIES_KEPT {
            let location = Location::bytes(self.cx.part, at..at);
            self.book.oddities.push(Oddity { location, kind });
        }
    }

    /// The body of a record with its CONTINUE records.
    pub(super) fn body(&self, record: &Record<'s>) -> Body<'s> {
        Body::new(self.stream, record)
    }

    /// Keeps a text in the pool; `None` for an empty one.
    pub(super) fn keep(&mut self, text: &str, at: usize) -> Result<Option<TextId>, BiffError> {
        if text.is_empty() {
            return Ok(None);
        }
        match self.book.texts.push(text) {
            Some(id) => Ok(Some(id)),
            None => Err(BiffError::Full { at: at as u64 }),
        }
    }

    /// Keeps the text that was read last.
    pub(super) fn keep_scratch(&mut self, at: usize) -> Result<Option<TextId>, BiffError> {
        let text = std::mem::take(&mut self.scratch);
        let kept = self.keep(&text, at);
        self.scratch = text;
        self.scratch.clear();
        kept
    }

    /// Takes the place of something of `size` bytes in the model.
    pub(super) fn charge(&mut self, size: usize) -> Result<(), LimitHit> {
        // What is larger than a cell is worked on by more stages as well.
        self.cx.budget.step(size as u64 / 16)?;
        // A list that grows is a quarter larger than what it holds.
        self.cx.budget.hold(size.saturating_add(size / 4))
    }

    /// Keeps `cce` bytes of tokens and all that lies behind them in the record.
    ///
    /// Tokens that pass the end of the record are kept as far as they go, and are an oddity.
    pub(super) fn tokens(
        &mut self,
        body: &mut Body<'s>,
        cce: usize,
        at: usize,
    ) -> Result<TokenSpan, BiffError> {
        let piece = body.piece();
        let mut rest = body.clone();
        let is_whole = piece.len() >= cce && !rest.next_piece();
        let (rgce, rgcb, have) = if is_whole {
            (piece.get(..cce).unwrap_or_default(), piece.get(cce..).unwrap_or_default(), cce)
        } else {
            self.raw.clear();
            body.copy_rest(&mut self.raw);
            let have = cce.min(self.raw.len());
            (self.raw.get(..have).unwrap_or_default(), self.raw.get(have..).unwrap_or_default(), have)
        };
        let span = self.book.tokens.push(rgce, rgcb).ok_or(BiffError::Full { at: at as u64 })?;
        if have < cce {
            self.odd(OddityKind::DamagedFormula, at as u64);
            let error = BiffError::TokensCut { at: at as u64, need: cce as u64, have: have as u64 };
            self.cx.recovered(at as u64, &error);
        }
        Ok(span)
    }

    fn encrypted(&mut self, at: usize) {
        let body = Records::new(self.stream, at).next().map(|record| record.body).unwrap_or_default();
        let word = |at: usize| {
            let bytes = body.get(at..).and_then(|bytes| bytes.first_chunk::<2>());
            bytes.map(|bytes| u16::from_le_bytes(*bytes))
        };
        // Before BIFF8 the body is key and verifier of the XOR method alone.
        let method = match (self.dialect.version, word(0), word(2)) {
            (BiffVersion::Biff2 | BiffVersion::Biff3 | BiffVersion::Biff4 | BiffVersion::Biff5, _, _) => {
                EncryptionMethod::Xor
            }
            (_, Some(0), _) => EncryptionMethod::Xor,
            (_, Some(1), Some(1)) => EncryptionMethod::Rc4,
            (_, Some(1), Some(2..=4)) => EncryptionMethod::Rc4CryptoApi,
            (_, kind, _) => EncryptionMethod::Unknown(kind.unwrap_or(u16::MAX)),
        };
        // Whoever tried passwords on it has told that it stays closed.
        let is_told = self.book.encryption.is_some_and(|known| known.at == at as u64);
        self.book.encryption = Some(Encryption { method, at: at as u64, opened: false });
        if !is_told {
            self.cx.needs_password(at as u64, &format_args!("the workbook stream is encrypted ({method:?})"));
        }
    }

    /// Lists the sheets of an encrypted stream: only offsets and BOF records are in the clear.
    fn encrypted_sheets(&mut self, plan: &Plan, first: Substream) -> Result<(), LimitHit> {
        let listed = Records::new(self.stream, first.at)
            .take_while(|record| record.at < first.end)
            .filter(|record| record.id == consts::BOUNDSHEET && self.dialect.version >= BiffVersion::Biff5);
        for record in listed.take(MAX_SHEETS) {
            let place = record.body.first_chunk::<4>().map(|bytes| u32::from_le_bytes(*bytes));
            let bof = place.and_then(|at| usize::try_from(at).ok()).and_then(|at| self.unwalked(at, plan));
            self.cx.budget.step(1)?;
            self.book.sheets.push(Sheet {
                name: format!("(encrypted {})", self.book.sheets.len().saturating_add(1)),
                kind: bof.map(|bof| kind(bof.dt)).unwrap_or_default(),
                bof_at: bof.map(|bof| bof.at as u64),
                listed_at: Some(record.at as u64),
                ..Sheet::default()
            });
        }
        Ok(())
    }
}

/// The kind of sheet that a BOF states.
fn kind(stated: u16) -> SheetKind {
    match stated {
        dt::WORKSHEET => SheetKind::Worksheet,
        dt::MACRO => SheetKind::Macro,
        dt::CHART => SheetKind::Chart,
        dt::MODULE => SheetKind::Module,
        other => SheetKind::Unknown(other),
    }
}

/// A number as an index of the model.
pub(super) fn index_of(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Zero bytes where a record could be: streams are padded with them.
fn is_filler(record: &Record<'_>) -> bool {
    record.id == 0 && record.body.is_empty()
}

/// Whether a record says something that a person or a macro could read.
fn holds_content(id: u16) -> bool {
    use consts::*;
    matches!(
        id,
        BOUNDSHEET
            | SST
            | EXTERNSHEET
            | SUPBOOK
            | EXTERNNAME
            | EXTERNNAME3
            | LBL
            | LBL3
            | LABEL2
            | FORMULA
            | FORMULA3
            | FORMULA4
            | STRING2
            | STRING
            | LABEL
            | RSTRING
            | LABELSST
            | SHRFMLA
            | ARRAY
            | ARRAY2
            | TXO
            | HLINK
            | DCONN
    )
}
