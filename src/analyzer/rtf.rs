//! Rich Text Format: its text, and its objects and pictures as parts.

use super::run::{Opened, Run};
use crate::base::text::CodePage;
use crate::base::{Bytes, LimitHit, Location, Stage};
use crate::containers::part::PartKind;
use crate::containers::sniff::{FileKind, embedded_at, sniff};
use crate::documents::link::{Link, LinkKind};
use crate::documents::objects::{self, Object, ObjectKind};
use crate::documents::ole1::{self, Content, Ole1};
use crate::documents::picture;
use crate::documents::props::Properties;
use crate::documents::rtf::{self, RtfFile, RtfObject, RtfPicture};
use crate::documents::workbook::PictureKind;
use crate::findings::{Picture, RtfFacts, RtfObjectFacts};

/// How objects that the word `\objhtml` makes controls of a web page are named.
const HTML_CONTROL: &str = "htmlfile (\\objhtml)";

impl<'i> Run<'i, '_> {
    /// A file of Rich Text Format.
    pub(super) fn rtf(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let part = next.part;
        let mut file = RtfFile::default();
        let result = rtf::read(next.bytes.as_slice(), &mut file, &mut self.cx(part, Stage::Rtf));
        // What was read before a limit is judged all the same.
        self.models.documents.push(file.document);
        self.models.links.append(&mut file.links);
        if file.properties != Properties::default() {
            self.models.properties.push(file.properties);
        }
        let at = self.models.rtf.len();
        self.models.rtf.push(RtfFacts { part, oddities: file.oddities, objects: Vec::new() });
        result?;
        for (index, object) in file.objects.into_iter().enumerate() {
            let facts = self.rtf_object(next, index, object)?;
            if let Some(known) = self.models.rtf.get_mut(at) {
                known.objects.push(facts);
            }
        }
        for (index, picture) in file.pictures.into_iter().enumerate() {
            self.rtf_picture(next, index, picture)?;
        }
        self.behind(next, file.end)
    }

    /// The data of an object: a part, and what the object holds as parts of it.
    fn rtf_object(
        &mut self,
        next: &Opened<'i>,
        index: usize,
        object: RtfObject,
    ) -> Result<RtfObjectFacts, LimitHit> {
        let RtfObject { bytes, class, is_updated, is_linked, is_html, is_store, mut data, other_data } =
            object;
        let mut read = ole1::read(&data, CodePage::WESTERN);
        if read.is_err()
            && let Some(other) = other_data
            && let Ok(object) = ole1::read(&other, CodePage::WESTERN)
        {
            (data, read) = (other, Ok(object));
        }
        let name = format!("object{}", index.saturating_add(1));
        let part = self.add_part(next.part, name, PartKind::Stream, data.len() as u64, [])?;
        self.show(part, &data);
        let location = Location::bytes(next.part, bytes);
        if is_html {
            let mut object = Object::at(location.clone(), ObjectKind::Control);
            object.class_name = HTML_CONTROL.to_owned();
            self.models.objects.push(object);
        }
        let mut facts = RtfObjectFacts { location, part, class, is_updated, is_linked };
        let inside = Opened { part, bytes: Bytes::owned(Vec::new()), depth: next.depth };
        match read {
            Ok(object) => {
                if !object.class.is_empty() {
                    facts.class.clone_from(&object.class);
                }
                self.ole1(&inside, &data, object, is_store)?;
            }
            // Data of a class of its own, or a file as it is.
            Err(_) if embedded_at(&data) => {
                self.deliver(&inside, "data", Bytes::owned(data), [])?;
            }
            Err(error) => {
                let cx = &mut self.cx(part, Stage::Rtf);
                cx.abandoned(0..data.len() as u64, &format_args!("data of an object: {error}"));
            }
        }
        Ok(facts)
    }

    /// An object of OLE 1.
    fn ole1(&mut self, inside: &Opened<'i>, data: &[u8], read: Ole1, is_store: bool) -> Result<(), LimitHit> {
        let part = inside.part;
        let mut object = Object::at(Location::part(part), ObjectKind::Embedded);
        let class = read.class.to_ascii_lowercase();
        object.class_name = read.class;
        let bytes = match read.content {
            Content::Empty => return Ok(()),
            Content::Link { is_automatic } => {
                let location = Location::part(part);
                object.kind = ObjectKind::Link;
                object.path.clone_from(&read.topic);
                self.models.objects.push(object);
                if !read.topic.is_empty() {
                    let (kind, target) = (LinkKind::OleObject, read.topic);
                    self.models.links.push(Link { kind, target, automatic: is_automatic, location });
                }
                return Ok(());
            }
            Content::Native { bytes, stated } => {
                if bytes.len() as u64 != u64::from(stated) {
                    let have = bytes.len();
                    let cx = &mut self.cx(part, Stage::Rtf);
                    cx.recovered(
                        bytes.start as u64,
                        &format_args!("native data of {stated} bytes, {have} there"),
                    );
                }
                bytes
            }
        };
        let (start, len) = (bytes.start as u64, bytes.len() as u64);
        let native = data.get(bytes.clone()).unwrap_or_default();
        if class.starts_with("package") {
            // The length of the native data stands before it, as in the stream `\1Ole10Native`.
            let package = data.get(bytes.start.saturating_sub(4)..bytes.end).unwrap_or_default();
            let mut cx = self.cx(part, Stage::Objects);
            objects::native(package, CodePage::WESTERN, &mut object, &mut cx)?;
            let payload = object.payload.take();
            let name = object.file_name().unwrap_or("package").to_owned();
            let moved = payload.map(|range| {
                let by = start.saturating_sub(4);
                range.start.saturating_add(by)..range.end.saturating_add(by)
            });
            object.payload = moved.clone();
            self.models.objects.push(object);
            let Some(moved) = moved else { return Ok(()) };
            let range = usize::try_from(moved.start).unwrap_or(usize::MAX)
                ..usize::try_from(moved.end).unwrap_or(usize::MAX);
            let content = data.get(range).unwrap_or_default();
            return self.hand_over(inside, name, content, moved.start);
        }
        object.payload = Some(start..start.saturating_add(len));
        let is_equation = class.starts_with("equation") || class.starts_with("mathtype");
        let is_file = sniff(native).is_compound_file();
        // The store of custom XML is an object only in how it is written.
        if !is_store {
            self.models.objects.push(object);
        }
        if !is_file && is_equation && self.equation(part, native, start)? {
            return Ok(());
        }
        if !is_file && self.native_equation(part, native, start, None)? {
            return Ok(());
        }
        if native.is_empty() {
            return Ok(());
        }
        self.hand_over(inside, "native".to_owned(), native, start)
    }

    fn hand_over(
        &mut self,
        inside: &Opened<'i>,
        name: String,
        content: &[u8],
        at: u64,
    ) -> Result<(), LimitHit> {
        self.budget.own(content.len() as u64)?;
        let run = (at, content.len() as u64);
        self.deliver(inside, name, Bytes::owned(content.to_vec()), [run])?;
        Ok(())
    }

    /// A picture; data of one that is another file is read as that.
    fn rtf_picture(&mut self, next: &Opened<'i>, index: usize, picture: RtfPicture) -> Result<(), LimitHit> {
        let data = picture.data;
        let kind = sniff(&data);
        let name = format!("picture{}", index.saturating_add(1));
        if embedded_at(&data) && !picture::is_picture(kind) {
            self.deliver(next, name, Bytes::owned(data), [])?;
            return Ok(());
        }
        self.budget.touch(data.len())?;
        let part = self.add_part(next.part, name, PartKind::Picture, data.len() as u64, [])?;
        self.hash(part, &data);
        let kind_of_picture = match kind {
            FileKind::Png => PictureKind::Png,
            FileKind::Jpeg => PictureKind::Jpeg,
            FileKind::Emf => PictureKind::Emf,
            FileKind::Bmp => PictureKind::Dib,
            FileKind::Tiff => PictureKind::Tiff,
            _ => PictureKind::Wmf,
        };
        let pixels = picture::pixels(&data, kind);
        self.models.pictures.push(Picture { part, kind: kind_of_picture, pixels });
        self.show(part, &data);
        Ok(())
    }

    /// A file behind the last group.
    fn behind(&mut self, next: &Opened<'i>, end: Option<u64>) -> Result<(), LimitHit> {
        let Some(start) = end.and_then(|end| usize::try_from(end).ok()) else { return Ok(()) };
        let all = next.bytes.as_slice();
        let rest = all.get(start..).unwrap_or_default();
        let blank = rest.iter().take_while(|byte| matches!(byte, 0 | b' ' | b'\r' | b'\n')).count();
        self.budget.touch(blank)?;
        let start = start.saturating_add(blank);
        if let Some(bytes) = next.bytes.slice(start..all.len())
            && embedded_at(bytes.as_slice())
            && sniff(bytes.as_slice()) != FileKind::Rtf
        {
            let len = bytes.as_slice().len() as u64;
            self.deliver(next, format!("behind@{start:#x}"), bytes, [(start as u64, len)])?;
        }
        Ok(())
    }
}
