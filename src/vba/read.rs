//! Fills a project from the streams of one root.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::compression::{self, Fault, Outcome};
use super::dir::{self, ModuleRecord, Walk};
use super::listing::{self, ListedAs, Listing};
use super::locate::Root;
use super::project::{Host, Module, ModuleKind, Oddity, OddityKind, Project};
use super::{Streams, signature};
use crate::base::bytes::Reader;
use crate::base::{Cx, LimitHit, Location, Stage};

/// How the `dir` stream of Excel 5.0 and 95 begins. Those versions keep p-code only.
const EARLY: [u8; 2] = [0xCC, 0x61];

/// Bytes of text that one module may have besides the length of its stream. Real source shrinks to a half or a third; a chunk can make almost 700 times its own length.
const TEXT_SLACK: u64 = 2 << 20;

/// The same, for all modules of a project together.
const PROJECT_SLACK: u64 = 6 << 20;

/// How many modules may name the same stream and still be read from it.
const CLAIMS: u8 = 4;

/// Fills `into` from the streams of `root`.
///
/// A module that is broken is a problem of its own; the others are kept. Text that `dir` does not
/// lead to is searched for in the streams.
///
/// # Errors
/// [`LimitHit`]; `into` keeps every module so far.
pub fn read<S: Streams + ?Sized>(
    streams: &S,
    root: &Root,
    into: &mut Project,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let mut cx = cx.for_stage(Stage::Vba);
    let cx = &mut cx;
    into.storage.clone_from(&root.storage);
    into.reach = root.reach;
    into.srp_stream_count = root.srp_count;
    if let Some(id) = root.version {
        version(streams, id, into, cx)?;
    }
    let mut walk = Walk::default();
    if let Some(id) = root.dir {
        directory(streams, root, id, into, &mut walk, cx)?;
    }
    let mut listing = Listing::default();
    if let Some(id) = root.project {
        let mut cx = cx.for_part(streams.part(id), Stage::Vba);
        let bytes = streams.open(id, &mut cx)?;
        let result = listing::project(&bytes, into.code_page, &mut listing, &mut cx);
        into.lines = std::mem::take(&mut listing.lines);
        into.protection = std::mem::take(&mut listing.protection);
        result?;
        if !into.protection.broken.is_empty() {
            let location = Location::part(cx.part);
            into.oddities.push(Oddity { location, module: None, kind: OddityKind::BrokenProtection });
        }
    }
    let mut wide_names = HashMap::new();
    if let Some(id) = root.project_wm {
        let mut cx = cx.for_part(streams.part(id), Stage::Vba);
        let bytes = streams.open(id, &mut cx)?;
        listing::name_map(&bytes, &mut wide_names, &mut cx)?;
    }
    let mut reading = Reading {
        streams,
        listed: root.project.map(|_| Listed::new(&listing)),
        wide_names,
        named: Named::new(root),
        claims: HashMap::new(),
        opened: 0,
        made: 0,
    };
    for record in std::mem::take(&mut walk.modules) {
        reading.module(record, into, cx)?;
    }
    for (_, id) in &root.streams {
        if !reading.claims.contains_key(id) {
            reading.leftover(*id, root, into, cx)?;
        }
    }
    reading.listed_only(root, into);
    for id in [root.summary, root.signature].into_iter().flatten() {
        let mut cx = cx.for_part(streams.part(id), Stage::Vba);
        let bytes = streams.open(id, &mut cx)?;
        if into.signature.is_none() {
            into.signature = signature::in_summary(&bytes, &mut cx)?;
        }
    }
    if let Some(mut signature) = into.signature.take() {
        let matches = signature::matches(&signature.signed_hash, &walk.names, into, cx);
        signature.hash_matches = matches.unwrap_or_default();
        into.signature = Some(signature);
        matches?;
    }
    Ok(())
}

/// The `_VBA_PROJECT` stream ([MS-OVBA] 2.3.4.1).
fn version<S: Streams + ?Sized>(
    streams: &S,
    id: u32,
    into: &mut Project,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let mut cx = cx.for_part(streams.part(id), Stage::Vba);
    let bytes = streams.open(id, &mut cx)?;
    let mut reader = Reader::new(&bytes);
    // Reserved1, Version, Reserved2, Reserved3, PerformanceCache
    if reader.u16().is_ok() {
        into.compiler = reader.u16().ok();
    }
    into.performance_cache_len = (bytes.len() as u64).saturating_sub(7);
    Ok(())
}

/// The `dir` stream.
fn directory<S: Streams + ?Sized>(
    streams: &S,
    root: &Root,
    id: u32,
    into: &mut Project,
    walk: &mut Walk,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let mut cx = cx.for_part(streams.part(id), Stage::Vba);
    let cx = &mut cx;
    let bytes = streams.open(id, cx)?;
    let len = bytes.len() as u64;
    if bytes.starts_with(&EARLY) {
        into.oddities.push(Oddity {
            location: Location::part(cx.part),
            module: None,
            kind: OddityKind::Early,
        });
        match root.streams.is_empty() {
            true => cx.recovered(0, "a project of Excel 5.0 or 95 without modules"),
            false => cx.unsupported(0, "a project of Excel 5.0 or 95, which has no source text"),
        }
        return Ok(());
    }
    let ceiling = PROJECT_SLACK.saturating_add(len);
    let mut dir = Vec::new();
    let outcome = compression::decompress_up_to(&bytes, ceiling, &mut dir, cx)?;
    let location = Location::part(cx.part);
    let odd = |kind| Oddity { location: location.clone(), module: None, kind };
    tell(&outcome, 0, len, cx);
    if dir.is_empty() {
        cx.abandoned(0..len, "the dir stream holds nothing");
    }
    if outcome.fault.is_some() {
        into.oddities.push(odd(OddityKind::DamagedContainer));
    }
    let result = dir::walk(&dir, into, walk, cx);
    for error in &walk.skipped {
        into.oddities.push(odd(OddityKind::OddDirRecord));
        cx.recovered(0, error);
    }
    if let Some(error) = &walk.ended_by {
        into.oddities.push(odd(OddityKind::OddDirRecord));
        cx.abandoned(0..len, error);
    }
    result
}

/// Records what became of the container at `at`, in a stream of `len` bytes.
fn tell(outcome: &Outcome, at: u64, len: u64, cx: &mut Cx<'_>) {
    match (outcome.lost_at, &outcome.fault) {
        (Some(lost_at), Some(fault)) => cx.abandoned(at.saturating_add(lost_at).min(len)..len, fault),
        (Some(lost_at), None) => {
            cx.abandoned(at.saturating_add(lost_at).min(len)..len, "not a compressed container");
        }
        (None, Some(fault)) => cx.recovered(at.min(len), fault),
        (None, None) => {}
    }
}

/// Modules that PROJECT lists, by name in lower case.
struct Listed {
    by_name: HashMap<String, (ListedAs, bool)>,
}

impl Listed {
    fn new(listing: &Listing) -> Self {
        let names = listing.names.iter().map(|(name, listed_as)| (name.to_lowercase(), (*listed_as, false)));
        Listed { by_name: names.collect() }
    }

    /// How a name is listed; it then counts as seen.
    fn take(&mut self, name: &str) -> Option<ListedAs> {
        let (listed_as, seen) = self.by_name.get_mut(&name.to_lowercase())?;
        *seen = true;
        Some(*listed_as)
    }
}

/// Streams that may hold modules, by name.
struct Named {
    exact: HashMap<String, u32>,
    folded: HashMap<String, u32>,
}

impl Named {
    fn new(root: &Root) -> Self {
        let mut named = Named { exact: HashMap::new(), folded: HashMap::new() };
        for (name, id) in &root.streams {
            named.exact.entry(name.clone()).or_insert(*id);
            named.folded.entry(name.to_lowercase()).or_insert(*id);
        }
        named
    }

    fn get(&self, name: &str) -> Option<u32> {
        self.exact.get(name).or_else(|| self.folded.get(&name.to_lowercase())).copied()
    }
}

struct Reading<'s, S: ?Sized> {
    streams: &'s S,
    listed: Option<Listed>,
    wide_names: HashMap<Vec<u8>, String>,
    named: Named,
    /// How many modules a stream was read for.
    claims: HashMap<u32, u8>,
    opened: u64,
    made: u64,
}

impl<S: Streams + ?Sized> Reading<'_, S> {
    /// A module of the `dir` stream.
    fn module(&mut self, record: ModuleRecord, into: &mut Project, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
        cx.budget.part()?;
        let page = into.code_page;
        let narrow = |bytes: Option<&[u8]>| page.decode(bytes.unwrap_or_default()).text.into_owned();
        let mapped = record.name.as_ref().and_then(|name| self.wide_names.get(name)).cloned();
        let stream_name = narrow(record.stream_name.as_deref());
        let name = match record.name_unicode {
            Some(name) if !name.is_empty() => name,
            _ => match (mapped, &record.name) {
                (Some(name), _) => name,
                (None, Some(name)) => narrow(Some(name)),
                (None, None) => record.stream_name_unicode.clone().unwrap_or_else(|| stream_name.clone()),
            },
        };
        let candidates = [record.stream_name_unicode.as_deref(), Some(&stream_name), Some(&name)];
        let stream = candidates.into_iter().flatten().find_map(|name| self.named.get(name));
        let mut odd = Vec::new();
        let names = record.stream_name.as_deref().zip(record.stream_name_unicode.as_deref());
        if names.is_some_and(|(narrow, wide)| is_decoy(narrow, wide)) {
            odd.push(OddityKind::DecoyStreamName);
        }
        // PROJECT has the 8-bit name, which need not decode to the Unicode one.
        let names = [Some(name.clone()), record.name.as_deref().map(|name| narrow(Some(name)))];
        let listed_as = self
            .listed
            .as_mut()
            .and_then(|listed| names.into_iter().flatten().find_map(|name| listed.take(&name)));
        if self.listed.is_some() && listed_as.is_none() {
            odd.push(OddityKind::NotListed);
        }
        let mut module = Module {
            name,
            stream_name,
            stream_name_unicode: record.stream_name_unicode,
            code_page: Some(page),
            stream,
            offset: record.offset,
            in_dir: true,
            listed: listed_as.is_some(),
            read_only: record.read_only,
            private: record.private,
            ..Module::default()
        };
        let result = match stream {
            Some(id) => self.text(id, &mut module, &mut odd, cx),
            None => {
                odd.push(OddityKind::MissingStream);
                cx.recovered(0, &format!("module {:?} has no stream", module.name));
                Ok(())
            }
        };
        classify(&mut module, !record.procedural, listed_as);
        self.keep(module, odd, into, cx);
        result
    }

    fn keep(&self, module: Module, odd: Vec<OddityKind>, into: &mut Project, cx: &Cx<'_>) {
        let index = u32::try_from(into.modules.len()).ok();
        let part = module.stream.map_or(cx.part, |id| self.streams.part(id));
        let location = match module.stream {
            Some(_) => Location::bytes(part, module.compressed_at..module.compressed_at),
            None => Location::part(part),
        };
        let oddities = odd.into_iter().map(|kind| Oddity { location: location.clone(), module: index, kind });
        into.oddities.extend(oddities);
        into.modules.push(module);
    }

    /// Reads the text of a module from its stream.
    fn text(
        &mut self,
        id: u32,
        module: &mut Module,
        odd: &mut Vec<OddityKind>,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let mut cx = cx.for_part(self.streams.part(id), Stage::Vba);
        let cx = &mut cx;
        let claims = self.claims.entry(id).or_insert(0);
        *claims = claims.saturating_add(1);
        if *claims > 1 {
            odd.push(OddityKind::SharedStream);
        }
        if *claims > CLAIMS {
            cx.abandoned(0..0, &format!("module {:?} shares a stream with too many others", module.name));
            return Ok(());
        }
        let bytes = self.streams.open(id, cx)?;
        let len = bytes.len() as u64;
        self.opened = self.opened.saturating_add(len);
        let stated = module.offset.map_or(0, u64::from);
        let start = usize::try_from(stated).unwrap_or(usize::MAX);
        let stated_here = bytes.get(start..).filter(|rest| !rest.is_empty());
        // At its offset a text need not begin with an attribute: Office reads what is there.
        let looks_right = stated_here.is_some_and(|rest| compression::prefix(rest, 1).len() == 1);
        let begins = if looks_right { Some(start) } else { carve(&bytes, 0, cx)? };
        let Some(begins) = begins.or(stated_here.map(|_| start)) else {
            odd.push(OddityKind::LostText);
            let message = format!(
                "module {:?}: its text should begin at {stated}, and the stream has none",
                module.name
            );
            cx.abandoned(0..len, &message);
            return Ok(());
        };
        if begins != start {
            odd.push(OddityKind::WrongTextOffset);
            let message = format!(
                "module {:?}: its text should begin at {stated}, and begins at {begins}",
                module.name
            );
            cx.recovered(begins as u64, &message);
        }
        self.container(&bytes, begins, module, odd, cx)
    }

    /// Decompresses the container at `begins`.
    fn container(
        &mut self,
        bytes: &[u8],
        begins: usize,
        module: &mut Module,
        odd: &mut Vec<OddityKind>,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let len = bytes.len() as u64;
        let container = bytes.get(begins..).unwrap_or_default();
        let of_module = TEXT_SLACK.saturating_add(len);
        let of_project = PROJECT_SLACK.saturating_add(self.opened).saturating_sub(self.made);
        module.compressed_at = begins as u64;
        let result = compression::decompress_up_to(container, of_module.min(of_project), &mut module.raw, cx);
        self.made = self.made.saturating_add(module.raw.len() as u64);
        module.raw.shrink_to_fit();
        // Once as it is, once decoded, and what its view keeps of it.
        cx.budget.hold(module.raw.len().saturating_mul(3))?;
        let outcome = result?;
        module.compressed_len = outcome.read;
        tell(&outcome, begins as u64, len, cx);
        match (outcome.lost_at, outcome.fault) {
            (Some(_), _) => odd.push(OddityKind::LostText),
            (None, Some(fault)) if !matches!(fault, Fault::Trailing { .. }) => {
                odd.push(OddityKind::DamagedContainer)
            }
            _ => {}
        }
        if module.raw.is_empty() {
            odd.push(OddityKind::EmptyText);
        }
        Ok(())
    }

    /// A stream that no module of `dir` names: looks for source in it.
    fn leftover(
        &mut self,
        id: u32,
        root: &Root,
        into: &mut Project,
        cx: &mut Cx<'_>,
    ) -> Result<(), LimitHit> {
        let mut cx = cx.for_part(self.streams.part(id), Stage::Vba);
        let cx = &mut cx;
        let streams = self.streams;
        let bytes: Cow<'_, [u8]> = streams.open(id, cx)?;
        self.opened = self.opened.saturating_add(bytes.len() as u64);
        let mut from = 0;
        while let Some(begins) = carve(&bytes, from, cx)? {
            cx.budget.part()?;
            let mut odd = vec![OddityKind::NotInDir];
            let stream_name = root.streams.iter().find(|(_, of)| *of == id).map_or("", |(name, _)| name);
            let mut module = Module {
                stream_name_unicode: Some(stream_name.to_owned()),
                code_page: Some(into.code_page),
                stream: Some(id),
                ..Module::default()
            };
            let result = self.container(&bytes, begins, &mut module, &mut odd, cx);
            let own_name =
                attribute(&module.raw, "VB_Name").map(|name| into.code_page.decode(name).text.into_owned());
            module.name = own_name.unwrap_or_else(|| stream_name.to_owned());
            let listed_as = self.listed.as_mut().and_then(|listed| listed.take(&module.name));
            module.listed = listed_as.is_some();
            classify(&mut module, false, listed_as);
            let read = usize::try_from(module.compressed_len).unwrap_or(usize::MAX).max(1);
            from = begins.saturating_add(read);
            self.keep(module, odd, into, cx);
            result?;
        }
        Ok(())
    }

    /// Notes the modules that PROJECT lists and nothing else has.
    fn listed_only(&self, root: &Root, into: &mut Project) {
        let Some((listed, id)) = self.listed.as_ref().zip(root.project) else { return };
        let count = listed.by_name.values().filter(|(_, seen)| !seen).count();
        if count > 0 {
            let location = Location::part(self.streams.part(id));
            into.oddities.push(Oddity { location, module: None, kind: OddityKind::ListedOnly });
        }
    }
}

/// Whether the 8-bit stream name is a decoy. A host writes a best fit where the code page lacks a
/// character, so that only a plain difference counts.
fn is_decoy(narrow: &[u8], wide: &str) -> bool {
    let Ok(narrow) = std::str::from_utf8(narrow) else { return false };
    narrow.is_ascii()
        && !narrow.contains('?')
        && !narrow.eq_ignore_ascii_case(wide)
        && (wide.is_ascii() || narrow.chars().count() != wide.chars().count())
}

/// Offset of the next compressed container in `bytes`, from `from` on, whose text begins with an
/// attribute line as every exported module does.
pub(super) fn carve(bytes: &[u8], from: usize, cx: &mut Cx<'_>) -> Result<Option<usize>, LimitHit> {
    // "Attribute" repeats no three letters, so that no compressor can shorten its beginning: it
    // stands behind the flag byte 0 of its chunk, or bare in a raw chunk.
    static BEGINNING: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(["Attribut"]).ok());
    let rest = bytes.get(from..).unwrap_or_default();
    cx.budget.touch(rest.len())?;
    let Some(beginning) = BEGINNING.as_ref() else { return Ok(None) };
    for hit in beginning.find_iter(rest) {
        for before in [4, 3] {
            let Some(begins) = hit.start().checked_sub(before) else { continue };
            let container = rest.get(begins..).unwrap_or_default();
            let text = compression::prefix(container, 13);
            if text.starts_with(b"Attribute VB_") {
                return Ok(Some(from.saturating_add(begins)));
            }
        }
    }
    Ok(None)
}

/// The value of an attribute line at the top of a module, without quotation marks.
pub(super) fn attribute<'r>(raw: &'r [u8], name: &str) -> Option<&'r [u8]> {
    let top = raw.get(..4096).unwrap_or(raw);
    for line in top.split(|byte| matches!(byte, b'\r' | b'\n')).filter(|line| !line.is_empty()) {
        let Some(rest) = line.strip_prefix(b"Attribute ") else { continue };
        let Some(rest) = rest.strip_prefix(name.as_bytes()) else { continue };
        let value = rest.trim_ascii().strip_prefix(b"=")?.trim_ascii();
        return Some(value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value));
    }
    None
}

/// Says what a module is: by PROJECT, or else by its attributes.
fn classify(module: &mut Module, not_procedural: bool, listed_as: Option<ListedAs>) {
    /// `VB_Base` of every class that is written in VBA.
    const CLASS: &[u8] = b"0{FCFB3D2A-A0FA-1068-A738-08002B3371B5}";
    let base = attribute(&module.raw, "VB_Base").unwrap_or_default();
    module.host = match base.get(..11) {
        Some(b"0{00020819-") => Host::Workbook,
        Some(b"0{00020820-") => Host::Worksheet,
        Some(b"0{00020821-") => Host::Chart,
        Some(b"0{00020906-") => Host::Document,
        _ => Host::Unknown,
    };
    module.kind = match listed_as {
        Some(ListedAs::Document) => ModuleKind::Document,
        Some(ListedAs::Class) => ModuleKind::Class,
        Some(ListedAs::BaseClass) => ModuleKind::Form,
        Some(ListedAs::Module) if !not_procedural => ModuleKind::Procedural,
        _ if base.is_empty() && !not_procedural => ModuleKind::Procedural,
        _ if base.is_empty() || base.eq_ignore_ascii_case(CLASS) => ModuleKind::Class,
        _ if base.iter().filter(|byte| **byte == b'{').count() > 1 => ModuleKind::Form,
        _ => ModuleKind::Document,
    };
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::super::compression::tests::{compress, with_cx, with_limits};
    use super::super::consts::*;
    use super::super::project::{Reach, Remnant, SysKind};
    use super::super::{StreamRef, find};
    use super::*;
    use crate::base::{Limits, PartId, ProblemKind, Problems};

    /// Streams in memory: storage, name, bytes, reached.
    #[derive(Debug, Default)]
    pub(in crate::vba) struct Memory {
        pub(in crate::vba) streams: Vec<(String, String, Vec<u8>, bool)>,
    }

    impl Memory {
        fn with(mut self, storage: &str, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
            self.streams.push((storage.into(), name.into(), bytes.into(), true));
            self
        }
    }

    impl Streams for Memory {
        fn list(&self) -> Vec<StreamRef<'_>> {
            let refs = (0u32..).zip(&self.streams).map(|(id, (storage, name, bytes, reached))| StreamRef {
                id,
                storage,
                name,
                len: bytes.len() as u64,
                reached: *reached,
            });
            refs.collect()
        }

        fn open(&self, id: u32, _: &mut Cx<'_>) -> Result<Cow<'_, [u8]>, LimitHit> {
            Ok(self.streams.get(id as usize).map_or(Cow::Borrowed(&[]), |stream| Cow::Borrowed(&stream.2)))
        }

        fn part(&self, id: u32) -> PartId {
            PartId(100 + id)
        }
    }

    fn record(id: u16, body: &[u8]) -> Vec<u8> {
        let mut bytes = id.to_le_bytes().to_vec();
        bytes.extend((body.len() as u32).to_le_bytes());
        bytes.extend(body);
        bytes
    }

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn module(name: &str, ansi_stream: &str, stream: &str, offset: u32) -> Vec<u8> {
        [
            record(MODULENAME, name.as_bytes()),
            record(MODULENAMEUNICODE, &wide(name)),
            record(MODULESTREAMNAME, ansi_stream.as_bytes()),
            record(MODULESTREAMNAME_UNICODE, &wide(stream)),
            record(MODULEOFFSET, &offset.to_le_bytes()),
            record(MODULETYPE_PROCEDURAL, &[]),
            record(MODULE_TERMINATOR, &[]),
        ]
        .concat()
    }

    fn head() -> Vec<u8> {
        [
            record(PROJECTSYSKIND, &1u32.to_le_bytes()),
            record(PROJECTCOMPATVERSION, &[0; 4]),
            record(PROJECTCODEPAGE, &1252u16.to_le_bytes()),
            record(PROJECTNAME, b"VBAProject"),
        ]
        .concat()
    }

    fn stream_of(cache: &[u8], text: &str) -> Vec<u8> {
        [cache.to_vec(), compress(text.as_bytes())].concat()
    }

    fn book(dir: &[u8]) -> Memory {
        Memory::default().with("_VBA_PROJECT_CUR/VBA", "dir", compress(dir)).with(
            "_VBA_PROJECT_CUR/VBA",
            "_VBA_PROJECT",
            [0xCC, 0x61, 0x88, 0, 0, 0, 0, 9, 9],
        )
    }

    fn read_all(memory: &Memory) -> (Vec<Project>, Problems) {
        with_cx(|cx| {
            let mut roots = Vec::new();
            find(memory, &mut roots, cx).unwrap();
            let projects = roots.iter().map(|root| {
                let mut project = Project::default();
                read(memory, root, &mut project, cx).unwrap();
                project
            });
            projects.collect()
        })
    }

    fn read_one(memory: &Memory) -> (Project, Problems) {
        let (mut projects, problems) = read_all(memory);
        assert_eq!(projects.len(), 1);
        (projects.remove(0), problems)
    }

    fn kinds(project: &Project) -> Vec<(Option<u32>, OddityKind)> {
        project.oddities.iter().map(|oddity| (oddity.module, oddity.kind)).collect()
    }

    const TEXT: &str = "Attribute VB_Name = \"M\"\r\nSub Auto_Open()\r\nEnd Sub\r\n";

    #[test]
    fn project_of_a_workbook_is_read() {
        let dir = [head(), module("M", "M", "M", 5)].concat();
        let memory = book(&dir)
            .with("_VBA_PROJECT_CUR/VBA", "M", stream_of(b"cache", TEXT))
            .with("_VBA_PROJECT_CUR/VBA", "__SRP_0", [1, 2])
            .with("_VBA_PROJECT_CUR", "PROJECT", "Module=M\r\n");
        let (project, problems) = read_one(&memory);
        assert_eq!((project.storage.as_str(), project.reach), ("_VBA_PROJECT_CUR/VBA", Reach::Reachable));
        assert_eq!((project.name.as_str(), project.sys_kind), ("VBAProject", Some(SysKind::Win32)));
        assert_eq!((project.compiler, project.performance_cache_len), (Some(0x88), 2));
        assert_eq!(project.srp_stream_count, 1);
        let module = &project.modules[0];
        assert_eq!((module.name.as_str(), module.text().as_ref()), ("M", TEXT));
        assert_eq!((module.kind, module.in_dir, module.listed), (ModuleKind::Procedural, true, true));
        assert_eq!((module.compressed_at, module.offset), (5, Some(5)));
        assert_eq!((kinds(&project), problems.list()), (vec![], &[][..]));
    }

    #[test]
    fn decoy_stream_name_gives_way_to_the_unicode_one() {
        let dir = [head(), module("M", "kJhY3", "M", 0)].concat();
        let memory = book(&dir).with("_VBA_PROJECT_CUR/VBA", "m", stream_of(b"", TEXT));
        let (project, problems) = read_one(&memory);
        assert_eq!(project.modules[0].text(), TEXT);
        assert_eq!(kinds(&project), [(Some(0), OddityKind::DecoyStreamName)]);
        assert_eq!(problems.count(), 0);
    }

    #[test]
    fn wrong_offset_is_found_by_searching() {
        let dir = [head(), module("M", "M", "M", 4000)].concat();
        let memory = book(&dir).with("_VBA_PROJECT_CUR/VBA", "M", stream_of(b"cache", TEXT));
        let (project, problems) = read_one(&memory);
        assert_eq!((project.modules[0].text().as_ref(), project.modules[0].compressed_at), (TEXT, 5));
        assert_eq!(kinds(&project), [(Some(0), OddityKind::WrongTextOffset)]);
        assert!(!problems.bar_nothing_found());
    }

    #[test]
    fn module_hidden_from_the_editor_is_not_listed() {
        let dir = [head(), module("M", "M", "M", 0), module("N", "N", "N", 0)].concat();
        let memory = book(&dir)
            .with("_VBA_PROJECT_CUR/VBA", "M", stream_of(b"", TEXT))
            .with("_VBA_PROJECT_CUR/VBA", "N", stream_of(b"", TEXT))
            .with("_VBA_PROJECT_CUR", "PROJECT", "Module=N\r\nModule=Gone\r\n");
        let (project, _) = read_one(&memory);
        assert_eq!(kinds(&project), [(Some(0), OddityKind::NotListed), (None, OddityKind::ListedOnly)]);
    }

    #[test]
    fn dir_with_unknown_record_keeps_later_modules() {
        let dir = [head(), record(0x0ABC, b"junk"), module("M", "M", "M", 0)].concat();
        let memory = book(&dir).with("_VBA_PROJECT_CUR/VBA", "M", stream_of(b"", TEXT));
        let (project, problems) = read_one(&memory);
        assert_eq!(project.modules[0].text(), TEXT);
        assert_eq!(kinds(&project), [(None, OddityKind::OddDirRecord)]);
        let messages: Vec<_> = problems.list().iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(messages, ["record 0x0abc at 44 of the decompressed dir stream is unknown"]);
    }

    #[test]
    fn dir_that_ends_in_a_record_keeps_what_was_read_and_the_text_it_lost() {
        let dir = [head(), module("M", "M", "M", 0), vec![0x19, 0, 0xFF, 0xFF, 0xFF, 0x7F]].concat();
        let memory = book(&dir).with("_VBA_PROJECT_CUR/VBA", "M", stream_of(b"", TEXT)).with(
            "_VBA_PROJECT_CUR/VBA",
            "Lost",
            stream_of(b"xyz", TEXT),
        );
        let (project, problems) = read_one(&memory);
        let found: Vec<_> =
            project.modules.iter().map(|module| (module.in_dir, module.compressed_at)).collect();
        assert_eq!(found, [(true, 0), (false, 3)]);
        assert_eq!(problems.count_of(Stage::Vba, ProblemKind::Abandoned), 1);
        assert_eq!(kinds(&project), [(None, OddityKind::OddDirRecord), (Some(1), OddityKind::NotInDir)]);
    }

    #[test]
    fn module_without_stream_or_text_leaves_the_others() {
        let dir =
            [head(), module("A", "A", "A", 0), module("B", "B", "B", 0), module("M", "M", "M", 0)].concat();
        let memory = book(&dir).with("_VBA_PROJECT_CUR/VBA", "B", vec![0u8; 40]).with(
            "_VBA_PROJECT_CUR/VBA",
            "M",
            stream_of(b"", TEXT),
        );
        let (project, problems) = read_one(&memory);
        assert_eq!(project.modules[2].text(), TEXT);
        assert_eq!(
            kinds(&project),
            [
                (Some(0), OddityKind::MissingStream),
                (Some(1), OddityKind::LostText),
                (Some(1), OddityKind::EmptyText)
            ]
        );
        assert_eq!(problems.count_of(Stage::Vba, ProblemKind::Abandoned), 1);
    }

    #[test]
    fn modules_that_share_a_stream_are_read_a_few_times_only() {
        let dir = [head(), module("M", "M", "M", 0).repeat(9)].concat();
        let memory = book(&dir).with("_VBA_PROJECT_CUR/VBA", "M", stream_of(b"", TEXT));
        let (project, problems) = read_one(&memory);
        assert_eq!(project.modules.iter().filter(|module| !module.raw.is_empty()).count(), 4);
        assert_eq!(problems.count_of(Stage::Vba, ProblemKind::Abandoned), 5);
    }

    #[test]
    fn projects_are_found_wherever_they_are() {
        let dir = [head(), module("M", "M", "M", 0)].concat();
        let text = || stream_of(b"", TEXT);
        let version = [0xCC, 0x61, 0x88, 0];
        let mut memory = Memory::default()
            .with("", "Workbook", text())
            .with("VBA", "DIR", compress(&dir))
            .with("VBA", "_vba_project", version)
            .with("VBA", "M", text())
            .with("MBD0001/_VBA_PROJECT_CUR/VBA", "dir", compress(&dir))
            .with("MBD0001/_VBA_PROJECT_CUR/VBA", "_VBA_PROJECT", version)
            .with("Elsewhere/VBA", "dir", compress(&dir))
            .with("Elsewhere/VBA", "_VBA_PROJECT", version)
            .with("Macros/VBA", "dir", compress(&dir))
            .with("Macros/VBA", "renamed", version)
            .with("Hidden/VBA", "rid", compress(&dir))
            .with("Stray", "S", stream_of(b"12", TEXT))
            .with("Nothing", "N", vec![0; 100]);
        memory.streams.push((String::new(), "dir".into(), compress(&dir), false));
        memory.streams.push((String::new(), "M".into(), text(), false));
        let (projects, _) = read_all(&memory);
        let found: Vec<_> = projects
            .iter()
            .map(|project| (project.storage.as_str(), project.reach, project.modules.len()))
            .collect();
        assert_eq!(
            found,
            [
                ("VBA", Reach::Reachable, 1),
                ("MBD0001/_VBA_PROJECT_CUR/VBA", Reach::Reachable, 1),
                ("Elsewhere/VBA", Reach::Remnant(Remnant::Misplaced), 1),
                ("Macros/VBA", Reach::Remnant(Remnant::NoVersionStream), 1),
                ("Hidden/VBA", Reach::Remnant(Remnant::NoDir), 1),
                ("Stray", Reach::Remnant(Remnant::NoDir), 1),
                ("", Reach::Remnant(Remnant::CutOff), 1),
            ]
        );
        let texts = projects.iter().filter(|project| project.modules[0].text() == TEXT).count();
        assert_eq!(texts, 3);
    }

    #[test]
    fn module_is_classified_by_its_attributes_without_project_stream() {
        let base = |base: &str| format!("Attribute VB_Name = \"M\"\r\nAttribute VB_Base = \"{base}\"\r\n");
        let kind = |text: String| {
            let mut module = Module { raw: text.into_bytes(), ..Module::default() };
            classify(&mut module, true, None);
            (module.kind, module.host)
        };
        assert_eq!(
            kind(base("0{00020819-0000-0000-C000-000000000046}")),
            (ModuleKind::Document, Host::Workbook)
        );
        assert_eq!(
            kind(base("0{00020820-0000-0000-C000-000000000046}")),
            (ModuleKind::Document, Host::Worksheet)
        );
        assert_eq!(kind(base("0{FCFB3D2A-A0FA-1068-A738-08002B3371B5}")), (ModuleKind::Class, Host::Unknown));
        assert_eq!(
            kind(base("0{11111111-0000-0000-C000-000000000046}{22222222-0000-0000-C000-000000000046}")),
            (ModuleKind::Form, Host::Unknown)
        );
        assert_eq!(kind(String::new()), (ModuleKind::Class, Host::Unknown));
    }

    #[test]
    fn signature_in_a_stream_of_its_own_is_read_when_the_summary_has_none() {
        let dir = [head(), module("M", "M", "M", 0), record(TERMINATOR, &[])].concat();
        let memory = book(&dir)
            .with("_VBA_PROJECT_CUR/VBA", "M", stream_of(b"", TEXT))
            .with("", "\u{5}DocumentSummaryInformation", "nothing")
            .with("", "\u{5}DigitalSignature", signature::tests::signed(2));
        let (project, _) = read_one(&memory);
        let signature = project.signature.expect("a signature");
        assert_eq!((signature.signer.as_str(), signature.hash_matches), ("A Signer", Some(false)));
    }

    #[test]
    fn bomb_in_one_module_leaves_the_next() {
        let bomb = [vec![1], [0x03, 0xB0, 0b10, b'a', 0xFC, 0x0F].repeat(4000)].concat();
        let dir = [head(), module("B", "B", "B", 0), module("M", "M", "M", 0)].concat();
        let memory = book(&dir).with("_VBA_PROJECT_CUR/VBA", "B", bomb).with(
            "_VBA_PROJECT_CUR/VBA",
            "M",
            stream_of(b"", TEXT),
        );
        let (project, problems) = read_one(&memory);
        assert!(project.modules[0].raw.len() < 3 << 20);
        assert_eq!(project.modules[1].text(), TEXT);
        assert!(problems.bar_nothing_found());
    }

    #[test]
    fn spent_budget_keeps_the_modules_so_far() {
        let dir = [head(), module("A", "A", "A", 0), module("M", "M", "M", 0)].concat();
        let memory = book(&dir).with("_VBA_PROJECT_CUR/VBA", "A", stream_of(b"", TEXT)).with(
            "_VBA_PROJECT_CUR/VBA",
            "M",
            stream_of(b"", TEXT),
        );
        let limits = Limits { parts: 1, ..Limits::default() };
        let (project, _) = with_limits(&limits, |cx| {
            let mut roots = Vec::new();
            find(&memory, &mut roots, cx).unwrap();
            let mut project = Project::default();
            let hit = read(&memory, &roots[0], &mut project, cx).unwrap_err();
            assert_eq!(hit.ceiling, 1);
            project
        });
        assert_eq!(project.modules.len(), 1);
        assert_eq!(project.name, "VBAProject");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn any_streams_are_read(
            dir in prop::collection::vec(any::<u8>(), 0..400),
            cut in 0usize..200,
            module_bytes in prop::collection::vec(any::<u8>(), 0..200),
            listing in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let whole = [head(), module("M", "M", "M", 3), dir].concat();
            let memory = Memory::default()
                .with("VBA", "dir", compress(whole.get(cut..).unwrap_or_default()))
                .with("VBA", "M", module_bytes)
                .with("", "PROJECT", listing.clone())
                .with("", "PROJECTwm", listing);
            let (projects, problems) = read_all(&memory);
            let (again, _) = read_all(&memory);
            prop_assert_eq!(format!("{projects:?}"), format!("{again:?}"));
            for problem in problems.list() {
                let Some(crate::base::Place::Bytes { start, end }) = problem.location.place else { continue };
                let len = memory.streams[(problem.location.part.0 - 100) as usize].2.len() as u64;
                prop_assert!(start <= end && end <= len);
            }
        }
    }
}
