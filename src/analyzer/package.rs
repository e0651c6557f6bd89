//! Office packages: which reader takes them, and the files and pictures in their parts.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use super::archive::{Odd, open_entry};
use super::run::{Opened, Run, Source};
use crate::base::{Bytes, Cx, LimitHit, Location, PartId, Stage};
use crate::containers::part::PartKind;
use crate::containers::sniff::{FileKind, embedded_at, sniff};
use crate::containers::zip::{self, Content, Entry};
use crate::documents::biff12;
use crate::documents::coded::Coded;
use crate::documents::flat::Blob;
use crate::documents::flat::package::{self as flat, FlatPart};
use crate::documents::ooxml::{self, Found, Package, PackageKind, Parts, common, kind_of, rest};
use crate::documents::picture;
use crate::documents::workbook::{PictureKind, Workbook};
use crate::findings::{self, Picture};

/// Where the parts of a package lie.
enum Store<'p, 'i> {
    /// In an archive, each an entry.
    Archive {
        archive: &'p Bytes<'i>,
        entries: &'p [Entry],
        /// Entries that a password opened; `None` for those that none did.
        unlocked: BTreeMap<u32, Option<Bytes<'i>>>,
    },
    /// In one file of XML.
    Flat(Vec<Bytes<'i>>),
}

impl<'i> Store<'_, 'i> {
    /// The content of a part where it is at hand; an entry of an archive is mostly not.
    fn ready(&self, index: u32) -> Option<Bytes<'i>> {
        match self {
            Store::Archive { unlocked, .. } => unlocked.get(&index)?.clone(),
            Store::Flat(parts) => parts.get(index as usize).cloned(),
        }
    }

    /// The entry that a part is, when it is one that is not at hand.
    fn entry(&self, index: u32) -> Option<(&Bytes<'i>, &Entry)> {
        match self {
            Store::Archive { archive, entries, unlocked } => {
                let entry = entries.get(index as usize)?;
                (!unlocked.contains_key(&index)).then_some((*archive, entry))
            }
            Store::Flat(_) => None,
        }
    }
}

/// The parts of a package, and what came up when they were opened.
struct Members<'p, 'i> {
    store: Store<'p, 'i>,
    around: PartId,
    /// Length of what was opened, and what came up on the way.
    opened: RefCell<Vec<(u32, u64, Odd)>>,
}

impl<'p, 'i> Members<'p, 'i> {
    fn new(store: Store<'p, 'i>, around: PartId) -> Self {
        Members { store, around, opened: RefCell::new(Vec::new()) }
    }
}

impl<'i> Parts<'i> for Members<'_, 'i> {
    fn open(&self, index: u32, cx: &mut Cx<'_>) -> Result<Bytes<'i>, LimitHit> {
        let (bytes, odd) = match self.store.entry(index) {
            Some((archive, entry)) => open_entry(archive, entry, self.around, cx)?,
            None => (self.store.ready(index), Odd::default()),
        };
        if let Some(bytes) = &bytes {
            self.opened.borrow_mut().push((index, bytes.as_slice().len() as u64, odd));
        }
        Ok(bytes.unwrap_or_else(|| Bytes::owned(Vec::new())))
    }
}

/// Bytes of a part that are looked at to tell what it is.
const HEAD_BYTES: usize = 4096;

impl<'i> Run<'i, '_> {
    /// A package in an archive: reads it, and puts the files in it on the stack.
    pub(super) fn package(&mut self, next: &Opened<'i>, archive: &zip::Archive) -> Result<(), LimitHit> {
        let mut names = Vec::new();
        let mut entries = Vec::new();
        let mut unlocked = BTreeMap::new();
        for entry in archive.entries().iter().filter(|entry| !entry.is_folder()) {
            let part = self.member_part(next.part, entry)?;
            if entry.says_encrypted()
                && let Some(content) = self.unlocked_part(next, part, entry)?
            {
                unlocked.insert(u32::try_from(entries.len()).unwrap_or(u32::MAX), content);
            }
            names.push((entry.name.clone(), part));
            entries.push(entry.clone());
        }
        let members =
            Members::new(Store::Archive { archive: &next.bytes, entries: &entries, unlocked }, next.part);
        let mut package = Package::default();
        let cx = &mut self.cx(next.part, Stage::Package);
        let result = Package::read(names, &members, &mut package, cx);
        self.whole_package(next, &members, &mut package, result)
    }

    /// The content of an encrypted entry, or that no password opens it; `None` when it is not encrypted.
    fn unlocked_part(
        &mut self,
        next: &Opened<'i>,
        part: PartId,
        entry: &Entry,
    ) -> Result<Option<Option<Bytes<'i>>>, LimitHit> {
        let archive = next.bytes.as_slice();
        let mut made = Vec::new();
        let cx = &mut self.cx(part, Stage::Archive);
        let opened = entry.open(archive, &mut made, cx);
        drop(made);
        if !matches!(opened, Ok(Content::Encrypted)) {
            return Ok(None);
        }
        Ok(Some(self.unlock_entry(part, archive, entry)?.map(|(content, _)| Bytes::owned(content))))
    }

    /// A package that is one file of XML: reads it, and puts the files in it on the stack.
    pub(super) fn flat_package(&mut self, next: &Opened<'i>, coded: Coded<'_>) -> Result<(), LimitHit> {
        let mut listed = Vec::new();
        let offset = coded.offset.unwrap_or(0);
        let cx = &mut self.cx(next.part, Stage::Package);
        let result = flat::read(&coded.text, offset, &mut listed, cx);
        let mut contents = Vec::new();
        for part in &listed {
            contents.push(match &part.content {
                flat::Content::Binary(blob) => {
                    self.budget.touch(blob.len())?;
                    if blob.is_cut {
                        let end = next.bytes.as_slice().len() as u64;
                        self.cx(next.part, Stage::Package).abandoned(0..end, &Blob::CUT);
                    }
                    self.budget.own(blob.len() as u64)?;
                    Some(Bytes::owned(blob.decode(&coded.text)))
                }
                flat::Content::Xml(_) => None,
            });
        }
        // Parts in XML are windows of the text, whether it is the file or was made of it.
        let (text, is_file) = match coded.text {
            Cow::Borrowed(_) => {
                (next.bytes.slice(offset..next.bytes.as_slice().len()), coded.offset.is_some())
            }
            Cow::Owned(text) => (Some(Bytes::owned(text.into_bytes())), false),
        };
        let (mut names, mut parts) = (Vec::new(), Vec::new());
        for (FlatPart { name, content_type, content }, made) in listed.into_iter().zip(contents) {
            let (bytes, run) = match (&content, made) {
                (flat::Content::Xml(range), _) => {
                    let at = range.start.saturating_add(offset) as u64;
                    let run = is_file.then(|| (at, range.end.saturating_sub(range.start) as u64));
                    (text.as_ref().and_then(|text| text.slice(range.clone())), run)
                }
                (flat::Content::Binary(_), made) => (made, None),
            };
            let bytes = bytes.unwrap_or_else(|| Bytes::owned(Vec::new()));
            let name = name.trim_start_matches('/').to_owned();
            let size = bytes.as_slice().len() as u64;
            let part = self.add_part(next.part, name.as_str(), PartKind::Stream, size, run)?;
            names.push((name, part, content_type));
            parts.push(bytes);
        }
        let members = Members::new(Store::Flat(parts), next.part);
        let mut package = Package::default();
        let cx = &mut self.cx(next.part, Stage::Package);
        let listed = Package::read_flat(names, &members, &mut package, cx);
        self.whole_package(next, &members, &mut package, result.and(listed))
    }

    /// Reads a package whose parts are listed as far as `listed` says.
    fn whole_package(
        &mut self,
        next: &Opened<'i>,
        members: &Members<'_, 'i>,
        package: &mut Package,
        listed: Result<(), LimitHit>,
    ) -> Result<(), LimitHit> {
        let mut found = Found::default();
        let result = listed.and_then(|()| self.read_package(next.part, members, package, &mut found));
        for (index, len, odd) in members.opened.take() {
            let id = package.id(index);
            if let Some(part) = self.models.parts.get_mut(id.0 as usize) {
                part.size = len;
                if package.content_type(index).ends_with("xml") {
                    part.kind = PartKind::File(FileKind::Xml);
                }
            }
            if let Some((_, entry)) = members.store.entry(index) {
                self.note_member(next.part, id, entry, odd);
            }
        }
        self.models.links.append(&mut found.links);
        self.models.objects.append(&mut found.objects);
        self.models.documents.append(&mut found.documents);
        self.models.properties.extend(found.properties.take());
        self.films(next, found.pages)?;
        // What was read before a limit is looked at all the same.
        self.deliver_parts(next, package, &members.store)?;
        result
    }

    /// Pages that stand for films. What embeds a film is a frame; a script in it is no film.
    fn films(&mut self, next: &Opened<'i>, pages: Vec<(String, Location)>) -> Result<(), LimitHit> {
        for (page, location) in pages {
            self.budget.touch(page.len().saturating_mul(4))?;
            let is_told = self.shown_page(next, &page, &location)?;
            if !is_told && page.to_ascii_lowercase().contains("<script") {
                let part = location.part;
                self.cx(part, Stage::Package)
                    .abandoned_at(location, &"a script in the page of a film is not read");
            }
        }
        Ok(())
    }

    fn read_package(
        &mut self,
        whole: PartId,
        source: &Members<'_, 'i>,
        package: &mut Package,
        found: &mut Found,
    ) -> Result<(), LimitHit> {
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
            PackageKind::Drawing | PackageKind::Other => FileKind::Package,
        };
        // A package that is one file of XML stays what it is.
        if let Some(part) = self.models.parts.get_mut(whole.0 as usize)
            && !matches!(source.store, Store::Flat(_))
        {
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
        self.budget.step(package.parts().len() as u64)?;
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
        ooxml::missing(package, &mut self.cx(whole, Stage::Package))?;
        let result = match (kind, main) {
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
            (PackageKind::Drawing, Some(main)) => {
                let cx = &mut self.cx(whole, Stage::Package);
                let result = ooxml::visio::read(package, source, main, found, cx);
                result.and(common::read(package, source, None, found, cx))
            }
            _ => {
                if !rest::is_piece(package) {
                    let message =
                        "a package whose main part is no workbook, document, presentation or drawing";
                    self.cx(whole, Stage::Package).unsupported(0, message);
                }
                common::read(package, source, None, found, &mut self.cx(whole, Stage::Package))
            }
        };
        result.and(rest::read(package, source, found, &mut self.cx(whole, Stage::Package)))
    }

    /// Parts that are files of their own: VBA projects, embedded objects, pictures, imported chunks, and
    /// whatever else begins as a file.
    fn deliver_parts(
        &mut self,
        next: &Opened<'i>,
        package: &Package,
        store: &Store<'_, 'i>,
    ) -> Result<(), LimitHit> {
        let mut waiting = Vec::new();
        for (index, part) in (0_u32..).zip(package.parts()) {
            if part.taken {
                continue;
            }
            self.budget.step(1)?;
            let ready = store.ready(index);
            let mut made = Vec::new();
            let head = match (&ready, store.entry(index)) {
                (Some(bytes), _) => bytes.as_slice().get(..HEAD_BYTES).unwrap_or(bytes.as_slice()),
                (None, Some((archive, entry))) => {
                    let cx = &mut self.cx(part.id, Stage::Archive);
                    entry.head(archive.as_slice(), HEAD_BYTES, &mut made, cx)?;
                    made.as_slice()
                }
                // No password opens it, which was told.
                (None, None) => continue,
            };
            // What only says how a document looks counts when it is another file in disguise.
            if head.is_empty() || rest::is_inert(&part.content_type) && !embedded_at(head) {
                continue;
            }
            let kind = sniff(head);
            let is_object = part.content_type.contains("activex") || part.content_type.contains("oleobject");
            if picture::is_picture(kind) {
                self.picture_part(part.id, index, store, kind)?;
            } else if is_object && kind == FileKind::Unknown {
                self.loose_object(next, part.id, index, store)?;
            } else {
                // Any other part that no reader took is a file, or stays unread and is told.
                waiting.push((index, part.id));
            }
        }
        // The last one in is read first.
        for (index, part) in waiting.into_iter().rev() {
            let source = match (store.ready(index), store.entry(index)) {
                (Some(bytes), _) => {
                    self.tell_content(part, bytes.as_slice());
                    Source::Ready(bytes)
                }
                (None, Some((archive, entry))) => {
                    Source::Member { archive: archive.clone(), entry: Box::new(entry.clone()) }
                }
                (None, None) => continue,
            };
            self.queue(part, source, next.depth);
        }
        Ok(())
    }

    /// Says what the content of a part is.
    fn tell_content(&mut self, part: PartId, content: &[u8]) {
        self.hash(part, content);
        if let Some(part) = self.models.parts.get_mut(part.0 as usize) {
            part.kind = PartKind::File(sniff(content));
            part.size = content.len() as u64;
        }
    }

    /// The content of a part that no reader of packages takes.
    fn stored_part(
        &mut self,
        part: PartId,
        index: u32,
        store: &Store<'_, 'i>,
    ) -> Result<Option<Bytes<'i>>, LimitHit> {
        if let Some(bytes) = store.ready(index) {
            self.budget.touch(bytes.as_slice().len())?;
            self.tell_content(part, bytes.as_slice());
            return Ok(Some(bytes));
        }
        let Some((archive, entry)) = store.entry(index) else { return Ok(None) };
        self.member(part, archive, entry)
    }

    /// A picture in a part of its own.
    fn picture_part(
        &mut self,
        part: PartId,
        index: u32,
        store: &Store<'_, 'i>,
        kind: FileKind,
    ) -> Result<(), LimitHit> {
        let Some(bytes) = self.stored_part(part, index, store)? else { return Ok(()) };
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
    fn loose_object(
        &mut self,
        next: &Opened<'i>,
        part: PartId,
        index: u32,
        store: &Store<'_, 'i>,
    ) -> Result<(), LimitHit> {
        use crate::documents::objects::{Object, ObjectKind, printable_runs, wide_texts};
        let Some(bytes) = self.stored_part(part, index, store)? else { return Ok(()) };
        if let Some(part) = self.models.parts.get_mut(part.0 as usize) {
            part.kind = PartKind::Stream;
        }
        self.budget.touch(bytes.as_slice().len())?;
        let mut object = Object::at(crate::base::Location::part(part), ObjectKind::Control);
        printable_runs(bytes.as_slice(), &mut object.texts);
        wide_texts(bytes.as_slice(), &mut object.texts);
        self.budget.hold(object.texts.iter().map(String::len).sum())?;
        if !object.texts.is_empty() {
            self.models.objects.push(object);
        }
        self.show(part, bytes.as_slice());
        self.control_contents(part, next.depth, bytes.as_slice())
    }
}
