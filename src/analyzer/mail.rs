//! Mails: who sent them, what they say, what is attached, and which passwords they name.

use std::borrow::Cow;

use super::run::{Opened, Run, Source};
use crate::base::{Bytes, Cx, Feature, LimitHit, Location, PartId, Stage};
use crate::containers::mail::{self, Entity, Mail, calendar, pasted, uuencode};
use crate::containers::part::PartKind;
use crate::containers::sniff::{FileKind, sniff};
use crate::crypto::PasswordSource;
use crate::documents::document::{Document, DocumentKind, DocumentText, TextPlace};
use crate::documents::link::{Link, LinkKind};
use crate::documents::message::{Attachment, Message, Smuggled, Subject};
use crate::documents::page;
use crate::documents::passwords::Candidates;
use crate::documents::plain_text;

/// Passwords of mails that are tried, over all mails of an input.
const PASSWORDS: usize = 256;

/// What an attachment takes as a part, as one that waits, and as a fact of the mail.
const PART_BYTES: usize = 512;

/// A mail that is being read.
pub(super) struct Reading {
    pub(super) message: Message,
    pub(super) document: Document,
    pub(super) candidates: Candidates,
}

impl Reading {
    pub(super) fn of(part: PartId) -> Self {
        Reading {
            message: Message { part, ..Message::default() },
            document: Document { part, kind: DocumentKind::Mail, ..Document::default() },
            candidates: Candidates::default(),
        }
    }
}

impl<'i> Run<'i, '_> {
    /// A mail as text.
    pub(super) fn mail(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let mut read = Mail::default();
        let result = mail::read(next.bytes.as_slice(), &mut read, &mut self.cx(next.part, Stage::Mail));
        let mut reading = Reading::of(next.part);
        let result = result.and_then(|()| self.entities(next, read, &mut reading));
        self.finish_mail(reading);
        result
    }

    /// Tells of a mail that this build does not read.
    pub(super) fn no_mail(&mut self, part: PartId, what: &str) {
        let message = format!("{what} is recognised, but not read; {}", Feature::Mail);
        self.cx(part, Stage::Mail).unsupported(0, &message);
    }

    /// Mails one behind the other: each a part.
    pub(super) fn mbox(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let places = mail::mbox(next.bytes.as_slice(), &mut self.cx(next.part, Stage::Mail))?;
        let mut waiting = Vec::new();
        for (index, at) in places.into_iter().enumerate() {
            let start = usize::try_from(at.start).unwrap_or(usize::MAX);
            let end = usize::try_from(at.end).unwrap_or(usize::MAX);
            let Some(bytes) = next.bytes.slice(start..end) else { continue };
            let (name, kind) =
                (format!("mail{}.eml", index.saturating_add(1)), PartKind::File(FileKind::Eml));
            let len = at.end.saturating_sub(at.start);
            let part = self.add_part(next.part, name, kind, len, [(at.start, len)])?;
            waiting.push((part, bytes));
        }
        // The last one in is read first.
        for (part, bytes) in waiting.into_iter().rev() {
            self.queue(part, Source::Ready(bytes), next.depth);
        }
        Ok(())
    }

    /// Keeps what was read of a mail, and its candidates for passwords.
    pub(super) fn finish_mail(&mut self, reading: Reading) {
        let room = PASSWORDS.saturating_sub(self.harvested);
        let found: Vec<_> = reading.candidates.into_list().into_iter().take(room).collect();
        self.harvested = self.harvested.saturating_add(found.len());
        self.passwords.extend(found);
        self.models.messages.push(reading.message);
        self.models.documents.push(reading.document);
    }

    fn entities(&mut self, next: &Opened<'i>, read: Mail, reading: &mut Reading) -> Result<(), LimitHit> {
        let part = next.part;
        let fields = read.fields;
        if let Some(subject) = fields.subject {
            let location = Location::bytes(part, fields.subject_at.0..fields.subject_at.1);
            self.subject(subject, location, reading)?;
        }
        let message = &mut reading.message;
        message.date = fields.date;
        message.from = fields.from;
        message.reply_to = fields.reply_to;
        message.recipients = fields.recipients;
        message.return_path = fields.return_path;
        message.has_thread = fields.has_thread;
        message.authentication = fields.authentication;
        for range in read.between {
            self.between(next, range, reading)?;
        }
        let mut waiting = Vec::new();
        for (index, entity) in read.entities.into_iter().enumerate() {
            let location = Location::bytes(part, entity.body.clone());
            if entity.is_body() || entity.media_type == "text/calendar" {
                let mut cx = self.cx(part, Stage::Mail);
                let content = mail::content(next.bytes.as_slice(), &entity, &mut cx)?;
                let text = mail::text(&content, entity.charset.as_deref());
                if entity.media_type == "text/calendar" {
                    self.calendar(next, &text, &location, reading)?;
                }
                // A calendar entry with a name is a file besides, whose text is read as that.
                if entity.name.is_none() {
                    self.body(next, &text, entity.media_type == "text/html", &location, reading)?;
                    continue;
                }
            }
            let name = match &entity.name {
                Some(name) => name.clone(),
                None => format!("part{}{}", index.saturating_add(1), extension(&entity.media_type)),
            };
            reading.candidates.file_name(&name, &location, &mut self.cx(part, Stage::Mail))?;
            let encoded = entity.body.end.saturating_sub(entity.body.start);
            self.budget.hold(PART_BYTES.saturating_add(name.len().saturating_mul(2)))?;
            let run = mail::is_plain(&entity.encoding).then_some((entity.body.start, encoded));
            let id = self.add_part(part, name.as_str(), PartKind::Stream, encoded, run)?;
            let is_named = entity.name.is_some();
            reading.message.attachments.push(Attachment { name, part: id, is_named, location });
            waiting.push((id, entity));
        }
        // The last one in is read first.
        for (id, entity) in waiting.into_iter().rev() {
            let source = Source::Attachment { mail: next.bytes.clone(), entity: Box::new(entity) };
            self.queue(id, source, next.depth);
        }
        Ok(())
    }

    /// The subject of a mail: text, and a place for passwords.
    pub(super) fn subject(
        &mut self,
        text: String,
        location: Location,
        reading: &mut Reading,
    ) -> Result<(), LimitHit> {
        let mut cx = self.cx(reading.message.part, Stage::Mail);
        reading.candidates.text(&text, PasswordSource::MailSubject, &location, &mut cx)?;
        reading.document.texts.push(DocumentText {
            text: text.clone(),
            place: TextPlace::Subject,
            hidden: None,
            location: location.clone(),
        });
        reading.message.subject = Some(Subject { text, location });
        Ok(())
    }

    /// A text that the mail shows: harvested, with its links, and looked through for passwords.
    pub(super) fn body(
        &mut self,
        next: &Opened<'i>,
        text: &str,
        is_page: bool,
        location: &Location,
        reading: &mut Reading,
    ) -> Result<(), LimitHit> {
        self.budget.touch(text.len().saturating_mul(4))?;
        self.budget.hold(text.len())?;
        let shown = if is_page { page::text(text) } else { self.taken_out(next, text, location, reading)? };
        let mut cx = self.cx(reading.message.part, Stage::Mail);
        reading.candidates.text(&shown, PasswordSource::MailBody, location, &mut cx)?;
        if is_page {
            self.shown_page(next, text, location)?;
        }
        let text =
            DocumentText { text: shown, place: TextPlace::Body, hidden: None, location: location.clone() };
        reading.document.texts.push(text);
        Ok(())
    }

    /// A page that is shown inside a mail or document: where it leads, and what a script in it builds. Says whether
    /// one builds a file.
    pub(super) fn shown_page(
        &mut self,
        next: &Opened<'i>,
        text: &str,
        location: &Location,
    ) -> Result<bool, LimitHit> {
        let target =
            |target| Link { kind: LinkKind::Hyperlink, target, automatic: false, location: location.clone() };
        self.models.links.extend(page::links(text).into_iter().map(target));
        let found = page::smuggling(text);
        let builds = found.is_some();
        if let Some(found) = found {
            self.smuggled(next, found, location.clone())?;
        }
        Ok(builds)
    }

    /// The text without the files that stand in it as uuencode or Base64, which become attachments.
    fn taken_out(
        &mut self,
        next: &Opened<'i>,
        text: &str,
        location: &Location,
        reading: &mut Reading,
    ) -> Result<String, LimitHit> {
        let mut cx = self.cx(reading.message.part, Stage::Mail);
        if let Some(what) = pasted::unread(text, &mut cx)? {
            cx.unsupported_at(
                location.clone(),
                &format_args!("{what} in the text is recognised, but not read"),
            );
        }
        let InText { files, left, cut } = in_text(text, &mut cx)?;
        for name in cut {
            cx.abandoned_at(location.clone(), &format_args!("the uuencoded file {name:?} is cut"));
        }
        for (name, content) in files {
            self.attach(next, name, content, location, reading)?;
        }
        Ok(left)
    }

    /// Makes an attachment of a file that was found in a text of the mail.
    fn attach(
        &mut self,
        next: &Opened<'i>,
        name: Option<String>,
        content: Vec<u8>,
        location: &Location,
        reading: &mut Reading,
    ) -> Result<(), LimitHit> {
        let is_named = name.is_some();
        let name = name.unwrap_or_else(|| PASTED.to_owned());
        let mut cx = self.cx(reading.message.part, Stage::Mail);
        reading.candidates.file_name(&name, location, &mut cx)?;
        let part = self.deliver(next, name.as_str(), Bytes::owned(content), [])?;
        let location = location.clone();
        reading.message.attachments.push(Attachment { name, part, is_named, location });
        Ok(())
    }

    /// What stands before or behind the parts of a multipart, which most mail programs do not show.
    fn between(
        &mut self,
        next: &Opened<'i>,
        range: std::ops::Range<u64>,
        reading: &mut Reading,
    ) -> Result<(), LimitHit> {
        let start = usize::try_from(range.start).unwrap_or(usize::MAX);
        let end = usize::try_from(range.end).unwrap_or(usize::MAX);
        let bytes = next.bytes.as_slice().get(start..end).unwrap_or_default();
        self.budget.touch(bytes.len().saturating_mul(2))?;
        self.budget.hold(bytes.len())?;
        let location = Location::bytes(next.part, range.clone());
        let known = reading.message.attachments.len();
        self.taken_out(next, &mail::text(bytes, None), &location, reading)?;
        let is_found = reading.message.attachments.len() > known;
        if !is_found && bytes.split(|byte| *byte == b'\n').any(mail::is_part_field) {
            let mut cx = self.cx(next.part, Stage::Mail);
            cx.abandoned(
                range,
                "a part stands before the first delimiter of the multipart or behind its last",
            );
        }
        Ok(())
    }

    /// What a calendar entry leads to: a reminder loads its sound by itself. What is attached in it is attached to
    /// the mail.
    fn calendar(
        &mut self,
        next: &Opened<'i>,
        text: &str,
        location: &Location,
        reading: &mut Reading,
    ) -> Result<(), LimitHit> {
        let mut found = calendar::Found::default();
        calendar::read(text, &mut found, &mut self.cx(next.part, Stage::Mail))?;
        for file in found.files {
            self.attach(next, file.name, file.content, location, reading)?;
        }
        for reference in found.references {
            self.budget.hold(reference.target.len().saturating_add(size_of::<Link>()))?;
            let kind = if reference.in_reminder { LinkKind::Media } else { LinkKind::Hyperlink };
            let (target, automatic) = (reference.target, reference.in_reminder);
            self.models.links.push(Link { kind, target, automatic, location: location.clone() });
        }
        Ok(())
    }

    /// The bytes of an attachment, decoded; its part learns what it is.
    pub(super) fn attachment(
        &mut self,
        part: PartId,
        around: &Bytes<'i>,
        entity: &Entity,
    ) -> Result<Bytes<'i>, LimitHit> {
        let start = usize::try_from(entity.body.start).unwrap_or(usize::MAX);
        let end = usize::try_from(entity.body.end).unwrap_or(usize::MAX);
        let window = if mail::is_plain(&entity.encoding) { around.slice(start..end) } else { None };
        let bytes = match window {
            Some(window) => window,
            None => Bytes::owned(mail::content(around.as_slice(), entity, &mut self.cx(part, Stage::Mail))?),
        };
        let content = bytes.as_slice();
        self.budget.touch(content.len())?;
        let kind = match sniff(content) {
            FileKind::Unknown if entity.media_type == "message/rfc822" => FileKind::Eml,
            kind => kind,
        };
        self.hash(part, content);
        if let Some(part) = self.models.parts.get_mut(part.0 as usize) {
            part.kind = PartKind::File(kind);
            part.size = content.len() as u64;
        }
        // Plain text without a format is read here, as far as a person would read it. The name says what opens
        // it, whatever type the mail states.
        let is_text = entity.media_type.starts_with("text/") && !entity.media_type.contains("script");
        let is_shown = is_text && entity.name.as_deref().is_none_or(plain_text::is_named);
        if kind == FileKind::Unknown && is_shown {
            let mut document = Document { part, kind: DocumentKind::Text, ..Document::default() };
            let text = mail::text(content, entity.charset.as_deref());
            self.budget.hold(text.len())?;
            let location = Location::bytes(part, 0..content.len() as u64);
            document.texts.push(DocumentText { text, place: TextPlace::Body, hidden: None, location });
            self.models.documents.push(document);
            if let Some(part) = self.models.parts.get_mut(part.0 as usize) {
                part.kind = PartKind::Stream;
            }
        }
        Ok(bytes)
    }

    /// An attachment that is a text with files in uuencode or Base64, which unpackers and some mail programs open. Says
    /// whether it holds nothing else.
    pub(super) fn decoded_text(&mut self, next: &Opened<'i>) -> Result<bool, LimitHit> {
        let Ok(text) = std::str::from_utf8(next.bytes.as_slice()) else { return Ok(false) };
        let InText { files, left, cut } = in_text(text, &mut self.cx(next.part, Stage::Mail))?;
        let (found, is_whole) = (!files.is_empty(), cut.is_empty() && left.trim().is_empty());
        for (name, content) in files {
            self.deliver(next, name.as_deref().unwrap_or(PASTED), Bytes::owned(content), [])?;
        }
        Ok(found && is_whole)
    }

    /// A page that is a file of its own: whether a script in it builds a file, which then is a part.
    pub(super) fn smuggling(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let content = next.bytes.as_slice();
        self.budget.touch(content.len().saturating_mul(2))?;
        let text = mail::text(content, None);
        match page::smuggling(&text) {
            Some(found) => self.smuggled(next, found, Location::part(next.part)),
            None => Ok(()),
        }
    }

    /// Keeps what is known of a page that builds a file; the file becomes a part.
    fn smuggled(
        &mut self,
        next: &Opened<'i>,
        found: page::Smuggling,
        location: Location,
    ) -> Result<(), LimitHit> {
        let file = match found.file {
            Some(file) => {
                self.budget.own(file.len() as u64)?;
                Some(self.deliver(next, "smuggled", Bytes::owned(file), [])?)
            }
            None => None,
        };
        self.models.smuggled.push(Smuggled { means: found.means, file, location });
        Ok(())
    }
}

/// The name of a file that stands in a text without one.
const PASTED: &str = "pasted";

/// What stands in a text.
struct InText {
    /// Names and contents of the files in uuencode and Base64.
    files: Vec<(Option<String>, Vec<u8>)>,
    /// The text around them.
    left: String,
    /// Names of the files whose end is missing.
    cut: Vec<String>,
}

fn in_text(text: &str, cx: &mut Cx<'_>) -> Result<InText, LimitHit> {
    let uuencoded = uuencode::files(text.as_bytes(), cx)?;
    let left = without(text, &uuencoded.iter().map(|file| file.at.clone()).collect::<Vec<_>>());
    let pasted = pasted::files(&left, cx)?;
    let left = without(&left, &pasted.iter().map(|file| file.at.clone()).collect::<Vec<_>>()).into_owned();
    let cut = uuencoded.iter().filter(|file| !file.is_whole).map(|file| file.name.clone()).collect();
    let named = uuencoded.into_iter().map(|file| (Some(file.name), file.content));
    let files = named.chain(pasted.into_iter().map(|file| (None, file.content))).collect();
    Ok(InText { files, left, cut })
}

/// `text` without the `ranges`, which stand in it in order.
fn without<'t>(text: &'t str, ranges: &[std::ops::Range<usize>]) -> Cow<'t, str> {
    if ranges.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut left, mut from) = (String::new(), 0);
    for range in ranges {
        left.push_str(text.get(from..range.start).unwrap_or_default());
        from = range.end;
    }
    left.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(left)
}

/// The extension for an attachment without a name.
fn extension(media_type: &str) -> &'static str {
    match media_type {
        "message/rfc822" => ".eml",
        "text/html" => ".html",
        "text/plain" => ".txt",
        "image/png" => ".png",
        "image/jpeg" => ".jpg",
        "image/gif" => ".gif",
        "application/pdf" => ".pdf",
        "application/zip" => ".zip",
        _ => "",
    }
}
