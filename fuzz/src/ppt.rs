//! The reader of binary presentations on any bytes.

use docsift::base::{Budget, Cx, Limits, Location, PartId, Place, Problems, Stage};
use docsift::documents::ppt::{self, PresentationFile};

fn read(data: &[u8]) -> String {
    let mut limits = Limits::default();
    limits.steps = 400_000;
    let mut budget = Budget::new(&limits);
    let mut problems = Problems::default();
    let part = PartId(5);
    let mut cx = Cx { part, stage: Stage::Presentation, budget: &mut budget, problems: &mut problems };
    let mut file = PresentationFile::default();
    let ended = ppt::read(data, Some(data), &mut file, &mut cx);
    let end = data.len() as u64;
    let inside = |location: &Location| {
        location.part == part
            && matches!(location.place, Some(Place::Bytes { start, end: last }) if start <= last && last <= end)
    };
    let texts = file.document.texts.iter().map(|text| &text.location);
    let objects = file.objects.iter().map(|object| &object.location);
    for location in texts.chain(objects).chain(file.links.iter().map(|link| &link.location)) {
        assert!(inside(location), "{location:?}");
    }
    for storage in &file.storages {
        assert!(storage.bytes.start <= storage.bytes.end && storage.bytes.end <= end);
    }
    if file.is_encrypted {
        assert!(file.document.texts.is_empty() && file.links.is_empty() && file.storages.is_empty());
    }
    format!("{ended:?} {:?} {file:?}", problems.list())
}

/// No panic, places inside the stream, the same result twice, nothing out of ciphertext.
pub fn ppt(data: &[u8]) {
    assert_eq!(read(data), read(data));
}
