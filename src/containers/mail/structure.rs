//! The parts of a mail, by line.

use std::ops::Range;

use super::fields::Fields;
use super::header;
use crate::base::{Cx, LimitHit};

/// Most multiparts that are open at once.
pub const MAX_OPEN: usize = 32;

/// Longest header block that is read; the rest of a longer one is passed over.
const MAX_HEADER: usize = 1 << 20;

/// What the texts of an entity take besides its name.
const ENTITY_TEXTS: usize = 64;

/// A mail: its own header fields, and its parts that are no multipart.
#[derive(Debug, Clone, Default)]
pub struct Mail {
    /// Header fields of the mail.
    pub fields: Fields,
    /// Its parts, in order.
    pub entities: Vec<Entity>,
}

/// A part that is no multipart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entity {
    /// Where its header stands.
    pub header: Range<u64>,
    /// Where its body stands, still encoded.
    pub body: Range<u64>,
    /// Type and subtype in lower case: `text/plain`.
    pub media_type: String,
    /// Its character set, as stated.
    pub charset: Option<String>,
    /// The transfer encoding, as stated, in lower case.
    pub encoding: String,
    /// Its file name, decoded.
    pub name: Option<String>,
    /// Whether it calls itself an attachment.
    pub is_attachment: bool,
    /// How many multiparts it lies in.
    pub depth: usize,
}

impl Entity {
    /// Whether a mail program shows it as the text of the mail.
    pub fn is_body(&self) -> bool {
        let is_text = self.media_type == "text/plain" || self.media_type == "text/html";
        is_text && !self.is_attachment && self.name.is_none()
    }
}

/// Where the mails of an mbox lie: behind each line that begins with `From ` after an empty one.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub fn mbox(file: &[u8], cx: &mut Cx<'_>) -> Result<Vec<Range<u64>>, LimitHit> {
    cx.budget.touch(file.len())?;
    let mut found: Vec<Range<u64>> = Vec::new();
    let (mut at, mut after_empty) = (0u64, true);
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        let end = at.saturating_add(line.len() as u64);
        if after_empty && line.starts_with(b"From ") {
            cx.budget.step(1)?;
            if let Some(last) = found.last_mut() {
                last.end = at;
            }
            found.push(end..file.len() as u64);
        }
        after_empty = trimmed(line).is_empty();
        at = end;
    }
    Ok(found)
}

struct Open {
    boundary: Vec<u8>,
    at: u64,
    /// Whether a delimiter of it has come.
    begun: bool,
}

#[derive(PartialEq, Eq)]
enum State {
    Header,
    Body,
    /// Before the first delimiter of a multipart, or behind its last one.
    Between,
}

/// Reads a mail into `into`. Bodies stay where they are: [`super::content`] decodes one.
///
/// Cost: a step for each 64 bytes, and one for each header field.
///
/// # Errors
/// [`LimitHit`] when the budget does not last; `into` keeps what was read.
pub fn read(file: &[u8], into: &mut Mail, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    cx.budget.touch(file.len())?;
    let mut walk =
        Walk { file, into, open: Vec::new(), state: State::Header, start: 0, entity: None, first: true };
    let mut at = 0;
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        walk.line(at, line, cx)?;
        at = at.saturating_add(line.len());
    }
    walk.finish(at, cx)
}

struct Walk<'f, 'm> {
    file: &'f [u8],
    into: &'m mut Mail,
    open: Vec<Open>,
    state: State,
    /// Where the header or body that is being read begins.
    start: usize,
    entity: Option<Entity>,
    /// Whether the header of the mail itself is still to come.
    first: bool,
}

/// A line without its line end.
fn trimmed(line: &[u8]) -> &[u8] {
    line.trim_ascii_end()
}

impl Walk<'_, '_> {
    fn line(&mut self, at: usize, line: &[u8], cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        if line.starts_with(b"--") && !self.open.is_empty() {
            if let Some((level, is_last)) = self.delimiter(trimmed(line)) {
                cx.budget.step(1)?;
                self.close(at, cx)?;
                // Multiparts inside that were never closed end here as well.
                for left in self.open.get(level.saturating_add(1)..).unwrap_or_default() {
                    cx.recovered(left.at, "a multipart inside another is not closed");
                }
                self.open.truncate(level.saturating_add(1));
                if let Some(open) = self.open.last_mut() {
                    open.begun = true;
                }
                if is_last {
                    self.open.truncate(level);
                    self.state = State::Between;
                } else {
                    self.state = State::Header;
                }
                self.start = at.saturating_add(line.len());
                return Ok(());
            }
            let is_likely = self.state == State::Between && self.is_likely_delimiter(at, line);
            if let Some(open) = self.open.last_mut().filter(|open| is_likely && !open.begun) {
                cx.recovered(at as u64, "the boundary of the multipart is another one than stated");
                open.boundary = trimmed(line).get(2..).unwrap_or_default().to_vec();
                open.begun = true;
                self.state = State::Header;
                self.start = at.saturating_add(line.len());
                return Ok(());
            }
        }
        if self.state == State::Header && trimmed(line).is_empty() {
            self.header(at, at.saturating_add(line.len()), cx)?;
        }
        Ok(())
    }

    /// The open multipart that a line delimits, and whether it is its last delimiter. Blanks at its end
    /// do not count.
    fn delimiter(&self, line: &[u8]) -> Option<(usize, bool)> {
        let rest = line.get(2..)?;
        let level = self.open.iter().rposition(|open| !open.boundary.is_empty() && rest == open.boundary);
        if let Some(level) = level {
            return Some((level, false));
        }
        let closed = rest.strip_suffix(b"--")?;
        let level =
            self.open.iter().rposition(|open| !open.boundary.is_empty() && closed == open.boundary)?;
        Some((level, true))
    }

    /// Whether a line before the first delimiter looks like one: a header field of a part follows.
    fn is_likely_delimiter(&self, at: usize, line: &[u8]) -> bool {
        let next = self.file.get(at.saturating_add(line.len())..).unwrap_or_default();
        let next = next.get(..8).unwrap_or_default();
        trimmed(line).len() > 2 && next.eq_ignore_ascii_case(b"content-")
    }

    /// Reads the header block that ends at `end`; the body begins at `body`.
    fn header(&mut self, end: usize, body: usize, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let most = end.min(self.start.saturating_add(MAX_HEADER));
        let block = self.file.get(self.start..most).unwrap_or_default();
        if most < end {
            cx.abandoned(most as u64..end as u64, "the header of a part is too long");
        }
        let fields = header::fields(block, self.start as u64, cx)?;
        let depth = self.open.len();
        let mut entity = fields.entity.clone();
        entity.header = self.start as u64..end as u64;
        entity.depth = depth;
        let boundary = fields.boundary.clone();
        if std::mem::take(&mut self.first) {
            self.into.fields = fields;
        }
        self.start = body;
        if entity.media_type.starts_with("multipart/") {
            if depth < MAX_OPEN {
                if boundary.is_none() {
                    cx.recovered(entity.header.start, "a multipart without a boundary");
                }
                let boundary = boundary.unwrap_or_default().into_bytes();
                self.open.push(Open { boundary, at: entity.header.start, begun: false });
                self.entity = Some(entity);
                self.state = State::Between;
                return Ok(());
            }
            cx.abandoned(entity.header.clone(), "multiparts are nested too deep");
        }
        self.entity = Some(entity);
        self.state = State::Body;
        Ok(())
    }

    /// Ends the part that is being read at the delimiter at `at`.
    fn close(&mut self, at: usize, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        if self.state == State::Header && self.start < at {
            // A header without a blank line behind it, and with nothing else.
            self.header(at, at, cx)?;
        }
        if self.state == State::Body
            && let Some(mut entity) = self.entity.take()
        {
            // The line end before a delimiter is part of it.
            let body = self.file.get(self.start..at).unwrap_or_default();
            let body = body.strip_suffix(b"\n").unwrap_or(body);
            let body = body.strip_suffix(b"\r").unwrap_or(body);
            let start = self.start as u64;
            entity.body = start..start.saturating_add(body.len() as u64);
            self.add(entity, cx)?;
        }
        self.entity = None;
        Ok(())
    }

    fn add(&mut self, entity: Entity, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        // A list that grows takes its place twice, and short texts take more than their letters.
        let texts = entity.name.as_ref().map_or(0, String::len).saturating_add(ENTITY_TEXTS);
        cx.budget.hold(size_of::<Entity>().saturating_mul(2).saturating_add(texts))?;
        self.into.entities.push(entity);
        Ok(())
    }

    fn finish(&mut self, end: usize, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        match self.state {
            State::Between => {
                // A multipart in which no delimiter came: its text is all there is.
                let unbegun = self.open.last().is_some_and(|open| !open.begun);
                if let (true, Some(mut entity)) = (unbegun, self.entity.take()) {
                    cx.recovered(self.start as u64, "no boundary of the multipart comes");
                    entity.media_type = "text/plain".to_owned();
                    entity.body = self.start as u64..end as u64;
                    self.add(entity, cx)?;
                }
            }
            State::Header | State::Body => {
                if self.open.iter().any(|open| open.begun) {
                    cx.recovered(end as u64, "the multipart is not closed");
                }
                if self.state == State::Header && (self.first || self.start < end) {
                    self.header(end, end, cx)?;
                }
                if let (State::Body, Some(mut entity)) = (&self.state, self.entity.take()) {
                    entity.body = self.start as u64..end as u64;
                    self.add(entity, cx)?;
                }
            }
        }
        Ok(())
    }
}
