//! Word documents in compound files: their text, and their WordBasic macros as parts.

use super::run::Run;
use super::streams::CompoundStreams;
use crate::base::{LimitHit, PartId, Stage};
use crate::containers::cfb::{CompoundFile, Entry};
use crate::containers::part::PartKind;
use crate::documents::doc::{self, TableStream, WordFile, WordStreams};
use crate::vba::Streams;

impl Run<'_, '_> {
    /// The stream `WordDocument`, with the table streams beside it.
    pub(super) fn word(
        &mut self,
        file: &CompoundFile<'_>,
        streams: &CompoundStreams<'_, '_>,
        entry: &Entry,
        bytes: &[u8],
    ) -> Result<(), LimitHit> {
        let part = streams.part(entry.id);
        let mut opened = [None, None, None];
        for (name, place) in ["0Table", "1Table", "Data"].into_iter().zip(&mut opened) {
            // A stream that was cut out of the tree has no storage: its like are looked for there.
            let sibling = file.entries().iter().find(|other| {
                other.is_stream() && other.parent == entry.parent && other.name.eq_ignore_ascii_case(name)
            });
            if let Some(sibling) = sibling {
                let part = streams.part(sibling.id);
                *place = Some((streams.open(sibling.id, &mut self.cx(part, Stage::Cfb))?, part));
            }
        }
        let [zero, one, data] = opened
            .each_ref()
            .map(|opened| opened.as_ref().map(|(bytes, part)| TableStream { bytes, part: *part }));
        self.word_streams(part, WordStreams { document: bytes, tables: [zero, one], data }, false)
    }

    /// A Word document, its streams as they are or decrypted.
    pub(super) fn word_streams(
        &mut self,
        part: PartId,
        streams: WordStreams<'_>,
        is_decrypted: bool,
    ) -> Result<(), LimitHit> {
        let mut word = WordFile { is_decrypted, ..WordFile::default() };
        let result = doc::read(streams, &mut word, &mut self.cx(part, Stage::Word));
        let result = result.and_then(|()| self.word_basic(part, &mut word));
        // What was read before a limit is judged all the same.
        self.models.documents.push(word.document);
        self.models.links.append(&mut word.links);
        self.models.word_basic.append(&mut word.macros);
        result?;
        self.drawn_pictures(part, streams.document, &word.pictures)?;
        match streams.data {
            Some(data) => self.drawn_pictures(data.part, data.bytes, &word.data_pictures),
            None => Ok(()),
        }
    }

    /// The source of each macro becomes a part, so that lines of evidence have one to stand in.
    fn word_basic(&mut self, part: PartId, word: &mut WordFile) -> Result<(), LimitHit> {
        for code in &mut word.macros {
            let name = format!("{}.bas", code.name);
            code.part = self.add_part(part, name, PartKind::WordBasic, code.source.len() as u64, [])?;
            self.show(code.part, code.source.as_bytes());
        }
        Ok(())
    }
}
