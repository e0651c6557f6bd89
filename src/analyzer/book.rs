//! Workbook streams: the model, and the pictures of its drawings.

use std::borrow::Cow;

use super::run::Run;
use crate::base::{LimitHit, PartId, Stage};
use crate::containers::inflate::{Wrapping, inflate};
use crate::containers::part::PartKind;
use crate::containers::sniff::sniff;
use crate::documents::workbook::{Encryption, Workbook};
use crate::documents::{biff, picture};
use crate::findings::Picture;

/// What a workbook takes in models, however small it is.
const WORKBOOK_BYTES: usize = 8 << 10;

impl Run<'_, '_> {
    /// A workbook stream in the clear, or one that stays closed. `opened` says how it was encrypted
    /// before.
    pub(super) fn plain_workbook(
        &mut self,
        part: PartId,
        stream: &[u8],
        opened: Option<Encryption>,
    ) -> Result<(), LimitHit> {
        self.budget.hold(WORKBOOK_BYTES)?;
        let mut book = Workbook { part, ..Workbook::default() };
        let result = biff::read(stream, &mut book, &mut self.cx(part, Stage::Biff));
        let result = result.and_then(|()| self.pictures(part, stream, &book));
        book.encryption = book.encryption.or(opened);
        // What was read before a limit is judged all the same.
        self.models.workbooks.push(book);
        result
    }

    fn pictures(&mut self, part: PartId, stream: &[u8], book: &Workbook) -> Result<(), LimitHit> {
        for (index, at) in book.pictures.iter().enumerate() {
            let slices = at.runs.iter().filter_map(|run| {
                let range = usize::try_from(run.start).ok()?..usize::try_from(run.end).ok()?;
                stream.get(range)
            });
            let slices: Vec<&[u8]> = slices.collect();
            let bytes: Cow<'_, [u8]> = match slices.as_slice() {
                [] => continue,
                [one] => Cow::Borrowed(one),
                many => {
                    self.budget.own(many.iter().map(|slice| slice.len() as u64).sum())?;
                    Cow::Owned(many.concat())
                }
            };
            self.budget.touch(bytes.len())?;
            let runs = at.runs.iter().map(|run| (run.start, run.end.saturating_sub(run.start)));
            let name = format!("picture{}", index.saturating_add(1));
            let (id, bytes) = if at.deflated {
                let deflated =
                    self.add_part(part, name.clone(), PartKind::Stream, bytes.len() as u64, runs)?;
                self.show(deflated, &bytes);
                let mut metafile = Vec::new();
                // What comes before a damaged place is kept.
                inflate(
                    &bytes,
                    Wrapping::Zlib,
                    None,
                    &mut metafile,
                    &mut self.cx(deflated, Stage::Pictures),
                )?;
                let id = self.add_part(deflated, name, PartKind::Picture, metafile.len() as u64, [])?;
                (id, Cow::Owned(metafile))
            } else {
                (self.add_part(part, name, PartKind::Picture, bytes.len() as u64, runs)?, bytes)
            };
            self.hash(id, &bytes);
            let sniffed = sniff(&bytes);
            self.models.pictures.push(Picture {
                part: id,
                kind: at.kind,
                pixels: picture::pixels(&bytes, sniffed),
            });
            self.show(id, &bytes);
        }
        Ok(())
    }
}
