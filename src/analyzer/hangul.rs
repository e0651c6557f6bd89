//! Hangul documents: text, scripts and binary data of their compound file.

use std::borrow::Cow;

use super::run::{Opened, Run};
use super::streams::CompoundStreams;
use crate::base::{Bytes, Feature, LimitHit, Location, Problem, ProblemKind, Stage};
use crate::containers::cfb::{CompoundFile, Entry};
use crate::containers::inflate::{End, Wrapping, inflate};
use crate::containers::part::PartKind;
use crate::containers::sniff::{FileKind, sniff};
use crate::documents::decrypt::distribution;
use crate::documents::document::DocumentKind;
use crate::documents::hwp;
use crate::vba::Streams;

impl<'i> Run<'i, '_> {
    /// Reads a Hangul document; says whether the compound file is one.
    pub(super) fn hangul(
        &mut self,
        next: &Opened<'i>,
        file: &CompoundFile<'_>,
        streams: &CompoundStreams<'_, '_>,
    ) -> Result<bool, LimitHit> {
        let mut entries = file.entries().iter().filter(|entry| entry.is_stream());
        let is_header =
            |entry: &&Entry| entry.parent == Some(0) && entry.name.eq_ignore_ascii_case("FileHeader");
        let Some(entry) = entries.find(is_header) else { return Ok(false) };
        let part = streams.part(entry.id);
        let stream = streams.open(entry.id, &mut self.cx(part, Stage::Cfb))?;
        let Some(header) = hwp::header(&stream) else { return Ok(false) };
        let mut document = self.document(next.part);
        document.kind = DocumentKind::Hangul;
        let mut result = Ok(());
        if header.is_encrypted() {
            self.tell(part, ProblemKind::NeedsPassword, "the Hangul document is encrypted");
        } else {
            let mut links = Vec::new();
            for entry in file.entries().iter().filter(|entry| entry.is_stream()) {
                let path = file.path(entry.id);
                result = self.hangul_stream(next, streams, entry, (&path, header), &mut document, &mut links);
                if result.is_err() {
                    break;
                }
            }
            self.models.links.append(&mut links);
        }
        self.models.documents.push(document);
        result.map(|()| true)
    }

    fn tell(&mut self, part: crate::base::PartId, kind: ProblemKind, message: &str) {
        let location = Location::part(part);
        self.problems.push(Problem { location, stage: Stage::Word, kind, message: message.to_owned() });
    }

    fn hangul_stream(
        &mut self,
        next: &Opened<'i>,
        streams: &CompoundStreams<'_, '_>,
        entry: &Entry,
        (path, header): (&str, hwp::Header),
        document: &mut crate::documents::document::Document,
        links: &mut Vec<crate::documents::link::Link>,
    ) -> Result<(), LimitHit> {
        let (storage, name) = path.split_once('/').unwrap_or(("", path));
        let is_view = header.is_distribution() && storage.eq_ignore_ascii_case("ViewText");
        let is_text = is_view || storage.eq_ignore_ascii_case("BodyText");
        let is_data = storage.eq_ignore_ascii_case("BinData");
        let is_script =
            storage.eq_ignore_ascii_case("Scripts") && !name.eq_ignore_ascii_case("JScriptVersion");
        if !(is_text || is_data || is_script) {
            return Ok(());
        }
        let mut part = streams.part(entry.id);
        let mut stored = streams.open(entry.id, &mut self.cx(part, Stage::Cfb))?;
        if is_view || header.is_distribution() && is_script {
            if !Feature::Crypto.is_built() {
                let message = format!("a stream for distribution is encrypted; {}", Feature::Crypto);
                self.tell(part, ProblemKind::Unsupported, &message);
                return Ok(());
            }
            let Some(clear) = distribution::in_the_clear(&stored, &mut self.cx(part, Stage::Word))? else {
                let message = "a stream of a Hangul document for distribution has no key";
                self.tell(part, ProblemKind::Unsupported, message);
                return Ok(());
            };
            part = self.add_part(part, "decrypted", PartKind::Stream, clear.len() as u64, [])?;
            self.show(part, &clear);
            stored = Cow::Owned(clear);
        }
        // Each data stream may be stored in another way than the document says.
        let plain = is_data && sniff(stored.get(..4096).unwrap_or(&stored)) != FileKind::Unknown;
        let mut made = Vec::new();
        if header.is_deflated() && !plain {
            let mut cx = self.cx(part, Stage::Word);
            let inflated = inflate(&stored, Wrapping::Raw, None, &mut made, &mut cx)?;
            if inflated.end != End::Whole {
                let range = inflated.read as u64..stored.len() as u64;
                cx.abandoned(range, "a deflated stream of a Hangul document is damaged or ends early");
            }
        } else {
            self.budget.own(stored.len() as u64)?;
            made.extend_from_slice(&stored);
        }
        let around = Opened { part, bytes: Bytes::owned(Vec::new()), depth: next.depth };
        if is_text {
            let made_part = self.add_part(part, "inflated", PartKind::Stream, made.len() as u64, [])?;
            self.show(made_part, &made);
            return hwp::section(&made, document, links, &mut self.cx(made_part, Stage::Word));
        }
        if is_script {
            if let Some(source) = hwp::script(&made) {
                let part =
                    self.add_part(part, "source", PartKind::File(FileKind::Script), source.len() as u64, [])?;
                self.hash(part, source.as_bytes());
                self.show(part, source.as_bytes());
                self.not_read(part, FileKind::Script);
            }
            return Ok(());
        }
        // An OLE object stands behind its size.
        let is_object = name.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("ole"));
        if is_object && sniff(&made) == FileKind::Unknown && made.len() > 4 {
            made.rotate_left(4);
            made.truncate(made.len().saturating_sub(4));
        }
        if made.is_empty() {
            return Ok(());
        }
        let name = name.to_owned();
        self.deliver(&around, name, Bytes::owned(made), [])?;
        Ok(())
    }
}
