//! Every stream that the crate `cfb` can read from a real file, we read with the same bytes.

use std::fs;

use docsift_peers::files::{files_under, samples};
use docsift_peers::streams::{Listed, by_cfb, by_docsift, differences};

#[test]
fn samples_that_cfb_opens_have_the_same_streams() {
    let Some(samples) = samples() else { return };
    let (mut opened, mut streams) = (0, 0);
    let mut wrong = Vec::new();
    for path in files_under(&[samples]) {
        let Ok(content) = fs::read(&path) else { continue };
        let Some(mut peer) = by_cfb(&content) else { continue };
        let mut ours = by_docsift(&content).unwrap();
        // The crate gives nothing of a stream whose chain is short; we give the bytes there are.
        for unread in peer.extract_if(.., |stream| stream.content.is_err()).collect::<Vec<_>>() {
            let Some(at) = ours.iter().position(|stream| stream.path == unread.path) else {
                wrong.push(format!("{}: {:?} is not ours", path.display(), unread.path));
                continue;
            };
            ours.swap_remove(at);
        }
        opened += 1;
        streams += peer.len();
        wrong.extend(differences(&ours, &peer).iter().map(|line| format!("{}: {line}", path.display())));
    }
    println!("{opened} files, {streams} streams");
    assert!(opened > 700, "{opened} files");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn differences_name_both_sides() {
    let stream = |size: u64| Listed { path: "A".into(), content: Ok((size, "0".repeat(64))) };
    assert_eq!(differences(&[stream(1)], &[stream(1)]), Vec::<String>::new());
    assert_eq!(
        differences(&[stream(1), stream(1)], &[stream(1), stream(2)]),
        ["ours: \"A\", 1 bytes, 000000000000", "peer: \"A\", 2 bytes, 000000000000"]
    );
}
