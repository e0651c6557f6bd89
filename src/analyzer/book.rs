//! Workbook streams: the model, and the pictures of its drawings.

use super::run::Run;
use crate::base::{LimitHit, PartId, Stage};
use crate::documents::biff;
use crate::documents::workbook::{Encryption, Workbook};

/// What a workbook takes in models, however small it is.
const WORKBOOK_BYTES: usize = 8 << 10;

impl Run<'_, '_> {
    /// A workbook stream in the clear, or one that stays closed, which its caller has told of. `known` says
    /// how it is encrypted, or was before.
    pub(super) fn plain_workbook(
        &mut self,
        part: PartId,
        stream: &[u8],
        known: Option<Encryption>,
    ) -> Result<(), LimitHit> {
        self.budget.hold(WORKBOOK_BYTES)?;
        let closed = known.filter(|known| !known.opened);
        let mut book = Workbook { part, encryption: closed, ..Workbook::default() };
        let result = biff::read(stream, &mut book, &mut self.cx(part, Stage::Biff));
        let result = result.and_then(|()| self.drawn_pictures(part, stream, &book.pictures));
        book.encryption = book.encryption.or(known);
        // What was read before a limit is judged all the same.
        self.models.workbooks.push(book);
        result
    }
}
