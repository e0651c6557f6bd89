//! Documents that are markup: Office XML, flat packages, web archives, pages, and the ActiveMime in them.

use super::run::{Opened, Run};
use super::streams::CompoundStreams;
use crate::base::{Bytes, LimitHit, PartId, Stage};
use crate::containers::cfb::{CompoundFile, Entry};
use crate::containers::inflate::{End, Wrapping, inflate};
use crate::containers::part::PartKind;
use crate::containers::{activemime, mhtml};
use crate::documents::coded::{self, Coded};
use crate::documents::document::DocumentKind;
use crate::documents::flat::{self, Blob, Root, relationships, spreadsheet, word};
use crate::documents::objects;
use crate::documents::props::Properties;
use crate::documents::workbook::{Sheet, Workbook};
use crate::documents::{dde, html};
use crate::vba::Streams;

/// What a workbook takes in models, however small it is.
const WORKBOOK_BYTES: usize = 8 << 10;

impl<'i> Run<'i, '_> {
    /// An XML text: an Office document, a flat package, or something else.
    pub(super) fn flat_xml(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let bytes = next.bytes.as_slice();
        let stated = flat::xml::stated_encoding(bytes);
        let coded = Coded::new(bytes, stated, &mut self.cx(next.part, Stage::TextFormat))?;
        match flat::root(&coded.text) {
            Root::Spreadsheet => self.spreadsheet_xml(next, &coded),
            root @ (Root::Word | Root::Slide) => self.word_xml(next, &coded, root),
            Root::Relationships => {
                let mut links = Vec::new();
                let result = relationships::read(&coded, &mut links, &mut self.cx(next.part, Stage::Package));
                self.models.links.append(&mut links);
                result
            }
            Root::Package => self.flat_package(next, coded),
            // What stands before its first element is longer than what its kind is told by.
            Root::Page => {
                self.smuggling(next)?;
                self.page(next)
            }
            // It names files, fonts and colours, and nothing that is opened.
            Root::Companion if next.part != PartId(0) => Ok(()),
            Root::Companion | Root::Other => {
                let PartKind::File(kind) = self.kind(next.part) else { return Ok(()) };
                self.not_read(next.part, kind);
                Ok(())
            }
        }
    }

    fn spreadsheet_xml(&mut self, next: &Opened<'i>, coded: &Coded<'_>) -> Result<(), LimitHit> {
        self.budget.hold(WORKBOOK_BYTES)?;
        let mut book = Workbook { part: next.part, code_page: Some(coded.page), ..Workbook::default() };
        let (mut links, mut properties) = (Vec::new(), Properties::default());
        let mut cx = self.cx(next.part, Stage::TextFormat);
        let result = spreadsheet::read(coded, &mut book, &mut links, &mut properties, &mut cx);
        self.models.workbooks.push(book);
        self.models.links.append(&mut links);
        self.models.properties.push(properties);
        result
    }

    fn word_xml(&mut self, next: &Opened<'i>, coded: &Coded<'_>, root: Root) -> Result<(), LimitHit> {
        let (mut document, mut extras) = (self.document(next.part), word::Extras::default());
        if root == Root::Slide {
            document.kind = DocumentKind::Presentation;
        }
        let mut cx = self.cx(next.part, Stage::TextFormat);
        let result = word::read(coded, &mut document, &mut extras, &mut cx);
        self.models.documents.push(document);
        self.models.links.append(&mut extras.links);
        self.models.objects.append(&mut extras.objects);
        self.models.properties.push(extras.properties);
        result?;
        for blob in &extras.blobs {
            self.blob(next, coded, blob)?;
        }
        for state in &extras.controls {
            self.control_in_text(next, coded, state)?;
        }
        Ok(())
    }

    /// Base64 in a text becomes a part.
    fn blob(&mut self, next: &Opened<'i>, coded: &Coded<'_>, blob: &Blob) -> Result<(), LimitHit> {
        self.budget.touch(blob.len())?;
        self.budget.own(blob.len() as u64)?;
        if blob.is_cut {
            self.cx(next.part, Stage::TextFormat)
                .abandoned(0..next.bytes.as_slice().len() as u64, &Blob::CUT);
        }
        let bytes = Bytes::owned(blob.decode(&coded.text));
        let name = blob.name.trim_start_matches('/');
        let name = if name.is_empty() { "data" } else { name };
        self.deliver(next, name, bytes, [])?;
        Ok(())
    }

    /// The state of a control in a text: its class, and what it keeps.
    fn control_in_text(
        &mut self,
        next: &Opened<'i>,
        coded: &Coded<'_>,
        state: &Blob,
    ) -> Result<(), LimitHit> {
        self.budget.touch(state.len())?;
        self.budget.own(state.len() as u64)?;
        let bytes = state.decode(&coded.text);
        let name = if state.name.is_empty() { "control" } else { &state.name };
        let part = self.add_part(next.part, name, PartKind::Stream, bytes.len() as u64, [])?;
        self.show(part, &bytes);
        let mut found = Vec::new();
        let result = objects::controls(&bytes, Vec::new(), &mut found, &mut self.cx(part, Stage::Objects));
        self.models.objects.append(&mut found);
        result?;
        self.control_contents(part, next.depth, &bytes)
    }

    /// A deflated compound file.
    pub(super) fn active_mime(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let made = activemime::read(next.bytes.as_slice(), &mut self.cx(next.part, Stage::TextFormat))?;
        if let Some(made) = made {
            self.deliver(next, "inflated", Bytes::owned(made), [])?;
        }
        Ok(())
    }

    /// Objects of Word 2003 XML: each stream `_1234567890` of the file `oledata.mso` is a compound file,
    /// deflated behind its size. Says whether there is one.
    pub(super) fn deflated_objects(
        &mut self,
        next: &Opened<'i>,
        file: &CompoundFile<'_>,
        streams: &CompoundStreams<'_, '_>,
    ) -> Result<bool, LimitHit> {
        let is_object = |entry: &&Entry| {
            let digits = entry.name.strip_prefix('_').unwrap_or_default();
            let named = digits.len() >= 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
            named && entry.is_stream() && matches!(streams.head(entry.id), [_, _, _, _, 0x78, ..])
        };
        let mut found = false;
        for entry in file.entries().iter().filter(is_object) {
            let part = streams.part(entry.id);
            let stored = streams.open(entry.id, &mut self.cx(part, Stage::Objects))?;
            let stated = stored.first_chunk().map(|size| u64::from(u32::from_le_bytes(*size)));
            let mut made = Vec::new();
            let mut cx = self.cx(part, Stage::Objects);
            let data = stored.get(4..).unwrap_or_default();
            let inflated = inflate(data, Wrapping::Zlib, stated, &mut made, &mut cx)?;
            if inflated.end != End::Whole {
                cx.abandoned(
                    inflated.read as u64..stored.len() as u64,
                    "a deflated object is damaged or ends early",
                );
            }
            if !made.is_empty() {
                found = true;
                let around = Opened { part, bytes: Bytes::owned(Vec::new()), depth: next.depth };
                self.deliver(&around, "object", Bytes::owned(made), [])?;
            }
        }
        Ok(found)
    }

    /// A web archive: each part is looked at in turn.
    pub(super) fn web_archive(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let bytes = next.bytes.as_slice();
        let mut parts = Vec::new();
        let result = mhtml::read(bytes, &mut parts, &mut self.cx(next.part, Stage::TextFormat));
        // The stack gives back what was put on it last; the page comes first in an archive.
        for part in parts.iter().rev() {
            let name = if part.name.is_empty() { "part" } else { part.name.as_str() };
            let decoded = part.decoded(bytes, &mut self.cx(next.part, Stage::TextFormat))?;
            match decoded {
                Some(made) => self.deliver(next, name, Bytes::owned(made), [])?,
                None => {
                    let Some(window) = next.bytes.slice(part.body.clone()) else { continue };
                    let run = (part.body.start as u64, part.body.len() as u64);
                    self.deliver(next, name, window, [run])?
                }
            };
        }
        result
    }

    /// A web page.
    pub(super) fn page(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let bytes = next.bytes.as_slice();
        let stated = stated_charset(bytes);
        let coded = Coded::new(bytes, stated, &mut self.cx(next.part, Stage::TextFormat))?;
        let (mut document, mut extras) = (self.document(next.part), html::Extras::default());
        let result =
            html::read(&coded, &mut document, &mut extras, &mut self.cx(next.part, Stage::TextFormat));
        self.models.documents.push(document);
        self.models.links.append(&mut extras.links);
        if !extras.formulas.is_empty() {
            self.budget.hold(WORKBOOK_BYTES)?;
            let sheet = Sheet { name: "Sheet1".to_owned(), listed_at: Some(0), ..Sheet::default() };
            let mut book = Workbook { part: next.part, sheets: vec![sheet], ..Workbook::default() };
            let mut cx = self.cx(next.part, Stage::TextFormat);
            let added = extras
                .formulas
                .iter()
                .try_for_each(|(formula, at)| dde::add(formula, *at, &mut book, &mut cx));
            self.models.workbooks.push(book);
            added?;
        }
        result
    }
}

/// The code that a page names in its head.
fn stated_charset(bytes: &[u8]) -> Option<crate::base::text::CodePage> {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(2048))?).to_ascii_lowercase();
    let (_, behind) = head.split_once("charset=")?;
    let name = behind.trim_start_matches(['"', '\'']).split(['"', '\'', '>', ' ', ';', '/']).next()?;
    coded::page_named(name)
}
