//! Links of OLE objects: the stream `\1Ole`, and the monikers that say where a link leads.
//!
//! Layout: [MS-OLEDS] 2.3.3 (OLEStream), 2.3.7 and [MS-OSHARED] 2.3.7 (monikers). A moniker is a class
//! and its own data: a URL, a path, a list of others, or something a class of its own understands; such
//! data is searched for printable text.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use crate::base::text::{latin1, utf16le};
use crate::base::{Cx, LimitHit, Location, Reader, Short};
use crate::documents::link::{Link, LinkKind};
use crate::documents::objects::{Clsid, printable_runs};

/// A moniker: its class in words or digits, and where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moniker {
    /// Its class.
    pub class: Clsid,
    /// Where it leads; empty when its data says nothing.
    pub target: String,
}

/// What the stream `\1Ole` says of a link.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OleLink {
    /// Whether the object is linked, not embedded.
    pub is_linked: bool,
    /// Whether the program updates it by itself.
    pub is_automatic: bool,
    /// Monikers in the order of the stream; members of a composite stand for it.
    pub monikers: Vec<Moniker>,
}

/// Monikers that are read of one link.
const MOST: usize = 64;

const FILE: [u8; 16] = [3, 3, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];
const ITEM: [u8; 16] = [4, 3, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];
const ANTI: [u8; 16] = [5, 3, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];
const COMPOSITE: [u8; 16] = [9, 3, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];
const URL: [u8; 16] =
    [0xE0, 0xC9, 0xEA, 0x79, 0xF9, 0xBA, 0xCE, 0x11, 0x8C, 0x82, 0, 0xAA, 0, 0x4B, 0xA9, 0x0B];

/// Reads a stream `\1Ole`. `None` when it is cut before it says whether the object is linked.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub fn ole_stream(stream: &[u8], cx: &mut Cx<'_>) -> Result<Option<OleLink>, LimitHit> {
    cx.budget.touch(stream.len().saturating_mul(2))?;
    let mut reader = Reader::new(stream);
    let mut head = || -> Result<(u32, u32), Short> {
        reader.skip(4)?; // Version
        let flags = reader.u32()?;
        let update = reader.u32()?;
        reader.skip(4)?;
        Ok((flags, update))
    };
    let Ok((flags, update)) = head() else { return Ok(None) };
    let mut link = OleLink { is_linked: flags & 1 != 0, is_automatic: update == 1, monikers: Vec::new() };
    // Reserved, relative and absolute moniker, each behind its length.
    for _ in 0..3 {
        let Ok(len) = reader.u32() else { break };
        // Some writers count the length itself, some the class; the class says where its data ends.
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let body = reader.take_up_to(len);
        if body.len() >= 16 {
            monikers(body, &mut link.monikers, cx)?;
        }
    }
    Ok(Some(link))
}

/// Makes links of what a stream `\1Ole` says.
pub fn links(link: &OleLink, location: &Location) -> Vec<Link> {
    let mut found: Vec<Link> = Vec::new();
    for moniker in link.monikers.iter().filter(|moniker| !moniker.target.is_empty()) {
        if !found.iter().any(|known| known.target == moniker.target) {
            found.push(Link {
                kind: LinkKind::OleObject,
                target: moniker.target.clone(),
                automatic: link.is_automatic,
                location: location.clone(),
            });
        }
    }
    found
}

/// Reads serialised monikers: a class and its data, members of a composite one after the other.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub fn monikers(bytes: &[u8], into: &mut Vec<Moniker>, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut reader = Reader::new(bytes);
    let mut left = 1usize;
    while left > 0 && into.len() < MOST {
        cx.budget.step(1)?;
        left = left.saturating_sub(1);
        let Ok(class) = reader.array::<16>() else { break };
        if class == COMPOSITE {
            let members = reader.u32().unwrap_or(0);
            // A composite says how many monikers follow; a nested one adds its own.
            left = left.saturating_add(usize::try_from(members).unwrap_or(0).min(MOST));
            into.push(Moniker { class: Clsid(class), target: String::new() });
            continue;
        }
        let before = reader.clone();
        let target = match class {
            URL => url(&mut reader),
            FILE => file(&mut reader),
            ITEM => item(&mut reader),
            ANTI => reader.skip(4).map(|()| String::new()),
            _ => Err(Short { at: reader.at(), need: 0, have: 0 }),
        };
        match target {
            Ok(target) => into.push(Moniker { class: Clsid(class), target }),
            Err(_) => {
                // Data of a class that is not known here, or cut: its texts, and the end.
                let mut texts = Vec::new();
                printable_runs(before.rest(), &mut texts);
                let target = texts.into_iter().max_by_key(String::len).unwrap_or_default();
                into.push(Moniker { class: Clsid(class), target });
                break;
            }
        }
    }
    Ok(())
}

/// [MS-OSHARED] 2.3.7.6: bytes of the text and of what follows it.
fn url(reader: &mut Reader<'_>) -> Result<String, Short> {
    let len = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
    let text = utf16le(reader.take(len.min(reader.remaining()))?);
    Ok(text.split('\0').next().unwrap_or_default().to_owned())
}

/// [MS-OSHARED] 2.3.7.8: the path in 8-bit characters, and perhaps again in UTF-16.
fn file(reader: &mut Reader<'_>) -> Result<String, Short> {
    reader.skip(2)?; // cAnti
    let len = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
    let narrow = latin1(reader.take(len)?).trim_end_matches('\0').to_owned();
    reader.skip(24)?; // endServer, versionNumber, reserved
    let rest = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
    if rest == 0 {
        return Ok(narrow);
    }
    let mut body = Reader::new(reader.take(rest)?);
    let len = usize::try_from(body.u32()?).unwrap_or(usize::MAX);
    body.skip(2)?;
    let wide = utf16le(body.take(len)?);
    Ok(if wide.is_empty() { narrow } else { wide })
}

/// [MS-OSHARED] 2.3.7.5: a delimiter and an item.
fn item(reader: &mut Reader<'_>) -> Result<String, Short> {
    let mut text = || -> Result<String, Short> {
        let len = usize::try_from(reader.u32()?).unwrap_or(usize::MAX);
        Ok(latin1(reader.take(len)?).split('\0').next().unwrap_or_default().to_owned())
    };
    text()?;
    text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn read(stream: &[u8]) -> Option<OleLink> {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(1), stage: Stage::Objects, budget: &mut budget, problems: &mut problems };
        ole_stream(stream, &mut cx).unwrap()
    }

    fn put(into: &mut Vec<u8>, value: u32) {
        into.extend(value.to_le_bytes());
    }

    /// A stream of a link whose absolute moniker is `moniker`.
    fn stream(update: u32, moniker: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, 0x0200_0001);
        put(&mut out, 1);
        put(&mut out, update);
        put(&mut out, 0);
        put(&mut out, 0); // ReservedMonikerStreamSize
        put(&mut out, 0); // RelativeSourceMonikerStreamSize
        put(&mut out, moniker.len() as u32);
        out.extend(moniker);
        out
    }

    fn url_moniker(target: &str) -> Vec<u8> {
        let text: Vec<u8> = target.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        let mut out = URL.to_vec();
        put(&mut out, text.len() as u32);
        out.extend(text);
        out
    }

    #[test]
    fn automatic_link_to_an_address_is_told() {
        let link = read(&stream(1, &url_moniker("http://a.invalid/x.hta"))).unwrap();
        let moniker = Moniker { class: Clsid(URL), target: "http://a.invalid/x.hta".into() };
        assert_eq!(link, OleLink { is_linked: true, is_automatic: true, monikers: vec![moniker] });
        let location = Location::part(PartId(1));
        assert_eq!(links(&link, &location)[0].target, "http://a.invalid/x.hta");
        assert!(links(&link, &location)[0].automatic);
    }

    #[test]
    fn members_of_a_composite_are_read_one_after_the_other() {
        let mut composite = COMPOSITE.to_vec();
        put(&mut composite, 2);
        composite.extend(FILE);
        composite.extend([0, 0]);
        put(&mut composite, 4);
        composite.extend(b"a.b\0");
        composite.extend([0; 24]);
        put(&mut composite, 0);
        composite.extend(ITEM);
        put(&mut composite, 2);
        composite.extend(b"!\0");
        put(&mut composite, 3);
        composite.extend(b"R1\0");
        let link = read(&stream(3, &composite)).unwrap();
        let targets: Vec<_> = link.monikers.iter().map(|moniker| moniker.target.as_str()).collect();
        assert_eq!((targets, link.is_automatic), (vec!["", "a.b", "R1"], false));
    }

    #[test]
    fn moniker_of_another_class_is_searched_for_text() {
        let mut script =
            vec![0xD3, 0x0B, 0x29, 0x06, 0xAA, 0x48, 0xD2, 0x11, 0x84, 0x32, 0, 0x60, 8, 0xC3, 0xFB, 0xFC];
        script.extend(b"\x01\x02\x03script:http://a.invalid/x\0");
        let link = read(&stream(1, &script)).unwrap();
        assert_eq!(link.monikers[0].target, "script:http://a.invalid/x");
        assert_eq!(link.monikers[0].class.known_name(), Some("script moniker"));
    }

    #[test]
    fn cut_stream_says_nothing_or_less() {
        assert_eq!(read(&[1, 0, 0, 2, 0, 0, 0, 0]), None);
        let whole = stream(1, &url_moniker("http://a.invalid"));
        for len in 16..whole.len() {
            assert!(read(&whole[..len]).unwrap().is_linked);
        }
    }
}
