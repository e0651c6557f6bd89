//! The readers of equations and of OLE links on any bytes.

use docsift::base::{Budget, Cx, Limits, Location, PartId, Place, Problems, Stage};
use docsift::documents::{moniker, mtef};

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
