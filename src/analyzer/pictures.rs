//! Pictures, wherever they lie: their look, whether they are known from lures, and the text in them.

use std::fmt;

use super::run::Run;
use crate::base::{LimitHit, Location, PartId, Problem, Stage};
use crate::containers::part::PartKind;
use crate::containers::sniff::{FileKind, sniff};
use crate::documents::{metafile, picture};
use crate::lure::pictures::{self, Look};

/// Reads the text in pictures for the analyzer, which has no means of its own to do it.
///
/// What it returns is matched as lure text and listed in the report. It must return the same for the
/// same bytes if reports are to be the same.
pub trait PictureReader: fmt::Debug + Send + Sync {
    /// The text in a picture, or nothing.
    fn read(&self, picture: &PictureView<'_>) -> Option<String>;
}

/// A picture that a [`PictureReader`] reads.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct PictureView<'v> {
    /// The file: PNG, JPEG, GIF, BMP or TIFF, as its first bytes say.
    pub bytes: &'v [u8],
    /// Width and height in pixels, when its header says.
    pub pixels: Option<[u32; 2]>,
}

/// Most pictures of one analysis whose text a reader is asked for.
const READ: usize = 32;
/// Most characters that a reader gives for one picture.
const TEXT_CHARS: usize = 16_384;
/// Pictures with a smaller side have no text that could be read.
const SMALL: u32 = 40;

impl Run<'_, '_> {
    /// Looks at a part that is a picture, whose bytes are at hand; other parts are passed over.
    pub(super) fn look(&mut self, part: PartId, bytes: &[u8]) {
        let is_picture = match self.kind(part) {
            PartKind::Picture => true,
            PartKind::File(kind) => picture::is_picture(kind),
            _ => false,
        };
        if is_picture && let Err(hit) = self.look_at(part, bytes) {
            self.problems.push(Problem::limit(Location::part(part), Stage::Pictures, hit));
        }
    }

    fn look_at(&mut self, part: PartId, bytes: &[u8]) -> Result<(), LimitHit> {
        let kind = sniff(bytes);
        if self.models.parts.get(part.0 as usize).is_some_and(|part| part.sha256.is_none()) {
            self.budget.touch(bytes.len())?;
            self.hash(part, bytes);
        }
        let sha256 = self.models.parts.get(part.0 as usize).and_then(|part| part.sha256);
        #[cfg(feature = "pictures")]
        let dhash = pictures::dhash(bytes, kind, &mut self.cx(part, Stage::Pictures))?;
        #[cfg(not(feature = "pictures"))]
        let dhash = None;
        let known = pictures::look_up(&self.options.known_lures, sha256, dhash);
        self.budget.hold(size_of::<Look>())?;
        self.models.harvest.looks.push(Look { part, dhash, known });
        let text = match kind {
            FileKind::Emf | FileKind::Wmf => metafile::texts(bytes, &mut self.cx(part, Stage::Pictures))?,
            _ => self.text_read_by_caller(bytes, kind),
        };
        if !text.is_empty() {
            self.budget.hold(text.len())?;
            self.models.picture_texts.push((part, text));
        }
        Ok(())
    }

    fn text_read_by_caller(&self, bytes: &[u8], kind: FileKind) -> String {
        let Some(reader) = self.options.picture_reader.as_ref() else { return String::new() };
        let pixels = picture::pixels(bytes, kind);
        let small = pixels.is_some_and(|sides| sides.iter().any(|side| *side < SMALL));
        if small || self.models.harvest.looks.len() > READ {
            return String::new();
        }
        let text = reader.read(&PictureView { bytes, pixels }).unwrap_or_default();
        text.trim().chars().take(TEXT_CHARS).collect()
    }
}
