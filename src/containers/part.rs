//! A part: what the input is made of, and how to get at its bytes again.

use crate::base::PartId;
use crate::containers::sniff::FileKind;
use crate::crypto::Opening;

/// One part of the input, in the order they were met. Part 0 is the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its identifier: its place in the list.
    pub id: PartId,
    /// The part that it lies in.
    pub parent: Option<PartId>,
    /// Its name within the parent.
    pub name: String,
    /// What it is.
    pub kind: PartKind,
    /// Bytes.
    pub size: u64,
    /// SHA-256, of documents, objects and pictures.
    pub sha256: Option<[u8; 32]>,
    /// Where its bytes lie in its parent: start and length; empty when a transformation other than
    /// gathering made them.
    pub runs: Vec<(u64, u64)>,
    /// How it was decrypted; its bytes are then not those of its runs.
    pub opened_with: Option<Opening>,
}

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PartKind {
    /// A file, by its content.
    File(FileKind),
    /// A stream of a container whose content was not looked at.
    Stream,
    /// A file that its container names and that was not opened.
    Unopened,
    /// Bytes behind or between the sectors of a container.
    Slack,
    /// Decompressed source of a VBA module.
    VbaSource,
    /// Source of a WordBasic macro.
    WordBasic,
    /// A picture of a drawing.
    Picture,
    /// A file that a macro writes, as it would be written.
    Written,
    /// Bytes that a macro puts into the memory of a process.
    Memory,
}

impl PartKind {
    /// Whether a person gave the part its name, and not the container or we.
    pub fn is_named_by_its_sender(self) -> bool {
        matches!(self, PartKind::File(_) | PartKind::Unopened)
    }

    /// The name that the JSON has.
    pub fn name(self) -> &'static str {
        match self {
            PartKind::File(kind) => kind.name(),
            PartKind::Stream => "stream",
            PartKind::Unopened => "unopened",
            PartKind::Slack => "slack",
            PartKind::VbaSource => "vba_source",
            PartKind::WordBasic => "wordbasic_source",
            PartKind::Picture => "picture",
            PartKind::Written => "written_file",
            PartKind::Memory => "injected_memory",
        }
    }
}

/// The way to a part from the input: `invoice.xls!/Workbook`.
pub fn path(parts: &[Part], part: PartId) -> String {
    let mut names = Vec::new();
    let mut next = parts.get(part.0 as usize);
    // A parent is always older than its part, so that the walk ends.
    while let Some(part) = next {
        names.push(part.name.as_str());
        next = part.parent.filter(|parent| *parent < part.id).and_then(|parent| parts.get(parent.0 as usize));
    }
    names.reverse();
    names.join("!/")
}
