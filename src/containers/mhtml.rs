//! Web archives (MHT): the parts of a MIME message, as leniently as Word and Internet Explorer take them.
//!
//! Layout: [RFC 2557] over [RFC 2045]. Word finds the header behind junk and does not insist on the boundary
//! that the header states. Here a part begins at every line that starts with `--` and has header fields behind
//! it, whatever the boundary should be; nesting is thereby flat. What stands before the first part is the
//! message itself, and its body is a part where there is no other.

use std::ops::Range;

use crate::base::{Cx, LimitHit, base64};

/// A part of a web archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivePart {
    /// `Content-Location` or the file name; empty when neither is stated.
    pub name: String,
    /// `Content-Type` in lower case, without its parameters.
    pub content_type: String,
    /// How the body is written.
    pub encoding: Transfer,
    /// Where the header begins.
    pub header_at: usize,
    /// Where the body stands.
    pub body: Range<usize>,
}

/// How a body is written ([RFC 2045] 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transfer {
    /// As it is.
    Plain,
    /// Base64.
    Base64,
    /// Quoted-printable.
    QuotedPrintable,
}

/// Most parts that are kept; more are told.
const PARTS: usize = 8192;
/// Longest header of one part.
const HEADER: usize = 16 << 10;
/// Longest line of a header that is looked at.
const FIELD: usize = 4096;

/// Reads the list of parts.
///
/// # Errors
/// [`LimitHit`] when the steps or memory do not last; `into` keeps what was read.
pub fn read(bytes: &[u8], into: &mut Vec<ArchivePart>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    cx.budget.touch(bytes.len())?;
    let mut at = message_at(bytes);
    if at > 0 {
        cx.recovered(0, "other bytes stand before the header of the web archive");
    }
    let mut part = Some(header(bytes, at, cx)?);
    if let Some(part) = &part {
        at = part.body.start;
    }
    let mut boundaries = 0_usize;
    while at < bytes.len() {
        let line_end = line_end(bytes, at);
        let line = bytes.get(at..line_end).unwrap_or_default();
        let next = line_end.saturating_add(1);
        if line.starts_with(b"--") {
            cx.budget.step(1)?;
            let begins = begins_header(bytes, next);
            let ends = !begins && line.trim_ascii_end().ends_with(b"--") && line.trim_ascii_end().len() > 4;
            if begins || ends {
                if let Some(mut before) = part.take() {
                    before.body.end = at;
                    // The body of the message is the text for programs without MIME.
                    keep(before, boundaries > 0, into, cx)?;
                }
                boundaries = boundaries.saturating_add(1);
            }
            if begins {
                let next = header(bytes, next, cx)?;
                at = next.body.start;
                part = Some(next);
                continue;
            }
        }
        at = next;
    }
    if let Some(mut last) = part {
        last.body.end = bytes.len();
        keep(last, true, into, cx)?;
    }
    if boundaries == 0 {
        cx.recovered(0, "no boundary between parts is found");
    }
    Ok(())
}

fn keep(
    part: ArchivePart,
    wanted: bool,
    into: &mut Vec<ArchivePart>,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let is_list = part.content_type.starts_with("multipart/") && !into.is_empty();
    if !wanted || is_list || part.body.is_empty() {
        return Ok(());
    }
    if into.len() >= PARTS {
        let range = part.body.start as u64..part.body.end as u64;
        cx.abandoned(range, &format_args!("more than {PARTS} parts"));
        return Ok(());
    }
    cx.budget.hold(size_of::<ArchivePart>().saturating_add(part.name.len()).saturating_add(64))?;
    into.push(part);
    Ok(())
}

/// Where the first header field stands: `MIME-Version` in any letter case, or the start.
fn message_at(bytes: &[u8]) -> usize {
    const MARK: &[u8] = b"mime-version:";
    let head = bytes.get(..bytes.len().min(64 << 10)).unwrap_or_default();
    let found = head.windows(MARK.len()).position(|window| window.eq_ignore_ascii_case(MARK));
    let Some(found) = found else { return 0 };
    // Fields before it belong to the header too.
    let mut start = found;
    loop {
        let before = head.get(..start.saturating_sub(1)).unwrap_or_default();
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at.saturating_add(1));
        let line = head.get(line_start..start.saturating_sub(1)).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if start == 0 || field_name(line).is_none() {
            return start;
        }
        start = line_start;
    }
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |len| at.saturating_add(len))
}

/// The name of a header field, when the line is one.
fn field_name(line: &[u8]) -> Option<&[u8]> {
    let colon = line.iter().take(128).position(|byte| *byte == b':')?;
    let name = line.get(..colon)?.trim_ascii();
    let is_name = !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    is_name.then_some(name)
}

/// Whether a `Content-` field stands in the first lines from `at`.
fn begins_header(bytes: &[u8], at: usize) -> bool {
    let mut at = at;
    for _ in 0..6 {
        let end = line_end(bytes, at).min(at.saturating_add(FIELD));
        let line = bytes.get(at..end).unwrap_or_default();
        let name = field_name(line).unwrap_or_default();
        if name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"content-")) {
            return true;
        }
        if !line.trim_ascii().is_empty() && name.is_empty() {
            return false;
        }
        at = line_end(bytes, at).saturating_add(1);
    }
    false
}

/// Reads a header from `at`; the body begins behind its empty line.
fn header(bytes: &[u8], at: usize, cx: &mut Cx<'_>) -> Result<ArchivePart, LimitHit> {
    let mut part = ArchivePart {
        name: String::new(),
        content_type: String::new(),
        encoding: Transfer::Plain,
        header_at: at,
        body: at..at,
    };
    let mut next = at;
    let mut field: Vec<u8> = Vec::new();
    let mut seen_field = false;
    loop {
        let end = line_end(bytes, next);
        let line = bytes.get(next..end.min(next.saturating_add(FIELD))).unwrap_or_default();
        let is_end = next >= bytes.len() || end.saturating_sub(at) > HEADER;
        let blank = line.trim_ascii().is_empty();
        // Blank lines before the first field are gone over.
        let closes = is_end || (blank && seen_field);
        cx.budget.step(1)?;
        if !closes && matches!(line.first(), Some(b' ' | b'\t')) && !blank {
            if field.len() < FIELD {
                field.push(b' ');
                field.extend_from_slice(line.trim_ascii());
            }
        } else {
            apply(&field, &mut part);
            field.clear();
            if closes {
                part.body = next.max(end.saturating_add(1)).min(bytes.len())..bytes.len();
                if is_end {
                    part.body.start = next.min(bytes.len());
                }
                return Ok(part);
            }
            if !blank && field_name(line).is_none() && seen_field {
                // No empty line: the body begins here.
                part.body = next..bytes.len();
                return Ok(part);
            }
            seen_field |= !blank;
            field.extend_from_slice(line.trim_ascii_end());
        }
        next = end.saturating_add(1);
    }
}

fn apply(field: &[u8], part: &mut ArchivePart) {
    let text = String::from_utf8_lossy(field);
    let Some((name, value)) = text.split_once(':') else { return };
    let value = value.trim();
    let lower = value.to_ascii_lowercase();
    match name.trim().to_ascii_lowercase().as_str() {
        "content-location" => part.name = unfolded(value),
        "content-type" => {
            part.content_type = lower.split(';').next().unwrap_or_default().trim().to_owned();
            if part.name.is_empty() {
                part.name = parameter(value, &lower, "name=").unwrap_or_default();
            }
        }
        "content-disposition" if part.name.is_empty() => {
            part.name = parameter(value, &lower, "filename=").unwrap_or_default();
        }
        "content-id" if part.name.is_empty() => part.name = value.trim_matches(['<', '>']).to_owned(),
        "content-transfer-encoding" => {
            part.encoding = if lower.contains("base64") {
                Transfer::Base64
            } else if lower.contains("quoted-printable") {
                Transfer::QuotedPrintable
            } else {
                Transfer::Plain
            };
        }
        _ => {}
    }
}

fn unfolded(value: &str) -> String {
    value.split_whitespace().collect()
}

/// The value of a parameter, without its quotes.
fn parameter(value: &str, lower: &str, name: &str) -> Option<String> {
    let at = lower.find(name)?.checked_add(name.len())?;
    let rest = value.get(at..)?.trim_start();
    let text = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => rest.split(';').next()?,
    };
    Some(text.trim().to_owned())
}

impl ArchivePart {
    /// The bytes of a body that is not written as it is; `None` for one that is.
    ///
    /// # Errors
    /// [`LimitHit`] when the steps or memory do not last.
    pub fn decoded(&self, bytes: &[u8], cx: &mut Cx<'_>) -> Result<Option<Vec<u8>>, LimitHit> {
        let body = bytes.get(self.body.clone()).unwrap_or_default();
        if self.encoding == Transfer::Plain {
            return Ok(None);
        }
        cx.budget.touch(body.len())?;
        cx.budget.own(body.len() as u64)?;
        let mut out = Vec::new();
        let most = if self.encoding == Transfer::Base64 { body.len() / 4 * 3 + 3 } else { body.len() };
        // The letters are there.
        let _ = out.try_reserve_exact(most);
        match self.encoding {
            Transfer::Base64 => base64::decode_into(body, &mut out),
            _ => quoted_printable(body, &mut out),
        }
        Ok(Some(out))
    }
}

/// [RFC 2045] 6.7. What is no escape stays as it is.
fn quoted_printable(body: &[u8], into: &mut Vec<u8>) {
    let hex = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let mut rest = body;
    loop {
        let taken = match rest {
            [] => return,
            [b'=', b'\r', b'\n', ..] => 3,
            [b'=', b'\n', ..] => 2,
            [b'=', high, low, ..] => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    into.push((high << 4) | low);
                    3
                }
                _ => {
                    into.push(b'=');
                    1
                }
            },
            [byte, ..] => {
                into.push(*byte);
                1
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn parts(bytes: &[u8]) -> (Vec<(String, String, Vec<u8>)>, usize) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::TextFormat, budget: &mut budget, problems: &mut problems };
        let mut found = Vec::new();
        read(bytes, &mut found, &mut cx).unwrap();
        let shown = found.iter().map(|part| {
            let plain = bytes[part.body.clone()].to_vec();
            let body = part.decoded(bytes, &mut cx).unwrap().unwrap_or(plain);
            (part.name.clone(), part.content_type.clone(), body)
        });
        (shown.collect(), problems.list().len())
    }

    fn part(name: &str, content_type: &str, body: &[u8]) -> (String, String, Vec<u8>) {
        (name.to_owned(), content_type.to_owned(), body.to_vec())
    }

    #[test]
    fn parts_are_found_by_their_headers() {
        let text = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=\"x\"\r\n\r\nfor old programs\r\n\
            --x\r\nContent-Location: file:///C:/a.htm\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Type: text/html;\r\n\
            \tcharset=\"us-ascii\"\r\n\r\n<p>=41=\r\nB</p>\r\n--x\r\ncontent-type: application/x-mso;\r\n name=\"e.mso\"\r\n\
            CONTENT-TRANSFER-ENCODING: BASE64\r\n\r\nZm9v\r\nYmFy\r\n\r\n--x--\r\n";
        let (found, problems) = parts(text);
        assert_eq!(
            found,
            [
                part("file:///C:/a.htm", "text/html", b"<p>AB</p>\r\n"),
                part("e.mso", "application/x-mso", b"foobar")
            ]
        );
        assert_eq!(problems, 0);
    }

    #[test]
    fn junk_wrong_boundaries_and_missing_ends_are_tolerated() {
        let text = b"\x00\x01junk\nMime-Version: 1.0\nContent-Type: multipart/related; boundary=other\n\n\
            --what\nContent-Type: text/plain\n\none\n--ever\n\nContent-Type: text/plain\n\ntwo";
        let (found, problems) = parts(text);
        assert_eq!(found, [part("", "text/plain", b"one\n"), part("", "text/plain", b"two")]);
        assert_eq!(problems, 1);
    }

    #[test]
    fn a_message_without_parts_is_one_part() {
        let (found, problems) =
            parts(b"MIME-Version: 1.0\nContent-Location: a\nContent-Type: text/html\n\n<html>x</html>");
        assert_eq!(found, [part("a", "text/html", b"<html>x</html>")]);
        assert_eq!(problems, 1);
        assert!(parts(b"").0.is_empty());
    }
}
