//! Formats that are text: SYLK, CSV, queries, plain text.

use super::run::{Opened, Run};
use crate::base::{LimitHit, PartId, Stage};
use crate::containers::sniff::FileKind;
use crate::documents::document::Document;
use crate::documents::workbook::Workbook;
use crate::documents::{delimited, plain_text, query, slk};

/// What a workbook takes in models, however small it is.
const WORKBOOK_BYTES: usize = 8 << 10;

impl<'i> Run<'i, '_> {
    /// A SYLK sheet.
    pub(super) fn sylk(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        self.budget.hold(WORKBOOK_BYTES)?;
        let part = next.part;
        let mut book = Workbook { part, ..Workbook::default() };
        let result = slk::read(next.bytes.as_slice(), &mut book, &mut self.cx(part, Stage::TextFormat));
        // What was read before a limit is judged all the same.
        self.models.workbooks.push(book);
        result
    }

    /// Text in rows and columns.
    pub(super) fn delimited(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        self.budget.hold(WORKBOOK_BYTES)?;
        let part = next.part;
        let (mut book, mut document) = (Workbook { part, ..Workbook::default() }, self.document(part));
        let mut cx = self.cx(part, Stage::TextFormat);
        let result = delimited::read(next.bytes.as_slice(), &mut book, &mut document, &mut cx);
        self.models.workbooks.push(book);
        self.models.documents.push(document);
        result
    }

    /// A query that Excel runs.
    pub(super) fn query(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let mut document = self.document(next.part);
        let mut links = Vec::new();
        let mut cx = self.cx(next.part, Stage::TextFormat);
        let result = query::read(next.bytes.as_slice(), &mut document, &mut links, &mut cx);
        self.models.documents.push(document);
        self.models.links.append(&mut links);
        result
    }

    pub(super) fn is_shown_as_text(&self, part: PartId) -> bool {
        self.models.parts.get(part.0 as usize).is_some_and(|part| plain_text::is_shown(&part.name))
    }

    /// A file that a person sees in an editor, and that runs nothing.
    pub(super) fn plain_text(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let mut document = self.document(next.part);
        let mut cx = self.cx(next.part, Stage::TextFormat);
        let result = plain_text::read(next.bytes.as_slice(), &mut document, &mut cx);
        self.models.documents.push(document);
        if !result? {
            self.not_read(next.part, FileKind::Unknown);
        }
        Ok(())
    }

    pub(super) fn document(&self, part: PartId) -> Document {
        Document { part, ..Document::default() }
    }
}
