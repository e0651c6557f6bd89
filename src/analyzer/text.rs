//! Formats that are text: SYLK, CSV, queries.

use super::run::{Opened, Run};
use crate::base::{LimitHit, PartId, Stage};
use crate::documents::document::Document;
use crate::documents::workbook::Workbook;
use crate::documents::{delimited, query, slk};

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

    pub(super) fn document(&self, part: PartId) -> Document {
        Document { part, ..Document::default() }
    }
}
