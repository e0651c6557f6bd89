//! Texts in metafiles.

use docsift::base::{Budget, Cx, Limits, PartId, Problems, Stage};
use docsift::documents::metafile;

/// Reads `data` as a metafile, and behind each kind of head. The text stays within its bound, and two
/// runs agree.
pub fn metafile(data: &[u8]) {
    let wmf_head = [1, 0, 9, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let mut emf_head = [0; 88];
    emf_head[0] = 1;
    emf_head[4] = 88;
    emf_head[40..44].copy_from_slice(b" EMF");
    for head in [&[][..], &wmf_head, &emf_head] {
        let file = [head, data].concat();
        let text = read(&file);
        assert!(text.len() <= 80 << 10);
        assert_eq!(text, read(&file));
    }
}

fn read(file: &[u8]) -> String {
    let mut limits = Limits::default();
    limits.steps = 200_000;
    let (mut budget, mut problems) = (Budget::new(&limits), Problems::default());
    let mut cx = Cx { part: PartId(0), stage: Stage::Pictures, budget: &mut budget, problems: &mut problems };
    metafile::texts(file, &mut cx).unwrap_or_default()
}
