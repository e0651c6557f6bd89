//! Fuzz body of `documents::props`.

use docsift::base::{Budget, Cx, Limits, Location, PartId, Place, Problems, Stage};
use docsift::documents::props::{MAX_PROPERTIES, Properties, PropertyValue, read};

/// Takes the bytes as a property set stream.
///
/// # Panics
/// When a place is outside the stream, texts are larger than the stream allows, or two runs differ.
pub fn props(data: &[u8]) {
    let first = properties(data);
    // A NaN is not equal to itself.
    assert_eq!(format!("{first:?}"), format!("{:?}", properties(data)));
    assert!(first.custom.len() <= MAX_PROPERTIES);
    let mut text_bytes = 0;
    for (_, text) in first.texts() {
        assert!(inside(&text.location, data));
        text_bytes += text.text.len();
    }
    assert!(text_bytes <= 3 * data.len() + 3 * MAX_PROPERTIES);
    for (_, value) in &first.custom {
        if let PropertyValue::Bytes(location) | PropertyValue::Other { location, .. } = value {
            assert!(inside(location, data));
        }
    }
    assert!(first.thumbnail.as_ref().is_none_or(|location| inside(location, data)));
}

fn inside(location: &Location, data: &[u8]) -> bool {
    matches!(location.place, Some(Place::Bytes { start, end }) if start <= end && end <= data.len() as u64)
}

fn properties(data: &[u8]) -> Properties {
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Props, budget: &mut budget, problems: &mut problems };
    let mut into = Properties::default();
    let _ = read(data, &mut into, &mut cx);
    into
}
