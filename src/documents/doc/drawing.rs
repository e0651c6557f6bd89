//! Pictures of a document: those in the text, and those that float.
//!
//! Layout: [MS-DOC] 2.9.192 PICFAndOfficeArtData and 2.9.190 PICF in the stream `Data`; 2.9.172
//! OfficeArtContent in the table stream, whose pictures lie in the stream `WordDocument`.

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
