//! The readers of Rich Text Format and of OLE 1 objects on any bytes.

use docsift::base::text::CodePage;
use docsift::base::{Budget, Cx, Limits, Location, PartId, Place, Problems, Stage};
use docsift::documents::ole1::{self, Content};
use docsift::documents::rtf::{self, RtfFile};

fn read(data: &[u8]) -> String {
    let mut limits = Limits::default();
    limits.steps = 400_000;
    let mut budget = Budget::new(&limits);
    let mut problems = Problems::default();
    let part = PartId(5);
    let mut cx = Cx { part, stage: Stage::Rtf, budget: &mut budget, problems: &mut problems };
    let mut file = RtfFile::default();
    let ended = rtf::read(data, &mut file, &mut cx);
    let end = data.len() as u64;
    let inside = |location: &Location| {
        location.part == part
            && matches!(location.place, Some(Place::Bytes { start, end: last }) if start <= last && last <= end)
    };
    let texts = file.document.texts.iter().map(|text| &text.location);
    let fields = file.document.fields.iter().map(|field| &field.location);
    let oddities = file.oddities.iter().map(|oddity| &oddity.location);
    let links = file.links.iter().map(|link| &link.location);
    for location in texts.chain(fields).chain(oddities).chain(links) {
        assert!(inside(location), "{location:?}");
    }
    let made: usize = file.objects.iter().map(|object| object.data.len()).sum();
    assert!(made <= data.len());
    for object in &file.objects {
        assert!(object.bytes.start <= object.bytes.end && object.bytes.end <= end);
    }
    format!("{ended:?} {:?} {file:?}", problems.list())
}

/// No panic, places inside the file, the same result twice; native data of an object inside it.
pub fn rtf(data: &[u8]) {
    assert_eq!(read(data), read(data));
    if let Ok(object) = ole1::read(data, CodePage::WESTERN)
        && let Content::Native { bytes, .. } = object.content
    {
        assert!(data.get(bytes).is_some());
    }
}
