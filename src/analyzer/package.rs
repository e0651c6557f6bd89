//! Office packages: which reader takes them, and the files and pictures in their parts.

use std::cell::RefCell;

use super::archive::open_entry;
use super::run::{Opened, Run, Source};
use crate::base::{Bytes, Cx, LimitHit, PartId, Stage};
use crate::containers::part::PartKind;
use crate::containers::sniff::{FileKind, embedded_at, sniff};
use crate::containers::zip::{self, Entry};
use crate::documents::biff12;
use crate::documents::ooxml::{self, Found, Package, PackageKind, Parts, common, kind_of};
use crate::documents::picture;
use crate::documents::workbook::{PictureKind, Workbook};
use crate::findings::{self, Picture};

/// The parts of a package that lie in an archive.
struct Members<'p, 'i> {
    archive: &'p Bytes<'i>,
    entries: &'p [Entry],
    around: PartId,
    /// Length of what was opened, and what came up on the way.
    opened: RefCell<Vec<(u32, u64, super::archive::Odd)>>,
}

impl<'i> Parts<'i> for Members<'_, 'i> {
    fn open(&self, index: u32, cx: &mut Cx<'_>) -> Result<Bytes<'i>, LimitHit> {
        let Some(entry) = self.entries.get(index as usize) else { return Ok(Bytes::owned(Vec::new())) };
        let (bytes, odd) = open_entry(self.archive, entry, self.around, cx)?;
        if odd.encrypted {
            cx.needs_password(0, &format_args!("{:?} is encrypted", entry.name));
        }
        let bytes = bytes.unwrap_or_else(|| Bytes::owned(Vec::new()));
        self.opened.borrow_mut().push((index, bytes.as_slice().len() as u64, odd));
        Ok(bytes)
    }
}

/// Bytes of a part that are looked at to tell what it is.
const HEAD_BYTES: usize = 4096;

impl<'i> Run<'i, '_> {
    /// A package in an archive: reads it, and puts the files in it on the stack.
    pub(super) fn package(&mut self, next: &Opened<'i>, archive: &zip::Archive) -> Result<(), LimitHit> {
        let mut names = Vec::new();
        let mut entries = Vec::new();
        for entry in archive.entries().iter().filter(|entry| !entry.is_folder()) {
            names.push((entry.name.clone(), self.member_part(next.part, entry)?));
            entries.push(entry.clone());
        }
        let members = Members {
            archive: &next.bytes,
            entries: &entries,
            around: next.part,
            opened: RefCell::new(Vec::new()),
        };
        let mut package = Package::default();
        let mut found = Found::default();
        let result = self.read_package(next.part, names, &members, &mut package, &mut found);
        for (index, len, odd) in members.opened.into_inner() {
            let id = package.id(index);
            if let Some(part) = self.models.parts.get_mut(id.0 as usize) {
                part.size = len;
                if package.content_type(index).ends_with("xml") {
                    part.kind = PartKind::File(FileKind::Xml);
                }
            }
            if let Some(entry) = entries.get(index as usize) {
                self.note_member(next.part, id, entry, odd);
            }
        }
        self.models.links.append(&mut found.links);
        self.models.objects.append(&mut found.objects);
        self.models.documents.append(&mut found.documents);
        self.models.properties.extend(found.properties.take());
        // What was read before a limit is looked at all the same.
        self.deliver_parts(next, &package, &entries)?;
        result
    }

    fn read_package(
        &mut self,
        whole: PartId,
        names: Vec<(String, PartId)>,
        source: &Members<'_, 'i>,
        package: &mut Package,
        found: &mut Found,
    ) -> Result<(), LimitHit> {
        let count = names.len();
        Package::read(names, source, package, &mut self.cx(whole, Stage::Package))?;
        let main = package.main().or_else(|| {
            let parts = (0_u32..).zip(package.parts());
            parts
                .filter(|(_, part)| kind_of(&part.content_type).0 != PackageKind::Other)
                .map(|(index, _)| index)
                .next()
        });
        let (kind, macros) =
            main.map_or((PackageKind::Other, false), |main| kind_of(package.content_type(main)));
        let file_kind = match kind {
            PackageKind::Workbook => FileKind::Xlsx,
            PackageKind::BinaryWorkbook => FileKind::Xlsb,
            PackageKind::Word => FileKind::Docx,
            PackageKind::Presentation => FileKind::Pptx,
            PackageKind::Other => FileKind::Package,
        };
        if let Some(part) = self.models.parts.get_mut(whole.0 as usize) {
            part.kind = PartKind::File(file_kind);
        }
        let part = main.map_or(whole, |main| package.id(main));
        let mut facts = findings::Package {
            part: whole,
            main: part,
            kind,
            macros,
            doctypes: Vec::new(),
            macro_sheets: Vec::new(),
        };
        let result = self.read_kind(whole, main, kind, package, source, found);
        facts.doctypes.clone_from(&package.doctypes);
        facts.macro_sheets.append(&mut found.macro_sheets);
        self.models.packages.push(facts);
        self.budget.step(count as u64)?;
        result
    }

    fn read_kind(
        &mut self,
        whole: PartId,
        main: Option<u32>,
        kind: PackageKind,
        package: &mut Package,
        source: &Members<'_, 'i>,
        found: &mut Found,
    ) -> Result<(), LimitHit> {
        ooxml::links(package, &mut found.links, &mut self.cx(whole, Stage::Package))?;
        match (kind, main) {
            (PackageKind::Workbook | PackageKind::BinaryWorkbook, Some(main)) => {
                let mut book = Workbook::default();
                let mut cx = self.cx(whole, Stage::Package);
                let result = if kind == PackageKind::Workbook {
                    ooxml::workbook::read(package, source, main, &mut book, found, &mut cx)
                } else {
                    biff12::read(package, source, main, &mut book, found, &mut cx)
                };
                let common = common::read(package, source, Some(&mut book), found, &mut cx);
                // What was read before a limit is judged all the same.
                self.models.workbooks.push(book);
                result.and(common)
            }
            (PackageKind::Word, Some(main)) => {
                let result =
                    ooxml::word::read(package, source, main, found, &mut self.cx(whole, Stage::Word));
                result.and(common::read(package, source, None, found, &mut self.cx(whole, Stage::Package)))
            }
            (PackageKind::Presentation, Some(main)) => {
                let cx = &mut self.cx(whole, Stage::Presentation);
                let result = ooxml::presentation::read(package, source, main, found, cx);
                result.and(common::read(package, source, None, found, &mut self.cx(whole, Stage::Package)))
            }
            _ => {
                let message = "a package whose main part is no workbook, document or presentation";
                self.cx(whole, Stage::Package).unsupported(0, message);
                common::read(package, source, None, found, &mut self.cx(whole, Stage::Package))
            }
        }
    }

    /// Parts that are files of their own: VBA projects, embedded objects, pictures, and whatever else
    /// begins as a file.
    fn deliver_parts(
        &mut self,
        next: &Opened<'i>,
        package: &Package,
        entries: &[Entry],
    ) -> Result<(), LimitHit> {
        let mut waiting = Vec::new();
        for ((index, part), entry) in (0_u32..).zip(package.parts()).zip(entries) {
            if part.taken || is_inert(&part.content_type) {
                continue;
            }
            self.budget.step(1)?;
            let mut head = Vec::new();
            let cx = &mut self.cx(part.id, Stage::Archive);
            entry.head(next.bytes.as_slice(), HEAD_BYTES, &mut head, cx)?;
            let kind = sniff(&head);
            let wanted = part.content_type.contains("vbaproject")
                || part.content_type.contains("oleobject")
                || part.content_type.contains("activex")
                || entry.says_encrypted();
            let is_file = embedded_at(&head) || (is_telling(kind) && !part.content_type.ends_with("xml"));
            if picture::is_picture(kind) {
                self.picture_part(next, part.id, entry, kind)?;
            } else if is_file || (wanted && kind != FileKind::Unknown) {
                waiting.push((index, part.id, entry));
            } else if part.content_type.contains("activex") || part.content_type.contains("oleobject") {
                self.loose_object(next, part.id, entry)?;
            }
        }
        // The last one in is read first.
        for (_, part, entry) in waiting.into_iter().rev() {
            let source = Source::Member { archive: next.bytes.clone(), entry: Box::new(entry.clone()) };
            self.queue(part, source, next.depth);
        }
        Ok(())
    }

    /// A picture in a part of its own.
    fn picture_part(
        &mut self,
        next: &Opened<'i>,
        part: PartId,
        entry: &Entry,
        kind: FileKind,
    ) -> Result<(), LimitHit> {
        let Some(bytes) = self.member(part, &next.bytes, entry)? else { return Ok(()) };
        if let Some(part) = self.models.parts.get_mut(part.0 as usize) {
            part.kind = PartKind::Picture;
        }
        let format = match kind {
            FileKind::Emf => PictureKind::Emf,
            FileKind::Wmf => PictureKind::Wmf,
            FileKind::Jpeg => PictureKind::Jpeg,
            FileKind::Gif => PictureKind::Gif,
            FileKind::Bmp => PictureKind::Dib,
            FileKind::Tiff => PictureKind::Tiff,
            _ => PictureKind::Png,
        };
        let pixels = picture::pixels(bytes.as_slice(), kind);
        self.models.pictures.push(Picture { part, kind: format, pixels });
        self.show(part, bytes.as_slice());
        Ok(())
    }

    /// The data of a control or object that is no file: the texts in it.
    fn loose_object(&mut self, next: &Opened<'i>, part: PartId, entry: &Entry) -> Result<(), LimitHit> {
        use crate::documents::objects::{Object, ObjectKind, printable_runs};
        let Some(bytes) = self.member(part, &next.bytes, entry)? else { return Ok(()) };
        if let Some(part) = self.models.parts.get_mut(part.0 as usize) {
            part.kind = PartKind::Stream;
        }
        self.budget.touch(bytes.as_slice().len())?;
        let mut object = Object::at(crate::base::Location::part(part), ObjectKind::Control);
        printable_runs(bytes.as_slice(), &mut object.texts);
        self.budget.hold(object.texts.iter().map(String::len).sum())?;
        if !object.texts.is_empty() {
            self.models.objects.push(object);
        }
        self.show(part, bytes.as_slice());
        Ok(())
    }
}

/// Content types whose parts hold nothing that runs or is read: fonts, printer settings, thumbnails are
/// told by their content.
fn is_inert(content_type: &str) -> bool {
    content_type.contains("printersettings")
        || content_type.contains("obfuscatedfont")
        || content_type.contains("x-font")
}

/// Kinds of files that are told by their first text, and matter inside a package.
fn is_telling(kind: FileKind) -> bool {
    matches!(kind, FileKind::Script | FileKind::Html | FileKind::Mhtml | FileKind::Eml | FileKind::Slk)
        || kind.is_biff()
}
