//! Our reader of compound files beside the crate `cfb`, where that one finds nothing to object to.

use std::io::{Cursor, Read};

use docsift::base::{Budget, Cx, Limits, PartId, Problems, Stage};
use docsift::containers::cfb::{self, CompoundFile};

/// What the strict reader accepts, ours reads with the same paths and the same bytes.
pub fn peer(data: &[u8]) {
    let Ok(mut strict) = ::cfb::CompoundFile::open_strict(Cursor::new(data)) else { return };
    let mut budget = Budget::new(&Limits::default());
    let mut problems = Problems::default();
    let mut cx = Cx { part: PartId(0), stage: Stage::Cfb, budget: &mut budget, problems: &mut problems };
    let mut ours = CompoundFile::default();
    if cfb::read(data, &mut ours, &mut cx).is_err() {
        return;
    }
    let entries: Vec<_> = strict.walk().filter(|entry| entry.is_stream()).collect();
    for entry in entries {
        let mut theirs = Vec::new();
        let whole = strict.open_stream(entry.path()).and_then(|mut stream| stream.read_to_end(&mut theirs));
        if whole.is_err() {
            continue;
        }
        // The strict reader opens by path and finds one of two streams with the same name.
        let path: Vec<_> = entry.path().iter().skip(1).map(|name| name.to_string_lossy()).collect();
        let path = path.join("/");
        let named: Vec<u32> = ours
            .entries()
            .iter()
            .filter(|entry| entry.is_stream() && ours.path(entry.id) == path)
            .map(|entry| entry.id)
            .collect();
        assert!(!named.is_empty(), "no stream {path:?}");
        let same = named.iter().any(|id| {
            let bytes = ours
                .stream(*id, &mut cx)
                .and_then(|stream| stream.bytes(&mut cx).map(|bytes| bytes.into_owned()));
            bytes.is_err() || bytes.is_ok_and(|bytes| bytes == theirs)
        });
        assert!(same, "stream {path:?} differs");
    }
}
