//! What an object is, in words, and which parts belong to it.

use std::collections::BTreeMap;

use crate::base::PartId;
use crate::containers::part::{Part, PartKind};
use crate::containers::sniff::FileKind;
use crate::documents::objects::{Object, ObjectKind};
use crate::findings::{Evidence, Facts};

/// The path of the storage that an object stands in, with its compound file.
fn storage(facts: &Facts<'_>, object: &Object) -> String {
    let part = facts.parts.get(object.location.part.0 as usize);
    let name = part.map_or("", |part| part.name.as_str());
    let parent = part.and_then(|part| part.parent).map_or(0, |parent| parent.0);
    format!("{parent}/{}", name.rsplit_once('/').map_or(name, |(storage, _)| storage))
}

/// Embedded objects and packages, one a storage: several streams of one storage tell of one object,
/// and the one that says most is taken. Designers of VBA forms are none.
pub(super) fn embedded<'m>(facts: &Facts<'m>) -> Vec<&'m Object> {
    let mut found: Vec<(String, &Object)> = Vec::new();
    for object in
        facts.objects.iter().filter(|object| !matches!(object.kind, ObjectKind::Control | ObjectKind::Link))
    {
        let class = object.class_name.to_ascii_lowercase();
        if class.starts_with("forms.form") || class.starts_with("microsoft forms 2.0 form") {
            continue;
        }
        found.push((storage(facts, object), object));
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    let weight = |object: &Object| {
        (object.kind == ObjectKind::Package, object.class.is_some(), !object.class_name.is_empty())
    };
    found.dedup_by(|(storage, object), (kept_storage, kept)| {
        let same = storage == kept_storage;
        if same && weight(object) > weight(kept) {
            *kept = object;
        }
        same
    });
    let mut objects: Vec<_> = found.into_iter().map(|(_, object)| object).collect();
    objects.sort_by(|one, other| one.location.cmp(&other.location));
    objects
}

/// Class and label of an object in words.
pub(super) fn title(object: &Object) -> String {
    let class = match (&object.class, object.class_name.as_str()) {
        (_, name) if !name.is_empty() => name.to_owned(),
        (Some(class), _) => class.to_string(),
        (None, _) if object.kind == ObjectKind::Package => "OLE package".to_owned(),
        (None, _) => "unknown class".to_owned(),
    };
    if object.label.is_empty() { class } else { format!("{class} {:?}", object.label) }
}

/// Where an object stands, and what it is.
pub(super) fn proof(object: &Object) -> Evidence {
    let path = if object.path.is_empty() { String::new() } else { format!(" from {:?}", object.path) };
    Evidence::new(object.location.clone(), format!("{}{path}", title(object)))
}

/// The files that lie in streams, each with its kind, by the part of the stream.
pub(super) fn carried<'m>(facts: &Facts<'m>) -> BTreeMap<PartId, Vec<(&'m Part, FileKind)>> {
    let mut files: BTreeMap<PartId, Vec<(&Part, FileKind)>> = BTreeMap::new();
    for part in facts.parts {
        if let (Some(parent), PartKind::File(kind)) = (part.parent, part.kind) {
            files.entry(parent).or_default().push((part, kind));
        }
    }
    files
}
