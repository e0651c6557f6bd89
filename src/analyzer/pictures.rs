//! Pictures, wherever they lie: their look, whether they are known from lures, and the text in them.

use std::borrow::Cow;
use std::fmt;

use super::run::Run;
use crate::base::{Feature, LimitHit, Location, PartId, Problem, Stage};
use crate::containers::inflate::{Wrapping, inflate};
use crate::containers::part::PartKind;
use crate::containers::sniff::{FileKind, sniff};
use crate::documents::workbook::{PictureAt, PictureKind};
use crate::documents::{metafile, objects, ole_picture, picture, tiff};
use crate::findings::Picture;
use crate::lure::pictures::{self, KnownLure, Look};

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
        if kind == FileKind::Tiff
            && let Some(found) = tiff::overflow(bytes, &mut self.cx(part, Stage::Pictures))?
        {
            self.budget.hold(size_of_val(&found))?;
            self.models.tiff_overflows.push(found);
        }
        let dhash = pictures::dhash(bytes, kind, &mut self.cx(part, Stage::Pictures))?;
        let looks_are_known =
            || self.options.known_lures.iter().any(|known| matches!(known, KnownLure::Dhash(_)));
        if !Feature::Pictures.is_built() && pictures::is_decoded(kind) && looks_are_known() {
            let message = format!("the picture is not compared with known looks; {}", Feature::Pictures);
            self.cx(part, Stage::Pictures).unsupported(0, &message);
        }
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

    /// The pictures of drawing data in a stream: a part each.
    pub(super) fn drawn_pictures(
        &mut self,
        part: PartId,
        stream: &[u8],
        pictures: &[PictureAt],
    ) -> Result<(), LimitHit> {
        for (index, at) in pictures.iter().enumerate() {
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

    /// The picture of an object in its stream of presentation: a part, when it is one that is known.
    pub(super) fn object_look(&mut self, part: PartId, stream: &[u8]) -> Result<(), LimitHit> {
        let range = match ole_picture::picture(stream) {
            Ok(Some(range)) => range,
            Ok(None) => return Ok(()),
            Err(short) => {
                self.cx(part, Stage::Pictures).abandoned(0..stream.len() as u64, &short);
                return Ok(());
            }
        };
        let place = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
        let bytes = stream.get(place(range.start)..place(range.end)).unwrap_or_default();
        let kind = match sniff(bytes) {
            FileKind::Emf => PictureKind::Emf,
            FileKind::Wmf => PictureKind::Wmf,
            // A bitmap without the header of its file has no text that is read here.
            _ => return Ok(()),
        };
        let len = bytes.len() as u64;
        let id = self.add_part(part, "picture", PartKind::Picture, len, [(range.start, len)])?;
        self.budget.touch(bytes.len())?;
        self.hash(id, bytes);
        let pixels = picture::pixels(bytes, sniff(bytes));
        self.models.pictures.push(Picture { part: id, kind, pixels });
        self.show(id, bytes);
        Ok(())
    }

    /// The pictures in the state of a control or form: a part each.
    pub(super) fn control_pictures(&mut self, part: PartId, state: &[u8]) -> Result<(), LimitHit> {
        let found = objects::pictures(state, &mut self.cx(part, Stage::Objects))?;
        for (index, range) in found.into_iter().enumerate() {
            let (start, len) = (range.start as u64, range.len() as u64);
            let bytes = state.get(range).unwrap_or_default();
            let name = format!("picture{}", index.saturating_add(1));
            let id = self.add_part(part, name, PartKind::Picture, len, [(start, len)])?;
            self.budget.touch(bytes.len())?;
            self.hash(id, bytes);
            let sniffed = sniff(bytes);
            let kind = match sniffed {
                FileKind::Emf => PictureKind::Emf,
                FileKind::Wmf => PictureKind::Wmf,
                FileKind::Jpeg => PictureKind::Jpeg,
                FileKind::Gif => PictureKind::Gif,
                FileKind::Tiff => PictureKind::Tiff,
                FileKind::Png => PictureKind::Png,
                _ => PictureKind::Dib,
            };
            self.models.pictures.push(Picture { part: id, kind, pixels: picture::pixels(bytes, sniffed) });
            self.show(id, bytes);
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
