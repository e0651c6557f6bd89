//! Which bytes of the stream show as hidden text, and where pictures of the text lie.
//!
//! Layout: [MS-DOC] 2.8.5 PlcBteChpx, 2.9.33 ChpxFkp, 2.8.6 PlcBtePapx, 2.9.174 PapxFkp. What stands at the
//! text itself lies over its character style, and that over the style of its paragraph. Word 6 formatting
//! is not read: its property codes are others.

use super::DocError;
use super::look::{self, Look};
use super::styles::Styles;
use crate::base::{Cx, Reader};
use crate::documents::document::HiddenText;

/// Bytes of the stream that show as hidden text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HiddenRun {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) hidden: HiddenText,
}

/// What the formatting of a document says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Formatting {
    /// Runs that hide their text, in the order of the stream.
    pub(super) hidden: Vec<HiddenRun>,
    /// Offsets of pictures in the stream `Data`, in the order of the text.
    pub(super) pictures: Vec<u32>,
}

/// Bytes that look alike.
#[derive(Debug, Clone, Copy)]
struct LookRun {
    start: u64,
    end: u64,
    look: Look,
}

/// The character that stands for a picture.
const PICTURE: u8 = 0x01;

/// Bytes of a formatted page.
const PAGE: usize = 512;

/// Reads the pages that `characters` (a PlcBteChpx) and `paragraphs` (a PlcBtePapx) name.
pub(super) fn read(
    stream: &[u8],
    characters: &[u8],
    paragraphs: &[u8],
    styles: &Styles,
    into: &mut Formatting,
    cx: &mut Cx<'_>,
) -> Result<(), DocError> {
    let mut own = Vec::new();
    let mut below = Vec::new();
    each_page(stream, characters, cx, |page, cx| character_page(stream, page, styles, &mut own, into, cx))?;
    each_page(stream, paragraphs, cx, |page, cx| paragraph_page(page, styles, &mut below, cx))?;
    apart(&mut own);
    apart(&mut below);
    merge(&own, &below, into, cx)
}

/// Shows each page that a table names to `look_at`.
fn each_page(
    stream: &[u8],
    table: &[u8],
    cx: &mut Cx<'_>,
    mut look_at: impl FnMut(&[u8], &mut Cx<'_>) -> Result<(), DocError>,
) -> Result<(), DocError> {
    // One offset more than pages, and a page number each.
    let count = table.len().saturating_sub(4) / 8;
    let numbers_at = count.saturating_add(1).saturating_mul(4);
    let mut numbers = Reader::new(table.get(numbers_at..).unwrap_or_default());
    for _ in 0..count {
        let number = usize::try_from(numbers.u32()? & 0x003F_FFFF).unwrap_or(usize::MAX);
        // A page can be named any number of times, so that each costs what looking at it costs.
        cx.budget.step(8)?;
        let at = number.saturating_mul(PAGE);
        let Some(page) = stream.get(at..at.saturating_add(PAGE)) else {
            let what = format_args!("a page of formatting lies outside the stream, at {at:#x}");
            cx.recovered(stream.len() as u64, &what);
            continue;
        };
        look_at(page, cx)?;
    }
    Ok(())
}

/// Puts runs in the order of the stream, and drops those that begin inside another one.
fn apart(runs: &mut Vec<LookRun>) {
    runs.sort_by_key(|run| (run.start, run.end));
    let mut end = 0;
    runs.retain(|run| {
        let is_apart = run.start >= end;
        end = end.max(run.end);
        is_apart
    });
}

/// The hidden runs of characters over paragraphs. Both lists are in order, and neither overlaps itself.
fn merge(own: &[LookRun], below: &[LookRun], into: &mut Formatting, cx: &mut Cx<'_>) -> Result<(), DocError> {
    let (mut owns, mut belows) = (own.iter().peekable(), below.iter().peekable());
    let mut at = 0u64;
    loop {
        cx.budget.step(1)?;
        while owns.next_if(|run| run.end <= at).is_some() {}
        while belows.next_if(|run| run.end <= at).is_some() {}
        let (one, two) = (owns.peek(), belows.peek());
        let Some(next) = [one, two].into_iter().flatten().map(|run| run.start.max(at)).min() else {
            return Ok(());
        };
        at = next;
        let there = |run: &&&&LookRun| run.start <= at;
        let (over, under) = (one.as_ref().filter(there), two.as_ref().filter(there));
        // The place where one of the runs begins or ends.
        let ends =
            [one, two].into_iter().flatten().map(|run| if run.start > at { run.start } else { run.end });
        let end = ends.min().unwrap_or(u64::MAX);
        let below = under.map(|run| run.look).unwrap_or_default();
        let look = over.map_or(below, |run| run.look.over(below));
        if let Some(hidden) = look.hidden() {
            match into.hidden.last_mut().filter(|last| last.end == at && last.hidden == hidden) {
                Some(last) => last.end = end,
                None => {
                    cx.budget.hold(size_of::<HiddenRun>())?;
                    into.hidden.push(HiddenRun { start: at, end, hidden });
                }
            }
        }
        at = end;
    }
}

fn character_page(
    stream: &[u8],
    page: &[u8],
    styles: &Styles,
    runs: &mut Vec<LookRun>,
    into: &mut Formatting,
    cx: &mut Cx<'_>,
) -> Result<(), DocError> {
    let count = usize::from(page.last().copied().unwrap_or(0));
    let mut offsets = Reader::new(page);
    let places_at = count.saturating_add(1).saturating_mul(4);
    let mut places = Reader::new(page.get(places_at..).unwrap_or_default());
    cx.budget.step(count as u64 / 4)?;
    let mut start = offsets.u32().unwrap_or(0);
    for _ in 0..count {
        let (Ok(end), Ok(place)) = (offsets.u32(), places.u8()) else { break };
        // Without a place there are no properties of their own.
        if place != 0 && start < end {
            let at = usize::from(place).saturating_mul(2);
            let mut reader = Reader::new(page.get(at..).unwrap_or_default());
            let len = reader.u8().unwrap_or(0);
            let (look, picture) = look::read(reader.take_up_to(len.into()));
            if let Some(at) = picture.picture()
                && holds_picture(stream, start, end, cx)?
            {
                cx.budget.hold(size_of::<u32>())?;
                into.pictures.push(at);
            }
            let look = look.over(look.style.map(|style| styles.look(style)).unwrap_or_default());
            if !look.is_plain() {
                cx.budget.hold(size_of::<LookRun>())?;
                runs.push(LookRun { start: start.into(), end: end.into(), look });
            }
        }
        start = end;
    }
    Ok(())
}

/// Whether a run has a character that stands for a picture: others have the place of one as well, and it
/// says nothing there.
fn holds_picture(stream: &[u8], start: u32, end: u32, cx: &mut Cx<'_>) -> Result<bool, DocError> {
    let [start, end] = [start, end].map(|at| usize::try_from(at).unwrap_or(usize::MAX).min(stream.len()));
    let run = stream.get(start..end).unwrap_or_default();
    cx.budget.touch(run.len())?;
    Ok(run.contains(&PICTURE))
}

/// Paragraphs whose style hides their text.
fn paragraph_page(
    page: &[u8],
    styles: &Styles,
    runs: &mut Vec<LookRun>,
    cx: &mut Cx<'_>,
) -> Result<(), DocError> {
    /// Bytes of a BxPap: where its properties lie, and what older versions knew of the height.
    const PLACE: usize = 13;
    let count = usize::from(page.last().copied().unwrap_or(0));
    let mut offsets = Reader::new(page);
    let places_at = count.saturating_add(1).saturating_mul(4);
    let mut places = Reader::new(page.get(places_at..).unwrap_or_default());
    cx.budget.step(count as u64 / 4)?;
    let mut start = offsets.u32().unwrap_or(0);
    for _ in 0..count {
        let (Ok(end), Ok(place)) = (offsets.u32(), places.take(PLACE)) else { break };
        let at = usize::from(place.first().copied().unwrap_or(0)).saturating_mul(2);
        let mut reader = Reader::new(page.get(at..).unwrap_or_default());
        // A length of zero is followed by one that counts otherwise.
        if at != 0 && matches!(reader.u8(), Ok(0)) {
            let _ = reader.skip(1);
        }
        let look = reader.u16().ok().filter(|_| at != 0).map(|style| styles.look(style)).unwrap_or_default();
        if start < end && !look.is_plain() {
            cx.budget.hold(size_of::<LookRun>())?;
            runs.push(LookRun { start: start.into(), end: end.into(), look });
        }
        start = end;
    }
    Ok(())
}
