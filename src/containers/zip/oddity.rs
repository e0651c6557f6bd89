//! What an archive states that a sound one does not: facts for rules, each with its place.

use crate::base::Cx;

/// One deviation of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oddity {
    /// Where, from the start of the file.
    pub at: u64,
    /// The entry it is about, by its place in the list.
    pub entry: Option<u32>,
    /// What.
    pub kind: OddityKind,
}

/// Kinds of deviations. The text of each is what a person reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OddityKind {
    /// There is no end record; entries were found by their local headers or a directory without one.
    #[error("no end of central directory record")]
    EndRecordMissing,
    /// The end record states another place for the directory than the one it was found at.
    #[error("the directory is at {used}, the end record states {stated}")]
    DirectoryOffset {
        /// The offset that the end record states.
        stated: u64,
        /// Where the directory is.
        used: u64,
    },
    /// The last end record cannot be right, and an earlier one leads to a directory of its own.
    #[error("an earlier end record leads to another directory, at {at}")]
    EarlierDirectory {
        /// Where that directory is.
        at: u64,
    },
    /// The end record states another size of the directory.
    #[error("the directory has {found} bytes, the end record states {stated}")]
    DirectorySize {
        /// The size that the end record states.
        stated: u64,
        /// The bytes of the headers found.
        found: u64,
    },
    /// The end record states another number of entries.
    #[error("the directory lists {found} entries, the end record states {stated}")]
    EntryCount {
        /// The number that the end record states.
        stated: u64,
        /// The headers found.
        found: u64,
    },
    /// The end record speaks of other disks.
    #[error("the end record is of disk {disk}")]
    DiskNumber {
        /// The number of this disk.
        disk: u32,
    },
    /// The comment of the archive is longer or shorter than stated.
    #[error("{found} bytes lie behind the end record, which states a comment of {stated}")]
    CommentLength {
        /// The length that the end record states.
        stated: u64,
        /// Bytes to the end of the file.
        found: u64,
    },
    /// The directory ends inside a header.
    #[error("the directory ends inside a header")]
    DirectoryCut,
    /// Data lies before the first local header.
    #[error("{len} bytes lie before the first entry")]
    PrefixBytes {
        /// How many.
        len: u64,
    },
    /// Data lies behind the end record and its comment.
    #[error("{len} bytes lie behind the archive")]
    SuffixBytes {
        /// How many.
        len: u64,
    },
    /// Data lies between entries.
    #[error("{len} bytes lie between entries")]
    GapBytes {
        /// How many.
        len: u64,
    },
    /// A local header that the directory does not list.
    #[error("the directory does not list the entry")]
    Unlisted,
    /// The directory points to no local header.
    #[error("no local header at {stated}")]
    LocalHeaderMissing {
        /// The offset that the directory states.
        stated: u64,
    },
    /// The local header has another name.
    #[error("the local header has another name")]
    NamesDiffer,
    /// The local header states another method.
    #[error("method {central} in the directory, {local} in the local header")]
    MethodsDiffer {
        /// The method that the directory states.
        central: u16,
        /// The method that the local header states.
        local: u16,
    },
    /// The local header states another size or checksum, and no data descriptor explains it.
    #[error("sizes or checksum differ between the directory and the local header")]
    SizesDiffer,
    /// Only one of directory and local header says that the entry is encrypted.
    #[error("only one of directory and local header says that the entry is encrypted")]
    EncryptionDiffers,
    /// The entry is said to be encrypted, and is not.
    #[error("the entry is said to be encrypted, and is not")]
    FalseEncryption,
    /// An extra field gives the entry another name in Unicode than its header does.
    #[error("the Unicode name of the extra field differs from that of the header")]
    UnicodeNameDiffers,
    /// An earlier entry has the same name.
    #[error("entry {first} has the same name")]
    DuplicateName {
        /// The first entry of that name.
        first: u32,
    },
    /// The data of two entries overlap.
    #[error("the entry lies over another one")]
    Overlap,
    /// The data of the entry passes the end of the file.
    #[error("the entry has {have} of {stated} bytes")]
    DataCut {
        /// Bytes to the end of the file.
        have: u64,
        /// Bytes that the header states.
        stated: u64,
    },
}

impl OddityKind {
    /// Whether two readers that are both right by their own lights see different files: one that goes
    /// by the directory and one that goes by local headers, the first entry of a name and the last.
    pub fn splits_readers(self) -> bool {
        matches!(
            self,
            OddityKind::EarlierDirectory { .. }
                | OddityKind::EntryCount { .. }
                | OddityKind::DiskNumber { .. }
                | OddityKind::Unlisted
                | OddityKind::LocalHeaderMissing { .. }
                | OddityKind::NamesDiffer
                | OddityKind::MethodsDiffer { .. }
                | OddityKind::SizesDiffer
                | OddityKind::EncryptionDiffers
                | OddityKind::FalseEncryption
                | OddityKind::UnicodeNameDiffers
                | OddityKind::DuplicateName { .. }
                | OddityKind::Overlap
        )
    }

    /// Whether bytes of the archive are missing, so that more than this may be unread.
    fn loses_content(self) -> bool {
        matches!(self, OddityKind::DirectoryCut | OddityKind::DataCut { .. })
    }
}

/// The deviations of one archive. A hostile one can hold one in every entry, so that only the first
/// [`Oddities::KEPT`] of a kind are kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Oddities {
    list: Vec<Oddity>,
    counts: Vec<(std::mem::Discriminant<OddityKind>, u32)>,
}

impl Oddities {
    pub(super) const KEPT: u32 = 64;

    /// Keeps a deviation of the archive itself, and tells it as a problem.
    pub(super) fn note(&mut self, cx: &mut Cx<'_>, at: u64, kind: OddityKind) {
        self.push(cx, Oddity { at, entry: None, kind });
    }

    /// Keeps a deviation, and tells it as a problem.
    pub(super) fn push(&mut self, cx: &mut Cx<'_>, oddity: Oddity) {
        if oddity.kind.loses_content() {
            cx.abandoned(oddity.at..oddity.at, &oddity.kind);
        } else {
            cx.recovered(oddity.at, &oddity.kind);
        }
        let kind = std::mem::discriminant(&oddity.kind);
        let count = match self.counts.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => {
                *count = count.saturating_add(1);
                *count
            }
            None => {
                self.counts.push((kind, 1));
                1
            }
        };
        if count <= Self::KEPT {
            self.list.push(oddity);
        }
    }

    /// Gives entries their new places; what was said of those that have none is dropped.
    pub(super) fn renumber(&mut self, places: &[Option<u32>]) {
        let place = |index: u32| places.get(index as usize).copied().flatten();
        self.list.retain_mut(|oddity| match oddity.entry {
            Some(index) => {
                oddity.entry = place(index);
                oddity.entry.is_some()
            }
            None => true,
        });
    }

    pub(super) fn list(&self) -> &[Oddity] {
        &self.list
    }
}
