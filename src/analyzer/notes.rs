//! OneNote sections, and documents behind the head of another format.

use super::run::{Opened, Run};
use crate::base::{LimitHit, Location, PartId, Stage};
use crate::containers::onenote::{self, Embedded, PropertyString};
use crate::containers::polyglot::{self, Search};
use crate::containers::sniff::{FileKind, sniff};
use crate::documents::document::{DocumentKind, DocumentText, TextPlace};
use crate::documents::hwp;
use crate::documents::objects::{Object, ObjectKind};
use crate::documents::picture;

impl<'i> Run<'i, '_> {
    /// A section of OneNote: embedded files become parts, strings become text.
    pub(super) fn notes(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let bytes = next.bytes.as_slice();
        let (mut files, mut strings) = (Vec::new(), Vec::new());
        let mut cx = self.cx(next.part, Stage::TextFormat);
        let found = onenote::embedded(bytes, &mut files, &mut cx);
        let found = found.and_then(|()| onenote::strings(bytes, &files, &mut strings, &mut cx));
        let names = names(bytes, &files, &strings);
        let mut document = self.document(next.part);
        document.kind = DocumentKind::OneNote;
        for string in strings {
            let location = Location::bytes(next.part, string.range.start as u64..string.range.end as u64);
            let place = TextPlace::Body;
            document.texts.push(DocumentText { text: string.text, place, hidden: None, location });
        }
        self.models.documents.push(document);
        for (file, name) in files.iter().zip(names) {
            let Some(window) = next.bytes.slice(file.data.clone()) else { continue };
            let run = (file.data.start as u64, file.data.len() as u64);
            self.deliver(next, name, window, [run])?;
        }
        found
    }

    /// Looks for another document behind the head of a file, where its reader has found no part. The parts that the
    /// reader found are those from `first` on.
    pub(super) fn behind_head(
        &mut self,
        next: &Opened<'i>,
        search: Search,
        first: usize,
    ) -> Result<(), LimitHit> {
        let bytes = next.bytes.as_slice();
        let offsets = polyglot::behind_head(bytes, search, &mut self.cx(next.part, Stage::Analyzer))?;
        for at in offsets {
            let start = at as u64;
            let holds = |(from, len): &(u64, u64)| (*from..from.saturating_add(*len)).contains(&start);
            let found = self.models.parts.get(first..).unwrap_or_default();
            if found.iter().any(|part| part.parent == Some(next.part) && part.runs.iter().any(holds)) {
                continue;
            }
            let Some(window) = next.bytes.slice(at..bytes.len()) else { continue };
            let run = (start, window.as_slice().len() as u64);
            self.deliver(next, polyglot::name(start), window, [run])?;
        }
        Ok(())
    }

    /// PostScript: a picture, unless it does more than draw.
    pub(super) fn postscript(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let marks = hwp::postscript_marks(next.bytes.as_slice(), &mut self.cx(next.part, Stage::Objects))?;
        if next.part == PartId(0) {
            self.not_read(next.part, FileKind::PostScript);
        }
        let mut object = Object::at(Location::part(next.part), ObjectKind::Embedded);
        object.class_name = "PostScript".to_owned();
        object.texts = marks.into_iter().map(str::to_owned).collect();
        self.models.objects.push(object);
        Ok(())
    }
}

/// A name for each embedded file: the next string with a file name that fits what the file is. Pictures may have
/// names too, and anywhere.
fn names(bytes: &[u8], files: &[Embedded], strings: &[PropertyString]) -> Vec<String> {
    let mut stated =
        strings.iter().filter(|string| is_file_name(&string.text) && !names_picture(&string.text));
    let names = files.iter().zip(1_u32..).map(|(file, number)| {
        let kind = sniff(bytes.get(file.data.clone()).unwrap_or_default());
        let name = if picture::is_picture(kind) { None } else { stated.next() };
        name.map_or_else(|| format!("file{number}"), |name| name.text.clone())
    });
    names.collect()
}

/// Whether a file name is one of a picture.
fn names_picture(name: &str) -> bool {
    const PICTURES: [&str; 10] = ["png", "jpg", "jpeg", "jfif", "gif", "bmp", "tif", "tiff", "emf", "wmf"];
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    PICTURES.iter().any(|known| known.eq_ignore_ascii_case(extension))
}

/// Whether a string is no more than a file name with an extension.
fn is_file_name(text: &str) -> bool {
    let plain =
        text.len() <= 255 && !text.contains(['\\', '/', ':', '*', '?', '"', '<', '>', '|', '\n', '\r']);
    let extension = text.rsplit_once('.').map(|(_, extension)| extension);
    plain
        && extension.is_some_and(|end| {
            (1..=8).contains(&end.len()) && end.chars().all(|letter| letter.is_ascii_alphanumeric())
        })
}
