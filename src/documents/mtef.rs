//! Equations of Equation Editor and MathType: the records of MTEF, and what overflows their reader.
//!
//! The stream `Equation Native` begins with a header of 28 bytes; the same data stands without it in
//! `\1Ole10Native` and in OLE 1 objects. Layout: the public description of MTEF 1 to 3. Equation
//! Editor copies the name of a font and the partition of a matrix into buffers of fixed size
//! (CVE-2017-11882, CVE-2018-0802, CVE-2018-0798): a name or matrix that cannot be real is the
//! exploit, whatever class the object says it has.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use std::ops::Range;

use crate::base::text::latin1;
use crate::base::{Cx, LimitHit, Location, Reader, Short};

/// An equation, as far as its records say something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Equation {
    /// Where its data lies.
    pub location: Location,
    /// Version of MTEF.
    pub version: u8,
    /// Records that were read.
    pub records: u32,
    /// What overflows its reader.
    pub overflow: Option<Overflow>,
}

/// A record that overflows its reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overflow {
    /// Which.
    pub kind: OverflowKind,
    /// Bytes of the name, or the larger side of the matrix.
    pub len: u32,
    /// Where the record lies.
    pub location: Location,
    /// Printable text in it and behind it: the command, when the exploit has one in clear.
    pub command: String,
    /// Its first bytes.
    pub raw: Vec<u8>,
}

/// Records that overflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OverflowKind {
    /// The name of a FONT record.
    FontName,
    /// The sides of a MATRIX record.
    Matrix,
}

impl OverflowKind {
    /// What it is, as a person reads it.
    pub fn name(self) -> &'static str {
        match self {
            OverflowKind::FontName => "font name",
            OverflowKind::Matrix => "matrix",
        }
    }
}

/// Why the records ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum MtefError {
    #[error(transparent)]
    Short(#[from] Short),
    #[error(transparent)]
    Limit(#[from] LimitHit),
    #[error("at {at}: mtef record of kind {kind} is not known")]
    Unknown { at: u64, kind: u8 },
}

/// Bytes of the header of `Equation Native`.
const HEADER: u16 = 28;
/// Bytes of a font name that Equation Editor has room for. Windows allows 31.
const FONT_ROOM: usize = 40;
/// Rows or columns of a matrix that Equation Editor has room for.
const MATRIX_ROOM: u8 = 31;
/// Records that are read.
const RECORDS: u32 = 10_000;
/// Bytes behind an overflow that are looked at for a command.
const WINDOW: usize = 512;
/// Bytes that are kept of an overflow.
const KEPT: usize = 128;

/// Reads an equation; `at` is the offset of `data` in the part of `cx`. `None` when the data has no
/// header of MTEF.
///
/// Records that are not known end the reading; that leaves nothing unread which could overflow,
/// because Equation Editor gives up there, too.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub fn read(data: &[u8], at: u64, cx: &mut Cx<'_>) -> Result<Option<Equation>, LimitHit> {
    cx.budget.step(1)?;
    let mut reader = Reader::at_offset(data, at);
    if reader.peek_u16() == Some(HEADER) && reader.skip(HEADER.into()).is_err() {
        return Ok(None);
    }
    // Version; platform, product and its version, of which Equation Editor looks at none.
    let Ok([version @ 1..=5, ..]) = reader.array::<5>() else { return Ok(None) };
    let location = Location::bytes(cx.part, at..at.saturating_add(data.len() as u64));
    let mut equation = Equation { location, version, records: 0, overflow: None };
    while !reader.is_empty() && equation.overflow.is_none() && equation.records < RECORDS {
        cx.budget.step(1)?;
        equation.records = equation.records.saturating_add(1);
        match record(&mut reader, version, cx) {
            Ok(overflow) => equation.overflow = overflow,
            Err(MtefError::Limit(hit)) => return Err(hit),
            Err(error) => {
                cx.recovered(reader.at(), &error);
                break;
            }
        }
    }
    Ok(Some(equation))
}

/// Reads one record, and says whether it overflows.
fn record(reader: &mut Reader<'_>, version: u8, cx: &mut Cx<'_>) -> Result<Option<Overflow>, MtefError> {
    let at = reader.at();
    let from_here = reader.rest();
    let tag = reader.u8()?;
    let (kind, options) = (tag & 0x0F, tag >> 4);
    let nudged = matches!(kind, 1..=6) && options & 8 != 0;
    if nudged && reader.array::<2>()? == [128, 128] {
        reader.skip(4)?;
    }
    match kind {
        // END
        0 => {}
        // LINE, with the distance to the one before it, and tab stops.
        1 => {
            if options & 4 != 0 {
                reader.skip(1)?;
            }
        }
        // CHAR: typeface and character.
        2 => reader.skip(if version >= 3 { 3 } else { 2 })?,
        // TMPL: selector, variation, options.
        3 => reader.skip(3)?,
        // PILE: alignments.
        4 => reader.skip(2)?,
        // MATRIX: alignments, rows, columns, and two bits for each line between them.
        5 => {
            reader.skip(3)?;
            let [rows, columns] = reader.array::<2>()?;
            if rows.max(columns) > MATRIX_ROOM {
                let len = rows.max(columns).into();
                return Ok(Some(overflow(OverflowKind::Matrix, len, at, from_here, 6, cx)?));
            }
            for side in [rows, columns] {
                reader.skip(usize::from(side).saturating_mul(2).saturating_add(9) / 8)?;
            }
        }
        // EMBELL
        6 => reader.skip(1)?,
        // RULER: tab stops of three bytes.
        7 => {
            let stops = usize::from(reader.u8()?);
            reader.skip(stops.saturating_mul(3))?;
        }
        // FONT: typeface, style, name.
        8 => {
            reader.skip(2)?;
            let rest = reader.rest();
            let window = rest.get(..0x4000).unwrap_or(rest);
            cx.budget.touch(window.len().min(4096))?;
            let len = window.iter().position(|byte| *byte == 0).unwrap_or(window.len());
            if len >= FONT_ROOM {
                let stated = u32::try_from(len).unwrap_or(u32::MAX);
                return Ok(Some(overflow(OverflowKind::FontName, stated, at, from_here, len, cx)?));
            }
            reader.skip(len.saturating_add(1))?;
        }
        // SIZE: 101 is a size in points, 100 any difference, else a small one.
        9 => match reader.u8()? {
            101 => reader.skip(2)?,
            100 => reader.skip(3)?,
            _ => reader.skip(1)?,
        },
        // FULL, SUB, SUB2, SYM, SUBSYM
        10..=14 => {}
        kind => return Err(MtefError::Unknown { at, kind }),
    }
    Ok(None)
}

fn overflow(
    kind: OverflowKind,
    len: u32,
    at: u64,
    from_here: &[u8],
    body_len: usize,
    cx: &mut Cx<'_>,
) -> Result<Overflow, LimitHit> {
    let record_len = body_len.saturating_add(3).min(from_here.len());
    let end = at.saturating_add(record_len as u64);
    let behind = from_here.get(..WINDOW).unwrap_or(from_here);
    cx.budget.touch(behind.len())?;
    Ok(Overflow {
        kind,
        len,
        location: Location::bytes(cx.part, at..end),
        command: command(behind.get(3..).unwrap_or_default()),
        raw: from_here.get(..record_len.min(KEPT)).unwrap_or_default().to_vec(),
    })
}

/// The printable runs of some bytes, as one text.
fn command(bytes: &[u8]) -> String {
    const SHORTEST: usize = 5;
    let runs = bytes.split(|byte| !matches!(byte, 0x20..=0x7E)).filter(|run| run.len() >= SHORTEST);
    let texts: Vec<String> = runs.map(|run| latin1(run).trim().to_owned()).collect();
    texts.join(" ").trim().to_owned()
}

/// The place of MTEF data in native data of which the class is not known: behind the header of
/// `Equation Native`, or at the start, when an overflow stands there.
///
/// # Errors
/// [`LimitHit`] when the steps do not last.
pub fn overflow_in(data: &[u8], range: Range<u64>, cx: &mut Cx<'_>) -> Result<Option<Equation>, LimitHit> {
    let looks = matches!(data, [2 | 3, ..] | [28, 0, ..]);
    if !looks {
        return Ok(None);
    }
    let mut problems = crate::base::Problems::default();
    let mut quiet = Cx { part: cx.part, stage: cx.stage, budget: &mut *cx.budget, problems: &mut problems };
    Ok(read(data, range.start, &mut quiet)?.filter(|equation| equation.overflow.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Budget, Limits, PartId, Problems, Stage};

    fn read_all(data: &[u8]) -> (Option<Equation>, Problems) {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(1), stage: Stage::Objects, budget: &mut budget, problems: &mut problems };
        (read(data, 100, &mut cx).unwrap(), problems)
    }

    const MTEF: [u8; 5] = [3, 1, 1, 3, 10];

    #[test]
    fn sound_equation_has_its_records_counted() {
        let mut data = vec![28, 0];
        data.resize(28, 0);
        data.extend(MTEF);
        data.extend([10, 1, 8, 0x81, 0]); // FULL, LINE, FONT: typeface, style
        data.extend(b"Times New Roman\0");
        data.extend([0x12, 0x83, b'x', 0]); // CHAR
        data.extend([5, 1, 1, 1, 2, 2, 0, 0]); // MATRIX
        data.extend([9, 101, 12, 0, 0, 0]); // SIZE, END, END
        let (equation, problems) = read_all(&data);
        let location = Location::bytes(PartId(1), 100..100 + data.len() as u64);
        assert_eq!(equation, Some(Equation { location, version: 3, records: 8, overflow: None }));
        assert_eq!(problems.count(), 0);
    }

    #[test]
    fn overlong_font_name_shows_its_command() {
        let mut data = MTEF.to_vec();
        data.extend([10, 1, 8, 90, 90]);
        data.extend(b"cmd.exe /c no-such-program.invalid AAAAAAAAAA");
        data.extend([0x12, 0x0C, 0x43, 0]);
        let found = read_all(&data).0.unwrap().overflow.unwrap();
        assert_eq!((found.kind, found.len), (OverflowKind::FontName, 48));
        assert_eq!(found.command, "cmd.exe /c no-such-program.invalid AAAAAAAAAA");
        assert_eq!(found.location, Location::bytes(PartId(1), 107..107 + 51));
        assert_eq!(found.raw[..3], [8, 90, 90]);
    }

    #[test]
    fn font_name_of_39_bytes_fits_and_one_of_40_does_not() {
        for (len, fits) in [(39, true), (40, false)] {
            let mut data = MTEF.to_vec();
            data.extend([8, 0, 0]);
            data.extend(vec![b'A'; len]);
            data.push(0);
            assert_eq!(read_all(&data).0.unwrap().overflow.is_none(), fits, "{len}");
        }
    }

    #[test]
    fn matrix_of_more_than_31_lines_overflows() {
        for (rows, columns, overflows) in [(31, 31, false), (28, 76, true), (32, 1, true)] {
            let mut data = MTEF.to_vec();
            data.extend([5, 0, 0, 0, rows, columns]);
            data.extend([0; 64]);
            assert_eq!(read_all(&data).0.unwrap().overflow.is_some(), overflows, "{rows} {columns}");
        }
    }

    #[test]
    fn unknown_record_and_cut_record_end_the_reading_and_are_told() {
        let (equation, problems) = read_all(&[3, 1, 1, 3, 10, 15]);
        assert_eq!((equation.unwrap().records, problems.count()), (1, 1));
        let (equation, problems) = read_all(&[3, 1, 1, 3, 10, 3, 0]);
        assert_eq!((equation.unwrap().records, problems.count()), (1, 1));
        assert_eq!(read_all(&[9, 1, 1, 3, 10]).0, None);
        assert_eq!(read_all(&[]).0, None);
    }

    #[test]
    fn data_of_no_known_class_counts_only_with_an_overflow() {
        let mut budget = Budget::new(&Limits::default());
        let mut problems = Problems::default();
        let mut cx =
            Cx { part: PartId(1), stage: Stage::Objects, budget: &mut budget, problems: &mut problems };
        let mut data = MTEF.to_vec();
        data.extend([8, 0, 0]);
        assert_eq!(overflow_in(&data, 0..8, &mut cx), Ok(None));
        data.extend([b'A'; 64]);
        assert!(overflow_in(&data, 0..72, &mut cx).unwrap().is_some());
        assert_eq!(problems.count(), 0);
    }
}
