//! Drawing data of Office ([MS-ODRAW]): its pictures, and what its shapes say.
//!
//! Drawing data is a tree of records. It is walked flat: the header of a container is passed, and what it
//! holds comes next, so that no nesting has to be followed. Numbers are taken as they come; a record that
//! is longer than what holds it ends there.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use std::ops::Range;

use crate::base::text::utf16le;
use crate::base::{Cx, LimitHit, Location, Reader, Short};
use crate::documents::document::{DocumentText, TextPlace};
use crate::documents::hyperlink::HyperlinkObject;
use crate::documents::link::{Link, LinkKind};
use crate::documents::workbook::{PictureAt, PictureKind};

/// What drawing data states.
#[derive(Debug, Clone, Default)]
pub struct Drawing {
    /// Pictures whose bytes lie in the data.
    pub pictures: Vec<PictureAt>,
    /// Offsets of pictures that lie in another stream.
    pub delayed: Vec<u32>,
    /// Texts of WordArt, and descriptions.
    pub texts: Vec<DocumentText>,
    /// Where shapes lead, and pictures that are linked.
    pub links: Vec<Link>,
    /// Whether a shape is hidden.
    pub is_hidden: bool,
}

/// A record header ([MS-ODRAW] 2.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// `recVer`
    pub version: u8,
    /// `recInstance`
    pub instance: u16,
    /// `recType`
    pub kind: u16,
    /// `recLen`: bytes behind the header.
    pub len: u32,
}

/// Bytes of a record header.
pub const HEADER: u64 = 8;

impl Head {
    /// Reads a header.
    ///
    /// # Errors
    /// [`Short`] when it does not fit.
    pub fn read(reader: &mut Reader<'_>) -> Result<Head, Short> {
        let first = reader.u16()?;
        let version = u8::try_from(first & 0x0F).unwrap_or(0);
        Ok(Head { version, instance: first >> 4, kind: reader.u16()?, len: reader.u32()? })
    }

    /// Whether it holds records.
    pub fn is_container(&self) -> bool {
        self.version == 0x0F
    }

    /// Whether a record of drawing data can be of this type.
    pub fn is_drawing(&self) -> bool {
        matches!(self.kind, 0xF000..=0xF2FF)
    }

    /// Whether it is a picture ([MS-ODRAW] 2.2.23).
    pub fn is_picture(&self) -> bool {
        matches!(self.kind, 0xF018..=0xF117)
    }
}

/// OfficeArtFBSE: a picture, or where one lies.
const FBSE: u16 = 0xF007;
/// Bytes of an OfficeArtFBSE before the name.
const FBSE_LEN: usize = 36;
/// OfficeArtFOPT, and the tables behind it.
const PROPERTIES: [u16; 3] = [0xF00B, 0xF121, 0xF122];

/// Reads the records that `data` is made of; `data` says where in the part it begins.
///
/// # Errors
/// [`LimitHit`]; `into` keeps what was read.
pub fn read(data: &mut Reader<'_>, into: &mut Drawing, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    while !data.is_empty() {
        cx.budget.step(1)?;
        let at = data.at();
        let Ok(head) = Head::read(data) else { break };
        if !head.is_drawing() {
            // Blanks fill the rest of a stream.
            let rest = data.rest();
            cx.budget.touch(rest.len())?;
            if head != (Head { version: 0, instance: 0, kind: 0, len: 0 })
                || rest.iter().any(|byte| *byte != 0)
            {
                let end = data.at().saturating_add(rest.len() as u64);
                cx.abandoned(at..end, &format_args!("no record of drawing data: 0x{:04x}", head.kind));
            }
            break;
        }
        if head.is_container() {
            continue;
        }
        let stated = usize::try_from(head.len).unwrap_or(usize::MAX);
        let have = data.remaining();
        if stated > have {
            let end = data.at().saturating_add(have as u64);
            cx.abandoned(
                data.at()..end,
                &format_args!("drawing record 0x{:04x} of {stated} bytes, {have} there", head.kind),
            );
        }
        match head.kind {
            FBSE => entry(&head, data, into, cx)?,
            kind if PROPERTIES.contains(&kind) => {
                let at = data.at();
                let table = data.take_up_to(stated);
                properties(&head, table, at, into, cx)?;
            }
            _ if head.is_picture() => {
                let at = data.at();
                let body = data.take_up_to(stated);
                if let Some(picture) = picture(&head, body, at) {
                    cx.budget.hold(size_of::<PictureAt>().saturating_add(size_of::<Range<u64>>()))?;
                    into.pictures.push(picture);
                }
            }
            _ => {
                data.take_up_to(stated);
            }
        }
    }
    Ok(())
}

/// OfficeArtFBSE ([MS-ODRAW] 2.2.32): its picture comes next, or lies in another stream.
fn entry(head: &Head, data: &mut Reader<'_>, into: &mut Drawing, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut fields = || -> Result<(u32, u8), Short> {
        data.skip(28)?; // btWin32, btMacOS, rgbUid, tag, size, cRef
        let delayed_at = data.u32()?;
        data.skip(1)?;
        let name_len = data.u8()?;
        data.skip(2)?;
        Ok((delayed_at, name_len))
    };
    let Ok((delayed_at, name_len)) = fields() else {
        data.take_up_to(usize::MAX);
        return Ok(());
    };
    data.take_up_to(name_len.into());
    let fixed = FBSE_LEN.saturating_add(name_len.into());
    let holds_picture = usize::try_from(head.len).is_ok_and(|len| len > fixed);
    if !holds_picture && delayed_at != u32::MAX {
        cx.budget.hold(size_of::<u32>())?;
        into.delayed.push(delayed_at);
    }
    Ok(())
}

/// The format of a picture record, and whether it is a metafile ([MS-ODRAW] 2.2.24 to 2.2.31).
pub fn picture_format(kind: u16) -> (PictureKind, bool) {
    match kind {
        0xF01A => (PictureKind::Emf, true),
        0xF01B => (PictureKind::Wmf, true),
        0xF01C => (PictureKind::Pict, true),
        0xF01D | 0xF02A => (PictureKind::Jpeg, false),
        0xF01E => (PictureKind::Png, false),
        0xF029 => (PictureKind::Tiff, false),
        _ => (PictureKind::Dib, false),
    }
}

/// A picture record ([MS-ODRAW] 2.2.23 to 2.2.31): one or two identifiers, a head, its bytes. `None` when
/// there are none.
pub fn picture(head: &Head, body: &[u8], at: u64) -> Option<PictureAt> {
    let (kind, is_metafile) = picture_format(head.kind);
    let mut reader = Reader::at_offset(body, at);
    reader.skip(if head.instance & 1 != 0 { 32 } else { 16 }).ok()?;
    let mut deflated = false;
    if is_metafile {
        reader.skip(32).ok()?;
        deflated = reader.u8().ok()? == 0;
    }
    reader.skip(1).ok()?;
    let start = reader.at();
    let end = start.saturating_add(reader.remaining() as u64);
    let run = start..end;
    (!run.is_empty()).then(|| PictureAt { kind, deflated, runs: vec![run] })
}

/// A property of a shape ([MS-ODRAW] 2.2.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Property<'a> {
    /// Its number.
    pub id: u16,
    /// Its value; with data behind the table, the length of that.
    pub value: u32,
    /// Its data, and where it begins.
    pub data: Option<(&'a [u8], u64)>,
}

/// The properties of a table that begins at `at`: all values first, then the data of those that have some.
/// A table that is cut has no data: it ends where the bytes end.
pub fn table(count: u16, table: &[u8], at: u64) -> impl Iterator<Item = Property<'_>> {
    let (values, rest) = table.split_at_checked(usize::from(count).saturating_mul(6)).unwrap_or((table, &[]));
    let mut data = Reader::at_offset(rest, at.saturating_add(values.len() as u64));
    let mut fixed = Reader::new(values);
    std::iter::from_fn(move || {
        let (id, value) = (fixed.u16().ok()?, fixed.u32().ok()?);
        let has_data = id & 0x8000 != 0;
        let data = has_data.then(|| {
            let at = data.at();
            (data.take_up_to(usize::try_from(value).unwrap_or(usize::MAX)), at)
        });
        Some(Property { id: id & 0x3FFF, value, data })
    })
}

/// A picture that is linked, by its flags (MSOBLIPFLAGS): `msoblipflagLinkToFile`.
const LINKED: u32 = 0x08;

/// Reads a table of properties that begins at `at` of the part.
///
/// # Errors
/// [`LimitHit`]; `into` keeps what was read.
pub fn properties(
    head: &Head,
    bytes: &[u8],
    at: u64,
    into: &mut Drawing,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    cx.budget.touch(bytes.len())?;
    let mut picture_name = None;
    let mut is_linked = false;
    for property in table(head.instance, bytes, at) {
        cx.budget.step(1)?;
        let Some((data, data_at)) = property.data else {
            // pibFlags
            is_linked |= property.id == 0x0106 && property.value & LINKED != 0;
            // fHidden with fUsefHidden
            into.is_hidden |= property.id == 0x03BF && property.value & HIDDEN == HIDDEN;
            continue;
        };
        let place = data_at..data_at.saturating_add(data.len() as u64);
        match property.id {
            // gtextUNICODE, wzDescription
            0x00C0 => text(data, TextPlace::TextBox, place, into, cx)?,
            0x0381 => text(data, TextPlace::AltText, place, into, cx)?,
            // pibName
            0x0105 => picture_name = Some((utf16le(data), place)),
            // pihlShape
            0x0382 => hyperlink(data, place, into, cx)?,
            _ => {}
        }
    }
    if let Some((name, place)) = picture_name.filter(|_| is_linked) {
        let name = name.trim_end_matches('\0').to_owned();
        link(LinkKind::Image, name, true, place, into, cx)?;
    }
    Ok(())
}

/// `fHidden`, and that it counts.
const HIDDEN: u32 = 0x0002_0002;

fn text(
    data: &[u8],
    place: TextPlace,
    bytes: Range<u64>,
    into: &mut Drawing,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let text = utf16le(data).trim_end_matches('\0').replace(['\r', '\u{B}'], "\n");
    if !text.trim().is_empty() {
        cx.budget.hold(size_of::<DocumentText>().saturating_add(text.len()))?;
        let location = Location::bytes(cx.part, bytes);
        into.texts.push(DocumentText { text, place, hidden: None, location });
    }
    Ok(())
}

/// IHlink ([MS-ODRAW] 2.2.11 and on): a class identifier, then a hyperlink object.
fn hyperlink(data: &[u8], place: Range<u64>, into: &mut Drawing, cx: &mut Cx<'_>) -> Result<(), LimitHit> {
    let mut object = HyperlinkObject::default();
    let mut reader = Reader::at_offset(data.get(16..).unwrap_or_default(), place.start.saturating_add(16));
    // A damaged object still has the parts before the damage.
    if object.read(&mut reader).is_err() {
        cx.recovered(reader.at().min(place.end), "the hyperlink of a shape is cut");
    }
    link(LinkKind::Hyperlink, object.target, false, place, into, cx)
}

fn link(
    kind: LinkKind,
    target: String,
    automatic: bool,
    place: Range<u64>,
    into: &mut Drawing,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    if !target.is_empty() {
        cx.budget.hold(size_of::<Link>().saturating_add(target.len()))?;
        let location = Location::bytes(cx.part, place);
        into.links.push(Link { kind, target, automatic, location });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn record(version: u16, instance: u16, kind: u16, body: &[u8]) -> Vec<u8> {
        let mut out = (version | instance << 4).to_le_bytes().to_vec();
        out.extend(kind.to_le_bytes());
        out.extend((body.len() as u32).to_le_bytes());
        out.extend(body);
        out
    }

    fn drawing(data: &[u8]) -> (Drawing, Vec<String>) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx = Cx { part: PartId(2), stage: Stage::Word, budget: &mut budget, problems: &mut problems };
        let mut read_into = Drawing::default();
        assert_eq!(read(&mut Reader::at_offset(data, 100), &mut read_into, &mut cx), Ok(()));
        let told = problems.list().iter().map(|problem| problem.message.clone()).collect();
        (read_into, told)
    }

    fn png() -> Vec<u8> {
        let mut body = vec![7; 16]; // rgbUid1
        body.push(0xFF); // tag
        body.extend(b"\x89PNG");
        body
    }

    #[test]
    fn pictures_lie_behind_their_entry_or_elsewhere() {
        let blip = record(0, 0x6E0, 0xF01E, &png());
        let mut here = vec![0; 28];
        here.extend([0xFF; 4]); // foDelay
        here.extend([0; 4]); // usage, cbName, unused
        here.extend(&blip);
        let mut elsewhere = vec![0; 28];
        elsewhere.extend(0x1234_u32.to_le_bytes());
        elsewhere.extend([0, 2, 0, 0]); // cbName
        elsewhere.extend(b"a\0");
        let entries = [record(2, 6, 0xF007, &here), record(2, 6, 0xF007, &elsewhere)].concat();
        let (read, told) = drawing(&record(0xF, 2, 0xF001, &entries));
        // Container, entry, its fields, record, identifier, tag.
        let start = 100 + 8 + 8 + 36 + 8 + 17;
        let run = start..start + 4;
        let picture = PictureAt { kind: PictureKind::Png, deflated: false, runs: vec![run] };
        assert_eq!((read.pictures, read.delayed), (vec![picture], vec![0x1234]));
        assert_eq!(told, Vec::<String>::new());
    }

    #[test]
    fn shapes_say_texts_links_and_linked_pictures() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let mut link = vec![0; 16];
        link.extend(2_u32.to_le_bytes()); // streamVersion
        link.extend(0x103_u32.to_le_bytes()); // a moniker, saved as text, absolute
        link.extend(8_u32.to_le_bytes());
        link.extend(wide("http:a\0\0"));
        let complex = [
            (0x0105, wide("\\\\h\\a.png\0")), // pibName
            (0x0381, wide("A pen\0")),
            (0x00C0, wide("Big letters\0")),
            (0x0382, link),
        ];
        let mut table = Vec::new();
        for (id, data) in &complex {
            table.extend((id | 0xC000_u16).to_le_bytes());
            table.extend((data.len() as u32).to_le_bytes());
        }
        table.extend(0x0106_u16.to_le_bytes()); // pibFlags
        table.extend(0x0000_000D_u32.to_le_bytes());
        let values: Vec<u8> = complex.iter().flat_map(|(_, data)| data.clone()).collect();
        table.extend(values);
        let (read, told) = drawing(&record(3, 5, 0xF00B, &table));
        let texts: Vec<_> = read.texts.iter().map(|text| (text.text.as_str(), text.place)).collect();
        assert_eq!(texts, [("A pen", TextPlace::AltText), ("Big letters", TextPlace::TextBox)]);
        let links: Vec<_> = read.links.iter().map(|link| (link.kind, link.target.as_str())).collect();
        assert_eq!(links, [(LinkKind::Hyperlink, "http:a"), (LinkKind::Image, "\\\\h\\a.png")]);
        assert_eq!(told, Vec::<String>::new());
    }

    #[test]
    fn a_table_that_is_cut_has_no_data_behind_its_end() {
        let mut bytes = 0xC381_u16.to_le_bytes().to_vec(); // wzDescription
        bytes.extend(9_u32.to_le_bytes());
        let property = Property { id: 0x0381, value: 9, data: Some((&[][..], 106)) };
        assert_eq!(table(80, &bytes, 100).collect::<Vec<_>>(), [property]);
    }

    #[test]
    fn what_is_no_record_is_told_and_blanks_are_not() {
        let blip = record(0, 0x6E0, 0xF01E, &png());
        let (read, told) = drawing(&[blip.as_slice(), &[0; 40]].concat());
        assert_eq!((read.pictures.len(), told.len()), (1, 0));
        let (read, told) = drawing(&[blip.as_slice(), b"something else"].concat());
        assert_eq!((read.pictures.len(), told), (1, vec!["no record of drawing data: 0x656d".to_owned()]));
        let (_, told) = drawing(&blip[..blip.len() - 2]);
        assert_eq!(told, ["drawing record 0xf01e of 21 bytes, 19 there"]);
    }
}
