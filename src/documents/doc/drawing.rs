//! Pictures of a document: those in the text, and those that float.
//!
//! Layout: [MS-DOC] 2.9.192 PICFAndOfficeArtData and 2.9.190 PICF in the stream `Data`; 2.9.172
//! OfficeArtContent in the table stream, whose pictures lie in the stream `WordDocument`. In Word 6 and 95
//! all lies in that stream, and a picture has the head of a PICF before a metafile, a bitmap or a name.

use super::{DocError, TableStream};
use crate::base::{Cx, LimitHit, Location, Reader, Short};
use crate::documents::art::{self, Drawing, Head};
use crate::documents::link::{Link, LinkKind};
use crate::documents::workbook::{PictureAt, PictureKind};

/// Pictures that are looked at.
const PICTURES: usize = 10_000;

/// Reads the pictures that the text places at these offsets of the stream `Data`.
pub(super) fn in_text(
    data: TableStream<'_>,
    mut places: Vec<u32>,
    into: &mut Drawing,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    places.sort_unstable();
    places.dedup();
    let mut cx = cx.for_part(data.part, cx.stage);
    for at in places.into_iter().take(PICTURES) {
        cx.budget.step(1)?;
        let start = usize::try_from(at).unwrap_or(usize::MAX);
        let bytes = data.bytes.get(start..).unwrap_or_default();
        match picture(&mut Reader::at_offset(bytes, at.into()), into, &mut cx) {
            Ok(()) => {}
            Err(DocError::Limit(hit)) => return Err(hit),
            Err(error) => {
                let end = data.bytes.len() as u64;
                cx.abandoned(u64::from(at).min(end)..end, &format_args!("a picture of the text: {error}"));
            }
        }
    }
    Ok(())
}

/// Reads the pictures of a Word 6 or 95 document. `bins` are the pages that hold the formatting of its
/// characters; one of them says where a picture lies (sprmCPicLocation).
pub(super) fn in_old_text(
    stream: &[u8],
    bins: &[u8],
    into: &mut Drawing,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    const PAGE: usize = 512;
    let mut places = Vec::new();
    let count = bins.len().saturating_sub(4) / 6;
    let mut numbers = Reader::new(bins);
    numbers.take_up_to(count.saturating_add(1).saturating_mul(4));
    for _ in 0..count {
        let Ok(number) = numbers.u16() else { break };
        cx.budget.touch(PAGE)?;
        let start = usize::from(number).saturating_mul(PAGE);
        let Some(page) = stream.get(start..).and_then(|rest| rest.first_chunk::<PAGE>()) else {
            cx.recovered(0, &format_args!("a page of formatting at {start} lies outside"));
            continue;
        };
        let runs = page.last().map_or(0, |runs| usize::from(*runs));
        // Before the offsets of the exceptions stand those of the text, one more than runs.
        let offsets = page.iter().skip(runs.saturating_add(1).saturating_mul(4)).take(runs);
        for offset in offsets.filter(|offset| **offset != 0) {
            let exception = page.get(usize::from(*offset).saturating_mul(2)..).unwrap_or_default();
            let Some((len, rest)) = exception.split_first() else { continue };
            let exception = rest.get(..usize::from(*len)).unwrap_or(rest);
            places.extend(picture_place(exception).filter(|_| places.len() < PICTURES));
        }
    }
    places.sort_unstable();
    places.dedup();
    for at in places {
        cx.budget.step(1)?;
        let rest = stream.get(usize::try_from(at).unwrap_or(usize::MAX)..).unwrap_or_default();
        let mut reader = Reader::at_offset(rest, at.into());
        // The same word leads to the data of fields, and other words may look like it.
        let fits = |len: u32| len > OLD_HEAD.into() && u64::from(len) <= rest.len() as u64;
        let is_picture =
            matches!(rest, [_, _, _, _, OLD_HEAD, 0, ..]) && reader.clone().u32().is_ok_and(fits);
        if is_picture {
            match picture(&mut reader, into, cx) {
                Ok(()) => {}
                Err(DocError::Limit(hit)) => return Err(hit),
                Err(error) => cx.recovered(at.into(), &format_args!("a picture of the text: {error}")),
            }
        }
    }
    Ok(())
}

/// Bytes of the head of a picture of Word 6 and 95.
const OLD_HEAD: u8 = 58;

/// The place of a picture in an exception of Word 6 and 95: the number of the word, four bytes follow, the place.
/// Where no picture is, the place is 0.
fn picture_place(exception: &[u8]) -> Option<u32> {
    const PICTURE_LOCATION: [u8; 2] = [68, 4];
    let at = exception.windows(2).position(|window| window == PICTURE_LOCATION)?;
    let place = exception.get(at.saturating_add(2)..)?.first_chunk()?;
    Some(u32::from_le_bytes(*place)).filter(|place| *place != 0)
}

/// Kinds of pictures (MFPF).
const MM_SHAPE: u16 = 0x64;
const MM_SHAPE_FILE: u16 = 0x66;
const MM_TIFF: u16 = 0x62;
const MM_BITMAP: u16 = 0x63;

fn picture(reader: &mut Reader<'_>, into: &mut Drawing, cx: &mut Cx<'_>) -> Result<(), DocError> {
    let stated = usize::try_from(reader.u32()?).unwrap_or(usize::MAX).saturating_sub(4);
    let have = reader.remaining();
    if stated > have {
        cx.recovered(reader.at(), &format_args!("a picture of {stated} bytes, {have} there"));
    }
    let at = reader.at();
    let mut body = Reader::at_offset(reader.take_up_to(stated), at);
    let mut fields = || -> Result<u16, Short> {
        let head_len = usize::from(body.u16()?);
        let kind = body.u16()?;
        body.skip(head_len.saturating_sub(8))?;
        Ok(kind)
    };
    let kind = fields()?;
    if matches!(kind, MM_SHAPE_FILE | MM_TIFF) {
        let name_at = body.at();
        let len = usize::from(body.u8()?);
        let name = crate::base::text::latin1(body.take(len)?).trim_end_matches('\0').to_owned();
        if !name.is_empty() {
            cx.budget.hold(size_of::<Link>().saturating_add(name.len()))?;
            let location = Location::bytes(cx.part, name_at..body.at());
            into.links.push(Link { kind: LinkKind::Image, target: name, automatic: true, location });
        }
    }
    match kind {
        MM_SHAPE | MM_SHAPE_FILE => Ok(art::read(&mut body, into, cx)?),
        _ if body.is_empty() => Ok(()),
        // A metafile or bitmap as it is, from before there was drawing data.
        kind => {
            let kind = if kind == MM_BITMAP { PictureKind::Dib } else { PictureKind::Wmf };
            let run = body.at()..body.at().saturating_add(body.remaining() as u64);
            cx.budget.hold(size_of::<PictureAt>())?;
            into.pictures.push(PictureAt { kind, deflated: false, runs: vec![run] });
            Ok(())
        }
    }
}

/// Reads the drawings that float: the group with its pictures, then the drawings, each behind a byte that
/// says to which part of the document it belongs. What lies in the stream `WordDocument` goes `into_own`.
pub(super) fn floating(
    content: &[u8],
    content_at: u64,
    table: TableStream<'_>,
    stream: &[u8],
    into_own: &mut Drawing,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let mut said = Drawing::default();
    let mut reader = Reader::at_offset(content, content_at);
    {
        let mut cx = cx.for_part(table.part, cx.stage);
        while !reader.is_empty() {
            cx.budget.step(1)?;
            let mut ahead = reader.clone();
            let Ok(head) = Head::read(&mut ahead) else { break };
            let len = usize::try_from(head.len).unwrap_or(usize::MAX).saturating_add(8);
            let at = reader.at();
            art::read(&mut Reader::at_offset(reader.take_up_to(len), at), &mut said, &mut cx)?;
            reader.take_up_to(1);
        }
    }
    into_own.texts.append(&mut said.texts);
    into_own.links.append(&mut said.links);
    let mut places = said.delayed;
    places.sort_unstable();
    places.dedup();
    for at in places.into_iter().take(PICTURES) {
        cx.budget.step(1)?;
        let start = usize::try_from(at).unwrap_or(usize::MAX);
        let mut reader = Reader::at_offset(stream.get(start..).unwrap_or_default(), at.into());
        let Ok(head) = Head::read(&mut reader) else { continue };
        if !head.is_picture() {
            cx.recovered(
                u64::from(at).min(stream.len() as u64),
                "no picture where a drawing says that one is",
            );
            continue;
        }
        let body_at = reader.at();
        let stated = usize::try_from(head.len).unwrap_or(usize::MAX);
        let body = reader.take_up_to(stated);
        if body.len() < stated {
            let end = stream.len() as u64;
            cx.abandoned(
                u64::from(at)..end,
                &format_args!("a picture of {stated} bytes, {} there", body.len()),
            );
        }
        if let Some(picture) = art::picture(&head, body, body_at) {
            cx.budget.hold(size_of::<PictureAt>())?;
            into_own.pictures.push(picture);
        }
    }
    Ok(())
}
