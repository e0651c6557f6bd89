//! The streams of a compound file, as the VBA reader wants to see them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::base::{Cx, LimitHit, PartId};
use crate::containers::cfb::{CompoundFile, Stream};
use crate::vba::{StreamRef, Streams};

/// The streams of one compound file, and the parts that stand for them.
pub(super) struct CompoundStreams<'c, 'a> {
    file: &'c CompoundFile<'a>,
    /// By directory entry. A chain is followed once: following it again would tell its damage again.
    places: BTreeMap<u32, StreamPlace<'a>>,
    whole: PartId,
}

struct StreamPlace<'a> {
    storage: String,
    part: PartId,
    stream: Stream<'a>,
}

impl<'c, 'a> CompoundStreams<'c, 'a> {
    pub(super) fn new(file: &'c CompoundFile<'a>, whole: PartId) -> Self {
        CompoundStreams { file, places: BTreeMap::new(), whole }
    }

    pub(super) fn add(&mut self, entry: u32, storage: String, part: PartId, stream: Stream<'a>) {
        self.places.insert(entry, StreamPlace { storage, part, stream });
    }

    /// The first bytes of a stream, as far as they lie in one piece.
    pub(super) fn head(&self, entry: u32) -> &'a [u8] {
        self.places.get(&entry).map_or(&[], |place| place.stream.head())
    }
}

impl Streams for CompoundStreams<'_, '_> {
    fn list(&self) -> Vec<StreamRef<'_>> {
        let entries = self.file.entries().iter().filter(|entry| entry.is_stream());
        entries
            .filter_map(|entry| {
                let storage = &self.places.get(&entry.id)?.storage;
                Some(StreamRef {
                    id: entry.id,
                    storage,
                    name: &entry.name,
                    len: entry.size,
                    reached: entry.reached,
                })
            })
            .collect()
    }

    fn open(&self, id: u32, cx: &mut Cx<'_>) -> Result<Cow<'_, [u8]>, LimitHit> {
        self.places.get(&id).map_or(Ok(Cow::Borrowed(&[])), |place| place.stream.bytes(cx))
    }

    fn part(&self, id: u32) -> PartId {
        self.places.get(&id).map_or(self.whole, |place| place.part)
    }
}
