//! Styles: fonts, fills, number formats, cell formats ([MS-XLSB] 2.1.7.50).

use super::book::{Biff12Error, told};
use super::records::{Records, brt, wide};
use crate::base::{Cx, LimitHit, Reader, Stage};
use crate::documents::ooxml::styles::{Colours, font_index};
use crate::documents::ooxml::{Package, Parts, opened};
use crate::documents::workbook::{Font, Format, Workbook, reserve_a_quarter_more};

pub(super) fn read<'i>(
    package: &mut Package,
    source: &dyn Parts<'i>,
    index: u32,
    book: &mut Workbook,
    cx: &mut Cx<'_>,
) -> Result<(), LimitHit> {
    let bytes = opened(package, source, index, cx)?;
    let cx = &mut cx.for_part(package.id(index), Stage::Biff);
    let mut records = Records::new(bytes.as_slice());
    let mut colours = Colours::default();
    let mut fills = Vec::new();
    let mut in_cell_formats = false;
    while let Some(record) = records.next(cx)? {
        let mut reader = record.reader();
        let result: Result<(), Biff12Error> = (|| {
            match record.id {
                brt::FONT => {
                    let height = reader.u16()?;
                    let style = reader.u16()?;
                    let weight = reader.u16()?;
                    reader.skip(2 + 1 + 1 + 1 + 1)?;
                    let colour = colour(&mut reader, &mut colours)?;
                    reader.skip(1)?;
                    let mut name = String::new();
                    wide(&mut reader, &mut name)?;
                    cx.budget.hold(size_of::<Font>().saturating_add(name.len()))?;
                    let name = book.texts.push(&name);
                    reserve_a_quarter_more(&mut book.fonts);
                    book.fonts.push(Font { height, colour, weight, style, name });
                }
                brt::FMT => {
                    let id = reader.u16()?;
                    let mut code = String::new();
                    wide(&mut reader, &mut code)?;
                    cx.budget.hold(code.len().saturating_add(16))?;
                    if let Some(code) = book.texts.push(&code) {
                        book.number_formats.push((id, code));
                    }
                }
                brt::FILL => {
                    let pattern = reader.u32()?;
                    let foreground = colour(&mut reader, &mut colours)?;
                    let background = colour(&mut reader, &mut colours)?;
                    cx.budget.hold(8)?;
                    fills.push((u8::try_from(pattern).unwrap_or(u8::MAX), foreground, background));
                }
                brt::BEGIN_CELL_XFS => in_cell_formats = true,
                brt::END_CELL_XFS => in_cell_formats = false,
                brt::XF if in_cell_formats => {
                    let _parent = reader.u16()?;
                    let number_format = reader.u16()?;
                    let font = font_index(reader.u16()?);
                    let fill = reader.u16()?;
                    reader.skip(2 + 1 + 1)?;
                    let bits = reader.u16()?;
                    let fill = fills.get(usize::from(fill)).copied().unwrap_or((0, 64, 65));
                    let [low, _] = bits.to_le_bytes();
                    cx.budget.hold(size_of::<Format>())?;
                    reserve_a_quarter_more(&mut book.formats);
                    book.formats.push(Format {
                        font,
                        number_format,
                        horizontal: low & 0b111,
                        vertical: low >> 3 & 0b111,
                        fill: fill.0,
                        fill_foreground: fill.1,
                        fill_background: fill.2,
                        hides_formula: bits & 0x2000 != 0,
                    });
                }
                _ => {}
            }
            Ok(())
        })();
        told(result, &record, cx)?;
    }
    book.palette = colours.into_palette();
    Ok(())
}

/// `BrtColor` (2.4.322): type in the upper seven bits, index, tint in 1/32,767, red, green, blue.
fn colour(reader: &mut Reader<'_>, colours: &mut Colours) -> Result<u16, Biff12Error> {
    let kind = reader.u8()? >> 1;
    let index = reader.u8()?;
    let tint = f64::from(reader.i16()?) / 32_767.0;
    let [red, green, blue, _] = reader.array()?;
    Ok(match kind {
        0 => 0x7FFF,
        1 => index.into(),
        2 => colours.index([red, green, blue]),
        _ => colours.theme(index.into(), tint),
    })
}
