//! Outlook messages and TNEF: the same as mails, in other containers.

use super::mail::Reading;
use super::run::{Opened, Run, Source};
use super::streams::CompoundStreams;
use crate::base::{Bytes, Feature, LimitHit, Location, PartId, Stage};
use crate::containers::cfb::CompoundFile;
use crate::containers::mail::msg::{self, Msg, MsgContent};
use crate::containers::mail::tnef::{self, Tnef, Value};
use crate::containers::mail::{self, rtf};
use crate::containers::part::PartKind;
use crate::containers::sniff::sniff;
use crate::documents;
use crate::documents::link::{Link, LinkKind};
use crate::documents::message::Attachment;
use crate::documents::rtf::RtfFile;
use crate::vba::Streams;

impl<'i> Run<'i, '_> {
    /// The message that a compound file is, and those attached to it. Says whether it is one.
    pub(super) fn outlook(
        &mut self,
        next: &Opened<'i>,
        file: &CompoundFile<'_>,
        streams: &CompoundStreams<'_, '_>,
    ) -> Result<bool, LimitHit> {
        if !msg::is_message(file, 0) {
            return Ok(false);
        }
        if !Feature::Mail.is_built() {
            self.no_mail(next.part, "an Outlook message");
            return Ok(true);
        }
        let mut waiting = vec![(0, next.part, next.depth)];
        while let Some((storage, part, depth)) = waiting.pop() {
            let mut read = Msg::default();
            let mut open = |entry: u32, cx: &mut crate::base::Cx<'_>| {
                streams.open(entry, &mut cx.for_part(streams.part(entry), Stage::Cfb))
            };
            let result = msg::read(file, storage, &mut open, &mut read, &mut self.cx(part, Stage::Mail));
            let mut reading = Reading::of(part);
            let around = Opened { part, bytes: next.bytes.clone(), depth };
            let result =
                result.and_then(|()| self.message(&around, streams, read, &mut reading, &mut waiting));
            self.finish_mail(reading);
            result?;
        }
        Ok(true)
    }

    fn message(
        &mut self,
        around: &Opened<'i>,
        streams: &CompoundStreams<'_, '_>,
        read: Msg,
        reading: &mut Reading,
        waiting: &mut Vec<(u32, PartId, u16)>,
    ) -> Result<(), LimitHit> {
        let of = |entry: u32| Location::part(streams.part(entry));
        let fields = read.fields;
        if let Some(subject) = fields.subject {
            let location = read.subject_in.map_or_else(|| Location::part(around.part), of);
            self.subject(subject, location, reading)?;
        }
        let message = &mut reading.message;
        message.from = fields.from;
        message.reply_to = fields.reply_to;
        message.recipients = fields.recipients;
        message.return_path = fields.return_path;
        message.has_thread = fields.has_thread;
        message.authentication = fields.authentication;
        let has_text = read.body.is_some() || read.html.is_some();
        if let Some((text, entry)) = read.body {
            self.body(around, &text, false, &of(entry), reading)?;
        }
        if let Some((page, entry)) = read.html {
            self.body(around, &page, true, &of(entry), reading)?;
        }
        if let Some(entry) = read.rtf.filter(|_| !has_text) {
            let part = streams.part(entry);
            let packed = streams.open(entry, &mut self.cx(part, Stage::Cfb))?;
            let plain = rtf::decompress(&packed, &mut self.cx(part, Stage::Mail))?;
            let text = self.rich_text(part, &plain)?;
            self.body(around, &text, false, &of(entry), reading)?;
            self.deliver_from(part, around.depth, "body.rtf", plain)?;
        }
        if let Some((file, entry)) = read.reminder_file {
            let link = Link { kind: LinkKind::Media, target: file, automatic: true, location: of(entry) };
            self.models.links.push(link);
        }
        let mut queued = Vec::new();
        for (index, attachment) in read.attachments.into_iter().enumerate() {
            let is_named = attachment.name.is_some();
            let name = attachment.name.unwrap_or_else(|| format!("attachment{}", index.saturating_add(1)));
            let place = Location::part(around.part);
            reading.candidates.file_name(&name, &place, &mut self.cx(around.part, Stage::Mail))?;
            let part = match attachment.content {
                MsgContent::Stream(entry) => {
                    let part = streams.part(entry);
                    let bytes = streams.open(entry, &mut self.cx(part, Stage::Cfb))?;
                    self.budget.own(bytes.len() as u64)?;
                    self.budget.touch(bytes.len())?;
                    self.hash(part, &bytes);
                    if let Some(part) = self.models.parts.get_mut(part.0 as usize) {
                        part.kind = PartKind::File(sniff(&bytes));
                        part.name = name.clone();
                    }
                    queued.push((part, bytes.into_owned()));
                    part
                }
                MsgContent::Storage(entry) => {
                    let part = self.add_part(around.part, name.as_str(), PartKind::Stream, 0, [])?;
                    let depth = around.depth.saturating_add(1);
                    if depth <= self.options.limits.depth {
                        waiting.push((entry, part, depth));
                    } else {
                        self.cx(part, Stage::Mail).abandoned(0..0, "messages are nested too deep");
                    }
                    part
                }
                MsgContent::Nowhere => {
                    let message = "an attachment is named whose content is not in the file";
                    self.cx(around.part, Stage::Mail).recovered(0, message);
                    around.part
                }
            };
            let location = Location::part(part);
            reading.message.attachments.push(Attachment { name, part, is_named, location });
        }
        // The last one in is read first.
        for (part, bytes) in queued.into_iter().rev() {
            self.queue(part, Source::Ready(Bytes::owned(bytes)), around.depth);
        }
        Ok(())
    }

    /// The text of a body in Rich Text Format. What else is in it is read when it is delivered.
    fn rich_text(&mut self, part: PartId, body: &[u8]) -> Result<String, LimitHit> {
        let mut file = RtfFile::default();
        documents::rtf::read(body, &mut file, &mut self.cx(part, Stage::Mail))?;
        Ok(file.document.texts.into_iter().map(|text| text.text).collect())
    }

    /// A file that was made out of the part `of`.
    fn deliver_from(&mut self, of: PartId, depth: u16, name: &str, bytes: Vec<u8>) -> Result<(), LimitHit> {
        let around = Opened { part: of, bytes: Bytes::Input(&[]), depth };
        self.deliver(&around, name, Bytes::owned(bytes), [])?;
        Ok(())
    }

    /// A mail as TNEF.
    pub(super) fn tnef(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let file = next.bytes.as_slice();
        let mut read = Tnef::default();
        let result = tnef::read(file, &mut read, &mut self.cx(next.part, Stage::Mail));
        let mut reading = Reading::of(next.part);
        let result = result.and_then(|()| self.tnef_parts(next, read, &mut reading));
        self.finish_mail(reading);
        result
    }

    fn tnef_parts(&mut self, next: &Opened<'i>, read: Tnef, reading: &mut Reading) -> Result<(), LimitHit> {
        let place = |at: &std::ops::Range<u64>| Location::bytes(next.part, at.clone());
        if let Some(subject) = &read.subject {
            self.subject(value_text(next, subject), place(&subject.at), reading)?;
        }
        let has_text = read.body.is_some() || read.html.is_some();
        for (value, is_page) in [(&read.body, false), (&read.html, true)] {
            if let Some(value) = value {
                self.body(next, &value_text(next, value), is_page, &place(&value.at), reading)?;
            }
        }
        if let Some(at) = read.rtf.as_ref().filter(|_| !has_text) {
            let packed = window(next, at).map(|bytes| bytes.as_slice().to_vec()).unwrap_or_default();
            let plain = rtf::decompress(&packed, &mut self.cx(next.part, Stage::Mail))?;
            let text = self.rich_text(next.part, &plain)?;
            self.body(next, &text, false, &place(at), reading)?;
            self.deliver(next, "body.rtf", Bytes::owned(plain), [])?;
        }
        let mut delivered = Vec::new();
        for (index, attachment) in read.attachments.iter().enumerate() {
            let named = attachment.long_name.as_ref().or(attachment.title.as_ref());
            let name = named.map(|name| value_text(next, name)).filter(|name| !name.is_empty());
            let is_named = name.is_some();
            let name = name.unwrap_or_else(|| format!("attachment{}", index.saturating_add(1)));
            let Some(at) = &attachment.data else { continue };
            let Some(bytes) = window(next, at) else { continue };
            reading.candidates.file_name(&name, &place(at), &mut self.cx(next.part, Stage::Mail))?;
            let content = bytes.as_slice();
            self.budget.touch(content.len())?;
            let kind = PartKind::File(sniff(content));
            let run = (at.start, at.end.saturating_sub(at.start));
            let part = self.add_part(next.part, name.as_str(), kind, content.len() as u64, [run])?;
            self.hash(part, content);
            delivered.push((part, bytes));
            reading.message.attachments.push(Attachment { name, part, is_named, location: place(at) });
        }
        // The last one in is read first.
        for (part, bytes) in delivered.into_iter().rev() {
            self.queue(part, Source::Ready(bytes), next.depth);
        }
        Ok(())
    }
}

fn window<'i>(next: &Opened<'i>, at: &std::ops::Range<u64>) -> Option<Bytes<'i>> {
    next.bytes.slice(usize::try_from(at.start).ok()?..usize::try_from(at.end).ok()?)
}

fn value_text(next: &Opened<'_>, value: &Value) -> String {
    let bytes = window(next, &value.at);
    let bytes = bytes.as_ref().map_or(&[][..], |bytes| bytes.as_slice());
    let text = if value.is_wide {
        let units =
            bytes.chunks_exact(2).filter_map(|pair| pair.first_chunk().map(|pair| u16::from_le_bytes(*pair)));
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    } else {
        mail::text(bytes, None)
    };
    text.trim_end_matches('\0').to_owned()
}
