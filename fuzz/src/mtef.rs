//! The readers of equations, of OLE links and of what lies in the state of a control on any bytes.

use docsift::base::{Budget, Cx, Limits, Location, PartId, Place, Problems, Stage};
use docsift::containers::flash;
use docsift::documents::{moniker, mtef, objects, tiff};

fn with_cx<T>(work: impl FnOnce(&mut Cx<'_>) -> T) -> T {
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    work(&mut Cx { part: PartId(3), stage: Stage::Objects, budget: &mut budget, problems: &mut problems })
}

fn inside(location: &Location, data: &[u8]) -> bool {
    matches!(location.place, Some(Place::Bytes { start, end }) if start <= end && end <= data.len() as u64)
}

/// No panic, places inside the data, the same result twice.
pub fn mtef(data: &[u8]) {
    let equation = with_cx(|cx| mtef::read(data, 0, cx));
    assert_eq!(equation, with_cx(|cx| mtef::read(data, 0, cx)));
    if let Ok(Some(equation)) = &equation {
        assert!(inside(&equation.location, data));
        assert!(equation.overflow.as_ref().is_none_or(|overflow| inside(&overflow.location, data)));
    }
    let link = with_cx(|cx| moniker::ole_stream(data, cx));
    assert_eq!(link, with_cx(|cx| moniker::ole_stream(data, cx)));
}

/// The state of a control: the pictures and the movie in it, and a picture whose sizes overflow. No panic, places inside
/// the data and behind each other, the same result twice.
pub fn state(data: &[u8]) {
    let pictures = with_cx(|cx| objects::pictures(data, cx)).unwrap_or_default();
    assert_eq!(pictures, with_cx(|cx| objects::pictures(data, cx)).unwrap_or_default());
    let mut behind = 0;
    for picture in pictures {
        assert!(behind <= picture.start && picture.start < picture.end && picture.end <= data.len());
        behind = picture.end;
    }
    if let Some(movie) = flash::find(data) {
        assert!(movie.start < movie.end && movie.end <= data.len());
        assert!(flash::stated_len(&data[movie]).is_some());
    }
    let overflow = with_cx(|cx| tiff::overflow(data, cx));
    assert_eq!(overflow, with_cx(|cx| tiff::overflow(data, cx)));
    if let Ok(Some(found)) = overflow {
        assert!(inside(&found.location, data) && found.need > u64::from(u32::MAX));
    }
}
