//! `ActiveMime`: a compound file that Office deflates when it writes a document as text.
//!
//! No specification. As observed: the word `ActiveMime`, some 40 bytes of header, and a zlib stream at 0x32;
//! attackers move it, so that it is searched for in what follows.

use super::inflate::{End, Wrapping, inflate};
use crate::base::{Cx, LimitHit};

/// Where the stream stands in files that Office writes.
const USUAL: usize = 0x32;
/// How far behind the header a stream is searched for.
const SEARCHED: usize = 4096;
/// Bytes that tell a stream from chance.
const PLAUSIBLE: usize = 64;

/// Inflates what an ActiveMime file holds; `None` when no stream is found, which is told.
///
/// # Errors
/// [`LimitHit`] when the budget does not last, or for a bomb.
pub fn read(bytes: &[u8], cx: &mut Cx<'_>) -> Result<Option<Vec<u8>>, LimitHit> {
    let usual = is_zlib(bytes, USUAL).then_some(USUAL);
    let others = (10..bytes.len().min(SEARCHED)).filter(|at| *at != USUAL && is_zlib(bytes, *at));
    for at in usual.into_iter().chain(others) {
        let data = bytes.get(at..).unwrap_or_default();
        // A wrong place fails within its first block, so that trying it costs little.
        let mut made = Vec::new();
        let inflated = inflate(data, Wrapping::Zlib, None, &mut made, cx)?;
        let whole = inflated.end == End::Whole;
        if whole || made.len() >= PLAUSIBLE {
            if at != USUAL {
                cx.recovered(at as u64, "the deflated data is not where Office writes it");
            }
            let end = at.saturating_add(inflated.read);
            let behind = bytes.get(end..).unwrap_or_default();
            if !whole {
                cx.abandoned(end as u64..bytes.len() as u64, "the deflated data ends early");
            } else if behind.iter().any(|byte| *byte != 0) {
                cx.abandoned(end as u64..bytes.len() as u64, "bytes behind the deflated data");
            }
            return Ok(Some(made));
        }
    }
    cx.abandoned(0..bytes.len() as u64, "no deflated data is found");
    Ok(None)
}

/// The two bytes of a zlib header ([RFC 1950] 2.2) with a window of 32 kB.
fn is_zlib(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at..), Some([0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};
    use miniz_oxide::deflate::compress_to_vec_zlib;

    fn read_one(bytes: &[u8]) -> (Option<Vec<u8>>, Vec<String>) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(0), stage: Stage::TextFormat, budget: &mut budget, problems: &mut problems };
        let made = read(bytes, &mut cx).unwrap();
        (made, problems.list().iter().map(|problem| problem.message.clone()).collect())
    }

    #[test]
    fn the_stream_is_found_at_its_place_and_elsewhere() {
        let content: Vec<u8> = (0..200).collect();
        let at = |place: usize, cut: usize| {
            let mut bytes = b"ActiveMime".to_vec();
            bytes.resize(place, 0);
            let stream = compress_to_vec_zlib(&content, 6);
            bytes.extend(&stream[..stream.len() - cut]);
            bytes
        };
        assert_eq!(read_one(&at(0x32, 0)), (Some(content.clone()), vec![]));
        let (made, told) = read_one(&at(0x40, 0));
        assert_eq!(
            (made, told.as_slice()),
            (Some(content.clone()), &["the deflated data is not where Office writes it".to_owned()][..])
        );
        let (made, told) = read_one(&at(0x32, 60));
        assert!(content.starts_with(&made.unwrap()));
        assert_eq!(told, ["the deflated data ends early"]);
        assert_eq!(read_one(&[at(0x32, 0), vec![0; 9]].concat()), (Some(content.clone()), vec![]));
        let (made, told) = read_one(&[at(0x32, 0), vec![1]].concat());
        assert_eq!((made, told), (Some(content.clone()), vec!["bytes behind the deflated data".to_owned()]));
        assert_eq!(read_one(b"ActiveMime\0\0"), (None, vec!["no deflated data is found".to_owned()]));
    }
}
