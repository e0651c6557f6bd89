//! Objects in the storages of compound files: links, equations, controls.

use super::run::{Opened, Run};
use super::streams::CompoundStreams;
use crate::base::text::{CodePage, utf16le};
use crate::base::{Bytes, LimitHit, Location, PartId, Stage};
use crate::containers::cfb::{CompoundFile, Entry};
use crate::containers::flash;
use crate::documents::moniker;
use crate::documents::mtef;
use crate::documents::objects::{self, Clsid, Object, ObjectKind};
use crate::vba::Streams;

impl Run<'_, '_> {
    /// The stream `\1Ole`: where a linked object leads.
    pub(super) fn ole_link(&mut self, part: PartId, bytes: &[u8]) -> Result<(), LimitHit> {
        let Some(link) = moniker::ole_stream(bytes, &mut self.cx(part, Stage::Objects))? else {
            return Ok(());
        };
        let location = Location::part(part);
        self.models.links.extend(moniker::links(&link, &location));
        for moniker in link.monikers {
            let mut object = Object::at(location.clone(), ObjectKind::Link);
            object.class = Some(moniker.class);
            object.class_name = moniker.class.known_name().unwrap_or_default().to_owned();
            object.path = moniker.target;
            self.models.objects.push(object);
        }
        Ok(())
    }

    /// The stream `Equation Native`, or native data of an equation.
    pub(super) fn equation(&mut self, part: PartId, data: &[u8], at: u64) -> Result<bool, LimitHit> {
        let equation = mtef::read(data, at, &mut self.cx(part, Stage::Objects))?;
        let found = equation.is_some();
        self.models.equations.extend(equation);
        Ok(found)
    }

    /// Native data that may be an equation: its class says so, or what it does.
    pub(super) fn native_equation(
        &mut self,
        part: PartId,
        data: &[u8],
        at: u64,
        class: Option<Clsid>,
    ) -> Result<bool, LimitHit> {
        if class.is_some_and(is_equation) {
            return self.equation(part, data, at);
        }
        let end = at.saturating_add(data.len() as u64);
        let found = mtef::overflow_in(data, at..end, &mut self.cx(part, Stage::Objects))?;
        let is_one = found.is_some();
        self.models.equations.extend(found);
        Ok(is_one)
    }

    /// The stream `contents` of a control: its texts, under the name that `\3OCXNAME` gives it.
    pub(super) fn control(
        &mut self,
        next: &Opened<'_>,
        file: &CompoundFile<'_>,
        streams: &CompoundStreams<'_, '_>,
        entry: &Entry,
        bytes: &[u8],
    ) -> Result<(), LimitHit> {
        let part = streams.part(entry.id);
        self.budget.touch(bytes.len())?;
        let mut object = Object::at(Location::part(part), ObjectKind::Control);
        object.class = class_of(file, entry);
        object.class_name = object.class.and_then(Clsid::known_name).unwrap_or_default().to_owned();
        objects::printable_runs(bytes, &mut object.texts);
        objects::wide_texts(bytes, &mut object.texts);
        object.overlong_block = objects::overlong_block(bytes, &mut self.cx(part, Stage::Objects))?;
        let name = file.entries().iter().find(|other| {
            other.is_stream()
                && other.parent == entry.parent
                && other.name.eq_ignore_ascii_case("\u{3}OCXNAME")
        });
        if let Some(name) = name {
            let part = streams.part(name.id);
            let bytes = streams.open(name.id, &mut self.cx(part, Stage::Cfb))?;
            self.budget.touch(bytes.len())?;
            object.label = utf16le(bytes.get(..512).unwrap_or(&bytes)).trim_end_matches('\0').to_owned();
        }
        self.models.objects.push(object);
        self.control_contents(part, next.depth, bytes)
    }

    /// Pictures in the state of a control or form, and the movie that a Flash control holds.
    pub(super) fn control_contents(
        &mut self,
        part: PartId,
        depth: u16,
        state: &[u8],
    ) -> Result<(), LimitHit> {
        self.control_pictures(part, state)?;
        self.budget.touch(state.len())?;
        let Some(range) = flash::find(state) else { return Ok(()) };
        let (start, len) = (range.start as u64, range.len() as u64);
        let movie = state.get(range).unwrap_or_default();
        self.budget.own(len)?;
        let inside = Opened { part, bytes: Bytes::owned(Vec::new()), depth };
        self.deliver(&inside, "movie", Bytes::owned(movie.to_vec()), [(start, len)])?;
        Ok(())
    }

    /// The class of the root storage says what opens an embedded object; the program identifier that the
    /// document around states for it is only a word.
    pub(super) fn root_class(&mut self, whole: PartId, file: &CompoundFile<'_>) {
        let root = file.entry(0).map(|root| Clsid(root.clsid)).filter(|class| !class.is_nil());
        let Some(class) = root else { return };
        let stated = self.models.objects.iter_mut().filter(|object| object.location.part == whole);
        for object in stated.filter(|object| object.class.is_none()) {
            object.class = Some(class);
        }
    }

    /// The stream `\1CompObj` of a storage: the class of the object in it.
    pub(super) fn object_class(
        &mut self,
        file: &CompoundFile<'_>,
        entry: &Entry,
        part: PartId,
        bytes: &[u8],
    ) {
        let mut object = Object::at(Location::part(part), ObjectKind::Embedded);
        object.class = class_of(file, entry);
        object.class_name = objects::class_name(bytes, CodePage::WESTERN).unwrap_or_default();
        if let Some(name) = object.class.and_then(Clsid::known_name) {
            object.class_name = name.to_owned();
        }
        self.models.objects.push(object);
    }
}

/// The class of the storage that a stream lies in, when it has one.
pub(super) fn class_of(file: &CompoundFile<'_>, entry: &Entry) -> Option<Clsid> {
    let storage = entry.parent.and_then(|parent| file.entry(parent))?;
    Some(Clsid(storage.clsid)).filter(|class| !class.is_nil())
}

/// Whether a class is one of Equation Editor or MathType.
fn is_equation(class: Clsid) -> bool {
    class.known_name().is_some_and(|name| name.starts_with("Equation") || name == "MathType")
}
