//! What a sheet shows beside its cells and where it leads: headers, comments, validation, links,
//! data connections, protection.

use crate::base::text::utf16le;
use crate::base::{Reader, Short};
use crate::documents::hyperlink::HyperlinkObject;
use crate::documents::workbook::{Connection, Hyperlink, Prompt, TextId, reserve_a_quarter_more};

use super::consts;
use super::error::BiffError;
use super::records::Record;
use super::walk::Walk;

/// Where a hyperlink leads and what it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) target: TextId,
    pub(super) shown: Option<TextId>,
}

/// The strings of a query, which come in pieces behind it.
#[derive(Debug, Default)]
pub(super) struct Query {
    at: u64,
    /// How many pieces each of its strings still has, in order.
    pieces: [u16; 4],
    text: String,
}

/// Shortest run of characters in a record of unknown layout that is taken for a text.
const MIN_RUN: usize = 6;

impl<'s> Walk<'s, '_, '_> {
    /// Reads a record of a sheet that is no cell.
    pub(super) fn sheet_part(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        match record.id {
            consts::OBJ => self.object(record),
            consts::TXO => self.text_object(record),
            consts::MSODRAWING => self.ms_drawing(record),
            consts::NOTE => self.note(record),
            consts::HEADER | consts::FOOTER => self.header(record),
            consts::HEADERFOOTER => self.further_headers(record),
            consts::HLINK => self.hyperlink(record),
            consts::HLINKTOOLTIP => self.tooltip(record),
            consts::DV => self.validation(record),
            consts::PROTECT => {
                self.sheet.protection.on = self.body(record).u16()? != 0;
                Ok(())
            }
            consts::PASSWORD => {
                self.sheet.protection.verifier = self.body(record).u16()?;
                Ok(())
            }
            consts::EXTERNSHEET | consts::EXTERNNAME if !self.dialect.is_unicode() => {
                self.shared_part(record)
            }
            consts::DCONN
            | consts::EXTSTRING
            | consts::DBORPARAMQRY
            | consts::SXSTRING
            | consts::DBQUERYEXT
            | consts::OLEDBCONN
            | consts::TXTQRY
            | consts::QSI
            | consts::QSISXTAG
            | consts::DCONREF
            | consts::WEBPUB => self.connection(record),
            _ if self.is_lone_sheet => self.shared_part(record),
            _ => Ok(()),
        }
    }

    fn header(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        if body.is_at_end() {
            return Ok(());
        }
        let mut text = String::new();
        let read = if self.dialect.is_unicode() {
            self.dialect.long_text(&mut body, &mut text)
        } else {
            self.dialect.short_text(&mut body, &mut text)
        };
        self.push_header(&text, record.at)?;
        Ok(read?)
    }

    /// Reads `HeaderFooter` ([MS-XLS] 2.4.137): headers of even and first pages.
    fn further_headers(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        body.skip(30)?;
        let counts = [body.u16()?, body.u16()?, body.u16()?, body.u16()?];
        for _ in counts.iter().filter(|count| **count > 0) {
            let mut text = String::new();
            self.dialect.long_text(&mut body, &mut text)?;
            self.push_header(&text, record.at)?;
        }
        Ok(())
    }

    fn push_header(&mut self, text: &str, at: usize) -> Result<(), BiffError> {
        self.cx.budget.touch(text.len())?;
        if let Some(id) = self.keep(text, at)? {
            self.charge(size_of::<TextId>())?;
            reserve_a_quarter_more(&mut self.sheet.headers);
            self.sheet.headers.push(id);
        }
        Ok(())
    }

    /// Reads `HLink` ([MS-XLS] 2.4.140): cells, a class identifier, a hyperlink object.
    fn hyperlink(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        let row = u32::from(body.u16()?);
        body.u16()?;
        let column = body.u16()?;
        body.skip(18)?;
        self.raw.clear();
        let at = body.at() as u64;
        body.copy_rest(&mut self.raw);
        let raw = std::mem::take(&mut self.raw);
        let link = self.hyperlink_object(&mut Reader::at_offset(&raw, at), record.at);
        self.raw = raw;
        match link? {
            Some(Link { target, shown }) => {
                self.charge(size_of::<Hyperlink>())?;
                reserve_a_quarter_more(&mut self.sheet.hyperlinks);
                self.sheet.hyperlinks.push(Hyperlink { row, column, target, shown });
            }
            None => self.cx.recovered(record.at as u64, "hyperlink without a target"),
        }
        Ok(())
    }

    /// Reads a hyperlink object ([MS-OSHARED] 2.3.7.1); `None` when it leads nowhere.
    pub(super) fn hyperlink_object(
        &mut self,
        object: &mut Reader<'_>,
        at: usize,
    ) -> Result<Option<Link>, BiffError> {
        self.cx.budget.touch(object.remaining())?;
        let mut parts = HyperlinkObject::default();
        // A damaged object still has the parts before the damage.
        if parts.read(object).is_err() {
            self.cx.recovered(object.at(), "hyperlink is cut");
        }
        let mut target = parts.target;
        if !parts.location.is_empty() {
            target.push('#');
            target.push_str(&parts.location);
        }
        let shown = self.keep(&parts.shown, at)?;
        Ok(self.keep(&target, at)?.map(|target| Link { target, shown }))
    }

    /// Reads `HLinkTooltip` ([MS-XLS] 2.4.141): shown when the pointer rests on the link before it.
    fn tooltip(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        body.skip(10)?;
        self.raw.clear();
        body.copy_rest(&mut self.raw);
        let text = utf16le(&self.raw);
        let kept = self.keep(text.trim_end_matches('\0'), record.at)?;
        if let Some(link) = self.sheet.hyperlinks.last_mut()
            && link.shown.is_none()
        {
            link.shown = kept;
        }
        Ok(())
    }

    /// Reads `Dv` ([MS-XLS] 2.4.94): flags, four texts, two formulas, ranges.
    fn validation(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        body.u32()?;
        let mut texts = [None; 4];
        for text in &mut texts {
            self.scratch.clear();
            let mut read = std::mem::take(&mut self.scratch);
            let result = self.dialect.long_text(&mut body, &mut read);
            self.scratch = read;
            // An empty text is stored as one NUL.
            if self.scratch == "\0" {
                self.scratch.clear();
            }
            *text = self.keep_scratch(record.at)?;
            result?;
        }
        if texts.iter().all(Option::is_none) {
            return Ok(());
        }
        let [title, error_title, prompt, error] = texts;
        let mut first = [0; 2];
        if let Ok(cells) = first_cell(&mut body) {
            first = cells;
        }
        let [row, column] = first;
        self.charge(size_of::<Prompt>())?;
        reserve_a_quarter_more(&mut self.sheet.prompts);
        let texts = [title, prompt, error_title, error];
        self.sheet.prompts.push(Prompt { row: u32::from(row), column, texts });
        Ok(())
    }

    /// Reads a record of a data connection. Queries name how many strings follow; the layouts with
    /// many variable parts (DCONN, web and text queries) are searched for runs of characters.
    pub(super) fn connection(&mut self, record: &Record<'s>) -> Result<(), BiffError> {
        let mut body = self.body(record);
        match record.id {
            consts::DBORPARAMQRY => {
                body.skip(4)?;
                // cstQuery, cstWebPost, cstSQLSav, cstOdbcConn; in the file the connection comes
                // second. A parameter has the same identifier and is shorter.
                if body.piece().len() >= 8 {
                    let [query, web_post, sql_sav, odbc] =
                        [body.u16()?, body.u16()?, body.u16()?, body.u16()?];
                    self.end_query(record.at)?;
                    self.query.pieces = [query, odbc, web_post, sql_sav];
                }
                Ok(())
            }
            consts::OLEDBCONN => {
                body.skip(6)?;
                self.end_query(record.at)?;
                self.query.pieces = [body.u16()?, 0, 0, 0];
                Ok(())
            }
            consts::SXSTRING | consts::EXTSTRING => {
                if record.id == consts::EXTSTRING {
                    body.skip(4)?;
                }
                let mut text = std::mem::take(&mut self.query.text);
                let is_first = text.is_empty();
                let read = self.dialect.long_text(&mut body, &mut text);
                self.query.text = text;
                if is_first {
                    self.query.at = record.at as u64;
                }
                self.cx.budget.touch(record.body.len())?;
                match self.query.pieces.iter_mut().find(|count| **count > 0) {
                    Some(count) => {
                        *count = count.saturating_sub(1);
                        if *count == 0 {
                            self.end_string(record.at)?;
                        }
                    }
                    None => self.end_string(record.at)?,
                }
                Ok(read?)
            }
            _ => {
                self.raw.clear();
                body.copy_rest(&mut self.raw);
                self.cx.budget.touch(self.raw.len())?;
                let raw = std::mem::take(&mut self.raw);
                let kept = self.keep_runs(&raw, record.at);
                self.raw = raw;
                kept
            }
        }
    }

    fn end_string(&mut self, at: usize) -> Result<(), BiffError> {
        let text = std::mem::take(&mut self.query.text);
        let origin = self.query.at;
        self.push_connection(&text, origin, at)
    }

    fn end_query(&mut self, at: usize) -> Result<(), BiffError> {
        self.query.pieces = [0; 4];
        self.end_string(at)
    }

    fn push_connection(&mut self, text: &str, origin: u64, at: usize) -> Result<(), BiffError> {
        if let Some(text) = self.keep(text, at)? {
            self.charge(size_of::<Connection>())?;
            reserve_a_quarter_more(&mut self.book.connections);
            self.book.connections.push(Connection { at: origin, text, on_open: false });
        }
        Ok(())
    }

    /// Keeps runs of printable characters, 16 or 8 bits wide.
    fn keep_runs(&mut self, bytes: &[u8], at: usize) -> Result<(), BiffError> {
        let mut rest = bytes;
        let mut run = String::new();
        while !rest.is_empty() {
            run.clear();
            let (text, width) = match rest {
                [low, 0, ..] if is_printable(*low) => (wide_run(rest), 2),
                _ => (narrow_run(rest), 1),
            };
            let len = text.saturating_mul(width).max(1);
            if text >= MIN_RUN {
                let taken = rest.get(..len).unwrap_or_default();
                run.extend(taken.iter().step_by(width).map(|byte| char::from(*byte)));
                self.push_connection(&run, at as u64, at)?;
            }
            rest = rest.get(len..).unwrap_or_default();
        }
        Ok(())
    }
}

fn is_printable(byte: u8) -> bool {
    (0x20..0x7F).contains(&byte)
}

/// How many printable characters of 8 bits come next.
fn narrow_run(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| is_printable(**byte)).count()
}

/// How many printable characters of 16 bits come next.
fn wide_run(bytes: &[u8]) -> usize {
    bytes.chunks_exact(2).take_while(|pair| matches!(pair, [low, 0] if is_printable(*low))).count()
}

/// The first cell of a validation: behind two formulas and a count of ranges.
fn first_cell(body: &mut super::records::Body<'_>) -> Result<[u16; 2], Short> {
    for _ in 0..2 {
        let cce = usize::from(body.u16()?);
        body.u16()?;
        body.skip(cce)?;
    }
    body.u16()?;
    let row = body.u16()?;
    body.u16()?;
    Ok([row, body.u16()?])
}
