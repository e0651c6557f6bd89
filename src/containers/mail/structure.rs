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
    /// Text before the first delimiter of a multipart and behind its last one, which no standard shows.
    pub between: Vec<Range<u64>>,
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

/// Whether a text begins with a header field of a part ([RFC 2045] 3).
pub fn is_part_field(text: &[u8]) -> bool {
    const LONGEST: usize = 64;
    const START: &[u8] = b"content-";
    let head = text.get(..LONGEST.min(text.len())).unwrap_or_default();
    let starts = head.get(..START.len()).is_some_and(|start| start.eq_ignore_ascii_case(START));
    let name = head.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
    starts && head.get(name..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"))
}

/// A line without its line end.
fn trimmed(line: &[u8]) -> &[u8] {
    line.trim_ascii_end()
}

impl Walk<'_, '_> {
    fn line(&mut self, at: usize, line: &[u8], cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        if line.starts_with(b"--")
            && let Some((level, is_last)) = self.delimiter(trimmed(line))
        {
            cx.budget.step(1)?;
            self.close(at, level.saturating_add(1), cx)?;
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
        let end = at.saturating_add(line.len());
        if line.starts_with(b"--") && self.is_likely_delimiter(at, end) {
            cx.budget.step(1)?;
            self.close(at, self.open.len(), cx)?;
            let boundary = trimmed(line).get(2..).unwrap_or_default();
            match self.open.last_mut() {
                Some(open) if !open.begun => {
                    cx.recovered(at as u64, "the boundary of the multipart is another one than stated");
                    (open.boundary, open.begun) = (boundary.to_vec(), true);
                }
                Some(open) if open.boundary == boundary => {}
                _ => {
                    cx.recovered(at as u64, "a part stands where the multipart has none");
                    self.open.push(Open { boundary: boundary.to_vec(), at: at as u64, begun: true });
                }
            }
            self.state = State::Header;
            self.start = end;
            return Ok(());
        }
        if self.state == State::Header && trimmed(line).is_empty() {
            if self.first && self.start == at {
                cx.recovered(at as u64, "blank lines stand before the header");
                self.start = end;
            } else {
                self.header(at, end, cx)?;
            }
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

    /// Whether a line that is no delimiter by the standard is one for some mail program: a header field of a
    /// part follows, and such a line stands neither in a text nor in Base64. Mail programs differ on tails and on
    /// what stands outside of the delimiters; what any of them opens is read.
    fn is_likely_delimiter(&self, at: usize, end: usize) -> bool {
        let may_stand = match self.state {
            State::Between => true,
            State::Header => self.first && self.start == at,
            // A mail that is no multipart may quote one.
            State::Body if self.open.is_empty() => false,
            State::Body => {
                self.entity.as_ref().is_some_and(|entity| entity.is_body() || entity.encoding == "base64")
            }
        };
        let next = self.file.get(end..).unwrap_or_default();
        may_stand && self.open.len() < MAX_OPEN && is_part_field(next)
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

    /// Ends the part that is being read at the delimiter at `at`, behind which `left` multiparts are open.
    fn close(&mut self, at: usize, left: usize, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
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
        if self.state == State::Between {
            self.between(at, left, cx)?;
        }
        self.entity = None;
        Ok(())
    }

    /// Ends what stands before the first delimiter of a multipart or behind its last one.
    fn between(&mut self, at: usize, left: usize, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        let range = self.start as u64..at as u64;
        let unbegun = self.open.len() > left && self.open.last().is_some_and(|open| !open.begun);
        if let (true, Some(mut entity)) = (unbegun, self.entity.take()) {
            // A multipart in which no delimiter came: its text is all there is. No standard has it encoded as a
            // whole, and some programs decode it all the same.
            cx.recovered(range.start, "no boundary of the multipart comes");
            let is_plain = super::is_plain(&entity.encoding);
            entity.media_type = if is_plain { "text/plain" } else { "message/rfc822" }.to_owned();
            entity.body = range;
            return self.add(entity, cx);
        }
        let text = self.file.get(self.start..at).unwrap_or_default();
        if !text.trim_ascii().is_empty() {
            cx.budget.hold(size_of::<Range<u64>>().saturating_mul(2))?;
            self.into.between.push(range);
        }
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
            State::Between => self.between(end, 0, cx)?,
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
