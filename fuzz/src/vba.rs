//! VBA projects and source.

use std::borrow::Cow;

use docsift::base::{Budget, Cx, LimitHit, Limits, PartId, Place, Problems, Stage};
use docsift::vba::source::{self, Reached, SourceView};
use docsift::vba::{self, Project, StreamRef, Streams, compression};

/// A storage tree cut out of the input: each stream is a length, a choice of name, and its bytes.
struct Tree<'d> {
    streams: Vec<(&'static str, &'static str, &'d [u8], bool)>,
}

const PLACES: [(&str, &str, bool); 8] = [
    ("_VBA_PROJECT_CUR/VBA", "dir", true),
    ("_VBA_PROJECT_CUR/VBA", "Module1", true),
    ("_VBA_PROJECT_CUR/VBA", "_VBA_PROJECT", true),
    ("_VBA_PROJECT_CUR", "PROJECT", true),
    ("_VBA_PROJECT_CUR", "PROJECTwm", true),
    ("", "\u{5}DocumentSummaryInformation", true),
    ("", "dir", false),
    ("Other", "Stray", true),
];

impl<'d> Tree<'d> {
    fn cut(data: &'d [u8]) -> Self {
        let mut streams = Vec::new();
        let mut rest = data;
        while let Some((&[choice, low, high], behind)) = rest.split_first_chunk::<3>() {
            let len = usize::from(u16::from_le_bytes([low, high])).min(behind.len());
            let (bytes, behind) = (&behind[..len], &behind[len..]);
            let (storage, name, reached) = PLACES[usize::from(choice) % PLACES.len()];
            streams.push((storage, name, bytes, reached));
            rest = behind;
        }
        Tree { streams }
    }
}

impl Streams for Tree<'_> {
    fn list(&self) -> Vec<StreamRef<'_>> {
        let refs = (0u32..).zip(&self.streams);
        refs.map(|(id, (storage, name, bytes, reached))| StreamRef {
            id,
            storage,
            name,
            len: bytes.len() as u64,
            reached: *reached,
        })
        .collect()
    }

    fn open(&self, id: u32, _: &mut Cx<'_>) -> Result<Cow<'_, [u8]>, LimitHit> {
        Ok(self.streams.get(id as usize).map_or(Cow::Borrowed(&[]), |(_, _, bytes, _)| Cow::Borrowed(bytes)))
    }

    fn part(&self, id: u32) -> PartId {
        PartId(id + 1)
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.steps = 2_000_000;
    limits.total_bytes = 64 << 20;
    limits
}

fn run(tree: &Tree<'_>, problems: &mut Problems) -> String {
    let mut budget = Budget::new(&limits());
    let mut cx = Cx { part: PartId(0), stage: Stage::Vba, budget: &mut budget, problems };
    let mut roots = Vec::new();
    let mut seen = format!("{:?}", vba::find(tree, &mut roots, &mut cx));
    for root in &roots {
        let mut project = Project::default();
        let result = vba::read(tree, root, &mut project, &mut cx);
        if let Some(signature) = &project.signature {
            assert!(signature.hash_matches.is_none() || signature.signed_hash.len() == 16);
        }
        let (mut views, mut shared) = (Vec::new(), source::Shared::default());
        for module in &project.modules {
            let _ = source::share(&module.name, &module.text(), &mut shared, &mut cx);
        }
        for module in &project.modules {
            let mut view = SourceView::default();
            let _ = source::view(&module.text(), &shared, &mut view, &mut cx);
            assert!(view.sightings.iter().all(|sighting| sighting.line <= view.line_count.max(1)));
            views.push(view);
        }
        let mut reached = Reached::default();
        let _ = source::reachable_from_auto_exec(&project, &views, &mut reached, &mut cx);
        seen.push_str(&format!("{result:?} {project:?} {views:?} {reached:?}"));
    }
    seen
}

/// Any storage tree is read within the limits, the same way twice, with every place in its stream.
pub fn project(data: &[u8]) {
    let tree = Tree::cut(data);
    let mut problems = Problems::default();
    let seen = run(&tree, &mut problems);
    for problem in problems.list() {
        let Some(Place::Bytes { start, end }) = problem.location.place else { continue };
        let part = problem.location.part.0;
        let stream = part.checked_sub(1).and_then(|id| tree.streams.get(id as usize));
        let len = stream.map_or(0, |(_, _, bytes, _)| bytes.len() as u64);
        assert!(start <= end && end <= len, "{problem:?} in {len} bytes");
    }
    assert_eq!(seen, run(&tree, &mut Problems::default()));
}

/// Any bytes are decompressed within the limits, and the beginning alone gives the same text.
pub fn container(data: &[u8]) {
    let mut budget = Budget::new(&limits());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Vba, budget: &mut budget, problems: &mut problems };
    let mut made = Vec::new();
    if let Ok(outcome) = compression::decompress(data, &mut made, &mut cx) {
        assert_eq!(outcome.made, made.len() as u64);
        assert!(outcome.read <= data.len().max(1) as u64);
        if outcome.lost_at.is_none() {
            assert!(made.starts_with(&compression::prefix(data, 16)));
        }
    }
}

/// Any text has a view whose lines are inside it.
pub fn text(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut budget = Budget::new(&limits());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Vba, budget: &mut budget, problems: &mut problems };
    let mut view = SourceView::default();
    let _ = source::view(&text, &source::Shared::default(), &mut view, &mut cx);
    assert!(view.literals().all(|literal| literal.line <= view.line_count));
    assert!(view.procedures.iter().all(|p| p.first_line <= p.last_line && p.last_line <= view.line_count));
}
