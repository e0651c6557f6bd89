//! Where projects are: storages with a `dir` stream, and what is left of others.

use std::collections::HashMap;

use super::compression;
use super::consts::PROJECTSYSKIND;
use super::project::{Reach, Remnant};
use super::{StreamRef, Streams, read};
use crate::base::{Cx, LimitHit, Stage};

/// A place that holds a project, and the streams that belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Path of the storage that holds its `dir` stream or, without one, its modules.
    pub storage: String,
    /// Whether Office would load it.
    pub reach: Reach,
    /// The `dir` stream.
    pub dir: Option<u32>,
    /// The PROJECT stream.
    pub project: Option<u32>,
    /// The PROJECTwm stream.
    pub project_wm: Option<u32>,
    /// The `_VBA_PROJECT` stream.
    pub version: Option<u32>,
    /// The document's summary, which holds a signature.
    pub summary: Option<u32>,
    /// A stream that holds nothing but a signature.
    pub signature: Option<u32>,
    /// Names and identifiers of the streams that may hold modules.
    pub(super) streams: Vec<(String, u32)>,
    /// How many `__SRP_*` streams stand beside them.
    pub(super) srp_count: u32,
}

/// Storages in which a host application keeps its project storage `VBA`: Excel, Word; the root of
/// a `vbaProject.bin` and of a presentation's project; Publisher, Outlook and others.
const HOST_STORAGES: [&str; 7] =
    ["", "_VBA_PROJECT_CUR", "Macros", "VBA", "_VBA_PROJECT", "OutlookProject", "VBA_Project"];

/// Streams that no search for stray source opens: readers of their own walk them, and some are
/// large.
const OTHER_STREAMS: [&str; 19] = [
    "Workbook",
    "Book",
    "WordDocument",
    "0Table",
    "1Table",
    "Data",
    "PowerPoint Document",
    "Pictures",
    "Current User",
    "Ctls",
    "\u{1}CompObj",
    "\u{1}Ole",
    "\u{3}ObjInfo",
    "\u{5}SummaryInformation",
    "\u{5}DocumentSummaryInformation",
    "\u{5}DigitalSignature",
    "PROJECT",
    "PROJECTwm",
    "EncryptedPackage",
];

const SUMMARY: &str = "\u{5}DocumentSummaryInformation";

const SIGNATURE: &str = "\u{5}DigitalSignature";

/// Names every place that holds a project, or what is left of one.
///
/// That is each storage with a stream `dir`, in any letter case; streams that were cut out of the
/// tree; and storages without `dir` in which a stream decompresses to one, or to module source.
/// The order is that of the list of streams.
///
/// # Errors
/// [`LimitHit`]; `into` keeps every place so far.
pub fn find<S: Streams + ?Sized>(streams: &S, into: &mut Vec<Root>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let list = streams.list();
    cx.budget.step(list.len() as u64)?;
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut index: HashMap<(bool, &str), usize> = HashMap::new();
    for stream in &list {
        let key = (stream.reached, stream.storage);
        let at = *index.entry(key).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.streams.push(*stream),
            None => groups.push(Group {
                storage: stream.storage,
                reached: stream.reached,
                streams: vec![*stream],
            }),
        }
    }
    let groups = Groups { groups, index };
    for group in &groups.groups {
        let dir = match group.named("dir") {
            Some(dir) => Some(dir.id),
            None => match stray(group, streams, cx)? {
                Stray::Nothing => continue,
                Stray::Dir(id) => Some(id),
                Stray::Source => None,
            },
        };
        into.push(groups.root(group, dir));
    }
    Ok(())
}

#[derive(Debug)]
struct Group<'a> {
    storage: &'a str,
    reached: bool,
    streams: Vec<StreamRef<'a>>,
}

struct Groups<'a> {
    groups: Vec<Group<'a>>,
    index: HashMap<(bool, &'a str), usize>,
}

impl<'a> Group<'a> {
    /// The stream of that name, in any letter case.
    fn named(&self, name: &str) -> Option<&StreamRef<'a>> {
        self.streams.iter().find(|stream| stream.name.eq_ignore_ascii_case(name))
    }
}

impl<'a> Groups<'a> {
    fn get(&self, reached: bool, storage: &str) -> Option<&Group<'a>> {
        self.groups.get(*self.index.get(&(reached, storage))?)
    }

    fn root(&self, group: &Group<'a>, dir: Option<u32>) -> Root {
        let (parent, last) = split_path(group.storage);
        let in_vba = last.eq_ignore_ascii_case("VBA");
        let project_storage = if in_vba { parent } else { group.storage };
        let named = |storage: &str, name: &str| {
            self.get(group.reached, storage).and_then(|group| group.named(name)).map(|stream| stream.id)
        };
        let beside = |name| named(project_storage, name).or_else(|| named(group.storage, name));
        let around =
            |name| named(split_path(project_storage).0, name).or_else(|| named(project_storage, name));
        let version = named(group.storage, "_VBA_PROJECT");
        let host_storage = split_path(project_storage).1;
        let reach = if !group.reached {
            Reach::Remnant(Remnant::CutOff)
        } else if dir.is_none() || group.named("dir").is_none() {
            Reach::Remnant(Remnant::NoDir)
        } else if version.is_none() {
            Reach::Remnant(Remnant::NoVersionStream)
        } else if !in_vba || !HOST_STORAGES.iter().any(|name| name.eq_ignore_ascii_case(host_storage)) {
            Reach::Remnant(Remnant::Misplaced)
        } else {
            Reach::Reachable
        };
        let is_srp = |stream: &&StreamRef<'_>| {
            stream.name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("__SRP_"))
        };
        let is_other = |stream: &StreamRef<'_>| {
            Some(stream.id) == dir
                || Some(stream.id) == version
                || OTHER_STREAMS.iter().any(|name| name.eq_ignore_ascii_case(stream.name))
        };
        Root {
            storage: group.storage.to_owned(),
            reach,
            dir,
            project: beside("PROJECT"),
            project_wm: beside("PROJECTwm"),
            version,
            summary: around(SUMMARY),
            signature: around(SIGNATURE),
            srp_count: u32::try_from(group.streams.iter().filter(is_srp).count()).unwrap_or(u32::MAX),
            streams: group
                .streams
                .iter()
                .filter(|stream| !is_srp(stream) && !is_other(stream))
                .map(|stream| (stream.name.to_owned(), stream.id))
                .collect(),
        }
    }
}

/// Parent and last name of a path.
fn split_path(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

enum Stray {
    Nothing,
    /// A stream that decompresses to a `dir` stream.
    Dir(u32),
    /// A stream that holds module source.
    Source,
}

/// Looks for a project in a storage without `dir`.
fn stray<S: Streams + ?Sized>(group: &Group<'_>, streams: &S, cx: &mut Cx<'_>) -> Result<Stray, LimitHit> {
    let mut found = Stray::Nothing;
    for stream in &group.streams {
        if stream.len < 16 || OTHER_STREAMS.iter().any(|name| name.eq_ignore_ascii_case(stream.name)) {
            continue;
        }
        let mut cx = cx.for_part(streams.part(stream.id), Stage::Vba);
        let bytes = streams.open(stream.id, &mut cx)?;
        // PROJECTSYSKIND comes first, and is four bytes long.
        let [low, high] = PROJECTSYSKIND.to_le_bytes();
        if compression::prefix(&bytes, 6) == [low, high, 4, 0, 0, 0] {
            return Ok(Stray::Dir(stream.id));
        }
        if matches!(found, Stray::Nothing) && read::carve(&bytes, 0, &mut cx)?.is_some() {
            found = Stray::Source;
        }
    }
    Ok(found)
}
