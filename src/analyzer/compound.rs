//! Compound files: their streams, and the documents, macros and objects in them.

use super::embedded::class_of;
use super::run::{Opened, Run, Source};
use super::streams::CompoundStreams;
use crate::base::PartId;
use crate::base::text::CodePage;
use crate::base::{Bytes, LimitHit, Location, Problem, ProblemKind, Stage};
use crate::containers::cfb::{self, CompoundFile, Entry};
use crate::containers::part::PartKind;
use crate::containers::sniff::{FileKind, embedded_at, sniff};
use crate::documents::doc;
use crate::documents::objects::{self, Clsid, Object, ObjectKind};
use crate::documents::ole_picture;
use crate::documents::picture;
use crate::documents::props::{self, Properties};
use crate::documents::publisher;
use crate::findings::Compound;
use crate::vba::{self, Project, Streams};

impl<'i> Run<'i, '_> {
    /// A compound file: its streams, and the documents, macros and objects in them.
    pub(super) fn compound(&mut self, next: &Opened<'i>) -> Result<(), LimitHit> {
        let whole = next.part;
        let bytes = next.bytes.as_slice();
        let mut file = CompoundFile::default();
        let result = cfb::read(bytes, &mut file, &mut self.cx(whole, Stage::Cfb));
        let mut compound = Compound { part: whole, ..Compound::default() };
        let result = result.and_then(|()| self.streams(next, &file, &mut compound));
        self.root_class(whole, &file);
        compound.oddities.extend_from_slice(file.oddities());
        self.models.compounds.push(compound);
        result
    }

    fn streams(
        &mut self,
        next: &Opened<'i>,
        file: &CompoundFile<'_>,
        compound: &mut Compound,
    ) -> Result<(), LimitHit> {
        let whole = next.part;
        let mut streams = CompoundStreams::new(file, whole);
        for entry in file.entries().iter().filter(|entry| entry.is_stream()) {
            let stream = file.stream(entry.id, &mut self.cx(whole, Stage::Cfb))?;
            let runs = stream.derivation().iter().map(|run| (run.at, run.len));
            let path = file.path(entry.id);
            let storage = path.rsplit_once('/').map_or("", |(storage, _)| storage).to_owned();
            let part = self.add_part(whole, path, PartKind::Stream, stream.found(), runs)?;
            if !entry.reached {
                compound.unreached.push((entry.name.clone(), part));
            }
            streams.add(entry.id, storage, part, stream);
        }
        let is_message = self.outlook(next, file, &streams)?;
        // Workbooks first: their drawing objects say where the controls lie.
        let mut found_document = is_message;
        for workbooks in [true, false] {
            let streams_of_pass =
                file.entries().iter().filter(|entry| entry.is_stream() && is_workbook(entry) == workbooks);
            for entry in streams_of_pass {
                // Attachments were taken as what they are.
                if is_message && file.path(entry.id).contains("__attach") {
                    continue;
                }
                found_document |= self.stream(next, file, &streams, entry)?;
            }
        }
        found_document |= self.encrypted_package(next, file, &streams)?;
        self.decrypted_word(file, &streams)?;
        self.decrypted_presentation(next, file, &streams)?;
        self.sealed_streams(next, file, &streams)?;
        found_document |= self.projects(&streams)?;
        found_document |= self.hangul(next, file, &streams)?;
        found_document |= self.deflated_objects(next, file, &streams)?;
        self.slack(next, file, compound)?;
        self.what_else(whole, file, found_document);
        Ok(())
    }

    /// Reads one stream by its name or first bytes; says whether it is a document of ours.
    fn stream(
        &mut self,
        next: &Opened<'i>,
        file: &CompoundFile<'_>,
        streams: &CompoundStreams<'_, '_>,
        entry: &Entry,
    ) -> Result<bool, LimitHit> {
        let part = streams.part(entry.id);
        let named = |name: &str| entry.name.eq_ignore_ascii_case(name);
        let is_summary = named("\u{5}SummaryInformation") || named("\u{5}DocumentSummaryInformation");
        let is_native = named("\u{1}Ole10Native");
        let in_object = entry.parent.is_some_and(|parent| parent != 0);
        let is_class = named("\u{1}CompObj") && in_object;
        let is_word = named("WordDocument");
        let is_presentation = named("PowerPoint Document");
        let is_link = named("\u{1}Ole");
        let is_equation = named("Equation Native");
        let is_contents = named("contents") && (in_object || next.part != PartId(0));
        let is_controls = named("Ctls");
        let is_form = in_object && (named("f") || named("o"));
        let is_quill =
            named("CONTENTS") && file.path(entry.id).eq_ignore_ascii_case("Quill/QuillSub/CONTENTS");
        let is_look = in_object && ole_picture::is_named(&entry.name);
        let is_art = named("EscherStm") || named("EscherDelayStm");
        let is_object = is_quill || is_art || is_native || is_class || is_link || is_equation || is_contents;
        let wanted = is_workbook(entry)
            || is_word
            || is_presentation
            || is_summary
            || is_object
            || is_controls
            || is_look
            || is_form;
        let head = streams.head(entry.id);
        if !wanted && self.visit.is_none() && !looks_like_workbook(head) && file_in_stream(head).is_none() {
            return Ok(false);
        }
        let bytes = streams.open(entry.id, &mut self.cx(part, Stage::Cfb))?;
        self.show(part, &bytes);
        let head = bytes.get(..64).unwrap_or(&bytes);
        if is_workbook(entry) || sniff(head).is_biff() {
            if let Some(part) = self.models.parts.get_mut(part.0 as usize) {
                part.kind = PartKind::File(sniff(head));
            }
            self.workbook(part, &bytes)?;
            return Ok(true);
        }
        if is_word {
            // The document of the file is decrypted when all streams are known.
            let is_own = file.child(0, "WordDocument").is_some_and(|own| own.id == entry.id);
            if !is_own || !doc::is_encrypted(&bytes) {
                self.word(file, streams, entry, &bytes)?;
            }
            return Ok(true);
        }
        if is_presentation {
            self.presentation(next, file, streams, entry, &bytes, false)?;
            return Ok(true);
        }
        if is_summary {
            let mut properties = Properties::default();
            let result = props::read(&bytes, &mut properties, &mut self.cx(part, Stage::Props));
            self.models.properties.push(properties);
            result?;
        } else if is_native {
            self.native(next, file, streams, entry, &bytes)?;
            return Ok(true);
        } else if is_class {
            self.object_class(file, entry, part, &bytes);
        } else if is_link {
            self.ole_link(part, &bytes)?;
        } else if is_equation {
            self.equation(part, &bytes, 0)?;
        } else if let Some(kind) = file_in_stream(head) {
            self.file_stream(next, part, kind, &bytes)?;
            // The whole of an embedded object; beside it lie its class and how it looks.
            return Ok(next.part != PartId(0) && named("Package"));
        } else if is_controls {
            let starts =
                self.models.workbooks.iter().flat_map(|book| &book.sheets).flat_map(|sheet| &sheet.shapes);
            let controls = starts.filter(|shape| shape.in_control_stream);
            let starts = controls.filter_map(|shape| shape.storage).map(u64::from).collect();
            let mut found = Vec::new();
            let result = objects::controls(&bytes, starts, &mut found, &mut self.cx(part, Stage::Objects));
            self.models.objects.append(&mut found);
            result?;
            self.control_contents(part, next.depth, &bytes)?;
        } else if is_quill {
            let mut document = self.document(part);
            let result = publisher::quill(&bytes, &mut document, &mut self.cx(part, Stage::Word));
            self.models.documents.push(document);
            result?;
        } else if is_look {
            self.object_look(part, &bytes)?;
        } else if is_art {
            self.art_stream(part, &bytes)?;
        } else if is_contents {
            self.control(next, file, streams, entry, &bytes)?;
        } else if is_form {
            let form = objects::form(&bytes, &mut self.cx(part, Stage::Objects))?;
            self.models.objects.extend(form);
            self.control_contents(part, next.depth, &bytes)?;
        }
        Ok(false)
    }

    /// A stream that is a file of its own, whatever its name.
    fn file_stream(
        &mut self,
        next: &Opened<'i>,
        part: PartId,
        kind: FileKind,
        bytes: &[u8],
    ) -> Result<(), LimitHit> {
        if let Some(part) = self.models.parts.get_mut(part.0 as usize) {
            part.kind = PartKind::File(kind);
        }
        self.hash(part, bytes);
        self.budget.own(bytes.len() as u64)?;
        self.queue(part, Source::Ready(Bytes::owned(bytes.to_vec())), next.depth);
        Ok(())
    }

    /// A packaged file becomes a part of its own, to be read in turn.
    fn native(
        &mut self,
        next: &Opened<'i>,
        file: &CompoundFile<'_>,
        streams: &CompoundStreams<'_, '_>,
        entry: &Entry,
        bytes: &[u8],
    ) -> Result<(), LimitHit> {
        let stream = streams.part(entry.id);
        let mut object = Object::at(Location::part(stream), ObjectKind::Embedded);
        let result =
            objects::native(bytes, CodePage::WESTERN, &mut object, &mut self.cx(stream, Stage::Objects));
        let payload = object.payload.clone();
        let name = object.file_name().unwrap_or("native").to_owned();
        let is_package = object.kind == ObjectKind::Package;
        let class = class_of(file, entry);
        object.class = class;
        object.class_name = class.and_then(Clsid::known_name).unwrap_or_default().to_owned();
        self.models.objects.push(object);
        result?;
        let Some(payload) = payload else { return Ok(()) };
        let range = usize::try_from(payload.start).unwrap_or(usize::MAX)
            ..usize::try_from(payload.end).unwrap_or(usize::MAX);
        let Some(content) = bytes.get(range) else { return Ok(()) };
        if !is_package && self.native_equation(stream, content, payload.start, class)? {
            return Ok(());
        }
        self.budget.own(content.len() as u64)?;
        let run = (payload.start, payload.end.saturating_sub(payload.start));
        let bytes = Bytes::owned(content.to_vec());
        let inside = Opened { part: stream, bytes: bytes.clone(), depth: next.depth };
        self.deliver(&inside, name, bytes, [run])?;
        Ok(())
    }

    /// VBA projects, wherever they are; says whether there is one.
    fn projects(&mut self, streams: &CompoundStreams<'_, '_>) -> Result<bool, LimitHit> {
        let whole = streams.part(u32::MAX);
        let mut roots = Vec::new();
        vba::find(streams, &mut roots, &mut self.cx(whole, Stage::Vba))?;
        for root in &roots {
            let mut project = Project::default();
            let result = vba::read(streams, root, &mut project, &mut self.cx(whole, Stage::Vba));
            let result = result.and_then(|()| self.modules(streams, &mut project));
            let page = project.code_page;
            self.models.projects.push(project);
            result?;
            self.frames(streams, &root.storage, page)?;
        }
        Ok(!roots.is_empty())
    }

    /// The captions of a project's forms, which stand in its code page.
    fn frames(
        &mut self,
        streams: &CompoundStreams<'_, '_>,
        storage: &str,
        page: CodePage,
    ) -> Result<(), LimitHit> {
        // `VBA` and the storages of forms lie beside each other.
        let (around, _) = storage.rsplit_once('/').unwrap_or_default();
        for frame in streams.list() {
            let beside = frame.storage.rsplit_once('/').unwrap_or(("", frame.storage));
            if beside.0 != around || !frame.name.eq_ignore_ascii_case("\u{3}VBFrame") {
                continue;
            }
            let part = streams.part(frame.id);
            let bytes = streams.open(frame.id, &mut self.cx(part, Stage::Cfb))?;
            self.budget.touch(bytes.len())?;
            if let Some(caption) = objects::frame_caption(&page.decode(&bytes).text) {
                let mut form = Object::at(Location::part(part), ObjectKind::Control);
                form.class_name = "Forms.Form.1".to_owned();
                form.texts.push(caption);
                self.models.objects.push(form);
            }
        }
        Ok(())
    }

    /// The source of each module becomes a part.
    fn modules(&mut self, streams: &CompoundStreams<'_, '_>, project: &mut Project) -> Result<(), LimitHit> {
        for module in &mut project.modules {
            let parent = streams.part(module.stream.unwrap_or(u32::MAX));
            module.part =
                self.add_part(parent, module.file_name(), PartKind::VbaSource, module.raw.len() as u64, [])?;
            self.show(module.part, &module.raw);
        }
        Ok(())
    }

    /// Files behind and between the sectors.
    fn slack(
        &mut self,
        next: &Opened<'i>,
        file: &CompoundFile<'_>,
        compound: &mut Compound,
    ) -> Result<(), LimitHit> {
        for slack in file.slack(&mut self.cx(next.part, Stage::Cfb))? {
            let kind = slack.kind;
            let is_file = !matches!(kind, FileKind::Unknown | FileKind::Empty | FileKind::Delimited);
            let start = usize::try_from(slack.at).unwrap_or(usize::MAX);
            let end = start.saturating_add(usize::try_from(slack.len).unwrap_or(usize::MAX));
            if !is_file {
                compound.slack.push((slack, None));
                continue;
            }
            let Some(bytes) = next.bytes.slice(start..end) else { continue };
            let name = format!("slack@{:#x}", slack.at);
            let part =
                self.add_part(next.part, name, PartKind::File(kind), slack.len, [(slack.at, slack.len)])?;
            self.hash(part, bytes.as_slice());
            compound.slack.push((slack, Some(part)));
            self.queue(part, Source::Ready(bytes), next.depth);
        }
        Ok(())
    }

    /// Documents in a compound file that are recognised, but not read.
    fn what_else(&mut self, whole: PartId, file: &CompoundFile<'_>, found_document: bool) {
        const OTHERS: &[(&str, &str)] = &[
            ("VisioDocument", "the text of a Visio drawing is not read"),
            ("Quill", "of a Publisher document only text, pictures, objects and macros are read"),
            ("JSRV_SegmentInformation", "an Ichitaro document is not read"),
        ];
        let mut named = false;
        for (name, message) in OTHERS {
            if file.entries().iter().any(|entry| entry.reached && entry.name.eq_ignore_ascii_case(name)) {
                named = true;
                let (location, message) = (Location::part(whole), (*message).to_owned());
                let kind = ProblemKind::Unsupported;
                self.problems.push(Problem { location, stage: Stage::Analyzer, kind, message });
            }
        }
        // An embedded package is read by its stream.
        let is_package = |entry: &Entry| entry.name.eq_ignore_ascii_case("\u{1}Ole10Native");
        let is_object = whole != PartId(0) && file.entries().iter().any(is_package);
        // The store of custom XML is often empty.
        let holds_nothing = whole != PartId(0) && !file.entries().iter().any(Entry::is_stream);
        if !named && !found_document && !is_object && !holds_nothing {
            let message = "a compound file without a document that is read here".to_owned();
            let location = Location::part(whole);
            self.problems.push(Problem {
                location,
                stage: Stage::Analyzer,
                kind: ProblemKind::Unsupported,
                message,
            });
        }
    }
}

/// Whether a stream has a name that Excel looks for.
fn is_workbook(entry: &Entry) -> bool {
    ["Workbook", "Book"].iter().any(|name| entry.name.eq_ignore_ascii_case(name))
}

/// Whether the first bytes of a stream are those of a workbook, whatever its name.
fn looks_like_workbook(head: &[u8]) -> bool {
    sniff(head.get(..64).unwrap_or(head)).is_biff()
}

/// The kind of file that a stream begins as, if a mark too long for chance says so.
fn file_in_stream(head: &[u8]) -> Option<FileKind> {
    let head = head.get(..4096).unwrap_or(head);
    embedded_at(head).then(|| sniff(head)).filter(|kind| !picture::is_picture(*kind))
}
