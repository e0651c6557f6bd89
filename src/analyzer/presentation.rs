//! Presentations in compound files: their text, and the compound files in their records.

use super::run::{Opened, Run};
use super::streams::CompoundStreams;
use crate::base::{Bytes, LimitHit, PartId, Reader, Stage};
use crate::containers::cfb::{CompoundFile, Entry};
use crate::containers::inflate::{End, Wrapping, inflate};
use crate::documents::art::{self, Drawing};
use crate::documents::document::DocumentKind;
use crate::documents::ppt::{self, PresentationFile, Storage};
use crate::vba::Streams;

impl<'i> Run<'i, '_> {
    /// The stream `PowerPoint Document`, with `Current User` beside it. `tells` says to tell of
    /// encryption at once.
    pub(super) fn presentation(
        &mut self,
        next: &Opened<'i>,
        file: &CompoundFile<'_>,
        streams: &CompoundStreams<'_, '_>,
        entry: &Entry,
        bytes: &[u8],
        tells: bool,
    ) -> Result<(), LimitHit> {
        let part = streams.part(entry.id);
        let user = file.entries().iter().find(|other| {
            other.is_stream()
                && other.parent == entry.parent
                && other.name.eq_ignore_ascii_case("Current User")
        });
        let user = match user {
            Some(user) => {
                let part = streams.part(user.id);
                Some(streams.open(user.id, &mut self.cx(part, Stage::Cfb))?)
            }
            None => None,
        };
        let user = user.as_deref();
        // The presentation of the file is decrypted when all streams are known.
        let is_own = file.child(0, "PowerPoint Document").is_some_and(|own| own.id == entry.id);
        let mut cx = self.cx(part, Stage::Presentation);
        if is_own && !tells && ppt::is_encrypted(bytes, user, &mut cx)? {
            return Ok(());
        }
        self.presentation_stream(next, part, bytes, user, false)?;
        let pictures = file.entries().iter().find(|other| {
            other.is_stream() && other.parent == entry.parent && other.name.eq_ignore_ascii_case("Pictures")
        });
        match pictures.filter(|_| !tells) {
            Some(pictures) => {
                let part = streams.part(pictures.id);
                let bytes = streams.open(pictures.id, &mut self.cx(part, Stage::Cfb))?;
                self.art_stream(part, &bytes)
            }
            None => Ok(()),
        }
    }

    /// A stream of nothing but drawing data: its pictures.
    pub(super) fn art_stream(&mut self, part: PartId, bytes: &[u8]) -> Result<(), LimitHit> {
        let mut drawing = Drawing::default();
        let mut cx = self.cx(part, Stage::Pictures);
        let result = art::read(&mut Reader::new(bytes), &mut drawing, &mut cx);
        let mut document = self.document(part);
        document.kind = DocumentKind::Presentation;
        self.models.links.append(&mut drawing.links);
        if !drawing.texts.is_empty() {
            document.texts = drawing.texts;
            self.models.documents.push(document);
        }
        self.drawn_pictures(part, bytes, &drawing.pictures).and(result)
    }

    /// A presentation, its stream as it is or decrypted.
    pub(super) fn presentation_stream(
        &mut self,
        next: &Opened<'i>,
        part: PartId,
        bytes: &[u8],
        user: Option<&[u8]>,
        is_decrypted: bool,
    ) -> Result<(), LimitHit> {
        let mut read = PresentationFile { is_decrypted, ..PresentationFile::default() };
        let result = ppt::read(bytes, user, &mut read, &mut self.cx(part, Stage::Presentation));
        // What was read before a limit is judged all the same.
        self.models.documents.push(read.document);
        self.models.links.append(&mut read.links);
        self.models.objects.append(&mut read.objects);
        result?;
        read.storages.iter().try_for_each(|storage| self.storage(next, part, bytes, storage))
    }

    /// A compound file in a record, inflated when it is compressed.
    fn storage(
        &mut self,
        next: &Opened<'i>,
        stream: PartId,
        bytes: &[u8],
        storage: &Storage,
    ) -> Result<(), LimitHit> {
        let range = usize::try_from(storage.bytes.start).unwrap_or(usize::MAX)
            ..usize::try_from(storage.bytes.end).unwrap_or(usize::MAX);
        let Some(stored) = bytes.get(range) else { return Ok(()) };
        let name = format!("object@{:#x}", storage.bytes.start);
        let inside = Opened { part: stream, bytes: Bytes::owned(Vec::new()), depth: next.depth };
        let Some(stated) = storage.inflated else {
            self.budget.own(stored.len() as u64)?;
            let run = (storage.bytes.start, stored.len() as u64);
            self.deliver(&inside, name, Bytes::owned(stored.to_vec()), [run])?;
            return Ok(());
        };
        let mut made = Vec::new();
        let mut cx = self.cx(stream, Stage::Presentation);
        let inflated = inflate(stored, Wrapping::Zlib, Some(stated.into()), &mut made, &mut cx);
        if let Ok(inflated) = &inflated
            && inflated.end != End::Whole
            // PowerPoint does not always end the stream; the stated size says when it is whole.
            && (made.len() as u64) < u64::from(stated)
        {
            cx.abandoned(
                storage.bytes.clone(),
                &format_args!("an object that inflates to {} bytes only", made.len()),
            );
        }
        if !made.is_empty() {
            self.deliver(&inside, name, Bytes::owned(made), [])?;
        }
        inflated.map(drop)
    }
}
