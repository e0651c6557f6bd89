//! What a compound file states that a sound one does not: facts for rules, each with its place.

use crate::base::Cx;

/// One deviation of a compound file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oddity {
    /// Where, from the start of the file.
    pub at: u64,
    /// The directory entry it is about.
    pub entry: Option<u32>,
    /// What.
    pub kind: OddityKind,
}

/// Kinds of deviations. The text of each is what a person reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OddityKind {
    /// The file is shorter than a header.
    #[error("header has {have} of 512 bytes")]
    HeaderShort {
        /// Bytes there.
        have: u64,
    },
    /// The first eight bytes are not those of a compound file, and the rest fits.
    #[error("header signature is 0x{found:016x}")]
    Signature {
        /// The bytes there, in the order of the file.
        found: u64,
    },
    /// Neither version 3 nor 4, or a version with the other one's sector size.
    #[error("major version {version} with sectors of 2^{shift} bytes")]
    Version {
        /// The version that the header states.
        version: u16,
        /// The sector shift that the header states.
        shift: u16,
    },
    /// The byte order mark is not 0xFFFE.
    #[error("byte order is 0x{found:04x}")]
    ByteOrder {
        /// The value there.
        found: u16,
    },
    /// The sector size that the header states does not fit the file; another one does.
    #[error("sector shift is {stated}, the file is read with {used}")]
    SectorShift {
        /// The value there.
        stated: u16,
        /// The one that the file is read with.
        used: u16,
    },
    /// The mini sector shift is not 6.
    #[error("mini sector shift is {stated}, the file is read with {used}")]
    MiniSectorShift {
        /// The value there.
        stated: u16,
        /// The one that the file is read with.
        used: u16,
    },
    /// The mini stream cutoff is not 4096. The file is read with 4096.
    #[error("mini stream cutoff is {stated}")]
    MiniCutoff {
        /// The value there.
        stated: u32,
    },
    /// The header does not point to the root entry, which was found elsewhere.
    #[error("header points to directory sector {stated}, the root entry is in {used}")]
    DirectoryStart {
        /// The sector that the header names.
        stated: u32,
        /// The sector that holds the root entry.
        used: u32,
    },
    /// No sector of the allocation table is there for some sectors of the file.
    #[error("part {index} of the FAT is at sector {sector:#x}, which is not in the file")]
    FatSectorMissing {
        /// Which FAT sector, counted from 0.
        index: u32,
        /// The sector that should hold it.
        sector: u32,
    },
    /// The chain of DIFAT sectors ends early, leaves the file or runs in a circle.
    #[error("DIFAT chain breaks at sector {sector:#x}")]
    DifatBroken {
        /// The sector it could not go on to.
        sector: u32,
    },
    /// A chain comes back to a sector that it has passed.
    #[error("chain from sector {start:#x} runs in a circle")]
    ChainCycle {
        /// The first sector of the chain.
        start: u32,
    },
    /// A chain runs into a sector that another chain, or the file's own tables, already use.
    #[error("chain from sector {start:#x} crosses another one at sector {sector:#x}")]
    ChainCrossed {
        /// The first sector of the chain.
        start: u32,
        /// The sector that has another owner.
        sector: u32,
    },
    /// A chain goes on to a sector that is not in the file.
    #[error("chain from sector {start:#x} leaves the file at sector {sector:#x}")]
    ChainPastEnd {
        /// The first sector of the chain.
        start: u32,
        /// The sector that is not in the file.
        sector: u32,
    },
    /// A chain ends before the stated size is reached.
    #[error("chain from sector {start:#x} has {found} of {claimed} bytes")]
    ChainShort {
        /// The first sector of the chain.
        start: u32,
        /// Bytes that the chain holds.
        found: u64,
        /// Bytes that the entry states.
        claimed: u64,
    },
    /// The first directory entry is no root entry.
    #[error("first directory entry has type {found}")]
    RootKind {
        /// The object type there.
        found: u8,
    },
    /// A root entry that is not the first entry.
    #[error("root entry at index {id}")]
    ExtraRoot {
        /// Its index.
        id: u32,
    },
    /// An entry with an object type that means nothing.
    #[error("object type {found}")]
    UnknownKind {
        /// The object type there.
        found: u8,
    },
    /// An entry that the tree from the root does not reach.
    #[error("entry is not reached from the root")]
    Unreached,
    /// Two entries of the tree name the same entry; the first keeps it.
    #[error("entry {target} is named twice in the directory tree")]
    ReachedTwice {
        /// The entry that is named twice.
        target: u32,
    },
    /// An entry names one that is not in the directory, or is unused.
    #[error("entry names {target}, which is not in the directory")]
    LinkPastEnd {
        /// The index that is named.
        target: u32,
    },
    /// A stream that names children. They are not counted as reached.
    #[error("stream names entry {target} as its child")]
    StreamWithChild {
        /// The index that is named.
        target: u32,
    },
    /// Another entry of the same storage has the same name, apart from case. Both are kept.
    #[error("another entry of the storage has the same name")]
    DuplicateName,
    /// The name length is not that of the name: zero, odd, above 64, or not at its end.
    #[error("name length is {stated}")]
    NameLength {
        /// The value there.
        stated: u16,
    },
    /// The name holds a NUL or one of the characters that the specification forbids.
    #[error("name holds U+{found:04X}")]
    NameCharacter {
        /// The first such character.
        found: u32,
    },
    /// The high half of a stream's size is used in a file of version 3. It is not counted.
    #[error("high half of the stream size is {found:#x}")]
    SizeHighHalf {
        /// The value there.
        found: u32,
    },
    /// The last directory entry is cut off.
    #[error("directory ends inside an entry")]
    DirectoryCut,
    /// The mini stream is longer than the size in the root entry. It is read to its end.
    #[error("mini stream of {found} bytes, the root entry states {claimed}")]
    MiniStreamLonger {
        /// Bytes that the chain holds.
        found: u64,
        /// Bytes that the root entry states.
        claimed: u64,
    },
    /// The file does not end at the end of a sector.
    #[error("last sector has {have} of {size} bytes")]
    PartialSector {
        /// Bytes there.
        have: u64,
        /// Bytes of a sector.
        size: u64,
    },
    /// Data lies behind the last sector in use.
    #[error("{len} bytes lie behind the last sector in use")]
    TailData {
        /// Bytes from the end of the last sector in use to the end of the file.
        len: u64,
    },
    /// At least one sector, and only zeros, lies behind the last sector in use.
    #[error("{len} zeros lie behind the last sector in use")]
    ZeroTail {
        /// Bytes from the end of the last sector in use to the end of the file.
        len: u64,
    },
}

impl OddityKind {
    /// Whether bytes of the file's own structure are missing, so that more than this may be unread.
    fn loses_structure(self) -> bool {
        matches!(
            self,
            OddityKind::HeaderShort { .. }
                | OddityKind::FatSectorMissing { .. }
                | OddityKind::DifatBroken { .. }
                | OddityKind::DirectoryCut
        )
    }

    /// Whether the deviation is told as a problem where bytes turn out to be missing, or is none.
    fn is_only_a_fact(self) -> bool {
        matches!(
            self,
            OddityKind::ChainShort { .. }
                | OddityKind::ChainPastEnd { .. }
                | OddityKind::ZeroTail { .. }
                | OddityKind::TailData { .. }
        )
    }
}

/// The deviations of one file. A hostile file can hold one in every entry, so that only the first
/// [`Oddities::KEPT`] of a kind are kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Oddities {
    list: Vec<Oddity>,
    counts: Vec<(std::mem::Discriminant<OddityKind>, u32)>,
}

impl Oddities {
    pub(super) const KEPT: u32 = 64;

    /// Keeps a deviation of the file itself, and tells it as a problem.
    pub(super) fn note(&mut self, cx: &mut Cx<'_>, at: u64, kind: OddityKind) {
        self.push(cx, Oddity { at, entry: None, kind });
    }

    /// Keeps a deviation, and tells it as a problem if it is one.
    pub(super) fn push(&mut self, cx: &mut Cx<'_>, oddity: Oddity) {
        if oddity.kind.loses_structure() {
            cx.abandoned(oddity.at..oddity.at, &oddity.kind);
        } else if !oddity.kind.is_only_a_fact() {
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

    pub(super) fn list(&self) -> &[Oddity] {
        &self.list
    }
}
